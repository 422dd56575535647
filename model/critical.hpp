// model/critical.hpp: every zero of f' in an interval, with proof (theory.md, section 2), or the reason why not.
//
// The interval is halved until enclosures of f' and f'' over a part X with centre c (interval.hpp) decide it:
//
//     0 ∉ f'(X) ∩ ( f'(c) + f''(X)(X - c) )     no zero, and the sign of f' is known
//     0 ∉ f''(X)                                f' is monotone: at most one zero
//
// Neighbouring monotone parts make one run; the signs on its two sides, known from the parts beside it, say whether it
// holds a zero. A part that is still open when its width is `smallest`, or when rounding blurs f' all over it, is the
// end of the search: there f' vanishes together with f'', or jumps, or f is not finite, and the message says which.
#pragma once

#include "model/potential.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace exeunt::model
{

/// A zero of f' where f'' ≠ 0.
struct CriticalPoint {
    double x;
    bool minimum; ///< f'' > 0; else a maximum
};

/// What the search for critical points of f in [lo, hi] goes by.
struct CriticalSearch {
    double lo;
    double hi;
    double smallest = 1e-12;        ///< of hi - lo: parts of this width are not halved
    std::size_t budget = 8'000'000; ///< arithmetic operations on jets of intervals, about 100 ns each
    std::size_t most_minima = 256;  ///< more of them are refused
    double steepest = 0;            ///< the scale of |f'| in the interval
    double flat = 1e-30;            ///< |f'| below this × steepest over 1e-3 of the interval is a flat stretch
    std::size_t grid = 20'000;      ///< points of the uncertified search
    double width() const { return hi - lo; }
};

/// The zeros of f' in [lo, hi], increasing, minima and maxima in turn: all of them, proved. Needs f.has_enclosures().
/// Error   the place is f' = 0 to rounding: toms748, then Newton.
/// BadInput of one line, of its own for each: f or f' not finite (also a pole between any points), a flat stretch, a
/// degenerate point where f' changes sign, one where it does not, a minimum or a maximum at a kink, a zero at an end,
/// too many minima, and an exhausted budget ("cannot be sure").
std::vector<CriticalPoint> certified_critical_points(const Function& f, const CriticalSearch& search);

/// The same without proof, for formulas that take no intervals: sign changes of f' on `grid` points, and between two
/// points where f' and f'' at both say that |f'| has a least value between them, at that value.
std::vector<CriticalPoint> sampled_critical_points(const Function& f, const CriticalSearch& search);

/// The zero of f' in [lo, hi], where f' changes sign: toms748, then as many Newton steps as still improve it.
double refined_zero(const Function& f, double lo, double hi);

/// f, f', f'' at x; BadInput when f or f' is not finite there.
Jet finite_jet(const Function& f, double x);

/// BadInput: the critical point x is at the edge.
[[noreturn]] void refuse_edge(bool minimum, double x, const CriticalSearch& search);

/// A point of [lo, hi] at which f is not proved to be finite and > 0; none when it is everywhere. Without enclosures,
/// from 1001 points.
std::optional<double> not_positive(const Function& f, double lo, double hi);

}
