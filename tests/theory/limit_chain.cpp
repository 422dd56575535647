#include "theory/limit_chain.hpp"

#include "cells.hpp"
#include "limit_chain_random.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt::theory;

namespace
{

std::vector<std::pair<std::size_t, std::size_t>> pairs(const TransitionGraph& graph)
{
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    for (const auto& e : graph.edges) edges.emplace_back(e.from, e.to);
    return edges;
}

/// What must hold for any chain: rows of Q with killing sum to 0, π Q = 0, laws sum to 1.
void check_identities(const LimitChain& chain)
{
    const Eigen::Index n = chain.generator.rows();
    REQUIRE(chain.states.size() == static_cast<std::size_t>(n));
    for (Eigen::Index i = 0; i < n; ++i) {
        const double killing = chain.killing[static_cast<std::size_t>(i)];
        double rate = killing;
        for (Eigen::Index j = 0; j < n; ++j) {
            if (j != i) rate += chain.generator(i, j);
            if (j != i) CHECK(chain.generator(i, j) >= 0);
        }
        // summed in another order: n/2 rounding errors of a total
        CHECK(std::abs(rate + chain.generator(i, i)) <= std::max(1e-15, 0.5 * static_cast<double>(n) * ulp) * rate);
    }
    if (!chain.stationary.empty()) {
        double sum = 0;
        for (const double p : chain.stationary) sum += p;
        CHECK(close(sum, 1, 4 * static_cast<double>(n)));
        for (Eigen::Index j = 0; j < n; ++j) {
            double inflow = 0;
            for (Eigen::Index i = 0; i < n; ++i)
                if (i != j) inflow += chain.stationary[static_cast<std::size_t>(i)] * chain.generator(i, j);
            const double outflow = -chain.stationary[static_cast<std::size_t>(j)] * chain.generator(j, j);
            CHECK(close(inflow, outflow,
                        64 * static_cast<double>(n))); // both n terms, π itself to a few n rounding errors
        }
    }
    for (const Entrance& e : chain.entrance) {
        double sum = e.killed;
        for (const double p : e.law) sum += p;
        CHECK(close(sum, 1, 16 * static_cast<double>(chain.entrance.size())));
    }
}

}

TEST_CASE("Transition graph of wang2022, b = 0.5 (section 8): irreducible, M^large = {2, 4}")
{
    const auto exits = exits_of(wang2022(), 0.5);
    const TransitionGraph graph = transition_graph(exits);
    CHECK(pairs(graph) ==
          std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {1, 0}, {1, 2}, {2, 1}, {2, 3}, {3, 2}});
    REQUIRE(graph.classes.size() == 1);
    CHECK(graph.classes[0].wells == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(graph.classes[0].absorbing);
    CHECK(graph.classes[0].largest_order == 2);
    CHECK(graph.classes[0].largest == std::vector<std::size_t>{1, 3});

    const LimitChain chain = limit_chain(exits, graph.classes[0]);
    check_identities(chain);
    CHECK(chain.states == std::vector<std::size_t>{1, 3});
    const double to_4 = exits[2].to[3] / exits[2].total(), to_2 = exits[2].to[1] / exits[2].total();
    CHECK(close(chain.generator(0, 1), exits[1].to[2] * to_4)); // by way of m_1 it only comes back
    CHECK(close(chain.generator(1, 0), exits[3].to[2] * to_2));
    CHECK(chain.killing == std::vector<double>{0, 0});
    CHECK(close(chain.stationary[0] * chain.generator(0, 1), chain.stationary[1] * chain.generator(1, 0)));
    REQUIRE(chain.entrance.size() == 4);
    CHECK(chain.entrance[0].law == std::vector<double>{1, 0});
    CHECK(chain.entrance[1].law == std::vector<double>{1, 0});
    CHECK(close(chain.entrance[2].law[0], to_2));
    CHECK(close(chain.entrance[2].law[1], to_4));
    CHECK(chain.entrance[3].law == std::vector<double>{0, 1});
}

