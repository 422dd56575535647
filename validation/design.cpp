#include "validation/design.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace exeunt::validation
{

namespace
{

using boost::math::gamma_p_inv;
using boost::math::gamma_q_inv;

/// The z with P(N > z) = p.
double normal_upper(double p) { return std::numbers::sqrt2 * boost::math::erfc_inv(2 * p); }

[[noreturn]] void refuse(const Design& design, double blur)
{
    throw BadInput(fmt::format("an effect of {:g} is not larger than the error of the exact chain, {:.1e}: ask for a "
                               "larger effect",
                               design.effect, blur));
}

/// P(confirm | R = 1) with n exits: X = R S between U/margin and L margin.
double confirms(double n, double level, double margin)
{
    const double low = gamma_q_inv(n, 0.5 * level) / margin;
    const double high = gamma_p_inv(n, 0.5 * level) * margin;
    if (low >= high) return 0;
    return 1 - boost::math::gamma_p(n, low) - boost::math::gamma_q(n, high);
}

}

RateInterval rate_interval(std::uint64_t d, double sum, bool censored, double level)
{
    const auto n = static_cast<double>(d);
    const double most = censored || d == 0 ? n + 1 : n;
    RateInterval r{.estimate = n / sum,
                   .lower = d == 0 ? 0 : gamma_p_inv(n, 0.5 * level) / sum,
                   .upper = gamma_q_inv(most, 0.5 * level) / sum,
                   .p_value = 1};
    const double slow = boost::math::gamma_q(most, sum); // few exits for that much time
    const double fast = d == 0 ? 1 : boost::math::gamma_p(n, sum);
    r.p_value = std::min(1.0, 2 * std::min(slow, fast));
    return r;
}

std::uint64_t exits_for_scale(const Design& design, double blur)
{
    const double margin = (1 + design.effect) * (1 - blur);
    if (!(margin > 1)) refuse(design, blur);
    double high = 2;
    while (confirms(high, design.level, margin) < design.power) high *= 2;
    for (double low = 0.5 * high; high - low > 1;) {
        const double middle = std::floor(0.5 * (low + high));
        (confirms(middle, design.level, margin) < design.power ? low : high) = middle;
    }
    return static_cast<std::uint64_t>(high);
}

double visible_rate_error(std::uint64_t n, const Design& design, double blur)
{
    const auto d = static_cast<double>(n);
    const double fast = gamma_p_inv(d, design.power) / gamma_p_inv(d, 0.5 * design.level);
    const double slow = gamma_q_inv(d, 0.5 * design.level) / gamma_q_inv(d, design.power);
    return std::max(fast, slow) / (1 - blur) - 1;
}

ShareInterval share_interval(std::uint64_t k, std::uint64_t n, double p, double level)
{
    const auto hits = static_cast<double>(k);
    const auto misses = static_cast<double>(n - k);
    const double at_least = k == 0 ? 1 : boost::math::ibeta(hits, misses + 1, p); // P(K ≥ k | p)
    const double at_most = k == n ? 1 : boost::math::ibetac(hits + 1, misses, p); // P(K ≤ k | p)
    return {.lower = k == 0 ? 0 : boost::math::ibeta_inv(hits, misses + 1, 0.5 * level),
            .upper = k == n ? 1 : boost::math::ibetac_inv(hits + 1, misses, 0.5 * level),
            .p_value = std::min(1.0, 2 * std::min(at_least, at_most))};
}

std::uint64_t exits_for_share(double p, const Design& design)
{
    const double z = normal_upper(0.5 * design.level) + normal_upper(0.5 * (1 - design.power));
    const double root = z / std::log1p(design.effect);
    return static_cast<std::uint64_t>(std::ceil(root * root * std::max(0.0, 1 - p) / p)) + 1;
}

double visible_share_error(double p, std::uint64_t n, const Design& design)
{
    const double z = normal_upper(0.5 * design.level) + normal_upper(1 - design.power);
    return std::expm1(z * std::sqrt(std::max(0.0, 1 - p) / (p * static_cast<double>(n))));
}

std::uint64_t samples_for_gap(const Design& design, double blur)
{
    if (!(design.effect > blur)) refuse(design, blur);
    const double roots =
        std::sqrt(0.5 * std::log(2 / design.level)) + std::sqrt(0.5 * std::log(2 / (1 - design.power)));
    return static_cast<std::uint64_t>(std::ceil(std::pow(roots / (design.effect - blur), 2)));
}

}
