#include "theory/quasi_stationary.hpp"

#include "model/error.hpp"
#include "theory/resolvent.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::theory
{

using Eigen::VectorXd;
using model::Model;

QuasiStationaryLaw quasi_stationary(const Chain& chain, double guess)
{
    constexpr int most_steps = 30;
    constexpr double settled = 1e-7;  // of ρ, relative: the last step squares that
    constexpr double negative = 1e-6; // of h, that interpolation may leave
    const VectorXd zero = VectorXd::Zero(chain.size());
    double mu = guess;
    for (int step = 0; step < most_steps; ++step) {
        const Resolvent resolvent(chain, -mu);
        const VectorXd y = resolvent.solve_transposed(zero, 1).values;
        const VectorXd h = resolvent.solve(zero, 1).values;
        const double leaves = y.dot(chain.exit());
        const double next = mu + (leaves - mu) / y.dot(h);
        if (!(next > 0 && next <= 1)) break;
        if (std::abs(next - mu) <= settled * next) {
            if (!(h.minCoeff() >= -negative * h.maxCoeff())) break; // Perron: of the least eigenvalue alone h ≥ 0
            return {.rate = next, .law = y};
        }
        mu = next;
    }
    throw NotConverged(
        fmt::format("the exact chain at {}: no quasi-stationary law was found on this mesh", chain.cell()));
}

QuasiStationary quasi_stationary(const Model& model, const ExitMoments& moments, std::size_t bins, double tolerance)
{
    const Region& omega = moments.region;
    const auto& domain = model.landscape.domain();
    double rate = 0; // on the last mesh
    const auto law = [&](const Chain& chain) {
        QuasiStationaryLaw found = quasi_stationary(chain, rate);
        rate = found.rate;
        return std::move(found.law);
    };
    const Interval shown{std::max(omega.lo(), domain.lo), std::min(omega.hi(), domain.hi)};
    Occupation histogram = resolved_bins(
        model, omega, moments.mesh, law, even_edges(shown, bins), moments.error, tolerance,
        fmt::format("quasi-stationary law of well {} at {}", model.landscape.well_of(omega.start) + 1, cell_of(model)));
    return {.rate = rate, .bins = std::move(histogram)};
}

}
