#include "theory/absorption.hpp"

#include "cells.hpp"
#include "limit_chain_random.hpp"
#include "theory/hitting.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt::theory;

namespace
{

/// The law of the first well outside a transient class must be that of its limit chain: entered at θ(k, ·), killed at
/// `rate` after a time (-Q)^{-1} in each state, or gone from a small well before it meets a state.
void check_against_chain(const std::vector<ExitConstants>& exits, const Class& members)
{
    const LimitChain chain = limit_chain(exits, members);
    const Destinations go = destinations(exits, members);
    const Eigen::MatrixXd from_state = occupation_times(chain) * go.rate;
    const auto wells = static_cast<double>(exits.size());
    for (Eigen::Index i = 0; i < go.rate.rows(); ++i)
        CHECK(close(go.rate.row(i).sum(), chain.killing[static_cast<std::size_t>(i)], 16 * wells));
    for (std::size_t k = 0; k < members.wells.size(); ++k) {
        const Eigen::Map<const Eigen::RowVectorXd> theta(chain.entrance[k].law.data(),
                                                         static_cast<Eigen::Index>(chain.entrance[k].law.size()));
        const Eigen::RowVectorXd via_states = theta * from_state;
        const auto row = go.law.row(static_cast<Eigen::Index>(k));
        CHECK(close(row.sum(), 1, 16 * wells));
        CHECK(std::abs(row.sum() - via_states.sum() - chain.entrance[k].killed) <= 64 * wells * ulp);
        for (Eigen::Index l = 0; l < row.size(); ++l) {
            CHECK(via_states[l] <= row[l] * (1 + 64 * wells * ulp));
            if (exits[members.wells[k]].order == members.largest_order) CHECK(close(via_states[l], row[l], 64 * wells));
        }
    }
}

}

TEST_CASE("wang2022 at b = 0.4 (section 4): from {3, 4} X ends in {1, 2}, entered at m_2")
{
    const auto exits = exits_of(wang2022(), 0.4);
    const TransitionGraph graph = transition_graph(exits);
    const Absorption end = absorption(exits, graph);
    CHECK(end.classes == std::vector<std::size_t>{0});
    REQUIRE(end.probability.rows() == 4);
    for (Eigen::Index k = 0; k < 4; ++k) CHECK(close(end.probability(k, 0), 1));
    const Destinations go = destinations(exits, graph.classes[1]);
    CHECK(go.wells == std::vector<std::size_t>{1});
    CHECK(close(go.law(0, 0), 1));
    CHECK(close(go.law(1, 0), 1));
    CHECK(close(go.rate(0, 0), limit_chain(exits, graph.classes[1]).killing[0]));
    CHECK(destinations(exits, graph.classes[0]).wells.empty());
    check_against_chain(exits, graph.classes[1]);
}

TEST_CASE("wang2022 at b = 0.5: one class, in which X ends wherever it starts")
{
    const auto exits = exits_of(wang2022(), 0.5);
    const Absorption end = absorption(exits, transition_graph(exits));
    CHECK(end.probability == Eigen::MatrixXd::Ones(4, 1));
}

