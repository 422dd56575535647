// tests/sim/cells.hpp: the models that the tests of sim/ run.
#pragma once

#include "model/model.hpp"
#include "sim/exits.hpp"
#include "tests/numbers.hpp"

#include <memory>
#include <optional>
#include <string>

inline exeunt::model::Noise lomax() { return exeunt::model::Noise(std::make_shared<exeunt::model::Lomax>(1.2, 0.1)); }

/// The paper's landscape, noise and clamp (theory.md, section 8).
inline exeunt::model::Model wang2022(double eta, double b)
{
    using namespace exeunt::model;
    return {.landscape = Landscape(builtin_potential("wang2022"), {.lo = -1.6, .hi = 1.6, .clamp = true}),
            .noise = lomax(),
            .diffusion = Function::constant(1),
            .b = b,
            .eta = eta};
}

struct Quartic {
    double tilt;
    template<class T> T operator()(const T& x) const { return x * x * x * x * T(0.25) - x * x * T(0.5) + T(tilt) * x; }
};

struct Growing {
    template<class T> T operator()(const T& x) const { return T(1) + T(0.5) * x * x; }
};

/// σ(x) = 1 + x²/2 in place of a constant.
inline exeunt::model::Model growing(exeunt::model::Model m)
{
    m.diffusion = exeunt::model::Function::of(Growing{}, "1 + x^2/2");
    return m;
}

struct Cornered {
    template<class T> T operator()(const T& x) const
    {
        using std::abs;
        return T(0.5) + abs(x + T(0.6));
    }
};

/// σ(x) = 1/2 + |x + 0.6|, with a kink near the minimum of well 2, whether σ says so or not.
inline exeunt::model::Model cornered(exeunt::model::Model m, bool declared)
{
    const std::vector<double> kinks = declared ? std::vector<double>{-0.6} : std::vector<double>{};
    m.diffusion = exeunt::model::Function::of(Cornered{}, "0.5 + abs(x + 0.6)", kinks);
    return m;
}

/// x⁴/4 - x²/2 + x/10: no clamp, so X may land far outside the domain.
inline exeunt::model::Model quartic(double eta, double b)
{
    using namespace exeunt::model;
    return {.landscape = Landscape(Function::of(Quartic{0.1}, "quartic"), {.lo = -2.5, .hi = 2.5, .clamp = false}),
            .noise = lomax(),
            .diffusion = Function::constant(1),
            .b = b,
            .eta = eta};
}

struct Kinked {
    template<class T> T operator()(const T& x) const
    {
        using std::abs;
        return Quartic{0.1}(x) + T(0.05) * abs(x - T(0.5));
    }
};

/// The same with |x - 1/2|/20 added: f' jumps at 1/2, whether f says so or not.
inline exeunt::model::Model kinked(bool declared)
{
    using namespace exeunt::model;
    const std::vector<double> kinks = declared ? std::vector<double>{0.5} : std::vector<double>{};
    return {.landscape = Landscape(Function::of(Kinked{}, "kinked", kinks), {.lo = -2.5, .hi = 2.5, .clamp = true}),
            .noise = lomax(),
            .diffusion = Function::constant(1),
            .b = 0.5,
            .eta = 0.05};
}

/// wang2022 with another law of Z, s = 0.1.
inline exeunt::model::Model with_noise(const std::string& law, std::optional<double> alpha, double p_plus, double eta,
                                       double b)
{
    exeunt::model::Model m = wang2022(eta, b);
    m.noise = exeunt::model::make_noise(law, {.alpha = alpha, .scale = 0.1, .p_plus = p_plus});
    return m;
}
