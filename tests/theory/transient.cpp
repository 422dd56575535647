#include "theory/transient.hpp"

#include "cells.hpp"
#include "digits.hpp"
#include "limit_chain_random.hpp"
#include "model/error.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt::theory;

namespace
{

/// exp(tQ) with † as a last state, by Taylor's series and squaring with 400 digits: no trick of transient.cpp.
Wide exact_exponential(const LimitChain& chain, double t)
{
    const std::size_t n = chain.states.size();
    Wide step = generator_of(chain);
    int halvings = 40;
    for (std::size_t i = 0; i < n; ++i)
        if (step[i][i] != 0) halvings = std::max(halvings, 40 + static_cast<int>(ilogb(step[i][i])) + std::ilogb(t));
    for (auto& row : step)
        for (Digits& entry : row) entry *= Digits(t) * pow(Digits(0.5), halvings);
    Wide power = zeros(n + 1, n + 1), sum = power;
    for (std::size_t i = 0; i <= n; ++i) power[i][i] = sum[i][i] = 1;
    for (int m = 1; m <= 30; ++m) { // (2^-38)^30
        power = product(power, step);
        for (std::size_t i = 0; i <= n; ++i)
            for (std::size_t j = 0; j <= n; ++j) sum[i][j] += power[i][j] /= m;
    }
    for (int k = 0; k < halvings; ++k) sum = product(sum, sum);
    return sum;
}

/// The worst relative error of a transition matrix, entries below 1e-270 left out.
double worst(const TransitionMatrix& found, const Wide& expected)
{
    double largest = 0;
    const auto n = found.killed.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double p = found.at(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
            if (expected[i][j] > 1e-270) largest = std::max(largest, relative(p, expected[i][j]));
        }
        if (expected[i][n] > 1e-270) largest = std::max(largest, relative(found.killed[i], expected[i][n]));
    }
    return largest;
}

}

TEST_CASE("Transient law (section 4): every entry of exp(tQ) against 400 digits, rates over 30 decades, t over 50")
{
    std::mt19937_64 random(11);
    for (int k = 0; k < 24; ++k) {
        const RandomWells what{.n = 2 + static_cast<std::size_t>(k % 4), .density = 0.6, .killed = k % 2 == 0};
        const LimitChain chain = chains_of(random_exits(what, random)).front();
        for (const double t : {1e-10, 0.3, 40.0, 1e4, 1e12, 1e25}) {
            const Wide expected = exact_exponential(chain, t);
            const TransitionMatrix found = transition_matrix(chain, t);
            INFO(k << " t " << t);
            const double error = worst(found, expected);
            CHECK(error <= found.error);
            for (std::size_t i = 0; i < chain.states.size(); ++i) {
                const TransientLaw law = transient_law(chain, chain.states[i], t);
                for (std::size_t j = 0; j < chain.states.size(); ++j)
                    if (expected[i][j] > 1e-270) CHECK(relative(law.at[j], expected[i][j]) <= law.error);
                if (expected[i].back() > 1e-270) CHECK(relative(law.killed, expected[i].back()) <= law.error);
            }
        }
    }
}

TEST_CASE("Transient law: two states in closed form at every time, -expm1(-(a + b)t) a/(a + b)")
{
    for (const double back : {1.0, 3e-7, 1e-200}) {
        const LimitChain chain = chain_of({{0, 2}, {back, 0}});
        for (const double t : {0.0, 1e-250, 1e-9, 0.5, 3.0, 100.0, 130.0, 1e9, 1e12, 1e300}) {
            const TransitionMatrix p = transition_matrix(chain, t);
            const double gone = -std::expm1(-(2 + back) * t) / (2 + back);
            CHECK(std::abs(p.at(0, 1) - 2 * gone) <= (p.error + 4 * ulp) * 2 * gone);
            if (back * gone > 1e-280) CHECK(std::abs(p.at(1, 0) - back * gone) <= (p.error + 4 * ulp) * back * gone);
            CHECK(p.error <= 1e-12);
            CHECK(std::abs(p.at.row(0).sum() - 1) <= 4 * ulp);
            CHECK(p.killed == std::vector<double>{0, 0});
        }
    }
}

namespace
{

/// Ehrenfest's urn: balls go up at rate 1 and down at rate 3. The state is how many are up.
LimitChain urn(std::size_t balls)
{
    Rates q(balls + 1, std::vector<double>(balls + 1, 0.0));
    for (std::size_t j = 0; j < balls; ++j) {
        q[j][j + 1] = static_cast<double>(balls - j);
        q[j + 1][j] = 3 * static_cast<double>(j + 1);
    }
    return chain_of(q);
}

/// Started with none up: the binomial law of p(t) = (1 - e^{-4t})/4.
double log_urn_law(std::size_t balls, std::size_t j, double t)
{
    const double up = -std::expm1(-4 * t) / 4, down = (3 + std::exp(-4 * t)) / 4;
    const auto n = static_cast<double>(balls), k = static_cast<double>(j);
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(up) +
           (n - k) * std::log(down);
}

constexpr double rounding_of_log = 4e-12; // lgamma and k log p are numbers up to 2000 with a few rounding errors each

}

