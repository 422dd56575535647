// plan: what a run will cost, before it runs.
#include "program.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace exeunt::cli::tests;
using Json = nlohmann::ordered_json;

TEST_CASE("plan: each hypothesis' exits, the steps and time they cost, and what the budget still sees")
{
    const Scratch folder;
    const std::string command = "plan wang2022 --json --quiet --cores 64 --set dynamics.clip=0.5 --set "
                                "dynamics.learning_rate=0.05 --set verify.budget=1s";
    const Answer answer = call(command, folder.path);
    REQUIRE(answer.status == 0);
    CHECK(answer.err.empty());
    const Json json = Json::parse(answer.out);
    REQUIRE(json.at("cells").size() == 4);
    double all = 0, within = 0;
    for (const Json& cell : json.at("cells")) {
        const Json& needed = cell.at("exits_needed");
        double most = 0;
        for (const char* const test : {"exit-time.mean", "exit-time.law", "exit-split", "exit-time.given-place"})
            most = std::max(most, needed.at(test).get<double>());
        const double exits = cell.at("exits");
        CHECK(exits == most);
        CHECK(needed.at("exit-time.mean.at_most").get<double>() > needed.at("exit-time.mean").get<double>());
        CHECK(cell.at("steps").get<double>() == exits * cell.at("mean_exit_time").get<double>());
        const double seconds = cell.at("seconds");
        CHECK(seconds > 0);
        CHECK(cell.at("seconds_on_cores").get<double>() == seconds * json.at("threads").get<double>() / 64);
        all += seconds;
        if (cell.at("fits").get<bool>()) {
            within += seconds;
            CHECK(cell.at("visible_effect").get<double>() <= 0.05);
        } else if (!cell.at("visible_effect").is_null()) {
            CHECK(cell.at("visible_effect").get<double>() > 0.04); // with fewer exits than planned
        }
    }
    CHECK(std::abs(json.at("seconds").get<double>() / all - 1) <= 1e-12);
    CHECK(json.at("seconds_in_budget").get<double>() <= 1);
    CHECK(std::abs(json.at("seconds_in_budget").get<double>() - within) <= 1e-12);
    CHECK(json.at("cells").at(0).at("fits") == true); // a mean of four steps
    CHECK_FALSE(std::filesystem::exists(folder.path / "results"));

    // half the effect needs four times the exits
    const Json sharper = Json::parse(call(command + " --set verify.effect=0.025", folder.path).out);
    const double ratio =
        sharper.at("cells").at(0).at("exits").get<double>() / json.at("cells").at(0).at("exits").get<double>();
    CHECK(ratio > 3.7);
    CHECK(ratio < 4.1);
}

TEST_CASE("plan --whole-line: what paths and passages cost counts, and takes its share of the budget")
{
    const Scratch folder;
    const std::string command = "plan double-well --json --quiet --set dynamics.clip=0.7 --set "
                                "dynamics.learning_rate=0.05 --set verify.effect=0.1";
    const Json cells = Json::parse(call(command, folder.path).out);
    CHECK(cells.at("whole_line").is_null());
    const Json all = Json::parse(call(command + " --whole-line", folder.path).out);
    const Json& whole = all.at("whole_line");
    double steps = 0;
    for (const Json& task : whole.at("tasks")) steps += task.at("steps").get<double>();
    CHECK(steps > 0);
    CHECK(whole.at("steps") == steps);
    double seconds = whole.at("seconds");
    CHECK(seconds > 0);
    for (const Json& cell : all.at("cells")) seconds += cell.at("seconds").get<double>();
    CHECK(std::abs(all.at("seconds").get<double>() / seconds - 1) <= 1e-12);
    const Answer text = call("plan double-well --quiet --whole-line --set dynamics.clip=0.7 --set "
                             "dynamics.learning_rate=0.05 --set verify.effect=0.1",
                             folder.path);
    CHECK(text.status == 0);
    CHECK(text.out.find("The whole line: ") != std::string::npos);
    CHECK(text.out.find("All of it: ") != std::string::npos);
}
