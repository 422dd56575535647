#include "model/expression.hpp"

#include "model/error.hpp"
#include "model/expression_tape.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <new>
#include <numbers>
#include <tuple>
#include <utility>

namespace exeunt::model
{

namespace
{

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}

/// Collects operations, folding the constant ones and keeping equal ones once.
class ExpressionBuilder
{
  public:
    using Op = Expression::Op;
    using Node = Expression::Node;
    using Id = std::uint16_t;

    Id constant(double c) { return intern({Op::constant, 0, 0, c}); }
    Id variable() { return intern({Op::variable, 0, 0, 0}); }
    Id unary(Op op, Id a)
    {
        if (op == Op::abs || op == Op::cos || op == Op::cosh) a = without_abs(a);
        return fold({op, a, a, 0}, is_constant(a));
    }
    Id binary(Op op, Id a, Id b)
    {
        if (a == b && (op == Op::minimum || op == Op::maximum)) return a;
        if (a == b && op == Op::multiply) a = b = without_abs(a);
        if (is_constant(a) && is_constant(b)) return fold({op, a, b, 0}, true);
        if (is_constant(b) && op == Op::add) return intern({Op::add_number, a, a, number(b)});
        if (is_constant(a) && op == Op::add) return intern({Op::add_number, b, b, number(a)});
        if (is_constant(b) && op == Op::subtract) return intern({Op::add_number, a, a, -number(b)});
        if (is_constant(a) && op == Op::subtract) return intern({Op::subtract_from, b, b, number(a)});
        if (is_constant(b) && op == Op::multiply) return intern({Op::scale, a, a, number(b)});
        if (is_constant(a) && op == Op::multiply) return intern({Op::scale, b, b, number(a)});
        if (is_constant(b) && op == Op::divide) return intern({Op::divide_by, a, a, number(b)});
        if (is_constant(a) && op == Op::divide) return intern({Op::ratio_to, b, b, number(a)});
        if ((op == Op::add || op == Op::multiply) && b < a) std::swap(a, b);
        return intern({op, a, b, 0});
    }
    Id power(Id a, Id b)
    {
        if (is_constant(a) && !is_constant(b) && number(a) == std::numbers::e) return unary(Op::exp, b);
        if (!is_constant(b)) return binary(Op::power, a, b);
        const double c = number(b);
        if (c == 0) return constant(1);
        if (c == 1) return a;
        if (c == 0.5) return unary(Op::sqrt, a);
        if (c == 2) return binary(Op::multiply, a, a);
        if (std::fmod(c, 2) == 0) a = without_abs(a);
        if (c == -1) return binary(Op::divide, constant(1), a);
        const bool whole = c == std::trunc(c) && std::abs(c) <= 64;
        return fold({whole ? Op::integer_power : Op::real_power, a, a, c}, is_constant(a));
    }
    bool is_finite(Id a) const { return !is_constant(a) || std::isfinite(number(a)); }

    /// Leaves in `out` what `root` needs, in order.
    void finish(Id root, std::vector<Node>& out) const
    {
        std::vector<bool> needed(nodes_.size(), false);
        needed[root] = true;
        for (std::size_t k = nodes_.size(); k-- > 0;)
            if (needed[k] && operands(nodes_[k].op) > 0) needed[nodes_[k].a] = needed[nodes_[k].b] = true;
        std::vector<Id> place(nodes_.size(), 0);
        for (std::size_t k = 0; k <= root; ++k) {
            if (!needed[k]) continue;
            Node node = nodes_[k];
            node.a = place[node.a];
            node.b = place[node.b];
            place[k] = static_cast<Id>(out.size());
            out.push_back(node);
        }
    }

  private:
    static int operands(Op op) { return op == Op::constant || op == Op::variable ? 0 : 1; }
    bool is_constant(Id a) const { return nodes_[a].op == Op::constant; }
    double number(Id a) const { return nodes_[a].number; }
    /// The operand of an even function: its sign does not matter, and there is no kink.
    Id without_abs(Id a) const { return nodes_[a].op == Op::abs ? nodes_[a].a : a; }

