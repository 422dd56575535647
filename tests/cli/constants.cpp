#include "validation/constants.hpp"

#include "refused.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace exeunt;
using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

constexpr const char* two_wells = "name = \"mine\"\n[potential]\nexpression = \"x^4/4 - x^2/2 + 0.1*x\"\n"
                                  "domain = [-2.5, 2.5]\n[dynamics]\nclip = [0.7, inf]\n";

/// A folder with a spec and the file of its constants.
struct Recorded : Scratch {
    Recorded()
    {
        write("mine.toml", two_wells);
        REQUIRE(call("constants record c.txt mine.toml", path).status == 0);
    }
    std::string file() const { return bytes(path / "c.txt"); }
    validation::ConstantsFile parsed() const { return validation::parse_constants(file(), "c.txt"); }

    /// Multiplies what is recorded for a constant.
    void change(const std::string& id, double factor) const
    {
        auto content = parsed();
        for (auto& c : content.specs.at(0).constants)
            if (c.id() == id) c.value *= factor;
        write("c.txt", validation::constants_text(content));
    }
};

std::string last_line(const std::string& text)
{
    const auto end = text.find_last_not_of('\n');
    return text.substr(text.find_last_of('\n', end) + 1, end - text.find_last_of('\n', end));
}

}

TEST_CASE("The constants of every shipped spec are recorded, and today's code agrees with them")
{
    const Scratch folder;
    const Answer answer = call("constants check " EXEUNT_SOURCE_DIR "/constants/shipped.txt", folder.path);
    INFO(answer.out << answer.err);
    CHECK(answer.status == 0);
    const auto file = validation::parse_constants(bytes(EXEUNT_SOURCE_DIR "/constants/shipped.txt"), "shipped.txt");
    for (const std::string& spec : model::shipped_specs(EXEUNT_SOURCE_DIR "/specs")) {
        INFO(spec);
        const bool predicted = call("predict " + spec, folder.path).status == 0; // not of a law without a heavy tail
        CHECK((file.find(spec) != nullptr) == predicted);
    }
    CHECK(validation::constants_text(file) == bytes(EXEUNT_SOURCE_DIR "/constants/shipped.txt")); // as record wrote it
}

TEST_CASE("constants: what was recorded is confirmed, and recording it again changes no byte")
{
    const Recorded folder;
    const std::string file = folder.file();
    CHECK(file.starts_with("exeunt constants 1\n"));
    const Answer answer = call("constants check c.txt", folder.path);
    CHECK(answer.status == 0);
    CHECK(answer.err.empty());
    CHECK(answer.out == "confirmed  mine.toml  23 constants agree\nVerdict: confirmed (23 constants of 1 spec)\n");
    const Answer again = call("constants record c.txt mine.toml", folder.path);
    CHECK(again.out == "Recorded in c.txt: 23 constants of 1 spec\n");
    CHECK(folder.file() == file);
    CHECK(call("constants record c.txt mine.toml --quiet", folder.path).out.empty());
    CHECK(folder.names() == std::set<std::string>{"c.txt", "mine.toml"});
    const Answer more = call("constants record c.txt wang2022 double-well --json", folder.path);
    CHECK(nlohmann::json::parse(more.out).at("specs").at(0).at("spec") == "wang2022");
    CHECK(call("constants check c.txt", folder.path).status == 0);
    CHECK_THAT(call("constants check c.txt wang2022", folder.path).out, Contains("of 1 spec)"));
    CHECK(folder.parsed().specs.size() == 3);
}

