// validation/family.hpp: how the false alarm of a run is shared out among its tests (validation.md, "Family").
//
// Each kind of claim has a fixed weight, and its tests share it equally, so that Σ α_i = false_alarm and a kind that is
// added, or whose tests cannot be run, moves no other's level.
#pragma once

#include <cstddef>

namespace exeunt::validation
{

/// The kinds of random claims: S1 to S7 of validation.md.
enum class Claim {
    exit_scale,
    exit_shape,
    exit_split,
    exit_joint,
    wells_at_times,
    passage_time,
    passage_split,
    share,
    share_at_time
};

/// Of the false alarm; the weights of all kinds sum to 1.
double weight(Claim claim);

/// α of each of `tests` tests of one kind.
inline double level(double false_alarm, Claim claim, std::size_t tests)
{
    return false_alarm * weight(claim) / static_cast<double>(tests);
}

}
