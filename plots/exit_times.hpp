// plots/exit_times.hpp: mean first exit time against η, log-log: limit, oracle and simulation (theory.md, section 8).
#pragma once

#include "plots/output.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// A computed mean exit time.
struct Point {
    double eta;       ///< η > 0
    double mean;      ///< steps, > 0
    double error = 0; ///< absolute, ≥ 0
};

/// A simulated mean exit time. When no path has left, mean = upper = ∞: then `lower` > 0 is drawn, with an arrow
/// upwards.
struct Sampled {
    double eta;                 ///< η > 0
    double mean;                ///< steps, > 0
    double lower;               ///< the confidence interval, 0 ≤ lower ≤ mean ≤ upper
    double upper;               ///< may be ∞: the bar then ends at the frame
    std::uint64_t samples = 0;  ///< replicas
    std::uint64_t censored = 0; ///< those of them that had not left when their time was up
    std::string verdict = {};   ///< "confirmed", "refuted", "inconclusive", or empty: not tested
};

/// One threshold. Points may come in any order of η; at least one of the three lists has one.
struct ExitSeries {
    double clip;                    ///< b > 0, may be ∞
    int order;                      ///< l* ≥ 1 of the well at this b
    std::vector<Point> limit;       ///< 1/(q λ(η))
    std::vector<Point> oracle;      ///< the finite-η oracle
    std::vector<Sampled> simulated; ///< sim/
};

struct ExitTimesFigure {
    std::size_t well;                ///< index from 0; shown counted from 1
    std::vector<ExitSeries> series;  ///< 1 to 6 thresholds
    double confidence = 0;           ///< level of the intervals, in (0, 1); 0: not said
    std::string title = {};          ///< of the spec
    std::string note = {};           ///< added to the caption; may be empty
    std::string name = "exit-times"; ///< of the files; give each well its own
    bool kramers = false;            ///< `limit` is Kramers' formula and not 1/(q λ(η))
};

/// Limit dashed, oracle solid, simulation as symbols with bars, hollow where paths are censored; refuted and
/// inconclusive points are marked. Draws what it is given: it averages and judges nothing.
std::vector<std::filesystem::path> draw_exit_times(const ExitTimesFigure& figure, const Output& output);

}
