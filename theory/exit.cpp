#include "theory/exit.hpp"

#include "theory/climb.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>

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

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();

void refuse_light_tails(const Noise& noise)
{
    if (!std::isinf(noise->tail_index())) return;
    throw BadInput(
        fmt::format("'{}' has no heavy tail: the exit theorem does not apply; see Kramers", noise->name()));
}

/// How far a zero x of f', found in floating-point numbers, may be from the true one: twice what f' is there, and may be
/// by its rounding noise, over |f''|, and half a unit in the last place.
double place_error(const Function& f, double x, double length)
{
    const model::Jet j = f.jet(x);
    return 2 * (std::abs(j.first) + scatter(f, x, length)) / std::abs(j.second) + 0.5 * epsilon * std::abs(x);
}

/// q of one jump: mass beyond `near`, and, where b allows to pass the field, not beyond `far`.
double one_jump(const Side& side, const Target& target)
{
    const double alpha = side.noise->tail_index(), near = side.distance + target.near;
    const bool overshoots = side.delta() > target.far;
    return side.strength(0) * (overshoots ? mass_between(near, side.distance + target.far, alpha)
                                          : std::pow(near, -alpha));
}

/// q(A) with n nodes a panel.
double constant(const Side& side, const std::vector<double>& cut, const Target& target, int n)
{
    return side.order == 1 ? one_jump(side, target) : Climb(side, cut, gauss_rule(n)).into(target);
}

/// Errors of the four places that q_{i,j} depends on.
struct PlaceErrors {
    double minimum, saddle, near, far;
};

/// What they do to q, relative to it: each place is moved by a thousandth of the smallest distance, with 8 nodes a panel.
/// The rounding of lb and of the distances counts as an error of m and s.
double blur(const Side& side, const std::vector<double>& cut, const Target& target, const PlaceErrors& error)
{
    constexpr int few = 8;
    const double window = side.order == 1 ? infinity : side.delta() - target.near;
    const double h = 1e-3 * std::min({side.gap(), window, target.far - target.near});
    const double q = constant(side, cut, target, few);
    const auto change = [&](double minimum, double saddle, double near, double far) {
        Side moved = side;
        moved.minimum += side.sign * minimum;
        moved.distance += saddle - minimum;
        std::vector<double> cuts = cut;
        for (double& c : cuts) c *= moved.delta() / side.delta();
        const Target seen{target.near > 0 ? target.near + near - saddle : 0, target.far + far - saddle};
        return std::abs(constant(moved, cuts, seen, few) / q - 1) / h;
    };
    const double lengths = 2 * epsilon * (side.distance + (side.order == 1 ? 0 : side.order * side.b));
    const double passed = side.delta() > target.far ? change(0, 0, 0, h) * error.far : 0;
    const double entered = target.near > 0 ? change(0, 0, h, 0) * error.near : 0;
    return change(h, 0, 0, 0) * (error.minimum + lengths) + change(0, h, 0, 0) * (error.saddle + lengths) + entered + passed;
}

/// l* full jumps that end on a saddle: one jump is an atom, and belongs to neither side; more than one enter the field
/// behind it with probability 0, or hardly ever, and rounded numbers cannot tell which.
void refuse_landing_on_saddle(const Landscape& f, std::size_t i, double b, int order)
{
    for (std::size_t k = 0; k < f.saddles().size(); ++k) {
        const double s = f.saddles()[k], m = f.minima()[i];
        if (std::abs(std::abs(s - m) - order * b) > 1e-9 * order * b) continue;
        if (order == 1)
            throw BadInput(
                fmt::format("well {} at clip {:.6g}: one clipped jump from the minimum lands on the saddle {:.9g}, so "
                            "its exit constants are ambiguous: change clip",
                            i + 1, b, s));
        throw BadInput(
            fmt::format("well {} at clip {:.6g}: l* = {} full jumps end on the saddle {:.9g}, so it is undecided whether "
                        "they enter well {}: change clip",
                        i + 1, b, order, s, s > m ? k + 2 : k + 1));
    }
}

}

ExitConstants exit_constants(const Landscape& f, const Noise& noise, const Function& sigma, std::size_t i, double b,
                             double rtol)
{
    refuse_light_tails(noise);
    ExitConstants q{exit_order(f, i, b), std::vector<double>(f.wells(), 0.0), 0.0};
    if (std::isfinite(b)) refuse_landing_on_saddle(f, i, b, q.order);

    bool tailless = false; // the noise has no tail towards a saddle within reach
    for (const double sign : {-1.0, 1.0}) {
        const double saddle = sign < 0 ? f.left(i) : f.right(i);
        const double distance = sign * (saddle - f.minima()[i]);
        if (std::isinf(distance)) continue;
        const Side s{f, noise, sigma, sign, f.minima()[i], distance, b, q.order};
        if (s.delta() <= 0) continue; // out of reach of l* jumps
        if (s.weight() == 0) {
            tailless = true;
            continue;
        }
        const std::vector<double> cut = s.order == 1 ? std::vector<double>{0, s.delta()} : climb_panels(s);
        std::optional<Climb> fine;
        if (s.order > 1) {
            fine.emplace(s, cut, gauss_rule(24));
        }
        for (std::size_t j = 0; j < f.wells(); ++j) {
            if (sign < 0 ? j >= i : j <= i) continue;
            const double near = sign < 0 ? f.right(j) : f.left(j), far = sign < 0 ? f.left(j) : f.right(j);
            const Target target{sign * (near - saddle), sign * (far - saddle)};
            if (target.near >= s.delta()) continue;
            q.to[j] = fine ? fine->into(target) : one_jump(s, target);
            if (!(q.to[j] > 0) || !std::isfinite(q.to[j]))
                throw NotConverged(
                    fmt::format("exit constants of well {} at clip {:.6g}, where l* = {}, leave the range of "
                                "floating-point numbers: choose a larger clip",
                                i + 1, b, q.order));
            const auto error = [&](double x) { return std::isinf(x) ? 0 : place_error(f.potential(), x, distance); };
            const double rounding = (4 + 4 * noise->tail_index()) * q.order * epsilon;
            const double quadrature = fine ? fine->ripple() : 0;
            const double places = blur(s, cut, target, {error(s.minimum), error(saddle), error(near), error(far)});
            if (std::getenv("PARTS")) fmt::print("parts gap/b {:.4f} delta/b {:.4f} rounding {:.2e} ripple {:.2e} quad {:.2e} places {:.2e}\n", s.gap()/b, s.delta()/b, rounding, fine?fine->ripple():0, quadrature, places);
            q.error = std::max(q.error, rounding + quadrature + places);
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
