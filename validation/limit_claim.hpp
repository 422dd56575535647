// validation/limit_claim.hpp: what is claimed of a limit at η → 0, and the verdict on it from its error interval
// (validation.md, L1 to L4).
#pragma once

#include "validation/extrapolation.hpp"
#include "validation/record.hpp"

#include <cstddef>

namespace exeunt::validation
{

/// The ladder that a claim rests on.
struct Rungs {
    double clip;
    std::size_t well; ///< index from 0
    std::size_t count;
    double largest, least; ///< η
    double tail_excess;    ///< at the least η
};

/// That the limit is `expected` > 0: a record without its claim. Inconclusive where the tail or the value has not
/// settled.
Hypothesis tends_to(const Rungs& rungs, const char* kind, const char* quantity, const Extrapolated& value,
                    double expected, double effect);

/// That the limit of a distance is 0: refuted where the interval is above or below it, confirmed where it ends below
/// the effect.
Hypothesis vanishes(const Rungs& rungs, const char* kind, const char* quantity, const Extrapolated& value,
                    double effect);

}
