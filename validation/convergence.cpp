#include "validation/convergence.hpp"

#include "validation/exits.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <limits>

namespace exeunt::validation
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

std::size_t likeliest(const theory::ExitConstants& q)
{
    return static_cast<std::size_t>(std::max_element(q.to.begin(), q.to.end()) - q.to.begin());
}

const theory::Prediction& at_clip(const std::vector<theory::Prediction>& predictions, double clip)
{
    return *std::find_if(predictions.begin(), predictions.end(),
                         [clip](const theory::Prediction& p) { return p.clip == clip; });
}

/// Weights w with Σ w_k y(η_k) = y_0 for every y = Σ_p y_p η^p over the given powers, on as many rungs.
Eigen::VectorXd weights(std::span<const double> eta, std::span<const double> power)
{
    const auto n = static_cast<Eigen::Index>(power.size());
    Eigen::MatrixXd a(n, n);
    for (Eigen::Index k = 0; k < n; ++k) // scaled by the least η, which keeps the powers apart
        for (Eigen::Index p = 0; p < n; ++p)
            a(p, k) = std::pow(eta[static_cast<std::size_t>(k)] / eta.back(), power[static_cast<std::size_t>(p)]);
    return a.colPivHouseholderQr().solve(Eigen::VectorXd::Unit(n, 0));
}

/// Of the last n values but the last `skipped` ones.
double interpolated(std::span<const double> eta, std::span<const double> y, std::span<const double> power,
                    std::size_t skipped = 0)
{
    const std::size_t n = power.size(), first = eta.size() - skipped - n;
    const auto values = y.subspan(first, n);
    return weights(eta.subspan(first, n), power)
        .dot(Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(n)));
}

/// By how much -d log H/d log x at x = 1/η differs from α.
double tail_excess(const model::Noise& noise, double eta)
{
    return std::log2(noise.tail(1 / eta) / noise.tail(2 / eta)) - noise->tail_index();
}

bool settled_tail(double excess)
{
    constexpr double most = 0.02; // a law with a slowly varying factor has more at η = 10⁻¹², others less from 10⁻² on
    return std::abs(excess) <= most;
}

/// What every claim on a ladder has in common; without a verdict.
Hypothesis head(const Ladder& ladder, const char* kind, const Extrapolated& value, double expected)
{
    Hypothesis h;
    const std::string clip = std::isinf(ladder.clip) ? "inf" : fmt::format("{:g}", ladder.clip);
    h.id = fmt::format("{}/clip={}/well={}", kind, clip, ladder.well + 1);
    h.statistic =
        fmt::format("oracle at {} learning rates from {:g} to {:g}, extrapolated in powers of the learning rate",
                    ladder.rungs.size(), ladder.rungs.front().learning_rate, ladder.rungs.back().learning_rate);
    h.clip = ladder.clip;
    h.learning_rate = std::nan("");
    h.well = ladder.well;
    h.samples = ladder.rungs.size();
    h.expected = expected;
    h.estimate = h.lower = h.upper = std::nan("");
    if (std::isinf(value.error)) return h;
    h.value = h.estimate = value.limit;
    h.lower = value.limit - value.error;
    h.upper = value.limit + value.error;
    h.detectable_effect = 2 * value.error / (expected > 0 ? expected : 1);
    return h;
}

/// The verdict, and why.
Hypothesis judged(const Ladder& ladder, Hypothesis h, const char* quantity, const Extrapolated& value, Verdict verdict,
                  double effect)
{
    const double scale = h.expected > 0 ? h.expected : 1;
    if (!settled_tail(ladder.tail_excess)) {
        h.reason =
            fmt::format("the tail of the noise has not settled into its power: its index at 1/η is off by {:.2g} "
                        "at the least learning rate, and the approach to the limit is as slow",
                        ladder.tail_excess);
    } else if (std::isnan(value.order)) {
        h.reason = fmt::format("the {} is known at fewer than three learning rates", quantity);
    } else if (std::isinf(value.error)) {
        h.reason = fmt::format("the {} has not settled into its law of approach: its last steps shrink like η^{:.2g}, "
                               "and η^{:.2g} is the law; a ladder that goes further down would tell",
                               quantity, value.order, value.leading);
    } else {
        h.verdict = verdict;
        h.reason = verdict == Verdict::confirmed ? fmt::format("the interval is within {:g} % of {}", 100 * effect,
                                                               h.expected > 0 ? "the limit" : "probability about 0")
                   : verdict == Verdict::refuted
                       ? "the interval excludes the limit"
                       : fmt::format("the extrapolation is uncertain by {:.2g} %, and {:g} % is asked: a ladder that "
                                     "goes further down would tell",
                                     100 * value.error / scale, 100 * effect);
    }
    return h;
}

