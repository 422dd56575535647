// Size, effect and power: the planned numbers against the design's table, textbook intervals and simulated nulls.
#include "validation/design.hpp"

#include "cells.hpp"
#include "model/error.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <catch2/catch.hpp>
#include <random>

using namespace exeunt;
using namespace exeunt::validation;

namespace
{

/// P(the test confirms a true law) with n exits, from its definition: the interval for R lies in [1/(1+δ), 1+δ].
double power_of(std::uint64_t n, const Design& d)
{
    // the interval is gamma quantiles over S, so both conditions are bounds on S
    const RateInterval unit = rate_interval(n, 1, false, d.level);
    const double least = unit.upper / (1 + d.effect), most = unit.lower * (1 + d.effect);
    const auto shape = static_cast<double>(n);
    return most > least ? boost::math::gamma_p(shape, most) - boost::math::gamma_p(shape, least) : 0;
}

}

TEST_CASE("Design: the planned exits are those of the table (validation.md), exact gamma law at power 0.99")
{
    struct {
        double level, effect;
        double exits;
    } const table[] = {{1e-3, 0.10, 3790}, {1e-3, 0.05, 14460}, {1e-3, 0.02, 87840},  {1e-3, 0.01, 347840},
                       {1e-5, 0.10, 5390}, {1e-5, 0.05, 20560}, {1e-5, 0.02, 124720}, {1e-5, 0.01, 494080},
                       {1e-6, 0.10, 6145}, {1e-6, 0.05, 23440}, {1e-6, 0.02, 142240}, {1e-6, 0.01, 563520},
                       {1e-8, 0.10, 7605}, {1e-8, 0.05, 29000}, {1e-8, 0.02, 176000}, {1e-8, 0.01, 696960}};
    for (const auto& row : table) {
        const Design d{.level = row.level, .effect = row.effect, .power = 0.99};
        const std::uint64_t n = exits_for_scale(d);
        INFO("level " << row.level << ", effect " << row.effect << ", exits " << n);
        CHECK(std::abs(static_cast<double>(n) - row.exits) <= std::max(10.0, 1e-3 * row.exits)); // the table is rounded
        CHECK(power_of(n, d) >= 0.99);
        CHECK(power_of(n - 1, d) < 0.99);
    }
}

TEST_CASE("Design: the planned exits see the planned effect in either direction, and hardly less")
{
    for (const double level : {1e-3, 1e-6})
        for (const double effect : {0.1, 0.02}) {
            const Design d{.level = level, .effect = effect, .power = 0.99};
            const std::uint64_t n = exits_for_scale(d);
            const double visible = visible_rate_error(n, d);
            CHECK(visible <= effect);
            CHECK(visible >= 0.9 * effect); // confirming, with both ends of the interval, is the dearer half
            // from its definition: R S is gamma, and the interval for R excludes 1
            const RateInterval unit = rate_interval(n, 1, false, level);
            const auto shape = static_cast<double>(n);
            const double fast = boost::math::gamma_p(shape, unit.lower * (1 + visible));
            const double slow = boost::math::gamma_q(shape, unit.upper / (1 + visible));
            CHECK(std::abs(std::min(fast, slow) - 0.99) <= 1e-9); // inverse gamma functions are right to 1e-13
            CHECK(visible_rate_error(4 * n, d) < 0.52 * visible); // 1/√n
        }
}

TEST_CASE("Design: the oracle's error costs exits, and an effect not larger than it is refused with both numbers")
{
    const Design d{.level = 1e-5, .effect = 0.05, .power = 0.99};
    const std::uint64_t sharp = exits_for_scale(d), blurred = exits_for_scale(d, 0.005);
    CHECK(blurred > sharp);
    // the margin log 1.05 shrinks by 0.005
    CHECK(relative(static_cast<double>(blurred) / static_cast<double>(sharp),
                   std::pow(std::log(1.05) / (std::log(1.05) + std::log(0.995)), 2)) <= 0.01);
    CHECK(visible_rate_error(sharp, d, 0.005) > visible_rate_error(sharp, d));
    CHECK_THROWS_WITH(exits_for_scale(d, 0.05), Catch::Contains("0.05") && Catch::Contains("5.0e-02"));
    CHECK_THROWS_AS(exits_for_scale(d, 0.05), BadInput);
}

