#include "cli/report.hpp"

#include "cli/assets.hpp"
#include "cli/claims.hpp"
#include "cli/figures.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/version.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <boost/algorithm/string/erase.hpp>
#include <boost/algorithm/string/replace.hpp>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace exeunt::cli
{
namespace
{

constexpr const char* how_to_read = R"(<h2>How to read a verdict</h2>
<p>Each number is found by up to three routes that share no code beyond the model itself: the limit theorem, the exact
chain at the learning rate at hand, and simulation.</p>
<ul>
<li><b>time, law, split</b>: simulation against the exact chain: the mean exit time, the whole law of the exit time (also
given the field that is entered), and how often each field is entered. At every learning rate the exact chain is the true law of
the process, so no asymptotic error hides in the comparison. The interval of each estimate belongs to the level of its
test.</li>
<li><b>the limit</b>: the exact chain against the theorem, without randomness. Their ratio must tend to 1 as the learning
rate falls; what is judged is its extrapolation with an error interval.</li>
<li><b class="confirmed">confirmed</b>: the interval lies within the effect that was to be noticed.
<b class="refuted">refuted</b>: the interval excludes the expected value. <b class="inconclusive">inconclusive</b>:
neither; more samples or a longer ladder would decide.</li>
<li>One refuted hypothesis refutes the run. A run without one is confirmed only when every hypothesis is.</li>
</ul>
)";

std::string paragraph(const std::string& text) { return fmt::format("<p>{}</p>\n", escaped(text)); }

/// The picture without its XML head and name spaces, with identifiers of its own, so that two of them can stand on one
/// page.
std::string inlined(const Picture& picture)
{
    const auto begin = picture.svg.find("<svg");
    if (begin == std::string::npos) return "";
    std::string svg = picture.svg.substr(begin);
    for (const char* const space :
         {" xmlns=\"http://www.w3.org/2000/svg\"", " xmlns:xlink=\"http://www.w3.org/1999/xlink\""})
        boost::erase_first(svg, space);
    boost::replace_first(svg, "<title>Gnuplot</title>", fmt::format("<title>{}</title>", escaped(picture.name)));
    for (const char* const opening : {" id='", " id=\"", "href='#", "href=\"#", "url(#"})
        boost::replace_all(svg, opening, fmt::format("{}{}-", opening, picture.name));
    return svg;
}

std::string figure_html(const Picture& picture)
{
    std::string data; // a page ends a script at "</", which no number has
    if (!picture.data.empty())
        data = fmt::format("<script type=\"text/csv\" id=\"{}-data\">\n{}</script>\n", escaped(picture.name),
                           boost::erase_all_copy(picture.data, "<"));
    return fmt::format("<figure id=\"{0}\">\n{1}\n<figcaption>{2}</figcaption>\n</figure>\n{3}", escaped(picture.name),
                       inlined(picture), boost::replace_all_copy(escaped(picture.caption), "\n\n", "<br>\n"), data);
}

/// What a run found, for someone who reads no further.
std::string summary(const Report& report)
{
    const auto& record = report.verification;
    const auto simulated = std::count_if(record.cells.begin(), record.cells.end(),
                                         [](const validation::Cell& cell) { return cell.simulated.has_value(); });
    std::string text = fmt::format("Of {} hypotheses: {}. Simulated were {} of {} (threshold, learning rate, well)",
                                   record.hypotheses.size(), counts(record.hypotheses), simulated, record.cells.size());
    if (static_cast<std::size_t>(simulated) < record.cells.size())
        text += "; the others rest on the exact chain and on the limit";
    if (!record.ladders.empty())
        text +=
            fmt::format("; {} of the exact chain lead to the limit theorem", counted(record.ladders.size(), "ladder"));
    return text + ". " + power_sentence(report.spec, record);
}

std::string verdict_html(const Report& report)
{
    return fmt::format("<div class=\"verdict {0}\"><strong>{0}</strong>\n<p>{1}</p></div>\n",
                       word(report.verification.verdict), escaped(summary(report)));
}

/// The figure, among those of the page, that shows what a hypothesis is about.
std::string figure_of(const Report& report, const validation::Hypothesis& h)
{
    std::string name;
    if (h.id.starts_with("exit-split"))
        name = "transition-graph";
    else if (std::isnan(h.learning_rate))
        name = "convergence";
    else if (h.id.starts_with("exit-time"))
        name = exit_times_name(report.verification.predictions, h.well);
    const auto has = [&](const Picture& picture) { return picture.name == name; };
    return std::any_of(report.pictures.begin(), report.pictures.end(), has) ? name : "";
}

std::string cells_html(const validation::Verification& record)
{
    const CellsTable cells = cells_table(record);
    std::string html = "<h2>Mean first exit time</h2>\n"
                       "<p>In steps, started at the minimum: by the " +
                       escaped(predicted_by(record.predictions)) + ", of the exact chain, simulated.</p>\n" +
                       cells.table.html();
    for (std::size_t k = 0; k < cells.notes.size(); ++k)
        html += paragraph(fmt::format("[{}] {}", k + 1, cells.notes[k]));
    return html;
}

std::string limits_html(const validation::Verification& record)
{
    const Table limits = limits_table(record);
    if (limits.empty()) return "";
    return "<h2>The limit</h2>\n<p>As the learning rate η falls, the mean exit time of the exact chain over the "
           "predicted "
           "one must tend to 1, and the share of the likeliest place of exit to its limit.</p>\n" +
           limits.html();
}

/// L4: what tends where, and the rungs that say so.
std::string shares_html(const validation::Verification& record)
{
    const Table limits = shares_limits_table(record);
    if (limits.empty()) return "";
    std::string html = "<h2>The limit on the whole line</h2>\n<p>As the learning rate η falls, the share of time that "
                       "the exact chain spends in a field, times (H(1/η)/η)^(l* - l^large), must tend to its limit, "
                       "and its law at times of the scale 1/λ^large(η) to that of the limiting chain Y.</p>\n" +
                       limits.html();
    for (const auto& study : record.shares)
        if (study.silence.empty())
            html += fmt::format("<h3>{}</h3>\n", escaped(clip_words(study.clip))) +
                    shares_table(study, record.hypotheses).html();
    return html;
}

std::string whole_line_html(const validation::Verification& record)
{
    const Table whole = whole_line_table(record);
    std::string html;
    if (!whole.empty())
        html = "<h2>The whole line</h2>\n<p>X beyond its first exit: the exact chain at this learning rate, and "
               "simulated.</p>\n" +
               whole.html();
    for (const std::string& note : record.notes) html += paragraph("Not asked: " + note);
    return html;
}

std::string predictions_html(const Report& report)
{
    std::string html = "<h2>What the theory says</h2>\n";
    for (const auto& prediction : report.verification.predictions) {
        html += fmt::format("<h3>{}</h3>\n", escaped(clip_words(prediction.clip)));
        html += wells_table(report.landscape, prediction).html();
        for (const std::string& sentence : graph_sentences(prediction)) html += paragraph(sentence);
        if (!prediction.heavy_tailed()) html += kramers_table(prediction).html();
        for (std::size_t k = 0; k < prediction.chains.size(); ++k) {
            const ChainWords words = chain_words(prediction, k);
            html += paragraph(words.head);
            if (words.table) html += generator_table(prediction.chains[k]).html();
            if (!words.entrance.empty()) html += paragraph(words.entrance);
        }
    }
    return html;
}

/// What was asked, and what it was asked of.
std::vector<std::pair<std::string, std::string>> facts(const Report& report)
{
    const auto& spec = report.spec;
    std::vector<std::string> clips;
    std::vector<std::string> etas;
    for (const double b : spec.dynamics.clip) clips.push_back(plots::number(b));
    for (const double eta : spec.dynamics.learning_rate) etas.push_back(plots::number(eta));
    const auto& v = spec.verify;
    std::vector<std::pair<std::string, std::string>> list = {
        {"program", fmt::format("exeunt {}, compiled by {}", version, EXEUNT_COMPILER)},
        {"libraries", EXEUNT_LIBRARIES},
        {"spec", fmt::format("{} ({})", spec.name, std::filesystem::path(spec.source).filename().string())},
        {"seed", std::to_string(v.seed)},
        {"clip b", listed(clips)},
        {"learning rate η", listed(etas)},
        {"asked", fmt::format("false alarm {}, effect {}, power {}, {}", shown(v.false_alarm, 6), shown(v.effect, 6),
                              shown(v.power, 6), v.budget ? "budget " + duration(*v.budget) : "no budget")}};
    if (!report.origin.machine.empty()) list.emplace_back("machine", report.origin.machine);
    if (report.origin.seconds > 0) list.emplace_back("wall time", duration(report.origin.seconds));
    return list;
}

constexpr const char* repeatable = "The random numbers of each cell are a function of the seed and of the lines below, "
                                   "whatever the number of threads.";

std::string origin_html(const Report& report)
{
    std::string html = "<h2>Where this comes from</h2>\n<dl>";
    for (const auto& [name, value] : facts(report))
        html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(value));
    html += "</dl>\n";
    if (!report.origin.command.empty())
        html += "<p>To make it again:</p>\n<pre>" + escaped(report.origin.command) + "</pre>\n";
    return html + paragraph(repeatable) + "<pre>" + escaped(model::canonical(report.spec)) +
           "</pre>\n<p>The same record for programs: <code>verify.json</code> beside this file.</p>\n";
}

}

