#include "model/error.hpp"
#include "model/spec.hpp"
#include "tests/complaint.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <set>

using namespace exeunt;
using namespace exeunt::model;

namespace
{

const double inf = std::numeric_limits<double>::infinity();
const std::filesystem::path shipped = std::filesystem::path(EXEUNT_SOURCE_DIR) / "specs";

/// The complaint about a spec text named a.toml.
std::string complaint_about(const std::string& text, const Overrides& overrides = {})
{
    const std::string out = complaint([&] { parse_spec(text, "a.toml", overrides); });
    CHECK(out.find('\n') == std::string::npos);
    return out;
}

/// The complaint about one key of a section, beside a good potential.
std::string about(const std::string& section, const std::string& line)
{
    return complaint_about("[potential]\nexpression = \"x^4 - x^2\"\n[" + section + "]\n" + line + "\n");
}
/// The complaint about one more key of [potential].
std::string about_potential(const std::string& line)
{
    return complaint_about("[potential]\nexpression = \"x^4 - x^2\"\n" + line + "\n");
}

Spec overridden(const Overrides& overrides) { return load_spec("wang2022", overrides, shipped); }

}

TEST_CASE("Spec wang2022 ships and says what the paper's experiments use (section 8)")
{
    const Spec s = load_spec("wang2022", {}, shipped);
    CHECK(s.name == "wang2022");
    CHECK(s.potential.builtin == "wang2022");
    CHECK(s.potential.expression.empty());
    CHECK(s.potential.domain.lo == -1.6);
    CHECK(s.potential.domain.hi == 1.6);
    CHECK(s.potential.domain.clamp);
    CHECK(s.noise.law == "lomax");
    CHECK(s.noise.alpha == 1.2);
    CHECK(s.noise.scale == 0.1);
    CHECK(s.noise.p_plus == 0.5);
    CHECK(s.dynamics.clip == std::vector<double>{0.5, 0.28, inf});
    CHECK(s.dynamics.learning_rate == std::vector<double>{0.05, 0.02, 0.01});
    CHECK(s.dynamics.diffusion == "1");
    CHECK(s.verify.false_alarm == 1e-3);
    CHECK(s.verify.effect == 0.05);
    CHECK(s.verify.power == 0.99);
    CHECK(s.verify.budget == 60);
    CHECK(s.verify.seed == 2022);
    CHECK(s.verify.ladder.empty());
    CHECK(landscape(s).wells() == 4);
    CHECK(noise(s)->tail_index() == 1.2);
    CHECK(diffusion(s).is_constant());
    CHECK(model::model(s, 0.5, 0.01).b == 0.5);
    CHECK(load_spec((shipped / "wang2022.toml").string(), {}, "nowhere").name == "wang2022");
    CHECK(shipped_specs(shipped).size() >= 1);
    CHECK(shipped_specs("nowhere").empty());
}

TEST_CASE("Spec: every shipped spec can be read and has a landscape")
{
    for (const auto& name : shipped_specs(shipped)) {
        const Spec s = load_spec(name, {}, shipped);
        CHECK(s.name == name);
        CHECK(landscape(s).wells() >= 2);
        CHECK(diffusion(s).value(landscape(s).minima()[0]) > 0);
    }
}

TEST_CASE("Spec defaults are those of the header")
{
    const Spec s = default_spec("x^4/4 - x^2/2");
    CHECK(s.name == "custom");
    CHECK(s.title == "custom");
    CHECK(s.source == "--potential");
    CHECK(s.potential.domain.lo == -5);
    CHECK(s.potential.domain.hi == 5);
    CHECK_FALSE(s.potential.domain.clamp);
    CHECK(s.noise.alpha == 1.2);
    CHECK(s.dynamics.clip == std::vector<double>{0.7, inf});
    CHECK_FALSE(s.verify.budget.has_value());
    CHECK(landscape(s).wells() == 2);
    const Spec built_in = parse_spec("[potential]\nbuiltin = \"wang2022\"", "dir/my spec.toml");
    CHECK(built_in.potential.domain.hi == 1.6);
    CHECK(built_in.potential.domain.clamp);
    CHECK(built_in.name == "my_spec");
}

