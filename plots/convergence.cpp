#include "plots/convergence.hpp"

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

constexpr std::size_t most_clips = 6;
constexpr double panel_height = 1.15; ///< inches of axes
constexpr double head_height = 0.2;   ///< inches, the threshold over a panel

void check(const ConvergenceFigure& figure)
{
    const auto positive = [](double x) { return x > 0 && std::isfinite(x); };
    if (figure.series.empty()) throw BadInput("there are no ratios to draw");
    for (const RatioSeries& s : figure.series) {
        const bool known =
            s.verdict.empty() || s.verdict == "confirmed" || s.verdict == "refuted" || s.verdict == "inconclusive";
        bool good = s.clip > 0 && s.order >= 1 && !s.rungs.empty() && std::isfinite(s.limit) && s.error >= 0 && known;
        for (const Ratio& r : s.rungs)
            good = good && positive(r.eta) && positive(r.ratio) && r.error >= 0 && std::isfinite(r.error);
        if (!good)
            throw BadInput(fmt::format("convergence of well {}, clip {}: a figure needs learning rates and ratios > 0, "
                                       "errors ≥ 0, a finite limit, and a verdict it knows",
                                       s.well + 1, s.clip));
    }
}

std::vector<double> clips(const ConvergenceFigure& figure)
{
    std::vector<double> found;
    for (const RatioSeries& s : figure.series)
        if (std::find(found.begin(), found.end(), s.clip) == found.end()) found.push_back(s.clip);
    if (found.size() > most_clips)
        throw BadInput(
            fmt::format("a figure of convergence shows at most {} clip thresholds, not {}", most_clips, found.size()));
    return found;
}

/// Whether each well has a dress of its own, or each l*.
bool by_well(const ConvergenceFigure& figure)
{
    return std::all_of(figure.series.begin(), figure.series.end(),
                       [](const RatioSeries& s) { return s.well < wardrobe.size(); });
}
std::size_t dress(const ConvergenceFigure& figure, const RatioSeries& s)
{
    return std::min(by_well(figure) ? s.well : static_cast<std::size_t>(s.order) - 1, wardrobe.size() - 1);
}

/// The learning rates, and a strip to the left of them for η → 0.
struct Abscissa {
    Range eta;
    double strip; ///< decades
    double edge() const { return eta.lo / std::pow(10, strip); }
    /// Of the limit of a well, `wells` of them side by side.
    double place(std::size_t well, std::size_t wells) const
    {
        const double share = (static_cast<double>(well) + 0.5) / static_cast<double>(wells);
        return edge() * std::pow(10, strip * (0.08 + 0.68 * share));
    }
};

Abscissa abscissa(const ConvergenceFigure& figure)
{
    Range eta;
    for (const RatioSeries& s : figure.series)
        for (const Ratio& r : s.rungs) eta.add(r.eta);
    eta = padded_decades(eta, 0.03);
    return {eta, std::max(0.3, 0.2 * eta.decades())};
}

std::size_t wells(const ConvergenceFigure& figure)
{
    std::size_t most = 0;
    for (const RatioSeries& s : figure.series) most = std::max(most, s.well + 1);
    return most;
}

std::vector<Ratio> falling(std::vector<Ratio> rungs)
{
    std::stable_sort(rungs.begin(), rungs.end(), [](const Ratio& a, const Ratio& b) { return a.eta > b.eta; });
    return rungs;
}

std::string table(const ConvergenceFigure& figure, const Abscissa& x)
{
    const std::vector<double> panels = clips(figure);
    std::string text = "kind,panel,clip,well,exit_order,dress,learning_rate,ratio,error,place,verdict\n";
    for (const RatioSeries& s : figure.series) {
        const auto panel = std::find(panels.begin(), panels.end(), s.clip) - panels.begin() + 1;
        const auto row = [&](const char* kind) {
            return fmt::format("{},{},{},{},{},{},", kind, panel, number(s.clip), s.well + 1, s.order,
                               dress(figure, s) + 1);
        };
        for (const Ratio& r : falling(s.rungs))
            text += row("rung") +
                    fmt::format("{},{},{},{},\n", number(r.eta), number(r.ratio), number(r.error), number(r.eta));
        text += row("limit") + fmt::format("0,{},{},{:.6g},{}\n", number(s.limit), number(s.error),
                                           x.place(s.well, wells(figure)), s.verdict);
    }
    return text;
}

