// The report as a browser shows it: headless Chromium runs the page with a script that uses it as a reader would, and
// prints what it then holds. Without Chromium the cases are not built.
#ifdef EXEUNT_CHROMIUM

#include "cli/figures.hpp"
#include "cli/report.hpp"
#include "plots/exit_times.hpp"
#include "plots/phase_diagram.hpp"
#include "program.hpp"
#include "record.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace exeunt;
using namespace exeunt::cli;
using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

/// A page with a phase diagram and exit times, as verify makes it.
std::string page(const fs::path& folder)
{
    const model::Spec spec = two_clips();
    const theory::Setting setting(spec);
    const auto v = record(spec, setting, validation::Verdict::refuted);
    plots::Output output;
    output.folder = folder;
    output.formats = {plots::Format::svg};
    plots::draw_phase_diagram(phase_diagram_figure(spec, setting, 1, {}), output);
    plots::draw_exit_times(exit_times_figure(spec, v.predictions, v, 1), output);
    const auto picture = [&](const std::string& name, const char* data) {
        return Picture{name, bytes(folder / (name + ".svg")), bytes(folder / (name + ".txt")),
                       *data ? bytes(folder / (name + data)) : ""};
    };
    const std::string exit_times = exit_times_name(v.predictions, 1);
    return report_html({.spec = spec,
                        .landscape = setting.landscape,
                        .verification = v,
                        .pictures = {picture("phase-diagram", ".csv"), picture(exit_times, "")},
                        .origin = {.command = "./exeunt verify by-hand"}});
}

/// Runs the page with a script after its own, whose value, JSON, is returned. Nothing but the page can be reached.
nlohmann::json ask(const std::string& html, const std::string& script, const std::string& flags = "")
{
    const Scratch folder;
    const std::string watch = "<head><script>window.failures = []; "
                              "addEventListener('error', event => failures.push(event.message), true);</script>";
    const std::string answer =
        "<script>{ const value = (() => {" + script +
        "})(); const out = document.createElement('pre'); out.id = 'answer'; "
        "out.textContent = JSON.stringify(value); document.body.replaceChildren(out); }</script></body>";
    std::ofstream(folder.path / "page.html")
        << boost::replace_first_copy(boost::replace_first_copy(html, "<head>", watch), "</body>", answer);
    const std::string command =
        fmt::format("timeout 100 '{}' --headless --no-sandbox --disable-gpu --user-data-dir='{}/profile' {} --dump-dom "
                    "'file://{}/page.html' >'{}/out' 2>/dev/null",
                    EXEUNT_CHROMIUM, folder.path.string(), flags, folder.path.string(), folder.path.string());
    REQUIRE(std::system(command.c_str()) == 0);
    std::string text = bytes(folder.path / "out");
    const std::string head = "<pre id=\"answer\">";
    const auto begin = text.find(head);
    REQUIRE(begin != std::string::npos);
    text = text.substr(begin + head.size(), text.find("</pre>", begin) - begin - head.size());
    for (const auto& [entity, sign] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
        boost::replace_all(text, entity, sign);
    return nlohmann::json::parse(text);
}

}

TEST_CASE("Report in a browser: no error, no request, and refuted claims come first and open")
{
    const Scratch folder;
    const auto seen = ask(page(folder.path), R"(
        const claims = [...document.querySelectorAll('.claim')];
        return { failures, requests: performance.getEntriesByType('resource').map(entry => entry.name),
                 first: claims[0].dataset.verdict, seen: claims[0].getBoundingClientRect().height > 20,
                 folded: claims.at(-1).dataset.verdict,
                 links: [...document.querySelectorAll('a')].every(a => document.querySelector(a.getAttribute('href'))),
                 unnamed: [...document.querySelectorAll('input, select')].filter(field => !field.labels.length).length };)");
    CHECK(seen.at("failures").empty());
    CHECK(seen.at("requests").empty());
    CHECK(seen.at("first") == "refuted");
    CHECK(seen.at("seen") == true);
    CHECK(seen.at("folded") == "confirmed");
    CHECK(seen.at("links") == true);
    CHECK(seen.at("unnamed") == 0);
}

