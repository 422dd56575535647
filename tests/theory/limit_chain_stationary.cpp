// What must hold for every generator and every stationary law: rows that vanish, and a second opinion on π.

#include "cells.hpp"
#include "digits.hpp"
#include "limit_chain_random.hpp"
#include "theory/predict.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <random>

using namespace exeunt::theory;

namespace
{

/// |Σ_j Q_ij + κ_i| ≤ 1e-15 |Q_ii|, the sum itself taken with more digits.
void check_rows(const LimitChain& chain)
{
    for (Eigen::Index i = 0; i < chain.generator.rows(); ++i) {
        long double sum = chain.killing[static_cast<std::size_t>(i)];
        for (Eigen::Index j = 0; j < chain.generator.cols(); ++j) sum += chain.generator(i, j);
        CHECK(static_cast<double>(std::abs(sum)) <= 1e-15 * -chain.generator(i, i));
    }
}

/// The Markov chain tree theorem: π_r ∝ Σ over the trees on the states that lead to r, of the product of their rates.
/// No elimination, positive terms only. `parent` runs through all maps; those with a cycle are no trees.
std::vector<double> tree_theorem(const Eigen::MatrixXd& q)
{
    const auto n = static_cast<std::size_t>(q.rows());
    std::vector<double> weight(n, 0.0);
    std::vector<std::size_t> parent(n, 0);
    const auto leads_to = [&](std::size_t i, std::size_t root) {
        for (std::size_t step = 0; step < n && i != root; ++step) i = parent[i];
        return i == root;
    };
    for (std::size_t root = 0; root < n; ++root) {
        std::fill(parent.begin(), parent.end(), 0);
        for (bool more = true; more;) {
            bool tree = true;
            double product = 1;
            for (std::size_t i = 0; i < n; ++i) {
                if (i == root) continue;
                tree = tree && parent[i] != i && leads_to(i, root);
                if (tree) product *= q(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(parent[i]));
            }
            if (tree) weight[root] += product;
            more = false; // the next map, in base n
            for (std::size_t i = 0; i < n && !more; ++i)
                if (i != root) more = ++parent[i] < n || (parent[i] = 0) != 0;
        }
    }
    double total = 0;
    for (const double w : weight) total += w;
    for (double& w : weight) w /= total;
    return weight;
}

/// π Q = 0, Σπ = 1 by elimination with 400 digits: the last equation is replaced by the sum.
std::vector<Digits> with_digits(const LimitChain& chain)
{
    const std::size_t n = chain.states.size();
    const Wide q = generator_of(chain);
    Wide equations = zeros(n, n), right = zeros(n, 1);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) equations[j][i] = j + 1 == n ? Digits(1) : q[i][j];
    right[n - 1][0] = 1;
    const Wide x = solve(equations, right);
    std::vector<Digits> law;
    for (const auto& row : x) law.push_back(row[0]);
    return law;
}

void check_second_opinion(const LimitChain& chain)
{
    const std::vector<Digits> expected = with_digits(chain);
    for (std::size_t j = 0; j < expected.size(); ++j) CHECK(relative(chain.stationary[j], expected[j]) <= 1e-13);
}

}

TEST_CASE("Stationary law: GTH and the Markov chain tree theorem agree to 1e-13, rates over 30 decades")
{
    std::mt19937_64 random(41);
    for (int k = 0; k < 60; ++k) {
        const std::size_t n = 2 + static_cast<std::size_t>(k % 5); // up to 6⁴ trees a root
        const LimitChain chain = chains_of(random_exits({.n = n, .density = k % 2 == 0 ? 1.0 : 0.5}, random)).front();
        check_rows(chain);
        const std::vector<double> expected = tree_theorem(chain.generator);
        for (std::size_t j = 0; j < n; ++j) CHECK(std::abs(chain.stationary[j] - expected[j]) <= 1e-13 * expected[j]);
    }
}

