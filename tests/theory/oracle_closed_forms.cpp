// The finite-η oracle where mean and split can be written down, and what holds of it on every landscape.
//
// Three parabolas of equal curvature have their saddles half-way between the minima. With ηf'' = 1 a step forgets where
// it started, T(x) = m; with ηf'' = 2 it is T(x) = -x about m = 0, where by symmetry |X| is that of a walk without
// drift.
#include "theory/chain.hpp"
#include "theory/oracle.hpp"

#include "cells.hpp"
#include "parabolas.hpp"
#include "random_landscapes.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace exeunt;
using namespace exeunt::theory;
using model::Landscape;
using model::make_noise;
using model::Model;
using model::Noise;

namespace
{

double relative(double a, double b) { return std::abs(a / b - 1); }

/// Uniform on (-a, a).
struct Box : Noise::Law {
    explicit Box(double half_width) : a(half_width) {}
    double a;

    double density(double z) const override { return std::abs(z) < a ? 0.5 / a : 0; }
    double lower_tail(double z) const override { return std::clamp(0.5 * (a + z) / a, 0.0, 1.0); }
    double upper_tail(double z) const override { return lower_tail(-z); }
    double lower_quantile(double p) const override { return (2 * p - 1) * a; }
    double upper_quantile(double p) const override { return -lower_quantile(p); }
    double tail_index() const override { return infinity; }
    double p_plus() const override { return 0.5; }
    double scale() const override { return a; }
    std::vector<double> kinks() const override { return {-a, a}; }
    std::string name() const override { return "box"; }
};

/// Density exp(-|z|/s)/(2s).
struct Laplace : Noise::Law {
    explicit Laplace(double length) : s(length) {}
    double s;

    double density(double z) const override { return 0.5 / s * std::exp(-std::abs(z) / s); }
    double lower_tail(double z) const override { return z < 0 ? 0.5 * std::exp(z / s) : 1 - 0.5 * std::exp(-z / s); }
    double upper_tail(double z) const override { return lower_tail(-z); }
    double lower_quantile(double p) const override { return p < 0.5 ? s * std::log(2 * p) : -s * std::log(2 - 2 * p); }
    double upper_quantile(double p) const override { return -lower_quantile(p); }
    double tail_index() const override { return infinity; }
    double p_plus() const override { return 0.5; }
    double scale() const override { return s; }
    std::vector<double> kinks() const override { return {0}; }
    std::string name() const override { return "laplace"; }
};

Noise box(double a) { return Noise(std::make_shared<Box>(a)); }
Noise laplace(double s) { return Noise(std::make_shared<Laplace>(s)); }

struct Closed {
    double mean, left, right;
};

/// T(x) = m: the next step's law before clipping, Y = m + ηZ, is that of every x. Cut Ω at its ends ± kb. The window's
/// end x - b is in the same piece for every x of a piece, and what falls below it is put there: a piece receives all
/// of Y below its upper end. The pieces are therefore a Markov chain, whatever the law of Z and the clip.
Closed chain_of_pieces(const Model& model, std::size_t well)
{
    const Landscape& f = model.landscape;
    const double lo = f.left(well), hi = f.right(well), m = f.minima()[well], b = model.b;
    std::vector<double> cut{lo, hi};
    for (int k = 1; k * b < hi - lo; ++k) cut.insert(cut.end(), {lo + k * b, hi - k * b});
    std::sort(cut.begin(), cut.end());
    const auto mass = [&](double x, double from, double to) { // P(from < X_1 < to)
        if (to < x - b || from > x + b) return 0.0;
        const double z0 = from < x - b ? -infinity : (from - m) / model.eta,
                     z1 = to > x + b ? infinity : (to - m) / model.eta;
        if (z0 >= 0) return model.noise->upper_tail(z0) - (std::isinf(z1) ? 0 : model.noise->upper_tail(z1));
        if (z1 <= 0) return model.noise->lower_tail(z1) - (std::isinf(z0) ? 0 : model.noise->lower_tail(z0));
        return 1 - (std::isinf(z0) ? 0 : model.noise->lower_tail(z0)) -
               (std::isinf(z1) ? 0 : model.noise->upper_tail(z1));
    };
    std::vector<double> inside; // the piece of m first
    for (std::size_t k = 0; k + 1 < cut.size(); ++k) inside.push_back(0.5 * (cut[k] + cut[k + 1]));
    const std::size_t n = inside.size();
    std::vector<std::size_t> piece(n);
    std::iota(piece.begin(), piece.end(), 0U);
    std::iter_swap(piece.begin(), std::lower_bound(cut.begin(), cut.end(), m) - cut.begin() - 1 + piece.begin());
    std::vector<std::vector<double>> p(n); // to the pieces, to the left, to the right
    for (std::size_t i = 0; i < n; ++i) {
        const double x = inside[piece[i]];
        for (const std::size_t j : piece) p[i].push_back(mass(x, cut[j], cut[j + 1]));
        p[i].insert(p[i].end(), {mass(x, -infinity, lo), mass(x, hi, infinity)});
    }
    // Grassmann, Taksar, Heyman: leaves the last piece out, subtracting nothing
    std::vector<double> time(n, 1.0);
    for (std::size_t k = n; k-- > 0;) {
        double leaves = p[k][n] + p[k][n + 1];
        for (std::size_t j = 0; j < k; ++j) leaves += p[k][j];
        time[k] /= leaves;
        for (double& to : p[k]) to /= leaves;
        for (std::size_t i = 0; i < k; ++i) {
            time[i] += p[i][k] * time[k];
            for (std::size_t j = 0; j < n + 2; ++j)
                if (j < k || j >= n) p[i][j] += p[i][k] * p[k][j];
        }
    }
    return {time[0], p[0][n], p[0][n + 1]};
}

void agrees(const Model& model, std::size_t well, const Closed& closed, double allowed)
{
    const ExitMoments exit = exit_moments(model, well, 1e-7);
    CHECK(relative(exit.mean, closed.mean) <= exit.error + allowed);
    CHECK(std::abs(exit.to[well - 1] - closed.left) <= exit.to_error + allowed);
    CHECK(std::abs(exit.to[well + 1] - closed.right) <= exit.to_error + allowed);
}

}

