#include "theory/resolvent.hpp"

#include "model/error.hpp"

#include <Eigen/Sparse>
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <unsupported/Eigen/IterativeSolvers>
#include <utility>
#include <vector>

namespace exeunt::theory
{

namespace
{

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Blocks up to this many panels from that of T(x) belong to the near field that is factored.
constexpr std::ptrdiff_t near_panels = 2;
/// Where the iterations do not get there, so do blocks with an entry as large, relative to the row's largest: where f'
/// is clipped, nearly every step goes to the atom, and T(x) says little of it.
constexpr double likely = 0.1;
constexpr Index most_iterations = 120;

double largest_of(std::span<const double> v)
{
    double largest = 0;
    for (const double x : v) largest = std::max(largest, std::abs(x));
    return largest;
}

/// A linear map as Eigen's GMRES takes one.
template<class F> struct Map {
    F times;
    Index size;
    Index rows() const { return size; }
    VectorXd operator*(const VectorXd& z) const { return times(z); }
};

struct Iterate {
    VectorXd x;
    bool enough; ///< of iterations in the first round
};

/// x with apply(x) = g, by GMRES on D⁻¹ M⁻¹ apply(D ·), M⁻¹ the approximate inverse: first D = 1, then, for the small
/// entries, D = |x|, until what is left is below the tolerance or falls no more.
template<class Apply, class Inverse>
Iterate gmres(const Apply& apply, const Inverse& inverse, const VectorXd& g, double tolerance)
{
    const double goal = 0.01 * tolerance;
    VectorXd x = VectorXd::Zero(g.size()), size = VectorXd::Ones(g.size());
    double residual = std::numeric_limits<double>::infinity();
    bool enough = true;
    for (int round = 0; round < 6; ++round) {
        const auto relative = [&](const VectorXd& z) { return VectorXd(inverse(z).cwiseQuotient(size)); };
        const Map map{[&](const VectorXd& z) { return relative(apply(z.cwiseProduct(size))); }, g.size()};
        const VectorXd rest = relative(round == 0 ? g : VectorXd(g - apply(x)));
        if (round > 0) {
            const double left = rest.cwiseAbs().maxCoeff();
            if (!(left < 0.5 * residual)) break;
            residual = left;
            if (left < tolerance) break;
        }
        VectorXd step = VectorXd::Zero(g.size());
        Index iterations = most_iterations;
        double reduction = round == 0 ? goal : std::max(goal / residual, 1e-10);
        Eigen::internal::gmres(map, rest, step, Eigen::IdentityPreconditioner(), iterations, most_iterations,
                               reduction);
        if (round == 0) enough = iterations < most_iterations;
        x += step.cwiseProduct(size);
        const double largest = x.cwiseAbs().maxCoeff();
        size = x.cwiseAbs().cwiseMax(1e-100 * largest);
    }
    return {x, enough};
}

}

struct Resolvent::Factors {
    Eigen::SparseLU<Eigen::SparseMatrix<double>> lu;
    bool with_atoms = false;
};

namespace
{

using Border = Eigen::SparseMatrix<double>;

Border column_of(const VectorXd& v) { return MatrixXd(v).sparseView(1, 0); }

Border indicators(const Chain& chain)
{
    const auto& states = chain.region().states;
    std::vector<Eigen::Triplet<double>> entries;
    for (Index i = 0, k = 0; i < chain.size(); ++i) {
        while (chain.states()[static_cast<std::size_t>(i)] > states[static_cast<std::size_t>(k)].hi) ++k;
        entries.emplace_back(i, k, 1.0);
    }
    Border set(chain.size(), static_cast<Index>(states.size()));
    set.setFromTriplets(entries.begin(), entries.end());
    return set;
}

Border evaluations(const Chain& chain, const std::vector<double>& at)
{
    std::vector<Eigen::Triplet<double>> entries;
    for (std::size_t k = 0; k < at.size(); ++k) {
        const VectorXd weights = chain.at(at[k]);
        for (Index i = 0; i < weights.size(); ++i)
            if (weights[i] != 0) entries.emplace_back(i, static_cast<Index>(k), weights[i]);
    }
    Border set(chain.size(), static_cast<Index>(at.size()));
    set.setFromTriplets(entries.begin(), entries.end());
    return set;
}

}

Resolvent::Resolvent(const Chain& chain, double shift)
    : Resolvent(chain, shift, column_of(VectorXd::Ones(chain.size())), column_of(chain.at(chain.region().start)))
{
}

Resolvent::Resolvent(const Chain& chain, const std::vector<double>& start)
    : Resolvent(chain, 0, indicators(chain), evaluations(chain, start))
{
}

Resolvent::Resolvent(const Chain& chain, double shift, Border functions, Border starts)
    : chain_(chain), shift_(shift), functions_(std::move(functions)), starts_(std::move(starts)), scale_(chain.size()),
      near_(std::make_unique<Factors>())
{
    const BlockRows& near = chain.near();
    for (std::size_t i = 0; i < chain.states().size(); ++i) {
        const auto row = static_cast<Index>(i);
        const std::size_t from = near.first[i] * near.width, to = near.first[i + 1] * near.width;
        scale_[row] = 1 / std::max(diagonal(row), largest_of(std::span(near.value).subspan(from, to - from)));
    }
    factor(false);
}

double Resolvent::diagonal(Index i) const { return chain_.leaves()[i] + chain_.exit()[i] + shift_; }

void Resolvent::factor(bool with_atoms) const
{
    const Index n = chain_.size();
    const BlockRows& near = chain_.near();
    const std::size_t width = near.width;
    std::vector<Eigen::Triplet<double>> entries;
    entries.reserve(static_cast<std::size_t>(n) * width * 6);
    for (Index i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        const auto own = static_cast<std::ptrdiff_t>(row / width);
        const auto next = static_cast<std::ptrdiff_t>(chain_.panel_of(chain_.next(row)));
        entries.emplace_back(i, i, diagonal(i) * scale_[i]);
        for (std::size_t k = near.first[row]; k < near.first[row + 1]; ++k) {
            const std::ptrdiff_t p = near.block[k];
            const std::span value(&near.value[k * width], width);
            const bool factored = p == own || std::abs(p - next) <= near_panels ||
                                  (with_atoms && largest_of(value) * scale_[i] >= likely);
            if (!factored) continue;
            for (std::size_t j = 0; j < width; ++j)
                if (value[j] != 0) entries.emplace_back(i, near.block[k] * width + j, -value[j] * scale_[i]);
        }
    }
    const Index borders = functions_.cols();
    for (Index k = 0; k < borders; ++k) {
        for (Border::InnerIterator f(functions_, k); f; ++f)
            entries.emplace_back(f.row(), n + k, f.value() * scale_[f.row()]);
        for (Border::InnerIterator s(starts_, k); s; ++s) entries.emplace_back(n + k, s.row(), s.value());
    }
    Eigen::SparseMatrix<double> bordered(n + borders, n + borders);
    bordered.setFromTriplets(entries.begin(), entries.end());
    near_->lu.compute(bordered);
    if (near_->lu.info() != Eigen::Success) throw NotConverged("the near field of the exact chain is singular");
    near_->with_atoms = with_atoms;
}

template<class Apply, class Inverse>
VectorXd Resolvent::iterate(const Apply& apply, const Inverse& inverse, const VectorXd& rhs) const
{
    Iterate z = gmres(apply, inverse, rhs, tolerance_);
    if (!z.enough && !near_->with_atoms) {
        factor(true);
        z = gmres(apply, inverse, rhs, tolerance_);
    }
    return std::move(z.x);
}

Resolvent::~Resolvent() = default;

VectorXd Resolvent::apply(const VectorXd& z) const
{
    const Index n = chain_.size(), borders = functions_.cols();
    VectorXd result(n + borders);
    result.head(n) =
        scale_.cwiseProduct(chain_.generate(z.head(n)) + shift_ * z.head(n) + functions_ * z.tail(borders));
    result.tail(borders) = starts_.transpose() * z.head(n);
    return result;
}

VectorXd Resolvent::apply_transposed(const VectorXd& z) const
{
    const Index n = chain_.size(), borders = functions_.cols();
    const VectorXd y = scale_.cwiseProduct(z.head(n));
    VectorXd result(n + borders);
    result.head(n) = chain_.generate_transposed(y) + shift_ * y + starts_ * z.tail(borders);
    result.tail(borders) = functions_.transpose() * y;
    return result;
}

Resolvent::ManyBordered Resolvent::solve(const VectorXd& g, const VectorXd& c) const
{
    VectorXd rhs(g.size() + c.size());
    rhs << scale_.cwiseProduct(g), c;
    const VectorXd z = iterate([&](const VectorXd& v) { return apply(v); },
                               [&](const VectorXd& v) { return VectorXd(near_->lu.solve(v)); }, rhs);
    return {z.head(g.size()), z.tail(c.size())};
}

Resolvent::ManyBordered Resolvent::solve_transposed(const VectorXd& g, const VectorXd& c) const
{
    VectorXd rhs(g.size() + c.size());
    rhs << g, c;
    const VectorXd z = iterate([&](const VectorXd& v) { return apply_transposed(v); },
                               [&](const VectorXd& v) { return VectorXd(near_->lu.transpose().solve(v)); }, rhs);
    return {scale_.cwiseProduct(z.head(g.size())), z.tail(c.size())};
}

Resolvent::Bordered Resolvent::solve(const VectorXd& g, double c) const
{
    const auto [values, border] = solve(g, VectorXd::Constant(1, c));
    return {values, border[0]};
}

Resolvent::Bordered Resolvent::solve_transposed(const VectorXd& g, double c) const
{
    const auto [values, border] = solve_transposed(g, VectorXd::Constant(1, c));
    return {values, border[0]};
}

}
