// L4: the irreducible theorem of section 4 against the exact chain, in the limit: what is claimed, what is refuted and
// what nothing is said of.
#include "validation/irreducible.hpp"

#include "model/spec.hpp"
#include "theory/work.hpp"
#include "validation/limit_studies.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::validation;
using Catch::Contains;

namespace
{

/// Two wells of radii 1.08 and 0.84: at b = 0.93 the right one is sharp, at 0.7 both are of order 2.
model::Spec tilted(const std::string& clips)
{
    return model::default_spec("x^4/4 - x^2/2 + x/10",
                               {"dynamics.clip=" + clips, "potential.domain=[-2.5,2.5]", "potential.clamp=true"});
}

bool all(const std::vector<Hypothesis>& hypotheses, Verdict verdict)
{
    return !hypotheses.empty() &&
           std::all_of(hypotheses.begin(), hypotheses.end(), [&](const auto& h) { return h.verdict == verdict; });
}

}

TEST_CASE("L4 Irreducible theorem (section 4): shares of time tend to their limits, a constant 6 % wrong is refuted")
{
    const model::Spec spec = tilted("0.93");
    const theory::Setting setting(spec);
    const theory::Prediction limit = theory::predict(spec, setting).front();
    IrreducibleLadder ladder = climb(setting, limit, {}, 0.05);
    INFO(ladder.rungs.size() << " rungs: " << ladder.silence);
    REQUIRE(ladder.silence.empty());
    CHECK(ladder.start == 0); // the other is sharp
    CHECK(ladder.times[1] == 4 * ladder.times[0]);
    for (std::size_t i = 0; i < 2; ++i) {
        INFO(ladder.share[i].limit << " ± " << ladder.share[i].error << ", " << ladder.limits[i]);
        CHECK(std::abs(ladder.share[i].limit - ladder.limits[i]) <= ladder.share[i].error);
        CHECK(ladder.share[i].error < 0.75 * 0.05 * ladder.limits[i]);
    }
    CHECK(std::abs(ladder.apart.limit) <= ladder.apart.error);
    const auto right = limits(ladder, 0.05);
    REQUIRE(right.size() == 3);
    CHECK(all(right, Verdict::confirmed));
    CHECK(right[1].id == "time-share.limit/clip=0.93/well=2");
    CHECK(right[1].expected == ladder.limits[1]);
    CHECK(right[1].samples == ladder.rungs.size());
    CHECK(right[2].id.starts_with("wells-at-times.limit/"));
    CHECK(right[2].expected == 0);
    CHECK(right[2].alpha == 0);

    ladder.limits[1] *= 1.06;
    const auto wrong = limits(ladder, 0.05);
    CHECK(wrong[0].verdict == Verdict::confirmed);
    CHECK(wrong[1].verdict == Verdict::refuted);

    const auto early = limits(climb(setting, limit, {0.1, 0.05, 0.02}, 0.05), 0.05);
    CHECK(std::none_of(early.begin(), early.end(), [](const auto& h) { return h.verdict == Verdict::refuted; }));
    CHECK(early[1].verdict == Verdict::inconclusive);
    CHECK_THAT(early[1].reason, Contains("goes further down would tell"));
}

TEST_CASE(
    "L4 Irreducible theorem (section 4): the law at given times tends to that of Y, and not to that of a slower Y")
{
    const model::Spec spec = tilted("0.7");
    const theory::Setting setting(spec);
    theory::Prediction limit = theory::predict(spec, setting).front();
    const IrreducibleLadder ladder = climb(setting, limit, {}, 0.1);
    CHECK(ladder.start == 1); // the other is left later
    CHECK(std::abs(ladder.apart.limit) <= ladder.apart.error);
    CHECK(all(limits(ladder, 0.1), Verdict::confirmed));

    limit.chains.front().generator *= 0.7; // Y moves too slowly, and has the same stationary law
    const auto of_slow = limits(climb(setting, limit, {}, 0.1), 0.1);
    CHECK(of_slow[0].verdict == Verdict::confirmed);
    CHECK(of_slow[1].verdict == Verdict::confirmed);
    CHECK(of_slow[2].verdict == Verdict::refuted);
}

TEST_CASE("L4 says nothing, in one line: of a reducible graph, of light tails, without the time, without rungs")
{
    const auto spec = model::load_spec("wang2022", {"dynamics.clip=0.4"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    const IrreducibleLadder reducible = climb(setting, predictions.front(), {}, 0.05);
    CHECK_THAT(reducible.silence, Contains("not irreducible"));
    CHECK(limits(reducible, 0.05).empty());
    CHECK(silences({reducible}) == std::vector{"clip 0.4: " + reducible.silence});

    const auto light = model::load_spec("gaussian", {}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting gaussian(light);
    const auto studies = limit_studies(gaussian, theory::predict(light, gaussian), {.effect = 0.05});
    CHECK(studies.ladders.empty());
    REQUIRE(!studies.shares.empty());
    CHECK_THAT(studies.shares.front().silence, Contains("no heavy tail"));

    const auto two = tilted("0.93");
    const theory::Setting other(two);
    const auto limit = theory::predict(two, other).front();
    IrreducibleLadder stopped;
    {
        const theory::Allowance none({.late = [] { return true; }});
        stopped = climb(other, limit, {}, 0.05);
    }
    CHECK_THAT(stopped.silence, Contains("does not fit into the budget"));
    CHECK(stopped.rungs.empty());
    CHECK(limits(stopped, 0.05).empty());
    CHECK_THAT(climb(other, limit, {0.1, 1e-25, 1e-26}, 0.05).silence, Contains("fewer than three learning rates"));
}
