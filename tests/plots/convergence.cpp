// The figure of convergence shows the ratios and limits it was given.
#include "plots/convergence.hpp"

#include "model/error.hpp"
#include "scratch.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

ConvergenceFigure two_ladders()
{
    return {.series = {{.clip = 0.5,
                        .well = 1,
                        .order = 2,
                        .rungs = {{1e-5, 0.97, 1e-5}, {1e-3, 0.1 + 0.7, 1e-6}, {1e-4, 0.91}},
                        .limit = 0.998,
                        .error = 0.004,
                        .verdict = "confirmed"},
                       {.clip = inf,
                        .well = 0,
                        .order = 1,
                        .rungs = {{1e-3, 0.95, 1e-5}, {1e-4, 1.0 / 1.1, 1e-5}},
                        .limit = 1.03,
                        .error = inf,
                        .verdict = "inconclusive"}},
            .title = "Wang, Oh and Rhee (2022)"};
}

TEST_CASE("The data of convergence read back as exactly the ratios given, each ladder falling and then its limit")
{
    const Scratch scratch;
    draw_convergence(two_ladders(), scratch.output({Format::svg}));
    const auto table = rows(scratch.path / "convergence.csv");
    REQUIRE(table.size() == 7);
    const auto cell = [&](std::size_t row, std::size_t column) { return std::stod(table.at(row).at(column)); };
    CHECK((cell(0, 6) == 1e-3 && cell(0, 7) == 0.1 + 0.7 && cell(0, 8) == 1e-6 && cell(2, 6) == 1e-5));
    CHECK((table[3][0] == "limit" && cell(3, 6) == 0 && cell(3, 7) == 0.998 && cell(3, 8) == 0.004));
    CHECK((cell(3, 2) == 0.5 && cell(3, 3) == 2 && cell(3, 4) == 2 && table[3][10] == "confirmed"));
    CHECK((cell(5, 7) == 1.0 / 1.1 && cell(6, 2) == inf && cell(6, 8) == inf && table[6][10] == "inconclusive"));
    CHECK(cell(3, 9) < 1e-5); // the limit has its place to the left of every learning rate
}

TEST_CASE("Convergence has a panel for each threshold, marks what is not confirmed, and says what has not settled")
{
    const Scratch scratch;
    draw_convergence(two_ladders(), scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "convergence.svg");
    for (const char* label : {"Exact against limit", "b = 0.5", "no clipping", "well 1", "well 2", "1 inconclusive",
                              "learning rate η", "exact / limit", "10−4"})
        CHECK_THAT(text, Contains(label));
    CHECK_THAT(text, !Contains("refuted") && !Contains("nan"));
    CHECK_THAT(bytes(scratch.path / "convergence.txt"),
               Contains("1 of 2 confirmed") && Contains("well 2 (l* = 2): 0.998 ± 0.004, confirmed") &&
                   Contains("no clipping, well 1 (l* = 1): not settled, inconclusive"));
    ConvergenceFigure figure = two_ladders();
    for (RatioSeries& s : figure.series) s.verdict = "";
    draw_convergence(figure, scratch.output({Format::svg}));
    CHECK_THAT(bytes(scratch.path / "convergence.txt"), Contains("Not tested."));
}

TEST_CASE("Forty wells are told apart by their order, and ratios that differ by decades are drawn")
{
    const Scratch scratch;
    ConvergenceFigure figure{.series = {}};
    for (std::size_t i = 0; i < 40; ++i)
        figure.series.push_back({.clip = 0.5,
                                 .well = i,
                                 .order = i % 2 == 0 ? 1 : 9,
                                 .rungs = {{1e-3, 1e-4 * double(i + 1)}, {1e-5, 0.9}},
                                 .limit = i == 3 ? -5.0 : 1,
                                 .error = 0.1});
    CHECK_NOTHROW(draw_convergence(figure, scratch.output({Format::svg})));
    CHECK_THAT(words(scratch.path / "convergence.svg"), Contains("ℓ* = 1") && !Contains("well 1"));
}

TEST_CASE("Convergence that makes no sense is refused, with one line and no file")
{
    const Scratch scratch;
    const auto refused = [&](auto change) {
        ConvergenceFigure figure = two_ladders();
        change(figure);
        CHECK_THROWS_AS(draw_convergence(figure, scratch.output()), BadInput);
    };
    refused([](auto& f) { f.series.clear(); });
    refused([](auto& f) { f.series[0].rungs.clear(); });
    refused([](auto& f) { f.series[0].rungs[0].eta = 0; });
    refused([](auto& f) { f.series[0].rungs[0].ratio = inf; });
    refused([](auto& f) { f.series[0].limit = std::nan(""); });
    refused([](auto& f) { f.series[0].error = -1; });
    refused([](auto& f) { f.series[0].verdict = "fine"; });
    refused([](auto& f) {
        for (int k = 0; k < 6; ++k) f.series.push_back(f.series[0]), f.series.back().clip = 1 + k;
    });
    CHECK(scratch.names().empty());
}

}
}
