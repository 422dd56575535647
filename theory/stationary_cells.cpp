#include "theory/stationary_cells.hpp"

namespace exeunt::theory
{

std::vector<double> limiting_shares(const Prediction& limit)
{
    std::vector<double> shares;
    for (std::size_t c = 0; c < limit.chains.size(); ++c) {
        if (!limit.graph.classes[c].absorbing) continue;
        if (!shares.empty()) return {};
        shares.assign(limit.exits.size(), 0.0);
        for (std::size_t k = 0; k < limit.chains[c].states.size(); ++k)
            shares[limit.chains[c].states[k]] = limit.chains[c].stationary[k];
    }
    return shares;
}

std::vector<StationaryCell> stationary_cells(const model::Spec& spec, const Setting& setting,
                                             const std::vector<Prediction>& predictions, std::size_t bins,
                                             std::uint64_t steps, unsigned threads, const Watch& watch)
{
    std::vector<StationaryCell> cells;
    for (const Prediction& limit : predictions)
        for (const double eta : spec.dynamics.learning_rate)
            cells.push_back({limit.clip, eta, {}, limiting_shares(limit), {}, {}});
    for_each_cell(cells.size(), threads, watch, [&](std::size_t k) {
        StationaryCell& cell = cells[k];
        const model::Model model = setting.at(cell.clip, cell.learning_rate);
        cell.pi = stationary(model, share_accuracy);
        if (bins == 0) return;
        const double tolerance = cell.pi.error + bins_accuracy;
        cell.occupation = occupation(model, cell.pi, bins, tolerance);
        if (steps == 0) return;
        for (const double m : model.landscape.minima())
            cell.begun.push_back(expected_histogram(model, cell.pi, m, steps, bins, tolerance));
    });
    return cells;
}

}
