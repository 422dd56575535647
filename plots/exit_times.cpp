#include "plots/exit_times.hpp"

#include "model/error.hpp"
#include "plots/axes.hpp"
#include "plots/page.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::plots
{
namespace
{

constexpr double inf = std::numeric_limits<double>::infinity();

bool seen(const Sampled& s) { return std::isfinite(s.mean); }
double height(const Sampled& s) { return seen(s) ? s.mean : s.lower; }

struct Extent {
    Range eta;
    Range steps;
};

Extent extent(const ExitTimesFigure& figure)
{
    Extent e;
    const auto add = [&e](double eta, double steps) { e.eta.add(eta), e.steps.add(steps); };
    for (const ExitSeries& s : figure.series) {
        for (const auto* points : {&s.limit, &s.oracle})
            for (const Point& p : *points) add(p.eta, p.mean);
        for (const Sampled& p : s.simulated) {
            add(p.eta, height(p));
            if (p.lower > 0) add(p.eta, std::max(p.lower, height(p) / 10)); // a bar may be cut, a point may not
            if (std::isfinite(p.upper)) add(p.eta, p.upper);
        }
    }
    return {padded_decades(e.eta, 0.05), padded_decades(e.steps, 0.06)};
}

void check(const ExitTimesFigure& figure)
{
    const auto positive = [](double x) { return x > 0 && std::isfinite(x); };
    const auto refuse = [&](double clip, double eta) {
        throw BadInput(
            fmt::format("exit times of well {}, clip {}, learning rate {}: a figure needs finite numbers > 0 with "
                        "lower ≤ mean ≤ upper, censored ≤ samples, and a verdict it knows",
                        figure.well + 1, clip, eta));
    };
    if (figure.series.empty() || figure.series.size() > wardrobe.size())
        throw BadInput(fmt::format("a figure of exit times shows 1 to {} clip thresholds, not {}", wardrobe.size(),
                                   figure.series.size()));
    if (!(figure.confidence >= 0 && figure.confidence < 1))
        throw BadInput(fmt::format("a confidence level of {} is not in (0, 1)", figure.confidence));
    for (const ExitSeries& s : figure.series) {
        if (!(s.clip > 0) || s.order < 1) refuse(s.clip, std::nan(""));
        if (s.limit.empty() && s.oracle.empty() && s.simulated.empty())
            throw BadInput(
                fmt::format("there are no exit times of well {} at clip {} to draw", figure.well + 1, s.clip));
        for (const auto* points : {&s.limit, &s.oracle})
            for (const Point& p : *points)
                if (!positive(p.eta) || !positive(p.mean) || !(p.error >= 0) || !std::isfinite(p.error))
                    refuse(s.clip, p.eta);
        for (const Sampled& p : s.simulated) {
            const bool known =
                p.verdict.empty() || p.verdict == "confirmed" || p.verdict == "refuted" || p.verdict == "inconclusive";
            const bool interval = p.upper >= p.mean && (seen(p) ? p.mean > 0 && p.lower >= 0 && p.lower <= p.mean
                                                                : p.mean == inf && positive(p.lower));
            if (!positive(p.eta) || !interval || p.censored > p.samples || !known) refuse(s.clip, p.eta);
        }
    }
}

template<class P> std::vector<P> by_eta(std::vector<P> points)
{
    std::stable_sort(points.begin(), points.end(), [](const P& a, const P& b) { return a.eta < b.eta; });
    return points;
}

std::string table(const ExitTimesFigure& figure)
{
    std::string text = "kind,series,clip,exit_order,learning_rate,mean,error,lower,upper,samples,censored,verdict\n";
    for (std::size_t i = 0; i < figure.series.size(); ++i) {
        const ExitSeries& s = figure.series[i];
        const auto cell = [&](const char* kind, double eta) {
            return fmt::format("{},{},{},{},{},", kind, i + 1, number(s.clip), s.order, number(eta));
        };
        for (const Point& p : by_eta(s.limit))
            text += cell("limit", p.eta) + fmt::format("{},{},,,,,\n", number(p.mean), number(p.error));
        for (const Point& p : by_eta(s.oracle))
            text += cell("oracle", p.eta) + fmt::format("{},{},,,,,\n", number(p.mean), number(p.error));
        for (const Sampled& p : by_eta(s.simulated))
            text += cell("simulated", p.eta) + fmt::format("{},,{},{},{},{},{}\n", number(p.mean), number(p.lower),
                                                           number(p.upper), p.samples, p.censored, p.verdict);
    }
    return text;
}

/// How many simulated points are in each state that the key or the caption names.
struct Census {
    std::size_t points = 0, censored = 0, unseen = 0, refuted = 0, inconclusive = 0, untested = 0;
    std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max(), most = 0, paths_censored = 0;
    bool limit = false, oracle = false;
};

Census census(const ExitTimesFigure& figure)
{
    Census c;
    for (const ExitSeries& s : figure.series) {
        c.limit |= !s.limit.empty();
        c.oracle |= !s.oracle.empty();
        for (const Sampled& p : s.simulated) {
            ++c.points;
            c.censored += p.censored > 0 || !seen(p);
            c.unseen += !seen(p);
            c.refuted += p.verdict == "refuted";
            c.inconclusive += p.verdict == "inconclusive";
            c.untested += p.verdict.empty();
            c.fewest = std::min(c.fewest, p.samples);
            c.most = std::max(c.most, p.samples);
            c.paths_censored += p.censored;
        }
    }
    return c;
}

std::vector<Entry> key(const Census& c, bool kramers)
{
    const std::string ink = fmt::format("lc rgb '{}'", colour::ink);
    std::vector<Entry> entries;
    if (c.oracle) entries.push_back({"lw 3.2 lc rgb '#BFBFBF'", "exact"});
    if (c.limit) entries.push_back({"lw 1 dt (9,5) " + ink, kramers ? "Kramers" : "limit 1/({/:Italic q}λ)"});
    if (c.points > c.censored) entries.push_back({"pt 7 ps 0.55*dot " + ink, "simulated"});
    if (c.censored > 0) entries.push_back({"pt 6 ps 0.55*dot " + ink, "censored"});
    if (c.inconclusive > 0)
        entries.push_back({"pt 6 ps 1.25*dot lw 1 " + ink, fmt::format("{} inconclusive", c.inconclusive)});
    if (c.refuted > 0) entries.push_back({"pt 2 ps 1.0*dot lw 2 " + ink, fmt::format("{} refuted", c.refuted)});
    return entries;
}

/// Moves increasing heights apart until neighbours are `room` from one another, each as little as may be in the mean
/// square (pooling of adjacent violators), and keeps them between `lo` and `hi`.
std::vector<double> spread(const std::vector<double>& heights, double room, double lo, double hi)
{
    struct Pool {
        double sum;
        std::size_t size;
        double mean() const { return sum / static_cast<double>(size); }
    };
    std::vector<Pool> pools;
    for (std::size_t i = 0; i < heights.size(); ++i) {
        pools.push_back({heights[i] - room * static_cast<double>(i), 1});
        while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
            const Pool top = pools.back();
            pools.pop_back();
            pools.back().sum += top.sum;
            pools.back().size += top.size;
        }
    }
    const double highest = std::max(lo, hi - room * static_cast<double>(heights.size() - 1));
    std::vector<double> moved;
    for (const Pool& pool : pools)
        for (std::size_t k = 0; k < pool.size; ++k)
            moved.push_back(std::clamp(pool.mean(), lo, highest) + room * static_cast<double>(moved.size()));
    return moved;
}

/// The names of the curves beside their right ends, moved apart where they would touch, with a thread to the curve.
Drawing names(const ExitTimesFigure& figure, const Extent& extent, const Layout& page)
{
    const double decades_an_inch = extent.steps.decades() / page.axes_height();
    const double room = 0.28 * decades_an_inch; // two lines of letters
    struct Name {
        std::size_t series;
        double eta, end, at; ///< log10 of the steps
    };
    std::vector<Name> names;
    for (std::size_t i = 0; i < figure.series.size(); ++i) {
        const ExitSeries& s = figure.series[i];
        Name n{i, 0, 0, 0};
        const auto last = [&n](double eta, double steps) {
            if (eta >= n.eta) n.eta = eta, n.end = n.at = std::log10(steps);
        };
        for (const Sampled& p : s.simulated) last(p.eta, height(p));
        for (const Point& p : s.limit) last(p.eta, p.mean);
        for (const Point& p : s.oracle) last(p.eta, p.mean);
        names.push_back(n);
    }
    std::stable_sort(names.begin(), names.end(), [](const Name& a, const Name& b) { return a.end < b.end; });
    std::vector<double> ends;
    for (const Name& n : names) ends.push_back(n.end);
    const std::vector<double> moved =
        spread(ends, room, std::log10(extent.steps.lo) + room / 2, std::log10(extent.steps.hi) - room / 2);
    for (std::size_t i = 0; i < names.size(); ++i) names[i].at = moved[i];

    const double axes_width = page.width - page.left - page.right;
    const auto beside = [&](double inch, double log_steps) {
        return fmt::format("graph {:.4f}, first {:.6g}", 1 + inch / axes_width, std::pow(10, log_steps));
    };
    Drawing drawing;
    for (const Name& n : names) {
        const ExitSeries& s = figure.series[n.series];
        const Dress& dress = wardrobe[n.series];
        drawing.settings += fmt::format("set arrow from {:.6g},{:.6g} to {} nohead back lw 0.6 lc rgb '{}'\n", n.eta,
                                        std::pow(10, n.end), beside(0.06, n.at), dress.tint);
        drawing.symbol(201 + n.series, beside(0.1, n.at),
                       fmt::format("pt {} ps 0.55*dot lc rgb '{}'", dress.filled, dress.colour));
        drawing.settings += fmt::format("set label {} at {} left textcolor rgb '{}'\n", literal(clip_label(s.clip)),
                                        beside(0.17, n.at + 0.055 * decades_an_inch), colour::ink);
        drawing.settings += fmt::format("set label '{{/:Italic ℓ}}* = {}' at {} left textcolor rgb '{}'\n", s.order,
                                        beside(0.17, n.at - 0.065 * decades_an_inch), colour::grey);
    }
    return drawing;
}

std::string axes(const Extent& extent, const Layout& page)
{
    return margins(page) + frame() +
           fmt::format("set logscale xy\nset xrange [{:.6g}:{:.6g}]\nset yrange [{:.6g}:{:.6g}]\n", extent.eta.lo,
                       extent.eta.hi, extent.steps.lo, extent.steps.hi) +
           log_ticks("x", extent.eta) + log_ticks("y", extent.steps) +
           fmt::format("set grid xtics ytics back lw 0.4 lt 1 lc rgb '{}'\n", colour::pale) +
           fmt::format("set xlabel 'learning rate{3}{{/:Italic η}}' offset 0,0.5 textcolor rgb '{0}'\n"
                       "set label 'mean first exit time (steps)' at screen {1:.4f},{2:.4f} center rotate by 90 "
                       "textcolor rgb '{0}'\n",
                       colour::ink, 0.09 / page.width, (page.bottom + page.axes_height() / 2) / page.height, space);
}

std::string functions(const Extent& extent)
{
    return fmt::format(
        "\n# Columns: 1 kind, 2 series, 5 learning rate, 6 mean, 8 lower, 9 upper, 11 censored, 12 verdict.\n"
        "# A row that a curve does not want gets the abscissa NaN and is passed over.\n"
        "lowest = {:.6g}\nhighest = {:.6g}\n"
        "is(kind, series) = strcol(1) eq kind && strcol(2) eq series\n"
        "finite(c) = strcol(c) ne 'inf'\n"
        "within(c) = !finite(c) ? highest : column(c) > lowest ? column(c) : lowest\n"
        "filled(series) = is('simulated', series) && finite(6) && column(11) == 0 ? column(5) : NaN\n"
        "hollow(series) = is('simulated', series) && finite(6) && column(11) > 0 ? column(5) : NaN\n"
        "unseen(series) = is('simulated', series) && !finite(6) ? column(5) : NaN\n"
        "judged(word) = strcol(1) eq 'simulated' && strcol(12) eq word ? column(5) : NaN\n",
        extent.steps.lo, extent.steps.hi);
}

std::string plot(const ExitTimesFigure& figure, const Extent& extent, const Layout& page)
{
    const std::string file = literal(figure.name + ".csv");
    const double arrow = std::pow(10.0, 0.22 * extent.steps.decades() / page.axes_height());
    std::vector<std::string> curves;
    for (std::size_t i = 0; i < figure.series.size(); ++i)
        if (!figure.series[i].oracle.empty())
            curves.push_back(
                fmt::format("{} using (is('oracle', '{}') ? column(5) : NaN):6 with lines lw 3.2 lc rgb '{}'", file,
                            i + 1, wardrobe[i].tint));
    for (std::size_t i = 0; i < figure.series.size(); ++i)
        if (!figure.series[i].limit.empty())
            curves.push_back(
                fmt::format("{} using (is('limit', '{}') ? column(5) : NaN):6 with lines lw 1 dt (9,5) lc rgb '{}'",
                            file, i + 1, wardrobe[i].colour));
    for (std::size_t i = 0; i < figure.series.size(); ++i) {
        const Dress& d = wardrobe[i];
        const auto& points = figure.series[i].simulated;
        const auto any = [&points](auto wanted) { return std::any_of(points.begin(), points.end(), wanted); };
        const auto add = [&](const char* points_of, const std::string& rest) {
            curves.push_back(fmt::format("{} using ({}('{}')):{}", file, points_of, i + 1, rest));
        };
        // Not `with yerrorbars`, which blanks a disc around the point and hides a short bar.
        const std::string bars = fmt::format("(within(8)):(0):(within(9) - within(8)) with vectors heads size screen "
                                             "0.007,90 lw 0.9 lc rgb '{}'",
                                             d.colour);
        const std::string filled = fmt::format("with points pt {} ps 0.55*dot lc rgb '{}'", d.filled, d.colour);
        const std::string white = fmt::format("with points pt {} ps 0.34*dot lc rgb '#FFFFFF'", d.filled);
        if (any([](const Sampled& p) { return seen(p) && p.censored == 0; }))
            add("filled", bars), add("filled", "6 " + filled);
        if (any([](const Sampled& p) { return seen(p) && p.censored > 0; }))
            add("hollow", bars), add("hollow", "6 " + filled), add("hollow", "6 " + white);
        if (any([](const Sampled& p) { return !seen(p); })) {
            add("unseen",
                fmt::format(
                    "8:(0):(column(8) * {:.4g}) with vectors head size screen 0.012,25 filled lw 0.9 lc rgb '{}'",
                    arrow - 1, d.colour));
            add("unseen", "8 " + filled), add("unseen", "8 " + white);
        }
    }
    const Census c = census(figure);
    if (c.inconclusive > 0)
        curves.push_back(fmt::format("{} using (judged('inconclusive')):(finite(6) ? column(6) : column(8)) with "
                                     "points pt 6 ps 1.25*dot lw 1 lc rgb '{}'",
                                     file, colour::ink));
    if (c.refuted > 0)
        curves.push_back(fmt::format("{} using (judged('refuted')):(finite(6) ? column(6) : column(8)) with points pt "
                                     "2 ps 1.0*dot lw 2 lc rgb '{}'",
                                     file, colour::ink));
    if (c.points > 0)
        curves.push_back(spoken(file,
                                "(strcol(1) eq 'simulated' ? column(5) : NaN):(finite(6) ? column(6) : column(8))",
                                "sprintf('b = %s, η = %s: %.4g steps [%.4g, %.4g], %d paths, %d censored. %s', "
                                "strcol(3), strcol(5), column(6), column(8), column(9), column(10), column(11), "
                                "strcol(12))"));
    if (c.oracle)
        curves.push_back(spoken(file, "(strcol(1) eq 'oracle' ? column(5) : NaN):6",
                                "sprintf('b = %s, η = %s: exact %.6g steps', strcol(3), strcol(5), column(6))"));
    return fmt::format("plot {}", fmt::join(curves, ", \\\n     "));
}

std::string verdicts(const ExitTimesFigure& figure, const char* word, const char* mark)
{
    std::vector<std::string> cells;
    for (const ExitSeries& s : figure.series)
        for (const Sampled& p : by_eta(s.simulated))
            if (p.verdict == word) cells.push_back(fmt::format("{} at η = {}", clip_words(s.clip), shown(p.eta, 6)));
    return cells.empty() ? "" : fmt::format("{}: {}.\n", mark, fmt::join(cells, "; "));
}

std::string caption(const ExitTimesFigure& figure)
{
    const Census c = census(figure);
    std::string text =
        fmt::format("Mean first exit time from the attraction field Ω{}, in steps, against the learning rate η{}{}.\n",
                    subscript(figure.well + 1), figure.title.empty() ? "" : ": ", figure.title);
    std::vector<std::string> orders;
    for (const ExitSeries& s : figure.series)
        orders.push_back(fmt::format("{} (l* = {})", clip_words(s.clip), s.order));
    text += fmt::format("Clip thresholds: {}. l* is the least number of clipped jumps that leaves the field.",
                        fmt::join(orders, ", "));
    if (c.limit) text += figure.kramers ? " Dashed: Kramers' formula." : " Dashed: the limit theorem's 1/(q λ(η)).";
    if (c.oracle) text += " Pale and solid: the exact mean at each η.";
    if (c.points > 0) {
        text += fmt::format(" Symbols: simulation, {} replicas a point, with ",
                            c.fewest == c.most ? std::to_string(c.most) : fmt::format("{} to {}", c.fewest, c.most));
        text += figure.confidence > 0 ? fmt::format("{} % confidence bars", shown(100 * figure.confidence, 6))
                                      : "confidence bars";
        text += " (where none is seen it is shorter than the symbol).\n";
        text += c.censored == 0 ? "No path was censored."
                                : fmt::format("Hollow symbols: {} of {} points have censored paths, {} in all.",
                                              c.censored, c.points, c.paths_censored);
        if (c.unseen > 0)
            text += fmt::format(" Arrows: at {} of them no path has left in its time, and only a lower bound is known.",
                                c.unseen);
        text += "\nSimulation against the exact law: ";
        text += c.refuted + c.inconclusive + c.untested == 0
                    ? fmt::format("all {} points confirmed.\n", c.points)
                    : fmt::format("{} of {} points confirmed, {} refuted, {} inconclusive, {} not tested.\n",
                                  c.points - c.refuted - c.inconclusive - c.untested, c.points, c.refuted,
                                  c.inconclusive, c.untested);
        text += verdicts(figure, "refuted", "Refuted, crossed out") +
                verdicts(figure, "inconclusive", "Inconclusive, ringed");
    } else {
        text += "\n";
    }
    return text + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_exit_times(const ExitTimesFigure& figure, const Output& output)
{
    check(figure);
    const Extent range = extent(figure);
    Layout layout{.width = output.width, .height = 0, .left = 0.56, .right = 0.9, .top = 0, .bottom = 0.4};
    Page page{.name = figure.name,
              .width = output.width,
              .height = 2.9,
              .data = table(figure),
              .settings = {},
              .marks = {},
              .plot = {},
              .caption = caption(figure)};

    const std::vector<Entry> entries = key(census(figure), figure.kramers);
    layout.height = page.height = 1; // of no matter yet: how deep the title and the key are depends on the width alone
    layout.top = heading("", figure.title, page, layout.left).depth;
    key_drawing(entries, layout, layout.top);
    layout.top += 0.06;
    const double axes_height = std::max(2.05, 0.3 * static_cast<double>(figure.series.size()) + 0.3);
    layout.height = page.height = layout.top + axes_height + layout.bottom;

    const Heading head =
        heading(fmt::format("First exit from well {}", figure.well + 1), figure.title, page, layout.left);
    double depth = head.depth;
    const Drawing legend = key_drawing(entries, layout, depth);
    const Drawing curves = names(figure, range, layout);
    page.settings = axes(range, layout) + head.commands + legend.settings + curves.settings + functions(range);
    page.marks = legend.marks + curves.marks;
    page.plot = plot(figure, range, layout);
    return publish(page, output);
}

}
