#include "theory/histogram.hpp"

#include "model/error.hpp"
#include "theory/resolvent.hpp"
#include "theory/well_law.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::VectorXd;
using model::Model;

namespace
{

/// The slowest rate at which X comes to rest in its field, a step: ηf'' at a minimum.
double relaxation(const Model& model)
{
    double slowest = 1;
    for (const double m : model.landscape.minima())
        slowest = std::min(slowest, model.eta * model.landscape.potential().curvature(m));
    return slowest;
}

VectorXd carried_mean(const Chain& chain, double start, std::uint64_t steps)
{
    constexpr double unstable = 20; // Σ|law|, which is about 1, or a few where interpolation still rings
    VectorXd law = chain.at(start), mean = VectorXd::Zero(chain.size());
    for (std::uint64_t t = 0; t < steps; ++t) {
        law -= chain.generate_transposed(law);
        mean += law / static_cast<double>(steps);
        if (!(law.cwiseAbs().sum() < unstable))
            throw NotConverged(
                fmt::format("the exact chain at {}: on this mesh it cannot be carried forward", chain.cell()));
    }
    return mean;
}

VectorXd vector_of(const std::vector<double>& list)
{
    return Eigen::Map<const VectorXd>(list.data(), static_cast<Index>(list.size()));
}

}

Occupation expected_histogram(const Model& model, const Stationary& pi, double start, std::uint64_t steps,
                              std::size_t bins, double tolerance)
{
    if (steps == 0) throw BadInput("the occupation of no step is not defined");
    constexpr double settled = 20;          // relaxation times, e^{-20} = 2e-9
    constexpr std::uint64_t carried = 2048; // steps: some seconds on a mesh of 10,000 nodes
    const double n = static_cast<double>(steps), slowest = relaxation(model);
    const std::string what = fmt::format("histogram of {} steps at {}", steps, cell_of(model));
    const auto& domain = model.landscape.domain();
    const double near = 0.25 * model.eta * model.diffusion.value(start) * model.noise->scale();
    const Mesh mesh = cut_at(pi.mesh, {start - near, start + near}); // where the first step is resolved
    const auto histogram = [&](const LawOn& law, double given) {
        return resolved_bins(model, pi.region, mesh, law, even_edges({domain.lo, domain.hi}, bins), given, tolerance,
                             what);
    };
    if (steps <= carried || n * slowest <= settled)
        return histogram([&](const Chain& chain) { return carried_mean(chain, start, steps); }, 0);

    const WellLaw wells(model, pi, start);
    const VectorXd end = vector_of(wells.at(steps + 1)), share = vector_of(wells.occupation(steps));
    double borders = 0; // on the last mesh
    const auto law = [&](const Chain& chain) {
        const Resolvent resolvent(chain, model.landscape.minima());
        VectorXd change = chain.at(start) / n;
        change -= chain.generate_transposed(change);
        change -= resolvent.solve_transposed(VectorXd::Zero(chain.size()), end).values / n; // Σ_k c_k Y_k
        const auto o = resolvent.solve_transposed(change, share);
        borders = o.border.cwiseAbs().sum();
        return o.values;
    };
    // what the model of the wells gets wrong of X before it has settled; what it drifts by, the borders see
    Occupation seen = histogram(law, wells.error() * settled / (slowest * n));
    seen.error += borders / slowest; // a path let in there is seen so long until it has settled
    if (seen.error > tolerance)
        throw NotConverged(fmt::format("{}: error {:.1e} where {:.1e} was asked", what, seen.error, tolerance));
    return seen;
}

}
