// validation/convergence.hpp: the exact chain against the limit (validation.md, L1 to L3): deterministic, with an error
// interval in place of a p-value.
//
// The ratio of the oracle's mean to the limit's approaches 1 in powers of η,
//
//     E σ · q λ(η) = 1 + Σ_p y_p η^p,    p = i (1 - 1/min(α, 2)) + j (α - 1) + k,    i + j + k ≥ 1.
//
// η^{1-1/min(α,2)} is the size of the fluctuations of X about a minimum: a path that lands within it of a saddle leaves
// although it has not crossed it, and the limit, which counts landings beyond the saddle only, does not know of it.
// η^{α-1} is the probability of one more large jump during the relaxation, and η that of a step against the flow. The
// powers are from these arguments, not from a proof. The leading one was measured in the oracle's numbers: 0.15 to 0.17
// at α = 1.2, 0.34 at 1.5, 0.47 at 2 (where the fluctuations have a logarithm, too), 0.495 at 2.5.
#pragma once

#include "theory/predict.hpp"
#include "validation/limit_law.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace exeunt::validation
{

/// A value at η → 0.
struct Extrapolated {
    double limit;
    double error;       ///< absolute; ∞ where the values have not settled into their law of approach
    double order = 0;   ///< measured: the power of η with which the last three values approach; ∞ below their errors
    double leading = 0; ///< the least power of its law
    std::size_t powers = 0; ///< how many the extrapolation removed
};

/// 0 and the n - 1 least powers p above, increasing. Sums closer than 3 % of the least one count once.
std::vector<double> powers_of_approach(double alpha, std::size_t n);

/// The power of η with which the last three values approach their limit, from their two differences, the last of them
/// lessened by `error`; ∞ where that leaves nothing.
double order_of_approach(std::span<const double> eta, std::span<const double> y, double error);

/// The limit of y(η) = y_0 + Σ_p y_p η^p, from values with absolute errors on a falling ladder of m ≥ 3 rungs.
/// Method  interpolation in the first n powers, 0 among them, on the last n rungs, n = 2, …, min(6, m - 2), and 2 on
///         short ladders: that of the least error.
/// Error   5 times the largest change that one power less, the last rung and the one before it make, and what the
///         errors of the values become, Σ |w_k| e_k.
Extrapolated interpolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha);

/// The same where the values have settled; else the error is ∞: where the order of approach is below 0.6 of the leading
/// power. A ratio that still has to turn, or that hardly moves yet, says nothing of its limit.
/// Both numbers, 5 and 0.6, and that two rungs less are asked, were found by experiment: on some 800 prefixes, of four
/// rungs and more, of 150 ladders (landscapes, thresholds, α from 1.05 to 2.5, noise laws, diffusions), the truth was
/// within the error or the error infinite.
Extrapolated extrapolate(std::span<const double> eta, std::span<const double> y, std::span<const double> error,
                         double alpha);

/// The oracle on a ladder of η, for one threshold and well.
struct Ladder {
    double clip;
    std::size_t well;                     ///< index from 0
    std::vector<theory::ExactCell> rungs; ///< η falling
    Extrapolated ratio;                   ///< of oracle / limit: should be 1
    Extrapolated share;                   ///< of the exits into the likeliest place of the limit: should be q_ij / q_i
    Extrapolated slope = {};              ///< of log E σ against log 1/λ(η), rung to rung: should be 1
    double tail_excess = 0;               ///< by how much the index of H at 1/η of the last rung differs from α
    std::vector<LimitGaps> gaps = {};     ///< one per rung; none before add_laws
    Extrapolated time_gap = {}, place_gap = {}; ///< of those: should be 0
};

/// d log E σ / d log 1/λ(η) between each rung and the one before it, one number less than rungs.
std::vector<double> local_slopes(const std::vector<theory::ExactCell>& rungs);

/// Where a ladder starts: the largest power of ten with η f''(m) ≤ ½ at every minimum. Above, X does not follow the
/// flow.
double top_rung(const model::Landscape& f);

/// Runs the oracle on the ladder `etas`; an empty one goes down by decades from the top rung, five rungs and further
/// until the errors are below a third of `effect`, to 10⁻¹² or as far as the oracle reaches. The errors are ∞ where H
/// is no power yet at the least η: with a slowly varying factor the approach is as slow as 1/log(1/η), and no ladder
/// settles.
Ladder climb(const theory::Setting& setting, const theory::Prediction& prediction, std::size_t well,
             std::vector<double> etas, double effect);

/// The gaps of every rung, from the whole law of its exit, which costs about as much as the ladder did.
void add_laws(Ladder& ladder, const theory::Setting& setting);

/// The ladders of every threshold and well for which `wanted` is true, in that order of nesting, with their laws where
/// `laws` says so. None for light tails: there is no limit theorem to hold the oracle against.
std::vector<Ladder> climb_all(const theory::Setting& setting, const std::vector<theory::Prediction>& predictions,
                              const std::vector<double>& etas, double effect, bool laws, unsigned threads = 0,
                              const theory::Watch& watch = {},
                              const std::function<bool(double clip, std::size_t well)>& wanted = {});

/// What the ladders say of every limit: L1 for time and split, L3, and where there are laws, L1 for them and L2.
std::vector<Hypothesis> limits(const std::vector<Ladder>& ladders, const std::vector<theory::Prediction>& predictions,
                               double effect);

/// L1 for the exit time: the limit of the ratio is 1.
Hypothesis exit_time_limit(const Ladder& ladder, double effect);
/// L1 for the exit split: the share of the likeliest place tends to q_ij / q_i.
Hypothesis exit_split_limit(const Ladder& ladder, const theory::ExitConstants& q, double effect);
/// L3: the local slope tends to 1. Judged where the ratio has settled to a limit that is not 0, by interpolation: the
/// slope is so near to 1 there that its own steps may be irregular, and before that it may go past 1.
Hypothesis exit_time_slope(const Ladder& ladder, double effect);
/// L1 for the law: sup_t |P(q λ σ > t) - e^{-t}| → 0. Refuted where the interval of the limit is above 0, confirmed
/// where it ends below `effect`. After add_laws, as the next.
Hypothesis exit_law_limit(const Ladder& ladder, double effect);
/// L2: sup_{t,j} |P(σ ≤ t, X_σ ∈ Ω_j) - P(σ ≤ t) P(X_σ ∈ Ω_j)| → 0, judged in the same way.
Hypothesis exit_independence_limit(const Ladder& ladder, double effect);

}
