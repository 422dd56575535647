// theory/exit.hpp: first exit from an attraction field (theory.md, section 3). Started anywhere in Ω_i, as η → 0,
//
//     q_i λ_i(η) σ_i(η) ⇒ Exp(1),     P(X_σ ∈ Ω_j) → q_{i,j} / q_i,     independently.
//
// The closed recursion, integrated by parts. With G_k' = g_k/f' and G_k = 0 where I_k begins, the clip's atom cancels
// the boundary term of ∫ ν(dw) G_k, and for jumps to the right (to the left is the mirror image)
//
//     g_1(x)     = p₊ σ(x)^α [ (a - x)^{-α} - 1{c ≤ x + b} (c - x)^{-α} ],       A = (a, c), zero where x + b ≤ a
//     g_{k+1}(x) = p₊ σ(x)^α ∫_{I_k, y ≤ x + b} g_k(y)/f'(y) (y - x)^{-α} dy,     I_k = [ s - kb, m + (l - k)b ]
//     q(A)       = g_l(m)
//
// All l jumps go to the same side, since l is minimal, and every I_k has length δ = lb - |s - m| < b and stays
// r - (l - 1)b > 0 away from m and s, where f' vanishes: nothing is singular.
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

/// The exit constants, by the recursion above: l* nested one-dimensional integrals, no sampling.
/// Shape   to.size() == f.wells()
/// Units   x^{-αl} t^{l-1}, l = l*_i; x as in f, t the time of dx/dt = -f'. Then q λ(η) is a rate per step.
/// Error   the difference of two orders of quadrature, and the rounding of places (a few 1e-16) in units of the
///         distances that matter: r - (l - 1)b, lb - r, and the width of the field entered. About 1e-12 unless one of
///         them is tiny. error ≤ rtol, or NotConverged is thrown; NotConverged also where q overflows or underflows.
/// Throws  DegenerateRadius; BadInput where one clipped jump lands on a saddle, so that q_{i,j} depends on the side to
///         which the saddle counts, and where the noise has no tail towards the saddles within reach.
ExitConstants exit_constants(const model::Landscape& f, const model::Noise& noise, const model::Function& sigma,
                             std::size_t i, double b, double rtol = 1e-10);

}
