// theory/stationary_cells.hpp: the stationary law for every cell of a spec, beside what the limit says of it: what
// `exeunt exact --stationary` prints.
#pragma once

#include "theory/histogram.hpp"
#include "theory/predict.hpp"
#include "theory/stationary.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace exeunt::theory
{

constexpr double share_accuracy = 1e-2; ///< of each share, relative: enough to see how far the limit is
constexpr double bins_accuracy = 2e-3;  ///< of a histogram, in total variation, beside what the shares leave

/// One clip threshold and learning rate.
struct StationaryCell {
    double clip;
    double learning_rate;
    Stationary pi;
    std::vector<double> limit;            ///< what the shares tend to, one per well; empty where the limit says nothing
    std::optional<Occupation> occupation; ///< where it was asked for
    std::vector<Occupation> begun;        ///< expected of so many steps from each minimum, where it was asked for
};

/// The limit of the shares as η → 0: the stationary law of the limiting chain on the largest wells, 0 in the others.
/// Empty for a light tail and for a graph with more than one absorbing class, where it depends on rarer exits.
std::vector<double> limiting_shares(const Prediction& limit);

/// Every (clip, learning rate), in that order of nesting, on `threads` threads (0: all cores), with the same result on
/// any number of them; occupations of `bins` bins unless that is 0, and expected histograms of as many bins and `steps`
/// steps unless one of them is.
/// Errors as of `stationary`, `occupation` and `expected_histogram`, of the first cell in that order that has one;
/// Interrupted when the watch said stop.
std::vector<StationaryCell> stationary_cells(const model::Spec& spec, const Setting& setting,
                                             const std::vector<Prediction>& predictions, std::size_t bins = 0,
                                             std::uint64_t steps = 0, unsigned threads = 0, const Watch& watch = {});

}
