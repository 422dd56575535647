#include "validation/convergence.hpp"

#include "validation/exits.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>

namespace exeunt::validation
{

namespace
{

std::size_t likeliest(const theory::ExitConstants& q)
{
    return static_cast<std::size_t>(std::max_element(q.to.begin(), q.to.end()) - q.to.begin());
}

/// Weights w with Σ w_k y(η_k) = y_0 for every y = Σ_{p < n} y_p c^{power_p}, over the last n rungs.
Eigen::VectorXd weights(std::span<const double> eta, Eigen::Index n, double alpha)
{
    const double powers[] = {0, 1, alpha, 2};
    const auto rungs = eta.last(static_cast<std::size_t>(n));
    Eigen::MatrixXd a(n, n);
    for (Eigen::Index k = 0; k < n; ++k) {
        const double c = std::pow(rungs[static_cast<std::size_t>(k)], 1 - 1 / alpha);
        for (Eigen::Index p = 0; p < n; ++p) a(p, k) = std::pow(c, powers[p]);
    }
    return a.colPivHouseholderQr().solve(Eigen::VectorXd::Unit(n, 0));
}

Eigen::Map<const Eigen::VectorXd> last(std::span<const double> y, Eigen::Index n)
{
    return {y.last(static_cast<std::size_t>(n)).data(), n};
}

Hypothesis head(const Ladder& ladder, const char* kind, const Extrapolated& value, double expected, double effect)
{
    Hypothesis h;
    const std::string clip = std::isinf(ladder.clip) ? "inf" : fmt::format("{:g}", ladder.clip);
    h.id = fmt::format("{}/clip={}/well={}", kind, clip, ladder.well + 1);
    h.statistic =
        fmt::format("oracle at {} learning rates from {:g} to {:g}, extrapolated in powers of the fluctuation's size",
                    ladder.rungs.size(), ladder.rungs.front().learning_rate, ladder.rungs.back().learning_rate);
    h.clip = ladder.clip;
    h.learning_rate = std::nan("");
    h.well = ladder.well;
    h.samples = ladder.rungs.size();
    h.value = h.estimate = value.limit;
    h.lower = value.limit - value.error;
    h.upper = value.limit + value.error;
    h.expected = expected;
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

Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha)
{
    const Eigen::Index most = eta.size() >= 4 ? 4 : static_cast<Eigen::Index>(eta.size());
    const Eigen::VectorXd w = weights(eta, most, alpha);
    const double limit = w.dot(last(y, most));
    const double lower_order = weights(eta, most - 1, alpha).dot(last(y, most - 1));
    return {limit, std::abs(limit - lower_order) + w.cwiseAbs().dot(last(error, most))};
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
    constexpr double rtol = 1e-4; // of the oracle; extrapolation makes it some ten times larger
    constexpr std::size_t fewest = 4, most = 12;
    const theory::ExitConstants& q = prediction.exits[well];
    const std::size_t lead = likeliest(q);
    const bool adaptive = etas.empty();
    std::sort(etas.begin(), etas.end(), std::greater<>());

    if (!adaptive && etas.size() < 3) throw BadInput("a ladder of learning rates needs three rungs or more");

    Ladder ladder{prediction.clip, well, {}, {}, {}};
    std::vector<double> done, ratio, ratio_error, share, share_error;
    double next = top_rung(setting.landscape);
    for (std::size_t k = 0; adaptive ? k < most : k < etas.size(); ++k, next /= 10) {
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
    Hypothesis h = head(ladder, "exit-time.limit", ladder.ratio, 1, effect);
    h.claim =
        fmt::format("the mean exit time from well {} of the exact chain, times q λ(η), tends to 1", ladder.well + 1);
    return h;
}

Hypothesis exit_split_limit(const Ladder& ladder, const theory::ExitConstants& q, double effect)
{
    const std::size_t lead = likeliest(q);
    Hypothesis h = head(ladder, "exit-split.limit", ladder.share, q.to[lead] / q.total(), effect);
    h.claim = fmt::format("the share of exits from well {} into well {} of the exact chain tends to q_{},{} / q_{}",
                          ladder.well + 1, lead + 1, ladder.well + 1, lead + 1, ladder.well + 1);
    return h;
}

}
