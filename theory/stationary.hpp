// theory/stationary.hpp: where the chain X spends its time at a given η, without sampling and without a limit: its
// stationary law π on the whole line (theory.md, section 6; validation.md, S5, S7 and L4).
#pragma once

#include "model/model.hpp"
#include "theory/bins.hpp"
#include "theory/refine.hpp"

#include <Eigen/Dense>

#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// The stationary law: exists where X returns from every excursion, which a clamp sees to.
struct Stationary {
    std::vector<double> share; ///< π(Ω_i), one per well; sums to 1
    double error;              ///< bound on the relative error of each share
    Eigen::MatrixXd rate;      ///< R_ij of line.hpp, j ≠ i: from well to well, a step
    Eigen::MatrixXd settles;   ///< G_k of line.hpp, on the mesh
    Eigen::MatrixXd law;       ///< Y_i of line.hpp, on the mesh
    std::size_t nodes;         ///< size of the finest mesh
    Region region;             ///< the line
    Mesh mesh;                 ///< its panels
};

/// Shares of time in the fields. The mesh is refined where the interpolation errors of mean exit time and exit split of
/// a field, weighted by the visits of the process, are largest.
/// Error   `error` ≤ rtol, by `nodes` at most, or NotConverged with the accuracy reached. Relative, however small a
///         share is and however rare it is that X leaves a field. NotConverged also where there is no such law: without
///         clip and clamp heavy tails lead to where ηf' overshoots ever further, if it does anywhere, not too seldom
///         for rtol.
Stationary stationary(const model::Model& model, double rtol = 1e-6, std::size_t nodes = most_nodes);

/// π of `bins` bins of equal width across the domain. Panels are cut at the edges, and again beside them where the
/// process is, until that changes the bins no more.
/// Error   `error` ≤ tolerance, or NotConverged with the accuracy reached. An estimate, not a bound.
Occupation occupation(const model::Model& model, const Stationary& pi, std::size_t bins = 200, double tolerance = 1e-3);

}