TEST_CASE("Design: null calibration, p-values are uniform and the interval covers at its level")
{
    constexpr int draws = 20'000;
    constexpr double level = 0.05;
    std::mt19937_64 bits(20220425);
    for (const std::uint64_t d : {3U, 200U}) {
        std::gamma_distribution<double> sums(static_cast<double>(d), 1.0);
        std::vector<double> p;
        int outside = 0;
        for (int k = 0; k < draws; ++k) {
            const RateInterval r = rate_interval(d, sums(bits), false, level);
            p.push_back(r.p_value);
            outside += r.lower > 1 || r.upper < 1;
            if ((r.p_value < level) != (r.lower > 1 || r.upper < 1)) FAIL("interval and p-value disagree");
        }
        CHECK(uniform_distance(p) <= kolmogorov_1e_6);
        const double expected = draws * level;
        CHECK(std::abs(outside - expected) <= 5 * std::sqrt(expected * (1 - level))); // five standard errors: 6e-7
    }
}

TEST_CASE("Design: the interval of the rate against chi-squared tables")
{
    // 2 R S ~ χ²(2d): for d = 5, χ²(10) has the quantiles 3.24697 (2.5 %) and 20.48318 (97.5 %)
    const RateInterval r = rate_interval(5, 4, false, 0.05);
    CHECK(r.estimate == 1.25);
    CHECK(std::abs(r.lower - 3.24697 / 8) <= 1e-6); // half a unit of the last digit, over 8
    CHECK(std::abs(r.upper - 20.48318 / 8) <= 1e-6);
    // χ²(12) has 23.33666: censored, one exit more at the upper end
    const RateInterval censored = rate_interval(5, 4, true, 0.05);
    CHECK(censored.lower == r.lower);
    CHECK(std::abs(censored.upper - 23.33666 / 8) <= 1e-6);
    // no exit at all: R ≤ -log(α/2)/S
    const RateInterval none = rate_interval(0, 4, true, 0.05);
    CHECK(none.estimate == 0);
    CHECK(none.lower == 0);
    CHECK(relative(none.upper, -std::log(0.025) / 4) <= 1e-13);
    CHECK(relative(none.p_value, 2 * std::exp(-4.0)) <= 1e-13);
}

TEST_CASE("Design: Clopper-Pearson against textbook values, and the duality with the p-value")
{
    const ShareInterval none = share_interval(0, 10, 0.1, 0.05), half = share_interval(5, 10, 0.5, 0.05);
    CHECK(none.lower == 0);
    CHECK(std::abs(none.upper - 0.3085) <= 5e-5);
    CHECK(std::abs(half.lower - 0.1871) <= 5e-5);
    CHECK(std::abs(half.upper - 0.8129) <= 5e-5);
    CHECK(half.p_value == 1);
    CHECK(relative(none.p_value, 2 * std::pow(0.9, 10)) <= 1e-13); // twice P(K = 0)
    const ShareInterval all = share_interval(10, 10, 0.9, 0.05);
    CHECK(all.upper == 1);
    CHECK(std::abs(all.lower - 0.6915) <= 5e-5);
    for (const std::uint64_t k : {0U, 1U, 7U, 30U, 59U, 60U})
        for (const double level : {0.05, 1e-5}) {
            const ShareInterval s = share_interval(k, 60, 0.5, level);
            // at an end of the interval the p-value is the level
            if (k > 0) CHECK(relative(share_interval(k, 60, s.lower, level).p_value, level) <= 1e-9);
            if (k < 60) CHECK(relative(share_interval(k, 60, s.upper, level).p_value, level) <= 1e-9);
            CHECK((s.p_value < level) == (s.lower > 0.5 || s.upper < 0.5));
        }
}

TEST_CASE("Design: the share's size and visible error by the normal law, and what is certain needs one exit")
{
    const Design d{.level = 1e-3, .effect = 0.05, .power = 0.99};
    CHECK(exits_for_share(1, d) == 1);
    CHECK(visible_share_error(1, 100, d) == 0);
    // 9 times as dear at p = 0.1 as at p = 0.5 (validation.md)
    CHECK(relative(static_cast<double>(exits_for_share(0.1, d)) / static_cast<double>(exits_for_share(0.5, d)), 9) <=
          1e-3);
    // quantiles of the normal law: 3.290527 (5e-4), 2.575829 (0.005), 2.326348 (0.01)
    const double root = (3.290527 + 2.575829) / std::log(1.05);
    CHECK(std::abs(static_cast<double>(exits_for_share(0.5, d)) - root * root) <= 2.01); // rounded up, and one
    CHECK(relative(visible_share_error(0.5, 10'000, d), std::exp((3.290527 + 2.326348) / 100) - 1) <= 1e-6);
    CHECK(visible_share_error(0.3, exits_for_share(0.3, d), d) <= d.effect);
}
