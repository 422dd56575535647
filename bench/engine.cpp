// bench/engine.cpp: the engine against plain C++, interleaved in one run on one core. The job: first exits of wang2022
// from well 2 at eta = 0.01, b = 0.5 (mean 33448 steps); 20,000 for the fast paths, fewer for the slow ones. Process
// CPU time, nanoseconds a replica-step; the ratio is the median over the rounds of the ratio within a round.
#include "bench/plain.hpp"
#include "sim/exits.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace exeunt;

namespace
{

struct Contestant {
    std::string name;
    std::function<std::uint64_t(std::uint64_t seed)> steps;
    std::vector<double> nanoseconds = {};
};

double time_per_step(const Contestant& c, std::uint64_t seed)
{
    timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    const auto steps = static_cast<double>(c.steps(seed));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    return (1e9 * static_cast<double>(after.tv_sec - before.tv_sec) +
            static_cast<double>(after.tv_nsec - before.tv_nsec)) /
           steps;
}

double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return 0.5 * (v[(v.size() - 1) / 2] + v[v.size() / 2]);
}

}

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
    const model::Model cell{
        .landscape = model::Landscape(model::builtin_potential("wang2022"), {.lo = -1.6, .hi = 1.6, .clamp = true}),
        .noise = model::Noise(std::make_shared<model::Lomax>(1.2, 0.1)),
        .diffusion = model::Function::constant(1),
        .b = 0.5,
        .eta = 0.01};

    const auto ours = [&](sim::Path path, std::uint64_t replicas) {
        return [&cell, path, replicas](std::uint64_t seed) {
            std::uint64_t steps = 0;
            for (const sim::Exit& e :
                 sim::first_exits(cell, 1, {.seed = seed}, {.replicas = replicas, .threads = 1}, path))
                steps += e.step;
            return steps;
        };
    };
    std::vector<Contestant> contestants;
    contestants.push_back(
        {"plain C++ -O2", [](std::uint64_t seed) { return bench::plain_exits(0.01, 0.5, 300, seed); }});
    constexpr const char* names[] = {"reference", "baseline", "avx2", "avx512"};
    for (const sim::Path path : sim::available_paths()) {
        const bool fast = path == sim::Path::avx2 || path == sim::Path::avx512;
        contestants.push_back({names[static_cast<int>(path)], ours(path, fast ? 20'000 : 200)});
    }

    for (int round = 0; round < rounds; ++round)
        for (Contestant& c : contestants)
            c.nanoseconds.push_back(time_per_step(c, static_cast<std::uint64_t>(round) + 1));

    fmt::print("{:<14} {:>8} {:>18}   {:>8} {:>18}\n", "", "ns/step", "[least, most]", "ratio", "[least, most]");
    for (const Contestant& c : contestants) {
        std::vector<double> ratio;
        for (std::size_t i = 0; i < c.nanoseconds.size(); ++i)
            ratio.push_back(contestants[0].nanoseconds[i] / c.nanoseconds[i]);
        const auto range = [](const std::vector<double>& v) {
            const auto [least, most] = std::minmax_element(v.begin(), v.end());
            return fmt::format("[{:.2f}, {:.2f}]", *least, *most);
        };
        fmt::print("{:<14} {:>8.2f} {:>18}   {:>8.1f} {:>18}\n", c.name, median(c.nanoseconds), range(c.nanoseconds),
                   median(ratio), range(ratio));
    }
}
