#include "model/expression.hpp"
#include "model/interval.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

using namespace exeunt::model;

namespace
{

/// Numbers of both signs, of sizes 2^-40 to 2^40.
double sized(std::mt19937_64& random)
{
    const double size = std::exp2(std::uniform_real_distribution<>(-40, 40)(random));
    return random() % 2 == 0 ? size : -size;
}

/// An interval about 2^-40 to 1 wide, and points of it.
struct Sample {
    Interval x;
    double points[4];
};
Sample sample(std::mt19937_64& random, double lo, double hi)
{
    const double a = std::uniform_real_distribution<>(lo, hi)(random);
    const double width = std::exp2(std::uniform_real_distribution<>(-40, 0)(random));
    const double b = std::min(hi, a + width);
    Sample s{{a, b}, {a, b, 0, 0}};
    for (int k = 2; k < 4; ++k) s.points[k] = std::clamp(a + (b - a) * 0.61803 / k, a, b);
    return s;
}

bool holds(const Interval& a, long double x) { return a.lo <= x && x <= a.hi; }

}

TEST_CASE("Interval arithmetic: + - × ÷ of numbers contain the exact result, whose rounding error is known exactly")
{
    std::mt19937_64 random(1);
    for (int k = 0; k < 20'000; ++k) {
        const double a = sized(random), b = sized(random);
        const double p = a * b, lost = std::fma(a, b, -p); // a b = p + lost
        const Interval product = Interval(a) * Interval(b);
        CHECK((product.lo - p <= lost && lost <= product.hi - p));
        const double s = a + b, back = s - a, error = (a - (s - back)) + (b - back); // Knuth
        const Interval sum = Interval(a) + Interval(b);
        CHECK((sum.lo - s <= error && error <= sum.hi - s));
        const double q = a / b, remainder = std::fma(-q, b, a); // a/b = q + remainder/b
        const Interval quotient = Interval(a) / Interval(b);
        CHECK((quotient.lo - q <= remainder / b && remainder / b <= quotient.hi - q));
        const double r = std::sqrt(std::abs(a)), left = std::fma(-r, r, std::abs(a));
        const Interval root = sqrt(Interval(std::abs(a)));
        CHECK((root.lo - r <= left / (2 * r) && left / (2 * r) <= root.hi - r));
        CHECK(product.hi - product.lo <= 4 * std::numeric_limits<double>::epsilon() * std::abs(p));
    }
}

TEST_CASE("Interval arithmetic: ranges, by hand")
{
    const auto is = [](const Interval& a, double lo, double hi) {
        return a.lo <= lo && hi <= a.hi && a.lo >= lo - 1e-13 && a.hi <= hi + 1e-13;
    };
    const Interval a(-1, 2), b(3, 4);
    CHECK(is(a + b, 2, 6));
    CHECK(is(a - b, -5, -1));
    CHECK(is(a * b, -4, 8));
    CHECK(is(b / Interval(-2, -1), -4, -1.5));
    CHECK(is(a * a, 0, 4)); // one object: a square
    CHECK((a * a).lo == 0);
    CHECK(is(a * Interval(-1, 2), -2, 4)); // another object: a product
    CHECK(is(abs(a), 0, 2));
    CHECK(is(min(a, Interval(0, 1)), -1, 1));
    CHECK(is(max(a, Interval(0, 1)), 0, 2));
    CHECK(is(sin(Interval(0, 2)), 0, 1));
    CHECK(is(sin(Interval(3, 6)), -1, std::sin(3)));
    CHECK(is(cos(Interval(-1, 2)), std::cos(2), 1));
    CHECK(is(cos(Interval(-10, 10)), -1, 1));
    CHECK(is(cosh(a), 1, std::cosh(2)));
    CHECK(is(integer_power(a, 4), 0, 16));
    CHECK(is(integer_power(a, 3), -1, 8));
    CHECK(is(integer_power(b, -1), 0.25, 1.0 / 3));
    CHECK(is(pow(b, Interval(-0.5)), 0.5, 1 / std::sqrt(3)));
    CHECK(is(pow(Interval(0, 4), Interval(1.5)), 0, 8));
    CHECK((Interval(0.0) * b).is_zero()); // exactly: a flat stretch is seen as one
    CHECK((Interval(0, 1) * Interval(0, 1)).lo == 0);
    CHECK(irrational<Interval>(std::numbers::ln2).contains(std::numbers::ln2));
}

