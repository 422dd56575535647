#include "cli/text.hpp"

#include "cli/claims.hpp"
#include "cli/figures.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "plots/text.hpp"
#include "record.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

using namespace exeunt;
using namespace exeunt::cli;
using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

std::size_t widest(const std::string& text)
{
    std::istringstream lines(text);
    std::size_t width = 0;
    for (std::string line; std::getline(lines, line);) width = std::max(width, plots::letters(line));
    return width;
}

/// f with n wells: -cos(x) on a domain that holds n of its minima.
model::Spec many_wells(int n)
{
    return model::default_spec(
        "-cos(x)", {fmt::format("potential.domain=-1,{}", 2 * 3.14159265 * (n - 1) + 1), "dynamics.clip=1.3,2.2,inf"});
}

}

TEST_CASE("Numbers for the eye keep the digits they have and no more")
{
    CHECK(shown(33450.1, 6) == "33450.1");
    CHECK(shown(6.29e-6, 3) == "6.29e-6");
    CHECK(shown(1.2e7, 3) == "1.2e7");
    CHECK(shown(inf, 3) == "inf");
    CHECK(shown(-0.0, 3) == "0");
    CHECK(shown(std::nan(""), 3) == "–");
    CHECK(with_error(33447.644, 0.03) == "33447.64 ± 0.03");
    CHECK(with_error(33447.644, 30) == "33448 ± 30");
    CHECK(with_error(1.23456789e12, 1e6) == "1.234568e12 ± 1e6");
    CHECK(with_error(1.0002, 0.0007) == "1.0002 ± 0.0007");
    CHECK(with_error(0.123456789012, 1e-15) == "0.1234567890 ± 1e-15");
    CHECK(with_error(1.0002, 0) == "1.0002");
    CHECK(percent(0.05) == "5 %");
    CHECK(duration(7.2) == "8 s");
    CHECK(duration(150) == "3 min");
    CHECK(duration(7500) == "2 h 5 min");
    CHECK(listed({"1", "2", "4"}) == "1, 2 and 4");
}

TEST_CASE("Columns line up whatever UTF-8 is in them")
{
    Table table({"η", "verdict"}, {1});
    table.add({"0.05", "confirmed"});
    table.add({"∞", "–"});
    CHECK(table.text() == "     η  verdict\n  ────  ─────────\n  0.05  confirmed\n     ∞  –\n");
    CHECK_THAT(table.text(true), Contains("\033[32mconfirmed\033[0m"));
    CHECK_THAT(table.html(), Contains("<td class=\"l confirmed\">confirmed</td>"));
}