TEST_CASE("constants: an ulp is no change, 1e-9 is one, named first with both values, difference and bound, status 1")
{
    const Recorded folder;
    folder.change("clip=0.7/exit_constant[2,1]", 1 + 0x1p-52);
    const Answer rounded = call("constants check c.txt", folder.path);
    CHECK(rounded.status == 0);
    CHECK_THAT(rounded.out, Contains("23 constants agree; 1 moved"));

    folder.change("clip=0.7/exit_constant[2,1]", 1 + 1e-9);
    const auto content = folder.parsed().specs.at(0);
    const auto named = std::find_if(content.constants.begin(), content.constants.end(),
                                    [](const auto& c) { return c.id() == "clip=0.7/exit_constant[2,1]"; });
    const double recorded = named->value;
    const Answer answer = call("constants check c.txt", folder.path);
    CHECK(answer.status == 1);
    CHECK(answer.err.empty());
    const std::string first = answer.out.substr(0, answer.out.find('\n'));
    CHECK_THAT(first, Catch::StartsWith(fmt::format(
                          "refuted  mine.toml  clip 0.7  exit_constant[2,1]  recorded {:.17g}, today ", recorded)));
    CHECK_THAT(first, Contains("they differ by 6.2e-9, 1e-9 of it; their bounds allow "));
    CHECK_THAT(answer.out, Contains("refuted  mine.toml  22 of 23 constants agree\n"));
    CHECK(last_line(answer.out) == "Verdict: refuted (1 of 23 constants differ)");

    const auto json = nlohmann::json::parse(call("constants check c.txt --json --quiet", folder.path).out);
    CHECK(json.at("verdict") == "refuted");
    CHECK(json.at("accepted").is_null());
    REQUIRE(json.at("hypotheses").size() == 23);
    const auto& h = json.at("hypotheses").at(0);
    CHECK(h.at("id") == "constants/mine.toml/clip=0.7/exit_constant[2,1]");
    CHECK(h.at("verdict") == "refuted");
    CHECK(h.at("expected") == recorded);
    CHECK(h.at("value").get<double>() == std::abs(h.at("estimate").get<double>() - recorded));
    CHECK(h.at("value").get<double>() > h.at("bound").get<double>());
    for (std::size_t k = 1; k < 23; ++k) CHECK(json.at("hypotheses").at(k).at("verdict") == "confirmed");
}

TEST_CASE("constants: a line that was deleted is a constant that is not in the file")
{
    const Recorded folder;
    std::string text = folder.file();
    const auto at = text.find("mine.toml inf   exit_order[1]");
    REQUIRE(at != std::string::npos);
    text.erase(at, text.find('\n', at) + 1 - at);
    folder.write("c.txt", text);
    const Answer answer = call("constants check c.txt", folder.path);
    CHECK(answer.status == 1);
    CHECK_THAT(answer.out, Contains("clip inf  exit_order[1]  today 1; it is not in the file"));
}

TEST_CASE("constants: a spec that changed is said once, and record takes it")
{
    const Recorded folder;
    folder.write("mine.toml", std::string(two_wells) + "[noise]\nalpha = 1.3\n");
    const Answer answer = call("constants check c.txt", folder.path);
    CHECK(answer.status == 1);
    CHECK_THAT(answer.out, Catch::StartsWith("refuted  mine.toml  the spec changed: its potential, noise or diffusion "
                                             "is another one") &&
                               Contains("constants record c.txt mine.toml takes it"));
    CHECK(last_line(answer.out) == "Verdict: refuted (0 of 0 constants differ, 1 spec changed)");
    const auto json = nlohmann::json::parse(call("constants check c.txt --json", folder.path).out);
    CHECK(json.at("hypotheses").size() == 1);
    CHECK(json.at("hypotheses").at(0).at("id") == "constants/mine.toml");
    CHECK(call("constants record c.txt mine.toml", folder.path).status == 0);
    CHECK(call("constants check c.txt", folder.path).status == 0);
    CHECK(folder.parsed().history.empty());
}

TEST_CASE("constants: --accept takes today's values with a reason into the history, once")
{
    const Recorded folder;
    const std::string original = folder.file();
    folder.change("clip=0.7/exit_constant[2,1]", 1 + 1e-9);
    refused(folder, "constants record c.txt mine.toml", "c.txt: mine.toml is recorded with other values");
    const Answer answer = call("constants check c.txt --accept --reason 'better panels near r/b = 1'", folder.path);
    CHECK(answer.status == 0);
    CHECK(last_line(answer.out) == "Accepted into c.txt: 1 changed, 0 gone, 0 new; largest relative change 1.1e-9; "
                                   "reason: better panels near r/b = 1");
    const std::string accepted = folder.file();
    CHECK_THAT(accepted, Contains("\naccepted: 1 0 0 1.1e-09 ") && Contains(" better panels near r/b = 1\n\nend\n"));
    CHECK(folder.parsed().specs.at(0).constants.size() == 23);
    CHECK(call("constants check c.txt", folder.path).status == 0);
    const Answer again = call("constants check c.txt --accept --reason again --json", folder.path);
    CHECK(again.status == 0);
    CHECK(nlohmann::json::parse(again.out).at("accepted").is_null());
    CHECK(folder.file() == accepted);
    // but for the history, the file is what it was
    auto content = folder.parsed();
    content.history.clear();
    CHECK(validation::constants_text(content) == original);
    CHECK(folder.names() == std::set<std::string>{"c.txt", "mine.toml"});
}

