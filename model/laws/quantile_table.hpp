// model/laws/quantile_table.hpp: the quantile of a distance R whose law has no closed inverse.
#pragma once

#include "model/laws/piecewise.hpp"

#include <functional>
#include <string>

namespace exeunt::model
{

/// r(g), where P(R > r) = e^{-g}. Tabulated is log(r/base(g)), which is smooth and bounded where
///
///     base(g) = e^{g/α} - 1     for a tail of index α,     g/(1 + g)     for α = ∞ (a light tail).
class QuantileTable
{
  public:
    /// r is called on (0, last); from `last` on, r/base is constant where α is finite, and g must not go beyond where
    /// it is not.
    QuantileTable(const std::string& name, double alpha, double last, const std::function<double(double)>& r,
                  double tolerance);

    /// r(g), g ≥ 0. Error: relative, the tolerance and a rounding error of g/α.
    double operator()(double g) const;

  private:
    double alpha_;
    Piecewise ratio_;
};

/// The r with P(R > r) = e^{-g}, by Newton's method on log P(R > r), or on P(R ≤ r) where that is smaller, kept inside
/// a bracket. `guess` > 0 is where to start. Relative error a few times that of the probabilities.
double invert(double g, double guess, const std::function<double(double)>& log_survival,
              const std::function<double(double)>& cumulative, const std::function<double(double)>& density);

}
