#include "theory/hitting.hpp"

#include "cells.hpp"
#include "digits.hpp"
#include "limit_chain_random.hpp"
#include "model/error.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt::theory;

namespace
{

using Wells = std::vector<std::size_t>;

/// Rows and columns of the states that are in none of the sets.
std::vector<std::size_t> rest_of(std::size_t n, const Wells& a, const Wells& b)
{
    std::vector<std::size_t> rest;
    for (std::size_t i = 0; i < n; ++i)
        if (std::count(a.begin(), a.end(), i) + std::count(b.begin(), b.end(), i) == 0) rest.push_back(i);
    return rest;
}

/// -Q on some states, and the columns that lead from them into `a`, `b` and †, with 400 digits.
struct Outside {
    std::vector<std::size_t> rest;
    Wide matrix;
    Wide out;

    Outside(const LimitChain& chain, const Wells& a, const Wells& b)
    {
        const std::size_t n = chain.states.size();
        rest = rest_of(n, a, b);
        const Wide q = generator_of(chain);
        matrix = zeros(rest.size(), rest.size());
        out = zeros(rest.size(), 3);
        for (std::size_t i = 0; i < rest.size(); ++i) {
            for (std::size_t j = 0; j < rest.size(); ++j) matrix[i][j] = -q[rest[i]][rest[j]];
            for (const std::size_t j : a) out[i][0] += q[rest[i]][j];
            for (const std::size_t j : b) out[i][1] += q[rest[i]][j];
            out[i][2] = q[rest[i]][n];
        }
    }
};

}

TEST_CASE("Hitting probabilities and times: against 400 digits, relative, rates over 30 decades")
{
    std::mt19937_64 random(21);
    const double tolerance = 40 * ulp; // 5 eliminations of a few operations each; no subtraction
    for (int k = 0; k < 40; ++k) {
        const RandomWells what{.n = 5, .density = 0.6, .killed = k % 2 == 0};
        const LimitChain chain = chains_of(random_exits(what, random)).front();
        const Wells a{0}, b = k % 4 < 2 ? Wells{3} : Wells{};
        const Outside exact(chain, a, b);
        const Wide law = solve(exact.matrix, exact.out);
        const FirstHit hit = hits_first(chain, a, b);
        CHECK(hit.a[0] == 1);
        CHECK(hit.b[0] == 0);
        for (std::size_t i = 0; i < exact.rest.size(); ++i) {
            const std::size_t state = exact.rest[i];
            CHECK(relative(hit.a[state], law[i][0]) <= tolerance);
            if (b.empty())
                CHECK(hit.b[state] == 0);
            else
                CHECK(relative(hit.b[state], law[i][1]) <= tolerance);
            if (what.killed)
                CHECK(relative(hit.killed[state], law[i][2]) <= tolerance);
            else
                CHECK(hit.killed[state] == 0);
        }
        if (!b.empty()) continue;
        // E[T; T < ∞] solves (-Q) x = h
        Wide h = zeros(exact.rest.size(), 1);
        for (std::size_t i = 0; i < h.size(); ++i) h[i][0] = law[i][0];
        const Wide mean = solve(exact.matrix, h);
        const HittingTimes times = hitting_times(chain, a);
        for (std::size_t i = 0; i < h.size(); ++i) {
            const std::size_t state = exact.rest[i];
            CHECK(relative(times.probability[state], h[i][0]) <= tolerance);
            CHECK(relative(times.mean_if_hit[state], mean[i][0] / h[i][0]) <= 2 * tolerance); // h twice
            CHECK(std::isinf(times.mean[state]) == (hit.killed[state] > 0));
        }
    }
}

TEST_CASE("Occupation times are (-Q)^{-1}, and reaching is hitting before killing: against 400 digits")
{
    std::mt19937_64 random(22);
    for (int k = 0; k < 20; ++k) {
        const LimitChain chain = chains_of(random_exits({.n = 5, .density = 0.5, .killed = true}, random)).front();
        const Outside exact(chain, {}, {});
        Wide unit = zeros(5, 5);
        for (std::size_t i = 0; i < 5; ++i) unit[i][i] = 1;
        const Wide green = solve(exact.matrix, unit);
        const Eigen::MatrixXd times = occupation_times(chain), reach = reach_probabilities(chain);
        for (std::size_t i = 0; i < 5; ++i)
            for (std::size_t j = 0; j < 5; ++j) {
                const auto row = static_cast<Eigen::Index>(i), column = static_cast<Eigen::Index>(j);
                CHECK(relative(times(row, column), green[i][j]) <= 40 * ulp);
                const Digits back = 1 - 1 / (exact.matrix[i][i] * green[i][i]);
                CHECK(relative(reach(row, column), i == j ? back : green[i][j] / green[j][j]) <= 100 * ulp);
                if (i != j) CHECK(close(reach(row, column), hits_first(chain, {chain.states[j]}).a[i], 100));
            }
    }
}

