#include "validation/verify.hpp"

#include "sim/campaign.hpp"
#include "theory/parallel.hpp"
#include "validation/design.hpp"
#include "validation/exits.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace exeunt::validation
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The oracle's relative error in cells that are simulated: a twentieth of the effect is lost to it, not more.
double oracle_error(double effect) { return std::min(1e-3, effect / 20); }

/// The planned replicas of a cell: those that the store has, and new ones on their way to it.
class Kept
{
  public:
    Kept(sim::Store* store, const sim::Cell& cell, std::uint64_t planned)
        : store_(store), cell_(cell), exits_(planned), has_(planned, false)
    {
    }

    /// What the store has, censored as if it had been simulated with the limit.
    void read(const model::Model& model, std::uint64_t seed, std::uint64_t limit)
    {
        if (!store_) return;
        sim::check_stored(*store_, model, cell_, seed);
        store_->read(cell_, [&](const sim::Numbered& e) {
            if (e.replica >= exits_.size() || has_[e.replica]) return;
            has_[e.replica] = true;
            ++count_;
            exits_[e.replica] = e.exit;
            if (e.exit.step > limit)
                exits_[e.replica] = {limit, static_cast<std::uint32_t>(cell_.well), true, e.exit.final_state};
        });
    }

    bool has(std::uint64_t replica) const { return has_[replica]; } ///< it came from the store
    std::uint64_t count() const { return count_; }                  ///< of those
    const std::vector<sim::Exit>& exits() const { return exits_; }

    void add(std::span<const sim::Numbered> ended)
    {
        for (const sim::Numbered& e : ended) {
            exits_[e.replica] = e.exit;
            if (store_ && !e.exit.censored) fresh_.push_back(e);
        }
        if (fresh_.size() >= (1U << 16) || seconds_since(written_) > 1) write();
    }

    void write()
    {
        if (store_) store_->add(cell_, std::exchange(fresh_, {}));
        written_ = Clock::now();
    }

  private:
    sim::Store* store_;
    sim::Cell cell_;
    std::vector<sim::Exit> exits_;
    std::vector<bool> has_;
    std::uint64_t count_ = 0;
    std::vector<sim::Numbered> fresh_;
    Clock::time_point written_ = Clock::now();
};

class Run
{
  public:
    Run(const model::Spec& spec, const Options& options) : spec_(spec), options_(options), setting_(spec) {}

    Verification operator()()
    {
        record_.predictions = theory::predict(spec_, setting_);
        list_cells();
        record_.level = spec_.verify.false_alarm / (2.0 * static_cast<double>(record_.cells.size()));
        compute_exactly();
        record_.ladders = climb_all(setting_, record_.predictions, spec_.verify.ladder, spec_.verify.effect, false,
                                    options_.threads, watch("ladder"));
        simulate();
        for (Hypothesis& h : limits(record_.ladders, record_.predictions, spec_.verify.effect))
            record_.hypotheses.push_back(std::move(h));
        record_.verdict = overall(record_.hypotheses);
        return std::move(record_);
    }

  private:
    Design design() const
    {
        return {.level = record_.level, .effect = spec_.verify.effect, .power = spec_.verify.power};
    }

    void tell(const char* stage, double share, std::string detail = {}) const
    {
        if (options_.progress) options_.progress({stage, share, std::move(detail)});
    }

    theory::Watch watch(const char* stage) const
    {
        return {.progress =
                    [this, stage](std::size_t done, std::size_t of) {
                        tell(stage, static_cast<double>(done) / static_cast<double>(of),
                             fmt::format("{} of {} cells", done, of));
                    },
                .stop = options_.stop};
    }

    void list_cells()
    {
        for (theory::ExactCell& cell : theory::limit_cells(spec_, setting_, record_.predictions))
            record_.cells.push_back(
                {.exact = std::move(cell), .planned_exits = 0, .planned_steps = 0, .simulated = {}});
        laws_.resize(record_.cells.size());
    }

    /// Oracle and plan of every cell.
    void compute_exactly()
    {
        theory::for_each_cell(record_.cells.size(), options_.threads, watch("oracle"), [&](std::size_t k) {
            Cell& cell = record_.cells[k];
            theory::ExactCell& exact = cell.exact;
            const model::Model model = setting_.at(exact.clip, exact.learning_rate);
            exact.exit = theory::exit_moments(model, exact.well, oracle_error(spec_.verify.effect));
            laws_[k].emplace(model, exact.well, exact.exit);

            const double likeliest = *std::max_element(exact.exit.to.begin(), exact.exit.to.end());
            Design split = design();
            split.level /= static_cast<double>(setting_.landscape.wells() - 1);
            cell.planned_exits =
                std::max(exits_for_scale(design(), exact.exit.error), exits_for_share(likeliest, split));
            cell.planned_steps = static_cast<double>(cell.planned_exits) * exact.exit.mean;
        });
    }

    /// Cells in the order of their cost, as many as the budget allows.
    void simulate()
    {
        std::vector<std::size_t> order(record_.cells.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return record_.cells[a].planned_steps < record_.cells[b].planned_steps;
        });

