// bench/clock.hpp: time, and numbers that stand for many of them.
#pragma once

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace exeunt::bench
{

/// Nanoseconds of a clock: CLOCK_PROCESS_CPUTIME_ID counts the time of all threads, CLOCK_MONOTONIC goes on by itself.
inline double now(clockid_t clock = CLOCK_PROCESS_CPUTIME_ID)
{
    timespec t;
    clock_gettime(clock, &t);
    return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

inline double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return 0.5 * (v[(v.size() - 1) / 2] + v[v.size() / 2]);
}

inline std::string range(const std::vector<double>& v)
{
    const auto [least, most] = std::minmax_element(v.begin(), v.end());
    return fmt::format("[{:.2f}, {:.2f}]", *least, *most);
}

/// a_k / b_k, round by round.
inline std::vector<double> ratio(const std::vector<double>& a, const std::vector<double>& b)
{
    std::vector<double> r;
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) r.push_back(a[k] / b[k]);
    return r;
}

}
