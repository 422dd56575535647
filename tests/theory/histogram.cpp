// How much of N steps X spends in each bin: against the slow chain carried forward, and for N → ∞ against π.
#include "theory/histogram.hpp"

#include "cells.hpp"
#include "slow_chain.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::theory;
using model::Landscape;
using model::make_noise;
using model::Model;

namespace
{

Landscape two_wells()
{
    return Landscape(model::parse_function("x^2/4 + exp(-2*x^2)", {}, -2.5, 2.5), {-2.5, 2.5, true});
}

}

TEST_CASE("Histogram of N steps (section 6): a dense chain carried forward, begun beside a saddle")
{
    // mean exits of about 250 and 1500 steps: N is before, during and after the first change of wells
    struct Case {
        double scale;
        int steps;
    };
    for (const auto& [scale, steps] : {Case{0.4, 3}, Case{0.4, 300}, Case{0.1, 2500}}) {
        const Model m{two_wells(), make_noise("student_t", {1.5, scale}), unit_diffusion(), 0.9, 0.2};
        const double start = 0.3;
        const Stationary pi = stationary(m, 1e-6);
        const Occupation seen = expected_histogram(m, pi, start, static_cast<std::uint64_t>(steps), 4, 1e-2);
        slow::Mesh mesh{10, 0.08, 0.4, 0};
        mesh.also = seen.edges;
        const slow::Histogram slow = slow::Chain(m, slow::whole_line, mesh).occupation(start, steps, seen.edges);
        double gap = 0.5 * (seen.below + seen.above), total = seen.below + seen.above;
        for (std::size_t k = 0; k < slow.bins.size(); ++k) {
            gap += 0.5 * std::abs(seen.bins[k] - static_cast<double>(slow.bins[k]));
            total += seen.bins[k];
        }
        INFO(steps << " steps");
        CHECK(gap <= std::min(seen.error, 1e-4)); // 2e-5 seen; one step counted too early is 3e-2 of 3
        CHECK(seen.error <= 6e-4);                // 5.5e-4 seen; a law at the end that is none leaves borders of 1/N
        CHECK(std::abs(total - 1) <= 1e-10);      // the iterations; what is negative counts as 0, which would show
    }
}

TEST_CASE("Histogram of N steps: of 1e12 of them the stationary law, and none is refused")
{
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.5, 1e-3};
    const Stationary pi = stationary(m, 1e-4);
    const Occupation seen = expected_histogram(m, pi, m.landscape.minima()[0], 1'000'000'000'000, 20, 1e-2);
    const Occupation settled = occupation(m, pi, 20, 1e-3);
    double gap = 0.5 * (std::abs(seen.below - settled.below) + std::abs(seen.above - settled.above));
    for (std::size_t k = 0; k < 20; ++k) gap += 0.5 * std::abs(seen.bins[k] - settled.bins[k]);
    CHECK(gap <= settled.error + 1e-4); // 1e-4: it began elsewhere
    CHECK_THROWS_AS(expected_histogram(m, pi, 0.3, 0), BadInput);
}
