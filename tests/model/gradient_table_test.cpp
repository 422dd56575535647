#include "model/error.hpp"
#include "model/expression.hpp"
#include "model/gradient_table.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt;
using namespace exeunt::model;

namespace
{

/// The largest |table - f'| at 200,000 random points, none of them at a point of the check.
double worst(const GradientTable& table, const Function& f)
{
    std::mt19937_64 random(4);
    std::uniform_real_distribution<> point(table.lo(), table.hi());
    double error = 0;
    for (int k = 0; k < 200'000; ++k) {
        const double x = point(random);
        error = std::max(error, std::abs(table(x) - f.gradient(x)));
    }
    return error;
}

}

TEST_CASE("Table of f': at random points the difference from the tape is within the error it reports")
{
    // The rounding of f' at a point is not bounded by that at the points of the check; twice their largest covers it.
    const Function wang = builtin_potential("wang2022");
    for (const double tolerance : {1e-6, 1e-9, 1e-12}) {
        const GradientTable table(wang, -1.6, 1.6, {.tolerance = tolerance});
        INFO(table.cells() << " cells at " << tolerance);
        CHECK(table.relative_error() <= tolerance);
        CHECK(worst(table, wang) <= table.absolute_error());
        CHECK(worst(table, wang) >= 1e-3 * table.absolute_error()); // it is no mere upper bound
    }
    CHECK(GradientTable(wang, -1.6, 1.6).cells() <= 2048);
    const Function waves = parse_function("x^2/1000 - cos(2*pi*x)", {});
    const GradientTable many(waves, -100, 100, {.tolerance = 1e-10}); // f' moves by 5e-13 when x = 100 does by an ulp
    CHECK(worst(many, waves) <= many.absolute_error());
}

TEST_CASE("Table of f': a polynomial of degree 8 is one cell, to rounding")
{
    const Function f = parse_function("x^8/8 - x^5 + x^2/2", {});
    const GradientTable table(f, -1, 1);
    CHECK(table.cells() == 1);
    CHECK(table.absolute_error() <= 64 * 2.3e-16 * 7); // 64 roundings of terms up to 7
    CHECK(table(0) == Approx(0).margin(1e-14));
}

TEST_CASE("Table of f': cells end at kinks, on whose two sides f' differs")
{
    const Function f = parse_function("x^4/4 - x^2/2 + abs(x - 0.3)/4 + max(0, x + 0.7)^3", {}, -2, 2);
    REQUIRE(f.kinks().size() == 1);
    const GradientTable table(f, -2, 2);
    CHECK(worst(table, f) <= table.absolute_error());
    const double kink = f.kinks()[0], ulp = 1e-15;
    CHECK(table(kink) - table(kink - ulp) == Approx(0.5).epsilon(1e-11));
    CHECK(table.cells() < 100); // f'' alone jumps at -0.7: more cells there, none too many
}

TEST_CASE("Table of f': outside its interval the value is f' itself, at its ends the cell's")
{
    const Function f = parse_function("sin(x) + x^3", {});
    const GradientTable table(f, -1, 2);
    for (const double x : {-1.5, 2.5, 1e9, std::nextafter(2.0, 3), std::nextafter(-1.0, -2)})
        CHECK(table(x) == f.gradient(x));
    CHECK(std::isnan(table(std::nan(""))));
    for (const double x : {-1.0, 2.0}) CHECK(std::abs(table(x) - f.gradient(x)) <= table.absolute_error());
}

TEST_CASE("Table of f': refusals")
{
    const Function kinked = parse_function("x^2 + abs(x - 0.3)", {}); // no domain given: the kink is not declared
    CHECK_THROWS_AS(GradientTable(kinked, -1, 1), NotConverged);
    CHECK_THROWS_WITH(GradientTable(kinked, -1, 1), Catch::Contains("near x = 0.3") && Catch::Contains("kink"));
    const Function smooth = parse_function("sin(x)", {});
    CHECK_THROWS_AS(GradientTable(smooth, -100, 100, {.tolerance = 1e-12, .most_cells = 10}), NotConverged);
    CHECK_THROWS_AS(GradientTable(smooth, -1, 1, {.tolerance = 1e-18}), NotConverged);
    CHECK_THROWS_AS(GradientTable(smooth, 1, 1), BadInput);
    CHECK_THROWS_WITH(GradientTable(parse_function("log(x)", {}), -1, 1), Catch::Contains("not finite"));
}
