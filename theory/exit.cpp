#include "theory/exit.hpp"

#include "theory/climb.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

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
    if (ratio > 1e6)
        throw BadInput(fmt::format("well {} at clip {:.6g} needs {:.3g} clipped jumps to leave: choose a larger clip",
                                   i + 1, b, ratio));
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

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();

void refuse_light_tails(const Noise& noise)
{
    if (noise->heavy_tailed()) return;
    throw BadInput(fmt::format("'{}' has no heavy tail: the exit theorem does not apply; see Kramers", noise->name()));
}

/// How far a zero x of f', found in floating-point numbers, may be from the true one: twice what f' is there, and may
/// be by its rounding noise, over |f''|, and half a unit in the last place. 0 for an end at infinity.
double place_error(const Function& f, double x, double length)
{
    if (std::isinf(x)) return 0;
    const model::Jet j = f.jet(x);
    return 2 * (std::abs(j.first) + scatter(f, x, length)) / std::abs(j.second) + 0.5 * epsilon * std::abs(x);
}

/// q of one jump: the mass beyond `near`, and, where b lets it pass the field, not beyond `far`.
double one_jump(const Side& side, const Target& target)
{
    const double alpha = side.noise->tail_index(), near = side.distance + target.near;
    const bool overshoots = side.delta() > target.far;
    return side.strength(0) *
           (overshoots ? mass_between(near, side.distance + target.far, alpha) : std::pow(near, -alpha));
}

/// q(A) with n nodes a panel, whatever l is.
double constant(const Side& side, const std::vector<double>& cut, const Target& target, int n)
{
    return side.order == 1 ? one_jump(side, target) : Climb(side, cut, gauss_rule(n)).into(target);
}

/// Absolute errors of the places that q_{i,j} depends on: m, the saddle passed, and the ends of the field entered.
struct PlaceErrors {
    double minimum;
    double saddle;
    double near;
    double far;
};

/// What they do to q, relative to it: each place is moved outwards by a thousandth of the smallest distance, and q
/// computed anew, with 8 nodes a panel. Rounded lengths (s - m, lb, s - kb) count as errors of m and s.
double blur(const Side& side, const std::vector<double>& cut, const Target& target, const PlaceErrors& error)
{
    constexpr int nodes = 8;
    const double window = side.order == 1 ? infinity : side.delta() - target.near;
    const double h = 1e-3 * std::min({side.gap(), window, target.far - target.near});
    const double q = constant(side, cut, target, nodes);
    const auto change = [&](const PlaceErrors& by) {
        Side moved = side;
        moved.minimum += side.sign * by.minimum;
        moved.distance += by.saddle - by.minimum;
        std::vector<double> cuts = cut;
        for (double& c : cuts) c *= moved.delta() / side.delta();
        const double near = target.near > 0 ? std::max(0.0, target.near + (by.near - by.saddle)) : 0;
        return std::abs(constant(moved, cuts, {near, target.far + (by.far - by.saddle)}, nodes) / q - 1) / h;
    };
    const double lengths = 2 * epsilon * (side.distance + (side.order == 1 ? 0 : side.order * side.b));
    double sum = change({.minimum = h, .saddle = 0, .near = 0, .far = 0}) * (error.minimum + lengths) +
                 change({.minimum = 0, .saddle = h, .near = 0, .far = 0}) * (error.saddle + lengths);
    if (target.near > 0) sum += change({.minimum = 0, .saddle = 0, .near = h, .far = 0}) * error.near;
    if (side.delta() > target.far) sum += change({.minimum = 0, .saddle = 0, .near = 0, .far = h}) * error.far;
    return sum;
}

/// l* full jumps that end on a saddle. One jump is an atom, and the saddle belongs to neither side; more than one start
/// the last from a continuum, so they enter the field behind with probability 0 or nearly so, and rounded numbers
/// cannot tell which.
void refuse_landing_on_saddle(const Landscape& f, std::size_t i, double b, int order)
{
    for (std::size_t k = 0; k < f.saddles().size(); ++k) {
        const double s = f.saddles()[k], m = f.minima()[i];
        if (!(std::abs(std::abs(s - m) - order * b) <= 1e-9 * b)) continue;
        if (order == 1)
            throw BadInput(
                fmt::format("well {} at clip {:.6g}: one clipped jump from the minimum lands on the saddle {:.9g}, so "
                            "its exit constants are ambiguous: change clip",
                            i + 1, b, s));
        throw BadInput(
            fmt::format("well {} at clip {:.6g}: l* = {} full jumps end on the saddle {:.9g}, so it is undecided "
                        "whether they enter well {}: change clip",
                        i + 1, b, order, s, s > m ? k + 2 : k + 1));
    }
}

