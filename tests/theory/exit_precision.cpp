#include "random_landscapes.hpp"
#include "theory/climb.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

/// q_{i,j} of one exit by the recursion in long double, minima and saddles refined there too.
std::vector<long double> reference(const RandomExit& e, int nodes = 20)
{
    const auto edge = [&](double s) { return std::isinf(s) ? static_cast<long double>(s) : refined(e.precise, s); };
    const long double m = refined(e.precise, e.f.minima()[e.well]);
    std::vector<long double> q(e.f.wells(), 0.0L);
    for (std::size_t j = 0; j < q.size(); ++j) {
        if (j == e.well) continue;
        const bool right = j > e.well;
        const long double s = edge(right ? e.f.right(e.well) : e.f.left(e.well));
        q[j] = recursion_constant(e.precise, m, s, edge(right ? e.f.left(j) : e.f.right(j)),
                                  edge(right ? e.f.right(j) : e.f.left(j)), e.b, e.order, nodes);
    }
    return q;
}

double relative(long double a, long double b) { return std::abs(static_cast<double>(a / b - 1)); }

/// The largest relative error of a row of q, after checks that the same wells are reached.
double worst_error(const ExitConstants& q, const std::vector<long double>& exact)
{
    double worst = 0;
    for (std::size_t j = 0; j < exact.size(); ++j) {
        CHECK((q.to[j] > 0) == (exact[j] > 0));
        if (exact[j] > 0) worst = std::max(worst, relative(q.to[j], exact[j]));
    }
    return worst;
}

}

TEST_CASE("The recursion in long double (section 3) agrees with itself and with a table of 40 digit arithmetic")
{
    const PreciseModel well{[](long double x) { return x * x * x - x; }, [](long double x) { return 3 * x * x - 1; },
                            [](long double) { return 1.0L; }, 1.2L, 0.5L};
    const auto q = [&](long double b, int l) { return recursion_constant(well, 1, 0, 0, -INFINITY, b, l); };
    CHECK(relative(q(0.7L, 2), 1.613437490686070104L) <= 1e-18); // the table's last digit, and a few roundings
    CHECK(relative(q(0.3L, 4), 2.536009560350414558L) <= 1e-17); // r - 3b = 0.1 multiplies them by ten
    std::mt19937_64 random(1);
    for (int k = 0; k < 20; ++k) {
        const RandomExit e = random_exit(random);
        INFO(e.name);
        const auto usual = reference(e), finer = reference(e, 28);
        for (std::size_t j = 0; j < usual.size(); ++j)
            if (usual[j] > 0) CHECK(relative(usual[j], finer[j]) <= 1e-16);
    }
}

TEST_CASE("Exit constants (section 3): 200 random landscapes against the recursion in long double")
{
    // Seen, bound/error: least 4.8, median 31, largest 4600 (an error that is small by luck).
    std::mt19937_64 random(2022);
    std::vector<double> ratios;
    for (int k = 0; k < 200; ++k) {
        const RandomExit e = random_exit(random);
        INFO(e.name);
        const ExitConstants q = exit_constants(e.f, e.noise, e.sigma, e.well, e.b);
        REQUIRE(q.order == e.order);
        const double worst = worst_error(q, reference(e));
        CHECK(worst <= q.error);
        CHECK(q.error <= 1e-10);
        ratios.push_back(q.error / std::max(worst, 1e-17)); // what the reference itself is good for
    }
    std::sort(ratios.begin(), ratios.end());
    CHECK(ratios[100] <= 100); // an honest bound is no excuse for a useless one
}

TEST_CASE("Exit constants beside an integer r/b against the recursion in long double: the bound holds")
{
    std::mt19937_64 random(3);
    for (int k = 0; k < 4; ++k) {
        RandomExit e = random_exit(random);
        const int l = 1 + k % 3;
        for (const double off : {1e-3, 1e-4, -1e-3, -1e-4}) { // δ, or the gap, over b
            e.order = off > 0 ? l : l + 1;
            e.b = e.f.radius(e.well) / (l - off);
            INFO(e.name << " now " << e.order << ", off " << off);
            const ExitConstants q = exit_constants(e.f, e.noise, e.sigma, e.well, e.b, 1e-7);
            REQUIRE(q.order == e.order);
            CHECK(worst_error(q, reference(e)) <= q.error);
        }
    }
}

