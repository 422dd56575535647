#include "theory/exit.hpp"

#include "cells.hpp"
#include "defining_integral.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::theory;
using model::Function;
using model::Landscape;

namespace
{

double relative(double a, double b) { return std::abs(a / b - 1); }

Function diffusion(const char* text) { return model::parse_function(text, {}, -3, 3); }

std::string refusal(const Landscape& f, std::size_t well, double b, const model::Noise& noise = lomax())
{
    try {
        exit_constants(f, noise, unit_diffusion(), well, b);
    } catch (const BadInput& error) {
        return error.what();
    }
    return "accepted";
}

}

TEST_CASE("Exit order (section 2): the least number of clipped jumps that leaves")
{
    const Landscape f = wang2022();
    CHECK(exit_order(f, 1, 0.61) == 1); // r_2 = 0.6007
    CHECK(exit_order(f, 1, 0.5) == 2);
    CHECK(exit_order(f, 1, 0.28) == 3);
    CHECK(exit_order(f, 1, 0.12) == 6);
    CHECK(exit_order(f, 1, infinity) == 1);
    CHECK(exit_order(f, 1, 1e6) == 1); // r/b is 0 to the tolerance, and no integer that matters
    CHECK(exit_order(double_well(), 0, 0.5 * (1 + 3e-9)) == 2);
    CHECK(exit_order(double_well(), 0, 0.5 * (1 - 3e-9)) == 3);
}

TEST_CASE("Exit order: r/b an integer is refused with the well, the radius and the threshold (section 2)")
{
    for (const double off : {0.0, 3e-10, -3e-10}) { // tolerance 1e-9 of r/b, which is 2
        CHECK_THROWS_AS(exit_order(double_well(), 1, 0.5 * (1 + off)), DegenerateRadius);
        CHECK_THROWS_AS(constants(double_well(), 1, 0.5 * (1 + off)), DegenerateRadius);
    }
    CHECK_THROWS_AS(exit_order(double_well(), 0, 1.0), DegenerateRadius);
    CHECK_THAT(refusal(double_well(), 1, 0.25), Catch::Contains("well 2 at clip 0.25") && Catch::Contains("1/0.25") &&
                                                    Catch::Contains("of 4") && Catch::Contains("change clip"));
    CHECK_THROWS_AS(exit_order(double_well(), 1, 0.0), BadInput);
    CHECK_THROWS_AS(exit_order(double_well(), 1, -1.0), BadInput);
    CHECK_THROWS_AS(exit_order(double_well(), 1, std::nan("")), BadInput);
}

TEST_CASE("Time scale (section 3): λ = H(1/η) (H(1/η)/η)^(l-1)")
{
    // H(100) = (1 + 100/0.1)^-1.2 = 1001^-1.2
    const double h = std::pow(1001.0, -1.2);
    CHECK(relative(time_scale(lomax(), 0.01, 1), h) <= 8 * ulp); // pow, and 100/0.1
    CHECK(relative(time_scale(lomax(), 0.01, 2), h * h * 100) <= 16 * ulp);
    CHECK(relative(time_scale(lomax(), 0.01, 4), std::pow(h, 4) * 1e6) <= 64 * ulp);
}

TEST_CASE("Exit constants of wang2022 (section 3): reference digits")
{
    struct {
        double b;
        std::size_t well, to;
        int order;
        double q;
    } const known[] = {{0.5, 1, 0, 2, 3.84714483123},  {0.5, 1, 2, 2, 0.23374936590}, {0.5, 0, 1, 1, 3.22580308508},
                       {0.28, 1, 0, 3, 3.39056103909}, {0.5, 3, 2, 2, 2.96872592691}, {0.28, 1, 2, 3, 0}};
    const Landscape f = wang2022();
    for (const auto& k : known) {
        const ExitConstants q = constants(f, k.well, k.b);
        CHECK(q.order == k.order);
        REQUIRE(q.to.size() == 4);
        CHECK(std::abs(q.to[k.to] - k.q) <= 6e-12); // half a unit in the last digit given, and one more
        CHECK(q.to[k.well] == 0);
        CHECK(q.error <= 1e-12);
    }
    CHECK(std::abs(constants(f, 2, 0.5).total() - 5.52590525358) <= 6e-12);
}

