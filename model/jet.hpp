// model/jet.hpp: truncated Taylor arithmetic, so that f' and f'' are exact derivatives of the formula typed for f.
#pragma once

#include <cmath>

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

inline Jet abs(const Jet& a) { return a.value < 0 ? -a : a; }
inline Jet exp(const Jet& a)
{
    const double e = std::exp(a.value);
    return chain(a, e, e, e);
}
inline Jet cos(const Jet& a)
{
    const double c = std::cos(a.value);
    return chain(a, c, -std::sin(a.value), -c);
}
/// a^c for a constant exponent. Exact at a = 0 for c = 0, 1, 2 and finite there for c > 2.
inline Jet pow(const Jet& a, double c)
{
    const double lead = c == 0 ? 0 : c * std::pow(a.value, c - 1);
    const double next = c == 0 || c == 1 ? 0 : c * (c - 1) * std::pow(a.value, c - 2);
    return chain(a, std::pow(a.value, c), lead, next);
}

}
