// In which field X is at given steps: closed forms, the exact chain carried forward, the limit.
#include "theory/well_law.hpp"

#include "cells.hpp"
#include "parabolas.hpp"
#include "theory/line.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace exeunt;
using namespace exeunt::theory;
using model::Landscape;
using model::make_noise;
using model::Model;

namespace
{

double largest_gap(const std::vector<double>& p, const Eigen::RowVectorXd& q)
{
    double most = 0;
    for (std::size_t k = 0; k < p.size(); ++k) most = std::max(most, std::abs(p[k] - q[static_cast<Eigen::Index>(k)]));
    return most;
}

}

TEST_CASE("Wells at given steps (section 6): a step that forgets where in the field it started, times and joint laws")
{
    // T(x) = m_i on Ω_i and no clipping: the fields are a Markov chain with p_ij = P(m_i + ηZ ∈ Ω_j), about 1e-4.
    const double eta = 0.05;
    const Landscape f = parabolas(1 / eta, {-2, 0.25, 3});
    const model::Noise noise = make_noise("lomax", {1.8, 0.1, 0.3});
    const Model m{Landscape(f.potential(), {-3.2, 4.1, true}), noise, unit_diffusion(), infinity, eta};
    const auto above = [&](double x, std::size_t i) { return noise->upper_tail((x - f.minima()[i]) / eta); };
    const auto below = [&](double x, std::size_t i) { return noise->lower_tail((x - f.minima()[i]) / eta); };
    const double s = f.saddles()[0], t = f.saddles()[1];
    Eigen::Matrix3d rate;
    rate << 0, above(s, 0) - above(t, 0), above(t, 0), below(s, 1), 0, above(t, 1), below(s, 2),
        below(t, 2) - below(s, 2), 0;
    rate.diagonal() = -rate.rowwise().sum();
    const Eigen::Matrix3d p = Eigen::Matrix3d::Identity() + rate;
    const auto from_second = [&](int steps) {
        Eigen::RowVector3d law(0, 1, 0);
        for (int k = 0; k < steps; ++k) law = law * p;
        return law;
    };
    const Stationary pi = stationary(m, 1e-7);
    const WellLaw law(m, pi, f.minima()[1]);
    const double allowed = law.error() + rounded_saddle;
    CHECK(law.error() <= 1e-6);
    for (const int steps : {0, 1, 40, 500, 7001})
        CHECK(largest_gap(law.at(static_cast<std::uint64_t>(steps)), from_second(steps)) <= 20 * allowed);

    // joint: p^3000 to Ω_3, then 20 steps, then 5001 more
    const std::array<std::uint64_t, 3> times{3000, 3020, 8021};
    const std::array<std::size_t, 3> wells{2, 2, 0};
    Eigen::RowVector3d c = from_second(3000);
    for (const auto& [wait, well] : {std::pair{0, 2}, {20, 2}, {5001, 0}}) {
        for (int k = 0; k < wait; ++k) c = c * p;
        const double there = c[well];
        c.setZero();
        c[well] = there;
    }
    CHECK(std::abs(law.joint(times, wells) - c.sum()) <= 20 * allowed);

    Eigen::RowVector3d mean(0, 0, 0);
    Eigen::RowVector3d now(0, 1, 0);
    for (int k = 1; k <= 4999; ++k) {
        now = now * p;
        mean += now / 4999;
    }
    CHECK(largest_gap(law.occupation(4999), mean) <= 20 * allowed);
    Eigen::RowVector3d first = (from_second(1) + from_second(2) + from_second(3)) / 3;
    CHECK(largest_gap(law.occupation(3), first) <= 20 * allowed);
}

TEST_CASE("Wells at given steps: the exact chain carried forward, from where it has not settled")
{
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.5, 1e-3};
    const Stationary pi = stationary(m, 1e-3);
    const double start = 0.3; // in Ω_3, near its saddle
    const WellLaw law(m, pi, start);
    const Chain chain(m, pi.region, pi.mesh);
    Eigen::VectorXd mu = chain.at(start);
    Eigen::RowVectorXd mean = Eigen::RowVectorXd::Zero(4);
    for (std::uint64_t t = 1; t <= 300; ++t) {
        mu -= chain.generate_transposed(mu);
        Eigen::RowVectorXd p = Eigen::RowVectorXd::Zero(4);
        for (std::size_t i = 0; i < chain.states().size(); ++i)
            p[static_cast<Eigen::Index>(m.landscape.well_of(chain.states()[i]))] += mu[static_cast<Eigen::Index>(i)];
        mean += p;
        if (t == 10) CHECK(largest_gap(law.at(t), p) <= 1e-12);
        if (t == 65 || t == 300) CHECK(largest_gap(law.at(t), p) <= law.error());
    }
    CHECK(law.error() <= 0.01);
    CHECK(largest_gap(law.occupation(300), mean / 300) <= law.error());
}

TEST_CASE(
    "Wells at given steps: after 1e12 steps and more, and over them, the stationary law, probabilities of sum one")
{
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.5, 1e-3};
    const Stationary pi = stationary(m, 1e-4);
    const WellLaw law(m, pi, m.landscape.minima()[0]);
    const WellLaw once(m, pi, m.landscape.minima()[0], Times::one);
    CHECK(once.at(1000) == law.at(1000));
    CHECK(once.error() <= law.error());
    CHECK_THROWS_AS(once.joint(std::vector<std::uint64_t>{1, 2}, std::vector<std::size_t>{0, 0}), BadInput);
    const Eigen::RowVectorXd share = Eigen::Map<const Eigen::RowVectorXd>(pi.share.data(), 4);
    for (const std::uint64_t t : {std::uint64_t{1} << 40, std::uint64_t{1'000'000'000'000'000'000}}) {
        CHECK(largest_gap(law.at(t), share) <= 1e-10);
        CHECK(largest_gap(law.occupation(t), share) <= 1e-4); // it began elsewhere
    }
    for (const std::uint64_t t : {0U, 17U, 1000U, 1'000'000U}) {
        const auto p = law.at(t), o = law.occupation(t + 1);
        CHECK(std::abs(std::accumulate(p.begin(), p.end(), -1.0)) <= 1e-11);
        CHECK(std::abs(std::accumulate(o.begin(), o.end(), -1.0)) <= 1e-11);
    }
    // two observations are consistent with one
    double total = 0;
    for (std::size_t j = 0; j < 4; ++j)
        total += law.joint(std::array<std::uint64_t, 2>{500, 100'000}, std::array<std::size_t, 2>{j, 1});
    CHECK(std::abs(total - law.at(100'000)[1]) <= 1e-10);
    CHECK_THROWS_AS(law.joint(std::array<std::uint64_t, 1>{5}, std::array<std::size_t, 1>{4}), BadInput);
    CHECK_THROWS_AS(law.joint(std::array<std::uint64_t, 2>{5, 4}, std::array<std::size_t, 2>{0, 0}), BadInput);
    CHECK_THROWS_AS(law.joint(std::array<std::uint64_t, 1>{5}, std::array<std::size_t, 2>{0, 0}), BadInput);
    CHECK_THROWS_AS(law.occupation(0), BadInput);
}
