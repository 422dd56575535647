#include "cli/options.hpp"

#include "cli/version.hpp"
#include "model/error.hpp"
#include "model/message.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/algorithm/string/replace.hpp>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>

namespace exeunt::cli
{
namespace
{

struct Known {
    Command command;
    const char* name;
    const char* arguments;
    const char* what;
    const char* examples;
};

constexpr std::array<Known, 11> commands = {{
    {Command::predict, "predict", "SPEC",
     "what the limit theorems say: exit orders, constants, transition graph, limiting chain",
     "  exeunt predict wang2022\n"
     "  exeunt predict my-spec.toml --json | jq '.predictions[0].wells'\n"
     "  exeunt predict --potential 'x^4/4 - x^2/2 + 0.1*x' --set dynamics.clip=0.5,inf"},
    {Command::exact, "exact", "SPEC",
     "the exact chain at each clip, learning rate and well: mean exit time, exit split, ratio to the limit",
     "  exeunt exact wang2022\n"
     "  exeunt exact wang2022 --set dynamics.clip=0.4 --set dynamics.learning_rate=0.01,0.001 --law\n"
     "  exeunt exact double-well --ladder\n"
     "  exeunt exact wang2022 --stationary --set dynamics.learning_rate=0.001\n"
     "  exeunt exact double-well --stationary --json --steps 1000000"},
    {Command::plan, "plan", "SPEC",
     "what verify will cost: exits, steps and time, here and on N cores, and what it would see within the budget",
     "  exeunt plan wang2022\n"
     "  exeunt plan my-spec.toml --cores 64 --set verify.effect=0.01 --set verify.budget=8h"},
    {Command::simulate, "simulate", "SPEC",
     "first exits of every clip, learning rate and well, kept in a file: resumes what was stopped, adds what is "
     "missing",
     "  exeunt simulate wang2022 --replicas 100000 --export csv\n"
     "  exeunt simulate wang2022 --paths 100 --steps 1000000 --export csv\n"
     "  exeunt simulate wang2022 --set dynamics.clip=0.4 --max-steps 1000000\n"
     "  mpirun -np 64 exeunt simulate my-spec.toml --threads 1"},
    {Command::verify, "verify", "SPEC", "the main job: predict, compute exactly, simulate, test; verdicts and a report",
     "  exeunt verify wang2022\n"
     "  exeunt verify wang2022 --seed 7 --set verify.budget=10min --out results/long\n"
     "  exeunt verify my-spec.toml --profile gate --junit verdicts.xml\n"
     "  exeunt verify my-spec.toml --json --quiet > verdict.json"},
    {Command::explain, "explain", "[CLAIM]",
     "what a claim says, by which theorem, and how it is tested; without a CLAIM the list of all",
     "  exeunt explain\n"
     "  exeunt explain exit-time.mean/clip=0.5/eta=0.01/well=2"},
    {Command::calibrate, "calibrate", "SPEC",
     "tests the tests: campaigns drawn from the exact law, and from laws that are wrong by the effect",
     "  exeunt calibrate wang2022\n"
     "  exeunt calibrate my-spec.toml --campaigns 10000 --set verify.false_alarm=1e-2"},
    {Command::mutants, "mutants", "",
     "tests the tests: simulations with a planted error each, and how many of their campaigns are refuted",
     "  exeunt mutants\n"
     "  exeunt mutants --campaigns 100 --json"},
    {Command::figures, "figures", "SPEC", "draws the figures from the stored record of verify, or from a fresh one",
     "  exeunt figures wang2022\n"
     "  exeunt figures wang2022 --only landscape --format pdf --theme slides"},
    {Command::constants_check, "constants", "record|check FILE [SPEC…]",
     "keeps what predict says of the SPECs in FILE (record), or holds it against today's code (check)",
     "  exeunt constants record mine.txt my-spec.toml wang2022\n"
     "  exeunt constants check mine.txt\n"
     "  exeunt constants check mine.txt wang2022 --json | jq .verdict\n"
     "  exeunt constants check mine.txt --accept --reason 'the quadrature grades towards the saddle'"},
    {Command::init, "init", "FILE", "writes FILE, a commented spec to start from",
     "  exeunt init my-spec.toml\n"
     "  exeunt init my-spec.toml --potential 'x^4/4 - x^2/2 + 0.1*x' --set potential.domain=-2.5,2.5\n"
     "  exeunt init my-spec.toml --from double-well --set noise.alpha=1.5"},
}};

constexpr const char* exit_status =
    "Exit status:\n"
    "  0 done, everything confirmed   1 something refuted   2 the command line or the spec is wrong\n"
    "  3 inconclusive   4 a stated accuracy was not reached   130 interrupted";

/// What the options hold before they are checked.
struct Raw {
    std::string spec, seed, threads, out, replicas, max_steps, paths, steps, export_as, cores, junit, profile,
        campaigns, format, theme;
    std::vector<std::string> potential, set, only, words, reason, from;
    bool json = false, quiet = false, accept = false, ladder = false, law = false, stationary = false,
         whole_line = false;
};

/// CLI11's page with a usage line of our own, and options without the dots that it gives to repeated ones.
struct Page : CLI::Formatter {
    std::string make_usage(const CLI::App* app, std::string name) const override
    {
        const auto known =
            std::find_if(commands.begin(), commands.end(), [&](const Known& k) { return k.name == app->get_name(); });
        if (known == commands.end()) return "\nUsage: exeunt COMMAND SPEC [OPTIONS]\n";
        return fmt::format("\nUsage: {} {} [OPTIONS]\n", name, known->arguments);
    }
    std::string make_option_opts(const CLI::Option* option) const override
    {
        return option->get_type_name().empty() ? "" : " " + option->get_type_name();
    }
};

/// "predict, exact, …, constants and init".
std::string command_names(std::string_view last_separator)
{
    std::string text;
    for (const Known& known : commands)
        text += fmt::format("{}{}", text.empty() ? "" : &known == &commands.back() ? last_separator : ", ", known.name);
    return text;
}

/// The options that every command takes.
void add_options(CLI::App& app, Raw& raw)
{
    app.set_help_flag("-h,--help", "this text");
    app.set_version_flag("--version", std::string("exeunt ") + version, "the version");
    app.add_option("--potential", raw.potential, "instead of a SPEC: this f(x), every other key at its default")
        ->type_name("EXPR")
        ->allow_extra_args(false);
    app.add_option("--set", raw.set, "overrides a key of the spec; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_option("--seed", raw.seed, "seed of the simulation, verify.seed")->type_name("N")->take_last();
    app.add_option("--threads", raw.threads, "default: all cores")->type_name("N")->take_last();
    app.add_option("--out", raw.out, "where files go; default: results/<name>")->type_name("DIR")->take_last();
    app.add_flag("--json", raw.json, "the result as one JSON document on standard output")->disable_flag_override();
    app.add_flag("--quiet", raw.quiet, "no progress, no notes")->disable_flag_override();
    app.allow_extras();
}

/// Those of one command, and what it is given.
void add_own_options(CLI::App& sub, const Known& known, Raw& raw)
{
    const auto hide = [&](std::initializer_list<const char*> names) { // what would make no sense
        for (const char* const name : names) sub.get_option(name)->group("");
    };
    const auto add = [&](const char* name, std::vector<std::string>& values, const char* type, const char* what) {
        sub.add_option(name, values, what)->type_name(type)->allow_extra_args(false);
    };
    const auto add_profile = [&] {
        sub.add_option("--profile", raw.profile,
                       "standard, as the spec says; gate, for every commit: false alarm 1e-6, budget 15s, only the "
                       "cells with the "
                       "shortest exits and one each of l* = 1 and 2, and their ladders, no figures; or campaign, for a "
                       "paper: false alarm 1e-3, effect 0.02 and distance 0.05, no budget. It goes before the spec; "
                       "--set before it")
            ->type_name("NAME")
            ->take_last();
    };
    const auto add_whole_line = [&] {
        sub.add_flag("--whole-line", raw.whole_line,
                     "X on the whole line, too, with a third of the budget at most: wells at given times, passages "
                     "between wide wells, time in sharp fields")
            ->disable_flag_override();
    };
    switch (known.command) {
    case Command::constants_record:
    case Command::constants_check:
        hide({"--potential", "--set", "--seed", "--threads", "--out"});
        sub.add_option("WORDS", raw.words,
                       "record or check, the FILE, and the SPECs: TOML files or names of shipped ones; check without "
                       "SPECs takes all of the FILE")
            ->type_name("");
        sub.add_flag("--accept", raw.accept, "check: takes today's values into the FILE")->disable_flag_override();
        add("--reason", raw.reason, "TEXT", "with --accept: why they changed, one line for the history of the FILE");
        return;
    case Command::init:
        hide({"--threads", "--out"});
        sub.get_option("--potential")->description("this f(x), and a clip that fits it");
        sub.get_option("--set")->description("writes this key; may be repeated");
        sub.add_option("FILE", raw.words, "the spec to write; there must be none of that name")->type_name("");
        add("--from", raw.from, "NAME", "starts from a shipped spec, such as double-well");
        return;
    case Command::simulate:
        sub.add_option("--replicas", raw.replicas, "exits of every cell, those in the store included; default: 10000")
            ->type_name("N")
            ->take_last();
        sub.add_option("--max-steps", raw.max_steps,
                       "a replica that is still inside then is censored; default: none is")
            ->type_name("N")
            ->take_last();
        sub.add_option("--paths", raw.paths,
                       "in place of exits: N whole paths from every well, the time in each field, wells and states")
            ->type_name("N")
            ->take_last();
        sub.add_option("--steps", raw.steps, "of each path; default: 1000000")->type_name("N")->take_last();
        sub.add_option("--export", raw.export_as, "writes what is stored as CSV files, too")
            ->type_name("csv")
            ->take_last();
        break;
    case Command::exact:
        sub.add_flag("--ladder", raw.ladder,
                     "the approach to the limit, too: the chain on a ladder of falling learning rates, extrapolated")
            ->disable_flag_override();
        sub.add_flag("--law", raw.law,
                     "the law of each exit, too: survival function, quantiles, final rate; with --json "
                     "also where the process is by then")
            ->disable_flag_override();
        sub.add_flag("--stationary", raw.stationary,
                     "the share of time in each attraction field to 1 %, too; with --json also a histogram")
            ->disable_flag_override();
        sub.add_option("--steps", raw.steps,
                       "with --stationary --json: also the histogram expected of N steps from each minimum")
            ->type_name("N")
            ->take_last();
        break;
    case Command::explain:
        hide({"--potential", "--set", "--seed", "--threads", "--out", "--json", "--quiet"});
        sub.add_option("CLAIM", raw.spec, "the name of a hypothesis, or what stands before its first '/'")
            ->type_name("");
        return;
    case Command::verify:
        add_profile();
        add_whole_line();
        sub.add_option("--junit", raw.junit, "writes the verdicts there as JUnit's XML, too")
            ->type_name("FILE")
            ->take_last();
        break;
    case Command::calibrate:
    case Command::mutants:
        hide({"--out"});
        sub.add_option("--campaigns", raw.campaigns,
                       known.command == Command::mutants ? "of each mutant; default: 20" : "default: 1000")
            ->type_name("N")
            ->take_last();
        if (known.command == Command::mutants) {
            hide({"--potential", "--set"});
            return;
        }
        break;
    case Command::plan:
        add_profile();
        add_whole_line();
        sub.add_option("--cores", raw.cores, "also the time on a machine with N cores as fast as these")
            ->type_name("N")
            ->take_last();
        break;
    case Command::figures:
        add("--only", raw.only, "NAME", "draws only this figure; may be repeated");
        sub.add_option("--format", raw.format, "png, svg, pdf, or several with commas between them; default: png,svg")
            ->type_name("LIST")
            ->take_last();
        sub.add_option("--theme", raw.theme, "paper, slides (twice as large) or dark; default: paper")
            ->type_name("NAME")
            ->take_last();
        break;
    default:
        break;
    }
    sub.add_option("SPEC", raw.spec, "a TOML file, or the name of a shipped spec such as wang2022")->type_name("");
}

/// The names that begin with "--", for suggestions.
std::vector<std::string> option_names(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

/// What CLI11 could not place; the mark "--" is understood.
std::vector<std::string> not_understood(const CLI::App& app)
{
    std::vector<std::string> words = app.remaining();
    std::erase(words, "--");
    return words;
}

[[noreturn]] void refuse_extra(const CLI::App& app, const std::string& word, bool command_given)
{
    const std::string shown = model::printable(word, 60);
    const std::string name = word.substr(0, word.find('='));
    if (name.size() > 1 && name.front() == '-') {
        const std::string guess = model::suggestion(name, option_names(app));
        throw BadInput(
            fmt::format("{}: no such option; {}", shown, guess.empty() ? "--help lists the ones there are" : guess));
    }
    if (command_given) throw BadInput(fmt::format("{}: one SPEC is enough; this argument is one too many", shown));
    std::vector<std::string> names = {"test"};
    for (const Known& known : commands) names.emplace_back(known.name);
    const std::string guess = model::suggestion(word, names);
    throw BadInput(
        fmt::format("{}: no such command; {}", shown, guess.empty() ? "there is: " + command_names(", ") : guess));
}

std::uint64_t whole(const char* option, const std::string& text, std::uint64_t least, std::uint64_t most)
{
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || value < least || value > most)
        throw BadInput(fmt::format("{} {}: must be a whole number from {} to {}", option, model::printable(text, 40),
                                   least, most));
    return value;
}

/// The reason of --accept: there, and one line.
std::string checked_reason(const Raw& raw)
{
    if (raw.reason.empty())
        throw BadInput("--accept needs --reason TEXT, one line for the history of the file: why the constants changed");
    const std::string& reason = raw.reason.back();
    constexpr std::size_t most = 500;
    const bool blank = reason.find_first_not_of(" \t") == std::string::npos;
    if (blank || reason.front() == ' ' || model::printable(reason, most) != reason)
        throw BadInput(fmt::format("--reason '{}': must be one line of at most {} characters that begins with a word",
                                   model::printable(reason, 60), most));
    return reason;
}

/// constants record|check FILE [SPEC…]
Request checked_constants(const Raw& raw, Request request)
{
    const std::string usage = "constants record FILE SPEC… or constants check FILE [SPEC…]";
    if (raw.words.empty()) throw BadInput(fmt::format("what is to be done with the constants is missing: {}", usage));
    const std::string& action = raw.words.front();
    const bool record = action == "record";
    if (!record && action != "check") {
        const std::string guess = model::suggestion(action, {"record", "check"});
        throw BadInput(fmt::format("constants {}: no such action; {}", model::printable(action, 60),
                                   guess.empty() ? usage : guess));
    }
    if (raw.words.size() < (record ? 3U : 2U))
        throw BadInput(fmt::format("constants {} needs a FILE{}: {}", action, record ? " and a SPEC" : "", usage));
    if (!raw.set.empty() || !raw.potential.empty() || !raw.out.empty())
        throw BadInput(
            fmt::format("constants takes no {}: the file must tell by itself what it holds; write the change "
                        "into a spec of its own",
                        raw.set.empty() ? raw.potential.empty() ? "--out" : "--potential" : "--set"));
    if (record && (raw.accept || !raw.reason.empty()))
        throw BadInput("constants record takes no --accept and no --reason: they belong to check");
    if (!raw.accept && !raw.reason.empty())
        throw BadInput("--reason belongs to --accept: constants check FILE --accept");
    request.command = record ? Command::constants_record : Command::constants_check;
    request.file = raw.words[1];
    request.specs.assign(raw.words.begin() + 2, raw.words.end());
    if (raw.accept) request.reason = checked_reason(raw);
    return request;
}

/// init FILE
Request checked_init(const Raw& raw, Request request)
{
    if (raw.words.empty()) throw BadInput("init needs a FILE, the spec to write: init my-spec.toml");
    if (raw.words.size() > 1)
        throw BadInput(
            fmt::format("{}: one FILE is enough; this argument is one too many", model::printable(raw.words[1], 60)));
    if (!raw.out.empty()) throw BadInput("init takes no --out: FILE says where the spec goes");
    if (!raw.from.empty() && raw.from.back().empty()) throw BadInput("--from '': must be the name of a shipped spec");
    request.file = raw.words.front();
    if (!raw.from.empty()) request.from = raw.from.back();
    return request;
}

/// --seed and --threads.
void check_numbers(const Raw& raw, Request& request)
{
    constexpr std::uint64_t toml_most = std::numeric_limits<std::int64_t>::max();
    if (!raw.seed.empty())
        request.overrides.push_back(fmt::format("verify.seed={}", whole("--seed", raw.seed, 0, toml_most)));
    if (!raw.threads.empty()) request.threads = static_cast<unsigned>(whole("--threads", raw.threads, 1, 4096));
}

/// The options of figures.
void check_figures(const Raw& raw, const CLI::App& app, Request& request)
{
    std::istringstream names(raw.format);
    for (std::string name; std::getline(names, name, ',');) {
        const plots::Format format = plots::format(model::printable(name, 40));
        if (std::find(request.formats.begin(), request.formats.end(), format) == request.formats.end())
            request.formats.push_back(format);
    }
    if (app.count("--format") > 0 && request.formats.empty()) plots::format("");
    if (app.count("--theme") > 0) request.theme = plots::theme(model::printable(raw.theme, 40));
}

constexpr std::uint64_t most_steps = 1'000'000'000'000'000'000;

/// The options of exact.
void check_exact(const Raw& raw, const CLI::App& app, Request& request)
{
    request.stationary = raw.stationary;
    if (app.count("--steps") == 0) return;
    request.steps = whole("--steps", raw.steps, 1, most_steps);
    if (!request.stationary || !request.json)
        throw BadInput("--steps: histograms of N steps are part of --stationary --json");
}

/// The options of simulate.
void check_campaign(const Raw& raw, const CLI::App& app, Request& request)
{
    constexpr std::uint64_t most_replicas = 1'000'000'000'000;
    if (app.count("--replicas") > 0) request.replicas = whole("--replicas", raw.replicas, 1, most_replicas);
    if (app.count("--max-steps") > 0) request.max_steps = whole("--max-steps", raw.max_steps, 1, most_steps);
    if (app.count("--paths") > 0) request.paths = whole("--paths", raw.paths, 1, most_replicas);
    if (app.count("--steps") > 0) request.steps = whole("--steps", raw.steps, 1, most_steps);
    if (request.paths && (request.replicas || request.max_steps))
        throw BadInput("--paths: whole paths have no exits; leave out --replicas and --max-steps");
    if (request.steps && !request.paths) throw BadInput("--steps: of paths; say how many with --paths");
    request.export_csv = app.count("--export") > 0;
    if (request.export_csv && raw.export_as != "csv")
        throw BadInput(fmt::format("--export {}: there is csv", model::printable(raw.export_as, 40)));
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    if (request.threads > cores)
        throw BadInput(fmt::format("--threads {}: there are {} cores here, and more threads than cores only wait for "
                                   "each other",
                                   request.threads, cores));
}

Request checked(const Raw& raw, const Known& known, const CLI::App& app)
{
    Request request{.command = known.command, .json = raw.json, .quiet = raw.quiet, .only = raw.only};
    request.spec = raw.spec;
    request.overrides = raw.set;
    request.ladder = raw.ladder;
    request.law = raw.law;
    if (!raw.potential.empty()) request.potential = raw.potential.back();
    check_numbers(raw, request);
    request.out = raw.out;
    if (known.command == Command::constants_check) return checked_constants(raw, std::move(request));
    if (known.command == Command::init) return checked_init(raw, std::move(request));
    if (known.command == Command::exact) check_exact(raw, app, request);
    if (known.command == Command::simulate) check_campaign(raw, app, request);
    if (known.command == Command::figures) check_figures(raw, app, request);
    request.junit = raw.junit;
    const bool takes_profile = known.command == Command::verify || known.command == Command::plan;
    if (takes_profile && app.count("--profile") > 0) request.profile = validation::profile_of(raw.profile);
    request.whole_line = raw.whole_line;
    if (!raw.campaigns.empty()) request.campaigns = whole("--campaigns", raw.campaigns, 1, 100'000'000);
    if (known.command == Command::mutants) return request;
    if (known.command == Command::explain) {
        request.claim = std::exchange(request.spec, {});
        return request;
    }
    if (known.command == Command::plan && app.count("--cores") > 0)
        request.cores = static_cast<unsigned>(whole("--cores", raw.cores, 1, 10'000'000));
    if (app.count("SPEC") == 0 && !request.potential)
        throw BadInput(fmt::format("{} needs a SPEC: a file, the name of a shipped spec such as wang2022, or "
                                   "--potential EXPR",
                                   known.name));
    if (app.count("SPEC") > 0 && request.potential)
        throw BadInput(fmt::format("{}: a SPEC and --potential exclude each other; to change the potential of a spec, "
                                   "use --set potential.expression=EXPR",
                                   model::printable(raw.spec, 60)));
    return request;
}

/// CLI11's complaint in our words, on one line.
[[noreturn]] void refuse(const CLI::ParseError& error)
{
    std::string text = model::printable(error.what(), 300);
    if (const auto end = text.find(" was given a disallowed flag override"); end != std::string::npos)
        text = fmt::format("--{}: takes no value", text.substr(0, end));
    else if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        text = fmt::format("{}: needs a value", text.substr(0, text.find(':')));
    throw BadInput(fmt::format("{}; --help shows how it is used", text));
}

}

Request parse(const std::vector<std::string>& arguments)
{
    Raw raw;
    CLI::App app("exeunt checks what is proved about SGD with heavy-tailed noise and clipped gradients: how long it\n"
                 "stays in each well of a potential, and where it goes.",
                 "exeunt");
    add_options(app, raw);
    app.require_subcommand(0, 1);
    const auto help_page = std::make_shared<Page>();
    help_page->column_width(22);
    app.formatter(help_page);
    app.footer(fmt::format("A SPEC is a TOML file or the name of one that ships with the toolkit, such as wang2022.\n"
                           "The tests are run by the launcher: ./exeunt test\n\n"
                           "Examples:\n  exeunt verify wang2022\n  exeunt predict --potential 'x^4/4 - x^2/2 + 0.1*x' "
                           "--set dynamics.clip=0.5,inf\n  exeunt COMMAND --help\n\n{}",
                           exit_status));
    for (const Known& known : commands) {
        CLI::App* sub = app.add_subcommand(known.name, known.what)->group("Commands");
        add_options(*sub, raw);
        add_own_options(*sub, known, raw);
        sub->footer(fmt::format("Examples:\n{}\n\n{}", known.examples, exit_status));
    }
    app.add_subcommand("test")->group("")->prefix_command()->set_help_flag();

    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
        return {.help = app.help()};
    } catch (const CLI::CallForVersion&) {
        return {.help = fmt::format("exeunt {}\n", version)};
    } catch (const CLI::ParseError& error) {
        refuse(error);
    }