    Id fold(const Node& node, bool constant_operands)
    {
        if (!constant_operands) return intern(node);
        const std::array<double, 2> slots{number(node.a), number(node.b)};
        return constant(Expression::apply<double>({node.op, 0, 1, node.number}, slots.data(), 0.0));
    }
    Id intern(const Node& node)
    {
        const auto key = std::tuple(node.op, node.a, node.b, std::bit_cast<std::uint64_t>(node.number));
        const auto [entry, added] = known_.try_emplace(key, static_cast<Id>(nodes_.size()));
        if (added) nodes_.push_back(node);
        return entry->second;
    }

    std::vector<Node> nodes_;
    std::map<std::tuple<Op, Id, Id, std::uint64_t>, Id> known_;
};

namespace
{

using Op = ExpressionBuilder::Op;

struct FunctionName {
    std::string_view name;
    Op op;
    std::size_t arguments;
};

constexpr FunctionName functions[] = {
    {"abs", Op::abs, 1},   {"sqrt", Op::sqrt, 1},   {"cbrt", Op::cbrt, 1},   {"exp", Op::exp, 1},   {"log", Op::log, 1},
    {"log2", Op::log2, 1}, {"log10", Op::log10, 1}, {"sin", Op::sin, 1},     {"cos", Op::cos, 1},   {"tan", Op::tan, 1},
    {"sinh", Op::sinh, 1}, {"cosh", Op::cosh, 1},   {"tanh", Op::tanh, 1},   {"atan", Op::atan, 1}, {"erf", Op::erf, 1},
    {"pow", Op::power, 2}, {"min", Op::minimum, 2}, {"max", Op::maximum, 2},
};

const FunctionName* find_function(std::string_view name)
{
    const auto* found =
        std::find_if(std::begin(functions), std::end(functions), [&](const FunctionName& f) { return f.name == name; });
    return found == std::end(functions) ? nullptr : found;
}

/// Recursive descent over the grammar of the header.
class Parser
{
  public:
    using Id = ExpressionBuilder::Id;

    Parser(std::string_view text, const Parameters& parameters, ExpressionBuilder& tape)
        : text_(text), parameters_(parameters), tape_(tape)
    {
    }

    Id parse()
    {
        skip_space();
        if (at_end()) throw BadInput("the expression is empty; write a function of x, for example x^4/4 - x^2/2");
        const Id result = sum();
        if (at_end()) return result;
        if (text_[at_] == ')') fail(at_, "unmatched ')'", "");
        fail(at_, fmt::format("unexpected {}", token(at_)), "expected an operator (+ - * / ^) before it");
    }

  private:
    Id sum()
    {
        Id left = product();
        for (;;) {
            const std::size_t start = at_;
            if (accept('+'))
                left = checked(tape_.binary(Op::add, left, product()), start);
            else if (accept('-'))
                left = checked(tape_.binary(Op::subtract, left, product()), start);
            else
                return left;
        }
    }

    Id product()
    {
        Id left = unary();
        for (;;) {
            const std::size_t start = at_;
            if (accept('*')) {
                if (!at_end() && text_[at_] == '*') fail(start, "unexpected '**'", "a power is written ^");
                left = checked(tape_.binary(Op::multiply, left, unary()), start);
            } else if (accept('/'))
                left = checked(tape_.binary(Op::divide, left, unary()), start);
            else
                return left;
        }
    }

    Id unary()
    {
        if (++depth_ > Expression::max_depth)
            fail(at_, fmt::format("nested deeper than {} levels", Expression::max_depth), "");
        Id result = 0;
        if (accept('-'))
            result = tape_.unary(Op::negate, unary());
        else if (accept('+'))
            result = unary();
        else
            result = power();
        --depth_;
        return result;
    }

