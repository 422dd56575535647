// tests/theory/digits.hpp: linear algebra with 400 digits, so that cancellation does not matter and no subtraction-free
// trick is needed. A few rows only.
#pragma once

#include "theory/limit_chain.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cstddef>
#include <utility>
#include <vector>

using Digits = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<400>, boost::multiprecision::et_off>;
using Wide = std::vector<std::vector<Digits>>;

inline Wide zeros(std::size_t rows, std::size_t columns) { return Wide(rows, std::vector<Digits>(columns, 0)); }

inline Wide product(const Wide& a, const Wide& b)
{
    Wide c = zeros(a.size(), b[0].size());
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t k = 0; k < b.size(); ++k)
            for (std::size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
    return c;
}

/// A x = y by Gauss and Jordan with row exchanges.
inline Wide solve(Wide a, Wide y)
{
    const std::size_t n = a.size();
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k; i < n; ++i)
            if (abs(a[i][k]) > abs(a[pivot][k])) pivot = i;
        std::swap(a[k], a[pivot]);
        std::swap(y[k], y[pivot]);
        for (std::size_t i = 0; i < n; ++i) {
            if (i == k) continue;
            const Digits factor = a[i][k] / a[k][k];
            for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
            for (std::size_t j = 0; j < y[0].size(); ++j) y[i][j] -= factor * y[k][j];
        }
    }
    for (std::size_t i = 0; i < n; ++i)
        for (Digits& entry : y[i]) entry /= a[i][i];
    return y;
}

/// Q with † as a last state; its diagonal is made from the other entries, which are the data.
inline Wide generator_of(const exeunt::theory::LimitChain& chain)
{
    const std::size_t n = chain.states.size();
    Wide q = zeros(n + 1, n + 1);
    for (std::size_t i = 0; i < n; ++i) {
        q[i][n] = chain.killing[i];
        for (std::size_t j = 0; j < n; ++j)
            if (j != i) q[i][j] = chain.generator(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
        for (std::size_t j = 0; j <= n; ++j)
            if (j != i) q[i][i] -= q[i][j];
    }
    return q;
}

/// |found/expected - 1|; what is 0 up to 390 digits must be 0.
inline double relative(double found, const Digits& expected)
{
    if (abs(expected) < Digits("1e-390")) return found == 0 ? 0 : 1;
    return static_cast<double>(abs(Digits(found) / expected - 1));
}
