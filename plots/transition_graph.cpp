#include "plots/transition_graph.hpp"

#include "model/error.hpp"
#include "plots/axes.hpp"
#include "plots/page.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

namespace exeunt::plots
{
namespace
{

constexpr std::size_t most_graphs = 4;
constexpr std::size_t many_wells = 12; ///< from here on edges of small shares are not drawn
constexpr double small_share = 0.1;
constexpr double line = 0.15; ///< inches, a line of letters

void check(const TransitionGraphFigure& figure)
{
    const std::size_t wells = figure.minima.size();
    if (wells < 2) throw BadInput("a transition graph needs two wells or more");
    for (std::size_t i = 0; i < wells; ++i)
        if (!std::isfinite(figure.minima[i]) || (i > 0 && figure.minima[i] <= figure.minima[i - 1]))
            throw BadInput("a transition graph needs finite minima in increasing order");
    if (figure.graphs.empty() || figure.graphs.size() > most_graphs)
        throw BadInput(fmt::format("a figure of transition graphs shows 1 to {} clip thresholds, not {}", most_graphs,
                                   figure.graphs.size()));
    for (const Graph& g : figure.graphs) {
        if (!(g.clip > 0)) throw BadInput(fmt::format("a clip threshold of {} is not > 0", g.clip));
        if (g.nodes.size() != wells)
            throw BadInput(fmt::format("clip {}: {} nodes for {} wells", g.clip, g.nodes.size(), wells));
        for (const Node& n : g.nodes)
            if (n.order < 1 || n.part >= g.absorbing.size())
                throw BadInput(fmt::format("clip {}: a node needs l* ≥ 1 and a class that there is", g.clip));
        for (const Edge& e : g.edges)
            if (e.from >= wells || e.to >= wells || e.from == e.to || !(e.constant > 0) || !std::isfinite(e.constant))
                throw BadInput(
                    fmt::format("clip {}: an edge joins two of {} wells and has a constant > 0", g.clip, wells));
    }
}

double total(const Graph& g, std::size_t from)
{
    double sum = 0;
    for (const Edge& e : g.edges)
        if (e.from == from) sum += e.constant;
    return sum;
}
double share(const Graph& g, const Edge& e) { return e.constant / total(g, e.from); }
bool killed(const Graph& g, const Edge& e) { return g.nodes[e.from].part != g.nodes[e.to].part; }
std::size_t span(const Edge& e) { return e.from < e.to ? e.to - e.from : e.from - e.to; }
bool drawn(const Graph& g, const Edge& e) { return g.nodes.size() <= many_wells || share(g, e) >= small_share; }
/// Width of an edge: 3 when at least half of the exits take it, 2 from a tenth on, else 1.
int weight(double share) { return share >= 0.5 ? 3 : share >= 0.1 ? 2 : 1; }

/// Inches in a panel: x from the left end of the page, y from the line of wells upwards.
struct Frame {
    double spacing;      ///< of neighbours
    double radius;       ///< of a circle
    double first;        ///< x of the first well
    double rise;         ///< by how much an arc is higher than one that is a well shorter
    double above, below; ///< how far the arcs reach
    bool numbers;        ///< whether there is room for q between the arcs
    double x(std::size_t well) const { return first + spacing * static_cast<double>(well); }
    double height(const Edge& e) const { return 0.17 + rise * static_cast<double>(span(e) - 1); }
};

Frame frame(const Graph& g, double width)
{
    const double wells = static_cast<double>(g.nodes.size());
    Frame f{.spacing = 0, .radius = 0, .first = 0, .rise = 0, .above = 0, .below = 0, .numbers = false};
    f.spacing = std::min(1.0, (width - 0.2) / wells);
    f.first = width / 2 - f.spacing * (wells - 1) / 2;
    f.radius = std::min(0.15, 0.4 * f.spacing);
    std::size_t farthest = 1;
    for (const Edge& e : g.edges)
        if (drawn(g, e)) farthest = std::max(farthest, span(e));
    f.numbers = g.nodes.size() <= many_wells && farthest <= 5;
    f.rise = farthest == 1 ? 0 : std::min(0.23, 0.95 / static_cast<double>(farthest - 1));
    for (const Edge& e : g.edges)
        if (drawn(g, e)) {
            double& reach = e.from < e.to ? f.above : f.below;
            reach = std::max(reach, f.radius + f.height(e) + (f.numbers ? line : 0.04));
        }
    f.above = std::max(f.above, f.radius + 0.05);
    f.below = std::max(f.below, f.radius + 0.05);
    return f;
}

struct Place {
    double x, y;
};

/// Half an ellipse from the rim of one circle to that of another.
std::vector<Place> arc(const Frame& f, const Edge& e)
{
    const double side = e.from < e.to ? 1 : -1;
    const double rim = f.radius * std::numbers::sqrt3 / 2;
    const double begin = f.x(e.from) + side * f.radius / 2, end = f.x(e.to) - side * f.radius / 2;
    const std::size_t pieces = std::min<std::size_t>(40, 12 + 4 * span(e));
    std::vector<Place> places;
    for (std::size_t k = 0; k <= pieces; ++k) {
        const double angle = std::numbers::pi * static_cast<double>(k) / static_cast<double>(pieces);
        places.push_back({(begin + end) / 2 + (begin - end) / 2 * std::cos(angle),
                          side * (rim + (f.height(e) + f.radius - rim) * std::sin(angle))});
    }
    return places;
}

const char* yes(bool b) { return b ? "yes" : "no"; }

std::string table(const TransitionGraphFigure& figure, double width)
{
    std::string text =
        "kind,panel,clip,well,to,minimum,exit_order,class,large,absorbing,constant,share,killed,weight,x,y,dx,dy\n";
    for (std::size_t k = 0; k < figure.graphs.size(); ++k) {
        const Graph& g = figure.graphs[k];
        const Frame f = frame(g, width);
        const auto head = [&](const char* kind) { return fmt::format("{},{},{},", kind, k + 1, number(g.clip)); };
        for (std::size_t i = 0; i < g.nodes.size(); ++i)
            text += head("well") + fmt::format("{},,{},{},{},{},{},,,,,{:.4f},0,,\n", i + 1, number(figure.minima[i]),
                                               g.nodes[i].order, g.nodes[i].part + 1, yes(g.nodes[i].large),
                                               yes(g.absorbing[g.nodes[i].part]), f.x(i));
        for (const Edge& e : g.edges) {
            const auto row = [&](const char* kind) {
                return head(kind) + fmt::format("{},{},,,,,,", e.from + 1, e.to + 1);
            };
            const int w = weight(share(g, e));
            text += row("edge") +
                    fmt::format("{},{},{},{},,,,\n", number(e.constant), number(share(g, e)), yes(killed(g, e)), w);
            if (!drawn(g, e)) continue;
            const std::vector<Place> places = arc(f, e);
            for (const Place& p : places)
                text += row("arc") + fmt::format(",,{},{},{:.4f},{:.4f},,\n", yes(killed(g, e)), w, p.x, p.y);
            const Place end = places.back(), before = places[places.size() - 3];
            text += row("tip") + fmt::format(",,{},{},{:.4f},{:.4f},{:.4f},{:.4f}\n", yes(killed(g, e)), w, before.x,
                                             before.y, end.x - before.x, end.y - before.y);
        }
    }
    return text;
}

std::string label(const std::string& words, double x, double y, const std::string& look)
{
    return fmt::format("set label {} at {:.4f},{:.4f} {}\n", literal(words), x, y, look);
}

std::string set_of(const std::vector<std::size_t>& wells)
{
    std::vector<std::size_t> from_one;
    for (const std::size_t i : wells) from_one.push_back(i + 1);
    return fmt::format("{{{}}}", fmt::join(from_one, ", "));
}

std::vector<std::vector<std::size_t>> classes(const Graph& g)
{
    std::vector<std::vector<std::size_t>> members(g.absorbing.size());
    for (std::size_t i = 0; i < g.nodes.size(); ++i) members[g.nodes[i].part].push_back(i);
    return members;
}

/// "irreducible", or the classes with what they are.
std::string class_words(const Graph& g)
{
    if (g.absorbing.size() == 1) return "irreducible";
    std::vector<std::string> words;
    const auto members = classes(g);
    for (std::size_t c = 0; c < members.size(); ++c)
        words.push_back(set_of(members[c]) + (g.absorbing[c] ? " absorbing" : " transient"));
    return fmt::format("reducible: {}", fmt::join(words, ", "));
}
std::string short_class_words(const Graph& g)
{
    const auto closed = std::count(g.absorbing.begin(), g.absorbing.end(), true);
    return fmt::format("reducible: {} classes, {} absorbing", g.absorbing.size(), closed);
}

bool has_room(const Frame& f, const Edge& e)
{
    const double room = f.spacing * (static_cast<double>(span(e)) - (f.rise > 0 ? 0.25 : 0.05));
    return inches(shown(e.constant, 3)) < room;
}

/// The words of a panel: its threshold and classes, the names of wells and edges.
std::string words(const Graph& g, const Frame& f, double width)
{
    const std::string head = clip_label(g.clip) + ":";
    const double top = f.above + line / 2;
    const double indent = 0.1 + inches(clip_words(g.clip) + ":") + 0.06;
    const std::string in_full = class_words(g);
    const bool fits = inches(in_full) < width - indent - 0.05;
    std::string text = label("{/:Bold " + head + "}", 0.1, top, fmt::format("left textcolor rgb '{}'", colour::ink)) +
                       label(fits ? in_full : short_class_words(g), indent, top,
                             fmt::format("left noenhanced textcolor rgb '{}'", colour::grey));
    const bool named = inches("m₄₄") < 2 * f.radius;
    const bool ordered = inches("ℓ* = 1") < f.spacing;
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
        if (named)
            text += label("{/:Italic m}" + subscript(i + 1), f.x(i), 0,
                          fmt::format("center front textcolor rgb '{}'", g.nodes[i].large ? "#FFFFFF" : colour::ink));
        else if (i == 0 || (i + 1) % 5 == 0)
            text += label(std::to_string(i + 1), f.x(i), -f.below - 0.5 * line,
                          fmt::format("center textcolor rgb '{}'", colour::grey));
        if (named)
            text += label(fmt::format("{}{}", ordered ? "{/:Italic ℓ}* = " : "", g.nodes[i].order), f.x(i),
                          -f.below - 0.5 * line, fmt::format("center textcolor rgb '{}'", colour::grey));
    }
    for (const Edge& e : g.edges) {
        if (!f.numbers || !has_room(f, e)) continue;
        const double side = e.from < e.to ? 1 : -1;
        const double under = f.rise > 0 && span(e) == 1 ? -0.55 : 0.45; // in its arc, where others pass over it
        text +=
            label(shown(e.constant, 3), (f.x(e.from) + f.x(e.to)) / 2, side * (f.radius + f.height(e) + under * line),
                  fmt::format("center textcolor rgb '{}'", killed(g, e) ? colour::vermillion : colour::ink));
    }
    return text;
}

/// The curves of a panel, edges below wells.
std::string plot(const TransitionGraphFigure& figure, std::size_t panel, const Frame& f)
{
    const Graph& g = figure.graphs[panel];
    const std::string file = literal(figure.name + ".csv");
    const bool fine = f.radius < 0.08;
    std::vector<std::string> layers;
    for (const bool leaves : {false, true})
        for (const int w : {1, 2, 3}) {
            const bool any = std::any_of(g.edges.begin(), g.edges.end(), [&](const Edge& e) {
                return drawn(g, e) && killed(g, e) == leaves && weight(share(g, e)) == w;
            });
            if (!any) continue;
            const double width = (fine ? 0.5 : 1) * (w == 1 ? 0.5 : w == 2 ? 0.9 : 1.5);
            const char* const paint = leaves ? colour::vermillion : colour::ink;
            const auto rows = [&](const char* kind) {
                return fmt::format("{} using (is('{}', '{}', '{}', '{}') ? column(15) : NaN):16", file, kind, panel + 1,
                                   yes(leaves), w);
            };
            layers.push_back(fmt::format("{} with lines lw {} {} lc rgb '{}'", rows("arc"), width,
                                         leaves ? "dt (10,6)" : "dt solid", paint));
            layers.push_back(fmt::format("{}:17:18 with vectors head size {},20 filled lw {} lc rgb '{}'", rows("tip"),
                                         fine ? 0.045 : 0.09, fine ? 0.3 : 0.6, paint));
        }
    for (const bool large : {true, false})
        for (const bool stays : {true, false}) {
            const bool any = std::any_of(g.nodes.begin(), g.nodes.end(), [&](const Node& n) {
                return n.large == large && g.absorbing[n.part] == stays;
            });
            if (!any) continue;
            const auto circles = [&](double radius, const std::string& look, const char* dash) {
                layers.push_back(fmt::format("{} using (node('{}', '{}', '{}') ? column(15) : NaN):16:({:.4f}) with "
                                             "circles fs {} lw {} dt {}",
                                             file, panel + 1, yes(large), yes(stays), radius, look, fine ? 0.5 : 1,
                                             dash));
            };
            const char* const paint = large ? colour::blue : colour::sharp;
            if (stays) {
                circles(f.radius, fmt::format("solid 1 border lc rgb '{}' fc rgb '{}'", colour::ink, paint), "solid");
            } else {
                circles(f.radius, fmt::format("empty border lc rgb '{}' fc rgb '{}'", colour::ink, colour::ink),
                        "(8,6)");
                circles(0.78 * f.radius, fmt::format("solid 1 noborder fc rgb '{}'", paint), "solid");
            }
        }
    return fmt::format("plot {}", fmt::join(layers, ", \\\n     "));
}

std::string functions()
{
    return "\n# Columns: 1 kind, 2 panel, 4 well, 9 large, 10 absorbing, 13 killed, 14 weight, 15 x, 16 y, 17 dx, 18 "
           "dy, "
           "in inches.\n"
           "# A row that a curve does not want gets the abscissa NaN and is passed over.\n"
           "is(kind, panel, killed, weight) = strcol(1) eq kind && strcol(2) eq panel && strcol(13) eq killed && "
           "strcol(14) eq weight\n"
           "node(panel, large, absorbing) = strcol(1) eq 'well' && strcol(2) eq panel && strcol(9) eq large && "
           "strcol(10) eq absorbing\n";
}

std::vector<Entry> key(const TransitionGraphFigure& figure)
{
    bool dark = false, light = false, inner = false, leaving = false;
    for (const Graph& g : figure.graphs) {
        for (const Node& n : g.nodes) dark |= n.large, light |= !n.large;
        for (const Edge& e : g.edges) (killed(g, e) ? leaving : inner) = true;
    }
    std::vector<Entry> entries;
    if (dark) entries.push_back({fmt::format("pt 7 ps 1.1*dot lc rgb '{}'", colour::blue), "large minimum"});
    if (light) entries.push_back({fmt::format("pt 7 ps 1.1*dot lc rgb '{}'", colour::sharp), "small minimum"});
    if (inner) entries.push_back({fmt::format("lw 1 lc rgb '{}'", colour::ink), "exit"});
    if (leaving) entries.push_back({fmt::format("lw 1 dt (10,6) lc rgb '{}'", colour::vermillion), "leaves its class"});
    return entries;
}

std::string caption(const TransitionGraphFigure& figure)
{
    std::string text = fmt::format(
        "The typical transition graph{}{}: an arrow from well i to well j when q_ij > 0, that is when the least number "
        "l* of clipped jumps that leaves well i can end in well j. To the right above, to the left below.",
        figure.title.empty() ? "" : ", ", figure.title);
    text += " The widest arrows carry half or more of the exits of their well, those of middle width a tenth or more; "
            "numbers: q_ij.";
    text +=
        " Dark: large minima, of the largest l* of their class, the states of the limiting chain; light: small "
        "minima, which it never visits. Dashed ring: in a transient class. Dashed and vermillion: out of the class, "
        "where the limiting chain of the class is killed.\n";
    bool hidden = false;
    for (const Graph& g : figure.graphs) {
        text += fmt::format("{}: {}.", clip_words(g.clip), class_words(g));
        if (figure.minima.size() <= 20) {
            std::vector<std::string> large;
            for (std::size_t i = 0; i < g.nodes.size(); ++i)
                if (g.nodes[i].large) large.push_back(fmt::format("m{}", subscript(i + 1)));
            text += fmt::format(" Large: {}.", fmt::join(large, ", "));
        }
        text += "\n";
        for (const Edge& e : g.edges) hidden |= !drawn(g, e);
    }
    if (hidden)
        text += fmt::format("Arrows that carry less than {} % of the exits of their well are not drawn; the data have "
                            "them.\n",
                            shown(100 * small_share, 3));
    return text + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_transition_graph(const TransitionGraphFigure& figure, const Output& output)
{
    check(figure);
    constexpr double left = 0.1;
    Page page{.name = figure.name,
              .width = output.width,
              .height = 1,
              .data = table(figure, output.width),
              .settings = functions(),
              .marks = {},
              .plot = {},
              .caption = caption(figure)};
    Layout layout{.width = output.width, .height = 1, .left = left, .right = 0, .top = 0, .bottom = 0};
    double depth = heading("", figure.title, page, left).depth;
    key_drawing(key(figure), layout, depth);
    constexpr double over = 1.2 * line, under = line, gap = 0.08; // beside the arcs of a panel
    std::vector<double> tops;
    for (const Graph& g : figure.graphs) {
        const Frame f = frame(g, output.width);
        tops.push_back(depth += gap);
        depth += over + f.above + f.below + under;
    }
    layout.height = page.height = depth + 0.05;

    const Heading head = heading("Typical transitions", figure.title, page, left);
    double key_depth = head.depth;
    const Drawing legend = key_drawing(key(figure), layout, key_depth);
    for (std::size_t k = 0; k < figure.graphs.size(); ++k) {
        const Graph& g = figure.graphs[k];
        const Frame f = frame(g, output.width);
        const double height = over + f.above + f.below + under;
        const Layout place{.width = page.width,
                           .height = page.height,
                           .left = 0,
                           .right = 0,
                           .top = tops[k],
                           .bottom = page.height - tops[k] - height};
        std::string settings = margins(place) + "unset tics\nunset border\nunset key\n" +
                               fmt::format("set xrange [0:{:.4f}]\nset yrange [{:.4f}:{:.4f}]\n", page.width,
                                           -f.below - under, f.above + over) +
                               words(g, f, page.width);
        if (k == 0) settings += head.commands + legend.settings;
        page.panels.push_back({settings, k == 0 ? legend.marks : "", plot(figure, k, f)});
    }
    return publish(page, output);
}

}
