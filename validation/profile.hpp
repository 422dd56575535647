// validation/profile.hpp: how much a run of verify is to be sure of (validation.md, "Tiers"): as the spec says, a short
// run for every commit, or a long one for a paper.
#pragma once

#include "model/spec.hpp"
#include "theory/parallel.hpp"
#include "validation/exits.hpp"

#include <string>
#include <vector>

namespace exeunt::validation
{

enum class Profile { standard, gate, campaign };

/// "standard", "gate", "campaign"; BadInput for another name.
Profile profile_of(const std::string& name);
const char* word(Profile profile); ///< its name

/// What a profile sets, to be laid over the spec's file and under --set:
///     gate      verify.false_alarm = 1e-6, since it is run with every change, budget = 15s
///     campaign  verify.false_alarm = 1e-3, effect = 0.02, distance = 0.05, no budget: constants to 2 %, and laws to
///     what
///               the exact chain knows them to
model::Overrides overrides(Profile profile);

/// Some cells of a spec.
struct Selection {
    model::Spec spec;            ///< its thresholds and learning rates are those of the cells
    std::vector<CellName> cells; ///< each once, by clip, learning rate and well
};

/// The cells of a gate, all at one learning rate: that with the shortest exits, where a step too many or an end
/// misplaced is a large error, and the one with the shortest exits of each l* = 1, with two likely places to go if
/// there is one, and l* = 2. The learning rate is the spec's largest, doubled until the shortest mean is below ten
/// steps or η f'' above 1 in some well, where the recursion begins to leave the flow. Means are from the oracle to 1 %,
/// which is cheap. Throws as exit_moments; Interrupted.
Selection gate(const model::Spec& spec, unsigned threads = 0, const theory::Watch& watch = {});

}
