#include "theory/well_law.hpp"

#include "model/error.hpp"
#include "theory/chain.hpp"

#include <algorithm>
#include <bit>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::RowVectorXd;
using Eigen::VectorXd;
using model::Model;

namespace
{

constexpr std::size_t carried = 64; // steps carried forward on the mesh

/// Rows that ought to sum to 0 do: doubled again and again, what rounding leaves of their sums would grow.
MatrixXd balanced(MatrixXd e)
{
    e.diagonal() -= e.rowwise().sum().eval();
    return e;
}

/// (I + A)(I + B) - I, in which what is small keeps its digits.
MatrixXd both(const MatrixXd& a, const MatrixXd& b) { return balanced(a + b + a * b); }

/// (I + K)^t - I.
MatrixXd power(MatrixXd k, std::uint64_t t)
{
    MatrixXd total = MatrixXd::Zero(k.rows(), k.cols());
    for (; t > 0; t /= 2) {
        if (t % 2 == 1) total = both(total, k);
        if (t > 1) k = both(k, k);
    }
    return total;
}

/// (1/N) Σ_{t=1}^N (I + K)^t - I, N ≥ 1, by doubling from N's highest bit.
MatrixXd mean_power(const MatrixXd& k, std::uint64_t steps)
{
    MatrixXd moved = k, mean = k; // (I + K)^m - I and the mean, m = 1
    std::uint64_t m = 1;
    for (auto bit = std::bit_width(steps) - 1; bit-- > 0;) {
        mean = balanced(mean + 0.5 * (moved + moved * mean));
        moved = both(moved, moved);
        m *= 2;
        if ((steps >> bit) % 2 == 0) continue;
        moved = both(moved, k);
        m += 1;
        mean += (moved - mean) / static_cast<double>(m);
    }
    return mean;
}

/// P(X_t ∈ Ω_k), t = 0, 1, …, one row each. On some meshes carrying forward is unstable: its half is kept, where the
/// growing mode is the root of what it is at the end.
std::vector<RowVectorXd> first_steps(const Chain& chain, const MatrixXd& inside, double start)
{
    VectorXd law = chain.at(start);
    std::vector<RowVectorXd> rows{law.transpose() * inside};
    constexpr double unstable = 20; // Σ|law|, which is about 1, or a few where interpolation still rings
    while (rows.size() <= 2 * carried && law.cwiseAbs().sum() < unstable) {
        law -= chain.generate_transposed(law);
        rows.emplace_back(law.transpose() * inside);
    }
    rows.resize(rows.size() / 2 + 1);
    return rows;
}

std::vector<double> probabilities(const RowVectorXd& c)
{
    const RowVectorXd p = c.cwiseMax(0).cwiseMin(1); // rounding goes beyond
    return {p.begin(), p.end()};
}

}

WellLaw::WellLaw(const Model& model, const Stationary& pi, double start, Times asked) : asked_(asked)
{
    const Chain chain(model, pi.region, pi.mesh);
    const auto n = static_cast<Index>(pi.share.size());
    MatrixXd inside = MatrixXd::Zero(chain.size(), n);
    for (Index i = 0; i < chain.size(); ++i)
        inside(i, static_cast<Index>(model.landscape.well_of(chain.states()[static_cast<std::size_t>(i)]))) = 1;
    const MatrixXd inverse = (pi.law.transpose() * pi.settles).inverse(); // M⁻¹, near I
    MatrixXd rate = pi.rate;
    rate.diagonal() -= pi.rate.rowwise().sum();
    step_ = balanced(rate * inverse);
    start_ = chain.at(start).transpose() * pi.settles * inverse;
    for (Index j = 0; j < n; ++j)
        observed_.emplace_back((pi.law.array().colwise() * inside.col(j).array()).matrix().transpose() * pi.settles *
                               inverse);
    first_ = first_steps(chain, inside, start);
    const auto compare = [&](const std::vector<RowVectorXd>& exact, RowVectorXd c) {
        for (const RowVectorXd& p : exact) {
            error_ = std::max(error_, (p - c).cwiseAbs().maxCoeff());
            c += (c * step_).eval();
        }
    };
    compare(first_, start_);
    if (asked == Times::one) return;
    for (const double m : model.landscape.minima())
        if (m != start) compare(first_steps(chain, inside, m), chain.at(m).transpose() * pi.settles * inverse);
}

std::vector<double> WellLaw::at(std::uint64_t t) const
{
    if (t < first_.size()) return probabilities(first_[t]);
    return probabilities(start_ + start_ * power(step_, t));
}

double WellLaw::joint(std::span<const std::uint64_t> times, std::span<const std::size_t> wells) const
{
    if (asked_ == Times::one) throw BadInput("the law at one time was asked for several");
    if (times.size() != wells.size()) throw BadInput("the law at given steps needs a well for each of them");
    RowVectorXd c = start_;
    std::uint64_t now = 0;
    for (std::size_t k = 0; k < times.size(); ++k) {
        if (times[k] < now) throw BadInput("the law at given steps needs steps that do not decrease");
        if (wells[k] >= observed_.size()) throw BadInput("the law at given steps was asked of a well that is none");
        c += (c * power(step_, times[k] - now)).eval();
        c = (c * observed_[wells[k]]).eval();
        now = times[k];
    }
    return std::clamp(c.sum(), 0.0, 1.0);
}

std::vector<double> WellLaw::occupation(std::uint64_t steps) const
{
    if (steps == 0) throw BadInput("the occupation of no step is not defined");
    if (steps >= first_.size()) return probabilities(start_ + start_ * mean_power(step_, steps));
    RowVectorXd sum = RowVectorXd::Zero(start_.size());
    for (std::uint64_t t = 1; t <= steps; ++t) sum += first_[t];
    return probabilities(sum / static_cast<double>(steps));
}

}
