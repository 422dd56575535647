#include "validation/exits.hpp"

#include "sim/words.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::validation
{

namespace
{

std::string shown(double clip) { return std::isinf(clip) ? "inf" : fmt::format("{:g}", clip); }

std::uint64_t count_censored(std::span<const sim::Exit> exits)
{
    return static_cast<std::uint64_t>(
        std::count_if(exits.begin(), exits.end(), [](const auto& e) { return e.censored; }));
}

Hypothesis head(const Evidence& evidence, const Design& design, const char* kind)
{
    Hypothesis h;
    h.id = fmt::format("{}/{}", kind, evidence.cell.text());
    h.clip = evidence.cell.clip;
    h.learning_rate = evidence.cell.learning_rate;
    h.well = evidence.cell.well;
    h.alpha = design.level;
    h.samples = evidence.exits.size();
    h.censored = count_censored(evidence.exits);
    return h;
}

std::string reason_for(Verdict verdict, const Design& design)
{
    if (verdict == Verdict::confirmed)
        return fmt::format("the interval is within {:g} % of the expected value", 100 * design.effect);
    if (verdict == Verdict::refuted) return "the interval excludes the expected value";
    return fmt::format("the interval holds the expected value, but reaches further than {:g} % from it",
                       100 * design.effect);
}

}

std::string CellName::text() const
{
    return fmt::format("clip={}/eta={:g}/well={}", shown(clip), learning_rate, well + 1);
}

double exponential_of(const theory::ExitLaw& law, std::uint64_t step, double v)
{
    return -law.log_survival(step - 1) - std::log1p(-v * law.hazard(step));
}

double randomiser(const sim::Stream& stream, std::uint64_t replica)
{
    constexpr std::uint32_t lane = 3U << 29U; // a pass of a replica never sets these bits, nor bit 31 of its deep words
    std::uint32_t x[4] = {0, lane, static_cast<std::uint32_t>(replica), static_cast<std::uint32_t>(replica >> 32U)};
    sim::threefry(sim::make_key(stream.seed, stream.cell), x);
    const std::uint64_t bits = std::uint64_t{x[0]} << 32U | x[1];
    return (static_cast<double>(bits >> 12U) + 0.5) * 0x1p-52; // never 0 or 1
}

Hypothesis exit_time_scale(const Evidence& evidence, const theory::ExitLaw& law, const Design& design)
{
    Hypothesis h = head(evidence, design, "exit-time.mean");
    h.claim =
        fmt::format("the simulated exit time from well {} has the scale that the exact chain gives it", h.well + 1);
    h.statistic = "sum of randomised probability integral transforms -log(1 - U), gamma distributed";
    if (law.geometric()) h.statistic += "; the law is taken as geometric with the exact mean";

    const std::uint64_t exits = h.samples - h.censored;
    std::uint64_t impossible = 0;
    double sum = 0;
    for (std::size_t r = 0; r < evidence.exits.size(); ++r) {
        const sim::Exit& e = evidence.exits[r];
        if (e.censored) {
            sum -= law.log_survival(e.step);
            continue;
        }
        if (!(law.hazard(e.step) > 0)) ++impossible;
        sum += exponential_of(law, e.step, randomiser(evidence.stream, r));
    }
    const double blur = evidence.moments.error;
    const RateInterval rate = rate_interval(exits, sum, h.censored > 0, design.level);
    h.value = sum;
    h.p_value = impossible > 0 ? 0 : rate.p_value;
    h.expected = evidence.moments.mean;
    h.expected_error = blur * h.expected;
    h.estimate = h.expected / rate.estimate;
    h.lower = h.expected / rate.upper * (1 - blur);
    h.upper = h.expected / rate.lower * (1 + blur);
    if (exits > 0) h.detectable_effect = visible_rate_error(exits, design, blur);
    h.verdict = verdict_of_ratio(h.lower / h.expected, h.upper / h.expected, design.effect);
    h.reason = reason_for(h.verdict, design);
    if (impossible > 0) {
        h.verdict = Verdict::refuted;
        h.reason = fmt::format("{} exits came at a step at which the exact law allows none", impossible);
    }
    if (h.censored > 0)
        h.reason += fmt::format("; {} of {} paths had not left at the step limit", h.censored, h.samples);
    return h;
}

Hypothesis exit_split(const Evidence& evidence, const Design& design)
{
    Hypothesis h = head(evidence, design, "exit-split");
    const auto& p = evidence.moments.to;
    const auto lead = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
    h.claim = fmt::format("exits from well {} enter each field as often as the exact chain says; shown is well {}",
                          h.well + 1, lead + 1);
    h.statistic = "smallest two-sided binomial p-value over the places, times their number";

    std::vector<std::uint64_t> count(p.size(), 0);
    for (const sim::Exit& e : evidence.exits)
        if (!e.censored) ++count[e.place];
    const std::uint64_t n = h.samples - h.censored;
    const auto places = static_cast<double>(p.size() - 1);
    const double blur = evidence.moments.to_error;
    h.expected = p[lead];
    h.expected_error = blur;
    if (n == 0) {
        h.estimate = h.lower = 0;
        h.upper = 1;
        h.reason = "no path has left";
        return h;
    }

    h.p_value = 1;
    std::string outside;
    for (std::size_t j = 0; j < p.size(); ++j) {
        if (j == h.well) continue;
        const double expected = std::clamp(p[j], 0.0, 1.0);
        const ShareInterval s = share_interval(count[j], n, expected, design.level / places);
        h.p_value = std::min(h.p_value, places * s.p_value);
        const bool excluded = p[j] == 0 && count[j] > 0; // an exact zero has no error
        if (excluded || s.lower - blur > expected || s.upper + blur < expected)
            outside += fmt::format("{}well {}: {} of {} where {:.4g} were expected", outside.empty() ? "" : ", ", j + 1,
                                   count[j], n, expected * static_cast<double>(n));
        if (j == lead) {
            h.estimate = static_cast<double>(count[j]) / static_cast<double>(n);
            h.lower = std::max(0.0, s.lower - blur);
            h.upper = std::min(1.0, s.upper + blur);
        }
    }
    h.value = h.p_value;
    h.detectable_effect = visible_share_error(h.expected, n, {design.level / places, design.effect, design.power});
    h.verdict = verdict_of_ratio(h.lower / h.expected, h.upper / h.expected, design.effect);
    h.reason = reason_for(h.verdict, design);
    if (!outside.empty()) {
        h.verdict = Verdict::refuted;
        h.reason = "too many or too few exits into " + outside;
    }
    return h;
}

}
