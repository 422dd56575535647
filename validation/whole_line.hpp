// validation/whole_line.hpp: X on the whole line against the exact chain at the same η (validation.md, S5 to S7): in
// which wells it is at given times, how long it takes from one wide well to the next, what share of its time it spends
// in the sharp ones.
#pragma once

#include "model/spec.hpp"
#include "sim/paths.hpp"
#include "theory/exit_law.hpp"
#include "theory/parallel.hpp"
#include "theory/predict.hpp"
#include "validation/design.hpp"
#include "validation/exits.hpp"
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
struct Frequencies {
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
Frequencies outcomes(std::span<const std::uint64_t> counts, std::span<const double> probabilities, const Blur& blur,
                     double level);

/// So many replicas that `upper` of a true law is within the effect with probability ≥ power, by the normal
/// approximation: ½ Σ_k (z_{α/2K} + z) √(p_k (1 - p_k)/n), z the quantile of the power, which is on the safe side.
/// NotConverged where blur leaves less than half of the effect.
std::uint64_t replicas_for_outcomes(std::span<const double> probabilities, const Blur& blur, const Design& design);

/// Paths of one threshold, at the least learning rate, from the state of its limiting chain that is left last: N steps,
/// twice the longest mean holding time of the chain, or as many as can be paid for.
struct PathsAsked {
    CellName from;
    std::uint64_t replicas;
    std::vector<std::uint64_t> times; ///< N/4 and N
    std::vector<double> pairs;        ///< P(X_{N/4} ∈ Ω_i, X_N ∈ Ω_j), j fastest
    Blur blur;                        ///< of them
    std::vector<std::size_t> fields;  ///< those that are no state; where all are states, the one that X starts in
    bool sharp;                       ///< the former
    double share;                     ///< of the steps 1, …, N in those fields, expected
    double at_end;                    ///< P(X_N in those fields)
    double error;                     ///< of these two, absolute

    double steps() const { return static_cast<double>(replicas) * static_cast<double>(times.back()); }
};

/// First passages from a state to the cores of the others, at the least learning rate that can be paid for.
struct PassagesAsked {
    CellName from;
    std::vector<std::size_t> targets;
    theory::ExitMoments moments;
    theory::ExitLaw law;
    std::uint64_t planned, most; ///< passages: what S1 needs, and what it ends with at the latest

    double steps() const { return static_cast<double>(most) * moments.mean; }
};

/// What is asked of X on the whole line, and what the exact chain expects.
struct WholeLinePlan {
    std::vector<PathsAsked> paths;       ///< one for each threshold whose limiting chain has two states or more
    std::vector<PassagesAsked> passages; ///< one for each of its states
    std::vector<std::string> notes;      ///< what is not asked, and why: one line each
    std::size_t thresholds;              ///< that share the levels of the paths' tests …
    std::size_t states;                  ///< … and of the passages'

    double steps() const; ///< of all of it
};

/// What can be paid for depends on the budget and on the kernel alone, not on the machine: a pure function of the spec.
/// Without a budget everything can. Where the exact chain fails there is a note.
WholeLinePlan plan_whole_line(const model::Spec& spec, const theory::Setting& setting,
                              const std::vector<theory::Prediction>& predictions, unsigned threads = 0,
                              const theory::Watch& watch = {});

/// Of the replicas of `paths`:
///     wells-at-times/…     S5  the fields of X at N/4 and N
///     time-share.sharp/…   S7  the share of the steps 1, …, N in `fields`
///     sharp-at-time/…      S7  X_N in `fields`
std::vector<Hypothesis> judge(const PathsAsked& paths, const sim::Observation& seen, const model::VerifySpec& asked,
                              std::size_t thresholds);
/// Of first passages, replica by replica of `stream`:
///     passage-time.mean/…, passage-split/…   S6  as S1 and S3
std::vector<Hypothesis> judge(const PassagesAsked& passages, std::span<const sim::Exit> exits,
                              const sim::Stream& stream, const model::VerifySpec& asked, std::size_t states);

struct WholeLineOptions {
    unsigned threads = 0; ///< 0: all cores
    /// The stage in words and the share of it that is done.
    std::function<void(const std::string& what, double share)> progress = {};
    std::function<bool()> stop = {}; ///< true ends it with Interrupted
};

/// Simulates what is planned and judges it.
/// Throws  Interrupted, NotConverged where X stops being finite.
std::vector<Hypothesis> whole_line(const model::Spec& spec, const theory::Setting& setting, const WholeLinePlan& plan,
                                   const WholeLineOptions& options = {});

}
