#include "validation/verify.hpp"

#include "sim/campaign.hpp"
#include "theory/parallel.hpp"
#include "theory/work.hpp"
#include "validation/cell_tests.hpp"
#include "validation/exits.hpp"
#include "validation/whole_line.hpp"

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

/// The replicas of a cell: those that the store has, and new ones on their way to it; and S1 as they come.
class Kept
{
  public:
    Kept(sim::Store* store, const sim::Cell& cell, const sim::Stream& stream, ScaleTest scale, std::uint64_t most)
        : store_(store), cell_(cell), stream_(stream), scale_(std::move(scale)), exits_(most), has_(most, false),
          done_(most, false)
    {
    }

    /// What the store has, censored as if it had been simulated with the limit.
    void read(const model::Model& model, std::uint64_t limit)
    {
        if (!store_) return;
        store_->read(cell_, [&](const sim::Numbered& e) {
            check(e, model.landscape.wells());
            if (e.replica >= exits_.size()) return;
            done_[e.replica] = true;
            exits_[e.replica] = e.exit;
            if (e.exit.step > limit)
                exits_[e.replica] = {limit, static_cast<std::uint32_t>(cell_.well), true, e.exit.final_state};
        });
        sim::check_stored(*store_, model, cell_, stream_.seed);
        has_ = done_;
        look();
    }

    /// BadInput when a replica is there already, or says what none can. A batch that a store decodes may say anything.
    void check(const sim::Numbered& e, std::size_t wells) const
    {
        const auto refuse = [&](const std::string& problem) {
            throw BadInput(fmt::format("{}: replica {} of clip {}, learning rate {}, well {} {}: move the file away",
                                       store_->file().string(), e.replica, cell_.clip, cell_.learning_rate,
                                       cell_.well + 1, problem));
        };
        if (e.replica < done_.size() && done_[e.replica]) refuse("is there twice");
        if (e.exit.step == 0) refuse("left before its first step");
        if (e.exit.place >= wells) refuse(fmt::format("went to well {} of {}", e.exit.place + 1, wells));
        if ((e.exit.place == cell_.well) != e.exit.censored)
            refuse(e.exit.censored ? "was censored in another well" : "left for its own well");
    }

    bool has(std::uint64_t replica) const { return has_[replica]; } ///< before this run began
    /// Of the first `n` replicas.
    std::uint64_t count(std::uint64_t n) const
    {
        return static_cast<std::uint64_t>(
            std::count(done_.begin(), done_.begin() + static_cast<std::ptrdiff_t>(n), true));
    }
    const std::vector<sim::Exit>& exits() const { return exits_; }
    const ScaleTest& scale() const { return scale_; }

    void add(std::span<const sim::Numbered> ended)
    {
        for (const sim::Numbered& e : ended) {
            exits_[e.replica] = e.exit;
            done_[e.replica] = true;
            if (store_ && !e.exit.censored) fresh_.push_back(e);
        }
        look();
        if (fresh_.size() >= (1U << 16) || seconds_since(written_) > 1) write();
    }

    void write()
    {
        if (store_) store_->add(cell_, std::exchange(fresh_, {}));
        written_ = Clock::now();
    }

    /// What was simulated counts as had before.
    void settle()
    {
        write();
        has_ = done_;
    }

  private:
    void look()
    {
        for (; looked_ < exits_.size() && done_[looked_] && !scale_.over(); ++looked_)
            scale_.add(exits_[looked_], randomiser(stream_, looked_));
    }

    sim::Store* store_;
    sim::Cell cell_;
    sim::Stream stream_;
    ScaleTest scale_;
    std::vector<sim::Exit> exits_;
    std::vector<bool> has_;  ///< asked by all threads
    std::vector<bool> done_; ///< of the calling thread alone
    std::uint64_t looked_ = 0;
    std::vector<sim::Numbered> fresh_;
    Clock::time_point written_ = Clock::now();
};

class Run
{
  public:
    Run(const model::Spec& spec, const Options& options)
        : spec_(spec), options_(options), setting_(spec), exact_budget_(spec.verify, options.threads)
    {
    }

    Verification operator()()
    {
        record_.predictions = theory::predict(spec_, setting_);
        list_cells();
        record_.level = design(Claim::exit_scale).level;
        compute_exactly();
        climb();
        if (options_.whole_line) look_at_whole_line(); // it takes what it is given, cells what is left
        simulate();
        for (Hypothesis& h : whole_line_) record_.hypotheses.push_back(std::move(h));
        for (Hypothesis& h : limits_) record_.hypotheses.push_back(std::move(h));
        record_.verdict = overall(record_.hypotheses);
        return std::move(record_);
    }

