// The exact chain against the limit: extrapolation that is exact where it claims to be, and errors that cover the
// truth.
#include "validation/convergence.hpp"

#include "cells.hpp"
#include "model/spec.hpp"

#include <catch2/catch.hpp>

using namespace exeunt;
using namespace exeunt::validation;

namespace
{

constexpr double alpha = 1.2;

/// 1 + Σ_k y_k η^{p_k}.
double expansion(double eta, const std::vector<double>& y, const std::vector<double>& p)
{
    double sum = 1;
    for (std::size_t k = 0; k < y.size(); ++k) sum += y[k] * std::pow(eta, p[k]);
    return sum;
}

std::vector<double> values(const std::vector<double>& etas, const std::vector<double>& y, const std::vector<double>& p)
{
    std::vector<double> out;
    for (const double eta : etas) out.push_back(expansion(eta, y, p));
    return out;
}

std::vector<double> decades(int from, int to)
{
    std::vector<double> etas;
    for (int k = from; k <= to; ++k) etas.push_back(std::pow(10, -k));
    return etas;
}

/// The theory is wrong by a factor: so is every ratio of the ladder.
Ladder with_wrong_constant(Ladder ladder, double factor)
{
    std::vector<double> etas, y, error;
    for (const theory::ExactCell& rung : ladder.rungs) {
        etas.push_back(rung.learning_rate);
        y.push_back(factor * rung.ratio());
        error.push_back(factor * rung.ratio() * rung.exit.error);
    }
    ladder.ratio = extrapolate(etas, y, error, alpha);
    return ladder;
}

model::Spec tilted(const std::string& clips)
{
    return model::default_spec("x^4/4 - x^2/2 + x/10",
                               {"dynamics.clip=" + clips, "potential.domain=[-2.5,2.5]", "potential.clamp=true"});
}

}

TEST_CASE("L1 powers of the approach: sums of 1 - 1/min(α,2), α - 1 and 1, those that coincide once")
{
    const auto check = [](double index, const std::vector<double>& expected) {
        const std::vector<double> found = powers_of_approach(index, expected.size());
        for (std::size_t k = 0; k < expected.size(); ++k) {
            INFO("α = " << index << ", power " << k << ": " << found[k]);
            CHECK(std::abs(found[k] - expected[k]) <= 8 * ulp);
        }
    };
    check(1.2, {0, 1.0 / 6, 0.2, 2.0 / 6, 1.0 / 6 + 0.2, 0.4, 0.5});
    check(1.5, {0, 1.0 / 3, 0.5, 2.0 / 3, 5.0 / 6, 1});
    check(2, {0, 0.5, 1, 1.5, 2, 2.5});
    check(2.5, {0, 0.5, 1, 1.5, 2, 2.5});
    check(1.99, {0, 0.99 / 1.99, 0.99, 0.99 / 1.99 + 0.99, 1.98}); // 2·0.4975 and 1 are too near to 0.99
}

TEST_CASE(
    "L1 order of approach: the exponent of a pure power, on decades, less where the last step is a rounding error")
{
    for (const double p : {0.05, 1.0 / 6, 0.5, -0.2})
        CHECK(std::abs(order_of_approach(decades(2, 6), values(decades(2, 6), {0.7}, {p}), 0) - p) <= 1e3 * ulp);
    const std::vector<double> flat{1, 1.1, 1.1 + 1e-9};
    CHECK(std::isinf(order_of_approach(decades(2, 4), flat, 1e-8)));
    CHECK(std::abs(order_of_approach(decades(2, 4), flat, 0) - 8) <= 1e-6); // from 0.1 to 1e-9 in a decade
}

