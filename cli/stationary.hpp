// cli/stationary.hpp: exact --stationary: the share of time in each field, for the eye and for scripts.
#pragma once

#include "cli/json_value.hpp"
#include "theory/stationary_cells.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace exeunt::cli
{

constexpr std::size_t histogram_bins = 200;

/// {"edges", "probabilities", "below", "above", "total_variation_error"}
Json histogram(const theory::Occupation& seen);

/// A head and one row for each clip, learning rate and well; begins with an empty line.
std::string stationary_text(const std::vector<theory::StationaryCell>& cells);

/// [{"clip", "learning_rate", "shares": [{"well", "share", "limit"}], "share_relative_error", "rates", "histogram"}],
/// and, where histograms of `steps` steps were asked for, "begun": one from each minimum, with "start" and "steps".
Json stationary_value(const std::vector<theory::StationaryCell>& cells, std::uint64_t steps);

}
