#include "theory/line.hpp"

#include "model/error.hpp"
#include "theory/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using model::Model;

Region line(const Model& model, double margin)
{
    Region all{.states = {}, .places = {}, .labels = model.landscape.wells(), .start = model.landscape.minima()[0]};
    for (std::size_t i = 0; i < all.labels; ++i) all.states.push_back(field(model, i, margin).states.front());
    return all;
}

namespace
{

/// P(X_1 ∈ Ω_j | x) at the nodes x outside Ω_j, and minus the probability of leaving it at those inside: P 1_j - 1_j.
MatrixXd flows(const Chain& chain)
{
    const auto& states = chain.region().states;
    MatrixXd to(chain.size(), static_cast<Index>(states.size()));
    std::vector<Index> own(static_cast<std::size_t>(chain.size()));
    for (std::size_t j = 0; j < states.size(); ++j) {
        VectorXd inside(chain.size());
        for (std::size_t i = 0; i < own.size(); ++i) {
            const double x = chain.states()[i];
            const bool holds = states[j].lo < x && x < states[j].hi;
            inside[static_cast<Index>(i)] = holds ? 1 : 0;
            if (holds) own[i] = static_cast<Index>(j);
        }
        to.col(static_cast<Index>(j)) = chain.move(inside);
    }
    for (std::size_t i = 0; i < own.size(); ++i) {
        auto row = to.row(static_cast<Index>(i));
        row[own[i]] = 0;
        row[own[i]] = -row.sum();
    }
    return to;
}

}

double Wells::flow(std::size_t k) const { return share[k] * rate.row(static_cast<Index>(k)).sum(); }

Wells wells(const Model& model, const Chain& chain, double tolerance, const Wells& guess)
{
    const auto n = static_cast<Index>(model.landscape.wells());
    Resolvent resolvent(chain, model.landscape.minima(), guess.factored);
    resolvent.set_tolerance(tolerance);
    const VectorXd zero = VectorXd::Zero(chain.size());
    Wells w{.settles = MatrixXd(chain.size(), n),
            .law = MatrixXd(chain.size(), n),
            .rate = {},
            .share = {},
            .measure = {},
            .algebraic = 0,
            .settles_border = MatrixXd(n, n),
            .law_border = MatrixXd(n, n)};
    const auto column = [](const MatrixXd& values, const MatrixXd& border, Index k) -> Resolvent::ManyBordered {
        if (values.size() == 0) return {};
        return {values.col(k), border.col(k)};
    };
    for (Index k = 0; k < n; ++k) {
        const VectorXd one = VectorXd::Unit(n, k);
        const auto settles = resolvent.solve(zero, one, column(guess.settles, guess.settles_border, k));
        w.settles.col(k) = settles.values;
        w.settles_border.col(k) = settles.border;
        const auto law = resolvent.solve_transposed(zero, one, column(guess.law, guess.law_border, k));
        w.law.col(k) = law.values;
        w.law_border.col(k) = law.border;
    }
    w.factored = resolvent.factored();
    w.rate = w.law.transpose() * flows(chain);
    w.rate.diagonal().setZero();
    try {
        w.share = stationary_law(w.rate);
    } catch (const NotConverged&) { // of numbers that are no rates
        throw NotConverged(
            fmt::format("the exact chain at {}: the mesh does not resolve the rates between the wells", chain.cell()));
    }
    const Eigen::Map<const VectorXd> p(w.share.data(), n);
    w.measure = w.law * p;
    for (Index k = 0; k < n; ++k) {
        double off = 0;
        for (Index j = 0; j < n; ++j)
            if (j != k) off += p[j] * std::abs(w.rate(j, k) - w.settles_border(j, k));
        const double flow = w.flow(static_cast<std::size_t>(k));
        if (!(flow > 0))
            throw NotConverged(fmt::format("the exact chain at {}: the mesh does not resolve the rate out of well {}",
                                           chain.cell(), k + 1));
        w.algebraic = std::max(w.algebraic, off / flow);
    }
    return w;
}

}
