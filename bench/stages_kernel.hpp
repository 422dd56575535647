// bench/stages_kernel.hpp: the functions of stages.hpp, from the kernel's own text.
#include "bench/stages.hpp"
#include "sim/kernel.hpp"

#include <ctime>

namespace exeunt::bench
{

namespace
{

double cpu_time()
{
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

/// Runs lanes that never leave their panel until so many steps are taken.
struct Quiet final : sim::Host {
    explicit Quiet(std::uint64_t steps) : left(steps) {}
    bool next(std::uint64_t& replica) override
    {
        replica = handed_out++;
        return true;
    }
    bool tick(std::uint64_t steps) override
    {
        taken += steps;
        return taken < left;
    }
    void exit(std::uint64_t, std::uint64_t, double) override {}
    void censor(std::uint64_t, std::uint64_t, double) override {}
    double drift(double) override { return 0; }
    double sigma(double) override { return 1; }
    double noise(std::uint64_t, std::uint64_t) override { return 0; }
    [[noreturn]] void diverged(std::uint64_t, std::uint64_t) override { __builtin_trap(); }
    void stay(std::uint64_t, double, std::uint64_t) override {}
    std::uint64_t look(std::uint64_t, std::uint64_t, double) override { return UINT64_MAX; }
    void at_edge(std::uint64_t, const double*, int) override {}

    std::uint64_t left, taken = 0, handed_out = 0;
};

/// A table without NaN, and one panel of the harmonic potential that holds every path.
sim::Setup quiet_setup()
{
    static const sim::Panel panel = [] {
        sim::Panel p{.lo = -1e9, .hi = 1e9, .centre = 0, .reach = 1e9F, .a = {0, -0.01F}, .sigma = {}};
        return p;
    }();
    sim::Setup s{.key = sim::make_key(1, 1),
                 .noise = {},
                 .sigma_varies = false,
                 .panels = &panel,
                 .panel_count = 1,
                 .lo = -1e9,
                 .hi = 1e9,
                 .b = 0.5,
                 .job = {.start = 0, .stops = nullptr, .stop_count = 0, .step_limit = UINT64_MAX}};
    for (float& t : s.noise.power.t) t = 1e-3F;
    s.noise.power.p[0] = 1;
    s.noise.power.shift = 1e-3F;
    return s;
}

constexpr bool slow = sim::W == 4; ///< the baseline: less work for it

template<bool with_noise> double words_and_noise()
{
    const sim::Setup s = quiet_setup();
    constexpr int passes = slow ? 10'000 : 100'000, lanes = sim::M;
    alignas(64) float out[4][lanes] = {};
    alignas(64) std::uint32_t heads[sim::Head::words][lanes];
    for (int lane = 0; lane < lanes; ++lane) {
        const sim::Head head = sim::make_head(s.key, 0, static_cast<std::uint64_t>(lane));
        for (int k = 0; k < sim::Head::words; ++k) heads[k][lane] = head.word[k];
    }
    const double begin = cpu_time();
    for (std::uint32_t pass = 0; pass < passes; ++pass)
        for (int v = 0; v < lanes; v += sim::counters * sim::W) {
            sim::U x[sim::counters][4];
#pragma GCC unroll 4
            for (int c = 0; c < sim::counters; ++c) {
                sim::U head[sim::Head::words];
                for (int k = 0; k < sim::Head::words; ++k) head[k] = sim::load(heads[k] + v + sim::W * c);
                sim::two_rounds(sim::all(pass), head, x[c]);
            }
            sim::threefry_from<2>(s.key, x);
#pragma GCC unroll 4
            for (int c = 0; c < sim::counters; ++c) {
                sim::F z[4] = {sim::F(x[c][0]), sim::F(x[c][1]), sim::F(x[c][2]), sim::F(x[c][3])};
                if (with_noise) sim::scaled_noise(s.noise.power, x[c], z);
                for (int i = 0; i < 4; ++i) sim::store(out[i] + v + sim::W * c, z[i]);
            }
            __asm__ volatile("" : : "r"(out) : "memory");
        }
    return (cpu_time() - begin) / (4.0 * lanes * passes);
}

Stages stages()
{
    Stages s{.words = words_and_noise<false>(), .noise = words_and_noise<true>(), .steps = 0};
    const sim::Setup setup = quiet_setup();
    Quiet host(slow ? 10'000'000 : 200'000'000);
    const double begin = cpu_time();
    sim::run(setup, host);
    s.steps = (cpu_time() - begin) / static_cast<double>(host.taken);
    return s;
}

}

}
