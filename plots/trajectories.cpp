#include "plots/trajectories.hpp"

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

void check(const TrajectoriesFigure& figure)
{
    if (figure.panels.empty() || figure.panels.size() > most_panels)
        throw BadInput(
            fmt::format("a figure of trajectories shows 1 to {} panels, not {}", most_panels, figure.panels.size()));
    if (!(figure.learning_rate > 0)) throw BadInput("a figure of trajectories needs a learning rate > 0");
    if (figure.minima.size() != figure.saddles.size() + 1 ||
        !std::is_sorted(figure.minima.begin(), figure.minima.end()) ||
        !std::is_sorted(figure.saddles.begin(), figure.saddles.end()))
        throw BadInput("a figure of trajectories needs minima and saddles in increasing order, one saddle fewer");
    for (const Trajectory& path : figure.panels) {
        bool good = path.states.size() >= 2;
        for (std::size_t k = 0; k < path.states.size(); ++k)
            good = good && path.states[k].step >= (k == 0 ? 0 : path.states[k - 1].step) &&
                   std::isfinite(path.states[k].step) && std::isfinite(path.states[k].x);
        if (!good || !(path.states.front().step < path.states.back().step))
            throw BadInput(fmt::format("trajectory '{}': a figure needs two finite states or more, steps rising",
                                       plain(path.name)));
    }
}

std::string table(const TrajectoriesFigure& figure)
{
    std::string text = "panel,name,step,x\n";
    for (std::size_t k = 0; k < figure.panels.size(); ++k) {
        std::string name = plain(figure.panels[k].name);
        std::replace(name.begin(), name.end(), ',', ';');
        for (const State& s : figure.panels[k].states)
            text += fmt::format("{},{},{},{}\n", k + 1, name, number(s.step), number(s.x));
    }
    return text;
}

struct Extent {
    Range steps, x;
};

Extent extent(const TrajectoriesFigure& figure)
{
    Extent e;
    for (const double m : figure.minima) e.x.add(m);
    for (const Trajectory& path : figure.panels)
        for (const State& s : path.states) e.steps.add(s.step), e.x.add(s.x);
    const double pad = 0.05 * e.x.length();
    e.x = {e.x.lo - pad, e.x.hi + pad};
    return e;
}

Panel panel(const TrajectoriesFigure& figure, std::size_t k, const Extent& e, const Layout& place)
{
    const bool last = k + 1 == figure.panels.size();
    std::string text = margins(place) + frame() +
                       fmt::format("set xrange [{}:{}]\nset yrange [{:.6g}:{:.6g}]\n", number(e.steps.lo),
                                   number(e.steps.hi), e.x.lo, e.x.hi) +
                       linear_ticks("y", e.x, 4);
    text += last ? linear_ticks("x", e.steps, 4)
                 : fmt::format("set xtics {:.6g}\nset format x ''\n", step(e.steps.length(), 4));
    text +=
        fmt::format("set label {} at graph 0, screen {:.4f} left noenhanced textcolor rgb '{}'\n",
                    literal(figure.panels[k].name), 1 - (place.top - head_height / 2.3) / place.height, colour::ink);
    const double inch = place.axes_height() / e.x.length();
    double free = -1;
    for (std::size_t i = 0; i < figure.minima.size(); ++i) {
        const double low = i == 0 ? e.x.lo : std::clamp(figure.saddles[i - 1], e.x.lo, e.x.hi);
        const double high = i < figure.saddles.size() ? std::clamp(figure.saddles[i], e.x.lo, e.x.hi) : e.x.hi;
        if (i % 2 == 0 && low < high)
            text += fmt::format("set object {} rectangle from graph 0, first {:.6g} to graph 1, first {:.6g} behind fs "
                                "solid 1 noborder fc rgb '#F1F1F1'\n",
                                i + 1, low, high);
        if (i > 0 && low > e.x.lo && low < e.x.hi)
            text +=
                fmt::format("set arrow from graph 0, first {0:.6g} to graph 1, first {0:.6g} nohead front lw 0.5 dt "
                            "(6,4) lc rgb '{1}'\n",
                            low, colour::grey);
        const double at = (figure.minima[i] - e.x.lo) * inch;
        if (at - free < 0.11) continue; // no room for another name
        free = at;
        text += fmt::format("set label {} at graph {:.4f}, first {:.6g} left textcolor rgb '{}'\n",
                            literal("{/:Italic m}" + subscript(i + 1)), 1 + 0.04 / place.axes_width(), figure.minima[i],
                            colour::ink);
    }
    return {text, "",
            fmt::format("plot {} using (column(1) == {} ? column(3) : NaN):4 with lines lw 0.5 lc rgb '{}'",
                        literal(figure.name + ".csv"), k + 1, colour::blue)};
}

std::string caption(const TrajectoriesFigure& figure)
{
    std::vector<std::string> names;
    for (const Trajectory& path : figure.panels)
        names.push_back(fmt::format("{} ({} states)", plain(path.name), path.states.size()));
    return fmt::format("A sample path of SGD for each of {}, at the learning rate η = {}{}{}. Dashed: the saddles; the "
                       "attraction fields between them are shaded in turn.\n",
                       fmt::join(names, "; "), shown(figure.learning_rate, 6), figure.title.empty() ? "" : ", ",
                       figure.title) +
           (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_trajectories(const TrajectoriesFigure& figure, const Output& output)
{
    check(figure);
    const Extent e = extent(figure);
    Page page{.name = figure.name,
              .width = output.width,
              .height = 1,
              .data = table(figure),
              .settings = "\n# Columns: 1 panel, 2 name, 3 step, 4 x.\n",
              .marks = {},
              .plot = {},
              .caption = caption(figure)};
    Layout layout{.width = output.width, .height = 1, .left = 0.46, .right = 0.28, .top = 0, .bottom = 0};
    const double depth = heading("", figure.title, page, layout.left).depth;
    const double each = head_height + panel_height + apart;
    layout.height = page.height = depth + each * static_cast<double>(figure.panels.size()) + 0.36;

    const Heading head = heading("Sample paths", figure.title, page, layout.left);
    for (std::size_t k = 0; k < figure.panels.size(); ++k) {
        Layout place = layout;
        place.top = depth + each * static_cast<double>(k) + head_height;
        place.bottom = page.height - place.top - panel_height;
        page.panels.push_back(panel(figure, k, e, place));
    }
    page.panels[0].settings +=
        head.commands +
        fmt::format("set label 'steps' at screen {:.4f},{:.4f} center textcolor rgb '{}'\n",
                    (layout.left + layout.axes_width() / 2) / layout.width, 0.1 / layout.height, colour::ink) +
        fmt::format("set label '{{/:Italic x}}' at screen {:.4f},{:.4f} center rotate by 90 textcolor rgb '{}'\n",
                    0.09 / layout.width, (0.36 + (layout.height - depth - 0.36) / 2) / layout.height, colour::ink);
    return publish(page, output);
}

}