/// The ratios of a panel.
struct Ordinate {
    Range ratio;
    bool logarithmic;
};

Ordinate ordinate(const ConvergenceFigure& figure, double clip)
{
    Range range;
    range.add(1);
    for (const RatioSeries& s : figure.series) {
        if (s.clip != clip) continue;
        for (const Ratio& r : s.rungs) range.add(r.ratio);
    }
    const Range rungs = range;
    for (const RatioSeries& s : figure.series) { // a bar may be cut, and so may a limit that is far off
        if (s.clip != clip) continue;
        for (const double y : {s.limit, s.limit - s.error, s.limit + s.error})
            if (std::isfinite(y)) range.add(std::clamp(y, rungs.lo / 1.5, rungs.hi * 1.5));
    }
    if (range.hi / range.lo > 6) return {padded_decades(range, 0.08), true};
    const double pad = std::max(0.08 * range.length(), 0.01);
    return {{range.lo - pad, range.hi + pad}, false};
}

std::vector<Entry> key(const ConvergenceFigure& figure)
{
    std::vector<bool> worn(wardrobe.size(), false);
    std::size_t refuted = 0, inconclusive = 0;
    for (const RatioSeries& s : figure.series) {
        worn[dress(figure, s)] = true;
        refuted += s.verdict == "refuted";
        inconclusive += s.verdict == "inconclusive";
    }
    std::vector<Entry> entries;
    for (std::size_t k = 0; k < wardrobe.size(); ++k)
        if (worn[k])
            entries.push_back(
                {fmt::format("pt {} ps 0.55*dot lc rgb '{}'", wardrobe[k].filled, wardrobe[k].colour),
                 by_well(figure) ? fmt::format("well {}", k + 1) : fmt::format("{{/:Italic ℓ}}* = {}", k + 1)});
    if (inconclusive > 0)
        entries.push_back({fmt::format("pt 6 ps 1.25*dot lw 1 lc rgb '{}'", colour::ink),
                           fmt::format("{} inconclusive", inconclusive)});
    if (refuted > 0)
        entries.push_back(
            {fmt::format("pt 2 ps 1.0*dot lw 2 lc rgb '{}'", colour::ink), fmt::format("{} refuted", refuted)});
    return entries;
}

