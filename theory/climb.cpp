#include "theory/climb.hpp"

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

constexpr std::size_t most_nodes = 4000; // 128 MB for the kernel

}

double Side::rate(int k, double tau) const
{
    const double t = start(k) + tau;
    return strength(t) / std::abs(f.potential().gradient(at(t)));
}

double Side::strength(double t) const
{
    const double s = sigma.value(at(t));
    if (!(s > 0) || !std::isfinite(s))
        throw BadInput(
            fmt::format("the diffusion is {} at x = {:.6g}; it must be > 0 and finite in every well", s, at(t)));
    return weight() * std::pow(s, noise->tail_index());
}

double scatter(const model::Function& f, double x, double length)
{
    const double h = 2 * std::numeric_limits<double>::epsilon() * std::max(std::abs(x), length);
    const model::Jet j = f.jet(x);
    double largest = 0;
    for (int k = -3; k <= 3; ++k) {
        const double y = x + k * h;
        largest = std::max(largest, std::abs(f.gradient(y) - j.first - j.second * (y - x)));
    }
    return largest;
}

double mass_between(double near, double far, double alpha)
{
    return std::pow(near, -alpha) * -std::expm1(-alpha * std::log1p((far - near) / near));
}

Climb::Climb(const Side& side, const std::vector<double>& cut, const GaussRule& rule)
    : side_(side), cut_(cut), rule_(rule), n_(rule.node.size()), alpha_(side.noise->tail_index())
{
    for (std::size_t p = 0; p + 1 < cut_.size(); ++p)
        for (const double x : rule_.node) {
            tau_.push_back(tau(p, x));
            omega_.push_back(omega(p, 1 - x));
        }
    int k = side_.order - 1;
    u_.resize(tau_.size());
    for (std::size_t i = 0; i < u_.size(); ++i)
        u_[i] = side_.rate(k, tau_[i]) * std::pow(side_.gap() + tau_[i], -alpha_); // K(δ - τ)
    add_ripple();
    if (k > 1) fill_kernel();
    while (--k > 0) {
        u_ = step(u_);
        for (std::size_t i = 0; i < u_.size(); ++i) u_[i] *= side_.rate(k, tau_[i]);
        add_ripple();
        if (k > 1) scale_to_next_level();
    }
}

double Climb::omega(std::size_t p, double to_end) const
{
    return (side_.delta() - cut_[p + 1]) + 0.5 * (cut_[p + 1] - cut_[p]) * to_end;
}

void Climb::add_ripple()
{
    double ripple = 0, whole = 0;
    for (std::size_t p = 0; p + 1 < cut_.size(); ++p) {
        const std::span panel(&u_[p * n_], n_);
        const double length = cut_[p + 1] - cut_[p];
        ripple += length * legendre_tail(rule_, panel);
        whole += 0.5 * length * std::inner_product(panel.begin(), panel.end(), rule_.weight.begin(), 0.0);
    }
    ripple_ += ripple / whole;
}

/// The weights of ∫_τ^δ K(τ' - τ) u(τ') dτ'/(δ - τ), since b - (τ' - τ) = gap + (δ - τ') + τ.
void Climb::fill_kernel()
{
    const EndRule& end = end_rule(static_cast<int>(n_));
    const std::size_t count = tau_.size();
    if (count > most_nodes)
        throw NotConverged(fmt::format(
            "exit constants over the saddle {:.6g}: f' or the diffusion is too rough to be resolved by {} nodes",
            side_.at(side_.distance), most_nodes));
    later_.assign(count * count, 0.0);
    within_.resize(count * n_);
    for (std::size_t i = 0; i < count; ++i) {
        const double from = side_.gap() + tau_[i];
        const std::size_t p = i / n_;
        for (std::size_t g = 0; g < n_; ++g) {
            const std::size_t e = (i % n_) * n_ + g;
            const double half = 0.5 * (cut_[p + 1] - cut_[p]);
            within_[i * n_ + g] = half * end.weight[e] / omega_[i] * std::pow(from + omega(p, end.to_end[e]), -alpha_);
        }
        for (std::size_t j = (p + 1) * n_; j < count; ++j) {
            const double half = 0.5 * (cut_[j / n_ + 1] - cut_[j / n_]);
            later_[i * count + j] = half * rule_.weight[j % n_] / omega_[i] * std::pow(from + omega_[j], -alpha_);
        }
    }
}

/// One more factor (δ - τ')/(δ - τ), since u vanishes with one more power of it.
void Climb::scale_to_next_level()
{
    const EndRule& end = end_rule(static_cast<int>(n_));
    const std::size_t count = tau_.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t p = i / n_;
        for (std::size_t g = 0; g < n_; ++g) within_[i * n_ + g] *= omega(p, end.to_end[(i % n_) * n_ + g]) / omega_[i];
        for (std::size_t j = (p + 1) * n_; j < count; ++j) later_[i * count + j] *= omega_[j] / omega_[i];
    }
}