TEST_CASE("Stationary law: GTH and elimination with 400 digits agree to 1e-13, with small wells between")
{
    std::mt19937_64 random(42);
    for (int k = 0; k < 30; ++k) {
        const RandomWells what{.n = 12, .density = k % 2 == 0 ? 1.0 : 0.3, .orders = 1 + k % 3};
        const LimitChain chain = chains_of(random_exits(what, random)).front();
        check_rows(chain);
        check_second_opinion(chain);
    }
}

TEST_CASE("Stationary law of 256 states in a row: detailed balance, rates over 30 decades")
{
    const std::size_t n = 256;
    std::mt19937_64 random(43);
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    Rates q(n, std::vector<double>(n, 0.0));
    std::vector<double> law{1};
    for (std::size_t i = 0; i + 1 < n; ++i) {
        q[i][i + 1] = std::pow(10, -30 * uniform());
        q[i + 1][i] = q[i][i + 1] * (uniform() < 0.5 ? 0.25 : 4); // so that π stays in range
        law.push_back(law.back() * (q[i][i + 1] / q[i + 1][i]));
    }
    double total = 0;
    for (const double p : law) total += p;
    const LimitChain chain = chain_of(q);
    check_rows(chain);
    for (std::size_t j = 0; j < n; ++j) CHECK(std::abs(chain.stationary[j] - law[j] / total) <= 1e-13 * law[j] / total);
}

TEST_CASE("Rows of random generators with killing vanish to 1e-15, n = 256 included")
{
    std::mt19937_64 random(44);
    for (const std::size_t n : {1U, 2U, 7U, 40U, 256U})
        for (const int orders : {1, 3})
            for (const LimitChain& chain :
                 chains_of(random_exits({.n = n, .density = 0.5, .orders = orders, .killed = true}, random)))
                check_rows(chain);
}

TEST_CASE("Every shipped spec: rows vanish to 1e-15, stationary laws agree with 400 digits to 1e-13")
{
    const std::filesystem::path folder = std::filesystem::path(EXEUNT_SOURCE_DIR) / "specs";
    const auto names = exeunt::model::shipped_specs(folder);
    CHECK_FALSE(names.empty());
    for (const std::string& name : names) {
        const exeunt::model::Spec spec = exeunt::model::load_spec(name, {}, folder);
        if (spec.noise.law == "gaussian") continue; // no tail, no limit chain
        INFO(name);
        for (const Prediction& prediction : predict(spec, Setting(spec)))
            for (const LimitChain& chain : prediction.chains) {
                check_rows(chain);
                if (!chain.stationary.empty()) check_second_opinion(chain);
            }
    }
}

TEST_CASE("Random graphs of many classes (section 4): classes partition the wells, only absorbing ones have π")
{
    std::mt19937_64 random(45);
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    for (int k = 0; k < 40; ++k) {
        const std::size_t n = 2 + random() % 20;
        Rates q(n, std::vector<double>(n, 0.0));
        std::vector<int> order(n);
        for (std::size_t i = 0; i < n; ++i) {
            order[i] = 1 + static_cast<int>(random() % 4);
            for (std::size_t j = 0; j < n; ++j)
                if (i != j && uniform() < 1.2 / static_cast<double>(n)) q[i][j] = std::pow(10, -30 * uniform());
        }
        const auto exits = exits_of(order, q);
        const TransitionGraph graph = transition_graph(exits);
        std::size_t wells = 0;
        bool absorbing = false;
        for (const Class& members : graph.classes) {
            wells += members.wells.size();
            absorbing = absorbing || members.absorbing;
            const LimitChain chain = limit_chain(exits, members);
            check_rows(chain);
            double killing = 0;
            for (const double kappa : chain.killing) killing += kappa;
            CHECK((killing > 0) == !members.absorbing);
            CHECK(chain.stationary.empty() == !members.absorbing);
            if (members.absorbing) check_second_opinion(chain);
        }
        CHECK(wells == n);
        CHECK(absorbing);
    }
}
