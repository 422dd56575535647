// The whole run on a small spec: what it records, that threads do not matter, budget and stop.
#include "validation/verify.hpp"

#include "model/error.hpp"
#include "sim/campaign.hpp"
#include "theory/predict.hpp"
#include "validation/limit_studies.hpp"
#include "validation/plan.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <unistd.h>

using namespace exeunt;
using namespace exeunt::validation;

namespace
{

/// Two wells, one threshold, one learning rate: means of some 1000 steps, a second in all.
model::Spec small(const model::Overrides& more = {})
{
    model::Overrides overrides{"potential.domain=[-2.5,2.5]", "dynamics.clip=1.5",
                               "dynamics.learning_rate=0.05", "verify.effect=0.2",
                               "verify.false_alarm=1e-3",     "verify.ladder=[1e-2,1e-3,1e-4,1e-5,1e-6]",
                               "potential.clamp=true"};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return model::default_spec("x^4/4 - x^2/2 + x/10", overrides);
}

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

bool same(const Hypothesis& a, const Hypothesis& b)
{
    return a.id == b.id && a.claim == b.claim && a.statistic == b.statistic && bits(a.value) == bits(b.value) &&
           bits(a.p_value) == bits(b.p_value) && bits(a.estimate) == bits(b.estimate) &&
           bits(a.lower) == bits(b.lower) && bits(a.upper) == bits(b.upper) && bits(a.expected) == bits(b.expected) &&
           bits(a.expected_error) == bits(b.expected_error) && a.samples == b.samples && a.censored == b.censored &&
           a.verdict == b.verdict && a.reason == b.reason;
}

}

TEST_CASE("verify: a true theory is confirmed, and the same bits on one thread and on two")
{
    const Verification one = verify(small(), {.threads = 1}), two = verify(small(), {.threads = 2});
    CHECK(one.verdict == Verdict::confirmed);
    REQUIRE(one.cells.size() == 2);
    REQUIRE(one.ladders.size() == 2);
    // S1, S2 and S3 of two cells with one place; L1 to L3 of two ladders, five each; L4 of two wells, and at times
    REQUIRE(one.hypotheses.size() == 19);
    REQUIRE(one.shares.size() == 1);
    CHECK(one.shares[0].rungs.size() == 5);
    CHECK(one.notes.empty());
    CHECK(one.level == level(1e-3, Claim::exit_scale, 2));
    REQUIRE(one.predictions.size() == 1);
    const double levels[] = {one.level, level(1e-3, Claim::exit_shape, 2), level(1e-3, Claim::exit_split, 2)};
    for (std::size_t k = 0; k < 19; ++k) {
        const Hypothesis& h = one.hypotheses[k];
        INFO(h.id << ": " << h.reason);
        CHECK(h.verdict == Verdict::confirmed);
        CHECK(h.alpha == (k < 6 ? levels[k % 3] : 0));
        CHECK(std::isnan(h.p_value) == (k >= 6));
        CHECK(same(h, two.hypotheses[k]));
    }
    for (std::size_t k = 0; k < 2; ++k) {
        const Cell &a = one.cells[k], &b = two.cells[k];
        REQUIRE(a.simulated);
        REQUIRE(b.simulated);
        CHECK(a.note.empty());
        CHECK(a.exact.well == k);
        CHECK(a.simulated->exits + a.simulated->censored >= a.planned_exits);
        CHECK(a.simulated->places[1 - k] == a.simulated->exits);
        CHECK(a.planned_steps == static_cast<double>(a.planned_exits) * a.exact.exit.mean);
        const double share = static_cast<double>(a.simulated->exits) / static_cast<double>(a.planned_exits);
        CHECK(std::abs(a.simulated->steps / (share * a.planned_steps) - 1) <=
              5 / std::sqrt(static_cast<double>(a.planned_exits)));
        CHECK(a.simulated->steps == b.simulated->steps);
        CHECK(bits(a.simulated->mean) == bits(b.simulated->mean));
        CHECK(a.exact.exit.error <= 1e-4); // min(1e-4, effect/50)
        CHECK(one.ladders[k].rungs.size() == 5);
    }
}

TEST_CASE("verify: cells have draws of their own, and another seed has others")
{
    const Verification a = verify(small(), {.threads = 1}), b = verify(small({"verify.seed=5"}), {.threads = 1});
    CHECK(a.cells[0].simulated->steps != b.cells[0].simulated->steps);
    CHECK(a.cells[0].simulated->steps != a.cells[1].simulated->steps);
    CHECK(b.verdict == Verdict::confirmed);
    // what does not change is what needs no draw
    CHECK(same(a.hypotheses[6], b.hypotheses[6]));
    // a cell keeps its draws when another learning rate joins
    const Verification more =
        verify(small({"dynamics.learning_rate=[0.05,0.1]", "verify.false_alarm=2e-3"}), {.threads = 1});
    REQUIRE(more.cells.size() == 4);
    CHECK(more.level == a.level);
    CHECK(more.cells[0].simulated->steps == a.cells[0].simulated->steps);
}

