// tests/theory/cells.hpp: the landscapes and noises that the tests of theory/ use.
#pragma once

#include "model/expression.hpp"
#include "model/landscape.hpp"
#include "model/noise.hpp"
#include "tests/numbers.hpp"
#include "theory/exit.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>

inline exeunt::model::Function unit_diffusion() { return exeunt::model::Function::constant(1); }

inline exeunt::model::Landscape typed(std::string_view text, double lo, double hi)
{
    return exeunt::model::Landscape(exeunt::model::parse_function(text, {}, lo, hi), {lo, hi, false});
}

/// The paper's landscape (theory.md, section 8).
inline exeunt::model::Landscape wang2022()
{
    return exeunt::model::Landscape(exeunt::model::builtin_potential("wang2022"), {-1.6, 1.6, true});
}

/// x⁴/4 - x²/2: minima ±1, saddle 0, all exact.
inline exeunt::model::Landscape double_well() { return typed("x^4/4 - x^2/2", -2.5, 2.5); }

/// height × f(x/stretch), mirrored when stretch < 0.
struct Transformed {
    exeunt::model::Function f;
    double stretch;
    double height;

    double operator()(double x) const { return height * f.value(x / stretch); }
    exeunt::model::Jet operator()(const exeunt::model::Jet& x) const
    {
        const exeunt::model::Jet u = x * exeunt::model::Jet(1 / stretch);
        return exeunt::model::Jet(height) * chain(u, f.value(u.value), f.gradient(u.value), f.curvature(u.value));
    }
};

inline exeunt::model::Landscape transformed(const exeunt::model::Landscape& f, double stretch, double height)
{
    double lo = f.domain().lo * stretch, hi = f.domain().hi * stretch;
    if (lo > hi) std::swap(lo, hi);
    const auto g = exeunt::model::Function::of(Transformed{f.potential(), stretch, height}, "transformed");
    return exeunt::model::Landscape(g, {lo, hi, f.domain().clamp});
}

/// All that the limit knows of a law: α and p₊, here with tails that are exact powers.
struct PowerTails : exeunt::model::Noise::Law {
    PowerTails(double alpha, double p) : index(alpha), right(p) {}
    double index;
    double right;

    double density(double) const override { return 0; }
    double lower_tail(double z) const override { return (1 - right) * std::pow(-z, -index); }
    double upper_tail(double z) const override { return right * std::pow(z, -index); }
    double lower_quantile(double) const override { return 0; }
    double upper_quantile(double) const override { return 0; }
    double tail_index() const override { return index; }
    double p_plus() const override { return right; }
    double scale() const override { return 1; }
    std::vector<double> kinks() const override { return {}; }
    std::string name() const override { return "power tails"; }
};

inline exeunt::model::Noise power_tails(double p_plus, double alpha = 1.2)
{
    return exeunt::model::Noise(std::make_shared<PowerTails>(alpha, p_plus));
}

inline exeunt::model::Noise lomax() { return exeunt::model::Noise(std::make_shared<exeunt::model::Lomax>(1.2, 0.1)); }

inline exeunt::theory::ExitConstants constants(const exeunt::model::Landscape& f, std::size_t well, double b)
{
    return exeunt::theory::exit_constants(f, lomax(), unit_diffusion(), well, b);
}
