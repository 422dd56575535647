#include "theory/resolvent.hpp"

#include "model/error.hpp"

#include <Eigen/Sparse>
#include <cmath>
#include <limits>
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
constexpr std::ptrdiff_t near_panels = 3;
constexpr Index most_iterations = 120;

/// A linear map as Eigen's GMRES takes one.
template<class F> struct Map {
    F times;
    Index size;
    Index rows() const { return size; }
    VectorXd operator*(const VectorXd& z) const { return times(z); }
};

/// x with apply(x) = g, by GMRES on D⁻¹ M⁻¹ apply(D ·), M⁻¹ the approximate inverse: first D = 1, then, for the small
/// entries, D = |x|.
template<class Apply, class Inverse> VectorXd gmres(const Apply& apply, const Inverse& inverse, const VectorXd& g)
{
    VectorXd x = VectorXd::Zero(g.size()), size = VectorXd::Ones(g.size());
    double residual = std::numeric_limits<double>::infinity();
    for (int round = 0; round < 3; ++round) {
        const auto relative = [&](const VectorXd& z) { return VectorXd(inverse(z).cwiseQuotient(size)); };
        const Map map{[&](const VectorXd& z) { return relative(apply(z.cwiseProduct(size))); }, g.size()};
        const VectorXd rest = relative(round == 0 ? g : VectorXd(g - apply(x)));
        if (round > 0) {
            const double left = rest.cwiseAbs().maxCoeff();
            if (!(left < 0.5 * residual)) break;
            residual = left;
            if (left < 1e-12) break;
        }
        VectorXd step = VectorXd::Zero(g.size());
        Index iterations = most_iterations;
        double tolerance = round == 0 ? 1e-14 : std::max(1e-14 / residual, 1e-10);
        Eigen::internal::gmres(map, rest, step, Eigen::IdentityPreconditioner(), iterations, most_iterations,
                               tolerance);
        x += step.cwiseProduct(size);
        const double largest = x.cwiseAbs().maxCoeff();
        size = x.cwiseAbs().cwiseMax(1e-100 * largest);
    }
    return x;
}

}

struct Resolvent::Factors {
    Eigen::SparseLU<Eigen::SparseMatrix<double>> lu;
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
    const Index n = chain.size();
    const BlockRows& near = chain.near();
    const std::size_t width = near.width;
    std::vector<Eigen::Triplet<double>> entries;
    entries.reserve(static_cast<std::size_t>(n) * width * 6);
    for (Index i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        const auto own = static_cast<std::ptrdiff_t>(row / width);
        const auto next = static_cast<std::ptrdiff_t>(chain.panel_of(chain.next(row)));
        const double diagonal = chain.leaves()[i] + chain.exit()[i] + shift;
        double largest = diagonal;
        for (std::size_t k = near.first[row] * width; k < near.first[row + 1] * width; ++k)
            largest = std::max(largest, std::abs(near.value[k]));
        scale_[i] = 1 / largest;
        entries.emplace_back(i, i, diagonal * scale_[i]);
        for (std::size_t k = near.first[row]; k < near.first[row + 1]; ++k) {
            const std::ptrdiff_t p = near.block[k];
            if (p != own && std::abs(p - next) > near_panels) continue;
            for (std::size_t j = 0; j < width; ++j)
                if (near.value[k * width + j] != 0)
                    entries.emplace_back(i, near.block[k] * width + j, -near.value[k * width + j] * scale_[i]);
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
    const VectorXd z = gmres([&](const VectorXd& v) { return apply(v); },
                             [&](const VectorXd& v) { return VectorXd(near_->lu.solve(v)); }, rhs);
    return {z.head(g.size()), z.tail(c.size())};
}

Resolvent::ManyBordered Resolvent::solve_transposed(const VectorXd& g, const VectorXd& c) const
{
    VectorXd rhs(g.size() + c.size());
    rhs << g, c;
    const VectorXd z = gmres([&](const VectorXd& v) { return apply_transposed(v); },
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
