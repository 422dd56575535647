// model/expression_tape.hpp: how one operation of an expression's tape acts on numbers and on jets. Internal to
// model/: expression.cpp runs the tape, kinks.cpp looks at the arguments of abs, min and max.
#pragma once

#include "model/expression.hpp"

#include <cmath>

namespace exeunt::model
{

namespace tape
{

inline double minimum(double a, double b) { return b < a || std::isnan(b) ? b : a; }
inline double maximum(double a, double b) { return b > a || std::isnan(b) ? b : a; }
template<class T> JetOf<T> minimum(const JetOf<T>& a, const JetOf<T>& b) { return min(a, b); }
template<class T> JetOf<T> maximum(const JetOf<T>& a, const JetOf<T>& b) { return max(a, b); }

inline double quotient(double a, double b) { return a / b; }
/// The quotient rule: no power of 1/b is formed, and the value is the correctly rounded quotient.
template<class T> JetOf<T> quotient(const JetOf<T>& a, const JetOf<T>& b)
{
    const T q = a.value / b.value;
    const T first = (a.first - q * b.first) / b.value;
    return {q, first, (a.second - 2.0 * first * b.first - q * b.second) / b.value};
}

inline double shifted(double a, double c) { return a + c; }
template<class T> JetOf<T> shifted(const JetOf<T>& a, double c) { return {a.value + c, a.first, a.second}; }
inline double scaled(double a, double c) { return a * c; }
template<class T> JetOf<T> scaled(const JetOf<T>& a, double c) { return {a.value * c, a.first * c, a.second * c}; }
inline double divided(double a, double c) { return a / c; }
template<class T> JetOf<T> divided(const JetOf<T>& a, double c) { return {a.value / c, a.first / c, a.second / c}; }

}

template<class T> [[gnu::always_inline]] inline T Expression::apply(const Node& node, const T* slots, const T& x)
{
    using std::abs, std::sqrt, std::cbrt, std::exp, std::log, std::log2, std::log10, std::sin, std::cos, std::tan,
        std::sinh, std::cosh, std::tanh, std::atan, std::erf, std::pow;
    const T& a = slots[node.a];
    const T& b = slots[node.b];
    switch (node.op) {
    case Op::constant:
        return T(node.number);
    case Op::variable:
        return x;
    case Op::negate:
        return -a;
    case Op::add:
        return a + b;
    case Op::subtract:
        return a - b;
    case Op::multiply:
        return a * b;
    case Op::divide:
        return tape::quotient(a, b);
    case Op::add_number:
        return tape::shifted(a, node.number);
    case Op::subtract_from:
        return tape::shifted(-a, node.number);
    case Op::scale:
        return tape::scaled(a, node.number);
    case Op::divide_by:
        return tape::divided(a, node.number);
    case Op::ratio_to:
        return tape::quotient(T(node.number), a);
    case Op::power:
        return pow(a, b);
    case Op::real_power:
        return pow(a, node.number);
    case Op::integer_power:
        return model::integer_power(a, static_cast<int>(node.number));
    case Op::minimum:
        return tape::minimum(a, b);
    case Op::maximum:
        return tape::maximum(a, b);
    case Op::abs:
        return abs(a);
    case Op::sqrt:
        return sqrt(a);
    case Op::cbrt:
        return cbrt(a);
    case Op::exp:
        return exp(a);
    case Op::log:
        return log(a);
    case Op::log2:
        return log2(a);
    case Op::log10:
        return log10(a);
    case Op::sin:
        return sin(a);
    case Op::cos:
        return cos(a);
    case Op::tan:
        return tan(a);
    case Op::sinh:
        return sinh(a);
    case Op::cosh:
        return cosh(a);
    case Op::tanh:
        return tanh(a);
    case Op::atan:
        return atan(a);
    case Op::erf:
        return erf(a);
    }
    return T(0.0);
}

}
