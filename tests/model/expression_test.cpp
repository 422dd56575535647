#include "model/error.hpp"
#include "model/expression.hpp"
#include "tests/complaint.hpp"

#include <boost/math/differentiation/autodiff.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numbers>
#include <random>
#include <thread>

using namespace exeunt;
using namespace exeunt::model;

namespace
{

double value(std::string_view text, double x = 0, const Parameters& p = {}) { return Expression(text, p)(x); }
Jet jet(std::string_view text, double x) { return Expression(text)(Jet::variable(x)); }

std::string message(std::string_view text, const Parameters& p = {})
{
    return complaint([&] { Expression(text, p); });
}

/// Value and two derivatives against Boost's forward-mode differentiation of the same formula.
template<class F> void check_jet(std::string_view text, const F& formula, std::initializer_list<double> points)
{
    for (const double x : points) {
        const auto expected = formula(boost::math::differentiation::make_fvar<double, 2>(x));
        const Jet got = jet(text, x);
        INFO(text << " at " << x);
        const auto close = [](double a, double b) { return std::abs(a - b) <= 4e-14 * std::max(1.0, std::abs(b)); };
        CHECK(close(got.value, expected.derivative(0)));
        CHECK(close(got.first, expected.derivative(1)));
        CHECK(close(got.second, expected.derivative(2)));
        CHECK(got.value == Approx(Expression(text)(x)).epsilon(1e-14));
    }
}

}

TEST_CASE("Grammar: precedence and associativity are those of written mathematics")
{
    CHECK(value("1 + 2*3") == 7);
    CHECK(value("(1 + 2)*3") == 9);
    CHECK(value("2 - 3 - 4") == -5);
    CHECK(value("16/4/2") == 2);
    CHECK(value("2^3^2") == 512);
    CHECK(value("-2^2") == -4);
    CHECK(value("(-2)^2") == 4);
    CHECK(value("2^-2") == 0.25);
    CHECK(value("-x^2", 3) == -9);
    CHECK(value("--x", 3) == 3);
    CHECK(value("2 * -x", 3) == -6);
    CHECK(value("+x - +1", 3) == 2);
    CHECK(value("2^-x^2", 2) == 1.0 / 16);
    CHECK(value("x*x/x", 3) == 3);
    CHECK(value(" \t\n x \r") == 0);
}

TEST_CASE("Grammar: numbers, constants and parameters are read exactly")
{
    CHECK(value("0.1") == 0.1);
    CHECK(value(".5") == 0.5);
    CHECK(value("3.") == 3);
    CHECK(value("1.25e-3") == 1.25e-3);
    CHECK(value("2E2") == 200);
    CHECK(value("pi") == std::numbers::pi);
    CHECK(value("e") == std::numbers::e);
    CHECK(value("a_1*x + B", 2, {{"a_1", 3}, {"B", 0.5}}) == 6.5);
    CHECK(value("e^x", 1.5) == std::exp(1.5));
    CHECK(value("x^0.5", 2) == std::sqrt(2.0));
}

TEST_CASE("Functions: each is the one of its name")
{
    const volatile double at = 0.7; // volatile: the library's functions at run time, not the compiler's
    const double x = at;
    CHECK(value("abs(-x)", x) == x);
    CHECK(value("sqrt(x)", x) == std::sqrt(x));
    CHECK(value("cbrt(x)", x) == std::cbrt(x));
    CHECK(value("exp(x)", x) == std::exp(x));
    CHECK(value("log(x)", x) == std::log(x));
    CHECK(value("log2(x)", x) == std::log2(x));
    CHECK(value("log10(x)", x) == std::log10(x));
    CHECK(value("sin(x)", x) == std::sin(x));
    CHECK(value("cos(x)", x) == std::cos(x));
    CHECK(value("tan(x)", x) == std::tan(x));
    CHECK(value("sinh(x)", x) == std::sinh(x));
    CHECK(value("cosh(x)", x) == std::cosh(x));
    CHECK(value("tanh(x)", x) == std::tanh(x));
    CHECK(value("atan(x)", x) == std::atan(x));
    CHECK(value("erf(x)", x) == std::erf(x));
    CHECK(value("pow(x, 1.5)", x) == std::pow(x, 1.5));
    CHECK(value("min(x, 0.5)", x) == 0.5);
    CHECK(value("max(x, 0.5)", x) == x);
}

