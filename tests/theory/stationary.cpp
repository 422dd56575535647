// The chain on the whole line: its stationary law, the shares of time in the fields, the wells as a Markov chain.
#include "theory/stationary.hpp"

#include "cells.hpp"
#include "parabolas.hpp"
#include "theory/line.hpp"
#include "theory/oracle.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <string>

using namespace exeunt;
using namespace exeunt::theory;
using model::Landscape;
using model::make_noise;
using model::Model;

namespace
{

double relative(double a, double b) { return std::abs(a / b - 1); }

/// π P = π for three states, by the cofactors of the three spanning trees towards each.
std::vector<double> stationary_of_three(const Eigen::Matrix3d& p)
{
    std::vector<double> weight;
    for (int i = 0; i < 3; ++i) {
        const int j = (i + 1) % 3, k = (i + 2) % 3;
        weight.push_back(p(j, i) * p(k, i) + p(j, k) * p(k, i) + p(k, j) * p(j, i));
    }
    const double total = weight[0] + weight[1] + weight[2];
    for (double& w : weight) w /= total;
    return weight;
}

}

TEST_CASE("Stationary law (section 6): a step that forgets where in the field it started makes the wells a chain")
{
    // T(x) = m_i on Ω_i and no clipping: X_1 = m_i + ηZ, so that R_ij = P(m_i + ηZ ∈ Ω_j), and π is the mixture of
    // these laws by their shares.
    const double eta = 0.05;
    const Landscape f = parabolas(1 / eta, {-2, 0.25, 3});
    for (const auto& noise : {make_noise("student_t", {2.5, 4}), make_noise("lomax", {1.8, 3, 0.3})}) {
        const Model m{Landscape(f.potential(), {-3.2, 4.1, true}), noise, unit_diffusion(), infinity, eta};
        INFO(noise->name());
        const auto left_of = [&](double x, std::size_t i) { // P(X_1 < x), m_i = T
            return noise->lower_tail((x - f.minima()[i]) / eta);
        };
        Eigen::Matrix3d p;
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j)
                p(static_cast<int>(i), static_cast<int>(j)) =
                    (j == 2 ? 1 : left_of(f.right(j), i)) - (j == 0 ? 0 : left_of(f.left(j), i));
        const std::vector<double> share = stationary_of_three(p);

        const Stationary pi = stationary(m, 1e-6);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(relative(pi.share[i], share[i]) <= pi.error + rounded_saddle);
            for (std::size_t j = 0; j < 3; ++j)
                if (j != i)
                    CHECK(relative(pi.rate(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)),
                                   p(static_cast<int>(i), static_cast<int>(j))) <= pi.error + rounded_saddle);
        }
        const Occupation seen = occupation(m, pi, 40, 1e-5);
        REQUIRE(seen.edges.size() == 41);
        double error = seen.below + seen.above;
        for (std::size_t k = 0; k < 40; ++k) {
            double expected = 0; // atoms at the clamp belong to the last bins
            for (std::size_t i = 0; i < 3; ++i)
                expected += share[i] *
                            ((k == 39 ? 1 : left_of(seen.edges[k + 1], i)) - (k == 0 ? 0 : left_of(seen.edges[k], i)));
            error += std::abs(seen.bins[k] - expected);
        }
        CHECK(error <= 2 * seen.error + rounded_saddle); // the error is half of it
    }
}

TEST_CASE("Stationary law: half the time in each of two symmetric wells, clipped and not")
{
    for (const double b : {0.7, 1.7}) {
        const Stationary pi = stationary({double_well(), lomax(), unit_diffusion(), b, 0.05}, 1e-6);
        CHECK(std::abs(pi.share[0] - 0.5) <= 0.5 * pi.error);
        CHECK(relative(pi.rate(0, 1), pi.rate(1, 0)) <= 2 * pi.error);
        CHECK(std::abs(pi.share[0] + pi.share[1] - 1) <= 4 * ulp);
    }
}

TEST_CASE("Stationary law: mirrored with the landscape and the noise")
{
    const Landscape f = wang2022();
    const Model m{f, make_noise("lomax", {1.2, 0.1, 0.7}), unit_diffusion(), 0.5, 1e-3};
    const Model mirrored{transformed(f, -1, 1), make_noise("lomax", {1.2, 0.1, 0.3}), unit_diffusion(), 0.5, 1e-3};
    const Stationary pi = stationary(m, 1e-5), reflected = stationary(mirrored, 1e-5);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(relative(pi.share[i], reflected.share[3 - i]) <= pi.error + reflected.error);
}