TEST_CASE("Transition graph of wang2022, b = 0.4 (section 8): {1, 2} absorbing, {3, 4} transient and killed")
{
    const auto exits = exits_of(wang2022(), 0.4);
    const TransitionGraph graph = transition_graph(exits);
    REQUIRE(graph.classes.size() == 2);
    CHECK(graph.classes[0].wells == std::vector<std::size_t>{0, 1});
    CHECK(graph.classes[0].absorbing);
    CHECK(graph.classes[0].largest == std::vector<std::size_t>{1});
    CHECK(graph.classes[1].wells == std::vector<std::size_t>{2, 3});
    CHECK_FALSE(graph.classes[1].absorbing);
    CHECK(graph.classes[1].largest == std::vector<std::size_t>{3});

    const LimitChain settled = limit_chain(exits, graph.classes[0]), killed = limit_chain(exits, graph.classes[1]);
    check_identities(settled);
    check_identities(killed);
    CHECK(settled.generator(0, 0) == 0);
    CHECK(settled.killing == std::vector<double>{0});
    CHECK(settled.stationary == std::vector<double>{1});
    const double away = exits[2].to[1] / exits[2].total(); // from m_3 to m_2, out of the class
    CHECK(close(killed.killing[0], exits[3].to[2] * away));
    CHECK(killed.generator(0, 0) == -killed.killing[0]);
    CHECK(killed.stationary.empty());
    CHECK(close(killed.entrance[0].killed, away)); // started in a small minimum it may leave at once
    CHECK(close(killed.entrance[0].law[0], 1 - away));
    CHECK(killed.entrance[1].killed == 0);
    CHECK(killed.entrance[1].law == std::vector<double>{1});
}

TEST_CASE("Without clipping the limit chain visits every minimum, with Q = q (section 5)")
{
    const auto exits = exits_of(wang2022(), infinity);
    const auto chains = chains_of(exits);
    REQUIRE(chains.size() == 1);
    check_identities(chains[0]);
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j)
            if (i != j)
                CHECK(chains[0].generator(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) ==
                      exits[i].to[j]);
}

