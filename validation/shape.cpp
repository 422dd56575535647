#include "validation/shape.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace exeunt::validation
{

double anderson_darling_tail(double z)
{
    using std::numbers::pi;
    constexpr double surely = 0.02; // below it lies 1e-22 of the law
    constexpr int points = 48;      // of the midpoint rule in θ, s = centre - half cos θ: the integrand is periodic
    constexpr double negligible = -46; // exponent of a term over the first
    if (z < surely) return 1;
    double tail = 0;
    for (int k = 1;; ++k) {
        const double from = k * (2.0 * k - 1), to = k * (2.0 * k + 1);
        if (-(from - 1) * z < negligible) break;
        const double centre = 0.5 * (from + to), half = 0.5 * (to - from);
        double sum = 0;
        for (int i = 0; i < points; ++i) {
            const double theta = pi * (i + 0.5) / points;
            const double s = centre - half * std::cos(theta);
            const double determinant = std::abs(std::cos(0.5 * pi * std::sqrt(1 + 8 * s))) / (2 * pi * s);
            sum += std::exp(-s * z) / s * half * std::sin(theta) / std::sqrt(determinant);
        }
        tail += (k % 2 == 1 ? 1 : -1) * sum / points; // π/points · 1/π
    }
    return std::clamp(tail, 0.0, 1.0);
}

Shape shape_of(std::vector<double> u)
{
    std::sort(u.begin(), u.end());
    const auto n = static_cast<double>(u.size());
    const auto inside = [](double x) { return std::clamp(x, 0x1p-53, 1 - 0x1p-53); };
    Shape shape{.n = u.size(), .anderson_darling = -n, .gap = 0};
    for (std::size_t k = 0; k < u.size(); ++k) {
        const auto below = static_cast<double>(k);
        shape.gap = std::max({shape.gap, u[k] - below / n, (below + 1) / n - u[k]});
        shape.anderson_darling -=
            (2 * below + 1) / n * (std::log(inside(u[k])) + std::log1p(-inside(u[u.size() - 1 - k])));
    }
    return shape;
}

double band(std::size_t n, double level) { return std::sqrt(std::log(2 / level) / (2 * static_cast<double>(n))); }

}
