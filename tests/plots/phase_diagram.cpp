// The phase diagram shows the bands and constants it was given.
#include "plots/phase_diagram.hpp"

#include "model/error.hpp"
#include "scratch.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

PhaseDiagramFigure two_wells()
{
    return {.wells = {{.radius = 0.3, .bands = {{1, 0.3, 0.8, {{0.31, 0.1 + 0.2}, {0.7, 2}}}}},
                      {.radius = 0.6, .bands = {{2, 0.3, 0.6, {{0.31, 1e-3}, {0.59, 70}}}, {1, 0.6, 0.8, {{0.7, 3}}}}}},
            .clips = {0.5, inf, 0.01},
            .title = "Two wells"};
}

TEST_CASE("The data of a phase diagram read back as exactly the bands and constants given")
{
    const Scratch scratch;
    draw_phase_diagram(two_wells(), scratch.output({Format::svg}));
    const auto table = rows(scratch.path / "phase-diagram.csv");
    REQUIRE(table.size() == 8);
    const auto cell = [&](std::size_t row, std::size_t column) { return std::stod(table.at(row).at(column)); };
    CHECK((table[0][0] == "band" && cell(0, 1) == 1 && cell(0, 2) == 0.3 && cell(0, 3) == 1 && cell(0, 4) == 0.3));
    CHECK((table[1][0] == "constant" && cell(1, 6) == 0.31 && cell(1, 7) == 0.1 + 0.2));
    CHECK((table[3][0] == "band" && cell(3, 1) == 2 && cell(3, 3) == 2 && cell(3, 5) == 0.6 && cell(5, 7) == 70));
}

TEST_CASE("The drawn phase diagram names wells, orders and the thresholds of the spec that are in the picture")
{
    const Scratch scratch;
    PhaseDiagramFigure figure = two_wells();
    draw_phase_diagram(figure, scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "phase-diagram.svg");
    for (const char* label : {"m₁", "m₂", "ℓ* = 1", "ℓ* = 2", "clip threshold b", "exit constant q", "well 2", "0.5"})
        CHECK_THAT(text, Contains(label));
    CHECK_THAT(text, !Contains("0.01\n") && !Contains("inf"));
    CHECK_THAT(bytes(scratch.path / "phase-diagram.txt"), Contains("r₂ = 0.6") && Contains("thresholds of the spec"));
    for (PhaseWell& well : figure.wells)
        for (PhaseBand& band : well.bands) band.points.clear();
    draw_phase_diagram(figure, scratch.output({Format::svg})); // light tails: orders only
    CHECK_THAT(words(scratch.path / "phase-diagram.svg"), !Contains("exit constant"));
    while (figure.wells.size() < 40) figure.wells.push_back(two_wells().wells[figure.wells.size() % 2]);
    CHECK_NOTHROW(draw_phase_diagram(figure, scratch.output({Format::svg})));
}

TEST_CASE("A point of an SVG says its numbers under the pointer, without a script")
{
    const Scratch scratch;
    draw_phase_diagram(two_wells(), scratch.output({Format::svg}));
    const std::string svg = bytes(scratch.path / "phase-diagram.svg");
    CHECK_THAT(svg, Contains("<title>b = 0.31, well 2: l* = 2, q = 0.001</title>"));
    CHECK_THAT(svg, !Contains("onmousemove") && !Contains("showHypertext"));
}

TEST_CASE("A phase diagram that makes no sense is refused, with one line and no file")
{
    const Scratch scratch;
    const auto refused = [&](auto change) {
        PhaseDiagramFigure figure = two_wells();
        change(figure);
        CHECK_THROWS_AS(draw_phase_diagram(figure, scratch.output()), BadInput);
    };
    refused([](auto& f) { f.wells.pop_back(); });
    refused([](auto& f) { f.wells[0].radius = 0; });
    refused([](auto& f) { f.wells[0].bands.clear(); });
    refused([](auto& f) { f.wells[0].bands[0].order = 0; });
    refused([](auto& f) { f.wells[0].bands[0].to = 0.3; });
    refused([](auto& f) { f.wells[0].bands[0].points[0].clip = 0.2; });
    refused([](auto& f) { f.wells[0].bands[0].points[0].constant = 0; });
    refused([](auto& f) { f.clips[0] = 0; });
    CHECK(scratch.names().empty());
}

}
}
