#include "plots/ctmc.hpp"

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

constexpr std::size_t most_times = 4;
constexpr double panel_height = 1.0; ///< inches of axes
constexpr double head_height = 0.2;  ///< inches, the time over a panel
constexpr double apart = 0.06;

bool good(const Measured& m)
{
    return m.eta > 0 && std::isfinite(m.eta) && 0 <= m.share && m.share <= 1 && m.lower <= m.share &&
           m.share <= m.upper && !(m.exact < 0) && !(m.exact > 1);
}

void check(const CtmcFigure& figure)
{
    const bool known = figure.verdict.empty() || figure.verdict == "confirmed" || figure.verdict == "refuted" ||
                       figure.verdict == "inconclusive";
    if (!(figure.clip > 0) || !(figure.confidence >= 0 && figure.confidence < 1) || !known)
        throw BadInput("a figure of the limiting chain needs a clip threshold > 0, a confidence level in (0, 1), and a "
                       "verdict it knows");
    if (figure.laws.empty() || figure.laws.size() > most_times)
        throw BadInput(
            fmt::format("a figure of the limiting chain shows 1 to {} times, not {}", most_times, figure.laws.size()));
    bool any = false;
    for (const LawAt& law : figure.laws) {
        bool fine =
            law.time > 0 && std::isfinite(law.time) && !law.states.empty() && law.states.size() <= wardrobe.size();
        for (const StateLaw& s : law.states) {
            fine = fine && 0 <= s.limit && s.limit <= 1 && std::all_of(s.simulated.begin(), s.simulated.end(), good);
            any |= !s.simulated.empty();
        }
        if (!fine)
            throw BadInput(fmt::format("limiting chain at time {}: a figure needs a time > 0, 1 to {} states, and "
                                       "probabilities within their intervals",
                                       law.time, wardrobe.size()));
    }
    if (!any || !std::all_of(figure.sharp.begin(), figure.sharp.end(), good))
        throw BadInput("a figure of the limiting chain needs simulated shares in [0, 1] within their intervals");
}

std::vector<Measured> rising(std::vector<Measured> points)
{
    std::stable_sort(points.begin(), points.end(), [](const Measured& a, const Measured& b) { return a.eta < b.eta; });
    return points;
}

std::string table(const CtmcFigure& figure)
{
    std::string text = "kind,panel,clip,time,state,well,learning_rate,share,lower,upper,exact\n";
    const auto row = [&](const char* kind, std::size_t panel, const std::string& time, const std::string& state) {
        return fmt::format("{},{},{},{},{},", kind, panel, number(figure.clip), time, state);
    };
    const auto point = [](const Measured& m) {
        return fmt::format("{},{},{},{},{}\n", number(m.eta), number(m.share), number(m.lower), number(m.upper),
                           std::isnan(m.exact) ? "" : number(m.exact));
    };
    for (std::size_t k = 0; k < figure.laws.size(); ++k)
        for (std::size_t i = 0; i < figure.laws[k].states.size(); ++i) {
            const StateLaw& s = figure.laws[k].states[i];
            const std::string state = fmt::format("{},{}", i + 1, s.well + 1), time = number(figure.laws[k].time);
            text += row("limit", k + 1, time, state) + fmt::format("0,{},,,\n", number(s.limit));
            for (const Measured& m : rising(s.simulated)) text += row("simulated", k + 1, time, state) + point(m);
        }
    for (const Measured& m : rising(figure.sharp)) text += row("sharp", figure.laws.size() + 1, "", ",") + point(m);
    return text;
}

struct Extent {
    Range eta, sharp;
};

Extent extent(const CtmcFigure& figure)
{
    Extent e;
    for (const LawAt& law : figure.laws)
        for (const StateLaw& s : law.states)
            for (const Measured& m : s.simulated) e.eta.add(m.eta);
    for (const Measured& m : figure.sharp) {
        e.eta.add(m.eta);
        if (m.share > 0) e.sharp.add(m.share);
        if (m.lower > 0) e.sharp.add(std::max(m.lower, m.share / 10)); // a bar may be cut, a point may not
        if (m.upper > 0) e.sharp.add(m.upper);
        if (m.exact > 0) e.sharp.add(m.exact);
    }
    e.eta = padded_decades(e.eta, 0.06);
    if (!e.sharp.empty()) e.sharp = padded_decades(e.sharp, 0.1);
    return e;
}

