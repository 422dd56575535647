#include "cli/records.hpp"

#include "cli/json.hpp"
#include "cli/json_value.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace exeunt::cli
{

namespace
{

constexpr int schema = 1;

/// FNV-1a, for a spec that is long: two records with the same hash are of the same spec.
std::string hash_of(const std::string& text)
{
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return fmt::format("{:016x}", hash);
}

/// Without the control characters that XML has no name for.
std::string xml(const std::string& text)
{
    std::string clean = text;
    std::erase_if(clean, [](unsigned char c) { return c < 0x20; });
    return escaped(clean);
}

}

std::string record_lines(const model::Spec& spec, const validation::Verification& verification)
{
    const std::string hash = hash_of(model::canonical(spec));
    std::string text;
    for (const auto& h : verification.hypotheses) {
        Json line = {{"schema", schema}, {"name", spec.name}, {"version", version}};
        line.update(hypothesis_json(h));
        line["seed"] = spec.verify.seed;
        line["spec"] = hash;
        text += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    return text;
}

std::string junit_xml(const model::Spec& spec, const validation::Verification& verification)
{
    using validation::Verdict;
    const auto count = [&](Verdict v) {
        return std::count_if(verification.hypotheses.begin(), verification.hypotheses.end(),
                             [v](const auto& h) { return h.verdict == v; });
    };
    std::string text = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"exeunt.{}\" tests=\"{}\" "
        "failures=\"{}\" skipped=\"{}\">\n",
        xml(spec.name), verification.hypotheses.size(), count(Verdict::refuted), count(Verdict::inconclusive));
    for (const auto& h : verification.hypotheses) {
        text += fmt::format("  <testcase classname=\"{}\" name=\"{}\"", xml(spec.name), xml(h.id));
        switch (h.verdict) {
        case Verdict::confirmed:
            text += "/>\n";
            break;
        case Verdict::refuted:
            text += fmt::format(">\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n", xml(h.reason),
                                xml(h.claim));
            break;
        case Verdict::inconclusive:
            text += fmt::format(">\n    <skipped message=\"{}\"/>\n  </testcase>\n", xml(h.reason));
            break;
        }
    }
    return text + "</testsuite>\n";
}

}
