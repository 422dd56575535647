#include "cli/starter.hpp"

#include "refused.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace exeunt;
using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

const fs::path shipped = EXEUNT_SOURCE_DIR "/specs";

/// The keys that the spec has, from what it says of one that it has not.
std::vector<std::string> schema()
{
    std::vector<std::string> keys;
    for (const std::string section : {"potential", "noise", "dynamics", "verify", ""}) {
        std::string text;
        try {
            model::parse_spec(section.empty() ? "zzzzzz = 1\n" : fmt::format("[{}]\nzzzzzz = 1\n", section), "a");
        } catch (const std::exception& problem) {
            text = problem.what();
        }
        const auto list = text.find("there is: ");
        REQUIRE(list != std::string::npos);
        std::istringstream words(text.substr(list + 10));
        for (std::string word; std::getline(words, word, ',');) {
            word.erase(0, word.find_first_not_of(' '));
            if (!section.empty())
                keys.push_back(fmt::format("{}.{}", section, word));
            else if (word == "name" || word == "title")
                keys.push_back(word);
        }
    }
    return keys;
}

/// Everything that a spec says but for its source.
std::string content(const model::Spec& s)
{
    const auto& v = s.verify;
    return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", model::canonical(s), s.name, s.title,
                       fmt::join(s.dynamics.clip, ","), fmt::join(s.dynamics.learning_rate, ","), v.false_alarm,
                       v.effect, v.power, v.budget.value_or(-1), v.seed, fmt::join(v.ladder, ","));
}

/// The key of an override that changes every key of the schema, with a value other than the specs have.
std::vector<std::string> an_override_of_each()
{
    return {"name=other",
            "title=Another \"title\" with \\ and = # '",
            "potential.expression=c*(x^2 - 1)^2 + 0*max(x, 2)",
            "potential.parameters={ c = 0.7, h = 0.3, s = 1, m = 1.7, a = 0.9, w = 3.5, tilt = 0.2 }",
            "potential.domain=-2.25,2.125",
            "potential.clamp=true",
            "noise.law=pareto",
            "noise.alpha=1.7",
            "noise.scale=0.03",
            "noise.p_plus=0.25",
            "dynamics.clip=0.33,inf,0.1",
            "dynamics.learning_rate=0.125",
            "dynamics.diffusion=1 + c*x^2",
            "verify.false_alarm=0.01",
            "verify.effect=0.125",
            "verify.distance=0.25",
            "verify.power=0.9",
            "verify.budget=2.5min",
            "verify.seed=77",
            "verify.ladder=0.1,0.01,1e-7"};
}

std::string key_of(const std::string& override) { return override.substr(0, override.find('=')); }

void refused(const std::string& arguments, const std::string& words)
{
    const Scratch folder;
    folder.write("there.toml", "kept");
    exeunt::cli::tests::refused(folder, arguments, words);
}

}

TEST_CASE("The starter says every key of a spec, and its values are the defaults")
{
    const std::string text = cli::starter_text();
    const auto keys = schema();
    REQUIRE(keys.size() >= 20);
    std::istringstream stream(text);
    std::string section;
    std::set<std::string> found;
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("[")) section = line.substr(1, line.size() - 2) + ".";
        if (line.starts_with("# ")) line.erase(0, 2);
        const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
        if (end != std::string::npos && line.find_first_not_of(' ', end) == line.find('='))
            found.insert(section + line.substr(0, end));
    }
    for (const std::string& key : keys) {
        INFO(key);
        CHECK(found.count(key) == 1);
    }
    const model::Spec starter = model::parse_spec(text, "my-spec.toml");
    model::Spec plain = model::default_spec(starter.potential.expression, {"name=my-spec"});
    CHECK(content(starter) == content(plain));
}

TEST_CASE("A key that is written into a text says what --set would have said, in the starter and every shipped spec")
{
    std::vector<std::pair<std::string, std::string>> texts = {{"starter", cli::starter_text()}};
    for (const std::string& name : model::shipped_specs(shipped))
        texts.emplace_back(name, bytes(shipped / (name + ".toml")));
    const auto changes = an_override_of_each();
    for (const std::string& key : schema()) // builtin is below
        CHECK((key == "potential.builtin" ||
               std::any_of(changes.begin(), changes.end(),
                           [&](const std::string& change) { return key_of(change) == key; })));
    for (const auto& [name, text] : texts) {
        INFO(name);
        const bool heavy = name != "gaussian"; // which takes neither alpha nor p_plus
        std::vector<std::string> all, keys;
        for (const std::string& change : changes) {
            if (!heavy && key_of(change).starts_with("noise.") && key_of(change) != "noise.scale") continue;
            all.push_back(change);
            keys.push_back(key_of(change));
        }
        const model::Spec spec = model::parse_spec(text, name, all);
        const std::string rewritten = cli::rewritten(text, spec, keys);
        INFO(rewritten);
        CHECK(content(model::parse_spec(rewritten, name)) == content(spec));
        // as many comments as before, but for the key lines that came alive
        for (const std::string kept : {"#"}) CHECK_THAT(rewritten, Contains(kept));

        const model::Spec built = model::parse_spec(text, name, {"potential.builtin=wang2022"});
        CHECK(content(model::parse_spec(cli::rewritten(text, built, {"potential.builtin"}), name)) == content(built));
        CHECK(cli::rewritten(text, spec, {}) == text);
    }
}

