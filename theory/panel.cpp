#include "theory/panel.hpp"

#include <algorithm>
#include <boost/math/special_functions/legendre.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

namespace exeunt::theory
{

namespace
{

GaussRule make_rule(int n)
{
    GaussRule rule;
    std::vector<double> right = boost::math::legendre_p_zeros<double>(n); // the non-negative zeros, increasing
    for (auto x = right.rbegin(); x != right.rend(); ++x)
        if (*x > 0) rule.node.push_back(-*x);
    rule.node.insert(rule.node.end(), right.begin(), right.end());
    double sign = 1;
    for (const double x : rule.node) {
        const double slope = boost::math::legendre_p_prime(n, x);
        const double weight = 2 / ((1 - x) * (1 + x) * slope * slope);
        rule.weight.push_back(weight);
        rule.barycentric.push_back(sign * std::sqrt((1 - x) * (1 + x) * weight));
        sign = -sign;
    }
    return rule;
}

}

const GaussRule& gauss_rule(int n)
{
    static std::mutex guard;
    static std::map<int, std::unique_ptr<const GaussRule>> known;
    const std::scoped_lock lock(guard);
    auto& rule = known[n];
    if (!rule) rule = std::make_unique<const GaussRule>(make_rule(n));
    return *rule;
}

void lagrange_basis(const GaussRule& rule, double t, std::span<double> basis)
{
    double sum = 0;
    for (std::size_t j = 0; j < basis.size(); ++j) {
        const double d = t - rule.node[j];
        if (d == 0) {
            std::fill(basis.begin(), basis.end(), 0.0);
            basis[j] = 1;
            return;
        }
        basis[j] = rule.barycentric[j] / d;
        sum += basis[j];
    }
    for (double& l : basis) l /= sum;
}

void lagrange_basis_near(const GaussRule& rule, std::size_t i, double d, std::span<double> basis)
{
    double sum = rule.barycentric[i];
    for (std::size_t j = 0; j < basis.size(); ++j) {
        if (j == i) continue;
        basis[j] = d * rule.barycentric[j] / (rule.node[i] - rule.node[j] + d);
        if (!std::isfinite(basis[j])) { // t is node j itself
            std::fill(basis.begin(), basis.end(), 0.0);
            basis[j] = 1;
            return;
        }
        sum += basis[j];
    }
    basis[i] = rule.barycentric[i];
    for (double& l : basis) l /= sum;
}

double legendre_tail(const GaussRule& rule, std::span<const double> values)
{
    const int n = static_cast<int>(values.size());
    double last = 0, before = 0; // coefficients of P_{n-1} and P_{n-2}: (k + ½) Σ w f P_k
    for (std::size_t j = 0; j < values.size(); ++j) {
        const double scaled = rule.weight[j] * values[j];
        last += scaled * boost::math::legendre_p(n - 1, rule.node[j]);
        before += scaled * boost::math::legendre_p(n - 2, rule.node[j]);
    }
    return std::abs(last) * (n - 0.5) + std::abs(before) * (n - 1.5);
}

std::vector<double> graded(double a, double b, double from_left, double from_right, double growth)
{
    std::vector<double> cut{a, b};
    const double middle = 0.5 * (a + b);
    if (from_left > 0)
        for (double h = from_left; a + h < middle; h *= growth) cut.push_back(a + h);
    if (from_right > 0)
        for (double h = from_right; b - h > middle; h *= growth) cut.push_back(b - h);
    std::sort(cut.begin(), cut.end());
    return cut;
}

}
