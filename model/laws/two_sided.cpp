#include "model/laws/two_sided.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace exeunt::model
{

namespace
{

/// P(Y beyond y), y measured outwards along `side`. Where y is on the other half-line two probabilities are added.
double beyond(const Half& side, const Half& other, double y)
{
    if (y >= 0) return side.weight * side.radius->survival(y);
    return side.weight + other.weight * other.radius->cumulative(-y);
}

/// The y with P(Y beyond y) = p, measured outwards along `side`.
double quantile(const Half& side, const Half& other, double p)
{
    assert(p >= 0 && p <= 1);
    if (side.weight > 0 && p <= side.weight) return side.radius->at(-std::log(p / side.weight));
    return -other.radius->at(std::max(0.0, -std::log((1 - p) / other.weight))); // the weights' sum may round
}

}

TwoSided::TwoSided(Name name, Half right, Half left, double shift)
    : name_(std::move(name)), right_(std::move(right)), left_(std::move(left)), shift_(shift)
{
}

double TwoSided::density(double z) const
{
    const double y = z + shift_;
    const double right = y >= 0 ? right_.weight * right_.radius->density(y) : 0;
    const double left = y <= 0 ? left_.weight * left_.radius->density(-y) : 0;
    return y == 0 ? 0.5 * (right + left) : right + left;
}

double TwoSided::upper_tail(double z) const { return beyond(right_, left_, z + shift_); }
double TwoSided::lower_tail(double z) const { return beyond(left_, right_, -(z + shift_)); }
double TwoSided::upper_quantile(double p) const { return quantile(right_, left_, p) - shift_; }
double TwoSided::lower_quantile(double p) const { return -quantile(left_, right_, p) - shift_; }

std::vector<double> TwoSided::kinks() const
{
    const double from = right_.radius->start();
    if (from == 0) return name_.smooth ? std::vector<double>{} : std::vector<double>{0 - shift_};
    std::vector<double> out;
    if (left_.weight > 0) out.push_back(-from - shift_);
    if (right_.weight > 0) out.push_back(from - shift_);
    return out;
}

double TwoSided::mode() const
{
    const double r = right_.radius->peak(), l = left_.radius->peak();
    const bool right = right_.weight * right_.radius->density(r) >= left_.weight * left_.radius->density(l);
    return (right ? r : -l) - shift_;
}

}
