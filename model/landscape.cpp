#include "model/landscape.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::model
{

namespace
{

struct CriticalPoint {
    double x;
    bool minimum;
};

double checked_gradient(const Function& f, double x)
{
    const Jet j = f.jet(x);
    if (!std::isfinite(j.value) || !std::isfinite(j.first))
        throw BadInput(
            fmt::format("the potential is not finite at x = {:.6g} (f = {}, f' = {}): choose a domain where it is", x,
                        j.value, j.first));
    return j.first;
}

/// The zero of f' in [lo, hi], where f' changes sign: toms748, then as many Newton steps as still improve it.
double refine(const Function& f, double lo, double hi)
{
    std::uintmax_t iterations = 100;
    const auto g = [&](double x) { return f.gradient(x); };
    const auto [a, b] =
        boost::math::tools::toms748_solve(g, lo, hi, boost::math::tools::eps_tolerance<double>(52), iterations);
    double x = std::abs(g(a)) < std::abs(g(b)) ? a : b;
    for (int k = 0; k < 3; ++k) {
        const Jet j = f.jet(x);
        const double next = x - j.first / j.second;
        if (!(next >= lo && next <= hi) || std::abs(g(next)) >= std::abs(j.first)) break;
        x = next;
    }
    return x;
}

}

Landscape::Landscape(Function f, Domain domain, int grid) : f_(std::move(f)), domain_(domain)
{
    if (!(domain.lo < domain.hi) || !std::isfinite(domain.lo) || !std::isfinite(domain.hi))
        throw BadInput(
            fmt::format("domain = [{}, {}] must be two finite numbers in increasing order", domain.lo, domain.hi));

    const double width = domain.hi - domain.lo;
    const auto point = [&](int k) { return domain.lo + width * k / grid; };
    std::vector<double> slope(static_cast<std::size_t>(grid) + 1);
    double steepest = 0;
    for (int k = 0; k <= grid; ++k) {
        slope[static_cast<std::size_t>(k)] = checked_gradient(f_, point(k));
        steepest = std::max(steepest, std::abs(slope[static_cast<std::size_t>(k)]));
    }

    std::vector<CriticalPoint> found;
    const auto accept = [&](double x) {
        const double curvature = f_.curvature(x);
        if (std::abs(curvature) * width <= 1e-7 * steepest || !std::isfinite(curvature))
            throw BadInput(
                fmt::format("critical point {:.9g} is degenerate (f'' = {:.3g}): the theory needs f'' ≠ 0 at every "
                            "critical point",
                            x, curvature));
        found.push_back({x, curvature > 0});
    };
    for (int k = 0; k < grid; ++k) {
        const double here = slope[static_cast<std::size_t>(k)];
        const double next = slope[static_cast<std::size_t>(k) + 1];
        if (here == 0 && k > 0 && k < grid)
            accept(point(k));
        else if ((here < 0) != (next < 0) && here != 0 && next != 0)
            accept(refine(f_, point(k), point(k + 1)));
        else if (k > 0 &&
                 here != 0) { // |f'| has a local least value at the grid point: a double zero must not slip through
            const double before = slope[static_cast<std::size_t>(k) - 1];
            if (std::abs(here) < std::abs(before) && std::abs(here) <= std::abs(next) && (before < 0) == (here < 0) &&
                std::abs(here) <= 1e-9 * steepest)
                throw BadInput(
                    fmt::format("f' touches zero near x = {:.9g} without changing sign: a degenerate critical "
                                "point, which the theory does not cover",
                                point(k)));
        }
    }

    for (const double kink : f_.kinks())
        for (const auto& c : found)
            if (std::abs(c.x - kink) <= 1e-12 * width)
                throw BadInput(
                    fmt::format("the critical point {:.9g} is at a kink of f: the theory needs f'' there", c.x));

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
    if (minima_.size() > 256)
        throw BadInput(fmt::format("the potential has {} wells; at most 256 are supported", minima_.size()));
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

}