/// Points with bars, from the columns 7 to 10; `rows` picks them.
std::vector<std::string> points(const std::string& file, const std::string& rows, const Dress& d)
{
    const std::string from = fmt::format("{} using ({} ? column(7) : NaN):", file, rows);
    return {from +
                fmt::format("(within(column(9))):(0):(within(column(10)) - within(column(9))) with vectors heads size "
                            "screen 0.007,90 lw 0.9 lc rgb '{}'",
                            d.colour),
            from + fmt::format("(within(column(8))) with points pt {} ps 0.4*dot lc rgb '{}'", d.filled, d.colour)};
}

bool any_exact(const std::vector<Measured>& points)
{
    return std::any_of(points.begin(), points.end(), [](const Measured& m) { return !std::isnan(m.exact); });
}

/// A pale line through the exact values, under the points.
std::vector<std::string> exact_line(const std::string& file, const std::string& rows, const std::vector<Measured>& of,
                                    const Dress& d)
{
    if (!any_exact(of)) return {};
    return {fmt::format("{} using ({} ? column(7) : NaN):(within(column(11))) with lines lw 2 lc rgb '{}'", file, rows,
                        d.tint)};
}

std::string axes(const CtmcFigure& figure, std::size_t k, const Extent& e, const Layout& place, bool last)
{
    const bool sharp = k == figure.laws.size();
    const Range y = sharp ? e.sharp : Range{-0.03, 1.03};
    const std::string head = sharp ? "Time outside the fields of these wells"
                                   : fmt::format("{{/:Italic t}}{}= {}", space, shown(figure.laws[k].time, 4));
    std::string text =
        margins(place) + frame() +
        fmt::format("set logscale x\n{} logscale y\nset xrange [{:.6g}:{:.6g}]\nset yrange [{:.6g}:{:.6g}]\nlowest = "
                    "{:.6g}\nhighest = {:.6g}\n",
                    sharp ? "set" : "unset", e.eta.lo, e.eta.hi, y.lo, y.hi, y.lo, y.hi) +
        log_ticks("x", e.eta, last) + (sharp ? log_ticks("y", y, true, 4) : linear_ticks("y", y, 4)) +
        fmt::format("set label {} at graph 0, screen {:.4f} left textcolor rgb '{}'\n", literal(head),
                    1 - (place.top - head_height / 2.4) / place.height, colour::ink) +
        fmt::format("set label '{}' at screen {:.4f},{:.4f} center rotate by 90 textcolor rgb '{}'\n",
                    sharp ? "share" : "probability", 0.09 / place.width,
                    (place.bottom + place.axes_height() / 2) / place.height, colour::ink);
    if (last)
        text +=
            fmt::format("set label 'learning rate{}{{/:Italic η}}' at screen {:.4f},{:.4f} center textcolor rgb "
                        "'{}'\n",
                        space, (place.left + place.axes_width() / 2) / place.width, 0.1 / place.height, colour::ink);
    return text;
}

std::string plot(const CtmcFigure& figure, std::size_t k)
{
    const std::string file = literal(figure.name + ".csv");
    std::vector<std::string> layers;
    const auto add = [&](const std::vector<std::string>& more) {
        layers.insert(layers.end(), more.begin(), more.end());
    };
    if (k == figure.laws.size()) {
        add(exact_line(file, "strcol(1) eq 'sharp'", figure.sharp, wardrobe.back()));
        add(points(file, "strcol(1) eq 'sharp'", wardrobe.back()));
        return fmt::format("plot {}", fmt::join(layers, ", \\\n     "));
    }
    const auto& states = figure.laws[k].states;
    for (std::size_t i = 0; i < states.size(); ++i)
        add(exact_line(file, fmt::format("is({}, {})", k + 1, i + 1), states[i].simulated, wardrobe[i]));
    for (std::size_t i = 0; i < states.size(); ++i)
        layers.push_back(fmt::format("{} with lines lw 1 dt (9,5) lc rgb '{}'", number(states[i].limit) + "+0*x",
                                     wardrobe[i].colour));
    for (std::size_t i = 0; i < states.size(); ++i)
        if (!states[i].simulated.empty()) add(points(file, fmt::format("is({}, {})", k + 1, i + 1), wardrobe[i]));
    return fmt::format("plot {}", fmt::join(layers, ", \\\n     "));
}

