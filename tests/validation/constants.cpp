#include "validation/constants.hpp"

#include "model/error.hpp"
#include "tests/complaint.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <random>

using namespace exeunt;
using namespace exeunt::validation;
using Catch::Contains;

namespace
{

constexpr double inf = std::numeric_limits<double>::infinity();

/// Today's constants of a shipped spec.
SpecConstants today(const std::string& name = "wang2022", const model::Overrides& overrides = {})
{
    const model::Spec spec = model::load_spec(name, overrides, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    return constants_of(name, spec, setting.landscape, theory::predict(spec, setting));
}

const SpecConstants& wang()
{
    static const SpecConstants constants = today();
    return constants;
}

const Constant& named(const SpecConstants& spec, const std::string& id)
{
    const auto found =
        std::find_if(spec.constants.begin(), spec.constants.end(), [&](const Constant& c) { return c.id() == id; });
    INFO(id);
    REQUIRE(found != spec.constants.end());
    return *found;
}

Constant& named(SpecConstants& spec, const std::string& id)
{
    return const_cast<Constant&>(named(std::as_const(spec), id));
}

bool has(const SpecConstants& spec, const std::string& id)
{
    return std::any_of(spec.constants.begin(), spec.constants.end(), [&](const Constant& c) { return c.id() == id; });
}

std::size_t refuted(const SpecCheck& check)
{
    return static_cast<std::size_t>(std::count_if(check.constants.begin(), check.constants.end(),
                                                  [](const auto& c) { return c.verdict == Verdict::refuted; }));
}

/// The constants with every value changed by f.
template<class Change> SpecConstants changed(SpecConstants spec, Change&& f)
{
    for (Constant& c : spec.constants) c.value = f(c);
    return spec;
}

}

TEST_CASE("The constants of a spec are the numbers of its predictions, zeros and definitions left out")
{
    const model::Spec spec = model::load_spec("wang2022", {}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    const SpecConstants& c = wang();
    CHECK(c.hash == model::hash(spec));
    CHECK(c.clip == std::vector<double>{0.5, 0.28, inf});
    CHECK(named(c, "minimum[2]").value == setting.landscape.minima()[1]);
    CHECK(named(c, "saddle[3]").value == setting.landscape.saddles()[2]);
    CHECK(named(c, "clip=0.28/exit_order[2]").value == 3);
    CHECK(named(c, "clip=0.28/exit_order[2]").bound == 0);
    CHECK(named(c, "clip=0.5/exit_constant[2,1]").value == predictions[0].exits[1].to[0]);
    CHECK(named(c, "clip=inf/exit_constant[1,4]").value == predictions[2].exits[0].to[3]);
    CHECK(named(c, "clip=0.5/generator[4,4]").value == predictions[0].chains[0].generator(1, 1));
    CHECK(named(c, "clip=0.5/stationary[2]").value == predictions[0].chains[0].stationary[0]);
    CHECK(named(c, "clip=0.5/entrance[3,4]").value == predictions[0].chains[0].entrance[2].law[1]);
    CHECK_FALSE(has(c, "clip=0.5/exit_constant[1,3]")); // 0: not within reach of one jump
    CHECK_FALSE(has(c, "clip=0.5/entrance[2,2]"));      // by definition 1
    CHECK_FALSE(has(c, "clip=0.5/killing[2]"));         // 0 in an absorbing class
    const SpecConstants reducible = today("wang2022", {"dynamics.clip=0.4"});
    CHECK(named(reducible, "clip=0.4/killing[4]").value > 0); // theory.md, section 8: {3, 4} is transient at b = 0.4
    CHECK_FALSE(has(reducible, "clip=0.4/stationary[4]"));
}

TEST_CASE("Bounds: that of q is its own, rounded up to two digits, places are good to 1e-14 of the domain")
{
    const model::Spec spec = model::load_spec("wang2022", {}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j) {
            const double q = predictions[1].exits[i].to[j], error = predictions[1].exits[i].error;
            if (q == 0) continue;
            const double bound = named(wang(), fmt::format("clip=0.28/exit_constant[{},{}]", i + 1, j + 1)).bound;
            CHECK(bound >= error);
            CHECK(bound <= 1.1 * error); // the next number of two digits is at most 10 % away
        }
    const Constant& place = named(wang(), "minimum[1]");
    CHECK(place.bound >= 3.2e-14 * (1 - 1e-15)); // 1e-14 × 3.2, the domain's width
    CHECK(place.bound <= 3.3e-14);
    CHECK(place.error() == place.bound); // absolute
    const Constant& rate = named(wang(), "clip=0.5/generator[2,4]");
    CHECK(rate.error() == rate.bound * rate.value); // relative
}

namespace
{

/// Random rows q on `wells` wells, orders 1 and 2, so that some are small; every row with error ε. The rows span three
/// orders of magnitude.
std::vector<theory::ExitConstants> random_rows(std::mt19937_64& bits, std::size_t wells, double epsilon)
{
    std::uniform_real_distribution<double> exponent(-3, 0);
    std::vector<theory::ExitConstants> rows;
    for (std::size_t i = 0; i < wells; ++i) {
        theory::ExitConstants row{i % 2 == 0 ? 2 : 1, std::vector<double>(wells, 0.0), epsilon};
        for (std::size_t j = 0; j < wells; ++j)
            if (j != i) row.to[j] = std::pow(10, exponent(bits));
        rows.push_back(row);
    }
    return rows;
}

std::map<std::string, Constant> chain_constants(const std::vector<theory::ExitConstants>& rows)
{
    const model::Spec spec = model::load_spec("wang2022", {}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    theory::Prediction limit{0.5, rows, theory::transition_graph(rows), {}, {}};
    for (const auto& members : limit.graph.classes) limit.chains.push_back(theory::limit_chain(rows, members));
    std::map<std::string, Constant> out;
    for (const Constant& c : constants_of("x", spec, setting.landscape, {limit}).constants) out.emplace(c.id(), c);
    return out;
}

}

TEST_CASE("Bounds of the chain (matrix-tree theorem): no error of the q within theirs moves an entry farther, and some "
          "move it nearly so far")
{
    std::mt19937_64 bits(5);
    constexpr double epsilon = 1e-5; // large against rounding; its square is far below it
    constexpr std::size_t wells = 4; // two large ones and two small ones
    double farthest[3] = {0, 0, 0};  // in bounds: of rates, entrance and stationary laws
    for (int k = 0; k < 40; ++k) {
        const auto rows = random_rows(bits, wells, epsilon);
        const auto exact = chain_constants(rows);
        for (int signs = 0; signs < 1 << 12; signs += 1 + k) { // each of the 12 q up or down
            auto off = rows;
            int bit = 0;
            for (std::size_t i = 0; i < wells; ++i)
                for (std::size_t j = 0; j < wells; ++j)
                    if (j != i) off[i].to[j] *= (signs >> bit++) & 1 ? 1 + epsilon : 1 - epsilon;
            const auto graph = theory::transition_graph(off);
            const theory::LimitChain chain = theory::limit_chain(off, graph.classes.at(0));
            const auto see = [&](int kind, const std::string& name, double value) {
                const Constant& c = exact.at("clip=0.5/" + name);
                const double moved = std::abs(value / c.value - 1) / c.bound;
                farthest[kind] = std::max(farthest[kind], moved);
            };
            see(0, "generator[1,1]", chain.generator(0, 0));
            see(0, "generator[1,3]", chain.generator(0, 1));
            see(1, "entrance[2,1]", chain.entrance[1].law[0]);
            see(1, "entrance[4,3]", chain.entrance[3].law[1]);
            see(2, "stationary[1]", chain.stationary[0]);
            see(2, "stationary[3]", chain.stationary[1]);
        }
    }
    for (const double moved : farthest) {
        CAPTURE(moved);
        CHECK(moved <= 1);
        CHECK(moved > 0.35); // so that half the bound would not do for entrance laws, nor a third for the others
    }
}

TEST_CASE("Bounds of the chain are reached: Q_13 = q_12 q_23 / (q_21 + q_23) moves by 3ε, θ(2, 3) by 2ε")
{
    constexpr double epsilon = 1e-5, rare = 1e-3;
    const auto rows = [&](double q12, double q21, double q23) {
        return std::vector<theory::ExitConstants>{
            {2, {0, q12, 0}, epsilon}, {1, {q21, 0, q23}, epsilon}, {2, {0, 1, 0}, epsilon}};
    };
    const auto exact = chain_constants(rows(1, 1, rare));
    const auto off = chain_constants(rows(1 + epsilon, 1 - epsilon, rare * (1 + epsilon)));
    for (const std::string name : {"clip=0.5/generator[1,3]", "clip=0.5/entrance[2,3]"}) {
        const double moved = std::abs(off.at(name).value / exact.at(name).value - 1);
        CHECK(moved <= exact.at(name).bound);
        CHECK(moved >= 0.9 * exact.at(name).bound); // less q_23/(q_21 + q_23) = 1e-3 of it, and two digits' rounding
    }
}

TEST_CASE("A rounding error is no change, and a changed ninth digit is one, in every constant")
{
    const auto ulp_up = [](const Constant& c) { return c.bound == 0 ? c.value : std::nextafter(c.value, inf); };
    const auto ninth = [](const Constant& c) { return c.value * (1 + 1e-9); };
    const SpecCheck rounded = compare(wang(), changed(wang(), ulp_up));
    CHECK(rounded.verdict() == Verdict::confirmed);
    CHECK(refuted(rounded) == 0);
    CHECK(rounded.constants.size() == wang().constants.size());
    const SpecCheck wrong = compare(wang(), changed(wang(), ninth));
    CHECK(refuted(wrong) == wang().constants.size());
    CHECK(overall({rounded, wrong}) == Verdict::refuted);
    CHECK(overall({rounded, rounded}) == Verdict::confirmed);
}

TEST_CASE("Two values agree exactly up to the sum of their bounds, an order is exact")
{
    SpecConstants old{"s", 1, {0.5}, {{0.5, "exit_constant[1,2]", 1.0, 0x1p-30}, {0.5, "exit_order[1]", 2, 0}}};
    SpecConstants now = old;
    now.constants[0].bound = 0x1p-40;
    const auto at = [&](double value) {
        now.constants[0].value = value;
        return compare(old, now).constants[0];
    };
    // bounds: 2^-30·1 + 2^-40·(1 + d): powers of two, so that the sums below are exact
    CHECK(at(1 + 0x1p-30 + 0x1p-40).verdict == Verdict::confirmed);
    CHECK(at(1 + 0x1p-30 + 0x1p-40 + 0x1p-50).verdict == Verdict::refuted);
    CHECK(at(1 - 0x1p-30).verdict == Verdict::confirmed);
    const ConstantCheck c = at(1 + 0x1p-20);
    CHECK(c.verdict == Verdict::refuted);
    CHECK(c.difference == 0x1p-20);
    CHECK(c.recorded == 1.0);
    CHECK(c.today == 1 + 0x1p-20);
    CHECK(c.allowed == Approx(0x1p-30 + 0x1p-40).epsilon(1e-5));
    CHECK(c.relative() == Approx(0x1p-20).epsilon(1e-5));
    at(1.0);
    now.constants[1].value = 3;
    CHECK(compare(old, now).constants[1].verdict == Verdict::refuted);
    now.constants[1].value = 2;
    CHECK(compare(old, now).verdict() == Verdict::confirmed);
    now.constants[0].value = std::nan("");
    CHECK(compare(old, now).verdict() == Verdict::refuted); // nothing is within a bound of NaN
}

TEST_CASE("Minima and saddles at 0 have an absolute bound")
{
    SpecConstants old = today("double-well");
    const double bound = named(old, "saddle[1]").bound;
    named(old, "saddle[1]").value = 0;
    SpecConstants now = old;
    named(now, "saddle[1]").value = -2 * bound;
    CHECK(compare(old, now).verdict() == Verdict::confirmed);
    named(now, "saddle[1]").value = -2.1 * bound;
    CHECK(compare(old, now).verdict() == Verdict::refuted);
}

TEST_CASE("A constant that is gone or new is a difference, and so is another spec, which is then said once")
{
    SpecConstants now = wang();
    now.constants.erase(now.constants.begin() + 8);
    SpecCheck check = compare(wang(), now);
    CHECK(refuted(check) == 1);
    CHECK(check.constants.back().recorded == wang().constants[8].value); // what is gone comes last
    CHECK_FALSE(check.constants.back().today);
    check = compare(now, wang());
    CHECK(refuted(check) == 1);
    CHECK_FALSE(check.constants[8].recorded);
    CHECK(std::isnan(check.constants[8].difference));

    now = wang();
    now.hash ^= 1;
    CHECK_THAT(compare(wang(), now).changed, Contains("potential, noise or diffusion"));
    CHECK(compare(wang(), now).verdict() == Verdict::refuted);
    now = today("wang2022", {"dynamics.clip=0.5,0.28"});
    CHECK_THAT(compare(wang(), now).changed, Contains("thresholds are 0.5, 0.28, recorded 0.5, 0.28, inf"));
    CHECK(compare(wang(), today("wang2022", {"verify.seed=1"})).changed.empty());
    CHECK_FALSE(compare(wang(), today("wang2022", {"noise.scale=0.2"})).changed.empty());
}

namespace
{

ConstantsFile two_specs()
{
    ConstantsFile file;
    add(file, wang(), "f.txt");
    add(file, today("double-well"), "f.txt");
    file.history.push_back({3, 0, 1, 1.5e-9, "0.1.0", "the quadrature grades towards the saddle, ν too"});
    return file;
}

}

TEST_CASE("The text of a file reads back bit for bit, and is the same for the same content")
{
    const ConstantsFile file = two_specs();
    CHECK(file.specs[0].spec == "double-well"); // in the order of names, not of addition
    const std::string text = constants_text(file);
    const ConstantsFile again = parse_constants(text, "f.txt");
    CHECK(constants_text(again) == text);
    REQUIRE(again.specs.size() == 2);
    for (std::size_t s = 0; s < 2; ++s) {
        CHECK(again.specs[s].hash == file.specs[s].hash);
        CHECK(again.specs[s].clip == file.specs[s].clip);
        REQUIRE(again.specs[s].constants.size() == file.specs[s].constants.size());
        for (std::size_t k = 0; k < file.specs[s].constants.size(); ++k) {
            CHECK(again.specs[s].constants[k].id() == file.specs[s].constants[k].id());
            CHECK(again.specs[s].constants[k].value == file.specs[s].constants[k].value);
            CHECK(again.specs[s].constants[k].bound == file.specs[s].constants[k].bound);
        }
    }
    REQUIRE(again.history.size() == 1);
    CHECK(again.history[0].reason == file.history[0].reason);
    CHECK(again.history[0].largest == 1.5e-9);
    CHECK(again.history[0].added == 1);
    std::string crlf;
    for (const char c : text) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(constants_text(parse_constants(crlf, "f.txt")) == text); // as some editors leave it
}

TEST_CASE("A damaged file is one line with file and line number")
{
    const std::string good = "exeunt constants 1\n# a note\n\nspec: s 00000000000000ff 0.5 inf\n"
                             "s - minimum[1] -1.5 1e-14\ns 0.5 exit_order[1] 2 0\naccepted: 1 0 0 1e-9 0.1.0 so\nend\n";
    REQUIRE(parse_constants(good, "f").specs.at(0).constants.size() == 2);
    CHECK(parse_constants(good, "f").specs.at(0).hash == 255);
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
        return complaint([&] { parse_constants(text, "f"); });
    };
    CHECK(complaint([] { parse_constants("", "f"); }) ==
          "f:1: is no file of constants: its first line must be 'exeunt constants 1'");
    CHECK(complaint([] { parse_constants("name = \"a\"\n", "f"); }).starts_with("f:1: is no file of constants"));
    CHECK_THAT(with("constants 1", "constants 2"), Contains("f:1: 'exeunt constants 2' is another version"));
    CHECK_THAT(with("-1.5", "-1,5"), Contains("f:5: the value '-1,5' must be a number"));
    CHECK_THAT(with("-1.5", "nan"), Contains("f:5: the value 'nan' must be a number"));
    CHECK_THAT(with("-1.5", "inf"), Contains("f:5: the value 'inf' must be finite"));
    CHECK_THAT(with("-1.5", "1.5x"), Contains("f:5: the value"));
    CHECK_THAT(with("1e-14", "-1e-14"), Contains("f:5: the bound '-1e-14' must be ≥ 0"));
    CHECK_THAT(with("1e-14", ""), Contains("f:5: has 4 words"));
    CHECK_THAT(with("1e-14", "1e-14 2"), Contains("f:5: has 6 words"));
    CHECK_THAT(with("s - min", "t - min"), Contains("f:5: 't' is not the spec of this part, 's'"));
    CHECK_THAT(with("minimum[1]", "minimun[1]"), Contains("f:5: 'minimun[1]' names no constant"));
    for (const std::string bad : {"minimum", "minimum[]", "minimum[0]", "minimum[1,2]", "minimum[1", "minimum[1,]",
                                  "minimum[a]", "minimum[01]", "minimum[1]]"})
        CHECK_THAT(with("minimum[1]", bad), Contains("names no constant"));
    CHECK_THAT(with("s - min", "s 0.5 min"), Contains("f:5: minimum[1] has no clip"));
    CHECK_THAT(with("s 0.5 exit", "s - exit"), Contains("f:6: exit_order[1] needs a clip"));
    CHECK_THAT(with("s 0.5 exit", "s 0.7 exit"), Contains("f:6: clip 0.7 is none of the thresholds of s"));
    CHECK_THAT(with("s 0.5 exit", "s 0 exit"), Contains("f:6: clip '0' must be > 0"));
    CHECK_THAT(with("s 0.5 exit_order[1] 2 0", "s - minimum[1] 2 0"), Contains("f:6: minimum[1] appears twice"));
    CHECK_THAT(with("accepted:", "spec: s 1 0.5\naccepted:"), Contains("f:7: spec s appears twice"));
    CHECK_THAT(with("spec: s", "spec:"), Contains("f:4: "));
    CHECK_THAT(with("00ff", "00fg"), Contains("f:4: the hash '00000000000000fg' must be"));
    CHECK_THAT(with("spec: s 00000000000000ff 0.5 inf\n", ""),
               Contains("f:4: a constant before the first line 'spec:"));
    CHECK_THAT(with(" so", ""), Contains("f:7: a line of the history must be"));
    CHECK_THAT(with("accepted: 1", "accepted: -1"), Contains("f:7: the number changed '-1'"));
    CHECK_THAT(with("end\n", ""), Contains("f:7: the file ends without its last line, 'end': it was cut off"));
    CHECK_THAT(with("end\n", "end\nspec: t 1 0.5\n"), Contains("f:9: the file goes on after its end"));
    CHECK(with("s - minimum[1] -1.5", std::string(5000, 'a') + "\x01").find('\n') == std::string::npos);
}

TEST_CASE("A name that could not be read back is refused")
{
    const model::Spec spec = model::load_spec("wang2022", {}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    for (const std::string bad : {"a b.toml", "#a", "a:", "a\tb", "a\nb", ""})
        CHECK_THAT(complaint([&] { constants_of(bad, spec, setting.landscape, {}); }), Contains("rename it"));
    CHECK(constants_of("η/a#b.toml", spec, setting.landscape, {}).spec == "η/a#b.toml");
}

TEST_CASE("Accepting takes today's values of what changed, keeps the lines of what did not, and writes the history")
{
    ConstantsFile file = two_specs();
    const auto before = file;
    SpecConstants now = changed(wang(), [](const Constant& c) {
        return c.name == "exit_constant[2,1]" ? c.value * (1 + 4e-9)
               : c.bound > 0                  ? std::nextafter(c.value, inf)
                                              : c.value;
    });
    named(now, "clip=0.5/exit_constant[2,3]").bound *= 0.4;      // halved and more: the better bound is taken
    named(now, "clip=0.5/exit_constant[3,4]").bound *= 0.6;      // not so much better
    named(now, "clip=0.5/exit_constant[4,3]").bound *= 3;        // worse
    named(now, "clip=0.5/entrance[1,2]").name = "entrance[1,9]"; // one gone, one new
    const auto written = accept(file, {now}, "0.2.0", "a reason");
    REQUIRE(written);
    CHECK(written->changed == 3); // q_{2,1} at three thresholds
    CHECK(written->gone == 1);
    CHECK(written->added == 1);
    CHECK(written->largest >= 4e-9 * (1 - 1e-7));
    CHECK(written->largest <= 4.1e-9);
    REQUIRE(file.history.size() == 2);
    CHECK(file.history[0].reason == before.history[0].reason);
    CHECK(file.history[1].reason == "a reason");
    CHECK(file.history[1].version == "0.2.0");
    const SpecConstants& taken = *file.find("wang2022");
    CHECK(named(taken, "clip=0.5/exit_constant[2,1]").value == named(now, "clip=0.5/exit_constant[2,1]").value);
    CHECK(named(taken, "clip=0.5/exit_constant[2,3]").value == named(now, "clip=0.5/exit_constant[2,3]").value);
    for (const std::string kept : {"clip=0.5/exit_constant[3,4]", "clip=0.5/exit_constant[4,3]", "minimum[1]"}) {
        CHECK(named(taken, kept).value == named(wang(), kept).value);
        CHECK(named(taken, kept).bound == named(wang(), kept).bound);
    }
    CHECK_FALSE(has(taken, "clip=0.5/entrance[1,2]"));
    CHECK(has(taken, "clip=0.5/entrance[1,9]"));
    CHECK(constants_text({{*file.find("double-well")}, {}}) == constants_text({{before.specs[0]}, {}})); // not listed
    CHECK(compare(taken, now).verdict() == Verdict::confirmed);

    const std::string text = constants_text(file);
    CHECK_FALSE(accept(file, {now}, "0.2.0", "again")); // nothing to accept
    CHECK(constants_text(file) == text);
    CHECK_THAT(complaint([&] { accept(file, {today("multiwell")}, "0", "r"); }), Contains("not in the file"));
}

TEST_CASE("Recording adds specs, follows a spec that changed, and leaves changed constants to --accept")
{
    ConstantsFile file = two_specs();
    const std::string text = constants_text(file);
    add(file, wang(), "f.txt");
    CHECK(constants_text(file) == text); // nothing to do
    const SpecConstants other = today("wang2022", {"dynamics.clip=0.5,0.4"});
    add(file, other, "f.txt");
    CHECK(file.find("wang2022")->clip == other.clip);
    CHECK(compare(*file.find("wang2022"), other).verdict() == Verdict::confirmed);
    CHECK(file.history.size() == 1);
    const SpecConstants wrong = changed(other, [](const Constant& c) { return c.value * (1 + 1e-9); });
    CHECK_THAT(complaint([&] { add(file, wrong, "f.txt"); }),
               Contains("f.txt: wang2022 is recorded with other values") && Contains("--accept --reason"));
}
