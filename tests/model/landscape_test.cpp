#include "model/critical.hpp"
#include "model/error.hpp"
#include "model/expression.hpp"
#include "model/landscape.hpp"
#include "model/model.hpp"
#include "tests/complaint.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <ctime>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

using namespace exeunt;
using namespace exeunt::model;

namespace
{

Landscape typed(std::string_view text, double lo = -2.5, double hi = 2.5)
{
    return Landscape(parse_function(text, {}, lo, hi), Domain{lo, hi, false});
}

std::string refusal(std::string_view text, double lo = -2.5, double hi = 2.5)
{
    return complaint([&] { typed(text, lo, hi); });
}

}

TEST_CASE("Landscape of wang2022 (section 8): minima and saddles to 1e-12")
{
    const Landscape f(builtin_potential("wang2022"), Domain{-1.6, 1.6, true});
    REQUIRE(f.wells() == 4);
    const double saddles[] = {-1.3, 0.2, 0.7};
    for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(f.saddles()[k] - saddles[k]) <= 1e-12);
    CHECK(std::abs(f.minima()[1] - -0.69927305513562) <= 1e-13);
    CHECK(std::abs(f.minima()[0] - -1.51148) <= 1e-5);
    CHECK(std::abs(f.minima()[2] - 0.49624) <= 1e-5);
    CHECK(std::abs(f.minima()[3] - 1.32209) <= 1e-5);
    for (const double m : f.minima()) CHECK(std::abs(f.potential().gradient(m) / f.potential().curvature(m)) <= 1e-14);
    CHECK(f.left(0) == -std::numeric_limits<double>::infinity());
    CHECK(f.right(3) == std::numeric_limits<double>::infinity());
    CHECK(f.radius(1) == Approx(0.60072694486438).epsilon(1e-12));
    CHECK(f.core(1).lo == Approx(f.minima()[1] - 0.30036347243219).epsilon(1e-12));
    CHECK(f.core(1).hi == Approx(f.minima()[1] + 0.30036347243219).epsilon(1e-12));
    CHECK(f.well_of(-2) == 0);
    CHECK(f.well_of(0.0) == 1);
    CHECK(f.well_of(0.5) == 2);
    CHECK(f.well_of(5) == 3);
}

TEST_CASE("Landscape of typed potentials: critical points of closed form")
{
    const Landscape quartic = typed("x^4/4 - x^2/2");
    CHECK(std::abs(quartic.minima()[0] + 1) <= 1e-15);
    CHECK(std::abs(quartic.minima()[1] - 1) <= 1e-15);
    CHECK(std::abs(quartic.saddles()[0]) <= 1e-15);
    const Landscape waves = typed("-cos(x)", -7, 7);
    REQUIRE(waves.wells() == 3);
    CHECK(waves.minima()[2] == Approx(2 * std::numbers::pi).epsilon(1e-15));
    const Landscape kinked = typed("x^4/4 - x^2/2 + abs(x - 0.5)/100"); // a kink away from the critical points
    REQUIRE(kinked.potential().kinks().size() == 1);
    CHECK(kinked.wells() == 2);
}

namespace
{

/// f with f' = Π (x - root), in powers of x: coefficients in extended precision, then rounded.
struct Polynomial {
    std::vector<double> c; ///< of x^1, x^2, …

