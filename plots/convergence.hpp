// plots/convergence.hpp: the ratio of the exact mean exit time to the limit's against η, and what it tends to
// (theory.md, sections 3 and 8).
#pragma once

#include "plots/output.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// Oracle over limit at one η.
struct Ratio {
    double eta;       ///< η > 0
    double ratio;     ///< E σ · q λ(η) > 0
    double error = 0; ///< absolute, ≥ 0
};

/// One threshold and well.
struct RatioSeries {
    double clip;              ///< b > 0, may be ∞
    std::size_t well;         ///< index from 0; shown counted from 1
    int order;                ///< l* ≥ 1
    std::vector<Ratio> rungs; ///< at least one, in any order of η
    double limit;             ///< extrapolated to η = 0, finite
    double error;             ///< absolute, ≥ 0; ∞: the extrapolation has not settled
    std::string verdict = {}; ///< "confirmed", "refuted", "inconclusive", or empty: not tested
};

struct ConvergenceFigure {
    std::vector<RatioSeries> series; ///< of 1 to 6 thresholds, each a panel, in the order in which they come
    std::string title = {};          ///< of the spec
    std::string note = {};           ///< added to the caption; may be empty
    std::string name = "convergence";
};

/// Curves over a logarithmic η, a thin line at 1, and at the left edge what each is extrapolated to, with its error.
/// Up to six wells have a colour and a symbol each; more are told apart by their l*. A ratio axis is logarithmic where
/// the ratios of its panel differ by more than a factor of 6.
std::vector<std::filesystem::path> draw_convergence(const ConvergenceFigure& figure, const Output& output);

}
