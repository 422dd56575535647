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

/// y(η) = 1 + y_1 c + y_2 c^α + y_3 c², c = η^{1-1/α}.
double expansion(double eta, double y_1, double y_2, double y_3)
{
    const double c = std::pow(eta, 1 - 1 / alpha);
    return 1 + y_1 * c + y_2 * std::pow(c, alpha) + y_3 * c * c;
}

std::vector<double> values(const std::vector<double>& etas, double y_1, double y_2, double y_3)
{
    std::vector<double> y;
    for (const double eta : etas) y.push_back(expansion(eta, y_1, y_2, y_3));
    return y;
}

model::Spec tilted(const std::string& clips)
{
    return model::default_spec("x^4/4 - x^2/2 + x/10",
                               {"dynamics.clip=" + clips, "potential.domain=[-2.5,2.5]", "potential.clamp=true"});
}

}

TEST_CASE("L1 extrapolation: exact on 1 + a c + b c^α + d c², to rounding times the condition")
{
    const std::vector<double> etas{1e-2, 1e-3, 1e-4, 1e-5}, exact(4, 0.0);
    const Extrapolated four = extrapolate(etas, values(etas, -0.9, 0.7, -0.4), exact, alpha);
    // c^1 and c^1.2 are nearly alike: the weights are some tens, and solving for them loses as much again
    CHECK(std::abs(four.limit - 1) <= 1e4 * ulp);
    CHECK(four.error > 1e-6); // what the lower order leaves of d c²
    CHECK(four.error >= std::abs(four.limit - 1));
    // earlier rungs are not used
    const std::vector<double> longer{0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-5};
    std::vector<double> y = values(longer, -0.9, 0.7, -0.4);
    y[0] = y[1] = 17;
    CHECK(extrapolate(longer, y, std::vector<double>(6, 0.0), alpha).limit == four.limit);
    // both orders are exact where there is no c²
    CHECK(extrapolate(etas, values(etas, -0.9, 0.7, 0), exact, alpha).error <= 1e4 * ulp);
    // three rungs: two terms, compared with one
    const std::vector<double> three{1e-3, 1e-4, 1e-5};
    const Extrapolated shorter = extrapolate(three, values(three, -0.9, 0.7, 0), std::vector<double>(3, 0.0), alpha);
    CHECK(std::abs(shorter.limit - 1) <= 1e4 * ulp);
    CHECK(shorter.error > std::abs(shorter.limit - 1));
    CHECK(extrapolate(three, values(three, -0.9, 0, 0), std::vector<double>(3, 0.0), alpha).error <= 1e4 * ulp);
}

TEST_CASE("L1 extrapolation: errors of the values come out as large as they can act")
{
    const std::vector<double> etas{1e-2, 1e-3, 1e-4, 1e-5}, flat(4, 1.0), exact(4, 0.0);
    double worst = 0; // each value moved by its error, to the side that hurts: Σ |w_k| e_k
    for (std::size_t k = 0; k < 4; ++k) {
        std::vector<double> moved = flat;
        moved[k] += 1e-4;
        worst += std::abs(extrapolate(etas, moved, exact, alpha).limit - 1);
    }
    const Extrapolated e = extrapolate(etas, flat, std::vector<double>(4, 1e-4), alpha);
    CHECK(relative(e.error, worst) <= 1e-8); // differences of 1e-4 from 1
    CHECK(e.error > 3e-4);                   // the weights add up to 1 with changing signs
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
            CHECK(ladder.rungs.size() >= 4);
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

            // q wrong by 6 %: every ratio is, and so is its limit
            std::vector<double> etas, y, error;
            for (const theory::ExactCell& rung : ladder.rungs) {
                etas.push_back(rung.learning_rate);
                y.push_back(1.06 * rung.ratio());
                error.push_back(1.06 * rung.ratio() * rung.exit.error);
            }
            ladder.ratio = extrapolate(etas, y, error, alpha);
            const Hypothesis wrong = exit_time_limit(ladder, 0.05);
            CHECK(wrong.verdict == Verdict::refuted);
            CHECK_THAT(wrong.reason, Catch::Contains("excludes the limit"));
        }
}

TEST_CASE("L1 Exit theorem (section 3): the split tends to q_ij / q_i, well 2 of wang2022, b = 0.5")
{
    const model::Spec spec = model::load_spec("wang2022", {"dynamics.clip=0.5"}, EXEUNT_SOURCE_DIR "/specs");
    const theory::Setting setting(spec);
    const theory::Prediction limit = theory::predict(spec, setting).front();
    theory::ExitConstants q = limit.exits[1];
    const Ladder ladder = climb(setting, limit, 1, {1e-5, 1e-3, 1e-6, 1e-4}, 0.05); // in any order
    CHECK(ladder.rungs.front().learning_rate == 1e-3);
    CHECK(ladder.rungs.back().learning_rate == 1e-6);
    CHECK(std::abs(ladder.share.limit - q.to[0] / q.total()) <= ladder.share.error);
    CHECK(std::abs(ladder.ratio.limit - 1) <= ladder.ratio.error);
    const Hypothesis right = exit_split_limit(ladder, q, 0.05);
    CHECK(right.id == "exit-split.limit/clip=0.5/well=2");
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.expected == q.to[0] / q.total());
    q.to[2] *= 3; // 15 % to the right in place of 6 %
    CHECK(exit_split_limit(ladder, q, 0.05).verdict == Verdict::refuted);
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