TEST_CASE("verify: without a budget for any cell the verdict rests on oracle and limit, and each cell says so")
{
    const Verification v = verify(small({"verify.budget=1e-6"}), {.threads = 1});
    for (const Cell& cell : v.cells) {
        REQUIRE(cell.planned_steps > 1e5); // more than any machine takes in 1e-6 s
        CHECK_FALSE(cell.simulated);
        CHECK_THAT(cell.note,
                   Catch::Contains("do not fit into the budget") && Catch::Contains("oracle and limit alone"));
    }
    REQUIRE(v.hypotheses.size() == 10);
    for (const Hypothesis& h : v.hypotheses) {
        CHECK_THAT(h.id, Catch::StartsWith("exit-")); // L1 to L3: L4 takes no more than half of the budget
        CHECK(std::isnan(h.learning_rate));
        CHECK(std::isnan(h.p_value));
    }
    CHECK(v.verdict == Verdict::confirmed);
    REQUIRE(v.notes.size() == 1);
    CHECK_THAT(v.notes[0], Catch::Contains("does not fit into the budget"));
}

TEST_CASE("verify: for Gaussian noise there is no limit to hold the exact chain against, and cells left out say so")
{
    const Verification run =
        verify(small({"noise.law=gaussian", "noise.scale=2", "dynamics.learning_rate=0.02", "verify.budget=1e-9"}));
    CHECK(run.ladders.empty());
    CHECK(run.hypotheses.empty());
    REQUIRE(run.notes.size() == 1);
    CHECK_THAT(run.notes[0], Catch::Contains("no heavy tail"));
    REQUIRE(run.cells.size() == 2);
    for (const Cell& cell : run.cells) CHECK_THAT(cell.note, Catch::Contains("not judged, since there is no limit"));
    CHECK(run.verdict == Verdict::inconclusive);
}

TEST_CASE("verify: stop ends a run in every stage")
{
    CHECK_THROWS_AS(verify(small(), {.threads = 1, .stop = [] { return true; }}), Interrupted);
    bool simulating = false;
    const Options late{.threads = 1,
                       .progress = [&](const Progress& p) { simulating |= p.stage == "simulation" && p.share < 1; },
                       .stop = [&] { return simulating; }};
    CHECK_THROWS_AS(verify(small({"dynamics.learning_rate=0.01", "dynamics.clip=0.7", "verify.effect=0.02"}), late),
                    Interrupted);
}

TEST_CASE("verify: what is stored is not simulated again, what a stopped run had is kept, and the record is the same")
{
    const std::filesystem::path file = std::filesystem::temp_directory_path() / fmt::format("exeunt-{}.db", ::getpid());
    std::filesystem::remove(file);
    const model::Spec spec = small(
        {"dynamics.clip=0.7", "dynamics.learning_rate=0.02", "verify.effect=0.1", "verify.ladder=[1e-2,5e-3,2e-3]"});
    const Verification plain = verify(spec, {.threads = 1});
    const auto in_store = [&](const sim::Store& store) {
        std::uint64_t count = 0;
        for (const sim::Cell& cell : sim::cells_of(spec, 2)) store.read(cell, [&](const auto&) { ++count; });
        return count;
    };
    {
        sim::Store store(file, sim::identity_of(spec, {}, "test"));
        bool simulating = false;
        CHECK_THROWS_AS(
            verify(spec, {.threads = 1,
                          .progress = [&](const Progress& p) { simulating |= p.stage == "simulation" && p.share < 1; },
                          .stop = [&] { return simulating; },
                          .store = &store}),
            Interrupted);
        CHECK(in_store(store) > 0);
    }
    sim::Store store(file, sim::identity_of(spec, {}, "test"));
    std::uint64_t after_first = 0;
    for (int time = 0; time < 2; ++time) { // the rest of the replicas, then none
        const Verification again = verify(spec, {.threads = 1, .store = &store});
        REQUIRE(again.hypotheses.size() == plain.hypotheses.size());
        for (std::size_t k = 0; k < plain.hypotheses.size(); ++k) CHECK(same(again.hypotheses[k], plain.hypotheses[k]));
        std::uint64_t planned = 0;
        for (const Cell& cell : again.cells) planned += cell.planned_exits;
        const std::uint64_t now = in_store(store); // S1 may have gone on beyond the plan
        CHECK(now >= planned);
        if (time == 1) CHECK(now == after_first);
        after_first = now;
    }

    // replicas that are not ours are noticed, and not judged
    const sim::Cell cell = sim::cells_of(spec, 2)[0];
    std::vector<sim::Numbered> late;
    sim::Store other(file.string() + "x", sim::identity_of(spec, {}, "test"));
    store.read(cell, [&](const sim::Numbered& e) { late.push_back(e); });
    for (auto& e : late) ++e.exit.step;
    other.add(cell, late);
    CHECK_THROWS_WITH(verify(spec, {.threads = 1, .store = &other}), Catch::Contains("simulates otherwise"));
    std::filesystem::remove(file);
    std::filesystem::remove(file.string() + "x");
}