TEST_CASE("Exit constants of a double well, l* = 2 … 6 (section 3): a table of 40 digit arithmetic")
{
    // The recursion in mpmath with 40 digits and one panel of 40 and of 56 nodes, which agree in all digits given.
    struct {
        double b;
        int order;
        double q;
    } const table[] = {{0.7, 2, 1.613437490686070104},
                       {0.4, 3, 1.279780047395759879},
                       {0.3, 4, 2.536009560350414558},
                       {0.22, 5, 0.2962950243384811387},
                       {0.18, 6, 0.1038173066509691744}};
    for (const auto& row : table)
        for (const std::size_t well : {0U, 1U}) {
            const ExitConstants q = constants(double_well(), well, row.b);
            CHECK(q.order == row.order);
            CHECK(relative(q.to[1 - well], row.q) <= q.error);
            CHECK(q.error <= 1e-12);
        }
}

TEST_CASE("Exit constants (section 3): the defining integral by nested quadrature, both sides, l* = 2")
{
    // Each nested integral to 1e-9, the flow to 1e-13: a few 1e-9 in all, and 1e-8 leaves room for their sum.
    const Landscape f = wang2022();
    DefiningIntegral defining(f, unit_diffusion(), 1.2, 1, 0.5, 2);
    const ExitConstants q = constants(f, 1, 0.5);
    CHECK(relative(q.to[0], defining.nested(0, 1e-9)) <= 1e-8);
    CHECK(relative(q.to[2], defining.nested(2, 1e-9)) <= 1e-8);
}

TEST_CASE("Exit constants (section 3): a jump flies over a narrow field into the next")
{
    // At b = 0.58 two jumps from m_4 may pass the whole of Ω_3, half a unit wide, and not so two from m_2.
    const Landscape f = wang2022();
    const Function one = unit_diffusion();
    DefiningIntegral from_4(f, one, 1.2, 3, 0.58, 2), from_2(f, one, 1.2, 1, 0.58, 2);
    const ExitConstants q_4 = constants(f, 3, 0.58), q_2 = constants(f, 1, 0.58);
    CHECK(q_4.to[1] > 0);
    CHECK(q_2.to[3] == 0); // it would take 1.4 > 2b
    CHECK(q_4.to[0] == 0);
    // as above: each integral to 1e-8
    CHECK(relative(q_4.to[1], from_4.nested(1, 1e-8)) <= 1e-7);
    CHECK(relative(q_4.to[2], from_4.nested(2, 1e-8)) <= 1e-7);
    CHECK(relative(q_2.to[2], from_2.nested(2, 1e-8)) <= 1e-7);
    // One jump of 1.5 from m_2 = -0.699 reaches 0.801, beyond s_3 = 0.7: the closed form.
    const ExitConstants one_jump = constants(f, 1, 1.5);
    const double m = f.minima()[1], near = f.saddles()[1] - m, far = f.saddles()[2] - m;
    CHECK(relative(one_jump.to[3], 0.5 * std::pow(far, -1.2)) <= one_jump.error);
    CHECK(relative(one_jump.to[2], 0.5 * (std::pow(near, -1.2) - std::pow(far, -1.2))) <= one_jump.error);
}

TEST_CASE("Exit constants (section 3): the defining integral by nested quadrature, l* = 3, and state-dependent σ")
{
    const Landscape f = double_well();
    const Function sigma = diffusion("1 + x^2/4");
    DefiningIntegral three(f, unit_diffusion(), 1.2, 1, 0.4, 3), coloured(f, sigma, 1.2, 0, 0.7, 2);
    // each of the four nested integrals to 1e-5
    CHECK(relative(constants(f, 1, 0.4).to[0], three.nested(0, 1e-5)) <= 1e-4);
    CHECK(relative(exit_constants(f, lomax(), sigma, 0, 0.7).to[1], coloured.nested(1, 1e-8)) <= 1e-7);
}

