// bench/engine.cpp: the engine against plain C++ and NumPy, interleaved in one run on one core, then on more.
//
//     bench_engine [ROUNDS] [PYTHON]      PYTHON: an interpreter that has NumPy, python3 when absent
//
// The job: first exits of wang2022 from well 2 at eta = 0.01, b = 0.5 (mean 33448 steps); 20,000 for the fast paths,
// fewer for the slow ones. Process CPU time, nanoseconds a replica-step; a ratio is the median over the rounds of the
// ratio within a round.
#include "bench/clock.hpp"
#include "bench/plain.hpp"
#include "sim/compensator.hpp"
#include "sim/exits.hpp"
#include "sim/paths.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace exeunt;

namespace
{

struct Contestant {
    std::string name;
    std::function<double(std::uint64_t seed)> time; ///< nanoseconds a step
    std::vector<double> nanoseconds = {};
};

/// Of what takes so many steps.
std::function<double(std::uint64_t)> timed(std::function<std::uint64_t(std::uint64_t)> steps)
{
    return [steps = std::move(steps)](std::uint64_t seed) {
        const double begin = bench::now();
        const auto taken = static_cast<double>(steps(seed));
        return (bench::now() - begin) / taken;
    };
}

/// bench/numpy_baseline.py tells its own CPU time; 0 when it does not run.
double numpy(const std::string& python, int replicas, std::uint64_t seed)
{
    const std::string command = fmt::format("'{}' '{}' {} {} {} 2>/dev/null", python, EXEUNT_NUMPY_BASELINE, replicas,
                                            4'000'000 / replicas, seed);
    double steps = 0, nanoseconds = 0;
    FILE* const out = ::popen(command.c_str(), "r");
    if (!out) return 0;
    const int read = std::fscanf(out, "%lf %lf", &steps, &nanoseconds);
    ::pclose(out);
    return read == 2 ? nanoseconds / steps : 0;
}

std::uint64_t steps_of(const std::vector<sim::Exit>& exits)
{
    std::uint64_t steps = 0;
    for (const sim::Exit& e : exits) steps += e.step;
    return steps;
}

void print(const std::vector<Contestant>& contestants, const std::vector<std::size_t>& against)
{
    fmt::print("{:<34} {:>8} {:>18}", "", "ns/step", "[least, most]");
    for (const std::size_t k : against) fmt::print("   {:>24}", "x " + contestants[k].name);
    fmt::print("\n");
    for (const Contestant& c : contestants) {
        fmt::print("{:<34} {:>8.2f} {:>18}", c.name, bench::median(c.nanoseconds), bench::range(c.nanoseconds));
        for (const std::size_t k : against) {
            const auto r = bench::ratio(contestants[k].nanoseconds, c.nanoseconds);
            fmt::print("   {:>6.2f} {:>17}", bench::median(r), bench::range(r));
        }
        fmt::print("\n");
    }
    fmt::print("\n");
}

struct Growing {
    template<class T> T operator()(const T& x) const { return T(1) + T(0.5) * x * x; }
};

constexpr struct {
    const char* name;
    double p_plus;
} noises[] = {{"pareto", 0.5}, {"lomax", 0.3},  {"pareto", 0.3},     {"student_t", 0.5}, {"student_t", 0.3},
              {"stable", 0.5}, {"stable", 0.3}, {"log_pareto", 0.5}, {"gaussian", 0.5}};

constexpr const char* two_ranks = "mpirun --allow-run-as-root --oversubscribe -np 2";

/// Nanoseconds that `exeunt simulate` takes by the clock on the wall, all wells of one cell, one thread a rank.
double wall_clock(const char* launcher, int replicas, std::uint64_t seed)
{
    const auto folder = std::filesystem::temp_directory_path() / "exeunt-bench-ranks";
    const std::string command = fmt::format(
        "{} '{}' simulate wang2022 --set dynamics.clip=0.5 --set dynamics.learning_rate=0.01 --replicas {} --seed {} "
        "--threads 1 --quiet --out '{}' >/dev/null",
        launcher, EXEUNT_PROGRAM, replicas, seed, folder.string());
    std::filesystem::remove_all(folder);
    const double begin = bench::now(CLOCK_MONOTONIC);
    if (std::system(command.c_str()) != 0) std::exit(1);
    const double taken = bench::now(CLOCK_MONOTONIC) - begin;
    std::filesystem::remove_all(folder);
    return taken;
}

/// A campaign that takes some twenty seconds, since mpirun takes part of one to start.
constexpr int campaign_replicas = 200'000;
constexpr double campaign_steps = 78'472.0 * campaign_replicas; ///< by the exact means of the four wells
double campaign(const char* launcher, std::uint64_t seed)
{
    return wall_clock(launcher, campaign_replicas, seed) / campaign_steps;
}

void run(std::vector<Contestant>& contestants, int rounds)
{
    for (int round = 0; round < rounds; ++round)
        for (Contestant& c : contestants) c.nanoseconds.push_back(c.time(static_cast<std::uint64_t>(round) + 1));
}

}

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
    const std::string python = argc > 2 ? argv[2] : "python3";
    const model::Model cell{
        .landscape = model::Landscape(model::builtin_potential("wang2022"), {.lo = -1.6, .hi = 1.6, .clamp = true}),
        .noise = model::Noise(std::make_shared<model::Lomax>(1.2, 0.1)),
        .diffusion = model::Function::constant(1),
        .b = 0.5,
        .eta = 0.01};
    const sim::Path fastest = sim::available_paths().back();

    // one core: what users write, and every path of the engine
    std::vector<Contestant> one_core;
    one_core.push_back(
        {"plain C++ -O2", timed([](std::uint64_t seed) { return bench::plain_exits(0.01, 0.5, 300, seed); })});
    std::vector<std::size_t> against = {0};
    for (const int replicas : {1000, 4000}) {
        if (numpy(python, replicas, 1) == 0) {
            fmt::print("{} has no NumPy: left out\n", python);
            break;
        }
        against.push_back(one_core.size());
        one_core.push_back({fmt::format("NumPy, {} replicas", replicas),
                            [&, replicas](std::uint64_t seed) { return numpy(python, replicas, seed); }});
    }
    constexpr const char* names[] = {"reference", "baseline", "avx2", "avx512"};
    for (const sim::Path path : sim::available_paths()) {
        const bool fast = path == sim::Path::avx2 || path == sim::Path::avx512;
        const std::uint64_t replicas = fast ? 20'000 : 200;
        one_core.push_back(
            {names[static_cast<int>(path)], timed([&cell, path, replicas](std::uint64_t seed) {
                 return steps_of(sim::first_exits(cell, 1, {.seed = seed}, {.replicas = replicas, .threads = 1}, path));
             })});
    }
    run(one_core, rounds);
    print(one_core, against);

    // what else is observed, on the fastest path
    std::vector<Contestant> observables;
    observables.push_back({"first exits", one_core.back().time});
    observables.push_back({"first exits and compensator", timed([&](std::uint64_t seed) {
                               std::uint64_t steps = 0;
                               for (const auto& e : sim::compensated_exits(cell, 1, {.seed = seed},
                                                                           {.replicas = 5000, .threads = 1}, fastest))
                                   steps += e.exit.step;
                               return steps;
                           })});
    const auto whole_line = [&](const char* name, const sim::Observables& what) {
        observables.push_back({name, timed([&cell, fastest, what](std::uint64_t seed) {
                                   constexpr std::uint64_t replicas = 256, steps = 1'000'000;
                                   sim::observe(cell, 1, {.seed = seed},
                                                {.replicas = replicas, .step_limit = steps, .threads = 1}, what,
                                                fastest);
                                   return replicas * steps;
                               })});
    };
    whole_line("whole line, time in fields", {});
    whole_line("whole line, 4096 bins every step", {.bins = {.lo = -1.6, .hi = 1.6, .count = 4096}});
    run(observables, rounds);
    print(observables, {0});

    // other laws of the noise, and sigma(x): a replica of well 2 for at most 20,000 steps, as laws differ in their
    // exits
    for (const sim::Path path : sim::available_paths()) {
        if (path != sim::Path::avx2 && path != sim::Path::avx512) continue;
        std::vector<Contestant> laws;
        const auto law = [&](const std::string& name, model::Model m) {
            laws.push_back(
                {fmt::format("{}, {}", sim::name_of(path), name), timed([m = std::move(m), path](std::uint64_t seed) {
                     return steps_of(sim::first_exits(m, 1, {.seed = seed},
                                                      {.replicas = 2000, .step_limit = 20'000, .threads = 1}, path));
                 })});
        };
        law("lomax", cell);
        for (const auto& [name, p_plus] : noises) {
            model::Model m = cell;
            m.noise = model::make_noise(name, {.alpha = model::takes_alpha(name) ? std::optional(1.2) : std::nullopt,
                                               .scale = 0.1,
                                               .p_plus = p_plus});
            law(fmt::format("{} p+ {}", name, p_plus), m);
        }
        model::Model m = cell;
        m.diffusion = model::Function::of(Growing{}, "1 + x^2/2");
        law("lomax, sigma = 1 + x^2/2", m);
        run(laws, rounds);
        print(laws, {0});
    }

    // wall-clock time on one thread and on several
    std::vector<Contestant> threads;
    for (const unsigned n : {1U, 2U}) {
        threads.push_back({fmt::format("wall clock, {} thread{}", n, n > 1 ? "s" : ""), [&, n](std::uint64_t seed) {
                               const double begin = bench::now(CLOCK_MONOTONIC);
                               const auto steps = static_cast<double>(steps_of(sim::first_exits(
                                   cell, 1, {.seed = seed}, {.replicas = 20'000, .threads = n}, fastest)));
                               return (bench::now(CLOCK_MONOTONIC) - begin) / steps;
                           }});
        if (std::thread::hardware_concurrency() < 2) break;
    }
    run(threads, rounds);
    print(threads, {0});

    // the program as one process and on two ranks: all wells of one cell
    if (std::system("mpirun --version >/dev/null 2>&1") != 0) return 0;
    std::vector<Contestant> ranks;
    double whole = 0; // of the last run on two ranks
    ranks.push_back({"wall clock, one process", [](std::uint64_t seed) { return campaign("", seed); }});
    ranks.push_back({"wall clock, 2 ranks", [&](std::uint64_t seed) { return whole = campaign(two_ranks, seed); }});
    ranks.push_back({"the same less mpirun's own time", [&](std::uint64_t seed) {
                         return whole - (wall_clock(two_ranks, 1, seed) - wall_clock("", 1, seed)) / campaign_steps;
                     }});
    run(ranks, rounds);
    print(ranks, {0});
}
