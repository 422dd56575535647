#include "cli/json.hpp"

#include "cli/version.hpp"
#include "program.hpp"
#include "record.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace exeunt;
using namespace exeunt::cli;
using namespace exeunt::cli::tests;

namespace
{

std::vector<std::string> keys(const Json& object)
{
    std::vector<std::string> names;
    for (const auto& item : object.items()) names.push_back(item.key());
    return names;
}

bool holds(const Json& object, const std::vector<std::string>& names)
{
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return object.contains(name); });
}

model::Spec wang(const model::Overrides& overrides = {})
{
    return model::load_spec("wang2022", overrides, EXEUNT_SOURCE_DIR "/specs");
}

Json predicted(const model::Spec& spec)
{
    const theory::Setting setting(spec);
    return Json::parse(predict_json(spec, setting.landscape, theory::predict(spec, setting)));
}

}

TEST_CASE("The JSON of predict has the keys of the contract, in its order")
{
    const Json json = predicted(wang());
    CHECK(keys(json) == std::vector<std::string>{"name", "version", "landscape", "predictions"});
    CHECK(json.at("name") == "wang2022");
    CHECK(json.at("version") == version);
    CHECK(keys(json.at("landscape")) == std::vector<std::string>{"minima", "saddles"});
    REQUIRE(json.at("predictions").size() == 3);
    for (const Json& at : json.at("predictions")) {
        CHECK(keys(at) == std::vector<std::string>{"clip", "wells", "graph", "limit_chains", "absorption"});
        for (const Json& well : at.at("wells")) {
            CHECK(keys(well) == std::vector<std::string>{"index", "minimum", "left", "right", "radius", "exit_order",
                                                         "exit_constant", "exit_constant_error", "exits"});
            for (const Json& exit : well.at("exits")) CHECK(keys(exit) == std::vector<std::string>{"to", "constant"});
        }
        CHECK(keys(at.at("graph")) == std::vector<std::string>{"edges", "classes"});
        for (const Json& members : at.at("graph").at("classes"))
            CHECK(keys(members) == std::vector<std::string>{"wells", "absorbing", "largest_order", "largest_wells"});
        for (const Json& chain : at.at("limit_chains")) {
            CHECK(keys(chain) == std::vector<std::string>{"class", "states", "generator", "killing", "stationary",
                                                          "entrance", "mean_holding_times", "reach_probabilities",
                                                          "destinations"});
            for (const Json& from : chain.at("entrance"))
                CHECK(keys(from) == std::vector<std::string>{"well", "law", "killed"});
        }
    }
}

TEST_CASE("In the JSON of predict ∞ is the string inf, an end without a saddle is null, wells count from 1")
{
    const Json json = predicted(wang());
    CHECK(json.at("predictions").at(0).at("clip") == 0.5);
    CHECK(json.at("predictions").at(2).at("clip") == "inf");
    const Json& wells = json.at("predictions").at(0).at("wells");
    REQUIRE(wells.size() == 4);
    CHECK(wells.at(0).at("index") == 1);
    CHECK(wells.at(0).at("left").is_null());
    CHECK(wells.at(0).at("right") == -1.3);
    CHECK(wells.at(3).at("index") == 4);
    CHECK(wells.at(3).at("right").is_null());
    CHECK(json.at("predictions").at(0).at("graph").at("edges") == Json::parse("[[1,2],[2,1],[2,3],[3,2],[3,4],[4,3]]"));
}

TEST_CASE("In the JSON of predict only fields that l* jumps reach are listed, and their constants add up to q")
{
    for (const Json& at : predicted(wang()).at("predictions"))
        for (const Json& well : at.at("wells")) {
            double sum = 0;
            for (const Json& exit : well.at("exits")) {
                CHECK(exit.at("constant").get<double>() > 0);
                CHECK(exit.at("to") != well.at("index"));
                sum += exit.at("constant").get<double>();
            }
            CHECK(sum == Approx(well.at("exit_constant").get<double>()).epsilon(1e-15));
        }
    // b = 0.28 takes well 2 to well 1 only: the other saddle is 0.9 away, four jumps.
    const Json well = predicted(wang()).at("predictions").at(1).at("wells").at(1);
    CHECK(well.at("exit_order") == 3);
    REQUIRE(well.at("exits").size() == 1);
    CHECK(well.at("exits").at(0).at("to") == 1);
}