    static Polynomial with_critical_points(const std::vector<double>& roots)
    {
        std::vector<long double> slope{1};
        for (const double r : roots) {
            slope.push_back(0);
            for (std::size_t k = slope.size(); k-- > 0;)
                slope[k] = (k > 0 ? slope[k - 1] : 0) - static_cast<long double>(r) * slope[k];
        }
        Polynomial f;
        for (std::size_t k = 0; k < slope.size(); ++k)
            f.c.push_back(static_cast<double>(slope[k] / static_cast<long double>(k + 1)));
        return f;
    }
    template<class T> T operator()(const T& x) const
    {
        T sum(c.back());
        for (std::size_t k = c.size() - 1; k-- > 0;) sum = sum * x + T(c[k]);
        return sum * x;
    }
    /// Bound of the rounding of f'(x), coefficients included: 2^-53 each for the coefficient and 4 operations a degree.
    double rounding(double x) const
    {
        double sum = 0, power = 1;
        for (std::size_t k = 0; k < c.size(); ++k, power *= std::abs(x))
            sum += static_cast<double>(k + 1) * std::abs(c[k]) * power;
        return 0x1p-53 * sum * (1 + 4 * static_cast<double>(c.size()));
    }
};

/// The same formula for doubles and jets only: no enclosures.
template<class F> struct Plain {
    F f;
    double operator()(double x) const { return f(x); }
    Jet operator()(const Jet& x) const { return f(x); }
};

}

TEST_CASE("Landscape: 200 random polynomials, each with a pair 1e-2 to 1e-6 apart, have all their critical points")
{
    std::mt19937_64 random(5);
    std::uniform_real_distribution<> unit(0, 1);
    for (int trial = 0; trial < 200; ++trial) {
        std::vector<double> roots;
        for (int k = 0; k < 6; ++k) roots.push_back(-1.8 + 0.7 * k + 0.3 * (unit(random) - 0.5));
        const auto pair = static_cast<std::size_t>(random() % 6);
        roots.insert(roots.begin() + static_cast<std::ptrdiff_t>(pair) + 1,
                     roots[pair] + std::pow(10, -2 - 4 * unit(random)));
        const Polynomial f = Polynomial::with_critical_points(roots);
        INFO("trial " << trial << ", pair at " << roots[pair] << ", apart " << roots[pair + 1] - roots[pair]);
        const Landscape found(Function::of(f, "polynomial"), {-2.5, 2.5, false});
        CHECK(found.certified());
        REQUIRE(found.wells() == 4);
        for (std::size_t k = 0; k < 7; ++k) {
            const double x = k % 2 == 0 ? found.minima()[k / 2] : found.saddles()[k / 2];
            const double curvature = std::abs(found.potential().curvature(x)); // f' is straight over such a distance
            CHECK(std::abs(x - roots[k]) <= 2 * f.rounding(x) / curvature);
        }
        const Landscape sampled(Function::of(Plain<Polynomial>{f}, "polynomial"), {-2.5, 2.5, false});
        CHECK_FALSE(sampled.certified());
        CHECK(sampled.wells() == 4);
    }
}

TEST_CASE("Landscape: a pair 1e-6, or 1e-6 of the domain, apart is found, one below rounding is refused, not missed")
{
    const auto pair = [](double apart, double half_width) {
        const auto f = Polynomial::with_critical_points({-1, 0.3, 0.3 + apart});
        return Landscape(Function::of(f, "pair"), {-half_width, half_width, false});
    };
    for (const double half_width : {2.5, 5.0})
        for (const double apart : {1e-6, 2e-6 * half_width}) {
            const Landscape f = pair(apart, half_width);
            REQUIRE(f.wells() == 2);
            // 1e-15 of rounding in f', over f'' = 1.3 × apart, twice
            CHECK(std::abs(f.minima()[1] - f.saddles()[0] - apart) <= 2 * 1e-15 / (1.3 * apart));
        }
    CHECK_THROWS_WITH(pair(1e-10, 2.5), Catch::Contains("degenerate"));
}

TEST_CASE("Landscape: 200 wells of a typed potential in a fraction of 100 ms, 256 are the most")
{
    const std::clock_t start = std::clock();
    const Landscape f = typed("x^2/1000 - cos(2*pi*x)", -100.4, 99.4);
    const double milliseconds = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    CHECK(milliseconds < 100); // 2 ms measured
    REQUIRE(f.wells() == 200);
    for (std::size_t i = 0; i < 200; ++i) // f' = x/500 + 2π sin 2πx: 5 % for the cubic term
        CHECK(std::abs(f.minima()[i] - (static_cast<double>(i) - 100)) <=
              0.21 / (4 * std::numbers::pi * std::numbers::pi));
    CHECK(typed("x^2/1e5 - cos(2*pi*x)", -127.4, 128.4).wells() == 256);
    CHECK_THAT(refusal("x^2/1e5 - cos(2*pi*x)", -128.4, 128.4), Catch::Contains("more than 256 wells"));
    CHECK_THAT(refusal("-cos(1e9*x)"), Catch::Contains("more than 256 wells"));
}

