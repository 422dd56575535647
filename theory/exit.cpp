#include "theory/exit.hpp"

#include "theory/panel.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace exeunt::theory
{

using model::Function;
using model::Landscape;
using model::Noise;

DegenerateRadius::DegenerateRadius(std::size_t well, double radius, double b, double tolerance)
    : BadInput(
          fmt::format("well {} at clip {:.6g} has r/b = {:.6g}/{:.6g}, within {:g} of {}; the exit theorem needs a "
                      "non-integer ratio: change clip",
                      well + 1, b, radius, b, tolerance, std::lround(radius / b)))
{
}

int exit_order(const Landscape& f, std::size_t i, double b, double tolerance)
{
    if (!(b > 0)) throw BadInput(fmt::format("clip = {} must be > 0 or inf", b));
    if (std::isinf(b)) return 1;
    const double ratio = f.radius(i) / b;
    if (ratio > 0.5 && std::abs(ratio - std::round(ratio)) <= tolerance)
        throw DegenerateRadius(i, f.radius(i), b, tolerance);
    return static_cast<int>(std::ceil(ratio));
}

double time_scale(const Noise& noise, double eta, int order)
{
    const double rate = noise.tail(1 / eta);
    return rate * std::pow(rate / eta, order - 1);
}

double ExitConstants::total() const { return std::accumulate(to.begin(), to.end(), 0.0); }

namespace
{

/// Exits over one side of Ω_i, in the distance t = |x - m| towards it.
struct Side {
    const Landscape& f;
    const Noise& noise;
    const Function& sigma;
    double sign;     ///< +1 right, -1 left
    double minimum;  ///< m
    double distance; ///< |s - m|
    double b;
    int order; ///< l

    double at(double t) const { return minimum + sign * t; }
    /// p_±, the share of the noise's tail that points this way.
    double weight() const { return sign > 0 ? noise->p_plus() : 1 - noise->p_plus(); }
    double slope(double t) const { return std::abs(f.potential().gradient(at(t))); }
    /// p_± σ(x)^α: the ν-mass of jumps longer than 1, in x.
    double strength(double t) const { return weight() * std::pow(sigma.value(at(t)), noise->tail_index()); }
    double gap() const { return order == 1 ? distance : distance - (order - 1) * b; } ///< r - (l - 1)b > 0
    double delta() const { return order * b - distance; }                             ///< δ, the length of each I_k
    double start(int k) const { return distance - k * b; }                            ///< where I_k begins
    /// Absolute error of a place or a distance: m and s are located, and lb is formed, to a few rounding errors.
    double blur() const
    {
        return 4 * std::numeric_limits<double>::epsilon() *
               (std::abs(minimum) + distance + (order == 1 ? 0 : order * b));
    }
};

/// The target field as distances beyond s: A = s + (near, far), far = ∞ for the outermost field.
struct Target {
    double near;
    double far;
};

/// g_1 at τ ∈ [0, δ], x = start(1) + τ. Written in sums of positive terms, so that no digits cancel where the gap is
/// small.
double first_level(const Side& side, const Target& target, double tau)
{
    if (tau <= target.near) return 0;
    const double alpha = side.noise->tail_index();
    const double to_s = side.gap() + (side.delta() - tau); // s - x
    const double near = to_s + target.near;
    const double all = side.strength(side.start(1) + tau) * std::pow(near, -alpha);
    const bool overshoots = tau > target.far;
    return overshoots ? all * -std::expm1(-alpha * std::log1p((target.far - target.near) / near)) : all;
}

constexpr int coarse_nodes = 16, fine_nodes = 24; // the difference of the two results is the error estimate
constexpr double resolution = 1e-11;              // of the coarse rule

/// True where 1/f' and σ^α are resolved by the rule on every I_k over τ ∈ [a, c], or as well as rounding lets f' be
/// known beside m and s.
bool resolved(const Side& side, const GaussRule& rule, double a, double c)
{
    std::vector<double> value(rule.node.size());
    for (int k = 1; k < side.order; ++k) {
        double largest = 0;
        for (std::size_t j = 0; j < value.size(); ++j) {
            const double t = side.start(k) + 0.5 * (a + c) + 0.5 * (c - a) * rule.node[j];
            value[j] = side.strength(t) / side.slope(t);
            largest = std::max(largest, std::abs(value[j]));
        }
        const double to_zero = std::min(side.start(k) + a, k * side.b - c); // from I_k's part to m and to s
        if (legendre_tail(rule, value) > std::max(resolution, 16 * side.blur() / to_zero) * largest) return false;
    }
    return true;
}

void bisect_until_resolved(const Side& side, const GaussRule& rule, double a, double c, int depth,
                           std::vector<double>& cut)
{
    if (depth < 12 && !resolved(side, rule, a, c)) {
        const double middle = 0.5 * (a + c);
        bisect_until_resolved(side, rule, a, middle, depth + 1, cut);
        bisect_until_resolved(side, rule, middle, c, depth + 1, cut);
    } else {
        cut.push_back(c);
    }
}

/// Panels of τ ∈ [0, δ], the same for every level: cut where g_1 or f' breaks, graded towards both ends at the scale of
/// the gap, where 1/f' and (y - x)^{-α} are steep, and bisected until f' is resolved.
std::vector<double> panels(const Side& side, const Target& target, const GaussRule& rule)
{
    const double delta = side.delta();
    std::vector<double> breaks = graded(0, delta, side.gap(), side.gap());
    const auto add = [&](double tau) {
        if (tau > 0 && tau < delta) breaks.push_back(tau);
    };
    add(target.near);
    add(target.far);
    for (const double kink : side.f.potential().kinks())
        for (int k = 1; k < side.order; ++k) add(side.sign * (kink - side.minimum) - side.start(k));
    for (const double kink : side.sigma.kinks())
        for (int k = 1; k < side.order; ++k) add(side.sign * (kink - side.minimum) - side.start(k));
    std::sort(breaks.begin(), breaks.end());
    breaks.erase(std::unique(breaks.begin(), breaks.end()), breaks.end());

    std::vector<double> cut{0.0};
    for (std::size_t p = 0; p + 1 < breaks.size(); ++p)
        bisect_until_resolved(side, rule, breaks[p], breaks[p + 1], 0, cut);
    return cut;
}

/// ψ_k = g_k/|f'| at the Gauss nodes of every panel.
struct Level {
    const GaussRule& rule;
    const std::vector<double>& cut;
    std::vector<double> psi; ///< panel-major

    std::size_t nodes() const { return rule.node.size(); }
    double node(std::size_t p, std::size_t j) const
    {
        return 0.5 * (cut[p] + cut[p + 1]) + 0.5 * (cut[p + 1] - cut[p]) * rule.node[j];
    }
    /// ∫_0^τ ψ(v) kernel(v) dv: whole panels by their own nodes, the last one by interpolation.
    template<class Kernel> double integral_to(double tau, Kernel&& kernel) const
    {
        double sum = 0;
        std::vector<double> basis(nodes());
        for (std::size_t p = 0; p + 1 < cut.size() && cut[p] < tau; ++p) {
            const double half = 0.5 * (cut[p + 1] - cut[p]);
            if (cut[p + 1] <= tau) {
                for (std::size_t j = 0; j < nodes(); ++j)
                    sum += half * rule.weight[j] * psi[p * nodes() + j] * kernel(node(p, j));
            } else {
                sum += integrate(rule, cut[p], tau, [&](double v) {
                    lagrange_basis(rule, (v - cut[p]) / half - 1, basis);
                    return kernel(v) * std::inner_product(basis.begin(), basis.end(), &psi[p * nodes()], 0.0);
                });
            }
        }
        return sum;
    }
};

/// g_l(m) for one side and one target, with n nodes a panel.
double constant(const Side& side, const Target& target, int n)
{
    if (side.order == 1) return first_level(side, target, side.delta());
    const GaussRule& rule = gauss_rule(n);
    const std::vector<double> cut = panels(side, target, gauss_rule(coarse_nodes));
    const double alpha = side.noise->tail_index();

    Level level{rule, cut, std::vector<double>((cut.size() - 1) * rule.node.size())};
    const auto next = [&](double tau, int k) { // g_{k+1} at x = start(k + 1) + τ, from ψ_k
        const double shift = side.gap() + (side.delta() - tau);
        return side.strength(side.start(k + 1) + tau) *
               level.integral_to(tau, [&](double v) { return std::pow(shift + v, -alpha); });
    };
    for (int k = 1; k < side.order; ++k) {
        std::vector<double> psi(level.psi.size());
        for (std::size_t p = 0; p + 1 < cut.size(); ++p)
            for (std::size_t j = 0; j < rule.node.size(); ++j) {
                const double tau = level.node(p, j);
                const double g = k == 1 ? first_level(side, target, tau) : next(tau, k - 1);
                psi[p * rule.node.size() + j] = g / side.slope(side.start(k) + tau);
            }
        level.psi = std::move(psi);
    }
    return next(side.delta(), side.order - 1);
}

/// p_± σ^α [ (near)^{-α} - (far)^{-α} ] for one unclipped jump.
double unclipped(const Side& side, const Target& target)
{
    const double alpha = side.noise->tail_index();
    const double near = side.distance + target.near;
    return side.strength(0) * std::pow(near, -alpha) *
           -std::expm1(-alpha * std::log1p((target.far - target.near) / near));
}

/// How much rounding may change a constant, relative to it: that of pow and of the sums of each level, and a blur of
/// the places times |d log q / d log place|, at most one for each factor of the integrand of which a small distance is
/// the base: jumps and 1/f' at least `gap` long or away, l - 1 integrals over the τ left beyond `near`, and the
/// target's width.
double rounding(const Side& side, const Target& target)
{
    const double l = side.order, alpha = side.noise->tail_index();
    const double window = side.order == 1 ? 0 : (l - 1) / (side.delta() - target.near);
    return 64 * std::numeric_limits<double>::epsilon() * l +
           side.blur() * ((l * alpha + l - 1) / side.gap() + window + 1 / (target.far - target.near));
}

/// A single clipped jump is an atom; landing on a saddle, it belongs to neither side. Later jumps start from a
/// continuum.
void refuse_landing_on_saddle(const Landscape& f, std::size_t i, double b)
{
    for (const double s : f.saddles())
        if (std::abs(std::abs(s - f.minima()[i]) - b) <= 1e-9 * b)
            throw BadInput(
                fmt::format("well {} at clip {:.6g}: one clipped jump from the minimum lands on the saddle {:.9g}, so "
                            "its exit constants are ambiguous: change clip",
                            i + 1, b, s));
}

}

ExitConstants exit_constants(const Landscape& f, const Noise& noise, const Function& sigma, std::size_t i, double b,
                             double rtol)
{
    ExitConstants q{exit_order(f, i, b), std::vector<double>(f.wells(), 0.0), 0.0};
    if (q.order == 1 && std::isfinite(b)) refuse_landing_on_saddle(f, i, b);

    bool tailless = false; // the noise has no tail towards a saddle within reach
    for (const double sign : {-1.0, 1.0}) {
        const double saddle = sign < 0 ? f.left(i) : f.right(i);
        const double distance = sign * (saddle - f.minima()[i]);
        if (std::isinf(distance)) continue;
        const Side side{f, noise, sigma, sign, f.minima()[i], distance, b, q.order};
        if (side.delta() <= 0) continue; // out of reach of l* jumps
        if (side.weight() == 0) {
            tailless = true;
            continue;
        }

        for (std::size_t j = 0; j < f.wells(); ++j) {
            if (sign < 0 ? j >= i : j <= i) continue;
            const Target target{sign * ((sign < 0 ? f.right(j) : f.left(j)) - saddle),
                                sign * ((sign < 0 ? f.left(j) : f.right(j)) - saddle)};
            if (target.near >= side.delta()) continue;
            q.to[j] = std::isinf(b) ? unclipped(side, target) : constant(side, target, fine_nodes);
            const double coarse = std::isinf(b) ? q.to[j] : constant(side, target, coarse_nodes);
            if (!(q.to[j] > 0) || !std::isfinite(q.to[j]))
                throw NotConverged(
                    fmt::format("exit constants of well {} at clip {:.6g}, where l* = {}, leave the range of "
                                "floating-point numbers: choose a larger clip",
                                i + 1, b, q.order));
            q.error = std::max(q.error, rounding(side, target) + std::abs(coarse / q.to[j] - 1));
        }
    }
    if (tailless && q.total() == 0)
        throw BadInput(
            fmt::format("well {} at clip {:.6g} has its nearer saddle where the noise has no tail (p_plus = {}): "
                        "the exit theorem needs one there",
                        i + 1, b, noise->p_plus()));
    if (q.error > rtol)
        throw NotConverged(
            fmt::format("exit constants of well {} at clip {:.6g}: relative error {:.1e} where {:.1e} was asked", i + 1,
                        b, q.error, rtol));
    return q;
}

}
