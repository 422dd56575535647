// validation/limit_walk.hpp: X at the time scale λ^large(η) against the exact chain, at a few η, and beside the
// limiting chain Y (theory.md, sections 4 and 8, the figure ctmc; validation.md, S5 and S7). Its tests are a family of
// their own, as portrait.hpp says.
#pragma once

#include "model/spec.hpp"
#include "theory/predict.hpp"
#include "validation/portrait.hpp"
#include "validation/record.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace exeunt::validation
{

/// A probability at one η: simulated with its 95 % interval, and exact.
struct WalkPoint {
    double learning_rate;
    double share, lower, upper;
    double exact;
};

struct WalkState {
    std::size_t well;              ///< index from 0
    double limit;                  ///< P(Y_t = m_well)
    std::vector<WalkPoint> points; ///< P(X_{⌊t/λ⌋} ∈ Ω_well)
};

struct WalkTime {
    double time; ///< t, in units of 1/λ^large(η)
    std::vector<WalkState> states;
};

struct LimitWalk {
    double clip;
    std::size_t start; ///< well, from 0: a state of Y
    std::vector<WalkTime> times;
    std::vector<WalkPoint> sharp;      ///< share of the time outside the fields of all states of Y, up to the last time
    std::uint64_t replicas;            ///< of every η
    std::size_t states;                ///< of Y; the likeliest six of them are in `times`
    std::vector<std::string> troubles; ///< one line for each η that the oracle could not do; it is left out, or, where
                                       ///< that is all of them, they are there with `exact` NaN
    Verdict verdict;                   ///< of X against the exact chain, all tests together
    double alpha;                      ///< size of each of its tests: the spec's false_alarm, shared equally
};

/// Whether some threshold's limiting chain has two states or more.
bool has_limit_walk(const std::vector<theory::Prediction>& predictions);

/// At the first finite threshold whose limiting chain has two states or more, or else ∞, from the state that Y leaves
/// soonest, at a quarter of, at once and twice the mean time it stays there, so that the law still moves. η: up to four
/// of the spec's and of its least halved once to three times, where X settles in a field before it leaves, as long as
/// the steps are affordable.
/// Exact   as portrait.
/// Throws  BadInput without a chain of two states; NotConverged when X stops being finite.
LimitWalk limit_walk(const model::Spec& spec, const theory::Setting& setting,
                     const std::vector<theory::Prediction>& predictions, const PortraitOptions& options = {});

}
