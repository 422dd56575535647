#include "theory/law_summary.hpp"

#include "model/error.hpp"

#include <cmath>

namespace exeunt::theory
{

LawSummary summary(const ExitLaw& law, std::size_t wells)
{
    constexpr double last = 1e-4;
    constexpr std::uint64_t longest = 1'000'000'000'000'000'000;
    LawSummary out{
        .survival = {}, .quantiles = {}, .rate = law.rate(), .error = law.error(), .geometric = law.geometric()};
    double probability = 1;
    for (std::uint64_t decade = 1; probability >= last && decade <= longest; decade *= 10)
        for (const std::uint64_t step : {decade, 2 * decade, 5 * decade}) {
            if (probability < last || step > longest) break;
            probability = std::exp(law.log_survival(step));
            SurvivalPoint point{.step = step, .probability = probability, .into = {}};
            for (std::size_t k = 0; k < wells; ++k) point.into.push_back(law.survival_into(step, k));
            out.survival.push_back(std::move(point));
        }
    for (const double p : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}) out.quantiles.push_back({p, law.quantile(p)});
    return out;
}

namespace
{

std::optional<QuasiStationary> settle(const model::Model& model, const ExitMoments& exit)
{
    try {
        return quasi_stationary(model, exit);
    } catch (const NotConverged&) { // the law of the exit holds without it
        return {};
    }
}

}

std::vector<LawSummary> law_summaries(const Setting& setting, const std::vector<ExactCell>& cells, bool settled,
                                      unsigned threads, const Watch& watch)
{
    std::vector<LawSummary> out(cells.size());
    for_each_cell(cells.size(), threads, watch, [&](std::size_t k) {
        const ExactCell& cell = cells[k];
        const model::Model model = setting.at(cell.clip, cell.learning_rate);
        out[k] = summary(ExitLaw(model, cell.well, cell.exit), setting.landscape.wells());
        if (settled) out[k].settled = settle(model, cell.exit);
    });
    return out;
}

}