TEST_CASE("In the JSON of predict a transient class has killing rates and no stationary law")
{
    const Json json = predicted(wang({"dynamics.clip=0.4"})).at("predictions").at(0);
    REQUIRE(json.at("graph").at("classes").size() == 2);
    CHECK(json.at("graph").at("classes").at(0).at("absorbing") == true);
    CHECK(json.at("graph").at("classes").at(1).at("absorbing") == false);
    const Json& absorbing = json.at("limit_chains").at(0);
    const Json& transient = json.at("limit_chains").at(1);
    CHECK(absorbing.at("class") == 0);
    CHECK(absorbing.at("stationary") == Json::parse("[1.0]"));
    CHECK(transient.at("class") == 1);
    CHECK(transient.at("stationary").is_null());
    CHECK(transient.at("killing").at(0).get<double>() > 0);
    const Json& from_small = transient.at("entrance").at(0);
    CHECK(from_small.at("well") == 3);
    CHECK(from_small.at("law").at(0).get<double>() + from_small.at("killed").get<double>() == Approx(1).epsilon(1e-14));
}

TEST_CASE("Numbers in JSON read back as the same double")
{
    const model::Spec spec = wang();
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    const Json json = Json::parse(predict_json(spec, setting.landscape, predictions));
    for (std::size_t i = 0; i < setting.landscape.wells(); ++i) {
        CHECK(json.at("landscape").at("minima").at(i).get<double>() == setting.landscape.minima()[i]);
        for (std::size_t k = 0; k < predictions.size(); ++k) {
            const Json& well = json.at("predictions").at(k).at("wells").at(i);
            CHECK(well.at("exit_constant").get<double>() == predictions[k].exits[i].total());
            CHECK(well.at("radius").get<double>() == setting.landscape.radius(i));
        }
    }
}

TEST_CASE("The JSON of exact has the keys of the contract and the numbers of its cells")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    std::vector<theory::ExactCell> cells;
    for (const auto& cell : record(spec, setting).cells) cells.push_back(cell.exact);
    const Json json = Json::parse(exact_json(spec, {.cells = cells}));
    CHECK(json.at("name") == "by-hand");
    REQUIRE(json.at("cells").size() == cells.size());
    for (std::size_t k = 0; k < cells.size(); ++k) {
        const Json& at = json.at("cells").at(k);
        CHECK(holds(at, {"clip", "learning_rate", "well", "mean_exit_time", "mean_exit_time_error", "exit_split",
                         "exit_split_error", "nodes", "limit", "ratio"}));
        CHECK(at.at("well") == cells[k].well + 1);
        CHECK(at.at("mean_exit_time").get<double>() == cells[k].exit.mean);
        CHECK(at.at("mean_exit_time_error").get<double>() == cells[k].exit.error * cells[k].exit.mean);
        CHECK(at.at("exit_split") == Json::parse(fmt::format(R"([{{"to":{},"probability":1.0}}])", 2 - cells[k].well)));
        CHECK(at.at("limit").at("time_scale").get<double>() == cells[k].time_scale);
        CHECK(at.at("limit").at("mean_exit_time").get<double>() == cells[k].limit_mean);
        CHECK(at.at("ratio").get<double>() == cells[k].ratio());
    }
    CHECK(json.at("cells").back().at("clip") == "inf");
}

TEST_CASE("In the JSON of exact, laws and ladders are members beside those of the contract")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const Exact made = laws_and_ladders(record(spec, setting));
    const Json json = Json::parse(exact_json(spec, made));
    CHECK(holds(json, {"name", "cells", "ladders", "time_shares", "hypotheses"}));
    const Json& law = json.at("cells").at(0).at("law");
    CHECK(law.at("survival").at(0) ==
          Json::parse(
              R"({"step":1,"probability":0.75,"into":[{"to":1,"probability":0.5},{"to":2,"probability":0.25}]})"));
    CHECK(law.at("quantiles").at(1) == Json::parse(R"({"probability":0.5,"step":4000000000000})"));
    CHECK(law.at("quasi_stationary_rate") == 0.125);
    CHECK(law.at("only_mean_exact") == false);
    const Json& ladder = json.at("ladders").at(0);
    CHECK(holds(ladder, {"clip", "well", "rungs", "limit_ratio", "limit_ratio_error", "limit_ratio_order",
                         "limit_share", "limit_slope", "limit_law_gap", "limit_dependence_gap", "leading_order"}));
    CHECK(ladder.at("limit_ratio_error").is_null()); // not settled: JSON has no infinity
    CHECK(ladder.at("limit_law_gap").get<double>() == -0.0004);
    CHECK(ladder.at("limit_law_gap_error").get<double>() == 0.003);
    CHECK(ladder.at("rungs").at(0).at("local_slope").is_null());
    CHECK(ladder.at("rungs").at(0).at("law_gap").get<double>() == 0.02);
    CHECK(ladder.at("rungs").at(0).at("shape_gap").get<double>() == 0.0005);
    CHECK(ladder.at("rungs").at(1).at("law_gap").is_null()); // no law there
    CHECK(ladder.at("rungs").at(2).at("law_gap").is_null()); // and here none was asked for
    CHECK(json.at("hypotheses").at(0).at("verdict") == "inconclusive");
}

