#include "cli/options.hpp"
#include "refused.hpp"
#include "theory/predict.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

constexpr const char* quick = "--potential 'x^4/4 - x^2/2 + 0.1*x' --set potential.domain=-2.5,2.5 "
                              "--set dynamics.clip=0.7 --set dynamics.learning_rate=0.05";

/// Refused in a folder that holds this spec.
void refused(const std::string& arguments, const std::string& words, int status = 2,
             const std::string& spec = "name = \"mine\"\n[potential]\nexpression = \"x^4/4 - x^2/2\"\n")
{
    const Scratch folder;
    folder.write("mine.toml", spec);
    exeunt::cli::tests::refused(folder, arguments, words, status);
}

}

TEST_CASE("An unknown command or option is one line with what was probably meant, status 2")
{
    refused("verfy wang2022", "verfy: no such command; did you mean 'verify'?");
    refused("fly wang2022",
            "there is: predict, exact, plan, simulate, verify, explain, calibrate, mutants, figures, constants, init");
    refused("predict wang2022 --jsn", "--jsn: no such option; did you mean '--json'?");
    refused("--jsn predict wang2022", "did you mean '--json'?");
    refused("predict wang2022 other", "one SPEC is enough");
    refused("--json", "a command is missing");
    refused("predict wang2022 --json=1", "--json: takes no value");
    refused("predict wang2022 --seed", "--seed: needs a value");
    refused("predict wang2022 --seed x", "--seed x: must be a whole number");
    refused("predict wang2022 --seed=-1", "must be a whole number from 0");
    refused("predict wang2022 --threads 0", "--threads 0: must be a whole number from 1");
}

TEST_CASE("What the contract names and this version lacks says so, and test names the launcher")
{
    refused("plan wang2022 --json --whatever", "--whatever: no such option; --help lists the ones there are");
    refused("plan wang2022 --cores 0", "--cores 0: must be a whole number from 1 to 10000000");
    refused("test -R theory", "./exeunt test");
}

TEST_CASE("Without a clamp a sign change of f' beyond the domain is a note, one line, unless --quiet")
{
    const Scratch folder;
    const std::string cosines = "--potential '-cos(2*pi*x)/8' --set potential.domain=-1.2,1.4 "
                                "--set dynamics.clip=0.3 --set dynamics.learning_rate=0.05 ";
    const std::string last_well = "--potential 'x^2*(x-1)^2*(x-2)^2' --set potential.domain=-0.5,1.2 "
                                  "--set dynamics.clip=0.3 --set dynamics.learning_rate=0.05 ";
    for (const std::string command : {"predict ", "exact ", "simulate --replicas 3 "}) {
        const Answer one = call(command + last_well, folder.path);
        INFO(command << one.err);
        CHECK(one.status == (command == "exact " ? 4 : 0)); // well 2 has the well at 2 in it, and no states there
        CHECK_THAT(one.err, Contains("exeunt: beyond the domain f' changes sign, at x = 1.57735: ") &&
                                Contains("widen potential.domain or set potential.clamp = true"));
        const Answer two = call(command + cosines, folder.path);
        CHECK_THAT(two.err, Contains("at x = -1.5: ") && Contains("at x = 1.5: "));
        CHECK_THAT(call(command + last_well + "--quiet", folder.path).err, !Contains("changes sign"));
        CHECK_THAT(call(command + last_well + "--set potential.clamp=true", folder.path).err,
                   !Contains("changes sign"));
    }
}

TEST_CASE("A wrong spec is one line with file, line and key, status 2, for every command")
{
    for (const std::string command : {"predict", "exact", "simulate", "verify", "figures"}) {
        refused(command, command + " needs a SPEC");
        refused(command + " ./nowhere.toml", "there is no such file");
        refused(command + " wang2023", "did you mean 'wang2022'?");
        refused(command + " mine.toml", "mine.toml:4: [noise]: unknown key 'alhpa'; did you mean 'alpha'?", 2,
                "[potential]\nexpression = \"x^4/4 - x^2/2\"\n[noise]\nalhpa = 1.2\n");
    }
}