TEST_CASE("Graph and classes in words: irreducible at b = 0.5, one class transient at b = 0.4")
{
    const auto spec = model::load_spec("wang2022", {"dynamics.clip=0.5,0.4"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const std::string text = predict_text(spec, setting.landscape, theory::predict(spec, setting));
    CHECK_THAT(text, Contains("Typical transitions: 1 → 2; 2 → 1, 3; 3 → 2, 4; 4 → 3."));
    CHECK_THAT(text, Contains("lives on wells 2 and 4 (l* = 2), and\n  wells 1 and 3 are eliminated."));
    CHECK_THAT(text, Contains("Wells 1 and 2 reach each other and form an absorbing class"));
    CHECK_THAT(text, Contains("Wells 3 and 4 reach each other and form a transient class"));
    CHECK_THAT(text, Contains("The limiting chain of wells 1 and 2 stays in well 2."));
    CHECK_THAT(text, Contains("killed"));
}

TEST_CASE("Output for the eye is at most 120 columns wide, with four wells and with forty")
{
    for (const auto& spec :
         {model::load_spec("wang2022", {}, EXEUNT_SOURCE_DIR "/specs"), many_wells(40), two_clips()}) {
        const theory::Setting setting(spec);
        const auto predictions = theory::predict(spec, setting);
        CHECK(widest(predict_text(spec, setting.landscape, predictions)) <= 120);
    }
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const auto v = record(spec, setting);
    CHECK(widest(exact_text(spec, laws_and_ladders(v), v.predictions)) <= 120);
    CHECK(widest(verify_text(spec, v, "results/by-hand/report.html", false)) <= 120);
}

TEST_CASE("The text of exact shows the laws and the approach to the limit where they were asked for, and not else")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const auto v = record(spec, setting);
    const Exact all = laws_and_ladders(v);
    const std::string text = exact_text(spec, all, v.predictions);
    CHECK_THAT(text, Contains("quantiles in steps") && Contains("  50 %") && Contains("4e12"));
    CHECK_THAT(text, Contains("later than so many steps") && Contains("0.3333"));
    CHECK_THAT(text, Contains("b = 0.5, well 1 (l* = ") && Contains("gap of the law"));
    CHECK_THAT(text, Contains("→ 0") && Contains("not settled") && Contains("inconclusive"));
    CHECK_THAT(text, Contains("-4.0e-4 ± 0.003"));
    const std::string plain = exact_text(spec, {.cells = all.cells}, v.predictions);
    CHECK(text.starts_with(plain));
    CHECK_THAT(plain, !Contains("quantiles") && !Contains("gap of the law"));
}

TEST_CASE("The texts of exact and verify show L4: rungs, limit and verdict, and in one line of what nothing is claimed")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    auto v = record(spec, setting);
    const Exact all = laws_and_ladders(v);
    const std::string text = exact_text(spec, all, v.predictions);
    CHECK_THAT(text, Contains("b = 0.5, from well 1, at 0.25, 1 and 2 times 1/λ(η)"));
    const std::string table = text.substr(text.find("from well 1, at"));
    CHECK_THAT(table, Contains("0.25 ± 0.01") && Contains("0.125") && Contains("confirmed      refuted       confirmed"));
    CHECK_THAT(table, Contains("Not asked: clip inf: the graph is not irreducible"));

    CHECK(shares_limits_table(v).empty());
    v.shares = all.shares;
    for (const auto& h : validation::limits(v.shares.front(), 0.05)) v.hypotheses.push_back(h);
    const std::string verified = verify_text(spec, v, "", false);
    const std::string limit = verified.substr(verified.find("The limit on the whole line"));
    CHECK_THAT(limit, Contains("share of time, scaled") && Contains("law at three times: distance"));
    CHECK_THAT(limit, Contains("0.25 ± 0.01  0.125  refuted"));
    CHECK_THAT(verified, Contains("refuted  time-share.limit/clip=0.5/well=2"));
}

TEST_CASE("The limits of a ladder: a split is judged by its own claim, the law by the worst of law and independence")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    auto v = record(spec, setting);
    const auto& ladder = v.ladders.front();
    validation::Hypothesis h = *find(v, ladder, Question::split);
    h.id.replace(0, h.id.find('/'), "exit-time.law-limit");
    v.hypotheses.push_back(h);
    h.id.replace(0, h.id.find('/'), "exit-split.independence");
    h.verdict = validation::Verdict::inconclusive;
    v.hypotheses.push_back(h);
    CHECK(find(v, ladder, Question::split)->verdict == validation::Verdict::confirmed);
    CHECK(find(v, ladder, Question::law)->verdict == validation::Verdict::inconclusive);
}

TEST_CASE("In the text of verify a limit that is not known is not settled, in words")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    auto v = record(spec, setting);
    CHECK_THAT(verify_text(spec, v, "", false), !Contains("not settled"));
    v.ladders[1].ratio.error = inf;
    CHECK_THAT(verify_text(spec, v, "", false), Contains("not settled"));
}

