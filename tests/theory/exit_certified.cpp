// Certified digits: integrals with error bounds proved by the library's ball arithmetic (Johansson 2018). Built where
// Arb is found; nothing else needs it.
#ifdef EXEUNT_ARB

#include "cells.hpp"

#include <acb_calc.h>
#include <array>
#include <catch2/catch.hpp>
#include <functional>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

constexpr slong bits = 128;

/// A complex ball: a set that is proved to contain the number meant.
class Ball
{
  public:
    Ball(double x = 0)
    {
        acb_init(held);
        acb_set_d(held, x);
    }
    explicit Ball(const acb_t other) : Ball() { acb_set(held, other); }
    Ball(const Ball& other) : Ball(other.held) {}
    Ball& operator=(const Ball& other)
    {
        acb_set(held, other.held);
        return *this;
    }
    ~Ball() { acb_clear(held); }

    acb_t held;

    friend Ball operator+(const Ball& a, const Ball& b) { return made(acb_add, a, b); }
    friend Ball operator-(const Ball& a, const Ball& b) { return made(acb_sub, a, b); }
    friend Ball operator*(const Ball& a, const Ball& b) { return made(acb_mul, a, b); }
    friend Ball operator/(const Ball& a, const Ball& b) { return made(acb_div, a, b); }

    bool in_right_half_plane() const { return arb_is_positive(acb_realref(held)) != 0; }
    double radius() const
    {
        return mag_get_d(arb_radref(acb_realref(held))) + mag_get_d(arb_radref(acb_imagref(held)));
    }
    double middle() const { return arf_get_d(arb_midref(acb_realref(held)), ARF_RND_NEAR); }
    /// True when |x - value| ≤ error for every x of the ball.
    bool within(double value, double error) const
    {
        return std::abs((*this - Ball(value)).middle()) + radius() <= error; // the difference is small and exact enough
    }

  private:
    template<class Operation> static Ball made(Operation operation, const Ball& a, const Ball& b)
    {
        Ball result;
        operation(result.held, a.held, b.held, bits);
        return result;
    }
};

Ball unknown()
{
    Ball ball;
    acb_indeterminate(ball.held);
    return ball;
}

/// z^c on the right half plane, where it is holomorphic, and nothing elsewhere.
Ball power(const Ball& z, double c)
{
    if (!z.in_right_half_plane()) return unknown();
    Ball exponent(c), result;
    acb_pow(result.held, z.held, exponent.held, bits);
    return result;
}

/// A function with its first derivative: what Wang2022 is run on.
struct Dual {
    Ball value;
    Ball first;
    Dual(double x) : value(x) {}
    Dual(const Ball& v, const Ball& d) : value(v), first(d) {}
};

Dual operator+(const Dual& a, const Dual& b) { return {a.value + b.value, a.first + b.first}; }
Dual operator-(const Dual& a, const Dual& b) { return {a.value - b.value, a.first - b.first}; }
Dual operator*(const Dual& a, const Dual& b) { return {a.value * b.value, a.first * b.value + a.value * b.first}; }
Dual operator/(const Dual& a, const Dual& b)
{
    const Ball ratio = a.value / b.value;
    return {ratio, (a.first - ratio * b.first) / b.value};
}
Dual exp(const Dual& a)
{
    Ball e;
    acb_exp(e.held, a.value.held, bits);
    return {e, e * a.first};
}
Dual pow(const Dual& a, double c) { return {power(a.value, c), Ball(c) * power(a.value, c - 1) * a.first}; }
Dual abs(const Dual& a) { return a.value.in_right_half_plane() ? a : Dual{unknown(), unknown()}; }

Ball gradient(const Ball& x) { return model::Wang2022{}(Dual{x, Ball(1)}).first; }

/// The minimum near x, as a ball of radius 1e-30 at whose ends f' is proved to have its two signs.
Ball minimum(double x)
{
    const Ball step(1e-30);
    Ball centre(x);
    for (int k = 0; k < 6; ++k) { // secant steps; what they find is proved below
        const Ball h(1e-15);
        const Ball slope = (gradient(centre + h) - gradient(centre - h)) / (h + h);
        centre = centre - gradient(centre) / slope;
        acb_get_mid(centre.held, centre.held);
    }
    const Ball left = gradient(centre - step), right = gradient(centre + step);
    REQUIRE(arb_is_negative(acb_realref(left.held)));
    REQUIRE(arb_is_positive(acb_realref(right.held)));
    arb_add_error_2exp_si(acb_realref(centre.held), -99); // 1.6e-30
    return centre;
}

using Integrand = std::function<Ball(const Ball&)>;

/// ∫_a^b f, proved, and asked for to 2^-60.
Ball integral(const Ball& a, const Ball& b, const Integrand& f)
{
    Ball result;
    mag_t tolerance;
    mag_init(tolerance);
    mag_set_ui_2exp_si(tolerance, 1, -60);
    const auto call = [](acb_ptr out, const acb_t z, void* function, slong, slong) {
        acb_set(out, (*static_cast<const Integrand*>(function))(Ball(z)).held);
        return 0;
    };
    acb_calc_integrate(result.held, call, const_cast<Integrand*>(&f), a.held, b.held, 60, tolerance, nullptr, bits);
    mag_clear(tolerance);
    return result;
}

/// One side of a well of wang2022, in the distance t from the minimum; α = 1.2, p = ½, σ = 1.
struct CertifiedSide {
    Ball m, s;
    double sign;
    double b;

    Ball distance() const { return Ball(sign) * (s - m); }
    Ball slope(const Ball& t) const { return Ball(sign) * gradient(m + Ball(sign) * t); } ///< |f'|
    Ball tail(const Ball& length) const { return Ball(0.5) * power(length, -1.2); }       ///< ν of longer jumps

    /// q for l = 2, from the defining integral with the time of dx = -f' dt written as x, outermost: the process passes
    /// t after every jump from m beyond t, which are ν's density from t to b and its atom at b, and from t the second
    /// jump leaves.
    Ball two_jumps() const
    {
        const Ball clip(b), atom = tail(clip);
        return integral(distance() - clip, clip, [&](const Ball& t) {
            const Ball density = tail(t) - tail(clip);
            return (density + atom) * tail(distance() - t) / slope(t);
        });
    }
};

}

TEST_CASE("Exit constants of wang2022 (section 3): certified digits")
{
    const model::Landscape f = wang2022();
    const Ball m_1 = minimum(f.minima()[0]), m_2 = minimum(f.minima()[1]);
    const Ball s_1(-1.3), s_2(0.2); // double zeros of f's factors as the program rounds them
    const struct {
        Ball q;
        double b;
        std::size_t well, to;
        double digits; ///< as published in this project's tables
    } rows[] = {
        {CertifiedSide{m_1, s_1, 1, 0.5}.tail(s_1 - m_1), 0.5, 0, 1, 3.22580308508},
        {CertifiedSide{m_2, s_1, -1, 0.5}.two_jumps(), 0.5, 1, 0, 3.84714483123},
        {CertifiedSide{m_2, s_2, 1, 0.5}.two_jumps(), 0.5, 1, 2, 0.23374936590},
    };
    for (const auto& row : rows) {
        const ExitConstants q = constants(f, row.well, row.b);
        CHECK(row.q.radius() <= 1e-17);
        CHECK(row.q.within(row.digits, 5.1e-12));
        CHECK(row.q.within(q.to[row.to], q.error * q.to[row.to]));
        CHECK_FALSE(row.q.within(q.to[row.to] * (1 + 1e-11), 1e-12)); // nor would it take another number
    }
}

#endif
