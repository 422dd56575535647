// model/expression.hpp: functions of x as a user types them, with exact derivatives.
//
//     sum     := product (('+' | '-') product)*
//     product := unary (('*' | '/') unary)*
//     unary   := ('-' | '+') unary | power
//     power   := primary ('^' unary)?                  so -x^2 = -(x^2), 2^3^2 = 2^9, 2^-x is allowed
//     primary := number | name | function '(' sum (',' sum)* ')' | '(' sum ')'
//
// Names are x, pi, e and the parameters; functions are abs sqrt cbrt exp log log2 log10 sin cos tan sinh cosh tanh atan
// erf, and pow, min, max of two arguments.
//
// A message about the text is one line; it shows the column and, in an excerpt, the mark ▸ before the place:
//
//     unknown name 'tlit' at column 7 of "x^2 + ▸tlit*x"; did you mean 'tilt'? known: x, tilt, pi, …
#pragma once

#include "model/interval.hpp"
#include "model/jet.hpp"
#include "model/potential.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::model
{

/// Named constants usable in an expression.
using Parameters = std::map<std::string, double>;

/// A parsed expression: a tape of distinct operations (equal subexpressions are one, constant ones are folded), which
/// is run on doubles for f, on jets for f, f', f'', and on jets of intervals for enclosures of all three. Evaluation is
/// thread-safe and allocates nothing. The number of a constant is the double nearest to what is written, and a constant
/// part is what doubles make of it: the enclosures are those of this function.
/// Exact   integer powers up to 64 are products, so x^2 has finite derivatives at 0; no finite differences anywhere.
/// Error   a few rounding errors an operation. Where f, f' or f'' does not exist the result is not finite, except that
///         abs, min and max take one of their two branches at a tie (jet.hpp), and where an infinite derivative is
///         multiplied by 0.
class Expression
{
  public:
    static constexpr std::size_t max_length = 4096; ///< characters (bytes)
    static constexpr int max_depth = 256;           ///< nested parentheses, signs and exponents
    static constexpr std::size_t search_budget =
        5'000'000; ///< operations on intervals that the search for kinks may use

    /// BadInput of one line, with the column (from 1, in characters), a mark in the text before that place, and the
    /// offending name or character, for: a syntax
    /// error, an unknown name (the known ones are listed), a wrong number of arguments, a constant part that is not
    /// finite, a text too long or too deep, and a parameter that is not finite, has no valid name or hides a known one.
    explicit Expression(std::string_view text, const Parameters& parameters = {});

    double operator()(double x) const;                                   ///< f(x)
    Jet operator()(const Jet& x) const;                                  ///< f and its derivatives
    JetOf<long double> operator()(const JetOf<long double>& x) const;    ///< the same with more digits
    IntervalJet operator()(const IntervalJet& x) const;                  ///< the ranges of all three are inside
    bool is_constant() const { return tape_.back().op == Op::constant; } ///< x does not occur
    std::size_t size() const { return tape_.size(); }                    ///< operations, constants and x included

    /// The points of the open interval (lo, hi) where f' jumps, increasing: where the argument of an abs, or the
    /// difference of the arguments of a min or max, changes sign. The interval is halved until enclosures prove that an
    /// argument has no zero or one, or the part is 1e-12 of the interval, or rounding dominates its enclosure:
    /// then the signs at its two ends decide. Located to rounding. A jump is told from a steep stretch by f' at 1e-5
    /// and 2e-9 of the interval's width, so a jump below 1e-6 f'' × width may be missed and one in f'' only is none;
    /// one within 1e-5 of the width from an end is left out. BadInput when there are more than 1000, or when
    /// `search_budget` operations were not enough.
    std::vector<double> kinks(double lo, double hi) const;

  private:
    friend class ExpressionBuilder;
    enum class Op : std::uint8_t {
        constant,
        variable,
        negate,
        add,
        subtract,
        multiply,
        divide, // clang-format off
        add_number, subtract_from, scale, divide_by, ratio_to, // one operand is a number
        power, real_power, integer_power, minimum, maximum,
        abs, sqrt, cbrt, exp, log, log2, log10, sin, cos, tan, sinh, cosh, tanh, atan, erf // clang-format on
    };
    /// One operation: its operands are earlier entries; `number` is a constant, also as an operand.
    struct Node {
        Op op;
        std::uint16_t a;
        std::uint16_t b;
        double number;
    };
    class Switches;
    template<class T> static T apply(const Node& node, const T* slots, const T& x);
    template<class T> T run(const T& x) const;
    template<class T, std::size_t slots> T run(const T& x) const;
    bool jumps(double x, double width) const;

    std::vector<Node> tape_; ///< the last entry is the result
};

/// The function of an expression; constant when x does not occur in it. Without a domain no kinks are sought.
Function parse_function(std::string_view text, const Parameters& parameters = {});
Function parse_function(std::string_view text, const Parameters& parameters, double lo, double hi);

/// BadInput unless `name` can name a parameter: letters, digits and '_', no digit first, not x, pi, e or a function.
void check_parameter_name(std::string_view name);

}
