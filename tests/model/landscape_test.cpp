#include "model/error.hpp"
#include "model/expression.hpp"
#include "model/landscape.hpp"
#include "model/model.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>

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
    try {
        typed(text, lo, hi);
    } catch (const BadInput& error) {
        return error.what();
    }
    return "accepted";
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

TEST_CASE("Landscape: what the theory does not cover is refused with the reason (section 2)")
{
    CHECK_THAT(refusal("x^2"), Catch::Contains("one well only"));
    CHECK_THAT(refusal("x"), Catch::Contains("no minimum"));
    CHECK_THAT(refusal("-x^2"), Catch::Contains("leftmost critical point") && Catch::Contains("maximum"));
    CHECK_THAT(refusal("-cos(x)", -4, 1), Catch::Contains("leftmost critical point"));
    CHECK_THAT(refusal("-cos(x)", -1, 4), Catch::Contains("rightmost critical point"));
    CHECK_THAT(refusal("x^4"), Catch::Contains("degenerate"));
    CHECK_THAT(refusal("x^3/3 - x"), Catch::Contains("leftmost"));
    CHECK_THAT(refusal("x^6/6 - x^5/5 - x^4/4 + x^3/3"),
               Catch::Contains("degenerate") || Catch::Contains("touches zero"));
    CHECK_THAT(refusal("1/x"), Catch::Contains("not finite at x = 0"));
    CHECK_THAT(refusal("log(x)"), Catch::Contains("not finite at x = -2.5"));
    CHECK_THAT(refusal("min((x + 1)^2, (x - 1)^2)"), Catch::Contains("kink"));
    CHECK_THAT(refusal("abs(x) + 0*x"), Catch::Contains("kink") || Catch::Contains("degenerate"));
    CHECK_THAT(refusal("-cos(1000*x)", -1, 1), Catch::Contains("at most 256"));
    CHECK_THAT(refusal("x^2", 1, 1), Catch::Contains("increasing order"));
    CHECK_THAT(refusal("max(x^2, 1)"), Catch::Contains("no minimum") || Catch::Contains("degenerate"));
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