TEST_CASE("Transient law of 256 states that differ only in who is up: Ehrenfest's urn, entries down to 1e-270")
{
    const LimitChain chain = urn(255);
    for (const double t : {1e-4, 0.05, 0.4, 3.0, 1e4}) { // by vectors and by squaring; the last two have settled
        const TransientLaw law = transient_law(chain, std::size_t{0}, t);
        for (std::size_t j = 0; j < 256; ++j) {
            const double log_p = log_urn_law(255, j, t);
            if (log_p < std::log(1e-270)) continue;
            INFO(t << " " << j);
            CHECK(std::abs(law.at[j] - std::exp(log_p)) <= (law.error + rounding_of_log) * std::exp(log_p));
        }
        CHECK(law.error <= 1e-11);
    }
}

TEST_CASE("Transition matrix at short times: what only a path of 60 jumps reaches, 1e-260, has all its digits")
{
    const LimitChain chain = urn(60);
    for (const double t : {5e-5, 1e-3, 0.02}) {
        const TransitionMatrix p = transition_matrix(chain, t);
        for (std::size_t j = 0; j <= 60; ++j) {
            const double expected = std::exp(log_urn_law(60, j, t));
            CHECK(std::abs(p.at(0, static_cast<Eigen::Index>(j)) - expected) <= (p.error + rounding_of_log) * expected);
        }
        CHECK(p.error <= 1e-12);
    }
}

TEST_CASE("Transient law: exp((s + t)Q) = exp(sQ) exp(tQ), a law and a matrix agree, mass is kept")
{
    std::mt19937_64 random(12);
    for (const bool killed : {false, true}) {
        const LimitChain chain =
            chains_of(random_exits({.n = 30, .decades = 8, .density = 0.2, .killed = killed}, random)).front();
        const double unit = -1 / chain.generator.diagonal().minCoeff();
        for (const double t : {0.1 * unit, 30 * unit, 1e5 * unit}) {
            const TransitionMatrix s = transition_matrix(chain, 2.5 * t), p = transition_matrix(chain, t),
                                   both = transition_matrix(chain, 3.5 * t);
            const Eigen::MatrixXd product = s.at * p.at;
            const double error = s.error + p.error + both.error;
            CHECK(((product - both.at).array().abs() <= error * both.at.array()).all());
            for (Eigen::Index i = 0; i < 30; ++i) {
                const auto well = static_cast<std::size_t>(i);
                CHECK(std::abs(p.at.row(i).sum() + p.killed[well] - 1) <= 60 * ulp); // 30 terms, a law to rounding
                const TransientLaw law = transient_law(chain, well, t);
                for (Eigen::Index j = 0; j < 30; ++j)
                    CHECK(std::abs(law.at[static_cast<std::size_t>(j)] - p.at(i, j)) <=
                          (law.error + p.error) * p.at(i, j));
                CHECK(std::abs(law.killed - p.killed[well]) <= (law.error + p.error) * p.killed[well]);
                CHECK((p.killed[well] > 0) == killed);
            }
        }
    }
}

TEST_CASE("Transient law: killing alone, and from a small well that may leave at once (section 4)")
{
    // θ(2, 1) = 2/3, killed at once 1/3; κ_1 = 3: see the chain worked by hand in limit_chain.cpp
    const auto exits = exits_of({3, 1, 2, 1}, {{0, 6, 0, 1}, {1, 0, 2, 0}, {0, 3, 0, 1}, {0, 0, 0, 0}});
    const LimitChain chain = chains_of(exits)[0];
    for (const double t : {0.0, 1e-12, 0.2, 20.0, 200.0}) {
        const TransientLaw large = transient_law(chain, std::size_t{0}, t),
                           small = transient_law(chain, std::size_t{1}, t);
        const double stays = std::exp(-3 * t), gone = -std::expm1(-3 * t);
        CHECK(std::abs(large.at[0] - stays) <= (large.error + 600 * ulp) * stays); // u × 3t from the rate itself
        CHECK(std::abs(large.killed - gone) <= (large.error + 4 * ulp) * gone);
        CHECK(std::abs(small.at[0] - 2 * stays / 3) <= (small.error + 600 * ulp) * stays);
        CHECK(std::abs(small.killed - (1 + 2 * gone) / 3) <= (small.error + 4 * ulp));
    }
    const LimitChain alone = chains_of(exits)[1]; // an absorbing class of one well: it stays
    const TransientLaw law = transient_law(alone, std::size_t{3}, 1e12);
    CHECK(law.at == std::vector<double>{1});
    CHECK(law.killed == 0);
    CHECK(transition_matrix(alone, 5).at(0, 0) == 1);
}

TEST_CASE("Transient law: a time or a start that is none is refused")
{
    const LimitChain chain = chain_of({{0, 2}, {1, 0}});
    const std::vector<double> start{0.5, 0.5};
    CHECK_THROWS_AS(transition_matrix(chain, -1), exeunt::BadInput);
    CHECK_THROWS_AS(transient_law(chain, start, infinity), exeunt::BadInput);
    CHECK_THROWS_AS(transient_law(chain, start, std::nan("")), exeunt::BadInput);
    CHECK_THROWS_AS(transient_law(chain, std::vector<double>{1.0}, 1), exeunt::BadInput);
    CHECK_THROWS_AS(transient_law(chain, std::vector<double>{1.5, -0.5}, 1), exeunt::BadInput);
    CHECK_THROWS_AS(transient_law(chain, std::vector<double>{1.0, infinity}, 1), exeunt::BadInput);
    CHECK_THROWS_AS(transient_law(chain, std::size_t{7}, 1), exeunt::BadInput);
    const TransientLaw none = transient_law(chain, std::vector<double>{0, 0}, 1);
    CHECK(none.at == std::vector<double>{0, 0});
    CHECK(transient_law(chain, start, 0).at == start);
}