    const auto extra = not_understood(app);
    if (app.get_subcommands().empty()) {
        if (!extra.empty()) refuse_extra(app, extra.front(), false);
        if (arguments.empty()) return {.help = app.help()};
        throw BadInput(fmt::format("a command is missing: {}; --help says more", command_names(" or ")));
    }
    const CLI::App& sub = *app.get_subcommands().front();
    const std::string name = sub.get_name();
    if (name == "test") throw BadInput("the tests are run by the launcher: use ./exeunt test");
    if (const auto words = not_understood(sub); !words.empty()) refuse_extra(sub, words.front(), true);
    if (!extra.empty()) refuse_extra(app, extra.front(), true);
    const auto known = std::find_if(commands.begin(), commands.end(), [&](const Known& k) { return k.name == name; });
    return checked(raw, *known, sub);
}

std::string command_line(const Request& request)
{
    const auto quoted = [](const std::string& word) {
        constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
        if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
        return "'" + boost::replace_all_copy(word, "'", "'\\''") + "'";
    };
    std::string line = "./exeunt verify";
    line += request.potential ? " --potential " + quoted(*request.potential) : " " + quoted(request.spec);
    if (request.profile != validation::Profile::standard)
        line += fmt::format(" --profile {}", validation::word(request.profile));
    if (request.whole_line) line += " --whole-line";
    for (const std::string& setting : request.overrides) line += " --set " + quoted(setting);
    return line;
}

}
