// The finite-η oracle: reference digits, an independent slow oracle, closed forms, and errors that cover the truth.
#include "theory/exit_law.hpp"

#include "cells.hpp"
#include "model/error.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

using namespace exeunt;
using namespace exeunt::theory;
using model::Function;
using model::Landscape;
using model::Model;

namespace
{

double relative(double a, double b) { return std::abs(a / b - 1); }

Model cell(const Landscape& f, double b, double eta) { return {f, lomax(), unit_diffusion(), b, eta}; }

/// P(ησZ > y), y ≥ 0, of the tests' noise at σ = 1.
double beyond(double y, double eta) { return 0.5 * std::pow(1 + y / (eta * 0.1), -1.2); }

/// Mean and split by a chain on a uniform mesh: the state is the midpoint of its interval, an interval's mass is a
/// difference of tails, and Grassmann-Taksar-Heyman elimination, which subtracts nothing, solves it. Of second order in
/// h where `h` divides the clip and the width of Ω_i. X_0 = m_i and a clamped or far end are states of their own.
struct Slow {
    double mean;
    std::vector<double> to;
};

Slow slow_oracle(const Model& model, std::size_t well, double lo, double hi, int intervals)
{
    const Landscape& f = model.landscape;
    const double h = (hi - lo) / intervals;
    struct State {
        double x, from, to; // the state, and the landings that count as it
    };
    std::vector<State> state{{f.minima()[well], 0, 0}};
    if (std::isinf(f.left(well))) state.push_back({lo, -infinity, lo});
    if (std::isinf(f.right(well))) state.push_back({hi, hi, infinity});
    for (int k = 0; k < intervals; ++k) state.push_back({lo + (k + 0.5) * h, lo + k * h, lo + (k + 1) * h});

    const std::size_t n = state.size(), places = f.wells();
    std::vector<std::vector<double>> p(n, std::vector<double>(n + places, 0.0)); // the places after the states
    for (std::size_t i = 0; i < n; ++i) {
        const double x = state[i].x, centre = x - model.eta * f.potential().gradient(x);
        const auto mass = [&](double from, double to) { // P(from < X < to) from x; the clip makes the window's end ∞
            if (to <= x - model.b || from >= x + model.b) return 0.0;
            const double a = from <= x - model.b ? infinity : centre - from,
                         c = to >= x + model.b ? infinity : to - centre;
            if (c <= 0) return beyond(-c, model.eta) - (std::isinf(a) ? 0 : beyond(a, model.eta));
            if (a <= 0) return beyond(-a, model.eta) - (std::isinf(c) ? 0 : beyond(c, model.eta));
            return 1 - beyond(a, model.eta) - beyond(c, model.eta);
        };
        for (std::size_t j = 1; j < n; ++j) p[i][j] = mass(state[j].from, state[j].to);
        for (std::size_t j = 0; j < places; ++j)
            if (j != well) p[i][n + j] = mass(f.left(j), f.right(j));
    }
    std::vector<double> time(n, 1.0);
    for (std::size_t k = n - 1; k > 0; --k) { // leaves k out; the start is left
        double leaves = 0;
        for (std::size_t j = 0; j < n + places; ++j)
            if (j < k || j >= n) leaves += p[k][j];
        for (std::size_t i = 0; i < k; ++i) {
            const double visits = p[i][k] / leaves;
            if (visits == 0) continue;
            time[i] += visits * time[k];
            for (std::size_t j = 0; j < k; ++j) p[i][j] += visits * p[k][j];
            for (std::size_t j = n; j < n + places; ++j) p[i][j] += visits * p[k][j];
        }
    }
    return {time[0], {p[0].begin() + static_cast<std::ptrdiff_t>(n), p[0].end()}};
}

/// Three wells, each a parabola of curvature 1/η but for 1e-8 about a saddle: one step forgets where it started.
struct Parabolas {
    double eta;
    template<class T> T operator()(const T& x) const
    {
        using std::sqrt;
        const auto parabola = [&](double at) { return T(0.5 / eta) * (x - T(at)) * (x - T(at)); };
        const auto lower = [](const T& a, const T& b) { return T(0.5) * (a + b - sqrt((a - b) * (a - b) + T(1e-12))); };
        return lower(lower(parabola(-2), parabola(0.25)), parabola(3));
    }
};

}

