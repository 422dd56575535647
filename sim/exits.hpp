// sim/exits.hpp: what does happen. Replicas of the clipped recursion (theory.md, section 1),
//
//     X_j = clamp_L( X_{j-1} + φ_b( -η f'(X_{j-1}) + η σ(X_{j-1}) Z_j ) ),
//
// run until they leave an attraction field. Nothing here knows a prediction.
#pragma once

#include "model/model.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace exeunt::sim {

/// The randomness of one cell of a campaign. The draw at step j of replica r is a pure function of (seed, cell, r, j).
struct Stream {
    std::uint64_t seed = 0;
    std::uint64_t cell = 0;
};

/// σ_i = min{ j : X_j ∉ Ω_i } of one replica, or how far it came.
struct Exit {
    std::uint64_t step;   ///< σ_i; the last step taken when censored
    std::uint32_t place;  ///< index of the field entered; the field left, when censored
    bool censored;        ///< the step limit came first
    double final_state;   ///< X at `step`; equal final states of two replicas mean a shared stream

    bool operator==(const Exit&) const = default;
};

/// What to run.
struct ExitPlan {
    std::uint64_t replicas = 0;                 ///< how many replicas to add
    std::uint64_t first_replica = 0;            ///< index of the first of them
    std::uint64_t step_limit = UINT64_MAX;      ///< a replica is censored after this many steps
    unsigned threads = 0;                       ///< 0: all cores
    std::function<void(std::uint64_t exits, std::uint64_t steps)> progress = {}; ///< totals so far; called from one thread at a time
    std::function<bool()> stop = {};            ///< polled a few times a second; true ends the run with Interrupted
};

/// Thrown when `stop` said so.
struct Interrupted {};

/// First exits of X from Ω_well, started at m_well. Shape: plan.replicas entries, in the order of the replica index.
/// Exact in law up to the noise sampler's stated error; equal bytes for any number of threads.
std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan);

}
