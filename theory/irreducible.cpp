#include "theory/irreducible.hpp"

#include "model/error.hpp"
#include "theory/transient.hpp"
#include "theory/well_law.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace
{

void require_irreducible(const Prediction& limit)
{
    if (!limit.heavy_tailed() || limit.graph.classes.size() != 1)
        throw BadInput("the share of time in sharp fields has a limit theorem for heavy tails and one class of wells");
}

/// Σ_k |P(X_{⌊t/λ⌋} ∈ Ω_k) - P(Y_t = k)| / 2.
double total_variation(const WellLaw& law, const LimitChain& chain, std::size_t well, double t, double scale)
{
    const std::vector<double> exact = law.at(static_cast<std::uint64_t>(std::floor(t / scale)));
    const TransientLaw limit = transient_law(chain, well, t);
    double apart = 0;
    for (const double p : exact) apart += 0.5 * p;
    for (std::size_t k = 0; k < chain.states.size(); ++k) {
        const double p = exact[chain.states[k]];
        apart += 0.5 * (std::abs(p - limit.at[k]) - p);
    }
    return apart;
}

}

std::vector<double> sharp_shares(const Prediction& limit)
{
    require_irreducible(limit);
    const auto n = static_cast<Index>(limit.exits.size());
    const LimitChain& chain = limit.chains.front();
    VectorXd flow = VectorXd::Zero(n), total(n);
    for (Index i = 0; i < n; ++i) total[i] = limit.exits[static_cast<std::size_t>(i)].total();
    MatrixXd rest = MatrixXd::Identity(n, n); // F_i - Σ_{j small} F_j q_ji/q_j = Σ_{j large} F_j q_ji/q_j
    for (std::size_t k = 0; k < chain.states.size(); ++k)
        flow[static_cast<Index>(chain.states[k])] = chain.stationary[k] * total[static_cast<Index>(chain.states[k])];
    VectorXd known = flow;
    for (Index i = 0; i < n; ++i) {
        if (flow[i] > 0) continue;
        for (Index j = 0; j < n; ++j) {
            const double share = limit.exits[static_cast<std::size_t>(j)].to[static_cast<std::size_t>(i)] / total[j];
            if (j == i) continue;
            if (flow[j] > 0)
                known[i] += flow[j] * share;
            else
                rest(i, j) -= share;
        }
    }
    const VectorXd w = rest.partialPivLu().solve(known).cwiseQuotient(total);
    return {w.begin(), w.end()};
}

IrreducibleRung irreducible_rung(const Setting& setting, const Prediction& limit, double eta, std::size_t well,
                                 std::span<const double> times, double rtol)
{
    require_irreducible(limit);
    const model::Model model = setting.at(limit.clip, eta);
    const Stationary pi = stationary(model, rtol);
    const int largest = limit.graph.classes.front().largest_order;
    const double scale = time_scale(setting.noise, eta, largest);
    const double a_jump = setting.noise.tail(1 / eta) / eta;
    IrreducibleRung rung{eta, pi.share, {}, pi.error, {}, 0};
    for (std::size_t i = 0; i < pi.share.size(); ++i)
        rung.scaled.push_back(pi.share[i] * std::pow(a_jump, limit.exits[i].order - largest));
    const WellLaw law(model, pi, setting.landscape.minima()[well], Times::one);
    for (const double t : times) {
        if (!(t >= 0 && t / scale < 0x1p60)) throw BadInput("a time of the ladder must be at least 0 and not too long");
        rung.apart.push_back(total_variation(law, limit.chains.front(), well, t, scale));
    }
    rung.apart_error = law.error() + pi.error;
    return rung;
}

}
