// sim/setup.hpp: the tables of the fast kernel, fitted and checked before a campaign starts.
#pragma once

#include "model/model.hpp"
#include "sim/engine.hpp"

#include <optional>
#include <span>
#include <vector>

namespace exeunt::sim
{

/// Panels of -η f', and of σ where it varies, on the domain without the stops: degree 11, cut at saddles, kinks of both,
/// `cuts` and the domain's ends. Fitted by Chebyshev interpolation, as wide as the error allows, the first one of a field centred at
/// its minimum. Both lists in increasing order, the stops disjoint.
/// Error   below 3e-7 of the panel's largest |η f'| and σ, float rounding included, checked at 61 points of each panel.
///         Where no panel wider than 1e-7 of the field holds that, there is none: both stay exact there.
std::vector<Panel> fit_panels(const model::Model& model, std::span<const Stop> stops,
                              std::span<const double> cuts = {});
/// Those on Ω_well.
std::vector<Panel> fit_panels(const model::Model& model, std::size_t well);

/// The line without Ω_well: where a first exit ends.
std::vector<Stop> stops_of_exit(const model::Landscape& landscape, std::size_t well);

/// The table for scale · Z: as a power where the law is one, else in cells. Both are checked against the quantile, at
/// 40 points of each octave and wherever cells meet; none when neither holds. Error   ≤ 5e-7 (|scale Z| + scale (s +
/// |μ|)), µ what was subtracted to centre the law.
std::optional<NoiseTable> fit_noise(const model::Noise& noise, double scale);

/// What Z is multiplied by in the table: ησ, or η where σ varies.
double noise_scale(const model::Model& model);

}
