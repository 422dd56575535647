#include "model/laws/piecewise.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace exeunt::model
{

namespace
{

constexpr int n = Piecewise::terms;
using Coefficients = std::array<double, n>;

/// Σ_k a_k u^k in four interleaved sums, which do not wait for each other.
double evaluate(const double* a, double u)
{
    const double u2 = u * u, u4 = u2 * u2;
    const auto part = [&](int k) { return ((a[k + 12] * u4 + a[k + 8]) * u4 + a[k + 4]) * u4 + a[k]; };
    return (part(0) + u2 * part(2)) + u * (part(1) + u2 * part(3));
}

double node(int k) { return std::cos(std::numbers::pi * (k + 0.5) / n); }

struct Interpolation {
    std::array<Coefficients, n> chebyshev{}; ///< [j][k]: the share of value k in the coefficient of T_j
    std::array<Coefficients, n> power{};     ///< [j][i]: the coefficient of u^i in T_j, a whole number

    Interpolation()
    {
        power[0][0] = power[1][1] = 1;
        for (std::size_t j = 2; j < n; ++j)
            for (std::size_t i = 0; i <= j; ++i) power[j][i] = (i > 0 ? 2 * power[j - 1][i - 1] : 0) - power[j - 2][i];
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t k = 0; k < n; ++k)
                chebyshev[j][k] = (j == 0 ? 1.0 : 2.0) / n *
                                  std::cos(std::numbers::pi * static_cast<double>(j * (2 * k + 1)) / (2 * n));
    }
};

/// From values at the nodes to powers of u. The coefficients of T_j fall fast where a panel holds, so the large whole
/// numbers in their powers meet small ones; a constant is interpolated without rounding.
void interpolate(const Coefficients& value, double* a)
{
    static const Interpolation to;
    std::fill(a, a + n, 0.0);
    for (std::size_t j = n; j-- > 0;) {
        double c = 0;
        for (std::size_t k = 1; k < n; ++k) c += to.chebyshev[j][k] * (value[k] - value[0]);
        for (std::size_t i = 0; i <= j; ++i) a[i] += c * to.power[j][i];
    }
    a[0] += value[0];
}

}

Piecewise::Piecewise(const std::string& name, const Functions& f, int count, std::vector<double> cut, double tolerance)
    : count_(static_cast<std::size_t>(count)), cut_{cut.front()}
{
    assert(count > 0 && cut.size() > 1 && std::is_sorted(cut.begin(), cut.end()));
    constexpr std::size_t most_panels = 1024;
    std::vector<double> rest(cut.rbegin(), cut.rend() - 1); // ends of panels still to fit, the next one last
    std::vector<double> fitted(count_ * n);
    while (!rest.empty()) {
        const double lo = cut_.back(), hi = rest.back();
        const double error = fit(f, lo, hi, fitted);
        const double middle = 0.5 * (lo + hi);
        if (error <= tolerance) {
            coefficient_.insert(coefficient_.end(), fitted.begin(), fitted.end());
            cut_.push_back(hi);
            rest.pop_back();
        } else if (hi - lo > 1e-6 * (cut.back() - cut.front()) && panels() + rest.size() < most_panels) {
            rest.push_back(middle);
        } else {
            throw NotConverged(fmt::format("the table of {} is accurate to {:.1e} about {:.6g}, where {:.1e} was asked",
                                           name, error, middle, tolerance));
        }
    }
}

double Piecewise::fit(const Functions& f, double lo, double hi, std::vector<double>& coefficient) const
{
    const double middle = 0.5 * (lo + hi), half = 0.5 * (hi - lo);
    std::vector<double> values(count_);
    std::vector<Coefficients> at_nodes(count_);
    for (std::size_t k = 0; k < n; ++k) {
        f(middle + half * node(static_cast<int>(k)), values.data());
        for (std::size_t c = 0; c < count_; ++c) at_nodes[c][k] = values[c];
    }
    for (std::size_t c = 0; c < count_; ++c) interpolate(at_nodes[c], &coefficient[c * n]);
    double worst = 0;
    for (int k = 1; k < n; k += 2) { // T_16 = ±1 there
        const double x = middle + half * std::cos(std::numbers::pi * k / n);
        f(x, values.data());
        for (std::size_t c = 0; c < count_; ++c) {
            const double error = std::abs(evaluate(&coefficient[c * n], (x - middle) / half) - values[c]);
            if (!std::isfinite(error)) return error;
            worst = std::max(worst, error / std::max(1.0, std::abs(values[c])));
        }
    }
    return worst;
}

double Piecewise::operator()(int k, double x) const
{
    assert(x >= cut_.front() && x <= cut_.back());
    const auto after = std::upper_bound(cut_.begin() + 1, cut_.end() - 1, x);
    const auto p = static_cast<std::size_t>(after - cut_.begin()) - 1;
    const double lo = cut_[p], hi = cut_[p + 1];
    const double u = ((x - lo) - (hi - x)) / (hi - lo);
    return evaluate(&coefficient_[(p * count_ + static_cast<std::size_t>(k)) * n], u);
}

}
