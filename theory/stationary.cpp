#include "theory/stationary.hpp"

#include "model/error.hpp"
#include "theory/line.hpp"
#include "theory/resolvent.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string>
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

/// Of each panel, the field that holds it.
std::vector<std::size_t> fields_of(const Mesh& mesh, const std::vector<Interval>& fields)
{
    std::vector<std::size_t> of;
    std::size_t j = 0;
    for (const Interval& panel : mesh.panel) {
        while (panel.lo >= fields[j].hi) ++j;
        of.push_back(j);
    }
    return of;
}

/// An error of G_k on a panel changes what flows into well k by as much as X is there. In Ω_k it is that of 1 - G_k,
/// the sum of the others, which keeps its digits where G_k has lost them.
void find_errors(const Chain& chain, Solution& s)
{
    const Mesh& mesh = chain.mesh();
    const Wells& w = s.wells;
    const auto wells = static_cast<Index>(w.share.size());
    const std::vector<std::size_t> field = fields_of(mesh, chain.region().states);
    const Chain between = chain.rows_at(points_between(mesh));
    const auto per_panel = static_cast<std::size_t>(between.size()) / mesh.panels();
    s.error.assign(mesh.panels(), 0.0);
    s.hidden.assign(mesh.panels(), 0.0);
    for (std::size_t k = 0; k < w.share.size(); ++k)
        for (const bool own : {false, true}) {
            const VectorXd one = VectorXd::Unit(wells, static_cast<Index>(k));
            const VectorXd sum = (own ? VectorXd(VectorXd::Ones(wells) - one) : one) / w.flow(k);
            const VectorXd u = w.settles * sum, border = w.settles_border * sum;
            VectorXd c(between.size()); // u = P u + c
            for (Index i = 0; i < c.size(); ++i)
                c[i] = -border[static_cast<Index>(field[static_cast<std::size_t>(i) / per_panel])];
            const auto seen = interpolation_errors(mesh, u, w.measure);
            const auto hidden = hidden_errors(mesh, between, u, c, w.measure);
            for (std::size_t p = 0; p < field.size(); ++p) {
                if ((field[p] == k) != own) continue;
                s.error[p] = std::max({s.error[p], seen[p], hidden[p]});
                s.hidden[p] = std::max(s.hidden[p], hidden[p]);
            }
        }
}

/// What the wells of a coarser mesh tell of those on `mesh`.
Wells guess_on(const Mesh& mesh, const Mesh& coarse, const Wells& w)
{
    Wells guess = {};
    guess.settles.resize(static_cast<Index>(mesh.size()), w.settles.cols());
    guess.law.resize(static_cast<Index>(mesh.size()), w.law.cols());
    for (Index k = 0; k < w.settles.cols(); ++k) {
        guess.settles.col(k) = function_on(mesh, coarse, w.settles.col(k));
        guess.law.col(k) = measure_on(mesh, coarse, w.law.col(k));
    }
    guess.settles_border = w.settles_border;
    guess.law_border = w.law_border;
    guess.factored = w.factored;
    return guess;
}

/// By a mesh that is taken to be good for `resolved`.
Solution solve(const Model& model, const Region& region, const Mesh& mesh, double resolved, const Wells& guess)
{
    const Chain chain(model, region, mesh);
    Solution s{wells(model, chain, equation_tolerance(resolved), guess), {}, {}, 0};
    find_errors(chain, s);
    double flow = 0;
    for (std::size_t k = 0; k < s.wells.share.size(); ++k) flow += s.wells.flow(k);
    s.lumped = s.wells.measure.cwiseAbs().dot(chain.lumped()) / flow;
    return s;
}

/// Whether steps of the gradient alone, x → x - ηf'(x), lead from x ever further off.
bool runs_off(const Model& model, double x)
{
    constexpr int most_steps = 2000; // to get that far if each step but adds a 28th
    const double far = 1e30 * (model.landscape.domain().hi - model.landscape.domain().lo);
    for (int k = 0; k < most_steps && std::abs(x) < far; ++k) x -= model.eta * model.landscape.potential().gradient(x);
    return std::abs(x) >= far;
}

/// Between an end of the domain and that of the states: from where on X runs off; nothing if not even from there.
std::optional<double> point_of_no_return(const Model& model, double end, double last)
{
    constexpr double finer = 1.002, nearest = 1e-6;
    std::optional<double> found;
    for (double share = 1; share > nearest; share /= finer) {
        const double x = end + share * (last - end);
        if (!runs_off(model, x)) break;
        found = x;
    }
    return found;
}