TEST_CASE("Exit constants (section 3): end points h(w, t) counted where they land")
{
    // Randomly shifted Sobol points. Five standard errors from 16 shifts, each below 2%: 15% off cannot pass.
    const Landscape f = wang2022();
    const Function one = unit_diffusion(), sigma = diffusion("1 + 0.3*sin(3*x)");
    const auto agrees = [](const ExitConstants& q, const DefiningIntegral::Estimate& e) {
        for (std::size_t j = 0; j < q.to.size(); ++j) {
            CHECK(std::abs(q.to[j] - e.q[j]) <= 5 * e.error[j]);
            CHECK(e.error[j] <= 0.02 * q.to[j]);
        }
    };
    agrees(constants(f, 1, 0.5), DefiningIntegral(f, one, 1.2, 1, 0.5, 2, 1e-7).sampled(8192, 16, 1));
    agrees(exit_constants(f, lomax(), sigma, 1, 0.5),
           DefiningIntegral(f, sigma, 1.2, 1, 0.5, 2, 1e-7).sampled(8192, 16, 2));
    agrees(constants(f, 1, 0.28), DefiningIntegral(f, one, 1.2, 1, 0.28, 3, 1e-7).sampled(32768, 16, 3));
}

TEST_CASE("Exit constants without clipping (section 5): the closed form to 1e-13")
{
    const Landscape f = wang2022();
    const model::Noise noise = power_tails(0.7, 1.6);
    const auto power = [](long double d) { return std::pow(d, -1.6L); };
    for (std::size_t i = 0; i < 4; ++i) {
        const ExitConstants q = exit_constants(f, noise, unit_diffusion(), i, infinity);
        CHECK(q.order == 1);
        const long double m = f.minima()[i];
        for (std::size_t j = 0; j < 4; ++j) {
            if (j == i) continue;
            const long double near = j > i ? f.left(j) - m : m - f.right(j);
            const long double far = j > i ? f.right(j) - m : m - f.left(j);
            const long double mass = (j > i ? 0.7L : 0.3L) * (power(near) - (std::isinf(far) ? 0.0L : power(far)));
            CHECK(relative(q.to[j], static_cast<double>(mass)) <= 1e-13);
        }
    }
}

TEST_CASE("Exit constants: reflection of landscape and noise permutes them")
{
    const Landscape f = wang2022(), mirrored = transformed(f, -1, 1);
    for (const double b : {0.58, 0.5, 0.28, infinity})
        for (std::size_t i = 0; i < 4; ++i) {
            const ExitConstants q = exit_constants(f, power_tails(0.7), unit_diffusion(), i, b);
            const ExitConstants r = exit_constants(mirrored, power_tails(0.3), unit_diffusion(), 3 - i, b);
            CHECK(q.order == r.order);
            for (std::size_t j = 0; j < 4; ++j) // places are rounded differently: both errors count
                CHECK(std::abs(q.to[j] - r.to[3 - j]) <= (q.error + r.error) * q.to[j]);
        }
}

TEST_CASE("Exit constants: both sides contribute when both have the same order")
{
    const Landscape f = typed("-cos(x)", -7, 7); // minima -2π, 0, 2π; saddles ±π
    for (const double b : {2.0, 1.3}) {
        const ExitConstants even = constants(f, 1, b);
        CHECK(even.to[0] > 0);
        CHECK(relative(even.to[0], even.to[2]) <= 2 * even.error);
        const ExitConstants skewed = exit_constants(f, power_tails(0.8), unit_diffusion(), 1, b);
        CHECK(relative(skewed.to[2] / skewed.to[0], std::pow(4, even.order)) <= 2 * skewed.error); // (p₊/p₋)^l
    }
    const Landscape tilted = typed("-cos(x) + 0.05*x", -7, 7); // r to the left is shorter
    CHECK(constants(tilted, 1, 1.63).order == 2);              // (m - s_-)/b = 1.87, (s_+ - m)/b = 1.99
    CHECK(constants(tilted, 1, 1.63).to[0] > 0);
    CHECK(constants(tilted, 1, 1.63).to[2] > 0);
    CHECK(constants(tilted, 1, 1.57).order == 2); // (m - s_-)/b = 1.94, (s_+ - m)/b = 2.06
    CHECK(constants(tilted, 1, 1.57).to[0] > 0);
    CHECK(constants(tilted, 1, 1.57).to[2] == 0);
}

