// theory/absorption.hpp: where X goes from class to class as η → 0 (theory.md, section 4). By the exit theorem the next
// well after k is l with probability q_{k,l}/q_k, independently of when, so whatever the time scales of the classes on
// the way are, the order in which wells are visited is that of this jump chain.
#pragma once

#include "theory/limit_chain.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// In which absorbing class X ends.
struct Absorption {
    std::vector<std::size_t> classes; ///< the absorbing classes, as indices into graph.classes
    Eigen::MatrixXd probability;      ///< one row per well, one column per class of `classes`; rows sum to 1
};

/// The limit of P(X, started in Ω_k, ends in the class), for every well k; 1 within the class itself.
/// Error   a few n rounding errors, relative and entry by entry. NotConverged as limit_chain.
Absorption absorption(const std::vector<ExitConstants>& exits, const TransitionGraph& graph);

/// Where X goes on leaving a transient class: how the killing of its limit chain is shared.
struct Destinations {
    std::vector<std::size_t> wells; ///< the wells outside the class that can be the first one entered
    Eigen::MatrixXd law;            ///< one row per well of the class, one column per well of `wells`; rows sum to 1
    Eigen::MatrixXd rate;           ///< one row per state of the chain: Σ_k q_{i,k} θ(k, that well); rows sum to κ_i
};

/// Of an absorbing class all are empty.
/// Error   as absorption.
Destinations destinations(const std::vector<ExitConstants>& exits, const Class& members);

}
