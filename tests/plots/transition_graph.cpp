// The transition graph shows the wells, edges and classes it was given.
#include "plots/transition_graph.hpp"

#include "model/error.hpp"
#include "scratch.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace exeunt::plots::tests
{
namespace
{

using Catch::Contains;

/// wang2022 at b = 0.5, irreducible, and at b = 0.4, where wells 3 and 4 are left for ever.
TransitionGraphFigure wang_graphs()
{
    return {.minima = {-1.51148, -0.69927, 0.49624, 1.32209},
            .graphs = {{.clip = 0.5,
                        .nodes = {{1, 0, false}, {2, 0, true}, {1, 0, false}, {2, 0, true}},
                        .absorbing = {true},
                        .edges = {{0, 1, 3.23}, {1, 0, 3.85}, {1, 2, 0.234}, {2, 1, 2.15}, {2, 3, 3.37}, {3, 2, 1e-5}}},
                       {.clip = 0.4,
                        .nodes = {{1, 0, false}, {2, 0, true}, {1, 1, false}, {2, 1, true}},
                        .absorbing = {true, false},
                        .edges = {{0, 1, 3.23}, {1, 0, 1.0 / 3}, {2, 1, 0.1 + 0.2}, {2, 3, 3.37}, {3, 2, 2.97}}}},
            .title = "Wang, Oh and Rhee (2022)"};
}

/// Each well leads to its neighbours and, with a twentieth of their rate, to all others.
TransitionGraphFigure many_wells(std::size_t wells)
{
    TransitionGraphFigure figure{.minima = {},
                                 .graphs = {{.clip = inf, .nodes = {}, .absorbing = {true}, .edges = {}}}};
    for (std::size_t i = 0; i < wells; ++i) {
        figure.minima.push_back(double(i));
        figure.graphs[0].nodes.push_back({1, 0, true});
        for (std::size_t j = 0; j < wells; ++j)
            if (j != i) figure.graphs[0].edges.push_back({i, j, j + 1 == i || i + 1 == j ? 1 : 0.05});
    }
    return figure;
}

TEST_CASE("The data of a transition graph hold wells, classes, q and its share exactly, and which edges are killed")
{
    const Scratch scratch;
    const TransitionGraphFigure figure = wang_graphs();
    draw_transition_graph(figure, scratch.output({Format::svg}));
    std::size_t wells = 0, edges = 0, killed = 0;
    for (const auto& row : rows(scratch.path / "transition-graph.csv")) {
        const auto cell = [&row](std::size_t column) { return std::stod(row.at(column)); };
        CHECK(row.size() == 18);
        const Graph& g = figure.graphs.at(std::stoul(row[1]) - 1);
        CHECK(cell(2) == g.clip);
        if (row[0] == "well") {
            const Node& n = g.nodes.at(wells % 4);
            CHECK((cell(3) == double(wells % 4 + 1) && cell(5) == figure.minima[wells % 4] && cell(6) == n.order));
            CHECK((cell(7) == double(n.part + 1) && row[8] == (n.large ? "yes" : "no")));
            CHECK(row[9] == (g.absorbing[n.part] ? "yes" : "no"));
            ++wells;
        } else if (row[0] == "edge") {
            const Edge& e = &g == &figure.graphs[0] ? g.edges.at(edges) : g.edges.at(edges - 6);
            CHECK((cell(3) == double(e.from + 1) && cell(4) == double(e.to + 1) && cell(10) == e.constant));
            if (edges == 2) CHECK(cell(11) == 0.234 / (3.85 + 0.234));
            killed += row[12] == "yes";
            ++edges;
        }
    }
    CHECK((wells == 8 && edges == 11 && killed == 1));
}

TEST_CASE("The drawn graph names wells, orders, constants and classes, and draws the killed edge in another colour")
{
    const Scratch scratch;
    TransitionGraphFigure figure = wang_graphs();
    draw_transition_graph(figure, scratch.output({Format::svg}));
    const std::string text = words(scratch.path / "transition-graph.svg");
    for (const char* label :
         {"Typical transitions", "b = 0.5:", "b = 0.4:", "irreducible", "m₁", "m₄", "ℓ* = 2", "3.23", "0.234",
          "reducible: {1, 2} absorbing, {3, 4} transient", "large minimum", "small minimum", "leaves its class"})
        CHECK_THAT(text, Contains(label));
    CHECK_THAT(bytes(scratch.path / "transition-graph.svg"), Contains("rgb(213,  94,   0)"));
    CHECK_THAT(bytes(scratch.path / "transition-graph.txt"), Contains("b = 0.4: reducible: {1, 2} absorbing, {3, 4} "
                                                                      "transient. Large: m₂, m₄."));
    figure.graphs.pop_back();
    draw_transition_graph(figure, scratch.output({Format::svg}));
    CHECK_THAT(words(scratch.path / "transition-graph.svg"), !Contains("leaves its class"));
    CHECK_THAT(bytes(scratch.path / "transition-graph.svg"), !Contains("rgb(213,  94,   0)"));
}

TEST_CASE("Among forty wells the edges of small shares are not drawn, and the caption says so")
{
    const Scratch scratch;
    draw_transition_graph(many_wells(40), scratch.output({Format::svg}));
    std::size_t edges = 0, tips = 0;
    for (const auto& row : rows(scratch.path / "transition-graph.csv"))
        edges += row[0] == "edge", tips += row[0] == "tip";
    CHECK(edges == 40 * 39);
    CHECK(tips == 2 * 39); // to both neighbours
    CHECK_THAT(bytes(scratch.path / "transition-graph.txt"), Contains("less than 10 %"));
    CHECK(fs::file_size(scratch.path / "transition-graph.svg") < 300'000);
    draw_transition_graph(many_wells(2), scratch.output({Format::svg}));
    CHECK_THAT(bytes(scratch.path / "transition-graph.txt"), !Contains("not drawn"));
}

TEST_CASE("A transition graph that makes no sense is refused, with one line and no file")
{
    const Scratch scratch;
    const auto refused = [&](auto change) {
        TransitionGraphFigure figure = wang_graphs();
        change(figure);
        CHECK_THROWS_AS(draw_transition_graph(figure, scratch.output()), BadInput);
    };
    refused([](auto& f) { f.minima.pop_back(); });
    refused([](auto& f) { f.minima[1] = -2; });
    refused([](auto& f) { f.graphs.clear(); });
    refused([](auto& f) { f.graphs.resize(5, f.graphs[0]); });
    refused([](auto& f) { f.graphs[0].clip = 0; });
    refused([](auto& f) { f.graphs[0].nodes[0].order = 0; });
    refused([](auto& f) { f.graphs[0].nodes[0].part = 1; });
    refused([](auto& f) { f.graphs[0].edges[0].to = 4; });
    refused([](auto& f) { f.graphs[0].edges[0].to = 0; });
    refused([](auto& f) { f.graphs[0].edges[0].constant = std::nan(""); });
    CHECK(scratch.names().empty());
}

}
}
