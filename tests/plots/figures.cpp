// What a figure shows is what it was given.
#include "scratch.hpp"

#include "model/error.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

TEST_CASE("A figure is five files, named in the order written, and nothing else")
{
    const Scratch scratch;
    const auto files = draw_exit_times(wang_times(), scratch.output());
    std::vector<std::string> names;
    for (const auto& file : files) names.push_back(file.filename());
    CHECK(names == std::vector<std::string>{"exit-times.csv", "exit-times.gp", "exit-times.txt", "exit-times.png",
                                            "exit-times.svg"});
    CHECK(scratch.names() == std::set<std::string>(names.begin(), names.end()));
    for (const auto& file : files) CHECK(fs::file_size(file) > 0);
}

TEST_CASE("The data of exit times read back as exactly the numbers given, in the order of the learning rate")
{
    const Scratch scratch;
    ExitTimesFigure figure = wang_times();
    figure.series[1].simulated.push_back({0.001, inf, 17000.0 / 7, inf, 300, 300, "inconclusive"});
    draw_exit_times(figure, scratch.output({Format::svg}));
    const auto table = rows(scratch.path / "exit-times.csv");

    std::size_t next = 0;
    const auto cell = [&](std::size_t column) { return std::stod(table.at(next).at(column)); };
    for (std::size_t i = 0; i < figure.series.size(); ++i) {
        ExitSeries& s = figure.series[i];
        const auto order = [](const auto& a, const auto& b) { return a.eta < b.eta; };
        std::sort(s.limit.begin(), s.limit.end(), order);
        std::sort(s.oracle.begin(), s.oracle.end(), order);
        std::sort(s.simulated.begin(), s.simulated.end(), order);
        for (const auto& [kind, points] : {std::pair{"limit", s.limit}, std::pair{"oracle", s.oracle}})
            for (const Point& p : points) {
                CHECK(table.at(next)[0] == kind);
                CHECK(table[next][1] == std::to_string(i + 1));
                CHECK((cell(2) == s.clip && cell(3) == s.order));
                CHECK((cell(4) == p.eta && cell(5) == p.mean && cell(6) == p.error));
                ++next;
            }
        for (const Sampled& p : s.simulated) {
            CHECK(table.at(next)[0] == "simulated");
            CHECK((cell(4) == p.eta && cell(5) == p.mean && cell(7) == p.lower && cell(8) == p.upper));
            CHECK((cell(9) == double(p.samples) && cell(10) == double(p.censored)));
            CHECK(table[next][11] == p.verdict);
            ++next;
        }
    }
    CHECK(next == table.size());
}

TEST_CASE("The data of a landscape hold f, the critical points, the fields and the orders exactly")
{
    const Scratch scratch;
    const LandscapeFigure figure = wang_landscape();
    draw_landscape(figure, scratch.output({Format::svg}));
    const model::Landscape& land = figure.landscape;
    std::size_t curve = 0, minima = 0, saddles = 0, fields = 0, orders = 0;
    double last = -inf;
    for (const auto& row : rows(scratch.path / "landscape.csv")) {
        const auto cell = [&row](std::size_t column) { return std::stod(row.at(column)); };
        const std::size_t i = row[1].empty() ? 0 : std::stoul(row[1]) - 1;
        if (row[0] == "f") {
            CHECK(cell(3) == land.potential().value(cell(2)));
            CHECK(cell(2) > last);
            last = cell(2), ++curve;
        } else if (row[0] == "minimum") {
            CHECK(cell(2) == land.minima().at(i));
            ++minima;
        } else if (row[0] == "saddle") {
            CHECK(cell(2) == land.saddles().at(i));
            ++saddles;
        } else if (row[0] == "field") {
            CHECK((cell(4) == land.left(i) && cell(5) == land.right(i) && cell(6) == land.radius(i)));
            ++fields;
        } else {
            REQUIRE(row[0] == "order");
            const ExitOrders& given = figure.orders.at(orders / land.wells());
            CHECK((cell(7) == given.clip && cell(8) == given.order.at(i)));
            ++orders;
        }
    }
    CHECK((curve > 1000 && minima == 4 && saddles == 3 && fields == 4 && orders == 12));
    CHECK(last == 1.6);
}

