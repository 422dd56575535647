// The mean of what lies between 0 and 1: the interval holds it, for skewed samples too, and is no wider than it need
// be.
#include "validation/bounded_mean.hpp"

#include "model/error.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

using exeunt::validation::bounded_mean;

TEST_CASE("The interval of a bounded mean holds the mean of a skewed law, and its width falls with the sample")
{
    constexpr int campaigns = 2000;
    constexpr double level = 0.05;
    std::mt19937_64 words(20220314);
    std::uniform_real_distribution<double> uniform;
    const auto interval = [&](int n) { // of x = u⁹: mean 1/10, most of it from a few
        std::vector<double> samples;
        for (int i = 0; i < n; ++i) samples.push_back(std::pow(uniform(words), 9));
        return bounded_mean(samples, level);
    };
    int missed = 0;
    double width = 0;
    for (int k = 0; k < campaigns; ++k) {
        const auto m = interval(100);
        missed += m.lower <= 0.1 && 0.1 <= m.upper ? 0 : 1;
        width += (m.upper - m.lower) / campaigns;
    }
    // 100 are allowed on average; 5 standard deviations of Binomial(2000, 0.05) more would be 149
    CHECK(missed <= 149);
    // the normal interval has the width 2 · 1.96 · sd/√n with sd = √(1/19 - 1/100) = 0.2065; bets cost at most twice
    // that
    const double normal = 2 * 1.96 * 0.2065 / 10;
    CHECK(width > normal);
    CHECK(width < 2 * normal);
    CHECK(interval(1600).upper - interval(1600).lower < 0.5 * width);
}

TEST_CASE("A bounded mean refuses what is no share, no sample, and no level")
{
    CHECK_THROWS_AS(bounded_mean({}, 0.05), exeunt::BadInput);
    CHECK_THROWS_AS(bounded_mean(std::vector<double>{1.1}, 0.05), exeunt::BadInput);
    CHECK_THROWS_AS(bounded_mean(std::vector<double>{0.5}, 0), exeunt::BadInput);
}
