// theory/oracle.hpp: the finite-η oracle (theory.md, section 6): exact numbers of the chain X at a given η, without
// sampling and without a limit.
//
// u(x) = E[σ | X_0 = x] solves u = 1 + P u on Ω_i. The unknowns are h = 1 - u/u(m_i) and the rate 1/u(m_i), so that
// nothing of the size of 1 - (spectral radius) is ever formed and the mean keeps its relative accuracy however rare the
// exit is (resolvent.hpp). The exit split comes from the transposed equations: visits, times P(next step lands in Ω_j).
#pragma once

#include "model/model.hpp"
#include "theory/chain.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace exeunt::theory
{

/// Mean and place of the first exit from Ω_i, started at m_i.
struct ExitMoments {
    double mean;            ///< E σ_i in steps
    std::vector<double> to; ///< P(X_σ ∈ Ω_j), one per well, zero at j = i; sums to 1 within to_error
    double error;           ///< bound on the relative error of the mean
    double to_error;        ///< bound on the absolute error of each probability
    std::size_t nodes;      ///< size of the finest system solved
    Region region;          ///< its states
    Mesh mesh;              ///< its panels
};

/// Mean exit time and exit split. The mesh is refined where the interpolation of u changes its integral over the visits
/// of the process most (panel.hpp), or where u leaves its equation between the nodes, until twice the sum of these
/// errors is below `rtol`; that is the error reported, enlarged as much as the last refinement moved the numbers by
/// more than the sum before it. In 576 runs on wang2022, η = 1e-6 to 0.2, rtol = 1e-2 to 1e-8, the true error was never
/// beyond it (0.99 of it once, else 0.6 at most), against runs at 3e-10.
/// Error   `error` and `to_error` ≤ rtol, or NotConverged with the accuracy reached.
/// Cost    grows with log(1/η), not with the mean exit time.
ExitMoments exit_moments(const model::Model& model, std::size_t well, double rtol = 1e-5);

/// The same of leaving a region from its start: `to` has a probability for each label.
ExitMoments exit_moments(const model::Model& model, const Region& region, double rtol = 1e-5);

/// First passage from m_i to the core of any of the targets.
/// Cost and errors as above; BadInput as passage.
ExitMoments passage_moments(const model::Model& model, std::size_t well, const std::vector<std::size_t>& targets,
                            double rtol = 1e-5);

}
