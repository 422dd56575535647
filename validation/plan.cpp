#include "validation/plan.hpp"

#include "sim/exits.hpp"
#include "theory/parallel.hpp"
#include "validation/scale_process.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <thread>

namespace exeunt::validation
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Steps a second of a run of this cell that is broken off after `seconds`, or earlier at its end.
double measured_speed(const model::Model& model, std::size_t well, std::uint64_t replicas, unsigned threads,
                      double seconds)
{
    const auto start = Clock::now();
    double steps = 0, last = 0;
    const sim::ExitPlan plan{.replicas = replicas,
                             .threads = threads,
                             .progress =
                                 [&](std::uint64_t, std::uint64_t done) {
                                     steps = static_cast<double>(done);
                                     last = seconds_since(start);
                                 },
                             .stop = [&] { return seconds_since(start) > seconds; }};
    try {
        sim::stream_exits(
            model, well, {}, plan, [](auto) {}, sim::default_path());
    } catch (const Interrupted&) {
    }
    return steps / std::max(last, 1e-6);
}

/// Whether the claim is on a distance in probability, and not on a constant.
bool of_laws(Claim claim)
{
    switch (claim) {
    case Claim::exit_shape:
    case Claim::exit_joint:
    case Claim::wells_at_times:
    case Claim::share:
    case Claim::share_at_time:
        return true;
    case Claim::exit_scale:
    case Claim::exit_split:
    case Claim::passage_time:
    case Claim::passage_split:
        return false;
    }
    return false;
}

}

Design design_of(const model::VerifySpec& asked, Claim claim, std::size_t tests)
{
    return {.level = level(asked.false_alarm, claim, tests),
            .effect = of_laws(claim) ? asked.distance.value_or(asked.effect) : asked.effect,
            .power = asked.power};
}

double oracle_error(double effect) { return std::min(1e-4, effect / 50); }

ExactBudget::ExactBudget(const model::VerifySpec& asked, unsigned threads)
    : part_(exact_part * static_cast<double>(theory::threads_for(threads)) *
            asked.budget.value_or(std::numeric_limits<double>::infinity())),
      most_(std::max(part_, exact_least)),
      seconds_(std::max(asked.budget.value_or(std::numeric_limits<double>::infinity()), 4 * exact_least))
{
}

bool ExactBudget::late() const { return seconds_since(begun_) > seconds_; }

theory::Allowance ExactBudget::for_cell()
{
    return theory::Allowance(
        {.spent = [this](double work) { spent_ += work; }, .late = [this] { return spent_ > most_ || late(); }});
}

LimitStudies limit_studies(const model::Spec& spec, const theory::Setting& setting,
                           const std::vector<theory::Prediction>& predictions, const std::vector<CellName>& only,
                           unsigned threads, const ExactBudget& budget, const theory::Watch& watch)
{
    const auto wanted = [&](double clip, std::size_t well) {
        return only.empty() || std::any_of(only.begin(), only.end(),
                                           [&](const CellName& c) { return c.clip == clip && c.well == well; });
    };
    return limit_studies(setting, predictions,
                         {.etas = spec.verify.ladder,
                          .effect = spec.verify.effect,
                          .threads = threads,
                          .watch = watch,
                          .wanted = wanted,
                          .shares = only.empty(),
                          .work = budget.work_left(),
                          .work_of_shares = budget.work_of_shares(),
                          .late = [&] { return budget.late(); }});
}

double simulation_budget(const model::VerifySpec& asked, double elapsed)
{
    constexpr double last = 0.1, least = 1 - exact_part - last;
    if (!asked.budget) return std::numeric_limits<double>::infinity();
    return std::max(least * *asked.budget, (1 - last) * *asked.budget - elapsed);
}

std::uint64_t ExitsNeeded::planned() const { return std::max({scale, shape, split, joint}); }

ExitsNeeded exits_needed(const model::VerifySpec& asked, std::size_t tests, const theory::ExitMoments& moments,
                         const theory::ExitLaw& law)
{
    const auto& to = moments.to;
    const double likeliest = *std::max_element(to.begin(), to.end());
    const Design scale = design_of(asked, Claim::exit_scale, tests);
    ExitsNeeded needed{.scale = exits_for_scale(scale, moments.error),
                       .most = most_exits_for_scale(scale, moments.error),
                       .shape = 0,
                       .split = 0,
                       .joint = 0};
    Design split = design_of(asked, Claim::exit_split, tests);
    split.level /= static_cast<double>(split_tests(to));
    needed.split = exits_for_share(likeliest, split);
    if (law.geometric()) return needed;
    const double blur = moments.error + law.error();
    needed.shape = samples_for_gap(design_of(asked, Claim::exit_shape, tests), blur);
    Design joint = design_of(asked, Claim::exit_joint, tests);
    joint.level *= likeliest;
    needed.joint = static_cast<std::uint64_t>(
        std::ceil(static_cast<double>(samples_for_gap(joint, blur + 2 * law.error() / likeliest)) / likeliest));
    return needed;
}