TEST_CASE("In the JSON of exact and verify, L4 has rungs, limits and, where nothing is claimed, the reason")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    auto v = record(spec, setting);
    const Exact made = laws_and_ladders(v);
    const Json exact = Json::parse(exact_json(spec, made)).at("time_shares");
    REQUIRE(exact.size() == 2);
    CHECK(exact.at(0).at("not_claimed").is_null());
    CHECK(exact.at(0).at("start") == 1);
    CHECK(exact.at(0).at("times") == Json::parse("[0.25, 1.0, 2.0]"));
    CHECK(exact.at(0).at("rungs").at(1).at("scaled_share") == Json::parse("[0.99, 0.25]"));
    CHECK(exact.at(0).at("wells").at(1).at("predicted") == 0.125);
    CHECK(exact.at(0).at("wells").at(1).at("limit_scaled_share") == 0.25);
    CHECK(exact.at(0).at("limit_law_distance_error") == 0.003);
    CHECK(exact.at(1).at("clip") == "inf");
    CHECK(exact.at(1).at("not_claimed") == "the graph is not irreducible");
    CHECK(exact.at(1).at("rungs").empty());
    v.shares = made.shares;
    CHECK(Json::parse(verify_json(spec, v, "")).at("time_shares") == exact);
}

TEST_CASE("The JSON of verify has the keys of the contract, what does not apply is null, ∞ is a string")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const Json json = Json::parse(verify_json(spec, record(spec, setting), "results/by-hand/report.html"));
    CHECK(holds(json, {"name", "verdict", "hypotheses", "cells", "report"}));
    CHECK(json.at("verdict") == "confirmed");
    CHECK(json.at("report") == "results/by-hand/report.html");
    for (const Json& h : json.at("hypotheses"))
        CHECK(holds(h, {"id", "claim", "statistic", "value", "p_value", "alpha", "estimate", "interval", "expected",
                        "expected_error", "detectable_effect", "samples", "censored", "verdict", "reason"}));
    const Json& first = json.at("hypotheses").front();
    CHECK(first.at("id") == "exit-time.mean/clip=0.5/eta=0.02/well=2");
    CHECK(first.at("estimate").get<double>() == 0.1 + 0.2);
    CHECK(first.at("interval") == Json::parse(R"([0.25, "inf"])"));
    CHECK(json.at("hypotheses").back().at("p_value").is_null());
    CHECK(json.at("hypotheses").back().at("learning_rate").is_null());
    CHECK(json.at("cells").at(0).at("simulated").is_null());
    CHECK(json.at("cells").at(0).at("note") == "the budget ended before it");
    CHECK(json.at("cells").at(1).at("simulated").at("mean_exit_time") == "inf");
    CHECK(json.at("cells").at(2).at("simulated").at("exits") == 20000);
}

