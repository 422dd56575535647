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
    static constexpr std::size_t most_wells = 256;
    static constexpr double edge = 1e-9;               ///< of the domain's width: nearer to an end is at the edge
    static constexpr double nearly_degenerate = 1e-10; ///< of max|f'| / width: |f''| at a critical point must be larger

    /// Finds every zero of f' in the domain, with proof where the formula takes intervals (critical.hpp), and refines
    /// it to rounding. Two that are 1e-6 apart are told apart; those nearer than rounding of f' allows are refused as
    /// degenerate, never missed.
    /// BadInput, each with its own message: f or f' not finite in the domain (also at a pole between any points); a
    /// degenerate critical point with and without a change of sign, or a nearly degenerate one; a flat stretch; a
    /// minimum or a maximum at a kink; a critical point at the edge; an outermost critical point that is a maximum;
    /// no minimum; one only; more than 256; "cannot be sure", when the search's budget ends or enclosures are too wide.
    Landscape(Function f, Domain domain);

    /// Whether the list of critical points is proved complete. Otherwise they come from 20,000 points and what f'' says
    /// between them: a pair can be missed where f'' changes sign more than once between two points.
    bool certified() const { return f_.has_enclosures(); }
    const Function& potential() const { return f_; }
    const Domain& domain() const { return domain_; }
    const std::vector<double>& minima() const { return minima_; }   ///< m_i, size n
    const std::vector<double>& saddles() const { return saddles_; } ///< s_i, size n - 1
    std::size_t wells() const { return minima_.size(); }            ///< n
    double left(std::size_t i) const;   ///< s_{i-1}, the left end of Ω_i; -∞ for the first
    double right(std::size_t i) const;  ///< s_i, the right end of Ω_i; +∞ for the last
    double radius(std::size_t i) const; ///< r_i, the distance from m_i to the nearer saddle
    /// Core of Ω_i: the states within r_i / 2 of m_i, lo to hi. To have arrived in a well is to have met its core.
    struct Core {
        double lo;
        double hi;
        bool holds(double x) const { return lo <= x && x <= hi; }
    };
    Core core(std::size_t i) const { return {minima_[i] - 0.5 * radius(i), minima_[i] + 0.5 * radius(i)}; }
    /// The index i of the field Ω_i that holds x (a saddle counts to the field on its right).
    std::size_t well_of(double x) const;

  private:
    Function f_;
    Domain domain_;
    std::vector<double> minima_;
    std::vector<double> saddles_;
};

/// Where f' changes sign beyond the domain, up to half its width: the first such place on each side, increasing. What X
/// may meet there, without a clamp, is in no well. From 1,000 points a side; none beyond one where f' is not finite.
std::vector<double> turns_beyond(const Landscape& f);

}
