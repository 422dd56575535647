// plots/histograms.hpp: where SGD spends its time, one panel for each law and threshold (theory.md, section 8).
#pragma once

#include "plots/output.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// Time between two places.
struct Bin {
    double left, right;    ///< left < right
    double share;          ///< of the time, in [0, 1]
    double stationary = 0; ///< the same by the oracle's stationary law; read when the panel has one
    double lower = std::numeric_limits<double>::quiet_NaN(); ///< of the interval of `share`, or NaN: there is none
    double upper = std::numeric_limits<double>::quiet_NaN();
    double expected = 0; ///< of that many steps from the start; read when the panel has expectations
};

/// Time in one attraction field.
struct FieldShare {
    double share;          ///< in [0, 1]
    double lower, upper;   ///< its interval, lower ≤ share ≤ upper
    double stationary = 0; ///< by the oracle's stationary law; read when the panel has one
    double expected = 0;   ///< of that many steps from the start; read when the panel has expectations
};

struct Histogram {
    std::string name;               ///< "heavy tails, b = 0.5"
    std::vector<Bin> bins;          ///< left to right; some time is in one of them
    std::vector<FieldShare> fields; ///< one per field
    bool has_stationary = false;    ///< whether there is a stationary law to draw
    std::uint64_t steps;            ///< how many were counted, > 0
    std::string verdict = {};       ///< "confirmed", "refuted", "inconclusive", or empty: not tested
    bool has_expected = false;      ///< whether there is a law of that many steps to draw
    std::string runs = {};          ///< "512 replicas of 2000000 steps"; empty: `steps` says it
    std::string note = {};          ///< one sentence on the panel, added to its line of the caption
};

struct HistogramsFigure {
    double learning_rate;          ///< η
    std::vector<double> saddles;   ///< increasing; the fields are between them
    std::vector<Histogram> panels; ///< 1 to 6
    double confidence = 0;         ///< level of the intervals, in (0, 1); 0: not said
    std::string title = {};        ///< of the spec
    std::string note = {};         ///< added to the caption; may be empty
    std::string name = "histograms";
};

/// Bars of the density of time, on one logarithmic axis for all panels; fields shaded in turn, with the share of the
/// time spent in each where it fits; the stationary law as a line on top, the law of that many steps as a dashed one.
std::vector<std::filesystem::path> draw_histograms(const HistogramsFigure& figure, const Output& output);

}
