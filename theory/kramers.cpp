#include "theory/kramers.hpp"

#include "model/error.hpp"
#include "theory/panel.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

namespace exeunt::theory
{

using model::Function;
using model::Jet;
using model::Landscape;
using std::numbers::pi;

double SaddleExit::mean() const { return std::exp(log_mean); }
double SaddleExit::left() const { return std::exp(log_rate_left + log_mean); }
double SaddleExit::right() const { return std::exp(log_rate_right + log_mean); }

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double overshoot = 0.58259715793901; // -ζ(1/2)/√(2π): mean of a Gaussian walk's overshoot, in its steps
constexpr double negligible = 45;              // e^-45 = 3e-20
constexpr int nodes = 16;

/// A diffusion along one direction, t ≥ 0 the distance from m: dψ/dt, a part of ψ in closed form, and D.
struct Motion {
    std::function<double(double)> slope;
    std::function<double(double)> level;
    std::function<double(double)> diffusivity;
};

/// Everything of the problem but the way in which the exit is computed.
struct Problem {
    const Landscape& f;
    const Function& sigma;
    double scale;
    std::size_t well;
    double b;
    double eta;

    double minimum() const { return f.minima()[well]; }
    double saddle(double sign) const { return sign > 0 ? f.right(well) : f.left(well); }
    double temperature(double x) const { return 0.5 * eta * std::pow(scale * sigma.value(x), 2); } ///< D
    double step(double x) const { return eta * scale * sigma.value(x); } ///< standard deviation of a step
    double curvature(double x) const { return std::abs(f.potential().curvature(x)); }
};

/// ψ' = ±f'/D.
Motion diffusion(const Problem& p, double sign)
{
    const double m = p.minimum();
    return {
        .slope = [=,
                  &p](double t) { return sign * p.f.potential().gradient(m + sign * t) / p.temperature(m + sign * t); },
        .level = [](double) { return 0.0; },
        .diffusivity = [=, &p](double t) { return p.temperature(m + sign * t); }};
}

/// Euler's scheme as a diffusion. The least cost Φ(x) of reaching x, Φ(x₊) = min_x Φ(x) + (x₊ - x + ηf')²/(4ησ²), is
///
///     Φ' = f'/σ² - (η/2) f' (f'/σ²)' + O(η²),     for σ = 1: f' - (η/2) f' f'' + (η²/12) f'² f''' + O(η³),
///
/// by expanding in η, and ψ = 2Φ/(η s²). The last term, integrated by parts, is -(η²/6) f' f''² where f' = 0 at the
/// end. For σ = 1 there is also D (1 + η f'') in place of D, and a drift (η/2) D f''' (backward error analysis, as
/// Shardlow 2006). Each expansion is continued so that it stays positive where η f'' is not small.
Motion scheme(const Problem& p, double sign)
{
    const double m = p.minimum(), h = p.eta;
    if (!p.sigma.is_constant())
        return {.slope =
                    [=, &p](double t) {
                        const double x = m + sign * t;
                        const Jet g = p.f.potential().jet(x), s = p.sigma.jet(x);
                        const double bend = h / 2 * (g.second - 2 * g.first * s.first / s.value); // (η/2) σ² (f'/σ²)'
                        return sign * g.first / p.temperature(x) / (1 + bend + bend * bend);
                    },
                .level = [](double) { return 0.0; },
                .diffusivity = [=, &p](double t) { return p.temperature(m + sign * t); }};
    const double d = p.temperature(m), at_m = p.f.potential().curvature(m);
    return {.slope =
                [=, &p](double t) {
                    const Jet g = p.f.potential().jet(m + sign * t);
                    const double bend = h / 2 * g.second;
                    return sign * g.first / d / (1 + bend + 5 * bend * bend / 3);
                },
            .level = [=, &p](double t) { return h / 2 * (at_m - p.f.potential().curvature(m + sign * t)); },
            .diffusivity = [=, &p](double t) { return d * std::exp(h * p.f.potential().curvature(m + sign * t)); }};
}

/// A stretch of t on which dψ/dt is a polynomial to rounding.
struct Stretch {
    double from;
    double to;
    double start; ///< ψ at `from`, without the closed part
    double rise;  ///< ∫ dψ/dt over it
};

/// Entry (j, k): ∫_{-1}^{x_j} ℓ_k, so that values at the nodes give the integral up to each node: the mirror image of
/// the integral from a node to the end.
const std::vector<std::vector<double>>& integral_to_nodes()
{
    static const auto matrix = [] {
        const EndRule& end = end_rule(nodes);
        constexpr std::size_t n = nodes, last = nodes - 1;
        std::vector<std::vector<double>> w(n, std::vector<double>(n, 0.0));
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t g = (last - j) * n; g < (last - j + 1) * n; ++g)
                for (std::size_t k = 0; k < n; ++k) w[j][k] += end.weight[g] * end.basis[g * n + last - k];
        return w;
    }();
    return matrix;
}