std::vector<double> Climb::step(const std::vector<double>& u) const
{
    const EndRule& end = end_rule(static_cast<int>(n_));
    const std::size_t count = u.size();
    std::vector<double> next(count, 0.0);
    for (std::size_t i = 0; i < count; ++i) {
        const double* panel = &u[i - i % n_];
        for (std::size_t g = 0; g < n_; ++g) {
            const double* basis = &end.basis[((i % n_) * n_ + g) * n_];
            next[i] += within_[i * n_ + g] * std::inner_product(basis, basis + n_, panel, 0.0);
        }
        for (std::size_t j = (i / n_ + 1) * n_; j < count; ++j) next[i] += later_[i * count + j] * u[j];
    }
    return next;
}

double Climb::into(const Target& target) const
{
    std::vector<double> basis(n_);
    const auto piece = [&](std::size_t p, double a, double c) {
        const double half = 0.5 * (cut_[p + 1] - cut_[p]), middle = 0.5 * (cut_[p] + cut_[p + 1]);
        double sum = 0;
        for (std::size_t j = 0; j < n_; ++j) {
            const double x = rule_.node[j];
            const double to_end = (side_.delta() - c) + 0.5 * (c - a) * (1 - x);
            lagrange_basis(rule_, (0.5 * (a + c) - middle + 0.5 * (c - a) * x) / half, basis);
            const double u = std::inner_product(basis.begin(), basis.end(), &u_[p * n_], 0.0);
            const double near = side_.gap() + to_end + target.near; // K_A's b - (τ - near)
            const double mass = a >= target.far ? mass_between(near, near + (target.far - target.near), alpha_)
                                                : std::pow(near, -alpha_);
            sum += rule_.weight[j] * u * std::pow(to_end, side_.order - 2) * mass;
        }
        return 0.5 * (c - a) * sum;
    };
    double sum = 0;
    for (std::size_t p = 0; p + 1 < cut_.size(); ++p) {
        const double a = std::max(cut_[p], target.near), c = cut_[p + 1];
        const double over = std::clamp(target.far, a, std::max(a, c));
        if (a < over) sum += piece(p, a, over);
        if (over < c) sum += piece(p, over, c);
    }
    return side_.strength(0) * sum;
}

namespace
{

constexpr int check_nodes = 24;
constexpr double resolution = 1e-14, epsilon = std::numeric_limits<double>::epsilon();

/// How far the rule is from resolving κ_k(τ) K(δ - τ), relative to its largest value, on τ ∈ [a, c], at the worst k.
double unresolved(const Side& side, const GaussRule& rule, double a, double c)
{
    double worst = 0;
    std::vector<double> value(rule.node.size());
    for (int k = 1; k < side.order; ++k) {
        for (std::size_t j = 0; j < value.size(); ++j) {
            const double tau = 0.5 * (a + c) + 0.5 * (c - a) * rule.node[j];
            value[j] = side.rate(k, tau) * std::pow(side.gap() + tau, -side.noise->tail_index());
        }
        worst = std::max(worst, legendre_tail(rule, value) / *std::max_element(value.begin(), value.end()));
    }
    return worst;
}

/// Halves [a, c] until it is resolved, as long as that pays: what halving hardly improves is the rounding noise of f',
/// unless it is too large for that.
void halve(const Side& side, const GaussRule& rule, double a, double c, double error, int depth,
           std::vector<double>& cut)
{
    const double middle = 0.5 * (a + c);
    const double to_zero = side.gap() + std::min(a, side.delta() - c); // from f' = 0 at m and s
    const double noise = 1e-9 + 64 * epsilon * (std::abs(side.minimum) + side.distance) / to_zero;
    if (error > resolution && depth > 0) {
        const double left = unresolved(side, rule, a, middle), right = unresolved(side, rule, middle, c);
        if (std::max(left, right) < 0.1 * error || error > noise) {
            halve(side, rule, a, middle, left, depth - 1, cut);
            halve(side, rule, middle, c, right, depth - 1, cut);
            return;
        }
    }
    cut.push_back(c);
}

}

std::vector<double> climb_panels(const Side& side)
{
    const double delta = side.delta();
    std::vector<double> breaks = graded(0, delta, side.gap(), side.gap(), 2.5);
    for (const auto* kinks : {&side.f.potential().kinks(), &side.sigma.kinks()})
        for (const double kink : *kinks)
            for (int k = 1; k < side.order; ++k) {
                const double tau = side.sign * (kink - side.minimum) - side.start(k);
                if (tau > 0 && tau < delta) breaks.push_back(tau);
            }
    std::sort(breaks.begin(), breaks.end());
    breaks.erase(std::unique(breaks.begin(), breaks.end()), breaks.end());

    const GaussRule& rule = gauss_rule(check_nodes);
    std::vector<double> cut{0.0};
    for (std::size_t p = 0; p + 1 < breaks.size(); ++p)
        halve(side, rule, breaks[p], breaks[p + 1], unresolved(side, rule, breaks[p], breaks[p + 1]), 12, cut);
    return cut;
}

}
