// model/jet.hpp: truncated Taylor arithmetic, so that f' and f'' are exact derivatives of the formula typed for f.
#pragma once

#include <cmath>
#include <numbers>

namespace exeunt::model
{

/// A function's value and first two derivatives with respect to x at one point. Units: f, f/x, f/x².
/// Exact up to the rounding of the operations below; no finite differences anywhere.
struct Jet {
    double value = 0;
    double first = 0;
    double second = 0;

    constexpr Jet() = default;
    constexpr Jet(double v, double d = 0, double dd = 0) : value(v), first(d), second(dd) {}

    /// The identity x ↦ x at the point x.
    static constexpr Jet variable(double x) { return {x, 1, 0}; }
};

constexpr Jet operator+(const Jet& a, const Jet& b)
{
    return {a.value + b.value, a.first + b.first, a.second + b.second};
}
constexpr Jet operator-(const Jet& a) { return {-a.value, -a.first, -a.second}; }
constexpr Jet operator-(const Jet& a, const Jet& b) { return a + (-b); }
constexpr Jet operator*(const Jet& a, const Jet& b)
{
    return {a.value * b.value, a.first * b.value + a.value * b.first,
            a.second * b.value + 2 * a.first * b.first + a.value * b.second};
}

/// h(a) by the chain rule, from h, h', h'' at a.value.
constexpr Jet chain(const Jet& a, double h, double dh, double ddh)
{
    return {h, dh * a.first, ddh * a.first * a.first + dh * a.second};
}

constexpr Jet inverse(const Jet& a)
{
    const double r = 1 / a.value;
    return chain(a, r, -r * r, 2 * r * r * r);
}
constexpr Jet operator/(const Jet& a, const Jet& b) { return a * inverse(b); }

/// |a|. At a tie (a = 0) the derivatives are those of a, the branch on the right when a increases.
inline Jet abs(const Jet& a) { return a.value < 0 ? -a : a; }
/// The smaller of two. At a tie the derivatives are those of the first; NaN when either is NaN.
inline Jet min(const Jet& a, const Jet& b) { return b.value < a.value || std::isnan(b.value) ? b : a; }
/// The larger of two. At a tie the derivatives are those of the first; NaN when either is NaN.
inline Jet max(const Jet& a, const Jet& b) { return b.value > a.value || std::isnan(b.value) ? b : a; }

inline Jet exp(const Jet& a)
{
    const double e = std::exp(a.value);
    return chain(a, e, e, e);
}
inline Jet log(const Jet& a)
{
    const double r = 1 / a.value;
    return chain(a, std::log(a.value), r, -r * r);
}
inline Jet log2(const Jet& a)
{
    const double r = 1 / (a.value * std::numbers::ln2);
    return chain(a, std::log2(a.value), r, -r / a.value);
}
inline Jet log10(const Jet& a)
{
    const double r = 1 / (a.value * std::numbers::ln10);
    return chain(a, std::log10(a.value), r, -r / a.value);
}
/// Not differentiable at 0, where the derivatives are not finite.
inline Jet sqrt(const Jet& a)
{
    const double h = std::sqrt(a.value);
    return chain(a, h, 0.5 / h, -0.25 / (h * a.value));
}
/// Not differentiable at 0, where the derivatives are not finite.
inline Jet cbrt(const Jet& a)
{
    const double h = std::cbrt(a.value);
    const double lead = 1 / (3 * h * h);
    return chain(a, h, lead, -2 * lead / (3 * a.value));
}
inline Jet sin(const Jet& a)
{
    const double s = std::sin(a.value);
    return chain(a, s, std::cos(a.value), -s);
}
inline Jet cos(const Jet& a)
{
    const double c = std::cos(a.value);
    return chain(a, c, -std::sin(a.value), -c);
}
inline Jet tan(const Jet& a)
{
    const double t = std::tan(a.value);
    const double lead = 1 + t * t;
    return chain(a, t, lead, 2 * t * lead);
}
inline Jet sinh(const Jet& a)
{
    const double s = std::sinh(a.value);
    return chain(a, s, std::cosh(a.value), s);
}
inline Jet cosh(const Jet& a)
{
    const double c = std::cosh(a.value);
    return chain(a, c, std::sinh(a.value), c);
}
/// The derivatives come from 1/cosh², not from 1 - tanh², and keep their digits far out.
inline Jet tanh(const Jet& a)
{
    const double t = std::tanh(a.value);
    const double r = 1 / std::cosh(a.value);
    return chain(a, t, r * r, -2 * t * r * r);
}
inline Jet atan(const Jet& a)
{
    const double lead = 1 / (1 + a.value * a.value);
    return chain(a, std::atan(a.value), lead, -2 * a.value * lead * lead);
}
inline Jet erf(const Jet& a)
{
    const double lead = 2 * std::numbers::inv_sqrtpi * std::exp(-a.value * a.value);
    return chain(a, std::erf(a.value), lead, -2 * a.value * lead);
}

/// a^c for a constant exponent. Exact at a = 0 for c = 0, 1, 2 and finite there for c > 2.
inline Jet pow(const Jet& a, double c)
{
    const double lead = c == 0 ? 0 : c * std::pow(a.value, c - 1);
    const double next = c == 0 || c == 1 ? 0 : c * (c - 1) * std::pow(a.value, c - 2);
    return chain(a, std::pow(a.value, c), lead, next);
}
/// a^b, both varying: a > 0, else the derivatives are not finite (b log a has none).
inline Jet pow(const Jet& a, const Jet& b)
{
    const double v = std::pow(a.value, b.value);
    const Jet l = b * log(a);
    return {v, v * l.first, v * (l.second + l.first * l.first)};
}

/// a^n by repeated multiplication, on numbers and jets alike: finite wherever a^n is, a = 0 and a < 0 included.
/// Error   at most |n| rounding errors in the value.
template<class T> constexpr T integer_power(const T& a, int n)
{
    if (n < 0) return T(1.0) / integer_power(a, -n);
    T power(1.0);
    T square = a;
    for (bool first = true; n > 0; n >>= 1) {
        if (n & 1) power = first ? square : power * square;
        if (n & 1) first = false;
        if (n > 1) square = square * square;
    }
    return power;
}

}
