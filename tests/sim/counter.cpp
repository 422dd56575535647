// The counter of a replica's words where its lowest word begins anew, after 2³² passes: 1.7·10¹⁰ steps.
#include "sim/kernel.hpp"
#include "tests/sim/by_hand.hpp"
#include "tests/sim/cells.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace exeunt;

namespace
{

constexpr std::uint64_t count = 1000;

struct Recorder final : ByHand {
    using ByHand::ByHand;
    bool next(std::uint64_t& replica) override { return handed_out < count && (replica = handed_out++, true); }
    void exit(std::uint64_t replica, std::uint64_t step, double) override { exits[replica] = step; }

    std::uint64_t handed_out = 0;
    std::vector<std::uint64_t> exits = std::vector<std::uint64_t>(count); ///< step of every replica
};

/// The lanes' first replicas begin as if they had been at their start after so many passes.
struct Late : sim::Lanes<false> {
    Late(const sim::Setup& setup, sim::Host& host, std::uint64_t passes) : Lanes(setup, host)
    {
        pass = passes;
        if (turn < pass) turn = pass; // as the turns before would have left it
    }
};

/// The step of the first exit, by the plain recursion, when X is at its start after `step` steps.
std::uint64_t plain_exit(const ByHand& of, std::uint64_t replica, std::uint64_t step)
{
    sim::Draws draw(of.setup.key);
    double x = of.setup.job.start;
    while (!of.setup.job.stops_at(x)) x = of.m.step(x, sim::noise_of(of.m.noise, draw(replica, ++step)));
    return step;
}

}

TEST_CASE("Counter: replicas that pass its 2^32 draw what the plain recursion draws there, those born later too")
{
    const model::Model m = wang2022(0.05, 0.5);
    // beyond 2³² passes, and beyond twice as many; from the last pass before, and from two hundred before
    for (const std::uint64_t turn : {std::uint64_t{1} << 32, std::uint64_t{1} << 33})
        for (const std::uint64_t before : {1U, 200U}) {
            Recorder host(m, 1, sim::make_key(7, 3));
            const std::uint64_t passes = turn - before;
            Late(host.setup, host, passes).run();
            std::uint64_t crossed = 0, wrong = 0;
            for (std::uint64_t replica = 0; replica < count; ++replica) {
                const bool late = replica < sim::lanes;
                const std::uint64_t expected = plain_exit(host, replica, late ? 4 * passes : 0);
                crossed += late && expected > 4 * turn;
                wrong += host.exits[replica] != expected;
            }
            CHECK(crossed >= 64); // of 128: two hundred passes are less than half of a mean exit
            CHECK(wrong == 0);
        }
}