std::vector<double> at_nodes(const std::function<double(double)>& g, double from, double to)
{
    std::vector<double> values;
    for (const double x : gauss_rule(nodes).node) values.push_back(g(0.5 * (from + to) + 0.5 * (to - from) * x));
    return values;
}

double total(const std::vector<double>& values, double from, double to)
{
    double sum = 0;
    for (std::size_t j = 0; j < values.size(); ++j) sum += gauss_rule(nodes).weight[j] * values[j];
    return 0.5 * (to - from) * sum;
}

/// Cuts [from, to] until dψ/dt is resolved to 1e-11 in ψ, or as well as rounding allows.
void resolve(const Motion& motion, double from, double to, int depth, std::vector<Stretch>& found)
{
    const std::vector<double> slope = at_nodes(motion.slope, from, to);
    double steepest = 0;
    for (const double v : slope) {
        if (!std::isfinite(v))
            throw NotConverged(
                fmt::format("Kramers' time: f' or the diffusion fails within {:.3g} of the minimum", to));
        steepest = std::max(steepest, std::abs(v));
    }
    if ((to - from) * legendre_tail(gauss_rule(nodes), slope) > 1e-11 + 3e-14 * (to - from) * steepest) {
        if (depth == 40) throw NotConverged("Kramers' time: f' is not smooth enough to be integrated");
        resolve(motion, from, 0.5 * (from + to), depth + 1, found);
        resolve(motion, 0.5 * (from + to), to, depth + 1, found);
        return;
    }
    const double start = found.empty() ? 0 : found.back().start + found.back().rise;
    found.push_back({from, to, start, total(slope, from, to)});
}

/// Halves a stretch until ψ varies by at most 4 on it, so that e^{±ψ} is a polynomial to 1e-13.
void halve(const Motion& motion, const Stretch& s, const std::function<bool(double, double)>& matters,
           std::vector<Stretch>& found)
{
    const double low = std::min(s.start, s.start + s.rise), high = std::max(s.start, s.start + s.rise);
    if (std::abs(s.rise) <= 4 || !matters(low, high)) {
        found.push_back(s);
        return;
    }
    const double middle = 0.5 * (s.from + s.to), rise = total(at_nodes(motion.slope, s.from, middle), s.from, middle);
    halve(motion, {s.from, middle, s.start, rise}, matters, found);
    halve(motion, {middle, s.to, s.start + rise, s.rise - rise}, matters, found);
}

/// One side of Ω_i: log B and log T, the integrals of the header; B = ∞ and V/B = 1 where there is no saddle.
struct Side {
    double log_barrier;
    double time;
};

Side integrate_side(const Motion& motion, const std::vector<Stretch>& path, bool saddle)
{
    double top = -infinity;
    for (const Stretch& s : path) top = std::max({top, s.start, s.start + s.rise});
    const auto matters = [&](double low, double high) {
        return low < negligible || (saddle && high > top - negligible);
    };
    std::vector<Stretch> fine;
    for (const Stretch& s : path) halve(motion, s, matters, fine);

    double beyond = 0, time = 0; // ∫ e^{ψ - top} over what lies further out; ∫ e^{-ψ}/D · V
    for (auto s = fine.rbegin(); s != fine.rend(); ++s) {
        if (!matters(std::min(s->start, s->start + s->rise), std::max(s->start, s->start + s->rise))) continue;
        const double half = 0.5 * (s->to - s->from);
        const std::vector<double> slope = at_nodes(motion.slope, s->from, s->to),
                                  level = at_nodes(motion.level, s->from, s->to),
                                  d = at_nodes(motion.diffusivity, s->from, s->to);
        std::vector<double> psi(nodes, s->start), up(nodes);
        for (std::size_t j = 0; j < nodes; ++j) {
            for (std::size_t k = 0; k < nodes; ++k) psi[j] += half * integral_to_nodes()[j][k] * slope[k];
            psi[j] += level[j];
            up[j] = saddle ? std::exp(psi[j] - top) : 0;
        }
        const double here = total(up, s->from, s->to);
        for (std::size_t j = 0; j < nodes; ++j) {
            double inside = 0;
            for (std::size_t k = 0; k < nodes; ++k) inside += half * integral_to_nodes()[j][k] * up[k];
            const double remaining = saddle ? beyond + (here - inside) : 1;
            time += half * gauss_rule(nodes).weight[j] * std::exp(-psi[j]) / d[j] * remaining;
        }
        beyond += here;
    }
    return saddle ? Side{top + std::log(beyond), time / beyond} : Side{infinity, time};
}

