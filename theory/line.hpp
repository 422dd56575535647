// theory/line.hpp: X on the whole line (theory.md, section 6): as a Markov chain on the wells, exactly and at any η.
//
// A = I - P has n eigenvalues as small as X leaves its fields seldom, the least of them 0. With a border for each field
// (resolvent.hpp) nothing of that size is formed. There are functions G_k and measures Y_i, and one matrix R for both,
//
//     A G_k = -Σ_j R_jk 1_{Ω_j},    G_k(m_j) = δ_jk,         Aᵀ Y_i = -Σ_j R_ij δ_{m_j},    Y_i(Ω_j) = δ_ij.
//
// R is a generator: its rows sum to 0, as Σ_k G_k = 1. G_k(x) is about the probability that X, begun at x, settles in
// well k; Y_i about the law of X in well i; R_ij, i ≠ j, the rate at which settled paths go from i to j: its limit is
// λ_i(η) q_{i,j}. Exact is, whatever η,
//
//     π = Σ_i p_i Y_i,   p R = 0,   Σ p = 1:     the stationary law, p_i = π(Ω_i).
//
// R is computed from flows, R_ij = Σ_x Y_i(x) (P(x → Ω_j) - 1_{Ω_j}(x)), each of them by the tail functions, and p
// without a subtraction.
#pragma once

#include "theory/chain.hpp"
#include "theory/resolvent.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// Every state, the fields side by side: ended at the clamp, or `margin` domain widths beyond the domain where there is
/// none. No places: X is never killed.
Region line(const model::Model& model, double margin);

/// What is above, on the nodes of a chain on `line`.
struct Wells {
    Eigen::MatrixXd settles;   ///< column k: G_k
    Eigen::MatrixXd law;       ///< column i: Y_i, as weights of the nodes
    Eigen::MatrixXd rate;      ///< R_ij, j ≠ i; 0 at j = i
    std::vector<double> share; ///< p
    Eigen::VectorXd measure;   ///< π, as weights: E_π u = Σ_j measure_j u(x_j)
    double algebraic;          ///< relative error that the iterations left in what flows into a well, the largest
    /// The unknowns of the bordered equations beside G_k and Y_i, a column for each: R once more, by its columns and,
    /// transposed, by its rows.
    Eigen::MatrixXd settles_border, law_border;
    Part factored = Part::diagonal; ///< what the equations needed

    /// What leaves and enters well k a step, p_k Σ_j R_kj.
    double flow(std::size_t k) const;
};

/// Accuracy  of R and p relative, however rare it is that X leaves a field: `algebraic`, but for the mesh; the linear
///           equations to `tolerance`, entry by entry.
///           NotConverged where a rate out of a well is not positive: the mesh does not resolve it.
/// `guess` is one at G, Y and their borders on this mesh, or has none.
Wells wells(const model::Model& model, const Chain& chain, double tolerance = 1e-12, const Wells& guess = {});

}
