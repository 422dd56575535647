// The matrix of the killed chain: what each row of it must satisfy, whatever the mesh.
#include "theory/chain.hpp"

#include "cells.hpp"
#include "theory/oracle.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::theory;
using model::Model;

namespace
{

Model cell(const model::Landscape& f, double b, double eta) { return {f, lomax(), unit_diffusion(), b, eta}; }

/// Wells of both kinds, ends with and without clamp, clipped and not, the map stretching (well 3) and not, steps of
/// 1e6 ulp of x.
template<class Check> void on_chains(Check check)
{
    struct {
        Model model;
        std::size_t well;
    } const cells[] = {{cell(wang2022(), 0.5, 0.05), 0},     {cell(wang2022(), 0.28, 0.01), 1},
                       {cell(wang2022(), infinity, 0.2), 2}, {cell(wang2022(), 0.5, 1e-4), 3},
                       {cell(double_well(), 0.7, 0.05), 1},  {cell(double_well(), 1.7, 0.05), 0},
                       {cell(wang2022(), 0.28, 1e-9), 1}};
    for (const auto& c : cells) {
        const ExitMoments exit = exit_moments(c.model, c.well, 1e-2);
        check(Chain(c.model, exit.region, {exit.mesh.panel, 16}), c);
    }
}

/// P(ησZ > y), and P(ησZ ≤ -y), y ≥ 0, of the tests' noise at σ = 1.
double beyond(double y, double eta) { return 0.5 * std::pow(1 + y / (eta * 0.1), -1.2); }

}

TEST_CASE("Exact chain (section 6): every row has mass one, P 1 + e = 1")
{
    // Gauss rules resolve the kernel to rounding, and places are told from the row's own state: what is left are about
    // 1000 terms, each right to some ulp of itself.
    on_chains([](const Chain& chain, const auto&) {
        const Eigen::VectorXd mass = chain.leaves() + chain.stays() + chain.exit();
        CHECK((mass.array() - 1).abs().maxCoeff() <= 1e-14);
    });
}

TEST_CASE("Exact chain: the exits add up over the places, and no probability is negative")
{
    on_chains([](const Chain& chain, const auto& c) {
        const Eigen::VectorXd total = chain.exit_to().rowwise().sum();
        CHECK((total - chain.exit()).cwiseAbs().maxCoeff() <= 4 * ulp); // three differences of numbers below 1
        CHECK(chain.exit_to().minCoeff() >= 0);
        CHECK(chain.exit().minCoeff() >= 0);
        CHECK(chain.exit_to().col(static_cast<Eigen::Index>(c.well)).isZero(0));
    });
}

TEST_CASE("Exact chain: one step moves a cubic by its moments, with and without clipping")
{
    // (P u)(x) for u = x³ is a polynomial on every panel, so nothing is interpolated: the integral over the window by
    // another route, u F between its ends minus ∫ u' F, and the atoms and clamps by hand.
    const model::Landscape f = wang2022();
    const auto u = [](double y) { return y * y * y; };
    for (const double b : {0.5, 0.28}) {
        const double eta = 0.05;
        const Model m = cell(f, b, eta);
        const Chain chain(m, field(m, 1, 0.5), first_mesh(m, field(m, 1, 0.5), 16));
        Eigen::VectorXd values(chain.size());
        for (Eigen::Index i = 0; i < chain.size(); ++i) values[i] = u(chain.states()[static_cast<std::size_t>(i)]);
        const Eigen::VectorXd moved = values - chain.generate(values);
        for (std::size_t i = 0; i < chain.states().size(); i += 17) {
            const double x = chain.states()[i], centre = x - eta * f.potential().gradient(x);
            const auto below = [&](double y) {
                return y < centre ? beyond(centre - y, eta) : 1 - beyond(y - centre, eta);
            };
            const double lo = std::max(f.left(1), x - b), hi = std::min(f.right(1), x + b);
            double expected = u(hi) * below(hi) - u(lo) * below(lo);
            std::vector<double> cuts{lo, hi}; // away from the kernel's cusp
            for (double h = 1e-3; h < 2; h *= 2)
                for (const double cut : {centre - h, centre, centre + h})
                    if (lo < cut && cut < hi) cuts.push_back(cut);
            std::sort(cuts.begin(), cuts.end());
            for (std::size_t k = 0; k + 1 < cuts.size(); ++k)
                expected -=
                    integrate(gauss_rule(20), cuts[k], cuts[k + 1], [&](double y) { return 3 * y * y * below(y); });
            if (x - b > f.left(1)) expected += u(x - b) * below(x - b);
            if (x + b < f.right(1)) expected += u(x + b) * (1 - below(x + b));
            CHECK(std::abs(moved[static_cast<Eigen::Index>(i)] - expected) <= 1e-12); // |u| ≤ 2.2: some 1000 ulp
        }
    }
}

TEST_CASE("Exact chain: exit probabilities are the tails of the noise beyond the saddles within the clip")
{
    const model::Landscape f = wang2022();
    const double eta = 0.01, b = 0.28;
    const Model m = cell(f, b, eta);
    const Chain chain(m, field(m, 2, 0.5), first_mesh(m, field(m, 2, 0.5), 16)); // well 3: (0.2, 0.7)
    for (std::size_t i = 0; i < chain.states().size(); i += 13) {
        const double x = chain.states()[i], centre = x - eta * f.potential().gradient(x);
        if (centre <= f.left(2) || centre >= f.right(2)) continue;
        const double left = x - b <= f.left(2) ? beyond(centre - f.left(2), eta) : 0;
        const double right = x + b >= f.right(2) ? beyond(f.right(2) - centre, eta) : 0;
        const auto row = static_cast<Eigen::Index>(i);
        // the distance is right to an ulp of x, and is divided by ηs = 1e-3 before the power is taken
        const double rounding = 8 * ulp / (eta * 0.1);
        CHECK(std::abs(chain.exit_to()(row, 1) - left) <= rounding * left);
        CHECK(std::abs(chain.exit_to()(row, 3) - right) <= rounding * right);
        CHECK(chain.exit_to()(row, 0) == 0);
    }
}

