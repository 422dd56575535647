// validation/extrapolation.hpp: the limit at η → 0 of what the exact chain gives on a ladder of η (validation.md, L1 to
// L4): deterministic, with an error interval in place of a p-value.
//
// The ratio of the oracle's mean to the limit's approaches 1 in powers of η,
//
//     E σ · q λ(η) = 1 + Σ_p y_p η^p,    p = i (1 - 1/min(α, 2)) + j (α - 1) + k,    i + j + k ≥ 1.
//
// η^{1-1/min(α,2)} is the size of the fluctuations of X about a minimum: a path that lands within it of a saddle leaves
// although it has not crossed it, and the limit, which counts landings beyond the saddle only, does not know of it.
// η^{α-1} is the probability of one more large jump during the relaxation, and η that of a step against the flow. The
// powers are from these arguments, not from a proof. The leading one was measured in the oracle's numbers: 0.15 to 0.17
// at α = 1.2, 0.34 at 1.5, 0.47 at 2 (where the fluctuations have a logarithm, too), 0.495 at 2.5.
#pragma once

#include "model/noise.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace exeunt::validation
{

/// A value at η → 0.
struct Extrapolated {
    double limit;
    double error;       ///< absolute; ∞ where the values have not settled into their law of approach
    double order = 0;   ///< measured: the power of η with which the last three values approach; ∞ below their errors
    double leading = 0; ///< the least power of its law
    std::size_t powers = 0; ///< how many the extrapolation removed
};

/// 0 and the n - 1 least powers p above, increasing. Sums closer than 3 % of the least one count once.
std::vector<double> powers_of_approach(double alpha, std::size_t n);

/// The power of η with which the last three values approach their limit, from their two differences, the last of them
/// lessened by `error`; ∞ where that leaves nothing.
double order_of_approach(std::span<const double> eta, std::span<const double> y, double error);

/// The limit of y(η) = y_0 + Σ_p y_p η^p, from values with absolute errors on a falling ladder of m ≥ 3 rungs.
/// Method  interpolation in the first n powers, 0 among them, on the last n rungs, n = 2, …, min(6, m - 2), and 2 on
///         short ladders: that of the least error.
/// Error   5 times the largest change that one power less, the last rung and the one before it make, and what the
///         errors of the values become, Σ |w_k| e_k.
Extrapolated interpolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha);

/// The same where the values have settled; else the error is ∞: where the order of approach is below 0.6 of the leading
/// power. A ratio that still has to turn, or that hardly moves yet, says nothing of its limit.
/// Both numbers, 5 and 0.6, and that two rungs less are asked, were found by experiment: on some 800 prefixes, of four
/// rungs and more, of 150 ladders (landscapes, thresholds, α from 1.05 to 2.5, noise laws, diffusions), the truth was
/// within the error or the error infinite.
Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha);

/// What there is too little of to extrapolate.
Extrapolated unknown_limit();

/// By how much -d log H/d log x at x = 1/η differs from α.
double tail_excess(const model::Noise& noise, double eta);
/// Whether it is so little that the powers above are those of the approach.
bool settled_tail(double excess);

}