TEST_CASE("The text of verify shows every cell, says why one was not simulated, and ends with verdict and report")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const auto v = record(spec, setting, validation::Verdict::refuted);
    const std::string text = verify_text(spec, v, "results/by-hand/report.html", false);
    CHECK_THAT(text, Contains("not simulated [1]"));
    CHECK_THAT(text, Contains("[1] the budget ended before it"));
    CHECK_THAT(text, Contains("inf [7479, inf]"));
    CHECK_THAT(text, Contains("Not confirmed\n  refuted  exit-time.mean/clip=inf/eta=0.01/well=2\n    a reason with"));
    CHECK_THAT(text, Contains("21 confirmed, 1 refuted, 0 inconclusive"));
    CHECK_THAT(text, Contains("at most 0.001 over the whole run; an error of"));
    CHECK_THAT(text, Catch::EndsWith("Verdict: refuted\nReport: results/by-hand/report.html\n"));
    CHECK(text.find('\033') == std::string::npos);
    CHECK_THAT(verify_text(spec, v, "", true), Contains("\033[1;31mrefuted\033[0m"));
}

TEST_CASE("The report is one page that needs nothing else, and shows text of the spec as text")
{
    const model::Spec spec = two_clips("</title><script>alert(1)</script>");
    const theory::Setting setting(spec);
    const auto v = record(spec, setting, validation::Verdict::inconclusive);
    const std::string picture = "<?xml version='1.0'?>\n<svg viewBox='0 0 1 1'><g id='a'/><use href='#a'/></svg>\n";
    const std::string html = report_html({.spec = spec,
                                          .landscape = setting.landscape,
                                          .verification = v,
                                          .pictures = {{"one", picture, "caption <1>"}, {"two", picture, ""}}});
    CHECK(html.starts_with("<!DOCTYPE html>"));
    CHECK(html.find("<script>alert") == std::string::npos);
    CHECK(html.find("<script") == html.rfind("<script")); // one, ours
    CHECK(html.find("<?xml") == std::string::npos);
    for (const char* const outside : {"http:", "https:", " src=", "@import", "url("})
        CHECK(html.find(outside) == std::string::npos);
    CHECK_THAT(html, Contains("&lt;script&gt;") && Contains("prefers-color-scheme: dark") && Contains("viewport"));
    CHECK_THAT(html, Contains("id='one-a'") && Contains("href='#one-a'") && Contains("id='two-a'"));
    CHECK_THAT(html, Contains("caption &lt;1&gt;") && Contains("a reason with &lt;marks&gt;"));
    CHECK_THAT(html, Contains("<dt>seed</dt><dd>2022</dd>") && Contains("noise.law=lomax") &&
                         Contains("How to read a verdict"));
    for (const auto& h : v.hypotheses) CHECK_THAT(html, Contains(h.id));
}