TEST_CASE("TOML syntax, ranges and overrides are checked before anything is written")
{
    for (const std::string command : {"predict ", "verify "}) {
        refused(command + "mine.toml", "mine.toml:2:", 2, "[potential]\nexpression = x^2\n");
        refused(command + "mine.toml --set dynamics.clip=0", "--set dynamics.clip");
        refused(command + "mine.toml --set dynamics.clip=-1", "--set dynamics.clip");
        refused(command + "mine.toml --set noise.alpha=1", "--set noise.alpha = 1: must be a finite number > 1");
        refused(command + "mine.toml --set foo", "must be key=value");
        refused(command + "mine.toml --set dynamics.clp=1", "did you mean 'dynamics.clip'?");
        refused(command + "mine.toml --potential x^2", "exclude each other");
        refused(command + "--potential x^2", "one well only");
        refused(command + "--potential 'x^4 - y'", "y");
    }
}

TEST_CASE("A clip that divides a radius is refused, with the well and a way out, and no folder is left")
{
    const Scratch folder;
    const Answer answer = call("predict wang2022 --json", folder.path);
    REQUIRE(answer.status == 0);
    const auto json = nlohmann::json::parse(answer.out);
    const double radius = json.at("predictions").at(0).at("wells").at(1).at("radius").get<double>();
    for (const std::string command : {"predict", "exact", "verify", "figures"})
        refused(fmt::format("{} wang2022 --quiet --set dynamics.clip={}", command, radius / 2), "well 2");
}

TEST_CASE("An --out that cannot be written is one line, status 2")
{
    for (const std::string command : {"simulate", "verify", "figures --only landscape"}) {
        refused(fmt::format("{} {} --out mine.toml", command, quick), "cannot write to the folder mine.toml");
        refused(fmt::format("{} {} --out mine.toml/deep", command, quick), "cannot write to the folder mine.toml/deep");
        refused(fmt::format("{} {} --out /dev/full", command, quick), "cannot write to the folder /dev/full");
        refused(fmt::format("{} {} --out /proc/exeunt", command, quick), "cannot write to the folder /proc/exeunt");
    }
    refused(fmt::format("figures {} --only lndscape", quick), "--only lndscape: no such figure; there is: landscape");
}

TEST_CASE("Standard output that takes nothing is an error, a closed pipe is not")
{
    const std::string predict = fmt::format("predict {}", quick);
    for (const std::string place : {">/dev/full", ">&-"}) {
        const Scratch folder;
        const Answer answer = call(predict + " " + place, folder.path);
        INFO(place << answer.err);
        CHECK(answer.status == 2);
        CHECK(answer.one_line());
        CHECK_THAT(answer.err, Contains("cannot write to standard output"));
        CHECK(folder.names().empty());
    }
    const Scratch folder;
    CHECK(call("predict wang2022; echo status $? >&2; } | { true", folder.path).err == "status 0\n");
    CHECK(call("predict wang2022 >/dev/full 2>&-", folder.path).status == 2);
}

TEST_CASE("Help and version go to standard output, status 0")
{
    const Scratch folder;
    for (const std::string arguments :
         {"", "--help", "predict --help", "exact -h", "simulate --help", "verify --help", "figures --help"}) {
        const Answer answer = call(arguments, folder.path);
        INFO(arguments);
        CHECK(answer.status == 0);
        CHECK(answer.err.empty());
        CHECK_THAT(answer.out, Contains("Usage: exeunt ") && Contains("Examples:") && Contains("--set KEY=VALUE"));
    }
    const Answer answer = call("--version", folder.path);
    CHECK(answer.status == 0);
    CHECK(answer.out.starts_with("exeunt "));
}

TEST_CASE("predict writes no file, and its JSON alone to standard output")
{
    const Scratch folder;
    const Answer answer = call(fmt::format("predict {} --json --out here", quick), folder.path);
    CHECK(answer.status == 0);
    CHECK(answer.err.empty());
    CHECK(nlohmann::json::parse(answer.out).at("name") == "custom");
    CHECK(folder.names().empty());
    const std::string text = call("predict wang2022", folder.path).out;
    CHECK(call("predict " EXEUNT_SOURCE_DIR "/specs/wang2022.toml", folder.path).out == text);
    CHECK(call("predict -- wang2022", folder.path).out == text);
}

TEST_CASE("exact prints the same cells as JSON on one thread and on two")
{
    const Scratch folder;
    const Answer one = call(fmt::format("exact {} --json --quiet --threads 1", quick), folder.path);
    const Answer two = call(fmt::format("exact {} --json --quiet --threads 2", quick), folder.path);
    CHECK(one.status == 0);
    CHECK(one.err.empty());
    CHECK(one.out == two.out);
    const auto json = nlohmann::json::parse(one.out);
    REQUIRE(json.at("cells").size() == 2);
    const auto& cell = json.at("cells").at(1);
    CHECK(cell.at("well") == 2);
    CHECK(cell.at("ratio").get<double>() ==
          cell.at("mean_exit_time").get<double>() / cell.at("limit").at("mean_exit_time").get<double>());
}