TEST_CASE("Oracle (section 6): reference digits of wang2022, b = 0.5, well 2")
{
    struct {
        double eta, mean, mean_digit, left;
    } const known[] = {{0.01, 33447.644, 5e-4, 0.902826}, {0.05, 3957.0734, 5e-5, 0.881520}};
    for (const auto& k : known) {
        const ExitMoments exit = exit_moments(cell(wang2022(), 0.5, k.eta), 1);
        CHECK(std::abs(exit.mean - k.mean) <= exit.error * k.mean + k.mean_digit);
        CHECK(std::abs(exit.to[0] - k.left) <= exit.to_error + 5e-7);
        CHECK(std::abs(exit.to[0] + exit.to[2] - 1) <= exit.to_error);
        CHECK(exit.to[1] == 0);
        CHECK(exit.to[3] == 0); // two jumps of 0.5 reach no further than 0.3 + 0.2
        CHECK(exit.error <= 1e-5);
        CHECK(exit.to_error <= 1e-5);
    }
}

TEST_CASE("Oracle (section 6): the reported error covers the true error")
{
    // Runs with rtol = 1e-5, with their errors; in well 3 at η = 0.05, ηf''(m) > 2 and the map is chaotic.
    struct {
        std::size_t well;
        double b, eta, mean, error;
        std::vector<double> to;
    } const known[] = {
        {0, 0.5, 0.05, 4.12521324, 4.9e-6, {0, 1, 0, 0}},
        {0, infinity, 0.01, 1207.773097, 7.5e-6, {0, 0.9204075102, 0.0210725371, 0.0585199528}},
        {0, 0.28, 0.05, 26.1825294, 2.3e-6, {0, 1, 0, 0}},
        {2, 0.5, 0.05, 7.55961176, 2.6e-6, {0, 0.4191469659, 0, 0.5808530341}},
        {2, 0.5, 0.01, 657.761684, 4.2e-6, {0, 0.4106158774, 0, 0.5893841226}},
        {1, 0.5, 0.01, 33447.64418, 1.6e-6, {0.9028263021, 0, 0.0971736979, 0}},
        {1, 0.5, 0.05, 3957.073403, 1.5e-6, {0.881519833, 0, 0.118480167, 0}},
    };
    const Landscape f = wang2022();
    for (const auto& k : known)
        for (const double rtol : {1e-2, 1e-3}) {
            if (k.well == 2 && k.eta == 0.05 && rtol < 1e-2) continue; // 4 s
            const ExitMoments exit = exit_moments(cell(f, k.b, k.eta), k.well, rtol);
            INFO("well " << k.well + 1 << ", b " << k.b << ", η " << k.eta << ", rtol " << rtol);
            CHECK(relative(exit.mean, k.mean) <= exit.error + k.error + 1e-8);
            for (std::size_t j = 0; j < 4; ++j) CHECK(std::abs(exit.to[j] - k.to[j]) <= exit.to_error + k.error);
            CHECK(exit.error <= rtol);
            CHECK(exit.to_error <= rtol);
        }
}

TEST_CASE("Oracle (section 6): the reported error covers the true error where the map stretches fifty-fold")
{
    const Landscape f = wang2022();
    struct {
        std::size_t well;
        double b, mean, right;
    } const known[] = {{0, 0.5, 2.753909, 1},
                       {0, 0.28, 23.618996, 1},
                       {0, infinity, 2.753909, 0.635711},
                       {2, 0.5, 2.426652, 0.528095},
                       {2, 0.28, 6.197319, 0.828039}};
    for (const auto& k : known)
        for (const double rtol : {1e-2, 1e-3}) {
            const ExitMoments exit = exit_moments(cell(f, k.b, 0.2), k.well, rtol);
            const double right = std::isfinite(k.b) && k.well == 0 ? exit.to[1] : exit.to[3];
            INFO("well " << k.well + 1 << ", b " << k.b << ", rtol " << rtol);
            CHECK(relative(exit.mean, k.mean) <= exit.error + 4e-6); // rtol = 1e-5, and the digits given
            CHECK(std::abs(right - k.right) <= exit.to_error + 4e-6);
        }
}

TEST_CASE("Oracle (section 6): the reported error covers ripples that no node sees")
{
    // Well 1, b = 0.18: where -ηf' is many times the noise, the jump of u at s - b comes back at every step of the
    // drift from there, inside panels on which u looks as smooth as can be: 5e-6 of the mean.
    const ExitMoments exit = exit_moments(cell(wang2022(), 0.18, 1e-4), 0, 1e-7);
    CHECK(exit.error <= 1e-7);
    CHECK(relative(exit.mean, 24147714.01804) <= exit.error + 1e-11); // rtol = 1e-10
}

