// validation/whole_line.hpp: X on the whole line against the exact chain at the same η (validation.md, S5 to S7): in
// which wells it is at given times, how long it takes from one wide well to the next, what share of its time it spends
// in the sharp ones.
#pragma once

#include "model/spec.hpp"
#include "theory/predict.hpp"
#include "validation/design.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// What n replicas did, each of them one of K things, against the probabilities of these. All intervals are Clopper and
/// Pearson's, at level α/K each, so that together they hold with probability ≥ 1 - α.
struct Outcomes {
    double p_value;   ///< smallest two-sided binomial p-value, times K
    double distance;  ///< ½ Σ |k/n - p|, the distance in total variation
    double lower;     ///< what the intervals leave of the distance to the truth: at least …
    double upper;     ///< … and at most
    std::size_t kept; ///< K, rare things being one
    bool excluded;    ///< an interval excludes all of what p may be
};
/// By how much probabilities may be wrong.
struct Blur {
    double each;     ///< any of them, or any sum of some
    double distance; ///< all of them together, in total variation
};
/// Things of fewer than ten expected counts are taken together, and the rarest of the others with them while they are
/// fewer than ten.
/// Shape   counts.size() == probabilities.size(); probabilities sum to 1 within blur. `blur`: what each may be wrong
/// by.
Outcomes outcomes(std::span<const std::uint64_t> counts, std::span<const double> probabilities, const Blur& blur,
                  double level);

/// So many replicas that `upper` of a true law is within the effect with probability ≥ power, by the normal
/// approximation: ½ Σ_k (z_{α/2K} + z) √(p_k (1 - p_k)/n), z the quantile of the power, which is on the safe side.
/// NotConverged where blur leaves less than half of the effect.
std::uint64_t replicas_for_outcomes(std::span<const double> probabilities, const Blur& blur, const Design& design);

struct WholeLine {
    std::vector<Hypothesis> hypotheses;
    std::vector<std::string> notes; ///< what was not asked, and why: one line each
};

struct WholeLineOptions {
    unsigned threads = 0; ///< 0: all cores
    /// The stage in words and the share of it that is done.
    std::function<void(const std::string& what, double share)> progress = {};
    std::function<bool()> stop = {}; ///< true ends it with Interrupted
};

/// For each threshold of the spec whose limiting chain has two states or more, at the least learning rate, with N =
/// twice the longest mean holding time of the chain in steps, or as many as can be paid for:
///     wells-at-times/…     S5  the fields of X at N/4 and N, from the state that is left last
///     time-share.sharp/…   S7  the share of the steps 1, …, N in fields that are no state, from there; where all are
///                              states, in the one that X starts in
/// and at the least learning rate that can be paid for:
///     passage-time.mean/…, passage-split/…   S6  from each state to the cores of the others, as S1 and S3
/// What can be paid for depends on the budget and on the kernel alone, not on the machine: a pure function of the spec.
/// Throws  Interrupted, NotConverged where X stops being finite. Where the exact chain fails there is a note.
WholeLine whole_line(const model::Spec& spec, const theory::Setting& setting,
                     const std::vector<theory::Prediction>& predictions, const WholeLineOptions& options = {});

}