TEST_CASE("The featured figure is that of the widest well at the smallest clip, the others carry their number")
{
    const auto spec = model::load_spec("wang2022", {}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    CHECK(featured_well(predictions) == 1);
    CHECK(figure_names(predictions) == std::vector<std::string>{"landscape", "phase-diagram", "histograms",
                                                                "trajectories", "transition-graph", "convergence",
                                                                "ctmc", "exit-times", "exit-times-well-1",
                                                                "exit-times-well-3", "exit-times-well-4"});
    const auto gaussian = model::load_spec("gaussian", {}, EXEUNT_SOURCE_DIR "/specs");
    const auto control = figure_names(theory::predict(gaussian, theory::Setting(gaussian)));
    CHECK(std::count(control.begin(), control.end(), "transition-graph") == 0);
    CHECK(std::count(control.begin(), control.end(), "convergence") == 0);
}

TEST_CASE(
    "The transition graph is drawn of the finite thresholds, with the classes, large wells and q of the prediction")
{
    const auto spec = model::load_spec("wang2022", {"dynamics.clip=inf,0.4,0.5"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    const auto figure = transition_graph_figure(spec, setting.landscape, predictions);
    REQUIRE(figure.graphs.size() == 2);
    const plots::Graph& graph = figure.graphs[0]; // reducible, by section 8
    CHECK(graph.clip == 0.4);
    CHECK(graph.absorbing == std::vector<bool>{true, false});
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(graph.nodes[i].part == i / 2);
        CHECK(graph.nodes[i].large == (i % 2 == 1));
    }
    REQUIRE(graph.edges.size() == predictions[1].graph.edges.size());
    for (const plots::Edge& e : graph.edges) CHECK(e.constant == predictions[1].exits[e.from].to[e.to]);
    CHECK(figure.graphs[1].absorbing == std::vector<bool>{true});
    const auto unclipped = model::load_spec("wang2022", {"dynamics.clip=inf"}, EXEUNT_SOURCE_DIR "/specs");
    const auto alone = theory::predict(unclipped, theory::Setting(unclipped));
    CHECK(transition_graph_figure(unclipped, setting.landscape, alone).graphs.size() == 1);
}

TEST_CASE("The phase diagram of a spec has the exit orders of its predictions at its thresholds")
{
    const auto spec = model::load_spec("wang2022", {"dynamics.clip=0.5,0.28"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto figure = phase_diagram_figure(spec, setting, 1);
    for (const auto& prediction : theory::predict(spec, setting))
        for (std::size_t i = 0; i < 4; ++i)
            for (const plots::PhaseBand& band : figure.wells[i].bands)
                if (band.from < prediction.clip && prediction.clip < band.to)
                    CHECK(band.order == prediction.exits[i].order);
}

TEST_CASE("Convergence is drawn from the ladders of the record, with the verdict on the limit of the exit time")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const auto v = record(spec, setting);
    const auto figure = convergence_figure(spec, v.predictions, v);
    REQUIRE(figure.series.size() == v.ladders.size());
    for (std::size_t k = 0; k < v.ladders.size(); ++k) {
        const auto& ladder = v.ladders[k];
        const plots::RatioSeries& series = figure.series[k];
        CHECK((series.clip == ladder.clip && series.well == ladder.well && series.limit == ladder.ratio.limit));
        CHECK(series.error == ladder.ratio.error);
        REQUIRE(series.rungs.size() == ladder.rungs.size());
        CHECK(series.rungs[0].ratio == ladder.rungs[0].ratio());
        const auto* const hypothesis = find(v, ladder, Question::time);
        CHECK(series.verdict == (hypothesis == nullptr ? "" : word(hypothesis->verdict)));
    }
    auto hopeless = v;
    for (auto& rung : hopeless.ladders[0].rungs) rung.limit_mean = inf;
    const auto rest = convergence_figure(spec, v.predictions, hopeless);
    CHECK(rest.series.size() + 1 == v.ladders.size());
    CHECK_THAT(rest.note, Contains("Well 1 at b = 0.5: the limit allows no exit"));
}

TEST_CASE("Exit times are drawn within a decade of the learning rates of the spec, each once, with their verdicts")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const auto v = record(spec, setting, validation::Verdict::refuted);
    const auto figure = exit_times_figure(spec, v.predictions, v, 1);
    REQUIRE(figure.series.size() == 2);
    CHECK(figure.confidence == Approx(1 - 1e-5));
    std::vector<double> etas;
    for (const auto& point : figure.series[0].oracle) etas.push_back(point.eta);
    CHECK(etas == std::vector<double>{0.02, 0.01, 0.04, 0.004}); // 0.5 and 1e-5 are too far away
    CHECK(figure.series[0].limit.size() == etas.size());
    REQUIRE(figure.series[1].simulated.size() == 2);
    CHECK(figure.series[1].simulated.back().verdict == "refuted");
    CHECK(figure.series[0].simulated.front().mean == inf); // no path has left
    CHECK(figure.series[0].simulated.front().censored == 20000);
}

TEST_CASE("Progress shows stage, share and time left, and never more than the terminal is wide")
{
    const Progressing at{"simulation", 0.25, "clip 0.5", 10};
    CHECK(time_left(at) == Approx(30));
    CHECK(time_left({"cell 1/2", 0.7, "", 10, 0.4}) == Approx(10)); // of a run that was resumed at 40 %
    CHECK(std::isnan(time_left({"cell 1/2", 0.7, "", 10, 0.7})));
    CHECK(std::isnan(time_left({"simulation", 0.001, "", 10})));
    CHECK(bar(at, 200) == "simulation  █████░░░░░░░░░░░░░░░   25 %  about 30 s left  clip 0.5");
    CHECK(plain_line(at) == "simulation: 25 %, clip 0.5, about 30 s left");
    CHECK(plots::letters(bar(at, 40)) == 40);
}

TEST_CASE("The report as Markdown says what the page says, and text of the spec is text in it, too")
{
    const model::Spec spec = two_clips("A | title\n# not a head <b>");
    const theory::Setting setting(spec);
    const auto v = record(spec, setting, validation::Verdict::refuted);
    const std::string text =
        report_markdown({.spec = spec,
                         .landscape = setting.landscape,
                         .verification = v,
                         .pictures = {{"one", "", ""}},
                         .origin = {.command = "./exeunt verify by-hand", .seconds = 61, .machine = "2 cores, avx2"}});
    CHECK(text.starts_with("## A \\| title \\# not a head \\<b\\>: refuted\n"));
    CHECK_THAT(text, Contains("* **refuted** the claim: ") && Contains("a reason with \\<marks\\>"));
    CHECK_THAT(text, Contains("| clip | η | well |") && Contains("| --: |") && Contains("| **refuted** |"));
    CHECK_THAT(text,
               Contains("![one](one.png)") && Contains("* wall time: 61 s") && Contains("* machine: 2 cores, avx2"));
    CHECK_THAT(text, Contains("```sh\n./exeunt verify by-hand\n```"));
}

TEST_CASE("Claims come refuted, inconclusive, confirmed, and the picture of an interval is cut where its scale ends")
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    auto v = record(spec, setting, validation::Verdict::refuted);
    v.hypotheses.front().verdict = validation::Verdict::inconclusive;
    const std::string html = report_html({.spec = spec, .landscape = setting.landscape, .verification = v});
    const auto first = [&](const char* verdict) { return html.find(fmt::format("data-verdict=\"{}\"", verdict)); };
    CHECK(first("refuted") < first("inconclusive"));
    CHECK(first("inconclusive") < first("confirmed"));
    CHECK(first("confirmed") < html.size());

    validation::Hypothesis h = v.hypotheses.back();
    h.expected = 100, h.estimate = 105, h.lower = 95, h.upper = inf;
    const std::string svg = interval_svg(h, 0.05); // 0 at 68, one effect is 20
    CHECK_THAT(svg, Contains("cx=\"88.0\"") && Contains("M47.0 16H128.0"));
    h.expected = 0, h.estimate = 0.05, h.lower = 0, h.upper = 0.1;
    CHECK_THAT(interval_svg(h, 0.05), Contains("cx=\"88.0\"") && Contains("M68.0 16H108.0"));
    h.lower = h.upper = std::nan("");
    CHECK_THAT(interval_svg(h, 0.05), !Contains("nan") && !Contains("class=\"found\" stroke"));
}

TEST_CASE("The command of a report asks for the same run, whatever its values hold")
{
    const Request plain = parse({"verify", "wang2022", "--seed", "7", "--set", "verify.budget=10min"});
    CHECK(command_line(plain) == "./exeunt verify wang2022 --set verify.budget=10min --set verify.seed=7");
    const Request gate = parse({"verify", "wang2022", "--profile", "gate", "--whole-line"});
    CHECK(command_line(gate) == "./exeunt verify wang2022 --profile gate --whole-line");
    const Request odd = parse({"verify", "--potential", "x^4 - 2*x^2", "--set", "title=it's; rm -rf *"});
    CHECK(command_line(odd) == "./exeunt verify --potential 'x^4 - 2*x^2' --set 'title=it'\\''s; rm -rf *'");
}
