// model/landscape.hpp: minima, saddles and attraction fields (theory.md, section 2).
#pragma once

#include "model/potential.hpp"

#include <cstddef>
#include <vector>

namespace exeunt::model
{

/// The interval [lo, hi] on which critical points are sought, and whether the process is projected onto it (clamp_L).
struct Domain {
    double lo;
    double hi;
    bool clamp;
};

/// The critical points of f in a domain, in increasing order m_1 < s_1 < m_2 < … < s_{n-1} < m_n, n ≥ 2.
/// Wells are numbered from 0 here and from 1 in every output.
class Landscape
{
  public:
    /// Finds every sign change of f' on a grid of `grid` points and refines it to 1e-14 of the domain's width.
    /// BadInput when: fewer than two minima, a non-finite f or f' in the domain, a degenerate critical point (f'' = 0,
    /// also where f' does not change sign), a minimum at a kink, or an outermost critical point that is a maximum.
    Landscape(Function f, Domain domain, int grid = 20'000);

    const Function& potential() const { return f_; }
    const Domain& domain() const { return domain_; }
    const std::vector<double>& minima() const { return minima_; }   ///< m_i, size n
    const std::vector<double>& saddles() const { return saddles_; } ///< s_i, size n - 1
    std::size_t wells() const { return minima_.size(); }            ///< n
    double left(std::size_t i) const;   ///< s_{i-1}, the left end of Ω_i; -∞ for the first
    double right(std::size_t i) const;  ///< s_i, the right end of Ω_i; +∞ for the last
    double radius(std::size_t i) const; ///< r_i, the distance from m_i to the nearer saddle
    /// The index i of the field Ω_i that holds x (a saddle counts to the field on its right).
    std::size_t well_of(double x) const;

  private:
    Function f_;
    Domain domain_;
    std::vector<double> minima_;
    std::vector<double> saddles_;
};

}
