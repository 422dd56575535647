#include "validation/convergence.hpp"

#include "theory/work.hpp"
#include "validation/limit_claim.hpp"

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

Rungs rungs_of(const Ladder& ladder)
{
    return {ladder.clip,
            ladder.well,
            ladder.rungs.size(),
            ladder.rungs.front().learning_rate,
            ladder.rungs.back().learning_rate,
            ladder.tail_excess};
}

std::string limit_claim(const Ladder& ladder)
{
    return fmt::format("the mean exit time from well {} of the exact chain, times q λ(η), tends to 1", ladder.well + 1);
}

std::size_t likeliest(const theory::ExitConstants& q)
{
    return static_cast<std::size_t>(std::max_element(q.to.begin(), q.to.end()) - q.to.begin());
}

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
    if (slopes.size() < 3) return unknown_limit();
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

/// In place of all claims of a ladder that is too short for any.
Hypothesis not_reached(const Ladder& ladder)
{
    Hypothesis h;
    h.id = fmt::format("exit-time.limit/clip={:g}/well={}", ladder.clip, ladder.well + 1);
    h.claim = limit_claim(ladder);
    h.statistic = "none: the budget ended first";
    h.clip = ladder.clip;
    h.learning_rate = std::nan("");
    h.well = ladder.well;
    h.samples = ladder.rungs.size();
    h.expected = 1;
    h.estimate = h.lower = h.upper = std::nan("");
    h.reason = ladder.cut + ": allow more, or let exact --ladder take its time";
    return h;
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
    if (etas.size() < 3) return unknown_limit();
    Extrapolated limit = extrapolate(etas, values, errors, alpha);
    if (!settled_tail(ladder.tail_excess)) limit.error = infinity;
    return limit;
}

/// sup_t |e^{-t/r} - e^{-t}|: the distance of exponential laws whose means have the ratio r.
double exponential_gap(double r)
{
    if (r == 1) return 0;
    return r <= 0 ? 1 : std::abs(1 - 1 / r) * std::pow(r, -1 / (r - 1));
}

/// Between what the gap can be at most and at least, from the ratio and the shape: |gap - exponential_gap| ≤ shape.
Extrapolated law_gap(const Extrapolated& ratio, const Extrapolated& shape)
{
    if (std::isinf(ratio.error) || std::isinf(shape.error)) return std::isinf(ratio.error) ? ratio : shape;
    const double low = ratio.limit - ratio.error, high = ratio.limit + ratio.error;
    const double off = std::abs(shape.limit) + shape.error;
    const double most = std::max(exponential_gap(low), exponential_gap(high)) + off;
    const bool apart = low > 1 || high < 1;
    const double least = apart ? std::min(exponential_gap(low), exponential_gap(high)) - off : -most;
    Extrapolated gap = ratio;
    gap.limit = (most + least) / 2;
    gap.error = (most - least) / 2;
    return gap;
}

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
        } catch (const theory::TooDear&) {
            ladder.cut = fmt::format("learning rates from {:g} down not reached within the budget", eta);
            break;
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

void add_laws(Ladder& ladder, const theory::Setting& setting, double effect)
{
    const double alpha = setting.noise->tail_index();
    ladder.gaps.clear();
    Extrapolated shape = unknown_limit();
    for (const theory::ExactCell& rung : ladder.rungs) {
        try {
            const theory::ExitLaw law(setting.at(rung.clip, rung.learning_rate), rung.well, rung.exit);
            ladder.gaps.push_back(limit_gaps(law, rung));
        } catch (const theory::TooDear&) {
            const auto also = ladder.cut.empty() ? "" : ladder.cut + "; ";
            ladder.cut = fmt::format("{}whole laws of the exit from {:g} down not reached within the budget", also,
                                     rung.learning_rate);
            break;
        }
        shape = gap_of(ladder, &LimitGaps::shape, alpha);
        ladder.place_gap = gap_of(ladder, &LimitGaps::place, alpha);
        if (std::max(shape.error, ladder.place_gap.error) < effect / 10) break;
    }
    ladder.time_gap = law_gap(ladder.ratio, shape);
}

std::vector<Hypothesis> limits(const Ladder& ladder, const theory::Prediction& prediction, double effect)
{
    if (ladder.rungs.size() < 3) return {not_reached(ladder)};
    std::vector<Hypothesis> found{exit_time_limit(ladder, effect),
                                  exit_split_limit(ladder, prediction.exits[ladder.well], effect)};
    if (ladder.rungs.size() > 3) found.push_back(exit_time_slope(ladder, effect)); // three slopes
    if (ladder.gaps.empty()) return found;
    found.push_back(exit_law_limit(ladder, effect));
    found.push_back(exit_independence_limit(ladder, effect));
    return found;
}

Hypothesis exit_time_limit(const Ladder& ladder, double effect)
{
    Hypothesis h = tends_to(rungs_of(ladder), "exit-time.limit", "ratio", ladder.ratio, 1, effect);
    h.claim = limit_claim(ladder);
    return h;
}

Hypothesis exit_split_limit(const Ladder& ladder, const theory::ExitConstants& q, double effect)
{
    const std::size_t lead = likeliest(q);
    Hypothesis h =
        tends_to(rungs_of(ladder), "exit-split.limit", "share", ladder.share, q.to[lead] / q.total(), effect);
    h.claim = fmt::format("the share of exits from well {} into well {} of the exact chain tends to q_{},{} / q_{}",
                          ladder.well + 1, lead + 1, ladder.well + 1, lead + 1, ladder.well + 1);
    return h;
}

Hypothesis exit_time_slope(const Ladder& ladder, double effect)
{
    const char* const quantity = std::isinf(ladder.ratio.error) ? "ratio" : "slope";
    Hypothesis h = tends_to(rungs_of(ladder), "exit-time.slope", quantity, ladder.slope, 1, effect);
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
    Hypothesis h = vanishes(rungs_of(ladder), "exit-time.law-limit", "gap", ladder.time_gap, effect);
    h.claim = fmt::format("the law of the exit time from well {} of the exact chain, times q λ(η), tends to Exp(1): "
                          "the largest gap of its survival function tends to 0",
                          ladder.well + 1);
    return h;
}

Hypothesis exit_independence_limit(const Ladder& ladder, double effect)
{
    Hypothesis h = vanishes(rungs_of(ladder), "exit-split.independence", "gap", ladder.place_gap, effect);
    h.claim = fmt::format("time and place of the exit from well {} of the exact chain become independent: the largest "
                          "gap of P(σ ≤ t, j) from P(σ ≤ t) P(j) tends to 0",
                          ladder.well + 1);
    return h;
}

}