TEST_CASE("Oracle (section 6): clipped steps that lead to and fro are solved for, and so is what they do to the split")
{
    // Well 1, b = 0.18, η = 0.05: nearly every step is the clip, up and down again, and T(x) says nothing of it.
    const Model model = cell(wang2022(), 0.18, 0.05);
    const ExitMoments exit = exit_moments(model, 0, 1e-8);
    CHECK(exit.error <= 1e-8);
    CHECK(relative(exit.mean, 682.1281270529) <= exit.error + 1e-10); // rtol = 1e-10
}

TEST_CASE("Oracle (section 6): a negative mean on a mesh that resolves nothing is not believed")
{
    const Model model = cell(wang2022(), 0.18, 1e-4); // well 4, l* = 4: the first mesh has the mean at -4e11
    const ExitMoments rough = exit_moments(model, 3, 1e-2), fine = exit_moments(model, 3, 1e-6);
    CHECK(rough.mean > 0);
    CHECK(relative(rough.mean, fine.mean) <= rough.error + fine.error);
}

TEST_CASE("Oracle (section 6): an independent chain on a uniform mesh agrees")
{
    // Extrapolated in h² from h and h/2, which moves the mean by less than 1e-4 here: agreement to 1e-4 is asked.
    const auto agrees = [](const Model& m, std::size_t well, double lo, double hi, int intervals) {
        const Slow coarse = slow_oracle(m, well, lo, hi, intervals), fine = slow_oracle(m, well, lo, hi, 2 * intervals);
        const auto limit = [](double h, double half_h) { return half_h + (half_h - h) / 3; };
        const ExitMoments exit = exit_moments(m, well, 1e-5);
        CHECK(relative(fine.mean, limit(coarse.mean, fine.mean)) <= 1e-4);
        CHECK(relative(exit.mean, limit(coarse.mean, fine.mean)) <= 1e-4);
        for (std::size_t j = 0; j < exit.to.size(); ++j)
            CHECK(std::abs(exit.to[j] - limit(coarse.to[j], fine.to[j])) <= 1e-4);
    };
    const Landscape f = wang2022(), open = double_well();
    agrees(cell(f, 0.5, 0.05), 1, f.left(1), f.right(1), 600); // clipped, an exit on both sides, 3b = |Ω|
    agrees(cell(f, infinity, 0.05), 3, f.left(3), 1.6, 300);   // not clipped, the clamp on one side
    agrees(cell(f, 0.5, 0.2), 0, -1.6, f.right(0), 400);       // η f'' = 12 and more: the map is chaotic
    agrees(cell(open, 0.7, 0.2), 1, 0, 3.5, 400);              // clipped, no clamp, 5b = 3.5
}

TEST_CASE("Oracle (section 6): a step that forgets its start has the closed form of independent trials")
{
    // ηf'' = 1 in each of three parabolas, so X_{j+1} = m + ηZ in all of Ω and σ is geometric.
    const double eta = 0.05;
    const Landscape f(Function::of(Parabolas{eta}, "parabolas"), {-4, 5, false});
    REQUIRE(f.wells() == 3);
    const double left = beyond(0.25 - f.saddles()[0], eta), right = beyond(f.saddles()[1] - 0.25, eta);
    const Model m = cell(f, infinity, eta);
    const ExitMoments exit = exit_moments(m, 1, 1e-5);
    CHECK(relative(exit.mean, 1 / (left + right)) <= exit.error + 1e-7); // 1e-8 where it is no parabola
    CHECK(std::abs(exit.to[0] - left / (left + right)) <= exit.to_error + 1e-7);
    CHECK(std::abs(exit.to[2] - right / (left + right)) <= exit.to_error + 1e-7);
    const ExitLaw law(m, 1, exit);
    for (const std::uint64_t j : {1U, 2U, 7U, 1000U, 1000000U}) {
        CHECK(relative(law.hazard(j), left + right) <= exit.error + 1e-7);
        CHECK(relative(law.log_survival(j), static_cast<double>(j) * std::log1p(-left - right)) <= exit.error + 1e-7);
    }
}

namespace
{

struct Mirrored {
    Function f;
    double operator()(double x) const { return f.value(-x); }
    model::Jet operator()(const model::Jet& x) const { return Transformed{f, -1, 1}(x); }
};

}

