#include "cli/options.hpp"

#include "cli/version.hpp"
#include "model/error.hpp"
#include "model/message.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <memory>

namespace exeunt::cli
{
namespace
{

struct Known {
    Command command;
    const char* name;
    const char* what;
    const char* examples;
};

constexpr std::array<Known, 4> commands = {{
    {Command::predict, "predict",
     "what the limit theorems say: exit orders, constants, transition graph, limiting chain",
     "  exeunt predict wang2022\n"
     "  exeunt predict my-spec.toml --json | jq '.predictions[0].wells'\n"
     "  exeunt predict --potential 'x^4/4 - x^2/2 + 0.1*x' --set dynamics.clip=0.5,inf"},
    {Command::exact, "exact",
     "the exact chain at each clip, learning rate and well: mean exit time, exit split, ratio to the limit",
     "  exeunt exact wang2022\n"
     "  exeunt exact wang2022 --set dynamics.clip=0.4 --set dynamics.learning_rate=0.01,0.001"},
    {Command::verify, "verify", "the main job: predict, compute exactly, simulate, test; verdicts and a report",
     "  exeunt verify wang2022\n"
     "  exeunt verify wang2022 --seed 7 --set verify.budget=10min --out results/long\n"
     "  exeunt verify my-spec.toml --json --quiet > verdict.json"},
    {Command::figures, "figures", "draws the figures from the stored record of verify, or from a fresh one",
     "  exeunt figures wang2022\n"
     "  exeunt figures wang2022 --only landscape"},
}};

/// Named by the contract of the command, but not part of this version.
constexpr std::array later = {"simulate", "plan", "constants", "init"};

constexpr const char* exit_status =
    "Exit status:\n"
    "  0 done, everything confirmed   1 something refuted   2 the command line or the spec is wrong\n"
    "  3 inconclusive   4 a stated accuracy was not reached   130 interrupted";

/// What the options hold before they are checked.
struct Raw {
    std::string spec, seed, threads, out;
    std::vector<std::string> potential, set, only;
    bool json = false, quiet = false;
};

/// CLI11's page with a usage line of our own, and options without the dots that it gives to repeated ones.
struct Page : CLI::Formatter {
    std::string make_usage(const CLI::App* app, std::string name) const override
    {
        return fmt::format("\nUsage: {}\n", app->get_parent() == nullptr ? "exeunt COMMAND SPEC [OPTIONS]"
                                                                         : fmt::format("{} SPEC [OPTIONS]", name));
    }
    std::string make_option_opts(const CLI::Option* option) const override
    {
        return option->get_type_name().empty() ? "" : " " + option->get_type_name();
    }
};

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
    for (const char* const known : later) names.emplace_back(known);
    const std::string guess = model::suggestion(word, names);
    throw BadInput(fmt::format("{}: no such command; {}", shown,
                               guess.empty() ? "there is: predict, exact, verify, figures" : guess));
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

Request checked(const Raw& raw, const Known& known, const CLI::App& app)
{
    Request request{.command = known.command, .json = raw.json, .quiet = raw.quiet, .only = raw.only};
    request.spec = raw.spec;
    request.overrides = raw.set;
    if (!raw.potential.empty()) request.potential = raw.potential.back();
    if (app.count("SPEC") == 0 && !request.potential)
        throw BadInput(fmt::format("{} needs a SPEC: a file, the name of a shipped spec such as wang2022, or "
                                   "--potential EXPR",
                                   known.name));
    if (app.count("SPEC") > 0 && request.potential)
        throw BadInput(fmt::format("{}: a SPEC and --potential exclude each other; to change the potential of a spec, "
                                   "use --set potential.expression=EXPR",
                                   model::printable(raw.spec, 60)));
    constexpr std::uint64_t toml_most = std::numeric_limits<std::int64_t>::max();
    if (!raw.seed.empty())
        request.overrides.push_back(fmt::format("verify.seed={}", whole("--seed", raw.seed, 0, toml_most)));
    if (!raw.threads.empty()) request.threads = static_cast<unsigned>(whole("--threads", raw.threads, 1, 4096));
    request.out = raw.out;
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
        sub->add_option("SPEC", raw.spec, "a TOML file, or the name of a shipped spec such as wang2022")->type_name("");
        if (known.command == Command::figures)
            sub->add_option("--only", raw.only, "draws only this figure; may be repeated")
                ->type_name("NAME")
                ->allow_extra_args(false);
        sub->footer(fmt::format("Examples:\n{}\n\n{}", known.examples, exit_status));
    }
    for (const char* const name : later) app.add_subcommand(name)->group("")->prefix_command()->set_help_flag();
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
        throw BadInput("a command is missing: predict, exact, verify or figures; --help says more");
    }
    const CLI::App& sub = *app.get_subcommands().front();
    const std::string name = sub.get_name();
    if (name == "test") throw BadInput("the tests are run by the launcher: use ./exeunt test");
    if (std::find(later.begin(), later.end(), name) != later.end())
        throw BadInput(fmt::format("{} is not available yet", name));
    if (const auto words = not_understood(sub); !words.empty()) refuse_extra(sub, words.front(), true);
    if (!extra.empty()) refuse_extra(app, extra.front(), true);
    const auto known = std::find_if(commands.begin(), commands.end(), [&](const Known& k) { return k.name == name; });
    return checked(raw, *known, sub);
}

}