TEST_CASE("Exit constants scale with the unit of x, with f and with σ by exact powers")
{
    const Landscape f = wang2022();
    for (const double b : {0.58, 0.5, 0.28, 0.12, infinity})
        for (std::size_t i = 0; i < 4; ++i) {
            const ExitConstants q = constants(f, i, b);
            const double l = q.order;
            const ExitConstants stretched = constants(transformed(f, 1.1, 1.1 * 1.1), i, 1.1 * b); // x → 1.1 x
            const ExitConstants steeper = constants(transformed(f, 1, 3), i, b); // f → 3f: t → t/3
            const ExitConstants louder = exit_constants(f, lomax(), Function::constant(1.7), i, b);
            for (std::size_t j = 0; j < 4; ++j) {
                CHECK(std::abs(stretched.to[j] * std::pow(1.1, 1.2 * l) - q.to[j]) <= 2 * q.error * q.to[j]);
                CHECK(std::abs(steeper.to[j] * std::pow(3.0, l - 1) - q.to[j]) <= 2 * q.error * q.to[j]);
                CHECK(std::abs(louder.to[j] * std::pow(1.7, -1.2 * l) - q.to[j]) <= 2 * q.error * q.to[j]);
            }
        }
}

TEST_CASE("Exit constants: σ = c typed as an expression is the constant c")
{
    const Landscape f = wang2022();
    const Function typed_sigma = diffusion("1.7 + 0*x");
    for (const double b : {0.5, 0.28}) {
        const ExitConstants q = exit_constants(f, lomax(), Function::constant(1.7), 1, b);
        CHECK(relative(exit_constants(f, lomax(), typed_sigma, 1, b).total(), q.total()) <= 16 * ulp); // the same sums
    }
}

TEST_CASE("Exit constants beside an integer r/b: the error bound grows, holds, and is kept")
{
    // x → 1.1 x rounds every place anew, so what rounding does to q shows in the ratio.
    const Landscape f = double_well(), stretched = transformed(f, 1.1, 1.1 * 1.1);
    for (const double off : {1e-2, 1e-4, 1e-6, 1e-8, -1e-2, -1e-4, -1e-6, -1e-8}) {
        const double b = 0.5 + off;
        const ExitConstants q = exit_constants(f, lomax(), unit_diffusion(), 1, b, 1e-3);
        const ExitConstants r = exit_constants(stretched, lomax(), unit_diffusion(), 1, 1.1 * b, 1e-3);
        CHECK(q.order == (off > 0 ? 2 : 3));
        CHECK(relative(r.to[0] * std::pow(1.1, 1.2 * q.order), q.to[0]) <= q.error + r.error);
        CHECK(q.error >= 0.25 * ulp / std::abs(off)); // what m = 1 in floating-point numbers may be off
        CHECK(q.error <= 1e2 * ulp / std::abs(off) + 1e-11);
    }
    // q → C δ for l = 2, δ = 2b - 1 → 0: slope from δ = 2e-4 and 2e-6
    const double wide = constants(f, 1, 0.5001).total() / 2e-4;
    const double narrow = exit_constants(f, lomax(), unit_diffusion(), 1, 0.500001, 1e-8).total() / 2e-6;
    CHECK(relative(wide, narrow) <= 1e-6);                      // q/δ is smooth in δ and even to first order
    CHECK_THROWS_AS(constants(f, 1, 0.5 + 1e-7), NotConverged); // 1e-10 was asked
    CHECK_THROWS_AS(constants(f, 1, 0.5 - 1e-7), NotConverged);
}