TEST_CASE("Oracle (section 6): reflection maps mean and split")
{
    const Landscape f = wang2022();
    const Landscape g(Function::of(Mirrored{f.potential()}, "mirrored"), {-1.6, 1.6, true});
    for (const double b : {0.28, 0.5, infinity})
        for (const std::size_t well : {1U, 3U}) {
            const ExitMoments here = exit_moments(cell(f, b, 0.05), well, 1e-4);
            const ExitMoments there = exit_moments(cell(g, b, 0.05), 3 - well, 1e-4);
            CHECK(relative(here.mean, there.mean) <= here.error + there.error);
            for (std::size_t j = 0; j < 4; ++j)
                CHECK(std::abs(here.to[j] - there.to[3 - j]) <= here.to_error + there.to_error);
        }
}

TEST_CASE("Oracle (section 6): a clip that no step reaches is no clip, bit for bit")
{
    const Landscape f = wang2022(); // |ηf'| is below 50 on the domain at η = 0.05
    for (const std::size_t well : {0U, 1U}) {
        const ExitMoments none = exit_moments(cell(f, infinity, 0.05), well, 1e-3);
        const ExitMoments far = exit_moments(cell(f, 1e3, 0.05), well, 1e-3);
        CHECK(none.mean == far.mean);
        CHECK(none.to == far.to);
        CHECK(none.mesh.panel == far.mesh.panel);
    }
}

TEST_CASE("Oracle (section 6): rare exits keep their digits")
{
    // l* = 3: means of 1e12 and 2e14 steps, where 1 - (spectral radius) has no digits left
    const Landscape f = wang2022();
    const ExitConstants q = constants(f, 3, 0.28);
    REQUIRE(q.order == 3);
    const auto ratio = [&](double eta) {
        const ExitMoments exit = exit_moments(cell(f, 0.28, eta), 3, 1e-4);
        CHECK(std::isfinite(exit.mean));
        CHECK(exit.error <= 1e-4);
        return exit.mean * q.total() * time_scale(lomax(), eta, q.order);
    };
    const double shallow = ratio(1e-6), deep = ratio(1e-7);
    CHECK(deep > 0.90);
    CHECK(deep < 0.91);
    // the mean grows by λ(1e-6)/λ(1e-7) = 10^4.6, up to what the ratio has still to rise: a third of its gap a decade
    CHECK(deep > shallow);
    CHECK(relative(1 - deep, 0.682 * (1 - shallow)) <= 0.05); // 10^-(1-1/α), the boundary layer's power
}

TEST_CASE("Exit law (section 6): the first hazard is the tail beyond the saddles")
{
    // From a minimum the drift is 0.
    const Landscape f = wang2022();
    const double eta = 0.05;
    const Model sharp = cell(f, 0.5, eta);
    const ExitLaw first(sharp, 0, exit_moments(sharp, 0, 1e-4)); // left of m_1 is the clamp
    CHECK(relative(first.hazard(1), beyond(f.saddles()[0] - f.minima()[0], eta)) <= 1e-4);
    const ExitLaw third(sharp, 2, exit_moments(sharp, 2, 1e-2));
    const double m = f.minima()[2];
    CHECK(relative(third.hazard(1), beyond(m - f.saddles()[1], eta) + beyond(f.saddles()[2] - m, eta)) <= 1e-2);
}

TEST_CASE("Exit law (section 6): survival starts at 1, never rises, adds up to the mean and is geometric in the end")
{
    struct {
        double b, eta;
        std::size_t well;
    } const cells[] = {{0.5, 0.05, 0}, {0.5, 0.05, 1}, {0.28, 0.05, 0}, {infinity, 0.01, 0}};
    for (const auto& c : cells) {
        const Model m = cell(wang2022(), c.b, c.eta);
        const ExitMoments exit = exit_moments(m, c.well, 1e-4);
        const ExitLaw law(m, c.well, exit);
        CHECK_FALSE(law.geometric());
        CHECK(law.log_survival(0) == 0);
        CHECK(law.hazard(0) == 0);
        double total = 1, exits = 0;
        std::uint64_t j = 1;
        for (; law.log_survival(j - 1) > -40; ++j) {
            const double before = law.log_survival(j - 1), after = law.log_survival(j);
            REQUIRE(after <= before);
            REQUIRE(law.hazard(j) >= 0);
            REQUIRE(law.hazard(j) < 1);
            REQUIRE(std::abs(after - before - std::log1p(-law.hazard(j))) <= 16 * ulp * (1 - after)); // sums and a log
            total += std::exp(after);
            exits += std::exp(before) * law.hazard(j);
        }
        CHECK(relative(total, exit.mean) <= 2 * exit.error + 1e-8); // as ExitLaw promises
        CHECK(relative(law.mean(), total) <= 1e-11);                // e^-40 and the rounding of j terms
        CHECK(relative(exits, 1) <= 1e-11);
        const double one = law.log_survival(2 * j) - law.log_survival(j),
                     two = law.log_survival(3 * j) - law.log_survival(2 * j);
        CHECK(relative(one, two) <= 1e-8); // settled to 1e-9
        CHECK(relative(law.hazard(j), law.hazard(100 * j)) <= 1e-8);
    }
}

