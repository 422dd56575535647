// The tests, tested (validation.md): synthetic campaigns, and the catalogue of mutants.
#include "validation/calibrate.hpp"

#include "tests/validation/cells.hpp"
#include "validation/mutants.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <vector>

using namespace exeunt;
using namespace exeunt::validation;

namespace
{

model::Spec wang(const model::Overrides& overrides)
{
    return model::load_spec("wang2022", overrides, EXEUNT_SOURCE_DIR "/specs");
}

/// Wells 1 to 4 without clip, of which well 3 has two likely places and a mean of 658 steps; 20 % are seen by 900
/// exits.
model::Spec quick() { return wang({"dynamics.clip=inf", "dynamics.learning_rate=0.01", "verify.effect=0.2"}); }

/// Draws of the two-sided cell.
std::vector<sim::Exit> drawn(std::size_t n, const WrongLaw& wrong)
{
    const ExactCell& cell = two_sided_cell();
    const ExitSampler sampler(cell.law, cell.moments);
    boost::random::mt19937_64 bits(1);
    boost::random::uniform_01<double> uniform;
    std::vector<sim::Exit> exits;
    for (std::size_t k = 0; k < n; ++k) {
        const double place = uniform(bits);
        exits.push_back(sampler(place, 1 - uniform(bits), wrong));
    }
    return exits;
}

}

TEST_CASE("Calibration: draws have the exact law of time and place, or the wrong one that is asked for")
{
    const ExactCell& cell = two_sided_cell();
    const sim::Stream stream{.seed = 4, .cell = 1};
    constexpr Design design{.level = 1e-6, .effect = 0.05, .power = 0.99}; // a false alarm in a million
    constexpr std::size_t n = 20'000;
    const auto right = drawn(n, {});
    CHECK(exit_time_scale(cell.evidence(right, stream), cell.law, design, n).verdict != Verdict::refuted);
    CHECK(exit_time_shape(cell.evidence(right, stream), cell.law, design).verdict == Verdict::confirmed);
    CHECK(exit_joint_law(cell.evidence(right, stream), cell.law, design).verdict != Verdict::refuted);
    CHECK(exit_split(cell.evidence(right, stream), design).verdict != Verdict::refuted);

    // five standard errors of a mean whose standard deviation is about itself
    const auto mean = [](const std::vector<sim::Exit>& exits) {
        double sum = 0;
        for (const auto& e : exits) sum += static_cast<double>(e.step);
        return sum / static_cast<double>(exits.size());
    };
    const double blur = 5 / std::sqrt(static_cast<double>(n));
    CHECK(relative(mean(right), cell.moments.mean) <= blur);
    CHECK(relative(mean(drawn(n, {.slower = 1.3})), 1.3 * cell.moments.mean) <= 1.5 * blur); // steps are whole

    const auto& to = cell.moments.to;
    const auto lead = static_cast<std::uint32_t>(std::max_element(to.begin(), to.end()) - to.begin());
    for (const double likelier : {1.0, 1.2, 0.5}) {
        const auto exits = drawn(n, {.likelier = likelier});
        const auto into = static_cast<double>(
            std::count_if(exits.begin(), exits.end(), [&](const auto& e) { return e.place == lead; }));
        const double p = likelier * to[lead];
        CHECK(std::abs(into / static_cast<double>(n) - p) <= 5 * std::sqrt(p * (1 - p) / static_cast<double>(n)));
    }
}

TEST_CASE("Calibration: campaigns of the exact law pass, those that are wrong by the effect are refuted")
{
    const Calibration c = calibrate(quick(), {.campaigns = 400, .wrong = 100, .threads = 2});
    CHECK(c.cell.well == 2); // of two likely places the shortest
    CHECK(c.false_alarm == 1e-3);
    for (const std::string& complaint : c.complaints(0.99)) FAIL_CHECK(complaint); // each with probability 1e-4
    CHECK(c.null.campaigns == 400);
    CHECK(c.loose.campaigns == 400);
    CHECK(c.null.refuted <= c.loose.refuted);
    CHECK(c.null.confirmed >= 380); // 0.99 each of S1, S2, S3 and S4
    for (const Outcomes& wrong : {c.slow, c.fast, c.more, c.less}) {
        CHECK(wrong.campaigns == 100);
        CHECK(wrong.refuted >= 95); // 0.99 of each, or more: fewer with probability 5e-4
        CHECK(wrong.confirmed == 0);
    }

    // the same campaigns on one thread
    const Calibration again = calibrate(quick(), {.campaigns = 20, .wrong = 1, .threads = 1});
    const Calibration two = calibrate(quick(), {.campaigns = 20, .wrong = 1, .threads = 2});
    CHECK(again.mean_e == two.mean_e);
    CHECK(again.shape_uniform == two.shape_uniform);
}

