// theory/histogram.hpp: how much of N steps X spends in each bin, begun at a point of the line, at a given η and
// without sampling (theory.md, section 6; validation.md, S5).
//
//     o = (1/N) Σ_{t=1}^N δ_x P^t     solves     Aᵀ o = (1/N) (δ_x P - δ_x P^{N+1}),     A = I - P.
//
// Few steps are carried forward. After many X has settled: its law is Σ_k c_k(N + 1) Y_k (line.hpp, well_law.hpp), and
// the equations with a border for each field, which are given how much of the N steps is spent there, leave o. The
// borders would be 0 if what they are given were exact.
#pragma once

#include "theory/bins.hpp"
#include "theory/stationary.hpp"

#include <cstddef>
#include <cstdint>

namespace exeunt::theory
{

/// E (1/N) #{1 ≤ t ≤ N : X_t in the bin}, X_0 = start, for `bins` bins of equal width across the domain.
/// Error   `error` ≤ tolerance, or NotConverged with the accuracy reached. An estimate: of the bins (bins.hpp), of the
///         steps before X has settled, which the model of the wells does not see, and from the borders.
///         BadInput for N = 0.
Occupation expected_histogram(const model::Model& model, const Stationary& pi, double start, std::uint64_t steps,
                              std::size_t bins = 200, double tolerance = 1e-3);

}
