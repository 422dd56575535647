// The figure of the limiting chain shows the laws and shares it was given.
#include "plots/ctmc.hpp"

#include "model/error.hpp"
#include "scratch.hpp"

#include <catch2/catch.hpp>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

CtmcFigure two_states()
{
    return {.clip = 0.5,
            .laws = {{.time = 0.5,
                      .states = {{1, 0.7, {{0.001, 0.69, 0.67, 0.71}, {0.01, 0.1 + 0.5, 0.58, 0.62}}},
                                 {3, 0.3, {{0.001, 0.3, 0.28, 0.32}, {0.01, 0.35, 0.33, 0.37}}}}},
                     {.time = 2, .states = {{1, 0.6, {{0.001, 0.6, 0.58, 0.62}}}, {3, 0.4, {}}}}},
            .sharp = {{0.01, 0.05, 0.04, 0.06}, {0.001, 0.01, 0, 0.02}},
            .replicas = 2000,
            .confidence = 0.999,
            .verdict = "refuted",
            .title = "Wang, Oh and Rhee (2022)"};
}

TEST_CASE("The data of the limiting chain read back as exactly the laws given, in the order of the learning rate")
{
    const Scratch scratch;
    draw_ctmc(two_states(), scratch.output({Format::png, Format::svg}));
    const auto table = rows(scratch.path / "ctmc.csv");
    REQUIRE(table.size() == 11);
    const auto cell = [&](std::size_t row, std::size_t column) { return std::stod(table.at(row).at(column)); };
    for (const auto& row : table) CHECK(row.size() == 11);
    CHECK((table[0][0] == "limit" && cell(0, 3) == 0.5 && cell(0, 5) == 2 && cell(0, 7) == 0.7));
    CHECK((cell(1, 6) == 0.001 && cell(2, 6) == 0.01 && cell(2, 7) == 0.1 + 0.5 && cell(2, 9) == 0.62));
    CHECK((table[9][0] == "sharp" && cell(9, 6) == 0.001 && cell(10, 7) == 0.05));
}

TEST_CASE("The drawn limiting chain names states, times and axes, and its caption carries the verdict")
{
    const Scratch scratch;
    CtmcFigure figure = two_states();
    draw_ctmc(figure, scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "ctmc.svg");
    for (const char* label : {"The limiting chain, b = 0.5", "m₂", "m₄", "limit Y", "t = 0.5", "t = 2", "probability",
                              "share", "Time outside", "learning rate η"})
        CHECK_THAT(text, Contains(label));
    CHECK_THAT(bytes(scratch.path / "ctmc.txt"),
               Contains("X against Y: refuted.") && Contains("2000 replicas") && Contains("99.9 % confidence"));
    figure.sharp = {{0.01, 0, 0, 0}};
    figure.verdict = "";
    draw_ctmc(figure, scratch.output({Format::svg}));
    CHECK_THAT(words(scratch.path / "ctmc.svg"), !Contains("Time outside"));
    CHECK_THAT(bytes(scratch.path / "ctmc.txt"), Contains("Not tested."));
}

TEST_CASE("A limiting chain that makes no sense is refused, with one line and no file")
{
    const Scratch scratch;
    const auto refused = [&](auto change) {
        CtmcFigure figure = two_states();
        change(figure);
        CHECK_THROWS_AS(draw_ctmc(figure, scratch.output()), BadInput);
    };
    refused([](auto& f) { f.clip = 0; });
    refused([](auto& f) { f.laws.clear(); });
    refused([](auto& f) { f.laws.resize(5, f.laws[0]); });
    refused([](auto& f) { f.laws[0].time = 0; });
    refused([](auto& f) { f.laws[0].states.clear(); });
    refused([](auto& f) { f.laws[0].states[0].limit = 1.1; });
    refused([](auto& f) { f.laws[0].states[0].simulated[0].lower = 0.7; });
    refused([](auto& f) { f.sharp[0].eta = 0; });
    refused([](auto& f) { f.verdict = "fine"; });
    CHECK(scratch.names().empty());
}

}
}