std::vector<Entry> key(const CtmcFigure& figure)
{
    std::vector<Entry> entries;
    const auto& states = figure.laws.front().states;
    for (std::size_t i = 0; i < states.size(); ++i)
        entries.push_back({fmt::format("pt {} ps 0.4*dot lc rgb '{}'", wardrobe[i].filled, wardrobe[i].colour),
                           "{/:Italic m}" + subscript(states[i].well + 1)});
    if (any_exact(states.front().simulated))
        entries.push_back({fmt::format("lw 2 lc rgb '{}'", wardrobe.back().tint), "exact"});
    entries.push_back({fmt::format("lw 1 dt (9,5) lc rgb '{}'", colour::ink), "limit {/:Italic Y}"});
    return entries;
}

std::string caption(const CtmcFigure& figure)
{
    std::string text = fmt::format(
        "X at the time scale of the widest wells against the limiting chain Y, at {}{}{}: the probability that X is in "
        "the field of each large minimum after t/λ(η) steps (symbols, {} replicas a point, with {}bars), and that Y is "
        "there at time t (dashed), against the learning rate η.{}",
        clip_words(figure.clip), figure.title.empty() ? "" : ", ", figure.title, figure.replicas,
        figure.confidence > 0 ? fmt::format("{} % confidence ", shown(100 * figure.confidence, 6)) : "confidence ",
        any_exact(figure.laws.front().states.front().simulated)
            ? " Pale solid lines: the exact chain at that η, which the symbols are compared with."
            : "");
    if (!figure.sharp.empty())
        text += " Below: the share of the time that X spends in the other fields; the limit is 0, for η → 0, however "
                "it begins.";
    text += "\n";
    text += figure.verdict.empty() ? "Not tested.\n" : fmt::format("{}: {}.\n", figure.tested, figure.verdict);
    return text + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_ctmc(const CtmcFigure& figure, const Output& output)
{
    check(figure);
    const Extent e = extent(figure);
    Page page{.name = figure.name,
              .width = output.width,
              .height = 1,
              .data = table(figure),
              .settings = "\n# Columns: 1 kind, 2 panel, 5 state, 7 learning rate, 8 share, 9 lower, 10 upper.\n"
                          "# A row that a curve does not want gets the abscissa NaN and is passed over.\n"
                          "is(panel, state) = strcol(1) eq 'simulated' && column(2) == panel && column(5) == state\n"
                          "within(y) = y < lowest ? lowest : y > highest ? highest : y\n",
              .marks = {},
              .plot = {},
              .caption = caption(figure)};
    Layout layout{.width = output.width, .height = 1, .left = 0.56, .right = 0.12, .top = 0, .bottom = 0};
    double depth = heading("", figure.title, page, layout.left).depth;
    key_drawing(key(figure), layout, depth);
    const std::size_t panels = figure.laws.size() + (e.sharp.empty() ? 0 : 1);
    const double each = head_height + panel_height + apart;
    layout.height = page.height = depth + each * static_cast<double>(panels) + 0.36;

    const Heading head =
        heading(fmt::format("The limiting chain, {}", clip_words(figure.clip)), figure.title, page, layout.left);
    double key_depth = head.depth;
    const Drawing legend = key_drawing(key(figure), layout, key_depth);
    for (std::size_t k = 0; k < panels; ++k) {
        Layout place = layout;
        place.top = depth + each * static_cast<double>(k) + head_height;
        place.bottom = page.height - place.top - panel_height;
        std::string settings = axes(figure, k, e, place, k + 1 == panels);
        if (k == 0) settings += head.commands + legend.settings;
        page.panels.push_back({settings, k == 0 ? legend.marks : "", plot(figure, k)});
    }
    return publish(page, output);
}

}
