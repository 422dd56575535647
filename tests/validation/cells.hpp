// tests/validation/cells.hpp: the cells that the tests of validation/ use, and the distance to a known law.
#pragma once

#include "model/model.hpp"
#include "sim/exits.hpp"
#include "tests/sim/cells.hpp"
#include "theory/exit_law.hpp"
#include "validation/exits.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

inline double relative(double a, double b) { return std::abs(a / b - 1); }

/// A cell with its exact law.
struct ExactCell {
    exeunt::model::Model model;
    exeunt::validation::CellName name;
    exeunt::theory::ExitMoments moments;
    exeunt::theory::ExitLaw law;

    ExactCell(double eta, double b, std::size_t well, double rtol)
        : model(wang2022(eta, b)), name{b, eta, well}, moments(exeunt::theory::exit_moments(model, well, rtol)),
          law(model, well, moments)
    {
    }

    exeunt::validation::Evidence evidence(std::span<const exeunt::sim::Exit> exits,
                                          const exeunt::sim::Stream& stream) const
    {
        return {name, exits, stream, moments};
    }
};

/// Well 1 at b = 0.5, η = 0.05: a mean of 4.1 steps, and one place to go.
inline const ExactCell& short_cell()
{
    static const ExactCell cell(0.05, 0.5, 0, 1e-4);
    return cell;
}

/// Well 3 at b = 0.5, η = 0.01: a mean of 658 steps, 41 % to the left.
inline const ExactCell& two_sided_cell()
{
    static const ExactCell cell(0.01, 0.5, 2, 1e-4);
    return cell;
}

/// Kolmogorov's distance of a sample to the uniform law on (0, 1), times √n: above 2.69 with probability 1e-6.
inline double uniform_distance(std::vector<double> sample)
{
    std::sort(sample.begin(), sample.end());
    const auto n = static_cast<double>(sample.size());
    double distance = 0;
    for (std::size_t k = 0; k < sample.size(); ++k) {
        const auto below = static_cast<double>(k);
        distance = std::max({distance, sample[k] - below / n, (below + 1) / n - sample[k]});
    }
    return distance * std::sqrt(n);
}
constexpr double kolmogorov_1e_6 = 2.694; // 2 exp(-2 x²) = 1e-6
