#include "theory/limit_chain.hpp"

#include "model/error.hpp"
#include "theory/elimination.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace exeunt::theory
{

namespace
{

using Relation = std::vector<std::vector<bool>>;

/// Which wells reach which along edges, every well itself included: Warshall's closure, cheap at 256 wells.
Relation reachable(std::size_t wells, const std::vector<TransitionGraph::Edge>& edges)
{
    Relation reach(wells, std::vector<bool>(wells, false));
    for (std::size_t i = 0; i < wells; ++i) reach[i][i] = true;
    for (const auto& edge : edges) reach[edge.from][edge.to] = true;
    for (std::size_t k = 0; k < wells; ++k)
        for (std::size_t i = 0; i < wells; ++i)
            if (reach[i][k])
                for (std::size_t j = 0; j < wells; ++j)
                    if (reach[k][j]) reach[i][j] = true;
    return reach;
}

/// The class of well i, its leftmost.
Class class_of(std::size_t i, const Relation& reach, const std::vector<ExitConstants>& exits)
{
    Class c{.wells = {}, .absorbing = true, .largest_order = 0, .largest = {}};
    for (std::size_t j = i; j < exits.size(); ++j) {
        const bool member = reach[i][j] && reach[j][i];
        if (member) c.wells.push_back(j);
        if (member) c.largest_order = std::max(c.largest_order, exits[j].order);
    }
    for (std::size_t j = 0; j < exits.size(); ++j)
        if (reach[i][j] && !reach[j][i]) c.absorbing = false;
    for (const std::size_t j : c.wells)
        if (exits[j].order == c.largest_order) c.largest.push_back(j);
    return c;
}

/// Members of a class, by position in it, and what the limit needs of q there.
struct Members {
    const std::vector<std::size_t>& wells;
    std::vector<Eigen::Index> large; ///< M^large
    std::vector<Eigen::Index> small; ///< the others
    Eigen::MatrixXd q;               ///< q_{i,k} within the class
    Eigen::VectorXd out;             ///< Σ_k q_{i,k} over the wells k outside it
};

Members members_of(const std::vector<ExitConstants>& exits, const Class& c)
{
    const auto n = static_cast<Eigen::Index>(c.wells.size());
    Members m{.wells = c.wells, .large = {}, .small = {}, .q = Eigen::MatrixXd::Zero(n, n), .out = {}};
    m.out = Eigen::VectorXd::Zero(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::size_t well = c.wells[static_cast<std::size_t>(i)];
        const bool large = std::binary_search(c.largest.begin(), c.largest.end(), well);
        (large ? m.large : m.small).push_back(i);
        const std::vector<double>& to = exits[well].to;
        for (Eigen::Index k = 0; k < n; ++k)
            if (k != i) m.q(i, k) = to[c.wells[static_cast<std::size_t>(k)]];
        for (std::size_t k = 0; k < to.size(); ++k)
            if (!std::binary_search(c.wells.begin(), c.wells.end(), k)) m.out[i] += to[k];
    }
    return m;
}

/// θ(k, ·) for every well k of the class: one column per large well, the last one for †.
Eigen::MatrixXd entrance_laws(const Members& m)
{
    const auto states = static_cast<Eigen::Index>(m.large.size());
    Eigen::MatrixXd theta = Eigen::MatrixXd::Zero(m.q.rows(), states + 1);
    for (Eigen::Index j = 0; j < states; ++j) theta(m.large[static_cast<std::size_t>(j)], j) = 1;
    if (m.small.empty()) return theta;
    Eigen::MatrixXd out(static_cast<Eigen::Index>(m.small.size()), states + 1);
    out << m.q(m.small, m.large), m.out(m.small);
    theta(m.small, Eigen::all) = absorption_law(m.q(m.small, m.small), out);
    return theta;
}

/// Σ values, to a rounding error.
template<class Values> double exact_sum(const Values& values)
{
    long double sum = 0;
    for (const double v : values) sum += v;
    return static_cast<double>(sum);
}

}

TransitionGraph transition_graph(const std::vector<ExitConstants>& exits)
{
    TransitionGraph graph;
    for (std::size_t i = 0; i < exits.size(); ++i)
        for (std::size_t j = 0; j < exits[i].to.size(); ++j)
            if (exits[i].to[j] > 0) graph.edges.push_back({i, j});
    const Relation reach = reachable(exits.size(), graph.edges);
    for (std::size_t i = 0; i < exits.size(); ++i) {
        bool leftmost = true;
        for (std::size_t j = 0; j < i; ++j) leftmost = leftmost && !(reach[i][j] && reach[j][i]);
        if (leftmost) graph.classes.push_back(class_of(i, reach, exits));
    }
    return graph;
}

LimitChain limit_chain(const std::vector<ExitConstants>& exits, const Class& members)
{
    const Members m = members_of(exits, members);
    const Eigen::MatrixXd theta = entrance_laws(m);
    const auto n = static_cast<Eigen::Index>(m.large.size());
    LimitChain chain{.states = members.largest,
                     .generator = m.q(m.large, Eigen::all) * theta.leftCols(n), // Σ_k q_{i,k} θ(k, j)
                     .killing = {},
                     .stationary = {},
                     .entrance = {}};
    for (Eigen::Index i = 0; i < n; ++i) {
        const Eigen::Index well = m.large[static_cast<std::size_t>(i)];
        chain.killing.push_back(m.out[well] + m.q.row(well).dot(theta.col(n)));
        chain.generator(i, i) = 0; // a return is no jump
        std::vector<double> rates{chain.killing.back()};
        for (Eigen::Index j = 0; j < n; ++j) rates.push_back(chain.generator(i, j));
        chain.generator(i, i) = 0 - exact_sum(rates);
    }
    if (members.absorbing) chain.stationary = stationary_law(chain.generator);
    for (Eigen::Index k = 0; k < theta.rows(); ++k) {
        Entrance entrance{.well = m.wells[static_cast<std::size_t>(k)], .law = {}, .killed = theta(k, n)};
        for (Eigen::Index j = 0; j < n; ++j) entrance.law.push_back(theta(k, j));
        chain.entrance.push_back(std::move(entrance));
    }
    return chain;
}

std::vector<double> mean_holding_times(const LimitChain& chain)
{
    std::vector<double> mean;
    for (Eigen::Index i = 0; i < chain.generator.rows(); ++i) {
        const double rate = -chain.generator(i, i);
        mean.push_back(rate > 0 ? 1 / rate : std::numeric_limits<double>::infinity());
    }
    return mean;
}

}
