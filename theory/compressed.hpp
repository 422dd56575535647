// theory/compressed.hpp: a matrix whose entries are smooth away from a few places, as near field and far field. The
// columns are nodes of panels; of a group of panels on which a row is smooth the row needs no more than some moments of
// the vector it multiplies: n log n numbers in place of n².
#pragma once

#include "theory/panel.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace exeunt::theory
{

struct Interval {
    double lo;
    double hi;
    friend bool operator==(const Interval&, const Interval&) = default;
};

/// Rows that are sums of blocks of equal width: Σ_k value_k · v[block_k].
template<class Number> struct BlockRows {
    std::size_t width;
    std::vector<std::size_t> first{0}; ///< row i owns the blocks first[i], …, first[i + 1] - 1
    std::vector<std::uint32_t> block{};
    std::vector<Number> value{}; ///< `width` for a block

    void add_to(const Eigen::VectorXd& v, Eigen::VectorXd& rows) const;            ///< rows += M v, v as Numbers
    void add_transposed_to(const Eigen::VectorXd& rows, Eigen::VectorXd& v) const; ///< v += Mᵀ rows
};

/// Panels in halves of halves. Group 0 is all of them, and a group comes before its halves.
class Groups
{
  public:
    /// Of these panels, `nodes` Gauss nodes each, with this many moments: m_q = Σ_j w_j ℓ_q(x_j) v_j, ℓ_q the basis at
    /// the Gauss nodes of the hull.
    Groups(const std::vector<Interval>& panels, int nodes, int moments);

    std::size_t count() const { return group_.size(); }
    const Interval& hull(std::size_t g) const { return group_[g].hull; }
    bool is_panel(std::size_t g) const { return group_[g].left.group == 0; }
    std::size_t panel(std::size_t g) const { return group_[g].first; }
    std::size_t left(std::size_t g) const { return group_[g].left.group; }
    std::size_t right(std::size_t g) const { return group_[g].right.group; }
    int moments() const { return moments_; }
    std::size_t nodes() const { return (count() + 1) / 2 * static_cast<std::size_t>(nodes_); } ///< of all panels

    Eigen::VectorXd moments_of(const Eigen::VectorXd& v) const; ///< of every group but the panels
    /// Adds to v what these moments say of it: the transpose.
    void add_transposed_to(Eigen::VectorXd m, Eigen::VectorXd& v) const;
    double multiplications() const; ///< of either

  private:
    /// Of a half that is a group the moments come from its moments, to rounding, since ℓ_q is a polynomial of as many
    /// nodes.
    struct Half {
        std::size_t group{};         ///< 0: there is none, as the group is a single panel
        Eigen::MatrixXd from_half{}; ///< the group's moments, from those of the half, or from its values if a panel
    };
    struct Group {
        std::size_t first;
        Interval hull;
        Half left, right;
    };
    std::size_t make(const std::vector<Interval>& panels, std::size_t first, std::size_t last);
    Half half_of(const Interval& hull, std::size_t group) const;
    template<class Vector> auto values_of(std::size_t group, Vector& v, Vector& m) const;

    int nodes_, moments_;
    std::vector<Group> group_;
};

template<class Number> struct Compressed {
    Groups groups;
    BlockRows<Number> near; ///< of panels
    BlockRows<Number> far;  ///< of groups

    std::size_t rows() const { return near.first.size() - 1; }
    std::size_t numbers() const { return near.value.size() + far.value.size(); }
    Eigen::VectorXd times(const Eigen::VectorXd& v) const;
    Eigen::VectorXd transposed_times(const Eigen::VectorXd& y) const;
};

/// The same in floats, with fewer moments, so that products read a quarter of the memory.
/// Accuracy  1e-7 of the entries' sizes with 10 moments.
Compressed<float> rounded(const Compressed<double>& m, const std::vector<Interval>& panels, int moments);

}