TEST_CASE("The drawn landscape names its fields, points, radii and orders, and b = inf is \"no clipping\"")
{
    const Scratch scratch;
    draw_landscape(wang_landscape(), scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "landscape.svg");
    for (const char* label : {"Ω₁", "Ω₄", "m₁", "m₄", "s₁", "s₃", "radius r", "0.21", "0.60", "b = 0.5", "b = 0.28",
                              "no clipping", "ℓ* = 3", "Wang, Oh and Rhee (2022)"})
        CHECK_THAT(text, Contains(label));
    CHECK_THAT(text, !Contains("inf"));
    CHECK_THAT(text, Contains("−0.6") && !Contains("-0.6")); // a minus sign, not a hyphen
    CHECK_THAT(bytes(scratch.path / "landscape.txt"),
               Contains("m₂ = −0.699273") && Contains("no clipping: 1, 1, 1, 1"));
}

TEST_CASE("The drawn exit times name the well, the axes, the curves and the thresholds")
{
    const Scratch scratch;
    draw_exit_times(wang_times(), scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "exit-times.svg");
    for (const char* label : {"First exit from well 2", "learning rate η", "mean first exit time (steps)", "exact",
                              "limit 1/(qλ)", "simulated", "b = 0.5", "ℓ* = 2", "no clipping", "ℓ* = 1", "10−2"})
        CHECK_THAT(text, Contains(label));
    for (const char* absent : {"censored", "refuted", "inconclusive", "inf"}) CHECK_THAT(text, !Contains(absent));
    CHECK_THAT(bytes(scratch.path / "exit-times.txt"), Contains("Ω₂") && Contains("20000 replicas") &&
                                                           Contains("99.999 %") && Contains("all 3 points confirmed"));
}

TEST_CASE("A verdict other than confirmed is in the picture, in its key and in its caption")
{
    const Scratch scratch;
    ExitTimesFigure figure = wang_times();
    draw_exit_times(figure, scratch.output({Format::svg}));
    const std::string before = bytes(scratch.path / "exit-times.svg");
    const auto crosses = [](const std::string& svg) {
        std::size_t n = 0;
        for (auto at = svg.find("xlink:href='#gpPt1'"); at != std::string::npos;
             at = svg.find("xlink:href='#gpPt1'", at + 1))
            ++n;
        return n;
    };
    CHECK(crosses(before) == 0);
    figure.series[0].simulated[0].verdict = "refuted";
    figure.series[0].simulated[1].verdict = "inconclusive";
    draw_exit_times(figure, scratch.output({Format::svg}));
    CHECK(crosses(bytes(scratch.path / "exit-times.svg")) == 2); // the point and the key
    CHECK_THAT(words(scratch.path / "exit-times.svg"), Contains("1 refuted") && Contains("1 inconclusive"));
    CHECK_THAT(bytes(scratch.path / "exit-times.txt"), Contains("Refuted, crossed out: b = 0.5 at η = 0.05.") &&
                                                           Contains("Inconclusive, ringed: b = 0.5 at η = 0.01.") &&
                                                           Contains("1 of 3 points confirmed"));
    figure.series[0].simulated[0].verdict = "";
    draw_exit_times(figure, scratch.output({Format::svg}));
    CHECK_THAT(bytes(scratch.path / "exit-times.txt"), Contains("1 not") && !Contains("all 3"));
}

TEST_CASE("Censored points are hollow, those without any exit are arrows, and key and caption say so")
{
    const Scratch scratch;
    ExitTimesFigure figure = wang_times();
    figure.series[0].simulated[1].censored = 12;
    figure.series[1].simulated.push_back({0.001, inf, 17000, inf, 300, 300, "inconclusive"});
    draw_exit_times(figure, scratch.output({Format::svg}));
    CHECK_THAT(words(scratch.path / "exit-times.svg"), Contains("censored"));
    const std::string svg = bytes(scratch.path / "exit-times.svg");
    std::size_t white = 0;
    for (auto at = svg.find("color='rgb(255, 255, 255)'"); at != std::string::npos;
         at = svg.find("color='rgb(255, 255, 255)'", at + 1))
        ++white;
    CHECK(white == 2);
    CHECK_THAT(bytes(scratch.path / "exit-times.gp"), Contains("unseen('2')") && !Contains("unseen('1'))"));
    CHECK_THAT(bytes(scratch.path / "exit-times.txt"),
               Contains("2 of 4 points have censored paths") && Contains("312 in all") && Contains("Arrows: at 1"));
}