TEST_CASE("Interval arithmetic: what is undefined or unbounded somewhere is the whole line")
{
    const Interval a(-1, 2), huge(1e308);
    for (const Interval& w : {1.0 / a,
                              sqrt(a),
                              log(a),
                              log2(a),
                              log10(a),
                              tan(Interval(1, 2)),
                              pow(a, Interval(0.5)),
                              pow(a, Interval(-2)),
                              pow(a, Interval(1, 2)),
                              integer_power(a, -3),
                              huge + huge,
                              huge * huge,
                              exp(Interval(710)),
                              -huge - huge,
                              Interval(0.0) * Interval::whole(),
                              Interval::whole() - Interval::whole(),
                              Interval::whole() / Interval(1, 2),
                              Interval(std::nan("")),
                              min(Interval::whole(), a),
                              sinh(Interval(800)),
                              1.0 / Interval(0, 1)}) {
        CHECK_FALSE(w.is_finite());
        CHECK(w.sign() == 0);
    }
    CHECK(tan(Interval(-1.5, 1.5)).is_finite());
    CHECK(cos(Interval(1e300, 1e301)).hi == 1);
}

TEST_CASE("Functions of intervals contain the values, in extended precision, at points of the interval")
{
    struct Case {
        const char* name;
        Interval (*over)(const Interval&);
        long double (*at)(long double);
        double lo, hi;
    };
    const Case cases[] = {{"cbrt", cbrt, std::cbrt, -9, 9},        {"exp", exp, std::exp, -700, 700},
                          {"log", log, std::log, 1e-9, 1e3},       {"log2", log2, std::log2, 1e-9, 1e3},
                          {"log10", log10, std::log10, 1e-9, 1e3}, {"sin", sin, std::sin, -30, 30},
                          {"cos", cos, std::cos, -30, 30},         {"sinh", sinh, std::sinh, -30, 30},
                          {"cosh", cosh, std::cosh, -30, 30},      {"tanh", tanh, std::tanh, -30, 30},
                          {"atan", atan, std::atan, -30, 30},      {"erf", erf, std::erf, -7, 7},
                          {"tan", tan, std::tan, -30, 30}};
    std::mt19937_64 random(2);
    for (const Case& c : cases) {
        INFO(c.name);
        int outside = 0;
        for (int k = 0; k < 2000; ++k) {
            const Sample s = sample(random, c.lo, c.hi);
            const Interval range = c.over(s.x);
            for (const double x : s.points) outside += !holds(range, c.at(static_cast<long double>(x)));
            const Interval thin = c.over(s.points[2]); // and is no wider than said: 5 ulp on either side
            outside += thin.is_finite() && thin.radius() > 12 * 0x1p-52 * thin.magnitude();
        }
        CHECK(outside == 0);
    }
}

TEST_CASE("Jets of intervals contain f, f', f'' of the tape, in extended precision, at points of the interval")
{
    const char* const texts[] = {"x^4/4 - x^2/2 + 0.1*x",
                                 "sin(3*x)*exp(-x^2)/(1 + x^2)",
                                 "x^3*tanh(x) + atan(x)*erf(x)",
                                 "log(2 + cos(x))*log2(3 + x)^2 + log10(4 + x^2)",
                                 "(x + 3)^1.7 + (x + 3)^-0.3 + cbrt(x + 3) + sqrt(x + 4)",
                                 "(x + 3)^x + 2^x + x^-3",
                                 "abs(x - 0.3)*min(x^2, 1 - x) + max(sin(x), x^5)",
                                 "cosh(x)/sinh(x + 3) + tan(x/3) - 7/x",
                                 "abs(x)^3 - abs(x)^2.5 + x^7 - x^8 + x^11"};
    std::mt19937_64 random(3);
    int checked = 0;
    for (const char* text : texts) {
        const Expression f(text);
        INFO(text);
        int outside = 0;
        for (int k = 0; k < 2000; ++k) {
            const Sample s = sample(random, -2, 2);
            const IntervalJet range = f(IntervalJet::variable(s.x));
            for (const double x : s.points) {
                const auto at = f(JetOf<long double>::variable(x));
                if (!std::isfinite(at.value) || !std::isfinite(at.first) || !std::isfinite(at.second)) continue;
                outside +=
                    !holds(range.value, at.value) + !holds(range.first, at.first) + !holds(range.second, at.second);
                checked += range.second.is_finite();
            }
        }
        CHECK(outside == 0);
    }
    CHECK(checked > 50'000);
}

TEST_CASE("Jets of intervals: an undecided branch has the hull of both slopes and an unknown f''")
{
    const IntervalJet x = IntervalJet::variable({-1, 1});
    const IntervalJet kink = abs(x);
    CHECK(kink.first.lo == -1);
    CHECK(kink.first.hi == 1);
    CHECK_FALSE(kink.second.is_finite());
    const IntervalJet touching = abs(IntervalJet::variable({0, 1})); // a tie at an end counts
    CHECK_FALSE(touching.second.is_finite());
    const IntervalJet right = abs(IntervalJet::variable({0.5, 1}));
    CHECK(right.first.lo == 1);
    CHECK(right.second.is_zero());
    const IntervalJet lower = min(x, IntervalJet(2.0) * x);
    CHECK((lower.first.lo <= 1 && lower.first.hi >= 2 && !lower.second.is_finite()));
    CHECK((max(x, x + IntervalJet(3.0)).first.contains(1) && max(x, x + IntervalJet(3.0)).second.is_finite()));
}