TEST_CASE("exact --law and --ladder add to the same cells, and a ladder needs a heavy tail")
{
    const Scratch folder;
    const std::string spec = fmt::format("{} --set verify.ladder=0.02,0.01,0.005", quick);
    const Answer all = call(fmt::format("exact {} --law --ladder --json --quiet", spec), folder.path);
    INFO(all.err);
    REQUIRE(all.status == 0);
    auto json = nlohmann::json::parse(all.out);
    CHECK(json.at("ladders").size() == 2);
    CHECK(json.at("hypotheses").size() == 11); // 8 of the exits, no slope from three rungs; 3 of the whole line
    for (auto& cell : json.at("cells")) {
        CHECK(cell.at("law").at("quantiles").size() == 8);
        const double rate = cell.at("law").at("quasi_stationary_rate");
        CHECK(std::abs(rate * cell.at("mean_exit_time").get<double>() - 1) < 0.2);
        double before = 1;
        for (const auto& point : cell.at("law").at("survival")) {
            CHECK(point.at("probability").get<double>() <= before);
            before = point.at("probability");
        }
        CHECK(before < 1e-4);
        const auto& settled = cell.at("law").at("quasi_stationary");
        double mass = settled.at("below").get<double>() + settled.at("above").get<double>();
        for (const double p : settled.at("probabilities")) mass += p;
        CHECK(std::abs(mass - 1) <= 1e-10);
        CHECK(settled.at("edges").size() == settled.at("probabilities").size() + 1);
        CHECK(settled.at("total_variation_error").get<double>() <= 1e-3);
        cell.erase("law");
    }
    const auto plain = nlohmann::json::parse(call(fmt::format("exact {} --json --quiet", spec), folder.path).out);
    CHECK(plain.at("cells") == json.at("cells"));
    CHECK_FALSE(plain.contains("ladders"));
    const Answer gaussian = call("exact gaussian --ladder --quiet", folder.path);
    CHECK(gaussian.status == 2);
    CHECK_THAT(gaussian.err, Contains("no heavy tail"));
    CHECK(call(fmt::format("verify {} --ladder", quick), folder.path).status == 2); // an option of exact alone
}

TEST_CASE(
    "An interrupted command says so on one line, status 130, and leaves nothing, even when the signal comes twice")
{
    const Scratch folder;
    std::string etas = "0.05";
    for (int k = 1; k < 256; ++k) etas += fmt::format(",{}", 0.05 * std::pow(0.96, k)); // minutes of work
    for (const std::string signal : {"INT", "TERM"}) {
        // to the process, and again by a wrapper that signals its group: 0.1 s is an echo
        const Answer answer = call(
            fmt::format("exact {} --set dynamics.learning_rate={} --set dynamics.clip=0.4,0.3 --quiet", quick, etas),
            folder.path,
            fmt::format("bash -c '\"$0\" \"$@\" & p=$!; sleep 1; kill -{0} $p; sleep 0.1; kill -{0} $p 2>/dev/null; "
                        "wait $p'",
                        signal));
        INFO(answer.err);
        CHECK(answer.status == 130);
        CHECK(answer.err == "exeunt: interrupted\n");
        CHECK(answer.out.empty());
    }
    CHECK(folder.names().empty());
}

TEST_CASE("figures --only landscape needs no simulation and lists the files it wrote")
{
    const Scratch folder;
    const Answer answer = call(fmt::format("figures {} --only landscape", quick), folder.path);
    INFO(answer.err);
    CHECK(answer.status == 0);
    CHECK(answer.err.empty());
    std::string listed;
    for (const std::string ending : {"csv", "gp", "txt", "png", "svg"}) {
        CHECK(fs::exists(folder.path / "results/custom" / ("landscape." + ending)));
        listed += "results/custom/landscape." + ending + "\n";
    }
    CHECK(answer.out == listed);
    CHECK(folder.names().size() == 7);
}