TEST_CASE(
    "Exit law (section 6): no exit at the first step where two jumps are needed, nor at the second where three are")
{
    const Model two = cell(wang2022(), 0.5, 0.05), three = cell(wang2022(), 0.28, 0.01);
    const ExitLaw law(two, 1, exit_moments(two, 1, 1e-4));
    CHECK(law.hazard(1) == 0);
    CHECK(law.log_survival(1) == 0);
    CHECK(law.hazard(2) > 0);
    const ExitLaw longer(three, 1, exit_moments(three, 1, 1e-4));
    CHECK(longer.log_survival(1) == 0);
    CHECK(longer.hazard(3) > 0);
    // of the second step only what interpolation lets through: e is 0 where two jumps lead, up to rounding of places
    CHECK(longer.hazard(2) <= 1e-3 * longer.hazard(3));
}

TEST_CASE("Exit law: a mean that is not the law's makes it geometric with that mean, and it says so")
{
    const Model m = cell(wang2022(), 0.5, 0.05);
    ExitMoments wrong = exit_moments(m, 0, 1e-3);
    wrong.mean *= 1.01;
    const ExitLaw law(m, 0, wrong);
    CHECK(law.geometric());
    CHECK(relative(law.mean(), wrong.mean) <= 1e-12);
    CHECK(law.hazard(1) == law.hazard(1000));
}

TEST_CASE("Oracle (section 6): NotConverged with the accuracy reached when more is asked than there is")
{
    try {
        exit_moments(cell(wang2022(), 0.28, 0.01), 1, 1e-17);
        FAIL("accepted");
    } catch (const NotConverged& error) {
        const std::string text = error.what();
        CHECK_THAT(text, Catch::Contains("well 2 at clip 0.28, learning rate 0.01") &&
                             Catch::Contains("where 1.0e-17 was asked"));
        const auto at = text.find("relative error ");
        REQUIRE(at != std::string::npos);
        const double reached = std::strtod(text.c_str() + at + 15, nullptr);
        CHECK(reached > 1e-17);
        CHECK(reached < 1e-2);
    }
}

TEST_CASE("Exit law (section 6): at small learning rates, carried forward or geometric, the mean is exact")
{
    // a step is shorter than the gap between nodes: powers of the matrix grow
    const Landscape f = typed("x^4/4 - x^2/2 + x/10", -2.5, 2.5);
    for (const double eta : {0.002, 0.001}) {
        const Model m = cell(f, 0.7, eta);
        const ExitMoments exit = exit_moments(m, 0, 1e-3);
        const ExitLaw law(m, 0, exit);
        CHECK(relative(law.mean(), exit.mean) <= 2 * exit.error + 1e-6);
        CHECK(law.log_survival(0) == 0);
        CHECK(law.log_survival(1000) <= 0);
    }
}

TEST_CASE("Oracle (section 6): without clamp, the domain is where wells are sought and nothing else")
{
    // Unclipped jumps go far beyond it, where the drift alone may overshoot the well: an error that covers that, or
    // NotConverged, which tells what to do.
    const auto run = [](double half_width, double b) {
        return exit_moments(cell(typed("x^4/4 - x^2/2 + x/10", -half_width, half_width), b, 0.02), 1, 1e-2);
    };
    const ExitMoments narrow = run(2.5, 0.7), wide = run(5, 0.7);
    CHECK(relative(narrow.mean, wide.mean) <= narrow.error + wide.error);
    try {
        const ExitMoments unclipped = run(2.5, infinity);
        // 40,000 simulated exits: 2269 ± 11
        CHECK(std::abs(unclipped.mean - 2269) <= 5 * 11 + unclipped.error * 2269);
    } catch (const NotConverged& error) {
        CHECK_THAT(error.what(), Catch::Contains("potential.domain") && Catch::Contains("clamp"));
    }
}

