// Histograms, trajectories and the limiting chain, as `figures` simulates, keeps and draws them.
#include "program.hpp"

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

constexpr const char* cheap = "--potential 'x^4/4 - x^2/2 + 0.1*x' --set potential.domain=-2.5,2.5 "
                              "--set potential.clamp=true --set dynamics.clip=0.7 --set dynamics.learning_rate=0.05 "
                              "--set verify.budget=1s --format svg --quiet --out here";

Answer draw(const Scratch& folder, const std::string& more = "")
{
    return call(fmt::format("figures {} --only histograms --only trajectories --only ctmc {}", cheap, more),
                folder.path);
}

}

TEST_CASE("Figures of simulated paths are the same bytes on one core and on two, and their pictures are XML")
{
    const Scratch one, two;
    REQUIRE(draw(one, "--threads 1").status == 0);
    REQUIRE(draw(two, "--threads 2").status == 0);
    for (const std::string name : {"histograms", "trajectories", "ctmc"}) {
        for (const std::string ending : {".csv", ".gp", ".txt", ".svg"}) {
            const std::string file = "here/" + name + ending;
            INFO(file);
            CHECK(!bytes(one.path / file).empty());
            CHECK(bytes(one.path / file) == bytes(two.path / file));
        }
        boost::property_tree::ptree tree;
        CHECK_NOTHROW(boost::property_tree::read_xml((one.path / "here" / (name + ".svg")).string(), tree));
    }
}

TEST_CASE("Figures of simulated paths are drawn from what is stored, and simulated again for another seed")
{
    const Scratch folder;
    REQUIRE(draw(folder).status == 0);
    const fs::path file = folder.path / "here/portrait.json";
    auto json = nlohmann::ordered_json::parse(bytes(file)); // the order of the keys counts
    json["panels"][0]["states"][0] = 0.123456;              // which no simulation would give
    folder.write("here/portrait.json", json.dump());
    REQUIRE(draw(folder).status == 0);
    CHECK_THAT(bytes(folder.path / "here/trajectories.csv"), Contains("0.123456"));
    REQUIRE(draw(folder, "--seed 7").status == 0);
    CHECK_THAT(bytes(folder.path / "here/trajectories.csv"), !Contains("0.123456"));
}

TEST_CASE("A panel in which X stops being finite is left out and named in the caption, from stored data, too")
{
    const Scratch folder; // one long jump up the quartic's wall, where nothing holds X, never comes back
    for (int run = 0; run < 2; ++run) {
        const Answer answer =
            call(fmt::format("figures {} --set potential.clamp=false --only histograms", cheap), folder.path);
        INFO(answer.err);
        CHECK(answer.status == 0);
        std::string caption = bytes(folder.path / "here/histograms.txt");
        std::replace(caption.begin(), caption.end(), '\n', ' ');
        CHECK_THAT(caption, Contains("Not shown: Heavy-tailed noise, no clipping: X is not finite at step") &&
                                Contains("heavy tails, b = 0.7, 256") && Contains("Gaussian noise"));
        fs::remove(folder.path / "here/histograms.txt");
    }
}

TEST_CASE("A figure that cannot be made is named in one line, the others are drawn, and the status is 4")
{
    const Scratch folder;
    const Answer answer = call(fmt::format("figures {} --set potential.clamp=false --set dynamics.clip=inf --set "
                                           "dynamics.learning_rate=1.9 --only landscape --only histograms",
                                           cheap),
                               folder.path);
    CHECK(answer.status == 4);
    CHECK(answer.one_line());
    CHECK_THAT(answer.err, Contains("no figure histograms: ") && Contains("clamp"));
    CHECK(fs::exists(folder.path / "here/landscape.svg"));
    CHECK(!fs::exists(folder.path / "here/histograms.svg"));
}

TEST_CASE("Where the exact chain fails at every learning rate, the limiting chain is drawn without it and not judged")
{
    const Scratch folder; // forty wells: more breakpoints than the exact chain takes
    const Answer answer =
        call("figures --potential '-cos(x)' --set potential.domain=-1,246 --set potential.clamp=true "
             "--set dynamics.clip=2.2 --set verify.budget=5s --only ctmc --format svg --quiet --out here",
             folder.path);
    INFO(answer.err);
    CHECK(answer.status == 0);
    std::string caption = bytes(folder.path / "here/ctmc.txt");
    std::replace(caption.begin(), caption.end(), '\n', ' ');
    CHECK_THAT(caption,
               Contains("Without the exact chain, at no η: ") && Contains("apart from verify's: inconclusive"));
    CHECK_THAT(bytes(folder.path / "here/ctmc.csv"), Contains("\nsimulated,") && Contains("\nsharp,"));
    CHECK_THAT(bytes(folder.path / "here/ctmc.svg"), !Contains(">exact<"));
}
