// model/interval.hpp: closed intervals with outward rounding, and jets over them, which enclose f, f' and f'' on an
// interval of x: what the certified search for critical points rests on (critical.hpp).
//
// Rounding of + - × ÷ sqrt is to nearest; each result is widened to or beyond its neighbours (Rump, Zimmermann, Boldo,
// Melquiond 2009: c ± fl(φ|c| + η), φ = u(1 + 4u), reaches the neighbour of c, for u = 2^-53 and η = 2^-1074).
// The other functions are the C library's at the ends of monotone pieces, widened by `library_ulps`: the GNU C library
// states at most 4 for any of them. That statement, unlike the rounding of + - × ÷ sqrt, is measured and not proved.
#pragma once

#include "model/jet.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace exeunt::model
{

/// 1, 0 or -1.
constexpr int sign(double a) { return (a > 0) - (a < 0); }

/// The set [lo, hi] of reals, both finite, or the whole line [-∞, ∞]: what is unbounded on one side, overflows, or is
/// undefined somewhere (1/0, log of a negative number) is whole. Nothing is ever NaN.
/// Exact   every operation's result contains the operation's value at all points of its operands; a product whose two
///         operands are one object is a square, ≥ 0.
struct Interval {
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr double largest = std::numeric_limits<double>::max();
    static constexpr double library_ulps = 4;

    double lo = 0;
    double hi = 0;

    constexpr Interval() = default;
    constexpr Interval(double c) : Interval(c, c) {}
    /// [l, h]; whole when an end is not finite. Needs l ≤ h.
    constexpr Interval(double l, double h) : lo(l), hi(h)
    {
        if (!(l >= -largest && h <= largest)) lo = -infinity, hi = infinity;
    }
    static constexpr Interval whole() { return {-infinity, infinity}; }

    constexpr bool is_finite() const { return lo >= -largest; }
    constexpr bool is_zero() const { return lo == 0 && hi == 0; }
    constexpr bool contains(double x) const { return lo <= x && x <= hi; }
    constexpr double magnitude() const { return std::max(-lo, hi); } ///< the largest |x|
    constexpr double radius() const { return hi / 2 - lo / 2; }
    /// 1 when all of it is > 0, -1 when all of it is < 0, else 0: undecided.
    constexpr int sign() const { return (lo > 0) - (hi < 0); }

    friend constexpr Interval operator-(const Interval& a) { return {-a.hi, -a.lo}; }
    friend constexpr Interval operator+(const Interval& a, const Interval& b)
    {
        return rounded_sum(a.lo + b.lo, a.hi + b.hi);
    }
    friend constexpr Interval operator-(const Interval& a, const Interval& b)
    {
        return rounded_sum(a.lo - b.hi, a.hi - b.lo);
    }
    friend constexpr Interval operator*(const Interval& a, const Interval& b)
    {
        if (&a == &b) return square(a);
        if (!a.is_finite() || !b.is_finite()) return whole();
        if (a.is_zero() || b.is_zero()) return {};
        const double p = a.lo * b.lo, q = a.lo * b.hi, r = a.hi * b.lo, s = a.hi * b.hi;
        return clamped(rounded(std::min(std::min(p, q), std::min(r, s)), std::max(std::max(p, q), std::max(r, s))), a,
                       b);
    }
    friend constexpr Interval operator/(const Interval& a, const Interval& b)
    {
        if (b.contains(0) || !a.is_finite()) return whole();
        if (a.is_zero()) return {};
        const double p = a.lo / b.lo, q = a.lo / b.hi, r = a.hi / b.lo, s = a.hi / b.hi;
        return clamped(rounded(std::min(std::min(p, q), std::min(r, s)), std::max(std::max(p, q), std::max(r, s))), a,
                       b);
    }
    friend constexpr Interval square(const Interval& a)
    {
        if (!a.is_finite()) return whole();
        const double least = std::max(0.0, std::max(a.lo, -a.hi)), most = a.magnitude();
        if (most == 0) return {};
        const Interval s = rounded(least * least, most * most);
        return {std::max(0.0, s.lo), s.hi};
    }
    friend constexpr Interval hull(const Interval& a, const Interval& b)
    {
        return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
    }
    /// The common part; needs one.
    friend constexpr Interval intersection(const Interval& a, const Interval& b)
    {
        return {std::max(a.lo, b.lo), std::min(a.hi, b.hi)};
    }
    /// [l, h] widened by `ulps` units in the last place and one rounding.
    static constexpr Interval widened(double l, double h, double ulps = library_ulps)
    {
        const double share = (ulps + 1) * std::numeric_limits<double>::epsilon();
        const double least = (ulps + 1) * std::numeric_limits<double>::denorm_min();
        return {l - (share * (l < 0 ? -l : l) + least), h + (share * (h < 0 ? -h : h) + least)};
    }

  private:
    static constexpr double phi = 0x1p-53 * (1 + 0x1p-51);

    /// A sum is exact where it is subnormal, so a sum of 0 stays 0.
    static constexpr Interval rounded_sum(double l, double h)
    {
        return {l - phi * (l < 0 ? -l : l), h + phi * (h < 0 ? -h : h)};
    }
    static constexpr Interval rounded(double l, double h)
    {
        constexpr double eta = std::numeric_limits<double>::denorm_min();
        return {l - (phi * (l < 0 ? -l : l) + eta), h + (phi * (h < 0 ? -h : h) + eta)};
    }
    /// A product or quotient has the sign that those of a and b give it.
    static constexpr Interval clamped(const Interval& c, const Interval& a, const Interval& b)
    {
        if ((a.lo >= 0 && b.lo >= 0) || (a.hi <= 0 && b.hi <= 0)) return {std::max(0.0, c.lo), c.hi};
        if ((a.lo >= 0 && b.hi <= 0) || (a.hi <= 0 && b.lo >= 0)) return {c.lo, std::min(0.0, c.hi)};
        return c;
    }
};

template<> constexpr Interval irrational<Interval>(double rounded)
{
    return {rounded * (1 - 0x1p-52), rounded * (1 + 0x1p-52)};
}

/// The functions of the expressions; whole wherever a point of a is outside the domain of definition.
Interval abs(const Interval& a);
Interval min(const Interval& a, const Interval& b);
Interval max(const Interval& a, const Interval& b);
Interval sqrt(const Interval& a);
Interval cbrt(const Interval& a);
Interval exp(const Interval& a);
Interval log(const Interval& a);
Interval log2(const Interval& a);
Interval log10(const Interval& a);
Interval sin(const Interval& a);
Interval cos(const Interval& a);
Interval tan(const Interval& a);
Interval sinh(const Interval& a);
Interval cosh(const Interval& a);
Interval tanh(const Interval& a);
Interval atan(const Interval& a);
Interval erf(const Interval& a);
Interval pow(const Interval& a, const Interval& b); ///< a > 0, or b one integer; 0^b for b > 0
Interval integer_power(const Interval& a, int n);

/// f, f' and f'' over an interval of x: each contains the values at every point of it.
/// abs, min and max: where the branch is not decided (a tie at an end counts as that) f' is the hull of both and f'' is
/// whole. So a finite f'' says that f' is continuous, and that f'(x) ∈ f'(c) + f''·(x - c) holds on all of the
/// interval.
using IntervalJet = JetOf<Interval>;

IntervalJet abs(const IntervalJet& a);
IntervalJet min(const IntervalJet& a, const IntervalJet& b);
IntervalJet max(const IntervalJet& a, const IntervalJet& b);
IntervalJet pow(const IntervalJet& a, double c);
IntervalJet integer_power(const IntervalJet& a, int n);

}
