// sim/path_campaign.hpp: whole paths of every cell of a spec, kept in a store: where X spends its time, in which well
// it is at given times, and what it looks like. Resumed and extended as a campaign of exits is (campaign.hpp).
#pragma once

#include "model/spec.hpp"
#include "sim/campaign.hpp"
#include "sim/paths.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace exeunt::sim
{

struct PathPlan {
    std::uint64_t replicas;                                     ///< of every cell; the well of a cell is where X starts
    std::uint64_t steps;                                        ///< N ≥ 1, of every path
    unsigned threads = 0;                                       ///< of this process; 0: all its cores
    std::function<void(const CampaignProgress&)> progress = {}; ///< on rank 0; `done`: replicas
    std::function<bool()> stop = {};
};

/// What is seen of a path of N steps: the time in each field, a histogram of 512 bins over the domain, the well at 64
/// equidistant times, and 257 equidistant states (of shorter paths at every step).
Observables seen_of_paths(const model::Domain& domain, std::uint64_t steps);

/// The random stream of a cell's paths: other numbers than those of its exits.
Stream path_stream(const Cell& cell, std::uint64_t seed);

/// Simulates what the store lacks of replicas 0, …, plan.replicas - 1, in pieces of 256 replicas at most, and adds each
/// when it is done. Ranks, failures and interruption as in run_campaign; what is lost is the pieces under way.
void run_paths(const model::Spec& spec, Store* store, Ranks& ranks, const PathPlan& plan);

/// Replicas 0, …, count - 1 of a cell, states rounded to floats. Exact beside that: it does not depend on how the pieces
/// came about. BadInput when the store lacks one, is damaged, or has one together with a replica beyond `count` in one
/// piece, whose histogram cannot be divided.
Observation stored_paths(const Store& store, const Cell& cell, std::uint64_t steps, std::uint64_t count);

/// The data of a piece, and what is in it; `decode_paths` is false for what is no such data.
std::string encode_paths(const Observation& seen);
bool decode_paths(std::string_view data, std::uint64_t replicas, Observation& seen);

}
