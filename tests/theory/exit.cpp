#include "theory/exit.hpp"

#include "cells.hpp"
#include "defining_integral.hpp"
#include "tests/complaint.hpp"

#include <algorithm>
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
    return complaint([&] { exit_constants(f, noise, unit_diffusion(), well, b); });
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
    const Function sigma = diffusion("1 + 0.3*sin(3*x)");
    const model::Noise noise = power_tails(0.3);
    DefiningIntegral from_4(f, sigma, 1.2, 3, 0.58, 2, 1e-13, 0.3), from_2(f, sigma, 1.2, 1, 0.58, 2, 1e-13, 0.3);
    const ExitConstants q_4 = exit_constants(f, noise, sigma, 3, 0.58), q_2 = exit_constants(f, noise, sigma, 1, 0.58);
    CHECK(q_4.to[1] > 0);
    CHECK(q_2.to[3] == 0); // it would take 1.4 > 2b
    CHECK(q_4.to[0] == 0);
    // as above: each integral to 1e-8
    CHECK(relative(q_4.to[1], from_4.nested(1, 1e-8)) <= 1e-7);
    CHECK(relative(q_4.to[2], from_4.nested(2, 1e-8)) <= 1e-7);
    CHECK(relative(q_2.to[2], from_2.nested(2, 1e-8)) <= 1e-7);
    CHECK(relative(q_2.to[0], from_2.nested(0, 1e-8)) <= 1e-7);
    // One jump of 1.5 from m_2 = -0.699 reaches 0.801, beyond s_3 = 0.7: the closed form.
    const ExitConstants one_jump = constants(f, 1, 1.5);
    const double m = f.minima()[1], near = f.saddles()[1] - m, far = f.saddles()[2] - m;
    CHECK(relative(one_jump.to[3], 0.5 * std::pow(far, -1.2)) <= one_jump.error);
    CHECK(relative(one_jump.to[2], 0.5 * (std::pow(near, -1.2) - std::pow(far, -1.2))) <= one_jump.error);
}

TEST_CASE("Exit constants (section 3): the defining integral by nested quadrature, l* = 3, and state-dependent σ")
{
    // each of the four nested integrals to 1e-5
    const Landscape f = double_well(), tilted = typed("x^4/4 - x^2/2 + x/10", -2.5, 2.5);
    const Function sigma = diffusion("1 + x^2/4"), one = unit_diffusion();
    DefiningIntegral three(f, one, 1.2, 1, 0.4, 3), coloured(tilted, sigma, 1.7, 0, 0.43, 3, 1e-13, 0.8);
    CHECK(relative(constants(f, 1, 0.4).to[0], three.nested(0, 1e-5)) <= 1e-4);
    const ExitConstants q = exit_constants(tilted, power_tails(0.8, 1.7), sigma, 0, 0.43);
    CHECK(q.order == 3);
    CHECK(relative(q.to[1], coloured.nested(1, 1e-5)) <= 1e-4);
}

TEST_CASE("Exit constants (section 3): end points h(w, t) counted where they land")
{
    // Randomly shifted Sobol points. Five standard errors from 16 shifts, each below 4%: a third off cannot pass.
    const Landscape f = wang2022();
    const Function one = unit_diffusion(), sigma = diffusion("1 + 0.3*sin(3*x)");
    const auto agrees = [](const ExitConstants& q, const DefiningIntegral::Estimate& e) {
        for (std::size_t j = 0; j < q.to.size(); ++j) {
            CHECK(std::abs(q.to[j] - e.q[j]) <= 5 * e.error[j]);
            CHECK(e.error[j] <= 0.04 * q.to[j]);
        }
    };
    agrees(exit_constants(f, power_tails(0.3), sigma, 1, 0.5),
           DefiningIntegral(f, sigma, 1.2, 1, 0.5, 2, 1e-5, 0.3).sampled(4096, 16, 1));
    agrees(constants(f, 1, 0.28), DefiningIntegral(f, one, 1.2, 1, 0.28, 3, 1e-5).sampled(8192, 16, 2));
}