TEST_CASE("Oracle (section 6): a clipped step that forgets its start is a chain of few pieces, l* = 1 to 4")
{
    const double eta = 0.05;
    const Landscape f = parabolas(1 / eta, {-2, 0.25, 3}); // Ω = (-0.875, 1.625), r = 1.125
    for (const double b : {infinity, 1.5, 0.7, 0.45, 0.3})
        for (const Noise& noise :
             {make_noise("lomax", {1.2, 1}), make_noise("pareto", {1.5, 1, 0.7}), make_noise("student_t", {1.5, 2}),
              make_noise("stable", {1.5, 1, 0.8}), laplace(3), box(40)}) {
            const Model m{f, noise, unit_diffusion(), b, eta};
            const Closed closed = chain_of_pieces(m, 1);
            INFO(noise->name() << ", b " << b << ", mean " << closed.mean);
            CHECK(std::abs(closed.left + closed.right - 1) <= 64 * ulp); // sums over ten pieces
            agrees(m, 1, closed, rounded_saddle);
        }
}

TEST_CASE("Oracle (section 6): uniform noise that covers the field from everywhere, under any drift")
{
    // X stays with probability |Ω|/2A and is then uniform on Ω, where E T = middle - η (f(s_i) - f(s_{i-1}))/|Ω|. Any
    // clip that leaves in one jump from everywhere changes neither.
    const Landscape f = typed("0.1*x^2 - 0.5*cos(4*x) + 0.2*x", -2.2, 2.2);
    REQUIRE(f.wells() == 3);
    const double eta = 0.05, reach = 2, lo = f.left(1), hi = f.right(1), width = hi - lo;
    const double drift = eta * (f.potential().value(hi) - f.potential().value(lo)) / width;
    const auto right = [&](double next) { return (next + reach - hi) / (2 * reach); };
    const double stays = width / (2 * reach);
    const double goes_right = right(f.minima()[1]) + stays * right(0.5 * (lo + hi) - drift) / (1 - stays);
    for (const double b : {infinity, 1.02 * width})
        agrees({f, box(reach / eta), unit_diffusion(), b, eta}, 1, {1 / (1 - stays), 1 - goes_right, goes_right},
               64 * ulp); // rounding of a sum over the nodes
}

