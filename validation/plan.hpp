// validation/plan.hpp: what effect, size and power cost, before anything runs (validation.md, "Sample size").
#pragma once

#include "model/spec.hpp"
#include "theory/exit_law.hpp"
#include "theory/predict.hpp"
#include "theory/work.hpp"
#include "validation/design.hpp"
#include "validation/exits.hpp"
#include "validation/family.hpp"
#include "validation/limit_studies.hpp"
#include "validation/whole_line.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// The design of each of `tests` tests of one kind.
Design design_of(const model::VerifySpec& asked, Claim claim, std::size_t tests);

/// The oracle's relative error in cells that are simulated: what it blurs is lost to the effect.
double oracle_error(double effect);

/// Part of the budget that the exact chain may take: what is not reached is left out, and said to be.
constexpr double exact_part = 0.6;
/// But oracle and ladders may take as much whatever the budget is, in work: verdicts rest on them where it is short.
constexpr double exact_least = 5;

/// The limits of a run with a budget. Oracle and ladders may take exact_part of it on all threads, in the work that
/// theory/work.hpp counts, or exact_least; and all of it in seconds, or four times exact_least, on a machine as slow as
/// that. L4 may take half of its part, and nothing beyond.
class ExactBudget
{
  public:
    ExactBudget(const model::VerifySpec& asked, unsigned threads);

    /// For a cell of the oracle, on the thread that computes it. TooDear is thrown where the budget ends.
    theory::Allowance for_cell();
    /// For the ladders, after the cells.
    double work_left() const { return most_ - spent_; }
    double work_of_shares() const { return part_ / 2; }
    bool late() const;

  private:
    double part_, most_, seconds_;
    std::atomic<double> spent_ = 0;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// Takes those of the cells away whose exact chain the budget did not reach: one line on each.
template<class Cell>
std::vector<std::string> drop_what_was_not_reached(std::vector<Cell>& cells, const std::vector<char>& reached)
{
    std::vector<std::string> lines;
    std::size_t kept = 0;
    for (std::size_t k = 0; k < cells.size(); ++k) {
        const theory::ExactCell& exact = cells[k].exact;
        if (reached[k]) {
            if (kept != k) cells[kept] = std::move(cells[k]);
            ++kept;
        } else {
            lines.push_back(CellName{exact.clip, exact.learning_rate, exact.well}.text() +
                            ": the exact chain does not fit into the budget");
        }
    }
    cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(kept), cells.end());
    return lines;
}

/// The ladders of a run of verify, within what the oracle of its cells has left of the budget. L4 is for whole specs:
/// where `only` is empty.
LimitStudies limit_studies(const model::Spec& spec, const theory::Setting& setting,
                           const std::vector<theory::Prediction>& predictions, const std::vector<CellName>& only,
                           unsigned threads, const ExactBudget& budget, const theory::Watch& watch);

/// Seconds that the simulation may take of a run that has spent `elapsed` of them on the exact chain: what a run of the
/// length of the budget has left but for a tenth, which report and figures take; what exact_part leaves of it at least.
/// ∞ without a budget.
double simulation_budget(const model::VerifySpec& asked, double elapsed);

/// How many exits of one cell each hypothesis needs.
struct ExitsNeeded {
    std::uint64_t scale; ///< S1
    std::uint64_t most;  ///< S1, looked at as it goes on, ends with this many
    std::uint64_t shape; ///< S2
    std::uint64_t split; ///< S3, of the likeliest place
    std::uint64_t joint; ///< S4, of the likeliest place

    std::uint64_t planned() const; ///< the largest but for `most`: what is simulated unless S1 refutes before
};
/// `tests`: how many cells share the levels. Shape and joint law need none where only the mean is known exactly.
ExitsNeeded exits_needed(const model::VerifySpec& asked, std::size_t tests, const theory::ExitMoments& moments,
                         const theory::ExitLaw& law);

/// One cell, planned.
struct PlannedCell {
    theory::ExactCell exact;
    ExitsNeeded needed;
    double steps;            ///< planned exits times the oracle's mean
    double steps_per_second; ///< of all threads, measured
    double seconds;          ///< steps over that
    bool fits;               ///< into the budget, cheapest cells first; true without a budget
    /// Relative error of the mean exit time that is seen with the power asked: with the planned exits where the cell
    /// fits, else with those that the rest of the budget allows; ∞ where that is none.
    double visible;
};

struct Plan {
    std::vector<PlannedCell> cells;               ///< clip × learning rate × well, in that order of nesting
    std::optional<WholeLinePlan> whole_line = {}; ///< where asked for
    double whole_line_seconds = 0;                ///< of its simulation, at the speed of the fastest cell
    std::vector<std::string> notes = {};          ///< of the exact chain, what does not fit into the budget
    double oracle_seconds; ///< that the exact chain took here: cells, ladders where there is a budget, the whole line
    unsigned threads;      ///< that the speeds belong to

    double seconds() const; ///< of the simulation: of the cells that fit, and of the whole line
};

struct PlanOptions {
    unsigned threads = 0; ///< 0: all cores
    /// The stage, "oracle" or "speed", and the share of it that is done.
    std::function<void(const std::string& stage, double share)> progress = {};
    std::function<bool()> stop = {};
    std::vector<CellName> only = {}; ///< only these cells; empty: all
    bool whole_line = false;         ///< S5 to S7, too
};

/// The oracle of every cell, and a fraction of a second of simulation of each, for its speed.
Plan plan(const model::Spec& spec, const PlanOptions& options = {});

}
