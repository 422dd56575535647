// sim/compensator.hpp: a second estimator of the mean exit time and the split (theory.md, section 3). Along a path that
// leaves Ω_i at step σ, let
//
//     A_j = Σ_{n<σ} P( X_{n+1} ∈ Ω_j | X_n ),     A = Σ_{j≠i} A_j,
//
// the compensator of the exit. By optional stopping E A_j = P(X_σ ∈ Ω_j) and E A = 1, so that
//
//     E σ = E σ / E A,     P(X_σ ∈ Ω_j) = E A_j / E A:
//
// σ and A nearly grow together, and their ratio varies far less than σ does. It says nothing of the law of σ, and uses
// the tails of Z: the exits themselves are counted too, as the control.
#pragma once

#include "sim/exits.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace exeunt::sim
{

/// An exit and the compensator up to it.
struct CompensatedExit {
    Exit exit = {};
    std::vector<double> to = {}; ///< A_j, one per well; zero at j = i, where no exit leads

    bool operator==(const CompensatedExit&) const = default;
};

/// First exits of X from Ω_well, as first_exits has them, with their compensators. Shape: plan.replicas entries; a
/// skipped one is empty.
/// Exact    the same on any number of threads and every fast path. Panels end where a step can first leave Ω_i, so that
///          rounding differs from first_exits': about one exit in 10⁶ is another one.
/// Error    A: relative, as large as that of Z's tails; on the fast path a few 1e-7 more, from x, and 1e-8 of a table.
/// Cost     that of an exit, and some 15 ns for a state within b of the boundary; 1e-3 s for the tables, more where a
///          tail of Z takes more than 0.1 us. Memory grows with the replicas.
std::vector<CompensatedExit> compensated_exits(const model::Model& model, std::size_t well, const Stream& stream,
                                               const ExitPlan& plan, Path path = default_path());

/// A mean, twice: by the compensator and by counting.
struct TwoEstimates {
    double estimate;  ///< Σσ / ΣA or ΣA_j / ΣA
    double error;     ///< its standard error, to first order in 1/√n
    double raw;       ///< of the exits alone
    double raw_error; ///< its standard error
    /// How many times as many raw exits would be as accurate.
    double variance_ratio() const { return raw_error / error * (raw_error / error); }
};

struct ExitEstimates {
    TwoEstimates mean;               ///< E σ
    std::vector<TwoEstimates> split; ///< P(X_σ ∈ Ω_j), one per well
    std::uint64_t exits;             ///< n
};

/// Both estimates. BadInput for fewer than two exits, and when one is censored: then E A < 1 is the probability of an
/// exit before the step limit, and the ratio another quantity.
ExitEstimates estimate_exits(std::span<const CompensatedExit> exits);

}