TEST_CASE("Spec: the contract's example is read as written")
{
    const Spec s = parse_spec(R"(
name  = "double-well"
title = "Asymmetric quartic double well"
[potential]
expression = "x^4/4 - x^2/2 + tilt*x"
parameters = { tilt = 0.1 }
domain     = [-2.5, 2.5]
clamp      = false
[noise]
law    = "lomax"
alpha  = 1.2
scale  = 1
p_plus = 0.5
[dynamics]
clip          = 0.5
learning_rate = 0.05
diffusion     = "1 + tilt*x^2"
[verify]
budget = "5 min"
ladder = [0.1, 0.05, 0.02]
)",
                              "a.toml");
    CHECK(s.potential.parameters == std::map<std::string, double>{{"tilt", 0.1}});
    CHECK(s.noise.scale == 1);
    CHECK(s.dynamics.clip == std::vector<double>{0.5});
    CHECK(s.dynamics.learning_rate == std::vector<double>{0.05});
    CHECK(s.verify.budget == 300);
    CHECK(s.verify.ladder == std::vector<double>{0.1, 0.05, 0.02});
    CHECK(landscape(s).wells() == 2);
    CHECK(landscape(s).potential().gradient(0) == 0.1);
    CHECK(diffusion(s).curvature(0) == 0.2);
}

TEST_CASE("Overrides: dotted keys, TOML values, bare words, comma lists, the last one wins")
{
    CHECK(overridden({"dynamics.clip=0.4"}).dynamics.clip == std::vector<double>{0.4});
    CHECK(overridden({"dynamics.clip=[0.4, inf]"}).dynamics.clip == std::vector<double>{0.4, inf});
    CHECK(overridden({"dynamics.clip=0.4,inf"}).dynamics.clip == std::vector<double>{0.4, inf});
    CHECK(overridden({"dynamics.clip=0.4", "dynamics.clip=1"}).dynamics.clip == std::vector<double>{1});
    CHECK(overridden({"dynamics.clip=.5"}).dynamics.clip == std::vector<double>{0.5});
    CHECK(overridden({"verify.budget=2h"}).verify.budget == 7200);
    CHECK(overridden({"verify.budget=90"}).verify.budget == 90);
    CHECK_FALSE(overridden({"verify.budget=inf"}).verify.budget.has_value());
    CHECK(overridden({"verify.seed=7"}).verify.seed == 7);
    CHECK(overridden({"name=2022"}).name == "2022");
    CHECK(overridden({"title=two words"}).title == "two words");
    CHECK(overridden({"potential.clamp=false"}).potential.domain.clamp == false);
    CHECK(overridden({"dynamics.diffusion=1 + x^2"}).dynamics.diffusion == "1 + x^2");
    CHECK(overridden({"dynamics.diffusion=max(1, x)"}).dynamics.diffusion == "max(1, x)");
    CHECK(overridden({"dynamics.diffusion=2"}).dynamics.diffusion == "2");
    CHECK(default_spec("a*x^4 - x^2", {"potential.parameters.a=2"}).potential.parameters.at("a") == 2);
    CHECK(default_spec("a*x^4 - x^2", {"potential.parameters={a = 2}"}).potential.parameters.at("a") == 2);
    const Spec replaced = overridden({"potential.expression=x^4 - x^2"});
    CHECK(replaced.potential.builtin.empty());
    CHECK(replaced.potential.expression == "x^4 - x^2");
    CHECK(default_spec("x^4 - x^2", {"potential.builtin=wang2022"}).potential.builtin == "wang2022");
}

