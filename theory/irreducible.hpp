// theory/irreducible.hpp: the theorem on an irreducible graph (theory.md, section 4; validation.md, L4) against the
// exact chain, at one learning rate of a ladder: how seldom X is in a sharp field, and how near X_{⌊t/λ^large⌋} is in
// law to Y_t.
#pragma once

#include "theory/predict.hpp"
#include "theory/stationary.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace exeunt::theory
{

/// A learning rate of the ladder.
struct IrreducibleRung {
    double eta;
    std::vector<double> share;  ///< π(Ω_i), exact
    std::vector<double> scaled; ///< π(Ω_i) (H(1/η)/η)^{l*_i - l^large}: tends to sharp_shares
    double share_error;         ///< relative, of both
    std::vector<double> apart; ///< for each time: total variation between P(X_{⌊t/λ^large⌋} ∈ ·) and P(Y_t ∈ ·)
    double apart_error;        ///< absolute, of each
};

/// What `scaled` tends to. F_i = q_i w_i is the flow through well i when Y is stationary, w = π^Y on the largest wells;
/// on the others F_i = Σ_j F_j q_{j,i}/q_j. The limit is w.
/// BadInput unless the graph is irreducible: one class, heavy tails.
std::vector<double> sharp_shares(const Prediction& limit);

/// The rung at η, X begun at m_i, i = well; times in units of 1/λ^large(η), below 2^60 steps.
/// Errors as of `stationary`; BadInput as of sharp_shares.
IrreducibleRung irreducible_rung(const Setting& setting, const Prediction& limit, double eta, std::size_t well,
                                 std::span<const double> times, double rtol = 1e-4);

}
