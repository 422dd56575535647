// model/jet.hpp: truncated Taylor arithmetic, so that f' and f'' are exact derivatives of the formula typed for f.
#pragma once

#include <cmath>
#include <concepts>
#include <numbers>
#include <type_traits>

namespace exeunt::model
{

/// A function's value and first two derivatives with respect to x, at a point (T = double, long double) or enclosed
/// over an interval of x (T = Interval, interval.hpp). Units: f, f/x, f/x².
/// Exact up to the rounding of the operations below; no finite differences anywhere.
template<class T> struct JetOf {
    T value{};
    T first{};
    T second{};

    constexpr JetOf() = default;
    constexpr JetOf(const T& v, const T& d = T(0.0), const T& dd = T(0.0)) : value(v), first(d), second(dd) {}
    constexpr JetOf(double c) requires(!std::same_as<T, double>) : value(c), first(0.0), second(0.0) {}

    /// The identity x ↦ x at the point, or over the interval, x.
    static constexpr JetOf variable(const T& x) { return {x, T(1.0), T(0.0)}; }

    friend constexpr JetOf operator+(const JetOf& a, const JetOf& b)
    {
        return {a.value + b.value, a.first + b.first, a.second + b.second};
    }
    friend constexpr JetOf operator-(const JetOf& a) { return {-a.value, -a.first, -a.second}; }
    friend constexpr JetOf operator-(const JetOf& a, const JetOf& b) { return a + (-b); }
    friend constexpr JetOf operator*(const JetOf& a, const JetOf& b)
    {
        return {a.value * b.value, a.first * b.value + a.value * b.first,
                a.second * b.value + 2.0 * (a.first * b.first) + a.value * b.second};
    }
    friend constexpr JetOf operator/(const JetOf& a, const JetOf& b) { return a * inverse(b); }
};

using Jet = JetOf<double>;

/// h(a) by the chain rule, from h, h', h'' at a.value.
template<class T>
constexpr JetOf<T> chain(const JetOf<T>& a, const std::type_identity_t<T>& h, const std::type_identity_t<T>& dh,
                         const std::type_identity_t<T>& ddh)
{
    return {h, dh * a.first, ddh * a.first * a.first + dh * a.second};
}

template<class T> constexpr JetOf<T> inverse(const JetOf<T>& a)
{
    const T r = 1.0 / a.value;
    return chain(a, r, -(r * r), 2.0 * r * r * r);
}

/// An irrational constant, given correctly rounded: itself, or the interval of its neighbours (interval.hpp).
template<class T> constexpr T irrational(double rounded) { return T(rounded); }
template<> inline long double irrational<long double>(double rounded)
{
    if (rounded == std::numbers::ln2) return std::numbers::ln2_v<long double>;
    if (rounded == std::numbers::ln10) return std::numbers::ln10_v<long double>;
    if (rounded == std::numbers::inv_sqrtpi) return std::numbers::inv_sqrtpi_v<long double>;
    return static_cast<long double>(rounded);
}

/// |a|. At a tie (a = 0) the derivatives are those of a, the branch on the right when a increases.
template<std::floating_point T> JetOf<T> abs(const JetOf<T>& a) { return a.value < 0 ? -a : a; }
/// The smaller of two. At a tie the derivatives are those of the first; NaN when either is NaN.
template<std::floating_point T> JetOf<T> min(const JetOf<T>& a, const JetOf<T>& b)
{
    return b.value < a.value || std::isnan(b.value) ? b : a;
}
/// The larger of two. At a tie the derivatives are those of the first; NaN when either is NaN.
template<std::floating_point T> JetOf<T> max(const JetOf<T>& a, const JetOf<T>& b)
{
    return b.value > a.value || std::isnan(b.value) ? b : a;
}

template<class T> JetOf<T> exp(const JetOf<T>& a)
{
    using std::exp;
    const T e = exp(a.value);
    return chain(a, e, e, e);
}
template<class T> JetOf<T> log(const JetOf<T>& a)
{
    using std::log;
    const T r = 1.0 / a.value;
    return chain(a, log(a.value), r, -(r * r));
}
template<class T> JetOf<T> log2(const JetOf<T>& a)
{
    using std::log2;
    const T r = 1.0 / (a.value * irrational<T>(std::numbers::ln2));
    return chain(a, log2(a.value), r, -r / a.value);
}
template<class T> JetOf<T> log10(const JetOf<T>& a)
{
    using std::log10;
    const T r = 1.0 / (a.value * irrational<T>(std::numbers::ln10));
    return chain(a, log10(a.value), r, -r / a.value);
}
/// Not differentiable at 0, where the derivatives are not finite.
template<class T> JetOf<T> sqrt(const JetOf<T>& a)
{
    using std::sqrt;
    const T h = sqrt(a.value);
    return chain(a, h, 0.5 / h, -0.25 / (h * a.value));
}
/// Not differentiable at 0, where the derivatives are not finite.
template<class T> JetOf<T> cbrt(const JetOf<T>& a)
{
    using std::cbrt;
    const T h = cbrt(a.value);
    const T lead = 1.0 / (3.0 * h * h);
    return chain(a, h, lead, -2.0 * lead / (3.0 * a.value));
}
template<class T> JetOf<T> sin(const JetOf<T>& a)
{
    using std::cos, std::sin;
    const T s = sin(a.value);
    return chain(a, s, cos(a.value), -s);
}
template<class T> JetOf<T> cos(const JetOf<T>& a)
{
    using std::cos, std::sin;
    const T c = cos(a.value);
    return chain(a, c, -sin(a.value), -c);
}
template<class T> JetOf<T> tan(const JetOf<T>& a)
{
    using std::tan;
    const T t = tan(a.value);
    const T lead = 1.0 + t * t;
    return chain(a, t, lead, 2.0 * t * lead);
}
template<class T> JetOf<T> sinh(const JetOf<T>& a)
{
    using std::cosh, std::sinh;
    const T s = sinh(a.value);
    return chain(a, s, cosh(a.value), s);
}
template<class T> JetOf<T> cosh(const JetOf<T>& a)
{
    using std::cosh, std::sinh;
    const T c = cosh(a.value);
    return chain(a, c, sinh(a.value), c);
}
/// The derivatives come from 1/cosh², not from 1 - tanh², and keep their digits far out.
template<class T> JetOf<T> tanh(const JetOf<T>& a)
{
    using std::cosh, std::tanh;
    const T t = tanh(a.value);
    const T r = 1.0 / cosh(a.value);
    return chain(a, t, r * r, -2.0 * t * r * r);
}
template<class T> JetOf<T> atan(const JetOf<T>& a)
{
    using std::atan;
    const T lead = 1.0 / (1.0 + a.value * a.value);
    return chain(a, atan(a.value), lead, -2.0 * a.value * lead * lead);
}
template<class T> JetOf<T> erf(const JetOf<T>& a)
{
    using std::erf, std::exp;
    const T lead = 2.0 * irrational<T>(std::numbers::inv_sqrtpi) * exp(-(a.value * a.value));
    return chain(a, erf(a.value), lead, -2.0 * a.value * lead);
}

/// a^c for a constant exponent. Exact at a = 0 for c = 0, 1, 2 and finite there for c > 2.
template<std::floating_point T> JetOf<T> pow(const JetOf<T>& a, double c)
{
    const T e = static_cast<T>(c);
    const T lead = c == 0 ? 0 : e * std::pow(a.value, e - 1);
    const T next = c == 0 || c == 1 ? 0 : e * (e - 1) * std::pow(a.value, e - 2);
    return chain(a, std::pow(a.value, e), lead, next);
}
/// a^b, both varying: a > 0, else the derivatives are not finite (b log a has none).
template<class T> JetOf<T> pow(const JetOf<T>& a, const JetOf<T>& b)
{
    using std::pow;
    const T v = pow(a.value, b.value);
    const JetOf<T> l = b * log(a);
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
