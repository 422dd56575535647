// tests/cli/record.hpp: a record of verify made by hand, so that what is printed can be checked number by number.
#pragma once

#include "cli/json.hpp"
#include "validation/verify.hpp"

#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <string>

namespace exeunt::cli::tests
{

constexpr double inf = std::numeric_limits<double>::infinity();

inline model::Spec two_clips(const std::string& title = "Two <wide> wells & more")
{
    return model::default_spec("x^4/4 - x^2/2 + 0.1*x",
                               {"name=by-hand", fmt::format("title={}", title), "potential.domain=-2.5,2.5",
                                "dynamics.clip=0.5,inf", "dynamics.learning_rate=0.02,0.01"});
}

inline validation::Hypothesis hypothesis(const std::string& kind, const theory::ExactCell& cell,
                                         validation::Verdict verdict)
{
    validation::Hypothesis h{};
    h.id = fmt::format("{}/clip={}/eta={}/well={}", kind, cell.clip, cell.learning_rate, cell.well + 1);
    h.claim = "the claim";
    h.statistic = "the statistic";
    h.clip = cell.clip;
    h.learning_rate = cell.learning_rate;
    h.well = cell.well;
    h.value = 0.3;
    h.p_value = 0.41;
    h.alpha = 1e-5;
    h.estimate = 0.1 + 0.2;
    h.lower = 0.25;
    h.upper = inf;
    h.expected = 1.0 / 3;
    h.expected_error = 1e-9;
    h.detectable_effect = 0.043;
    h.samples = 20000;
    h.censored = 3;
    h.verdict = verdict;
    h.reason = verdict == validation::Verdict::confirmed ? "" : "a reason with <marks>";
    return h;
}

/// Every number is made up but for the predictions. The first cell was not simulated, in the second no path has left;
/// the verdict on the scale of the last cell is given.
inline validation::Verification record(const model::Spec& spec, const theory::Setting& setting,
                                       validation::Verdict last = validation::Verdict::confirmed)
{
    using validation::Verdict;
    validation::Verification v{};
    v.predictions = theory::predict(spec, setting);
    v.level = 1e-5;
    for (const auto& prediction : v.predictions)
        for (const double eta : spec.dynamics.learning_rate)
            for (std::size_t i = 0; i < prediction.exits.size(); ++i) {
                theory::ExactCell cell{.clip = prediction.clip,
                                       .learning_rate = eta,
                                       .well = i,
                                       .exit = {},
                                       .time_scale = eta * eta / 3,
                                       .limit_mean = 3 / (eta * eta)};
                cell.exit.mean = cell.limit_mean * (1 - eta / 7);
                cell.exit.to.assign(prediction.exits.size(), 0.0);
                cell.exit.to[1 - i] = 1;
                cell.exit.error = 1e-7 / 3;
                cell.exit.to_error = 1e-8;
                cell.exit.nodes = 321;
                validation::Cell whole{.exact = cell,
                                       .needed = {},
                                       .planned_exits = 20000,
                                       .planned_steps = 20000 * cell.exit.mean,
                                       .simulated = {},
                                       .note = {}};
                const double mean = cell.exit.mean * 1.001;
                if (v.cells.empty()) {
                    whole.note = "the budget ended before it";
                } else if (v.cells.size() == 1) {
                    whole.simulated = validation::Simulated{0, 20000, 1e9, inf, cell.exit.mean, inf, {0, 0}};
                } else {
                    whole.simulated = validation::Simulated{20000, 0, 20000 * mean, mean, mean * 0.97, mean * 1.03, {}};
                    whole.simulated->places.assign(prediction.exits.size(), 0);
                    whole.simulated->places[1 - i] = 20000;
                }
                if (whole.simulated) {
                    v.hypotheses.push_back(hypothesis("exit-time.mean", cell, Verdict::confirmed));
                    v.hypotheses.push_back(hypothesis("exit-split", cell, Verdict::confirmed));
                }
                v.cells.push_back(std::move(whole));
            }
    v.hypotheses[v.hypotheses.size() - 2] = hypothesis("exit-time.mean", v.cells.back().exact, last);
    for (const auto& prediction : v.predictions)
        for (std::size_t i = 0; i < prediction.exits.size(); ++i) {
            validation::Ladder study{prediction.clip, i, {}, {1.0001, 0.0003}, {0.999, 0.002}};
            for (const double eta : {0.5, 0.04, 0.004, 1e-5}) {
                study.rungs.push_back(v.cells.front().exact);
                study.rungs.back().clip = prediction.clip;
                study.rungs.back().well = i;
                study.rungs.back().learning_rate = eta;
            }
            validation::Hypothesis limit = hypothesis("exit-time.limit", study.rungs.front(), Verdict::confirmed);
            limit.learning_rate = limit.p_value = limit.detectable_effect = std::nan("");
            limit.alpha = 0;
            v.hypotheses.push_back(limit);
            limit.id.replace(0, 9, "exit-split");
            v.hypotheses.push_back(limit);
            v.ladders.push_back(std::move(study));
        }
    v.verdict = validation::overall(v.hypotheses);
    return v;
}

/// L4 of one threshold of two wells, made up: the second is sharp, and its share is refuted.
inline validation::IrreducibleLadder shares_of_time(double clip)
{
    validation::IrreducibleLadder study{.clip = clip, .start = 0, .times = {0.25, 1, 2}, .limits = {1, 0.125}};
    for (const double eta : {1e-3, 1e-4, 1e-5})
        study.rungs.push_back({eta, {0.99, 0.01}, {0.99, 0.25}, 1e-4, {0.5 * eta, eta, eta / 4}, 1e-6});
    study.share = {{1.001, 0.002, 0.2, 1.0 / 6}, {0.25, 0.01, 0.18, 1.0 / 6}};
    study.apart = {0.0001, 0.003, inf, 1.0 / 6};
    return study;
}

/// What exact --law --ladder prints: the cells and ladders of a record, with laws made up. The first ratio has not
/// settled, the second rung's law is not known, and the last one's was not asked for. One threshold has its shares of
/// time.
inline Exact laws_and_ladders(const validation::Verification& v)
{
    Exact exact{.cells = {}};
    for (const auto& cell : v.cells) exact.cells.push_back(cell.exact);
    const theory::LawSummary law{
        .survival = {{1, 0.75, {0.5, 0.25}}, {2, 0.5, {0.25, 0.25}}, {1000, 1.0 / 3, {0, 1.0 / 3}}},
        .quantiles = {{0.01, 1}, {0.5, 4'000'000'000'000}},
        .rate = 0.125,
        .error = 1e-6,
        .geometric = false};
    exact.laws.emplace(exact.cells.size(), law);
    exact.ladders = v.ladders;
    for (auto& study : *exact.ladders) {
        study.gaps.assign(2, {0.02, 0.0005, 0.001, 1e-6});
        study.gaps[1] = {std::nan(""), std::nan(""), std::nan(""), std::nan("")};
        study.slope = {1.0001, 0.002, 0.16, 1.0 / 6};
        study.time_gap = {-0.0004, 0.003, 0.16, 1.0 / 6};
        study.place_gap = {1e-6, 1e-5, inf, 1.0 / 6};
    }
    exact.ladders->front().ratio = {1.0001, inf, 0.02, 1.0 / 6};
    exact.shares = {shares_of_time(0.5), {.clip = inf, .silence = "the graph is not irreducible"}};
    exact.limits = {validation::exit_time_limit(exact.ladders->front(), 0.05)};
    for (const auto& h : validation::limits(exact.shares.front(), 0.05)) exact.limits.push_back(h);
    return exact;
}

}