TEST_CASE("Jets: f' and f'' of every function agree with automatic differentiation by Boost")
{
    check_jet("exp(x)", [](auto x) { return exp(x); }, {-2, 0, 1.3});
    check_jet("log(x)", [](auto x) { return log(x); }, {0.3, 1, 7});
    check_jet("log2(x)", [](auto x) { return log(x) / std::numbers::ln2; }, {0.3, 1, 7});
    check_jet("log10(x)", [](auto x) { return log(x) / std::numbers::ln10; }, {0.3, 1, 7});
    check_jet("sqrt(x)", [](auto x) { return sqrt(x); }, {0.3, 1, 7});
    check_jet("sin(x)", [](auto x) { return sin(x); }, {-2, 0, 1.3});
    check_jet("cos(x)", [](auto x) { return cos(x); }, {-2, 0, 1.3});
    check_jet("tan(x)", [](auto x) { return tan(x); }, {-1.2, 0, 1.3});
    check_jet("sinh(x)", [](auto x) { return sinh(x); }, {-2, 0, 1.3});
    check_jet("cosh(x)", [](auto x) { return cosh(x); }, {-2, 0, 1.3});
    check_jet("tanh(x)", [](auto x) { return sinh(x) / cosh(x); }, {-2, 0, 1.3});
    check_jet("atan(x)", [](auto x) { return atan(x); }, {-2, 0, 1.3});
    check_jet("erf(x)", [](auto x) { return erf(x); }, {-2, 0.1, 1.3});
    check_jet("x^1.7", [](auto x) { return pow(x, 1.7); }, {0.3, 1, 7});
    check_jet("x^-3", [](auto x) { return 1 / (x * x * x); }, {-2, 0.7});
    check_jet("x^x", [](auto x) { return exp(x * log(x)); }, {0.3, 1, 2.2});
    check_jet("2^x", [](auto x) { return exp(x * std::numbers::ln2); }, {-2, 0, 1.3});
    check_jet("sin(x)/(1 + x^2)", [](auto x) { return sin(x) / (1 + x * x); }, {-2, 0, 1.3});
    check_jet("exp(-x^2/2)*cos(3*x) - x/7", [](auto x) { return exp(-x * x / 2) * cos(3 * x) - x / 7; }, {-2, 0, 1.3});
    check_jet("abs(x - 1)^0.6*max(x, 0)", [](auto x) { return pow(1 - x, 0.6) * x; }, {0.2, 0.9});
    const Jet cube_root = jet("cbrt(x)", -8); // closed form: -2, 1/12, 1/144
    CHECK(cube_root.value == -2);
    CHECK(cube_root.first == Approx(1.0 / 12).epsilon(1e-15));
    CHECK(cube_root.second == Approx(1.0 / 144).epsilon(1e-15));
    const Jet far_out = jet("tanh(x)", 30); // tanh' = 4 e^{-2x}, where 1 - tanh² has no digit left
    CHECK(far_out.first == Approx(4 * std::exp(-60.0)).epsilon(1e-14));
}

TEST_CASE("Jets: integer powers are exact and finite at 0 and at negative x")
{
    CHECK(jet("x^2", 0).second == 2);
    CHECK(jet("x^3", 0).second == 0);
    CHECK(jet("x^0", 0).value == 1);
    CHECK(jet("x^1", 0).first == 1);
    CHECK(jet("x^4", -3).value == 81);
    CHECK(jet("x^4", -3).first == -108);
    CHECK(jet("x^4", -3).second == 108);
    CHECK(jet("x^-1", -2).first == -0.25);
    CHECK(jet("pow(x, 2)", 0).second == 2);
    CHECK(jet("x^80", -1).second == 80 * 79); // above 64 by pow, still an integer power
    CHECK(std::isfinite(jet("x^80", 0).second));
}

TEST_CASE("Jets: at a tie abs takes the branch of its argument, min and max their first one")
{
    CHECK(jet("abs(x)", 0).first == 1);
    CHECK(jet("abs(x)", -1).first == -1);
    CHECK(jet("min(x, 2*x)", 0).first == 1);
    CHECK(jet("max(x, 2*x)", 0).first == 1);
    CHECK(jet("max(x, 2*x)", 1).first == 2);
    CHECK(std::isnan(value("min(log(x), 1)", -1)));
    CHECK(std::isnan(value("max(1, log(x))", -1)));
}

