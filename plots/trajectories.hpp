// plots/trajectories.hpp: sample paths of SGD, one panel each (theory.md, section 8).
#pragma once

#include "plots/output.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// The state after a number of steps.
struct State {
    double step; ///< ≥ 0
    double x;
};

struct Trajectory {
    std::string name;          ///< "heavy tails, b = 0.5"
    std::vector<State> states; ///< steps rising, two at least; thinned by whoever made them
};

struct TrajectoriesFigure {
    double learning_rate;           ///< η
    std::vector<double> minima;     ///< increasing
    std::vector<double> saddles;    ///< increasing, one fewer; the fields are between them
    std::vector<Trajectory> panels; ///< 1 to 6
    std::string title = {};         ///< of the spec
    std::string note = {};          ///< added to the caption; may be empty
    std::string name = "trajectories";
};

/// x over the steps, on the same axes in all panels; saddles as lines, fields shaded in turn, minima named.
std::vector<std::filesystem::path> draw_trajectories(const TrajectoriesFigure& figure, const Output& output);

}
