#include "plots/landscape.hpp"

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

constexpr std::size_t samples = 1200;
constexpr double row_height = 0.165; ///< inches, a row of exit orders

/// What of the plane is shown, and how high the curve itself reaches.
struct Window {
    double left, right; ///< x
    double lowest, top; ///< f: of the deepest minimum; of the frame
    double depth;       ///< highest saddle less deepest minimum
    double width() const { return right - left; }
};

/// From the deepest minimum to a little over the highest saddle; outwards until an outer flank leaves that band.
Window window(const model::Landscape& landscape)
{
    const auto f = [&](double x) { return landscape.potential().value(x); };
    const auto lower = [&](double x, double y) { return f(x) < f(y); };
    const double deepest = f(*std::min_element(landscape.minima().begin(), landscape.minima().end(), lower));
    const double highest = f(*std::max_element(landscape.saddles().begin(), landscape.saddles().end(), lower));
    Window w{landscape.domain().lo, landscape.domain().hi, deepest, 0, highest - deepest};
    w.top = highest + 0.3 * w.depth;
    const auto flank = [&](double from, double to) {
        double x = from;
        for (std::size_t i = 1; i <= samples && f(x) < w.top; ++i)
            x = from + (to - from) * static_cast<double>(i) / static_cast<double>(samples);
        return x;
    };
    w.left = flank(landscape.minima().front(), w.left);
    w.right = flank(landscape.minima().back(), w.right);
    return w;
}

void check(const LandscapeFigure& figure)
{
    const std::size_t wells = figure.landscape.wells();
    if (figure.orders.size() > 6)
        throw BadInput(
            fmt::format("a figure of the landscape shows at most 6 clip thresholds, not {}", figure.orders.size()));
    for (const ExitOrders& row : figure.orders) {
        if (!(row.clip > 0)) throw BadInput(fmt::format("a clip threshold of {} is not > 0", row.clip));
        if (row.order.size() != wells)
            throw BadInput(fmt::format("clip {}: {} exit orders for {} wells", row.clip, row.order.size(), wells));
        if (std::any_of(row.order.begin(), row.order.end(), [](int l) { return l < 1; }))
            throw BadInput(fmt::format("clip {}: an exit order is at least 1", row.clip));
    }
}

/// Whether there are dark and light fields in a row.
bool unequal(const ExitOrders& row)
{
    return std::any_of(row.order.begin(), row.order.end(), [&](int l) { return l != row.order.front(); });
}
bool wide(const ExitOrders& row, std::size_t well)
{
    return row.order[well] == *std::max_element(row.order.begin(), row.order.end());
}

std::string table(const LandscapeFigure& figure, const Window& w)
{
    const model::Landscape& land = figure.landscape;
    const auto value = [&](double x) { return number(land.potential().value(x)); };
    std::vector<double> grid;
    for (std::size_t i = 0; i <= samples; ++i)
        grid.push_back(w.left + w.width() * static_cast<double>(i) / static_cast<double>(samples));
    grid.back() = w.right;
    for (const auto* points : {&land.minima(), &land.saddles(), &land.potential().kinks()})
        for (const double x : *points)
            if (x > w.left && x < w.right) grid.push_back(x);
    std::sort(grid.begin(), grid.end());
    grid.erase(std::unique(grid.begin(), grid.end()), grid.end());

    std::string text = "kind,index,x,f,left,right,radius,clip,exit_order,largest\n";
    for (const double x : grid) text += fmt::format("f,,{},{},,,,,,\n", number(x), value(x));
    for (std::size_t i = 0; i < land.wells(); ++i)
        text += fmt::format("minimum,{},{},{},,,,,,\n", i + 1, number(land.minima()[i]), value(land.minima()[i]));
    for (std::size_t i = 0; i < land.saddles().size(); ++i)
        text += fmt::format("saddle,{},{},{},,,,,,\n", i + 1, number(land.saddles()[i]), value(land.saddles()[i]));
    for (std::size_t i = 0; i < land.wells(); ++i)
        text += fmt::format("field,{},,,{},{},{},,,\n", i + 1, number(land.left(i)), number(land.right(i)),
                            number(land.radius(i)));
    for (const ExitOrders& row : figure.orders)
        for (std::size_t i = 0; i < land.wells(); ++i)
            text += fmt::format("order,{},,,{},{},,{},{},{}\n", i + 1, number(land.left(i)), number(land.right(i)),
                                number(row.clip), row.order[i], unequal(row) ? (wide(row, i) ? "yes" : "no") : "equal");
    return text;
}