TEST_CASE("Errors of overrides name the override")
{
    const auto of = [](const std::string& text) { return complaint([&] { overridden({text}); }); };
    CHECK(of("dynamics.clip=-1") == "--set dynamics.clip = -1: must be > 0 (or inf)");
    CHECK(of("dynamics.clip=wide") == "--set dynamics.clip = \"wide\": must be a number");
    CHECK(of("dynamics.clpi=1") == "--set dynamics.clpi: unknown key 'dynamics.clpi'; did you mean 'dynamics.clip'?");
    CHECK_THAT(of("clip=1"), Catch::StartsWith("--set clip: unknown key 'clip'"));
    CHECK(of("clip") == "--set clip: must be key=value, for example --set dynamics.clip=0.5");
    CHECK(of("=1") == "--set =1: must be key=value, for example --set dynamics.clip=0.5");
    CHECK_THAT(of("dynamics=1"), Catch::StartsWith("--set dynamics: unknown key"));
    CHECK_THAT(of("..=1"), Catch::StartsWith("--set ..: unknown key"));
    CHECK_THAT(of("potential.parameters.=1"), Catch::Contains("cannot name a parameter"));
    CHECK_THAT(of("name=1\nverify.seed = 3"), Catch::StartsWith("--set name"));
    CHECK_THAT(of("dynamics.diffusion=sin(y)"), Catch::StartsWith("--set dynamics.diffusion: unknown name 'y'"));
    CHECK_THAT(complaint([] { default_spec("x^2 + y"); }),
               Catch::StartsWith("--potential: [potential] expression: unknown name 'y' at column 7"));
    CHECK_THAT(complaint([] {
                   overridden({"potential.expression=x^2", "potential.builtin=wang2022"});
               }),
               Catch::Contains("both expression and builtin"));
}

TEST_CASE("Errors of specs: file, line, section, key, value and what would be right")
{
    CHECK(about("dynamics", "clip = -0.5") == "a.toml:4: [dynamics] clip = -0.5: must be > 0 (or inf)");
    CHECK(about("dynamics", "clip = 0") == "a.toml:4: [dynamics] clip = 0: must be > 0 (or inf)");
    CHECK(about("dynamics", "clip = [0.5,\n -inf]") == "a.toml:5: [dynamics] clip = -inf: must be > 0 (or inf)");
    CHECK(about("dynamics", "clip = nan") == "a.toml:4: [dynamics] clip = nan: must be a number, not nan");
    CHECK(about("dynamics", "clip = \"a\"") == "a.toml:4: [dynamics] clip = \"a\": must be a number");
    CHECK(about("dynamics", "clip = true") == "a.toml:4: [dynamics] clip = true: must be a number");
    CHECK(about("dynamics", "clip = [[1]]") == "a.toml:4: [dynamics] clip = […]: must be a number");
    CHECK(about("dynamics", "clip = 1979-05-27") == "a.toml:4: [dynamics] clip = a date or time: must be a number");
    CHECK(about("dynamics", "clip = []") ==
          "a.toml:4: [dynamics] clip = []: the list is empty; give at least one number");
    CHECK(about("dynamics", "clip = [0.5, 1, 0.5]") == "a.toml:4: [dynamics] clip = 0.5: appears twice in the list");
    CHECK(about("dynamics", "clip = [inf, inf]") == "a.toml:4: [dynamics] clip = inf: appears twice in the list");
    CHECK(about("dynamics", "learning_rate = 0") ==
          "a.toml:4: [dynamics] learning_rate = 0: must be a finite number > 0");
    CHECK(about("dynamics", "learning_rate = inf") ==
          "a.toml:4: [dynamics] learning_rate = inf: must be a finite number > 0");
    CHECK_THAT(about("dynamics", "diffusion = \"sin(\""),
               Catch::StartsWith("a.toml:4: [dynamics] diffusion: unexpected end at column 5"));
    CHECK(about("dynamics", "diffusion = 0") == "a.toml:4: [dynamics] diffusion: σ = 0 must be > 0");
    CHECK(about("dynamics", "diffusion = true") == "a.toml:4: [dynamics] diffusion = true: must be a text in quotes");
    CHECK(about("noise", "alpha = 1") ==
          "a.toml:4: [noise] alpha = 1: must be a finite number > 1, or the noise has no mean");
    CHECK_THAT(about("noise", "alpha = inf"), Catch::StartsWith("a.toml:4: [noise] alpha = inf: must be"));
    CHECK(about("noise", "scale = 0") == "a.toml:4: [noise] scale = 0: must be a finite number > 0");
    CHECK(about("noise", "p_plus = 1.5") == "a.toml:4: [noise] p_plus = 1.5: must be between 0 and 1");
    CHECK_THAT(about("noise", "law = \"cauchy\""),
               Catch::StartsWith("a.toml:4: [noise] law: law 'cauchy' does not exist; there is: lomax, pareto, "));
    CHECK_THAT(about("noise", "law = \"stable\"\nalpha = 2.5"),
               Catch::StartsWith("a.toml:5: [noise] alpha: alpha = 2.5: a stable law has alpha < 2"));
    CHECK(about("noise", "law = \"gaussian\"\nalpha = 1.2") ==
          "a.toml:5: [noise] alpha: law 'gaussian' has no tail index: remove alpha = 1.2");
    CHECK(about("noise", "law = \"gaussian\"\np_plus = 0.7") ==
          "a.toml:5: [noise] p_plus: law 'gaussian' is symmetric: p_plus = 0.7 must be 0.5");
    CHECK(about("noise", "law = 3") == "a.toml:4: [noise] law = 3: must be a text in quotes");
    for (const std::string key : {"false_alarm", "effect", "power"})
        for (const std::string bad : {"0", "1", "-0.1", "inf"})
            CHECK(about("verify", key + " = " + bad) ==
                  fmt::format("a.toml:4: [verify] {} = {}: must be between 0 and 1, both excluded", key, bad));
    CHECK_THAT(about("verify", "budget = \"60 parsecs\""), Catch::Contains("\"60s\", \"5min\", \"2h\""));
    CHECK_THAT(about("verify", "budget = \"s\""), Catch::Contains("must be a time"));
    CHECK(about("verify", "budget = 0") == "a.toml:4: [verify] budget = 0: must be > 0 seconds");
    CHECK(about("verify", "budget = \"-1s\"") == "a.toml:4: [verify] budget = \"-1s\": must be > 0 seconds");
    CHECK(about("verify", "budget = \"nans\"") == "a.toml:4: [verify] budget = \"nans\": must be > 0 seconds");
    CHECK(about("verify", "budget = true") == "a.toml:4: [verify] budget = true: must be a number");
    CHECK(about("verify", "seed = -1") == "a.toml:4: [verify] seed = -1: must be a whole number ≥ 0");
    CHECK(about("verify", "seed = 1.5") == "a.toml:4: [verify] seed = 1.5: must be a whole number ≥ 0");
    CHECK_THAT(about("verify", "ladder = [0.1, 0]"), Catch::Contains("[verify] ladder = 0: must be a finite number"));
    CHECK(about("verify", "ladder = [0.1, 0.01]") ==
          "a.toml:4: [verify] ladder = […]: needs three different learning rates or more");
}