TEST_CASE("Exit constants: a clipped jump that lands on a saddle is refused (section 2)")
{
    const Landscape f = wang2022();
    const double m = f.minima()[1];
    const double onto_4 = f.saddles()[2] - m; // from m_2 exactly onto s_3, over Ω_3
    CHECK_THAT(refusal(f, 1, onto_4), Catch::Contains("well 2") && Catch::Contains("saddle 0.7"));
    CHECK(refusal(f, 1, onto_4 * (1 + 1e-8)) == "accepted");
    // The farther saddle of the own field: s_2 is 0.899 to the right, the nearer one 0.601 to the left.
    CHECK_THAT(refusal(f, 1, f.saddles()[1] - m), Catch::Contains("well 2") && Catch::Contains("saddle 0.2"));
    CHECK(refusal(f, 1, (f.saddles()[1] - m) * (1 - 1e-8)) == "accepted");
    // With two jumps and more, the last one starts from a continuum.
    CHECK(refusal(f, 1, 0.5 * (f.saddles()[1] - m)) == "accepted");
}

TEST_CASE("Exit constants: a noise without a tail towards the nearer saddle is refused")
{
    const Landscape f = wang2022();
    CHECK_THAT(refusal(f, 1, 0.4, power_tails(1)), Catch::Contains("well 2") && Catch::Contains("p_plus = 1"));
    const ExitConstants right = exit_constants(f, power_tails(1), unit_diffusion(), 1, 0.5);
    CHECK(right.to[0] == 0);
    CHECK(relative(right.to[2], 4 * 0.23374936590) <= 1e-10); // (1/½)², ten digits of the table
}

TEST_CASE("Exit constants: undeclared breaks of f' or an overflow end in NotConverged, never in a wrong number")
{
    CHECK_THROWS_AS(constants(double_well(), 1, 0.00301), NotConverged); // l* = 333, q near 1e700
    // a spike of width 1e-7 in f', which no panel is told of
    const Landscape f = typed("x^4/4 - x^2/2 + 1e-4*atan((x - 0.5123)*1e7)", -2.5, 2.5);
    CHECK_THROWS_AS(constants(f, f.wells() - 1, 0.7), NotConverged);
}

namespace
{

/// q_21 of two wells with l = 2: the single integral that remains (exit.hpp), by another quadrature, cut where told.
double two_jumps(const Landscape& f, const Function& sigma, double b, const std::vector<double>& cuts)
{
    const double m = f.minima()[1], s = f.saddles()[0];
    const auto g = [&](double y) {
        return 0.25 * std::pow(sigma.value(m) * sigma.value(y) / ((m - y) * (y - s)), 1.2) / -f.potential().gradient(y);
    };
    double q = 0, from = m - b;
    for (const double cut : cuts) {
        q += quadrature(from, cut, 1e-13, g);
        from = cut;
    }
    return q + quadrature(from, s + b, 1e-13, g);
}

}

TEST_CASE("Exit constants: a kink of f' or of σ on the way costs no digits")
{
    const Landscape f = typed("x^4/4 - x^2/2 + abs(x - 0.5)/20", -2.5, 2.5);
    REQUIRE(f.wells() == 2);
    REQUIRE(f.potential().kinks().size() == 1);
    const double m = f.minima()[1], s = f.saddles()[0], b = 0.7 * (m - s);
    REQUIRE((m - b < 0.5 && 0.55 < s + b)); // both kinks lie in I_1
    for (const Function& sigma : {unit_diffusion(), diffusion("1 + 3*abs(x - 0.55)")}) {
        const ExitConstants q = exit_constants(f, lomax(), sigma, 1, b);
        CHECK(q.error <= 1e-12);
        CHECK(relative(q.to[0], two_jumps(f, sigma, b, {0.5, 0.55})) <= 2e-12); // and the test's own quadrature
    }
}

TEST_CASE("Exit constants: fine structure of f' on the way is resolved")
{
    // f' has ripples of period 0.1, a quarter of I_1
    const Landscape f = typed("x^4/4 - x^2/2 + 2e-4*sin(60*x)", -2.5, 2.5);
    REQUIRE(f.wells() == 2);
    const double b = 0.7 * f.radius(1);
    const ExitConstants q = constants(f, 1, b);
    CHECK(q.error <= 1e-10);
    CHECK(relative(q.to[0], two_jumps(f, unit_diffusion(), b, {})) <= q.error + 1e-12);
}
