// theory/hitting.hpp: which states the limiting chain Y reaches, and when (theory.md, section 4). Sets of states are
// given by their wells; results have one entry for each state of the chain, in its order. Everything is solved without
// a subtraction: a few n rounding errors, relative and entry by entry (elimination.hpp).
#pragma once

#include "theory/limit_chain.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// Which comes first for Y started in each state: a state of `a`, one of `b`, or killing. The three sum to 1.
struct FirstHit {
    std::vector<double> a; ///< 1 in a, 0 in b
    std::vector<double> b; ///< 1 in b, 0 in a
    std::vector<double> killed;
};

/// P_i(Y hits a before b and before it is killed); b may be empty. BadInput when a is empty, a well is no state of the
/// chain, or the two share one.
FirstHit hits_first(const LimitChain& chain, const std::vector<std::size_t>& a, const std::vector<std::size_t>& b = {});

/// Entry (i, j), i ≠ j: P_i(Y ever reaches j); (i, i): P_i(Y comes back to i after leaving it). All 1 in an absorbing
/// class, but 0 for its only state, which is never left; below 1 with killing.
Eigen::MatrixXd reach_probabilities(const LimitChain& chain);

/// Entry (i, j): E_i[time that Y spends in j until it is killed] = (-Q)^{-1}_ij, units 1/Q. Infinite in an absorbing
/// class, whose states are visited for ever. NotConverged when the killing is so rare that it overflows.
Eigen::MatrixXd occupation_times(const LimitChain& chain);

/// T, the time at which Y first is in the set. Units 1/Q.
struct HittingTimes {
    std::vector<double> probability; ///< P_i(T < ∞)
    std::vector<double> mean;        ///< E_i T; infinite where Y may be killed first
    std::vector<double> mean_if_hit; ///< E_i[T | T < ∞], finite
};

/// BadInput as hits_first.
HittingTimes hitting_times(const LimitChain& chain, const std::vector<std::size_t>& set);

}