/// Distances from m between which f' and σ are smooth: to the saddle and `extra` beyond it, to the wall, or as far as
/// ψ rises by 45.
std::vector<Stretch> path_to(const Problem& p, const Motion& motion, double sign, double extra)
{
    const double m = p.minimum(), saddle = p.saddle(sign);
    const double edge = sign > 0 ? p.f.domain().hi : p.f.domain().lo;
    const bool open = std::isinf(saddle);
    std::vector<Stretch> path;
    const double wall = std::abs(edge - m);
    double from = 0, to = open ? wall / 16 : std::abs(saddle - m) + extra;
    for (int doubling = 0;; ++doubling) {
        if (open && p.f.domain().clamp) to = std::min(to, wall);
        std::vector<double> cut{from, to};
        for (const Function* g : {&p.f.potential(), &p.sigma})
            for (const double kink : g->kinks())
                if (const double t = sign * (kink - m); t > from && t < to) cut.push_back(t);
        std::sort(cut.begin(), cut.end());
        for (std::size_t k = 0; k + 1 < cut.size(); ++k)
            if (cut[k] < cut[k + 1]) resolve(motion, cut[k], cut[k + 1], 0, path);
        const double reached = path.back().start + path.back().rise;
        if (!open || reached > negligible || (p.f.domain().clamp && to == wall)) return path;
        if (doubling == 60 || reached < 0)
            throw NotConverged(fmt::format("Kramers' time: nothing holds X {} well {}: clamp it to the domain",
                                           sign > 0 ? "on the right of" : "on the left of", p.well + 1));
        from = to;
        to *= 2;
    }
}

SaddleExit combine(double eta, double log_barrier_left, double log_barrier_right, double log_time)
{
    SaddleExit exit{.log_mean = 0,
                    .log_rate_left = std::log(eta) - log_barrier_left - log_time,
                    .log_rate_right = std::log(eta) - log_barrier_right - log_time};
    const double larger = std::max(exit.log_rate_left, exit.log_rate_right);
    exit.log_mean = -larger - std::log(std::exp(exit.log_rate_left - larger) + std::exp(exit.log_rate_right - larger));
    return exit;
}

using MotionOf = Motion(const Problem&, double);

/// The exit of a diffusion, absorbed `steps` standard deviations of a step beyond its saddles.
SaddleExit by_quadrature(const Problem& p, MotionOf motion_of, double steps)
{
    Side side[2];
    for (const double sign : {-1.0, 1.0}) {
        const Motion motion = motion_of(p, sign);
        const double saddle = p.saddle(sign);
        const bool closed = std::isfinite(saddle);
        const double extra = closed ? steps * p.step(saddle) : 0;
        side[sign > 0] = integrate_side(motion, path_to(p, motion, sign, extra), closed);
    }
    return combine(p.eta, side[0].log_barrier, side[1].log_barrier, std::log(side[0].time + side[1].time));
}

/// What Euler's scheme adds to the exponent where σ varies: ∫_m^s f'² σ'/(s² σ³), of order 1 as η → 0.
double scheme_exponent(const Problem& p, double sign)
{
    if (p.sigma.is_constant()) return 0;
    const double m = p.minimum();
    const Motion motion{.slope =
                            [&](double t) {
                                const double x = m + sign * t;
                                const Jet s = p.sigma.jet(x);
                                const double g = p.f.potential().gradient(x) / (p.scale * s.value);
                                return sign * g * g * s.first / s.value;
                            },
                        .level = {},
                        .diffusivity = {}};
    const std::vector<Stretch> path = path_to(p, motion, sign, 0);
    return path.back().start + path.back().rise;
}

/// ψ at the saddle; ∞ where there is none.
double barrier(const Problem& p, double sign)
{
    if (std::isinf(p.saddle(sign))) return infinity;
    const Stretch last = path_to(p, diffusion(p, sign), sign, 0).back();
    return last.start + last.rise;
}

