#include "theory/oracle.hpp"

#include "model/error.hpp"
#include "theory/chain.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace exeunt::theory
{

using model::Model;

namespace
{

/// Solutions u on a mesh: column 0 the mean exit time, column 1 + j the probability of leaving into Ω_j.
struct Solution {
    Eigen::MatrixXd w;           ///< u - c, kept apart: near m_i it is smaller than c by orders, and so is its rounding
    Eigen::VectorXd at_minimum;  ///< u(m): the mean, then the probabilities
    Eigen::VectorXd sensitivity; ///< change of the mean, in u(m), per unit of residual in row i: the visits to x_i
    double lumped; ///< how often a path goes beyond the last state before it leaves, where there is no clamp
};

/// The bordered system, its unknowns w_j - one of them, w at `pinned`, is 0 and lends its column to c.
Solution solve(const Chain& chain)
{
    const Eigen::Index n = chain.exit().size();
    Eigen::Index pinned = 0;
    chain.at_minimum().cwiseAbs().maxCoeff(&pinned);

    Eigen::MatrixXd a = -chain.matrix();
    Eigen::MatrixXd rhs(n, 1 + chain.exit_to().cols());
    rhs << Eigen::VectorXd::Ones(n), chain.exit_to();
    for (Eigen::Index i = 0; i < n; ++i) {
        a(i, i) = 0;
        a(i, i) = chain.exit()[i] - a.row(i).sum();
    }
    a.col(pinned) = chain.exit();
    const Eigen::VectorXd scale = a.cwiseAbs().rowwise().maxCoeff().cwiseInverse();
    a = scale.asDiagonal() * a;
    rhs = scale.asDiagonal() * rhs;

    const Eigen::PartialPivLU<Eigen::Ref<Eigen::MatrixXd>> lu(a);
    Solution s{lu.solve(rhs), {}, lu.transpose().solve(Eigen::VectorXd::Unit(n, pinned)), 0};
    s.sensitivity.array() *= scale.array();
    s.lumped = s.sensitivity.cwiseAbs().dot(chain.lumped());
    const Eigen::VectorXd c = s.w.row(pinned).transpose();
    s.w.row(pinned).setZero();
    s.at_minimum = c + (chain.at_minimum() * s.w).transpose();
    return s;
}

/// How much the interpolation error of u on each panel may change the mean, relative to it, or a probability: error of
/// u on the panel, times how often the process steps there.
std::vector<double> panel_errors(const Chain& chain, const Solution& s)
{
    const GaussRule& rule = gauss_rule(chain.mesh().nodes);
    const auto n = static_cast<Eigen::Index>(chain.mesh().nodes);
    const Eigen::VectorXd visits = s.sensitivity.cwiseAbs();
    const Eigen::VectorXd arrivals =
        chain.matrix().cwiseAbs().transpose() * visits - chain.matrix().diagonal().cwiseAbs().cwiseProduct(visits);
    std::vector<double> error(chain.mesh().panels(), 0.0), value(static_cast<std::size_t>(n));
    for (std::size_t p = 0; p < error.size(); ++p) {
        const auto first = static_cast<Eigen::Index>(p) * n;
        for (Eigen::Index k = 0; k < s.w.cols(); ++k) {
            Eigen::Map<Eigen::VectorXd>(value.data(), n) = s.w.col(k).segment(first, n);
            error[p] = std::max(error[p], legendre_tail(rule, value) / (k == 0 ? std::abs(s.at_minimum[0]) : 1.0));
        }
        error[p] *= arrivals.segment(first, n).sum();
    }
    return error;
}

/// Bisects the panels of largest error; the errors of the others add up to at most `rest`.
std::vector<double> bisect(const std::vector<double>& cut, const std::vector<double>& error, double rest)
{
    std::vector<std::size_t> rising(error.size());
    std::iota(rising.begin(), rising.end(), std::size_t{0});
    std::sort(rising.begin(), rising.end(), [&](std::size_t a, std::size_t b) { return error[a] < error[b]; });
    std::vector<bool> stays(error.size(), false);
    for (const std::size_t p : rising) {
        rest -= error[p];
        if (rest < 0) break;
        stays[p] = true;
    }
    std::vector<double> finer{cut.front()};
    for (std::size_t p = 0; p < error.size(); ++p) {
        if (!stays[p]) finer.push_back(0.5 * (cut[p] + cut[p + 1]));
        finer.push_back(cut[p + 1]);
    }
    return finer;
}

double sum(const std::vector<double>& error) { return std::accumulate(error.begin(), error.end(), 0.0); }

constexpr int coarse_order = 12, fine_order = 16; // nodes a panel: to refine with, to answer with
constexpr std::size_t most_nodes = 6144;          // 300 MiB a matrix, three of them

/// How far beyond the domain, in widths of it, there are states where there is no clamp: unclipped jumps beyond them
/// must be rarer than exits by far, unless f' ends before.
double margin(const Model& model, std::size_t well, double rtol)
{
    const auto& f = model.landscape;
    const auto& domain = f.domain();
    const double width = domain.hi - domain.lo;
    double beyond = 0.5;
    if (domain.clamp || std::isfinite(model.b)) return beyond;
    const double exits = model.noise.tail(f.radius(well) / model.eta);
    const auto finite = [&](double m) {
        return std::isfinite(f.potential().gradient(domain.lo - m * width)) &&
               std::isfinite(f.potential().gradient(domain.hi + m * width));
    };
    while (model.noise.tail(beyond * width / model.eta) > 0.1 * rtol * exits && finite(2 * beyond)) beyond *= 2;
    return beyond;
}

Solution solve_on(const Model& model, std::size_t well, const Mesh& mesh, std::vector<double>& error)
{
    const Chain chain(model, well, mesh);
    Solution s = solve(chain);
    error = panel_errors(chain, s);
    return s;
}

}

ExitMoments exit_moments(const Model& model, std::size_t well, double rtol)
{
    const Interval omega = states(model, well, margin(model, well, rtol));
    Mesh mesh = first_mesh(model, well, omega, coarse_order);
    // Where T stretches many-fold at the minimum, X is chaotic and panels hide structure from the estimate: it was seen
    // to be up to six times too small at |T'| = 30 to 90. A safety factor found by experiment.
    const double curvature = model.landscape.potential().curvature(model.landscape.minima()[well]);
    const double safety = std::max(1.0, std::abs(1 - model.eta * curvature) / 5);
    std::vector<double> error;
    double reached = std::numeric_limits<double>::infinity();
    double coarse_rtol = 100 * rtol; // where u is smooth the higher order is better by that and more
    for (;;) {
        Solution coarse = solve_on(model, well, mesh, error);
        while (sum(error) > coarse_rtol) {
            mesh.cut = bisect(mesh.cut, error, 0.5 * coarse_rtol);
            if (mesh.size() * fine_order / coarse_order > most_nodes)
                throw NotConverged(
                    fmt::format("exit time of well {} at clip {:.6g}, learning rate {:.6g}: relative error "
                                "{:.1e} where {:.1e} was asked",
                                well + 1, model.b, model.eta, std::min(reached, sum(error)), rtol));
            coarse = solve_on(model, well, mesh, error);
        }
        const double coarse_error = sum(error);
        const Mesh finer{mesh.cut, fine_order};
        const Solution fine = solve_on(model, well, finer, error);
        const double gain = std::min(1.0, sum(error) / coarse_error);
        if (fine.lumped > 0.5 * rtol)
            throw NotConverged(
                fmt::format("exit time of well {} at clip {:.6g}, learning rate {:.6g}: paths go beyond the "
                            "states of the exact chain, which may change it by {:.1e}; widen "
                            "potential.domain or set potential.clamp = true",
                            well + 1, model.b, model.eta, fine.lumped));
        if (!(coarse.at_minimum[0] >= 1 && fine.at_minimum[0] >= 1)) { // no mean exit time: nothing is resolved yet
            coarse_rtol = 0.1 * coarse_error;
            continue;
        }
        const double trust = std::min(1.0, 10 * gain); // of the change, a part; all of it where u is hardly resolved
        const Eigen::VectorXd change = (fine.at_minimum - coarse.at_minimum).cwiseAbs();
        const auto places = fine.at_minimum.size() - 1;
        const Eigen::VectorXd to = fine.at_minimum.tail(places).cwiseMax(0).cwiseMin(1); // rounding goes beyond
        ExitMoments result{.mean = fine.at_minimum[0],
                           .to = {to.begin(), to.end()},
                           .error = fine.lumped + safety * std::max(sum(error), trust * change[0] / fine.at_minimum[0]),
                           .to_error =
                               fine.lumped + safety * std::max(sum(error), trust * change.tail(places).maxCoeff()),
                           .nodes = finer.size(),
                           .cut = finer.cut};
        reached = std::max(result.error, result.to_error);
        if (reached <= rtol) return result;
        coarse_rtol = std::min(0.5 * coarse_error, 0.7 * rtol / (gain * safety));
    }
}

ExitLaw::ExitLaw(const Model& model, std::size_t well, const ExitMoments& moments)
{
    const Chain chain(model, well, {moments.cut, fine_order});
    if (carry_forward(chain)) {
        const double gap = std::abs(mean() / moments.mean - 1);
        if (gap <= 2 * moments.error + 1e-6) return;
    }
    geometric_ = true;
    hazard_ = {1 / moments.mean};
    log_survival_ = {0.0, std::log1p(-hazard_[0])};
}

bool ExitLaw::carry_forward(const Chain& chain)
{
    constexpr std::size_t window = 64;
    constexpr double settled = 1e-7;   // of the hazard, relative to it
    constexpr double gone = -700;      // log of a probability that no number of replicas can see
    constexpr double unstable = 100;   // Σ|μ|, which is about 1, or a few where interpolation still rings
    constexpr double most_work = 1e10; // multiplications
    const double size = static_cast<double>(chain.size());
    const auto longest = static_cast<std::size_t>(most_work / (size * size));

    Eigen::MatrixXd step =
        chain.matrix(); // with the mass that the linear system gives to staying, the same but for rounding
    for (Eigen::Index i = 0; i < step.rows(); ++i) step(i, i) += 1 - chain.exit()[i] - step.row(i).sum();
    Eigen::RowVectorXd mu = chain.at_minimum();
    log_survival_.push_back(0.0);
    const auto range = [&] { // of the last hazards, relative to them
        const auto [low, high] = std::minmax_element(hazard_.end() - window, hazard_.end());
        return (*high - *low) / *high;
    };
    while (log_survival_.back() > gone && (hazard_.size() < window || !(range() < settled))) {
        const double h = std::clamp(mu.dot(chain.exit()), 0.0, 1.0);
        hazard_.push_back(h);
        log_survival_.push_back(log_survival_.back() + std::log1p(-h));
        mu *= step;
        mu /= mu.sum();
        if (hazard_.size() == longest || !(mu.cwiseAbs().sum() < unstable)) return false;
    }
    return true;
}

double ExitLaw::log_survival(std::uint64_t j) const
{
    const std::uint64_t last = hazard_.size();
    if (j <= last) return log_survival_[j];
    return log_survival_.back() + static_cast<double>(j - last) * std::log1p(-hazard_.back());
}

double ExitLaw::hazard(std::uint64_t j) const
{
    return j == 0 ? 0 : hazard_[std::min<std::uint64_t>(j, hazard_.size()) - 1];
}

double ExitLaw::mean() const
{
    double total = 0; // the geometric rest, then smallest terms first
    total += std::exp(log_survival_.back()) / hazard_.back();
    for (auto s = log_survival_.rbegin() + 1; s != log_survival_.rend(); ++s) total += std::exp(*s);
    return total;
}

}
