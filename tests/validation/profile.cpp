// The profiles of a run: what they set, and which cells a gate takes.
#include "validation/profile.hpp"

#include "model/error.hpp"
#include "theory/predict.hpp"
#include "validation/plan.hpp"
#include "validation/verify.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

using namespace exeunt;
using namespace exeunt::validation;

namespace
{

model::Spec shipped(const std::string& name, model::Overrides more = {})
{
    return model::load_spec(name, more, EXEUNT_SOURCE_DIR "/specs");
}

}

TEST_CASE("Profile: names, what each sets over the file, and --set over that")
{
    CHECK(profile_of("gate") == Profile::gate);
    CHECK(profile_of("standard") == Profile::standard);
    CHECK(profile_of("campaign") == Profile::campaign);
    CHECK_THROWS_WITH(profile_of("nightly"), "--profile nightly: there is standard, gate and campaign");

    CHECK(overrides(Profile::standard).empty());
    CHECK(shipped("wang2022", overrides(Profile::gate)).verify.false_alarm == 1e-6);
    model::Overrides mine = overrides(Profile::campaign);
    const model::Spec campaign = shipped("wang2022", mine);
    CHECK(campaign.verify.false_alarm == 1e-3);
    CHECK(campaign.verify.effect == 0.02);
    CHECK(campaign.verify.distance == 0.05);
    CHECK(design_of(campaign.verify, Claim::exit_scale, 1).effect == 0.02);
    CHECK(design_of(campaign.verify, Claim::passage_split, 1).effect == 0.02);
    CHECK(design_of(campaign.verify, Claim::exit_shape, 1).effect == 0.05);
    CHECK(design_of(campaign.verify, Claim::share_at_time, 1).effect == 0.05);
    CHECK(design_of(shipped("wang2022", {"verify.effect=0.03"}).verify, Claim::wells_at_times, 1).effect == 0.03);
    CHECK_FALSE(campaign.verify.budget);
    CHECK(shipped("wang2022", overrides(Profile::gate)).verify.budget == 15);
    mine.emplace_back("verify.effect=0.01");
    CHECK(shipped("wang2022", mine).verify.effect == 0.01);
}

TEST_CASE("Profile: a gate takes the cell with the shortest exits, one of l* = 1 with two places, one of l* = 2")
{
    const Selection wang = gate(shipped("wang2022"), 2);
    CHECK(wang.cells == std::vector<CellName>{{0.5, 0.05, 0},   // 4.1 steps, as without a clip: the first of equals
                                              {0.5, 0.05, 1},   // l* = 2
                                              {0.5, 0.05, 2}}); // l* = 1, two places, 7.6 steps
    CHECK(wang.spec.dynamics.learning_rate == std::vector<double>{0.05});
    CHECK(wang.spec.dynamics.clip == std::vector<double>{0.5});

    // where exits are long the learning rate is doubled, as long as the recursion follows the flow
    const model::Spec spec = shipped("double-well");
    const Selection two = gate(spec, 2);
    const double largest = *std::max_element(spec.dynamics.learning_rate.begin(), spec.dynamics.learning_rate.end());
    const double eta = two.spec.dynamics.learning_rate.front();
    CHECK(eta > largest);
    for (const CellName& cell : two.cells) CHECK(cell.learning_rate == eta);
    const model::Landscape f = model::landscape(spec);
    for (const double m : f.minima()) CHECK(eta * f.potential().curvature(m) <= 1);
}

TEST_CASE("Profile: only the cells and the ladders asked for are run")
{
    const model::Spec spec = shipped("double-well", {"verify.effect=0.2", "verify.ladder=[1e-2,1e-3,1e-4]"});
    const auto cells = theory::limit_cells(spec, theory::Setting(spec), theory::predict(spec, theory::Setting(spec)));
    const auto shortest =
        std::min_element(cells.begin(), cells.end(), [](auto& a, auto& b) { return a.limit_mean < b.limit_mean; });
    const CellName name{shortest->clip, shortest->learning_rate, shortest->well};
    const Verification run = verify(spec, {.threads = 2, .only = {name}});
    REQUIRE(run.cells.size() == 1);
    CHECK(run.cells[0].exact.clip == name.clip);
    CHECK(run.cells[0].exact.learning_rate == name.learning_rate);
    CHECK(run.cells[0].exact.well == name.well);
    REQUIRE(run.ladders.size() == 1);
    CHECK(run.ladders[0].clip == name.clip);
    CHECK(run.ladders[0].well == name.well);
    CHECK(run.shares.empty());                             // L4 is for whole specs
    CHECK(run.level == level(1e-3, Claim::exit_scale, 1)); // the family is what is run
    CHECK(plan(spec, {.threads = 2, .only = {name}}).cells.size() == 1);
}

TEST_CASE("Budget: the exact chain's time counts, a part of it is the simulation's at least, none is none")
{
    model::VerifySpec asked;
    CHECK(simulation_budget(asked, 100) == std::numeric_limits<double>::infinity());
    asked.budget = 60;
    CHECK(simulation_budget(asked, 17) == 37);         // 54 - 17: a tenth is for the report
    CHECK(simulation_budget(asked, 50) == Approx(18)); // what the exact chain may not take
}