TEST_CASE("verify: stored replicas that are there twice, are copies, or say what none can are refused with one line")
{
    const model::Spec spec = small({"dynamics.clip=0.7", "verify.ladder=[1e-2,5e-3,2e-3]"});
    const sim::Cell cell = sim::cells_of(spec, 2)[0];
    const theory::Setting setting(spec);
    const auto ours = [&](std::uint64_t n) {
        std::vector<sim::Numbered> exits;
        const auto simulated = sim::first_exits(setting.at(cell.clip, cell.learning_rate), cell.well,
                                                {.seed = spec.verify.seed, .cell = cell.key}, {.replicas = n});
        for (const sim::Exit& e : simulated) exits.push_back({exits.size(), e});
        return exits;
    };
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / fmt::format("exeunt-bad-{}.db", ::getpid());
    const auto with = [&](const std::vector<std::vector<sim::Numbered>>& batches) {
        std::filesystem::remove(file);
        sim::Store store(file, sim::identity_of(spec, {}, "test"));
        for (const auto& batch : batches) store.add(cell, batch);
        std::string message;
        try {
            verify(spec, {.threads = 1, .store = &store});
        } catch (const std::exception& problem) {
            message = problem.what();
        }
        std::filesystem::remove(file);
        return message;
    };
    // check_stored looks at the eight shortest of the first thousand: what is planted is a longer one
    const auto good = ours(200);
    const auto longest =
        std::max_element(good.begin(), good.end(), [](auto& a, auto& b) { return a.exit.step < b.exit.step; });
    const auto changed = [&](auto change) {
        auto bad = good;
        change(bad[longest->replica].exit);
        return with({bad});
    };
    CHECK(with({good}).empty());
    CHECK_THAT(with({good, {*longest}}), Catch::Contains("is there twice: move the file away"));
    CHECK_THAT(changed([](sim::Exit& e) { e.place = 2; }), Catch::Contains("went to well 3 of 2"));
    CHECK_THAT(changed([](sim::Exit& e) { e.place = 0; }), Catch::Contains("left for its own well"));
    CHECK_THAT(changed([](sim::Exit& e) { e.step = 0; }), Catch::Contains("left before its first step"));
    CHECK_THAT(changed([](sim::Exit& e) { e.censored = true; }), Catch::Contains("censored in another well"));
    // the same path in the place of twenty others
    auto copies = good;
    for (std::size_t k = 0, made = 0; k < copies.size() && made < 20; ++k)
        if (copies[k].exit.step > 1000) {
            copies[k].exit = longest->exit;
            ++made;
        }
    CHECK_THAT(with({copies}), Catch::Contains("they are copies"));
}

TEST_CASE("verify: progress is told for every stage, in order, and its shares rise to 1")
{
    std::vector<std::string> stages;
    std::map<std::string, double> share;
    bool rises = true;
    const Options options{.threads = 1, .progress = [&](const Progress& p) {
                              if (stages.empty() || stages.back() != p.stage) stages.push_back(p.stage);
                              rises = rises && p.share >= share[p.stage] && p.share <= 1;
                              share[p.stage] = p.share;
                          }};
    verify(small(), options);
    CHECK(stages == std::vector<std::string>{"oracle", "ladder", "simulation"});
    CHECK(rises);
    for (const auto& [stage, last] : share) CHECK(last == 1);
}

TEST_CASE("verify: what the budget does not reach of the exact chain is named, and its limit is inconclusive")
{
    const auto spec = small();
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    // work is counted in operations: 0.3 s of it, where the ladders take 1 s and more, is as little on every machine
    const LimitStudies found = limit_studies(setting, predictions, {.effect = 0.05, .threads = 1, .work = 0.3});
    const auto lines = left_out(found);
    std::size_t judged = 0, cut = 0;
    for (const Hypothesis& h : limits(found, predictions, 0.05)) {
        if (!h.id.starts_with("exit-time.limit/")) continue;
        const bool ended = h.reason.find("not reached within the budget") != std::string::npos;
        if (ended) CHECK(h.verdict == Verdict::inconclusive);
        (ended ? cut : judged) += 1;
    }
    CHECK(cut + judged == 2); // each ladder is judged, or said not to be
    CHECK(cut > 0);
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
              return line.find("not reached within the budget") != std::string::npos;
          }) >= static_cast<std::ptrdiff_t>(cut));

    std::vector<Cell> cells(2, Cell{});
    cells[0].exact.clip = 0.5;
    cells[0].exact.learning_rate = 0.05;
    cells[1].exact.well = 1;
    CHECK(drop_what_was_not_reached(cells, {0, 1}) ==
          std::vector<std::string>{CellName{0.5, 0.05, 0}.text() + ": the exact chain does not fit into the budget"});
    REQUIRE(cells.size() == 1);
    CHECK(cells[0].exact.well == 1);
}