        const auto start = Clock::now();
        const double budget = spec_.verify.budget.value_or(std::numeric_limits<double>::infinity());
        std::vector<std::vector<Hypothesis>> found(record_.cells.size());
        for (const std::size_t k : order) {
            Cell& cell = record_.cells[k];
            const double left = budget - seconds_since(start);
            found[k] = simulate(cell, *laws_[k], left);
        }
        for (auto& tests : found)
            for (Hypothesis& h : tests) record_.hypotheses.push_back(std::move(h));
        tell("simulation", 1);
    }

    std::string does_not_fit(const Cell& cell, double speed) const
    {
        const std::string time =
            speed > 0 ? fmt::format(", about {:.0f} s here,", std::ceil(cell.planned_steps / speed)) : "";
        return fmt::format("{:.1e} steps{} do not fit into the budget: {}", cell.planned_steps, time,
                           setting_.noise->heavy_tailed() ? "judged by oracle and limit alone"
                                                          : "not judged, since there is no limit theorem either");
    }

    /// S1 and S3 of one cell; none, and a note, when its planned steps turn out not to fit into `left` seconds. That is
    /// judged by the speed alone, never by what the paths do.
    std::vector<Hypothesis> simulate(Cell& cell, const theory::ExitLaw& law, double left)
    {
        const theory::ExactCell& exact = cell.exact;
        const CellName name{exact.clip, exact.learning_rate, exact.well};
        const sim::Stream stream{spec_.verify.seed, cell_key(spec_, exact.clip, exact.learning_rate, exact.well)};
        const auto start = Clock::now();
        const model::Model model = setting_.at(exact.clip, exact.learning_rate);
        // a true path goes on for so long with probability e^-40; a wrong simulation must not run for ever
        const auto step_limit = static_cast<std::uint64_t>(std::min(40 * exact.exit.mean + 1000, 9e18));
        Kept kept(options_.store, {exact.clip, exact.learning_rate, exact.well, stream.cell}, cell.planned_exits);
        kept.read(model, stream.seed, step_limit);
        const double steps_to_do =
            cell.planned_steps * (1 - static_cast<double>(kept.count()) / static_cast<double>(cell.planned_exits));
        // Cells with short paths say little of the speed on long ones: whether a cell fits is seen while it runs.
        if (steps_to_do > 0 && steps_to_do / most_speed > left) {
            cell.note = does_not_fit(cell, speed_);
            return {};
        }
        double steps_done = 0;
        bool fits = true, out_of_time = false;
        const sim::ExitPlan plan{
            .replicas = cell.planned_exits,
            .step_limit = step_limit,
            .threads = options_.threads,
            .skip = [&](std::uint64_t replica) { return kept.has(replica); },
            .progress =
                [&](std::uint64_t exits, std::uint64_t steps) {
                    steps_done = static_cast<double>(steps);
                    tell("simulation", share_of_stage(steps_done),
                         fmt::format("{}: {} of {} exits", name.text(), kept.count() + exits, cell.planned_exits));
                },
            .stop =
                [&] {
                    const double elapsed = seconds_since(start);
                    const double share = steps_done / steps_to_do;
                    fits = fits && !(elapsed > 0.5 && share < 0.2 && elapsed > left * share);
                    out_of_time = elapsed > left;
                    return !fits || out_of_time || (options_.stop && options_.stop());
                }};
        try {
            if (kept.count() < cell.planned_exits)
                sim::stream_exits(
                    model, exact.well, stream, plan, [&](auto ended) { kept.add(ended); }, sim::default_path());
            kept.write();
        } catch (const Interrupted&) {
            kept.write();
            if (fits && !out_of_time) throw;
            if (!fits) {
                cell.note = does_not_fit(cell, steps_done / seconds_since(start));
                return {};
            }
            cell.note = "the budget ended while this cell ran";
            return {out_of_budget(name, exact)};
        }
        if (steps_to_do > 0) speed_ = std::max(speed_, steps_to_do / seconds_since(start));

        const std::vector<sim::Exit>& exits = kept.exits();
        const Evidence evidence{name, exits, stream, exact.exit};
        std::vector<Hypothesis> tests{exit_time_scale(evidence, law, design()), exit_split(evidence, design())};
        const Hypothesis& scale = tests.front();
        Simulated seen{.exits = scale.samples - scale.censored,
                       .censored = scale.censored,
                       .steps = 0,
                       .mean = scale.estimate,
                       .lower = scale.lower,
                       .upper = scale.upper,
                       .places = std::vector<std::uint64_t>(setting_.landscape.wells(), 0)};
        for (const sim::Exit& e : exits) {
            seen.steps += static_cast<double>(e.step);
            if (!e.censored) ++seen.places[e.place];
        }
        simulated_steps_ += seen.steps;
        cell.simulated = std::move(seen);
        return tests;
    }

    Hypothesis out_of_budget(const CellName& name, const theory::ExactCell& exact) const
    {
        Hypothesis h;
        h.id = "exit-time.mean/" + name.text();
        h.claim = "the simulated exit time has the scale that the exact chain gives it";
        h.statistic = "none: the budget ended first";
        h.clip = exact.clip;
        h.learning_rate = exact.learning_rate;
        h.well = exact.well;
        h.alpha = record_.level;
        h.estimate = h.lower = h.upper = std::nan("");
        h.expected = exact.exit.mean;
        h.expected_error = exact.exit.error * exact.exit.mean;
        h.reason = "the budget ended while this cell ran: allow more, or leave the cell out";
        return h;
    }

    /// Of all planned steps, or of those that fit into the budget at the speed seen so far.
    double share_of_stage(double steps_of_cell) const
    {
        double all = 0;
        for (const Cell& cell : record_.cells) all += cell.planned_steps;
        if (speed_ > 0 && spec_.verify.budget) all = std::min(all, speed_ * *spec_.verify.budget);
        return std::min(1.0, (simulated_steps_ + steps_of_cell) / all);
    }

    static constexpr double most_speed = 1e11; ///< steps a second that no machine takes

    const model::Spec& spec_;
    const Options& options_;
    theory::Setting setting_;
    Verification record_;
    std::vector<std::optional<theory::ExitLaw>> laws_; ///< one per cell
    double simulated_steps_ = 0;
    double speed_ = 0; ///< the most steps a second so far
};

}

Verification verify(const model::Spec& spec, const Options& options) { return Run(spec, options)(); }

}
