// The finite-η oracle against the slow chain of slow_chain.hpp: digits, and errors that cover the truth.
#include "theory/oracle.hpp"

#include "cells.hpp"
#include "slow_chain.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace exeunt;
using model::Landscape;
using model::make_noise;
using model::Model;

namespace
{

struct Cell {
    std::string name;
    Model model;
    std::size_t well;
    int order; ///< l*
    slow::Mesh mesh;
};

Landscape clamped(std::string_view text, double lo, double hi)
{
    return Landscape(model::parse_function(text, {}, lo, hi), {lo, hi, true});
}

std::vector<Cell> cells()
{
    const std::string_view two = "x^2/4 + exp(-2*x^2)", three = "0.1*x^2 - 0.5*cos(4*x)";
    const auto wavy = model::parse_function("1 + 0.3*sin(2*x)", {}, -20, 20);
    return {
        {"wang2022", {wang2022(), lomax(), unit_diffusion(), 0.5, 0.05}, 1, 2, {14, 0.01, 0.05, 2}},
        {"no clamp, σ(x)",
         {typed(two, -3.5, 3.5), make_noise("lomax", {1.5, 0.2}), wavy, 0.9, 0.2},
         1,
         2,
         {12, 0.15, 0.8, 1, 2}},
        {"student_t, clamp",
         {clamped(two, -2.5, 2.5), make_noise("student_t", {1.5, 0.2}), unit_diffusion(), 0.4, 0.2},
         1,
         3,
         {12, 0.1, 0.3, 1}},
        {"not clipped, p₊ = 0.7",
         {clamped(three, -2, 2), make_noise("lomax", {1.5, 0.3, 0.7}), unit_diffusion(), infinity, 0.1},
         1,
         1,
         {12, 0.04, 0.2, 3}},
        {"student_t, p₊ = 0.3, σ(x)",
         {clamped(three, -2, 2), make_noise("student_t", {1.8, 0.3, 0.3}), wavy, 0.9, 0.1},
         1,
         1,
         {12, 0.04, 0.2, 2}},
        // ηf''(m) = 4: the map is chaotic; a mean of four steps, and an exit to Ω_1 from x < s_1 + b alone
        {"large η, clamp",
         {clamped(three, -2, 2), make_noise("lomax", {1.5, 1.2}), unit_diffusion(), 1.75, 0.5},
         2,
         1,
         {14, 0.05, 0.1, 2}},
    };
}

double relative(slow::Real a, slow::Real b) { return static_cast<double>(std::abs(a / b - 1)); }

/// Of the slow chain on the meshes above, mean and split: what halving their panels changes, rounded up.
constexpr double slow_error = 1e-9;

}

TEST_CASE("Oracle (section 6): a dense chain in long double agrees to 1e-8, and within the reported error")
{
    for (const Cell& c : cells()) {
        INFO(c.name);
        CHECK(std::max(1.0, std::ceil(c.model.landscape.radius(c.well) / c.model.b)) == c.order);
        const theory::ExitMoments exit = theory::exit_moments(c.model, c.well, 1e-9);
        const slow::Exit slow = slow::Chain(c.model, c.well, c.mesh).solve();
        CHECK(relative(exit.mean, slow.mean) <= std::min(1e-8, exit.error + slow_error));
        REQUIRE(exit.to.size() == slow.to.size());
        for (std::size_t j = 0; j < exit.to.size(); ++j)
            CHECK(std::abs(static_cast<double>(exit.to[j] - slow.to[j])) <= std::min(1e-8, exit.to_error + slow_error));
    }
}

TEST_CASE(
    "Oracle: the place exited to is as good as said, where it is another one clipped jump from the end of a place")
{
    const Cell c = cells().back(); // to Ω_1 from x < s_1 + b alone: that is inside Ω_3, and no end of it is b away
    const theory::ExitMoments exit = theory::exit_moments(c.model, c.well, 1e-10),
                              finer = theory::exit_moments(c.model, c.well, 1e-11);
    for (std::size_t j = 0; j < exit.to.size(); ++j)
        CHECK(std::abs(exit.to[j] - finer.to[j]) <= exit.to_error + finer.to_error);
    CHECK(exit.nodes < 500); // over 900 where a panel has the jump inside
}

TEST_CASE("Slow chain: halving every panel changes mean and split by less than is claimed of it", "[.slow]")
{
    for (const Cell& c : cells()) {
        slow::Mesh halved = c.mesh;
        halved.finest /= 2;
        halved.longest /= 2;
        const slow::Exit coarse = slow::Chain(c.model, c.well, c.mesh).solve(),
                         fine = slow::Chain(c.model, c.well, halved).solve();
        double split = 0;
        for (std::size_t j = 0; j < fine.to.size(); ++j)
            split = std::max(split, static_cast<double>(std::abs(coarse.to[j] - fine.to[j])));
        CHECK(relative(coarse.mean, fine.mean) <= slow_error);
        CHECK(split <= slow_error);
        WARN(c.name << ": " << coarse.size << " states, mean " << static_cast<double>(fine.mean) << ", changed by "
                    << relative(coarse.mean, fine.mean) << ", split by " << split);
    }
}
