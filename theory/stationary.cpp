#include "theory/stationary.hpp"

#include "model/error.hpp"
#include "theory/line.hpp"
#include "theory/refine.hpp"
#include "theory/resolvent.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::VectorXd;
using model::Model;

namespace
{

struct Solution {
    Wells wells;
    std::vector<double> error;  ///< of each panel: how much the interpolation there may change a flow, relatively
    std::vector<double> hidden; ///< the part of it that the nodes do not show
    double lumped;              ///< steps beyond the last state for each change of wells, where there is no clamp
};

/// Σ_{j≠k} G_j at node i.
double others(const Eigen::MatrixXd& settles, Index i, std::size_t k)
{
    double total = 0;
    for (Index j = 0; j < settles.cols(); ++j)
        if (j != static_cast<Index>(k)) total += settles(i, j);
    return total;
}

/// An error of G_k on a panel changes what flows into well k by as much as X is there. In Ω_k 1 - G_k, the sum of the
/// others, keeps its digits where G_k has lost them.
std::vector<double> interpolation_errors(const Chain& chain, const Wells& w)
{
    const Mesh& mesh = chain.mesh();
    std::vector<double> error(mesh.panels(), 0.0);
    for (std::size_t k = 0; k < w.share.size(); ++k) {
        const Interval& own = chain.region().states[k];
        VectorXd relative = w.settles.col(static_cast<Index>(k)) / w.flow(k);
        for (Index i = 0; i < relative.size(); ++i) {
            const double x = chain.states()[static_cast<std::size_t>(i)];
            if (own.lo < x && x < own.hi) relative[i] = others(w.settles, i, k) / w.flow(k);
        }
        const auto of_well = interpolation_errors(mesh, relative, w.measure);
        for (std::size_t p = 0; p < error.size(); ++p) error[p] = std::max(error[p], of_well[p]);
    }
    return error;
}

/// By a mesh that is taken to be good for `resolved`.
Solution solve(const Model& model, const Region& region, const Mesh& mesh, double resolved, const Wells& guess)
{
    const Chain chain(model, region, mesh);
    Solution s{wells(model, chain, equation_tolerance(resolved), guess), {}, {}, 0};
    s.error = interpolation_errors(chain, s.wells);
    s.hidden.assign(s.error.size(), 0.0);
    const Chain between = chain.rows_at(points_between(mesh));
    double flow = 0;
    for (std::size_t k = 0; k < s.wells.share.size(); ++k) {
        cover(s.hidden, hidden_errors(chain, between, s.wells, k, 1 / s.wells.flow(k)));
        flow += s.wells.flow(k);
    }
    cover(s.error, s.hidden);
    s.lumped = s.wells.measure.cwiseAbs().dot(chain.lumped()) / flow;
    return s;
}

/// Largest relative difference of the shares.
double difference(const std::vector<double>& share, const std::vector<double>& finer)
{
    double most = 0;
    for (std::size_t i = 0; i < share.size(); ++i) most = std::max(most, std::abs(share[i] / finer[i] - 1));
    return most;
}

}

Stationary stationary(const Model& model, double rtol)
{
    double margin = 0, safety = 1;
    for (std::size_t i = 0; i < model.landscape.wells(); ++i) {
        margin = std::max(margin, margin_needed(model, i, rtol));
        const double curvature = model.landscape.potential().curvature(model.landscape.minima()[i]);
        safety = std::max(safety, std::abs(1 - model.eta * curvature) / 5); // as in exit_moments
    }
    const Region region = line(model, margin);
    const auto where = [&] {
        return fmt::format("stationary law at clip {:.6g}, learning rate {:.6g}", model.b, model.eta);
    };
    Mesh mesh = first_mesh(model, region, panel_nodes);
    Solution rough = solve(model, region, mesh, 1, {});
    for (double reached = std::numeric_limits<double>::infinity();;) {
        const double rough_error = sum(rough.error);
        const std::size_t before = mesh.size();
        const double next = std::min(0.4 * rtol / safety, 0.1 * rough_error);
        const Mesh coarse = mesh;
        mesh.panel = split(mesh, rough.error, next, rough.hidden);
        if (mesh.size() > most_nodes || mesh.size() == before)
            throw NotConverged(fmt::format("{}: relative error {:.1e} where {:.1e} was asked", where(), reached, rtol));
        Solution fine = solve(model, region, mesh, next, wells_on(mesh, coarse, rough.wells));
        if (fine.lumped > 0.5 * rtol)
            throw NotConverged(
                fmt::format("{}: paths go beyond the states of the exact chain, which may change it by {:.1e}; widen "
                            "potential.domain or set potential.clamp = true",
                            where(), fine.lumped));
        // An estimate that was too small for the mesh before is taken to be so, as many times, for this one.
        const double change = difference(rough.wells.share, fine.wells.share);
        const double error =
            fine.lumped + fine.wells.algebraic + safety * sum(fine.error) * std::max(1.0, change / rough_error);
        rough = std::move(fine);
        reached = error;
        if (!(error <= rtol)) continue;
        return {.share = rough.wells.share,
                .error = error,
                .rate = rough.wells.rate,
                .settles = std::move(rough.wells.settles),
                .law = std::move(rough.wells.law),
                .nodes = mesh.size(),
                .region = region,
                .mesh = mesh};
    }
}

Occupation occupation(const Model& model, const Stationary& pi, std::size_t bins, double tolerance)
{
    const auto& domain = model.landscape.domain();
    const VectorXd shares = Eigen::Map<const VectorXd>(pi.share.data(), static_cast<Index>(pi.share.size()));
    const auto law = [&](const Chain& chain) { // the shares being known
        const Resolvent resolvent(chain, model.landscape.minima());
        return resolvent.solve_transposed(VectorXd::Zero(chain.size()), shares).values;
    };
    return resolved_bins(model, pi.region, pi.mesh, law, even_edges({domain.lo, domain.hi}, bins), pi.error, tolerance,
                         fmt::format("occupation at clip {:.6g}, learning rate {:.6g}", model.b, model.eta));
}

}
