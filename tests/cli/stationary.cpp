// exact --stationary.
#include "program.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace exeunt::cli::tests;
using Json = nlohmann::ordered_json;

namespace
{

const std::string one_cell =
    "exact double-well --set dynamics.clip=0.7 --set dynamics.learning_rate=0.05 --quiet --stationary";

}

TEST_CASE("exact --stationary prints the share of time in each field, half of it in each of two mirror images")
{
    const Scratch folder;
    const Answer answer = call(one_cell, folder.path);
    REQUIRE(answer.status == 0);
    CHECK(answer.out.find("share of time in each attraction field, relative error below 0.01") != std::string::npos);
    CHECK(answer.out.find("0.5") != std::string::npos);
}

TEST_CASE("exact --stationary --json adds a member: shares, their limits, rates and a histogram that sum to one")
{
    const Scratch folder;
    const Answer answer = call(one_cell + " --json", folder.path);
    REQUIRE(answer.status == 0);
    const Json json = Json::parse(answer.out);
    REQUIRE(json.at("stationary").size() == 1);
    const Json& cell = json.at("stationary")[0];
    CHECK(cell.at("clip") == 0.7);
    CHECK(cell.at("learning_rate") == 0.05);
    const double error = cell.at("share_relative_error");
    CHECK(error > 0);
    CHECK(error <= 1e-2); // what the text says
    double total = 0;
    for (std::size_t i = 0; i < 2; ++i) {
        const Json& share = cell.at("shares")[i];
        CHECK(share.at("well") == i + 1);
        CHECK(std::abs(share.at("share").get<double>() - 0.5) <= 0.5 * error);
        CHECK(std::abs(share.at("limit").get<double>() - 0.5) <= 1e-12);
        total += share.at("share").get<double>();
    }
    CHECK(std::abs(total - 1) <= 1e-12);
    CHECK(cell.at("rates")[0][0] == 0);
    CHECK(cell.at("rates")[0][1] > 0);
    const Json& histogram = cell.at("histogram");
    REQUIRE(histogram.at("edges").size() == 201);
    REQUIRE(histogram.at("probabilities").size() == 200);
    double mass = histogram.at("below").get<double>() + histogram.at("above").get<double>();
    for (const Json& p : histogram.at("probabilities")) mass += p.get<double>();
    CHECK(std::abs(mass - 1) <= histogram.at("total_variation_error").get<double>());
    CHECK_FALSE(
        Json::parse(call(one_cell.substr(0, one_cell.rfind(' ')) + " --json", folder.path).out).contains("stationary"));
}

TEST_CASE("exact --stationary --json --steps: histograms expected of N steps begun at each minimum, mirror images here")
{
    const Scratch folder;
    const Answer answer = call(one_cell + " --json --steps 100", folder.path);
    INFO(answer.err);
    REQUIRE(answer.status == 0);
    const Json cell = Json::parse(answer.out).at("stationary")[0];
    const Json& begun = cell.at("begun");
    REQUIRE(begun.size() == 2);
    const auto left = [](const Json& histogram) { // of the saddle at 0
        double share = histogram.at("below").get<double>();
        for (std::size_t k = 0; k < 100; ++k) share += histogram.at("probabilities")[k].get<double>();
        return share;
    };
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(begun[i].at("start") == i + 1);
        CHECK(begun[i].at("steps") == 100);
        CHECK(begun[i].at("edges") == cell.at("histogram").at("edges"));
    }
    const double error = begun[0].at("total_variation_error");
    CHECK(left(begun[0]) > 0.9); // a hundred steps seldom leave
    CHECK(std::abs(left(begun[0]) + left(begun[1]) - 1) <= 2 * error);
    CHECK(std::abs(left(cell.at("histogram")) - 0.5) <= 2e-2);

    for (const char* wrong : {" --steps 100", " --json --steps 0"})
        CHECK(call(one_cell + wrong, folder.path).status == 2);
    const Answer alone = call("exact double-well --steps 5 --json --quiet", folder.path);
    CHECK(alone.status == 2);
    CHECK(alone.err == "exeunt: --steps: histograms of N steps are part of --stationary --json\n");
}