TEST_CASE("Landscape: critical points that are also points of the subdivision are counted once")
{
    CHECK(typed("x^4/4 - x^2/2", -2, 2).saddles() == std::vector<double>{0});
    CHECK(typed("x^4/4 - x^2/2", -4, 4).minima() == std::vector<double>{-1, 1});
    CHECK(typed("x^4/4 - x^2/2", -3, 5).wells() == 2);
}

TEST_CASE("Landscape: a valid one is not refused for a kink, a jump in f'' or a pole away from the critical points")
{
    CHECK(typed("x^4/4 - x^2/2 + abs(x - 0.5)/100").wells() == 2);
    CHECK(typed("x^4/4 - x^2/2 + max(0, x - 0.5)^3").wells() == 2);
    CHECK(typed("x^4/4 - x^2/2 + min(1e-3, abs(x - 0.4))*1e-2").wells() == 2);
    CHECK(typed("abs(x)^4/4 - abs(x)^2/2").wells() == 2); // even powers of abs have no kink
    CHECK(typed("x^4/4 - x^2/2 + 1/(x - 2.51)/1000").wells() == 2);
    CHECK(typed("x^4 - x^2 + 1e-9*abs(x - 0.1234)").certified());
}

TEST_CASE("Landscape: what the theory does not cover is refused with the reason, one line each (section 2)")
{
    CHECK_THAT(refusal("x^2"), Catch::Contains("one well only"));
    CHECK_THAT(refusal("x"), Catch::Contains("no minimum"));
    CHECK_THAT(refusal("-x^2"), Catch::Contains("leftmost critical point") && Catch::Contains("maximum"));
    CHECK_THAT(refusal("-cos(x)", -4, 1), Catch::Contains("leftmost critical point"));
    CHECK_THAT(refusal("-cos(x)", -1, 4), Catch::Contains("rightmost critical point"));
    CHECK_THAT(refusal("x^3/3 - x"), Catch::Contains("leftmost"));
    CHECK_THAT(refusal("x^2", 1, 1), Catch::Contains("increasing order"));
}

TEST_CASE("Landscape: degenerate critical points, with and without a change of sign of f', and nearly degenerate ones")
{
    for (const char* text : {"x^4", "x^6", "(x - 0.3)^4", "(x - 0.3)^6 + (x - 0.3)^4", "x^5 - x^4 + 0*x"})
        CHECK_THAT(refusal(text), Catch::Contains("is degenerate: f' changes sign"));
    for (const char* text : {"x^6/6 - x^5/5 - x^4/4 + x^3/3", "x^3", "(x - 0.3)^3 + (x - 0.3)^5"})
        CHECK_THAT(refusal(text),
                   Catch::Contains("touches zero near x = ") && Catch::Contains("without changing sign"));
    // expanded, so that rounding blurs f' within 1e-5 of 0.3
    CHECK_THAT(refusal("x^4 - 1.2*x^3 + 0.54*x^2 - 0.108*x"), Catch::Contains("degenerate: f' changes sign"));
    CHECK_THAT(refusal("x^3 - 0.9*x^2 + 0.27*x"), Catch::Contains("touches zero"));
    CHECK_THAT(refusal("x^4 + 1e-12*x^2"), Catch::Contains("nearly degenerate"));
    CHECK_THAT(refusal("x^4 + 1e-7*x^2"), Catch::Contains("one well only")); // f'' = 2e-7, 1.6e-8 of the scale
    CHECK_THAT(refusal("sin(x)^2 + cos(x)^2"), Catch::Contains("cannot be told from 0"));
}

