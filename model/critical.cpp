#include "model/critical.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <string>

namespace exeunt::model
{

namespace
{

constexpr int first_parts = 64;

struct Part {
    double lo;
    double hi;
    double middle() const { return lo + (hi - lo) / 2; }
    double width() const { return hi - lo; }
    bool is_indivisible() const { return middle() <= lo || middle() >= hi; }
};

/// 64 equal parts, the leftmost last.
std::vector<Part> parts_of(double lo, double hi)
{
    std::vector<Part> parts;
    const auto at = [&](int k) { return k == first_parts ? hi : lo + (hi - lo) * k / first_parts; };
    for (int k = first_parts; k-- > 0;) parts.push_back({at(k), at(k + 1)});
    return parts;
}

void halve(std::vector<Part>& parts, const Part& part)
{
    parts.push_back({part.middle(), part.hi});
    parts.push_back({part.lo, part.middle()});
}

/// From x, one double at a time, to where |f'| is least, so that the result does not depend on how the zero was
/// bracketed.
double least_nearby(const Function& f, double x)
{
    for (int k = 0; k < 8; ++k) {
        const double here = std::abs(f.gradient(x));
        const double below = std::nextafter(x, -Interval::infinity), above = std::nextafter(x, Interval::infinity);
        const double left = std::abs(f.gradient(below)), right = std::abs(f.gradient(above));
        if (!(std::min(left, right) < here)) break;
        x = left < right ? below : above;
    }
    return x;
}

/// `share` of the largest |f'|: how flat; 0: exactly.
[[noreturn]] void refuse_flat(double lo, double hi, double share = 0)
{
    const std::string what = share == 0 ? "f' = 0" : fmt::format("|f'| is below {:g} of its largest value", share);
    throw BadInput(fmt::format("{} at least from {:.6g} to {:.6g}, a flat stretch: the theory needs isolated critical "
                               "points with f'' ≠ 0; add a slope or a curvature there",
                               what, lo, hi));
}
[[noreturn]] void refuse_many(std::size_t most)
{
    throw BadInput(
        fmt::format("the potential has more than {0} wells; at most {0} are supported: narrow the domain", most));
}
[[noreturn]] void refuse_touch(double x)
{
    throw BadInput(fmt::format("f' touches zero near x = {:.9g} without changing sign: a degenerate critical point "
                               "(f' = f'' = 0), which the theory does not cover",
                               x));
}
[[noreturn]] void refuse_kink(bool minimum, double x, double left, double right)
{
    throw BadInput(fmt::format("the {} {:.9g} is at a kink of f, where f' goes from {:.3g} to {:.3g} and f'' does not "
                               "exist: the theory needs f'' {} 0 at every {}; smooth the kink",
                               minimum ? "minimum" : "maximum", x, left, right, minimum ? ">" : "<",
                               minimum ? "minimum" : "saddle"));
}

[[noreturn]] void refuse_branch(bool minimum, double x)
{
    throw BadInput(fmt::format("the {} {:.9g} is where abs, min or max changes branch, or f'' is not finite: the "
                               "theory needs f'' {} 0 at every {}; smooth the potential there",
                               minimum ? "minimum" : "maximum", x, minimum ? ">" : "<",
                               minimum ? "minimum" : "saddle"));
}

class Certified
{
  public:
    Certified(const Function& f, const CriticalSearch& s) : f_(f), s_(s), slope_(sign_at(s.lo)) {}

    std::vector<CriticalPoint> run()
    {
        std::vector<Part> parts = parts_of(s_.lo, s_.hi);
        while (!parts.empty()) {
            const Part part = parts.back();
            parts.pop_back();
            at_ = part.lo;
            const IntervalJet jet = enclosure(Interval(part.lo, part.hi), part.lo);
            if (decides(part, jet)) continue;
            if (blurred_ || part.width() <= s_.smallest * s_.width() || part.is_indivisible()) refuse(part, jet);
            halve(parts, part);
        }
        finish_run(sign_at(s_.hi));
        return std::move(found_);
    }

  private:
    /// Neighbouring parts over which f' is monotone: f'' > 0 (rising) or f'' < 0.
    struct Run {
        Part part;
        int curvature; ///< sign of f''; 0: there is no run at hand
    };

