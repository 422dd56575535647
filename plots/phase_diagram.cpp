#include "plots/phase_diagram.hpp"

#include "model/error.hpp"
#include "plots/axes.hpp"
#include "plots/page.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::plots
{
namespace
{

constexpr double curves_height = 1.7; ///< inches
constexpr double marks_height = 0.16; ///< inches, the thresholds of the spec over the bands
/// Shades of l* = 1, 2, …, and of all above.
constexpr std::array<const char*, 5> shades = {colour::sharp, "#D6E8F3", "#8FC1DE", "#4C9CCB", colour::blue};

std::size_t shade(int order) { return std::min<std::size_t>(static_cast<std::size_t>(order), shades.size()) - 1; }

bool by_well(const PhaseDiagramFigure& figure) { return figure.wells.size() <= wardrobe.size(); }
std::size_t dress(const PhaseDiagramFigure& figure, std::size_t well, int order)
{
    return std::min(by_well(figure) ? well : static_cast<std::size_t>(order) - 1, wardrobe.size() - 1);
}

const char* dash(const PhaseDiagramFigure& figure, std::size_t dress)
{
    return by_well(figure) && dress % 2 == 1 ? "(12,4)" : "solid";
}

void check(const PhaseDiagramFigure& figure)
{
    if (figure.wells.size() < 2) throw BadInput("a phase diagram needs two wells or more");
    for (std::size_t i = 0; i < figure.wells.size(); ++i) {
        const PhaseWell& well = figure.wells[i];
        bool good = well.radius > 0 && std::isfinite(well.radius) && !well.bands.empty();
        for (const PhaseBand& band : well.bands) {
            good = good && band.order >= 1 && 0 < band.from && band.from < band.to && std::isfinite(band.to);
            for (const PhasePoint& p : band.points)
                good = good && band.from <= p.clip && p.clip <= band.to && p.constant > 0 && std::isfinite(p.constant);
        }
        if (!good)
            throw BadInput(fmt::format("phases of well {}: a figure needs bands 0 < from < to with l* ≥ 1, and "
                                       "constants > 0 within them",
                                       i + 1));
    }
    for (const double b : figure.clips)
        if (!(b > 0)) throw BadInput(fmt::format("a clip threshold of {} is not > 0", b));
}

std::string table(const PhaseDiagramFigure& figure)
{
    std::string text = "kind,well,radius,exit_order,from,to,clip,constant,shade,dress\n";
    for (std::size_t i = 0; i < figure.wells.size(); ++i) {
        const PhaseWell& well = figure.wells[i];
        const auto head = [&](const char* kind) { return fmt::format("{},{},{},", kind, i + 1, number(well.radius)); };
        for (const PhaseBand& band : well.bands) {
            text += head("band") + fmt::format("{},{},{},,,{},\n", band.order, number(band.from), number(band.to),
                                               shade(band.order) + 1);
            for (const PhasePoint& p : band.points)
                text += head("constant") + fmt::format("{},,,{},{},,{}\n", band.order, number(p.clip),
                                                       number(p.constant), dress(figure, i, band.order) + 1);
        }
    }
    return text;
}

struct Extent {
    Range clip, constant;
};

Extent extent(const PhaseDiagramFigure& figure)
{
    Extent e;
    for (const PhaseWell& well : figure.wells)
        for (const PhaseBand& band : well.bands) {
            e.clip.add(band.from), e.clip.add(band.to);
            for (const PhasePoint& p : band.points) e.constant.add(p.constant);
        }
    if (!e.constant.empty()) e.constant = padded_decades(e.constant, 0.05);
    return e;
}

std::vector<Entry> key(const PhaseDiagramFigure& figure)
{
    std::vector<bool> worn(wardrobe.size(), false);
    for (std::size_t i = 0; i < figure.wells.size(); ++i)
        for (const PhaseBand& band : figure.wells[i].bands)
            if (!band.points.empty()) worn[dress(figure, i, band.order)] = true;
    std::vector<Entry> entries;
    for (std::size_t k = 0; k < wardrobe.size(); ++k)
        if (worn[k])
            entries.push_back(
                {fmt::format("lw {} lc rgb '{}' dt {}", 1.4, wardrobe[k].colour, dash(figure, k)),
                 by_well(figure) ? fmt::format("well {}", k + 1) : fmt::format("{{/:Italic ℓ}}* = {}", k + 1)});
    return entries;
}

/// The thresholds of the spec that are in the picture: a thin line through the panel, and their values over the first.
std::string marks(const PhaseDiagramFigure& figure, const Extent& e, const Layout& place, bool named)
{
    std::string text;
    std::vector<double> clips = figure.clips;
    std::sort(clips.begin(), clips.end());
    double free = 0; // inches, where the next name may begin
    for (const double b : clips) {
        if (b < e.clip.lo || b > e.clip.hi) continue;
        text += fmt::format("set arrow from {0:.6g}, graph 0 to {0:.6g}, graph 1 nohead front lw 0.7 dt (6,4) lc rgb "
                            "'{1}'\n",
                            b, colour::ink);
        const std::string words = shown(b, 4);
        const double at = place.axes_width() * std::log(b / e.clip.lo) / std::log(e.clip.hi / e.clip.lo);
        if (!named || at - inches(words) / 2 < free) continue;
        free = at + inches(words) / 2 + 0.05;
        text += fmt::format("set label {} at {:.6g}, screen {:.4f} center textcolor rgb '{}'\n", literal(words), b,
                            1 - (place.top - 0.08) / place.height, colour::grey);
    }
    return text;
}

Panel bands(const PhaseDiagramFigure& figure, const Extent& e, const Layout& place, bool last)
{
    const double wells = static_cast<double>(figure.wells.size());
    const double row = place.axes_height() / wells;
    std::string text = margins(place) + frame() +
                       fmt::format("set logscale x\nunset logscale y\nset xrange [{:.6g}:{:.6g}]\nset yrange "
                                   "[{}:0.5]\nunset ytics\nset border 1\nunset grid\n",
                                   e.clip.lo, e.clip.hi, wells + 0.5) +
                       log_ticks("x", e.clip, last) + marks(figure, e, place, true);
    const auto inch = [&](double b) {
        return place.axes_width() * std::log(b / e.clip.lo) / std::log(e.clip.hi / e.clip.lo);
    };
    for (std::size_t i = 0; i < figure.wells.size(); ++i) {
        if (row > 0.11 || i == 0 || (i + 1) % 5 == 0)
            text +=
                fmt::format("set label {} at graph {:.4f}, first {} right textcolor rgb '{}'\n",
                            literal("{/:Italic m}" + subscript(i + 1)), -0.05 / place.axes_width(), i + 1, colour::ink);
        for (const PhaseBand& band : figure.wells[i].bands) {
            const double from = inch(band.from), to = inch(band.to);
            const std::string number_only = std::to_string(band.order), in_full = "ℓ* = " + number_only;
            if (row < 0.11 || inches(number_only) > to - from) continue;
            const bool whole = inches(in_full) + 0.05 < to - from;
            const double half = inches(whole ? in_full : number_only) / 2;
            double at = (from + to) / 2;
            for (const double b : figure.clips) { // off the line of a threshold where there is room beside it
                if (std::isinf(b) || std::abs(inch(b) - at) > half + 0.03) continue;
                const double before = inch(b) - half - 0.03, after = inch(b) + half + 0.03;
                if (after + half < to)
                    at = after;
                else if (before - half > from)
                    at = before;
            }
            text += fmt::format("set label {} at graph {:.4f}, first {} center front textcolor rgb '{}'\n",
                                literal(whole ? fmt::format("{{/:Italic ℓ}}* = {}", band.order) : number_only),
                                at / place.axes_width(), i + 1,
                                shade(band.order) + 1 == shades.size() ? "#FFFFFF" : colour::ink);
        }
    }
    std::vector<std::string> layers;
    for (std::size_t k = 0; k < shades.size(); ++k)
        layers.push_back(fmt::format("{} using (band({}) ? column(5) : NaN):2:5:6:(column(2) - {}):(column(2) + {}) "
                                     "with boxxyerror fs solid 1 border lc rgb '#FFFFFF' fc rgb '{}'",
                                     literal(figure.name + ".csv"), k + 1, 0.46, 0.46, shades[k]));
    return {text, "", fmt::format("plot {}", fmt::join(layers, ", \\\n     "))};
}

Panel curves(const PhaseDiagramFigure& figure, const Extent& e, const Layout& place)
{
    std::string text =
        margins(place) + frame() +
        fmt::format("set logscale xy\nset xrange [{:.6g}:{:.6g}]\nset yrange [{:.6g}:{:.6g}]\n", e.clip.lo, e.clip.hi,
                    e.constant.lo, e.constant.hi) +
        log_ticks("x", e.clip) + fmt::format("set ytics out nomirror scale 0.6,0.3 textcolor rgb '{}'\n", colour::ink) +
        log_ticks("y", e.constant) + fmt::format("set grid ytics back lw 0.4 lt 1 lc rgb '{}'\n", colour::pale) +
        marks(figure, e, place, false) +
        fmt::format("set label 'exit constant{0}{{/:Italic q}}' at screen {1:.4f},{2:.4f} center rotate "
                    "by 90 textcolor rgb '{3}'\n",
                    space, 0.09 / place.width, (place.bottom + place.axes_height() / 2) / place.height, colour::ink);
    std::vector<std::string> layers;
    for (std::size_t k = 0; k < wardrobe.size(); ++k) {
        bool worn = false;
        for (std::size_t i = 0; i < figure.wells.size(); ++i)
            for (const PhaseBand& band : figure.wells[i].bands)
                worn |= !band.points.empty() && dress(figure, i, band.order) == k;
        if (worn)
            layers.push_back(
                fmt::format("{0} using (constant({1}) ? column(7) : NaN):(constant({1}) ? column(8) : NaN) "
                            "with lines lw {2} dt {3} lc rgb '{4}'",
                            literal(figure.name + ".csv"), k + 1, by_well(figure) ? 1.4 : 0.4, dash(figure, k),
                            wardrobe[k].colour));
    }
    layers.push_back(spoken(literal(figure.name + ".csv"), "(strcol(1) eq 'constant' ? column(7) : NaN):8",
                            "sprintf('b = %.4g, well %s: l* = %s, q = %.4g', column(7), strcol(2), strcol(4), "
                            "column(8))"));
    return {text, "", fmt::format("plot {}", fmt::join(layers, ", \\\n     "))};
}

std::string caption(const PhaseDiagramFigure& figure, bool constants)
{
    std::string text =
        fmt::format("Exit orders{} over the clip threshold b{}{}. Bands: l* = ⌈r/b⌉, the least number "
                    "of clipped jumps that leaves the well; it steps where b crosses r/k.",
                    constants ? " and exit constants" : "", figure.title.empty() ? "" : ": ", figure.title);
    if (constants)
        text += " Curves: q, the constant of the exit time, in units that change with l*; a curve is interrupted where "
                "b = r/k and the theorem is silent.";
    std::vector<std::string> radii;
    for (std::size_t i = 0; i < figure.wells.size(); ++i)
        radii.push_back(fmt::format("r{} = {}", subscript(i + 1), shown(figure.wells[i].radius, 4)));
    text += fmt::format("\nRadii: {}.", fmt::join(radii, ", "));
    std::vector<std::string> marked;
    for (const double b : figure.clips)
        if (std::isfinite(b)) marked.push_back(shown(b, 6));
    if (!marked.empty()) text += fmt::format(" Dashed lines: the thresholds of the spec, {}.", fmt::join(marked, ", "));
    return text + "\n" + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_phase_diagram(const PhaseDiagramFigure& figure, const Output& output)
{
    check(figure);
    const Extent e = extent(figure);
    const bool constants = !e.constant.empty();
    Page page{.name = figure.name,
              .width = output.width,
              .height = 1,
              .data = table(figure),
              .settings = "\n# Columns: 1 kind, 2 well, 4 exit order, 5 from, 6 to, 7 clip, 8 constant, 9 shade, 10 "
                          "dress.\n# A row that a curve does not want gets the abscissa NaN and is passed over.\n"
                          "band(shade) = strcol(1) eq 'band' && column(9) == shade\n"
                          "constant(dress) = strcol(1) eq 'constant' && column(10) == dress\n",
              .marks = {},
              .plot = {},
              .caption = caption(figure, constants)};
    Layout layout{.width = output.width, .height = 1, .left = 0.56, .right = 0.12, .top = 0, .bottom = 0};
    double depth = heading("", figure.title, page, layout.left).depth;
    key_drawing(key(figure), layout, depth);
    const double rows = std::min(2.4, 0.17 * static_cast<double>(figure.wells.size()));
    const double bands_top = depth + marks_height;
    const double curves_top = bands_top + rows + 0.12;
    layout.height = page.height = (constants ? curves_top + curves_height : bands_top + rows) + 0.36;

    const Heading head = heading("Phases", figure.title, page, layout.left);
    double key_depth = head.depth;
    const Drawing legend = key_drawing(key(figure), layout, key_depth);
    Layout place = layout;
    place.top = bands_top;
    place.bottom = page.height - bands_top - rows;
    page.panels.push_back(bands(figure, e, place, !constants));
    page.panels[0].settings +=
        head.commands + legend.settings +
        fmt::format("set label 'clip threshold{}{{/:Italic b}}' at screen {:.4f},{:.4f} center textcolor rgb '{}'\n",
                    space, (layout.left + layout.axes_width() / 2) / layout.width, 0.1 / layout.height, colour::ink);
    page.panels[0].marks = legend.marks;
    if (constants) {
        place.top = curves_top;
        place.bottom = page.height - curves_top - curves_height;
        page.panels.push_back(curves(figure, e, place));
    }
    return publish(page, output);
}

}
