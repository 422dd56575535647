// Simulated exits against the exact law: the standard exponentials, the tests of scale, shape, split and joint law, S1
// to S4.
#include "validation/exits.hpp"

#include "cells.hpp"
#include "sim/words.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <set>

using namespace exeunt;
using namespace exeunt::validation;

namespace
{

constexpr Design design{.level = 1e-5, .effect = 0.05, .power = 0.99};

std::vector<sim::Exit> simulated(const ExactCell& cell, std::uint64_t replicas, const sim::Stream& stream)
{
    return sim::first_exits(cell.model, cell.name.well, stream, {.replicas = replicas, .threads = 1});
}

/// Draws of σ from the law, slowed: P(σ > j) = S(j)^(1/slower).
std::vector<sim::Exit> drawn(const ExactCell& cell, std::uint32_t place, std::size_t n, double slower, unsigned seed)
{
    std::mt19937_64 bits(seed);
    std::exponential_distribution<double> exponential;
    std::vector<sim::Exit> exits;
    for (std::size_t k = 0; k < n; ++k) {
        const double a = slower * exponential(bits);
        std::uint64_t high = 1;
        while (-cell.law.log_survival(high) < a) high *= 2;
        for (std::uint64_t low = high / 2; high - low > 1;) {
            const std::uint64_t middle = (low + high) / 2;
            (-cell.law.log_survival(middle) < a ? low : high) = middle;
        }
        exits.push_back({high, place, false, 0.0});
    }
    return exits;
}

/// Paths that have not left after `limit` steps are given up there.
std::vector<sim::Exit> censored(std::vector<sim::Exit> exits, std::uint64_t limit, std::uint32_t well)
{
    for (sim::Exit& e : exits)
        if (e.step > limit) e = {limit, well, true, 0.0};
    return exits;
}

/// Of a campaign that stops nowhere before its last replica.
Hypothesis exit_time_scale(const Evidence& evidence, const theory::ExitLaw& law, const Design& asked)
{
    return validation::exit_time_scale(evidence, law, asked, evidence.exits.size());
}

bool finite_text(const Hypothesis& h)
{
    return !h.reason.empty() && h.reason.find("nan") == std::string::npos && h.reason.find("inf") == std::string::npos;
}

}

TEST_CASE("S1 standard exponentials: -log(1 - U) is Exp(1), exactly, however coarse the steps")
{
    // Summed over all steps of the cell of mean 4.1 and V on a grid of midpoints.
    const theory::ExitLaw& law = short_cell().law;
    constexpr int grid = 1000;
    std::vector<double> below(8, 0.0); // P(A ≤ a) at a = ½, 1, …, 4
    double mean = 0, coarsest = 0;
    for (std::uint64_t j = 1; law.log_survival(j - 1) > -40; ++j) {
        const double p = std::exp(law.log_survival(j - 1)) * law.hazard(j);
        coarsest = std::max(coarsest, p);
        for (int k = 0; k < grid; ++k) {
            const double a = exponential_of(law, j, (k + 0.5) / grid);
            mean += p / grid * a;
            for (std::size_t i = 0; i < below.size(); ++i)
                if (a <= 0.5 * static_cast<double>(i + 1)) below[i] += p / grid;
        }
    }
    CHECK(std::abs(mean - 1) <= 1e-6);             // midpoint rule: h² P'' / 24 with h = 1e-3 and hazards below 0.6
    for (std::size_t i = 0; i < below.size(); ++i) // one step of the law is cut at a grid point
        CHECK(std::abs(below[i] - -std::expm1(-0.5 * static_cast<double>(i + 1))) <= coarsest / grid);
    // it lies between -log P(σ > j-1) and -log P(σ > j), and reaches both
    CHECK(exponential_of(law, 3, 0) == -law.log_survival(2));
    CHECK(relative(exponential_of(law, 3, 1), -law.log_survival(3)) <= 8 * ulp);
}