TEST_CASE("L1 extrapolation: exact on sums of its powers, to rounding times the condition")
{
    const std::vector<double> etas = decades(2, 8), exact(7, 0.0);
    const std::vector<double> p{1.0 / 6, 0.2, 1.0 / 3};
    const Extrapolated two = extrapolate(etas, values(etas, {-0.9, 0.7}, p), exact, alpha);
    // η^{1/6} and η^{1/5} are nearly alike: the weights are some tens, and solving for them loses as much again
    CHECK(std::abs(two.limit - 1) <= 1e5 * ulp);
    CHECK(two.error <= 1e6 * ulp); // one power less and one rung less are exact, too
    CHECK(two.leading == 1 - 1 / alpha);
    const Extrapolated three = extrapolate(etas, values(etas, {-0.9, 0.7, -0.4}, p), exact, alpha);
    CHECK(std::abs(three.limit - 1) <= 1e5 * ulp);
    CHECK(three.powers >= 3);
    // what is not among the powers leaves an error that covers it
    for (const double odd : {0.25, 0.45, 0.7}) {
        const Extrapolated e = extrapolate(etas, values(etas, {-0.9, 0.5}, {p[0], odd}), exact, alpha);
        CHECK(e.error > 1e-9);
        CHECK(std::abs(e.limit - 1) <= e.error);
    }
    // earlier rungs than seven are not used
    std::vector<double> longer = decades(0, 8), y = values(longer, {-0.9, 0.7, -0.4}, p);
    y[0] = y[1] = 17;
    CHECK(extrapolate(longer, y, std::vector<double>(9, 0.0), alpha).limit == three.limit);
}

TEST_CASE("L1 extrapolation: short ladders have one power, and an error of five times what it changed")
{
    for (const int last : {5, 6}) { // three rungs and four
        const std::vector<double> etas = decades(3, last), exact(etas.size(), 0.0);
        const std::vector<double> y = values(etas, {-0.5}, {1.0 / 6});
        const Extrapolated e = extrapolate(etas, y, exact, alpha);
        CHECK(e.powers == 1);
        CHECK(std::abs(e.limit - 1) <= 1e2 * ulp);
        CHECK(relative(e.error, 5 * (1 - y.back())) <= 1e3 * ulp);
    }
}

TEST_CASE("L1 extrapolation: errors of the values come out as large as they can act")
{
    // flat values need one power: weights -c/(1 - c) and 1/(1 - c), c = 10^{-1/6}
    const double c = std::pow(10, -1.0 / 6);
    const Extrapolated e = extrapolate(decades(2, 7), std::vector<double>(6, 1.0), std::vector<double>(6, 1e-4), alpha);
    CHECK(relative(e.error, 1e-4 * (1 + c) / (1 - c)) <= 1e-8);
    CHECK(std::isinf(e.order));
}

TEST_CASE("L1 extrapolation: values that move more slowly than 0.6 of the leading power have no limit yet")
{
    const std::vector<double> etas = decades(2, 9), exact(8, 0.0);
    for (const double p : {-0.2, 0.02, 0.09})
        CHECK(std::isinf(extrapolate(etas, values(etas, {-0.5}, {p}), exact, alpha).error));
    for (const double p : {0.11, 1.0 / 6, 0.3})
        CHECK(std::isfinite(extrapolate(etas, values(etas, {-0.5}, {p}), exact, alpha).error));
}

TEST_CASE("L1 top rung: the largest power of ten with η f''(m) ≤ ½")
{
    const model::Landscape steep(model::builtin_potential("wang2022"), {-1.6, 1.6, true});
    for (const model::Landscape& f : {steep, theory::Setting(tilted("0.7")).landscape}) {
        const double top = top_rung(f);
        double steepest = 0;
        for (const double m : f.minima()) steepest = std::max(steepest, f.potential().curvature(m));
        CHECK(top * steepest <= 0.5);
        CHECK(10 * top * steepest > 0.5);
        CHECK(std::abs(std::log10(top) - std::round(std::log10(top))) <= 4 * ulp);
    }
}

