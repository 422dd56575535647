#include "theory/limit_chain.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <numeric>
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

/// Where the next jump leads, as weights: a rate from a large well, a probability from a small one.
struct Jumps {
    std::vector<double> to; ///< one weight per well of the class, by position in it; 0 to itself
    double out = 0;         ///< to wells outside the class
};

/// Makes probabilities of the weights.
void normalise(Jumps& row)
{
    const double total = std::accumulate(row.to.begin(), row.to.end(), row.out);
    if (!(total > 0)) throw NotConverged("the limit chain: a jump probability underflows");
    for (double& weight : row.to) weight /= total;
    row.out /= total;
}

/// Adds `weight` of the law `law` to the row, its own return left out: it goes on from `self` as if nothing had been.
void add(Jumps& row, std::size_t self, double weight, const Jumps& law)
{
    for (std::size_t j = 0; j < row.to.size(); ++j)
        if (j != self) row.to[j] += weight * law.to[j];
    row.out += weight * law.out;
}

std::vector<Jumps> jumps_of(const std::vector<ExitConstants>& exits, const std::vector<std::size_t>& wells)
{
    std::vector<Jumps> rows(wells.size());
    for (std::size_t i = 0; i < wells.size(); ++i) {
        const std::vector<double>& q = exits[wells[i]].to;
        for (const std::size_t k : wells) rows[i].to.push_back(q[k]);
        for (std::size_t k = 0; k < q.size(); ++k)
            if (!std::binary_search(wells.begin(), wells.end(), k)) rows[i].out += q[k];
    }
    return rows;
}

/// Replaces every row by where it first meets a large well, or leaves: rates Σ_{k≠i} q_{i,k} θ(k, ·) from a large well
/// i, θ(k, ·) from a small well k.
void eliminate_small(std::vector<Jumps>& rows, const std::vector<bool>& large)
{
    const std::size_t n = rows.size();
    std::vector<bool> left(n, true); // not yet eliminated
    std::vector<std::size_t> eliminated;
    for (std::size_t s = 0; s < n; ++s)
        if (!large[s]) normalise(rows[s]);
    for (std::size_t s = 0; s < n; ++s) {
        if (large[s]) continue;
        left[s] = false;
        eliminated.push_back(s);
        for (std::size_t i = 0; i < n; ++i) {
            if (!left[i]) continue;
            add(rows[i], i, std::exchange(rows[i].to[s], 0.0), rows[s]);
            if (!large[i]) normalise(rows[i]);
        }
    }
    for (auto s = eliminated.rbegin(); s != eliminated.rend(); ++s) // rows lead to large wells and later ones only
        for (auto later = eliminated.rbegin(); later != s; ++later)
            add(rows[*s], *s, std::exchange(rows[*s].to[*later], 0.0), rows[*later]);
}

/// π Q = 0, Σπ = 1, from the off-diagonal entries of Q: Grassmann, Taksar and Heyman.
std::vector<double> stationary_law(Eigen::MatrixXd rate)
{
    const Eigen::Index n = rate.rows();
    std::vector<double> total(static_cast<std::size_t>(n));
    for (Eigen::Index k = n - 1; k > 0; --k) {
        const double sum = rate.row(k).head(k).sum();
        if (!(sum > 0)) throw NotConverged("the limit chain: a rate underflows");
        total[static_cast<std::size_t>(k)] = sum;
        for (Eigen::Index i = 0; i < k; ++i)
            for (Eigen::Index j = 0; j < k; ++j)
                if (i != j) rate(i, j) += rate(i, k) * (rate(k, j) / sum);
    }
    std::vector<double> law{1.0};
    for (Eigen::Index k = 1; k < n; ++k) {
        double inflow = 0;
        for (Eigen::Index j = 0; j < k; ++j) inflow += law[static_cast<std::size_t>(j)] * rate(j, k);
        law.push_back(inflow / total[static_cast<std::size_t>(k)]);
        const double sum = 1 + law.back(); // kept a law at every step, so that it cannot overflow
        for (double& p : law) p /= sum;
    }
    return law;
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
    const std::vector<std::size_t>& wells = members.wells;
    std::vector<bool> large(wells.size());
    std::vector<std::size_t> states; // by position in the class
    for (std::size_t i = 0; i < wells.size(); ++i) {
        large[i] = std::binary_search(members.largest.begin(), members.largest.end(), wells[i]);
        if (large[i]) states.push_back(i);
    }
    std::vector<Jumps> rows = jumps_of(exits, wells);
    eliminate_small(rows, large);

    const auto n = static_cast<Eigen::Index>(states.size());
    LimitChain chain{.states = members.largest,
                     .generator = Eigen::MatrixXd::Zero(n, n),
                     .killing = {},
                     .stationary = {},
                     .entrance = {}};
    for (Eigen::Index i = 0; i < n; ++i) {
        const Jumps& row = rows[states[static_cast<std::size_t>(i)]];
        for (Eigen::Index j = 0; j < n; ++j) chain.generator(i, j) = row.to[states[static_cast<std::size_t>(j)]];
        chain.generator(i, i) = -(chain.generator.row(i).sum() + row.out); // row.to[i] is 0
        chain.killing.push_back(row.out);
    }
    if (members.absorbing) chain.stationary = stationary_law(chain.generator);
    for (std::size_t k = 0; k < wells.size(); ++k) {
        Entrance entrance{.well = wells[k], .law = {}, .killed = large[k] ? 0 : rows[k].out};
        for (const std::size_t j : states) entrance.law.push_back(large[k] ? (j == k ? 1.0 : 0.0) : rows[k].to[j]);
        chain.entrance.push_back(std::move(entrance));
    }
    return chain;
}

}
