#include "validation/scale_process.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

namespace exeunt::validation
{

namespace
{

/// Where f, which rises from `low` to `high`, crosses zero: to rounding.
template<class F> double crossing(double low, double high, const F& f)
{
    for (double middle = 0.5 * (low + high); low < middle && middle < high; middle = 0.5 * (low + high))
        (f(middle) < 0 ? low : high) = middle;
    return 0.5 * (low + high);
}

}

ScaleProcess::ScaleProcess(const Design& design)
    : shape_(0.5 / (design.effect * design.effect)), bound_(-std::log(design.level))
{
}

double ScaleProcess::log_e(double d, double sum) const
{
    using boost::math::lgamma;
    return lgamma(shape_ + d) - lgamma(shape_) + shape_ * std::log(shape_) - (shape_ + d) * std::log(shape_ + sum) +
           sum;
}

RateInterval ScaleProcess::interval(double d, double sum) const
{
    const auto excess = [&](double x) { return log_e(d, x) - bound_; }; // convex, least at x = d
    double high = 2 * d + bound_ + shape_;
    while (excess(high) < 0) high *= 2;
    const double upper = crossing(d, high, excess);
    const double lower = excess(0) < 0 ? 0 : crossing(-d, 0, [&](double x) { return excess(-x); });
    return {.estimate = d / sum,
            .lower = std::abs(lower) / sum,
            .upper = upper / sum,
            .p_value = std::min(1.0, std::exp(-log_e(d, sum)))};
}

std::uint64_t most_exits_for_scale(const Design& design, double blur)
{
    const ScaleProcess process(design);
    const double margin = (1 + design.effect) * (1 - blur);
    const auto confirms = [&](double n) { // R = 1: S is gamma distributed with shape n
        const RateInterval unit = process.interval(n, 1);
        const double least = unit.upper / margin, most = unit.lower * margin;
        return most > least ? boost::math::gamma_p(n, most) - boost::math::gamma_p(n, least) : 0.0;
    };
    double high = static_cast<double>(exits_for_scale(design, blur)); // no process is sharper than the fixed test
    double low = high;
    while (confirms(high) < design.power) {
        low = high;
        high = std::ceil(1.25 * high);
    }
    while (high - low > 1) {
        const double middle = std::floor(0.5 * (low + high));
        (confirms(middle) < design.power ? low : high) = middle;
    }
    return static_cast<std::uint64_t>(high);
}

}