TEST_CASE("Limit chain (section 4): three and four wells worked by hand")
{
    SECTION("one small well between two large ones")
    {
        // θ(2, ·) = (1/4, 3/4); Q_13 = 2 · 3/4, Q_31 = 5 · 1/4; π ∝ (5/4, 3/2). The return 2 · 1/4 is no event.
        const auto chains = chains_of(exits_of({2, 1, 2}, {{0, 2, 0}, {1, 0, 3}, {0, 5, 0}}));
        REQUIRE(chains.size() == 1);
        CHECK(close(chains[0].generator(0, 1), 3.0 / 2));
        CHECK(close(chains[0].generator(0, 0), -3.0 / 2));
        CHECK(close(chains[0].generator(1, 0), 5.0 / 4));
        CHECK(close(chains[0].stationary[0], 5.0 / 11));
        CHECK(close(chains[0].entrance[1].law[1], 3.0 / 4));
    }
    SECTION("two small wells that lead to each other")
    {
        // θ(2,1) = 1/4 + 3/4 θ(3,1), θ(3,1) = 1/2 θ(2,1): 2/5 and 1/5. Q_14 = 2 · 3/5 + 1 · 4/5, Q_41 = 4 · 1/5.
        const auto chains = chains_of(exits_of({2, 1, 1, 2}, {{0, 2, 1, 0}, {1, 0, 3, 0}, {0, 1, 0, 1}, {0, 0, 4, 0}}));
        REQUIRE(chains.size() == 1);
        check_identities(chains[0]);
        CHECK(close(chains[0].entrance[1].law[0], 2.0 / 5));
        CHECK(close(chains[0].entrance[2].law[0], 1.0 / 5));
        CHECK(close(chains[0].entrance[2].law[1], 4.0 / 5));
        CHECK(close(chains[0].generator(0, 1), 2));
        CHECK(close(chains[0].generator(1, 0), 4.0 / 5));
        CHECK(close(chains[0].stationary[0], 2.0 / 7));
        CHECK(close(chains[0].stationary[1], 5.0 / 7));
    }
    SECTION("killed on leaving the class, which it may do from a small well")
    {
        // θ(2,1) = 1/3 + 2/3 θ(3,1), θ(3,1) = 3/4 θ(2,1): 2/3 and 1/2. κ_1 = 6 · 1/3 + 1. Well 4 has no exit at all.
        const auto exits = exits_of({3, 1, 2, 1}, {{0, 6, 0, 1}, {1, 0, 2, 0}, {0, 3, 0, 1}, {0, 0, 0, 0}});
        const TransitionGraph graph = transition_graph(exits);
        REQUIRE(graph.classes.size() == 2);
        CHECK_FALSE(graph.classes[0].absorbing);
        CHECK(graph.classes[0].largest_order == 3);
        CHECK(graph.classes[1].absorbing);
        const LimitChain killed = limit_chain(exits, graph.classes[0]), alone = limit_chain(exits, graph.classes[1]);
        CHECK(close(killed.killing[0], 3));
        CHECK(close(killed.generator(0, 0), -3));
        CHECK(close(killed.entrance[1].law[0], 2.0 / 3));
        CHECK(close(killed.entrance[1].killed, 1.0 / 3));
        CHECK(close(killed.entrance[2].killed, 1.0 / 2));
        CHECK(alone.states == std::vector<std::size_t>{3});
        CHECK(alone.generator(0, 0) == 0);
        CHECK(alone.killing == std::vector<double>{0});
        CHECK(alone.stationary == std::vector<double>{1});
        CHECK(alone.entrance[0].law == std::vector<double>{1});
    }
    SECTION("a transient well on its own")
    {
        const auto chains = chains_of(exits_of({2, 1}, {{0, 7}, {0, 0}}));
        REQUIRE(chains.size() == 2);
        CHECK(chains[0].generator(0, 0) == -7);
        CHECK(chains[0].killing == std::vector<double>{7});
        CHECK(chains[0].stationary.empty());
    }
}

TEST_CASE("Transition graph: classes are the strongly connected components, also where they interleave")
{
    // 0 ↔ 2, 1 ↔ 3, 0 → 1, 4 → 3
    const TransitionGraph graph = transition_graph(exits_of(
        {1, 1, 1, 1, 1}, {{0, 1, 1, 0, 0}, {0, 0, 0, 1, 0}, {1, 0, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 1, 0}}));
    REQUIRE(graph.classes.size() == 3);
    CHECK(graph.classes[0].wells == std::vector<std::size_t>{0, 2});
    CHECK_FALSE(graph.classes[0].absorbing);
    CHECK(graph.classes[1].wells == std::vector<std::size_t>{1, 3});
    CHECK(graph.classes[1].absorbing);
    CHECK(graph.classes[2].wells == std::vector<std::size_t>{4});
    CHECK_FALSE(graph.classes[2].absorbing);
    // a cycle 0 → 1 → 2 → 0 reaches all only by a path
    CHECK(transition_graph(exits_of({1, 1, 1}, {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}})).classes.size() == 1);
}