/// Inches and the map between them and f.
struct Sheet {
    double width, height, left, right, top, bottom;
    double strip; ///< height of the rows under the curve
    double axes_width() const { return width - left - right; }
    double axes_height() const { return height - top - bottom; }
};

/// Names along x that leave room for one another.
bool fits(double room, std::string_view words) { return inches(words) < room; }

std::string names(const LandscapeFigure& figure, const Window& w, const Sheet& page)
{
    const model::Landscape& land = figure.landscape;
    const double scale = page.axes_width() / w.width(); // inches an x
    std::string text;
    const auto left = [&](std::size_t i) { return std::max(land.left(i), w.left); };
    const auto right = [&](std::size_t i) { return std::min(land.right(i), w.right); };
    const auto label = [&](const std::string& words, double x, double y, const char* system, const char* extra) {
        const char* const paint = std::string_view(extra).starts_with("textcolor") ? "" : "textcolor rgb '#1A1A1A' ";
        text += fmt::format("set label {} at {:.6g}, {} {:.6g} center front {}{}\n", literal(words), x, system, y,
                            paint, extra);
    };
    const auto inside = [&](double x, const std::string& words) { // a name at the edge stays off the axis
        const double half = (inches(words) / 2 + 0.04) / scale;
        return std::clamp(x, w.left + half, w.right - half);
    };
    const auto curve = [&](double x) { return land.potential().value(x); };
    const double inch = (w.top - w.lowest) / (page.axes_height() - page.strip - 0.2); // of f, roughly
    bool any_radius = false;
    for (std::size_t i = 0; i < land.wells(); ++i) {
        const double room = (right(i) - left(i)) * scale;
        const double middle = (left(i) + right(i)) / 2;
        const std::string field = fmt::format("Ω{}", subscript(i + 1)), minimum = fmt::format("m{}", subscript(i + 1));
        if (fits(room, field)) label(field, middle, 1 - 0.09 / page.axes_height(), "graph", "font ',8.5'");
        if (fits(room, minimum))
            label("{/:Italic m}" + subscript(i + 1), inside(land.minima()[i], minimum),
                  curve(land.minima()[i]) - 0.11 * inch, "first", "");
        const std::string radius = fmt::format("{:#.2g}", land.radius(i));
        any_radius |= fits(room, radius);
        if (fits(room, radius)) label(radius, middle, (page.strip - row_height / 2) / page.axes_height(), "graph", "");
        for (std::size_t k = 0; k < figure.orders.size(); ++k) {
            const ExitOrders& row = figure.orders[k];
            const std::string number_only = std::to_string(row.order[i]);
            const std::string in_full = "{/:Italic ℓ}* = " + number_only;
            const std::string& order = fits(room, in_full) ? in_full : number_only;
            const double y = page.strip - row_height * (static_cast<double>(k) + 1.5);
            const bool dark = unequal(row) && wide(row, i);
            if (fits(room - 0.03, number_only))
                label(order, middle, y / page.axes_height(), "graph", dark ? "textcolor rgb '#FFFFFF'" : "");
        }
    }
    for (std::size_t i = 0; i < land.saddles().size(); ++i) {
        const double before = i == 0 ? w.left : land.saddles()[i - 1];
        const double after = i + 1 == land.saddles().size() ? w.right : land.saddles()[i + 1];
        const double x = land.saddles()[i];
        const std::string saddle = fmt::format("s{}", subscript(i + 1));
        if (fits(scale * std::min(x - before, after - x), saddle))
            label("{/:Italic s}" + subscript(i + 1), x, curve(x) + 0.1 * inch, "first", "");
    }
    const auto margin = [&](const std::string& words, double y) {
        text += fmt::format("set label {} at graph {:.4f}, graph {:.4f} right textcolor rgb '{}'\n", literal(words),
                            -0.05 / page.axes_width(), y / page.axes_height(), colour::ink);
    };
    if (any_radius) margin(fmt::format("radius{}{{/:Italic r}}", space), page.strip - row_height / 2);
    for (std::size_t k = 0; k < figure.orders.size(); ++k)
        margin(clip_label(figure.orders[k].clip), page.strip - row_height * (static_cast<double>(k) + 1.5));
    return text;
}

