// tests/theory/slow_chain.hpp: a second, slow implementation of the exact chain (theory.md, section 6), which shares no
// code with theory/. Dense, long double; every row integrated on its own cuts; Gaussian elimination.
//
// With u = c + w and w(m_i) = 0, collocated at the Gauss nodes x_i of panels,
//
//     Σ_{j≠i} P_ij (w_i - w_j) + e_i w_i + c e_i = r_i,     P_ij = ∫ ℓ_j(y) P(X_1 ∈ dy | X_0 = x_i),
//
// c = E σ for r = 1, and c = P(X_σ ∈ Ω_k) for r_i = P(X_1 ∈ Ω_k | X_0 = x_i).
#pragma once

#include "model/model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace slow
{

using Real = long double;
using exeunt::model::Model;

/// Gauss-Legendre on (-1, 1), by Newton's method on the Legendre polynomial.
struct Rule {
    std::vector<Real> node, weight;
    std::vector<Real> scale; ///< 1 / Π_{k≠j} (t_j - t_k)

    explicit Rule(int n)
    {
        for (int k = 0; k < n; ++k) {
            Real t = -std::cos(std::acos(-1.0L) * (k + 0.75L) / (n + 0.5L)), slope = 1;
            for (int step = 0; step < 10; ++step) { // converges quadratically
                Real before = 1, value = t;
                for (int j = 2; j <= n; ++j) {
                    const Real next = ((2 * j - 1) * t * value - (j - 1) * before) / j;
                    before = value;
                    value = next;
                }
                slope = n * (t * value - before) / (t * t - 1);
                t -= value / slope;
            }
            node.push_back(t);
            weight.push_back(2 / ((1 - t * t) * slope * slope));
        }
        for (const Real t : node) {
            Real product = 1;
            for (const Real other : node)
                if (other != t) product *= t - other;
            scale.push_back(1 / product);
        }
    }

    /// ℓ_j(t) = Π_{k≠j} (t - t_k)/(t_j - t_k).
    void lagrange(Real t, std::vector<Real>& value) const
    {
        value = scale;
        Real product = 1;
        for (std::size_t j = 0; j < node.size(); product *= t - node[j++]) value[j] *= product;
        product = 1;
        for (std::size_t j = node.size(); j-- > 0; product *= t - node[j]) value[j] *= product;
    }
};

/// The mesh, by hand. Between cuts panels double in length away from both.
struct Mesh {
    int nodes;                     ///< a panel
    double finest;                 ///< panel beside a cut
    double longest;                ///< panel
    int images;                    ///< generations of images that are cut at
    double open = 0;               ///< where the domain is not clamped: states this far beyond it
    std::vector<double> also = {}; ///< further points that are cut at
};

struct Exit {
    Real mean;
    std::vector<Real> to;
    std::size_t size; ///< of the linear system, without its border
};

/// Probabilities between given edges.
struct Histogram {
    Real rate; ///< at which mass is lost, per step; 0 on the whole line
    std::vector<Real> bins;
};

/// The well that stands for all of them: X on the whole line.
constexpr std::size_t whole_line = std::size_t(-1);

class Chain
{
  public:
    Chain(const Model& m, std::size_t of, const Mesh& mesh) : model(m), well(of), rule(mesh.nodes)
    {
        const auto& f = model.landscape;
        const Real beyond = f.domain().clamp ? 0 : mesh.open;
        lo = ends_left() ? f.domain().lo - beyond : f.left(well);
        hi = ends_right() ? f.domain().hi + beyond : f.right(well);
        make_panels(mesh);
        for (std::size_t p = 0; p + 1 < edge.size(); ++p)
            for (const Real t : rule.node)
                state.push_back(0.5L * (edge[p] + edge[p + 1] + (edge[p + 1] - edge[p]) * t));
    }

    Exit solve() const
    {
        const std::size_t n = state.size(), places = model.landscape.wells();
        std::vector<std::vector<Real>> a(n + 1); // w, c, then the right-hand sides
        for (std::size_t i = 0; i < n; ++i) {
            a[i] = moves(state[i]);
            std::vector<Real> exit;
            for (std::size_t k = 0; k < places; ++k) exit.push_back(k == well ? 0 : lands_in(state[i], k));
            Real e = 0, leaves = 0;
            for (const Real to : exit) e += to;
            for (std::size_t j = 0; j < n; ++j)
                if (j != i) leaves += a[i][j];
            for (Real& p : a[i]) p = -p;
            a[i][i] = leaves + e;
            a[i].push_back(e);
            a[i].push_back(1);
            a[i].insert(a[i].end(), exit.begin(), exit.end());
        }
        a[n].assign(n + 2 + places, 0);
        add_atom(model.landscape.minima()[well], 1, a[n]);
        const std::vector<Real> c = last_unknown(std::move(a));
        return {c[0], {c.begin() + 1, c.end()}, n};
    }

    /// νP = (1 - ρ)ν, by carrying any law forward until it changes no more.
    Histogram quasi_stationary(const std::vector<double>& edges) const
    {
        const auto p = matrix();
        std::vector<Real> law(state.size(), Real(1) / state.size());
        Real rate = 0;
        for (Real change = 1; change > 1e-13L;) {
            const std::vector<Real> before = law;
            rate = 1 - carry(p, law);
            change = 0;
            for (std::size_t i = 0; i < law.size(); ++i) {
                law[i] /= 1 - rate;
                change += std::abs(law[i] - before[i]);
            }
        }
        return {rate, binned(law, edges)};
    }

    /// E (1/N) #{1 ≤ t ≤ N : X_t in the bin}, from x.
    Histogram occupation(Real x, int steps, const std::vector<double>& edges) const
    {
        const auto p = matrix();
        std::vector<Real> law(state.size(), 0), mean(state.size(), 0);
        add_atom(x, 1, law);
        for (int t = 0; t < steps; ++t) {
            carry(p, law);
            for (std::size_t i = 0; i < law.size(); ++i) mean[i] += law[i] / steps;
        }
        return {0, binned(mean, edges)};
    }

  private:
    const Model& model;
    std::size_t well;
    Rule rule;
    const Rule fine{24};
    Real lo, hi;
    std::vector<Real> edge, state;

    bool ends_left() const { return well == whole_line || std::isinf(model.landscape.left(well)); }
    bool ends_right() const { return well == whole_line || std::isinf(model.landscape.right(well)); }

    std::vector<std::vector<Real>> matrix() const
    {
        std::vector<std::vector<Real>> p;
        for (const Real x : state) p.push_back(moves(x));
        return p;
    }

    /// law P in place of the law; its sum.
    static Real carry(const std::vector<std::vector<Real>>& p, std::vector<Real>& law)
    {
        std::vector<Real> next(law.size(), 0);
        for (std::size_t i = 0; i < law.size(); ++i)
            for (std::size_t j = 0; j < law.size(); ++j) next[j] += law[i] * p[i][j];
        law = std::move(next);
        return std::accumulate(law.begin(), law.end(), Real(0));
    }

    /// The edges are among the mesh's cuts.
    std::vector<Real> binned(const std::vector<Real>& law, const std::vector<double>& edges) const
    {
        std::vector<Real> bin(edges.size() - 1, 0);
        for (std::size_t i = 0; i < state.size(); ++i) {
            const std::size_t p = i / rule.node.size();
            const auto after = std::upper_bound(edges.begin(), edges.end(), 0.5L * (edge[p] + edge[p + 1]));
            bin.at(static_cast<std::size_t>(after - edges.begin() - 1)) += law[i];
        }
        return bin;
    }

    Real next(Real x) const { return x - model.eta * Real(model.landscape.potential().gradient(double(x))); }
    Real spread(Real x) const { return model.eta * Real(model.diffusion.value(double(x))); }

    /// Where g changes sign in (lo, hi).
    template<class G> void add_zeros(const G& g, std::vector<Real>& zeros) const
    {
        constexpr int grid = 5000;
        for (int k = 0; k < grid; ++k) {
            Real a = lo + (hi - lo) * k / grid, c = lo + (hi - lo) * (k + 1) / grid;
            const bool below = g(a) < 0;
            if (below == (g(c) < 0)) continue;
            for (int halving = 0; halving < 60; ++halving) ((g(0.5L * (a + c)) < 0) == below ? a : c) = 0.5L * (a + c);
            zeros.push_back(c);
        }
    }

    /// The points, and x ± kb in (lo, hi) for each of them.
    std::vector<Real> shifted(const std::vector<Real>& points) const
    {
        std::vector<Real> all = points;
        for (const Real x : points)
            for (int k = 1; k * Real(model.b) < std::max(hi - x, x - lo); ++k)
                for (const Real y : {x - k * model.b, x + k * model.b})
                    if (lo < y && y < hi) all.push_back(y);
        return all;
    }

    /// Where a kink of the next step's density meets one of the points, and ± kb from there.
    std::vector<Real> images(const std::vector<Real>& points) const
    {
        std::vector<Real> image;
        for (const Real z : model.noise->kinks())
            for (const Real y : points) add_zeros([&](Real x) { return next(x) + spread(x) * z - y; }, image);
        return shifted(image);
    }

    /// Cut where u or an exit probability jumps, at the saddles ± kb and the ends ± kb; where u' or u'' jumps, at the
    /// images of these and where a kink of the density meets an end of the window; and at the images of images, where
    /// higher derivatives do.
    void make_panels(const Mesh& mesh)
    {
        std::vector<Real> ends(model.landscape.saddles().begin(), model.landscape.saddles().end());
        ends.insert(ends.end(), {lo, hi});
        ends.insert(ends.end(), mesh.also.begin(), mesh.also.end());
        std::vector<Real> cut = shifted(ends), image = images(cut), window;
        for (const double z : model.noise->kinks())
            for (const Real b : {-Real(model.b), Real(model.b)})
                if (std::isfinite(model.b)) add_zeros([&](Real x) { return next(x) + spread(x) * z - x - b; }, window);
        cut.insert(cut.end(), window.begin(), window.end());
        for (int k = 0; k < mesh.images; ++k, image = images(image)) cut.insert(cut.end(), image.begin(), image.end());
        std::sort(cut.begin(), cut.end());
        edge = {lo};
        for (const Real c : cut)
            if (c > edge.back() + 1e-9L && c < hi - 1e-9L) fill(c, mesh);
        fill(hi, mesh);
    }

    void fill(Real to, const Mesh& mesh)
    {
        std::vector<Real> up, down; // from both ends to the middle
        Real a = edge.back(), c = to;
        for (Real h = mesh.finest; c - a > 2 * h; h = std::min<Real>(2 * h, mesh.longest)) {
            up.push_back(a += h);
            down.push_back(c -= h);
        }
        edge.insert(edge.end(), up.begin(), up.end());
        if (c - a > mesh.finest) edge.push_back(0.5L * (a + c));
        edge.insert(edge.end(), down.rbegin(), down.rend());
        edge.push_back(to);
    }

    std::size_t panel_of(Real y) const
    {
        const auto after = std::upper_bound(edge.begin() + 1, edge.end() - 1, y);
        return static_cast<std::size_t>(after - edge.begin()) - 1;
    }

    /// row_j += mass ℓ_j(y), with the polynomials of the panel of y.
    void add_atom(Real y, Real mass, std::vector<Real>& row) const
    {
        const std::size_t p = panel_of(y), n = rule.node.size();
        std::vector<Real> value;
        rule.lagrange((2 * y - edge[p] - edge[p + 1]) / (edge[p + 1] - edge[p]), value);
        for (std::size_t j = 0; j < n; ++j) row[p * n + j] += mass * value[j];
    }

    double z_to(Real x, Real y) const { return static_cast<double>((y - next(x)) / spread(x)); }

    /// P(X_1 ∈ Ω_k | X_0 = x): the noise that leads there, which has no bound where Ω_k holds an end of the window.
    Real lands_in(Real x, std::size_t k) const
    {
        const Real from = model.landscape.left(k), to = model.landscape.right(k);
        if (from > x + model.b || to < x - model.b) return 0;
        const auto& z = model.noise;
        const bool all_below = from<x - model.b, all_above = to> x + model.b;
        if (!all_below && z_to(x, from) >= 0)
            return z->upper_tail(z_to(x, from)) - (all_above ? 0 : Real(z->upper_tail(z_to(x, to))));
        if (!all_above && z_to(x, to) <= 0)
            return z->lower_tail(z_to(x, to)) - (all_below ? 0 : Real(z->lower_tail(z_to(x, from))));
        return 1 - (all_below ? 0 : Real(z->lower_tail(z_to(x, from)))) -
               (all_above ? 0 : Real(z->upper_tail(z_to(x, to))));
    }

    /// P_ij, x = x_i: the density on pieces of panels that double in length away from where it is steep, and the atoms.
    std::vector<Real> moves(Real x) const
    {
        const Real from = std::max(lo, x - model.b), to = std::min(hi, x + model.b);
        std::vector<Real> cut = edge;
        std::vector<double> steep = model.noise->kinks();
        steep.push_back(model.noise->mode());
        for (const double z : steep) {
            const Real at = next(x) + spread(x) * z;
            cut.push_back(at);
            for (Real h = spread(x) * model.noise->scale(); h < hi - lo + std::abs(at - x); h *= 2)
                cut.insert(cut.end(), {at - h, at + h});
        }
        for (Real& y : cut) y = std::clamp(y, from, to);
        cut.insert(cut.end(), {from, to});
        std::sort(cut.begin(), cut.end());
        std::vector<Real> row(state.size(), 0);
        for (std::size_t k = 0; k + 1 < cut.size(); ++k) {
            const Real half = 0.5L * (cut[k + 1] - cut[k]);
            if (half < 1e-17L) continue;
            for (std::size_t g = 0; g < fine.node.size(); ++g) {
                const Real y = cut[k] + half * (1 + fine.node[g]);
                add_atom(y, half * fine.weight[g] * model.noise->density(z_to(x, y)) / spread(x), row);
            }
        }
        // what is clipped, or clamped, lands on `from` and `to`, unless that is an exit
        if (x - model.b >= lo || ends_left()) add_atom(from, model.noise->lower_tail(z_to(x, from)), row);
        if (x + model.b <= hi || ends_right()) add_atom(to, model.noise->upper_tail(z_to(x, to)), row);
        return row;
    }

    /// The last unknown of the square system, for every right-hand side: elimination with the largest pivot.
    static std::vector<Real> last_unknown(std::vector<std::vector<Real>> a)
    {
        const std::size_t n = a.size();
        for (std::size_t k = 0; k < n; ++k) {
            const auto larger = [k](const auto& row, const auto& other) {
                return std::abs(row[k]) < std::abs(other[k]);
            };
            const auto first = a.begin() + static_cast<std::ptrdiff_t>(k);
            std::iter_swap(first, std::max_element(first, a.end(), larger));
            for (std::size_t i = k + 1; i < n; ++i) {
                const Real factor = a[i][k] / a[k][k];
                if (factor == 0) continue;
                for (std::size_t j = k; j < a[k].size(); ++j) a[i][j] -= factor * a[k][j];
            }
        }
        std::vector<Real> c;
        for (std::size_t j = n; j < a[n - 1].size(); ++j) c.push_back(a[n - 1][j] / a[n - 1][n - 1]);
        return c;
    }
};

}
