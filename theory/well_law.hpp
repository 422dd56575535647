// theory/well_law.hpp: in which field X is at given steps, and how long in each, at a given η, without sampling
// (theory.md, section 6; validation.md, S5, S7 and L4).
//
// Once settled, the law of X is Σ_i c_i Y_i (line.hpp). Testing with G_k after a step gives, with M = Yᵀ G,
//
//     c(t + 1) = c(t) (I + K),   K = R M⁻¹,          c(0) = G(x) M⁻¹ from x,
//
// and to learn that X_t ∈ Ω_j turns c into c D_j, D_j = (Y 1_{Ω_j})ᵀ G M⁻¹, whatever came before. P(X_t ∈ Ω_k) = c_k.
// Both bases being the exact ones of the slow motion, what is left out is of second order in the rates times the time
// that settling takes, but for what X does before it has settled.
#pragma once

#include "theory/stationary.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace exeunt::theory
{

/// What a law is asked for: X at any one time, or at several of them.
enum class Times { one, several };

class WellLaw
{
  public:
    /// From X_0 = start, on the mesh that `pi` needed.
    WellLaw(const model::Model& model, const Stationary& pi, double start, Times asked = Times::several);

    /// P(X_t ∈ Ω_k), one per well. Exact for the first steps.
    std::vector<double> at(std::uint64_t t) const;
    /// P(X_{t_1} ∈ Ω_{i_1}, …, X_{t_k} ∈ Ω_{i_k}), times not decreasing. BadInput for times that do, or another number
    /// of wells, or one that is none, or where it was made for one time.
    double joint(std::span<const std::uint64_t> times, std::span<const std::size_t> wells) const;
    /// E (1/N) #{1 ≤ t ≤ N : X_t ∈ Ω_k}, one per well, N ≥ 1. Exact for the first steps.
    std::vector<double> occupation(std::uint64_t steps) const;
    /// Largest difference found between this model and the exact first steps, from the start and, for several times,
    /// from every minimum: of a probability of one step; what is told of k steps may be wrong by k times it.
    double error() const { return error_; }

  private:
    Eigen::RowVectorXd start_;              ///< c(0)
    Eigen::MatrixXd step_;                  ///< K
    std::vector<Eigen::MatrixXd> observed_; ///< D_j
    std::vector<Eigen::RowVectorXd> first_; ///< P(X_t ∈ Ω_k), t = 0, 1, …
    double error_ = 0;
    Times asked_;
};

}
