#include "validation/extrapolation.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

namespace exeunt::validation
{

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Weights w with Σ w_k y(η_k) = y_0 for every y = Σ_p y_p η^p over the given powers, on as many rungs.
Eigen::VectorXd weights(std::span<const double> eta, std::span<const double> power)
{
    const auto n = static_cast<Eigen::Index>(power.size());
    Eigen::MatrixXd a(n, n);
    for (Eigen::Index k = 0; k < n; ++k) // scaled by the least η, which keeps the powers apart
        for (Eigen::Index p = 0; p < n; ++p)
            a(p, k) = std::pow(eta[static_cast<std::size_t>(k)] / eta.back(), power[static_cast<std::size_t>(p)]);
    return a.colPivHouseholderQr().solve(Eigen::VectorXd::Unit(n, 0));
}

/// Of the last n values but the last `skipped` ones.
double interpolated(std::span<const double> eta, std::span<const double> y, std::span<const double> power,
                    std::size_t skipped = 0)
{
    const std::size_t n = power.size(), first = eta.size() - skipped - n;
    const auto values = y.subspan(first, n);
    return weights(eta.subspan(first, n), power)
        .dot(Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(n)));
}

}

std::vector<double> powers_of_approach(double alpha, std::size_t n)
{
    constexpr double distinct = 0.03; // of the least power: closer ones cannot be told apart on any ladder
    const double fluctuation = 1 - 1 / std::min(alpha, 2.0), jump = alpha - 1, step = 1;
    std::vector<double> sums;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; i + j < n; ++j)
            for (std::size_t k = 0; i + j + k < n; ++k)
                sums.push_back(static_cast<double>(i) * fluctuation + static_cast<double>(j) * jump +
                               static_cast<double>(k) * step);
    std::sort(sums.begin(), sums.end());
    std::vector<double> powers;
    for (const double p : sums)
        if (powers.empty() || p - powers.back() > distinct * std::min(fluctuation, jump)) powers.push_back(p);
    powers.resize(n);
    return powers;
}

double order_of_approach(std::span<const double> eta, std::span<const double> y, double error)
{
    if (y.size() < 3) return infinity;
    const auto e = eta.last(3), v = y.last(3);
    const double before = std::abs(v[1] - v[0]) / std::log(e[0] / e[1]);
    const double after = std::max(std::abs(v[2] - v[1]) - error, 0.0) / std::log(e[1] / e[2]);
    if (after == 0) return infinity;
    return std::log(before / after) / (0.5 * std::log(e[0] / e[2]));
}

Extrapolated interpolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha)
{
    constexpr std::size_t most = 6; // powers, 0 among them
    constexpr double safety = 5;    // found by experiment, see the header
    const std::size_t m = eta.size();
    const std::vector<double> powers = powers_of_approach(alpha, most);
    const std::span<const double> power(powers);

    Extrapolated best{.limit = y.back(),
                      .error = infinity,
                      .order = order_of_approach(eta, y, error[m - 1] + error[m - 2]),
                      .leading = powers[1],
                      .powers = 0};
    for (std::size_t n = 2; n <= std::min(most, std::max<std::size_t>(2, m - 2)); ++n) {
        const auto some = power.first(n);
        const double limit = interpolated(eta, y, some);
        // of two rungs: one change alone is small by chance where the limits turn
        double gap = std::abs(limit - interpolated(eta, y, power.first(n - 1)));
        for (const std::size_t fewer : {1U, 2U})
            if (n + fewer <= m)
                gap =
                    std::max(gap, std::abs(interpolated(eta, y, some, fewer - 1) - interpolated(eta, y, some, fewer)));
        double carried = 0;
        const Eigen::VectorXd w = weights(eta.last(n), some);
        for (std::size_t k = 0; k < n; ++k) carried += std::abs(w[static_cast<Eigen::Index>(k)]) * error[m - n + k];
        if (const double e = safety * gap + carried; e < best.error) best = {limit, e, best.order, best.leading, n - 1};
    }
    return best;
}

Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha)
{
    constexpr double least_order = 0.6; // of the leading power; found by experiment
    Extrapolated value = interpolate(eta, y, error, alpha);
    if (value.order < least_order * value.leading) value.error = infinity;
    return value;
}

Extrapolated unknown_limit()
{
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {.limit = none, .error = infinity, .order = none};
}

double tail_excess(const model::Noise& noise, double eta)
{
    return std::log2(noise.tail(1 / eta) / noise.tail(2 / eta)) - noise->tail_index();
}

bool settled_tail(double excess)
{
    constexpr double most = 0.02; // a law with a slowly varying factor has more at η = 10⁻¹², others less from 10⁻² on
    return std::abs(excess) <= most;
}

}