TEST_CASE("Exact chain: evaluation at the minimum is exact on polynomials, and states end where the domain does")
{
    const Model clamped = cell(wang2022(), 0.5, 0.05), open = cell(double_well(), 0.7, 0.05);
    const Chain chain(clamped, field(clamped, 1, 0.5), first_mesh(clamped, field(clamped, 1, 0.5), 16));
    const Eigen::VectorXd at_minimum = chain.at(clamped.landscape.minima()[1]);
    double cubic = 0;
    for (std::size_t i = 0; i < chain.states().size(); ++i)
        cubic += at_minimum[static_cast<Eigen::Index>(i)] * std::pow(chain.states()[i], 3);
    CHECK(std::abs(cubic - std::pow(clamped.landscape.minima()[1], 3)) <= 64 * ulp); // 16 terms of size ≤ 1
    CHECK(field(clamped, 0, 0.5).lo() == -1.6);
    CHECK(field(clamped, 0, 0.5).hi() == clamped.landscape.saddles()[0]);
    CHECK(field(open, 1, 0.5).lo() == open.landscape.saddles()[0]);
    CHECK(field(open, 1, 0.5).hi() == 5); // 2.5 and half the width
}

TEST_CASE("Exact chain: panels are cut at the discontinuities s ± kb, and too many of them are refused")
{
    const Model m = cell(wang2022(), 0.28, 0.05);
    const Mesh mesh = first_mesh(m, field(m, 1, 0.5), 12);
    const double lo = m.landscape.left(1), hi = m.landscape.right(1);
    CHECK(mesh.panel.front().lo == lo);
    CHECK(mesh.panel.back().hi == hi);
    for (std::size_t p = 0; p < mesh.panels(); ++p) {
        CHECK(mesh.panel[p].lo < mesh.panel[p].hi);
        if (p > 0) CHECK(mesh.panel[p].lo == mesh.panel[p - 1].hi);
    }
    for (int k = 1; k * m.b < hi - lo; ++k)
        for (const double at : {lo + k * m.b, hi - k * m.b})
            CHECK(std::any_of(mesh.panel.begin(), mesh.panel.end(),
                              [&](const Interval& p) { return std::abs(p.lo - at) <= 1e-12 * (hi - lo); }));
    CHECK_THROWS_AS(exit_moments(cell(wang2022(), 0.005, 0.05), 1), NotConverged);
}

TEST_CASE("Exact chain: the far field is the kernel, and carrying is moving transposed")
{
    // A row applied to one node's Lagrange polynomial, against the density itself where the node's panel is far.
    const Model m = cell(wang2022(), infinity, 0.01);
    const Chain chain(m, field(m, 1, 0.5), first_mesh(m, field(m, 1, 0.5), 12));
    const Eigen::Index n = chain.size();
    const Eigen::MatrixXd unit = Eigen::MatrixXd::Identity(n, n);
    Eigen::MatrixXd moved(n, n);
    for (Eigen::Index j = 0; j < n; ++j) moved.col(j) = chain.move(unit.col(j));
    const GaussRule& rule = gauss_rule(12);
    int far = 0;
    for (Eigen::Index i = 0; i < n; i += 7) {
        CHECK((moved.row(i).transpose() - chain.carry(unit.col(i))).cwiseAbs().maxCoeff() <= 8 * ulp);
        for (Eigen::Index j = 0; j < n; j += 5) {
            const Interval panel = chain.mesh().panel[static_cast<std::size_t>(j / 12)];
            const double y = chain.states()[static_cast<std::size_t>(j)],
                         next = chain.next(static_cast<std::size_t>(i));
            if (std::max(panel.lo - next, next - panel.hi) < panel.hi - panel.lo) continue;
            ++far;
            const double weight = 0.5 * (panel.hi - panel.lo) * rule.weight[static_cast<std::size_t>(j % 12)];
            const double expected = weight * m.noise->density((y - next) / m.eta) / m.eta;
            // moments keep 1e-14 of the largest density of a group, five times that of the smallest
            CHECK(std::abs(moved(i, j) - expected) <= 1e-12 * expected);
        }
    }
    CHECK(far > 200);
}

TEST_CASE("Exact chain: as floats with half the moments P is what it was to 2e-7 of its columns' largest entries")
{
    for (const Model& m : {cell(wang2022(), 0.28, 0.01), cell(wang2022(), infinity, 1e-4)}) {
        const Chain chain(m, field(m, 2, 0.5), first_mesh(m, field(m, 2, 0.5), 12));
        const Compressed<float> rounded = chain.rounded();
        for (Eigen::Index j = 0; j < chain.size(); j += 5) {
            const Eigen::VectorXd unit = Eigen::VectorXd::Unit(chain.size(), j);
            const Eigen::VectorXd moved = chain.move(unit), carried = chain.carry(unit);
            const Eigen::VectorXd wrong = rounded.times(unit) - moved;
            CHECK(wrong.cwiseAbs().maxCoeff() <= 2e-7 * moved.cwiseAbs().maxCoeff());
            CHECK((rounded.transposed_times(unit) - carried).cwiseAbs().maxCoeff() <=
                  2e-7 * carried.cwiseAbs().maxCoeff());
        }
    }
}
