// validation/record.hpp: the outcome of one test, as printed, stored and drawn.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// The three-valued verdict of a test, from one interval (validation.md).
enum class Verdict { confirmed, refuted, inconclusive };

/// "confirmed", "refuted" or "inconclusive".
const char* word(Verdict v);

/// From an interval for the ratio of what was found to what was expected: refuted when it excludes 1, confirmed when it
/// is inside [1/(1 + effect), 1 + effect], else inconclusive.
Verdict verdict_of_ratio(double lower, double upper, double effect);

/// The same for a difference, from an interval for what is expected to within an error: refuted when nothing within
/// that error is in the interval, confirmed when the interval is inside expected ± effect.
Verdict verdict_of_difference(double lower, double upper, double expected, double error, double effect);

/// What a hypothesis said, what was seen, and what follows. Numbers are in the units of the quantity (steps,
/// probability, ratio); NaN marks "does not apply" (a p-value of a deterministic claim) and is written as null.
struct Hypothesis {
    std::string id;                                            ///< e.g. "exit-time.mean/clip=0.5/eta=0.01/well=2"
    std::string claim;                                         ///< the claim in words
    std::string statistic;                                     ///< the statistic and its reference law, in words
    double clip;                                               ///< b of the cell, may be ∞
    double learning_rate;                                      ///< η of the cell; NaN for a claim over a ladder of η
    std::size_t well;                                          ///< index of the well, from 0
    double value = std::numeric_limits<double>::quiet_NaN();   ///< the statistic
    double p_value = std::numeric_limits<double>::quiet_NaN(); ///< two-sided
    double e_value = std::numeric_limits<double>::quiet_NaN(); ///< of a sequential test: valid whenever it is looked at
    double alpha = 0;                                          ///< size allotted to this test; 0 when deterministic
    double estimate;                                           ///< the quantity as measured
    double lower; ///< interval at level 1 - alpha, widened by expected_error (deterministic: the error interval)
    double upper;
    double expected;                                                     ///< what the theory or the oracle says
    double expected_error = 0;                                           ///< absolute error of `expected`
    double detectable_effect = std::numeric_limits<double>::quiet_NaN(); ///< relative effect seen with the asked power
    std::uint64_t planned = 0; ///< samples that effect, size and power need; 0 when deterministic
    std::uint64_t samples = 0;
    std::uint64_t censored = 0;
    Verdict verdict = Verdict::inconclusive;
    std::string reason; ///< why this verdict
};

/// refuted if any is refuted; else inconclusive if any is; else confirmed. An empty list is inconclusive.
Verdict overall(const std::vector<Hypothesis>& hypotheses);

}
