#include "validation/bounded_mean.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <vector>

namespace exeunt::validation
{

namespace
{

/// The bets, from careful to bold.
constexpr std::array<double, 12> stakes = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 0.99};

/// log of the average over c of K(c), falling in m.
double log_wealth(std::span<const double> samples, double m)
{
    std::array<double, stakes.size()> logs{};
    for (std::size_t k = 0; k < stakes.size(); ++k)
        for (const double x : samples) logs[k] += std::log1p(stakes[k] * (x / m - 1));
    const double top = *std::max_element(logs.begin(), logs.end());
    double sum = 0;
    for (const double l : logs) sum += std::exp(l - top);
    return top + std::log(sum / static_cast<double>(stakes.size()));
}

/// The least mean that is not excluded.
double lower_end(std::span<const double> samples, double mean, double bound)
{
    double low = 0, high = mean;
    while (high - low > 1e-13) {
        const double middle = 0.5 * (low + high);
        (log_wealth(samples, middle) >= bound ? low : high) = middle;
    }
    return low;
}

double checked_mean(std::span<const double> samples, std::size_t least, double level)
{
    const bool good = std::all_of(samples.begin(), samples.end(), [](double x) { return 0 <= x && x <= 1; });
    if (samples.size() < least || !good || !(0 < level && level < 1))
        throw BadInput(fmt::format("a mean needs {} samples or more in [0, 1] and a level in (0, 1); there are {}, and "
                                   "the level is {}",
                                   least, samples.size(), level));
    return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

}

MeanInterval bounded_mean(std::span<const double> samples, double level)
{
    const double mean = checked_mean(samples, 1, level), bound = std::log(2 / level);
    std::vector<double> rest(samples.size());
    std::transform(samples.begin(), samples.end(), rest.begin(), [](double x) { return 1 - x; });
    return {mean, lower_end(samples, mean, bound), 1 - lower_end(rest, 1 - mean, bound)};
}

MeanInterval student_mean(std::span<const double> samples, double level)
{
    const double mean = checked_mean(samples, 2, level), n = static_cast<double>(samples.size());
    double squares = 0;
    for (const double x : samples) squares += (x - mean) * (x - mean);
    if (!(squares > 0)) return bounded_mean(samples, level);
    const double t = boost::math::quantile(boost::math::complement(boost::math::students_t(n - 1), level / 2));
    const double half = t * std::sqrt(squares / (n - 1) / n);
    return {mean, std::max(0.0, mean - half), std::min(1.0, mean + half)};
}

}
