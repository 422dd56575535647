#include "cli/selftest.hpp"

#include "cli/json_value.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::cli
{

namespace
{

using validation::Calibration;
using validation::Outcomes;

Json outcomes_json(const Outcomes& o)
{
    const auto rate = Calibration::rate(o);
    return {{"campaigns", o.campaigns},
            {"refuted", o.refuted},
            {"confirmed", o.confirmed},
            {"rate_interval", {number(rate.lower), number(rate.upper)}}};
}

bool good(const validation::MutantOutcome& o) { return o.right ? o.refuted == 0 : 100 * o.refuted >= 99 * o.campaigns; }

}

std::string calibrate_text(const model::Spec& spec, const Calibration& c)
{
    Table table({"campaigns drawn from", "campaigns", "refuted", "rate (99 % interval)", "asked", "confirmed"}, {0});
    const auto add = [&](const std::string& name, const Outcomes& o, const std::string& asked) {
        const auto rate = Calibration::rate(o);
        table.add({name, std::to_string(o.campaigns), std::to_string(o.refuted),
                   fmt::format("[{}, {}]", shown(rate.lower, 3), shown(rate.upper, 3)), asked,
                   std::to_string(o.confirmed)});
    };
    const std::string effect = percent(spec.verify.effect);
    add("the exact law", c.null, fmt::format("at most {}", shown(c.false_alarm, 3)));
    add("the same, ten times the false alarm", c.loose, fmt::format("at most {}", shown(10 * c.false_alarm, 3)));
    add(fmt::format("exits {} slower", effect), c.slow, fmt::format("at least {}", shown(spec.verify.power, 4)));
    add(fmt::format("exits {} faster", effect), c.fast, fmt::format("at least {}", shown(spec.verify.power, 4)));
    for (const auto& [outcomes, how] : {std::pair{c.more, "more"}, {c.less, "less"}})
        if (outcomes.campaigns > 0)
            add(fmt::format("the likeliest place {} {} likely", effect, how), outcomes,
                fmt::format("at least {}", shown(spec.verify.power, 4)));
    std::string text =
        fmt::format("{} ({}), well {} at clip {}, learning rate {}: mean {} steps, {} exits a campaign\n\n{}\n",
                    spec.title, spec.name, c.cell.well + 1, shown(c.cell.clip, 6), shown(c.cell.learning_rate, 6),
                    shown(c.cell.exit.mean, 5), c.planned, table.text());
    text += fmt::format("Mean e-value of exit-time.mean: {} (at most 1). Kolmogorov's p-value of uniform p-values: "
                        "exit-time.law {}, exit-time.given-place {}.\n",
                        with_error(c.mean_e, c.mean_e_error), shown(c.shape_uniform, 3), shown(c.joint_uniform, 3));
    const auto complaints = c.complaints(spec.verify.power);
    for (const std::string& complaint : complaints) text += fmt::format("{}\n", complaint);
    return text +
           (complaints.empty() ? "The tests are what they claim to be.\n" : "The tests are not what they claim.\n");
}

std::string calibrate_json(const model::Spec& spec, const Calibration& c)
{
    return document({{"name", spec.name},
                     {"version", version},
                     {"clip", number(c.cell.clip)},
                     {"learning_rate", number(c.cell.learning_rate)},
                     {"well", c.cell.well + 1},
                     {"mean_exit_time", number(c.cell.exit.mean)},
                     {"planned", c.planned},
                     {"false_alarm", number(c.false_alarm)},
                     {"null", outcomes_json(c.null)},
                     {"null_at_ten_times_false_alarm", outcomes_json(c.loose)},
                     {"slower", outcomes_json(c.slow)},
                     {"faster", outcomes_json(c.fast)},
                     {"likeliest_place_more", c.more.campaigns > 0 ? outcomes_json(c.more) : Json(nullptr)},
                     {"likeliest_place_less", c.less.campaigns > 0 ? outcomes_json(c.less) : Json(nullptr)},
                     {"mean_e_value", number(c.mean_e)},
                     {"mean_e_value_standard_error", number(c.mean_e_error)},
                     {"uniformity_p_value",
                      {{"exit-time.law", number(c.shape_uniform)}, {"exit-time.given-place", number(c.joint_uniform)}}},
                     {"complaints", c.complaints(spec.verify.power)}});
}

bool all_seen(const std::vector<validation::MutantOutcome>& outcomes)
{
    return std::all_of(outcomes.begin(), outcomes.end(), good);
}

std::string mutants_text(const std::vector<validation::MutantOutcome>& outcomes)
{
    Table table({"mutant", "campaigns", "refuted", "", "mostly by", "what is wrong"}, {0, 3, 4, 5});
    for (const auto& o : outcomes) {
        table.add({o.name, std::to_string(o.campaigns), std::to_string(o.refuted),
                   good(o) ? "as it should" : "NOT SEEN", o.by.empty() ? "–" : o.by.substr(0, o.by.find('/')), o.says});
    }
    return table.text() + (all_seen(outcomes)
                               ? "\nEvery planted error is seen, and the right simulation is not refuted.\n"
                               : "\nNot every outcome is as it should be.\n");
}

std::string mutants_json(const std::vector<validation::MutantOutcome>& outcomes)
{
    Json list = Json::array();
    for (const auto& o : outcomes)
        list.push_back({{"name", o.name},
                        {"says", o.says},
                        {"campaigns", o.campaigns},
                        {"refuted", o.refuted},
                        {"by", o.by.empty() ? Json(nullptr) : Json(o.by)}});
    return document({{"version", version}, {"all_seen", all_seen(outcomes)}, {"mutants", std::move(list)}});
}

}
