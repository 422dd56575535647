#include "theory/resolvent.hpp"

#include "model/error.hpp"
#include "theory/work.hpp"

#include <Eigen/Sparse>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
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
constexpr std::ptrdiff_t near_panels = 1;
/// Where the iterations do not get there, so do blocks with an entry as large, relative to the row's largest: where f'
/// is clipped, nearly every step goes to the atom, and T(x) says little of it.
constexpr double likely = 0.1;

/// More are dearer than to factor more.
Index most_iterations(Part factored) { return factored == Part::diagonal ? 80 : 60; }

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
template<class F> Map(F, Index) -> Map<F>;

/// Iterations with rounded numbers leave this of what they solve for, and no less.
constexpr double by_rounded = 1e-6;

/// x with apply(x) = g, by GMRES on D⁻¹ M⁻¹ apply(D ·), M⁻¹ the approximate inverse, D = size(x) for the sake of the
/// small entries: with a guess, x is solved for once, with the guess's D, and begins with the guess where that is
/// better than 0; without one D is first a constant, and x is solved for again until what is left is below the
/// tolerance or falls no more. To solve is to iterate, with `rounded` in place of `apply` unless `exact`, again and
/// again on what that leaves by `apply`; once that is much more than the iterations say, with `apply` itself. Nothing
/// where GMRES takes `most` iterations, or twice as many in all, unless it is the last resort.
template<class Apply, class Rounded, class Inverse, class Size>
std::optional<VectorXd> gmres(const Apply& apply, const Rounded& rounded, const Inverse& inverse, const Size& size_of,
                              const VectorXd& g, double tolerance, const VectorXd& guess, Index most, bool last_resort,
                              bool exact)
{
    const bool guessed = guess.size() > 0, once = exact;
    VectorXd rest = inverse(g), x = VectorXd::Zero(g.size());
    VectorXd size = guessed ? size_of(guess) : VectorXd::Constant(g.size(), rest.cwiseAbs().maxCoeff());
    const auto relative = [&](const VectorXd& z) { return VectorXd(z.cwiseQuotient(size)); };
    const Map map{[&](const VectorXd& z) {
                      const VectorXd v = z.cwiseProduct(size);
                      return relative(inverse(exact ? apply(v) : rounded(v)));
                  },
                  g.size()};
    const auto largest = [&](const VectorXd& z) { return relative(z).cwiseAbs().maxCoeff(); };
    double left = largest(rest);
    if (guessed) {
        VectorXd better = inverse(g - apply(guess));
        if (const double less = largest(better); less < left) {
            left = less;
            rest = std::move(better);
            x = guess;
        }
    }
    Index in_all = 0;
    for (int round = 0; round < 6; ++round) {
        const double before = left, goal = std::max((guessed ? 0.1 : 0.01) * tolerance, 1e-15 * left);
        if (!(goal < left)) break;
        for (bool falls = true; falls && !(left <= 10 * goal);) {
            const double asked = std::max(goal / left, exact ? 0.0 : by_rounded);
            double reduction = asked;
            VectorXd step = VectorXd::Zero(g.size());
            Index iterations = most;
            Eigen::internal::gmres(map, relative(rest), step, Eigen::IdentityPreconditioner(), iterations, most,
                                   reduction);
            in_all += iterations;
            if ((iterations == most || in_all > 2 * most) && !last_resort) return {};
            x += step.cwiseProduct(size);
            if (guessed && once) return x;
            rest = inverse(g - apply(x));
            const double now = largest(rest);
            falls = !once && (!exact || now < 0.1 * left);
            exact = exact || now > std::sqrt(asked) * left;
            left = now;
        }
        if (guessed) break;
        size = size_of(x);
        left = largest(rest);
        if (left < tolerance || (round > 0 && !(left < 0.5 * before))) break;
    }
    return x;
}

}