double Plan::seconds() const
{
    double total = whole_line_seconds;
    for (const PlannedCell& cell : cells)
        if (cell.fits) total += cell.seconds;
    return total;
}

Plan plan(const model::Spec& spec, const PlanOptions& options)
{
    constexpr double longest = 0.25; // seconds of simulation a cell
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    auto limits = theory::limit_cells(spec, setting, predictions);
    std::erase_if(limits, [&](const auto& c) {
        const CellName name{c.clip, c.learning_rate, c.well};
        return !options.only.empty() && std::find(options.only.begin(), options.only.end(), name) == options.only.end();
    });
    Plan result{.cells = {}, .oracle_seconds = 0, .threads = options.threads};
    if (result.threads == 0) result.threads = std::max(1U, std::thread::hardware_concurrency());
    for (const auto& cell : limits)
        result.cells.push_back({cell, {}, 0, 0, 0, true, std::numeric_limits<double>::infinity()});

    const auto start = Clock::now();
    const auto watch = [&](const char* stage) {
        return theory::Watch{.progress =
                                 [&options, stage](std::size_t done, std::size_t of) {
                                     if (options.progress)
                                         options.progress(stage, static_cast<double>(done) / static_cast<double>(of));
                                 },
                             .stop = options.stop};
    };
    ExactBudget budget(spec.verify, options.threads);
    std::vector<char> reached(limits.size(), 1);
    theory::for_each_cell(theory::oracle_costs(setting, limits), options.threads, watch("oracle"), [&](std::size_t k) {
        const theory::Allowance allowed = budget.for_cell();
        PlannedCell& cell = result.cells[k];
        const auto model = setting.at(cell.exact.clip, cell.exact.learning_rate);
        try {
            cell.exact.exit = theory::exit_moments(model, cell.exact.well, oracle_error(spec.verify.effect));
            const theory::ExitLaw law(model, cell.exact.well, cell.exact.exit);
            cell.needed = exits_needed(spec.verify, limits.size(), cell.exact.exit, law);
        } catch (const theory::TooDear&) {
            reached[k] = 0;
            return;
        }
        cell.steps = static_cast<double>(cell.needed.planned()) * cell.exact.exit.mean;
    });
    result.notes = drop_what_was_not_reached(result.cells, reached);
    if (spec.verify.budget) {
        const LimitStudies studies =
            limit_studies(spec, setting, predictions, options.only, options.threads, budget, watch("ladder"));
        for (std::string& line : left_out(studies)) result.notes.push_back(std::move(line));
    }
    if (options.whole_line)
        result.whole_line = plan_whole_line(spec, setting, predictions, options.threads, watch("whole line"));
    result.oracle_seconds = seconds_since(start);

    for (std::size_t k = 0; k < result.cells.size(); ++k) {
        if (options.stop && options.stop()) throw Interrupted{};
        PlannedCell& cell = result.cells[k];
        cell.steps_per_second = measured_speed(setting.at(cell.exact.clip, cell.exact.learning_rate), cell.exact.well,
                                               cell.needed.planned(), options.threads, longest);
        cell.seconds = cell.steps / cell.steps_per_second;
        if (options.progress)
            options.progress("speed", static_cast<double>(k + 1) / static_cast<double>(result.cells.size()));
    }

    if (result.whole_line) {
        double speed = 1e-300;
        for (const PlannedCell& cell : result.cells) speed = std::max(speed, cell.steps_per_second);
        result.whole_line_seconds = result.whole_line->steps() / speed;
    }

    std::vector<std::size_t> order(result.cells.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return result.cells[a].steps < result.cells[b].steps; });
    double left = simulation_budget(spec.verify, result.oracle_seconds + result.whole_line_seconds);
    for (const std::size_t k : order) {
        PlannedCell& cell = result.cells[k];
        const double most = static_cast<double>(std::max(cell.needed.planned(), cell.needed.most));
        cell.fits = most * cell.exact.exit.mean / cell.steps_per_second <= left;
        if (cell.fits) left -= cell.seconds;
        const double affordable = left * cell.steps_per_second / cell.exact.exit.mean;
        const auto exits = cell.fits ? cell.needed.planned() : static_cast<std::uint64_t>(affordable);
        if (exits > 0)
            cell.visible = visible_rate_error(exits, design_of(spec.verify, Claim::exit_scale, limits.size()),
                                              cell.exact.exit.error);
    }
    return result;
}

}
