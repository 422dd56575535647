// model/gradient_table.hpp: f' as a piecewise polynomial, for whoever evaluates it often.
#pragma once

#include "model/potential.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace exeunt::model
{

/// f' on [lo, hi]: cells that end at the kinks of f, halved until degree 7 through 8 Chebyshev points is good enough.
/// A value type; evaluation is thread-safe, costs a few ns, and allocates nothing.
/// Exact   outside [lo, hi] the value is f'(x) itself.
/// Error   absolute_error() and relative_error(): twice the largest difference from f.gradient at 17 points a cell,
/// which
///         lie between the points of interpolation and at the ends. Rounding of f' itself is part of it.
class GradientTable
{
  public:
    struct Options {
        double tolerance = 1e-12;        ///< of the largest |f'| on the cell, for the error as stated above
        std::size_t most_cells = 65'536; ///< 80 bytes each
    };

    /// BadInput unless lo < hi are finite and f' is finite on [lo, hi]; NotConverged, with the place and what was
    /// reached, when the tolerance takes more cells (a kink that f does not declare, a tolerance below the rounding of
    /// f').
    GradientTable(const Function& f, double lo, double hi, Options options);
    GradientTable(const Function& f, double lo, double hi) : GradientTable(f, lo, hi, Options{}) {}

    /// f'(x). At a kink, the side on the right.
    double operator()(double x) const
    {
        if (!(x >= lo_ && x <= hi_)) return f_.gradient(x);
        const Cell* cell = &cells_[first_[static_cast<std::size_t>((x - lo_) * buckets_per_length_)]];
        while (x >= cell->end) ++cell;
        return cell->at(x);
    }

    double lo() const { return lo_; }
    double hi() const { return hi_; }
    std::size_t cells() const { return cells_.size(); }
    double absolute_error() const { return absolute_error_; } ///< the largest of all cells
    double relative_error() const { return relative_error_; } ///< to the largest |f'| on the cell; the worst cell's

  private:
    struct Cell {
        double centre;
        double scale; ///< t = (x - centre) scale is in [-1, 1]
        double end;   ///< its right end; ∞ for the last
        double a[8];  ///< Σ a_k t^k

        double at(double x) const
        {
            const double t = (x - centre) * scale, t2 = t * t;
            const double low = (a[0] + a[1] * t) + (a[2] + a[3] * t) * t2;
            const double high = (a[4] + a[5] * t) + (a[6] + a[7] * t) * t2;
            return low + high * (t2 * t2);
        }
    };
    struct Fit {
        Cell cell;
        double error;   ///< as stated above
        double largest; ///< |f'| at the same points
    };
    Fit fit(double lo, double hi) const;
    void add(double lo, double hi, const Options& options);
    void index();

    Function f_;
    double lo_;
    double hi_;
    double absolute_error_ = 0;
    double relative_error_ = 0;
    double buckets_per_length_ = 0;
    std::vector<Cell> cells_;
    std::vector<std::uint32_t> first_; ///< for each of equal buckets, the cell in which it begins
};

}
