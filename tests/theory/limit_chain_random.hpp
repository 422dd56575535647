// tests/theory/limit_chain_random.hpp: rows of q without a landscape, for the tests of the limit chain.
#pragma once

#include "cells.hpp"
#include "theory/limit_chain.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

using Rates = std::vector<std::vector<double>>;

inline std::vector<exeunt::theory::ExitConstants> exits_of(const std::vector<int>& order, const Rates& q)
{
    std::vector<exeunt::theory::ExitConstants> exits;
    for (std::size_t i = 0; i < q.size(); ++i) exits.push_back({order[i], q[i], 0});
    return exits;
}

inline std::vector<exeunt::theory::ExitConstants> exits_of(const exeunt::model::Landscape& f, double b)
{
    std::vector<exeunt::theory::ExitConstants> exits;
    for (std::size_t i = 0; i < f.wells(); ++i) exits.push_back(constants(f, i, b));
    return exits;
}

inline std::vector<exeunt::theory::LimitChain> chains_of(const std::vector<exeunt::theory::ExitConstants>& exits)
{
    std::vector<exeunt::theory::LimitChain> chains;
    for (const exeunt::theory::Class& c : exeunt::theory::transition_graph(exits).classes)
        chains.push_back(limit_chain(exits, c));
    return chains;
}

inline bool close(double found, double expected, double ulps = 16) // a dozen operations, none of them a subtraction
{
    return std::abs(found - expected) <= ulps * ulp * std::abs(expected);
}

/// n wells, q of 10^0 to 10^-decades, all connected by a cycle and by others with probability `density`. With `killed`,
/// one more well that is never left and that some of them lead to.
struct RandomWells {
    std::size_t n = 4;
    double decades = 30;
    double density = 1;
    int orders = 1; ///< l* from 1 to this
    bool killed = false;
};

inline std::vector<exeunt::theory::ExitConstants> random_exits(const RandomWells& what, std::mt19937_64& random)
{
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    const std::size_t size = what.n + (what.killed ? 1 : 0);
    Rates q(size, std::vector<double>(size, 0.0));
    std::vector<int> order(size, 1);
    for (std::size_t i = 0; i < what.n; ++i) {
        order[i] = 1 + static_cast<int>(random() % static_cast<unsigned>(what.orders));
        for (std::size_t j = 0; j < size; ++j) {
            const bool edge = uniform() < what.density || j == (i + 1) % what.n || (i == 0 && j == what.n);
            const double rate = std::pow(10, -what.decades * uniform());
            if (edge && j != i) q[i][j] = rate;
        }
    }
    return exits_of(order, q);
}

/// All large, unit order: the chain whose generator has these rates, and this killing.
inline exeunt::theory::LimitChain chain_of(Rates q, const std::vector<double>& killing = {})
{
    const std::size_t n = q.size();
    if (!killing.empty()) {
        for (std::size_t i = 0; i < n; ++i) q[i].push_back(killing[i]);
        q.emplace_back(n + 1, 0.0);
    }
    return chains_of(exits_of(std::vector<int>(q.size(), 1), q)).front();
}
