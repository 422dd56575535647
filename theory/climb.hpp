// theory/climb.hpp: how the least number l of clipped jumps climbs one side of a well (theory.md, section 3). For exits
// to the right; to the left is the mirror image. With G_k' = g_k/f' and G_k = 0 where I_k begins, the clip's atom
// cancels the boundary term of ∫ ν(dw) G_k, and the recursion of section 3 becomes
//
//     g_{k+1}(x) = p₊ σ(x)^α ∫_{I_k, y ≤ x + b} g_k(y)/f'(y) (y - x)^{-α} dy,     I_k = [ s - kb, m + (l - k)b ].
//
// All l jumps go to the same side, since l is minimal, and every I_k has length δ = lb - (s - m) < b and stays
// gap = (s - m) - (l - 1)b > 0 away from m and s, where f' vanishes: nothing is singular. In the coordinate τ ∈ (0, δ)
// of I_k, y = s - kb + τ, all kernels are one, K(u) = (b - u)^{-α}, and with κ_k(τ) = p₊ σ(y)^α/|f'(y)| and the target
// A = s + (near, far)
//
//     q(A) = p₊ σ(m)^α ∫ K(δ - τ_{l-1}) κ_{l-1}(τ_{l-1}) K(τ_{l-1} - τ_{l-2}) … κ_1(τ_1) K_A(τ_1) dτ_1 … dτ_{l-1}
//     over δ > τ_{l-1} > … > τ_1 > 0,     K_A(τ) = 1{τ > near} K(τ - near) - 1{τ > far} K(τ - far).
//
// It is integrated from the minimum outwards, since only the innermost integral knows the target:
//
//     u_{l-1}(τ) = K(δ - τ) κ_{l-1}(τ),     u_k(τ) = κ_k(τ) ∫_τ^δ K(τ' - τ) u_{k+1}(τ') dτ',
//     q(A) = p₊ σ(m)^α ∫_0^δ u_1(τ) K_A(τ) dτ.
//
// u_k vanishes like (δ - τ)^{l-1-k} at the end of what is reached; that factor is kept apart, so that q keeps its
// digits for a target of which only the first sliver is within reach.
#pragma once

#include "model/landscape.hpp"
#include "model/noise.hpp"
#include "theory/panel.hpp"

#include <cstddef>
#include <vector>

namespace exeunt::theory
{

/// One side of Ω_i, in the distance t = |x - m| towards its saddle.
struct Side {
    const model::Landscape& f;
    const model::Noise& noise;
    const model::Function& sigma;
    double sign;     ///< +1 right, -1 left
    double minimum;  ///< m
    double distance; ///< |s - m|
    double b;
    int order; ///< l

    double at(double t) const { return minimum + sign * t; }
    /// p_±, the share of the noise's tail that points this way.
    double weight() const { return sign > 0 ? noise->p_plus() : 1 - noise->p_plus(); }
    /// p_± σ(x)^α: the ν-mass of jumps longer than 1, in x. BadInput unless σ(x) > 0 and finite.
    double strength(double t) const;
    double rate(int k, double tau) const;                                             ///< κ_k(τ)
    double gap() const { return order == 1 ? distance : distance - (order - 1) * b; } ///< r - (l - 1)b > 0
    double delta() const { return order * b - distance; }                             ///< δ, the length of each I_k
    double start(int k) const { return distance - k * b; }                            ///< where I_k begins
};

/// The target field as distances beyond s: A = s + (near, far), far = ∞ for the outermost field.
struct Target {
    double near;
    double far;
};

/// Rounding noise of f' near x, absolute: the scatter about its tangent of f' at six neighbours, a few units in the
/// last place of x, or of `length` where x is smaller, away.
double scatter(const model::Function& f, double x, double length);

/// near^{-α} - far^{-α} without cancellation, ν's mass between two lengths. far = ∞ allowed.
double mass_between(double near, double far, double alpha);

/// l ≥ 2 jumps up one side: u_1 at the Gauss nodes of panels, from which q(A) follows for every target. K's values at
/// pairs of nodes are the same for every level: N²/2 powers in all for N nodes, and N²/2 products a level.
/// Throws NotConverged when panels have more than 4,000 nodes.
class Climb
{
  public:
    /// `cut` are the ends of the panels in τ, from 0 to δ: see climb_panels.
    Climb(const Side& side, const std::vector<double>& cut, const GaussRule& rule);

    /// q(A), for near < δ.
    double into(const Target& target) const;
    /// How well the panels hold u_1 … u_{l-1}: the sum over k of the size of their two highest Legendre coefficients,
    /// averaged over the panels, relative to the average of u_k. It estimates the relative error of q(A): where all is
    /// resolved, it is the rounding noise of f' and σ.
    double ripple() const { return ripple_; }

  private:
    double tau(std::size_t p, double x) const { return cut_[p] + 0.5 * (cut_[p + 1] - cut_[p]) * (1 + x); }
    double omega(std::size_t p, double to_end) const; ///< δ - τ at 1 - x = to_end, to full relative accuracy
    void add_ripple();
    void fill_kernel();
    void scale_to_next_level();
    std::vector<double> step(const std::vector<double>& u) const;

    const Side side_;
    const std::vector<double> cut_;
    const GaussRule& rule_;
    std::size_t n_; ///< nodes a panel
    double alpha_;
    std::vector<double> tau_;    ///< of every node, panel-major
    std::vector<double> omega_;  ///< δ - τ of every node
    std::vector<double> later_;  ///< weights of the nodes of later panels in ∫_τ^δ, row by row
    std::vector<double> within_; ///< weights of the n points between a node and the end of its panel
    std::vector<double> u_;      ///< u_1/(δ - τ)^{l-2} at the nodes
    double ripple_ = 0;
};

/// Panels of τ ∈ [0, δ] on which 24 nodes resolve every κ_k to 1e-14, or as well as the rounding noise of f' lets them:
/// graded towards both ends at the scale of the gap, cut where f' or σ' jumps, halved where it pays.
std::vector<double> climb_panels(const Side& side);

}