TEST_CASE(
    "Exit law (section 6): the small model continues the exact first steps, and both give the exact split and mean")
{
    // 512 steps do not settle the hazard. Carried on to step 3000 by the chain itself, which is stable here.
    struct {
        double b;
        std::size_t well;
    } const cells[] = {{0.5, 1}, {0.28, 3}};
    for (const auto& c : cells) {
        const Model m = cell(wang2022(), c.b, 0.004);
        const ExitMoments exit = exit_moments(m, c.well, 1e-6);
        const ExitLaw law(m, c.well, exit);
        REQUIRE_FALSE(law.geometric());
        CHECK(law.error() > 0);
        CHECK(law.error() < 1e-6);
        CHECK(relative(law.mean(), exit.mean) <= 2 * exit.error);
        const Chain chain(m, exit.region, exit.mesh);
        Eigen::VectorXd mu = chain.at(chain.region().start), into = Eigen::VectorXd::Zero(4);
        double worst = 0, worst_into = 0;
        for (std::uint64_t j = 1; j <= 3000; ++j) {
            into += chain.exit_to().transpose() * mu;
            mu -= chain.generate_transposed(mu);
            worst = std::max(worst, std::abs(std::exp(law.log_survival(j)) - mu.sum()));
            for (std::size_t k = 0; k < 4; ++k) {
                const double gone = into[static_cast<Eigen::Index>(k)];
                worst_into = std::max(worst_into, std::abs(exit.to[k] - law.survival_into(j, k) - gone));
            }
        }
        CHECK(worst <= 1e-6);      // the law's own error is below that
        CHECK(worst_into <= 1e-5); // places are matched one-sidedly
        for (std::size_t k = 0; k < 4; ++k) CHECK(std::abs(law.survival_into(0, k) - exit.to[k]) <= 1e-5);
    }
}

TEST_CASE("Exit law (section 6): at η = 1e-4 and less, the law is exponential but for the relaxation, at any step")
{
    const Model m = cell(wang2022(), 0.28, 1e-6); // well 4: mean 5.6e12
    const ExitMoments exit = exit_moments(m, 3, 1e-6);
    const ExitLaw law(m, 3, exit);
    REQUIRE_FALSE(law.geometric());
    CHECK(relative(law.rate() * exit.mean, 1) <= 1e-3);
    for (const double t : {0.1, 1.0, 3.0, 30.0}) {
        const auto j = static_cast<std::uint64_t>(t * exit.mean);
        CHECK(relative(-law.log_survival(j), t) <= 1e-3); // relaxation time over mean: 1e-6
        CHECK(std::abs(law.pit(j, 0.5) - -std::expm1(-t)) <= 1e-3);
    }
    CHECK(law.log_survival(std::uint64_t{1000000000000000000}) < -1e5);
}

TEST_CASE("Exit law: quantiles invert the survival function, the PIT is monotone and exact at its ends")
{
    for (const double b : {0.5, 0.28}) {
        const Model m = cell(wang2022(), b, 0.01);
        const ExitLaw law(m, 1, exit_moments(m, 1, 1e-5));
        CHECK(law.quantile(0) == 0);
        for (const double p : {1e-6, 1e-3, 0.5, 0.999, 1 - 1e-12}) {
            const std::uint64_t j = law.quantile(p);
            CHECK(-std::expm1(law.log_survival(j)) >= p * (1 - 1e-12));
            CHECK(-std::expm1(law.log_survival(j - 1)) < p * (1 + 1e-12));
        }
        CHECK(law.pit(1, 0) == 0);
        double before = 0;
        for (std::uint64_t j = 1; j < 4000000; j += 1 + j / 16) {
            const double low = law.pit(j, 0), high = law.pit(j, 1);
            REQUIRE(low >= before);
            REQUIRE(high >= low);
            REQUIRE(std::abs(high - law.pit(j + 1, 0)) <= 1e-13); // P(σ ≤ j) either way
            before = low;
        }
        CHECK(before <= 1);
        CHECK(law.pit(std::uint64_t{1} << 60, 1) == 1);
    }
}
