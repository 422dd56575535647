// model/chebyshev.hpp: polynomials through the Chebyshev nodes of [-1, 1], as the tables of f' and of the noise hold
// them.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

namespace exeunt::model
{

/// Monomial coefficients, in u ∈ [-1, 1], of the polynomial that interpolates g at the nodes cos(π(k + ½)/n), k < n.
/// Error   rounding in T, some 2.4^n of it at worst: the monomials of T_{n-1} have coefficients as large. Where those
/// of
///         g in T_j fall fast, as they do where n nodes are enough, little of that is seen.
template<class T, class G> std::vector<T> chebyshev_interpolant(const G& g, int n)
{
    const auto size = static_cast<std::size_t>(n);
    std::vector<T> value(size);
    const auto angle = [n](int k) { return std::numbers::pi_v<T> * (k + T(0.5)) / n; };
    for (int k = 0; k < n; ++k) value[static_cast<std::size_t>(k)] = g(std::cos(angle(k)));

    std::vector<T> sum(size), before(size), chebyshev(size); // T_{j-1} and T_j as monomials
    chebyshev[0] = 1;
    for (int j = 0; j < n; ++j) {
        T c = 0;
        for (int k = 0; k < n; ++k) c += value[static_cast<std::size_t>(k)] * std::cos(j * angle(k));
        c *= T(j == 0 ? 1 : 2) / n;
        for (std::size_t i = 0; i < size; ++i) sum[i] += c * chebyshev[i];
        std::vector<T> after(size); // T_{j+1} = 2u T_j - T_{j-1}, T_1 = u
        for (std::size_t i = 0; i < size; ++i) after[i] = (i > 0 ? (j == 0 ? 1 : 2) * chebyshev[i - 1] : 0) - before[i];
        before = std::exchange(chebyshev, std::move(after));
    }
    return sum;
}

}
