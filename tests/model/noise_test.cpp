#include "model/error.hpp"
#include "model/noise.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace exeunt;
using namespace exeunt::model;

TEST_CASE("Lomax (section 1): P(Z > z) = P(Z < -z) = ½ (1 + z/s)^-α, density its derivative")
{
    const Lomax law(1.2, 0.1);
    CHECK(law.upper_tail(0) == 0.5);
    CHECK(law.upper_tail(0.9) == Approx(0.5 * std::pow(10.0, -1.2)).epsilon(1e-15));
    CHECK(law.lower_tail(-0.9) == law.upper_tail(0.9));
    CHECK(law.upper_tail(-0.9) == Approx(1 - law.upper_tail(0.9)).epsilon(1e-15));
    CHECK(law.upper_tail(1e30) == Approx(0.5 * std::pow(1e31, -1.2)).epsilon(1e-13));
    CHECK(law.density(0.3) == law.density(-0.3));
    const double h = 1e-6;
    CHECK(law.density(0.3) == Approx((law.upper_tail(0.3 - h) - law.upper_tail(0.3 + h)) / (2 * h)).epsilon(1e-9));
    const Noise noise = make_noise("lomax", {1.2, 0.1});
    CHECK(noise.tail(100) == Approx(std::pow(1001.0, -1.2)).epsilon(1e-14));
    CHECK(noise->tail_index() == 1.2);
    CHECK(noise->p_plus() == 0.5);
}

TEST_CASE("Lomax quantiles invert the tails, tiny probabilities included")
{
    const Lomax law(1.2, 0.1);
    for (const double p : {1e-300, 1e-100, 1e-20, 1e-10, 1e-3, 0.2, 0.4999}) {
        const double z = law.upper_quantile(p);
        CHECK(law.upper_tail(z) == Approx(p).epsilon(1e-12));
        CHECK(law.lower_quantile(p) == -z);
        CHECK(law.lower_tail(-z) == Approx(p).epsilon(1e-12));
    }
    CHECK(law.upper_quantile(1e-300) == Approx(0.1 * std::pow(2e-300, -1 / 1.2)).epsilon(1e-12));
    CHECK(law.upper_quantile(0.5) == 0);
    const double eps = 1e-14; // near the median z = s·2ε/α keeps its digits
    CHECK(law.upper_quantile(0.5 - eps) == Approx(0.1 * 2 * eps / 1.2).epsilon(0.02));
    CHECK(law.upper_quantile(0.75) == Approx(-law.upper_quantile(0.25)).epsilon(1e-15));
}

TEST_CASE("Noise laws: bad parameters and unknown names are refused")
{
    const double inf = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH(Lomax(1, 0.1), Catch::Contains("alpha = 1"));
    CHECK_THROWS_WITH(Lomax(inf, 0.1), Catch::Contains("finite alpha > 1"));
    CHECK_THROWS_WITH(Lomax(1.2, 0), Catch::Contains("scale = 0"));
    CHECK_THROWS_WITH(Lomax(1.2, inf), Catch::Contains("scale = inf"));
    CHECK_THROWS_WITH(Lomax(std::nan(""), 1), Catch::Contains("alpha = nan"));
    CHECK_THROWS_WITH(make_noise("stable", {1.2, 0.1}), "law 'stable' is not available yet; there is: lomax");
    CHECK_THROWS_WITH(make_noise("lomaxx", {1.2, 0.1}), "law 'lomaxx' does not exist; there is: lomax");
    CHECK_THROWS_WITH(make_noise("lomax", {1.2, 0.1, 0.7}), Catch::Contains("p_plus = 0.7 must be 0.5"));
    CHECK_THROWS_WITH(make_noise("a\nb", {1.2, 0.1}), "law 'a b' does not exist; there is: lomax");
    CHECK(noise_laws() == std::vector<std::string>{"lomax"});
}