TEST_CASE("Exit constants without clipping (section 5): the closed form to 1e-13, also by a clip that never acts")
{
    const Landscape f = wang2022();
    const model::Noise noise = power_tails(0.7, 1.6);
    const Function sigma = diffusion("1 + 0.3*sin(3*x)");
    const auto power = [](long double d) { return std::pow(d, -1.6L); };
    for (std::size_t i = 0; i < 4; ++i) {
        const ExitConstants q = exit_constants(f, noise, sigma, i, infinity);
        const std::vector<double> closed = unclipped_constants(f, noise, sigma, i);
        CHECK(q.order == 1);
        CHECK(closed[i] == 0);
        const long double m = f.minima()[i];
        const long double strength = std::pow(1 + 0.3L * std::sin(3 * m), 1.6L);
        long double total = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            if (j == i) continue;
            const long double near = j > i ? f.left(j) - m : m - f.right(j);
            const long double far = j > i ? f.right(j) - m : m - f.left(j);
            const long double mass = (j > i ? 0.7L : 0.3L) * (power(near) - (std::isinf(far) ? 0.0L : power(far)));
            CHECK(relative(closed[j], static_cast<double>(strength * mass)) <= 1e-13);
            CHECK(relative(q.to[j], closed[j]) <= 1e-13);
            total += strength * mass;
        }
        const long double right = std::isinf(f.right(i)) ? 0.0L : power(f.right(i) - m); // section 5 as written
        const long double left = std::isinf(f.left(i)) ? 0.0L : power(m - f.left(i));
        CHECK(relative(q.total(), static_cast<double>(strength * (0.7L * right + 0.3L * left))) <= 1e-13);
        CHECK(relative(static_cast<double>(total), q.total()) <= 1e-13);
        // All jumps over every saddle are shorter than 4: a longer one lands in the same, outermost field, clipped or
        // not.
        CHECK(exit_constants(f, noise, sigma, i, 4).to == q.to);
        CHECK(exit_constants(f, noise, sigma, i, 1e300).to == q.to);
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

TEST_CASE("Exit constants: reflection permutes them bit for bit where places are exact")
{
    // f' = 12 x (x - 1) (x + 2): minima -2 and 1, saddle 0. 3/4 and 1/4 are exact, and so is the reflected σ.
    const Landscape f = typed("3*x^4 + 4*x^3 - 12*x^2", -3, 2), mirrored = typed("3*x^4 - 4*x^3 - 12*x^2", -2, 3);
    REQUIRE(f.minima() == std::vector<double>{-2, 1});
    REQUIRE(mirrored.minima() == std::vector<double>{-1, 2});
    const Function sigma = diffusion("1 + sin(x)/2"), reflected = diffusion("1 - sin(x)/2");
    for (const double b : {3.0, 1.7, 0.9, 0.7, 0.3, 0.19, infinity})
        for (const std::size_t i : {0U, 1U}) {
            const ExitConstants q = exit_constants(f, power_tails(0.75), sigma, i, b);
            const ExitConstants r = exit_constants(mirrored, power_tails(0.25), reflected, 1 - i, b);
            CHECK(q.order == r.order);
            CHECK(q.to[1 - i] == r.to[i]);
            CHECK(q.error == r.error);
        }
}

TEST_CASE("Exit constants of symmetric landscapes are symmetric to 1e-13")
{
    for (const char* text : {"-cos(x)", "x^2*(x^2 - 1)^2", "(x^2 - 1)^2 + exp(-20*x^2)/3 + x^2/9"}) {
        const Landscape f = typed(text, -8, 8);
        const std::size_t n = f.wells();
        for (const double ratio : {0.6, 1.5, 2.5, 4.5, 5.5})
            for (std::size_t i = 0; i < n; ++i) {
                const double b = f.radius(i) / ratio;
                const ExitConstants q = constants(f, i, b), r = constants(f, n - 1 - i, b);
                CHECK(q.order == r.order);
                for (std::size_t j = 0; j < n; ++j) CHECK(std::abs(q.to[j] - r.to[n - 1 - j]) <= 1e-13 * q.to[j]);
            }
    }
}

namespace
{

/// The double well with, right of 0.1, ripples that make many narrow fields of the right one.
class Subdivided
{
  public:
    explicit Subdivided(double r) : ripples(r) {}

    double operator()(double x) const { return formula(x, x > 0.1); }
    model::Jet operator()(const model::Jet& x) const { return formula(x, x.value > 0.1); }

  private:
    template<class T> T formula(const T& x, bool rippled) const
    {
        using std::exp, std::sin;
        const T square = x * x, well = T(0.25) * square * square - T(0.5) * square, u = T(10.0) * x - T(1.0);
        if (!rippled) return well;
        return well + T(ripples) * (T(1.0) - exp(-(u * u * u * u))) * sin(T(6.0) * u);
    }
    double ripples;
};

}

TEST_CASE("Exit constants add up over fields: the union of the targets is what they divide")
{
    const Function sigma = diffusion("1 + x^2/4");
    const auto landscape = [](double ripples) {
        return Landscape(Function::of(Subdivided(ripples), "subdivided"), {-2.5, 2.5, false});
    };
    const Landscape whole = landscape(0), divided = landscape(0.02);
    REQUIRE(whole.wells() == 2);
    REQUIRE(divided.wells() > 10);
    REQUIRE(divided.minima()[0] == whole.minima()[0]);
    REQUIRE(divided.saddles()[0] == whole.saddles()[0]);
    for (const double b : {1.4, 0.95, 0.7, 0.48, 0.33}) {
        const ExitConstants one = exit_constants(whole, lomax(), sigma, 0, b);
        const ExitConstants many = exit_constants(divided, lomax(), sigma, 0, b);
        CHECK(many.order == one.order);
        CHECK(std::count_if(many.to.begin(), many.to.end(), [](double q) { return q > 0; }) >= 2);
        CHECK(relative(many.total(), one.total()) <= 64 * ulp); // a few rounding errors a field
        for (std::size_t j = 2; j < divided.wells(); ++j)       // fields are entered up to the reach of l jumps
            CHECK((many.to[j] > 0) == (divided.left(j) - divided.minima()[0] < one.order * b));
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
    // x → cx, f → h f(x/c), b → cb, σ → a σ(x/c): jumps give (a/c)^{αl}, and each dt = dx/|f'| gives c²/h.
    const Landscape f = wang2022();
    const Function sigma = diffusion("1 + 0.3*sin(3*x)"), stretched = diffusion("1.7*(1 + 0.3*sin(3*x/1.3))");
    for (const double b : {0.58, 0.5, 0.28, 0.12, infinity})
        for (std::size_t i = 0; i < 4; ++i) {
            const ExitConstants q = exit_constants(f, lomax(), sigma, i, b);
            const ExitConstants r = exit_constants(transformed(f, 1.3, 0.6), lomax(), stretched, i, 1.3 * b);
            CHECK(q.order == r.order);
            const double factor = std::pow(1.7 / 1.3, 1.2 * q.order) * std::pow(1.3 * 1.3 / 0.6, q.order - 1);
            for (std::size_t j = 0; j < 4; ++j)
                CHECK(std::abs(r.to[j] / factor - q.to[j]) <= (q.error + r.error) * q.to[j]);
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

TEST_CASE("Exit constants of l* = 2 as b crosses r/2 and r: they vanish and diverge as predicted")
{
    // With κ(y) = p σ(y)^α/|f'(y)| and δ = 2b - r, gap = r - b, both seen from the saddle,
    //     q = p σ(m)^α ∫_0^δ (b - δ + τ)^{-α} κ(s - b + τ) (b - τ)^{-α} dτ.
    // b ↓ r/2: δ → 0, and all of it happens at the point half way, y = s - b: q = p σ(m)^α κ(y) b^{-2α} δ (1 + O(δ)).
    // Below r/2 three jumps are needed: l* is 3.
    // b ↑ r: the interval reaches from m to s but for the gap. Beside m, |f'| = f''(m) (gap + τ) and the first factor
    // is (gap + τ)^{-α}: a short jump, a long wait at the minimum's foot, a full jump. Beside s the same with the last
    // factor. ∫_0^∞ (gap + τ)^{-α-1} dτ = gap^{-α}/α, hence
    //     q = p² σ(m)^α b^{-α} (σ(m)^α/f''(m) + σ(s)^α/|f''(s)|) gap^{-α}/α (1 + O(gap)).
    // Above r one jump is enough, l* is 1, and q = p σ(m)^α r^{-α} stays finite.
    const Landscape f = wang2022();
    const Function sigma = diffusion("1 + 0.3*sin(3*x)");
    const double alpha = 1.7, p = 0.4, m = f.minima()[1], s = f.saddles()[0], r = m - s;
    const auto q = [&](double b) { return exit_constants(f, power_tails(1 - p, alpha), sigma, 1, b, 1e-7); };
    const auto strength = [&](double x) { return p * std::pow(sigma.value(x), alpha); };

    const auto above_half = [&](double delta) { return q(0.5 * (r + delta)).to[0]; };
    const auto predicted = [&](double delta) {
        const double b = 0.5 * (r + delta);
        return strength(m) * strength(s + b) / std::abs(f.potential().gradient(s + b)) * std::pow(b, -2 * alpha) *
               delta;
    };
    CHECK(q(0.5 * r + 1e-4).order == 2);
    CHECK(q(0.5 * r - 1e-4).order == 3);
    const double off_2 = above_half(2e-4 * r) / predicted(2e-4 * r) - 1;
    const double off_1 = above_half(1e-4 * r) / predicted(1e-4 * r) - 1;
    CHECK(std::abs(off_1) <= 1e-3);
    CHECK(std::abs(off_2 / off_1 - 2) <= 0.01); // what is left is O(δ)
    CHECK(std::abs(std::log2(above_half(2e-4 * r) / above_half(1e-4 * r)) - 1) <= 1e-3);

    const auto below_whole = [&](double gap) { return q(r - gap).to[0]; };
    const auto diverging = [&](double gap) {
        return strength(m) * std::pow(r - gap, -alpha) * std::pow(gap, -alpha) / alpha *
               (strength(m) / f.potential().curvature(m) + strength(s) / std::abs(f.potential().curvature(s)));
    };
    CHECK(q(r - 1e-4).order == 2);
    CHECK(q(r + 1e-4).order == 1);
    CHECK(relative(q(r + 1e-4).to[0], strength(m) * std::pow(r, -alpha)) <= 1e-12);
    const double less_2 = below_whole(2e-4 * r) / diverging(2e-4 * r) - 1;
    const double less_1 = below_whole(1e-4 * r) / diverging(1e-4 * r) - 1;
    CHECK(std::abs(less_1) <= 1e-2);
    CHECK(std::abs(less_2 / less_1 - 2) <= 0.1); // O(gap), and O(gap^α) behind it
    CHECK(std::abs(std::log2(below_whole(1e-4 * r) / below_whole(2e-4 * r)) - alpha) <= 1e-2);
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

TEST_CASE("Exit constants: l* full jumps that end on a saddle are refused (section 2)")
{
    const Landscape f = wang2022();
    const double m = f.minima()[1];
    const double onto_4 = f.saddles()[2] - m; // from m_2 exactly onto s_3, over Ω_3
    CHECK_THAT(refusal(f, 1, onto_4), Catch::Contains("well 2") && Catch::Contains("saddle 0.7"));
    CHECK(refusal(f, 1, onto_4 * (1 + 1e-8)) == "accepted");
    // The farther saddle of the own field: s_2 is 0.899 to the right, the nearer one 0.601 to the left.
    CHECK_THAT(refusal(f, 1, f.saddles()[1] - m), Catch::Contains("well 2") && Catch::Contains("saddle 0.2"));
    CHECK(refusal(f, 1, (f.saddles()[1] - m) * (1 - 1e-8)) == "accepted");
    // Two jumps and more start the last from a continuum: no atom, but whether Ω_3 is entered hangs on the last bit.
    CHECK_THAT(refusal(f, 1, 0.5 * (f.saddles()[1] - m)),
               Catch::Contains("l* = 2 full jumps end on the saddle 0.2") && Catch::Contains("enter well 3"));
    const ExitConstants less = constants(f, 1, 0.5 * (f.saddles()[1] - m) * (1 - 1e-6));
    const ExitConstants more =
        exit_constants(f, lomax(), unit_diffusion(), 1, 0.5 * (f.saddles()[1] - m) * (1 + 1e-6), 1e-8);
    CHECK(less.to[2] == 0);
    CHECK(more.to[2] > 0);
    CHECK(more.to[2] <= 1e-5 * more.to[0]); // continuous: q vanishes with what is reached beyond s_2
    // The same where the last jump flies over Ω_3: s_2 - m_4 = 1.122 from well 4.
    CHECK_THAT(refusal(f, 3, 0.5 * (f.minima()[3] - f.saddles()[1])), Catch::Contains("enter well 2"));
}

TEST_CASE("Exit constants: a noise without a tail towards the nearer saddle is refused")
{
    const Landscape f = wang2022();
    CHECK_THAT(refusal(f, 1, 0.4, power_tails(1)), Catch::Contains("well 2") && Catch::Contains("p_plus = 1"));
    const ExitConstants right = exit_constants(f, power_tails(1), unit_diffusion(), 1, 0.5);
    CHECK(right.to[0] == 0);
    CHECK(relative(right.to[2], 4 * 0.23374936590) <= 1e-10); // (1/½)², ten digits of the table
    const ExitConstants left = exit_constants(f, power_tails(0), unit_diffusion(), 1, 0.5);
    CHECK(relative(left.to[0], 4 * 3.84714483123) <= 1e-11);
    CHECK(left.to[2] == 0);
    CHECK_THAT(refusal(f, 0, 0.5, power_tails(0)), Catch::Contains("well 1") && Catch::Contains("p_plus = 0"));
}

TEST_CASE("Exit constants: light tails, a diffusion that is not > 0 and absurdly many jumps are refused in one line")
{
    struct LightTails final : PowerTails {
        LightTails() : PowerTails(infinity, 0.5) {}
        std::string name() const override { return "gaussian"; }
    };
    const Landscape f = double_well();
    const model::Noise gaussian(std::make_shared<LightTails>());
    CHECK(refusal(f, 0, 0.7, gaussian) == "'gaussian' has no heavy tail: the exit theorem does not apply; see Kramers");
    CHECK(refusal(f, 0, infinity, gaussian) == refusal(f, 0, 0.7, gaussian));
    CHECK_THROWS_AS(unclipped_constants(f, gaussian, unit_diffusion(), 0), BadInput);
    for (const double b : {0.7, 1.7})
        CHECK_THROWS_WITH(exit_constants(f, lomax(), diffusion("x^2 - 1.01"), 0, b),
                          Catch::Contains("the diffusion is -0.") && Catch::Contains("must be > 0"));
    CHECK_THAT(refusal(f, 0, 1.00003e-7),
               Catch::Contains("needs 1e+07 clipped jumps") && Catch::Contains("larger clip"));
    CHECK_THROWS_WITH(constants(f, 0, 1.0003e-5), Catch::Contains("range of floating-point numbers"));
}

TEST_CASE("Exit constants: undeclared breaks of f' or an overflow end in NotConverged, never in a wrong number")
{
    CHECK_THROWS_AS(constants(double_well(), 1, 0.00301), NotConverged); // l* = 333, q near 1e700
    // a spike in f', of width 1e-7 and 0.3 high where f' = -0.38, which no panel is told of
    const Landscape f = typed("x^4/4 - x^2/2 + 3e-8*atan((x - 0.5123)*1e7)", -2.5, 2.5);
    REQUIRE(f.wells() == 2);
    CHECK_THROWS_AS(constants(f, 1, 0.7), NotConverged);
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

namespace
{

/// 1 + 3|x - 0.537|, its kink kept from the program.
struct HiddenKink {
    template<class T> T operator()(const T& x) const
    {
        using std::abs;
        return T(1.0) + T(3.0) * abs(x - T(0.537));
    }
};

}

TEST_CASE("Exit constants: a kink that nobody declared costs digits, and the bound says how many")
{
    const Landscape f = double_well();
    const Function sigma = Function::of(HiddenKink{}, "hidden kink");
    REQUIRE(sigma.kinks().empty());
    const ExitConstants q = exit_constants(f, lomax(), sigma, 1, 0.7, 1e-3);
    CHECK(q.error > 1e-12);
    CHECK(relative(q.to[0], two_jumps(f, sigma, 0.7, {0.537})) <= q.error);
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