/// That the limit is `expected` > 0.
Hypothesis tends_to(const Ladder& ladder, const char* kind, const char* quantity, const Extrapolated& value,
                    double expected, double effect)
{
    Hypothesis h = head(ladder, kind, value, expected);
    const Verdict verdict = verdict_of_ratio(h.lower / expected, h.upper / expected, effect);
    return judged(ladder, std::move(h), quantity, value, verdict, effect);
}

/// That the limit of a distance is 0.
Hypothesis vanishes(const Ladder& ladder, const char* kind, const char* quantity, const Extrapolated& value,
                    double effect)
{
    Hypothesis h = head(ladder, kind, value, 0);
    const Verdict verdict = h.lower > 0 || h.upper < 0 ? Verdict::refuted
                            : h.upper <= effect        ? Verdict::confirmed
                                                       : Verdict::inconclusive;
    return judged(ladder, std::move(h), quantity, value, verdict, effect);
}

/// What there is too little of to extrapolate.
constexpr Extrapolated unknown{.limit = std::numeric_limits<double>::quiet_NaN(),
                               .error = infinity,
                               .order = std::numeric_limits<double>::quiet_NaN()};

/// To 1e-5, since extrapolation makes the errors some ten to a hundred times larger; where the oracle does not reach
/// that, as where paths go beyond its states, to 1e-4.
theory::ExitMoments exit_of_rung(const model::Model& model, std::size_t well)
{
    try {
        return theory::exit_moments(model, well, 1e-5);
    } catch (const NotConverged&) {
        return theory::exit_moments(model, well, 1e-4);
    }
}

Extrapolated slope_of(const Ladder& ladder, double alpha)
{
    const std::vector<double> slopes = local_slopes(ladder.rungs);
    if (slopes.size() < 3) return unknown;
    std::vector<double> etas, errors;
    for (std::size_t k = 1; k < ladder.rungs.size(); ++k) {
        const theory::ExactCell &above = ladder.rungs[k - 1], &rung = ladder.rungs[k];
        etas.push_back(rung.learning_rate);
        errors.push_back((above.exit.error + rung.exit.error) / std::log(above.time_scale / rung.time_scale));
    }
    Extrapolated slope = interpolate(etas, slopes, errors, alpha);
    if (ladder.ratio.limit - ladder.ratio.error <= 0) {
        slope.error = infinity;
        slope.order = ladder.ratio.order;
    }
    return slope;
}

/// The limit of one gap, from the rungs that know it.
Extrapolated gap_of(const Ladder& ladder, double LimitGaps::*gap, double alpha)
{
    std::vector<double> etas, values, errors;
    for (std::size_t k = 0; k < ladder.gaps.size(); ++k) {
        if (std::isnan(ladder.gaps[k].time)) continue;
        etas.push_back(ladder.rungs[k].learning_rate);
        values.push_back(ladder.gaps[k].*gap);
        errors.push_back(ladder.gaps[k].error);
    }
    if (etas.size() < 3) return unknown;
    Extrapolated limit = extrapolate(etas, values, errors, alpha);
    if (!settled_tail(ladder.tail_excess)) limit.error = infinity;
    return limit;
}

}

std::vector<double> powers_of_approach(double alpha, std::size_t n)
{
    constexpr double distinct = 0.03; // of the least power: closer ones cannot be told apart on any ladder
    const double fluctuation = 1 - 1 / std::min(alpha, 2.0), jump = alpha - 1, step = 1;
    std::vector<double> sums;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; i + j < n; ++j)
            for (std::size_t k = 0; i + j + k < n; ++k)
                sums.push_back(static_cast<double>(i) * fluctuation + static_cast<double>(j) * jump +
                               static_cast<double>(k) * step);
    std::sort(sums.begin(), sums.end());
    std::vector<double> powers;
    for (const double p : sums)
        if (powers.empty() || p - powers.back() > distinct * std::min(fluctuation, jump)) powers.push_back(p);
    powers.resize(n);
    return powers;
}

double order_of_approach(std::span<const double> eta, std::span<const double> y, double error)
{
    if (y.size() < 3) return infinity;
    const auto e = eta.last(3), v = y.last(3);
    const double before = std::abs(v[1] - v[0]) / std::log(e[0] / e[1]);
    const double after = std::max(std::abs(v[2] - v[1]) - error, 0.0) / std::log(e[1] / e[2]);
    if (after == 0) return infinity;
    return std::log(before / after) / (0.5 * std::log(e[0] / e[2]));
}

