// Enclosures against certified values (Johansson's Arb), where the library is there (CMake option EXEUNT_ARB).
#ifdef EXEUNT_HAVE_ARB

#include "model/interval.hpp"

#include <arb.h>
#include <arb_hypgeom.h>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace exeunt::model;

namespace
{

constexpr slong bits = 128;

/// A certified ball, at least 100 bits.
class Ball
{
  public:
    explicit Ball(double x = 0)
    {
        arb_init(ball_);
        arb_set_d(ball_, x);
    }
    Ball(const Ball&) = delete;
    Ball& operator=(const Ball&) = delete;
    ~Ball() { arb_clear(ball_); }
    operator arb_ptr() { return ball_; }

    bool is_inside(const Interval& a)
    {
        const Ball lo(a.lo), hi(a.hi);
        return arb_le(lo.ball_, ball_) && arb_le(ball_, hi.ball_);
    }

  private:
    arb_t ball_;
};

void cbrt_ball(arb_t y, const arb_t x, slong p)
{
    arb_abs(y, x);
    arb_root_ui(y, y, 3, p);
    if (arb_is_negative(x)) arb_neg(y, y);
}
void log2_ball(arb_t y, const arb_t x, slong p) { arb_log_base_ui(y, x, 2, p); }
void log10_ball(arb_t y, const arb_t x, slong p) { arb_log_base_ui(y, x, 10, p); }

struct Case {
    const char* name;
    Interval (*over)(const Interval&);
    void (*certified)(arb_t, const arb_t, slong);
    double lo, hi;
};

}

TEST_CASE("Functions of intervals contain the certified value at 20,000 points each")
{
    const Case cases[] = {{"sqrt", sqrt, arb_sqrt, 0, 1e6},         {"cbrt", cbrt, cbrt_ball, -1e6, 1e6},
                          {"exp", exp, arb_exp, -740, 709},         {"log", log, arb_log, 1e-12, 1e6},
                          {"log2", log2, log2_ball, 1e-12, 1e6},    {"log10", log10, log10_ball, 1e-12, 1e6},
                          {"log near 1", log, arb_log, 0.99, 1.01}, {"sin", sin, arb_sin, -1e4, 1e4},
                          {"cos", cos, arb_cos, -1e4, 1e4},         {"tan", tan, arb_tan, -1e3, 1e3},
                          {"sinh", sinh, arb_sinh, -700, 700},      {"sinh near 0", sinh, arb_sinh, -1, 1},
                          {"cosh", cosh, arb_cosh, -700, 700},      {"tanh", tanh, arb_tanh, -25, 25},
                          {"tanh near 0", tanh, arb_tanh, -1, 1},   {"atan", atan, arb_atan, -1e3, 1e3},
                          {"erf", erf, arb_hypgeom_erf, -7, 7},     {"sin near 0", sin, arb_sin, -4, 4}};
    std::mt19937_64 random(11);
    for (const Case& c : cases) {
        INFO(c.name);
        int outside = 0;
        for (int k = 0; k < 20'000; ++k) {
            const double x = std::uniform_real_distribution<>(c.lo, c.hi)(random);
            Ball at(x), y;
            c.certified(y, at, bits);
            outside += !y.is_inside(c.over(x));
        }
        CHECK(outside == 0);
    }
}

TEST_CASE("Powers of intervals contain the certified value at 20,000 points each")
{
    std::mt19937_64 random(12);
    int outside = 0;
    for (int k = 0; k < 20'000; ++k) {
        const double x = std::exp2(std::uniform_real_distribution<>(-20, 20)(random));
        const double c = std::uniform_real_distribution<>(-9, 9)(random);
        Ball y(x), exponent(c);
        arb_pow(y, y, exponent, bits);
        outside += !y.is_inside(pow(Interval(x), Interval(c)));
        const int n = static_cast<int>(random() % 40) - 20;
        Ball z(-x);
        arb_set_si(exponent, n);
        arb_pow(z, z, exponent, bits);
        outside += !z.is_inside(integer_power(Interval(-x), n));
        Ball lead(x), e(c); // the derivative's c x^{c-1}, where c - 1 is rounded by doubles
        arb_sub_ui(e, e, 1, bits);
        arb_pow(lead, lead, e, bits);
        const Ball factor(c);
        arb_mul(lead, lead, const_cast<Ball&>(factor), bits);
        outside += !lead.is_inside(pow(IntervalJet::variable(Interval(x)), c).first);
    }
    CHECK(outside == 0);
}

TEST_CASE("Constants of the enclosures contain the certified ones")
{
    Ball c;
    const auto inside = [&](double rounded) { return c.is_inside(irrational<Interval>(rounded)); };
    arb_const_log2(c, bits);
    CHECK(inside(std::numbers::ln2));
    arb_const_log10(c, bits);
    CHECK(inside(std::numbers::ln10));
    arb_const_pi(c, bits);
    arb_inv(c, c, bits);
    CHECK(inside(std::numbers::inv_pi));
    arb_const_sqrt_pi(c, bits);
    arb_inv(c, c, bits);
    CHECK(inside(std::numbers::inv_sqrtpi));
}

#endif
