// The limit of section 4 taken by hand. A jump process on all wells of a class, with the rate q_{i,j} ε^{-(l^large -
// l*_i)} from i to j, is what X looks like on the time scale λ^large(η), ε = H(1/η)/η. As ε → 0 its law must tend to
// that of Y.

#include "cells.hpp"
#include "limit_chain_random.hpp"
#include "theory/absorption.hpp"
#include "theory/transient.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <gsl/gsl_cdf.h>
#include <random>
#include <unsupported/Eigen/MatrixFunctions>

using namespace exeunt::theory;

namespace
{

using Wide = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

/// Six wells of orders 3, 1, 2, 3, 1, 2, which lead to each other, and one outside that they may leave for.
std::vector<ExitConstants> wells(bool killed)
{
    const double out = killed ? 0.3 : 0;
    return exits_of({3, 1, 2, 3, 1, 2, 1}, {{0, 2, 0.5, 0, 1, 0, out},
                                            {1, 0, 3, 0, 0, 0, out},
                                            {0, 1, 0, 2, 0, 0, 0},
                                            {0, 0, 1, 0, 3, 1, 0},
                                            {0, 0, 0, 1, 0, 2, out},
                                            {1, 0, 0, 1, 1, 0, out},
                                            {0, 0, 0, 0, 0, 0, 0}});
}

/// exp(t Q^ε) on all wells of the class and †.
Wide law_at(const std::vector<ExitConstants>& exits, int largest, long double epsilon, long double t)
{
    const auto n = static_cast<Eigen::Index>(exits.size());
    Wide q = Wide::Zero(n, n);
    for (Eigen::Index i = 0; i + 1 < n; ++i) {
        const ExitConstants& row = exits[static_cast<std::size_t>(i)];
        for (Eigen::Index j = 0; j < n; ++j)
            q(i, j) = t * row.to[static_cast<std::size_t>(j)] * std::pow(epsilon, row.order - largest);
        q(i, i) -= q.row(i).sum();
    }
    return q.exp();
}

/// The largest difference between the law of that process and of Y, over wells to start from and large wells and †.
long double distance(const std::vector<ExitConstants>& exits, const Class& members, long double epsilon, double t)
{
    const LimitChain chain = limit_chain(exits, members);
    const Wide p = law_at(exits, members.largest_order, epsilon, t);
    long double largest = 0;
    for (const std::size_t k : members.wells) {
        const TransientLaw law = transient_law(chain, k, t);
        const auto row = p.row(static_cast<Eigen::Index>(k));
        for (std::size_t j = 0; j < chain.states.size(); ++j)
            largest = std::max(largest, std::abs(row[static_cast<Eigen::Index>(chain.states[j])] - law.at[j]));
        largest = std::max(largest, std::abs(row[p.cols() - 1] - law.killed));
    }
    return largest;
}

/// One path from well k up to time t: where it is, or the last well once it is there.
std::size_t simulate(const std::vector<ExitConstants>& exits, int largest, double epsilon, double t, std::size_t k,
                     std::mt19937_64& random)
{
    const auto uniform = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
    while (exits[k].total() > 0) {
        t += std::log(uniform()) / (exits[k].total() * std::pow(epsilon, exits[k].order - largest));
        if (t < 0) break;
        double rest = uniform() * exits[k].total();
        std::size_t to = 0;
        while (rest >= exits[k].to[to]) rest -= exits[k].to[to++];
        k = to;
    }
    return k;
}

/// k of n is not too far from probability p, up to `bias`: each side at level 1e-6, exact binomial.
bool likely(unsigned k, unsigned n, double p, double bias)
{
    return gsl_cdf_binomial_P(k, std::min(1.0, p + bias), n) < 1e-6
               ? false
               : k == 0 || gsl_cdf_binomial_Q(k - 1, std::max(0.0, p - bias), n) >= 1e-6;
}

constexpr unsigned replicas = 20'000;

}

TEST_CASE("Irreducible and reducible theorem (section 4): the process on all wells tends to Y, error of order ε")
{
    for (const bool killed : {false, true})
        for (const double t : {0.05, 0.7, 6.0}) {
            const auto exits = wells(killed);
            const Class members = transition_graph(exits).classes[0];
            REQUIRE(members.wells.size() == 6);
            REQUIRE(members.absorbing == !killed);
            const long double far = distance(exits, members, 2e-4L, t), near = distance(exits, members, 1e-4L, t);
            INFO(killed << " " << t << " " << static_cast<double>(near));
            CHECK(near < 1e-3);
            CHECK(static_cast<double>(far / near) == Approx(2).margin(0.01)); // next order: ε relative
        }
}

TEST_CASE("Transient class, by simulation: law of Y and its killing at time t, from every well (section 4)")
{
    const auto exits = wells(true);
    const Class members = transition_graph(exits).classes[0];
    const LimitChain chain = limit_chain(exits, members);
    const double epsilon = 1e-5, t = 0.7, bias = 1e-4; // ten ε
    std::mt19937_64 random(51);
    const auto check = [&](double rate_error) {
        bool agrees = true;
        for (const std::size_t k : members.wells) {
            std::vector<unsigned> count(exits.size(), 0);
            for (unsigned r = 0; r < replicas; ++r)
                ++count[simulate(exits, members.largest_order, epsilon, t * rate_error, k, random)];
            const TransientLaw law = transient_law(chain, k, t);
            for (std::size_t j = 0; j < chain.states.size(); ++j)
                agrees = agrees && likely(count[chain.states[j]], replicas, law.at[j], bias);
            agrees = agrees && likely(count.back(), replicas, law.killed, bias);
        }
        return agrees;
    };
    CHECK(check(1));
    CHECK_FALSE(check(1.1)); // a clock that is 10% fast is seen
}

TEST_CASE("Absorption and destinations, by simulation: jump chains from every transient well (section 4)")
{
    // wells(true) leads to two absorbing wells now, from 1, 5 to the one and from 2, 6 to the other
    auto exits = wells(true);
    for (auto& row : exits) row.to.push_back(0);
    exits.push_back({1, std::vector<double>(8, 0.0), 0});
    std::swap(exits[1].to[6], exits[1].to[7]);
    std::swap(exits[5].to[6], exits[5].to[7]);
    const TransitionGraph graph = transition_graph(exits);
    const Absorption end = absorption(exits, graph);
    const Destinations go = destinations(exits, graph.classes[0]);
    REQUIRE(end.classes == std::vector<std::size_t>{1, 2});
    std::mt19937_64 random(52);
    for (Eigen::Index k = 0; k < 6; ++k) {
        unsigned count = 0;
        for (unsigned r = 0; r < replicas; ++r)
            count += simulate(exits, 3, 1e-3, 1e9, static_cast<std::size_t>(k), random) == 6;
        CHECK(likely(count, replicas, end.probability(k, 0), 0)); // ε makes no difference to where
        CHECK(likely(count, replicas, go.law(k, 0), 0));
        CHECK_FALSE(likely(count, replicas, 0.9 * end.probability(k, 0), 0));
    }
}