/// Laplace's method: B = ½ √(2π/|ψ''(s)|) e^{ψ(s)}, half a Gaussian peak; T = √(2π/ψ''(m))/D(m); ψ'' = f''/D at both.
/// `rise` holds ψ at the two saddles.
SaddleExit by_laplace(const Problem& p, const std::array<double, 2>& rise)
{
    const double m = p.minimum();
    std::array<double, 2> log_barrier = rise;
    for (const double sign : {-1.0, 1.0}) {
        const double s = p.saddle(sign);
        if (std::isfinite(s))
            log_barrier[sign > 0] +=
                scheme_exponent(p, sign) + 0.5 * std::log(pi / 2 * p.temperature(s) / p.curvature(s));
    }
    const double log_time = 0.5 * std::log(2 * pi / (p.curvature(m) * p.temperature(m)));
    return combine(p.eta, log_barrier[0], log_barrier[1], log_time);
}

/// On its most likely way out X takes steps ηf', with noise of standard deviation ησs about them: how many of these fit
/// under the clip, at the narrowest place.
double clip_deviations(const Problem& p)
{
    double least = infinity;
    for (const double sign : {-1.0, 1.0}) {
        const double saddle = p.saddle(sign), m = p.minimum();
        if (std::isinf(saddle)) continue;
        for (int k = 0; k <= 200; ++k) {
            const double x = m + (saddle - m) * k / 200;
            least = std::min(least, (p.b - p.eta * std::abs(p.f.potential().gradient(x))) / p.step(x));
        }
    }
    return least;
}

/// What a clip at c standard deviations does to the exponent: it takes the part 2(c φ(c) + Q(c)) of the variance at
/// most.
double clip_effect(double c, double psi)
{
    if (std::isinf(c)) return 0;
    if (c <= 0) return infinity;
    const double beyond = c * std::sqrt(2 / pi) * std::exp(-0.5 * c * c) + std::erfc(c / std::sqrt(2.0));
    return psi * beyond;
}

void check(const Landscape& f, double scale, std::size_t well, double b, double eta)
{
    const auto positive = [](const char* what, double value) {
        if (!(value > 0) || std::isinf(value))
            throw BadInput(fmt::format("Kramers' time: {} = {} must be finite and > 0", what, value));
    };
    positive("the noise's scale", scale);
    positive("learning_rate", eta);
    if (!(b > 0)) throw BadInput(fmt::format("clip = {} must be > 0 or inf", b));
    if (well >= f.wells()) throw BadInput(fmt::format("there is no well {}: there are {}", well + 1, f.wells()));
}

}

KramersTime kramers_time(const Landscape& f, const Function& sigma, double scale, std::size_t well, double b,
                         double eta)
{
    check(f, scale, well, b, eta);
    const Problem p{f, sigma, scale, well, b, eta};
    const std::array<double, 2> rise = {barrier(p, -1), barrier(p, 1)};
    KramersTime time{.asymptotic = by_laplace(p, rise),
                     .diffusion = by_quadrature(p, diffusion, 0),
                     .chain = by_quadrature(p, scheme, overshoot),
                     .barrier = std::min(rise[0], rise[1]),
                     .step = eta * p.curvature(p.minimum()),
                     .clip_deviations = clip_deviations(p),
                     .error = 0,
                     .chain_error = 0};
    for (const double saddle : {f.left(well), f.right(well)})
        if (std::isfinite(saddle)) time.step = std::max(time.step, eta * p.curvature(saddle));
    // What the steps change is known to a part η f'': the exponent, and the rest to η^{3/2}, or η where σ varies.
    const double change = std::abs(time.chain.log_mean - time.diffusion.log_mean);
    time.chain_error = time.step * change + (sigma.is_constant() ? std::pow(time.step, 1.5) : time.step);
    time.chain_error += clip_effect(time.clip_deviations, time.barrier);
    const double distance = std::abs(std::expm1(time.asymptotic.log_mean - time.chain.log_mean));
    time.error = (1 + distance) * (1 + time.chain_error) - 1;
    return time;
}

std::string validity(const KramersTime& time)
{
    const std::string clip = std::isinf(time.clip_deviations)
                                 ? "no clip"
                                 : fmt::format("clip at {:.3g} standard deviations", time.clip_deviations);
    const std::string facts =
        fmt::format("barrier {:.3g} noise temperatures, eta f'' = {:.2g}, {}", time.barrier, time.step, clip);
    if (time.clip_deviations < 4) return "not valid, the clip cuts the steps that lead out: " + facts;
    if (time.barrier < 2) return "not valid, the barrier is too low: " + facts;
    if (time.step > 0.5) return "not valid, the steps are too long for a diffusion: " + facts;
    if (time.error > 0.5) return "an order of magnitude only: " + facts;
    return fmt::format("within about {:.2g}%: {}", 100 * time.error, facts);
}

}