TEST_CASE("A stored record is read back bit for bit, and only for the spec, seed and version that made it")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    auto made = record(spec, setting, validation::Verdict::refuted);
    made.ladders[1].ratio.error = inf;
    const std::string text = verify_json(spec, made, "");
    CHECK(Json::parse(text).at("ladders").at(1).at("limit_ratio_error").is_null());
    const auto back = read_verification(text, spec);
    REQUIRE(back);
    CHECK(back->verdict == validation::Verdict::refuted);
    CHECK(back->level == made.level);
    REQUIRE(back->cells.size() == made.cells.size());
    for (std::size_t k = 0; k < made.cells.size(); ++k) {
        CHECK(back->cells[k].exact.clip == made.cells[k].exact.clip);
        CHECK(back->cells[k].exact.exit.mean == made.cells[k].exact.exit.mean);
        CHECK(back->cells[k].exact.exit.error == made.cells[k].exact.exit.error);
        CHECK(back->cells[k].exact.limit_mean == made.cells[k].exact.limit_mean);
        REQUIRE(back->cells[k].simulated.has_value() == made.cells[k].simulated.has_value());
        if (!made.cells[k].simulated) continue;
        CHECK(back->cells[k].simulated->mean == made.cells[k].simulated->mean);
        CHECK(back->cells[k].simulated->upper == made.cells[k].simulated->upper);
        CHECK(back->cells[k].simulated->places == made.cells[k].simulated->places);
    }
    REQUIRE(back->ladders.size() == made.ladders.size());
    CHECK(back->ladders[0].rungs.size() == made.ladders[0].rungs.size());
    CHECK(back->ladders[0].ratio.limit == made.ladders[0].ratio.limit);
    CHECK(back->ladders[0].share.error == made.ladders[0].share.error);
    CHECK(std::isinf(back->ladders[1].ratio.error));
    REQUIRE(back->hypotheses.size() == made.hypotheses.size());
    for (std::size_t k = 0; k < made.hypotheses.size(); ++k)
        CHECK(back->hypotheses[k].verdict == made.hypotheses[k].verdict);

    model::Spec other = spec;
    other.verify.seed += 1;
    CHECK_FALSE(read_verification(text, other));
    other = spec;
    other.noise.alpha = 1.3;
    CHECK_FALSE(read_verification(text, other));
    other = spec;
    other.dynamics.clip.pop_back();
    CHECK_FALSE(read_verification(text, other));
    other = spec;
    other.title = "another title";
    CHECK(read_verification(text, other));
    for (const std::string& broken : {std::string(), std::string("{}"), text.substr(0, text.size() / 2)})
        CHECK_FALSE(read_verification(broken, spec));
}

TEST_CASE("In the JSON of predict Gaussian noise has no constants, but Kramers' times")
{
    const Json json =
        predicted(wang({"noise.law=gaussian", "noise.scale=1", "dynamics.clip=0.5"})).at("predictions").at(0);
    for (const Json& well : json.at("wells")) {
        CHECK(well.at("exit_constant").is_null());
        CHECK(well.at("exit_constant_error").is_null());
        CHECK(well.at("exits").empty());
    }
    CHECK(json.at("graph").at("edges").empty());
    CHECK(json.at("graph").at("classes").empty());
    CHECK(json.at("limit_chains").empty());
    REQUIRE(json.at("kramers").size() == 12); // three learning rates, four wells
    for (const Json& cell : json.at("kramers")) {
        CHECK(cell.at("well").get<int>() >= 1);
        const Json& formula = cell.at("formula");
        CHECK(formula.at("left").get<double>() + formula.at("right").get<double>() == Approx(1).epsilon(1e-14));
    }
}

TEST_CASE("The JSON of predict has the keys of the contract for every shipped spec")
{
    for (const std::string& name : model::shipped_specs(EXEUNT_SOURCE_DIR "/specs")) {
        CAPTURE(name);
        const model::Spec spec = model::load_spec(name, {}, EXEUNT_SOURCE_DIR "/specs");
        const Json json = predicted(spec);
        CHECK(json.at("name") == name);
        const std::size_t wells = json.at("landscape").at("minima").size();
        CHECK(json.at("landscape").at("saddles").size() == wells - 1);
        REQUIRE(json.at("predictions").size() == spec.dynamics.clip.size());
        for (const Json& at : json.at("predictions")) {
            CHECK(holds(at, {"clip", "wells", "graph", "limit_chains"}));
            CHECK(holds(at.at("graph"), {"edges", "classes"}));
            REQUIRE(at.at("wells").size() == wells);
            for (const Json& well : at.at("wells"))
                CHECK(holds(well, {"index", "minimum", "left", "right", "radius", "exit_order", "exit_constant",
                                   "exit_constant_error", "exits"}));
            CHECK(at.at("limit_chains").size() == at.at("graph").at("classes").size());
            for (const Json& chain : at.at("limit_chains")) {
                CHECK(holds(chain, {"class", "states", "generator", "killing", "stationary", "entrance"}));
                CHECK(chain.at("generator").size() == chain.at("states").size());
            }
        }
    }
}