TEST_CASE("L1 Exit theorem (section 3): oracle mean × q λ(η) → 1 on real ladders, within the error, l* = 1 and 2")
{
    const model::Spec spec = tilted("[0.7, inf]");
    const theory::Setting setting(spec);
    for (const theory::Prediction& limit : theory::predict(spec, setting))
        for (std::size_t well = 0; well < 2; ++well) {
            Ladder ladder = climb(setting, limit, well, {}, 0.05);
            INFO("clip " << limit.clip << ", well " << well + 1 << ": " << ladder.ratio.limit << " ± "
                         << ladder.ratio.error);
            CHECK(std::abs(ladder.ratio.limit - 1) <= ladder.ratio.error);
            CHECK(ladder.ratio.error < 0.05 / 3);
            CHECK(ladder.rungs.size() >= 5);
            CHECK(ladder.rungs.front().learning_rate == top_rung(setting.landscape));
            CHECK(std::abs(ladder.rungs.back().ratio() - 1) < std::abs(ladder.rungs.front().ratio() - 1));
            for (std::size_t k = 1; k < ladder.rungs.size(); ++k)
                CHECK(relative(ladder.rungs[k].learning_rate, ladder.rungs[k - 1].learning_rate / 10) <= 4 * ulp);

            const Hypothesis right = exit_time_limit(ladder, 0.05);
            CHECK(right.verdict == Verdict::confirmed);
            CHECK(right.well == well);
            CHECK(right.expected == 1);
            CHECK(right.alpha == 0);
            CHECK(std::isnan(right.p_value));
            CHECK(right.samples == ladder.rungs.size());
            CHECK(exit_split_limit(ladder, limit.exits[well], 0.05).verdict == Verdict::confirmed);
            const Hypothesis slope = exit_time_slope(ladder, 0.05);
            CHECK(slope.verdict == Verdict::confirmed);
            CHECK(std::abs(slope.estimate - 1) <= ladder.slope.error);

            const Hypothesis wrong = exit_time_limit(with_wrong_constant(ladder, 1.05), 0.05);
            CHECK(wrong.verdict == Verdict::refuted);
            CHECK_THAT(wrong.reason, Catch::Contains("excludes the limit"));
        }
}