Extrapolated interpolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha)
{
    constexpr std::size_t most = 6; // powers, 0 among them
    constexpr double safety = 5;    // found by experiment, see the header
    const std::size_t m = eta.size();
    const std::vector<double> powers = powers_of_approach(alpha, most);
    const std::span<const double> power(powers);

    Extrapolated best{.limit = y.back(),
                      .error = infinity,
                      .order = order_of_approach(eta, y, error[m - 1] + error[m - 2]),
                      .leading = powers[1],
                      .powers = 0};
    for (std::size_t n = 2; n <= std::min(most, std::max<std::size_t>(2, m - 2)); ++n) {
        const auto some = power.first(n);
        const double limit = interpolated(eta, y, some);
        // of two rungs: one change alone is small by chance where the limits turn
        double gap = std::abs(limit - interpolated(eta, y, power.first(n - 1)));
        for (const std::size_t fewer : {1U, 2U})
            if (n + fewer <= m)
                gap =
                    std::max(gap, std::abs(interpolated(eta, y, some, fewer - 1) - interpolated(eta, y, some, fewer)));
        double carried = 0;
        const Eigen::VectorXd w = weights(eta.last(n), some);
        for (std::size_t k = 0; k < n; ++k) carried += std::abs(w[static_cast<Eigen::Index>(k)]) * error[m - n + k];
        if (const double e = safety * gap + carried; e < best.error) best = {limit, e, best.order, best.leading, n - 1};
    }
    return best;
}

Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha)
{
    constexpr double least_order = 0.6; // of the leading power; found by experiment
    Extrapolated value = interpolate(eta, y, error, alpha);
    if (value.order < least_order * value.leading) value.error = infinity;
    return value;
}

double top_rung(const model::Landscape& f)
{
    double steepest = 0;
    for (const double m : f.minima()) steepest = std::max(steepest, f.potential().curvature(m));
    return std::pow(10, std::floor(std::log10(0.5 / steepest)));
}

Ladder climb(const theory::Setting& setting, const theory::Prediction& prediction, std::size_t well,
             std::vector<double> etas, double effect)
{
    constexpr double least = 0.9e-12; // η
    constexpr std::size_t fewest = 5;
    const theory::ExitConstants& q = prediction.exits[well];
    const std::size_t lead = likeliest(q);
    const bool adaptive = etas.empty();
    const bool hopeless = !settled_tail(tail_excess(setting.noise, least)); // no rung will have settled
    std::sort(etas.begin(), etas.end(), std::greater<>());

    if (!adaptive && etas.size() < 3) throw BadInput("a ladder of learning rates needs three rungs or more");

    Ladder ladder{prediction.clip, well, {}, {}, {}};
    std::vector<double> done, ratio, ratio_error, share, share_error;
    double next = top_rung(setting.landscape);
    for (std::size_t k = 0; adaptive ? next > least : k < etas.size(); ++k, next /= 10) {
        const double eta = adaptive ? next : etas[k];
        theory::ExactCell cell = theory::limit_cell(setting, prediction, eta, well);
        try {
            cell.exit = exit_of_rung(setting.at(prediction.clip, eta), well);
        } catch (const NotConverged&) {
            if (adaptive && done.size() >= 3) break; // as far down as the oracle reaches
            throw;
        }
        ladder.rungs.push_back(std::move(cell));
        const theory::ExactCell& rung = ladder.rungs.back();
        done.push_back(eta);
        ratio.push_back(rung.ratio());
        ratio_error.push_back(rung.ratio() * rung.exit.error);
        share.push_back(rung.exit.to[lead]);
        share_error.push_back(rung.exit.to_error);
        if (done.size() < 3) continue;
        const double alpha = setting.noise->tail_index();
        ladder.ratio = extrapolate(done, ratio, ratio_error, alpha);
        ladder.share = extrapolate(done, share, share_error, alpha);
        ladder.tail_excess = tail_excess(setting.noise, eta);
        if (!settled_tail(ladder.tail_excess)) ladder.ratio.error = ladder.share.error = infinity;
        const double share_limit = q.to[lead] / q.total();
        const bool sharp = ladder.ratio.error < effect / 3 && ladder.share.error < effect / 3 * share_limit;
        if (adaptive && done.size() >= fewest && (sharp || hopeless)) break;
    }
    ladder.slope = slope_of(ladder, setting.noise->tail_index());
    return ladder;
}

std::vector<double> local_slopes(const std::vector<theory::ExactCell>& rungs)
{
    std::vector<double> slopes;
    for (std::size_t k = 1; k < rungs.size(); ++k)
        slopes.push_back(std::log(rungs[k].exit.mean / rungs[k - 1].exit.mean) /
                         std::log(rungs[k - 1].time_scale / rungs[k].time_scale));
    return slopes;
}

void add_laws(Ladder& ladder, const theory::Setting& setting)
{
    ladder.gaps.clear();
    for (const theory::ExactCell& rung : ladder.rungs) {
        const theory::ExitLaw law(setting.at(rung.clip, rung.learning_rate), rung.well, rung.exit);
        ladder.gaps.push_back(limit_gaps(law, rung));
    }
    const double alpha = setting.noise->tail_index();
    ladder.time_gap = gap_of(ladder, &LimitGaps::time, alpha);
    ladder.place_gap = gap_of(ladder, &LimitGaps::place, alpha);
}

