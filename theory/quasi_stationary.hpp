// theory/quasi_stationary.hpp: where X is, once it has long not left a field: its quasi-stationary law ν, and the rate
// at which that law loses mass, at a given η and without sampling (theory.md, section 6).
//
//     ν P = (1 - ρ) ν,     ν ≥ 0,   ν(Ω_i) = 1,     ρ = Σ_x ν(x) P(X leaves at the next step | x):
//
// begun with ν, σ_i is geometric with mean 1/ρ, and independent of the place of exit. The bordered equations at shift
// -μ (resolvent.hpp) have, with right-hand side (0, 1), solutions y for Aᵀ and h for A, and the border
//
//     β(μ) = μ - y e,     β'(μ) = y h,
//
// which is 0 exactly where μ is an eigenvalue; Newton's method from μ = 0, where y is the share of time before the exit
// and -β = 1/E σ, comes to the least one. Nothing of the size of ρ is a difference.
#pragma once

#include "theory/bins.hpp"
#include "theory/oracle.hpp"

#include <Eigen/Core>
#include <cstddef>

namespace exeunt::theory
{

/// ν on the nodes of a chain.
struct QuasiStationaryLaw {
    double rate;         ///< ρ, a step; 1 - ρ is the principal eigenvalue
    Eigen::VectorXd law; ///< ν, as weights: E_ν u = Σ_j law_j u(x_j)
};

/// Newton's method begins at `guess`, which is below or near ρ.
/// Accuracy  of ρ relative, as of a mean exit time on that mesh. NotConverged where Newton's method ends nowhere, or
/// the
///           law it ends at is not one.
QuasiStationaryLaw quasi_stationary(const Chain& chain, double guess = 0);

/// ρ and ν in bins.
struct QuasiStationary {
    double rate;     ///< ρ, a step
    Occupation bins; ///< of equal width across the field, where the domain ends if that comes first
};

/// On a mesh refined from the one that `moments` needed.
/// Error   bins.error ≤ tolerance in total variation; ρ relative to moments.error. NotConverged otherwise.
QuasiStationary quasi_stationary(const model::Model& model, const ExitMoments& moments, std::size_t bins = 50,
                                 double tolerance = 1e-3);

}
