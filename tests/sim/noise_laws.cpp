#include "sim/reference.hpp"
#include "sim/words.hpp"
#include "tests/model/law_case.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace exeunt;

namespace
{

const LawCase cases[] = {{"lomax", 1.2, 0.5, 0.5},   {"lomax", 1.2, 0.2, 0.5},      {"pareto", 1.2, 0.5, 0.5},
                         {"pareto", 1.5, 0, 0.5},    {"log_pareto", 1.2, 0.5, 0.5}, {"log_pareto", 2, 0.7, 0.5},
                         {"student_t", 3, 0.5, 0.5}, {"student_t", 1.5, 0.9, 0.5},  {"stable", 1.2, 0.5, 0.5},
                         {"stable", 1.5, 1, 0.5},    {"stable", 1.9, 0.1, 0.5},     {"stable", 1.1, 0.25, 0.5},
                         {"gaussian", {}, 0.5, 0.5}};

}

TEST_CASE("Noise: draws of every law are centred and follow its tails, in 2^17 draws")
{
    constexpr std::uint64_t n = 1 << 17;
    constexpr double probability[] = {1e-4, 0.01, 0.1, 0.3, 0.5};
    for (const LawCase& c : cases) {
        CAPTURE(c);
        const model::Noise noise = c.noise();
        sim::Draws draw(sim::make_key(2022, 7));
        std::vector<double> z(n);
        for (std::uint64_t j = 0; j < n; ++j) z[j] = sim::noise_of(noise, draw(0, j + 1));

        // 4.5 standard deviations: 7e-6 for one number, 2e-3 for all of them, were the seed not fixed
        for (const double p : probability)
            for (const bool upper : {true, false}) {
                // a tail asked at a round number, so that the quantile is not tested with itself
                const double q = upper ? noise->upper_quantile(p) : noise->lower_quantile(p);
                const double at = std::round(q * 64) / 64 + 1.0 / 4096;
                const double tail = upper ? noise->upper_tail(at) : noise->lower_tail(at);
                const auto beyond =
                    std::count_if(z.begin(), z.end(), [&](double x) { return upper ? x > at : x <= at; });
                CAPTURE(at, tail, beyond);
                CHECK(std::abs(static_cast<double>(beyond) - n * tail) <= 4.5 * std::sqrt(n * tail * (1 - tail)) + 1);
            }

        // E Z = 0: the mean of Z clipped at ±c, against ∫_0^c P(Z > x) - P(Z < -x) dx by the trapezoidal rule
        constexpr double bound = 4;
        constexpr int steps = 1 << 14;
        double expected = 0, sum = 0, square = 0;
        for (int k = 0; k < steps; ++k) {
            const double x = bound * (k + 0.5) / steps;
            expected += (noise->upper_tail(x) - noise->lower_tail(-x)) * bound / steps;
        }
        for (const double x : z) {
            const double clipped = std::clamp(x, -bound, bound);
            sum += clipped;
            square += clipped * clipped;
        }
        CHECK(std::abs(sum / n - expected) <= 4.5 * std::sqrt(square / n / n) + 1e-4);
    }
}

TEST_CASE("Noise: the quantile of a forced uniform has that tail for every law, down to the floor of 2^-85")
{
    for (const LawCase& c : cases) {
        CAPTURE(c);
        const model::Noise noise = c.noise();
        for (const std::uint32_t word :
             {0U, 1U, 2U, 3U, 4096U, 131071U, 131072U, 131073U, 1U << 20, 1U << 31, ~0U, ~1U})
            for (const std::uint64_t further : {std::uint64_t{0}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
                const sim::Uniform u = sim::uniform(word, further);
                const double z = sim::noise_of(noise, u);
                const double tail = u.upper ? noise->upper_tail(z) : noise->lower_tail(z);
                // 1e-14 |log p| of the tables on both ways, and the tail of a z that is rounded to the size of the
                // shift
                const double size = std::abs(z) + std::abs(noise->mean_shift());
                const double slope = noise->density(z) * size / (0.5 * u.v);
                CAPTURE(z, u.v);
                CHECK(std::abs(tail / (0.5 * u.v) - 1) <= 2e-14 * (1 - std::log(0.5 * u.v)) + 3e-14 * slope);
            }
    }
}
