// The quasi-stationary law of a field: against the slow chain, closed forms, and what makes it a law.
#include "theory/quasi_stationary.hpp"

#include "cells.hpp"
#include "slow_chain.hpp"
#include "theory/exit_law.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

using namespace exeunt;
using namespace exeunt::theory;
using model::make_noise;
using model::Model;

namespace
{

double total(const Occupation& o) { return std::accumulate(o.bins.begin(), o.bins.end(), o.below + o.above); }

}

TEST_CASE("Quasi-stationary law (section 6): a dense chain carried forward until it changes no more")
{
    const auto clamped = typed("x^2/4 + exp(-2*x^2)", -2.5, 2.5);
    const model::Landscape two(clamped.potential(), {-2.5, 2.5, true});
    struct Cell {
        Model model;
        std::size_t well;
        slow::Mesh mesh;
    };
    // an inner field, l* = 2, and one that ends at the clamp
    for (const Cell& c :
         {Cell{{wang2022(), lomax(), unit_diffusion(), 0.5, 0.05}, 1, {12, 0.01, 0.1, 1}},
          Cell{{two, make_noise("student_t", {1.5, 0.4}), unit_diffusion(), 0.9, 0.2}, 1, {12, 0.05, 0.3, 1}}}) {
        const ExitMoments exit = exit_moments(c.model, c.well, 1e-8);
        const QuasiStationary found = quasi_stationary(c.model, exit, 4, 1e-6);
        slow::Mesh mesh = c.mesh;
        mesh.also = found.bins.edges;
        const slow::Histogram slow = slow::Chain(c.model, c.well, mesh).quasi_stationary(found.bins.edges);
        CHECK(std::abs(found.rate / static_cast<double>(slow.rate) - 1) <= 1e-7); // the slow mesh: 4e-8 seen
        double gap = 0;
        for (std::size_t k = 0; k < slow.bins.size(); ++k)
            gap += 0.5 * std::abs(found.bins.bins[k] - static_cast<double>(slow.bins[k]));
        CHECK(gap <= found.bins.error);
    }
}

TEST_CASE("Quasi-stationary law: of mass one, with the rate of the law of the exit, down to rates of 1e-8")
{
    for (const double eta : {0.05, 1e-2, 1e-3})
        for (const std::size_t well : {1U, 3U}) {
            const Model m{wang2022(), lomax(), unit_diffusion(), 0.28, eta};
            const ExitMoments exit = exit_moments(m, well, 1e-6);
            const QuasiStationary found = quasi_stationary(m, exit);
            INFO("learning rate " << eta << ", well " << well + 1);
            // what is negative counts as 0, which would show here; a sum of 6000 numbers, each to the iterations' 1e-14
            CHECK(std::abs(total(found.bins) - 1) <= 1e-10);
            CHECK(found.bins.error <= 1e-3);
            const ExitLaw law(m, well, exit);
            // the last hazard of the law is set by the mean: 3e-7 seen; 1/E σ differs by 4e-6 to 6e-5
            CHECK(std::abs(found.rate / law.rate() - 1) <= 1e-6);
            if (eta > 1e-2) CHECK(found.rate * exit.mean - 1 >= 5e-5);
        }
}
