// validation/limit_law.hpp: how far the law of the exit, at a given η, is from what the exit theorem says of it as η →
// 0 (theory.md, section 3; validation.md, L1 and L2): that q λ σ is exponential, and independent of the place of exit.
#pragma once

#include "theory/exit_law.hpp"
#include "theory/predict.hpp"

namespace exeunt::validation
{

/// Distances, in probability. NaN where there is no law of the exit: only its mean is exact, or is beyond 2^56.
struct LimitGaps {
    double time;  ///< sup_t |P(q λ σ > t) - e^{-t}|
    double shape; ///< the same with σ / E σ in place of q λ σ
    double place; ///< sup_{t,j} |P(σ > t, X_σ ∈ Ω_j) - P(σ > t) P(X_σ ∈ Ω_j)|, as of ≤ t, too; 0 with one place only
    double error; ///< of each, absolute: the law's, and what the error of the mean can do
};

/// Of an exit with that law. The suprema are over the first 128 steps and, from there to 40 mean times, over a grid
/// that is refined where the gap is largest.
LimitGaps limit_gaps(const theory::ExitLaw& law, const theory::ExactCell& cell);

}