TEST_CASE("constants: wrong command lines are one line, status 2, and change nothing")
{
    const Recorded folder;
    refused(folder, "constants", "constants record FILE SPEC… or constants check FILE [SPEC…]");
    refused(folder, "constants chek c.txt", "constants chek: no such action; did you mean 'check'?");
    refused(folder, "constants show c.txt", "constants show: no such action");
    refused(folder, "constants check", "constants check needs a FILE");
    refused(folder, "constants record c.txt", "constants record needs a FILE and a SPEC");
    refused(folder, "constants check c.txt --accept", "--accept needs --reason TEXT");
    refused(folder, "constants check c.txt --reason why", "--reason belongs to --accept");
    for (const std::string bad : {"''", "' '", "' x'", "\"$(printf 'a\\nb')\""})
        refused(folder, "constants check c.txt --accept --reason " + bad, "must be one line");
    refused(folder, "constants check c.txt --accept --reason " + std::string(501, 'a'), "at most 500 characters");
    refused(folder, "constants record d.txt mine.toml --accept --reason x", "they belong to check");
    refused(folder, "constants check c.txt --set noise.alpha=2", "constants takes no --set");
    refused(folder, "constants record d.txt --potential x^2 mine.toml", "constants takes no --potential");
    refused(folder, "constants check c.txt --out there", "constants takes no --out");
    refused(folder, "constants check c.txt --acept", "did you mean '--accept'?");
    refused(folder, "constants check c.txt wang2022",
            "c.txt: holds no constants of wang2022; there is: mine.toml; constants record adds it");
    refused(folder, "constants record d.txt mine.tml", "mine.tml: there is no such file");
    refused(folder, "constants record d.txt mine.toml nowhere", "nowhere: there is no such file");
    CHECK_FALSE(fs::exists(folder.path / "d.txt"));
}

TEST_CASE("constants: a file that is missing, damaged or something else is one line, status 2, and is left alone")
{
    const Recorded folder;
    refused(folder, "constants check d.txt", "d.txt: there is no such file; exeunt constants record");
    refused(folder, "constants check mine.toml", "mine.toml:1: is no file of constants");
    refused(folder, "constants record mine.toml wang2022", "mine.toml:1: is no file of constants");
    CHECK(bytes(folder.path / "mine.toml") == two_wells);
    refused(folder, "constants check .", ".: is no file of constants: no regular file");
    refused(folder, "constants check /dev/zero", "no regular file");
    refused(folder, "constants record deep/er.txt wang2022", "cannot write deep/er.txt: there is no folder deep");
    refused(folder, "constants record /proc/c.txt mine.toml", "cannot write /proc/c.txt");
    folder.write("empty.txt", "");
    refused(folder, "constants check empty.txt", "empty.txt: is empty");
    folder.write("none.txt", "exeunt constants 1\nend\n");
    refused(folder, "constants check none.txt", "none.txt: holds no constants");
    const std::string good = folder.file();
    for (std::size_t cut = 1; cut < good.size(); cut += 97) { // half a file, wherever it ends
        folder.write("half.txt", good.substr(0, cut));
        refused(folder, "constants check half.txt", "half.txt");
    }
    fs::remove(folder.path / "mine.toml");
    refused(folder, "constants check c.txt", "mine.toml: there is no such file");
}

TEST_CASE("constants: an accuracy that is not reached is status 4, and no file is written")
{
    const Recorded folder;
    folder.write("tiny.toml", std::string("[potential]\nexpression = \"x^4/4 - x^2/2 + 0.1*x\"\n[dynamics]\n") +
                                  "clip = 0.0023\n"); // l* = 368 and 499: q leaves the range of numbers
    refused(folder, "constants record d.txt tiny.toml", "tiny.toml: exit constants of well", 4);
}

TEST_CASE("constants: a link is followed, and its target replaced")
{
    const Recorded folder;
    fs::create_symlink("c.txt", folder.path / "link.txt");
    CHECK(call("constants record link.txt wang2022", folder.path).status == 0);
    CHECK(fs::is_symlink(folder.path / "link.txt"));
    CHECK(folder.parsed().specs.size() == 2);
}
