// Histograms and trajectories show the shares and states they were given.
#include "plots/histograms.hpp"
#include "plots/trajectories.hpp"

#include "model/error.hpp"
#include "scratch.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

/// Two bumps in each of four fields; in the first panel the sharp fields are all but empty.
HistogramsFigure two_histograms()
{
    HistogramsFigure figure{.learning_rate = 0.001, .saddles = {-1.3, 0.2, 0.7}, .panels = {}, .confidence = 0.99};
    for (const bool clipped : {true, false}) {
        Histogram h{
            .name = clipped ? "heavy tails, b = 0.5" : "heavy tails, no clipping",
            .bins = {},
            .fields = {{0, 0, 1e-4, 2e-5}, {0.6, 0.59, 0.61, 0.6}, {0.001, 0, 0.002, 0.001}, {0.399, 0.39, 0.41, 0.4}},
            .has_stationary = clipped,
            .steps = 10'000'000,
            .verdict = clipped ? "confirmed" : "refuted"};
        for (int k = -32; k < 32; ++k) {
            const double x = 0.05 * k,
                         wide = std::exp(-50 * (x + 0.7) * (x + 0.7)) + std::exp(-60 * std::pow(x - 1.3, 2));
            const double sharp = std::exp(-900 * std::pow(x + 1.5, 2)) + std::exp(-900 * std::pow(x - 0.5, 2));
            const double share = 0.05 * (wide + (clipped ? 0.001 : 0.5) * sharp);
            h.bins.push_back({x, 0.05 * (k + 1), share < 1e-6 ? 0 : share, share + 1e-7});
        }
        figure.panels.push_back(h);
    }
    return figure;
}

TrajectoriesFigure two_paths()
{
    TrajectoriesFigure figure{.learning_rate = 0.001,
                              .minima = {-1.51, -0.7, 0.5, 1.32},
                              .saddles = {-1.3, 0.2, 0.7},
                              .panels = {{"heavy tails, b = 0.5", {}}, {"Gaussian, b = 0.5", {}}}};
    for (int k = 0; k <= 400; ++k) {
        figure.panels[0].states.push_back({1000.0 * k, (k / 130 % 2 == 0 ? -0.7 : 1.32) + 0.1 * std::sin(k * k)});
        figure.panels[1].states.push_back({1000.0 * k, -0.7 + 0.05 * std::sin(k * k)});
    }
    return figure;
}

TEST_CASE("The data of histograms read back as exactly the shares given, and a density is a share over a width")
{
    const Scratch scratch;
    const HistogramsFigure figure = two_histograms();
    draw_histograms(figure, scratch.output({Format::png, Format::svg}));
    std::size_t bins = 0, fields = 0;
    for (const auto& row : rows(scratch.path / "histograms.csv")) {
        const auto cell = [&row](std::size_t column) { return std::stod(row.at(column)); };
        CHECK(row.size() == 13);
        const Histogram& h = figure.panels.at(std::stoul(row[1]) - 1);
        if (row[0] == "bin") {
            const Bin& bin = h.bins.at(bins++ % h.bins.size());
            CHECK((cell(3) == bin.left && cell(4) == bin.right && cell(5) == bin.share));
            CHECK(cell(6) == bin.share / (bin.right - bin.left));
            CHECK(row[9].empty() != h.has_stationary);
        } else {
            const FieldShare& f = h.fields.at(fields++ % 4);
            CHECK((cell(5) == f.share && cell(7) == f.lower && cell(8) == f.upper));
        }
    }
    CHECK((bins == 128 && fields == 8));
}

TEST_CASE("Drawn histograms name panels, shares and verdicts, and the caption has the intervals and the exact shares")
{
    const Scratch scratch;
    draw_histograms(two_histograms(), scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "histograms.svg");
    for (const char* label : {"Where SGD spends its time", "heavy tails, b = 0.5", "no clipping", "60 %", "39.9 %",
                              "refuted", "stationary", "density of time"})
        CHECK_THAT(text, Contains(label));
    CHECK_THAT(bytes(scratch.path / "histograms.txt"), Contains("10000000 steps") && Contains("Intervals at 99 %"));
    HistogramsFigure figure = two_histograms();
    figure.panels[0].has_stationary = false;
    figure.panels[1].verdict = "";
    draw_histograms(figure, scratch.output({Format::svg}));
    CHECK_THAT(words(scratch.path / "histograms.svg"), !Contains("stationary") && !Contains("refuted"));
}

TEST_CASE("The data of trajectories read back as exactly the states given, and the picture names panels and minima")
{
    const Scratch scratch;
    const TrajectoriesFigure figure = two_paths();
    draw_trajectories(figure, scratch.output({Format::png, Format::svg}));
    const auto table = rows(scratch.path / "trajectories.csv");
    REQUIRE(table.size() == 802);
    for (std::size_t k = 0; k < table.size(); ++k) {
        const State& s = figure.panels[k / 401].states[k % 401];
        CHECK((std::stod(table[k][2]) == s.step && std::stod(table[k][3]) == s.x));
    }
    const std::string text = words(scratch.path / "trajectories.svg");
    for (const char* label : {"Sample paths", "heavy tails, b = 0.5", "Gaussian, b = 0.5", "m₁", "m₄", "steps"})
        CHECK_THAT(text, Contains(label));
}

TEST_CASE("Histograms and trajectories that make no sense are refused, with one line and no file")
{
    const Scratch scratch;
    const auto refused = [&](auto change) {
        HistogramsFigure figure = two_histograms();
        change(figure);
        CHECK_THROWS_AS(draw_histograms(figure, scratch.output()), BadInput);
    };
    refused([](auto& f) { f.panels.clear(); });
    refused([](auto& f) { f.learning_rate = 0; });
    refused([](auto& f) { f.panels[0].bins.clear(); });
    refused([](auto& f) { f.panels[0].bins[0].right = -2; });
    refused([](auto& f) { f.panels[0].bins[0].share = 2; });
    refused([](auto& f) { f.panels[0].fields.pop_back(); });
    refused([](auto& f) { f.panels[0].fields[1].upper = 0.5; });
    refused([](auto& f) { f.panels[0].verdict = "fine"; });
    refused([](auto& f) {
        for (Bin& bin : f.panels[0].bins) bin.share = 0;
    });
    const auto refused_path = [&](auto change) {
        TrajectoriesFigure figure = two_paths();
        change(figure);
        CHECK_THROWS_AS(draw_trajectories(figure, scratch.output()), BadInput);
    };
    refused_path([](auto& f) { f.panels.clear(); });
    refused_path([](auto& f) { f.minima.pop_back(); });
    refused_path([](auto& f) { f.panels[0].states.resize(1); });
    refused_path([](auto& f) { f.panels[0].states[3].step = 0; });
    refused_path([](auto& f) { f.panels[0].states[3].x = std::nan(""); });
    CHECK(scratch.names().empty());
}

}
}
