#include "validation/limit_law.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

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
    if (law.geometric() || !(longer < longest)) return {std::nan(""), std::nan(""), std::nan("")};
    const double rate = 1 / cell.limit_mean, last = mean_times * longer;
    // t runs through an interval while σ > t says σ > j: the limit is compared at both of its ends
    const double time = largest(
        [&](std::uint64_t j) {
            const double survival = std::exp(law.log_survival(j)), t = rate * static_cast<double>(j);
            return std::max(std::abs(survival - std::exp(-t)), std::abs(survival - std::exp(-t - rate)));
        },
        last);
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
    return {time, place, law.error() + cell.exit.error};
}

}
