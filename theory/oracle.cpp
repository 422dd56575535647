#include "theory/oracle.hpp"

#include "model/error.hpp"
#include "theory/refine.hpp"
#include "theory/resolvent.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::theory
{

using model::Model;

namespace
{

using Eigen::VectorXd;

/// What is solved for on a mesh.
struct Solution {
    double rate;               ///< 1/E σ from the start
    VectorXd visits;           ///< share of the time before the exit that X, begun at the start, spends at each node
    VectorXd to;               ///< P(X_σ in a place of label k)
    std::vector<double> error; ///< of each panel: how much the interpolation of u there may change the mean, relatively
    double algebraic;          ///< what the iterations left of the mean, relatively
    double lumped; ///< how often a path goes beyond the last state before it leaves, where there is no clamp
};

/// The labels of which the probabilities are solved for to learn their interpolation errors: the likeliest, and the sum
/// of the others.
std::vector<VectorXd> places_to_check(const Chain& chain, const VectorXd& to)
{
    constexpr std::size_t most = 3;
    std::vector<Eigen::Index> falling;
    for (Eigen::Index k = 0; k < to.size(); ++k)
        if (to[k] > 0) falling.push_back(k);
    if (falling.size() < 2) return {};
    std::sort(falling.begin(), falling.end(), [&](Eigen::Index a, Eigen::Index b) { return to[a] > to[b]; });
    std::vector<VectorXd> checked;
    for (std::size_t k = 0; k < falling.size(); ++k) {
        if (k < most)
            checked.emplace_back(chain.exit_to().col(falling[k]));
        else
            checked.back() += chain.exit_to().col(falling[k]);
    }
    return checked;
}

/// The mean to `rtol` by a mesh that is taken to be good for `resolved`.
Solution solve(const Chain& chain, double rtol, double resolved)
{
    Resolvent resolvent(chain);
    resolvent.set_tolerance(equation_tolerance(resolved));
    const auto h = resolvent.solve(chain.exit(), 0);
    const auto y = resolvent.solve_transposed(VectorXd::Zero(chain.size()), 1);
    Solution s;
    s.visits = y.values;
    const VectorXd rest = chain.exit() - chain.generate(h.values) - VectorXd::Constant(chain.size(), h.border);
    s.rate = h.border + s.visits.dot(rest); // what h leaves, seen from the start
    const double direct = s.visits.dot(chain.exit());
    s.to = chain.exit_to().transpose() * s.visits / direct;
    s.algebraic = std::abs(direct / s.rate - 1);
    s.lumped = s.visits.cwiseAbs().dot(chain.lumped()) / std::abs(s.rate);
    // an error of u on a panel matters as often as the process is there: at the start, and when it steps there
    const VectorXd arrivals = chain.at(chain.region().start) + chain.carry(s.visits) / s.rate;
    const auto covers = [&](const std::vector<double>& error) {
        for (std::size_t p = 0; p < error.size(); ++p) s.error[p] = std::max(s.error[p], error[p]);
    };
    s.error = interpolation_errors(chain.mesh(), h.values, arrivals);
    if (!(s.rate > 0 && sum(s.error) < 1)) return s;
    const Chain between = chain.rows_at(points_between(chain.mesh()));
    covers(hidden_errors(chain.mesh(), between, h.values,
                         between.exit() - VectorXd::Constant(between.exit().size(), h.border), arrivals));
    if (sum(s.error) < rtol)
        for (const VectorXd& to : places_to_check(chain, s.to)) {
            const auto w = resolvent.solve(to, 0);
            covers(interpolation_errors(chain.mesh(), w.values - h.values * (w.border / h.border), arrivals));
        }
    return s;
}

}

ExitMoments exit_moments(const Model& model, std::size_t well, double rtol)
{
    return exit_moments(model, field(model, well, margin_needed(model, well, rtol)), rtol);
}

ExitMoments passage_moments(const Model& model, std::size_t well, const std::vector<std::size_t>& targets, double rtol)
{
    return exit_moments(model, passage(model, well, targets, margin_needed(model, well, rtol)), rtol);
}

ExitMoments exit_moments(const Model& model, const Region& omega, double rtol)
{
    constexpr double safety = 2; // the errors of the panels are of the size of the true ones, no bounds
    const auto where = [&] {
        return fmt::format("exit time of well {} at clip {:.6g}, learning rate {:.6g}",
                           model.landscape.well_of(omega.start) + 1, model.b, model.eta);
    };
    const auto solved = [&](const Mesh& mesh, double resolved) {
        return solve(Chain(model, omega, mesh), rtol, resolved);
    };

    Mesh mesh = first_mesh(model, omega, panel_nodes);
    Solution rough = solved(mesh, 1e-2);
    for (double reached = std::numeric_limits<double>::infinity();;) {
        const double rough_error = sum(rough.error);
        const std::size_t before = mesh.size();
        const double next = std::min(0.4 * rtol / safety, 0.1 * rough_error);
        mesh.panel = split(mesh, rough.error, next);
        if (mesh.size() > most_nodes || mesh.size() == before)
            throw NotConverged(fmt::format("{}: relative error {:.1e} where {:.1e} was asked", where(), reached, rtol));
        Solution fine = solved(mesh, next);
        if (fine.lumped > 0.5 * rtol)
            throw NotConverged(
                fmt::format("{}: paths go beyond the states of the exact chain, which may change it by {:.1e}; widen "
                            "potential.domain or set potential.clamp = true",
                            where(), fine.lumped));
        // An estimate that was too small for the mesh before is taken to be so, as many times, for this one.
        const double change =
            std::max(std::abs(rough.rate / fine.rate - 1), (fine.to - rough.to).cwiseAbs().maxCoeff());
        const double error =
            fine.lumped + fine.algebraic + safety * sum(fine.error) * std::max(1.0, change / rough_error);
        rough = std::move(fine);
        if (!(rough.rate > 0 && rough.rate <= 1 && error < 1)) continue; // no mean exit time: nothing is resolved yet
        reached = error;
        if (error > rtol) continue;
        const VectorXd to = rough.to.cwiseMax(0).cwiseMin(1); // rounding goes beyond
        return {.mean = 1 / rough.rate,
                .to = {to.begin(), to.end()},
                .error = error,
                .to_error = error,
                .nodes = mesh.size(),
                .region = omega,
                .mesh = mesh};
    }
}

}
