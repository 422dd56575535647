// sim/leaving.hpp: the probability that the next step leaves Ω_i, one term of the compensator (compensator.hpp).
#pragma once

#include "model/model.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace exeunt::sim
{

/// P( X_{n+1} ∈ Ω_j | X_n = x ), x ∈ Ω_i, for every well j on one side of Ω_i. X_{n+1} lies beyond a saddle s when
/// φ_b(-ηf'(x) + ησZ) is s - x or further: a tail of Z, or nothing where s is further than b. Tabulated, for speed, as
/// polynomials of the way d to the end of Ω_i, in cells of an eighth of an octave of d.
/// Error   that of the tails; of the table 1e-8, relative, checked at 9 points of each cell: where a cell misses that,
///         and below 2^-20 of the largest d, the tails are used.
class Leaving
{
  public:
    Leaving(const model::Model& model, std::size_t well, bool to_the_right, bool tabulated);

    /// Adds them to `to`, which has a number for each well.
    void add(double x, std::vector<double>& to) const;

  private:
    static constexpr int terms = 7;
    static constexpr std::uint64_t octaves = 20, per_octave = 8;
    struct Cell {
        double middle, per_length; ///< of d, and 1 over half the cell
        bool holds;
    };

    /// The (i + 1)th well from Ω_i on this side, and its end on our side.
    std::size_t well(std::size_t i) const { return right_ ? nearest_ + i : nearest_ - i; }
    double near(std::size_t i) const;
    double way(double x) const { return right_ ? end_ - x : x - end_; }
    static std::uint64_t key(double d);
    static double polynomial(const double* p, double u);
    double beyond(std::size_t i, double x) const;
    double into(std::size_t i, double x) const { return beyond(i, x) - beyond(i + 1, x); }
    void fit(std::uint64_t begin, const std::vector<double>& kinks);

    const model::Model& m_;
    const model::Landscape& f_;
    bool right_;
    double end_;                  ///< of Ω_i, on this side
    std::size_t nearest_, wells_; ///< the well next to it, and how many there are
    double most_;                 ///< the largest d in the table: no step from further ends beyond, or the domain ends
    std::vector<Cell> cells_;
    std::vector<double> p_; ///< coefficients, for each cell and well
};

}