TEST_CASE("Expression of the built-in landscape: the same f, f', f'' as Wang2022, its zeros included")
{
    const Expression typed("(x+1.6)*(x+1.3)^2*(x-0.2)^2*(x-0.7)^2*(x-1.6)*(0.05*abs(1.65-x))^0.6"
                           "*(1+1/(0.01+4*(x-0.5)^2))*(1+1/(0.1+4*(x+1.5)^2))*(1-1/4*exp(-5*(x+0.8)^2))");
    const Function built_in = builtin_potential("wang2022");
    for (const double x : {-1.6, -1.5, -1.3, -0.7, 0.0, 0.2, 0.5, 0.7, 1.3, 1.6}) {
        const Jet a = typed(Jet::variable(x));
        const Jet b = built_in.jet(x);
        INFO("x = " << x);
        CHECK(a.value == Approx(b.value).epsilon(1e-13).margin(1e-14));
        CHECK(a.first == Approx(b.first).epsilon(1e-12).margin(1e-13));
        CHECK(a.second == Approx(b.second).epsilon(1e-12).margin(1e-12));
    }
}

TEST_CASE("Tape: equal parts are computed once, constant parts not at all")
{
    CHECK(Expression("sin(x) + sin(x)*sin(x)").size() == 4);
    CHECK(Expression("x*(x+1) - (1+x)*x").size() == 4);     // x, x+1, their product, the difference
    CHECK(Expression("x + 2*pi/exp(3) - 1^5").size() == 3); // x and two shifts
    CHECK(Expression("sqrt(4) + 0.5").is_constant());
    CHECK(Expression("(x + 1)^0").size() == 1);
    CHECK_FALSE(Expression("0*x").is_constant());
}

TEST_CASE("Tape: abs under an even function, and the smaller of equals, are nothing: no kink is left")
{
    CHECK(Expression("abs(x)^2").size() == 2);
    CHECK(Expression("abs(x)*abs(x)").size() == 2);
    CHECK(Expression("abs(x - 1)^4").size() == 3);
    CHECK(Expression("cos(abs(x))").size() == 2);
    CHECK(Expression("abs(abs(x))").size() == 2);
    CHECK(Expression("max(x, x)").size() == 1);
    CHECK(Expression("abs(x)^3").size() == 3);
    CHECK(value("abs(x)^2 + abs(x)^3 + cosh(abs(x))", -1.5) == 2.25 + 3.375 + std::cosh(1.5));
}

TEST_CASE("Jets in extended precision agree with those of doubles to rounding, and have more digits")
{
    const Expression f("exp(-x^2)*sin(3*x)/(1 + abs(x - 2)) + log2(3 + x) + x^1.7");
    const auto fine = f(JetOf<long double>::variable(0.7L));
    const Jet coarse = f(Jet::variable(0.7));
    CHECK(std::abs(static_cast<double>(fine.first - coarse.first)) <= 1e-14);
    CHECK(std::abs(static_cast<double>(fine.second - coarse.second)) <= 1e-14);
    const auto root = Expression("sqrt(x)")(JetOf<long double>::variable(2.0L));
    CHECK(std::abs(root.value - std::sqrt(2.0L)) <= 1e-19L);
}

TEST_CASE("Function of an expression: constant when x does not occur")
{
    CHECK(parse_function("2*sigma", {{"sigma", 0.25}}).is_constant());
    CHECK(parse_function("2*sigma", {{"sigma", 0.25}}).value(3) == 0.5);
    CHECK(parse_function("2*sigma", {{"sigma", 0.25}}).gradient(3) == 0);
    CHECK(parse_function("2*sigma", {{"sigma", 0.25}}).text() == "2*sigma");
    CHECK_FALSE(parse_function("1 + x^2").is_constant());
    CHECK(parse_function("1 + x^2").curvature(3) == 2);
    CHECK(parse_function("abs(x)", {}, -1, 1).kinks().size() == 1);
}

