// theory/limit_chain.hpp: what SGD looks like as η → 0 (theory.md, section 4). At the time scale λ^large(η) of a class
// of wells that reach each other, X behaves like a continuous-time Markov chain on the widest minima of the class,
//
//     Q_ij = Σ_{k≠i} q_{i,k} θ(k, j),     Q_ii = -Σ_{j≠i} Q_ij - κ_i,     κ_i = Σ_{k≠i} q_{i,k} θ(k, †),
//
// and never visits a sharper one.
#pragma once

#include "theory/exit.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// A strongly connected component of the typical transition graph. Wells are indices from 0, increasing.
struct Class {
    std::vector<std::size_t> wells;
    bool absorbing;                   ///< no edge leads out
    int largest_order;                ///< l^large = max l*_i
    std::vector<std::size_t> largest; ///< M^large: the wells of that order
};

/// The typical transition graph: an edge i → j when q_{i,j} > 0.
struct TransitionGraph {
    struct Edge {
        std::size_t from;
        std::size_t to;
    };
    std::vector<Edge> edges;    ///< sorted
    std::vector<Class> classes; ///< in the order of their leftmost wells
};

/// `exits[i]` is row i of the matrix q.
TransitionGraph transition_graph(const std::vector<ExitConstants>& exits);

/// Where the limit begins when X starts in a well of the class: θ(k, ·).
struct Entrance {
    std::size_t well;
    std::vector<double> law; ///< one probability per state of the chain
    double killed;           ///< θ(k, †): it leaves the class first; law and killed sum to 1
};

/// The limiting chain Y of a class, in units of 1/λ^large(η).
struct LimitChain {
    std::vector<std::size_t> states; ///< M^large of the class
    Eigen::MatrixXd generator;       ///< Q; row i sums to -killing[i]
    std::vector<double> killing;     ///< κ_i; all 0 for an absorbing class
    std::vector<double> stationary;  ///< π Q = 0, Σπ = 1; empty for a transient class
    std::vector<Entrance> entrance;  ///< one per well of the class, in order; a state enters at itself
};

/// The limit theorem of an irreducible graph, or of one class of a reducible one: wells outside the class count as
/// killed.
/// Units   Q and κ as q of the largest order, x^{-αl} t^{l-1} with l = l^large: times λ^large(η), rates per
///         step.
/// Exact   an excursion through small wells back to i does not change the state, so it is no part of Q_ii. Q_ii is the
///         negative sum of its row and the killing, to one rounding error.
/// Error   a few n rounding errors, relative and entry by entry: subtraction-free (it eliminates the small wells one by
///         one, as Grassmann, Taksar and Heyman 1985 do), so it holds however small the entry is.
///         NotConverged when a probability underflows on which others depend.
LimitChain limit_chain(const std::vector<ExitConstants>& exits, const Class& members);

/// 1/(-Q_ii), the mean time that Y stays in each of its states, which ends by a jump or by killing. Units: 1/Q, so
/// that divided by λ^large(η) they are steps. Infinite for a state that is never left: the one state of an absorbing
/// class.
std::vector<double> mean_holding_times(const LimitChain& chain);

}