TEST_CASE("Absorption (section 4): a chain of transient classes worked by hand")
{
    // 1 absorbs. 2 leads to 1 and 3. 3 and 4 lead to each other, 3 also to 5 and 4 to 6, which absorb. From 3:
    // P(5) = 1/2 + 1/2 · 1/4 P(5) = 4/7; from 4 a quarter of it. The orders, and so the time scales, do not matter.
    const Rates q{{0, 0, 0, 0, 0, 0}, {1, 0, 3, 0, 0, 0}, {0, 0, 0, 2, 2, 0},
                  {0, 0, 1, 0, 0, 3}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}};
    for (const auto& order : {std::vector<int>{1, 3, 2, 1, 2, 1}, {4, 1, 1, 3, 1, 5}, {1, 1, 1, 1, 1, 1}}) {
        const auto exits = exits_of(order, q);
        const TransitionGraph graph = transition_graph(exits);
        REQUIRE(graph.classes.size() == 5);
        const Absorption end = absorption(exits, graph);
        CHECK(end.classes == std::vector<std::size_t>{0, 3, 4});
        const auto expect = [&](Eigen::Index well, double in_1, double in_5, double in_6) {
            CHECK(close(end.probability(well, 0), in_1));
            CHECK(close(end.probability(well, 1), in_5));
            CHECK(close(end.probability(well, 2), in_6));
        };
        expect(0, 1, 0, 0);
        expect(1, 1.0 / 4, 3.0 / 7, 9.0 / 28);
        expect(2, 0, 4.0 / 7, 3.0 / 7);
        expect(3, 0, 1.0 / 7, 6.0 / 7);
        expect(4, 0, 1, 0);

        const Destinations from_2 = destinations(exits, graph.classes[1]),
                           from_3 = destinations(exits, graph.classes[2]);
        CHECK(from_2.wells == std::vector<std::size_t>{0, 2});
        CHECK(close(from_2.rate(0, 0), 1));
        CHECK(close(from_2.rate(0, 1), 3));
        CHECK(from_3.wells == std::vector<std::size_t>{4, 5});
        CHECK(close(from_3.law(0, 0), 4.0 / 7));
        CHECK(close(from_3.law(1, 1), 6.0 / 7));
        for (const Class& members : graph.classes)
            if (!members.absorbing) check_against_chain(exits, members);
    }
    // 3 large, 4 small: κ_3 = 2 + 2 · 3/4; of that 2 into 5 and 3/2 into 6
    const auto exits = exits_of({1, 1, 2, 1, 1, 1}, q);
    const Destinations go = destinations(exits, transition_graph(exits).classes[2]);
    CHECK(close(go.rate(0, 0), 2));
    CHECK(close(go.rate(0, 1), 1.5));
}

TEST_CASE("Absorption: a chance of 1e-200 keeps its digits")
{
    const auto exits = exits_of({1, 1, 1, 1}, {{0, 0, 0, 0}, {1, 0, 1e-100, 0}, {0, 1, 0, 1e-100}, {0, 0, 0, 0}});
    const Absorption end = absorption(exits, transition_graph(exits));
    CHECK(close(end.probability(1, 1), 1e-200));
    CHECK(close(end.probability(2, 1), 1e-100));
}

TEST_CASE("Absorption: a class counts with all its wells, wide or sharp, first entered or not")
{
    // 2 leads to the sharp wells 1 and 3 of the absorbing classes {1, 5} and {3, 4}
    const auto exits = exits_of({1, 2, 1, 3, 2},
                                {{0, 0, 0, 0, 7}, {1, 0, 3, 0, 0}, {0, 0, 0, 2, 0}, {0, 0, 5, 0, 0}, {1, 0, 0, 0, 0}});
    const TransitionGraph graph = transition_graph(exits);
    const Absorption end = absorption(exits, graph);
    CHECK(end.classes == std::vector<std::size_t>{0, 2});
    CHECK(close(end.probability(1, 0), 1.0 / 4));
    CHECK(close(end.probability(1, 1), 3.0 / 4));
    CHECK(destinations(exits, graph.classes[1]).wells == std::vector<std::size_t>{0, 2});
}

TEST_CASE("Destinations of random transient classes are those of their killed chains")
{
    std::mt19937_64 random(31);
    for (int k = 0; k < 12; ++k) {
        const RandomWells what{.n = 6, .decades = 4, .density = 0.5, .orders = 3, .killed = true};
        auto exits = random_exits(what, random);
        for (auto& row : exits) row.to.push_back(0); // one more well outside
        exits.push_back({1, std::vector<double>(8, 0.0), 0});
        exits[2].to[7] = 0.01;
        const TransitionGraph graph = transition_graph(exits);
        REQUIRE(graph.classes.size() == 3);
        check_against_chain(exits, graph.classes[0]);
        const Destinations go = destinations(exits, graph.classes[0]);
        const Absorption end = absorption(exits, graph); // both absorb at once, so where X goes is where it ends
        CHECK(go.wells == std::vector<std::size_t>{6, 7});
        for (Eigen::Index i = 0; i < 6; ++i)
            for (Eigen::Index l = 0; l < 2; ++l) CHECK(close(go.law(i, l), end.probability(i, l), 100));
    }
}