TEST_CASE("Hitting: chains worked by hand")
{
    SECTION("Y leaves 1 for 2 at rate 3 and is killed at rate 1")
    {
        const LimitChain chain = chain_of({{0, 3}, {2, 0}}, {1, 0});
        const HittingTimes times = hitting_times(chain, {1});
        CHECK(close(times.probability[0], 0.75));
        CHECK(times.mean[0] == infinity);
        CHECK(close(times.mean_if_hit[0], 0.25)); // the first event comes at rate 4, whichever it is
        CHECK(times.mean[1] == 0);
        const Eigen::MatrixXd reach = reach_probabilities(chain), time = occupation_times(chain);
        CHECK(close(reach(0, 0), 0.75)); // to 2 and surely back
        CHECK(close(reach(1, 1), 0.75));
        CHECK(close(reach(1, 0), 1));
        CHECK(close(time(0, 0), 1)); // a geometric number of visits, 4 on average, of mean 1/4
        CHECK(close(time(0, 1), 1.5));
        CHECK(mean_holding_times(chain) == std::vector<double>{0.25, 0.5});
    }
    SECTION("a walk with unit rates, held back at its left end: n(n + 1)/2")
    {
        Rates q(11, std::vector<double>(11, 0.0));
        for (std::size_t i = 0; i < 10; ++i) q[i][i + 1] = q[i + 1][i] = 1;
        const HittingTimes times = hitting_times(chain_of(q), {10});
        CHECK(close(times.mean[0], 55));
        CHECK(close(times.mean[9], 10));
        CHECK(times.probability == std::vector<double>(11, 1.0));
    }
    SECTION("an absorbing class of one well")
    {
        const LimitChain alone = chain_of({{0}});
        CHECK(mean_holding_times(alone) == std::vector<double>{infinity});
        CHECK(reach_probabilities(alone)(0, 0) == 0);
        CHECK(occupation_times(alone)(0, 0) == infinity);
        CHECK(hits_first(alone, {0}).a == std::vector<double>{1});
        CHECK(hitting_times(alone, {0}).mean == std::vector<double>{0});
    }
    SECTION("a transient class of one well")
    {
        const LimitChain alone = chain_of({{0}}, {4});
        CHECK(mean_holding_times(alone) == std::vector<double>{0.25});
        CHECK(reach_probabilities(alone)(0, 0) == 0);
        CHECK(occupation_times(alone)(0, 0) == 0.25);
    }
    SECTION("an absorbing class of two: everything is reached, for ever")
    {
        const LimitChain pair = chain_of({{0, 2}, {1, 0}});
        CHECK(reach_probabilities(pair) == Eigen::MatrixXd::Ones(2, 2));
        CHECK(occupation_times(pair)(1, 0) == infinity);
    }
    SECTION("probabilities of 1e-300 keep their digits")
    {
        // 1 → 2 → 3 by two jumps of 1e-150, else killed at rate 1
        const LimitChain chain = chain_of({{0, 1e-150, 0}, {0, 0, 1e-150}, {1, 0, 0}}, {1, 1, 1});
        CHECK(close(hits_first(chain, {2}).a[0], 1e-300));
        CHECK(close(hitting_times(chain, {2}).mean_if_hit[0], 2)); // two exponential times of rate 1
    }
}

TEST_CASE("Hitting in a chain of 256 states: gambler's ruin")
{
    const std::size_t n = 256;
    Rates q(n, std::vector<double>(n, 0.0));
    for (std::size_t i = 0; i + 1 < n; ++i) q[i][i + 1] = q[i + 1][i] = 1;
    const LimitChain chain = chain_of(q);
    const FirstHit hit = hits_first(chain, {n - 1}, {0});
    for (std::size_t i = 0; i < n; ++i) CHECK(close(hit.a[i], static_cast<double>(i) / 255, 4 * 256));
    CHECK(close(hitting_times(chain, {n - 1}).mean[0], 255.0 * 256 / 2, 4 * 256));
}

TEST_CASE("Hitting: sets that make no question are refused")
{
    const auto chains = chains_of(exits_of({2, 1, 2}, {{0, 2, 0}, {1, 0, 3}, {0, 5, 0}}));
    CHECK_THROWS_AS(hits_first(chains[0], {}), exeunt::BadInput);
    CHECK_THROWS_AS(hits_first(chains[0], {1}), exeunt::BadInput); // a small well: no state
    CHECK_THROWS_AS(hits_first(chains[0], {0}, {7}), exeunt::BadInput);
    CHECK_THROWS_AS(hits_first(chains[0], {0, 2}, {2}), exeunt::BadInput);
    CHECK_THROWS_AS(hitting_times(chains[0], {}), exeunt::BadInput);
    CHECK(hits_first(chains[0], {0, 0}, {2}).a == std::vector<double>{1, 0}); // named twice is named
    // (-Q)^{-1} is 1e300 times 1e300
    CHECK_THROWS_AS(occupation_times(chain_of({{0, 1e-300}, {1e-300, 0}}, {0, 1e-320})), exeunt::NotConverged);
}
