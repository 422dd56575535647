// The whole line (validation.md, S5 to S7): what is asked of X beyond its first exit, and how sure the answers are.
#include "validation/whole_line.hpp"

#include "model/error.hpp"
#include "validation/family.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

using namespace exeunt;
using namespace exeunt::validation;
using Catch::Contains;

namespace
{

constexpr Blur sharp{0, 0};
const std::vector<double> law = {0.4, 0.3, 0.2, 0.05, 0.03, 0.0199, 0.0001};

std::vector<std::uint64_t> drawn(const std::vector<double>& p, std::uint64_t n, std::mt19937_64& random)
{
    std::discrete_distribution<std::size_t> things(p.begin(), p.end());
    std::vector<std::uint64_t> counts(p.size(), 0);
    for (std::uint64_t k = 0; k < n; ++k) ++counts[things(random)];
    return counts;
}

}

TEST_CASE("S5: distance, groups and bounds of counts by hand")
{
    const std::vector<std::uint64_t> counts = {60, 40, 0};
    const std::vector<double> p = {0.5, 0.45, 0.05};
    const Frequencies o = outcomes(counts, p, sharp, 0.05);
    CHECK(o.kept == 2); // five of the third are expected, and 45 of the second are taken with them
    CHECK(o.distance == Approx(0.1));
    CHECK(o.p_value == Approx(2 * 0.0568879).epsilon(1e-4)); // twice P(k ≥ 60 or k ≤ 40), k of 100 by halves
    CHECK_FALSE(o.excluded);
    CHECK(o.lower == 0);
    const Frequencies far = outcomes(std::vector<std::uint64_t>{900, 50, 50}, p, sharp, 1e-6);
    CHECK(far.excluded);
    CHECK(far.lower > 0.3);
    CHECK(far.upper < 0.5);
    const Frequencies blurred = outcomes(std::vector<std::uint64_t>{900, 50, 50}, p, {0.5, 0.35}, 1e-6);
    CHECK_FALSE(blurred.excluded); // p may be 1
    CHECK(blurred.lower == Approx(far.lower - 0.35));
}

TEST_CASE("S5: of a true law at most the level is refuted, and the bounds hold the distance to it")
{
    constexpr double level = 0.05;
    constexpr int runs = 4000;
    std::mt19937_64 random(5);
    int refuted = 0, uncovered = 0;
    for (int run = 0; run < runs; ++run) {
        const Frequencies o = outcomes(drawn(law, 500, random), law, sharp, level);
        refuted += o.excluded;
        uncovered += o.lower > 0;
        REQUIRE(o.excluded == (o.p_value < level)); // the intervals are the tests
    }
    CHECK(refuted <= level * runs);
    CHECK(refuted > 0.2 * level * runs); // exact intervals of few counts are wide, but not for ever
    CHECK(uncovered <= refuted);
}

TEST_CASE("S5: the planned replicas confirm a true law, and refute a pair that is off by the effect, with the power")
{
    const Design design{.level = 1e-5, .effect = 0.05, .power = 0.99};
    const std::uint64_t n = replicas_for_outcomes(law, sharp, design);
    std::mt19937_64 random(6);
    std::vector<double> wrong = law;
    wrong[0] -= design.effect, wrong[1] += design.effect; // the distance is the effect
    constexpr int runs = 400;
    int confirmed = 0, refuted = 0;
    for (int run = 0; run < runs; ++run) {
        confirmed += outcomes(drawn(law, n, random), law, sharp, design.level).upper <= design.effect;
        refuted += outcomes(drawn(wrong, n, random), law, sharp, design.level).excluded;
    }
    CHECK(confirmed >= 0.99 * runs);
    CHECK(refuted >= 0.99 * runs);
    CHECK(n > replicas_for_outcomes(law, sharp, {1e-3, 0.05, 0.99}));
    CHECK(replicas_for_outcomes(law, {0, 0.02}, design) > 2 * n); // (5/3)²
    CHECK_THROWS_WITH(replicas_for_outcomes(law, {0, 0.03}, design), Contains("leaves too little"));
}

