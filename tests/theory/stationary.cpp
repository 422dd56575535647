// The chain on the whole line: its stationary law, the shares of time in the fields, the wells as a Markov chain.
#include "theory/stationary.hpp"

#include "cells.hpp"
#include "parabolas.hpp"
#include "theory/line.hpp"
#include "theory/oracle.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

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
        CHECK(error <= 2 * seen.error); // the error is half of it
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

TEST_CASE("Whole line (section 6): π P = π at every node, relative to itself, with rates of 1e-9 and less")
{
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.28, 1e-5};
    const Region all = line(m, 0.5);
    const Stationary pi = stationary(m, 1e-4);
    const Chain chain(m, all, pi.mesh);
    const Wells w = wells(m, chain);
    CHECK(w.rate.row(1).sum() < 1e-9);
    const Eigen::VectorXd rest = chain.generate_transposed(w.measure);
    const Eigen::VectorXd size = chain.carry(w.measure.cwiseAbs()).cwiseAbs() + w.measure.cwiseAbs();
    CHECK((rest.array() / size.array()).abs().maxCoeff() <= 1e-11); // a residual of the iterations, measured 1e-12
    CHECK(std::abs(w.measure.sum() - 1) <= 1e-12);
    for (Eigen::Index i = 0; i < chain.size(); ++i) CHECK(std::abs(w.settles.row(i).sum() - 1) <= 1e-9);
}

TEST_CASE("Whole line: rates between settled wells are those of first exits where exits settle")
{
    // From Ω_2 and Ω_4, b = 0.5: R_ij / Σ_j R_ij and Σ_j R_ij differ from exit split and 1/E σ by what turns back on
    // the way, a few per cent at this η.
    const Model m{wang2022(), lomax(), unit_diffusion(), 0.5, 1e-4};
    const Stationary pi = stationary(m, 1e-4);
    for (const std::size_t i : {1U, 3U}) {
        const ExitMoments exit = exit_moments(m, i, 1e-4);
        const double out = pi.rate.row(static_cast<Eigen::Index>(i)).sum();
        CHECK(relative(out * exit.mean, 1) <= 0.05);
        for (std::size_t j = 0; j < 4; ++j)
            if (j != i)
                CHECK(std::abs(pi.rate(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) / out -
                               exit.to[j]) <= 0.05);
    }
}

TEST_CASE("Stationary law: shares for every clip sum to one, and a clip that no mesh carries is refused")
{
    CHECK_THROWS_AS(stationary({wang2022(), lomax(), unit_diffusion(), 0.005, 0.01}, 1e-4), NotConverged);
    const Stationary pi = stationary({wang2022(), lomax(), unit_diffusion(), infinity, 1e-3}, 1e-5);
    CHECK(std::abs(std::accumulate(pi.share.begin(), pi.share.end(), -1.0)) <= 8 * ulp);
    CHECK(pi.error <= 1e-5);
}