TEST_CASE("Errors of [potential]")
{
    CHECK(complaint_about("") == "a.toml: [potential] needs expression = \"…\" or builtin = \"wang2022\"");
    CHECK_THAT(about_potential("builtin = \"wang2022\""),
               Catch::StartsWith("a.toml:3: [potential] has both expression and builtin"));
    CHECK(complaint_about("[potential]\nbuiltin = \"wang\"") ==
          "a.toml:2: [potential] builtin: there is no built-in potential \"wang\"; there is: wang2022");
    CHECK_THAT(complaint_about("[potential]\nexpression = \"x^2 + y\""),
               Catch::StartsWith("a.toml:2: [potential] expression: unknown name 'y' at column 7 of \"x^2 + ▸y\""));
    CHECK(complaint_about("[potential]\nexpression = \"1 + 2\"") ==
          "a.toml:2: [potential] expression: the potential does not depend on x");
    CHECK(complaint_about("[potential]\nexpression = 5") ==
          "a.toml:2: [potential] expression: the potential does not depend on x");
    CHECK(about_potential("domain = [1, -1]") ==
          "a.toml:3: [potential] domain = [1, -1]: must be two finite numbers in increasing order");
    CHECK_THAT(about_potential("domain = [0, inf]"), Catch::Contains("[0, inf]: must be two finite numbers"));
    CHECK_THAT(about_potential("domain = [0]"), Catch::Contains("must be two numbers"));
    CHECK_THAT(about_potential("domain = 3"), Catch::Contains("must be two numbers"));
    CHECK_THAT(about_potential("domain = [0, \"a\"]"), Catch::Contains("domain = \"a\": must be a number"));
    CHECK(about_potential("clamp = 1") == "a.toml:3: [potential] clamp = 1: must be true or false");
    CHECK_THAT(about_potential("parameters = 3"), Catch::Contains("must be a table, for example { tilt = 0.1 }"));
    CHECK(about_potential("parameters = { a = \"b\" }") ==
          "a.toml:3: [potential] parameters.a = \"b\": must be a number");
    CHECK(about_potential("parameters = { a = inf }") == "a.toml:3: [potential] parameters.a = inf: must be finite");
    CHECK(about_potential("parameters = { x = 1 }") ==
          "a.toml:3: [potential] parameters.x: parameter 'x' hides the variable of that name: choose another");
    CHECK_THAT(about_potential("parameters = { log = 1 }"), Catch::Contains("hides the function"));
    CHECK_THAT(about_potential("parameters = { \"a b\" = 1 }"), Catch::Contains("cannot name a parameter"));
}

