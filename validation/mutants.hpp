// validation/mutants.hpp: simulations with a planted error, each of which the tests must refute (validation.md, "Mutant
// catalogue"). They are a simulation of their own, as plain as can be, with one line wrong; without an error it is what
// the tests must not refute.
//
// Errors of the theory (one-sided H, q without a side) are planted in the build, see tests/mutants. Four errors of the
// catalogue leave no trace in a law of exits: `<` for `≤` at a saddle, an event of probability zero; the clamp before
// or after the exit check, since a point beyond an end and its image are in the same field; uniforms of 24 bits, whose
// tail ends at 6e-8, where an affordable number of steps does not come (the ladder of forced uniforms, S8, sees it);
// replicas that are copies, which change no law but are an error of the store.
#pragma once

#include "model/spec.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace exeunt::validation
{

struct MutantOutcome {
    std::string name;
    std::string says;
    std::uint64_t campaigns; ///< seeds
    std::uint64_t refuted;   ///< of them
    std::string by;          ///< the claim that refuted most often; empty when none did
    bool right = false;      ///< no mutant: no campaign must be refuted
};

struct MutantOptions {
    std::uint64_t campaigns = 20;
    unsigned threads = 0;
    std::function<void(double share)> progress = {};
    std::function<bool()> stop = {};
};

/// What makes wang2022 the spec that the catalogue is run on: exits after some twenty steps, where a step too many
/// shows, a clip that matters, an asymmetric tail and σ(x), so that a side or a state exchanged does.
model::Overrides mutant_overrides();

/// First the exits of `spec`, then X on the whole line, of a spec of its own: two wells that are alike. The first of
/// each is no mutant: of it no campaign must be refuted, of every other at least 99 in 100.
std::vector<MutantOutcome> mutants(const model::Spec& spec, const MutantOptions& options = {});

}