    IntervalJet enclosure(const Interval& x, double from)
    {
        spent_ += f_.operations();
        if (spent_ > s_.budget)
            throw BadInput(
                fmt::format("cannot be sure that all critical points between {:.9g} and {:.9g} were found: {} "
                            "operations on intervals were not enough; simplify the potential or narrow the domain",
                            from, s_.hi, s_.budget));
        return f_.enclosure(x);
    }
    /// The sign of f'(x), 0 where rounding leaves it open.
    int sign_at(double x) { return enclosure(x, x).first.sign(); }

    /// Whether the enclosures say all about this part; parts come from left to right.
    bool decides(const Part& part, const IntervalJet& jet)
    {
        blurred_ = false;
        if (!jet.value.is_finite() || !jet.first.is_finite()) {
            finite_jet(f_, part.middle());
            return false;
        }
        refuse_flat_part(part, jet.first);
        int slope = jet.first.sign();
        if (slope == 0 && jet.second.sign() != 0) {
            extend_run(part, jet.second.sign());
            return true;
        }
        if (slope == 0 && jet.second.is_finite()) {
            const double c = part.middle();
            const Interval here = enclosure(c, part.lo).first;
            const Interval mean_value = here + jet.second * (Interval(part.lo, part.hi) - c);
            slope = mean_value.sign();
            blurred_ = here.radius() > 0.25 * mean_value.radius();
        }
        if (slope != 0) finish_run(slope);
        return slope != 0;
    }

    void extend_run(const Part& part, int curvature)
    {
        if (run_.curvature == 0)
            run_ = {part, curvature};
        else if (run_.curvature == curvature)
            run_.part.hi = part.hi;
        else
            doubt(part.lo); // f'' of both signs at one point: the enclosures of this formula are wrong
    }

    /// The run at hand ends where f' has the sign `slope`; `slope_` is its sign where the run began.
    void finish_run(int slope)
    {
        const Run run = run_;
        run_.curvature = 0;
        const int before = slope_;
        slope_ = slope;
        if (run.curvature == 0) {
            if (slope * before < 0) doubt(at_); // f' of both signs at one point
            return;
        }
        if (before == 0) refuse_edge(run.curvature > 0, s_.lo, s_);
        if (slope == 0) refuse_edge(run.curvature > 0, s_.hi, s_);
        if (slope == before) return;
        const auto slope_of = [&](double x) { return sign(f_.gradient(x)); };
        if (slope != run.curvature || slope_of(run.part.lo) != before || slope_of(run.part.hi) != slope)
            doubt(run.part.lo);
        found_.push_back({refined_zero(f_, run.part.lo, run.part.hi), run.curvature > 0});
        if (found_.size() > 2 * s_.most_minima) refuse_many(s_.most_minima);
    }

    bool is_flat(const Interval& slope) const { return slope.magnitude() <= s_.flat * s_.steepest; }
    void refuse_flat_part(const Part& part, const Interval& slope)
    {
        const bool wide = part.width() >= 1e-3 * s_.width();
        if (!slope.is_zero() && !(wide && is_flat(slope))) return;
        double to = part.hi, step = part.width();
        for (; to + step <= s_.hi && is_flat(enclosure(Interval(to, to + step), to).first); step *= 2) to += step;
        refuse_flat(part.lo, to, slope.is_zero() ? 0 : s_.flat);
    }
    /// The stretch beside a kink: 1/1000 of the domain.
    void refuse_flat_beside(double from, double to)
    {
        if (from < s_.lo || to > s_.hi) return;
        const Interval slope = enclosure(Interval(from, to), from).first;
        if (is_flat(slope)) refuse_flat(from, to, slope.is_zero() ? 0 : s_.flat);
    }

