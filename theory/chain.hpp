// theory/chain.hpp: X killed on leaving a set of states, as an operator (theory.md, section 6). One step from x is
// known in closed form: the density of x - ηf'(x) + ησ(x)Z on the clipped window (x - b, x + b), an atom at each end of
// it, and, with the clamp, an atom at each end of the domain. Product integration of that kernel against piecewise
// polynomials gives
//
//     (P u)(x_i) = Σ_j P_ij u_j,     e_i = P(exit at the next step | x_i),
//
// where e comes from the tail functions and never from 1 - Σ_j P_ij.
//
// P is kept as near field and far field (compressed.hpp): the density of Z is smooth on the length |z| + s, so of a
// group of panels as wide as it is far from x - ηf'(x) a row feels no more than a few moments.
#pragma once

#include "model/model.hpp"
#include "theory/compressed.hpp"

#include <Eigen/Dense>
#include <cstdint>
#include <string>
#include <vector>

namespace exeunt::theory
{

/// Where X lives, and what is told apart of where it goes from there.
struct Region {
    struct Place {
        Interval where; ///< may be infinite
        std::size_t label;
    };
    std::vector<Interval> states; ///< disjoint, increasing
    std::vector<Place> places;    ///< the rest of the line, but for what lies beyond an end that cannot be exited
    std::size_t labels;           ///< labels are below it
    double start;                 ///< a state

    double lo() const { return states.front().lo; }
    double hi() const { return states.back().hi; }
};

/// How far beyond the domain, in widths of it, there are states where there is no clamp: unclipped jumps beyond them
/// must be rarer than exits from Ω_i by far, rtol/10 of them, unless f' ends before.
double margin_needed(const model::Model& model, std::size_t well, double rtol);

/// Ω_i, ended at the clamp, or `margin` domain widths beyond the domain where there is none; the other fields are the
/// places, their wells the labels; the start is m_i.
Region field(const model::Model& model, std::size_t well, double margin);

/// The line but for the cores of `targets` (model/landscape.hpp), ended as `field` is; the cores are the places, their
/// wells the labels; the start is m_i, i = well: first passage from there to any of them (validation.md, S6).
/// BadInput when there is no target, or when the well is one.
Region passage(const model::Model& model, std::size_t well, const std::vector<std::size_t>& targets, double margin);

/// Panels of the states, and the order of the polynomials on them.
struct Mesh {
    std::vector<Interval> panel; ///< increasing
    int nodes;                   ///< Gauss nodes a panel

    std::size_t panels() const { return panel.size(); }
    std::size_t size() const { return panels() * static_cast<std::size_t>(nodes); }
};

/// Panels cut at the discontinuities e ± kb (e an end of the states) and graded towards them.
Mesh first_mesh(const model::Model& model, const Region& region, int nodes);

/// "clip 0.5, learning rate 0.01", for messages.
std::string cell_of(const model::Model& model);

/// The killed chain on a mesh.
/// Accuracy  P_ij, j ≠ i, relative to rounding and to that of places, 1 ulp of x in steps of ησs. Rows have mass 1 to
///           1e-14; 4e-15 was the worst seen, for η down to 1e-9.
class Chain
{
  public:
    Chain(const model::Model& model, const Region& region, Mesh mesh);

    std::string cell() const { return cell_of(model_); }
    const Mesh& mesh() const { return mesh_; }
    const Region& region() const { return region_; }
    Eigen::Index size() const { return e_.size(); }
    const std::vector<double>& states() const { return x_; }       ///< x_i, increasing
    double next(std::size_t i) const { return x_[i] + drift_[i]; } ///< T(x_i) = x_i - ηf'(x_i)

    /// P v without what the near field gives to staying: Σ_{j≠i} P_ij v_j, and P_ii v_i where x_i is far from T(x_i).
    Eigen::VectorXd move(const Eigen::VectorXd& v) const;
    /// The same of yᵀP.
    Eigen::VectorXd carry(const Eigen::VectorXd& y) const;
    const Eigen::VectorXd& leaves() const { return leaves_; } ///< move(1)
    const Eigen::VectorXd& stays() const
    {
        return stays_;
    } ///< what move leaves out, as integrated: 1 - e - leaves but for errors
    const Eigen::VectorXd& exit() const { return e_; } ///< e_i
    /// Column k: P(next step lands in a place of label k | x_i).
    const Eigen::MatrixXd& exit_to() const { return to_; }
    /// ((I - P) v)_i = Σ_{j≠i} P_ij (v_i - v_j) + e_i v_i, without the cancellation of 1 - P_ii.
    Eigen::VectorXd generate(const Eigen::VectorXd& v) const;
    /// yᵀ(I - P).
    Eigen::VectorXd generate_transposed(const Eigen::VectorXd& y) const;

    /// P(next step lands beyond the last state | x_i), where there is no clamp: that mass is put on the last state.
    const Eigen::VectorXd& lumped() const { return lumped_; }
    /// Weights that evaluate a function at x: u(x) = Σ_j at(x)_j u_j.
    Eigen::VectorXd at(double x) const;
    /// The near field without its diagonal, in blocks of a panel: all that varies within a panel of T(x_i).
    const BlockRows<double>& near() const { return p_.near; }
    std::size_t panel_of(double y) const;
    /// What `move` and `carry` multiply by, to 1e-7 and in a quarter of the memory.
    Compressed<float> rounded() const;
    double multiplications() const; ///< of `move` or `carry`
    /// The rows of other points of the states, in place of those of the nodes: move, leaves, exit, exit_to and lumped
    /// have an entry for each of them, and the rest means nothing.
    Chain rows_at(std::vector<double> points) const;

  private:
    /// A row at work: its state, the step's density ησ(x)Z about T(x), and the window that it is cut to.
    struct Row {
        std::size_t i;
        double x, drift;
        double spread; ///< ησ(x)
        double unit;   ///< ησ(x)s
        double from, to;
    };
    Chain(const Chain& nodes, std::vector<double> points);
    void place_rows(std::vector<double> points);
    void place_row(std::size_t i);
    std::size_t own_panel(std::size_t i) const;
    double clearance(const Row& row, double from, double to) const;
    double density(const Row& row, double v) const;
    void add_group(const Row& row, std::size_t group);
    void add_panel(const Row& row, std::size_t panel);
    void add_atom(double y, double mass);
    void add_end(std::size_t i, double end, double mass);
    double* block(std::size_t panel);
    void close_row(std::size_t i);

    const model::Model& model_;
    Region region_;
    Mesh mesh_;
    const GaussRule& rule_;
    const GaussRule& fine_; ///< for kernel integrals on sub-intervals
    const GaussRule& far_rule_;
    std::vector<double> node_;
    std::vector<double> x_, drift_; ///< of the rows: the nodes, but for rows_at
    Compressed<double> p_;          ///< P but for P_ii where the near field has it
    Eigen::VectorXd leaves_, stays_, e_, lumped_;
    Eigen::MatrixXd to_;
    std::vector<double> steep_; ///< where the density of Z is steep on the length of its scale, increasing

    std::vector<double> row_; ///< the near field of the row at work
    std::vector<std::uint32_t> touched_;
    std::vector<double> basis_;
};

}
