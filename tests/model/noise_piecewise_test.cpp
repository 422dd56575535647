#include "model/error.hpp"
#include "model/laws/piecewise.hpp"
#include "model/laws/quantile_table.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace exeunt;
using namespace exeunt::model;

TEST_CASE("Piecewise: several functions, each to the tolerance, ends included")
{
    const auto f = [](double x, double* out) {
        out[0] = std::exp(-x);
        out[1] = 1 / (0.01 + x);
    };
    const Piecewise table("test", f, 2, {0, 1, 5}, 1e-14);
    CHECK(table.panels() > 2); // the pole at -0.01 needs bisection
    CHECK(table.lo() == 0);
    CHECK(table.hi() == 5);
    for (double x = 0; x <= 5; x += 0.001) {
        // the tolerance, times four for the ends, where it was not checked
        REQUIRE(std::abs(table(0, x) - std::exp(-x)) <= 4e-14);
        REQUIRE(std::abs(table(1, x) * (0.01 + x) - 1) <= 4e-14);
    }
}

TEST_CASE("Piecewise: a function that no bisection resolves, or that is not finite, is an error that says so")
{
    const auto jump = [](double x, double* out) { *out = x > 0.3 ? 2 : 1; };
    CHECK_THROWS_AS(Piecewise("a jump", jump, 1, {0, 1}, 1e-14), NotConverged);
    CHECK_THROWS_WITH(Piecewise("a jump", jump, 1, {0, 1}, 1e-14),
                      Catch::StartsWith("the table of a jump is accurate"));
    const auto nan = [](double x, double* out) { *out = x < 0.5 ? 1 : std::nan(""); };
    CHECK_THROWS_AS(Piecewise("nan", nan, 1, {0, 1}, 1e-14), NotConverged);
}

TEST_CASE("Quantile table: r(g) of a heavy and of a light tail, from r ~ g to far beyond the table")
{
    const auto lomax = [](double g) { return 2 * std::expm1(g / 1.5) / (1 + std::exp(-g)); };
    const QuantileTable far("far", 1.5, 60, lomax, 1e-14);
    for (const double g : {1e-300, 1e-12, 0.1, 3.0, 59.0, 61.0, 300.0, 700.0})
        CHECK(far(g) == Approx(lomax(g)).epsilon(5e-14 + g * 1e-15));
    CHECK(far(0) == 0);

    const auto light = [](double g) { return g / std::sqrt(1 + g); };
    const QuantileTable thin("thin", std::numeric_limits<double>::infinity(), 745, light, 1e-14);
    for (const double g : {1e-300, 1e-12, 0.1, 3.0, 700.0}) CHECK(thin(g) == Approx(light(g)).epsilon(5e-14));
}

TEST_CASE("invert: Newton on the survival function, also from a guess that is orders of magnitude away")
{
    const auto log_survival = [](double r) { return -1.5 * std::log1p(r); };
    const auto cumulative = [&](double r) { return -std::expm1(log_survival(r)); };
    const auto density = [](double r) { return 1.5 * std::pow(1 + r, -2.5); };
    for (const double g : {1e-12, 0.01, 0.69, 0.7, 5.0, 200.0})
        for (const double guess : {1e-6, 1.0, 1e9})
            CHECK(invert(g, guess, log_survival, cumulative, density) ==
                  Approx(std::expm1(g / 1.5)).epsilon(1e-14 + g * 1e-15));
}