/// NotConverged where unclipped jumps take X, not too seldom for `rtol`, to where it would not return from: a heavy
/// tail does so again and again, whatever η, and then X has no stationary law.
void require_return(const Model& model, const Region& line, double rtol, const std::string& what)
{
    const auto& f = model.landscape;
    if (f.domain().clamp || std::isfinite(model.b) || !model.noise->heavy_tailed()) return;
    const auto left = point_of_no_return(model, f.domain().lo, line.lo());
    const auto right = point_of_no_return(model, f.domain().hi, line.hi());
    for (std::size_t i = 0; i < f.wells(); ++i) {
        const double m = f.minima()[i], often = 0.1 * rtol * model.noise.tail(f.radius(i) / model.eta);
        const bool off_left = left && model.noise->lower_tail((*left - m) / model.eta) > often;
        const bool off_right = right && model.noise->upper_tail((*right - m) / model.eta) > often;
        if (off_left || off_right)
            throw NotConverged(fmt::format(
                "{}: there is none: {} x = {:.3g} steps x - learning_rate f'(x) lead ever further off, and unclipped "
                "jumps lead there; set potential.clamp = true or dynamics.clip to a number",
                what, off_right ? "above" : "below", off_right ? *right : *left));
    }
}

/// What to do where the errors are large beyond the domain; nothing where they are not.
std::string advice(const Model& model, const Mesh& mesh, const std::vector<double>& error)
{
    const auto& domain = model.landscape.domain();
    double beyond = 0, steepest = 0, at = 0;
    for (std::size_t p = 0; p < error.size(); ++p) {
        const auto [lo, hi] = mesh.panel[p];
        if (lo < domain.hi && hi > domain.lo) continue;
        beyond += error[p];
        const double x = 0.5 * (lo + hi), curvature = std::abs(model.landscape.potential().curvature(x));
        if (curvature < steepest) continue; // at a pole it may be no number
        steepest = curvature;
        at = x;
    }
    if (!(beyond > 0.5 * sum(error))) return "";
    return fmt::format("; most of it from beyond the domain, where |f''| is up to {:.0e}, at x = {:.4g}: set "
                       "potential.clamp = true",
                       steepest, at);
}

/// Largest relative difference of the shares.
double difference(const std::vector<double>& share, const std::vector<double>& finer)
{
    double most = 0;
    for (std::size_t i = 0; i < share.size(); ++i) most = std::max(most, std::abs(share[i] / finer[i] - 1));
    return most;
}

}

Stationary stationary(const Model& model, double rtol, std::size_t nodes)
{
    double margin = 0, safety = 1;
    for (std::size_t i = 0; i < model.landscape.wells(); ++i) {
        margin = std::max(margin, margin_needed(model, i, rtol));
        const double curvature = model.landscape.potential().curvature(model.landscape.minima()[i]);
        safety = std::max(safety, std::abs(1 - model.eta * curvature) / 5); // as in exit_moments
    }
    const Region region = line(model, margin);
    const std::string what = "stationary law at " + cell_of(model);
    require_return(model, region, rtol, what);
    Mesh mesh = first_mesh(model, region, panel_nodes);
    Solution rough = solve(model, region, mesh, 1, {});
    for (double reached = std::numeric_limits<double>::infinity();;) {
        const double rough_error = sum(rough.error);
        const std::size_t before = mesh.size();
        const double next = std::min(0.4 * rtol / safety, 0.1 * rough_error);
        const Mesh coarse = mesh;
        mesh.panel = split(mesh, rough.error, next, rough.hidden);
        if (mesh.size() > nodes || mesh.size() == before)
            throw NotConverged(fmt::format("{}: relative error {:.1e} where {:.1e} was asked{}", what, reached, rtol,
                                           advice(model, coarse, rough.error)));
        Solution fine = solve(model, region, mesh, next, guess_on(mesh, coarse, rough.wells));
        if (fine.lumped > 0.5 * rtol)
            throw NotConverged(
                fmt::format("{}: paths go beyond the states of the exact chain, which may change it by {:.1e}; widen "
                            "potential.domain or set potential.clamp = true",
                            what, fine.lumped));
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
                         "occupation at " + cell_of(model));
}

}
