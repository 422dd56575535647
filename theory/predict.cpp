#include "theory/predict.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::theory
{

Setting::Setting(const model::Spec& spec)
    : landscape(model::landscape(spec)), noise(model::noise(spec)), diffusion(model::diffusion(spec))
{
}

model::Model Setting::at(double clip, double eta) const { return {landscape, noise, diffusion, clip, eta}; }

namespace
{

KramersTime kramers_at(const Setting& setting, double b, double eta, std::size_t well)
{
    return kramers_time(setting.landscape, setting.diffusion, setting.noise->scale(), well, b, eta);
}

/// Of a prediction, which holds that of the spec's learning rates.
KramersTime kramers_of(const Setting& setting, const Prediction& limit, double eta, std::size_t well)
{
    const auto known = std::find_if(limit.kramers.begin(), limit.kramers.end(), [&](const LightTailedCell& cell) {
        return cell.learning_rate == eta && cell.well == well;
    });
    return known != limit.kramers.end() ? known->time : kramers_at(setting, limit.clip, eta, well);
}

/// What there is to say at one threshold when the noise has no heavy tail.
Prediction light_tailed(const model::Spec& spec, const Setting& setting, double b)
{
    const std::size_t wells = setting.landscape.wells();
    Prediction control{.clip = b, .exits = {}, .graph = {}, .chains = {}, .kramers = {}};
    for (std::size_t i = 0; i < wells; ++i)
        control.exits.push_back({exit_order(setting.landscape, i, b), std::vector<double>(wells, 0.0), 0.0});
    for (const double eta : spec.dynamics.learning_rate)
        for (std::size_t i = 0; i < wells; ++i) control.kramers.push_back({eta, i, kramers_at(setting, b, eta, i)});
    return control;
}

}

std::vector<Prediction> predict(const model::Spec& spec, const Setting& setting)
{
    // The quadrature gives 12 digits; where r - (l - 1)b or lb - r is tiny its own rounding leaves fewer, and q.error
    // says so.
    constexpr double rtol = 1e-6;
    std::vector<Prediction> predictions;
    for (const double b : spec.dynamics.clip) {
        if (!setting.noise->heavy_tailed()) {
            predictions.push_back(light_tailed(spec, setting, b));
            continue;
        }
        std::vector<ExitConstants> exits;
        for (std::size_t i = 0; i < setting.landscape.wells(); ++i) try {
                exits.push_back(exit_constants(setting.landscape, setting.noise, setting.diffusion, i, b, rtol));
            } catch (const BadInput& problem) {
                throw BadInput(fmt::format("{}: [dynamics] clip: {}", spec.source, problem.what()));
            }
        TransitionGraph graph = transition_graph(exits);
        std::vector<LimitChain> chains;
        for (const Class& members : graph.classes) chains.push_back(limit_chain(exits, members));
        predictions.push_back({b, std::move(exits), std::move(graph), std::move(chains), {}});
    }
    return predictions;
}

ExactCell limit_cell(const Setting& setting, const Prediction& limit, double eta, std::size_t well)
{
    if (!setting.noise->heavy_tailed())
        return {.clip = limit.clip,
                .learning_rate = eta,
                .well = well,
                .exit = {},
                .time_scale = std::nan(""),
                .limit_mean = kramers_of(setting, limit, eta, well).asymptotic.mean()};
    const ExitConstants& q = limit.exits[well];
    const double scale = time_scale(setting.noise, eta, q.order);
    return {.clip = limit.clip,
            .learning_rate = eta,
            .well = well,
            .exit = {},
            .time_scale = scale,
            .limit_mean = 1 / (q.total() * scale)};
}

std::vector<ExactCell> limit_cells(const model::Spec& spec, const Setting& setting,
                                   const std::vector<Prediction>& predictions)
{
    std::vector<ExactCell> cells;
    for (const Prediction& limit : predictions)
        for (const double eta : spec.dynamics.learning_rate)
            for (std::size_t i = 0; i < limit.exits.size(); ++i) cells.push_back(limit_cell(setting, limit, eta, i));
    return cells;
}

std::vector<double> oracle_costs(const Setting& setting, const std::vector<ExactCell>& cells)
{
    const model::Landscape& f = setting.landscape;
    std::vector<double> costs;
    for (const ExactCell& cell : cells)
        costs.push_back(cell.learning_rate * f.potential().curvature(f.minima()[cell.well]));
    return costs;
}

std::vector<ExactCell> exact(const model::Spec& spec, const Setting& setting,
                             const std::vector<Prediction>& predictions, double rtol, unsigned threads,
                             const Watch& watch)
{
    std::vector<ExactCell> cells = limit_cells(spec, setting, predictions);
    for_each_cell(cells.size(), threads, watch, [&](std::size_t k) {
        ExactCell& cell = cells[k];
        cell.exit = exit_moments(setting.at(cell.clip, cell.learning_rate), cell.well, rtol);
    });
    return cells;
}

}
