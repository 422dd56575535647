#include "model/landscape.hpp"

#include "model/critical.hpp"
#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::model
{

namespace
{

CriticalSearch search_in(const Function& f, const Domain& domain)
{
    if (!(domain.lo < domain.hi) || !std::isfinite(domain.lo) || !std::isfinite(domain.hi))
        throw BadInput(
            fmt::format("domain = [{}, {}] must be two finite numbers in increasing order", domain.lo, domain.hi));
    CriticalSearch search{.lo = domain.lo, .hi = domain.hi, .most_minima = Landscape::most_wells};
    constexpr int samples = 128;
    for (int k = 0; k <= samples; ++k) {
        const double x = k == samples ? domain.hi : domain.lo + search.width() * k / samples;
        const Jet j = finite_jet(f, x);
        search.steepest = std::max(search.steepest, std::abs(j.first));
    }
    return search;
}

/// What the search leaves: nearly degenerate points, and declared kinks.
void check(const Function& f, const CriticalPoint& c, const CriticalSearch& s)
{
    const double curvature = f.curvature(c.x), least = Landscape::nearly_degenerate * s.steepest / s.width();
    for (const double kink : f.kinks())
        if (std::abs(c.x - kink) <= 1e-12 * s.width())
            throw BadInput(fmt::format("the {} {:.9g} is at a kink of f: the theory needs f'' there",
                                       c.minimum ? "minimum" : "maximum", c.x));
    if (!(std::abs(curvature) > least) || !std::isfinite(curvature) || (curvature > 0) != c.minimum)
        throw BadInput(fmt::format("critical point {:.9g} is nearly degenerate (f'' = {:.3g}, while {:.3g} is {:g} of "
                                   "the largest |f'| over the width of the domain): the theory needs f'' ≠ 0 at every "
                                   "critical point",
                                   c.x, curvature, least, Landscape::nearly_degenerate));
}

/// A critical point within the tolerance of an end, inside or just outside: one Newton step from the end finds it.
void check_end(const Function& f, double end, const CriticalSearch& s)
{
    const Jet j = f.jet(end);
    if (std::abs(j.first) <= Landscape::edge * s.width() * std::abs(j.second))
        refuse_edge(j.second > 0, end - j.first / j.second, s);
}

}

Landscape::Landscape(Function f, Domain domain) : f_(std::move(f)), domain_(domain)
{
    const CriticalSearch search = search_in(f_, domain_);
    const auto found = certified() ? certified_critical_points(f_, search) : sampled_critical_points(f_, search);
    for (const CriticalPoint& c : found) check(f_, c, search);
    check_end(f_, domain.lo, search);
    check_end(f_, domain.hi, search);

    for (std::size_t k = 0; k < found.size(); ++k) {
        const bool expected = k % 2 == 0;
        if (found[k].minimum != expected)
            throw BadInput(
                k == 0 ? fmt::format("the leftmost critical point {:.9g} is a maximum: widen or shrink the domain so "
                                     "that it begins in an attraction field",
                                     found[k].x)
                       : fmt::format("critical points {:.9g} and {:.9g} are of the same kind: one between them was "
                                     "missed or is degenerate",
                                     found[k - 1].x, found[k].x));
        (expected ? minima_ : saddles_).push_back(found[k].x);
    }
    if (!found.empty() && !found.back().minimum)
        throw BadInput(
            fmt::format("the rightmost critical point {:.9g} is a maximum: widen or shrink the domain so that it ends "
                        "in an attraction field",
                        found.back().x));
    if (minima_.empty()) throw BadInput(fmt::format("the potential has no minimum in [{}, {}]", domain.lo, domain.hi));
    if (minima_.size() == 1)
        throw BadInput(
            fmt::format("the potential has one well only (minimum {:.9g}): there is nothing to exit", minima_[0]));
}

double Landscape::left(std::size_t i) const
{
    return i == 0 ? -std::numeric_limits<double>::infinity() : saddles_[i - 1];
}

double Landscape::right(std::size_t i) const
{
    return i + 1 == wells() ? std::numeric_limits<double>::infinity() : saddles_[i];
}

double Landscape::radius(std::size_t i) const { return std::min(minima_[i] - left(i), right(i) - minima_[i]); }

std::size_t Landscape::well_of(double x) const
{
    return static_cast<std::size_t>(std::upper_bound(saddles_.begin(), saddles_.end(), x) - saddles_.begin());
}

std::vector<double> turns_beyond(const Landscape& f)
{
    constexpr int samples = 1000;
    const Function& potential = f.potential();
    const auto [lo, hi, clamp] = f.domain();
    const double step = 0.5 * (hi - lo) / samples;
    std::vector<double> turns;
    for (const double sign : {-1.0, 1.0}) { // inwards f falls: sign · f' > 0 until it turns
        const double end = sign < 0 ? lo : hi;
        for (int k = 1; k <= samples; ++k) {
            const double slope = sign * potential.gradient(end + sign * step * k);
            if (!std::isfinite(slope)) break;
            if (slope > 0) continue;
            const double within = end + sign * step * (k - 1), past = end + sign * step * k;
            turns.push_back(refined_zero(potential, std::min(within, past), std::max(within, past)));
            break;
        }
    }
    return turns;
}

}
