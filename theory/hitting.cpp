#include "theory/hitting.hpp"

#include "model/error.hpp"
#include "theory/elimination.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace exeunt::theory
{

namespace
{

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Positions = std::vector<Index>; ///< states by position in the chain

constexpr double infinity = std::numeric_limits<double>::infinity();

Positions positions(const LimitChain& chain, const std::vector<std::size_t>& wells)
{
    Positions found;
    for (const std::size_t well : wells) {
        const auto at = std::find(chain.states.begin(), chain.states.end(), well);
        if (at == chain.states.end())
            throw BadInput(fmt::format(
                "well {} is no state of this limit chain: only the widest wells of its class are", well + 1));
        const Index position = at - chain.states.begin();
        if (std::find(found.begin(), found.end(), position) == found.end()) found.push_back(position);
    }
    return found;
}

Positions others(const LimitChain& chain, const Positions& a, const Positions& b = {})
{
    Positions rest;
    for (Index i = 0; i < chain.generator.rows(); ++i)
        if (std::find(a.begin(), a.end(), i) == a.end() && std::find(b.begin(), b.end(), i) == b.end())
            rest.push_back(i);
    return rest;
}

VectorXd killing(const LimitChain& chain)
{
    return Eigen::Map<const VectorXd>(chain.killing.data(), static_cast<Index>(chain.killing.size()));
}

bool is_killed(const LimitChain& chain) { return (killing(chain).array() > 0).any(); }

std::vector<double> with(double value, const Positions& at, std::size_t n)
{
    std::vector<double> all(n, 0.0);
    for (const Index i : at) all[static_cast<std::size_t>(i)] = value;
    return all;
}

void put(std::vector<double>& into, const Positions& at, const Eigen::Ref<const VectorXd>& values)
{
    for (std::size_t k = 0; k < at.size(); ++k) into[static_cast<std::size_t>(at[k])] = values[static_cast<Index>(k)];
}

/// E[T | T < ∞] outside the set: given that it is hit, Y jumps from i to j at rate Q_ij h_j / h_i, h = P(T < ∞), and
/// into the set at rate Σ_j Q_ij / h_i.
VectorXd conditional_means(const LimitChain& chain, const Positions& set, const Positions& rest, const VectorXd& h)
{
    if (!(h.array() > 0).all()) throw NotConverged("the limit chain: a hitting probability underflows");
    const MatrixXd rate = h.cwiseInverse().asDiagonal() * (chain.generator(rest, rest) * h.asDiagonal());
    const VectorXd into = chain.generator(rest, set).rowwise().sum().cwiseQuotient(h);
    return killed_solve(rate, into, VectorXd::Ones(h.size()));
}

}

FirstHit hits_first(const LimitChain& chain, const std::vector<std::size_t>& a, const std::vector<std::size_t>& b)
{
    if (a.empty()) throw BadInput("no state is named whose hitting probability is wanted");
    const Positions in_a = positions(chain, a), in_b = positions(chain, b), rest = others(chain, in_a, in_b);
    const std::size_t n = chain.states.size();
    if (rest.size() + in_a.size() + in_b.size() != n)
        throw BadInput("the two sets of states share one: which comes first is no question there");
    FirstHit hit{.a = with(1, in_a, n), .b = with(1, in_b, n), .killed = std::vector<double>(n, 0.0)};
    if (rest.empty()) return hit;
    MatrixXd out(static_cast<Index>(rest.size()), 3);
    out << chain.generator(rest, in_a).rowwise().sum(), chain.generator(rest, in_b).rowwise().sum(),
        killing(chain)(rest);
    const MatrixXd law = absorption_law(chain.generator(rest, rest), out);
    put(hit.a, rest, law.col(0));
    put(hit.b, rest, law.col(1));
    put(hit.killed, rest, law.col(2));
    return hit;
}

MatrixXd occupation_times(const LimitChain& chain)
{
    const Index n = chain.generator.rows();
    if (!is_killed(chain)) return MatrixXd::Constant(n, n, infinity);
    return killed_solve(chain.generator, killing(chain), MatrixXd::Identity(n, n));
}

MatrixXd reach_probabilities(const LimitChain& chain)
{
    const Index n = chain.generator.rows();
    if (!is_killed(chain)) return MatrixXd::Constant(n, n, n > 1 ? 1 : 0);
    MatrixXd reach = occupation_times(chain);
    reach = (reach * reach.diagonal().cwiseInverse().asDiagonal()).eval(); // G_ij / G_jj; 1 at j itself
    MatrixXd jump = chain.generator;
    jump.diagonal().setZero();
    const VectorXd back = jump.cwiseProduct(reach.transpose()).rowwise().sum();
    reach.diagonal() = back.cwiseQuotient(-chain.generator.diagonal());
    return reach;
}

HittingTimes hitting_times(const LimitChain& chain, const std::vector<std::size_t>& set)
{
    const FirstHit hit = hits_first(chain, set);
    const Positions in = positions(chain, set), rest = others(chain, in);
    const std::size_t n = chain.states.size();
    HittingTimes times{
        .probability = hit.a, .mean = std::vector<double>(n, 0.0), .mean_if_hit = std::vector<double>(n, 0.0)};
    if (rest.empty()) return times;
    const VectorXd h = Eigen::Map<const VectorXd>(hit.a.data(), static_cast<Index>(n))(rest);
    put(times.mean_if_hit, rest, conditional_means(chain, in, rest, h));
    for (std::size_t i = 0; i < n; ++i) times.mean[i] = hit.killed[i] > 0 ? infinity : times.mean_if_hit[i];
    return times;
}

}