  private:
    Design design(Claim claim) const { return design_of(spec_.verify, claim, tests_); }

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
        auto cells = theory::limit_cells(spec_, setting_, record_.predictions);
        std::erase_if(cells, [&](const auto& c) {
            const auto& only = options_.only;
            return !only.empty() &&
                   std::find(only.begin(), only.end(), CellName{c.clip, c.learning_rate, c.well}) == only.end();
        });
        costs_ = theory::oracle_costs(setting_, cells);
        for (theory::ExactCell& cell : cells)
            record_.cells.push_back(
                {.exact = std::move(cell), .needed = {}, .planned_exits = 0, .planned_steps = 0, .simulated = {}});
        tests_ = record_.cells.size();
        laws_.resize(tests_);
    }

    /// Oracle and plan of every cell; those that the budget does not reach are none of the record.
    void compute_exactly()
    {
        std::vector<char> reached(record_.cells.size(), 1);
        theory::for_each_cell(costs_, options_.threads, watch("oracle"), [&](std::size_t k) {
            const theory::Allowance allowed = exact_budget_.for_cell();
            Cell& cell = record_.cells[k];
            theory::ExactCell& exact = cell.exact;
            const model::Model model = setting_.at(exact.clip, exact.learning_rate);
            try {
                exact.exit = theory::exit_moments(model, exact.well, oracle_error(spec_.verify.effect));
                laws_[k].emplace(model, exact.well, exact.exit);
            } catch (const theory::TooDear&) {
                reached[k] = 0;
                return;
            }
            cell.needed = exits_needed(spec_.verify, tests_, exact.exit, *laws_[k]);
            cell.planned_exits = cell.needed.planned();
            cell.planned_steps = static_cast<double>(cell.planned_exits) * exact.exit.mean;
        });
        std::vector<std::optional<theory::ExitLaw>> laws;
        for (std::size_t k = 0; k < reached.size(); ++k)
            if (reached[k]) laws.push_back(std::move(laws_[k]));
        laws_ = std::move(laws);
        record_.notes = drop_what_was_not_reached(record_.cells, reached);
    }

    /// Oracle against limit. L4 is for whole specs.
    void climb()
    {
        LimitStudies found = limit_studies(spec_, setting_, record_.predictions, options_.only, options_.threads,
                                           exact_budget_, watch("ladder"));
        for (std::string& line : left_out(found)) record_.notes.push_back(std::move(line));
        limits_ = limits(found, record_.predictions, spec_.verify.effect);
        std::erase_if(found.ladders, [](const Ladder& l) { return l.rungs.size() < 3; });
        record_.ladders = std::move(found.ladders);
        record_.shares = std::move(found.shares);
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
        const double budget = simulation_budget(spec_.verify, seconds_since(begun_));
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

    void look_at_whole_line()
    {
        WholeLinePlan plan =
            plan_whole_line(spec_, setting_, record_.predictions, options_.threads, watch("whole line"));
        whole_line_ =
            whole_line(spec_, setting_, plan,
                       {.threads = options_.threads,
                        .progress = [this](const std::string& what, double share) { tell("whole line", share, what); },
                        .stop = options_.stop});
        for (std::string& note : plan.notes) record_.notes.push_back(std::move(note));
    }

    std::string does_not_fit(const Cell& cell, double speed) const
    {
        const std::string time =
            speed > 0 ? fmt::format(", about {:.0f} s here,", std::ceil(cell.planned_steps / speed)) : "";
        return fmt::format("{:.1e} steps{} do not fit into the budget: {}", cell.planned_steps, time,
                           setting_.noise->heavy_tailed() ? "judged by oracle and limit alone"
                                                          : "not judged, since there is no limit theorem either");
    }

    /// S1 to S4 of one cell; none, and a note, when its planned steps turn out not to fit into `left` seconds. That is
    /// judged by the speed alone, never by what the paths do.
    std::vector<Hypothesis> simulate(Cell& cell, const theory::ExitLaw& law, double left)
    {
        const theory::ExactCell& exact = cell.exact;
        const CellName name{exact.clip, exact.learning_rate, exact.well};
        const sim::Stream stream{spec_.verify.seed, cell_key(spec_, exact.clip, exact.learning_rate, exact.well)};
        const auto start = Clock::now();
        const model::Model model = setting_.at(exact.clip, exact.learning_rate);
        const std::uint64_t step_limit = last_step(exact.exit.mean);
        const std::uint64_t planned = cell.planned_exits;
        const std::uint64_t most = std::max(planned, cell.needed.most);
        Kept kept(options_.store, {exact.clip, exact.learning_rate, exact.well, stream.cell}, stream,
                  ScaleTest(law, exact.exit.error, design(Claim::exit_scale), planned), most);
        kept.read(model, step_limit);
        const double steps_to_do =
            cell.planned_steps * (1 - static_cast<double>(kept.count(planned)) / static_cast<double>(planned));
        const double most_steps =
            steps_to_do + static_cast<double>(most - planned) * exact.exit.mean; // if S1 needs them
        // Cells with short paths say little of the speed on long ones: whether a cell fits is seen while it runs.
        if (steps_to_do > 0 && most_steps / most_speed > left) {
            cell.note = does_not_fit(cell, speed_);
            return {};
        }
        double steps_done = 0;
        bool fits = true, out_of_time = false;
        sim::ExitPlan plan{.replicas = planned,
                           .step_limit = step_limit,
                           .threads = options_.threads,
                           .skip = [&](std::uint64_t replica) { return kept.has(replica); },
                           .progress =
                               [&](std::uint64_t, std::uint64_t steps) {
                                   steps_done = static_cast<double>(steps);
                                   tell("simulation", share_of_stage(steps_done),
                                        fmt::format("{}: {} of {} exits", name.text(), kept.count(planned), planned));
                               },
                           .stop =
                               [&] {
                                   const double elapsed = seconds_since(start);
                                   const double share = steps_done / most_steps;
                                   fits = fits && !(elapsed > 0.5 && share < 0.2 && elapsed > left * share);
                                   out_of_time = elapsed > left;
                                   return kept.scale().over() || !fits || out_of_time ||
                                          (options_.stop && options_.stop());
                               }};
        const auto run = [&] {
            try {
                sim::stream_exits(
                    model, exact.well, stream, plan, [&](auto ended) { kept.add(ended); }, sim::default_path());
            } catch (const Interrupted&) {
                kept.write();
                if (!kept.scale().over() && fits && !out_of_time) throw;
            }
            kept.settle();
        };
        if (!kept.scale().over() && kept.count(planned) < planned) run();
        if (steps_to_do > 0 && fits) speed_ = std::max(speed_, steps_done / seconds_since(start));
        if (!kept.scale().over() && !fits) {
            cell.note = does_not_fit(cell, steps_done / seconds_since(start));
            return {};
        }
        if (!kept.scale().over() && kept.count(planned) < planned) {
            cell.note = "the budget ended while this cell ran";
            return {out_of_budget(name, exact)};
        }
        if (!kept.scale().over() && kept.count(most) < most) {
            // S1 goes on until it is sure: about a quarter more exits at most, whatever is left of the budget.
            plan.replicas = most;
            plan.stop = [&] { return kept.scale().over() || (options_.stop && options_.stop()); };
            run();
        }
        return judge(cell, law, kept, stream);
    }

    /// The tests of a cell whose planned replicas are there, or whose scale is refuted already.
    std::vector<Hypothesis> judge(Cell& cell, const theory::ExitLaw& law, const Kept& kept, const sim::Stream& stream)
    {
        const theory::ExactCell& exact = cell.exact;
        const CellName name{exact.clip, exact.learning_rate, exact.well};
        const bool stopped = kept.scale().over() && kept.scale().replicas() < cell.planned_exits;
        const auto used =
            std::span(kept.exits()).first(std::max(kept.scale().replicas(), stopped ? 0 : cell.planned_exits));
        sim::check_distinct({used.begin(), used.end()}, spec_.potential.domain,
                            {exact.clip, exact.learning_rate, exact.well, stream.cell});
        auto tests = cell_tests({name, used, stream, exact.exit}, law, spec_.verify, tests_, cell.planned_exits);
        const Hypothesis& scale = tests.front();
        Simulated seen{.exits = 0,
                       .censored = 0,
                       .steps = 0,
                       .mean = scale.estimate,
                       .lower = scale.lower,
                       .upper = scale.upper,
                       .places = std::vector<std::uint64_t>(setting_.landscape.wells(), 0)};
        for (const sim::Exit& e : used) {
            seen.steps += static_cast<double>(e.step);
            ++(e.censored ? seen.censored : seen.exits);
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
        h.alpha = design(Claim::exit_scale).level;
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
    ExactBudget exact_budget_;
    Verification record_;
    std::size_t tests_ = 0;                            ///< of each kind, one for every cell that is asked for
    std::vector<double> costs_;                        ///< of the exact chain, one per cell
    std::vector<std::optional<theory::ExitLaw>> laws_; ///< one per cell
    std::vector<Hypothesis> whole_line_;               ///< S5 to S7
    std::vector<Hypothesis> limits_;                   ///< L1 to L4
    Clock::time_point begun_ = Clock::now();
    double simulated_steps_ = 0;
    double speed_ = 0; ///< the most steps a second so far
};

}

Verification verify(const model::Spec& spec, const Options& options) { return Run(spec, options)(); }

}
