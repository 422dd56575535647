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

TEST_CASE("Noise laws: bad parameters and unknown names are refused, with the key at fault")
{
    const double inf = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH(Lomax(1, 0.1), Catch::Contains("alpha = 1"));
    CHECK_THROWS_WITH(Lomax(inf, 0.1), Catch::Contains("finite alpha > 1"));
    CHECK_THROWS_WITH(Lomax(1.2, 0), Catch::Contains("scale = 0"));
    CHECK_THROWS_WITH(Lomax(1.2, inf), Catch::Contains("scale = inf"));
    CHECK_THROWS_WITH(Lomax(std::nan(""), 1), Catch::Contains("alpha = nan"));
    CHECK_THROWS_WITH(make_noise("lomaxx", {1.2, 0.1}),
                      "law 'lomaxx' does not exist; there is: lomax, pareto, stable, student_t, log_pareto, gaussian");
    CHECK_THROWS_WITH(make_noise("a\nb", {1.2, 0.1}), Catch::StartsWith("law 'a b' does not exist; there is: lomax, "));

    const auto refusal = [](const std::string& law, const NoiseParameters& parameters) {
        try {
            make_noise(law, parameters);
        } catch (const BadNoise& problem) {
            const std::string what = problem.what();
            CHECK(what.find('\n') == std::string::npos);
            return problem.key + ": " + what;
        }
        return std::string("accepted");
    };
    for (const std::string law : {"lomax", "pareto", "stable", "student_t", "log_pareto"}) {
        CAPTURE(law);
        CHECK_THAT(refusal(law, {1.0, 0.1}), Catch::StartsWith("alpha: alpha = 1 gives the noise no mean"));
        CHECK_THAT(refusal(law, {std::nan(""), 0.1}), Catch::StartsWith("alpha: alpha = nan"));
        CHECK_THAT(refusal(law, {inf, 0.1}), Catch::StartsWith("alpha: alpha = inf"));
        CHECK(refusal(law, {1.2, 0}) == "scale: scale = 0 must be a finite number > 0");
        CHECK(refusal(law, {1.2, inf}) == "scale: scale = inf must be a finite number > 0");
        CHECK(refusal(law, {1.2, 1, -0.1}) == "p_plus: p_plus = -0.1 must be between 0 and 1");
        CHECK(refusal(law, {1.2, 1, std::nan("")}) == "p_plus: p_plus = nan must be between 0 and 1");
        CHECK(make_noise(law, {{}, 0.1})->tail_index() == 1.2); // the default
        CHECK(make_noise(law, {{}, 0.1})->name() == law);
        CHECK(make_noise(law, {{}, 0.1})->heavy_tailed());
        CHECK(takes_alpha(law));
    }
    for (const std::string law : {"lomax", "pareto", "log_pareto", "student_t"})
        CHECK_THAT(refusal(law, {1.0001, 1.7e308, 0.9}),
                   Catch::StartsWith("scale: scale = 1.7e+308 and alpha = 1.0001 give a one-sided mean of inf"));
    CHECK(make_noise("lomax", {1.0001, 1.7e308})->mean_shift() == 0); // nothing to subtract
    CHECK_THAT(refusal("student_t", {10001.0, 1}), Catch::Contains("take law = \"gaussian\" without alpha"));
    CHECK_THAT(refusal("stable", {2.0, 1}), Catch::StartsWith("alpha: alpha = 2: a stable law has alpha < 2") &&
                                                Catch::Contains("take law = \"gaussian\""));
    CHECK_THAT(refusal("stable", {1.009, 1}), Catch::StartsWith("alpha: alpha = 1.009: a stable law must have"));
    CHECK_THAT(refusal("stable", {1.2, 1, 1e-10}), Catch::StartsWith("p_plus: p_plus = 1e-10: a stable law takes 0,"));
    CHECK_THAT(refusal("stable", {1.2, 1, 1 - 1e-10}), Catch::StartsWith("p_plus: "));
    CHECK(refusal("gaussian", {1.2, 1}) == "alpha: law 'gaussian' has no tail index: remove alpha = 1.2");
    CHECK(refusal("gaussian", {{}, 1, 0.6}) == "p_plus: law 'gaussian' is symmetric: p_plus = 0.6 must be 0.5");
    CHECK(refusal("gaussian", {{}, -1}) == "scale: scale = -1 must be a finite number > 0");

    const Noise gaussian = make_noise("gaussian", {{}, 1});
    CHECK_FALSE(gaussian->heavy_tailed());
    CHECK(gaussian->tail_index() == inf);
    CHECK(gaussian->p_plus() == 0.5);
    CHECK_FALSE(takes_alpha("gaussian"));
    CHECK(noise_laws() == std::vector<std::string>{"lomax", "pareto", "stable", "student_t", "log_pareto", "gaussian"});
}