TEST_CASE("Oracle (section 6): uniform noise without drift, steps of more than half the interval")
{
    // u(x) = 1 + k ∫ u over (-L, L) ∩ (x - A, x + A), k = 1/2A, L ≤ A ≤ 2L. u = c for |x| ≤ A - L; beyond it
    // u'(x) = -k u(A - x), so u = a (cos ky - sin ky), y = x - A/2; u is continuous at y = -h, h = L - A/2.
    const double eta = 0.05;
    for (const double reach : {1.0, 1.3, 1.9}) {
        const double half_angle = (1 - reach / 2) / (2 * reach);
        const double c = std::cos(half_angle), s = std::sin(half_angle);
        const double mean = (c + s) / ((c + s) / reach - 4 * s);
        agrees({parabolas(2 / eta, {-2, 0, 2}), box(reach / eta), unit_diffusion(), infinity, eta}, 1, {mean, 0.5, 0.5},
               rounded_saddle);
    }
}

TEST_CASE("Oracle (section 6): Laplace noise without drift")
{
    // g = u - 1 solves s²g'' = -1 on (-L, L), g' = ∓g/s at its ends: E σ = 1 + L/s + L²/(2s²).
    const double eta = 0.05;
    for (const double s : {0.02, 0.1, 1.0})
        agrees({parabolas(2 / eta, {-2, 0, 2}), laplace(s / eta), unit_diffusion(), infinity, eta}, 1,
               {1 + 1 / s + 0.5 / (s * s), 0.5, 0.5}, rounded_saddle);
}

TEST_CASE("Exact chain (section 6): rows of mass one and no negative probability, on random landscapes and laws")
{
    std::mt19937_64 random(1);
    const auto uniform = [&](double from, double to) {
        return from + (to - from) * 0x1p-64 * static_cast<double>(random());
    };
    const std::vector<std::string> laws = model::noise_laws();
    int solved = 0;
    for (int draw = 0; draw < 100; ++draw) {
        const RandomExit cell = random_exit(random);
        const std::string& law = laws[random() % laws.size()];
        model::NoiseParameters parameters{{}, uniform(0.05, 0.5)};
        if (model::takes_alpha(law)) {
            parameters.alpha = uniform(1.1, 1.9);
            parameters.p_plus = uniform(0.05, 0.95);
        }
        const auto& domain = cell.f.domain();
        const bool clamp = random() % 2 == 0, clipped = random() % 5 != 0;
        const Model m{Landscape(cell.f.potential(), {domain.lo, domain.hi, clamp}), make_noise(law, parameters),
                      cell.sigma, clipped ? cell.b : infinity, std::exp(uniform(std::log(1e-3), std::log(0.1)))};
        INFO(draw << ": " << cell.name << ", " << law << ", η " << m.eta << ", b " << m.b << ", clamp " << clamp);

        const Region omega = field(m, cell.well, 0.5);
        if (4 * (omega.hi() - omega.lo()) / m.b > 500) continue; // more breakpoints than a chain takes
        const Chain chain(m, omega, first_mesh(m, omega, 12));
        CHECK(chain.exit_to().minCoeff() >= 0);
        CHECK(chain.exit().minCoeff() >= 0);
        const Eigen::VectorXd mass = chain.leaves() + chain.stays() + chain.exit();
        CHECK((mass.array() - 1).abs().maxCoeff() <= 1e-14); // as in chain.cpp

        // a light-tailed law may never leave; many jumps make meshes that cost seconds
        if (!m.noise->heavy_tailed() || cell.order > 3 || chain.size() > 1500) continue;
        ++solved;
        const ExitMoments exit = exit_moments(m, cell.well, 1e-2);
        CHECK(exit.mean >= 1);
        CHECK(*std::min_element(exit.to.begin(), exit.to.end()) >= 0);
        CHECK(*std::max_element(exit.to.begin(), exit.to.end()) <= 1);
        CHECK(std::abs(std::accumulate(exit.to.begin(), exit.to.end(), -1.0)) <= exit.to_error);
    }
    CHECK(solved >= 20); // of 100 draws
}
