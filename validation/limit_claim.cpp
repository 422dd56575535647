#include "validation/limit_claim.hpp"

#include <cmath>
#include <fmt/format.h>

namespace exeunt::validation
{

namespace
{

/// What every claim on a ladder has in common; without a verdict.
Hypothesis head(const Rungs& rungs, const char* kind, const Extrapolated& value, double expected)
{
    Hypothesis h;
    h.id = fmt::format("{}/clip={:g}/well={}", kind, rungs.clip, rungs.well + 1);
    h.statistic =
        fmt::format("oracle at {} learning rates from {:g} to {:g}, extrapolated in powers of the learning rate",
                    rungs.count, rungs.largest, rungs.least);
    h.clip = rungs.clip;
    h.learning_rate = std::nan("");
    h.well = rungs.well;
    h.samples = rungs.count;
    h.expected = expected;
    h.estimate = h.lower = h.upper = std::nan("");
    if (std::isinf(value.error)) return h;
    h.value = h.estimate = value.limit;
    h.lower = value.limit - value.error;
    h.upper = value.limit + value.error;
    h.detectable_effect = 2 * value.error / (expected > 0 ? expected : 1);
    return h;
}

/// The verdict, and why.
Hypothesis judged(const Rungs& rungs, Hypothesis h, const char* quantity, const Extrapolated& value, Verdict verdict,
                  double effect)
{
    const double scale = h.expected > 0 ? h.expected : 1;
    if (!settled_tail(rungs.tail_excess)) {
        h.reason =
            fmt::format("the tail of the noise has not settled into its power: its index at 1/η is off by {:.2g} "
                        "at the least learning rate, and the approach to the limit is as slow",
                        rungs.tail_excess);
    } else if (std::isnan(value.order)) {
        h.reason = fmt::format("the {} is known at fewer than three learning rates", quantity);
    } else if (std::isinf(value.error)) {
        h.reason = fmt::format("the {} has not settled into its law of approach: its last steps shrink like η^{:.2g}, "
                               "and η^{:.2g} is the law; a ladder that goes further down would tell",
                               quantity, value.order, value.leading);
    } else {
        h.verdict = verdict;
        h.reason = verdict == Verdict::confirmed ? fmt::format("the interval is within {:g} % of {}", 100 * effect,
                                                               h.expected > 0 ? "the limit" : "probability about 0")
                   : verdict == Verdict::refuted
                       ? "the interval excludes the limit"
                       : fmt::format("the extrapolation is uncertain by {:.2g} %, and {:g} % is asked: a ladder that "
                                     "goes further down would tell",
                                     100 * value.error / scale, 100 * effect);
    }
    return h;
}

}

Hypothesis tends_to(const Rungs& rungs, const char* kind, const char* quantity, const Extrapolated& value,
                    double expected, double effect)
{
    Hypothesis h = head(rungs, kind, value, expected);
    const Verdict verdict = verdict_of_ratio(h.lower / expected, h.upper / expected, effect);
    return judged(rungs, std::move(h), quantity, value, verdict, effect);
}

Hypothesis vanishes(const Rungs& rungs, const char* kind, const char* quantity, const Extrapolated& value,
                    double effect)
{
    Hypothesis h = head(rungs, kind, value, 0);
    const Verdict verdict = h.lower > 0 || h.upper < 0 ? Verdict::refuted
                            : h.upper <= effect        ? Verdict::confirmed
                                                       : Verdict::inconclusive;
    return judged(rungs, std::move(h), quantity, value, verdict, effect);
}

}