TEST_CASE("S1 randomiser: uniform on (0, 1), a function of stream and replica, on a lane that no step uses")
{
    const sim::Stream stream{.seed = 7, .cell = 11};
    constexpr std::uint64_t replicas = 20'000;
    std::vector<double> v;
    std::set<double> distinct;
    sim::Draws draw(sim::make_key(stream.seed, stream.cell));
    double along = 0;
    bool shares_a_word = false;
    for (std::uint64_t r = 0; r < replicas; ++r) {
        const double here = randomiser(stream, r);
        REQUIRE(here > 0);
        REQUIRE(here < 1);
        v.push_back(here);
        distinct.insert(here);
        along += 12 / static_cast<double>(replicas) * (here - 0.5) * (draw(r, 1).v - 0.5);
        // a step's V holds the upper 31 bits of its word, as this does
        for (std::uint64_t j = 1; j <= 8; ++j)
            shares_a_word |= std::floor(draw(r, j).v * 0x1p31) == std::floor(here * 0x1p31);
    }
    CHECK(uniform_distance(v) <= kolmogorov_1e_6);
    CHECK(distinct.size() == replicas);
    CHECK(std::abs(along) <= 5 / std::sqrt(static_cast<double>(replicas))); // of a correlation coefficient: 6e-7
    CHECK_FALSE(shares_a_word);                                             // by chance: 8 · 20000 / 2³¹ = 7e-5
    CHECK(randomiser(stream, 5) == randomiser({.seed = 7, .cell = 11}, 5));
    CHECK(randomiser(stream, 5) != randomiser({.seed = 8, .cell = 11}, 5));
    CHECK(randomiser(stream, 5) != randomiser({.seed = 7, .cell = 12}, 5));
    CHECK(randomiser(stream, 5) != randomiser(stream, 5 + (std::uint64_t{1} << 32U)));
}

TEST_CASE("S1 Exit-time scale (section 6): simulation agrees with the oracle, and one step too many is refuted")
{
    const ExactCell& cell = short_cell();
    const sim::Stream stream{.seed = 1, .cell = 1};
    const std::uint64_t planned = most_exits_for_scale(design, cell.moments.error);
    auto exits = simulated(cell, planned, stream);
    const Hypothesis right = exit_time_scale(cell.evidence(exits, stream), cell.law, design);
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.id == "exit-time.mean/clip=0.5/eta=0.05/well=1");
    CHECK(right.samples == planned);
    CHECK(right.censored == 0);
    CHECK(right.alpha == 1e-5);
    CHECK(right.p_value > 1e-5);
    CHECK(right.expected == cell.moments.mean);
    CHECK(right.lower < right.expected);
    CHECK(right.expected < right.upper);
    CHECK(right.detectable_effect <= design.effect);
    CHECK_THAT(right.reason, Catch::Contains("within 5 %"));
    double mean = 0;
    for (const auto& e : exits) mean += static_cast<double>(e.step) / static_cast<double>(planned);
    CHECK(relative(right.estimate, mean) <= 0.03); // two estimates of 4.1 from the same 20,600 exits

    for (auto& e : exits) ++e.step;
    const Hypothesis late = exit_time_scale(cell.evidence(exits, stream), cell.law, design);
    CHECK(late.verdict == Verdict::refuted);
    CHECK(late.p_value < 1e-5);
    CHECK(late.estimate > 1.1 * late.expected);
    CHECK_THAT(late.reason, Catch::Contains("excludes") && Catch::Contains("replicas were enough"));
    CHECK(late.samples < 2000); // 24 % too slow: seen early
}

TEST_CASE("S1 Exit-time scale (section 6): a law 10 % slower or faster is refuted, the law itself is not")
{
    const ExactCell& cell = two_sided_cell();
    const sim::Stream stream{.seed = 2, .cell = 1};
    const std::uint64_t planned = most_exits_for_scale(design, cell.moments.error);
    const auto test = [&](double slower) {
        const auto exits = drawn(cell, 1, planned, slower, 3);
        return exit_time_scale(cell.evidence(exits, stream), cell.law, design);
    };
    CHECK(test(1).verdict == Verdict::confirmed);
    const Hypothesis slow = test(1.1), fast = test(1 / 1.1);
    CHECK(slow.verdict == Verdict::refuted);
    CHECK(slow.lower > slow.expected);
    CHECK(relative(slow.estimate, 1.1 * slow.expected) <= 0.035); // five standard errors of 1/√20,600
    CHECK(fast.verdict == Verdict::refuted);
    CHECK(fast.upper < fast.expected);
}

TEST_CASE("S1 Exit-time scale: too few exits are inconclusive, and the oracle's error widens the interval")
{
    const ExactCell& cell = short_cell();
    const sim::Stream stream{.seed = 3, .cell = 1};
    const auto exits = simulated(cell, 500, stream);
    const Hypothesis few = exit_time_scale(cell.evidence(exits, stream), cell.law, design);
    CHECK(few.verdict == Verdict::inconclusive);
    CHECK(few.detectable_effect > design.effect);
    theory::ExitMoments blurred = cell.moments;
    blurred.error = 0.02;
    const Hypothesis wide = exit_time_scale({cell.name, exits, stream, blurred}, cell.law, design);
    // (1 ∓ 0.02)/(1 ∓ error): the same products but for rounding
    CHECK(relative(wide.lower / few.lower, 0.98 / (1 - cell.moments.error)) <= 8 * ulp);
    CHECK(relative(wide.upper / few.upper, 1.02 / (1 + cell.moments.error)) <= 8 * ulp);
    CHECK(wide.expected_error == 0.02 * wide.expected);
}