TEST_CASE("Calibration: a bias of a quarter of the effect shows in p-values, one of the effect in everything")
{
    // 5 % in 900 exits is one and a half standard errors: seldom refuted, but no p-value is uniform
    const Calibration biased =
        calibrate(quick(), {.campaigns = 400, .wrong = 1, .planted = {.slower = 1.05}, .threads = 2});
    CHECK(biased.shape_uniform < 1e-4);
    CHECK_FALSE(biased.complaints(0.99).empty());
    const Calibration wrong =
        calibrate(quick(), {.campaigns = 100, .wrong = 1, .planted = {.slower = 1.2}, .threads = 2});
    CHECK(wrong.null.refuted >= 95);
    CHECK(wrong.complaints(0.99).size() == 2); // too many at both levels; S2 and S4 are not looked at after S1 refuted
}

TEST_CASE("Calibration: the interval of a rate is Clopper and Pearson's at 99 %")
{
    // none of n: 1 - 0.005^{1/n}
    const ShareInterval none = Calibration::rate({.campaigns = 1000, .refuted = 0});
    CHECK(none.lower == 0);
    CHECK(relative(none.upper, -std::expm1(std::log(0.005) / 1000)) <= 1e-12);
    const ShareInterval all = Calibration::rate({.campaigns = 100, .refuted = 100});
    CHECK(all.upper == 1);
    CHECK(relative(all.lower, std::pow(0.005, 1.0 / 100)) <= 1e-12);
    // in between each end leaves ½ % of the binomial law beyond the count
    const ShareInterval some = Calibration::rate({.campaigns = 10'000, .refuted = 9});
    using boost::math::binomial;
    CHECK(relative(cdf(complement(binomial(10'000, some.lower), 8)), 0.005) <= 1e-9);
    CHECK(relative(cdf(binomial(10'000, some.upper), 9), 0.005) <= 1e-9);
}

TEST_CASE("Calibration: each way in which tests may not be what they claim is a complaint, and none else")
{
    Calibration good{.cell = {}, .planned = 1000, .false_alarm = 1e-3};
    good.null = {.campaigns = 10'000, .refuted = 14, .confirmed = 9900};
    good.loose = {.campaigns = 10'000, .refuted = 120, .confirmed = 9900};
    good.mean_e = 1.2;
    good.mean_e_error = 0.1;
    good.shape_uniform = 0.01;
    good.joint_uniform = std::nan(""); // one place only
    good.slow = good.fast = {.campaigns = 100, .refuted = 98};
    CHECK(good.complaints(0.99).empty());
    const auto complains = [&](const auto& change) {
        Calibration bad = good;
        change(bad);
        return bad.complaints(0.99).size() == 1;
    };
    CHECK(complains([](Calibration& c) { c.null.refuted = 30; }));
    CHECK(complains([](Calibration& c) { c.loose.refuted = 150; }));
    CHECK(complains([](Calibration& c) { c.mean_e = 1.5; }));
    CHECK(complains([](Calibration& c) { c.shape_uniform = 1e-5; }));
    CHECK(complains([](Calibration& c) { c.joint_uniform = 1e-5; }));
    for (Outcomes Calibration::*wrong :
         {&Calibration::slow, &Calibration::fast, &Calibration::more, &Calibration::less})
        CHECK(complains([&](Calibration& c) { c.*wrong = {.campaigns = 100, .refuted = 90}; }));
}

TEST_CASE("Calibration: where no exit is short there is a way out in the message")
{
    CHECK_THROWS_WITH(calibrate(wang({"verify.false_alarm=0.1"}), {.campaigns = 1}), Catch::Contains("below 0.1"));
    CHECK_THROWS_WITH(calibrate(wang({"dynamics.clip=0.28", "dynamics.learning_rate=1e-5"}), {.campaigns = 1}),
                      Catch::Contains("add a larger learning rate"));
}

TEST_CASE("Mutants: the right simulation is not refuted, and each of the catalogue is, on one seed")
{
    const auto outcomes = mutants(wang(mutant_overrides()), {.campaigns = 1, .threads = 2});
    REQUIRE(outcomes.size() == 24);
    std::set<std::string> names;
    for (const MutantOutcome& o : outcomes) {
        INFO(o.name << ": " << o.says);
        CHECK(o.campaigns == 1);
        CHECK(o.right == (o.name == "none" || o.name == "line-none"));
        CHECK(o.refuted == (o.right ? 0 : 1));
        CHECK(o.by.empty() == o.right);
        for (const auto& [claim, of] : {std::pair{"S5", "wells-at-times/"}, {"S6", "passage-"}, {"S7", "time-share"}})
            if (o.says.starts_with(claim)) CHECK_THAT(o.by, Catch::StartsWith(of));
        names.insert(o.name);
    }
    CHECK(outcomes.front().name == "none");
    CHECK(names.size() == outcomes.size());
}