std::string plot(const ConvergenceFigure& figure, std::size_t panel, double clip)
{
    const std::string file = literal(figure.name + ".csv");
    const bool many = !by_well(figure);
    std::vector<std::string> layers = {fmt::format("1 with lines lw 0.6 lc rgb '{}'", colour::ink)};
    const auto any = [&](auto wanted) {
        return std::any_of(figure.series.begin(), figure.series.end(),
                           [&](const RatioSeries& s) { return s.clip == clip && wanted(s); });
    };
    for (std::size_t k = 0; k < wardrobe.size(); ++k) {
        if (!any([&](const RatioSeries& s) { return dress(figure, s) == k; })) continue;
        const Dress& d = wardrobe[k];
        const auto rows = [&](const char* kind) {
            return fmt::format("{} using ({}({}, {})):", file, kind, panel, k + 1);
        };
        const std::string symbol =
            fmt::format("with points pt {} ps {}*dot lc rgb '{}'", d.filled, many ? 0.3 : 0.5, d.colour);
        layers.push_back(rows("rung") + fmt::format("8 with lines lw {} lc rgb '{}'", many ? 0.5 : 1.1, d.colour));
        layers.push_back(rows("rung") + "8 " + symbol);
        layers.push_back(rows("settled") + fmt::format("(low(8)):(0):(high(8) - low(8)) with vectors heads size screen "
                                                       "0.007,90 lw 0.9 lc rgb '{}'",
                                                       d.colour));
        layers.push_back(rows("limit") + "(within(column(8))) " + symbol);
        if (any([&](const RatioSeries& s) { return dress(figure, s) == k && std::isinf(s.error); }))
            layers.push_back(rows("unsettled") + fmt::format("(within(column(8))) with points pt {} ps {}*dot lc rgb "
                                                             "'#FFFFFF'",
                                                             d.filled, many ? 0.18 : 0.3));
    }
    for (const auto& [word, look] :
         {std::pair{"inconclusive", "pt 6 ps 1.25*dot lw 1"}, {"refuted", "pt 2 ps 1.0*dot lw 2"}})
        if (any([verdict = word](const RatioSeries& s) { return s.verdict == verdict; }))
            layers.push_back(fmt::format("{} using (judged({}, '{}')):(within(column(8))) with points {} lc rgb '{}'",
                                         file, panel, word, look, colour::ink));
    layers.push_back(
        spoken(file, fmt::format("(strcol(1) eq 'rung' && column(2) == {} ? column(7) : NaN):8", panel),
               "sprintf('well %s, l* = %s, η = %s: exact / limit = %.5g', strcol(4), strcol(5), strcol(7), "
               "column(8))"));
    return fmt::format("plot {}", fmt::join(layers, ", \\\n     "));
}

std::string functions()
{
    return "\n# Columns: 1 kind, 2 panel, 6 dress, 7 learning rate, 8 ratio, 9 error, 10 abscissa of the picture, "
           "11 verdict.\n"
           "# A row that a curve does not want gets the abscissa NaN and is passed over.\n"
           "is(kind, panel, dress) = strcol(1) eq kind && column(2) == panel && column(6) == dress\n"
           "rung(panel, dress) = is('rung', panel, dress) ? column(10) : NaN\n"
           "limit(panel, dress) = is('limit', panel, dress) ? column(10) : NaN\n"
           "settled(panel, dress) = is('limit', panel, dress) && strcol(9) ne 'inf' ? column(10) : NaN\n"
           "unsettled(panel, dress) = is('limit', panel, dress) && strcol(9) eq 'inf' ? column(10) : NaN\n"
           "judged(panel, word) = strcol(1) eq 'limit' && column(2) == panel && strcol(11) eq word ? column(10) : NaN\n"
           "within(y) = y < lowest ? lowest : y > highest ? highest : y\n"
           "low(c) = within(column(c) - column(c + 1))\n"
           "high(c) = within(column(c) + column(c + 1))\n";
}

std::string axes(const ConvergenceFigure& figure, double clip, const Abscissa& x, const Layout& place, bool last)
{
    const Ordinate y = ordinate(figure, clip);
    std::string text = margins(place) + frame() +
                       fmt::format("set logscale x\n{} logscale y\nset xrange [{:.6g}:{:.6g}]\nset yrange "
                                   "[{:.6g}:{:.6g}]\nlowest = {:.6g}\nhighest = {:.6g}\n",
                                   y.logarithmic ? "set" : "unset", x.edge(), x.eta.hi, y.ratio.lo, y.ratio.hi,
                                   y.ratio.lo, y.ratio.hi) +
                       (y.logarithmic ? log_ticks("y", y.ratio) : linear_ticks("y", y.ratio, 4));
    text += log_ticks("x", x.eta, last);
    text += fmt::format("set xtics add ('{}' {:.6g})\n", last ? "0" : "",
                        x.place(wells(figure) - 1, 2 * wells(figure) - 1));
    text += fmt::format("set object 1 rectangle from graph 0, graph 0 to first {:.6g}, graph 1 behind fs solid 1 "
                        "noborder fc rgb '#F1F1F1'\n",
                        x.eta.lo);
    text += fmt::format("set label {} at graph 0, screen {:.4f} left textcolor rgb '{}'\n",
                        literal("{/:Bold " + clip_label(clip) + "}"),
                        1 - (place.top - head_height / 2.4) / place.height, colour::ink);
    if (last)
        text +=
            fmt::format("set label 'learning rate{0}{{/:Italic η}}' at screen {1:.4f},{2:.4f} center textcolor rgb "
                        "'{3}'\n",
                        space, (place.left + place.axes_width() / 2) / place.width, 0.1 / place.height, colour::ink);
    text += fmt::format("set label 'exact / limit' at screen {:.4f},{:.4f} center rotate by 90 textcolor rgb '{}'\n",
                        0.09 / place.width, (place.bottom + place.axes_height() / 2) / place.height, colour::ink);
    return text;
}

