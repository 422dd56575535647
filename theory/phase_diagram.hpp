// theory/phase_diagram.hpp: exit orders and exit constants as the clip threshold b crosses the r_i / k (theory.md,
// sections 3 and 8).
#pragma once

#include "theory/predict.hpp"

#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// q_i at one threshold.
struct ClippedConstant {
    double clip;
    double constant; ///< q_i(b) > 0, in the units of l*
};

/// The thresholds r_i / l ≤ b < r_i / (l - 1) at which well i has l* = l, as far as they are asked for.
struct Phase {
    int order;                              ///< l
    double from, to;                        ///< 0 < from < to
    std::vector<ClippedConstant> constants; ///< b rising, strictly between the ends; empty for light tails
    std::size_t left_out; ///< thresholds at which there is no q_i > 0, or the quadrature did not give it
};

struct ClipRange {
    double lo;
    double hi;
};

/// From where the widest well has l* = 5 to where every well has l* = 1, and as far as the thresholds of the spec,
/// unless they are below a twelfth of the largest radius.
ClipRange phase_range(const model::Spec& spec, const model::Landscape& f);

/// The phases of every well, b rising. q_i at `points` thresholds of each, closer towards the ends, where it
/// tends to 0 or ∞ (Chebyshev's points in log b), and none within 0.4 % of them: there the theorem is silent.
/// Error   of each q_i at most 1e-6, relative. BadInput unless 0 < lo < hi < ∞ and points ≥ 2; Interrupted when the
///         watch said stop.
std::vector<std::vector<Phase>> phase_diagram(const Setting& setting, const ClipRange& range, std::size_t points,
                                              unsigned threads = 0, const Watch& watch = {});

}