std::vector<Ladder> climb_all(const theory::Setting& setting, const std::vector<theory::Prediction>& predictions,
                              const std::vector<double>& etas, double effect, bool laws, unsigned threads,
                              const theory::Watch& watch,
                              const std::function<bool(double clip, std::size_t well)>& wanted)
{
    std::vector<Ladder> ladders;
    if (!setting.noise->heavy_tailed()) return ladders;
    for (const theory::Prediction& limit : predictions)
        for (std::size_t i = 0; i < limit.exits.size(); ++i)
            if (!wanted || wanted(limit.clip, i))
                ladders.push_back({.clip = limit.clip, .well = i, .rungs = {}, .ratio = {}, .share = {}});
    std::vector<double> cost; // the more jumps an exit takes, the finer the mesh, and the further down the ladder goes
    for (const Ladder& ladder : ladders) cost.push_back(at_clip(predictions, ladder.clip).exits[ladder.well].order);
    theory::for_each_cell(cost, threads, watch, [&](std::size_t k) {
        ladders[k] = climb(setting, at_clip(predictions, ladders[k].clip), ladders[k].well, etas, effect);
        if (laws) add_laws(ladders[k], setting);
    });
    return ladders;
}

std::vector<Hypothesis> limits(const std::vector<Ladder>& ladders, const std::vector<theory::Prediction>& predictions,
                               double effect)
{
    std::vector<Hypothesis> found;
    for (const Ladder& ladder : ladders) {
        found.push_back(exit_time_limit(ladder, effect));
        found.push_back(exit_split_limit(ladder, at_clip(predictions, ladder.clip).exits[ladder.well], effect));
        if (ladder.rungs.size() > 3) found.push_back(exit_time_slope(ladder, effect)); // three slopes
        if (ladder.gaps.empty()) continue;
        found.push_back(exit_law_limit(ladder, effect));
        found.push_back(exit_independence_limit(ladder, effect));
    }
    return found;
}

Hypothesis exit_time_limit(const Ladder& ladder, double effect)
{
    Hypothesis h = tends_to(ladder, "exit-time.limit", "ratio", ladder.ratio, 1, effect);
    h.claim =
        fmt::format("the mean exit time from well {} of the exact chain, times q λ(η), tends to 1", ladder.well + 1);
    return h;
}

Hypothesis exit_split_limit(const Ladder& ladder, const theory::ExitConstants& q, double effect)
{
    const std::size_t lead = likeliest(q);
    Hypothesis h = tends_to(ladder, "exit-split.limit", "share", ladder.share, q.to[lead] / q.total(), effect);
    h.claim = fmt::format("the share of exits from well {} into well {} of the exact chain tends to q_{},{} / q_{}",
                          ladder.well + 1, lead + 1, ladder.well + 1, lead + 1, ladder.well + 1);
    return h;
}

Hypothesis exit_time_slope(const Ladder& ladder, double effect)
{
    const char* const quantity = std::isinf(ladder.ratio.error) ? "ratio" : "slope";
    Hypothesis h = tends_to(ladder, "exit-time.slope", quantity, ladder.slope, 1, effect);
    if (std::isinf(ladder.slope.error) && std::isfinite(ladder.ratio.error))
        h.reason =
            fmt::format("the limit of the ratio is {:.2g} ± {:.2g}, which may be 0: a ladder that goes further down "
                        "would tell",
                        ladder.ratio.limit, ladder.ratio.error);
    h.claim = fmt::format("the mean exit time from well {} of the exact chain grows like 1/λ(η): the slope of its "
                          "logarithm against that of 1/λ(η) tends to 1",
                          ladder.well + 1);
    return h;
}

Hypothesis exit_law_limit(const Ladder& ladder, double effect)
{
    Hypothesis h = vanishes(ladder, "exit-time.law-limit", "gap", ladder.time_gap, effect);
    h.claim = fmt::format("the law of the exit time from well {} of the exact chain, times q λ(η), tends to Exp(1): "
                          "the largest gap of its survival function tends to 0",
                          ladder.well + 1);
    return h;
}

Hypothesis exit_independence_limit(const Ladder& ladder, double effect)
{
    Hypothesis h = vanishes(ladder, "exit-split.independence", "gap", ladder.place_gap, effect);
    h.claim = fmt::format("time and place of the exit from well {} of the exact chain become independent: the largest "
                          "gap of P(σ ≤ t, j) from P(σ ≤ t) P(j) tends to 0",
                          ladder.well + 1);
    return h;
}

}
