#include "recursion.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace
{

using Real = long double;
using Row = std::vector<Real>;

/// Gauss-Legendre on [-1, 1], and ∫_{-1}^{x_i} of the interpolant through the nodes, as points, weights and bases.
struct Rule {
    explicit Rule(int n);
    Row basis_at(Real x) const;
    std::size_t n;
    Row node, weight, bary;
    std::vector<Row> point, part;     ///< of the rule on (-1, x_i)
    std::vector<std::vector<Row>> at; ///< basis at point[i][g]
};

Rule::Rule(int count) : n(static_cast<std::size_t>(count))
{
    for (int k = 0; k < count; ++k) {
        Real x = -std::cos(std::numbers::pi_v<Real> * (k + 0.75L) / (count + 0.5L)), slope = 0;
        for (int step = 0; step < 8; ++step) {
            Real p0 = 1, p1 = x;
            for (int j = 2; j <= count; ++j) {
                const Real p2 = ((2 * j - 1) * x * p1 - (j - 1) * p0) / j;
                p0 = p1;
                p1 = p2;
            }
            slope = count * (x * p1 - p0) / ((x - 1) * (x + 1));
            x -= p1 / slope;
        }
        node.push_back(x);
        weight.push_back(2 / ((1 - x) * (1 + x) * slope * slope));
        bary.push_back((k % 2 ? -1 : 1) * std::sqrt((1 - x) * (1 + x) * weight.back()));
    }
    for (const Real end : node) {
        Row points, parts;
        std::vector<Row> bases;
        for (std::size_t g = 0; g < n; ++g) {
            points.push_back(-1 + 0.5L * (1 + end) * (1 + node[g]));
            parts.push_back(0.5L * (1 + end) * weight[g]);
            bases.push_back(basis_at(points.back()));
        }
        point.push_back(points);
        part.push_back(parts);
        at.push_back(bases);
    }
}

Row Rule::basis_at(Real x) const
{
    Row basis(n);
    Real sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
        if (x == node[j]) {
            std::fill(basis.begin(), basis.end(), 0);
            basis[j] = 1;
            return basis;
        }
        basis[j] = bary[j] / (x - node[j]);
        sum += basis[j];
    }
    for (Real& l : basis) l /= sum;
    return basis;
}

Real dot(const Row& a, const Real* b)
{
    Real sum = 0;
    for (std::size_t j = 0; j < a.size(); ++j) sum += a[j] * b[j];
    return sum;
}

/// One side and one target. Level k lives on y = s - kb + τ, τ ∈ (near, δ), cut into panels that all levels share.
class Recursion
{
  public:
    Recursion(const PreciseModel& model, Real m, Real s, Real near_edge, Real far_edge, Real threshold, int order,
              const Rule& gauss)
        : f(model), sign(s > m ? 1 : -1), minimum(m), distance(std::abs(s - m)), near(sign * (near_edge - s)),
          far(sign * (far_edge - s)), b(threshold), l(order), rule(gauss)
    {
    }

    Real constant()
    {
        const Real delta = l * b - distance;
        if (near >= delta) return 0;
        if (l == 1) return first(delta);
        make_panels(delta);
        Row g = at_nodes([&](Real tau) { return first(tau); });
        for (int k = 1;; ++k) {
            const Row G = antiderivative(g, k);
            if (k == l - 1) return next(cut.size() - 1, delta, nullptr, G, k);
            for (std::size_t p = 0; p + 1 < cut.size(); ++p)
                for (std::size_t i = 0; i < rule.n; ++i) g[p * rule.n + i] = next(p, place(p, rule.node[i]), &i, G, k);
        }
    }

  private:
    Real x(int k, Real tau) const { return minimum + sign * (distance - k * b + tau); }
    Real mass(Real where) const // p σ^α
    {
        return (sign > 0 ? f.p_plus : 1 - f.p_plus) * std::pow(f.sigma(where), f.alpha);
    }
    Real place(std::size_t p, Real t) const { return cut[p] + 0.5L * (cut[p + 1] - cut[p]) * (1 + t); }
    Real half(std::size_t p) const { return 0.5L * (cut[p + 1] - cut[p]); }

    /// g_1: the density of ν between the edges, as far as b reaches, and the atom when it lands between them.
    Real first(Real tau) const
    {
        const Real from = b - tau + near, to = b - tau + far;
        if (from >= b) return 0;
        const Real atom = to > b && !std::isinf(b) ? std::pow(b, -f.alpha) : 0;
        const Real density = std::pow(from, -f.alpha) - std::pow(std::min(to, b), -f.alpha);
        return mass(x(1, tau)) * (density + atom);
    }

    Row at_nodes(const std::function<Real(Real)>& function) const
    {
        Row values;
        for (std::size_t p = 0; p + 1 < cut.size(); ++p)
            for (const Real t : rule.node) values.push_back(function(place(p, t)));
        return values;
    }

