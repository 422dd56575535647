#include "theory/kramers.hpp"

#include "cells.hpp"
#include "model/error.hpp"
#include "theory/elimination.hpp"
#include "theory/panel.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <gsl/gsl_integration.h>
#include <numbers>
#include <random>

using namespace exeunt::theory;
using exeunt::model::Function;
using exeunt::model::Landscape;
using std::numbers::pi;

namespace
{

Function typed_function(std::string_view text) { return exeunt::model::parse_function(text, {}, -5, 5); }

double normal_density(double z) { return std::exp(-0.5 * z * z) / std::sqrt(2 * pi); }
double normal_tail(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

/// E σ and P(exit to the right) of the chain itself, started at m: Nyström's method on Gauss nodes three steps apart,
/// solved without a subtraction. [lo, hi] are the states; beyond an end that is no saddle X never gets.
struct ExactChain {
    double mean;
    double right;

    ExactChain(const Landscape& f, const Function& sigma, double scale, std::size_t well, double eta, double lo,
               double hi, int nodes = 12)
    {
        const double m = f.minima()[well];
        const auto step = [&](double x) { return eta * scale * sigma.value(x); };
        std::vector<double> x, w;
        for (double a = lo; a < hi;) {
            const double c = std::min(hi, a + 3 * std::min(step(a), step(std::min(hi, a + 3 * step(a)))));
            for (std::size_t j = 0; j < static_cast<std::size_t>(nodes); ++j) {
                x.push_back(0.5 * (a + c) + 0.5 * (c - a) * gauss_rule(nodes).node[j]);
                w.push_back(0.5 * (c - a) * gauss_rule(nodes).weight[j]);
            }
            a = c;
        }
        const auto n = static_cast<Eigen::Index>(x.size());
        const auto kernel = [&](double from, Eigen::Index j) {
            const double centre = from - eta * f.potential().gradient(from), spread = step(from);
            const auto at = static_cast<std::size_t>(j);
            return w[at] * normal_density((x[at] - centre) / spread) / spread;
        };
        const auto out = [&](double from, double sign) {
            if (std::isinf(sign > 0 ? f.right(well) : f.left(well))) return 0.0;
            const double centre = from - eta * f.potential().gradient(from);
            return normal_tail(sign * ((sign > 0 ? hi : lo) - centre) / step(from));
        };
        Eigen::MatrixXd rate(n, n), y(n, 2);
        Eigen::VectorXd kappa(n);
        for (Eigen::Index i = 0; i < n; ++i) {
            const double from = x[static_cast<std::size_t>(i)];
            for (Eigen::Index j = 0; j < n; ++j) rate(i, j) = kernel(from, j);
            kappa[i] = out(from, -1) + out(from, 1);
            y.row(i) << 1, out(from, 1);
        }
        const Eigen::MatrixXd u = killed_solve(rate, kappa, y);
        mean = 1;
        right = out(m, 1);
        for (Eigen::Index j = 0; j < n; ++j) {
            mean += kernel(m, j) * u(j, 0);
            right += kernel(m, j) * u(j, 1);
        }
    }
};

/// The same for the right well of the double well, (0, ∞).
ExactChain right_well(const Landscape& f, const Function& sigma, double scale, double eta, int nodes = 12)
{
    return {f, sigma, scale, 1, eta, f.saddles()[0], 2.4, nodes};
}

template<class F> double integrate_gsl(F f, double a, double b)
{
    static gsl_integration_workspace* const workspace[] = {gsl_integration_workspace_alloc(1000),
                                                           gsl_integration_workspace_alloc(1000)};
    static int depth = 0;
    gsl_function g{[](double x, void* p) -> double { return (*static_cast<F*>(p))(x); }, &f};
    double result = 0, error = 0;
    const int status =
        gsl_integration_qag(&g, a, b, 0, 1e-12, 1000, GSL_INTEG_GAUSS31, workspace[depth++], &result, &error);
    --depth;
    REQUIRE(status == 0);
    return result;
}

}

TEST_CASE("Kramers (section 5): the formula as written, with pi, and in logarithms beyond 1e308")
{
    // x⁴/4 - x²/2: f''(m) = 2, f''(s) = -1, f(s) - f(m) = 1/4
    for (const double eta : {0.1, 1e-2, 1e-5}) {
        const KramersTime time = kramers_time(double_well(), unit_diffusion(), 0.7, 0, infinity, eta);
        const double expected = std::log(pi / eta / std::sqrt(2)) + 0.5 / (eta * 0.49);
        CHECK(time.asymptotic.log_mean == Approx(expected).epsilon(1e-12));
        CHECK(time.barrier == Approx(0.5 / (eta * 0.49)).epsilon(1e-12));
        CHECK(time.step == Approx(2 * eta));
        CHECK(time.asymptotic.left() == 0);
        CHECK(time.asymptotic.right() == Approx(1));
        CHECK(std::isinf(time.asymptotic.mean()) == (eta < 1e-4));
    }
}

TEST_CASE("Kramers: two saddles add their rates, reflected wells swap them, a wall on the other side changes nothing")
{
    const Landscape f = typed("x^6/6 - 5*x^4/4 + 2*x^2 + 0.05*x", -2.6, 2.6);
    const KramersTime time = kramers_time(f, unit_diffusion(), 1, 1, infinity, 0.02);
    for (const SaddleExit& exit : {time.asymptotic, time.diffusion, time.chain}) {
        CHECK(exit.left() + exit.right() == Approx(1).epsilon(1e-13));
        CHECK(exit.left() > exit.right()); // the tilt lowers the left saddle
        CHECK(std::exp(exit.log_rate_left) + std::exp(exit.log_rate_right) == Approx(1 / exit.mean()).epsilon(1e-12));
    }
    const double m = f.minima()[1], d = 0.02 / 2; // η s²/2
    const auto rate = [&](double saddle) {
        const double curvatures = f.potential().curvature(m) * -f.potential().curvature(saddle);
        return 0.02 / pi * std::sqrt(curvatures) *
               std::exp(-(f.potential().value(saddle) - f.potential().value(m)) / d);
    };
    CHECK(std::exp(time.asymptotic.log_rate_left) == Approx(rate(f.saddles()[0])).epsilon(1e-10));
    CHECK(std::exp(time.asymptotic.log_rate_right) == Approx(rate(f.saddles()[1])).epsilon(1e-10));

    const KramersTime mirrored = kramers_time(transformed(f, -1, 1), unit_diffusion(), 1, 1, infinity, 0.02);
    CHECK(mirrored.chain.log_mean == Approx(time.chain.log_mean).epsilon(1e-12));
    CHECK(mirrored.chain.left() == Approx(time.chain.right()).epsilon(1e-9));

    const Landscape walled(exeunt::model::parse_function("x^4/4 - x^2/2", {}, -2.5, 2.5), {-2.5, 2.5, true});
    CHECK(
        kramers_time(walled, unit_diffusion(), 1, 0, infinity, 0.02).diffusion.log_mean ==
        Approx(kramers_time(double_well(), unit_diffusion(), 1, 0, infinity, 0.02).diffusion.log_mean).epsilon(1e-13));
}

TEST_CASE("Mean exit of the diffusion: against nested integrals by GSL, to 1e-9")
{
    SECTION("one saddle: E σ = (1/ηD) ∫_m^s e^{f/D} ∫_{-∞}^y e^{-f/D}")
    {
        for (const double eta : {0.2, 0.05}) {
            const double d = eta / 2;
            const auto v = [&](double x) { return (x * x * x * x / 4 - x * x / 2) / d; };
            const auto outer = [&](double y) {
                const double peak = v(y);
                return integrate_gsl([&](double z) { return std::exp(peak - v(z)) / d; }, -3, y);
            };
            const double expected = integrate_gsl(outer, -1, 0) / eta;
            const KramersTime time = kramers_time(double_well(), unit_diffusion(), 1, 0, infinity, eta);
            CHECK(time.diffusion.mean() == Approx(expected).epsilon(1e-9));
        }
    }
    SECTION("one saddle and a wall")
    {
        const Landscape f(exeunt::model::parse_function("x^4/4 - x^2/2", {}, -1.2, 1.2), {-1.2, 1.2, true});
        const double eta = 0.2, d = eta / 2;
        const auto v = [&](double x) { return (x * x * x * x / 4 - x * x / 2) / d; };
        const auto outer = [&](double y) {
            return integrate_gsl([&](double z) { return std::exp(v(y) - v(z)) / d; }, -1.2, y);
        };
        const double expected = integrate_gsl(outer, -1, 0) / eta;
        CHECK(kramers_time(f, unit_diffusion(), 1, 0, infinity, eta).diffusion.mean() ==
              Approx(expected).epsilon(1e-9));
    }
    SECTION("σ² = 1/(1 + x²): ψ = (x⁶/6 - x²/2 + 1/3)/D(0)")
    {
        const double eta = 0.1, d = eta / 2;
        const auto psi = [&](double x) { return (std::pow(x, 6) / 6 - x * x / 2) / d; };
        const auto outer = [&](double y) {
            return integrate_gsl([&](double z) { return std::exp(psi(y) - psi(z)) * (1 + z * z) / d; }, -3, y);
        };
        const double expected = integrate_gsl(outer, -1, 0) / eta;
        const KramersTime time = kramers_time(double_well(), typed_function("1/sqrt(1 + x^2)"), 1, 0, infinity, eta);
        CHECK(time.diffusion.mean() == Approx(expected).epsilon(1e-9));
        CHECK(time.barrier == Approx(1 / (3 * d)).epsilon(1e-11));
    }
    SECTION("two saddles: the boundary value problem solved with S and a difference of integrals")
    {
        const Landscape f = typed("x^6/6 - 5*x^4/4 + 2*x^2 + 0.05*x", -2.6, 2.6);
        const double eta = 0.4, d = eta / 2, l = f.saddles()[0], r = f.saddles()[1], m = f.minima()[1];
        const auto v = [&](double x) { return f.potential().value(x) / d; };
        const auto scale = [&](double x) { return integrate_gsl([&](double y) { return std::exp(v(y)); }, l, x); };
        const auto inner = [&](double y) {
            return integrate_gsl([&](double z) { return std::exp(v(y) - v(z)) / d; }, l, y);
        };
        const double right = scale(m) / scale(r);
        const double expected = (right * integrate_gsl(inner, l, r) - integrate_gsl(inner, l, m)) / eta;
        const KramersTime time = kramers_time(f, unit_diffusion(), 1, 1, infinity, eta);
        CHECK(time.diffusion.mean() == Approx(expected).epsilon(1e-9));
        CHECK(time.diffusion.right() == Approx(right).epsilon(1e-9));
    }
}

TEST_CASE(
    "Kramers' formula is the limit of the diffusion: next order 3D/2 at a symmetric saddle, D^{1/2} at a skew one")
{
    SECTION("x⁴/4 - x²/2: Laplace's method at m and at s, each 3D/4")
    {
        double before = 0;
        for (const double eta : {1e-2, 1e-3, 1e-4}) {
            const KramersTime time = kramers_time(double_well(), unit_diffusion(), 1, 1, infinity, eta);
            const double order = std::expm1(time.diffusion.log_mean - time.asymptotic.log_mean) / (0.75 * eta);
            if (before != 0) CHECK(std::abs(order - 1) < 0.15 * std::abs(before - 1)); // the one after is D²
            before = order;
        }
        CHECK(before == Approx(1).margin(1e-3));
    }
    SECTION("with f'''(s) ≠ 0 half a peak has a part -(2/3) f''' (D/2π)^{1/2} |f''|^{-3/2} too much")
    {
        const Landscape f =
            typed("x^4/4 - x^2/2 + x^3/5", -2.5, 2.5); // s = 0, f''' = 6/5, to the left of the right well
        for (const double eta : {1e-4, 1e-6}) {
            const KramersTime time = kramers_time(f, unit_diffusion(), 1, 1, infinity, eta);
            const double part = std::expm1(time.diffusion.log_mean - time.asymptotic.log_mean);
            const double expected = 2.0 / 3 * 1.2 * std::sqrt(eta / 2 / (2 * pi)); // mirrored
            CHECK(part == Approx(expected).epsilon(8 * std::sqrt(eta)));           // the next order is D
        }
    }
}

TEST_CASE("Kramers: the chain itself has half of 2π, up to η^{1/2}, with overshoot and scheme up to its chain_error")
{
    double before = 1;
    for (const double eta : {0.1, 0.05, 0.025}) {
        const ExactChain exact = right_well(double_well(), unit_diffusion(), 1, eta);
        const KramersTime time = kramers_time(double_well(), unit_diffusion(), 1, 1, infinity, eta);
        const double asymptotic = std::abs(time.asymptotic.mean() / exact.mean - 1);
        const double chain = std::abs(time.chain.mean() / exact.mean - 1);
        CHECK(asymptotic < 0.8 * before); // about η^{1/2}
        before = asymptotic;
        CHECK(asymptotic <= time.error);
        CHECK(time.error <= 2 * asymptotic);
        CHECK(chain <= time.chain_error);
        CHECK(chain <= 0.25 * asymptotic);
        CHECK(2 * time.asymptotic.mean() > 1.5 * exact.mean); // 2π is wrong for the exit at the saddle
    }
    CHECK(before < 0.11);
    const double finer = right_well(double_well(), unit_diffusion(), 1, 0.05, 9).mean;
    CHECK(right_well(double_well(), unit_diffusion(), 1, 0.05).mean == Approx(finer).epsilon(1e-8));
}

TEST_CASE("Kramers: overshoot is a part 2 · 0.5826 (η|f''(s)|/π)^{1/2} of the mean, whatever the noise")
{
    for (const double scale : {0.3, 1.0, 3.0}) {
        const KramersTime time = kramers_time(double_well(), unit_diffusion(), scale, 1, infinity, 1e-6);
        CHECK(std::expm1(time.chain.log_mean - time.diffusion.log_mean) ==
              Approx(2 * 0.5826 * std::sqrt(1e-6 / pi)).epsilon(5e-3)); // next order η^{1/2} relative, and its η
    }
}

TEST_CASE("Kramers, three wells: the chain's mean and split over two saddles")
{
    const Landscape f = typed("x^6/6 - 5*x^4/4 + 2*x^2 + 0.05*x", -2.6, 2.6);
    const double eta = 0.05;
    const ExactChain exact(f, unit_diffusion(), 1.5, 1, eta, f.saddles()[0], f.saddles()[1]);
    const KramersTime time = kramers_time(f, unit_diffusion(), 1.5, 1, infinity, eta);
    CHECK(std::abs(time.chain.mean() / exact.mean - 1) <= time.chain_error);
    CHECK(std::abs(time.asymptotic.mean() / exact.mean - 1) <= time.error);
    CHECK(time.chain.right() == Approx(exact.right).epsilon(0.01));
}

TEST_CASE("Kramers, the sharp third well of wang2022: where η f'' is not small the errors say so")
{
    const Landscape f = wang2022();
    for (const double eta : {2e-3, 1e-3}) {
        const ExactChain exact(f, unit_diffusion(), 4, 2, eta, f.saddles()[1], f.saddles()[2]);
        const KramersTime time = kramers_time(f, unit_diffusion(), 4, 2, infinity, eta);
        INFO(eta << " " << time.asymptotic.mean() / exact.mean << " " << time.chain.mean() / exact.mean << " "
                 << time.chain_error << " " << time.error);
        CHECK(std::abs(time.chain.mean() / exact.mean - 1) <= time.chain_error);
        CHECK(std::abs(time.asymptotic.mean() / exact.mean - 1) <= time.error);
        CHECK(time.chain.right() == Approx(exact.right).epsilon(0.2));
    }
}

TEST_CASE("Kramers with σ(x): the chain tends to the formula with the second integral, and not to the diffusion")
{
    struct Case {
        const char* sigma;
        double scale;
    };
    for (const auto& [text, scale] : {Case{"1 + 0.3*x", 0.6}, Case{"0.3 + x^2/(1 + x^2)", 0.5}}) {
        const Function sigma = typed_function(text);
        double before = 1;
        for (const double eta : {0.1, 0.05, 0.025}) {
            const ExactChain exact = right_well(double_well(), sigma, scale, eta);
            const KramersTime time = kramers_time(double_well(), sigma, scale, 1, infinity, eta);
            const double asymptotic = std::abs(time.asymptotic.mean() / exact.mean - 1);
            const double chain = std::abs(time.chain.mean() / exact.mean - 1);
            INFO(text << " " << eta << " " << asymptotic << " " << chain << " " << time.diffusion.mean() / exact.mean);
            CHECK(chain < 0.6 * before); // of order η
            before = chain;
            CHECK(chain <= time.chain_error);
            CHECK(asymptotic <= time.error);
            CHECK(asymptotic < 2 * std::sqrt(eta));
        }
        // ∫_1^0 f'² σ'/(s² σ³) by GSL is what the diffusion lacks, for every η
        const auto density = [&, scale = scale](double x) {
            const auto j = sigma.jet(x);
            const double g = x * x * x - x;
            return g * g * j.first / (scale * scale * j.value * j.value * j.value);
        };
        const KramersTime limit = kramers_time(double_well(), sigma, scale, 1, infinity, 1e-6);
        CHECK(limit.diffusion.log_mean - limit.asymptotic.log_mean ==
              Approx(-integrate_gsl(density, 1, 0)).margin(2e-3)); // the diffusion's own D^{1/2}
    }
}

TEST_CASE("Kramers on wang2022: every well, walls, two saddles, sharp and wide differ by the exponent")
{
    const Landscape f = wang2022();
    for (std::size_t i = 0; i < 4; ++i) {
        const KramersTime time = kramers_time(f, unit_diffusion(), 1, i, 0.5, 1e-3);
        CHECK(std::isfinite(time.chain.log_mean));
        CHECK(time.barrier > 0);
        CHECK(time.diffusion.left() + time.diffusion.right() == Approx(1).epsilon(1e-12));
        const double before = kramers_time(f, unit_diffusion(), 1, i, 0.5, 2e-3).asymptotic.log_mean;
        CHECK(time.asymptotic.log_mean - before > 0.45 * time.barrier); // half the temperature, twice the exponent
    }
}

TEST_CASE("Kramers, by simulation: E σ of the recursion, and 2π refuted")
{
    const double eta = 0.1, b = 0.15;
    std::mt19937_64 random(61);
    std::normal_distribution<double> normal;
    const auto mean_of = [&](double clip, int replicas) {
        double steps = 0;
        for (int r = 0; r < replicas; ++r)
            for (double x = 1; x >= 0; ++steps)
                x += std::clamp(-eta * (x * x * x - x) + eta * normal(random), -clip, clip);
        return steps / replicas;
    };
    const int replicas = 2000;
    const double sigmas = 4.9 / std::sqrt(replicas); // nearly exponential; level 1e-6
    const KramersTime time = kramers_time(double_well(), unit_diffusion(), 1, 1, infinity, eta);
    const double mean = mean_of(infinity, replicas);
    CHECK(right_well(double_well(), unit_diffusion(), 1, eta).mean == Approx(mean).epsilon(sigmas));
    CHECK(std::abs(time.chain.mean() / mean - 1) <= time.chain_error + sigmas);
    CHECK(2 * time.asymptotic.mean() > (1 + 2 * sigmas) * mean);

    const KramersTime clipped = kramers_time(double_well(), unit_diffusion(), 1, 1, b, eta);
    CHECK(clipped.clip_deviations == Approx((b - eta * std::sqrt(4.0 / 27)) / eta).epsilon(1e-4));
    const double slower = mean_of(b, replicas / 2);
    CHECK(slower > (1 + 2 * sigmas) * mean); // at 1.1 standard deviations the clip is felt …
    CHECK(std::abs(clipped.asymptotic.mean() / slower - 1) <= clipped.error); // … and the error says so
    CHECK(validity(clipped).find("not valid, the clip") == 0);
}

TEST_CASE("Kramers: validity in words, and what is refused")
{
    const Landscape f = double_well();
    const Function one = unit_diffusion();
    CHECK(validity(kramers_time(f, one, 1, 1, infinity, 0.01)) ==
          "within about 7%: barrier 50 noise temperatures, eta f'' = 0.02, no clip");
    CHECK(validity(kramers_time(f, one, 1, 1, 0.5, 0.01)).find("clip at 49.6 standard deviations") !=
          std::string::npos);
    CHECK(validity(kramers_time(f, one, 3, 1, infinity, 0.05)).find("not valid, the barrier is too low") == 0);
    CHECK(validity(kramers_time(f, one, 0.1, 1, infinity, 0.5)).find("not valid, the steps are too long") == 0);
    for (const double bad : {0.0, -1.0, infinity, std::nan("")}) {
        CHECK_THROWS_AS(kramers_time(f, one, bad, 1, infinity, 0.1), exeunt::BadInput);
        CHECK_THROWS_AS(kramers_time(f, one, 1, 1, infinity, bad), exeunt::BadInput);
    }
    CHECK_THROWS_AS(kramers_time(f, one, 1, 1, 0, 0.1), exeunt::BadInput);
    CHECK_THROWS_AS(kramers_time(f, one, 1, 2, infinity, 0.1), exeunt::BadInput);
    CHECK(validity(kramers_time(f, one, 1, 1, infinity, 0.2)).find("an order of magnitude only: barrier 2.5") == 0);
    // at this noise X is often beyond 3, where f is not defined
    CHECK_THROWS_AS(kramers_time(typed("x^4/4 - x^2/2 + 0*sqrt(3 - x)", -2.5, 2.5), one, 3, 1, infinity, 0.1),
                    exeunt::NotConverged);
    CHECK_THROWS_AS(kramers_time(f, typed_function("sqrt(x - 0.5)"), 1, 1, infinity, 0.1), exeunt::NotConverged);
    // e^-x² at the ends: nothing holds X
    CHECK_THROWS_AS(kramers_time(typed("-exp(-(x - 2)^2) - exp(-(x + 2)^2)", -2.5, 2.5), one, 1, 1, infinity, 0.1),
                    exeunt::NotConverged);
}
