#include "sim/exits.hpp"
#include "tests/model/law_case.hpp"
#include "tests/sim/cells.hpp"
#include "theory/exit_law.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;

namespace
{

/// Scales for exits after some tens of steps.
const LawCase cases[] = {{"lomax", 1.2, 0.8, 0.5},     {"pareto", 1.2, 0.5, 0.5},     {"pareto", 1.5, 0.7, 0.5},
                         {"pareto", 1.5, 0, 0.5},      {"log_pareto", 1.2, 0.5, 0.1}, {"log_pareto", 2, 0.3, 0.5},
                         {"student_t", 1.5, 0.5, 1.0}, {"student_t", 3, 0.7, 1.0},    {"stable", 1.2, 0.5, 1.0},
                         {"stable", 1.5, 0.8, 1.0},    {"stable", 1.5, 1, 1.0},       {"stable", 1.9, 0.05, 1.0},
                         {"gaussian", {}, 0.5, 1.5}};

}

TEST_CASE("S1 Every noise law: simulated exits have the mean and the median of the exact chain (section 6)")
{
    constexpr std::uint64_t replicas = 10'000;
    for (const LawCase& c : cases) {
        CAPTURE(c);
        model::Model model = quartic(0.2, 0.5);
        model.noise = c.noise();
        const theory::ExitMoments exact = theory::exit_moments(model, 1, 1e-5);
        const theory::ExitLaw law(model, 1, exact);
        REQUIRE_FALSE(law.geometric());
        CAPTURE(exact.mean);
        CHECK((exact.mean > 5 && exact.mean < 500)); // neither trivial nor slow

        const auto exits = sim::first_exits(model, 1, {.seed = 7, .cell = 1}, {.replicas = replicas});
        std::uint64_t median = 1;
        while (law.log_survival(median) > std::log(0.5)) ++median;
        const double beyond = std::exp(law.log_survival(median));
        double sum = 0, square = 0, later = 0;
        for (const sim::Exit& e : exits) {
            const auto steps = static_cast<double>(e.step);
            sum += steps;
            square += steps * steps;
            later += e.step > median;
        }
        const double mean = sum / replicas, variance = square / replicas - mean * mean;
        // 4.5 standard deviations: 7e-6 for one number, 2e-4 for all of them, were the seed not fixed
        CHECK(std::abs(mean - exact.mean) <= 4.5 * std::sqrt(variance / replicas));
        CHECK(std::abs(later - replicas * beyond) <= 4.5 * std::sqrt(replicas * beyond * (1 - beyond)));
    }
}
