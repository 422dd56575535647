// validation/convergence.hpp: the exact chain against the limit (validation.md, L1): deterministic, with an error
// interval in place of a p-value.
//
// With c(η) = η^{1-1/α}, the size of the fluctuations of X about a minimum, the ratio of the oracle's mean to the
// limit's is
//
//     E σ · q λ(η) = 1 + a_1 c + a_2 c^α + a_3 c² + …
//
// The first term is a boundary layer: a path that lands within c of a saddle leaves although it has not crossed it, and
// the limit, which counts landings beyond the saddle only, does not know of it. The second, c^α = η^{α-1}, is one more
// large jump during the relaxation. The powers were found from these two arguments and then in the oracle's numbers: at
// b = ∞, where nothing else happens, the error of the ratio falls by 0.682 = 10^{-(1-1/α)} a decade of η for α = 1.2.
#pragma once

#include "theory/predict.hpp"
#include "validation/record.hpp"

#include <span>
#include <vector>

namespace exeunt::validation
{

/// A value at η → 0, and its absolute error.
struct Extrapolated {
    double limit;
    double error;
};

/// The limit of y(η) = y_0 + y_1 c + y_2 c^α + y_3 c² + …, from values with absolute errors on a falling ladder of η,
/// at least three rungs. Two interpolations, of the last four rungs (three terms beside the limit) and of the last
/// three; the error is their gap plus what the errors of the values become in the first. With three rungs the second
/// has two.
Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha);

/// The oracle on a ladder of η, for one threshold and well.
struct Ladder {
    double clip;
    std::size_t well;                     ///< index from 0
    std::vector<theory::ExactCell> rungs; ///< η falling
    Extrapolated ratio;                   ///< of oracle / limit: should be 1
    Extrapolated share;                   ///< of the exits into the likeliest place of the limit: should be q_ij / q_i
};

/// Where a ladder starts: the largest power of ten with η f''(m) ≤ ½ at every minimum. Above, X does not follow the
/// flow.
double top_rung(const model::Landscape& f);

/// Runs the oracle on the ladder `etas`; an empty one goes down by decades from the top rung, four rungs and further
/// until the errors are below a third of `effect` or twelve rungs are reached.
Ladder climb(const theory::Setting& setting, const theory::Prediction& prediction, std::size_t well,
             std::vector<double> etas, double effect);

/// L1 for the exit time: the limit of the ratio is 1.
Hypothesis exit_time_limit(const Ladder& ladder, double effect);
/// L1 for the exit split: the share of the likeliest place tends to q_ij / q_i.
Hypothesis exit_split_limit(const Ladder& ladder, const theory::ExitConstants& q, double effect);

}
