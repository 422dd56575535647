#include "model/laws/quantile_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace exeunt::model
{

namespace
{

double base(double alpha, double g) { return std::isinf(alpha) ? g / (1 + g) : std::expm1(g / alpha); }

/// 0, 1/2, 1, 2, 4, …, last.
std::vector<double> doubling(double last)
{
    std::vector<double> cut{0};
    for (double g = 0.5; g < last; g *= 2) cut.push_back(g);
    cut.push_back(last);
    return cut;
}

}

QuantileTable::QuantileTable(const std::string& name, double alpha, double last, const std::function<double(double)>& r,
                             double tolerance)
    : alpha_(alpha),
      ratio_(
          name, [&](double g, double* out) { *out = std::log(r(g) / base(alpha, g)); }, 1, doubling(last), tolerance)
{
}

double QuantileTable::operator()(double g) const
{
    if (std::isinf(g)) return g;
    return base(alpha_, g) * std::exp(ratio_(0, std::min(g, ratio_.hi())));
}

double invert(double g, double guess, const std::function<double(double)>& log_survival,
              const std::function<double(double)>& cumulative, const std::function<double(double)>& density)
{
    const bool inner = g < std::numbers::ln2;
    double lo = 0, hi = std::numeric_limits<double>::infinity(), r = guess;
    for (int k = 0; k < 200; ++k) {
        // too much mass within r: `excess` > 0
        const double log_v = inner ? 0 : log_survival(r);
        const double excess = inner ? cumulative(r) + std::expm1(-g) : -log_v - g;
        (excess > 0 ? hi : lo) = r;
        double next = r - excess / (inner ? density(r) : density(r) * std::exp(-log_v));
        if (!(next > lo && next < hi)) next = std::isinf(hi) ? 2 * lo : 0.5 * (lo + hi);
        if (std::abs(next - r) <= 2 * std::numeric_limits<double>::epsilon() * r) return next;
        r = next;
    }
    return r;
}

}
