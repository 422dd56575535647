#include "cli/claims.hpp"

#include "cli/table.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::cli
{
namespace
{

using validation::Hypothesis;
using validation::Verdict;

constexpr double farthest = 3; ///< in units of the effect

/// Where a value is on the scale of the picture, in units of the effect.
double place(double value, double expected, double effect)
{
    const double at = expected > 0 ? value > 0 ? std::log(value / expected) / std::log1p(effect) : -farthest
                                   : (value - expected) / effect;
    return std::clamp(at, -farthest, farthest);
}

std::string cell_words(const Hypothesis& h)
{
    std::string words = std::isfinite(h.clip) ? fmt::format("b = {}", shown(h.clip, 6)) : "no clipping";
    if (!std::isnan(h.learning_rate)) words += fmt::format(", η = {}", shown(h.learning_rate, 6));
    return words;
}

std::string claim_html(const Hypothesis& h, double effect, const std::string& figure)
{
    std::string text =
        fmt::format("<li class=\"claim\" id=\"{0}\" data-verdict=\"{1}\" data-well=\"{2}\" data-clip=\"{3}\">"
                    "<div class=\"{1}\">{1}{4}</div><div><p>{5} ({6})</p>\n",
                    escaped(h.id), word(h.verdict), h.well + 1, shown(h.clip, 6), interval_svg(h, effect),
                    escaped(h.claim), cell_words(h));
    text += fmt::format("<p class=\"numbers\">{}</p>\n<p class=\"soft\">{}{}. ", escaped(numbers_line(h)),
                        h.reason.empty() ? "" : escaped(h.reason) + ". By: ", escaped(h.statistic));
    if (!figure.empty()) text += fmt::format("<a href=\"#{0}\">Figure {0}</a>. ", escaped(figure));
    return text + fmt::format("<code>{}</code></p></div></li>\n", escaped(h.id));
}

}

std::string numbers_line(const Hypothesis& h)
{
    std::string text = fmt::format("estimate {}, interval [{}, {}], expected {}", shown(h.estimate, 6),
                                   shown(h.lower, 6), shown(h.upper, 6), shown(h.expected, 6));
    if (!std::isnan(h.detectable_effect)) text += fmt::format("; would have seen {}", percent(h.detectable_effect));
    if (!std::isnan(h.p_value)) text += fmt::format("; p = {}", shown(h.p_value, 3));
    if (h.alpha > 0) text += fmt::format(", level {}", shown(h.alpha, 3));
    if (h.samples > 0) text += fmt::format("; {} {}", h.samples, h.alpha > 0 ? "samples" : "learning rates");
    if (h.censored > 0) text += fmt::format(", {} censored", h.censored);
    return text;
}

std::string interval_svg(const Hypothesis& h, double effect)
{
    constexpr double middle = 68, unit = 20; // of a picture 136 wide, 32 high
    const auto x = [&](double value) { return middle + unit * place(value, h.expected, effect); };
    const bool bounded = !std::isnan(h.lower) && !std::isnan(h.upper);
    std::string label = fmt::format("estimate {}", shown(h.estimate, 4));
    if (bounded) label += fmt::format(", interval {} to {}", shown(h.lower, 4), shown(h.upper, 4));
    label += fmt::format(", expected {} within {}", shown(h.expected, 4), percent(effect));
    std::string svg = fmt::format("<svg viewBox=\"0 0 136 32\" role=\"img\" aria-label=\"{}\"><rect class=\"within\" "
                                  "x=\"{}\" y=\"4\" width=\"{}\" height=\"24\"/><path class=\"expected\" d=\"M{} "
                                  "2V30\"/>",
                                  escaped(label), middle - unit, 2 * unit, middle);
    if (bounded)
        svg += fmt::format("<path class=\"found\" stroke-width=\"2\" d=\"M{0:.1f} 16H{1:.1f}M{0:.1f} 11V21M{1:.1f} "
                           "11V21\"/>",
                           x(h.lower), x(h.upper));
    if (!std::isnan(h.estimate))
        svg += fmt::format("<circle class=\"found\" cx=\"{:.1f}\" cy=\"16\" r=\"3\"/>", x(h.estimate));
    return svg + "</svg>";
}

std::string claims_html(const std::vector<Hypothesis>& hypotheses, double effect, const FigureOf& figure_of)
{
    std::string lists[3];
    std::size_t sizes[3] = {};
    constexpr Verdict order[] = {Verdict::refuted, Verdict::inconclusive, Verdict::confirmed};
    for (const Hypothesis& h : hypotheses) {
        const auto k = static_cast<std::size_t>(std::find(std::begin(order), std::end(order), h.verdict) - order);
        lists[k] += claim_html(h, effect, figure_of(h));
        ++sizes[k];
    }
    std::string html =
        fmt::format("<section id=\"claims\"><h2>Claims</h2>\n<p>Each is one test. The picture shows the estimate with "
                    "its interval; "
                    "the shaded band is the expected value within {}, the ends of the scale are {} times that.</p>\n"
                    "<form class=\"filter\" hidden>",
                    percent(effect), farthest);
    for (const char* const name : {"verdict", "well", "clip"})
        html += fmt::format("<label>{0} <select name=\"{0}\"><option value=\"\">all</option></select></label>", name);
    html += "<output></output></form>\n";
    for (std::size_t k = 0; k < std::size(order); ++k) {
        if (sizes[k] == 0) continue;
        const std::string list = fmt::format("<ul class=\"claims\">\n{}</ul>\n", lists[k]);
        const std::string head = fmt::format("{} {}", sizes[k], word(order[k]));
        html += order[k] == Verdict::confirmed
                    ? fmt::format("<details><summary class=\"confirmed\">{}</summary>\n{}</details>\n", head, list)
                    : fmt::format("<h3 class=\"{}\">{}</h3>\n{}", word(order[k]), head, list);
    }
    return html + "</section>\n";
}

}
