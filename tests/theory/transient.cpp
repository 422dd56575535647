#include "theory/transient.hpp"

#include "cells.hpp"
#include "limit_chain_random.hpp"
#include "model/error.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt::theory;

namespace
{

using Digits = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<400>,
                                             boost::multiprecision::et_off>; // 400 digits: cancellation is no matter
using Wide = std::vector<std::vector<Digits>>;

Wide product(const Wide& a, const Wide& b)
{
    Wide c(a.size(), std::vector<Digits>(a.size(), 0));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t k = 0; k < a.size(); ++k)
            for (std::size_t j = 0; j < a.size(); ++j) c[i][j] += a[i][k] * b[k][j];
    return c;
}

/// exp(tQ) with † as a last state, by Taylor's series and squaring with 400 digits: no trick of transient.cpp.
Wide exact_exponential(const LimitChain& chain, double t)
{
    const std::size_t n = chain.states.size();
    const auto rate = [&](std::size_t i, std::size_t j) {
        return chain.generator(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    };
    Wide step(n + 1, std::vector<Digits>(n + 1, 0));
    int halvings = 40;
    for (std::size_t i = 0; i < n; ++i) {
        step[i][n] = chain.killing[i];
        for (std::size_t j = 0; j < n; ++j)
            if (j != i) step[i][j] = rate(i, j);
        for (std::size_t j = 0; j <= n; ++j)
            if (j != i) step[i][i] -= step[i][j]; // the off-diagonal entries are the data
        halvings = std::max(halvings, 40 + std::ilogb(-rate(i, i)) + std::ilogb(t));
    }
    for (auto& row : step)
        for (Digits& entry : row) entry *= Digits(t) * pow(Digits(0.5), halvings);
    Wide power(n + 1, std::vector<Digits>(n + 1, 0)), sum = power;
    for (std::size_t i = 0; i <= n; ++i) power[i][i] = sum[i][i] = 1;
    for (int m = 1; m <= 30; ++m) { // (2^-38)^30
        power = product(power, step);
        for (std::size_t i = 0; i <= n; ++i)
            for (std::size_t j = 0; j <= n; ++j) sum[i][j] += power[i][j] /= m;
    }
    for (int k = 0; k < halvings; ++k) sum = product(sum, sum);
    return sum;
}

double relative(double found, const Digits& expected) { return static_cast<double>(abs(Digits(found) / expected - 1)); }

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
    double share = 0;
    for (int k = 0; k < 24; ++k) {
        const RandomWells what{.n = 2 + static_cast<std::size_t>(k % 4), .density = 0.6, .killed = k % 2 == 0};
        const LimitChain chain = chains_of(random_exits(what, random)).front();
        for (const double t : {1e-10, 0.3, 40.0, 1e4, 1e12, 1e25}) {
            const Wide expected = exact_exponential(chain, t);
            const TransitionMatrix found = transition_matrix(chain, t);
            INFO(k << " t " << t);
            const double error = worst(found, expected);
            CHECK(error <= found.error);
            share = std::max(share, error / found.error);
            for (std::size_t i = 0; i < chain.states.size(); ++i) {
                const TransientLaw law = transient_law(chain, chain.states[i], t);
                for (std::size_t j = 0; j < chain.states.size(); ++j)
                    if (expected[i][j] > 1e-270) CHECK(relative(law.at[j], expected[i][j]) <= law.error);
                if (expected[i].back() > 1e-270) CHECK(relative(law.killed, expected[i].back()) <= law.error);
            }
        }
    }
    WARN(share);
}
