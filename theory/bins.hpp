// theory/bins.hpp: a law on the nodes of a chain as a histogram.
//
// What the equations of a chain give on a mesh is exact for functions that its panels resolve, which the indicator of a
// bin is only where panels end at its edges, and are short there.
#pragma once

#include "theory/chain.hpp"

#include <Eigen/Core>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace exeunt::theory
{

/// A law in bins.
struct Occupation {
    std::vector<double> edges; ///< increasing, one more than bins
    std::vector<double> bins;  ///< probability of each; the first and the last hold the atoms at the clamp
    double below, above;       ///< probability beyond the first and the last edge
    double error;              ///< of the bins in total variation: an estimate, not a bound
    std::size_t nodes;         ///< size of the finest mesh
};

/// The ends of `bins` ≥ 1 intervals of equal width.
std::vector<double> even_edges(const Interval& whole, std::size_t bins);

/// The mesh cut at the edges, which increase, too.
Mesh cut_at(const Mesh& mesh, const std::vector<double>& edges);

/// A law of the chain, as weights of its nodes.
using LawOn = std::function<Eigen::VectorXd(const Chain&)>;

/// The law in bins, of the chain on `region`. Panels of `mesh` are cut at the edges, and again wherever the law is and
/// Σ_k P^k f is not resolved, f = ±1 in the bins by turns: there a bin is left or entered.
/// Error   `error` ≤ tolerance, or NotConverged, which says `what`, with the accuracy reached. It is the sum of these
///         interpolation errors, of what the last refinement changed, and of `given`.
Occupation resolved_bins(const model::Model& model, const Region& region, const Mesh& mesh, const LawOn& law,
                         const std::vector<double>& edges, double given, double tolerance, const std::string& what);

}
