// sim/campaign.hpp: first exits of every cell of a spec, kept in a store: cells × replicas, as many processes and
// threads as there are, one writer.
#pragma once

#include "model/spec.hpp"
#include "sim/exits.hpp"
#include "sim/ranks.hpp"
#include "sim/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace exeunt::sim
{

/// How far a campaign is.
struct CampaignProgress {
    std::size_t cell;   ///< index of the cell at work
    std::uint64_t done; ///< its replicas that ended, in earlier runs too
    double steps;       ///< taken for it in this run, by all ranks
    double seconds;     ///< since this run began it
};

struct CampaignPlan {
    std::uint64_t replicas = 10'000;       ///< of every cell
    std::uint64_t step_limit = UINT64_MAX; ///< a replica is censored after this many steps
    unsigned threads = 0;                  ///< of this process; 0: all its cores
    std::size_t batch = 1 << 16;           ///< exits that are written at once, if a second does not pass before
    std::function<void(const CampaignProgress&)> progress = {}; ///< some 50 times a second, on rank 0
    std::function<bool()> stop = {};                            ///< asked some 50 times a second
};

/// Every (clip, learning rate, well) of the spec, in that order of nesting.
std::vector<Cell> cells_of(const model::Spec& spec, std::size_t wells);

/// What the replicas of this spec have in common; `program`: the version of this program.
Identity identity_of(const model::Spec& spec, const CampaignPlan& plan, const std::string& program);

/// Simulates what the store lacks of replicas 0, …, plan.replicas - 1 of every cell, cell after cell, and adds it. Rank
/// 0 gives the store, the others none. A kill loses what a second brought, or a batch of exits, and the replicas under
/// way. What ended before an exception is stored, on every rank.
/// Throws Interrupted when `stop` said so; NotConverged where X stops being finite; BadInput of the store.
void run_campaign(const model::Spec& spec, Store* store, Ranks& ranks, const CampaignPlan& plan);

/// Replicas 0, …, count - 1 of a cell. BadInput when the store lacks one of them or has one twice.
std::vector<Exit> stored_exits(const Store& store, const Cell& cell, std::uint64_t count);

/// Simulates a few stored replicas of a cell again, those of the first thousand with the shortest paths, of at
/// most 10⁶ steps. BadInput when one comes out otherwise: the store was made by a program that simulates something
/// else.
void check_stored(const Store& store, const model::Model& model, const Cell& cell, std::uint64_t seed);

/// NotConverged when replicas are copies of each other. Two that are independent share exit step and final state only
/// by chance: the final state is one of some 10⁷ floats. With D pairs that share both, out of those that exit after a
/// hundred steps and off the clamp, and µ pairs expected if step and state were independent, D > 10 + 100 µ is an
/// error. Left out are earlier exits, as the first steps, clipped or clamped, lead to few places, and places that were
/// met at more than ten different steps: the clip leads there from the clamp.
void check_distinct(const std::vector<Exit>& exits, const model::Domain& domain, const Cell& cell);

}
