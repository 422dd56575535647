#include "cli/plan.hpp"

#include "cli/json_value.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/version.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::cli
{

namespace
{

/// On `cores` cores as fast as those of the plan.
double elsewhere(const validation::Plan& plan, double seconds, unsigned cores)
{
    return seconds * plan.threads / cores;
}

double all_seconds(const validation::Plan& plan)
{
    double total = plan.whole_line_seconds;
    for (const auto& cell : plan.cells) total += cell.seconds;
    return total;
}

Json whole_line_json(const validation::Plan& plan)
{
    Json tasks = Json::array();
    const auto add = [&](const char* kind, const validation::CellName& from, std::uint64_t replicas, double steps) {
        tasks.push_back({{"kind", kind},
                         {"clip", number(from.clip)},
                         {"learning_rate", number(from.learning_rate)},
                         {"well", from.well + 1},
                         {"replicas", replicas},
                         {"steps", number(steps)}});
    };
    for (const auto& p : plan.whole_line->paths) add("paths", p.from, p.replicas, p.steps());
    for (const auto& p : plan.whole_line->passages) add("passages", p.from, p.most, p.steps());
    return {{"steps", number(plan.whole_line->steps())},
            {"seconds", number(plan.whole_line_seconds)},
            {"tasks", std::move(tasks)},
            {"not_asked", plan.whole_line->notes}};
}

std::string count_or_dash(std::uint64_t n) { return n == 0 ? "–" : std::to_string(n); }

}

std::string plan_text(const model::Spec& spec, const validation::Plan& plan, unsigned cores)
{
    std::vector<std::string> head = {"clip",  "η",     "well",  "mean",  "time", "law",
                                     "split", "joint", "exits", "steps", "takes"};
    if (cores > 0) head.push_back(fmt::format("on {}", counted(cores, "core")));
    head.insert(head.end(), {"in budget", "sees"});
    Table table(head, {head.size() - 2});
    std::size_t fitting = 0;
    for (const auto& cell : plan.cells) {
        const auto& need = cell.needed;
        std::vector<std::string> row = {shown(cell.exact.clip, 6),
                                        shown(cell.exact.learning_rate, 6),
                                        std::to_string(cell.exact.well + 1),
                                        shown(cell.exact.exit.mean, 5),
                                        std::to_string(need.scale),
                                        count_or_dash(need.shape),
                                        std::to_string(need.split),
                                        count_or_dash(need.joint),
                                        std::to_string(need.planned()),
                                        shown(cell.steps, 3),
                                        duration(cell.seconds)};
        if (cores > 0) row.push_back(duration(elsewhere(plan, cell.seconds, cores)));
        row.push_back(cell.fits ? "yes" : "no");
        row.push_back(std::isfinite(cell.visible) ? percent(cell.visible) : "–");
        table.add(std::move(row));
        fitting += cell.fits ? 1 : 0;
    }
    const auto& asked = spec.verify;
    std::string text = fmt::format(
        "{} ({})\nTo see an error of {} with probability {}, at a false alarm of {} over the run:\n\n{}\n", spec.title,
        spec.name, percent(asked.effect), shown(asked.power, 6), shown(asked.false_alarm, 6), table.text());
    text += "time, law, split, joint: exits that each hypothesis needs; exits: what is simulated of the cell, at\n"
            "least. sees: the error of the mean exit time that would show; outside the budget, with the exits\n"
            "that the rest of it allows.\n\n";
    if (plan.whole_line) {
        text += fmt::format("The whole line: {}, {} steps, {}.\n",
                            counted(3 * plan.whole_line->paths.size() + 2 * plan.whole_line->passages.size(), "test"),
                            shown(plan.whole_line->steps(), 3), duration(plan.whole_line_seconds));
        for (const std::string& note : plan.whole_line->notes) text += fmt::format("  Not asked: {}\n", note);
    }
    for (const std::string& note : plan.notes) text += fmt::format("Not asked: {}\n", note);
    text += fmt::format("{}: {} of simulation here, on {}", plan.whole_line ? "All of it" : "All cells",
                        duration(all_seconds(plan)), counted(plan.threads, "thread"));
    if (cores > 0)
        text += fmt::format("; {} on {}", duration(elsewhere(plan, all_seconds(plan), cores)), counted(cores, "core"));
    text += fmt::format(". The exact chain{} took {}.\n", asked.budget ? ", ladders included," : " of all cells",
                        duration(plan.oracle_seconds));
    if (asked.budget)
        text += fmt::format("The budget of {} holds {} of {} cells, {}; the others are left to the exact chain and the "
                            "limit.\n",
                            duration(*asked.budget), fitting, plan.cells.size(), duration(plan.seconds()));
    return text;
}

std::string plan_json(const model::Spec& spec, const validation::Plan& plan, unsigned cores)
{
    Json cells = Json::array();
    for (const auto& cell : plan.cells) {
        Json out = {{"clip", number(cell.exact.clip)},
                    {"learning_rate", number(cell.exact.learning_rate)},
                    {"well", cell.exact.well + 1},
                    {"mean_exit_time", number(cell.exact.exit.mean)},
                    {"exits", cell.needed.planned()},
                    {"exits_needed",
                     {{"exit-time.mean", cell.needed.scale},
                      {"exit-time.mean.at_most", cell.needed.most},
                      {"exit-time.law", cell.needed.shape},
                      {"exit-split", cell.needed.split},
                      {"exit-time.given-place", cell.needed.joint}}},
                    {"steps", number(cell.steps)},
                    {"steps_per_second", number(cell.steps_per_second)},
                    {"seconds", number(cell.seconds)}};
        if (cores > 0) out["seconds_on_cores"] = number(elsewhere(plan, cell.seconds, cores));
        out["fits"] = cell.fits;
        out["visible_effect"] = std::isfinite(cell.visible) ? number(cell.visible) : Json(nullptr);
        cells.push_back(std::move(out));
    }
    return document({{"name", spec.name},
                     {"version", version},
                     {"effect", number(spec.verify.effect)},
                     {"power", number(spec.verify.power)},
                     {"false_alarm", number(spec.verify.false_alarm)},
                     {"budget", spec.verify.budget ? number(*spec.verify.budget) : Json(nullptr)},
                     {"threads", plan.threads},
                     {"cores", cores > 0 ? Json(cores) : Json(nullptr)},
                     {"whole_line", plan.whole_line ? whole_line_json(plan) : Json(nullptr)},
                     {"seconds", number(all_seconds(plan))},
                     {"seconds_in_budget", number(plan.seconds())},
                     {"oracle_seconds", number(plan.oracle_seconds)},
                     {"not_asked", plan.notes},
                     {"cells", std::move(cells)}});
}

}
