// Campaigns: the same replicas however they came about, and nothing lost.
#include "sim/campaign.hpp"

#include "model/error.hpp"
#include "tests/scratch.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fmt/format.h>
#include <random>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace exeunt;
using namespace exeunt::tests;
using Catch::Contains;
using sim::CampaignPlan;

namespace
{

/// Two wells, exits after a few steps at the smallest clip and after some hundreds at the larger learning rate.
model::Spec small(const std::string& clip = "0.7", const std::string& eta = "0.2")
{
    return model::default_spec("x^4/4 - x^2/2 + 0.1*x",
                               {"potential.domain=-2.5,2.5", "potential.clamp=true", "dynamics.clip=" + clip,
                                "dynamics.learning_rate=" + eta, "verify.seed=4"});
}

constexpr std::size_t wells = 2;

void run(const model::Spec& spec, const fs::path& file, const CampaignPlan& plan)
{
    sim::Ranks ranks;
    sim::Store store(file, sim::identity_of(spec, plan, "test"));
    sim::run_campaign(spec, &store, ranks, plan);
}

/// FNV-1a over every exit of every cell, in order.
std::uint64_t hash(const model::Spec& spec, const fs::path& file, const CampaignPlan& plan)
{
    const sim::Store store(file, sim::identity_of(spec, plan, "test"));
    std::uint64_t h = 0xcbf29ce484222325;
    for (const sim::Cell& cell : sim::cells_of(spec, wells))
        for (const sim::Exit& e : sim::stored_exits(store, cell, plan.replicas))
            for (const std::uint64_t word : {e.step, std::uint64_t{e.place}, std::uint64_t{e.censored},
                                             std::bit_cast<std::uint64_t>(e.final_state)})
                for (int byte = 0; byte < 8; ++byte) h = (h ^ (word >> 8 * byte & 0xff)) * 0x100000001b3;
    return h;
}

std::uint64_t batches(const model::Spec& spec, const fs::path& file, const CampaignPlan& plan)
{
    const sim::Store store(file, sim::identity_of(spec, plan, "test"));
    std::uint64_t exits = 0;
    for (const sim::Cell& cell : sim::cells_of(spec, wells)) store.read(cell, [&](const auto&) { ++exits; });
    return exits;
}

/// A process that runs the campaign, killed after so many seconds; whether it had ended by itself.
bool killed_after(double seconds, const model::Spec& spec, const fs::path& file, const CampaignPlan& plan)
{
    const pid_t child = ::fork();
    if (child == 0) {
        int status = 1;
        try {
            run(spec, file, plan);
            status = 0;
        } catch (...) {
        }
        ::_exit(status);
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE((WIFSIGNALED(status) || WEXITSTATUS(status) == 0)); // never an error of its own
    return !WIFSIGNALED(status);
}

}

TEST_CASE("Campaign: a cell holds the replicas of first_exits, each once, and its known answer")
{
    const Scratch folder;
    const auto spec = small("0.7,inf", "0.2,0.1");
    const CampaignPlan plan{.replicas = 500, .threads = 2};
    run(spec, folder.path / "a", plan);
    const sim::Store store(folder.path / "a", sim::identity_of(spec, plan, "test"));
    const auto cells = sim::cells_of(spec, wells);
    REQUIRE(cells.size() == 8);
    for (const sim::Cell& cell : cells) {
        const auto exits = sim::first_exits(model::model(spec, cell.clip, cell.learning_rate), cell.well,
                                            {.seed = 4, .cell = cell.key}, {.replicas = 500});
        CHECK(sim::stored_exits(store, cell, 500) == exits);
        CHECK_NOTHROW(sim::check_distinct(exits, spec.potential.domain, cell));
    }
    CHECK_THROWS_WITH(sim::stored_exits(store, cells[3], 501), Contains("500 of 501 replicas"));
}

TEST_CASE("Campaign: 1, 2 and 3 threads and any batch give the same replicas")
{
    const Scratch folder;
    const auto spec = small();
    const CampaignPlan plan{.replicas = 3000, .threads = 1};
    run(spec, folder.path / "1", plan);
    const std::uint64_t expected = hash(spec, folder.path / "1", plan);
    CHECK(expected == 0x6a709e865f9f523);
    for (const unsigned threads : {2U, 3U}) {
        const auto file = folder.path / std::to_string(threads);
        run(spec, file, {.replicas = 3000, .threads = threads, .batch = 100});
        CHECK(hash(spec, file, plan) == expected);
    }
}

TEST_CASE("Campaign: run again it repeats nothing, more replicas, clips and learning rates are added to what is there")
{
    const Scratch folder;
    const auto file = folder.path / "campaign.db";
    run(small(), file, {.replicas = 1000});
    const std::string before = bytes(file);
    run(small(), file, {.replicas = 1000});
    run(small(), file, {.replicas = 400});
    CHECK(bytes(file) == before);

    const auto wide = small("0.7,inf", "0.1,0.2");
    const CampaignPlan more{.replicas = 1500};
    run(wide, file, more);
    CHECK(batches(wide, file, more) == 4 * wells * more.replicas);
    run(wide, folder.path / "afresh", more);
    CHECK(hash(wide, file, more) == hash(wide, folder.path / "afresh", more));
    CHECK(hash(small(), file, {.replicas = 1000}) != hash(wide, file, more));
}

TEST_CASE("Campaign: killed 200 times at random moments and resumed, it ends with the replicas of an undisturbed run")
{
    const Scratch folder;
    const auto spec = small("0.7", "0.05");
    const CampaignPlan plan{.replicas = 12'000, .threads = 1, .batch = 50}; // ten hand-overs on a fast machine
    const auto start = std::chrono::steady_clock::now();
    run(spec, folder.path / "whole", plan);
    const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - start;
    std::mt19937 random(1); // moments of kills: not part of what is claimed
    int kills = 0, kept = 0, restarts = 0;
    fs::path file;
    for (; kills < 200; ++restarts) {
        file = folder.path / fmt::format("killed-{}", restarts);
        std::uint64_t stored = 0;
        while (kills < 200 &&
               !killed_after(std::uniform_real_distribution(0.0, whole.count() / 3)(random), spec, file, plan)) {
            ++kills;
            const std::uint64_t now = batches(spec, file, plan);
            REQUIRE(now >= stored); // nothing that was stored is lost
            kept += now > stored;
            stored = now;
        }
    }
    CHECK(kept > 20); // kills that came between batches, not all before the first or after the last
    UNSCOPED_INFO(restarts << " campaigns of " << whole.count() << " s, kept " << kept);
    run(spec, file, plan);
    for (int k = 0; k < restarts; ++k)
        CHECK(hash(spec, folder.path / fmt::format("killed-{}", k), plan) == hash(spec, folder.path / "whole", plan));
    CHECK(batches(spec, file, plan) == wells * plan.replicas); // each once
}

TEST_CASE("Campaign: asked to stop, it keeps what ended and throws Interrupted")
{
    const Scratch folder;
    const auto file = folder.path / "campaign.db";
    const auto endless = small("0.7", "0.02");
    std::uint64_t done = 0;
    CampaignPlan plan{.replicas = 10'000'000};
    plan.progress = [&](const sim::CampaignProgress& at) { done = at.done; };
    plan.stop = [&] { return done > 0; };
    CHECK_THROWS_AS(run(endless, file, plan), Interrupted);
    CHECK(batches(endless, file, plan) >= done);
}

TEST_CASE("Campaign: censored replicas are stored as such, X that stops being finite loses nothing of before")
{
    const Scratch folder;
    const CampaignPlan short_plan{.replicas = 200, .step_limit = 30};
    run(small(), folder.path / "short", short_plan);
    const sim::Store store(folder.path / "short", sim::identity_of(small(), short_plan, "test"));
    const auto exits = sim::stored_exits(store, sim::cells_of(small(), wells)[1], 200);
    CHECK(std::any_of(exits.begin(), exits.end(), [](const auto& e) { return e.censored && e.step == 30; }));

    // sqrt(x + 3) is not a number left of -3: a jump there ends the run
    const auto broken =
        model::default_spec("x^4/4 - x^2/2 + 0.1*sqrt(x + 3)",
                            {"potential.domain=-2.5,2.5", "dynamics.clip=0.3,inf", "dynamics.learning_rate=0.2"});
    const CampaignPlan plan{.replicas = 2000};
    CHECK_THROWS_WITH(run(broken, folder.path / "broken", plan), Contains("X is not finite at step"));
    CHECK(batches(broken, folder.path / "broken", plan) > 2 * 2000); // the cells at b = 0.3, and a part of b = inf
}

TEST_CASE("Campaign: a full store is one line, and what was stored stays")
{
    const Scratch folder;
    const auto file = folder.path / "campaign.db";
    const auto spec = small();
    run(spec, file, {.replicas = 100});
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{2 << 20, 2 << 20}; // what a full disk looks like
        ::setrlimit(RLIMIT_FSIZE, &limit);
        int status = 1;
        try {
            run(spec, file, {.replicas = 1'000'000});
        } catch (const BadInput& problem) {
            const std::string message = problem.what();
            status = message.find("cannot write") == 0 && message.find('\n') == std::string::npos ? 0 : 2;
        } catch (...) {
        }
        ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(batches(spec, file, {.replicas = 100}) > 10'000);
    run(spec, file, {.replicas = 20'000});
    run(spec, folder.path / "afresh", {.replicas = 20'000});
    CHECK(hash(spec, file, {.replicas = 20'000}) == hash(spec, folder.path / "afresh", {.replicas = 20'000}));
}

TEST_CASE("Campaign: a store whose replicas this program does not find again is refused")
{
    const Scratch folder;
    const auto spec = small();
    const auto file = folder.path / "campaign.db";
    run(spec, file, {.replicas = 5});
    const auto cell = sim::cells_of(spec, wells)[1];
    auto planted = sim::first_exits(model::model(spec, cell.clip, cell.learning_rate), cell.well,
                                    {.seed = 4, .cell = cell.key}, {.replicas = 6})[5];
    ++planted.step;
    sim::Store(file, sim::identity_of(spec, {}, "test")).add(cell, {{5, planted}});
    const std::string before = bytes(file);
    CHECK_THROWS_WITH(run(spec, file, {.replicas = 10}), Contains("simulates otherwise (replica 5 of clip 0.7"));
    CHECK(bytes(file) == before);
}

TEST_CASE("Campaign: a store made when the law of its noise had no table, stepped in double, is refused in one line")
{
    const auto spec = small();
    const Scratch folder;
    const auto file = folder.path / "campaign.db";
    auto earlier = sim::identity_of(spec, {}, "test");
    REQUIRE(earlier.arithmetic == "float");
    earlier.arithmetic = "double";
    sim::Store(file, earlier)
        .add(sim::cells_of(spec, wells)[0], {{0, {.step = 3, .place = 1, .censored = false, .final_state = 0.1}}});
    const std::string before = bytes(file);
    CHECK_THROWS_WITH(run(spec, file, {.replicas = 10}), Contains("replicas of steps in double precision, not float"));
    CHECK(bytes(file) == before);
}

TEST_CASE(
    "Duplicates: a place where the clip leads from the clamp, again and again, is no copy, and copies beside it are")
{
    constexpr double mean = 25, place = 0.6; // 1.6 - 2 * 0.5
    std::vector<sim::Exit> exits;
    for (int k = 0; k < 40'000; ++k) { // exponential times; a tenth of all ends in the place
        const double step = 101 - mean * std::log((k + 0.5) / 40'000);
        exits.push_back({.step = static_cast<std::uint64_t>(step),
                         .place = 2,
                         .censored = false,
                         .final_state = k % 10 == 0 ? place : 0.6 - 1e-7 * (k + 1)});
    }
    const sim::Cell cell{.clip = 0.5, .learning_rate = 0.3, .well = 3, .key = 1};
    CHECK_NOTHROW(sim::check_distinct(exits, {.lo = -1.6, .hi = 1.6, .clamp = true}, cell));
    std::copy_n(exits.begin(), 2000, exits.begin() + 20'000);
    CHECK_THROWS_AS(sim::check_distinct(exits, {.lo = -1.6, .hi = 1.6, .clamp = true}, cell), NotConverged);
}

TEST_CASE("Duplicates: copies among replicas are an error, chance is none")
{
    const auto spec = small("0.7,inf", "0.05");
    for (const sim::Cell& cell : sim::cells_of(spec, wells)) {
        const auto model = model::model(spec, cell.clip, cell.learning_rate);
        auto exits = sim::first_exits(model, cell.well, {.seed = 4, .cell = cell.key}, {.replicas = 20'000});
        CHECK_NOTHROW(sim::check_distinct(exits, spec.potential.domain, cell));
        const auto fresh = exits;
        std::copy_n(fresh.begin(), 2000, exits.begin() + 10'000); // a stripe that ran twice
        CHECK_THROWS_AS(sim::check_distinct(exits, spec.potential.domain, cell), NotConverged);
        std::fill(exits.begin(), exits.end(), *std::find_if(fresh.begin(), fresh.end(), [](const auto& e) {
                      return e.step > 100 && std::abs(e.final_state) < 2;
                  }));
        CHECK_THROWS_AS(sim::check_distinct(exits, spec.potential.domain, cell), NotConverged);
    }
}
