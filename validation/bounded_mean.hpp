// validation/bounded_mean.hpp: the mean of what lies between 0 and 1, such as a share of time, from independent
// replicas (validation.md, S7).
//
// Bets against a mean m: K(c) = Π_i (1 + c (x_i/m - 1)), 0 < c < 1, is an e-value of "the mean is at most m"; so is
// their average over c, and the same of 1 - x_i the other way. No law of x is assumed, however skewed.
#pragma once

#include <span>

namespace exeunt::validation
{

struct MeanInterval {
    double mean;
    double lower;
    double upper;
};

/// All m against which the bets have not won 2/level. It holds the true mean with probability ≥ 1 - level, for any
/// number of samples; a rare share is known to about log(2/level)/n at best.
/// Error   the ends to 1e-12. BadInput for no sample, one outside [0, 1], or a level outside (0, 1).
MeanInterval bounded_mean(std::span<const double> samples, double level);

/// mean ± t s/√n with Student's quantile, cut to [0, 1]: shorter, and right as n grows. Where all samples are equal,
/// bounded_mean, which knows what they do not exclude. BadInput as there, and for fewer than two samples.
MeanInterval student_mean(std::span<const double> samples, double level);

}
