#include "theory/panel.hpp"

#include <algorithm>
#include <boost/math/special_functions/legendre.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>

namespace exeunt::theory
{

namespace
{

GaussRule make_rule(int n)
{
    const auto right = boost::math::legendre_p_zeros<long double>(n); // the non-negative zeros, increasing
    std::vector<long double> node;
    for (auto x = right.rbegin(); x != right.rend(); ++x)
        if (*x > 0) node.push_back(-*x);
    node.insert(node.end(), right.begin(), right.end());

    GaussRule rule;
    long double sign = 1;
    for (const long double x : node) {
        const long double slope = boost::math::legendre_p_prime(n, x);
        const long double weight = 2 / ((1 - x) * (1 + x) * slope * slope);
        rule.node.push_back(static_cast<double>(x));
        rule.weight.push_back(static_cast<double>(weight));
        rule.barycentric.push_back(static_cast<double>(sign * std::sqrt((1 - x) * (1 + x) * weight)));
        sign = -sign;
    }
    for (int k = 0; k < n; ++k)
        for (std::size_t j = 0; j < node.size(); ++j) {
            const auto value = static_cast<double>(boost::math::legendre_p(k, node[j]));
            rule.polynomial.push_back(value);
            rule.coefficient.push_back((k + 0.5) * rule.weight[j] * value);
        }
    return rule;
}

EndRule make_end_rule(int n)
{
    const GaussRule& rule = gauss_rule(n);
    EndRule end;
    std::vector<double> basis(rule.node.size());
    for (const double from : rule.node)
        for (std::size_t g = 0; g < rule.node.size(); ++g) {
            end.to_end.push_back(0.5 * (1 - from) * (1 - rule.node[g]));
            end.weight.push_back(0.5 * (1 - from) * rule.weight[g]);
            lagrange_basis(rule, 1 - end.to_end.back(), basis);
            end.basis.insert(end.basis.end(), basis.begin(), basis.end());
        }
    return end;
}

/// The value of make(n), kept for the next time.
template<class Rule> const Rule& kept(int n, Rule (*make)(int))
{
    static std::mutex guard;
    static std::map<int, std::unique_ptr<const Rule>> known;
    const std::scoped_lock lock(guard);
    auto& rule = known[n];
    if (!rule) rule = std::make_unique<const Rule>(make(n));
    return *rule;
}

}

const GaussRule& gauss_rule(int n) { return kept(n, make_rule); }

const EndRule& end_rule(int n) { return kept(n, make_end_rule); }

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

namespace
{

double row_times(const std::vector<double>& matrix, std::size_t row, std::span<const double> v)
{
    return std::inner_product(v.begin(), v.end(), &matrix[row * v.size()], 0.0);
}

}

double legendre_tail(const GaussRule& rule, std::span<const double> values)
{
    const std::size_t n = values.size();
    return std::abs(row_times(rule.coefficient, n - 1, values)) + std::abs(row_times(rule.coefficient, n - 2, values));
}

double integration_error(const GaussRule& rule, std::span<const double> values, std::span<const double> measure)
{
    const std::size_t n = values.size(), middle = n / 2;
    const auto pair = [&](std::size_t k) { // coefficients of even and odd functions vanish by turns
        return std::max(std::abs(row_times(rule.coefficient, k, values)),
                        std::abs(row_times(rule.coefficient, k - 1, values)));
    };
    const auto moment = [&](std::size_t k) { return std::abs(row_times(rule.polynomial, k, measure)); };
    const double last = pair(n - 1), before = pair(middle);
    const double fall = std::pow(std::min(last / before, 1.0), 1.0 / static_cast<double>(n - 1 - middle));
    const double rough = std::max(moment(n - 1), moment(n - 2)); // of the moments from the n-th on
    double next = last, error = 0;
    for (std::size_t j = 1; j <= n; ++j) {
        next *= fall; // about |u_{n + j - 1}|
        error += next * (rough + (j > 1 ? moment(n - j + 1) : 0));
    }
    double mass = 0;
    for (const double m : measure) mass += std::abs(m);
    const double pointwise = mass * legendre_tail(rule, values);
    return error < pointwise ? std::sqrt(error * pointwise) : pointwise; // also where u vanishes and error is no number
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
