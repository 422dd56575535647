// theory/chain.hpp: X killed on leaving Ω_i, as a matrix (theory.md, section 6). One step from x is known in closed
// form: the density of x - ηf'(x) + ησ(x)Z on the clipped window (x - b, x + b), an atom at each end of it, and, with
// the clamp, an atom at each end of the domain. Product integration of that kernel against piecewise polynomials gives
//
//     (P u)(x_i) = Σ_j P_ij u_j,     e_i = P(exit at the next step | x_i),
//
// where e comes from the tail functions and never from 1 - Σ_j P_ij.
#pragma once

#include "model/model.hpp"
#include "theory/panel.hpp"

#include <Eigen/Dense>
#include <vector>

namespace exeunt::theory
{

/// Panels of the states that belong to Ω_i, and the order of the polynomials on them.
struct Mesh {
    std::vector<double> cut; ///< increasing; panel p is (cut[p], cut[p+1])
    int nodes;               ///< Gauss nodes a panel

    std::size_t panels() const { return cut.size() - 1; }
    std::size_t size() const { return panels() * static_cast<std::size_t>(nodes); }
};

/// The killed chain on a mesh. Wells are indices from 0.
class Chain
{
  public:
    Chain(const model::Model& model, std::size_t well, Mesh mesh);

    const Mesh& mesh() const { return mesh_; }
    std::size_t size() const { return x_.size(); }
    double state(std::size_t i) const { return x_[i]; }  ///< x_i
    const Eigen::MatrixXd& matrix() const { return p_; } ///< P; row sums are 1 - e to quadrature accuracy
    const Eigen::VectorXd& exit() const { return e_; }   ///< e_i
    const Eigen::MatrixXd& exit_to() const
    {
        return to_;
    } ///< column j: P(next step lands in Ω_j | x_i), zero for j = well

    /// P(next step lands beyond the last state | x_i), where there is no clamp: that mass is put on the last state.
    const Eigen::VectorXd& lumped() const { return lumped_; }

    /// Weights that evaluate a function at the minimum: u(m) = Σ_j at_minimum()_j u_j.
    const Eigen::RowVectorXd& at_minimum() const { return at_minimum_; }

  private:
    void place_row(std::size_t i);
    void add_window(std::size_t i, double from, double to);
    void add_atom(std::size_t i, double y, double mass);
    void add_end(std::size_t i, double end, double mass);
    std::size_t panel_of(double y) const;

    const model::Model& model_;
    std::size_t well_;
    Mesh mesh_;
    const GaussRule& rule_;
    const GaussRule& fine_; ///< for kernel integrals on sub-intervals
    std::vector<double> x_;
    Eigen::MatrixXd p_;
    Eigen::VectorXd e_;
    Eigen::VectorXd lumped_;
    Eigen::MatrixXd to_;
    Eigen::RowVectorXd at_minimum_;
    std::vector<double> steep_; ///< where the density of Z is steep on the length of its scale, increasing
    std::vector<double> basis_;
};

/// The interval of states: Ω_i, ended at the clamp, or `margin` domain widths beyond the domain where there is none.
struct Interval {
    double lo;
    double hi;
};
Interval states(const model::Model& model, std::size_t well, double margin);

/// Panels on `states`, cut at the discontinuities e + kb (e an exit or a clamped end) and graded towards them.
Mesh first_mesh(const model::Model& model, std::size_t well, Interval states, int nodes);

}
