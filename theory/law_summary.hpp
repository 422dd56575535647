// theory/law_summary.hpp: the law of an exit as a table: survival function, quantiles, final rate, where X is by then.
#pragma once

#include "theory/exit_law.hpp"
#include "theory/predict.hpp"
#include "theory/quasi_stationary.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace exeunt::theory
{

/// P(σ > j) at one step number.
struct SurvivalPoint {
    std::uint64_t step;
    double probability;       ///< P(σ > step)
    std::vector<double> into; ///< P(σ > step, X_σ ∈ Ω_k), one per well; sums to `probability`
};

struct Quantile {
    double probability;
    std::uint64_t step; ///< the least j with P(σ ≤ j) ≥ probability; 2^62 where it is beyond that
};

struct LawSummary {
    std::vector<SurvivalPoint> survival; ///< at 1, 2, 5, 10, 20, 50, … until P(σ > j) < 10⁻⁴, as far as 10^18
    std::vector<Quantile> quantiles;     ///< of 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999
    double rate;                         ///< at which the quasi-stationary law loses mass, per step
    double error;                        ///< of the probabilities, absolute, beside what the error of the mean does
    bool geometric;                      ///< only the mean is exact: the law is the geometric one with that mean
    std::optional<QuasiStationary> settled{}; ///< where asked for; empty where no mesh tried resolves it, too
};

LawSummary summary(const ExitLaw& law, std::size_t wells);

/// Of every cell, on the meshes that its moments needed, with the quasi-stationary law in bins, total variation error
/// 1e-3 or less, if `settled`. Interrupted when the watch said stop.
std::vector<LawSummary> law_summaries(const Setting& setting, const std::vector<ExactCell>& cells, bool settled = false,
                                      unsigned threads = 0, const Watch& watch = {});

}
