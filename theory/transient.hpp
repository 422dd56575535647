// theory/transient.hpp: the law of the limiting chain Y at a fixed time, exp(tQ) (theory.md, section 4): what the
// irreducible and the reducible theorem say of X_{⌊t/λ^large(η)⌋}.
//
// Uniformisation: with Λ = 2 max |Q_ii| and S = I + Q/Λ ≥ 0, exp(tQ) = Σ_m e^{-Λt} (Λt)^m/m! S^m, a sum of positive
// terms. S_ii ≥ ½, so forming it costs no digits. Long times come from exp(2tQ) = exp(tQ)², in which every product is
// positive too.
#pragma once

#include "theory/limit_chain.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <span>
#include <vector>

namespace exeunt::theory
{

/// P(Y_t = state) and P(killed by t).
struct TransientLaw {
    std::vector<double> at; ///< one per state of the chain
    double killed;          ///< summed from the ways to be killed, not 1 - Σ at
    double error;           ///< of every entry, relative: see transition_matrix
};

/// The same for every state to start from.
struct TransitionMatrix {
    Eigen::MatrixXd at;         ///< exp(tQ): (i, j) is P_i(Y_t = j)
    std::vector<double> killed; ///< P_i(killed by t)
    double error;               ///< of every entry, relative
};

/// exp(tQ) and the killed mass, t ≥ 0 in units of 1/Q. Rows with the killed mass sum to 1.
/// Exact   the identity at t = 0.
/// Error   relative and entry by entry, also of entries that only a path of n rare jumps reaches: truncation is below
///         1e-17 of each entry (proved in the source), rounding is estimated from the number of operations, that
///         number times u n^{1/2}, and from what a relative error u of Q changes, u |log P|. Entries below 1e-280 may
///         lose digits or be 0.
/// Cost    a few tens of n × n products, one more each time that t doubles. BadInput unless t is finite and ≥ 0.
TransitionMatrix transition_matrix(const LimitChain& chain, double t);

/// Σ_i initial[i] exp(tQ)_ij: `initial` holds a weight ≥ 0 for each state, `killed` is what it has lost by t.
/// Error   as transition_matrix, but for short times n × n products are replaced by vectors. BadInput for a weight that
///         is negative or not finite, or a wrong number of them.
TransientLaw transient_law(const LimitChain& chain, std::span<const double> initial, double t);

/// The law at time t when X starts in a well of the class: a small well enters at θ(k, ·), and with probability θ(k, †)
/// is gone at once. BadInput for a well outside the class.
TransientLaw transient_law(const LimitChain& chain, std::size_t well, double t);

}
