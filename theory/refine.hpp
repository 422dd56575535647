// theory/refine.hpp: where a mesh is too coarse, and a finer one.
#pragma once

#include "theory/chain.hpp"

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace exeunt::theory
{

constexpr int panel_nodes = 12;           ///< nodes a panel
constexpr std::size_t most_nodes = 60000; ///< of a mesh

/// Σ_p error_p.
double sum(const std::vector<double>& error);

/// What the interpolation of u on each panel may change of its integral over a measure, both given at the nodes.
std::vector<double> interpolation_errors(const Mesh& mesh, const Eigen::VectorXd& u, const Eigen::VectorXd& measure);

/// Where the interpolant of u leaves the equation u = P u + c that u solves at the nodes by more than its highest
/// coefficients tell, u has structure that the nodes do not see: there the error is what it leaves, times the mass of
/// the measure on the panel; elsewhere 0. `between` has the chain's rows at `points_between`, c its values there.
std::vector<double> hidden_errors(const Mesh& mesh, const Chain& between, const Eigen::VectorXd& u,
                                  const Eigen::VectorXd& c, const Eigen::VectorXd& measure);
std::vector<double> points_between(const Mesh& mesh);

/// A function, and a measure, given at the nodes of a mesh, at the nodes of a finer one, as good as its interpolation.
Eigen::VectorXd function_on(const Mesh& finer, const Mesh& mesh, const Eigen::VectorXd& u);
Eigen::VectorXd measure_on(const Mesh& finer, const Mesh& mesh, const Eigen::VectorXd& y);

/// To how much the linear equations are worth solving on a mesh that is taken to be good for `resolved`: a hundredth
/// of it, but no looser than 1e-9, where a mesh that resolves nothing yet has no solution to speak of.
double equation_tolerance(double resolved);

/// Splits the panels, all but those of the least errors that add up to half of `tolerance`, into no more parts than it
/// takes: two or four, or up to eight where the error has a part that the nodes do not show, `hidden`.
std::vector<Interval> split(const Mesh& mesh, const std::vector<double>& error, double tolerance,
                            const std::vector<double>& hidden = {});

}