TEST_CASE("Whole line (section 6): π P = π at every node, relative to itself, with rates of 1e-9")
{
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.28, 1e-4};
    const Region all = line(m, 0.5);
    const Stationary pi = stationary(m, 1e-2);
    const Chain chain(m, all, pi.mesh);
    const Wells w = wells(m, chain);
    CHECK(w.rate.row(1).sum() < 1e-8);
    const Eigen::VectorXd rest = chain.generate_transposed(w.measure);
    const Eigen::VectorXd size = chain.carry(w.measure.cwiseAbs()).cwiseAbs() + w.measure.cwiseAbs();
    CHECK((rest.array() / size.array()).abs().maxCoeff() <= 1e-11); // a residual of the iterations, measured 1e-12
    CHECK(std::abs(w.measure.sum() - 1) <= 1e-12);
    for (Eigen::Index i = 0; i < chain.size(); ++i) CHECK(std::abs(w.settles.row(i).sum() - 1) <= 1e-9);
}

TEST_CASE("Whole line: rates between settled wells are those of first exits where exits settle")
{
    // Σ_j R_ij and R_ij / Σ_j R_ij differ from 1/E σ and the exit split by what turns back just after an exit: less
    // and less as η falls, 2 and 6 % here.
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.5, 1e-4};
    const Stationary pi = stationary(m, 1e-4);
    for (const std::size_t i : {1U, 3U}) {
        const ExitMoments exit = exit_moments(m, i, 1e-4);
        const double out = pi.rate.row(static_cast<Eigen::Index>(i)).sum();
        CHECK(relative(out * exit.mean, 1) <= 0.07);
        for (std::size_t j = 0; j < 4; ++j)
            if (j != i)
                CHECK(std::abs(pi.rate(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) / out -
                               exit.to[j]) <= 0.05);
    }
}

TEST_CASE("Stationary law: the reported error covers what the nodes of a mesh do not show")
{
    // Without a clamp -ηf' is many times the noise beyond the domain, and G_k has ripples there that a mesh may step
    // over. The shares are those to 1e-7, on 11,592 nodes, which errors of 2.5e-8 go with.
    const double finer[] = {0.0176773488, 0.846668996, 0.00215583982, 0.133497815};
    const Landscape f(model::builtin_potential("wang2022"), {-1.6, 1.6, false});
    const Stationary pi = stationary({f, lomax(), unit_diffusion(), 0.5, 1e-3}, 1e-5);
    for (std::size_t i = 0; i < 4; ++i) CHECK(relative(pi.share[i], finer[i]) <= pi.error);
}

namespace
{

/// The message of the NotConverged that the stationary law ends in; empty where there is one.
std::string refusal(const Model& m, double rtol, std::size_t nodes = most_nodes)
{
    try {
        stationary(m, rtol, nodes);
        return "";
    } catch (const NotConverged& problem) {
        return problem.what();
    }
}

}

TEST_CASE("Stationary law: there is none where unclipped jumps lead to steps that overshoot ever further")
{
    using Catch::Contains;
    const auto at = [](const Landscape& f, const model::Noise& noise, double b, double eta) {
        return Model{f, noise, unit_diffusion(), b, eta};
    };
    // f' = x³ - x: |x - ηf'(x)| = |x| at x² = 1 + 2/η. A Gaussian X is there once in e^{some thousands} steps.
    const double eta = 0.01, turns = std::sqrt(1 + 2 / eta);
    CHECK_THAT(refusal(at(double_well(), lomax(), infinity, eta), 1e-2),
               Contains("clip inf, learning rate 0.01") && Contains(fmt::format("x = {:.3g} steps", turns)) &&
                   Contains("set potential.clamp = true or dynamics.clip to a number"));
    CHECK(refusal(at(double_well(), lomax(), 0.7, eta), 1e-2).empty());
    CHECK(refusal(at(double_well(), make_noise("gaussian", {{}, 2}), infinity, 0.1), 1e-2).empty());
    // f' grows linearly: steps contract while η f'' < 2, here f'' = 1
    const Landscape linear = parabolas(1, {-2, 0.25, 3});
    CHECK(refusal(at(linear, make_noise("student_t", {2.5, 1}), infinity, 1.9), 1e-2).empty());
    CHECK_THAT(refusal(at(linear, make_noise("student_t", {2.5, 1}), infinity, 2.6), 1e-2), Contains("there is none"));
    // the paper's landscape: the steps were so long that the near field was singular
    const Landscape f(model::builtin_potential("wang2022"), {-1.6, 1.6, false});
    for (const double rate : {0.05, 0.001}) {
        const Model m = at(f, lomax(), infinity, rate);
        CHECK_THAT(refusal(m, 1e-2), Contains("there is none"));
        const Region all = line(m, margin_needed(m, 1, 1e-2));
        const Chain chain(m, all, first_mesh(m, all, panel_nodes));
        CHECK_THROWS_WITH(wells(m, chain), Contains(fmt::format("clip inf, learning rate {}", rate)));
    }
}

TEST_CASE("Stationary law: where the mesh cannot follow what f' does beyond the domain, the place is said")
{
    // The paper's f is |x - 1.65|^0.6 there, so that f' has a pole. Clipped steps go from beside it to 1.65 + b and, at
    // this η, back: 60,000 nodes are not enough, nor, here, 7,000.
    const Landscape f(model::builtin_potential("wang2022"), {-1.6, 1.6, false});
    const std::string text = refusal({f, lomax(), unit_diffusion(), 0.5, 0.01}, 1e-6, 7000);
    CHECK_THAT(text, Catch::Contains("clip 0.5, learning rate 0.01") && Catch::Contains("at x = 1.65") &&
                         Catch::Contains("set potential.clamp = true"));
}