struct Resolvent::Factors {
    Eigen::SparseLU<Eigen::SparseMatrix<double>> lu;
    Part part = Part::diagonal;
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

Resolvent::Resolvent(const Chain& chain, double shift, Part first)
    : Resolvent(chain, shift, column_of(VectorXd::Ones(chain.size())), column_of(chain.at(chain.region().start)), first)
{
}

Resolvent::Resolvent(const Chain& chain, const std::vector<double>& start, Part first)
    : Resolvent(chain, 0, indicators(chain), evaluations(chain, start), first)
{
}

Resolvent::Resolvent(const Chain& chain, double shift, Border functions, Border starts, Part first)
    : chain_(chain), shift_(shift), functions_(std::move(functions)), starts_(std::move(starts)), scale_(chain.size()),
      near_(std::make_unique<Factors>())
{
    const BlockRows<double>& near = chain.near();
    for (std::size_t i = 0; i < chain.states().size(); ++i) {
        const auto row = static_cast<Index>(i);
        const std::size_t from = near.first[i] * near.width, to = near.first[i + 1] * near.width;
        scale_[row] = 1 / std::max(diagonal(row), largest_of(std::span(near.value).subspan(from, to - from)));
    }
    if (first == Part::diagonal) rounded_ = chain.rounded();
    factor(first);
}

Part Resolvent::factored() const { return near_->part; }

double Resolvent::diagonal(Index i) const { return chain_.leaves()[i] + chain_.exit()[i] + shift_; }

void Resolvent::factor(Part part) const
{
    const Index n = chain_.size();
    const BlockRows<double>& near = chain_.near();
    const std::size_t width = near.width;
    std::vector<Eigen::Triplet<double>> entries;
    entries.reserve(static_cast<std::size_t>(n) * width * 6);
    for (Index i = 0; i < n; ++i) {
        const auto row = static_cast<std::size_t>(i);
        const auto own = static_cast<std::ptrdiff_t>(row / width);
        const auto next = static_cast<std::ptrdiff_t>(chain_.panel_of(chain_.next(row)));
        entries.emplace_back(i, i, diagonal(i) * scale_[i]);
        if (part == Part::diagonal) continue;
        for (std::size_t k = near.first[row]; k < near.first[row + 1]; ++k) {
            const std::ptrdiff_t p = near.block[k];
            const std::span value(&near.value[k * width], width);
            const bool factored = p == own || std::abs(p - next) <= near_panels ||
                                  (part == Part::atoms && largest_of(value) * scale_[i] >= likely);
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
    if (near_->lu.info() != Eigen::Success)
        throw NotConverged(fmt::format("the near field of the exact chain at {} is singular", chain_.cell()));
    near_->part = part;
}

template<class Apply, class Inverse>
VectorXd Resolvent::iterate(const Apply& apply, const Inverse& inverse, const VectorXd& rhs,
                            const VectorXd& guess) const
{
    const auto size = [&](const VectorXd& z) { return size_of(z); };
    for (;;) {
        const Part part = near_->part;
        if (auto x = gmres([&](const VectorXd& z) { return apply(z, Products::exact); },
                           [&](const VectorXd& z) { return apply(z, Products::rounded); }, inverse, size, rhs,
                           tolerance_, guess, most_iterations(part), part == Part::atoms, part != Part::diagonal))
            return *std::move(x);
        factor(part == Part::diagonal ? Part::near_field : Part::atoms);
    }
}

/// Of the entries on each panel the largest, or, where that cannot matter, less: what leaves or arrives there is less
/// than a share 1/n of the rate.
VectorXd Resolvent::size_of(const VectorXd& z) const
{
    const Index n = chain_.size(), width = chain_.mesh().nodes;
    VectorXd size = z.cwiseAbs();
    double least = 1e-100 * size.maxCoeff();
    if (shift_ == 0) least = std::max(least, size.tail(functions_.cols()).minCoeff() / static_cast<double>(n));
    for (Index i = 0; i < n; i += width) size.segment(i, width).setConstant(size.segment(i, width).maxCoeff());
    return size.cwiseMax(least);
}

Resolvent::~Resolvent() = default;

/// A h
VectorXd Resolvent::times(const VectorXd& h, Products how) const
{
    if (how == Products::exact) return chain_.generate(h) + shift_ * h;
    spend(chain_.multiplications() / 4);
    return (chain_.leaves() + chain_.exit()).cwiseProduct(h) - rounded_->times(h) + shift_ * h;
}

/// Aᵀ y
VectorXd Resolvent::transposed_times(const VectorXd& y, Products how) const
{
    if (how == Products::exact) return chain_.generate_transposed(y) + shift_ * y;
    spend(chain_.multiplications() / 4);
    return (chain_.leaves() + chain_.exit()).cwiseProduct(y) - rounded_->transposed_times(y) + shift_ * y;
}

VectorXd Resolvent::apply(const VectorXd& z, Products how) const
{
    const Index n = chain_.size(), borders = functions_.cols();
    VectorXd result(n + borders);
    result.head(n) = scale_.cwiseProduct(times(z.head(n), how) + functions_ * z.tail(borders));
    result.tail(borders) = starts_.transpose() * z.head(n);
    return result;
}

VectorXd Resolvent::apply_transposed(const VectorXd& z, Products how) const
{
    const Index n = chain_.size(), borders = functions_.cols();
    const VectorXd y = scale_.cwiseProduct(z.head(n));
    VectorXd result(n + borders);
    result.head(n) = transposed_times(y, how) + starts_ * z.tail(borders);
    result.tail(borders) = functions_.transpose() * y;
    return result;
}

namespace
{

VectorXd stacked(const VectorXd& top, const VectorXd& bottom)
{
    VectorXd both(top.size() + bottom.size());
    both << top, bottom;
    return both;
}

Resolvent::ManyBordered many(const Resolvent::Bordered& one)
{
    if (one.values.size() == 0) return {};
    return {one.values, VectorXd::Constant(1, one.border)};
}

}

Resolvent::ManyBordered Resolvent::solve(const VectorXd& g, const VectorXd& c, const ManyBordered& guess) const
{
    const VectorXd z = iterate([&](const VectorXd& v, Products how) { return apply(v, how); },
                               [&](const VectorXd& v) { return VectorXd(near_->lu.solve(v)); },
                               stacked(scale_.cwiseProduct(g), c), stacked(guess.values, guess.border));
    return {z.head(g.size()), z.tail(c.size())};
}

Resolvent::ManyBordered Resolvent::solve_transposed(const VectorXd& g, const VectorXd& c,
                                                    const ManyBordered& guess) const
{
    const VectorXd scaled = guess.values.size() > 0 ? VectorXd(guess.values.cwiseQuotient(scale_)) : guess.values;
    const VectorXd z = iterate([&](const VectorXd& v, Products how) { return apply_transposed(v, how); },
                               [&](const VectorXd& v) { return VectorXd(near_->lu.transpose().solve(v)); },
                               stacked(g, c), stacked(scaled, guess.border));
    return {scale_.cwiseProduct(z.head(g.size())), z.tail(c.size())};
}

Resolvent::Bordered Resolvent::solve(const VectorXd& g, double c, const Bordered& guess) const
{
    const auto [values, border] = solve(g, VectorXd::Constant(1, c), many(guess));
    return {values, border[0]};
}

Resolvent::Bordered Resolvent::solve_transposed(const VectorXd& g, double c, const Bordered& guess) const
{
    const auto [values, border] = solve_transposed(g, VectorXd::Constant(1, c), many(guess));
    return {values, border[0]};
}

}
