// plots/phase_diagram.hpp: exit orders l* and exit constants q over the clip threshold b (theory.md, section 8).
#pragma once

#include "plots/output.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// q_i at one threshold.
struct PhasePoint {
    double clip;     ///< b > 0
    double constant; ///< q_i(b) > 0
};

/// The thresholds at which a well has one exit order.
struct PhaseBand {
    int order;                      ///< l* ≥ 1
    double from, to;                ///< 0 < from < to
    std::vector<PhasePoint> points; ///< b rising, in [from, to]; may be empty
};

struct PhaseWell {
    double radius;                ///< r_i
    std::vector<PhaseBand> bands; ///< at least one
};

struct PhaseDiagramFigure {
    std::vector<PhaseWell> wells;   ///< two at least
    std::vector<double> clips = {}; ///< thresholds of the spec, marked where they are in the picture
    std::string title = {};         ///< of the spec
    std::string note = {};          ///< added to the caption; may be empty
    std::string name = "phase-diagram";
};

/// Above a row for each well, with l* as the shade of its bands; below q_i on a logarithmic axis, where there is any.
/// Up to six wells have a colour each; the curves of more are coloured by their l*.
std::vector<std::filesystem::path> draw_phase_diagram(const PhaseDiagramFigure& figure, const Output& output);

}
