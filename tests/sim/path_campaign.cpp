// Campaigns of whole paths: the same paths however they came about, and nothing lost.
#include "sim/path_campaign.hpp"

#include "model/error.hpp"
#include "tests/scratch.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace exeunt;
using namespace exeunt::tests;
using Catch::Contains;

namespace
{

model::Spec small()
{
    return model::default_spec("x^4/4 - x^2/2 + 0.1*x",
                               {"potential.domain=-2.5,2.5", "potential.clamp=true", "dynamics.clip=0.7,inf",
                                "dynamics.learning_rate=0.2", "verify.seed=4"});
}

sim::Store open(const fs::path& file) { return {file, sim::identity_of(small(), {}, "test")}; }

void run(const fs::path& file, const sim::PathPlan& plan)
{
    sim::Ranks ranks;
    sim::Store store = open(file);
    sim::run_paths(small(), &store, ranks, plan);
}

std::vector<sim::Observation> seen(const fs::path& file, std::uint64_t paths, std::uint64_t steps)
{
    const sim::Store store = open(file);
    std::vector<sim::Observation> all;
    for (const sim::Cell& cell : sim::cells_of(small(), 2)) all.push_back(sim::stored_paths(store, cell, steps, paths));
    return all;
}

}

TEST_CASE("Paths: a cell holds what observe sees of its replicas, states as floats")
{
    const Scratch folder;
    const fs::path file = folder.path / "store.db";
    run(file, {.replicas = 300, .steps = 1000});
    const auto found = seen(file, 300, 1000);
    const auto cells = sim::cells_of(small(), 2);
    REQUIRE(found.size() == 4);
    for (std::size_t c = 0; c < cells.size(); ++c) {
        const auto model = model::model(small(), cells[c].clip, cells[c].learning_rate);
        const auto what = sim::seen_of_paths(model.landscape.domain(), 1000);
        CHECK(what.times.size() == 64);
        CHECK(what.times.back() == 960);
        auto expected = sim::observe(model, cells[c].well, sim::path_stream(cells[c], 4),
                                     {.replicas = 300, .step_limit = 1000}, what);
        for (sim::Trail& trail : expected.trails)
            for (double& x : trail.states) x = double{static_cast<float>(x)};
        CHECK(found[c] == expected);
        for (const sim::Trail& trail : found[c].trails) CHECK(trail.time_in[0] + trail.time_in[1] == 1000);
    }
    CHECK(found[0].trails[0].time_in != found[2].trails[0].time_in); // another clip, other paths
}

TEST_CASE("Paths: extended, asked to stop, or on 2 threads, the paths are those of one run")
{
    const Scratch folder;
    run(folder.path / "one.db", {.replicas = 600, .steps = 200, .threads = 1});
    const auto expected = seen(folder.path / "one.db", 600, 200);

    run(folder.path / "extended.db", {.replicas = 100, .steps = 200, .threads = 2});
    run(folder.path / "extended.db", {.replicas = 300, .steps = 200});
    run(folder.path / "extended.db", {.replicas = 300, .steps = 100}); // other lengths are others
    int asked = 0;
    CHECK_THROWS_AS(
        run(folder.path / "extended.db", {.replicas = 600, .steps = 200, .stop = [&asked] { return ++asked == 2; }}),
        Interrupted);
    run(folder.path / "extended.db", {.replicas = 600, .steps = 200});
    CHECK(seen(folder.path / "extended.db", 600, 200) == expected);
    run(folder.path / "short.db", {.replicas = 300, .steps = 100});
    CHECK(seen(folder.path / "extended.db", 300, 100) == seen(folder.path / "short.db", 300, 100));
    const auto size = fs::file_size(folder.path / "extended.db");
    run(folder.path / "extended.db", {.replicas = 600, .steps = 200});
    CHECK(fs::file_size(folder.path / "extended.db") == size); // nothing twice

    CHECK(seen(folder.path / "one.db", 512, 200)[3].trails[511] == expected[3].trails[511]);
    CHECK_THROWS_WITH(seen(folder.path / "one.db", 500, 200), Contains("replicas 256 to 511") && Contains("512 paths"));
    CHECK_THROWS_WITH(seen(folder.path / "one.db", 601, 200), Contains("600 of 601"));
}

TEST_CASE("Paths: killed at random moments and resumed, the campaign ends with the paths of an undisturbed run")
{
    const Scratch folder;
    const sim::PathPlan plan{.replicas = 1024, .steps = 2000, .threads = 1};
    run(folder.path / "one.db", plan);
    int kills = 0;
    for (int k = 0; k < 12; ++k) {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                run(folder.path / "killed.db", plan);
            } catch (...) {
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(7 * k));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        kills += WIFSIGNALED(status);
    }
    CHECK(kills > 0);
    run(folder.path / "killed.db", plan);
    CHECK(seen(folder.path / "killed.db", 1024, 2000) == seen(folder.path / "one.db", 1024, 2000));
}

TEST_CASE("Paths: encode and decode undo each other, and a cut, a longer blob, a well that is not there is none")
{
    const sim::Observation seen{.trails = {{{7, UINT64_MAX}, {0, 1}, {0.5, -1}, 0.1}, {{0, 1}, {1, 1}, {2, 3}, -0.0}},
                                .occupation = {{1, 0, std::uint64_t{1} << 40}, 5, 6}};
    const std::string data = sim::encode_paths(seen);
    sim::Observation back{};
    REQUIRE(sim::decode_paths(data, 2, back));
    CHECK(back == seen);
    for (std::size_t n = 0; n < data.size(); ++n) CHECK_FALSE(sim::decode_paths(data.substr(0, n), 2, back));
    CHECK_FALSE(sim::decode_paths(data + "x", 2, back));
    CHECK_FALSE(sim::decode_paths(data, 3, back));
    sim::Observation wrong = seen;
    wrong.trails[0].well_at[1] = 2;
    CHECK_FALSE(sim::decode_paths(sim::encode_paths(wrong), 2, back));
}
