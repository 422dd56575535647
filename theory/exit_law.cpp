#include "theory/exit_law.hpp"

#include "theory/resolvent.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

namespace exeunt::theory
{

using Eigen::Index;
using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXcd;
using Eigen::VectorXd;
using model::Model;

ExitLaw::ExitLaw(const Model& model, std::size_t well, const ExitMoments& moments) : labels_(moments.to.size())
{
    constexpr std::size_t longest = 512; // steps carried forward: about a second
    constexpr double resolved = 1e-5;    // what the small model may differ by from the exact first steps
    const Chain chain(model, moments.region, moments.mesh);
    const auto agrees = [&] { return std::abs(mean() / moments.mean - 1) <= 2 * moments.error + 1e-6; };
    if (carry_forward(chain, longest) && agrees()) return;
    const double curvature = model.landscape.potential().curvature(model.landscape.minima()[well]);
    if (reduce(chain, moments, std::min(1.0, model.eta * curvature)) && error_ <= resolved && agrees()) return;
    geometric_ = true;
    error_ = 0;
    hazard_.clear();
    log_survival_ = {0};
    into_ = moments.to;
    take({{1 / moments.mean, 1, {moments.to.begin(), moments.to.end()}}});
}

bool ExitLaw::carry_forward(const Chain& chain, std::size_t steps)
{
    constexpr std::size_t window = 64;
    constexpr double settled = 1e-7; // of the hazard, relative to it
    constexpr double gone = -700;    // log of a probability that no number of replicas can see
    constexpr double unstable = 100; // Σ|μ|, which is about 1, or a few where interpolation still rings

    VectorXd mu = chain.at(chain.region().start);
    log_survival_ = {0};
    std::vector<VectorXd> left; // P(σ = j, X_σ ∈ Ω_k), j = 1, 2, …
    const auto has_settled = [&] {
        if (hazard_.size() < window) return false;
        const auto [low, high] = std::minmax_element(hazard_.end() - window, hazard_.end());
        return *high - *low < settled * *high;
    };
    bool stable = true;
    while (stable && hazard_.size() < steps && log_survival_.back() > gone && !has_settled()) {
        const double h = std::clamp(mu.dot(chain.exit()), 0.0, 1.0);
        left.emplace_back(std::exp(log_survival_.back()) * (chain.exit_to().transpose() * mu).cwiseMax(0));
        hazard_.push_back(h);
        log_survival_.push_back(log_survival_.back() + std::log1p(-h));
        mu -= chain.generate_transposed(mu);
        mu /= mu.sum();
        stable = mu.cwiseAbs().sum() < unstable;
    }
    const double rest = std::exp(log_survival_.back());
    // what is left after the last step leaves as μ does
    const VectorXd last = (chain.exit_to().transpose() * mu).cwiseMax(0) / std::max(mu.dot(chain.exit()), 1e-300);
    into_.assign((left.size() + 1) * labels_, 0.0);
    VectorXd into = rest * last;
    for (std::size_t j = left.size() + 1; j-- > 0;) {
        std::copy(into.begin(), into.end(), into_.begin() + static_cast<std::ptrdiff_t>(j * labels_));
        if (j > 0) into += left[j - 1];
    }
    take({{hazard_.back(), rest, {into_.end() - static_cast<std::ptrdiff_t>(labels_), into_.end()}}});
    return stable && (has_settled() || log_survival_.back() <= gone);
}

bool ExitLaw::reduce(const Chain& chain, const ExitMoments& moments, double relaxation)
{
    constexpr double finest = 1.0 / 32, independent = 1e-14; // of the relaxation rate; of two spaces, relative
    std::vector<double> shifts{0};
    for (double shift = 1; shift > finest * relaxation; shift /= 2) shifts.push_back(shift);
    const Index n = chain.size(), m = static_cast<Index>(shifts.size());
    const VectorXd zero = VectorXd::Zero(n), one = VectorXd::Ones(n);
    MatrixXd left(n, m), right(n, m), moved(n, m), ends(n, 1 + static_cast<Index>(labels_));
    ends.col(0) = one;
    for (Index i = 0; i < m; ++i) {
        const double shift = shifts[static_cast<std::size_t>(i)];
        const Resolvent resolvent(chain, shift);
        left.col(i) = resolvent.solve_transposed(zero, 1).values;
        const auto h = i == 0 ? resolvent.solve(chain.exit(), 0) : resolvent.solve(zero, 1);
        right.col(i) = i == 0 ? VectorXd(one - h.values) : h.values;
        if (i == 0)
            for (Index k = 0; k < chain.exit_to().cols(); ++k) { // P(X_σ ∈ Ω_k | X_0 = x)
                const auto w = resolvent.solve(chain.exit_to().col(k), 0);
                ends.col(1 + k) = w.values + (w.border / h.border) * right.col(0);
            }
        left.col(i) /= left.col(i).cwiseAbs().sum();
        right.col(i) /= right.col(i).cwiseAbs().maxCoeff();
        moved.col(i) = chain.generate(right.col(i));
    }
    const Eigen::JacobiSVD<MatrixXd> svd(left.transpose() * right, Eigen::ComputeThinU | Eigen::ComputeThinV);
    Index rank = 0;
    while (rank < m && svd.singularValues()[rank] > independent * svd.singularValues()[0]) ++rank;
    const VectorXd scale = svd.singularValues().head(rank).cwiseSqrt().cwiseInverse();
    const MatrixXd from = svd.matrixU().leftCols(rank) * scale.asDiagonal(),
                   to = svd.matrixV().leftCols(rank) * scale.asDiagonal();
    const Eigen::EigenSolver<MatrixXd> eigen(from.transpose() * (left.transpose() * moved) * to);
    if (eigen.info() != Eigen::Success) return false;
    const VectorXcd start =
        (chain.at(chain.region().start).transpose() * right * to * eigen.eigenvectors()).transpose();
    const MatrixXcd weights = eigen.eigenvectors().partialPivLu().solve(
        (from.transpose() * (left.transpose() * ends)).cast<std::complex<double>>());

    // from step 0; a mode that would grow is rounding
    std::vector<Mode> modes;
    for (Index i = 0; i < rank; ++i) {
        const std::complex<double> nu = eigen.eigenvalues()[i];
        if (!(std::abs(1.0 - nu) < 1)) continue;
        Mode mode{nu, start[i] * weights(i, 0), {}};
        for (std::size_t k = 0; k < labels_; ++k) mode.into.push_back(start[i] * weights(i, 1 + static_cast<Index>(k)));
        modes.push_back(std::move(mode));
    }
    if (modes.empty()) return false;
    std::sort(modes.begin(), modes.end(),
              [](const Mode& a, const Mode& b) { return std::abs(1.0 - a.nu) > std::abs(1.0 - b.nu); });
    if (std::abs(modes.front().nu.imag()) > 0) return false;
    std::complex<double> others = 0; // of the mean
    for (std::size_t i = 1; i < modes.size(); ++i) others += modes[i].weight / modes[i].nu;
    modes.front().nu = modes.front().weight.real() / (moments.mean - others.real());

    // The exact first steps are kept where carrying forward was stable; from the last of them on, the small model.
    error_ = 0;
    const auto survival = [&](std::size_t j) {
        std::complex<double> sum = 0;
        for (const Mode& mode : modes) sum += mode.weight * std::pow(1.0 - mode.nu, static_cast<double>(j));
        return sum.real();
    };
    std::size_t kept = std::min<std::size_t>(hazard_.size(), 128);
    for (std::size_t j = 0; j <= kept; ++j)
        error_ = std::max(error_, std::abs(survival(j) - std::exp(log_survival_[j])));
    hazard_.resize(kept);
    log_survival_.resize(kept + 1);
    const double join = std::exp(log_survival_[kept]) / survival(kept);
    for (Mode& mode : modes) {
        const std::complex<double> power = join * std::pow(1.0 - mode.nu, static_cast<double>(kept));
        mode.weight *= power;
        for (auto& a : mode.into) a *= power;
    }
    into_.resize((kept + 1) * labels_);
    for (std::size_t k = 0; k < labels_; ++k) {
        std::complex<double> rest = 0;
        for (const Mode& mode : modes) rest += mode.into[k];
        const double shift = std::max(rest.real(), 0.0) - into_[kept * labels_ + k];
        for (std::size_t j = 0; j <= kept; ++j) into_[j * labels_ + k] += shift;
    }
    take(std::move(modes));
    return true;
}

void ExitLaw::take(std::vector<Mode> modes)
{
    mode_ = std::move(modes);
    constexpr double gone = -1 + 1e-16; // |1 - ν|² - 1 of a mode that is gone in a step
    for (Mode& mode : mode_)
        mode.log_kept = {0.5 * std::log1p(std::max(std::norm(mode.nu) - 2 * mode.nu.real(), gone)),
                         std::atan2(-mode.nu.imag(), 1 - mode.nu.real())};
}

template<class Add> void ExitLaw::for_modes(std::uint64_t j, Add add) const
{
    constexpr double negligible = -41; // log of a share of the slowest mode
    const double steps = static_cast<double>(j - hazard_.size());
    const double slowest = mode_.front().log_kept.real();
    for (const Mode& mode : mode_) {
        const double log_size = steps * mode.log_kept.real(), angle = steps * mode.log_kept.imag();
        if (log_size - steps * slowest < negligible) break; // and so all after it
        const double size = std::exp(log_size);
        add(mode, angle == 0 ? std::complex(size) : std::polar(size, angle));
    }
}

ExitLaw::Left ExitLaw::left(std::uint64_t j) const
{
    Left sum{0, 0};
    for_modes(j, [&](const Mode& mode, std::complex<double> power) {
        const std::complex<double> part = mode.weight * power;
        sum.survival += part.real();
        sum.next += part.real() * mode.nu.real() - part.imag() * mode.nu.imag();
    });
    return {std::max(sum.survival, 0.0), std::max(sum.next, 0.0)};
}

double ExitLaw::log_survival_of(std::uint64_t j, double by_modes) const
{
    const Mode& slow = mode_.front();
    const double alone = std::log(slow.weight.real()) + static_cast<double>(j - hazard_.size()) * slow.log_kept.real();
    const double ratio = by_modes / std::exp(alone);
    return std::min(std::isfinite(ratio) && ratio > 0 ? alone + std::log(ratio) : alone, log_survival_.back());
}

double ExitLaw::hazard_of(const Left& left) const
{
    if (mode_.size() == 1 || !(left.survival > 0)) return mode_.front().nu.real();
    return std::clamp(left.next / left.survival, 0.0, 1.0);
}

double ExitLaw::log_survival(std::uint64_t j) const
{
    return j < log_survival_.size() ? log_survival_[j] : log_survival_of(j, left(j).survival);
}

double ExitLaw::hazard(std::uint64_t j) const
{
    if (j == 0) return 0;
    return j <= hazard_.size() ? hazard_[j - 1] : hazard_of(left(j - 1));
}

double ExitLaw::survival_into(std::uint64_t j, std::size_t k) const
{
    if (j <= hazard_.size()) return into_[j * labels_ + k];
    double sum = 0;
    for_modes(j, [&](const Mode& mode, std::complex<double> power) { sum += (mode.into[k] * power).real(); });
    return std::max(sum, 0.0);
}

std::uint64_t ExitLaw::quantile(double p) const
{
    const double target = std::log1p(-p);
    std::uint64_t lo = 0, hi = std::uint64_t{1} << 62; // P(σ ≤ lo) < p ≤ P(σ ≤ hi)
    if (log_survival(0) <= target) return 0;
    while (hi - lo > 1) {
        const std::uint64_t middle = lo + (hi - lo) / 2;
        (log_survival(middle) <= target ? hi : lo) = middle;
    }
    return hi;
}

double ExitLaw::pit(std::uint64_t j, double v) const
{
    double before, next;
    if (j <= hazard_.size()) {
        before = log_survival_[j - 1];
        next = hazard_[j - 1];
    } else {
        const Left there = left(j - 1);
        before = j - 1 < log_survival_.size() ? log_survival_[j - 1] : log_survival_of(j - 1, there.survival);
        next = hazard_of(there);
    }
    return -std::expm1(before) + v * std::exp(before) * next;
}

double ExitLaw::mean() const
{
    double total = 0; // the modes, then smallest terms first
    for (const Mode& mode : mode_) total += (mode.weight / mode.nu).real();
    for (auto s = log_survival_.rbegin() + 1; s != log_survival_.rend(); ++s) total += std::exp(*s);
    return total;
}

}
