// validation/exits.hpp: simulated first exits against the exact chain at the same η (validation.md, S1 and S3). Both
// hypotheses are sharp: nothing asymptotic is in them.
#pragma once

#include "sim/exits.hpp"
#include "theory/exit_law.hpp"
#include "validation/design.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace exeunt::validation
{

/// Which cell the exits are from; it heads the record.
struct CellName {
    double clip;
    double learning_rate;
    std::size_t well; ///< index from 0

    std::string text() const; ///< "clip=0.5/eta=0.01/well=2"
};

/// The standard exponential of an exit at step j: -log(1 - U), U = P(σ < j) + V P(σ = j) with V uniform on (0, 1).
/// Under the oracle's law U is uniform, so this is Exp(1), exactly, however coarse the steps. V is a function of
/// (stream, replica).
double exponential_of(const theory::ExitLaw& law, std::uint64_t step, double v);
/// V of a replica: from a lane of the generator that no step uses.
double randomiser(const sim::Stream& stream, std::uint64_t replica);

/// What the tests are given: replicas 0, 1, … of a stream, and the exact chain.
struct Evidence {
    CellName cell;
    std::span<const sim::Exit> exits;
    sim::Stream stream;
    const theory::ExitMoments& moments;
};

/// S1, exit-time scale: d exits and the sum S of all exponentials (a censored path gives -log P(σ > c)); 2S ~ χ²(2d).
/// The estimate is of the mean exit time, the oracle's mean times S/d. An exit at a step that the law excludes refutes
/// at once.
Hypothesis exit_time_scale(const Evidence& evidence, const theory::ExitLaw& law, const Design& design);

/// S3, exit split: exits into each of the K places against their exact probabilities by the binomial law, each at level
/// α/K. The estimate is of the likeliest place; a place that the oracle excludes refutes with one exit.
Hypothesis exit_split(const Evidence& evidence, const Design& design);

}
