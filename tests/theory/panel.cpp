#include "theory/panel.hpp"

#include "cells.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

using namespace exeunt::theory;

TEST_CASE("Gauss rules: exact for degree 2n - 1 and not for 2n")
{
    for (const int n : {2, 3, 12, 16, 24, 40}) {
        const GaussRule& rule = gauss_rule(n);
        REQUIRE(rule.node.size() == static_cast<std::size_t>(n));
        CHECK(std::is_sorted(rule.node.begin(), rule.node.end()));
        CHECK(&gauss_rule(n) == &rule); // kept
        for (int degree = 0; degree < 2 * n; ++degree) {
            const double sum = integrate(rule, -1, 1, [&](double x) { return std::pow(x, degree); });
            CHECK(std::abs(sum - (degree % 2 ? 0.0 : 2.0 / (degree + 1))) <=
                  32 * ulp); // a few ulp a node, weights sum to 2
        }
    }
    // 2/5 - Σ w x⁴ of two nodes at ±1/√3 is 2/5 - 2/9
    CHECK(std::abs(integrate(gauss_rule(2), -1, 1, [](double x) { return x * x * x * x; }) - 2.0 / 9) <= 8 * ulp);
    CHECK(std::abs(integrate(gauss_rule(16), 1, 3, [](double x) { return std::exp(x); }) -
                   (std::exp(3) - std::exp(1))) <= 64 * ulp * std::exp(3)); // e^x is exact to rounding with 16 nodes
}

TEST_CASE("Lagrange basis: reproduces polynomials, sums to 1, and is a unit vector at a node")
{
    const GaussRule& rule = gauss_rule(12);
    std::vector<double> basis(12);
    for (const double t : {-1.0, -0.3, 0.01, 0.77, 1.0}) {
        lagrange_basis(rule, t, basis);
        double sum = 0, power = 0;
        for (std::size_t j = 0; j < 12; ++j) {
            sum += basis[j];
            power += basis[j] * std::pow(rule.node[j], 11);
        }
        CHECK(std::abs(sum - 1) <= 64 * ulp); // Σ|ℓ_j| ≤ 12 at the ends, times a few rounding errors
        CHECK(std::abs(power - std::pow(t, 11)) <= 256 * ulp);
    }
    lagrange_basis(rule, rule.node[5], basis);
    for (std::size_t j = 0; j < 12; ++j) CHECK(basis[j] == (j == 5 ? 1 : 0));
}

TEST_CASE("Lagrange basis beside a node: every entry proportional to the offset, to full accuracy")
{
    const GaussRule& rule = gauss_rule(12);
    std::vector<double> near(12), plain(12);
    for (std::size_t i = 0; i < 12; ++i) {
        lagrange_basis_near(rule, i, 1e-200, near);
        CHECK(near[i] == 1);
        for (std::size_t j = 0; j < 12; ++j) {
            if (j == i) continue;
            double slope =
                1 / (rule.node[j] - rule.node[i]); // ℓ_j'(x_i) = Π_{k≠i,j} (x_i - x_k)/(x_j - x_k) / (x_j - x_i)
            for (std::size_t k = 0; k < 12; ++k)
                if (k != i && k != j) slope *= (rule.node[i] - rule.node[k]) / (rule.node[j] - rule.node[k]);
            CHECK(std::abs(near[j] / 1e-200 / slope - 1) <= 1e-13); // 40 factors, and the nodes' gaps at the ends
        }
        lagrange_basis_near(rule, i, 0.037, near);
        lagrange_basis(rule, rule.node[i] + 0.037, plain);
        for (std::size_t j = 0; j < 12; ++j) CHECK(std::abs(near[j] - plain[j]) <= 1e-13);
    }
    lagrange_basis_near(rule, 3, 0, near);
    for (std::size_t j = 0; j < 12; ++j) CHECK(near[j] == (j == 3 ? 1 : 0));
    lagrange_basis_near(rule, 3, rule.node[4] - rule.node[3], near); // the next node itself, up to rounding
    for (std::size_t j = 0; j < 12; ++j) CHECK(std::abs(near[j] - (j == 4 ? 1 : 0)) <= 1e-14);
}

