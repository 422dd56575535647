// validation/design.hpp: size, effect and power, fixed before anything runs.
#pragma once

#include <cstdint>

namespace exeunt::validation
{

/// What one test must be able to do: refute a true hypothesis with probability at most `level`, and see a relative
/// error of `effect` with probability at least `power`.
struct Design {
    double level;
    double effect;
    double power;
};

/// Interval for the ratio R of the true hazard to the one expected, from d exits and the sum S of their standard
/// exponentials (R S is gamma distributed with shape d).
struct RateInterval {
    double estimate; ///< d/S
    double lower;
    double upper;
    double p_value; ///< of R = 1, two-sided
};

/// Exact when nothing was censored; with `censored`, the upper end counts one exit more, which is conservative. d = 0
/// gives the lower end 0.
RateInterval rate_interval(std::uint64_t d, double sum, bool censored, double level);

/// The least number of exits with which the scale test confirms a true hypothesis, and refutes one that is wrong by the
/// effect in either direction, with probability ≥ power each. Exact gamma law; `blur` is the relative error of the
/// expectation, by which the interval is widened. Throws BadInput when blur leaves nothing of the effect.
std::uint64_t exits_for_scale(const Design& design, double blur = 0);

/// The smallest relative error of the rate that n exits see with probability ≥ power: exact.
double visible_rate_error(std::uint64_t n, const Design& design, double blur = 0);

/// Clopper-Pearson interval for a probability from k of n at this level, and the two-sided p-value of the probability
/// p.
struct ShareInterval {
    double lower;
    double upper;
    double p_value;
};
ShareInterval share_interval(std::uint64_t k, std::uint64_t n, double p, double level);

/// The same two questions for a relative error of a probability p, by the normal approximation with the variance at p.
std::uint64_t exits_for_share(double p, const Design& design);
double visible_share_error(double p, std::uint64_t n, const Design& design);

/// The least number of samples with which the band about the empirical law (shape.hpp) stays within the effect of the
/// true one with probability ≥ power, by the inequality behind the band. Throws BadInput as exits_for_scale does.
std::uint64_t samples_for_gap(const Design& design, double blur = 0);

}
