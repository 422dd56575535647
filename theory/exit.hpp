// theory/exit.hpp: first exit from an attraction field (theory.md, section 3). Started anywhere in Ω_i, as η → 0,
//
//     q_i λ_i(η) σ_i(η) ⇒ Exp(1),     P(X_σ ∈ Ω_j) → q_{i,j} / q_i,     independently.
//
// q_i is the (2l* - 1)-dimensional integral of section 3 over l* jumps and the times between them. In one dimension l*
// nested single integrals remain (climb.hpp), and one power when l* = 1.
#pragma once

#include "model/error.hpp"
#include "model/landscape.hpp"
#include "model/noise.hpp"

#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// r_i / b is an integer to within the tolerance: the theorem is silent there, and so are we.
struct DegenerateRadius : BadInput {
    DegenerateRadius(std::size_t well, double radius, double b, double tolerance);
};

/// l*_i = ⌈r_i / b⌉, the least number of clipped jumps that leaves Ω_i; 1 when b = ∞.
/// Throws DegenerateRadius when r_i / b is within `tolerance` of an integer, BadInput unless b > 0.
int exit_order(const model::Landscape& f, std::size_t i, double b, double tolerance = 1e-9);

/// λ_i(η) = H(1/η) (H(1/η)/η)^{l* - 1}. Units: 1/steps, up to those of q.
double time_scale(const model::Noise& noise, double eta, int order);

/// Row i of the matrix q.
struct ExitConstants {
    int order;              ///< l*_i ≥ 1
    std::vector<double> to; ///< q_{i,j}, one per well; zero at j = i and where no l* jumps lead
    double error;           ///< bound on the relative error of each q_{i,j}: see exit_constants
    double total() const;   ///< q_i
};

/// The exit constants: l* nested one-dimensional integrals, no sampling. Any well, target (also over narrow fields),
/// σ(x) and share of the tails; b = ∞ allowed. σ changes q and not l*. Shape   to.size() == f.wells() Units   x^{-αl}
/// t^{l-1}, l = l*_i; x as in f, t the time of dx/dt = -f'. Then q λ(η) is a rate per step. Exact   reflecting f and σ
/// and swapping p₊ and p₋ permutes q, bit for bit where places and p₊ are exact. Error   a bound: the Legendre tails of
/// the quadrature, and what it does to q that minima and saddles are known only as
///         well as the rounding noise of f' lets them; about 1e-13, more where r - (l - 1)b, lb - r or the width of the
///         field entered is tiny. On 2,000 random landscapes it was 4 times the true error or more, in the median 30.
///         error ≤ rtol, or NotConverged is thrown; NotConverged also where q overflows or underflows.
/// Throws  DegenerateRadius; BadInput where l* full jumps end on a saddle, so that it depends on the side to which the
///         saddle counts, or on rounding, which fields are entered; where the noise has no tail towards the saddles
///         within reach, or no heavy tail at all; where σ is not > 0.
/// Cost    linear in l*: N²/2 powers for N nodes, some 50 to 200 unless r - (l - 1)b is tiny, and l* N²/2 products.
ExitConstants exit_constants(const model::Landscape& f, const model::Noise& noise, const model::Function& sigma,
                             std::size_t i, double b, double rtol = 1e-10);

/// Row i of q without clipping, in closed form (section 5): q_{i,j} is the ν-mass of the jumps from m_i into Ω_j,
/// p_± σ(m_i)^α (near^{-α} - far^{-α}), so that q_i = σ(m_i)^α (p₊ (s_i - m_i)^{-α} + p₋ (m_i - s_{i-1})^{-α}).
/// Error   a few rounding errors, and those of places over the width of the field entered.
/// Throws  BadInput where the noise has no heavy tail.
std::vector<double> unclipped_constants(const model::Landscape& f, const model::Noise& noise,
                                        const model::Function& sigma, std::size_t i);

}