TEST_CASE("Landscape: flat stretches")
{
    for (const char* text : {"max(0, x)", "max(0, x - 1)^2", "max(x^2, 1)", "abs(x - 0.3) + abs(x + 0.7)", "2",
                             "exp(-1e5*x^2)", "min(1, max(-1, x))", "x^2*0"})
        CHECK_THAT(refusal(text), Catch::Contains("flat stretch"));
    CHECK_THAT(refusal("max(0, x - 1)^2"), Catch::Contains("from -2.5 to 0,")); // how far, up to a factor of 2
}

TEST_CASE("Landscape: a critical point at the edge of the domain, from inside, outside and exactly")
{
    const char* const text = "x^4/4 - x^2/2";
    CHECK_THAT(refusal(text, 0, 2.5), Catch::Contains("the maximum 0 is at the edge of the domain [0, 2.5]"));
    CHECK_THAT(refusal(text, -1, 2.5), Catch::Contains("the minimum -1 is at the edge"));
    for (const double by : {0.0, 1e-15, 1e-10, -1e-15, -1e-10})
        CHECK_THAT(refusal(text, -2.5, 1 + by), Catch::Contains("the minimum 1 is at the edge"));
    CHECK(typed(text, -2.5, 1 + 1e-6).wells() == 2); // 2.9e-7 of the width inside
    CHECK_THAT(refusal(text, -2.5, 1 - 1e-6), Catch::Contains("rightmost critical point 0 is a maximum"));
}

TEST_CASE("Landscape: f or f' not finite, at a point or at a pole between any points")
{
    CHECK_THAT(refusal("1/x"), Catch::Contains("not finite at x = 0 "));
    CHECK_THAT(refusal("log(x)"), Catch::Contains("not finite at x = -2.5 (f = nan"));
    CHECK_THAT(refusal("x^2/x"), Catch::Contains("not finite at x = 0 "));
    CHECK_THAT(refusal("(x - 0.7)^2/(x - 0.7)"), Catch::Contains("not finite at"));
    CHECK_THAT(refusal("1/(x - 0.123456789)"), Catch::Contains("not finite at or next to x = 0.123456789"));
    CHECK_THAT(refusal("x^2 + 1e-9/(x - 0.123456789)^2"), Catch::Contains("0.123456789"));
    CHECK_THAT(refusal("tan(x)"), Catch::Contains("-1.57079633"));
    CHECK_THAT(refusal("sqrt(x - 0.7)", 0.71, 2), !Catch::Contains("not finite"));
    CHECK_THAT(refusal("x^2 + 1e-9*log(abs(x - 0.7654321))"), Catch::Contains("x = 0.7654321"));
    CHECK_THAT(refusal("abs(x - 0.3)^0.6 + x^2"), Catch::Contains("not finite at or next to x = 0.3"));
    CHECK_THAT(refusal("x^4/4 - x^2/2 + 0*(1/(x - 0.77))"), Catch::Contains("x = 0.77"));
    CHECK_THAT(refusal("exp(exp(x^2))", -3, 3), Catch::Contains("not finite"));
}

TEST_CASE("Landscape: minima and maxima at kinks, and where a branch changes without a kink")
{
    CHECK_THAT(refusal("abs(x - 0.3)"), Catch::Contains("the minimum 0.3 is at a kink of f") &&
                                            Catch::Contains("from -1 to 1") && Catch::Contains("f'' > 0"));
    CHECK_THAT(refusal("min((x + 1)^2, (x - 1.1)^2)"),
               Catch::Contains("the maximum 0.05 is at a kink of f") && Catch::Contains("f'' < 0 at every saddle"));
    CHECK_THAT(refusal("min((x + 1)^2, (x - 1)^2)"), Catch::Contains("the maximum 0 is at a kink"));
    CHECK_THAT(refusal("abs((x - 0.33007)^2 - 1e-10)"), Catch::Contains("the minimum 0.33006 is at a kink"));
    CHECK_THAT(refusal("x^4/4 - x^2/2 + abs(x)/100"), Catch::Contains("the minimum 0 is at a kink"));
    CHECK_THAT(refusal("abs(x - 0.3)^1.5"), Catch::Contains("where abs, min or max changes branch, or f'' is not"));
    CHECK_THAT(refusal("x^2 + max(0, x)^3"), Catch::Contains("where abs, min or max changes branch"));
    CHECK_THAT(refusal("x/10 + abs(x) - max(x, -x)"), // the jumps cancel, which enclosures do not see
               Catch::Contains("cannot be sure") && Catch::Contains("may change branch where f' = 0"));
}

