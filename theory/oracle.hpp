// theory/oracle.hpp: the finite-η oracle (theory.md, section 6): exact numbers of the chain X at a given η, without
// sampling and without a limit.
//
// u(x) = E[σ | X_0 = x] solves u = 1 + P u on Ω_i. Written as u = c + w with w = 0 at a state near m_i, row i reads
//
//     Σ_j P_ij (w_i - w_j) + e_i w_i + c e_i = 1,
//
// so the mean exit time c is itself an unknown: nothing of the size of 1 - (spectral radius) is ever formed, and c
// keeps its relative accuracy however rare the exit is. The exit split solves the same system with P(next step lands in
// Ω_j) on the right-hand side.
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

/// Mean exit time and exit split. The mesh is refined where the interpolation error of u, weighted by the visits of the
/// process, is largest, until the sum of these errors is below `rtol`; that sum, or the change from a lower order of
/// polynomials where it is larger, is the error reported.
/// Error   `error` and `to_error` ≤ rtol, or NotConverged with the accuracy reached.
/// Cost    grows with log(1/η), not with the mean exit time.
ExitMoments exit_moments(const model::Model& model, std::size_t well, double rtol = 1e-5);

/// The law of σ_i, started at m_i: P(σ > j) for every j ≥ 0.
///
/// The law of X_j given σ > j, μ_j, is carried forward on the mesh, and its exits read off: h_{j+1} = Σ μ_j e. Nothing
/// is subtracted, so the hazard h keeps its relative accuracy; once it has settled on that of the quasi-stationary law,
/// the law is geometric.
///
/// Where one step's noise is much narrower than a panel (small η) carrying forward is unstable: polynomials are
/// continued beyond their panels. The law is then taken as geometric with the exact mean, and says so. At small η that
/// is nearly true: what is wrong with it is of the size of the relaxation time 1/(η f''(m_i)) over the mean.
class ExitLaw
{
  public:
    /// On the mesh that `moments` needed.
    /// Error   of every hazard, relative, about that of moments.mean, with which Σ_j P(σ > j) agrees.
    ExitLaw(const model::Model& model, std::size_t well, const ExitMoments& moments);

    /// log P(σ > j); 0 at j = 0, never rising.
    double log_survival(std::uint64_t j) const;
    /// P(σ = j | σ ≥ j), j ≥ 1.
    double hazard(std::uint64_t j) const;
    /// Σ_{j ≥ 0} P(σ > j).
    double mean() const;
    /// Only the mean is exact: the law could not be carried forward.
    bool geometric() const { return geometric_; }

  private:
    bool carry_forward(const Chain& chain); ///< false: unstable, or not settled in the time allowed

    std::vector<double> hazard_;       ///< h_1, h_2, … until it has settled; the last one holds for ever
    std::vector<double> log_survival_; ///< log P(σ > j), j = 0, 1, …, hazard_.size()
    bool geometric_ = false;
};

}