[[noreturn]] void out_of_range(std::size_t i, double b, int order)
{
    throw NotConverged(
        fmt::format("exit constants of well {} at clip {:.6g}, where l* = {}, leave the range of floating-point "
                    "numbers: choose a larger clip",
                    i + 1, b, order));
}

/// q_{i,j} of every field j that l jumps over this side enter, from the nearest on, and their error.
void add_exits(const Side& side, std::size_t i, ExitConstants& q)
{
    const bool right = side.sign > 0;
    const auto near_end = [&](std::size_t j) { return right ? side.f.left(j) : side.f.right(j); };
    const auto far_end = [&](std::size_t j) { return right ? side.f.right(j) : side.f.left(j); };
    const auto error_of = [&](double x) { return place_error(side.f.potential(), x, side.distance); };
    const double saddle = far_end(i), rounding = 4 * (1 + side.noise->tail_index()) * side.order * epsilon;

    const std::vector<double> cut = side.order > 1 ? climb_panels(side) : std::vector<double>{};
    std::optional<Climb> climb;
    if (side.order > 1) climb.emplace(side, cut, gauss_rule(24));
    PlaceErrors error{error_of(side.minimum), error_of(saddle), 0, 0};
    error.far = error.saddle;
    for (std::size_t j = i; j != (right ? side.f.wells() - 1 : 0);) {
        j = right ? j + 1 : j - 1;
        const Target target{side.sign * (near_end(j) - saddle), side.sign * (far_end(j) - saddle)};
        if (target.near >= side.delta()) break;
        error.near = std::exchange(error.far, error_of(far_end(j)));

        q.to[j] = climb ? climb->into(target) : one_jump(side, target);
        const double relative = rounding + (climb ? climb->ripple() : 0) + blur(side, cut, target, error);
        if (!(q.to[j] > 1e-290 && q.to[j] < 1e290) || !std::isfinite(relative)) out_of_range(i, side.b, side.order);
        q.error = std::max(q.error, relative);
    }
}

}

ExitConstants exit_constants(const Landscape& f, const Noise& noise, const Function& sigma, std::size_t i, double b,
                             double rtol)
{
    refuse_light_tails(noise);
    ExitConstants q{exit_order(f, i, b), std::vector<double>(f.wells(), 0.0), 0.0};
    if (q.order > 1000) out_of_range(i, b, q.order);
    if (std::isfinite(b)) refuse_landing_on_saddle(f, i, b, q.order);

    bool tailless = false; // the noise has no tail towards a saddle within reach
    for (const double sign : {-1.0, 1.0}) {
        const double distance = sign * ((sign < 0 ? f.left(i) : f.right(i)) - f.minima()[i]);
        const Side side{f, noise, sigma, sign, f.minima()[i], distance, b, q.order};
        if (std::isinf(distance) || side.delta() <= 0) continue; // no saddle, or out of reach of l* jumps
        if (side.weight() == 0)
            tailless = true;
        else
            add_exits(side, i, q);
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

std::vector<double> unclipped_constants(const Landscape& f, const Noise& noise, const Function& sigma, std::size_t i)
{
    refuse_light_tails(noise);
    const double m = f.minima()[i], alpha = noise->tail_index(), strength = std::pow(sigma.value(m), alpha);
    std::vector<double> q(f.wells(), 0.0);
    for (std::size_t j = 0; j < q.size(); ++j)
        if (j > i)
            q[j] = noise->p_plus() * strength * mass_between(f.left(j) - m, f.right(j) - m, alpha);
        else if (j < i)
            q[j] = (1 - noise->p_plus()) * strength * mass_between(m - f.right(j), m - f.left(j), alpha);
    return q;
}

}