TEST_CASE("Landscape: when the budget of the search ends, it says so, within about a second")
{
    const std::clock_t start = std::clock();
    CHECK_THAT(refusal("x*(sin(1e4*x)^2 + cos(1e4*x)^2)", -5, 5),
               Catch::StartsWith("cannot be sure that all critical points between -") && !Catch::Contains("\n"));
    CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 5); // 0.7 s measured; sanitizers are slower
}

TEST_CASE("Landscape: 4096 hostile characters are answered or refused within seconds")
{
    const auto repeated = [](std::string text, const char* piece) {
        for (std::string next = piece; text.size() + next.size() <= 4096;) text += next;
        return text;
    };
    for (const std::string& text :
         {repeated("x", "+cos(x)*sin(x)"), repeated("tan(x)", "+tan(7*x)"), repeated("x", "*sin(x)+x"),
          repeated("abs(x)", "+abs(sin(99*x))"), repeated("1", "*(x-.1)"), repeated("x", "^x"), repeated("x", "/x+x"),
          repeated("x", "*(x*(sin(9e3*x)^2+cos(9e3*x)^2))"), repeated("x^2", "+1e-3*abs(sin(5e3*x+abs(x)))")}) {
        const std::clock_t start = std::clock();
        const std::string answer = refusal(text);
        INFO(text.substr(0, 40) << "… → " << answer);
        CHECK(answer.find('\n') == std::string::npos);
        CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 10); // at most 1 s measured
    }
}

TEST_CASE(
    "Landscape without enclosures: found by sampling, not certified, and the same refusals where points show them")
{
    const auto plain = [](auto f, double lo, double hi) {
        return Landscape(Function::of(Plain<decltype(f)>{f}, "plain"), {lo, hi, false});
    };
    const auto quartic = [](const auto& x) { return x * x * x * x * 0.25 - x * x * 0.5; };
    CHECK(plain(quartic, -2, 2).saddles() == std::vector<double>{0}); // at a point of the grid
    CHECK_FALSE(plain(quartic, -2, 2).certified());
    CHECK(Landscape(builtin_potential("wang2022"), {-1.6, 1.6, true}).certified());
    CHECK_THROWS_WITH(plain(quartic, -1, 2), Catch::Contains("at the edge"));
    CHECK_THROWS_WITH(plain(quartic, 0, 2), Catch::Contains("at the edge"));
    CHECK_THROWS_WITH(plain([](const auto& x) { return x * x * x; }, -2, 2), Catch::Contains("touches zero"));
    CHECK_THROWS_WITH(plain([](const auto& x) { return (x - 0.3) * (x - 0.3) * (x - 0.3); }, -2, 2),
                      Catch::Contains("touches zero"));
    CHECK_THROWS_WITH(plain([](const auto& x) { return x * x * x * x; }, -2, 2), Catch::Contains("degenerate"));
    CHECK_THROWS_WITH(plain([](const auto& x) { return x * 0.0; }, -2, 2), Catch::Contains("flat stretch"));
    CHECK_THROWS_WITH(plain(
                          [](const auto& x) {
                              using std::abs;
                              return abs(x - 0.3);
                          },
                          -2, 2),
                      Catch::Contains("the minimum 0.3 is at a kink"));
    CHECK_THROWS_WITH(plain([](const auto& x) { return 1.0 / x; }, -2, 2), Catch::Contains("not finite at x = 0"));
    CHECK_THROWS_WITH(plain(
                          [](const auto& x) {
                              using std::cos;
                              return cos(x * 1e3);
                          },
                          -2, 2),
                      Catch::Contains("more than 256"));
}

