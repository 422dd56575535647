#include "validation/limit_studies.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace exeunt::validation
{

namespace
{

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
    theory::for_each_cell(cost, options.threads, options.watch, [&](std::size_t k) {
        if (k < found.ladders.size()) {
            Ladder& ladder = found.ladders[k];
            ladder = climb(setting, at_clip(predictions, ladder.clip), ladder.well, options.etas, options.effect);
            add_laws(ladder, setting, options.effect);
        } else {
            IrreducibleLadder& ladder = found.shares[k - found.ladders.size()];
            ladder = climb(setting, at_clip(predictions, ladder.clip), options.etas, options.effect, options.most);
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

}