TEST_CASE("S1 Exit-time scale: an exit at a step that the exact law excludes refutes at once")
{
    const ExactCell cell(0.05, 0.5, 1, 1e-3); // two jumps are needed
    const sim::Stream stream{.seed = 4, .cell = 1};
    std::vector<sim::Exit> exits = drawn(cell, 0, 1000, 1, 4);
    CHECK(exit_time_scale(cell.evidence(exits, stream), cell.law, design).verdict != Verdict::refuted);
    exits[17].step = 1;
    const Hypothesis h = exit_time_scale(cell.evidence(exits, stream), cell.law, design);
    CHECK(h.verdict == Verdict::refuted);
    CHECK(h.p_value == 0);
    CHECK_THAT(h.reason, Catch::StartsWith("an exit came at a step"));
}

TEST_CASE("S1 Exit-time scale: censored paths are counted, said, and bias nothing")
{
    const ExactCell& cell = short_cell();
    const sim::Stream stream{.seed = 5, .cell = 1};
    const auto all = simulated(cell, 80'000, stream);
    for (const std::uint64_t limit : {2U, 5U}) {
        const auto exits = censored(all, limit, 0);
        const auto given_up = static_cast<std::uint64_t>(
            std::count_if(exits.begin(), exits.end(), [](const auto& e) { return e.censored; }));
        REQUIRE(given_up > 1000);
        const Hypothesis h = exit_time_scale(cell.evidence(exits, stream), cell.law, {1e-5, 0.1, 0.99});
        CHECK(h.verdict == Verdict::confirmed);
        CHECK(h.samples == 80'000);
        CHECK(h.censored == given_up);
        CHECK_THAT(h.reason,
                   Catch::Contains(std::to_string(given_up) + " of 80000 paths had not left at the step limit"));
        // dropped instead, they would make exits too early
        std::vector<sim::Exit> dropped;
        std::copy_if(exits.begin(), exits.end(), std::back_inserter(dropped),
                     [](const auto& e) { return !e.censored; });
        CHECK(exit_time_scale(cell.evidence(dropped, stream), cell.law, {1e-5, 0.1, 0.99}).verdict == Verdict::refuted);
    }
}

TEST_CASE("S1 and S3: no path, or none that left, ends in words and never in a confirmation")
{
    const ExactCell& cell = short_cell();
    const sim::Stream stream{.seed = 6, .cell = 1};
    const std::vector<sim::Exit> none, stuck(1000, sim::Exit{100'000, 0, true, 0.0});
    const Hypothesis time = exit_time_scale(cell.evidence(none, stream), cell.law, design);
    CHECK(time.verdict == Verdict::inconclusive);
    CHECK(finite_text(time));
    const Hypothesis split = exit_split(cell.evidence(none, stream), design);
    CHECK(split.verdict == Verdict::inconclusive);
    CHECK(split.reason == "no path has left");
    const Hypothesis never = exit_time_scale(cell.evidence(stuck, stream), cell.law, design);
    CHECK(never.verdict == Verdict::refuted);
    CHECK(never.censored == 100); // that many are enough
    CHECK(finite_text(never));
    CHECK(exit_split(cell.evidence(stuck, stream), design).verdict == Verdict::inconclusive);
}

TEST_CASE("S1 null calibration: e-values of 300 simulated campaigns have mean 1 at most")
{
    // E is non-negative with mean 1: by Markov, E of a campaign exceeds 20 in fewer than a twentieth of them.
    const ExactCell& cell = short_cell();
    double sum = 0;
    int beyond = 0;
    for (std::uint64_t campaign = 0; campaign < 300; ++campaign) {
        const sim::Stream stream{.seed = 100, .cell = campaign};
        const auto exits = simulated(cell, 200, stream);
        const Hypothesis h = exit_time_scale(cell.evidence(exits, stream), cell.law, design);
        CHECK(relative(h.p_value, std::min(1.0, 1 / h.e_value)) <= 8 * ulp);
        sum += h.e_value;
        beyond += h.e_value > 20;
    }
    CHECK(sum / 300 > 0.5); // 200 exits say little: E stays near 1
    CHECK(sum / 300 < 1.6); // its standard deviation is about 1 here, over √300: ten standard errors
    CHECK(beyond <= 15 + 19);
}

TEST_CASE(
    "S2 Exit-time shape (section 6): simulation agrees with the oracle, another shape with the same mean does not")
{
    const ExactCell& cell = two_sided_cell();
    const sim::Stream stream{.seed = 2, .cell = 1};
    const std::uint64_t planned = samples_for_gap(design, cell.moments.error + cell.law.error());
    const Hypothesis right = exit_time_shape(cell.evidence(simulated(cell, planned, stream), stream), cell.law, design);
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.id == "exit-time.law/clip=0.5/eta=0.01/well=3");
    CHECK(right.p_value > 1e-5);
    CHECK(right.upper <= design.effect);
    CHECK(right.lower == 0);
    CHECK(right.estimate > 0);
    // Weibull of shape 1.1 and mean 1 in place of the exponential: S1 sees nothing of it
    std::mt19937_64 bits(4);
    std::weibull_distribution<double> weibull(1.1, 1 / std::tgamma(1 + 1 / 1.1));
    std::vector<sim::Exit> other;
    for (int k = 0; k < 20'000; ++k) other.push_back({cell.law.quantile(-std::expm1(-weibull(bits))), 1, false, 0.0});
    CHECK(exit_time_scale(cell.evidence(other, stream), cell.law, design).verdict != Verdict::refuted);
    const Hypothesis wrong = exit_time_shape(cell.evidence(other, stream), cell.law, design);
    CHECK(wrong.verdict == Verdict::refuted);
    CHECK_THAT(wrong.reason, Catch::Contains("below the level"));
}

TEST_CASE("S2 Exit-time shape: censored paths have transforms beyond the limit, and bias nothing")
{
    const ExactCell& cell = short_cell();
    const sim::Stream stream{.seed = 5, .cell = 1};
    const auto exits = censored(simulated(cell, 20'000, stream), 4, 0);
    const Hypothesis h = exit_time_shape(cell.evidence(exits, stream), cell.law, design);
    CHECK(h.verdict == Verdict::confirmed);
    CHECK(h.censored > 1000);
    CHECK(exit_time_shape(cell.evidence({}, stream), cell.law, design).reason == "no replica was simulated");
}

TEST_CASE("S2 null calibration: p-values of 300 simulated campaigns are uniform")
{
    const ExactCell& cell = short_cell(); // coarse steps, of which randomisation leaves no trace
    std::vector<double> p;
    for (std::uint64_t campaign = 0; campaign < 300; ++campaign) {
        const sim::Stream stream{.seed = 300, .cell = campaign};
        p.push_back(exit_time_shape(cell.evidence(simulated(cell, 300, stream), stream), cell.law, design).p_value);
    }
    CHECK(uniform_distance(p) <= kolmogorov_1e_6);
}

TEST_CASE(
    "S4 Joint law (section 6): simulation agrees with the oracle, times that depend on the place otherwise do not")
{
    const ExactCell& cell = two_sided_cell();
    const sim::Stream stream{.seed = 12, .cell = 1};
    auto exits = simulated(cell, 20'000, stream);
    const Hypothesis right = exit_joint_law(cell.evidence(exits, stream), cell.law, design);
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.id == "exit-time.given-place/clip=0.5/eta=0.01/well=3");
    CHECK(right.p_value > 1e-5);
    // The same times and the same places, but every second early exit changes its place with a late one: neither the
    // law of the time nor the split notices.
    std::vector<std::size_t> early_left, late_right;
    const std::uint64_t median = cell.law.quantile(0.5);
    for (std::size_t r = 0; r < exits.size(); ++r) {
        if (exits[r].place == 1 && exits[r].step < median && r % 2 == 0) early_left.push_back(r);
        if (exits[r].place == 3 && exits[r].step > median && r % 2 == 0) late_right.push_back(r);
    }
    for (std::size_t k = 0; k < std::min(early_left.size(), late_right.size()); ++k)
        std::swap(exits[early_left[k]].place, exits[late_right[k]].place);
    CHECK(exit_time_shape(cell.evidence(exits, stream), cell.law, design).verdict == Verdict::confirmed);
    CHECK(exit_split(cell.evidence(exits, stream), design).verdict != Verdict::refuted);
    CHECK(exit_joint_law(cell.evidence(exits, stream), cell.law, design).verdict == Verdict::refuted);
}

TEST_CASE("S3 Exit split (section 6): simulation agrees with the oracle, and swapped places are refuted")
{
    const ExactCell& cell = two_sided_cell();
    const sim::Stream stream{.seed = 8, .cell = 1};
    const Design wide{.level = 1e-5, .effect = 0.1, .power = 0.99};
    auto exits = simulated(cell, 5'000, stream);
    const Hypothesis right = exit_split(cell.evidence(exits, stream), wide);
    CHECK(right.verdict == Verdict::confirmed);
    CHECK(right.id == "exit-split/clip=0.5/eta=0.01/well=3");
    CHECK(right.expected == cell.moments.to[3]);
    CHECK(right.p_value > 1e-5);
    const auto into_4 = std::count_if(exits.begin(), exits.end(), [](const auto& e) { return e.place == 3; });
    CHECK(right.estimate == static_cast<double>(into_4) / 5000);
    CHECK(right.lower < right.estimate);
    CHECK(right.estimate < right.upper);

    for (auto& e : exits) e.place = 4 - e.place; // 1 ↔ 3
    const Hypothesis swapped = exit_split(cell.evidence(exits, stream), wide);
    CHECK(swapped.verdict == Verdict::refuted);
    CHECK(swapped.p_value < 1e-5);
    CHECK_THAT(swapped.reason, Catch::Contains("well 2: ") && Catch::Contains("well 4: "));
    // 59 % where 53 % are expected, a tenth less, are refuted too with the exits that are planned
    theory::ExitMoments other = cell.moments;
    const double shift = 0.1 * other.to[3] * 1.2;
    other.to[1] += shift;
    other.to[3] -= shift;
    for (auto& e : exits) e.place = 4 - e.place;
    CHECK(exit_split({cell.name, exits, stream, other}, wide).verdict == Verdict::refuted);
}

TEST_CASE("S3 Exit split: one exit into a place that the oracle excludes refutes")
{
    const ExactCell& cell = short_cell();
    REQUIRE(cell.moments.to[2] == 0);
    const sim::Stream stream{.seed = 9, .cell = 1};
    auto exits = simulated(cell, 20'000, stream);
    CHECK(exit_split(cell.evidence(exits, stream), design).verdict == Verdict::confirmed);
    exits[4711].place = 2;
    const Hypothesis h = exit_split(cell.evidence(exits, stream), design);
    CHECK(h.verdict == Verdict::refuted);
    CHECK_THAT(h.reason, Catch::Contains("well 3: 1 of 20000 where 0 were expected"));
}

TEST_CASE("S3 null calibration: p-values of 300 simulated campaigns are rarely small")
{
    // A minimum over two places and discrete: conservative, so a bound on small values only.
    const ExactCell& cell = two_sided_cell();
    int below = 0;
    for (std::uint64_t campaign = 0; campaign < 300; ++campaign) {
        const sim::Stream stream{.seed = 200, .cell = campaign};
        const auto exits = simulated(cell, 200, stream);
        below += exit_split(cell.evidence(exits, stream), design).p_value < 0.2;
    }
    CHECK(below <= 60 + 5 * std::sqrt(300 * 0.2 * 0.8)); // five standard errors
    CHECK(below > 0);
}

TEST_CASE("S3 and S4: paths that were censored bias neither, and dropping them would")
{
    const ExactCell& cell = two_sided_cell();
    const sim::Stream stream{.seed = 14, .cell = 1};
    const auto all = simulated(cell, 20'000, stream);
    for (const double p : {0.3, 0.9}) {
        const auto exits = censored(all, cell.law.quantile(p), 2);
        const Hypothesis time = exit_joint_law(cell.evidence(exits, stream), cell.law, design);
        CHECK(time.verdict != Verdict::refuted);
        CHECK(time.p_value > 1e-5);
        // the law of all exits is not that of the early ones
        std::vector<sim::Exit> dropped;
        std::copy_if(exits.begin(), exits.end(), std::back_inserter(dropped),
                     [](const auto& e) { return !e.censored; });
        CHECK(exit_joint_law(cell.evidence(dropped, stream), cell.law, design).verdict == Verdict::refuted);

        // a censored path may go anywhere: the interval holds the share of all, and is wider than theirs
        const Hypothesis split = exit_split(cell.evidence(exits, stream), design);
        CHECK(split.verdict == Verdict::inconclusive);
        CHECK(split.p_value == 1);
        CHECK(split.lower < split.expected);
        CHECK(split.upper > split.expected);
        CHECK(split.upper - split.lower > 0.9 * (1 - p));
    }
}