    [[noreturn]] void refuse(const Part& part, const IntervalJet& jet)
    {
        const double x = part.lo <= 0 && part.hi >= 0 ? 0 : part.middle();
        if (!jet.value.is_finite() || !jet.first.is_finite()) refuse_infinite(part, x);
        const Interval around(std::max(s_.lo, part.lo - 8 * part.width()), std::min(s_.hi, part.hi + 8 * part.width()));
        if (const IntervalJet near = enclosure(around, part.lo); !near.value.is_finite() || !near.first.is_finite())
            refuse_infinite({around.lo, around.hi}, x);
        const double beside = 1e-3 * s_.width(), gap = s_.smallest * s_.width();
        refuse_flat_beside(part.lo - gap - beside, part.lo - gap);
        refuse_flat_beside(part.hi + gap, part.hi + gap + beside);
        const int left = slope_beside(part.lo, -1), right = slope_beside(part.hi, 1);
        const bool smooth = jet.second.is_finite();
        if (left * right < 0 && smooth)
            throw BadInput(fmt::format("critical point {:.9g} is degenerate: f' changes sign but f'' = 0 to rounding, "
                                       "and the theory needs f'' ≠ 0 at every critical point",
                                       x));
        if (left * right < 0 && !jumps(part)) refuse_branch(left < 0, x);
        if (left * right < 0) refuse_kink(left < 0, x, f_.gradient(part.lo - gap), f_.gradient(part.hi + gap));
        if (left * right > 0 && smooth) refuse_touch(x);
        doubt(x, smooth ? "f' cannot be told from 0 around it" : "abs, min or max may change branch where f' = 0");
    }

    [[noreturn]] void refuse_infinite(const Part& part, double x) const
    {
        for (const double at : {part.lo, x, part.hi}) finite_jet(f_, at);
        throw BadInput(fmt::format("the potential or its slope is not finite at or next to x = {:.9g} (a pole, or the "
                                   "end of where it is defined): choose a domain where it is",
                                   x));
    }

    /// Whether f' changes across the part by as much as over a stretch 1024 times as wide, but for a factor of 8.
    bool jumps(const Part& part) const
    {
        const double near = s_.smallest * s_.width(), far = 1024 * near;
        const double over_near = std::abs(f_.gradient(part.hi + near) - f_.gradient(part.lo - near));
        return over_near > std::abs(f_.gradient(part.hi + far) - f_.gradient(part.lo - far)) / 8;
    }

    /// The sign of f' on one side of x, as near as it can be known, but beyond what rounding blurs; 0 when not within
    /// 1/100 of the domain.
    int slope_beside(double x, int side)
    {
        for (double reach = blurred_ ? 1e-4 : s_.smallest; reach < 1e-2; reach *= 2) {
            const double at = x + side * reach * s_.width();
            if (at < s_.lo || at > s_.hi) break;
            if (const int s = sign_at(at); s != 0) return s;
        }
        return 0;
    }

    [[noreturn]] void doubt(double x, const std::string& why = "its enclosures contradict each other") const
    {
        throw BadInput(fmt::format("cannot be sure of the critical points near x = {:.9g}: {}; change the potential "
                                   "there or the domain",
                                   x, why));
    }

    const Function& f_;
    const CriticalSearch& s_;
    std::size_t spent_ = 0;
    bool blurred_ = false; ///< rounding makes f' at the centre of that part as wide as all over it
    double at_ = 0;        ///< where the part at hand begins
    int slope_;            ///< sign of f' at the right end of the last decided part that is not of the run at hand
    Run run_{{0, 0}, 0};
    std::vector<CriticalPoint> found_;
};

class Sampled
{
  public:
    Sampled(const Function& f, const CriticalSearch& s) : f_(f), s_(s) {}

    std::vector<CriticalPoint> run()
    {
        const double n = static_cast<double>(s_.grid);
        Point last = point(s_.lo);
        double zero_from = last.x, zero_to = last.x; // the zeros of f' since `last`
        bool zeros = last.jet.first == 0;
        for (std::size_t k = 1; k <= s_.grid; ++k) {
            const Point here = point(k == s_.grid ? s_.hi : s_.lo + s_.width() * static_cast<double>(k) / n);
            if (here.jet.first == 0) {
                if (!zeros) zero_from = here.x;
                zero_to = here.x;
                zeros = true;
                continue;
            }
            if (zeros)
                after_zeros(last, here, zero_from, zero_to);
            else
                between(last, here);
            last = here;
            zeros = false;
        }
        if (zeros) after_zeros(last, last, zero_from, zero_to);
        return std::move(found_);
    }

  private:
    struct Point {
        double x;
        Jet jet;
        int slope() const { return sign(jet.first); }
    };

    Point point(double x) const { return {x, finite_jet(f_, x)}; }

    /// f' = 0 at one or more points of the grid, from `from` to `to`; last and here are the points beside them.
    void after_zeros(const Point& last, const Point& here, double from, double to)
    {
        if (from < to) refuse_flat(from, to);
        if (from == s_.lo || from == s_.hi) refuse_edge(f_.curvature(from) > 0, from, s_);
        if (last.slope() == here.slope()) refuse_touch(from);
        accept(from);
    }

