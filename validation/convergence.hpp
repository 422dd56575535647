// validation/convergence.hpp: the exact chain against the limit (validation.md, L1 to L3): deterministic, with an error
// interval in place of a p-value.
#pragma once

#include "theory/predict.hpp"
#include "validation/extrapolation.hpp"
#include "validation/limit_law.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// The oracle on a ladder of η, for one threshold and well.
struct Ladder {
    double clip;
    std::size_t well;                     ///< index from 0
    std::vector<theory::ExactCell> rungs; ///< η falling
    Extrapolated ratio;                   ///< of oracle / limit: should be 1
    Extrapolated share;                   ///< of the exits into the likeliest place of the limit: should be q_ij / q_i
    Extrapolated slope = {};              ///< of log E σ against log 1/λ(η), rung to rung: should be 1
    double tail_excess = 0;               ///< by how much the index of H at 1/η of the last rung differs from α
    std::vector<LimitGaps> gaps = {};     ///< of the first rungs; none before add_laws
    Extrapolated time_gap = {}, place_gap = {}; ///< of those: should be 0
    std::string cut = {}; ///< what was left out, since it would have taken more than it was allowed; one line
};

/// d log E σ / d log 1/λ(η) between each rung and the one before it, one number less than rungs.
std::vector<double> local_slopes(const std::vector<theory::ExactCell>& rungs);

/// Where a ladder starts: the largest power of ten with η f''(m) ≤ ½ at every minimum. Above, X does not follow the
/// flow.
double top_rung(const model::Landscape& f);

/// Runs the oracle on the ladder `etas`; an empty one goes down by decades from the top rung, five rungs and further
/// until the errors are below a third of `effect`, to 10⁻¹² or as far as the oracle reaches. The errors are ∞ where H
/// is no power yet at the least η: with a slowly varying factor the approach is as slow as 1/log(1/η), and no ladder
/// settles. Where the allowance of the thread ends (theory/work.hpp), so does the ladder, and says so.
Ladder climb(const theory::Setting& setting, const theory::Prediction& prediction, std::size_t well,
             std::vector<double> etas, double effect);

/// The gaps of the rungs, from the whole law of its exit, from the first one on until the limits of shape and
/// dependence are known to a tenth of `effect`: further down a law costs some ten times what its mean did. The limit of
/// the time's gap is from those of the shape and of the ratio. Ends with the allowance, too.
void add_laws(Ladder& ladder, const theory::Setting& setting, double effect);

/// What a ladder says of every limit: L1 for time and split, L3, and where there are laws, L1 for them and L2. Of a
/// ladder that was cut before its third rung: L1 for the time, inconclusive.
std::vector<Hypothesis> limits(const Ladder& ladder, const theory::Prediction& prediction, double effect);

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
