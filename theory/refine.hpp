// theory/refine.hpp: where a mesh is too coarse, and a finer one.
#pragma once

#include "theory/chain.hpp"

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace exeunt::theory
{

constexpr int panel_nodes = 12;           ///< nodes a panel
constexpr std::size_t most_nodes = 40000; ///< of a mesh

/// Σ_p error_p.
double sum(const std::vector<double>& error);

/// Error of the interpolant of u on each panel, u given by its values, times `weight`.
std::vector<double> interpolation_errors(const Mesh& mesh, const Eigen::VectorXd& u, const std::vector<double>& weight);

/// Splits the panels of which the error is above an equal share of `tolerance`, into no more parts than it takes where
/// u is smooth: halving divides the error by 2^order.
std::vector<Interval> split(const Mesh& mesh, const std::vector<double>& error, double tolerance);

}