    Id power()
    {
        const Id base = primary();
        const std::size_t start = at_;
        if (!accept('^')) return base;
        return checked(tape_.power(base, unary()), start);
    }

    Id primary()
    {
        const std::size_t start = at_;
        if (at_end()) fail(text_.size(), "unexpected end", "a number, a name or '(' must follow");
        if (accept('(')) {
            const Id inner = sum();
            close(start);
            return inner;
        }
        if (is_digit(text_[at_]) || (text_[at_] == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
            return tape_.constant(number());
        if (is_letter(text_[at_])) return named();
        fail(at_, fmt::format("unexpected {}", token(at_)), "expected a number, a name or '('");
    }

    double number()
    {
        double value = 0;
        const char* const end = text_.data() + text_.size();
        const auto [stop, error] = std::from_chars(text_.data() + at_, end, value);
        if (error != std::errc())
            fail(at_, fmt::format("number {}", std::string_view(text_.data() + at_, stop)),
                 "it is outside the range of double precision");
        at_ = static_cast<std::size_t>(stop - text_.data());
        skip_space();
        return value;
    }

    Id named()
    {
        const std::size_t start = at_;
        while (!at_end() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
        const std::string_view name = text_.substr(start, at_ - start);
        skip_space();
        if (const auto* f = find_function(name)) return call(*f, start);
        if (name == "x") return tape_.variable();
        if (const auto p = parameters_.find(std::string(name)); p != parameters_.end())
            return tape_.constant(p->second);
        if (name == "pi") return tape_.constant(std::numbers::pi);
        if (name == "e") return tape_.constant(std::numbers::e);
        fail(start, fmt::format("unknown name '{}'", printable(name, 40)), known_names(name));
    }

    Id call(const FunctionName& f, std::size_t start)
    {
        const std::size_t open = at_;
        if (!accept('(')) fail(start, fmt::format("function '{}'", f.name), "its arguments go in parentheses");
        std::vector<Id> arguments{sum()};
        while (accept(',')) arguments.push_back(sum());
        close(open);
        if (arguments.size() != f.arguments)
            fail(start, fmt::format("function '{}'", f.name),
                 fmt::format("it takes {} argument{}, not {}", f.arguments, f.arguments == 1 ? "" : "s",
                             arguments.size()));
        if (f.op == Op::power) return checked(tape_.power(arguments[0], arguments[1]), start);
        return checked(
            f.arguments == 1 ? tape_.unary(f.op, arguments[0]) : tape_.binary(f.op, arguments[0], arguments[1]), start);
    }

    void close(std::size_t open)
    {
        if (accept(')')) return;
        if (at_end()) fail(open, "'('", "it is never closed");
        fail(at_, fmt::format("unexpected {}", token(at_)), "expected an operator or ')'");
    }

    Id checked(Id result, std::size_t start) const
    {
        if (!tape_.is_finite(result)) fail(start, "constant part", "its value is not finite");
        return result;
    }

    bool at_end() const { return at_ >= text_.size(); }
    void skip_space()
    {
        while (!at_end() && is_space(text_[at_])) ++at_;
    }
    bool accept(char c)
    {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        skip_space();
        return true;
    }

    std::string token(std::size_t at) const
    {
        std::size_t end = at + 1;
        if (is_letter(text_[at]) || is_digit(text_[at]))
            while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
        else
            while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0U) == 0x80U) ++end;
        return fmt::format("'{}'", printable(text_.substr(at, end - at), 20));
    }

    std::string known_names(std::string_view name) const
    {
        std::vector<std::string> names{"x"};
        for (const auto& [parameter, value] : parameters_) names.push_back(parameter);
        names.insert(names.end(), {"pi", "e"});
        for (const auto& f : functions) names.emplace_back(f.name);
        const std::string guess = suggestion(name, names);
        return fmt::format("{}known: {}", guess.empty() ? "" : guess + " ", printable(join(names, ", "), 400));
    }

    [[noreturn]] void fail(std::size_t at, const std::string& what, const std::string& hint) const
    {
        const auto characters = [](std::string_view s) {
            return std::count_if(s.begin(), s.end(),
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
        };
        throw BadInput(fmt::format("{} at column {} of \"{}\"{}{}", what, characters(text_.substr(0, at)) + 1,
                                   marked(at), hint.empty() ? "" : "; ", hint));
    }

    /// Up to 60 bytes of the text around the byte `at`, with ▸ before it.
    std::string marked(std::size_t at) const
    {
        constexpr std::size_t limit = 60;
        std::size_t from =
            text_.size() <= limit || at <= limit / 2 ? 0 : std::min(at - limit / 2, text_.size() - limit);
        while (from > 0 && (static_cast<unsigned char>(text_[from]) & 0xC0U) == 0x80U) --from;
        const std::size_t before = at - from;
        return (from > 0 ? "…" : "") + printable(text_.substr(from, before), before) + "▸" +
               printable(text_.substr(at), limit - std::min(before, limit));
    }

    std::string_view text_;
    const Parameters& parameters_;
    ExpressionBuilder& tape_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

void check_parameters(const Parameters& parameters)
{
    for (const auto& [name, value] : parameters) {
        check_parameter_name(name);
        if (!std::isfinite(value)) throw BadInput(fmt::format("parameter {} = {} must be finite", name, value));
    }
}

}

void check_parameter_name(std::string_view name)
{
    const bool valid = !name.empty() && is_letter(name[0]) &&
                       std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
    if (!valid)
        throw BadInput(fmt::format("'{}' cannot name a parameter: use letters, digits and '_', no digit first",
                                   printable(name, 40)));
    if (name == "x" || name == "pi" || name == "e" || find_function(name) != nullptr)
        throw BadInput(fmt::format("parameter '{}' hides the {} of that name: choose another", name,
                                   name == "x"           ? "variable"
                                   : find_function(name) ? "function"
                                                         : "constant"));
}

Expression::Expression(std::string_view text, const Parameters& parameters)
{
    if (text.size() > max_length)
        throw BadInput(
            fmt::format("the expression has {} characters; at most {} are allowed", text.size(), max_length));
    check_parameters(parameters);
    ExpressionBuilder builder;
    const auto root = Parser(text, parameters, builder).parse();
    builder.finish(root, tape_);
}

/// The slots are raw memory: they are written before they are read, and nothing is cleared or allocated.
template<class T, std::size_t slots> T Expression::run(const T& x) const
{
    alignas(T) std::byte memory[slots * sizeof(T)];
    T* const slot = reinterpret_cast<T*>(memory);
    T* next = slot;
    for (const Node& node : tape_) new (next++) T(apply<T>(node, slot, x));
    return *(next - 1);
}

template<class T> T Expression::run(const T& x) const { return size() <= 64 ? run<T, 64>(x) : run<T, max_length>(x); }

double Expression::operator()(double x) const { return run(x); }
Jet Expression::operator()(const Jet& x) const { return run(x); }
JetOf<long double> Expression::operator()(const JetOf<long double>& x) const { return run(x); }
IntervalJet Expression::operator()(const IntervalJet& x) const { return run(x); }

Function parse_function(std::string_view text, const Parameters& parameters)
{
    Expression f(text, parameters);
    if (f.is_constant()) return Function::constant(f(0.0), std::string(text));
    return Function::of(std::move(f), std::string(text));
}

Function parse_function(std::string_view text, const Parameters& parameters, double lo, double hi)
{
    Expression f(text, parameters);
    if (f.is_constant()) return Function::constant(f(0.0), std::string(text));
    std::vector<double> kinks = f.kinks(lo, hi);
    return Function::of(std::move(f), std::string(text), std::move(kinks));
}

}