TEST_CASE("Errors of keys, sections and TOML: the nearest name, line and column")
{
    CHECK(about("dynamics", "clipp = 1") == "a.toml:4: [dynamics]: unknown key 'clipp'; did you mean 'clip'?");
    CHECK(about("dynamics", "step = 1") ==
          "a.toml:4: [dynamics]: unknown key 'step'; there is: clip, learning_rate, diffusion");
    CHECK(about("dynamic", "clip = 1") == "a.toml:3: unknown section 'dynamic'; did you mean 'dynamics'?");
    CHECK(complaint_about("nmae = \"a\"") == "a.toml:1: unknown key 'nmae'; did you mean 'name'?");
    CHECK(complaint_about("noise = 3") == "a.toml:1: noise = 3: must be a section, [noise]");
    CHECK(complaint_about("[[noise]]\nlaw = 1") == "a.toml:1: noise = […]: must be a section, [noise]");
    CHECK_THAT(complaint_about("name = \"../a\""),
               Catch::StartsWith("a.toml:1: name = \"../a\": must be 1 to 64 letters"));
    CHECK_THAT(complaint_about("name = \"\""), Catch::StartsWith("a.toml:1: name = \"\": must be"));
    CHECK_THAT(complaint_about("[noise\n"), Catch::StartsWith("a.toml:1:7: not valid TOML: "));
    CHECK_THAT(complaint_about("name = \"a\"\nname = \"b\""), Catch::StartsWith("a.toml:2:"));
    CHECK_THAT(complaint_about("a = \"\xff\""), Catch::StartsWith("a.toml:1:5: not valid TOML: "));
    CHECK_THAT(complaint_about(std::string(65'537, '#')), Catch::StartsWith("a.toml: has more than 65536 bytes"));
    CHECK_THAT(complaint_about("a = " + std::string(5000, '[')), Catch::Contains("not valid TOML"));
}

TEST_CASE("Errors of files: missing, a folder, too long, a misspelt shipped name")
{
    const auto of = [](const std::string& name) { return complaint([&] { load_spec(name, {}, shipped); }); };
    CHECK(of("nowhere/a.toml") == "nowhere/a.toml: there is no such file");
    CHECK_THAT(of("a.toml"), Catch::StartsWith("a.toml: there is no such file, and no shipped spec of that name"));
    CHECK_THAT(of("wang2020"), Catch::EndsWith("did you mean 'wang2022'?"));
    CHECK_THAT(of("zzz"), Catch::Contains("there is: ") && Catch::Contains("wang2022"));
    CHECK(of("") == "the name of the spec is empty");
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("exeunt-spec-test-{}", std::rand());
    std::filesystem::create_directories(folder);
    CHECK(of(folder.string()) == folder.string() + ": is a folder, not a spec file");
    const auto large = folder / "large.toml";
    std::ofstream(large) << "# " << std::string(70'000, 'a');
    CHECK_THAT(of(large.string()), Catch::EndsWith("has more than 65536 bytes, the most a spec may have"));
    std::filesystem::remove_all(folder);
}

TEST_CASE("Errors of the landscape and of σ name the spec")
{
    CHECK_THAT(complaint([] { landscape(default_spec("x^2")); }),
               Catch::StartsWith("--potential: [potential] the potential has one well only"));
    CHECK_THAT(complaint([] { diffusion(default_spec("x^4 - x^2", {"dynamics.diffusion=x"})); }),
               Catch::StartsWith("--potential: [dynamics] diffusion = \"x\" is -5 at x = -5: σ must be"));
    CHECK_THROWS_WITH(
        diffusion(default_spec("x^4 - x^2", {"dynamics.diffusion='1 + 0*tan(x)'"})),
        Catch::Contains("cannot be proved to be finite and > 0 near x = -4.71239")); // a pole between points
    CHECK_THROWS_WITH(diffusion(default_spec("x^4 - x^2", {"dynamics.diffusion='1 - 1.1*exp(-1e8*(x - 0.12345)^2)'"})),
                      Catch::Contains("is -0.") && Catch::Contains("at x = 0.1234"));
}

TEST_CASE("Canonical content and its hash: what determines the law of X, and nothing else")
{
    const Spec s = load_spec("wang2022", {}, shipped);
    CHECK(canonical(s) == "potential.builtin=wang2022\n"
                          "potential.domain.lo=-0x1.999999999999ap+0\npotential.domain.hi=0x1.999999999999ap+0\n"
                          "potential.clamp=true\nnoise.law=lomax\nnoise.alpha=0x1.3333333333333p+0\n"
                          "noise.scale=0x1.999999999999ap-4\nnoise.p_plus=0x1p-1\ndynamics.diffusion=1\n");
    // known answers: stored samples are found by these keys, so they may not change
    CHECK(hash(s) == 0xfa40ca0adc8ee8abU);
    CHECK(cell_key(s, 0.5, 0.01, 1) == 0xe8d6dacf6ad2ee4eU);
    CHECK(hash(overridden({"name=b", "title=c", "dynamics.clip=1", "verify.seed=5"})) == hash(s));
    for (const std::string change : {"noise.alpha=1.3", "noise.scale=0.2", "potential.clamp=false",
                                     "potential.domain=[-1.6, 1.59]", "dynamics.diffusion=2"})
        CHECK(hash(overridden({change})) != hash(s));
    CHECK(hash(default_spec("x^4-x^2")) == hash(default_spec(" x ^4 -\n x^2")));
    CHECK(hash(default_spec("x^4-x^2")) != hash(default_spec("x^4-x^3")));
    std::set<std::uint64_t> keys;
    for (const double b : {0.5, inf})
        for (const double eta : {0.1, 0.2})
            for (std::size_t well = 0; well < 4; ++well) keys.insert(cell_key(s, b, eta, well));
    CHECK(keys.size() == 16);
}

TEST_CASE("Spec: every law can be named, and gaussian has no tail index")
{
    const auto with = [](const std::string& noise, const Overrides& overrides = {}) {
        return parse_spec("[potential]\nexpression = \"x^4 - x^2\"\n[noise]\n" + noise, "a.toml", overrides);
    };
    for (const std::string& law : noise_laws()) {
        const Spec s = with("law = \"" + law + "\"");
        CHECK(noise(s)->name() == law);
        CHECK(s.noise.alpha.has_value() == takes_alpha(law));
        CHECK((canonical(s).find("noise.alpha") == std::string::npos) == (law == "gaussian"));
    }
    const Spec skewed = with("law = \"stable\"\nalpha = 1.5\np_plus = 1");
    CHECK(noise(skewed)->p_plus() == 1);
    CHECK(hash(skewed) != hash(with("law = \"stable\"\nalpha = 1.5\np_plus = 0")));

    // a law named on the command line leaves behind what the file says of another law and it does not take
    const std::string heavy = "alpha = 1.5\np_plus = 0.7\nscale = 2\n";
    const Spec control = with(heavy, {"noise.law=gaussian"});
    CHECK_FALSE(control.noise.alpha.has_value());
    CHECK(control.noise.p_plus == 0.5);
    CHECK(control.noise.scale == 2);
    CHECK(with(heavy, {"noise.law=pareto"}).noise.p_plus == 0.7);
    CHECK_THROWS_WITH(with(heavy, {"noise.law=gaussian", "noise.alpha=1.3"}),
                      "--set noise.alpha: law 'gaussian' has no tail index: remove alpha = 1.3");
    CHECK(with("law = \"gaussian\"", {"noise.law=lomax"}).noise.alpha == 1.2);
}
