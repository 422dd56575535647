// theory/panel.hpp: piecewise polynomials on panels, each held by its values at Gauss-Legendre nodes. Both the exit
// constants and the finite-η chain are integrals against such functions, with panels aligned to their breakpoints.
#pragma once

#include <span>
#include <vector>

namespace exeunt::theory
{

/// Gauss-Legendre nodes and weights on [-1, 1], exact for degree 2n - 1, with the barycentric weights of the
/// interpolation through the nodes.
struct GaussRule {
    std::vector<double> node;        ///< increasing
    std::vector<double> weight;      ///< sums to 2
    std::vector<double> barycentric; ///< (-1)^j sqrt((1 - x_j²) w_j), Wang and Xiang 2012
    std::vector<double> polynomial;  ///< n × n: row k holds P_k, Legendre's polynomial, at the nodes
    std::vector<double> coefficient; ///< n × n: row k takes f(x_j) to the coefficient of P_k, (k + 1/2) w_j P_k(x_j)
};

/// The rule with n ≥ 2 nodes, to a few ulp; computed once and kept. Thread-safe.
const GaussRule& gauss_rule(int n);

/// ∫_a^b f by an n-point rule.
template<class F> double integrate(const GaussRule& rule, double a, double b, F&& f)
{
    const double half = 0.5 * (b - a), middle = 0.5 * (a + b);
    double sum = 0;
    for (std::size_t j = 0; j < rule.node.size(); ++j) sum += rule.weight[j] * f(middle + half * rule.node[j]);
    return half * sum;
}

/// Integrals from each node x_i of a rule to the end of its panel, ∫_{x_i}^1, with n points of their own, at which the
/// interpolant through the n nodes is evaluated.
struct EndRule {
    std::vector<double> to_end; ///< n × n: row i holds 1 - x of the points x in (x_i, 1), decreasing
    std::vector<double> weight; ///< n × n: row i sums to 1 - x_i
    std::vector<double> basis;  ///< n × n × n: ℓ_j at each point
};

/// The rule with n ≥ 2 nodes; computed once and kept. Thread-safe.
const EndRule& end_rule(int n);

/// Values of the Lagrange basis of the rule's nodes at t ∈ [-1, 1]: basis[j] = ℓ_j(t), with Σ_j ℓ_j = 1.
void lagrange_basis(const GaussRule& rule, double t, std::span<double> basis);

/// The same at t = node[i] + d, every entry j ≠ i to full relative accuracy however small d is (it is proportional to
/// d).
void lagrange_basis_near(const GaussRule& rule, std::size_t i, double d, std::span<double> basis);

/// Size of the two highest Legendre coefficients of the interpolant through `values`, relative to nothing: the estimate
/// of its interpolation error.
double legendre_tail(const GaussRule& rule, std::span<const double> values);

/// Estimate of |∫ u dρ - Σ_j ρ_j u(x_j)|, ρ_j = ∫ ℓ_j dρ: what interpolating u changes of its integral over a measure
/// of which only the ρ_j are known. Of u = Σ_k u_k P_k the nodes take P_{n+j} for a polynomial of degree n - j, so that
/// the error is about Σ_j |u_{n+j}| (|∫ P_{n-j} dρ| + |∫ P_{n+j} dρ|), small already where u and the density of ρ are
/// both half resolved; what the nodes do not show of either is carried on from the coefficients that they do. Since a
/// density may be rougher than that, the estimate is the geometric mean of this and of the pointwise Σ_j |ρ_j| times
/// legendre_tail: in 576 runs (oracle.hpp) twice it was never below the true error, while the sum alone was in
/// a fifth of them.
double integration_error(const GaussRule& rule, std::span<const double> values, std::span<const double> measure);

/// Cut points of [a, b]: a, b and, from each end that asks for it, a, a + h, a + gh, a + g²h, … towards the other, g
/// the growth.
std::vector<double> graded(double a, double b, double from_left, double from_right, double growth = 2);

}
