#include "cli/stationary.hpp"

#include "cli/table.hpp"

#include <cmath>
#include <fmt/format.h>

namespace exeunt::cli
{

namespace
{

double limit_of(const theory::StationaryCell& cell, std::size_t well)
{
    return cell.limit.empty() ? std::nan("") : cell.limit[well];
}

}

Json histogram(const theory::Occupation& seen)
{
    Json edges = Json::array(), probabilities = Json::array();
    for (const double x : seen.edges) edges.push_back(number(x));
    for (const double p : seen.bins) probabilities.push_back(number(p));
    return {{"edges", edges},
            {"probabilities", probabilities},
            {"below", number(seen.below)},
            {"above", number(seen.above)},
            {"total_variation_error", number(seen.error)}};
}

namespace
{

Json begun(const std::vector<theory::Occupation>& histograms, std::uint64_t steps)
{
    Json list = Json::array();
    for (std::size_t i = 0; i < histograms.size(); ++i) {
        Json from{{"start", i + 1}, {"steps", steps}};
        from.update(histogram(histograms[i]));
        list.push_back(from);
    }
    return list;
}

}

std::string stationary_text(const std::vector<theory::StationaryCell>& cells)
{
    Table table({"clip", "η", "well", "share of time", "limit η → 0"});
    for (const auto& cell : cells)
        for (std::size_t i = 0; i < cell.pi.share.size(); ++i)
            table.add({shown(cell.clip, 6), shown(cell.learning_rate, 6), std::to_string(i + 1),
                       with_error(cell.pi.share[i], cell.pi.error * cell.pi.share[i]), shown(limit_of(cell, i), 5)});
    return fmt::format("\nThe stationary law: share of time in each attraction field, relative error below {:g}\n{}",
                       theory::share_accuracy, table.text());
}

Json stationary_value(const std::vector<theory::StationaryCell>& cells, std::uint64_t steps)
{
    Json list = Json::array();
    for (const auto& cell : cells) {
        Json shares = Json::array(), rates = Json::array();
        for (std::size_t i = 0; i < cell.pi.share.size(); ++i) {
            shares.push_back(
                {{"well", i + 1}, {"share", number(cell.pi.share[i])}, {"limit", number(limit_of(cell, i))}});
            Json row = Json::array();
            for (std::size_t j = 0; j < cell.pi.share.size(); ++j)
                row.push_back(number(cell.pi.rate(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j))));
            rates.push_back(row);
        }
        Json out{{"clip", number(cell.clip)},
                 {"learning_rate", number(cell.learning_rate)},
                 {"shares", shares},
                 {"share_relative_error", number(cell.pi.error)},
                 {"rates", rates}};
        if (cell.occupation) out["histogram"] = histogram(*cell.occupation);
        if (!cell.begun.empty()) out["begun"] = begun(cell.begun, steps);
        list.push_back(out);
    }
    return list;
}

}
