// model/laws/piecewise.hpp: smooth functions of one variable that are costly to evaluate, tabulated once.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace exeunt::model
{

/// Polynomials of degree 15 on panels of [lo, hi], for one function or several that are evaluated together.
class Piecewise
{
  public:
    static constexpr int terms = 16;

    /// Fills the values of the functions at x; called inside (lo, hi) only.
    using Functions = std::function<void(double x, double* values)>;

    /// Interpolates `count` functions at Chebyshev nodes, and bisects the panels given by `cut` until all of them hold.
    /// Error   |table - f| ≤ tolerance max(1, |f|) at the points between the nodes where it is largest; NotConverged,
    ///         with `name` and the accuracy reached, when bisection does not lead there.
    Piecewise(const std::string& name, const Functions& f, int count, std::vector<double> cut, double tolerance);

    /// Function k at x; x outside [lo, hi] is an error of the caller.
    double operator()(int k, double x) const;

    double lo() const { return cut_.front(); }
    double hi() const { return cut_.back(); }
    std::size_t panels() const { return cut_.size() - 1; }
    const std::vector<double>& cut() const { return cut_; }

  private:
    double fit(const Functions& f, double lo, double hi, std::vector<double>& coefficient) const;

    std::size_t count_;
    std::vector<double> cut_;
    std::vector<double> coefficient_; ///< panel by panel, function by function, in powers of u ∈ [-1, 1]
};

}