std::string axes(const Window& w, const Sheet& page, double floor)
{
    const double f_step = step(w.depth, 4);
    std::vector<std::string> ticks;
    double widest = 0;
    for (double k = std::ceil((w.lowest - 0.05 * w.depth) / f_step); k * f_step <= w.lowest + 1.1 * w.depth; ++k) {
        ticks.push_back(fmt::format("{} {:.6g}", literal(shown(k * f_step, 6)), k * f_step));
        widest = std::max(widest, inches(shown(k * f_step, 6)));
    }
    return fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n"
                       "set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n"
                       "set xrange [{}:{}]\nset yrange [{:.6g}:{:.6g}]\nset xtics {:.6g}\nset ytics ({})\n",
                       page.left / page.width, 1 - page.right / page.width, 1 - page.top / page.height,
                       page.bottom / page.height, number(w.left), number(w.right), floor, w.top, step(w.width(), 6),
                       fmt::join(ticks, ", ")) +
           fmt::format("set tics out nomirror scale 0.6,0.3 textcolor rgb '{0}'\nset border 3 lw 0.6 lc rgb '{0}'\n"
                       "unset key\nset style fill solid 1 noborder\n"
                       "set xlabel '{{/:Italic x}}' offset 0,0.5 textcolor rgb '{0}'\n"
                       "set label '{{/:Italic f}}({{/:Italic x}})' at screen {1:.4f},{2:.4f} center rotate by 90 "
                       "textcolor rgb '{0}'\n",
                       colour::ink, std::max(0.09, page.left - widest - 0.2) / page.width,
                       (page.bottom + page.strip + (page.axes_height() - page.strip) / 2) / page.height);
}

std::string functions(const Window& w, const Sheet& page, double floor)
{
    const double inch = (w.top - floor) / page.axes_height();
    return fmt::format(
        "\n# Columns: 1 kind, 2 index, 3 x, 4 f, 5 left, 6 right, 8 clip, 9 exit order, 10 largest of its row.\n"
        "# A row that a curve does not want gets the abscissa NaN and is passed over.\n"
        "x0 = {}\nx1 = {}\nfloor_ = {:.6g}\nceiling_ = {:.6g}\nstrip = {:.6g}\nrow = {:.6g}\n"
        "is(kind) = strcol(1) eq kind\n"
        "bound(c, edge) = strcol(c) eq 'inf' || strcol(c) eq '-inf' ? edge : column(c)\n"
        "band(parity) = is('field') && int(column(2)) % 2 == parity ? x0 : NaN\n"
        "bar(clip, largest) = is('order') && strcol(8) eq clip && strcol(10) eq largest ? x0 : NaN\n",
        number(w.left), number(w.right), floor, w.top, floor + page.strip * inch, row_height * inch);
}