TEST_CASE("Errors of expressions: one line, the column, a mark before the place, and the name")
{
    CHECK(message("x^2 + y") ==
          "unknown name 'y' at column 7 of \"x^2 + ▸y\"; known: x, pi, e, abs, sqrt, cbrt, exp, log, log2, log10, sin, "
          "cos, tan, sinh, cosh, tanh, atan, erf, pow, min, max");
    CHECK_THAT(message("tlit*x", {{"tilt", 0.1}}), Catch::StartsWith("unknown name 'tlit' at column 1") &&
                                                       Catch::Contains("did you mean 'tilt'? known: x, tilt, pi"));
    CHECK(message("") == "the expression is empty; write a function of x, for example x^4/4 - x^2/2");
    CHECK(message("x +") == "unexpected end at column 4 of \"x +▸\"; a number, a name or '(' must follow");
    CHECK(message("2x") == "unexpected 'x' at column 2 of \"2▸x\"; expected an operator (+ - * / ^) before it");
    CHECK(message("x**2") == "unexpected '**' at column 2 of \"x▸**2\"; a power is written ^");
    CHECK(message("(x + 1") == "'(' at column 1 of \"▸(x + 1\"; it is never closed");
    CHECK(message("x + 1)") == "unmatched ')' at column 6 of \"x + 1▸)\"");
    CHECK(message("(x 1)") == "unexpected '1' at column 4 of \"(x ▸1)\"; expected an operator or ')'");
    CHECK(message("sin x") == "function 'sin' at column 1 of \"▸sin x\"; its arguments go in parentheses");
    CHECK(message("1 + pow(x)") == "function 'pow' at column 5 of \"1 + ▸pow(x)\"; it takes 2 arguments, not 1");
    CHECK(message("sin(x, 1)") == "function 'sin' at column 1 of \"▸sin(x, 1)\"; it takes 1 argument, not 2");
    CHECK(message("x * /2") == "unexpected '/' at column 5 of \"x * ▸/2\"; expected a number, a name or '('");
    CHECK(message("x $ 2") == "unexpected '$' at column 3 of \"x ▸$ 2\"; expected an operator (+ - * / ^) before it");
    CHECK_THAT(message("x − 2"), Catch::StartsWith("unexpected '−' at column 3"));
    CHECK_THAT(message("ä−"), Catch::StartsWith("unexpected 'ä' at column 1"));
    CHECK_THAT(message("log(-1)*x"), Catch::StartsWith("constant part at column 1"));
    CHECK_THAT(message("x + 1/0"), Catch::StartsWith("constant part at column 6") && Catch::EndsWith("is not finite"));
    CHECK_THAT(message("1e999*x"), Catch::StartsWith("number 1e999 at column 1"));
    CHECK_THAT(message("x\n+\n\x01"), !Catch::Contains("\n") && Catch::Contains("?"));
    CHECK_THAT(message("x + \xff"), Catch::Contains("'?'") && !Catch::Contains("\xff"));
    CHECK_THAT(message("x" + std::string(200, ' ') + "y" + std::string(200, ' ')),
               Catch::Contains("column 202 of \"…" + std::string(30, ' ') + "▸y" + std::string(29, ' ') + "…\""));
    CHECK_THAT(message("1 + ä"), Catch::Contains("column 5 of \"1 + ▸ä\""));
    const std::string noted = message(std::string(1000, '1') + "+ oops +" + std::string(1000, '1'));
    CHECK_THAT(noted, Catch::StartsWith("number 1"));
    CHECK(message("x" + std::string(300, ' ') + "y").size() < 200);
}

TEST_CASE("Limits of expressions: 4096 characters and 256 levels, and no stack overflow beyond")
{
    CHECK(message(std::string(4097, 'x')) == "the expression has 4097 characters; at most 4096 are allowed");
    for (const std::string piece : {"(", "-", "x^", "sin(", "+", "2^-("}) {
        std::string text;
        while (text.size() + piece.size() <= 4096) text += piece;
        CHECK_THAT(message(text), Catch::StartsWith("nested deeper than 256 levels at column"));
    }
    const std::string deep = std::string(255, '(') + "x" + std::string(255, ')');
    CHECK(value(deep, 3) == 3);
    std::string longest = "x";
    while (longest.size() + 3 <= 4096) longest += longest.size() % 2 == 1 ? "+x*" : "x  ";
    std::string sum = "x";
    for (int k = 0; k < 500; ++k) sum += fmt::format("+{}*x", k);
    CHECK(Expression(sum).size() > 64);
    CHECK(value(sum, 1) == 1 + 499 * 500 / 2);
    CHECK(jet(sum, 1).first == 1 + 499 * 500 / 2);
}

TEST_CASE("Errors of parameters: not finite, no name, or hiding a known name")
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(message("x", {{"a", nan}}) == "parameter a = nan must be finite");
    CHECK(message("x", {{"x", 1}}) == "parameter 'x' hides the variable of that name: choose another");
    CHECK(message("x", {{"sin", 1}}) == "parameter 'sin' hides the function of that name: choose another");
    CHECK(message("x", {{"pi", 1}}) == "parameter 'pi' hides the constant of that name: choose another");
    CHECK_THAT(message("x", {{"2a", 1}}), Catch::StartsWith("'2a' cannot name a parameter"));
    CHECK_THAT(message("x", {{"", 1}}), Catch::StartsWith("'' cannot name a parameter"));
    CHECK_THAT(message("x", {{"a b", 1}}), Catch::StartsWith("'a b' cannot name a parameter"));
}

