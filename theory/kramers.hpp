// theory/kramers.hpp: the light-tailed control (theory.md, section 5). With Gaussian Z of variance s², X is Euler's
// scheme, with steps of length η, for the diffusion
//
//     dX = -f'(X) dt + √(2D(X)) dW,     D = η s² σ(x)²/2,     time t = η j,
//
// whose exit from Ω_i = (s_{i-1}, s_i) is known exactly: with ψ(x) = ∫_{m_i}^x f'/D, B_± = |∫_{m_i}^{s} e^ψ| towards
// each saddle, and V(y) = the integral of e^ψ from y to that saddle,
//
//     E σ_i = T / (η (1/B₋ + 1/B₊)),     T = ∫ e^{-ψ}/D · V/B_±,     P(over s) ∝ 1/B_±.
//
// By Laplace's method, as η → 0, each saddle alone gives
//
//     E σ_i ≈ (π/η) (f''(m_i) |f''(s)|)^{-1/2} (σ(s)/σ(m_i)) exp( ∫_{m_i}^s 2f'/(η s² σ²) + ∫_{m_i}^s f'² σ'/(s² σ³) ),
//
// and two saddles add their rates 1/E σ. It is π, not the 2π of Kramers (1940): σ_i ends on the saddle, from where a
// path is as likely to fall back as to go over, so hopping to the next minimum takes twice as long. The second integral
// is no part of the diffusion. It is what Euler's scheme makes of a varying σ: the most likely way up takes steps ηf',
// over which σ varies by a part η, and the exponent is of size 1/η.
#pragma once

#include "model/landscape.hpp"

#include <cstddef>
#include <string>

namespace exeunt::theory
{

/// Mean and place of an exit over the saddles. Logarithms, since they are as large as 1/η.
struct SaddleExit {
    double log_mean;       ///< log E σ_i, in steps
    double log_rate_left;  ///< log of the rate of exits over the left saddle, per step; -∞ where there is none
    double log_rate_right; ///< the same over the right one; the two rates sum to 1/E σ_i

    double mean() const;  ///< E σ_i; infinite above 1e308
    double left() const;  ///< P(the exit is over the left saddle)
    double right() const; ///< P(the exit is over the right saddle)
};

/// E σ_i three times, each nearer to the chain X than the one before, and what is neglected.
struct KramersTime {
    SaddleExit asymptotic; ///< Kramers' formula as above
    SaddleExit diffusion;  ///< exact for the diffusion, by quadrature to 1e-9
    /// The same quadrature with what the length of a step changes: X exits when it is beyond the saddle, on average by
    /// 0.5826 η s σ (Chernoff 1965, Siegmund 1979), a part η^{1/2} of the mean; and the exponent and D of Euler's
    /// scheme, a part η.
    SaddleExit chain;

    double barrier;         ///< ψ at the lower saddle, 2(f(s) - f(m))/(η s²) for σ = 1: must be large
    double step;            ///< η |f''|, the larger of m and the saddles: must be small
    double clip_deviations; ///< standard deviations of Z that the clip leaves to the steps of an exit; must be large
    double error;       ///< estimate of the relative error of asymptotic.mean(): its distance from `chain`, times …
    double chain_error; ///< … that of chain.mean(): the size of what is left out there; not a bound
};

/// For σ(x) > 0, noise of standard deviation `scale` and clip b (∞: none). Ends without a saddle: with a clamp the
/// domain ends in a wall, without one f must rise there.
/// Error   `error` is an estimate. NotConverged when f' or σ is not finite or not smooth enough, or when X is not held
///         at an open end.
/// Throws  BadInput unless scale, η > 0 are finite, b > 0 and the well exists.
KramersTime kramers_time(const model::Landscape& f, const model::Function& sigma, double scale, std::size_t well,
                         double b, double eta);

/// One line: how far to trust `asymptotic`, or why not to. "within about 12%: barrier 9.1 noise temperatures, …".
std::string validity(const KramersTime& time);

}