TEST_CASE("A point whose interval has no upper end is still drawn, and is not said to have no exit")
{
    const Scratch scratch;
    ExitTimesFigure figure = wang_times();
    figure.series[0].simulated[1].upper = inf;
    draw_exit_times(figure, scratch.output({Format::svg}));
    CHECK_THAT(bytes(scratch.path / "exit-times.txt"), !Contains("Arrows"));
    CHECK_THAT(bytes(scratch.path / "exit-times.gp"), !Contains("(unseen("));
}

TEST_CASE("One to six thresholds, two wells and forty, narrow and wide: all can be drawn")
{
    const Scratch scratch;
    ExitTimesFigure times = wang_times();
    times.series.resize(1);
    while (times.series.size() <= 6) {
        times.name = "times-" + std::to_string(times.series.size());
        CHECK_NOTHROW(draw_exit_times(times, scratch.output({Format::svg})));
        times.series.push_back(times.series.back());
        times.series.back().clip /= 2;
    }
    CHECK_THROWS_AS(draw_exit_times(times, scratch.output()), BadInput);
    const auto waves = [](const auto& x) {
        using model::cos;
        using std::cos;
        return cos(x * 6.283185307179586) + x * x * 0.001;
    };
    for (const double half : {0.9, 20.0}) {
        model::Landscape land(model::Function::of(waves, "waves"), {-half, half, false});
        const std::vector<int> order(land.wells(), 1);
        LandscapeFigure figure{.landscape = std::move(land), .orders = {{0.7, order}}};
        Output output = scratch.output();
        output.width = half > 2 ? 6.8 : 3.4;
        CHECK_NOTHROW(draw_landscape(figure, output));
    }
}

TEST_CASE("What makes no sense is refused, with one line and no file")
{
    const Scratch scratch;
    const auto refused = [&](auto change) {
        ExitTimesFigure figure = wang_times();
        change(figure);
        CHECK_THROWS_AS(draw_exit_times(figure, scratch.output()), BadInput);
    };
    refused([](auto& f) { f.series.clear(); });
    refused([](auto& f) { f.series[0] = {.clip = 0.5, .order = 2, .limit = {}, .oracle = {}, .simulated = {}}; });
    refused([](auto& f) { f.series[0].clip = -1; });
    refused([](auto& f) { f.series[0].order = 0; });
    refused([](auto& f) { f.series[0].limit[0].mean = 0; });
    refused([](auto& f) { f.series[0].oracle[0].mean = std::nan(""); });
    refused([](auto& f) { f.series[0].oracle[0].error = inf; });
    refused([](auto& f) { f.series[0].simulated[0].eta = 0; });
    refused([](auto& f) { f.series[0].simulated[0].lower = 5000; });
    refused([](auto& f) { f.series[0].simulated[0].upper = std::nan(""); });
    refused([](auto& f) { f.series[0].simulated[0].mean = std::nan(""); });
    refused([](auto& f) { f.series[0].simulated[0] = {0.05, inf, 0, inf, 20, 20, ""}; });
    refused([](auto& f) { f.series[0].simulated[0].censored = 20001; });
    refused([](auto& f) { f.series[0].simulated[0].verdict = "fine"; });
    refused([](auto& f) { f.confidence = 95; });
    refused([](auto& f) { f.name = "../up"; });
    refused([](auto& f) { f.name = ".hidden"; });
    refused([](auto& f) { f.name = ""; });
    const auto refused_landscape = [&](auto change) {
        LandscapeFigure figure = wang_landscape();
        change(figure);
        CHECK_THROWS_AS(draw_landscape(figure, scratch.output()), BadInput);
    };
    refused_landscape([](auto& f) { f.orders[0].order.pop_back(); });
    refused_landscape([](auto& f) { f.orders[0].order[2] = 0; });
    refused_landscape([](auto& f) { f.orders[0].clip = 0; });
    refused_landscape([](auto& f) { f.orders.resize(7, f.orders[0]); });
    Output output = scratch.output({});
    CHECK_THROWS_AS(draw_exit_times(wang_times(), output), BadInput);
    output = scratch.output();
    output.width = 1;
    CHECK_THROWS_AS(draw_exit_times(wang_times(), output), BadInput);
    CHECK_THROWS_WITH(format("jpg"), "there is no figure format 'jpg': use png, svg or pdf");
    CHECK(format("pdf") == Format::pdf);
    CHECK(scratch.names().empty());
}

}
}
