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

Hypothesis head(const Ladder& ladder, const char* kind, const char* quantity, const Extrapolated& value,
                double expected, double effect)
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
    if (std::isinf(value.error)) {
        h.estimate = h.lower = h.upper = std::nan("");
        h.reason = fmt::format("the {} has not settled into its law of approach: its last steps shrink like η^{:.2g}, "
                               "and η^{:.2g} is the law; a ladder that goes further down would tell",
                               quantity, value.order, value.leading);
        return h;
    }
    h.value = h.estimate = value.limit;
    h.lower = value.limit - value.error;
    h.upper = value.limit + value.error;
    h.detectable_effect = 2 * value.error / expected;
    h.verdict = verdict_of_ratio(h.lower / expected, h.upper / expected, effect);
    h.reason =
        h.verdict == Verdict::confirmed ? fmt::format("the interval is within {:g} % of the limit", 100 * effect)
        : h.verdict == Verdict::refuted
            ? "the interval excludes the limit"
            : fmt::format("the extrapolation is uncertain by {:.2g} %, and {:g} % is asked: a ladder that goes further "
                          "down would tell",
                          100 * value.error / expected, 100 * effect);
    return h;
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

Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha)
{
    constexpr std::size_t most = 6;     // powers, 0 among them
    constexpr double safety = 5;        // found by experiment, see the header
    constexpr double least_order = 0.6; // of the leading power, found by experiment
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
        const double gap = std::max(std::abs(limit - interpolated(eta, y, power.first(n - 1))),
                                    std::abs(limit - interpolated(eta, y, some, 1)));
        double carried = 0;
        const Eigen::VectorXd w = weights(eta.last(n), some);
        for (std::size_t k = 0; k < n; ++k) carried += std::abs(w[static_cast<Eigen::Index>(k)]) * error[m - n + k];
        if (const double e = safety * gap + carried; e < best.error) best = {limit, e, best.order, best.leading, n - 1};
    }
    if (best.order < least_order * best.leading) best.error = infinity;
    return best;
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
    constexpr double rtol = 1e-5;     // of the oracle; extrapolation makes it some ten to a hundred times larger
    constexpr double least = 0.9e-12; // η
    constexpr std::size_t fewest = 5;
    const theory::ExitConstants& q = prediction.exits[well];
    const std::size_t lead = likeliest(q);
    const bool adaptive = etas.empty();
    std::sort(etas.begin(), etas.end(), std::greater<>());

    if (!adaptive && etas.size() < 3) throw BadInput("a ladder of learning rates needs three rungs or more");

    Ladder ladder{prediction.clip, well, {}, {}, {}};
    std::vector<double> done, ratio, ratio_error, share, share_error;
    double next = top_rung(setting.landscape);
    for (std::size_t k = 0; adaptive ? next > least : k < etas.size(); ++k, next /= 10) {
        const double eta = adaptive ? next : etas[k];
        theory::ExactCell cell = theory::limit_cell(setting, prediction, eta, well);
        try {
            cell.exit = theory::exit_moments(setting.at(prediction.clip, eta), well, rtol);
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
        const double share_limit = q.to[lead] / q.total();
        const bool sharp = ladder.ratio.error < effect / 3 && ladder.share.error < effect / 3 * share_limit;
        if (adaptive && done.size() >= fewest && sharp) break;
    }
    return ladder;
}

Hypothesis exit_time_limit(const Ladder& ladder, double effect)
{
    Hypothesis h = head(ladder, "exit-time.limit", "ratio", ladder.ratio, 1, effect);
    h.claim =
        fmt::format("the mean exit time from well {} of the exact chain, times q λ(η), tends to 1", ladder.well + 1);
    return h;
}

Hypothesis exit_split_limit(const Ladder& ladder, const theory::ExitConstants& q, double effect)
{
    const std::size_t lead = likeliest(q);
    Hypothesis h = head(ladder, "exit-split.limit", "share", ladder.share, q.to[lead] / q.total(), effect);
    h.claim = fmt::format("the share of exits from well {} into well {} of the exact chain tends to q_{},{} / q_{}",
                          ladder.well + 1, lead + 1, ladder.well + 1, lead + 1, ladder.well + 1);
    return h;
}

}