std::string plot(const LandscapeFigure& figure)
{
    const std::string file = literal(figure.name + ".csv");
    std::vector<std::string> layers = {fmt::format("{} using (band(1)):(floor_):(bound(5, x0)):(bound(6, "
                                                   "x1)):(floor_):(ceiling_) with boxxyerror lc rgb '#F1F1F1'",
                                                   file)};
    for (std::size_t k = 0; k < figure.orders.size(); ++k)
        for (const auto& [largest, paint] : {std::pair{"yes", colour::blue}, {"no", "#F5DDA6"}, {"equal", "#CCCCCC"}})
            if (unequal(figure.orders[k]) != (std::string_view(largest) == "equal"))
                layers.push_back(fmt::format(
                    "{} using (bar('{}', '{}')):(strip):(bound(5, x0)):(bound(6, x1)):(strip - row * {}):(strip - "
                    "row * {}) with boxxyerror fs solid 1 border lc rgb '#FFFFFF' fc rgb '{}'",
                    file, number(figure.orders[k].clip), largest, shown(static_cast<double>(k) + 1.93, 4),
                    shown(static_cast<double>(k) + 1.07, 4), paint));
    const bool crowded = figure.landscape.wells() > 12;
    layers.push_back(fmt::format("{} using (is('f') ? column(3) : NaN):4 with lines lw {} lc rgb '{}'", file,
                                 crowded ? 0.7 : 1.4, colour::ink));
    layers.push_back(fmt::format("{} using (is('minimum') ? column(3) : NaN):4 with points pt 7 ps {}*dot lc rgb '{}'",
                                 file, crowded ? 0.25 : 0.6, colour::vermillion));
    for (const auto& [size, paint] :
         {std::pair{crowded ? 0.3 : 0.7, colour::ink}, std::pair{crowded ? 0.15 : 0.35, "#FFFFFF"}})
        layers.push_back(fmt::format(
            "{} using (is('saddle') ? column(3) : NaN):4 with points pt 9 ps {}*dot lc rgb '{}'", file, size, paint));
    return fmt::format("plot {}", fmt::join(layers, ", \\\n     "));
}

std::string caption(const LandscapeFigure& figure)
{
    const model::Landscape& land = figure.landscape;
    std::vector<std::string> minima, saddles, radii;
    for (std::size_t i = 0; i < land.wells(); ++i) {
        minima.push_back(fmt::format("m{} = {}", subscript(i + 1), shown(land.minima()[i], 6)));
        radii.push_back(fmt::format("r{} = {}", subscript(i + 1), shown(land.radius(i), 4)));
    }
    for (std::size_t i = 0; i < land.saddles().size(); ++i)
        saddles.push_back(fmt::format("s{} = {}", subscript(i + 1), shown(land.saddles()[i], 6)));
    std::string text =
        fmt::format("The potential f{}{}, its minima (dots: {}) and saddles (triangles: {}).\n",
                    figure.title.empty() ? "" : ": ", figure.title, fmt::join(minima, ", "), fmt::join(saddles, ", "));
    text += fmt::format(
        "Bands: the attraction fields Ω{} to Ω{}, with the distance from the minimum to the nearer saddle, {}.\n",
        subscript(1), subscript(land.wells()), fmt::join(radii, ", "));
    if (!figure.orders.empty()) {
        text += "Rows: l*, the least number of clipped jumps that leaves the field. Dark: the widest fields, those "
                "with the largest "
                "l* of the row; light: the sharper ones; grey: no field is harder to leave than another.";
        for (const ExitOrders& row : figure.orders)
            text += fmt::format(" {}: {}.", clip_words(row.clip), fmt::join(row.order, ", "));
        text += "\n";
    }
    return text + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_landscape(const LandscapeFigure& figure, const Output& output)
{
    check(figure);
    const Window w = window(figure.landscape);
    Page page{.name = figure.name,
              .width = output.width,
              .height = 0,
              .data = table(figure, w),
              .settings = {},
              .marks = {},
              .plot = {},
              .caption = caption(figure)};
    Sheet layout{.width = output.width, .height = 0, .left = 0.74, .right = 0.1, .top = 0, .bottom = 0.38, .strip = 0};
    layout.strip = row_height * static_cast<double>(figure.orders.size() + 1) + 0.03;
    const double curve = 1.75; // inches
    page.height = 1;
    layout.top = heading("", figure.title, page, layout.left).depth;
    page.height = layout.height = layout.top + curve + layout.strip + layout.bottom;

    const double room = 0.2; // inches under the deepest minimum, for its name
    const double floor = w.lowest - (w.top - w.lowest) * (layout.strip + room) / (curve - room);
    page.settings = axes(w, layout, floor) +
                    heading("Landscape and exit orders", figure.title, page, layout.left).commands +
                    names(figure, w, layout) + functions(w, layout, floor);
    page.plot = plot(figure);
    return publish(page, output);
}

}