TEST_CASE("Kinks: where f' jumps, and only there")
{
    const auto kinks = [](std::string_view text, double lo = -2, double hi = 2) {
        return Expression(text).kinks(lo, hi);
    };
    CHECK(kinks("x^4 - x^2").empty());
    REQUIRE(kinks("abs(x - 0.3)").size() == 1);
    CHECK(std::abs(kinks("abs(x - 0.3)")[0] - 0.3) <= 1e-15);
    CHECK(kinks("abs(x)").size() == 1);           // a zero at a point of the grid
    CHECK(kinks("abs(x)^2").empty());             // smooth
    CHECK(kinks("abs(x - 0.1)^3").empty());       // f'' is continuous
    CHECK(kinks("abs(x - 0.1)^1.5").empty());     // f' is continuous, f'' is not
    CHECK(kinks("abs(x - 0.1)^0.6").size() == 1); // f' is infinite
    CHECK(kinks("x*abs(x - 0.123)").size() == 1);
    CHECK(kinks("(x - 0.123)*abs(x - 0.123)").empty());
    CHECK(kinks("abs(x) - max(x, -x)").empty());          // the jumps cancel
    CHECK(kinks("abs(x - 5)").empty());                   // outside
    CHECK(kinks("abs(1.65 - x)^0.6", -1.6, 1.6).empty()); // wang2022's own
    CHECK(kinks("abs(x^2)").empty());                     // touches zero only
    CHECK(kinks("min(x^2, (x - 1)^2)") == std::vector<double>{0.5});
    for (const char* at : {"0.1", "0.7", "-1.3"}) // rounding of f' is no jump
        CHECK(kinks(std::string("77*(sin(x)^2 + cos(x)^2) + x + abs(x - ") + at + ")^5").empty());
    CHECK(kinks("max(x^2, 1)").size() == 2);
    CHECK(kinks("max(0, min(1, x))").size() == 2);            // flat on either side
    const auto close = kinks("abs((x - 0.33007)^2 - 1e-10)"); // 2e-5 apart, inside one step of the grid
    REQUIRE(close.size() == 2);
    CHECK(close[1] - close[0] == Approx(2e-5).epsilon(1e-6));
    CHECK(kinks("x^2 + 1e-3*abs(x - 0.7)").size() == 1);
    CHECK(kinks("abs((x - 0.33007)^2 - 1e-11)").size() == 2); // 6e-6 apart: 1.6e-6 of the interval
    CHECK(kinks("abs(sin(100*x))").size() == 127);            // at kπ/100, |k| ≤ 63
    CHECK(kinks("abs(abs(x) - 1)").size() == 3);              // nested
    CHECK(kinks("abs(log(x + 1))*x").empty());                // undefined on the left; x|x| about 0
    CHECK(kinks("min(x, max(x, -2*x))").empty());             // both are x on the right: an argument that is 0 all over
    CHECK(kinks("min(min(x, tan(x) + 1), max(x, -2*x))", -1.5, 1.5).size() == 1); // found by fuzzing: a long search
    CHECK_THROWS_WITH(kinks("abs(sin(1e5*x))"), Catch::Contains("too many kinks"));
    CHECK_THROWS_WITH(kinks("abs(sin(1000*x))"), Catch::Contains("at most 1000"));
}

TEST_CASE("Evaluation is thread-safe: four threads get the bits that one gets")
{
    const Function f =
        parse_function("exp(-x^2)*sin(7*x)^3/(1 + abs(x - 0.1)) + " + std::string("x*cos(x)+x^3*tanh(x)"));
    std::vector<double> alone;
    for (int k = 0; k < 2000; ++k) alone.push_back(f.curvature(0.001 * k));
    std::vector<int> wrong(4, 0);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < wrong.size(); ++t)
            threads.emplace_back([&, t] {
                for (int k = 0; k < 2000; ++k) wrong[t] += f.curvature(0.001 * k) != alone[static_cast<std::size_t>(k)];
            });
    }
    CHECK(wrong == std::vector<int>(4, 0));
}