    /// G_k at the nodes, and behind them at the end of each panel.
    Row antiderivative(const Row& g, int k) const
    {
        const std::size_t panels = cut.size() - 1;
        Row G(panels * rule.n + panels);
        Real before = 0;
        for (std::size_t p = 0; p < panels; ++p) {
            Row ratio(rule.n);
            for (std::size_t j = 0; j < rule.n; ++j)
                ratio[j] = g[p * rule.n + j] / std::abs(f.slope(x(k, place(p, rule.node[j]))));
            for (std::size_t i = 0; i < rule.n; ++i) {
                Real sum = 0;
                for (std::size_t h = 0; h < rule.n; ++h) sum += rule.part[i][h] * dot(rule.at[i][h], ratio.data());
                G[p * rule.n + i] = before + half(p) * sum;
            }
            before += half(p) * dot(rule.weight, ratio.data());
            G[panels * rule.n + p] = before;
        }
        return G;
    }

    /// g_{k+1} at τ in panel p (at its node i, or, i null, at its beginning): jumps to the places τ' < τ of level k
    /// with ν's density, and the atom to τ itself.
    Real next(std::size_t p, Real tau, const std::size_t* i, const Row& G, int k) const
    {
        const std::size_t panels = cut.size() - 1;
        const auto density = [&](Real to) { return f.alpha * std::pow(b - tau + to, -f.alpha - 1); };
        Real sum = std::pow(b, -f.alpha) * (i ? G[p * rule.n + *i] : G[panels * rule.n + p - 1]);
        for (std::size_t before = 0; before < p; ++before) {
            Real panel = 0;
            for (std::size_t j = 0; j < rule.n; ++j)
                panel += rule.weight[j] * density(place(before, rule.node[j])) * G[before * rule.n + j];
            sum += half(before) * panel;
        }
        for (std::size_t h = 0; i && h < rule.n; ++h)
            sum +=
                half(p) * rule.part[*i][h] * density(place(p, rule.point[*i][h])) * dot(rule.at[*i][h], &G[p * rule.n]);
        return mass(x(k + 1, tau)) * sum;
    }

    /// Panels graded towards the ends at half the distance from m and s, cut at `far` and the kinks, and halved, twice
    /// at most, where σ^α/f' is no polynomial to 1e-15: the integrals converge twice as fast.
    void make_panels(Real delta)
    {
        std::vector<Real> breaks{near, delta};
        const auto add = [&](Real tau) {
            if (tau > near && tau < delta) breaks.push_back(tau);
        };
        const Real gap = distance - (l - 1) * b, middle = 0.5L * (near + delta);
        for (Real h = 0.5L * gap; h < delta; h *= 1.7L) {
            if (h < middle) add(h);
            if (delta - h > middle) add(delta - h);
        }
        add(far);
        for (const Real kink : f.kinks)
            for (int k = 1; k < l; ++k) add(sign * (kink - minimum) - distance + k * b);
        std::sort(breaks.begin(), breaks.end());
        cut = {near};
        for (std::size_t p = 0; p + 1 < breaks.size(); ++p) halve_until_smooth(breaks[p], breaks[p + 1], 0);
    }

    void halve_until_smooth(Real from, Real to, int depth)
    {
        const Real middle = 0.5L * (from + to), h = 0.5L * (to - from);
        bool smooth = true;
        for (int k = 1; k < l && smooth; ++k) {
            const auto rate = [&](Real t) {
                return mass(x(k, middle + h * t)) / std::abs(f.slope(x(k, middle + h * t)));
            };
            Row values;
            for (const Real t : rule.node) values.push_back(rate(t));
            for (const Real t : {-1.0L, -0.93L, 0.03L, 0.97L}) {
                const Real exact = rate(t);
                smooth = smooth && std::abs(dot(rule.basis_at(t), values.data()) - exact) <= 1e-15L * exact;
            }
        }
        if (!smooth && depth < 2) {
            halve_until_smooth(from, middle, depth + 1);
            halve_until_smooth(middle, to, depth + 1);
        } else {
            cut.push_back(to);
        }
    }

    const PreciseModel& f;
    Real sign, minimum, distance, near, far, b;
    int l;
    const Rule& rule;
    Row cut;
};

}

long double refined(const PreciseModel& model, long double x)
{
    for (int k = 0; k < 20; ++k) {
        const long double next = x - model.slope(x) / model.curvature(x);
        if (next == x) break;
        x = next;
    }
    return x;
}

long double recursion_constant(const PreciseModel& model, long double m, long double s, long double near,
                               long double far, long double b, int l, int nodes)
{
    static const Rule coarse(20), usual(24), fine(28);
    for (const Rule* rule : {&coarse, &usual, &fine})
        if (rule->n == static_cast<std::size_t>(nodes))
            return Recursion(model, m, s, near, far, b, l, *rule).constant();
    throw std::invalid_argument("recursion_constant knows 20, 24 and 28 nodes");
}
