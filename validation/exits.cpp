#include "validation/exits.hpp"

#include "sim/words.hpp"
#include "validation/shape.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace exeunt::validation
{

namespace
{

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

std::string CellName::text() const { return fmt::format("clip={:g}/eta={:g}/well={}", clip, learning_rate, well + 1); }

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

std::uint64_t last_step(double mean) { return static_cast<std::uint64_t>(std::min(40 * mean + 1000, 9e18)); }

void ScaleTest::add(const sim::Exit& exit, double v)
{
    constexpr std::uint64_t between_looks = 100;
    ++replicas_;
    if (exit.censored) {
        ++censored_;
        sum_ -= law_.log_survival(exit.step);
    } else {
        if (!(law_.hazard(exit.step) > 0)) ++impossible_;
        sum_ += exponential_of(law_, exit.step, v);
    }
    if (impossible_ > 0) over_ = true;
    if (replicas_ % between_looks != 0 && replicas_ != planned_) return;
    over_ = over_ || excluded() || (replicas_ >= planned_ && verdict() == Verdict::confirmed);
}

bool ScaleTest::excluded() const
{
    const auto d = static_cast<double>(exits());
    const double slow = 1 - blur_, fast = 1 + blur_; // rates that the oracle's error allows
    return (d < slow * sum_ && process_.excludes(d, sum_, slow)) ||
           (d > fast * sum_ && process_.excludes(d, sum_, fast));
}

Verdict ScaleTest::verdict() const
{
    if (impossible_ > 0) return Verdict::refuted;
    return replicas_ == 0 ? Verdict::inconclusive : verdict_of_ratio(lower(), upper(), design_.effect);
}

Hypothesis exit_time_scale(const Evidence& evidence, const theory::ExitLaw& law, const Design& design,
                           std::uint64_t planned)
{
    ScaleTest test(law, evidence.moments.error, design, planned);
    for (std::size_t r = 0; r < evidence.exits.size() && !test.over(); ++r)
        test.add(evidence.exits[r], randomiser(evidence.stream, r));

    Hypothesis h = head(evidence, design, "exit-time.mean");
    h.claim =
        fmt::format("the simulated exit time from well {} has the scale that the exact chain gives it", h.well + 1);
    h.statistic = "mixture e-process on the sum of randomised probability integral transforms -log(1 - U)";
    if (law.geometric()) h.statistic += "; the law is taken as geometric with the exact mean";
    h.samples = test.replicas();
    h.censored = test.censored();
    h.planned = planned;
    h.expected = evidence.moments.mean;
    h.expected_error = evidence.moments.error * h.expected;
    if (test.replicas() == 0) {
        h.estimate = h.lower = h.upper = std::nan("");
        h.reason = "no replica was simulated";
        return h;
    }
    const RateInterval rate = test.rate();
    h.value = test.sum();
    h.e_value = test.e_value();
    h.p_value = test.impossible() > 0 ? 0 : rate.p_value;
    h.estimate = h.expected / rate.estimate;
    h.lower = h.expected * test.lower();
    h.upper = h.expected * test.upper();
    if (test.exits() > 0) h.detectable_effect = visible_rate_error(test.exits(), design, evidence.moments.error);
    h.verdict = test.verdict();
    h.reason = reason_for(h.verdict, design);
    if (test.impossible() > 0) h.reason = "an exit came at a step at which the exact law allows none";
    if (h.censored > 0)
        h.reason += fmt::format("; {} of {} paths had not left at the step limit", h.censored, h.samples);
    if (test.refuted() && test.replicas() < evidence.exits.size())
        h.reason += fmt::format("; the first {} of {} replicas were enough", test.replicas(), evidence.exits.size());
    return h;
}

namespace
{

/// Uniform transforms, and by how much the oracle may be wrong about their law.
struct Uniforms {
    std::vector<double> u;
    double scale_error; ///< relative, of the time scale
    double law_error;   ///< absolute, of the distribution function
};

/// The p-value of uniformity by A², the oracle's errors taken off. They shift the distribution function by at most
/// ε(1-u)|log(1-u)| + δ, whose norm in A² is ε √(2ζ(3) - 2), and at most δ √(2 log(1/δ)).
double p_value_of(const Shape& shape, const Uniforms& uniforms)
{
    constexpr double scale_norm = 0.404114; // 2ζ(3) - 2
    const double delta = uniforms.law_error;
    const double norm = uniforms.scale_error * std::sqrt(scale_norm) +
                        (delta > 0 ? delta * std::sqrt(2 * std::log(1 / std::min(delta, 0.5))) : 0);
    const double root =
        std::sqrt(std::max(0.0, shape.anderson_darling)) - std::sqrt(static_cast<double>(shape.n)) * norm;
    return root > 0 ? anderson_darling_tail(root * root) : 1;
}

void judge_gap(Hypothesis& h, const Shape& shape, const Design& design, const Uniforms& uniforms)
{
    const double half = band(shape.n, design.level) + uniforms.scale_error + uniforms.law_error;
    h.expected = 0;
    h.estimate = shape.gap;
    h.lower = std::max(0.0, shape.gap - half);
    h.upper = std::min(1.0, shape.gap + half);
    h.detectable_effect = half + band(shape.n, 1 - design.power);
}

void judge_shape(Hypothesis& h, const Design& design)
{
    if (h.p_value < design.level) {
        h.verdict = Verdict::refuted;
        h.reason = fmt::format("the p-value {:.2g} is below the level {:.2g} of this test", h.p_value, h.alpha);
    } else if (h.upper <= design.effect) {
        h.verdict = Verdict::confirmed;
        h.reason = fmt::format("the law found is nowhere further than {:.2g} from the exact one", h.upper);
    } else {
        h.reason = fmt::format("the law found may be as far as {:.2g} from the exact one, and {:g} is asked: more "
                               "exits would tell",
                               h.upper, design.effect);
    }
}

Hypothesis not_judged(Hypothesis h, const char* reason)
{
    h.estimate = h.lower = h.upper = std::nan("");
    h.expected = 0;
    h.reason = reason;
    return h;
}

}

Hypothesis exit_time_shape(const Evidence& evidence, const theory::ExitLaw& law, const Design& design)
{
    Hypothesis h = head(evidence, design, "exit-time.law");
    h.planned = evidence.exits.size();
    h.claim =
        fmt::format("the simulated exit time from well {} has the law that the exact chain gives it; shown is the "
                    "largest gap between distribution functions",
                    h.well + 1);
    h.statistic = "Anderson-Darling's A² of the randomised probability integral transforms";
    if (evidence.exits.empty()) return not_judged(std::move(h), "no replica was simulated");
    if (law.geometric()) return not_judged(std::move(h), "of this cell the exact chain knows the mean, not the law");

    Uniforms uniforms{{}, evidence.moments.error, law.error()};
    for (std::size_t r = 0; r < evidence.exits.size(); ++r) {
        const sim::Exit& e = evidence.exits[r];
        const double v = randomiser(evidence.stream, r);
        uniforms.u.push_back(e.censored ? 1 - (1 - v) * std::exp(law.log_survival(e.step)) : law.pit(e.step, v));
    }
    const Shape shape = shape_of(uniforms.u);
    h.value = shape.anderson_darling;
    h.p_value = p_value_of(shape, uniforms);
    judge_gap(h, shape, design, uniforms);
    judge_shape(h, design);
    return h;
}

Hypothesis exit_joint_law(const Evidence& evidence, const theory::ExitLaw& law, const Design& design)
{
    constexpr double fewest = 100; // exits expected of a place that is judged by itself
    Hypothesis h = head(evidence, design, "exit-time.given-place");
    h.planned = evidence.exits.size();
    h.claim = fmt::format(
        "the simulated exit time from well {}, given the field that is entered, has the law that the "
        "exact chain gives it; shown is the largest gap, for the likeliest field, between distribution functions",
        h.well + 1);
    h.statistic = "smallest p-value of Anderson-Darling's A² over the places, each over its probability; p-value of "
                  "that smallest one";
    const std::uint64_t exits = h.samples - h.censored;
    if (exits == 0) return not_judged(std::move(h), "no path has left");
    if (law.geometric()) return not_judged(std::move(h), "of this cell the exact chain knows the mean, not the law");

    // where paths were censored the law is that of exits before the first of them was
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (const sim::Exit& e : evidence.exits)
        if (e.censored) last = std::min(last, e.step);
    const bool all_seen = last == std::numeric_limits<std::uint64_t>::max();
    std::vector<double> p = evidence.moments.to;
    std::vector<double> unseen(p.size(), 0.0);
    for (std::size_t j = 0; j < p.size() && !all_seen; ++j) {
        unseen[j] = law.survival_into(last, j);
        p[j] = std::max(0.0, p[j] - unseen[j]);
    }
    const auto n = static_cast<double>(h.samples);
    const double seen = std::accumulate(p.begin(), p.end(), 0.0);
    std::vector<std::size_t> group(p.size());
    std::vector<double> mass(p.size(), 0.0);
    for (std::size_t j = 0; j < p.size(); ++j) {
        group[j] = n * p[j] >= fewest ? j : h.well; // the well itself is no place: it stands for all rare ones
        mass[group[j]] += p[j] / seen;
    }
    std::vector<Uniforms> of(p.size(), {{}, evidence.moments.error, 0});
    for (std::size_t r = 0; r < evidence.exits.size(); ++r) {
        const sim::Exit& e = evidence.exits[r];
        const double all = law.survival_into(0, e.place) - unseen[e.place];
        if (e.censored || e.step > last || !(all > 0)) continue; // an excluded place is S3's to notice
        const double before = law.survival_into(e.step - 1, e.place), after = law.survival_into(e.step, e.place);
        const double left = before + randomiser(evidence.stream, r) * (after - before) - unseen[e.place];
        of[group[e.place]].u.push_back(1 - std::clamp(left / all, 0.0, 1.0));
    }
    const auto lead = static_cast<std::size_t>(std::max_element(mass.begin(), mass.end()) - mass.begin());
    double smallest = 1 / mass[lead];
    for (std::size_t k = 0; k < p.size(); ++k) {
        if (of[k].u.empty() || !(mass[k] > 0)) continue;
        double rarest = 1;
        for (std::size_t j = 0; j < p.size(); ++j)
            if (group[j] == k && p[j] > 0) rarest = std::min(rarest, p[j]);
        of[k].law_error = std::min(1.0, 2 * (law.error() + evidence.moments.to_error) / rarest);
        const Shape shape = shape_of(of[k].u);
        smallest = std::min(smallest, p_value_of(shape, of[k]) / mass[k]);
        if (k != lead) continue;
        h.value = shape.anderson_darling;
        judge_gap(h, shape, {mass[k] * design.level, design.effect, design.power}, of[k]);
    }
    if (of[lead].u.empty()) return not_judged(std::move(h), "no path has entered the likeliest place");
    double none =
        0; // log P(no place has a smaller one): given their numbers, exits into different places are independent
    for (std::size_t k = 0; k < p.size(); ++k)
        if (!of[k].u.empty()) none += std::log1p(-std::min(1.0, mass[k] * smallest));
    h.p_value = -std::expm1(none);
    judge_shape(h, design);
    return h;
}

std::size_t split_tests(const std::vector<double>& to)
{
    const auto possible = std::count_if(to.begin(), to.end(), [](double p) { return p > 0; });
    return possible > 2 ? static_cast<std::size_t>(possible) : 1; // of two, each says what the other does
}

namespace
{

/// Of a share of which `unknown` more of the n may be part: the interval holds those of all numbers of them that may
/// be, and the p-value is the largest.
ShareInterval interval_of(std::uint64_t k, std::uint64_t unknown, std::uint64_t n, double p, double level)
{
    const auto hoped = static_cast<std::uint64_t>(std::llround(p * static_cast<double>(n)));
    const std::uint64_t nearest = std::clamp(hoped, k, k + unknown);
    return {.lower = share_interval(k, n, p, level).lower,
            .upper = share_interval(k + unknown, n, p, level).upper,
            .p_value = share_interval(nearest, n, p, level).p_value};
}

}

Hypothesis exit_split(const Evidence& evidence, const Design& design)
{
    Hypothesis h = head(evidence, design, "exit-split");
    const auto& p = evidence.moments.to;
    const auto lead = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
    h.claim = fmt::format("exits from well {} enter each field as often as the exact chain says; shown is well {}",
                          h.well + 1, lead + 1);
    h.statistic = "smallest two-sided binomial p-value over the possible places, times their number";

    std::vector<std::uint64_t> count(p.size(), 0);
    for (const sim::Exit& e : evidence.exits)
        if (!e.censored) ++count[e.place];
    const std::uint64_t n = h.samples, unknown = h.censored; // of those, each may still go anywhere
    const auto places = static_cast<double>(split_tests(p));
    const double blur = evidence.moments.to_error;
    h.expected = p[lead];
    h.expected_error = blur;
    if (n == unknown) {
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
        const ShareInterval s = interval_of(count[j], unknown, n, expected, design.level / places);
        h.p_value = std::min(h.p_value, places * s.p_value);
        const bool excluded = p[j] == 0 && count[j] > 0; // an exact zero has no error
        if (excluded || s.lower - blur > expected || s.upper + blur < expected)
            outside += fmt::format("{}well {}: {} of {} where {:.4g} were expected", outside.empty() ? "" : ", ", j + 1,
                                   count[j], n, expected * static_cast<double>(n));
        if (j == lead) {
            h.estimate = static_cast<double>(count[j]) / static_cast<double>(n - unknown);
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
