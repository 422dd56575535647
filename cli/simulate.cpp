#include "cli/simulate.hpp"

#include "cli/json_value.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace exeunt::cli
{

CellSummary summary(const sim::Cell& cell, const std::vector<sim::Exit>& exits)
{
    CellSummary s{.cell = cell, .exits = 0, .censored = 0, .steps = 0, .mean = 0, .error = 0, .places = {}};
    for (const sim::Exit& e : exits) {
        s.steps += static_cast<double>(e.step);
        ++(e.censored ? s.censored : s.exits);
        if (e.place >= s.places.size()) s.places.resize(e.place + std::size_t{1});
        if (!e.censored) ++s.places[e.place];
    }
    const auto n = static_cast<double>(exits.size());
    double squares = 0;
    for (const sim::Exit& e : exits) squares += std::pow(static_cast<double>(e.step) - s.steps / n, 2);
    s.mean = s.censored > 0 ? std::nan("") : s.steps / n;
    s.error = s.censored > 0 || n < 2 ? std::nan("") : std::sqrt(squares / (n - 1) / n);
    return s;
}

namespace
{

/// "1: 87 %, 3: 13 %"; of more than four places, the three that are entered most, then the rest.
std::string split_words(const CellSummary& s)
{
    std::vector<std::size_t> places;
    for (std::size_t j = 0; j < s.places.size(); ++j)
        if (s.places[j] > 0) places.push_back(j);
    if (places.size() > 4) {
        std::stable_sort(places.begin(), places.end(),
                         [&](std::size_t a, std::size_t b) { return s.places[a] > s.places[b]; });
        places.resize(3);
    }
    const auto share = [&](std::uint64_t k) { return percent(static_cast<double>(k) / static_cast<double>(s.exits)); };
    std::vector<std::string> words;
    std::uint64_t rest = s.exits;
    for (const std::size_t j : places) {
        words.push_back(fmt::format("{}: {}", j + 1, share(s.places[j])));
        rest -= s.places[j];
    }
    if (rest > 0) words.push_back(fmt::format("others: {}", share(rest)));
    return words.empty() ? "–" : model::join(words, ", ");
}

std::string mean_words(const CellSummary& s)
{
    if (std::isnan(s.mean)) return "–";
    return std::isnan(s.error) ? shown(s.mean, 5) : with_error(s.mean, s.error);
}

}

std::string simulate_text(const Campaign& campaign)
{
    Table table({"clip", "η", "well", "exits", "censored", "mean exit time", "to well"}, {6});
    for (const CellSummary& s : campaign.cells)
        table.add({shown(s.cell.clip, 6), shown(s.cell.learning_rate, 6), std::to_string(s.cell.well + 1),
                   std::to_string(s.exits), std::to_string(s.censored), mean_words(s), split_words(s)});
    std::string out =
        fmt::format("{} ({})\nSeed {}, {} of every cell. Mean exit time ± standard error.\n\n{}\nStore: {}\n",
                    campaign.spec.title, campaign.spec.name, campaign.spec.verify.seed,
                    counted(campaign.plan.replicas, "replica"), table.text(), campaign.store);
    if (!campaign.csv.empty()) out += fmt::format("Exits: {}\n", campaign.csv);
    return out;
}

std::string simulate_json(const Campaign& campaign)
{
    Json cells = Json::array();
    for (const CellSummary& s : campaign.cells) {
        Json split = Json::array();
        for (std::size_t j = 0; j < s.places.size(); ++j)
            if (s.places[j] > 0)
                split.push_back(
                    {{"to", j + 1},
                     {"exits", s.places[j]},
                     {"probability", number(static_cast<double>(s.places[j]) / static_cast<double>(s.exits))}});
        cells.push_back({{"clip", number(s.cell.clip)},
                         {"learning_rate", number(s.cell.learning_rate)},
                         {"well", s.cell.well + 1},
                         {"exits", s.exits},
                         {"censored", s.censored},
                         {"steps", number(s.steps)},
                         {"mean_exit_time", number(s.mean)},
                         {"mean_exit_time_standard_error", number(s.error)},
                         {"exit_split", std::move(split)}});
    }
    const std::uint64_t limit = campaign.plan.step_limit;
    return document({{"name", campaign.spec.name},
                     {"version", version},
                     {"seed", campaign.spec.verify.seed},
                     {"replicas", campaign.plan.replicas},
                     {"max_steps", limit == UINT64_MAX ? Json(nullptr) : Json(limit)},
                     {"store", campaign.store},
                     {"export", campaign.csv.empty() ? Json(nullptr) : Json(campaign.csv)},
                     {"cells", std::move(cells)}});
}

std::string csv_head() { return "clip,learning_rate,well,replica,exit_step,to,final_state\n"; }

void write_csv(GrowingFile& file, const sim::Cell& cell, const std::vector<sim::Exit>& exits)
{
    constexpr std::size_t piece = 1 << 20;
    const std::string head = fmt::format("{},{},{}", cell.clip, cell.learning_rate, cell.well + 1);
    std::string text;
    for (std::size_t r = 0; r < exits.size(); ++r) {
        const sim::Exit& e = exits[r];
        const std::string to = e.censored ? "" : std::to_string(e.place + 1);
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n", head, r, e.step, to, e.final_state);
        if (text.size() < piece) continue;
        file.write(text);
        text.clear();
    }
    file.write(text);
}

}