TEST_CASE("A value is replaced in its line, and its comment stays")
{
    const std::string text =
        "[dynamics]\nclip          = [0.7, inf]   # b # twice\n# diffusion = \"1\"  # σ\n\n[verify]\n";
    const model::Spec spec = model::default_spec(
        "x^4 - x^2", {"dynamics.clip=0.5", "dynamics.diffusion=2", "dynamics.learning_rate=0.1", "verify.seed=3"});
    CHECK(
        cli::rewritten(text, spec, {"dynamics.clip", "dynamics.diffusion", "dynamics.learning_rate", "verify.seed"}) ==
        "[dynamics]\nclip          = [0.5]        # b # twice\ndiffusion = \"2\"  # σ\nlearning_rate = [0.1]\n\n"
        "[verify]\nseed = 3\n");
    CHECK(cli::rewritten("name = \"a # b\" # c\n", spec, {"name"}) == "name = \"custom\" # c\n");
    CHECK(cli::rewritten("", spec, {"verify.seed"}) == "\n[verify]\nseed = 3\n");
}

TEST_CASE("init writes the starter, says the next command, and that command works")
{
    const Scratch folder;
    const Answer answer = call("init my-wells.toml", folder.path);
    CHECK(answer.status == 0);
    CHECK(answer.err.empty());
    CHECK(answer.out == "Wrote my-wells.toml; next:\n  exeunt predict my-wells.toml\n");
    CHECK(folder.names() == std::set<std::string>{"my-wells.toml"});
    const Answer predicted = call("predict my-wells.toml --json", folder.path);
    CHECK(predicted.status == 0);
    CHECK(nlohmann::json::parse(predicted.out).at("name") == "my-wells");
    CHECK(call("init quiet.toml --quiet", folder.path).out.empty());
    const auto json = nlohmann::json::parse(call("init 'my own.toml' --json", folder.path).out);
    CHECK(json.at("next") == "exeunt predict 'my own.toml'");
    CHECK(call("predict 'my own.toml'", folder.path).status == 0);
}

TEST_CASE("init takes a potential, quotes it, gives it a clip that fits, and writes --set into the file")
{
    const Scratch folder;
    const std::string wide =
        "'2*(x/20)^4 - (x/20)^2 + \n 0*x'"; // minima ±10, where the default clip would need 15 jumps
    CHECK(call("init wide.toml --potential " + wide + " --set potential.domain=-30,30 --seed 9", folder.path).status ==
          0);
    const model::Spec spec = model::load_spec((folder.path / "wide.toml").string(), {}, shipped);
    CHECK(spec.potential.expression == "2*(x/20)^4 - (x/20)^2 + \n 0*x");
    CHECK(spec.potential.domain.hi == 30);
    CHECK(spec.dynamics.clip.at(0) == 6); // 0.6 × 10: two jumps
    CHECK(spec.verify.seed == 9);
    CHECK(call("predict wide.toml", folder.path).status == 0);
    CHECK(call("init b.toml --potential x^4-x^2 --set dynamics.clip=0.4", folder.path).status == 0);
    CHECK(model::load_spec((folder.path / "b.toml").string(), {}, shipped).dynamics.clip == std::vector<double>{0.4});
    CHECK(call("init c.toml --potential 'k*x^4 - x^2' --set potential.parameters.k=3", folder.path).status == 0);
    CHECK(call("predict c.toml", folder.path).status == 0);
}

TEST_CASE("init --from copies a shipped spec with its comments")
{
    for (const std::string& name : model::shipped_specs(shipped)) {
        const Scratch folder;
        const Answer answer = call("init copy.toml --from " + name, folder.path);
        INFO(name << answer.err);
        CHECK(answer.status == 0);
        const std::string original = bytes(shipped / (name + ".toml"));
        const std::string copy = bytes(folder.path / "copy.toml");
        const auto line = original.find("\nname ") + 1;
        REQUIRE(line != 0);
        CHECK(copy.substr(0, line) == original.substr(0, line)); // all but the name
        CHECK(copy.substr(copy.find('\n', line)) == original.substr(original.find('\n', line)));
        CHECK(copy.substr(line, 14) == "name  = \"copy\"");
        CHECK(call("predict copy.toml", folder.path).status == call("predict " + name, folder.path).status);
    }
}

TEST_CASE("init refuses to overwrite, and whatever could not be used, on one line")
{
    refused("init", "init needs a FILE");
    refused("init there.toml", "there.toml: is there already, and init does not overwrite");
    refused("init .", ".: is there already");
    refused("init a.toml b.toml", "b.toml: one FILE is enough");
    refused("init nowhere/a.toml", "cannot write nowhere/a.toml: there is no folder nowhere");
    refused("init there.toml/a.toml", "there is no folder there.toml");
    refused("init new/", "cannot write new/");
    refused("init /proc/a.toml", "cannot write /proc/a.toml");
    refused("init a.toml --from wang202", "--from wang202: no such shipped spec; did you mean 'wang2022'?");
    refused("init a.toml --from ../specs/wang2022", "no such shipped spec");
    refused("init a.toml --from ''", "--from '': must be the name");
    refused("init a.toml --potential x^2", "--potential: [potential] the potential has one well only");
    refused("init a.toml --potential 'x^2 + y'", "unknown name 'y'");
    refused("init a.toml --set noise.alpha=0.5", "--set noise.alpha = 0.5: must be a finite number > 1");
    refused("init a.toml --set noise.alhpa=2", "did you mean 'noise.alpha'?");
    refused("init a.toml --out there", "init takes no --out");
    refused("init ''", "init needs a FILE");
}