TEST_CASE("S5 to S7: X on the whole line has the law of the exact chain, at large steps, clipped and not")
{
    const auto spec = model::default_spec("x^4/4 - x^2/2 + 0.1*x",
                                          {"potential.domain=-2.5,2.5", "potential.clamp=true", "dynamics.clip=0.7,inf",
                                           "dynamics.learning_rate=0.05", "verify.budget=20s"});
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    const WholeLinePlan plan = plan_whole_line(spec, setting, predictions);
    const auto found = whole_line(spec, setting, plan);
    for (const std::string& note : plan.notes) UNSCOPED_INFO(note);
    std::map<std::string, int> kinds;
    double alpha = 0;
    for (const Hypothesis& h : found) {
        INFO(h.id << ": " << h.reason);
        CHECK(h.verdict == Verdict::confirmed);
        CHECK(h.samples > 0);
        ++kinds[h.id.substr(0, h.id.find('/'))];
        alpha += h.alpha;
    }
    CHECK(kinds["wells-at-times"] == 2);
    CHECK(kinds["time-share.sharp"] == 2);
    CHECK(kinds["sharp-at-time"] == 2);
    CHECK(kinds["passage-time.mean"] == 4);
    CHECK(kinds["passage-split"] == 4);
    CHECK(alpha <= 0.1 * spec.verify.false_alarm * (1 + 1e-12));
    const auto again = whole_line(spec, setting, plan, {.threads = 1});
    REQUIRE(again.size() == found.size());
    for (std::size_t k = 0; k < found.size(); ++k) CHECK(found[k].estimate == again[k].estimate);
}

TEST_CASE("Whole line: a spec whose limits have one state each is asked nothing, in words, and stop ends it")
{
    const auto alone =
        model::default_spec("x^4/4 - x^2/2 + 0.1*x", {"potential.domain=-2.5,2.5", "dynamics.clip=0.93"});
    const theory::Setting setting(alone);
    const auto predictions = theory::predict(alone, setting);
    const WholeLinePlan nothing = plan_whole_line(alone, setting, predictions);
    CHECK(nothing.steps() == 0);
    CHECK(whole_line(alone, setting, nothing).empty());
    REQUIRE(nothing.notes.size() == 1);
    CHECK_THAT(nothing.notes.front(), Contains("nothing is asked"));
    const auto two = model::default_spec("x^4/4 - x^2/2", {"potential.domain=-2.5,2.5", "dynamics.clip=0.7"});
    const theory::Setting other(two);
    const WholeLinePlan plan = plan_whole_line(two, other, theory::predict(two, other));
    CHECK_THROWS_AS(whole_line(two, other, plan, {.stop = [] { return true; }}), Interrupted);
}

TEST_CASE("Whole line: the plan keeps to a third of the budget, and without one is what the power needs")
{
    const auto steps = [](const std::string& budget) {
        const auto spec = model::default_spec("x^4/4 - x^2/2 + 0.1*x",
                                              {"potential.domain=-2.5,2.5", "potential.clamp=true", "dynamics.clip=0.7",
                                               "dynamics.learning_rate=0.05,0.02", "verify.budget=" + budget});
        const theory::Setting setting(spec);
        return plan_whole_line(spec, setting, theory::predict(spec, setting)).steps();
    };
    CHECK(steps("1s") <= 5e8 / 3 * (0.25 + 1)); // paths a quarter of them, passages the rest
    CHECK(steps("1s") < steps("10min"));
    CHECK(steps("10min") <= steps("inf"));
}

TEST_CASE("S7: the share of replicas in the sharp fields at the last time is refuted where it is wrong, and else not")
{
    PathsAsked paths{.from = {0.5, 0.01, 1},
                     .replicas = 20'000,
                     .times = {25, 100},
                     .pairs = {0.45, 0.05, 0.45, 0.05},
                     .blur = {0, 0},
                     .fields = {1},
                     .sharp = true,
                     .share = 0.1,
                     .at_end = 0.1,
                     .error = 0};
    sim::Observation seen;
    for (std::uint32_t k = 0; k < paths.replicas; ++k) { // one in ten is there, half of them were in the first before
        const std::uint32_t there = k % 10 == 0 ? 1 : 0;
        seen.trails.push_back({.time_in = {90, 10}, .well_at = {k / 10 % 2, there}, .states = {}});
    }
    model::VerifySpec asked;
    const auto sharp_share = [&] { return judge(paths, seen, asked, 1)[2]; };
    const Hypothesis right = sharp_share();
    CHECK(right.id == "sharp-at-time/clip=0.5/eta=0.01/well=2");
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.estimate == 0.1);
    CHECK(right.alpha == level(asked.false_alarm, Claim::share_at_time, 1));
    CHECK(right.p_value == 1);
    paths.at_end = 0.12;
    CHECK(sharp_share().verdict == Verdict::refuted);
    paths.error = 0.015; // the oracle may be wrong by as much
    CHECK(sharp_share().verdict == Verdict::confirmed);
    paths.error = 0, paths.at_end = 0.1;
    seen.trails.resize(100);
    CHECK(sharp_share().verdict == Verdict::inconclusive);
}