TEST_CASE("Stationary law: shares for every clip sum to one, and a clip that no mesh carries is refused")
{
    CHECK_THROWS_AS(stationary({wang2022(), lomax(), unit_diffusion(), 0.005, 0.01}, 1e-4), NotConverged);
    const Stationary pi = stationary({wang2022(), lomax(), unit_diffusion(), infinity, 1e-3}, 1e-5);
    CHECK(std::abs(std::accumulate(pi.share.begin(), pi.share.end(), -1.0)) <= 8 * ulp);
    CHECK(pi.error <= 1e-5);
}

TEST_CASE("First passage (section 6): through a field that forgets its start, to the cores of the others")
{
    // T(x) = m_i on Ω_i, no clipping: from Ω_i X goes to m_i + ηZ, so that the fields, each without and within its
    // core, are a chain.
    const double eta = 0.05;
    const Landscape f = parabolas(1 / eta, {-2, 0.25, 3});
    const model::Noise noise = make_noise("lomax", {1.5, 3, 0.4});
    const Model m{Landscape(f.potential(), {-3.2, 4.1, true}), noise, unit_diffusion(), infinity, eta};
    const auto between = [&](std::size_t i, double lo, double hi) { // P(lo < m_i + ηZ < hi)
        return noise->lower_tail((hi - f.minima()[i]) / eta) - noise->lower_tail((lo - f.minima()[i]) / eta);
    };
    const auto core = f.core(2);
    const double far = 1e9;
    SECTION("a core that holds the clamp is entered by all that the clamp moves there")
    {
        const Model tight{Landscape(f.potential(), {-2.5, 3.4, true}), noise, unit_diffusion(), infinity, eta};
        REQUIRE(tight.landscape.core(0).lo < -2.5);
        REQUIRE(tight.landscape.core(2).hi > 3.4);
        const auto first = tight.landscape.core(0), last = tight.landscape.core(2);
        // from m_2: states Ω_1 and Ω_3 without their cores, and Ω_2
        Eigen::Matrix3d q;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto row = static_cast<int>(i);
            q(row, 0) = between(i, first.hi, f.saddles()[0]);
            q(row, 1) = between(i, f.saddles()[0], f.saddles()[1]);
            q(row, 2) = between(i, f.saddles()[1], last.lo);
        }
        const Eigen::Matrix3d visits = (Eigen::Matrix3d::Identity() - q).inverse();
        const ExitMoments left = passage_moments(tight, 1, {0, 2}, 1e-7);
        CHECK(relative(left.mean, visits.row(1).sum()) <= left.error + 10 * rounded_saddle);
        double to_first = 0;
        for (std::size_t i = 0; i < 3; ++i) to_first += visits(1, static_cast<int>(i)) * between(i, -far, first.hi);
        CHECK(std::abs(left.to[0] - to_first) <= left.to_error + 10 * rounded_saddle);
    }
    // from m_1 to the core of well 3, states Ω_1, Ω_2 and Ω_3 without it
    Eigen::Matrix3d p;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto row = static_cast<int>(i);
        p(row, 0) = between(i, -far, f.saddles()[0]);
        p(row, 1) = between(i, f.saddles()[0], f.saddles()[1]);
        p(row, 2) = between(i, f.saddles()[1], core.lo) + between(i, core.hi, far);
    }
    const Eigen::Vector3d mean = (Eigen::Matrix3d::Identity() - p).partialPivLu().solve(Eigen::Vector3d::Ones());
    const ExitMoments arrival = passage_moments(m, 0, {2}, 1e-7);
    CHECK(relative(arrival.mean, mean[0]) <= arrival.error + 10 * rounded_saddle);
    CHECK(std::abs(arrival.to[2] - 1) <= arrival.to_error);
    CHECK(arrival.to[0] + arrival.to[1] == 0);
    CHECK_THROWS_AS(passage_moments(m, 0, {}), BadInput);
    CHECK_THROWS_AS(passage_moments(m, 0, {0, 1}), BadInput);
}

TEST_CASE("First passage: between the large wells it takes as long as the chain on the wells says")
{
    // b = 0.5: the mean time from m_2 to the core of well 4 solves R u = -1 on the other wells, but for the time that
    // settling takes.
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.5, 1e-4};
    const Stationary pi = stationary(m, 1e-4);
    const ExitMoments arrival = passage_moments(m, 1, {3}, 1e-4);
    Eigen::Matrix3d generator = pi.rate.topLeftCorner(3, 3);
    for (Eigen::Index i = 0; i < 3; ++i) generator(i, i) = -pi.rate.row(i).sum();
    const Eigen::Vector3d u = generator.partialPivLu().solve(-Eigen::Vector3d::Ones());
    CHECK(relative(arrival.mean, u[1]) <= 0.01);
}
