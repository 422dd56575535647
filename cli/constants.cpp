#include "cli/constants.hpp"

#include "cli/files.hpp"
#include "cli/json_value.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"
#include "model/error.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::cli
{
namespace
{

namespace fs = std::filesystem;
using validation::ConstantCheck;
using validation::SpecCheck;
using validation::Verdict;

std::string shown_name(const fs::path& file) { return model::printable(file.string(), 1000); }

/// What predict says today of a spec.
validation::SpecConstants todays(const std::string& typed, const fs::path& shipped)
{
    const model::Spec spec = model::load_spec(typed, {}, shipped);
    try {
        const theory::Setting setting(spec);
        return validation::constants_of(typed, spec, setting.landscape, theory::predict(spec, setting));
    } catch (const NotConverged& problem) {
        throw NotConverged(fmt::format("{}: {}", spec.source, problem.what()));
    }
}

std::vector<validation::SpecConstants> todays(const std::vector<std::string>& specs, const fs::path& shipped)
{
    std::vector<validation::SpecConstants> out;
    for (const std::string& spec : specs) {
        const bool twice = std::any_of(out.begin(), out.end(), [&](const auto& s) { return s.spec == spec; });
        if (!twice) out.push_back(todays(spec, shipped));
    }
    return out;
}

validation::ConstantsFile read_constants(const fs::path& file)
{
    constexpr std::uintmax_t most = std::uintmax_t{1} << 26;
    std::error_code error;
    const auto fail = [&](const char* problem) { throw BadInput(fmt::format("{}: {}", shown_name(file), problem)); };
    if (!fs::exists(file, error)) fail("there is no such file; exeunt constants record FILE SPEC… makes one");
    if (!fs::is_regular_file(file, error)) fail("is no file of constants: no regular file");
    if (fs::file_size(file, error) > most) fail("is no file of constants: it has more than 64 MiB");
    const std::string text = read_file(file);
    if (text.empty()) fail("is empty or cannot be read; a file of constants begins with a line that says so");
    return validation::parse_constants(text, shown_name(file));
}

/// "clip 0.5", or "landscape".
std::string place(const ConstantCheck& c)
{
    return c.constant.clip ? fmt::format("clip {}", *c.constant.clip) : "landscape";
}

std::string difference_words(const ConstantCheck& c)
{
    if (!c.recorded) return fmt::format("today {:.17g}; it is not in the file", *c.today);
    if (!c.today) return fmt::format("recorded {:.17g}; today there is none", *c.recorded);
    return fmt::format("recorded {:.17g}, today {:.17g}: they differ by {}, {} of it; their bounds allow {}",
                       *c.recorded, *c.today, shown(c.difference, 2), shown(c.relative(), 2), shown(c.allowed, 2));
}

/// "30 constants agree; 4 moved, by at most 0.3 of their bounds".
std::string agreement(const SpecCheck& check)
{
    std::size_t agree = 0, moved = 0;
    double most = 0;
    for (const ConstantCheck& c : check.constants) {
        if (c.verdict != Verdict::confirmed) continue;
        ++agree;
        if (c.difference > 0) ++moved;
        if (c.difference > 0) most = std::max(most, c.difference / c.allowed);
    }
    const std::string text = agree == check.constants.size()
                                 ? counted(agree, "constant")
                                 : fmt::format("{} of {}", agree, counted(check.constants.size(), "constant"));
    return moved == 0 ? fmt::format("{} agree", text)
                      : fmt::format("{} agree; {} moved, by at most {} of the bounds", text, moved, percent(most));
}

std::string change_words(const validation::Acceptance& a)
{
    return fmt::format("{} changed, {} gone, {} new; largest relative change {}", a.changed, a.gone, a.added,
                       shown(a.largest, 2));
}

std::string verdict_line(const std::vector<SpecCheck>& checks, bool colour)
{
    std::size_t constants = 0, refuted = 0, specs = 0;
    for (const SpecCheck& check : checks) {
        if (!check.changed.empty()) {
            ++specs;
            continue;
        }
        constants += check.constants.size();
        refuted += static_cast<std::size_t>(
            std::count_if(check.constants.begin(), check.constants.end(),
                          [](const ConstantCheck& c) { return c.verdict == Verdict::refuted; }));
    }
    const Verdict all = validation::overall(checks);
    std::string why = all == Verdict::confirmed
                          ? fmt::format("{} of {}", counted(constants, "constant"), counted(checks.size(), "spec"))
                          : fmt::format("{} of {} differ", refuted, counted(constants, "constant"));
    if (specs > 0) why += fmt::format(", {} changed", counted(specs, "spec"));
    return fmt::format("Verdict: {} ({})\n", painted(word(all), colour), why);
}

Json number_or_null(const std::optional<double>& x) { return x ? number(*x) : Json(nullptr); }

Json hypothesis(const std::string& spec, const ConstantCheck& c)
{
    const bool both = c.recorded && c.today;
    return {{"id", fmt::format("constants/{}/{}", spec, c.constant.id())},
            {"claim", "today's value is the recorded one, to within the two error bounds"},
            {"spec", spec},
            {"clip", number_or_null(c.constant.clip)},
            {"constant", c.constant.name},
            {"statistic", "|estimate - expected|"},
            {"value", number(c.difference)},
            {"bound", number(c.allowed)},
            {"estimate", number_or_null(c.today)},
            {"expected", number_or_null(c.recorded)},
            {"verdict", word(c.verdict)},
            {"reason", c.verdict == Verdict::confirmed ? ""
                       : both                          ? "they differ by more than the two error bounds"
                       : c.recorded                    ? "today there is none"
                                                       : "it is not in the file"}};
}

Json hypothesis(const SpecCheck& check)
{
    return {{"id", fmt::format("constants/{}", check.spec)},
            {"claim", "the spec is the recorded one"},
            {"spec", check.spec},
            {"verdict", word(Verdict::refuted)},
            {"reason", check.changed}};
}

/// The specs whose constants are to be checked: those asked for, all of the file when none was.
std::vector<std::string> wanted(const Request& request, const validation::ConstantsFile& file)
{
    std::vector<std::string> known;
    for (const auto& spec : file.specs) known.push_back(spec.spec);
    if (known.empty()) throw BadInput(fmt::format("{}: holds no constants", shown_name(request.file)));
    if (request.specs.empty()) return known;
    for (const std::string& spec : request.specs)
        if (file.find(spec) == nullptr)
            throw BadInput(fmt::format("{}: holds no constants of {}; there is: {}; constants record adds it",
                                       shown_name(request.file), model::printable(spec, 200),
                                       model::join(known, ", ")));
    return request.specs;
}

}

std::string constants_text(const std::string& file, const std::vector<SpecCheck>& checks,
                           const std::optional<validation::Acceptance>& accepted, bool colour)
{
    std::string out;
    for (const SpecCheck& check : checks) {
        if (!check.changed.empty()) {
            out += fmt::format("{}  {}  the spec changed: {}; constants record {} {} takes it\n",
                               painted("refuted", colour), check.spec, check.changed, file, check.spec);
            continue;
        }
        for (const ConstantCheck& c : check.constants)
            if (c.verdict == Verdict::refuted)
                out += fmt::format("{}  {}  {}  {}  {}\n", painted("refuted", colour), check.spec, place(c),
                                   c.constant.name, difference_words(c));
    }
    for (const SpecCheck& check : checks)
        if (check.changed.empty())
            out += fmt::format("{}  {}  {}\n", painted(word(check.verdict()), colour), check.spec, agreement(check));
    out += verdict_line(checks, colour);
    if (accepted)
        out += fmt::format("Accepted into {}: {}; reason: {}\n", file, change_words(*accepted), accepted->reason);
    return out;
}

std::string constants_json(const std::string& file, const std::vector<SpecCheck>& checks,
                           const std::optional<validation::Acceptance>& accepted)
{
    Json refuted = Json::array(), confirmed = Json::array();
    for (const SpecCheck& check : checks) {
        if (!check.changed.empty()) {
            refuted.push_back(hypothesis(check));
            continue;
        }
        for (const ConstantCheck& c : check.constants)
            (c.verdict == Verdict::refuted ? refuted : confirmed).push_back(hypothesis(check.spec, c));
    }
    for (auto& h : confirmed) refuted.push_back(std::move(h));
    Json out = {{"name", file},
                {"version", version},
                {"verdict", word(validation::overall(checks))},
                {"accepted", nullptr},
                {"hypotheses", std::move(refuted)}};
    if (accepted)
        out["accepted"] = {{"changed", accepted->changed},
                           {"gone", accepted->gone},
                           {"new", accepted->added},
                           {"largest", number(accepted->largest)},
                           {"reason", accepted->reason}};
    return document(out);
}

Status record_constants(const Request& request, const fs::path& shipped)
{
    std::error_code ignored;
    validation::ConstantsFile file;
    if (fs::exists(request.file, ignored)) file = read_constants(request.file);
    const auto today = todays(request.specs, shipped);
    std::size_t constants = 0;
    for (const auto& spec : today) {
        validation::add(file, spec, shown_name(request.file));
        constants += spec.constants.size();
    }
    write_file(request.file, validation::constants_text(file));
    if (request.json) {
        Json specs = Json::array();
        for (const auto& spec : today) specs.push_back({{"spec", spec.spec}, {"constants", spec.constants.size()}});
        write_standard_output(document({{"name", shown_name(request.file)}, {"specs", specs}}));
    } else if (!request.quiet) {
        write_standard_output(fmt::format("Recorded in {}: {} of {}\n", shown_name(request.file),
                                          counted(constants, "constant"), counted(today.size(), "spec")));
    }
    return Status::done;
}

Status check_constants(const Request& request, const fs::path& shipped, bool colour)
{
    validation::ConstantsFile file = read_constants(request.file);
    const auto today = todays(wanted(request, file), shipped);
    std::vector<SpecCheck> checks;
    for (const auto& spec : today) checks.push_back(validation::compare(*file.find(spec.spec), spec));
    std::optional<validation::Acceptance> accepted;
    if (request.reason) accepted = validation::accept(file, today, version, *request.reason);
    if (accepted) write_file(request.file, validation::constants_text(file));
    const std::string name = shown_name(request.file);
    write_standard_output(request.json ? constants_json(name, checks, accepted)
                                       : constants_text(name, checks, accepted, colour));
    return request.reason || validation::overall(checks) == Verdict::confirmed ? Status::done : Status::refuted;
}

}
