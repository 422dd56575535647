#include "validation/limit_law.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace exeunt::validation
{

namespace
{

/// The largest gap(j) over the first steps, and over all j up to `last`: coarsely, then closer about the largest.
template<class Gap> double largest(Gap gap, double last)
{
    constexpr std::uint64_t all = 128;
    constexpr int points = 256;
    double most = 0;
    for (std::uint64_t j = 0; j <= all; ++j) most = std::max(most, gap(j));
    double low = std::log(static_cast<double>(all)), high = std::log(std::max(last, 2.0 * all));
    for (int round = 0; round < 3; ++round) {
        const double step = (high - low) / points;
        double at = low, best = 0;
        for (int k = 0; k <= points; ++k)
            if (const double g = gap(static_cast<std::uint64_t>(std::exp(low + k * step))); g > best) {
                best = g;
                at = low + k * step;
            }
        most = std::max(most, best);
        low = at - step;
        high = at + step;
    }
    return most;
}

}

LimitGaps limit_gaps(const theory::ExitLaw& law, const theory::ExactCell& cell)
{
    constexpr double mean_times = 40, longest = 0x1p56; // 40 times that is still below 2^62
    const double longer = std::max(cell.exit.mean, cell.limit_mean);
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    if (law.geometric() || !(longer < longest)) return {none, none, none, none};
    const double last = mean_times * longer;
    const auto from_exponential = [&](double mean) {
        return largest(
            [&](std::uint64_t j) {
                const double survival = std::exp(law.log_survival(j)), t = static_cast<double>(j) / mean;
                return std::max(std::abs(survival - std::exp(-t)), std::abs(survival - std::exp(-t - 1 / mean)));
            },
            last);
    };
    double place = 0;
    for (std::size_t k = 0; k < cell.exit.to.size(); ++k) {
        const double share = law.survival_into(0, k);
        if (share == 0 || share == 1) continue;
        place =
            std::max(place, largest(
                                [&](std::uint64_t j) {
                                    return std::abs(law.survival_into(j, k) - std::exp(law.log_survival(j)) * share);
                                },
                                last));
    }
    // t runs through an interval while σ > t says σ > j: an exponential law is compared at both of its ends
    return {from_exponential(cell.limit_mean), from_exponential(cell.exit.mean), place, law.error() + cell.exit.error};
}

}
