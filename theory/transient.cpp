#include "theory/transient.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace exeunt::theory
{

namespace
{

using Eigen::MatrixXd;

bool is_killed(const LimitChain& chain)
{
    return std::any_of(chain.killing.begin(), chain.killing.end(), [](double kappa) { return kappa > 0; });
}

/// S = I + Q/Λ, with † as a last state that is never left where the chain is killed at all.
MatrixXd uniformised(const LimitChain& chain, double lambda)
{
    const Eigen::Index n = chain.generator.rows(), states = n + (is_killed(chain) ? 1 : 0);
    MatrixXd s = MatrixXd::Identity(states, states);
    s.topLeftCorner(n, n) += chain.generator / lambda;
    if (states > n)
        for (Eigen::Index i = 0; i < n; ++i) s(i, n) = chain.killing[static_cast<std::size_t>(i)] / lambda;
    return s;
}

/// Rows are laws: a common error of a row, which squaring would double each time, is taken out.
void normalise(MatrixXd& p)
{
    const Eigen::VectorXd total = p.rowwise().sum();
    p.array().colwise() /= total.array();
}

constexpr int degree = 15; // of the short step's polynomial in S

/// Σ_{m ≤ 15} (Λτ)^m/m! S^m by six products, up to a factor.
MatrixXd short_step(const MatrixXd& s, double a)
{
    const Eigen::Index n = s.rows();
    const MatrixXd s2 = s * s, s3 = s2 * s, s4 = s2 * s2;
    double weight[degree + 1] = {1};
    for (int m = 1; m <= degree; ++m) weight[m] = weight[m - 1] * a / m;
    MatrixXd sum;
    for (int m = degree - 3; m >= 0; m -= 4) {
        MatrixXd block =
            weight[m] * MatrixXd::Identity(n, n) + weight[m + 1] * s + weight[m + 2] * s2 + weight[m + 3] * s3;
        if (m + 4 <= degree) block += sum * s4;
        sum = std::move(block);
    }
    normalise(sum);
    return sum;
}

/// How often the short step must be doubled to reach t.
///
/// A path from i to j, its loops erased, is one of ℓ ≤ n steps through distinct states, † included. With weight w, the
/// paths of N steps that shrink to it weigh at most C(N, ℓ) w, since a loop at a state weighs at most 1, and at least
/// S_ii^{N-ℓ} C(N, ℓ) w ≥ 2^{ℓ-N} C(N, ℓ) w. Hence over the time 1/Λ, cut into K short steps, those paths that have
/// more than 15 steps in one of them are at most a part e^{1/2} K P(Bin(ℓ, 1/K) + Poisson(1/K) > 15) of all. For
/// K ≥ 4n that is below 1e-17, for every n and every entry. Longer times are products of such.
int doublings(Eigen::Index n, double lambda, double t)
{
    int count = 2;
    while ((Eigen::Index{1} << count) < 4 * n) ++count;
    return count + std::max(0, std::ilogb(lambda) + std::ilogb(t) + 2);
}

/// All rows are π within 1e-9: then after the same time once more they are π within 1e-18, entry by entry.
bool is_settled(const MatrixXd& p, const std::vector<double>& stationary)
{
    for (Eigen::Index j = 0; j < p.cols(); ++j) {
        const double law = stationary[static_cast<std::size_t>(j)];
        if (!(((p.col(j).array() - law).abs() <= 1e-9 * law).all())) return false;
    }
    return true;
}

struct Power {
    MatrixXd law; ///< with † as the last state where the chain is killed
    double error;
};

/// What rounding does, after so many products: see the header.
template<class Law> double rounding(const Law& law, Eigen::Index states, int products)
{
    double smallest = 1;
    for (const double entry : law.reshaped())
        if (entry > 0) smallest = std::min(smallest, entry);
    const double u = std::numeric_limits<double>::epsilon();
    return u * (products * (2 + std::sqrt(static_cast<double>(states))) - std::log(smallest));
}

double largest_rate(const LimitChain& chain) { return -chain.generator.diagonal().minCoeff(); }

void check_time(double t)
{
    if (!(t >= 0) || std::isinf(t)) throw BadInput(fmt::format("time t = {} must be finite and ≥ 0", t));
}

Power by_squaring(const LimitChain& chain, double t)
{
    const double lambda = 2 * largest_rate(chain);
    const MatrixXd s = uniformised(chain, lambda);
    const int total = doublings(s.rows(), lambda, t);
    MatrixXd p = short_step(s, std::ldexp(lambda, -total) * t);
    for (int k = 0; k < total; ++k) {
        if (!chain.stationary.empty() && is_settled(p, chain.stationary)) {
            const Eigen::Map<const Eigen::RowVectorXd> law(chain.stationary.data(), p.cols());
            return {law.replicate(p.rows(), 1), rounding(p, p.rows(), k + 1)};
        }
        p = p * p;
        normalise(p);
    }
    return {p, rounding(p, p.rows(), total + 6)};
}

constexpr double short_time = 512; // in units of 1/Λ: here vectors are faster than products of matrices

/// The number of terms of Σ_m (Λt)^m/m! S^m that are left out at most a part 1e-17 of any entry. By the argument above,
/// with K = 1: all terms up to n + r, where Σ_{k>r} a^k/k! ≤ 1e-17 e^{a/2}.
int terms(Eigen::Index n, double a)
{
    int r = 0;
    for (double term = 1; r < 2 * a || 2 * term > 1e-17 * std::exp(a / 2); term *= a / ++r) {
    }
    return static_cast<int>(n) + r;
}

/// start · exp(tQ), a vector at a time; start is a law.
Eigen::RowVectorXd by_vectors(const MatrixXd& s, const Eigen::RowVectorXd& start, double a)
{
    Eigen::RowVectorXd at = start, sum = start;
    double weight = 1;
    for (int m = 1; m <= terms(s.rows(), a); ++m) {
        at = at * s;
        at /= at.sum(); // rounding neither gains nor loses
        weight *= a / m;
        sum += weight * at;
    }
    return sum / sum.sum();
}

void check_weights(const LimitChain& chain, std::span<const double> initial)
{
    if (initial.size() != chain.states.size())
        throw BadInput(fmt::format("an initial law of {} weights for a chain of {} states: give one for each",
                                   initial.size(), chain.states.size()));
    for (const double weight : initial)
        if (!(weight >= 0) || std::isinf(weight))
            throw BadInput(fmt::format("an initial weight is {}: give finite numbers ≥ 0", weight));
}

}

TransitionMatrix transition_matrix(const LimitChain& chain, double t)
{
    check_time(t);
    const Eigen::Index n = chain.generator.rows();
    TransitionMatrix matrix{
        .at = MatrixXd::Identity(n, n), .killed = std::vector<double>(static_cast<std::size_t>(n), 0.0), .error = 0};
    if (t == 0 || largest_rate(chain) == 0) return matrix;
    const Power power = by_squaring(chain, t);
    matrix.at = power.law.topLeftCorner(n, n);
    matrix.error = power.error;
    if (is_killed(chain))
        for (Eigen::Index i = 0; i < n; ++i) matrix.killed[static_cast<std::size_t>(i)] = power.law(i, n);
    return matrix;
}

TransientLaw transient_law(const LimitChain& chain, std::span<const double> initial, double t)
{
    check_time(t);
    check_weights(chain, initial);
    TransientLaw law{.at = {initial.begin(), initial.end()}, .killed = 0, .error = 0};
    const double mass = std::accumulate(initial.begin(), initial.end(), 0.0), lambda = 2 * largest_rate(chain);
    if (t == 0 || lambda == 0 || mass == 0) return law;
    const auto n = static_cast<Eigen::Index>(initial.size());
    Eigen::RowVectorXd at = Eigen::RowVectorXd::Zero(n + (is_killed(chain) ? 1 : 0));
    at.head(n) = Eigen::Map<const Eigen::RowVectorXd>(initial.data(), n) / mass;
    if (lambda * t <= short_time) {
        at = by_vectors(uniformised(chain, lambda), at, lambda * t);
        law.error = rounding(at, at.size(), terms(at.size(), lambda * t));
    } else {
        const Power power = by_squaring(chain, t);
        at *= power.law;
        law.error = power.error;
    }
    for (Eigen::Index j = 0; j < n; ++j) law.at[static_cast<std::size_t>(j)] = mass * at[j];
    if (at.size() > n) law.killed = mass * at[n];
    return law;
}

TransientLaw transient_law(const LimitChain& chain, std::size_t well, double t)
{
    for (const Entrance& entrance : chain.entrance)
        if (entrance.well == well) {
            TransientLaw law = transient_law(chain, entrance.law, t);
            law.killed += entrance.killed;
            return law;
        }
    throw BadInput(fmt::format("well {} is not of this class", well + 1));
}

}
