#include "plots/histograms.hpp"

#include "model/error.hpp"
#include "plots/axes.hpp"
#include "plots/page.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::plots
{
namespace
{

constexpr std::size_t most_panels = 6;
constexpr double panel_height = 0.85; ///< inches of axes
constexpr double head_height = 0.18;  ///< inches, the name over a panel
constexpr double apart = 0.05;

void check(const HistogramsFigure& figure)
{
    if (figure.panels.empty() || figure.panels.size() > most_panels)
        throw BadInput(
            fmt::format("a figure of histograms shows 1 to {} panels, not {}", most_panels, figure.panels.size()));
    if (!(figure.learning_rate > 0) || !(figure.confidence >= 0 && figure.confidence < 1))
        throw BadInput("a figure of histograms needs a learning rate > 0 and a confidence level in (0, 1)");
    if (!std::is_sorted(figure.saddles.begin(), figure.saddles.end()))
        throw BadInput("a figure of histograms needs its saddles in increasing order");
    for (const Histogram& h : figure.panels) {
        const bool known =
            h.verdict.empty() || h.verdict == "confirmed" || h.verdict == "refuted" || h.verdict == "inconclusive";
        bool good = known && h.steps > 0 && !h.bins.empty() && h.fields.size() == figure.saddles.size() + 1;
        const auto share = [](double s) { return 0 <= s && s <= 1; };
        bool any = false;
        for (const Bin& bin : h.bins) {
            good = good && bin.left < bin.right && std::isfinite(bin.right - bin.left) && share(bin.share) &&
                   share(bin.stationary) && share(bin.expected) && !(bin.lower > bin.share) && !(bin.upper < bin.share);
            any |= bin.share > 0;
        }
        for (const FieldShare& f : h.fields)
            good = good && share(f.share) && f.lower <= f.share && f.share <= f.upper && share(f.stationary) &&
                   share(f.expected);
        if (!good || !any)
            throw BadInput(fmt::format("histogram '{}': a figure needs bins left < right, shares in [0, 1] of which "
                                       "some are not 0, one share a field within its interval, and a verdict it knows",
                                       plain(h.name)));
    }
}

double density(const Bin& bin, double share) { return share / (bin.right - bin.left); }

struct Extent {
    Range x, density;
};

Extent extent(const HistogramsFigure& figure)
{
    Extent e;
    for (const Histogram& h : figure.panels)
        for (const Bin& bin : h.bins) {
            e.x.add(bin.left), e.x.add(bin.right);
            if (bin.share > 0) e.density.add(density(bin, bin.share));
            if (h.has_stationary && bin.stationary > 0) e.density.add(density(bin, bin.stationary));
            if (h.has_expected && bin.expected > 0) e.density.add(density(bin, bin.expected));
        }
    e.density.lo = std::max(e.density.lo, 1e-8 * e.density.hi); // what is seldomer has no height
    e.density = {e.density.lo / 2,
                 e.density.hi * std::pow(e.density.hi / e.density.lo, 0.25) * 2}; // and room for shares
    return e;
}

std::string given(double x) { return std::isnan(x) ? "" : number(x); }

/// Two columns, empty where there is no law.
std::string law(bool there, double share, double high)
{
    return there ? fmt::format("{},{}", number(share), number(high)) : ",";
}

std::string table(const HistogramsFigure& figure)
{
    std::string text = "kind,panel,name,left,right,share,density,lower,upper,stationary,stationary_density,expected,"
                       "expected_density\n";
    for (std::size_t k = 0; k < figure.panels.size(); ++k) {
        const Histogram& h = figure.panels[k];
        std::string name = plain(h.name);
        std::replace(name.begin(), name.end(), ',', ';');
        const auto head = [&](const char* kind, double left, double right) {
            return fmt::format("{},{},{},{},{},", kind, k + 1, name, number(left), number(right));
        };
        for (const Bin& bin : h.bins)
            text +=
                head("bin", bin.left, bin.right) +
                fmt::format("{},{},{},{},{},{}\n", number(bin.share), number(density(bin, bin.share)), given(bin.lower),
                            given(bin.upper), law(h.has_stationary, bin.stationary, density(bin, bin.stationary)),
                            law(h.has_expected, bin.expected, density(bin, bin.expected)));
        for (std::size_t i = 0; i < h.fields.size(); ++i) {
            const FieldShare& f = h.fields[i];
            text += head("field", i == 0 ? -HUGE_VAL : figure.saddles[i - 1],
                         i < figure.saddles.size() ? figure.saddles[i] : HUGE_VAL) +
                    fmt::format("{},,{},{},{},,{},\n", number(f.share), number(f.lower), number(f.upper),
                                h.has_stationary ? number(f.stationary) : "", h.has_expected ? number(f.expected) : "");
        }
    }
    return text;
}

/// A share for the eye: per cent.
std::string percent(double share) { return share == 0 ? "0" : shown(100 * share, share < 0.1 ? 2 : 3) + " %"; }

Panel panel(const HistogramsFigure& figure, std::size_t k, const Extent& e, const Layout& place)
{
    const Histogram& h = figure.panels[k];
    const bool last = k + 1 == figure.panels.size();
    std::string text = margins(place) + frame() +
                       fmt::format("set logscale y\nset xrange [{}:{}]\nset yrange [{:.6g}:{:.6g}]\n", number(e.x.lo),
                                   number(e.x.hi), e.density.lo, e.density.hi) +
                       log_ticks("y", e.density, true, 4);
    const double by = step(e.x.length(), 6);
    text += last ? linear_ticks("x", e.x, 6) : fmt::format("set xtics {:.6g}\nset format x ''\n", by);
    text += fmt::format("set label {} at graph 0, screen {:.4f} left noenhanced textcolor rgb '{}'\n", literal(h.name),
                        1 - (place.top - head_height / 2.3) / place.height, colour::ink);
    if (!h.verdict.empty())
        text += fmt::format("set label '{}' at graph 1, screen {:.4f} right textcolor rgb '{}'\n", h.verdict,
                            1 - (place.top - head_height / 2.3) / place.height,
                            h.verdict == "confirmed" ? colour::grey : colour::vermillion);
    const double inch = place.axes_width() / e.x.length();
    for (std::size_t i = 0; i < h.fields.size(); ++i) {
        const double left = i == 0 ? e.x.lo : std::clamp(figure.saddles[i - 1], e.x.lo, e.x.hi);
        const double right = i < figure.saddles.size() ? std::clamp(figure.saddles[i], e.x.lo, e.x.hi) : e.x.hi;
        if (i % 2 == 0 && left < right)
            text += fmt::format("set object {} rectangle from {:.6g}, graph 0 to {:.6g}, graph 1 behind fs solid 1 "
                                "noborder fc rgb '#F1F1F1'\n",
                                i + 1, left, right);
        const std::string words = percent(h.fields[i].share);
        if (inches(words) + 0.04 < (right - left) * inch)
            text += fmt::format("set label {} at {:.6g}, graph {:.4f} center front textcolor rgb '{}'\n",
                                literal(words), (left + right) / 2, 1 - 0.08 / place.axes_height(), colour::ink);
    }
    const std::string file = literal(figure.name + ".csv");
    std::string plot = fmt::format("plot {} using (bin({}) && column(6) > 0 ? column(4) : NaN):(lowest):4:5:(lowest):"
                                   "(high(7)) with boxxyerror fs solid 1 noborder fc rgb '#8FC1DE'",
                                   file, k + 1);
    const bool bars = std::any_of(h.bins.begin(), h.bins.end(), [](const Bin& b) { return b.upper > b.lower; });
    if (bars)
        plot += fmt::format(", \\\n     {} using (bin({}) && column(9) > column(8) ? (column(4) + column(5)) / 2 : "
                            "NaN):(bar(8)):(0):(bar(9) - bar(8)) with vectors nohead lw 0.5 lc rgb '{}'",
                            file, k + 1, colour::grey);
    if (h.has_stationary)
        plot += fmt::format(", \\\n     {} using (bin({}) ? (column(4) + column(5)) / 2 : NaN):(high(11)) with "
                            "lines lw 1 lc rgb '{}'",
                            file, k + 1, colour::ink);
    if (h.has_expected)
        plot += fmt::format(", \\\n     {} using (bin({}) ? (column(4) + column(5)) / 2 : NaN):(high(13)) with "
                            "lines lw 1.2 dt (4,3) lc rgb '{}'",
                            file, k + 1, colour::vermillion);
    return {text, "", plot};
}

std::string caption(const HistogramsFigure& figure)
{
    std::string text =
        fmt::format("Where SGD spends its time at the learning rate η = {}{}{}: bars, the share of the steps in each "
                    "bin over its width, on a logarithmic axis; fields shaded in turn, with the share of the steps "
                    "in each.",
                    shown(figure.learning_rate, 6), figure.title.empty() ? "" : ", ", figure.title);
    if (std::any_of(figure.panels.begin(), figure.panels.end(), [](const Histogram& h) { return h.has_stationary; }))
        text += " Solid: the stationary law of the exact chain, which the time spent tends to in the long run.";
    if (std::any_of(figure.panels.begin(), figure.panels.end(), [](const Histogram& h) { return h.has_expected; }))
        text += " Dashed: what is expected of that many steps from the start, and what the bars are compared with.";
    if (std::any_of(figure.panels.begin(), figure.panels.end(),
                    [](const Histogram& h) { return h.bins.front().upper >= h.bins.front().lower; }))
        text += " Vertical lines: intervals of the bins.";
    if (figure.confidence > 0) text += fmt::format(" Intervals at {} %.", shown(100 * figure.confidence, 6));
    text += "\n";
    for (const Histogram& h : figure.panels) {
        text += fmt::format("{}, {}{}:", plain(h.name), h.runs.empty() ? fmt::format("{} steps", h.steps) : h.runs,
                            h.verdict.empty() ? "" : ", " + h.verdict);
        for (std::size_t i = 0; i < h.fields.size(); ++i) {
            const FieldShare& f = h.fields[i];
            text += fmt::format("{} Ω{} {} [{}, {}]{}", i == 0 ? "" : ";", subscript(i + 1), percent(f.share),
                                percent(f.lower), percent(f.upper),
                                h.has_expected     ? ", expected " + percent(f.expected)
                                : h.has_stationary ? ", stationary " + percent(f.stationary)
                                                   : "");
        }
        text += h.note.empty() ? ".\n" : ". " + plain(h.note) + "\n";
    }
    return text + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

std::vector<Entry> key(const HistogramsFigure& figure)
{
    std::vector<Entry> entries = {{"lw 4 lc rgb '#8FC1DE'", "simulated"}};
    if (std::any_of(figure.panels.begin(), figure.panels.end(), [](const Histogram& h) { return h.has_stationary; }))
        entries.push_back({fmt::format("lw 1 lc rgb '{}'", colour::ink), "stationary"});
    if (std::any_of(figure.panels.begin(), figure.panels.end(), [](const Histogram& h) { return h.has_expected; }))
        entries.push_back({fmt::format("lw 1.2 dt (4,3) lc rgb '{}'", colour::vermillion), "expected"});
    return entries;
}

}

std::vector<std::filesystem::path> draw_histograms(const HistogramsFigure& figure, const Output& output)
{
    check(figure);
    const Extent e = extent(figure);
    Page page{.name = figure.name,
              .width = output.width,
              .height = 1,
              .data = table(figure),
              .settings =
                  fmt::format("\n# Columns: 1 kind, 2 panel, 4 left, 5 right, 6 share, 7 density, 11 stationary "
                              "density, 13 expected "
                              "density.\n# A row that a curve does not want gets the abscissa NaN.\n"
                              "lowest = {:.6g}\nbin(panel) = strcol(1) eq 'bin' && column(2) == panel\n"
                              "high(c) = column(c) > lowest ? column(c) : lowest\n"
                              "bar(c) = column(c) / (column(5) - column(4)) > lowest ? column(c) / (column(5) - "
                              "column(4)) : lowest\n",
                              e.density.lo),
              .marks = {},
              .plot = {},
              .caption = caption(figure)};
    Layout layout{.width = output.width, .height = 1, .left = 0.56, .right = 0.12, .top = 0, .bottom = 0};
    double depth = heading("", figure.title, page, layout.left).depth;
    key_drawing(key(figure), layout, depth);
    const double each = head_height + panel_height + apart;
    layout.height = page.height = depth + each * static_cast<double>(figure.panels.size()) + 0.36;

    const Heading head = heading("Where SGD spends its time", figure.title, page, layout.left);
    double key_depth = head.depth;
    const Drawing legend = key_drawing(key(figure), layout, key_depth);
    for (std::size_t k = 0; k < figure.panels.size(); ++k) {
        Layout place = layout;
        place.top = depth + each * static_cast<double>(k) + head_height;
        place.bottom = page.height - place.top - panel_height;
        page.panels.push_back(panel(figure, k, e, place));
    }
    page.panels[0].marks = legend.marks;
    page.panels[0].settings +=
        head.commands + legend.settings +
        fmt::format("set label '{{/:Italic x}}' at screen {:.4f},{:.4f} center textcolor rgb '{}'\n",
                    (layout.left + layout.axes_width() / 2) / layout.width, 0.1 / layout.height, colour::ink) +
        fmt::format("set label 'density of time' at screen {:.4f},{:.4f} center rotate by 90 textcolor rgb '{}'\n",
                    0.09 / layout.width, (0.36 + (layout.height - depth - 0.36) / 2) / layout.height, colour::ink);
    return publish(page, output);
}

}
