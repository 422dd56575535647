// model/laws/stable.hpp: α-stable laws, 1 < α < 2, of mean 0.
//
// Nolan's 1-parametrisation: E e^{itZ} = exp(-|st|^α (1 - iβ tan(πα/2) sign t)), β = p₊ - p₋. Each half-line is put in
// the form of Zolotarev (1986, section 2.2): with 2δ = π(2 - α) and the angle ε = arg(p₋ + p₊ e^{2iδ}) of the right
// half-line (p₊ ↔ p₋ on the left),
//
//     Z = κX,   κ = s |p₋ + p₊ e^{2iδ}|^{1/α} / cos(δ)^{1/α},   P(X > x) = (1/π) ∫_0^{πρ} exp(-x^{α/(α-1)} V(φ)) dφ,
//
//     V(φ) = sin(φ)^{1/(α-1)} sin(ε + (α-1)φ) / sin(ε + αφ)^{α/(α-1)},     ρ = P(X > 0) = (1 - ε/π)/α.
//
// V rises from 0 (for ε = 0, where p₊ = 0, from V₀ = (α-1) α^{-α/(α-1)}: a light tail) to ∞: no term is negative.
#pragma once

#include "model/laws/two_sided.hpp"

namespace exeunt::model
{

/// The law of that tail index, weight of the right tail and scale.
/// Cost    tables of both half-lines are made at the first question, a few milliseconds each.
/// Error   see Noise::Law's list; checked while the tables are made, or NotConverged.
std::shared_ptr<const TwoSided> stable_law(double alpha, double p_plus, double s);

}
