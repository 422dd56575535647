// validation/portrait.hpp: where X spends its time, with heavy tails and with Gaussian noise, clipped and not, against
// the exact chain (theory.md, section 8: the histograms and trajectories of the paper; validation.md, S7).
//
// Independent replicas from one minimum. What is expected of N steps from there is the oracle's occupation, which is
// the stationary law only where X forgets its start in N steps. Where the oracle cannot give it, for noise so weak that
// a rate is no double, Kramers' time says that X stays, and in its field the diffusion's law e^{-2f/(ηs²)}/σ² is drawn.
//
// The tests of a figure are a family of their own, apart from that of verify: each figure shares the spec's false_alarm
// among its own tests, one a panel here, so that drawing spends nothing of what a run of verify may spend.
#pragma once

#include "model/spec.hpp"
#include "theory/predict.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// What the expectation of a panel rests on.
enum class Source { none, oracle, diffusion };

/// Time in an interval: simulated with its 95 % interval, and expected of that many steps and in the long run; NaN
/// where there is no expectation.
struct TimeShare {
    double share, lower, upper;
    double expected, stationary;
};

struct PortraitPath {
    std::uint64_t every;        ///< steps between two states
    std::vector<double> states; ///< X_0, X_every, …
};

/// One noise and threshold.
struct PortraitPanel {
    bool gaussian;                 ///< the light-tailed control; or the spec's own Gaussian
    double deviation;              ///< of Gaussian noise; NaN for heavy tails
    double clip;                   ///< b, may be ∞
    std::uint64_t replicas, steps; ///< N steps each
    std::vector<double> edges;     ///< of the bins, one more than there are
    std::vector<TimeShare> bins;   ///< intervals by batch means: eight batches of replicas, Student's t
    std::vector<TimeShare> fields; ///< intervals by replicas, Student's t
    TimeShare sharp;               ///< the time in the portrait's sharp fields, as `fields`
    Source source;
    bool scaled;         ///< whether `expected` of the bins is the stationary law scaled field by field, not of N steps
    std::string trouble; ///< why there is no oracle; empty: there is
    double log10_stay;   ///< of Kramers' mean exit time from the start; NaN for heavy tails
    Verdict verdict;     ///< S7 of `sharp` at `alpha`; inconclusive without an expectation
    double alpha;        ///< size allotted to it
    PortraitPath path;   ///< of one more replica, or the first
};

struct Portrait {
    double learning_rate;
    std::size_t start;              ///< well, from 0: the one of the smallest radius
    std::vector<std::size_t> sharp; ///< wells of less than the largest order at the first finite threshold; without
                                    ///< any the start
    std::vector<PortraitPanel> panels;
    std::vector<std::string> missing = {}; ///< panels in which X stopped being finite, and where: a sentence each
};

struct PortraitOptions {
    unsigned threads = 0;                                                      ///< 0: all cores
    std::function<void(const std::string& panel, double share)> progress = {}; ///< from the calling thread
    std::function<bool()> stop = {};                                           ///< true ends it with Interrupted
};

/// η is the paper's 10⁻³ for its landscape, else the least of the spec; thresholds are the spec's first finite one and
/// ∞; the control has ten times the scale of the spec's noise as its standard deviation, chosen so
/// that both show at one scale. Steps: 256 replicas of 4·10⁴ at least, so 10⁷ a panel, and of 5·10⁵ at most where the
/// fast path runs; less in proportion to a budget below 60 s. Paths are equally long in all panels. Exact   a pure
/// function of (spec, seed): neither threads nor time matter. Throws  Interrupted; NotConverged when X stops being
/// finite. A failing oracle is `trouble`, not an exception.
Portrait portrait(const model::Spec& spec, const theory::Setting& setting,
                  const std::vector<theory::Prediction>& predictions, const PortraitOptions& options = {});

/// Well of the smallest radius, the leftmost of them.
std::size_t narrowest_well(const model::Landscape& f);

}
