// validation/verify.hpp: the main job. Predict, compute exactly, plan, simulate, test: one record for every hypothesis.
#pragma once

#include "model/spec.hpp"
#include "sim/store.hpp"
#include "theory/predict.hpp"
#include "validation/exits.hpp"
#include "validation/limit_studies.hpp"
#include "validation/plan.hpp"
#include "validation/record.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// What the simulation of one cell gave.
struct Simulated {
    std::uint64_t exits;               ///< replicas that left
    std::uint64_t censored;            ///< replicas that had not when their time was up
    double steps;                      ///< steps taken, all replicas together
    double mean;                       ///< estimate of the mean exit time
    double lower, upper;               ///< its interval, at the level of its test
    std::vector<std::uint64_t> places; ///< exits into each field, one count per well
};

/// One (clip, learning rate, well): the three routes side by side.
struct Cell {
    theory::ExactCell exact;            ///< limit and oracle
    ExitsNeeded needed;                 ///< by each hypothesis
    std::uint64_t planned_exits;        ///< what effect, size and power need of all of them
    double planned_steps;               ///< planned_exits × the oracle's mean
    std::optional<Simulated> simulated; ///< absent: judged by oracle and limit alone, `note` says why
    std::string note = {};
};

/// The record of a run.
struct Verification {
    std::vector<theory::Prediction> predictions;
    std::vector<Cell> cells;               ///< clip × learning rate × well, in that order of nesting
    std::vector<Ladder> ladders;           ///< clip × well
    std::vector<IrreducibleLadder> shares; ///< one per clip; none of a selection of cells
    /// S1 to S4 of every simulated cell, S5 to S7 where asked for, then L1 to L4 of every ladder.
    std::vector<Hypothesis> hypotheses;
    std::vector<std::string> notes = {}; ///< what was asked for and not done, one line each
    double level; ///< of each test of scale (S1), to which the intervals of the simulated means belong
    Verdict verdict;
};

/// What a run tells while it goes on. `share` of the stage that is done, in [0, 1].
struct Progress {
    std::string stage; ///< "oracle", "ladder", "simulation"
    double share;
    std::string detail; ///< the cell at work, exits so far, steps a second; may be empty
};

struct Options {
    unsigned threads = 0; ///< 0: all cores
    std::function<void(const Progress&)> progress = {};
    std::function<bool()> stop = {}; ///< asked a few times a second; true ends the run with sim::Interrupted
    /// Of this spec, without a step limit: its replicas are not simulated again, and new ones are added to it, also
    /// those of a cell that does not fit into the budget and of a run that is stopped. None: nothing is kept.
    sim::Store* store = nullptr;
    /// Only these cells, and the ladders of their thresholds and wells; empty: all.
    std::vector<CellName> only = {};
    bool whole_line = false; ///< S5 to S7, too
};

/// Every replica is a pure function of (spec, seed, cell, replica); which cells are simulated depends on the budget and
/// on the speed of the machine, and the record says which were.
Verification verify(const model::Spec& spec, const Options& options = {});

}
