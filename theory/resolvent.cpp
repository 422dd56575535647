#include "theory/resolvent.hpp"

#include "model/error.hpp"

#include <Eigen/Sparse>
#include <cmath>
#include <limits>
#include <unsupported/Eigen/IterativeSolvers>
#include <vector>

namespace exeunt::theory
{

namespace
{

using Eigen::Index;
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

Resolvent::Resolvent(const Chain& chain, double shift)
    : chain_(chain), shift_(shift), start_(chain.at(chain.region().start)), scale_(chain.size()),
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
        entries.emplace_back(i, n, scale_[i]);
        for (std::size_t k = near.first[row]; k < near.first[row + 1]; ++k) {
            const std::ptrdiff_t p = near.block[k];
            if (p != own && std::abs(p - next) > near_panels) continue;
            for (std::size_t j = 0; j < width; ++j)
                if (near.value[k * width + j] != 0)
                    entries.emplace_back(i, near.block[k] * width + j, -near.value[k * width + j] * scale_[i]);
        }
    }
    for (Index j = 0; j < n; ++j)
        if (start_[j] != 0) entries.emplace_back(n, j, start_[j]);
    Eigen::SparseMatrix<double> bordered(n + 1, n + 1);
    bordered.setFromTriplets(entries.begin(), entries.end());
    near_->lu.compute(bordered);
    if (near_->lu.info() != Eigen::Success) throw NotConverged("the near field of the exact chain is singular");
}

Resolvent::~Resolvent() = default;

VectorXd Resolvent::apply(const VectorXd& z) const
{
    const Index n = chain_.size();
    VectorXd result(n + 1);
    result.head(n) = scale_.cwiseProduct(((chain_.generate(z.head(n)) + shift_ * z.head(n)).array() + z[n]).matrix());
    result[n] = start_.dot(z.head(n));
    return result;
}

VectorXd Resolvent::apply_transposed(const VectorXd& z) const
{
    const Index n = chain_.size();
    const VectorXd y = scale_.cwiseProduct(z.head(n));
    VectorXd result(n + 1);
    result.head(n) = chain_.generate_transposed(y) + shift_ * y + z[n] * start_;
    result[n] = y.sum();
    return result;
}

Resolvent::Bordered Resolvent::solve(const VectorXd& g, double c) const
{
    const Index n = chain_.size();
    VectorXd rhs(n + 1);
    rhs << scale_.cwiseProduct(g), c;
    const VectorXd z = gmres([&](const VectorXd& v) { return apply(v); },
                             [&](const VectorXd& v) { return VectorXd(near_->lu.solve(v)); }, rhs);
    return {z.head(n), z[n]};
}

Resolvent::Bordered Resolvent::solve_transposed(const VectorXd& g, double c) const
{
    const Index n = chain_.size();
    VectorXd rhs(n + 1);
    rhs << g, c;
    const VectorXd z = gmres([&](const VectorXd& v) { return apply_transposed(v); },
                             [&](const VectorXd& v) { return VectorXd(near_->lu.transpose().solve(v)); }, rhs);
    return {scale_.cwiseProduct(z.head(n)), z[n]};
}

}