TEST_CASE("L1 Exit theorem (section 3): what has not settled is inconclusive, never refuted, l* = 3")
{
    const model::Spec spec = model::load_spec("double-well", {"dynamics.clip=[0.4,0.34]"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const auto predictions = theory::predict(spec, setting);
    // ratios from 0.27 to 0.66: a mean of powers of a true theory, which an error of a few per cent would refute
    const Ladder settling = climb(setting, predictions[0], 0, decades(2, 6), 0.05);
    INFO(settling.ratio.limit << " ± " << settling.ratio.error);
    CHECK(settling.rungs.back().ratio() < 0.8);
    CHECK(exit_time_limit(settling, 0.05).verdict == Verdict::inconclusive);
    CHECK(std::abs(settling.ratio.limit - 1) <= settling.ratio.error);
    // r/b = 2.94: the second jump must land close to the saddle, and the ratio has hardly begun to rise
    const Ladder early = climb(setting, predictions[1], 0, decades(3, 8), 0.05);
    CHECK(std::isinf(early.ratio.error));
    const Hypothesis h = exit_time_limit(early, 0.05);
    CHECK(h.verdict == Verdict::inconclusive);
    CHECK_THAT(h.reason, Catch::StartsWith("the ratio has not settled into its law of approach: "));
    CHECK(std::isnan(h.estimate));
    CHECK(std::isnan(h.lower));
    CHECK(std::isnan(h.upper));
    const Hypothesis slope = exit_time_slope(early, 0.05);
    CHECK(slope.verdict == Verdict::inconclusive);
    CHECK(slope.reason == h.reason);
    CHECK(exit_time_slope(settling, 0.05).verdict != Verdict::refuted);
}

TEST_CASE(
    "L3 local slope: d log E σ / d log(1/λ) of each step of the ladder, 1 where E σ λ is constant, else by its change")
{
    std::vector<theory::ExactCell> rungs(3);
    for (std::size_t k = 0; k < 3; ++k) {
        rungs[k].time_scale = std::pow(10, -1.4 * static_cast<double>(k));
        rungs[k].exit.mean = 7 / rungs[k].time_scale;
    }
    rungs[2].exit.mean *= std::pow(10, 0.14);
    const std::vector<double> slopes = local_slopes(rungs);
    REQUIRE(slopes.size() == 2);
    CHECK(std::abs(slopes[0] - 1) <= 8 * ulp);
    CHECK(std::abs(slopes[1] - 1.1) <= 8 * ulp);
}

TEST_CASE(
    "L1, L2 Exit theorem (section 3): the law tends to Exp(1), and time and place to independence, two-sided well")
{
    const model::Spec spec = model::load_spec("wang2022", {"dynamics.clip=0.5"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const theory::Prediction limit = theory::predict(spec, setting).front();
    Ladder ladder = climb(setting, limit, 2, decades(3, 7), 0.05);
    add_laws(ladder, setting, 1e-9); // so little that every rung is asked
    REQUIRE(ladder.gaps.size() == 5);
    for (std::size_t k = 0; k < 5; ++k) {
        const LimitGaps& gaps = ladder.gaps[k];
        INFO("η = " << ladder.rungs[k].learning_rate << ": " << gaps.time << ", " << gaps.place);
        // of exponential laws with the same start, rates 1 and 1/ratio: |ratio - 1|/e for small |ratio - 1|
        const double off = std::abs(ladder.rungs[k].ratio() - 1);
        CHECK(relative(gaps.time, off / std::exp(1)) <= off + 0.01);
        CHECK(gaps.shape < 0.1 * gaps.time); // the law is exponential long before its mean is that of the limit
        CHECK(gaps.place > 0);
        CHECK(gaps.error <= 2e-5);
        if (k == 0) continue;
        CHECK(gaps.time < ladder.gaps[k - 1].time);
        CHECK(gaps.place < 0.6 * ladder.gaps[k - 1].place);
    }
    CHECK(exit_law_limit(ladder, 0.05).verdict == Verdict::confirmed);
    CHECK(exit_independence_limit(ladder, 0.05).verdict == Verdict::confirmed);
    CHECK(std::abs(ladder.time_gap.limit) <= ladder.time_gap.error);

    // three rungs say as much, and their interval holds that of the gaps themselves
    const double all = ladder.time_gap.error;
    add_laws(ladder, setting, 0.05);
    CHECK(ladder.gaps.size() == 3);
    CHECK(ladder.time_gap.error >= all);
    CHECK(ladder.time_gap.error <= all + 0.05 / 10); // to which the shape was to be known
    CHECK(exit_law_limit(ladder, 0.05).verdict == Verdict::confirmed);
    CHECK(exit_independence_limit(ladder, 0.05).verdict == Verdict::confirmed);

    // a ratio that tends to 1.1: e^{-t/1.1} is 0.035 from e^{-t} at t = 1.05
    Ladder wrong = ladder;
    wrong.ratio.limit *= 1.1;
    add_laws(wrong, setting, 0.05);
    CHECK(exit_law_limit(wrong, 0.05).verdict == Verdict::refuted);
    CHECK(std::abs(wrong.time_gap.limit - 0.035) <= 0.004);

    // gaps that do not vanish
    ladder.time_gap.limit += 0.03;
    CHECK(exit_law_limit(ladder, 0.05).verdict == Verdict::refuted);
    // no law: nothing is said
    ladder.time_gap = {.limit = std::nan(""), .error = infinity, .order = std::nan("")};
    CHECK(exit_law_limit(ladder, 0.05).verdict == Verdict::inconclusive);
}

TEST_CASE("L1 gaps of the law: where only the mean is exact, or the mean is beyond 2^56, there are none")
{
    const model::Model model = wang2022(0.01, 0.5);
    theory::ExactCell cell{.clip = 0.5,
                           .learning_rate = 0.01,
                           .well = 0,
                           .exit = theory::exit_moments(model, 0, 1e-4),
                           .time_scale = 1,
                           .limit_mean = 1};
    cell.limit_mean = cell.exit.mean;
    const theory::ExitLaw law(model, 0, cell.exit);
    CHECK(limit_gaps(law, cell).time < 0.05);   // it is all but exponential, with its own mean
    CHECK(limit_gaps(law, cell).place <= 1e-9); // one place
    cell.limit_mean = 1e17;
    CHECK(std::isnan(limit_gaps(law, cell).time));
    CHECK(std::isnan(limit_gaps(law, cell).place));
}

TEST_CASE("L1 Exit theorem (section 3): the split tends to q_ij / q_i, well 2 of wang2022, b = 0.5")
{
    const model::Spec spec = model::load_spec("wang2022", {"dynamics.clip=0.5"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const theory::Prediction limit = theory::predict(spec, setting).front();
    theory::ExitConstants q = limit.exits[1];
    const Ladder ladder = climb(setting, limit, 1, {1e-5, 1e-3, 1e-7, 1e-6, 1e-4}, 0.05); // in any order
    CHECK(ladder.rungs.front().learning_rate == 1e-3);
    CHECK(ladder.rungs.back().learning_rate == 1e-7);
    CHECK(std::abs(ladder.share.limit - q.to[0] / q.total()) <= ladder.share.error);
    CHECK(std::abs(ladder.ratio.limit - 1) <= ladder.ratio.error);
    const Hypothesis right = exit_split_limit(ladder, q, 0.05);
    CHECK(right.id == "exit-split.limit/clip=0.5/well=2");
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.expected == q.to[0] / q.total());
    q.to[2] *= 3; // 15 % to the right in place of 6 %
    CHECK(exit_split_limit(ladder, q, 0.05).verdict == Verdict::refuted);
}

TEST_CASE("L1 Exit theorem (section 3): every prefix of a ladder whose extrapolated ratio turns has 1 within its error")
{
    // b > r: one jump. With two powers less the last two rungs agree by chance, on 0.9984.
    const model::Spec spec = tilted("1.2");
    const theory::Setting setting(spec);
    const std::vector<double> etas = decades(1, 7);
    const Ladder ladder = climb(setting, theory::predict(spec, setting).front(), 0, etas, 0.05);
    std::vector<double> y, error;
    for (const theory::ExactCell& rung : ladder.rungs) {
        y.push_back(rung.ratio());
        error.push_back(rung.ratio() * rung.exit.error);
    }
    for (std::size_t m = 3; m <= y.size(); ++m) {
        const Extrapolated e =
            extrapolate(std::span(etas).first(m), std::span(y).first(m), std::span(error).first(m), alpha);
        INFO(m << " rungs: " << e.limit << " ± " << e.error);
        CHECK(std::abs(e.limit - 1) <= e.error);
    }
}

TEST_CASE("L1 verdict: with a slowly varying factor in the tail no ladder settles, and the reason is the tail's index")
{
    const model::Spec spec =
        model::default_spec("x^4/4 - x^2/2 + x/10", {"dynamics.clip=1.2", "potential.domain=[-2.5,2.5]",
                                                     "potential.clamp=true", "noise.law=log_pareto"});
    const theory::Setting setting(spec);
    const Ladder ladder = climb(setting, theory::predict(spec, setting).front(), 0, {0.1, 0.05, 0.03}, 0.05);
    CHECK(std::isinf(ladder.ratio.error));
    CHECK(std::abs(ladder.tail_excess) > 0.02);
    const Hypothesis h = exit_time_limit(ladder, 0.05);
    CHECK(h.verdict == Verdict::inconclusive);
    CHECK_THAT(h.reason, Catch::StartsWith("the tail of the noise has not settled into its power"));
}

TEST_CASE("L1 verdict: a ladder that does not go far enough is inconclusive, and says by how much")
{
    const Ladder vague{
        .clip = infinity, .well = 1, .rungs = std::vector<theory::ExactCell>(4), .ratio = {1.02, 0.1}, .share = {}};
    const Hypothesis h = exit_time_limit(vague, 0.05);
    CHECK(h.verdict == Verdict::inconclusive);
    CHECK(h.id == "exit-time.limit/clip=inf/well=2");
    CHECK(h.lower == 1.02 - 0.1);
    CHECK(h.upper == 1.02 + 0.1);
    CHECK_THAT(h.reason, Catch::Contains("uncertain by 10 %") && Catch::Contains("5 % is asked"));
}

TEST_CASE("L1 ladder: fewer than three rungs are refused")
{
    const model::Spec spec = tilted("inf");
    const theory::Setting setting(spec);
    const theory::Prediction limit = theory::predict(spec, setting).front();
    CHECK_THROWS_AS(climb(setting, limit, 1, {1e-2, 1e-3}, 0.05), BadInput);
}
