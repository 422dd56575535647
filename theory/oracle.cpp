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

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double safety = 2; ///< the errors of the panels are of the size of the true ones, no bounds

/// What is solved for on a mesh.
struct Solution {
    Resolvent::Bordered h;     ///< 1 - u/u(start)
    Resolvent::Bordered y;     ///< share of the time before the exit that X, begun at the start, spends at each node
    double rate;               ///< 1/E σ from the start
    VectorXd to;               ///< P(X_σ in a place of label k)
    std::vector<double> error; ///< of each panel: how much the interpolation of u there may change the mean, relatively
    std::vector<double> hidden; ///< the part of it that the nodes do not show, or empty
    double algebraic;           ///< what the iterations left of the mean, relatively
    double lumped; ///< how often a path goes beyond the last state before it leaves, where there is no clamp
};

/// Sums of labels, as a column for each, of which the probabilities are solved for to learn their interpolation errors:
/// the likeliest label but one, and the others. The likeliest makes up the rest.
MatrixXd places_to_check(const VectorXd& to)
{
    constexpr Index most = 2;
    std::vector<Index> falling;
    for (Index k = 0; k < to.size(); ++k)
        if (to[k] > 0) falling.push_back(k);
    std::sort(falling.begin(), falling.end(), [&](Index a, Index b) { return to[a] > to[b]; });
    const Index others = std::max<Index>(std::ssize(falling) - 1, 0);
    MatrixXd sums = MatrixXd::Zero(to.size(), std::min(others, most));
    for (Index k = 0; k < others; ++k) sums(falling[static_cast<std::size_t>(k + 1)], std::min(k, most - 1)) = 1;
    return sums;
}

void cover(std::vector<double>& error, const std::vector<double>& other)
{
    for (std::size_t p = 0; p < error.size(); ++p) error[p] = std::max(error[p], other[p]);
}

/// Solves on a mesh that is taken to be good for `resolved`; h and y begin with what is given. The mean's error is the
/// product of those of h and y, so that a rough y tells it well enough, as long as the mesh is not good for `rtol`.
Solution solve(const Chain& chain, Resolvent& resolvent, double rtol, double resolved,
               const Resolvent::Bordered& guess_h, const Resolvent::Bordered& guess_y)
{
    resolvent.set_tolerance(equation_tolerance(resolved));
    Solution s;
    s.h = resolvent.solve(chain.exit(), 0, guess_h);
    const VectorXd& h = s.h.values;
    const VectorXd rest = chain.exit() - chain.generate(h) - VectorXd::Constant(chain.size(), s.h.border);
    const auto visits_to = [&](double tolerance, const Resolvent::Bordered& guess) {
        resolvent.set_tolerance(tolerance);
        s.y = resolvent.solve_transposed(VectorXd::Zero(chain.size()), 1, guess);
        const VectorXd& y = s.y.values;
        s.rate = s.h.border + y.dot(rest); // what h leaves, seen from the start
        const double direct = y.dot(chain.exit());
        s.to = chain.exit_to().transpose() * y / direct;
        s.algebraic = std::abs(direct / s.rate - 1);
        s.lumped = y.cwiseAbs().dot(chain.lumped()) / std::abs(s.rate);
    };
    visits_to(1e-3, guess_y);
    // an error of u on a panel matters as often as the process is there: at the start, and when it steps there
    const VectorXd arrivals = chain.at(chain.region().start) + chain.carry(s.y.values) / s.rate;
    s.error = interpolation_errors(chain.mesh(), h, arrivals);
    if (!(s.rate > 0 && sum(s.error) < 1)) return s;
    const Chain between = chain.rows_at(points_between(chain.mesh()));
    s.hidden.assign(s.error.size(), 0.0);
    const auto check = [&](const VectorXd& u, const VectorXd& c_between) { // u = P u + c
        const auto hidden = hidden_errors(chain.mesh(), between, u, c_between, arrivals);
        cover(s.error, interpolation_errors(chain.mesh(), u, arrivals));
        cover(s.error, hidden);
        cover(s.hidden, hidden);
    };
    const VectorXd one = VectorXd::Ones(between.exit().size());
    check(h, between.exit() - s.h.border * one);
    const bool good = safety * sum(s.error) < rtol;
    visits_to(good ? equation_tolerance(resolved) : std::min(0.1 * sum(s.error), 1e-3), s.y);
    if (!good) return s;

    resolvent.set_tolerance(0.1 * rtol);
    const MatrixXd sums = places_to_check(s.to);
    VectorXd others = VectorXd::Zero(chain.size()), others_between = VectorXd::Zero(one.size());
    for (Index k = 0; k < sums.cols(); ++k) {
        const auto w = resolvent.solve(chain.exit_to() * sums.col(k), 0, s.h); // as small as h, or smaller
        const double share = w.border / s.h.border;
        const VectorXd u = w.values - share * h;
        const VectorXd c = between.exit_to() * sums.col(k) - share * between.exit();
        check(u, c);
        others += u;
        others_between += c;
    }
    if (sums.cols() > 1) check(others, others_between); // but for the sign, of the likeliest
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
    const auto where = [&] {
        return fmt::format("exit time of well {} at {}", model.landscape.well_of(omega.start) + 1, cell_of(model));
    };

    Part factored = Part::diagonal;
    const auto solve_on = [&](const Mesh& mesh, double resolved, const Resolvent::Bordered& guess_h,
                              const Resolvent::Bordered& guess_y) {
        const Chain chain(model, omega, mesh);
        Resolvent resolvent(chain, 0, factored);
        Solution solution = solve(chain, resolvent, rtol, resolved, guess_h, guess_y);
        factored = resolvent.factored(); // what one mesh needs a finer one does
        return solution;
    };

    Mesh mesh = first_mesh(model, omega, panel_nodes);
    Solution rough = solve_on(mesh, 1e-2, {}, {});
    for (double reached = std::numeric_limits<double>::infinity();;) {
        const double rough_error = sum(rough.error);
        const std::size_t before = mesh.size();
        const double next = std::min(0.2 * rtol / safety, 0.1 * rough_error);
        const Mesh coarse = mesh;
        mesh.panel = split(mesh, rough.error, next, rough.hidden);
        if (mesh.size() > most_nodes || mesh.size() == before)
            throw NotConverged(fmt::format("{}: relative error {:.1e} where {:.1e} was asked", where(), reached, rtol));
        Solution fine = solve_on(mesh, next, {function_on(mesh, coarse, rough.h.values), rough.h.border},
                                 {measure_on(mesh, coarse, rough.y.values), rough.y.border});
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