TEST_CASE("Limit chain: probabilities of 1e-300 keep their relative accuracy")
{
    SECTION("two rare jumps in a row")
    {
        // θ(2,4) = 1e-150 θ(3,4), θ(3,4) = 1e-150, each up to a factor 1 + 1e-150
        const auto chains =
            chains_of(exits_of({2, 1, 1, 2}, {{0, 3, 0, 0}, {1, 0, 1e-150, 0}, {0, 1, 0, 1e-150}, {0, 0, 1, 0}}));
        CHECK(close(chains[0].entrance[1].law[1], 1e-300));
        CHECK(close(chains[0].entrance[2].law[1], 1e-150));
        CHECK(close(chains[0].generator(0, 1), 3e-300));
        CHECK(close(chains[0].stationary[1], 3e-300)); // the way back has rate 1
    }
    SECTION("rare exits from a pair of small wells")
    {
        // 2 and 3 lead to each other but for 1e-300 and 2e-300: of the way out a third goes left. 1 - (1 - 1e-300) is
        // 0.
        const auto chains =
            chains_of(exits_of({2, 1, 1, 2}, {{0, 3, 0, 0}, {1e-300, 0, 1, 0}, {0, 1, 0, 2e-300}, {0, 0, 1, 0}}));
        CHECK(close(chains[0].entrance[1].law[0], 1.0 / 3));
        CHECK(close(chains[0].entrance[2].law[1], 2.0 / 3));
        CHECK(close(chains[0].generator(0, 1), 2));
        check_identities(chains[0]);
    }
    SECTION("rates that differ by 1e300 between large wells")
    {
        const auto chains = chains_of(exits_of({1, 1, 1}, {{0, 1e-300, 0}, {1, 0, 1e-300}, {0, 1, 0}}));
        CHECK(close(chains[0].stationary[0], 1));
        CHECK(close(chains[0].stationary[1], 1e-300));
    }
    SECTION("beyond the range of a double: refused")
    {
        // 3 leads to 2 and back, and only by two jumps of 1e-200 in a row, through 1, to 4
        const auto exits = exits_of({1, 1, 1, 2}, {{0, 0, 1, 1e-200}, {0, 0, 1, 0}, {1e-200, 1, 0, 0}, {0, 0, 1, 0}});
        CHECK_THROWS_AS(chains_of(exits), exeunt::NotConverged);
    }
}

TEST_CASE("Limit chain of random landscapes: θ solves its equations, Q is made of it, π Q = 0")
{
    std::mt19937_64 random(4);
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    for (const std::size_t n : {5U, 17U, 60U}) {
        Rates q(n, std::vector<double>(n, 0.0));
        std::vector<int> order(n);
        for (std::size_t i = 0; i < n; ++i) {
            order[i] = 1 + static_cast<int>(random() % 3);
            for (std::size_t j = 0; j < n; ++j)
                if (i != j && (uniform() < 0.3 || j + 1 == i || j == i + 1)) q[i][j] = std::pow(10, 12 * uniform() - 6);
        }
        const auto exits = exits_of(order, q);
        const TransitionGraph graph = transition_graph(exits);
        REQUIRE(graph.classes.size() == 1);
        const LimitChain chain = limit_chain(exits, graph.classes[0]);
        check_identities(chain);
        for (std::size_t j = 0; j < chain.states.size(); ++j)
            for (std::size_t k = 0; k < n; ++k) {
                double sum = 0;
                for (std::size_t l = 0; l < n; ++l) sum += q[k][l] * chain.entrance[l].law[j];
                if (order[k] != graph.classes[0].largest_order)
                    CHECK(close(sum / exits[k].total(), chain.entrance[k].law[j], 64.0 * static_cast<double>(n)));
                else if (k != chain.states[j]) {
                    const auto i = std::find(chain.states.begin(), chain.states.end(), k) - chain.states.begin();
                    CHECK(close(sum, chain.generator(i, static_cast<Eigen::Index>(j)), 64.0 * static_cast<double>(n)));
                }
            }
    }
}

TEST_CASE("Limit chain of 256 wells in a row: gambler's ruin")
{
    // Unit rates to both neighbours; large are the ends. θ(k, 256) = (k - 1)/255 and Q_{1,256} = 1/255.
    const std::size_t n = 256;
    Rates q(n, std::vector<double>(n, 0.0));
    std::vector<int> order(n, 1);
    order.front() = order.back() = 2;
    for (std::size_t i = 0; i + 1 < n; ++i) q[i][i + 1] = q[i + 1][i] = 1;
    const auto chains = chains_of(exits_of(order, q));
    REQUIRE(chains.size() == 1);
    CHECK(close(chains[0].generator(0, 1), 1.0 / 255, 4 * 256)); // 256 eliminations, four operations each
    for (std::size_t k = 1; k < n; ++k)
        CHECK(close(chains[0].entrance[k].law[1], static_cast<double>(k) / 255, 4 * 256));
}
