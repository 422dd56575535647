#include "validation/limit_studies.hpp"

#include "theory/work.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <numeric>

namespace exeunt::validation
{

namespace
{

/// The order to begin ladders in: cheap ones first, since the dear ones are what may have to be left out, those of
/// shares last. Of several threads one begins with the dearest of all, so that they end together.
std::vector<std::size_t> order_of_work(const std::vector<double>& cost, std::size_t of_shares, std::size_t threads)
{
    std::vector<std::size_t> order(cost.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto shares = order.end() - static_cast<std::ptrdiff_t>(of_shares);
    const auto by_cost = [&](std::size_t a, std::size_t b) { return cost[a] < cost[b]; };
    std::stable_sort(order.begin(), shares, by_cost);
    std::stable_sort(shares, order.end(), by_cost);
    if (threads > 1 && of_shares > 0) std::rotate(order.begin(), order.end() - 1, order.end());
    return order;
}

const theory::Prediction& at_clip(const std::vector<theory::Prediction>& predictions, double clip)
{
    return *std::find_if(predictions.begin(), predictions.end(),
                         [clip](const theory::Prediction& p) { return p.clip == clip; });
}

}

LimitStudies limit_studies(const theory::Setting& setting, const std::vector<theory::Prediction>& predictions,
                           const LimitOptions& options)
{
    LimitStudies found;
    for (const theory::Prediction& limit : predictions) {
        if (options.shares) found.shares.push_back({.clip = limit.clip});
        for (std::size_t i = 0; i < limit.exits.size(); ++i)
            if (limit.heavy_tailed() && (!options.wanted || options.wanted(limit.clip, i)))
                found.ladders.push_back({.clip = limit.clip, .well = i, .rungs = {}, .ratio = {}, .share = {}});
    }
    // The more jumps an exit takes, the finer the mesh, and the further down the ladder goes; that of the whole line
    // has the panels of all fields.
    std::vector<double> cost;
    const auto order = [&](double clip, std::size_t well) {
        return static_cast<double>(at_clip(predictions, clip).exits[well].order);
    };
    for (const Ladder& ladder : found.ladders) cost.push_back(order(ladder.clip, ladder.well));
    for (const IrreducibleLadder& ladder : found.shares) {
        cost.push_back(0);
        for (std::size_t i = 0; i < setting.landscape.wells(); ++i) cost.back() += order(ladder.clip, i);
    }
    const auto order_of_all = order_of_work(cost, found.shares.size(), theory::threads_for(options.threads));
    std::atomic<double> all = 0, of_shares = 0;
    theory::for_each_cell(cost.size(), options.threads, options.watch, [&](std::size_t n) {
        const std::size_t k = order_of_all[n];
        const bool share = k >= found.ladders.size();
        const theory::Allowance allowed({.spent =
                                             [&](double work) {
                                                 all += work;
                                                 if (share) of_shares += work;
                                             },
                                         .late =
                                             [&] {
                                                 return all > options.work ||
                                                        (share && of_shares > options.work_of_shares) ||
                                                        (options.late && options.late());
                                             }});
        if (k < found.ladders.size()) {
            Ladder& ladder = found.ladders[k];
            ladder = climb(setting, at_clip(predictions, ladder.clip), ladder.well, options.etas, options.effect);
            add_laws(ladder, setting, options.effect);
        } else {
            IrreducibleLadder& ladder = found.shares[k - found.ladders.size()];
            ladder = climb(setting, at_clip(predictions, ladder.clip), options.etas, options.effect);
        }
    });
    return found;
}

std::vector<Hypothesis> limits(const LimitStudies& studies, const std::vector<theory::Prediction>& predictions,
                               double effect)
{
    std::vector<Hypothesis> found;
    const auto add = [&](std::vector<Hypothesis> more) {
        for (Hypothesis& h : more) found.push_back(std::move(h));
    };
    for (const Ladder& ladder : studies.ladders) add(limits(ladder, at_clip(predictions, ladder.clip), effect));
    for (const IrreducibleLadder& ladder : studies.shares) add(limits(ladder, effect));
    return found;
}

std::vector<std::string> silences(const std::vector<IrreducibleLadder>& shares)
{
    std::vector<std::string> lines;
    for (const IrreducibleLadder& ladder : shares)
        if (!ladder.silence.empty()) lines.push_back(fmt::format("clip {:g}: {}", ladder.clip, ladder.silence));
    return lines;
}

std::vector<std::string> left_out(const LimitStudies& studies)
{
    std::vector<std::string> lines = silences(studies.shares);
    for (const Ladder& ladder : studies.ladders)
        if (!ladder.cut.empty())
            lines.push_back(fmt::format("clip {:g}, well {}: {}", ladder.clip, ladder.well + 1, ladder.cut));
    return lines;
}

}