namespace
{

/// σ = exp(kx).
struct WideDiffusion {
    double k;
    template<class T> T operator()(const T& x) const
    {
        using std::exp;
        return exp(T(k) * x);
    }
};

}

TEST_CASE("Exit constants: a formula that loses digits, σ over twenty decades: the bound says so and holds")
{
    // ((x - 40)² - 1)²/4 multiplied out: terms of f' near 6e4 cancel to 0.4, so it is known to 1e-11 or so.
    const double a = 40;
    const Polynomial far{{(a * a - 1) * (a * a - 1) / 4, -a * (a * a - 1), (3 * a * a - 1) / 2, -a, 0.25}};
    const Polynomial near{{0, 0, -0.5, 0, 0.25}};
    const auto check = [](const Polynomial& f, double lo, double hi, double k, double smallest, double largest) {
        const model::Landscape landscape(model::Function::of(f, "polynomial"), {lo, hi, false});
        const model::Function sigma = k == 0 ? unit_diffusion() : model::Function::of(WideDiffusion{k}, "exp(kx)");
        const PreciseModel precise{[&f](long double x) { return f.slope(x); },
                                   [&f](long double x) { return f.curvature(x); },
                                   [k](long double x) { return std::exp(k * x); }, 1.5, 0.25};
        for (const int l : {1, 2, 3, 4, 6, 10})
            for (const std::size_t well : {0U, 1U}) {
                const double b = 1 / (l - 0.4);
                INFO("l* = " << l << ", well " << well + 1 << ", k = " << k);
                const ExitConstants q = exit_constants(landscape, power_tails(0.25, 1.5), sigma, well, b, 1e-3);
                const long double s = refined(precise, landscape.saddles()[0]);
                const long double exact = recursion_constant(precise, refined(precise, landscape.minima()[well]), s, s,
                                                             well == 0 ? INFINITY : -INFINITY, b, l);
                CHECK(relative(q.to[1 - well], exact) <= q.error);
                CHECK(q.error >= smallest);
                CHECK(q.error <= largest);
            }
    };
    check(far, 38, 42, 0, 1e-12, 1e-7);
    check(near, -2.5, 2.5, 23, 1e-16, 1e-10); // σ from 1e-10 to 1e10 within [-1, 1]
    check(near, -2.5, 2.5, -23, 1e-16, 1e-10);
}

TEST_CASE("Climb (section 3): any target within reach, also the last sliver, against the recursion in long double")
{
    // m and s are exact for both here. Rounding remains: of lb and of distances, over the window left beyond `near`,
    // l - 1 times, over the gap and over the target's width.
    std::mt19937_64 random(4);
    int done = 0;
    while (done < 40) {
        const RandomExit e = random_exit(random);
        if (e.order == 1) continue;
        const double m = e.f.minima()[e.well];
        const double sign = e.f.right(e.well) - m == e.f.radius(e.well) ? 1 : -1;
        const Side side{e.f, e.noise, e.sigma, sign, m, e.f.radius(e.well), e.b, e.order};
        const Climb climb(side, climb_panels(side), gauss_rule(24));
        const double s = m + sign * side.distance, delta = side.delta();
        for (const Target t :
             {Target{0, 0.3}, Target{0.2, 0.7}, Target{0.9, 0.901}, Target{0.5, 5}, Target{1 - 1e-6, 2}}) {
            const Target a{t.near * delta, t.far * delta};
            const long double exact = recursion_constant(
                e.precise, m, static_cast<long double>(m) + sign * static_cast<long double>(side.distance),
                s + sign * static_cast<long double>(a.near), s + sign * static_cast<long double>(a.far), e.b, e.order);
            const double l = e.order, alpha = static_cast<double>(e.precise.alpha);
            const double lengths = 4 * ulp * (std::abs(m) + l * e.b);
            const double sensitive = (l * alpha + l) / side.gap() + l / (delta - a.near) + 1 / (a.far - a.near);
            INFO(e.name << " target " << t.near << " " << t.far);
            CHECK(relative(climb.into(a), exact) <= lengths * sensitive + climb.ripple() + 64 * ulp * l);
        }
        ++done;
    }
}