std::string caption(const ConvergenceFigure& figure)
{
    std::size_t confirmed = 0, untested = 0;
    double worst = 0;
    for (const RatioSeries& s : figure.series) {
        confirmed += s.verdict == "confirmed";
        untested += s.verdict.empty();
        for (const Ratio& r : s.rungs) worst = std::max(worst, r.error / r.ratio);
    }
    std::string text = fmt::format(
        "The exact mean first exit time over the limit theorem's 1/(q λ(η)), against the learning rate η{}{}. The "
        "theorem says that the ratio tends to 1 (thin line).",
        figure.title.empty() ? "" : ": ", figure.title);
    text += worst > 0 ? fmt::format(" The relative error of a ratio is at most {}.", shown(worst, 2)) : "";
    text += " Grey strip: extrapolated to η = 0, with the error of the extrapolation; hollow: it has not settled.\n";
    text += untested == figure.series.size()
                ? "Not tested.\n"
                : fmt::format("The limit is 1: {} of {} confirmed.\n", confirmed, figure.series.size());
    for (const RatioSeries& s : figure.series) {
        if (figure.series.size() > 24 && s.verdict == "confirmed") continue;
        text += fmt::format("{}, well {} (l* = {}): {}{}.\n", clip_words(s.clip), s.well + 1, s.order,
                            std::isinf(s.error) ? "not settled"
                                                : fmt::format("{} ± {}", shown(s.limit, 6), shown(s.error, 2)),
                            s.verdict.empty() ? "" : ", " + s.verdict);
    }
    return text + (figure.note.empty() ? "" : plain(figure.note) + "\n");
}

}

std::vector<std::filesystem::path> draw_convergence(const ConvergenceFigure& figure, const Output& output)
{
    check(figure);
    const std::vector<double> panels = clips(figure);
    const Abscissa x = abscissa(figure);
    Page page{.name = figure.name,
              .width = output.width,
              .height = 1,
              .data = table(figure, x),
              .settings = functions(),
              .marks = {},
              .plot = {},
              .caption = caption(figure)};
    Layout layout{.width = output.width, .height = 1, .left = 0.56, .right = 0.1, .top = 0, .bottom = 0};
    double depth = heading("", figure.title, page, layout.left).depth;
    key_drawing(key(figure), layout, depth);
    const double top = depth + 0.02;
    const double count = static_cast<double>(panels.size());
    layout.height = page.height = top + count * (head_height + panel_height) + (count - 1) * 0.06 + 0.36;

    const Heading head = heading("Exact against limit", figure.title, page, layout.left);
    double key_depth = head.depth;
    const Drawing legend = key_drawing(key(figure), layout, key_depth);
    for (std::size_t k = 0; k < panels.size(); ++k) {
        Layout place = layout;
        place.top = top + head_height + static_cast<double>(k) * (head_height + panel_height + 0.06);
        place.bottom = page.height - place.top - panel_height;
        std::string settings = axes(figure, panels[k], x, place, k + 1 == panels.size());
        if (k == 0) settings += head.commands + legend.settings;
        page.panels.push_back({settings, k == 0 ? legend.marks : "", plot(figure, k + 1, panels[k])});
    }
    return publish(page, output);
}

}