TEST_CASE("Report in a browser: the filter leaves the claims of a well and threshold, and opens the confirmed ones")
{
    const Scratch folder;
    const auto seen = ask(page(folder.path), R"(
        const form = document.querySelector('.filter');
        const all = document.querySelectorAll('.claim').length;
        form.elements.well.value = '2';
        form.elements.clip.value = 'inf';
        form.dispatchEvent(new Event('input'));
        const left = [...document.querySelectorAll('.claim')].filter(claim => claim.getBoundingClientRect().height > 0);
        return { offered: !form.hidden, verdicts: form.elements.verdict.options.length, all, left: left.length,
                 right: left.every(claim => claim.id.includes('clip=inf') && claim.id.endsWith('well=2')),
                 says: form.querySelector('output').textContent };)");
    CHECK(seen.at("offered") == true);
    CHECK(seen.at("verdicts") == 3); // all, refuted, confirmed
    CHECK(seen.at("all") == 22);
    CHECK(seen.at("left") == 6); // mean and split at two learning rates, two limits
    CHECK(seen.at("right") == true);
    CHECK(seen.at("says") == "6 of 22 claims");
}

TEST_CASE("Report in a browser: dark and print have styles of their own, and print shows every claim")
{
    const Scratch folder;
    const std::string html = page(folder.path);
    const std::string ground = "const ground = getComputedStyle(document.body).backgroundColor;";
    CHECK(ask(html, ground + "return ground;") == "rgb(255, 255, 255)");
    CHECK(ask(html, ground + "return ground;", "--blink-settings=preferredColorScheme=0") == "rgb(25, 25, 24)");
    const auto printed = ask(html, R"(
        dispatchEvent(new Event('beforeprint'));
        const open = [...document.querySelectorAll('details')].every(details => details.open);
        dispatchEvent(new Event('afterprint'));
        const rules = [...document.styleSheets[0].cssRules].filter(rule => rule.media?.mediaText === 'print');
        return { open, closed: document.querySelectorAll('details:not([open])').length, rules: rules.length };)");
    CHECK(printed.at("open") == true);
    CHECK(printed.at("closed") == 1);
    CHECK(printed.at("rules") == 1);
}

TEST_CASE("Report in a browser: a point says its numbers, and the slider over b names each well's l* and q")
{
    const Scratch folder;
    const auto seen = ask(page(folder.path), R"(
        const point = document.querySelector('figure[id^=exit-times] .spoken');
        point.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
        const said = document.querySelector('.said');
        const spoken = said.hidden ? '' : said.textContent;
        document.body.dispatchEvent(new PointerEvent('pointerover', {bubbles: true}));
        const slider = document.querySelector('.slider input');
        const at = value => {
          slider.value = value;
          slider.dispatchEvent(new Event('input'));
          return { text: document.querySelector('.slider output').textContent,
                   x: Number(document.querySelector('#phase-diagram svg > line').getAttribute('x1')) };
        };
        return { spoken, gone: said.hidden, low: at(10), high: at(990) };)");
    CHECK_THAT(seen.at("spoken"), Contains("b = ") && Contains("η = ") && Contains("steps"));
    CHECK(seen.at("gone") == true);
    for (const char* const end : {"low", "high"})
        CHECK_THAT(seen.at(end).at("text"), Contains("well 1: l* = ") && Contains("well 2: l* = ") && Contains("q ≈ "));
    CHECK_THAT(seen.at("high").at("text"), Contains("well 1: l* = 1"));
    CHECK_THAT(seen.at("low").at("text"), !Contains("well 1: l* = 1"));
    CHECK(seen.at("low").at("x") > 40); // right of the axis, which is 0.56 in from the edge
    CHECK(seen.at("high").at("x") > seen.at("low").at("x"));
    CHECK(seen.at("high").at("x") < 326.4); // the width of the picture
}

#endif
