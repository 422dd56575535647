// plots/landscape.hpp: f, its minima and saddles, its attraction fields, and their exit orders at chosen thresholds
// (theory.md, sections 2 and 8).
#pragma once

#include "model/landscape.hpp"
#include "plots/output.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// A row under the curve: how many clipped jumps it takes to leave each field.
struct ExitOrders {
    double clip;            ///< b > 0, may be ∞
    std::vector<int> order; ///< l*_i ≥ 1, one per well
};

struct LandscapeFigure {
    model::Landscape landscape;
    std::vector<ExitOrders> orders; ///< at most 6 rows, drawn in this order
    std::string title = {};         ///< of the spec
    std::string note = {};          ///< added to the caption; may be empty
    std::string name = "landscape"; ///< of the files
};

/// Draws f on the part of the domain between its outer flanks. The field with the largest l* of a row is dark, sharper
/// ones are light, and all are grey where they are equal. Names that do not fit into a narrow field are left out.
std::vector<std::filesystem::path> draw_landscape(const LandscapeFigure& figure, const Output& output);

}
