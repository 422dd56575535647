// sim/paths.hpp: what X does on the whole line (theory.md, section 1): where it spends its time, in which well it is at
// given times, and its path for a picture. Nothing here knows a prediction.
#pragma once

#include "sim/exits.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace exeunt::sim
{

/// Bins of equal width that cover [lo, hi]; bin k is [lo + k w, lo + (k + 1) w), the last one closed.
struct Bins {
    static constexpr int most = 4096;
    double lo = 0;
    double hi = 0;
    int count = 0; ///< 0: no histogram
};

/// What to write down of a path X_0, X_1, …, X_N, besides the time in each field.
struct Observables {
    Bins bins = {};                        ///< of the histogram
    std::vector<std::uint64_t> times = {}; ///< t_1 < … < t_k ≤ N, at which the well is asked
    std::uint64_t every = 0;               ///< X_0, X_every, X_{2 every}, … are kept; 0: none
};

/// One replica.
struct Trail {
    std::vector<std::uint64_t> time_in; ///< one per well: how many j in 1, …, N have X_j ∈ Ω_i
    std::vector<std::uint32_t> well_at; ///< one per time: the index of the field that holds X_t
    std::vector<double> states;         ///< ⌊N/every⌋ + 1 of them, to about 1e-7
    double final_state = 0;             ///< X_N

    bool operator==(const Trail&) const = default;
};

/// How many of the steps 1, …, N of all replicas ended where.
struct Occupation {
    std::vector<std::uint64_t> count; ///< one per bin
    std::uint64_t below = 0;          ///< X < lo
    std::uint64_t above = 0;          ///< X > hi

    bool operator==(const Occupation&) const = default;
};

struct Observation {
    std::vector<Trail> trails; ///< in the order of the replica index; a skipped one is empty
    Occupation occupation;     ///< of all of them together; empty when no bins were asked for

    bool operator==(const Observation&) const = default;
};

/// Replicas of X on the whole line, started at m_well, for N = plan.step_limit steps each.
/// Exact   each trail is a pure function of (model, well, stream, replica index), the occupation their sum: neither
///         threads nor processor matter, and occupations of disjoint replicas add up. Fields and times are not rounded.
/// Error   on the fast path (see first_exits) a state within 2⁻¹¹ of a bin's width of a bin's end may count to the next
///         bin; X differs from the reference path's by rounding, so that paths part in the end.
/// Memory  grows with replicas × (wells + times + N/every), not with N. Every state that is kept or asked for costs
///         some four steps.
/// Throws  BadInput for a well, bins, times or N that make no sense, N = ∞ among them; NotConverged when X stops being
///         finite; Interrupted.
Observation observe(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                    const Observables& what, Path path = default_path());

}