TEST_CASE("figures draws in the formats and the theme asked for, and those without a record from the spec alone")
{
    const Scratch folder;
    const Answer answer =
        call(fmt::format("figures {} --only transition-graph --only phase-diagram --format pdf,svg,pdf "
                         "--theme dark --out here",
                         quick),
             folder.path);
    INFO(answer.err);
    CHECK(answer.status == 0);
    CHECK(answer.err.empty());
    std::string listed;
    for (const std::string name : {"phase-diagram", "transition-graph"})
        for (const std::string ending : {"csv", "gp", "txt", "pdf", "svg"})
            listed += "here/" + name + "." + ending + "\n";
    CHECK(answer.out == listed);
    CHECK_THAT(bytes(folder.path / "here/phase-diagram.svg"), Contains("#15171a"));
    refused(fmt::format("figures {} --format jpg", quick), "there is no figure format 'jpg': use png, svg or pdf");
    refused(fmt::format("figures {} --format ''", quick), "use png, svg or pdf");
    refused(fmt::format("figures {} --theme neon", quick), "there is no theme 'neon': use paper, slides or dark");
    refused(fmt::format("verify {} --theme dark", quick), "--theme: no such option");
}

TEST_CASE("verify prints what it stores, its status says the verdict, and figures draws from what it stored")
{
    const Scratch folder;
    const std::string spec = fmt::format(
        "{} --set verify.effect=0.2 --set verify.budget=20s --set verify.ladder=0.02,0.01,0.005 --out here", quick);
    const Answer verified = call(fmt::format("verify {} --json --quiet", spec), folder.path);
    INFO(verified.err);
    CHECK(verified.err.empty());
    const auto json = nlohmann::json::parse(verified.out);
    const std::string verdict = json.at("verdict");
    CHECK(verified.status == (verdict == "confirmed" ? 0 : verdict == "refuted" ? 1 : 3));
    CHECK(json.at("report") == "here/report.html");
    CHECK(bytes(folder.path / "here/verify.json") == verified.out);
    CHECK_THAT(bytes(folder.path / "here/report.html"), Contains("<svg") && Contains("</html>"));
    for (const std::string name :
         {"landscape", "phase-diagram", "transition-graph", "convergence", "exit-times", "exit-times-well-2"})
        for (const std::string ending : {".csv", ".gp", ".txt", ".png", ".svg"})
            CHECK(fs::exists(folder.path / "here" / (name + ending)));
    CHECK_THAT(bytes(folder.path / "here/report.md"),
               Contains("./exeunt verify") && Contains("![exit-times](exit-times.png)"));
    CHECK(folder.names().size() == 1 + 5 + 6 * 5);
    CHECK(fs::exists(folder.path / "here/campaign.db"));

    const std::string drawn = bytes(folder.path / "here/exit-times.csv");
    fs::remove(folder.path / "here/exit-times.csv");
    const Answer figures = call(fmt::format("figures {} --only exit-times --json", spec), folder.path);
    CHECK(figures.status == 0);
    CHECK(figures.err == "exeunt: drawing from here/verify.json\n");
    CHECK(nlohmann::json::parse(figures.out).at("figures").at(0).at("name") == "exit-times");
    CHECK(bytes(folder.path / "here/exit-times.csv") == drawn);
}

TEST_CASE("The option --profile takes a known name, where there is one to take, and the report's command repeats it")
{
    const Scratch folder;
    const Answer wrong = call("verify wang2022 --profile nightly", folder.path);
    CHECK(wrong.status == 2);
    CHECK(wrong.err == "exeunt: --profile nightly: there is standard, gate and campaign\n");
    CHECK(call("predict wang2022 --profile gate", folder.path).status == 2);
    const Answer campaign = call("plan double-well --profile campaign --set verify.effect=0.2 --set "
                                 "dynamics.learning_rate=0.05 --json --quiet",
                                 folder.path);
    REQUIRE(campaign.status == 0);
    const nlohmann::json json = nlohmann::json::parse(campaign.out);
    CHECK(json.at("budget").is_null());
    CHECK(json.at("effect") == 0.2); // --set wins
    CHECK_FALSE(std::filesystem::exists(folder.path / "results"));
    CHECK(exeunt::cli::command_line(exeunt::cli::parse({"verify", "wang2022", "--profile", "gate", "--seed", "7"})) ==
          "./exeunt verify wang2022 --profile gate --set verify.seed=7");
    const Answer gate = call("verify double-well --profile gate --set verify.effect=0.2 --quiet --json", folder.path);
    CHECK(gate.status == 0);
    const nlohmann::json record = nlohmann::json::parse(gate.out);
    CHECK(record.at("verdict") == "confirmed");
    CHECK(record.at("cells").size() <= 3);
}