TEST_CASE("Landscape: what the domain leaves out is seen up to half its width beyond, the nearest on each side")
{
    CHECK(turns_beyond(typed("x^4/4 - x^2/2")).empty());
    CHECK(turns_beyond(typed("x^2*(x-1)^2*(x-2)^2", -0.5, 2.5)).empty());
    const auto right = turns_beyond(typed("x^2*(x-1)^2*(x-2)^2", -0.5, 1.2)); // the well at 2 is left out
    const double saddle = 1 + std::sqrt(1.0 / 3);
    REQUIRE(right.size() == 1);
    CHECK(std::abs(right[0] - saddle) <= 1e-14);                      // a few units in the last place
    const auto both = turns_beyond(typed("-cos(2*pi*x)", -1.4, 1.4)); // saddles at ±1.5, minima at ±2
    REQUIRE(both.size() == 2);
    CHECK(std::abs(both[0] + 1.5) <= 1e-14);
    CHECK(std::abs(both[1] - 1.5) <= 1e-14);
    CHECK(turns_beyond(typed("x^4/4 - x^2/2 + 0*sqrt(3 - x)")).empty()); // f ends at 3
    // f falls again from a maximum beyond the domain to a cusp, |1.65 - x|^0.6
    const Landscape paper(builtin_potential("wang2022"), Domain{-1.6, 1.6, false});
    const auto cusp = turns_beyond(paper);
    REQUIRE(cusp.size() == 1);
    CHECK((1.6 < cusp[0] && cusp[0] < 1.65));
    CHECK(paper.potential().gradient(cusp[0] - 1e-9) > 0);
    CHECK(paper.potential().gradient(cusp[0] + 1e-9) < 0);
}

TEST_CASE("σ > 0 in the domain is proved, not sampled")
{
    CHECK_FALSE(not_positive(parse_function("1 + x^2/8", {}), -3, 3));
    CHECK_FALSE(not_positive(parse_function("1e-9 + (x - 0.12345)^2", {}), -3, 3));
    CHECK_FALSE(not_positive(parse_function("2 + sin(x)*cos(3*x) + abs(x - 0.1)", {}), -3, 3));
    const auto dip = not_positive(parse_function("1 - 1.1*exp(-1e8*(x - 0.12345)^2)", {}), -3, 3);
    REQUIRE(dip);
    CHECK(std::abs(*dip - 0.12345) <= 1e-4); // e^{-1e8 d²} > 1/1.1 within 3e-5
    const auto zero = not_positive(parse_function("(x - 0.12345)^2", {}), -3, 3);
    REQUIRE(zero);
    CHECK(std::abs(*zero - 0.12345) <= 1e-6);
    const auto pole = not_positive(parse_function("1 + 1e-9/(x - 0.12345)^2", {}), -3, 3);
    REQUIRE(pole);
    CHECK(std::abs(*pole - 0.12345) <= 1e-6);
    CHECK(not_positive(parse_function("log(x)", {}), -3, 3) == -3);
}

TEST_CASE("One step of the process (section 1): clipping after the learning rate, then the clamp")
{
    const Model m{.landscape = Landscape(builtin_potential("wang2022"), Domain{-1.6, 1.6, true}),
                  .noise = Noise(std::make_shared<Lomax>(1.2, 0.1)),
                  .diffusion = Function::constant(1),
                  .b = 0.5,
                  .eta = 0.01};
    CHECK(m.step(0.2, 1e9) == 0.7);
    CHECK(m.step(0.2, -1e9) == Approx(-0.3).epsilon(1e-15));
    CHECK(m.step(1.3, 1e9) == 1.6);
    CHECK(m.step(0.2, 3) == Approx(0.23).epsilon(1e-14)); // f'(0.2) = 0
}
