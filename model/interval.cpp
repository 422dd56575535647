#include "model/interval.hpp"

#include <cstdint>
#include <numbers>

namespace exeunt::model
{

namespace
{

/// [l, h] cut to the range of a function.
Interval within(const Interval& a, double l, double h)
{
    return a.is_finite() ? Interval(std::clamp(a.lo, l, h), std::clamp(a.hi, l, h)) : Interval(l, h);
}

/// A function that increases, from its values at the two ends.
template<class F> Interval increasing(const Interval& a, const F& f)
{
    return a.is_finite() ? Interval::widened(f(a.lo), f(a.hi)) : Interval::whole();
}

/// The whole numbers that an interval may contain, as far as a periodic function asks.
struct Wholes {
    bool even;
    bool odd;
};
Wholes wholes(const Interval& q)
{
    if (!(q.magnitude() < 0x1p50)) return {true, true};
    const double first = std::ceil(q.lo), last = std::floor(q.hi);
    if (first > last) return {false, false};
    if (first < last) return {true, true};
    const bool even = std::fmod(first, 2) == 0;
    return {even, !even};
}

Interval half_turns(const Interval& a) { return a * irrational<Interval>(std::numbers::inv_pi); }

/// A wave of period 2π that is 1 at (k + phase)π for even k and -1 for odd k, and monotone between.
template<class F> Interval wave(const Interval& a, double phase, const F& f)
{
    if (!a.is_finite()) return Interval::whole();
    const Wholes extremes = wholes(half_turns(a) - phase);
    if (extremes.even && extremes.odd) return {-1, 1};
    const double l = f(a.lo), h = f(a.hi);
    const Interval r = within(Interval::widened(std::min(l, h), std::max(l, h)), -1, 1);
    return {extremes.odd ? -1 : r.lo, extremes.even ? 1 : r.hi};
}

/// c - k, exact or enclosed.
Interval exponent(double c, double k)
{
    const double e = c - k, back = e - c;
    const double lost = (c - (e - back)) + (-k - back); // the rounding error of c - k (Knuth)
    return lost == 0 ? Interval(e) : Interval::widened(e, e, 0);
}

bool is_whole_number(double c) { return c == std::trunc(c); }

/// a^c for a ≥ 0 at the corners: b log a is largest and least there.
Interval power_at_corners(const Interval& a, const Interval& b)
{
    const double p = std::pow(a.lo, b.lo), q = std::pow(a.lo, b.hi), r = std::pow(a.hi, b.lo), s = std::pow(a.hi, b.hi);
    const Interval v =
        Interval::widened(std::min(std::min(p, q), std::min(r, s)), std::max(std::max(p, q), std::max(r, s)));
    return v.is_finite() ? Interval(std::max(0.0, v.lo), v.hi) : v;
}

/// x^n for 1 ≤ n ≤ 8: at most 4 products, 2^-53 each.
double small_power(double x, int n)
{
    const double two = x * x, four = two * two;
    const double high = n >= 8 ? four * four : n >= 4 ? four : 1;
    const double low = n % 4 == 0 ? 1 : n % 4 == 1 ? x : n % 4 == 2 ? two : two * x;
    return n >= 8 ? high : high * low;
}

/// A power of a ≥ 0 is ≥ 0.
Interval clamped_at_zero(const Interval& power, const Interval& a)
{
    return a.lo >= 0 && power.is_finite() ? Interval(std::max(0.0, power.lo), power.hi) : power;
}

/// Of either sign: the hull of both branches, f'' unknown.
IntervalJet undecided(const Interval& value, const IntervalJet& a, const IntervalJet& b)
{
    return {value, hull(a.first, b.first), Interval::whole()};
}

}

Interval abs(const Interval& a)
{
    if (a.lo >= 0) return a;
    return a.hi <= 0 ? -a : Interval(0, a.magnitude());
}
Interval min(const Interval& a, const Interval& b)
{
    if (!a.is_finite() || !b.is_finite()) return Interval::whole();
    return {std::min(a.lo, b.lo), std::min(a.hi, b.hi)};
}
Interval max(const Interval& a, const Interval& b) { return -min(-a, -b); }

Interval sqrt(const Interval& a)
{
    if (a.lo < 0) return Interval::whole();
    const Interval r = Interval::widened(std::sqrt(a.lo), std::sqrt(a.hi), 0);
    return {std::max(0.0, r.lo), r.hi};
}
Interval cbrt(const Interval& a)
{
    return increasing(a, [](double x) { return std::cbrt(x); });
}
Interval exp(const Interval& a)
{
    const Interval r = increasing(a, [](double x) { return std::exp(x); });
    return r.is_finite() ? Interval(std::max(0.0, r.lo), r.hi) : r;
}
Interval log(const Interval& a)
{
    return a.lo > 0 ? increasing(a, [](double x) { return std::log(x); }) : Interval::whole();
}
Interval log2(const Interval& a)
{
    return a.lo > 0 ? increasing(a, [](double x) { return std::log2(x); }) : Interval::whole();
}
Interval log10(const Interval& a)
{
    return a.lo > 0 ? increasing(a, [](double x) { return std::log10(x); }) : Interval::whole();
}

Interval cos(const Interval& a)
{
    return wave(a, 0, [](double x) { return std::cos(x); });
}
Interval sin(const Interval& a)
{
    return wave(a, 0.5, [](double x) { return std::sin(x); });
}
Interval tan(const Interval& a)
{
    if (!a.is_finite()) return Interval::whole();
    const Wholes poles = wholes(half_turns(a) - 0.5);
    if (poles.even || poles.odd) return Interval::whole();
    return increasing(a, [](double x) { return std::tan(x); });
}
Interval sinh(const Interval& a)
{
    return increasing(a, [](double x) { return std::sinh(x); });
}
Interval cosh(const Interval& a)
{
    if (!a.is_finite()) return Interval::whole();
    const double least = std::max(0.0, std::max(a.lo, -a.hi));
    const Interval r = Interval::widened(std::cosh(least), std::cosh(a.magnitude()));
    return r.is_finite() ? Interval(std::max(1.0, r.lo), r.hi) : r;
}
Interval tanh(const Interval& a)
{
    return a.is_finite() ? within(increasing(a, [](double x) { return std::tanh(x); }), -1, 1) : Interval::whole();
}
Interval atan(const Interval& a)
{
    return increasing(a, [](double x) { return std::atan(x); });
}
Interval erf(const Interval& a)
{
    return a.is_finite() ? within(increasing(a, [](double x) { return std::erf(x); }), -1, 1) : Interval::whole();
}

Interval pow(const Interval& a, const Interval& b)
{
    if (!a.is_finite() || !b.is_finite()) return Interval::whole();
    if (a.lo > 0) return power_at_corners(a, b);
    if (b.lo != b.hi) return a.lo == 0 && b.lo > 0 ? power_at_corners(a, b) : Interval::whole();
    if (b.is_zero()) return 1.0;
    const double c = b.lo;
    if (a.contains(0) && c < 0) return Interval::whole();
    if (a.lo == 0) return power_at_corners(a, b);
    if (!is_whole_number(c)) return Interval::whole();
    if (std::fmod(c, 2) == 0) return pow(abs(a), b);
    const double l = std::pow(a.lo, c), h = std::pow(a.hi, c);
    return Interval::widened(std::min(l, h), std::max(l, h));
}

Interval integer_power(const Interval& a, int n)
{
    if (n == 1) return a;
    if (n == 2) return square(a);
    if (n > 2 && n <= 8 && a.is_finite()) {
        const Interval base = n % 2 == 0 ? abs(a) : a;
        return clamped_at_zero(Interval::widened(small_power(base.lo, n), small_power(base.hi, n), 3), base);
    }
    return pow(a, Interval(static_cast<double>(n)));
}

IntervalJet abs(const IntervalJet& a)
{
    if (a.value.sign() != 0) return a.value.sign() > 0 ? a : -a;
    return undecided(abs(a.value), a, -a);
}
IntervalJet min(const IntervalJet& a, const IntervalJet& b)
{
    if (!a.value.is_finite() || !b.value.is_finite()) return {Interval::whole(), Interval::whole(), Interval::whole()};
    if (a.value.hi < b.value.lo) return a;
    if (b.value.hi < a.value.lo) return b;
    return undecided(min(a.value, b.value), a, b);
}
IntervalJet max(const IntervalJet& a, const IntervalJet& b) { return -min(-a, -b); }

IntervalJet pow(const IntervalJet& a, double c)
{
    if (c == 0) return {1.0, 0.0, 0.0};
    const Interval lead = c == 1 ? Interval(1.0) : c * pow(a.value, exponent(c, 1));
    const Interval next = c == 1 ? Interval(0.0) : c * (Interval(c) - 1.0) * pow(a.value, exponent(c, 2));
    return chain(a, pow(a.value, Interval(c)), lead, next);
}
IntervalJet integer_power(const IntervalJet& a, int n)
{
    if (n == 0) return {1.0, 0.0, 0.0};
    const double k = n;
    const Interval next = n == 1 ? Interval(0.0) : k * (k - 1) * integer_power(a.value, n - 2);
    return chain(a, integer_power(a.value, n), k * integer_power(a.value, n - 1), next);
}

}
