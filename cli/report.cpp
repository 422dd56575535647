#include "cli/report.hpp"

#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/version.hpp"
#include "plots/text.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <fmt/format.h>
#include <sstream>

namespace exeunt::cli
{
namespace
{

constexpr const char* style = R"(
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #5c5c5c; --line: #d9d9d9; --page: #ffffff; --box: #f5f5f3;
        --good: #1a7f37; --bad: #c0262d; --open: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e6; --soft: #a8a8a4; --line: #444442; --page: #191918; --box: #242423;
          --good: #56c271; --bad: #ff7b72; --open: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem 1rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
       font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p, ul { margin: .4rem 0; max-width: 46rem; }
.soft { color: var(--soft); overflow-wrap: anywhere; }
.confirmed { color: var(--good); } .refuted { color: var(--bad); font-weight: 700; } .inconclusive { color: var(--open); }
.verdict { background: var(--box); border-left: .3rem solid currentColor; padding: .6rem .9rem; margin: 1rem 0; }
.verdict * { color: var(--ink); font-weight: 400; } .verdict strong { color: inherit; font-weight: 700; font-size: 1.15rem; }
.wide { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; } .l { text-align: left; }
figure { margin: 1rem 0; } figure svg { display: block; width: 100%; max-width: 34rem; height: auto; background: #fff;
         border-radius: .25rem; }
figcaption { color: var(--soft); font-size: .875rem; max-width: 46rem; margin-top: .4rem; }
pre { background: var(--box); padding: .6rem .8rem; overflow-x: auto; font-size: .8125rem; }
code { overflow-wrap: anywhere; }
)";

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

/// The picture without its XML head, with identifiers of its own, so that two of them can stand on one page.
std::string inlined(const Picture& picture)
{
    const auto begin = picture.svg.find("<svg");
    if (begin == std::string::npos) return "";
    std::string svg = picture.svg.substr(begin);
    for (const char* const opening : {" id='", " id=\"", "href='#", "href=\"#", "url(#"})
        boost::replace_all(svg, opening, fmt::format("{}{}-", opening, picture.name));
    return svg;
}

std::string figure_html(const Picture& picture)
{
    return fmt::format("<figure id=\"{0}\">\n{1}\n<figcaption>{2}</figcaption>\n</figure>\n", escaped(picture.name),
                       inlined(picture), escaped(picture.caption));
}

std::string verdict_html(const Report& report)
{
    const auto& record = report.verification;
    return fmt::format(
        "<div class=\"verdict {0}\"><strong>{0}</strong>\n<p>{1} hypotheses: {2}.</p>\n<p>{3}</p></div>\n",
        word(record.verdict), record.hypotheses.size(), counts(record.hypotheses),
        escaped(power_sentence(report.spec, record)));
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

std::string open_html(const validation::Verification& record)
{
    std::string items;
    for (const auto& h : record.hypotheses)
        if (h.verdict != validation::Verdict::confirmed)
            items += fmt::format("<li><span class=\"{0}\">{0}</span> <code>{1}</code><br>{2}<br>{3}</li>\n",
                                 word(h.verdict), escaped(h.id), escaped(h.claim), escaped(h.reason));
    return items.empty() ? "" : fmt::format("<h2>Not confirmed</h2>\n<ul>\n{}</ul>\n", items);
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

std::string hypotheses_html(const validation::Verification& record)
{
    Table table({"hypothesis", "estimate", "interval", "expected", "p", "level", "effect seen", "samples", "verdict"},
                {0, 8});
    for (const auto& h : record.hypotheses)
        table.add({h.id, shown(h.estimate, 6), fmt::format("[{}, {}]", shown(h.lower, 6), shown(h.upper, 6)),
                   shown(h.expected, 6), shown(h.p_value, 3), h.alpha > 0 ? shown(h.alpha, 3) : "–",
                   percent(h.detectable_effect),
                   h.samples == 0 ? "–"
                                  : fmt::format("{}{}", h.samples,
                                                h.censored > 0 ? fmt::format(" ({} censored)", h.censored) : ""),
                   word(h.verdict)});
    return "<h2>Every hypothesis</h2>\n" + table.html();
}

std::string origin_html(const model::Spec& spec)
{
    std::vector<std::string> clips;
    std::vector<std::string> etas;
    for (const double b : spec.dynamics.clip) clips.push_back(plots::number(b));
    for (const double eta : spec.dynamics.learning_rate) etas.push_back(plots::number(eta));
    const auto& v = spec.verify;
    const std::string asked =
        fmt::format("false alarm {}, effect {}, power {}, {}", shown(v.false_alarm, 6), shown(v.effect, 6),
                    shown(v.power, 6), v.budget ? "budget " + duration(*v.budget) : "no budget");
    return "<h2>Where this comes from</h2>\n" +
           paragraph(
               fmt::format("Made by exeunt {} from the spec {} ({}), seed {}. The random numbers of each cell are a "
                           "function of the seed and of the lines below, whatever the number of threads.",
                           version, spec.name, std::filesystem::path(spec.source).filename().string(), v.seed)) +
           paragraph(fmt::format("Clip {}; learning rate {}; {}.", listed(clips), listed(etas), asked)) + "<pre>" +
           escaped(model::canonical(spec)) + "</pre>\n" +
           "<p>The same record for programs: <code>verify.json</code> beside this file.</p>\n";
}

}

std::string report_html(const Report& report)
{
    const auto& spec = report.spec;
    std::string html = fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                   "<title>{0}: {1}</title>\n<style>{2}</style>\n</head>\n<body>\n<h1>{0}</h1>\n"
                                   "<p class=\"soft\">{3}: {4}</p>\n",
                                   escaped(spec.title), word(report.verification.verdict), style, escaped(spec.name),
                                   escaped(spec_words(spec)));
    html += verdict_html(report) + open_html(report.verification) + cells_html(report.verification);
    html += limits_html(report.verification);
    html += "<h2>Figures</h2>\n";
    if (!report.without_pictures.empty()) html += paragraph("No figures: " + report.without_pictures);
    for (const Picture& picture : report.pictures) html += figure_html(picture);
    html += predictions_html(report) + how_to_read + hypotheses_html(report.verification) + origin_html(spec);
    return html + "</body>\n</html>\n";
}

}
