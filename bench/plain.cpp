#include "bench/plain.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace exeunt::bench
{

namespace
{

double square(double a) { return a * a; }

/// f' = f (log f)', by hand.
double gradient(double x)
{
    const double u = x - 0.5;
    const double v = x + 1.5;
    const double w = x + 0.8;
    const double p = 1 / (0.01 + 4 * u * u);
    const double q = 1 / (0.1 + 4 * v * v);
    const double e = 0.25 * std::exp(-5 * w * w);
    const double f = (x + 1.6) * square(x + 1.3) * square(x - 0.2) * square(x - 0.7) * (x - 1.6) *
                     std::pow(0.05 * std::abs(1.65 - x), 0.6) * (1 + p) * (1 + q) * (1 - e);
    return f * (1 / (x + 1.6) + 2 / (x + 1.3) + 2 / (x - 0.2) + 2 / (x - 0.7) + 1 / (x - 1.6) + 0.6 / (x - 1.65) -
                8 * u * p * p / (1 + p) - 8 * v * q * q / (1 + q) + 10 * w * e / (1 - e));
}

}

std::uint64_t plain_exits(double eta, double b, int replicas, std::uint64_t seed)
{
    constexpr double alpha = 1.2;
    constexpr double s = 0.1;
    std::mt19937_64 random(seed);
    std::uint64_t steps = 0;
    for (int replica = 0; replica < replicas; ++replica)
        for (double x = -0.69927; x > -1.3 && x < 0.2; ++steps) {
            const std::uint64_t word = random();
            const double uniform = (static_cast<double>(word >> 11) + 0.5) * 0x1p-53;
            const double size = s * (std::pow(uniform, -1 / alpha) - 1);
            const double z = word & 1 ? -size : size;
            x += std::clamp(-eta * gradient(x) + eta * z, -b, b);
        }
    return steps;
}

}