TEST_CASE("End rules: ∫ from each node to the end of its panel, of polynomials held by their values at the nodes")
{
    for (const int n : {2, 8, 24}) {
        const GaussRule& rule = gauss_rule(n);
        const EndRule& end = end_rule(n);
        const auto size = static_cast<std::size_t>(n);
        CHECK(&end_rule(n) == &end); // kept
        for (std::size_t i = 0; i < size; ++i) {
            const double x = rule.node[i];
            double integral = 0;
            for (std::size_t e = i * size; e < (i + 1) * size; ++e) {
                CHECK((end.to_end[e] > 0 && end.to_end[e] < 1 - x));
                double held = 0; // the interpolant of x^(n-1)
                for (std::size_t j = 0; j < size; ++j) held += end.basis[e * size + j] * std::pow(rule.node[j], n - 1);
                integral += end.weight[e] * held;
            }
            CHECK(std::abs(integral - (1 - std::pow(x, n)) / n) <= 256 * ulp); // n terms, Σ|ℓ_j| ≤ 12, a few ulp each
        }
    }
}

TEST_CASE("Legendre tail: the two highest coefficients, and nothing else")
{
    const GaussRule& rule = gauss_rule(8);
    const auto tail = [&](auto f) {
        std::vector<double> values;
        for (const double x : rule.node) values.push_back(f(x));
        return legendre_tail(rule, values);
    };
    CHECK(tail([](double x) { return std::pow(x, 5) - 3 * x; }) <= 64 * ulp);
    CHECK(std::abs(tail([](double x) { return std::legendre(7, x); }) - 1) <= 64 * ulp);
    CHECK(std::abs(tail([](double x) { return 2 * std::legendre(6, x) - std::legendre(7, x); }) - 3) <= 128 * ulp);
}

TEST_CASE("Integration error: of the size of the true one, far below the pointwise one where both factors are smooth")
{
    // ∫_{-1}^1 u dρ, dρ = 1/(x + c) dx: known by its weights ∫ ℓ_j dρ, from a rule with four times the nodes
    const GaussRule &rule = gauss_rule(12), &fine = gauss_rule(48);
    const auto check = [&](double c, auto u) {
        const auto density = [&](double x) { return 1 / (x + c); };
        std::vector<double> values, measure(12, 0.0), basis(12);
        for (const double x : rule.node) values.push_back(u(x));
        double interpolated = 0;
        for (std::size_t g = 0; g < fine.node.size(); ++g) {
            lagrange_basis(rule, fine.node[g], basis);
            for (std::size_t j = 0; j < 12; ++j) measure[j] += fine.weight[g] * density(fine.node[g]) * basis[j];
        }
        for (std::size_t j = 0; j < 12; ++j) interpolated += measure[j] * values[j];
        const double truth = integrate(fine, -1, 1, [&](double x) { return u(x) * density(x); });
        const double error = std::abs(interpolated - truth), estimate = integration_error(rule, values, measure);
        INFO("error " << error << ", estimate " << estimate);
        CHECK(error <= estimate);
        double mass = 0;
        for (const double m : measure) mass += std::abs(m);
        CHECK(estimate <= mass * legendre_tail(rule, values));
        return estimate / (mass * legendre_tail(rule, values));
    };
    const auto pole = [](double x) { return 1 / (x - 1.4); };
    CHECK(check(1.4, pole) < 0.1); // a pole at 0.4 half widths from the panel leaves moments of 1e-4 of the mass
    CHECK(check(1.02, pole) > check(1.4, pole));
    CHECK(check(1.4, [](double x) { return std::abs(x - 0.2); }) <= 1);
    CHECK(check(1.4, [](double x) { return std::sin(9 * x); }) <= 1);
}

TEST_CASE("Integration error: a point mass is judged pointwise, and a polynomial that the nodes hold has none")
{
    const GaussRule& rule = gauss_rule(12);
    std::vector<double> values, cubic, basis(12);
    for (const double x : rule.node) {
        values.push_back(1 / (x - 1.4));
        cubic.push_back(x * x * x - x);
    }
    lagrange_basis(rule, 0.97, basis);
    const double truth =
        std::abs(1 / (0.97 - 1.4) - std::inner_product(basis.begin(), basis.end(), values.begin(), 0.0));
    CHECK(integration_error(rule, values, basis) >= truth);
    CHECK(integration_error(rule, cubic, basis) <= 1e3 * ulp);
    CHECK(integration_error(rule, std::vector<double>(12, 0.0), basis) == 0);
}

TEST_CASE("Graded cuts: doubling from each end that asks for it")
{
    CHECK(graded(0, 1, 0, 0) == std::vector<double>{0, 1});
    CHECK(graded(0, 1, 0.125, 0) == std::vector<double>{0, 0.125, 0.25, 1});
    CHECK(graded(0, 1, 0.25, 0.125) == std::vector<double>{0, 0.25, 0.75, 0.875, 1});
    CHECK(graded(0, 1, 2, 2) == std::vector<double>{0, 1}); // coarser than the interval
}
