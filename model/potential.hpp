// model/potential.hpp: the potential f (theory.md, section 1) and other functions of x, with exact derivatives.
#pragma once

#include "model/interval.hpp"
#include "model/jet.hpp"

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace exeunt::model
{

/// What a C++ user writes to add a potential: a formula that works on doubles and on jets, best as a template over the
/// number type (examples/own_potential.cpp). One that also takes jets of intervals has certified landscapes. A template
/// that compares its numbers does not compile for those: write abs, min and max instead of a comparison, or the two
/// overloads operator()(double) and operator()(const Jet&), which forgo the certificate.
template<class F>
concept Formula = requires(const F f, double x, Jet j)
{
    {
        f(x)
        } -> std::convertible_to<double>;
    {
        f(j)
        } -> std::convertible_to<Jet>;
};

/// A formula that encloses f, f' and f'' over an interval.
template<class F>
concept EnclosedFormula = Formula<F> && requires(const F f, IntervalJet j)
{
    {
        f(j)
        } -> std::convertible_to<IntervalJet>;
};

/// A function R → R with its first two derivatives: the potential f, or the diffusion coefficient σ. A value type;
/// copies share the formula. Evaluation is thread-safe.
class Function
{
  public:
    /// From a formula. `kinks` are the points where f' is discontinuous (abs, min, max), in increasing order.
    template<Formula F> static Function of(F formula, std::string text, std::vector<double> kinks = {})
    {
        return Function(std::make_shared<Held<F>>(std::move(formula)), std::move(text), std::move(kinks));
    }
    /// The constant function; `text` defaults to the number.
    static Function constant(double c, std::string text = {});

    double value(double x) const { return body_->value(x); }          ///< f(x)
    double gradient(double x) const { return body_->jet(x).first; }   ///< f'(x)
    double curvature(double x) const { return body_->jet(x).second; } ///< f''(x)
    Jet jet(double x) const { return body_->jet(x); }                 ///< all three at once
    bool has_enclosures() const { return body_->enclosed(); }         ///< the formula takes jets of intervals
    /// Intervals that contain the values of f, f' and f'' at every point of x; whole when there is no such formula.
    IntervalJet enclosure(const Interval& x) const { return body_->enclosure(x); }
    /// Arithmetic operations of one evaluation; 50 is taken for a formula that does not say by size().
    std::size_t operations() const { return body_->operations(); }
    const std::vector<double>& kinks() const { return kinks_; } ///< points where f' jumps
    const std::string& text() const { return text_; }           ///< the formula as the user knows it
    bool is_constant() const { return constant_; }              ///< made by Function::constant: x does not occur

  private:
    struct Body {
        virtual ~Body() = default;
        virtual double value(double x) const = 0;
        virtual Jet jet(double x) const = 0;
        virtual bool enclosed() const = 0;
        virtual IntervalJet enclosure(const Interval& x) const = 0;
        virtual std::size_t operations() const = 0;
    };
    template<Formula F> struct Held final : Body {
        explicit Held(F f) : formula(std::move(f)) {}
        double value(double x) const override { return formula(x); }
        Jet jet(double x) const override { return formula(Jet::variable(x)); }
        bool enclosed() const override { return EnclosedFormula<F>; }
        IntervalJet enclosure([[maybe_unused]] const Interval& x) const override
        {
            if constexpr (EnclosedFormula<F>)
                return formula(IntervalJet::variable(x));
            else
                return {Interval::whole(), Interval::whole(), Interval::whole()};
        }
        std::size_t operations() const override
        {
            if constexpr (requires { formula.size(); })
                return formula.size();
            else
                return 50;
        }
        F formula;
    };
    Function(std::shared_ptr<const Body> body, std::string text, std::vector<double> kinks)
        : body_(std::move(body)), text_(std::move(text)), kinks_(std::move(kinks))
    {
    }

    std::shared_ptr<const Body> body_;
    std::string text_;
    std::vector<double> kinks_;
    bool constant_ = false;
};

/// The landscape of the paper's experiments (section 8), as a formula. It is a plain product, so that its zeros
/// -1.6, -1.3, 0.2, 0.7 and 1.6 are ordinary points; a logarithmic derivative would give NaN there.
struct Wang2022 {
    template<class T> T operator()(const T& x) const
    {
        using std::abs, std::exp, std::pow;
        const auto square = [](const T& a) { return a * a; };
        const T one(1.0);
        return (x + T(1.6)) * square(x + T(1.3)) * square(x - T(0.2)) * square(x - T(0.7)) * (x - T(1.6)) *
               pow(T(0.05) * abs(T(1.65) - x), 0.6) * (one + one / (T(0.01) + T(4.0) * square(x - T(0.5)))) *
               (one + one / (T(0.1) + T(4.0) * square(x + T(1.5)))) *
               (one - T(0.25) * exp(T(-5.0) * square(x + T(0.8))));
    }
};

/// The built-in potential of that name; BadInput, naming the ones there are, when there is none.
Function builtin_potential(const std::string& name);

}