    void between(const Point& a, const Point& b)
    {
        if (a.slope() != b.slope()) {
            cross(a, b);
            return;
        }
        if (!(a.slope() * a.jet.second < 0 && b.slope() * b.jet.second > 0)) return;
        const Point dip = nearest_zero(a, b);
        if (dip.slope() != a.slope()) {
            if (dip.slope() == 0) refuse_touch(dip.x);
            cross(a, dip);
            cross(dip, b);
        } else if (std::abs(dip.jet.first) <= 1e-14 * s_.steepest)
            refuse_touch(dip.x);
    }

    /// Where |f'| is least between a and b, or the first point met at which f' has another sign than there.
    Point nearest_zero(Point a, Point b) const
    {
        const int slope = a.slope();
        for (int k = 0; k < 60; ++k) {
            const Point middle = point(a.x + (b.x - a.x) / 2);
            if (middle.slope() != slope || middle.x <= a.x || middle.x >= b.x) return middle;
            (slope * middle.jet.second < 0 ? a : b) = middle;
        }
        return a;
    }

    void cross(const Point& a, const Point& b) { accept(refined_zero(f_, a.x, b.x)); }

    void accept(double x)
    {
        const Jet j = f_.jet(x);
        if (std::abs(j.first) > 1e-9 * s_.steepest) {
            const double gap = 1e-12 * s_.width();
            refuse_kink(f_.gradient(x - gap) < 0, x, f_.gradient(x - gap), f_.gradient(x + gap));
        }
        found_.push_back({x, j.second > 0});
        if (found_.size() > 2 * s_.most_minima) refuse_many(s_.most_minima);
    }

    const Function& f_;
    const CriticalSearch& s_;
    std::vector<CriticalPoint> found_;
};

}

Jet finite_jet(const Function& f, double x)
{
    const Jet j = f.jet(x);
    const auto text = [](double v) { return std::isnan(v) ? std::string("nan") : fmt::format("{:.6g}", v); };
    if (!std::isfinite(j.value) || !std::isfinite(j.first))
        throw BadInput(
            fmt::format("the potential is not finite at x = {:.9g} (f = {}, f' = {}): choose a domain where it is", x,
                        text(j.value), text(j.first)));
    return j;
}

void refuse_edge(bool minimum, double x, const CriticalSearch& search)
{
    throw BadInput(
        fmt::format("the {} {:.9g} is at the edge of the domain [{:.6g}, {:.6g}]: widen or shrink the domain",
                    minimum ? "minimum" : "maximum", x, search.lo, search.hi));
}

double refined_zero(const Function& f, double lo, double hi)
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
    return least_nearby(f, x);
}

std::vector<CriticalPoint> certified_critical_points(const Function& f, const CriticalSearch& search)
{
    return Certified(f, search).run();
}

std::vector<CriticalPoint> sampled_critical_points(const Function& f, const CriticalSearch& search)
{
    return Sampled(f, search).run();
}

std::optional<double> not_positive(const Function& f, double lo, double hi)
{
    const auto fails = [&](double x) { return !(f.value(x) > 0) || !std::isfinite(f.value(x)); };
    constexpr int grid = 1000;
    for (int k = 0; k <= grid; ++k)
        if (const double x = k == grid ? hi : lo + (hi - lo) * k / grid; fails(x)) return x;
    if (!f.has_enclosures()) return std::nullopt;

    constexpr std::size_t budget = 5'000'000;
    std::size_t spent = 0;
    for (std::vector<Part> parts = parts_of(lo, hi); !parts.empty();) {
        const Part part = parts.back();
        parts.pop_back();
        spent += 2 * f.operations();
        const Interval x(part.lo, part.hi);
        const IntervalJet jet = f.enclosure(x);
        const double c = part.middle();
        if (jet.value.sign() > 0) continue;
        if (jet.value.is_finite() && jet.first.is_finite() && (f.enclosure(c).value + jet.first * (x - c)).sign() > 0)
            continue;
        if (fails(c) || spent > budget || part.width() <= 1e-12 * (hi - lo) || part.is_indivisible()) return c;
        halve(parts, part);
    }
    return std::nullopt;
}

}
