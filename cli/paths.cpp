#include "cli/paths.hpp"

#include "cli/json_value.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <limits>

namespace exeunt::cli
{
namespace
{

constexpr std::size_t most_columns = 6; ///< wells that a table has room for

std::string head_of(const sim::Cell& cell)
{
    return fmt::format("{},{},{}", cell.clip, cell.learning_rate, cell.well + 1);
}

}

PathSummary summary(const sim::Cell& cell, const sim::Observation& seen, std::uint64_t steps)
{
    const auto n = static_cast<double>(seen.trails.size());
    PathSummary s{.cell = cell, .share = {}, .error = {}};
    for (std::size_t i = 0; i < seen.trails.front().time_in.size(); ++i) {
        double sum = 0, squares = 0;
        const auto share = [&](const sim::Trail& t) {
            return static_cast<double>(t.time_in[i]) / static_cast<double>(steps);
        };
        for (const sim::Trail& t : seen.trails) sum += share(t);
        for (const sim::Trail& t : seen.trails) squares += std::pow(share(t) - sum / n, 2);
        s.share.push_back(sum / n);
        s.error.push_back(n < 2 ? std::nan("") : std::sqrt(squares / (n - 1) / n));
    }
    return s;
}

std::string paths_text(const PathCampaign& campaign)
{
    const std::size_t wells = campaign.cells.front().share.size();
    const std::size_t columns = wells <= most_columns ? wells : most_columns - 1;
    std::vector<std::string> head = {"clip", "η", "start"};
    for (std::size_t i = 0; i < columns; ++i) head.push_back(fmt::format("in field {}", i + 1));
    if (columns < wells) head.emplace_back("in the others");
    Table table(head);
    for (const PathSummary& s : campaign.cells) {
        std::vector<std::string> row = {shown(s.cell.clip, 6), shown(s.cell.learning_rate, 6),
                                        std::to_string(s.cell.well + 1)};
        double rest = 1;
        for (std::size_t i = 0; i < columns; ++i) {
            row.push_back(s.error[i] > 0 ? with_error(s.share[i], s.error[i]) : shown(s.share[i], 4));
            rest -= s.share[i];
        }
        if (columns < wells) row.push_back(shown(std::max(0.0, rest), 3));
        table.add(std::move(row));
    }
    std::string out =
        fmt::format("{} ({})\nSeed {}, {} of {} steps from every well. Share of time ± standard error over "
                    "the paths.\n\n{}\nStore: {}\n",
                    campaign.spec.title, campaign.spec.name, campaign.spec.verify.seed, counted(campaign.paths, "path"),
                    campaign.steps, table.text(), campaign.store);
    if (!campaign.csv.empty()) out += fmt::format("Tables: {}\n", model::join(campaign.csv, ", "));
    return out;
}

std::string paths_json(const PathCampaign& campaign)
{
    Json cells = Json::array();
    for (const PathSummary& s : campaign.cells) {
        Json shares = Json::array();
        for (std::size_t i = 0; i < s.share.size(); ++i)
            shares.push_back({{"well", i + 1}, {"share", number(s.share[i])}, {"standard_error", number(s.error[i])}});
        cells.push_back({{"clip", number(s.cell.clip)},
                         {"learning_rate", number(s.cell.learning_rate)},
                         {"well", s.cell.well + 1},
                         {"time", std::move(shares)}});
    }
    return document({{"name", campaign.spec.name},
                     {"version", version},
                     {"seed", campaign.spec.verify.seed},
                     {"paths", campaign.paths},
                     {"steps", campaign.steps},
                     {"store", campaign.store},
                     {"export", campaign.csv},
                     {"cells", std::move(cells)}});
}

PathTables::PathTables(const std::filesystem::path& folder, std::size_t wells)
    : folder_(folder), paths_(folder, "paths.csv"), wells_(folder, "wells.csv"), states_(folder, "states.csv"),
      histogram_(folder, "histogram.csv")
{
    std::string fields;
    for (std::size_t i = 0; i < wells; ++i) fields += fmt::format("steps_in_{},", i + 1);
    paths_.write("clip,learning_rate,well,replica," + fields + "final_state\n");
    wells_.write("clip,learning_rate,well,replica,step,at\n");
    states_.write("clip,learning_rate,well,replica,step,x\n");
    histogram_.write("clip,learning_rate,well,from,to,steps\n");
}

void PathTables::write(const sim::Cell& cell, const sim::Observation& seen, const sim::Observables& what)
{
    const std::string head = head_of(cell);
    for (std::size_t r = 0; r < seen.trails.size(); ++r) {
        const sim::Trail& t = seen.trails[r];
        std::string line = fmt::format("{},{},", head, r), wells, states;
        for (const std::uint64_t time : t.time_in) line += fmt::format("{},", time);
        paths_.write(line + fmt::format("{}\n", t.final_state));
        for (std::size_t k = 0; k < t.well_at.size(); ++k)
            wells += fmt::format("{},{},{},{}\n", head, r, what.times[k], t.well_at[k] + 1);
        for (std::size_t k = 0; k < t.states.size(); ++k)
            states += fmt::format("{},{},{},{}\n", head, r, k * what.every, static_cast<float>(t.states[k]));
        wells_.write(wells);
        states_.write(states);
    }
    constexpr double inf = std::numeric_limits<double>::infinity();
    const sim::Occupation& o = seen.occupation;
    const auto edge = [&](std::size_t k) {
        return what.bins.lo + (what.bins.hi - what.bins.lo) * static_cast<double>(k) / what.bins.count;
    };
    std::string bins = fmt::format("{},{},{},{}\n", head, -inf, what.bins.lo, o.below);
    for (std::size_t k = 0; k < o.count.size(); ++k)
        bins += fmt::format("{},{},{},{}\n", head, edge(k), edge(k + 1), o.count[k]);
    histogram_.write(bins + fmt::format("{},{},{},{}\n", head, what.bins.hi, inf, o.above));
}

std::vector<std::string> PathTables::publish()
{
    for (GrowingFile* const file : {&paths_, &wells_, &states_, &histogram_}) file->publish();
    std::vector<std::string> names;
    for (const char* const name : {"paths.csv", "wells.csv", "states.csv", "histogram.csv"})
        names.push_back((folder_ / name).string());
    return names;
}

}
