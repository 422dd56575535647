// tests/theory/recursion.hpp: the exit constants by the recursion as theory.md (section 3) writes it, in long double:
//
//     g_1(x) = ν{ w : x + φ_b(σ(x)w) ∈ A },   G_k(y) = ∫ g_k/f',   g_{k+1}(x) = ∫ ν(dw) G_k(x + φ_b(σ(x)w)),   q =
//     g_l(m),
//
// every level an antiderivative and then an integral against ν's density, its atom explicit. Nothing is integrated by
// parts, levels are computed for each target from the boundary inwards, and no code of theory/ is used: rules, panels
// and interpolation are its own, and f' and σ are written out by hand.
#pragma once

#include <functional>
#include <vector>

/// A landscape and a noise in long double.
struct PreciseModel {
    std::function<long double(long double)> slope;     ///< f'
    std::function<long double(long double)> curvature; ///< f''
    std::function<long double(long double)> sigma;
    long double alpha;
    long double p_plus;
    std::vector<long double> kinks = {}; ///< of f' and σ
};

/// The zero of f' next to x, by Newton's method until nothing changes.
long double refined(const PreciseModel& model, long double x);

/// q(A) for A between the two edges (far = ±∞ for none), from the minimum m over the saddle s; zero out of reach.
/// `nodes` a panel: 20, 24 or 28; the differences between 24 and 28 are below 1e-16 on the landscapes of the tests.
long double recursion_constant(const PreciseModel& model, long double m, long double s, long double near,
                               long double far, long double b, int l, int nodes = 24);