std::string report_html(const Report& report)
{
    const auto& spec = report.spec;
    std::string html =
        fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<title>{0}: {1}</title>\n<style>\n{2}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n"
                    "<p class=\"soft\">{3}: {4}</p>\n",
                    escaped(spec.title), word(report.verification.verdict), report_css, escaped(spec.name),
                    escaped(spec_words(spec)));
    html += verdict_html(report);
    html += claims_html(report.verification.hypotheses, spec.verify.effect,
                        [&](const validation::Hypothesis& h) { return figure_of(report, h); });
    html += cells_html(report.verification) + whole_line_html(report.verification) + limits_html(report.verification) +
            shares_html(report.verification) + "<h2>Figures</h2>\n";
    if (!report.without_pictures.empty()) html += paragraph("No figures: " + report.without_pictures);
    for (const Picture& picture : report.pictures) html += figure_html(picture);
    html += predictions_html(report) + how_to_read + origin_html(report);
    return html + "</main>\n<script>\n" + report_js + "</script>\n</body>\n</html>\n";
}

std::string report_markdown(const Report& report)
{
    const auto& record = report.verification;
    const auto line = [](std::string_view text) { return escaped_markdown(text) + "\n\n"; };
    std::string text = fmt::format("## {}: {}\n\n", escaped_markdown(report.spec.title), word(record.verdict));
    text += line(fmt::format("{}: {}", report.spec.name, spec_words(report.spec))) + line(summary(report));
    for (const auto verdict : {validation::Verdict::refuted, validation::Verdict::inconclusive})
        for (const auto& h : record.hypotheses)
            if (h.verdict == verdict)
                text += fmt::format("* **{}** {}: {}\n", word(verdict), escaped_markdown(h.claim),
                                    escaped_markdown(fmt::format("{}. {} ({})", numbers_line(h), h.reason, h.id)));
    const CellsTable cells = cells_table(record);
    text += fmt::format("\n### Mean first exit time (steps): {}, exact chain, simulated\n\n",
                        predicted_by(record.predictions)) +
            cells.table.markdown() + "\n";
    for (std::size_t k = 0; k < cells.notes.size(); ++k) text += line(fmt::format("[{}] {}", k + 1, cells.notes[k]));
    if (const Table whole = whole_line_table(record); !whole.empty())
        text += "### The whole line\n\n" + whole.markdown() + "\n";
    for (const std::string& note : record.notes) text += line("Not asked: " + note);
    if (const Table limits = limits_table(record); !limits.empty())
        text += "### The limit: exact / predicted mean exit time → 1\n\n" + limits.markdown() + "\n";
    if (const Table limits = shares_limits_table(record); !limits.empty())
        text += "### The limit on the whole line: share of time times (H(1/η)/η)^(l\\* - l^large) → its limit\n\n" +
                limits.markdown() + "\n";
    for (const Picture& picture : report.pictures) text += fmt::format("![{0}]({0}.png)\n\n", picture.name);
    text += "### Where this comes from\n\n";
    for (const auto& [name, value] : facts(report)) text += fmt::format("* {}: {}\n", name, escaped_markdown(value));
    if (!report.origin.command.empty()) text += fmt::format("\n```sh\n{}\n```\n", report.origin.command);
    return text;
}

}
