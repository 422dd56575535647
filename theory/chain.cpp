#include "theory/chain.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::theory
{

using model::Model;

Interval states(const Model& model, std::size_t well, double margin)
{
    const auto& domain = model.landscape.domain();
    const double beyond = domain.clamp ? 0 : margin * (domain.hi - domain.lo);
    const double left = model.landscape.left(well), right = model.landscape.right(well);
    return {std::isinf(left) ? domain.lo - beyond : left, std::isinf(right) ? domain.hi + beyond : right};
}

namespace
{

/// A point where u or one of its low derivatives jumps.
struct Break {
    double x;
    int jumps; ///< clipped jumps between it and the end of Ω_i it comes from
};

/// The zeros of g in (lo, hi) where g changes sign on a grid: a mesh may miss one, at the cost of more bisections
/// there.
template<class G> std::vector<double> sign_changes(double lo, double hi, const G& g)
{
    constexpr int grid = 1000;
    std::vector<double> zeros;
    const double h = (hi - lo) / grid;
    double before = g(lo);
    for (int k = 0; k < grid; ++k) {
        double a = lo + k * h;
        double c = k + 1 == grid ? hi : a + h;
        const double after = g(c);
        if ((before < 0) != (after < 0)) {
            for (double middle = 0.5 * (a + c); a < middle && middle < c; middle = 0.5 * (a + c))
                ((g(middle) < 0) == (before < 0) ? a : c) = middle;
            if (a > lo && c < hi) zeros.push_back(c);
        }
        before = after;
    }
    return zeros;
}

/// Where u jumps, e ± kb with e an end, and where f' or σ has a kink.
std::vector<Break> find_breaks(const Model& model, Interval states)
{
    std::vector<Break> breaks{{states.lo, 0}, {states.hi, 0}};
    if (std::isfinite(model.b))
        for (int k = 1; k * model.b < states.hi - states.lo; ++k) {
            breaks.push_back({states.lo + k * model.b, k});
            breaks.push_back({states.hi - k * model.b, k});
        }
    for (const auto* f : {&model.landscape.potential(), &model.diffusion})
        for (const double kink : f->kinks())
            if (kink > states.lo && kink < states.hi) breaks.push_back({kink, 1});
    if (breaks.size() > 512)
        throw NotConverged(fmt::format("the exact chain would need more than 512 breakpoints at clip {:.3g}: choose a "
                                       "larger clip",
                                       model.b));
    std::sort(breaks.begin(), breaks.end(), [](const Break& a, const Break& b) { return a.x < b.x; });
    return breaks;
}

/// Where a derivative of u jumps, because a kink of the next step's density, T(x) + ησ(x)z with T(x) = x - ηf'(x), is
/// on a break or at the clip. After three jumps and more the kinks are too weak to need a cut.
std::vector<double> find_kinks(const Model& model, Interval states, const std::vector<Break>& breaks)
{
    const auto drift = [&](double x) { return -model.eta * model.landscape.potential().gradient(x); };
    std::vector<double> kinks;
    const auto add_zeros = [&](const auto& g) {
        const auto zeros = sign_changes(states.lo, states.hi, g);
        kinks.insert(kinks.end(), zeros.begin(), zeros.end());
    };
    for (const double z : model.noise->kinks()) {
        const auto kink = [&](double x) { return drift(x) + model.eta * model.diffusion.value(x) * z; };
        for (const Break& d : breaks)
            if (d.jumps < 3) add_zeros([&](double x) { return (x - d.x) + kink(x); });
        if (std::isfinite(model.b))
            for (const double sign : {-1.0, 1.0}) add_zeros([&](double x) { return kink(x) - sign * model.b; });
    }
    return kinks;
}

/// Where T stretches, |T'| > 1, u varies on the length step/|T'| wherever T leads back into the states: panels there
/// are split to a few of these lengths.
std::vector<double> split_where_stretched(const Model& model, const std::vector<double>& cut, double step)
{
    std::vector<double> finer{cut.front()};
    for (std::size_t p = 0; p + 1 < cut.size(); ++p) {
        const auto f = model.landscape.potential().jet(0.5 * (cut[p] + cut[p + 1]));
        const double width = cut[p + 1] - cut[p];
        const double stretch = std::abs(1 - model.eta * f.second);
        const double centre = 0.5 * (cut[p] + cut[p + 1]) - model.eta * f.first;
        const double reach = 0.5 * width * stretch + 8 * step;
        const auto& domain = model.landscape.domain(); // beyond it the process is too seldom
        const bool seen = cut[p + 1] > domain.lo && cut[p] < domain.hi;
        const bool returns = seen && centre + reach > cut.front() && centre - reach < cut.back();
        const int parts = stretch > 1.5 && returns
                              ? static_cast<int>(std::clamp(std::ceil(width * stretch / (8 * step)), 1.0, 64.0))
                              : 1;
        for (int k = 1; k < parts; ++k) finer.push_back(cut[p] + width * k / parts);
        finer.push_back(cut[p + 1]);
    }
    return finer;
}

/// Where the density of Z is steep on the length of its scale: its kinks and its mode, increasing.
std::vector<double> steep_points(const model::Noise& noise)
{
    std::vector<double> z = noise->kinks();
    z.push_back(noise->mode());
    std::sort(z.begin(), z.end());
    z.erase(std::unique(z.begin(), z.end()), z.end());
    return z;
}

}

Mesh first_mesh(const Model& model, std::size_t well, Interval states, int nodes)
{
    const std::vector<Break> breaks = find_breaks(model, states);
    // Near a discontinuity u varies on the length of one step's noise; coarser where it takes more jumps to feel it.
    const double step = model.eta * model.diffusion.value(model.landscape.minima()[well]) * model.noise->scale();
    const auto finest = [&](const Break& b) { return 8 * step * std::pow(16, b.jumps); };
    std::vector<double> cut = find_kinks(model, states, breaks);
    for (std::size_t k = 0; k + 1 < breaks.size(); ++k) {
        const auto part = graded(breaks[k].x, breaks[k + 1].x, finest(breaks[k]), finest(breaks[k + 1]), 4);
        cut.insert(cut.end(), part.begin(), part.end());
    }
    std::sort(cut.begin(), cut.end());
    const double rounding = 1e-12 * (states.hi - states.lo); // two cuts as close are one
    Mesh mesh{{states.lo}, nodes};
    for (const double x : cut)
        if (x - mesh.cut.back() > rounding) mesh.cut.push_back(x);
    mesh.cut.back() = states.hi;
    mesh.cut = split_where_stretched(model, mesh.cut, step);
    return mesh;
}

Chain::Chain(const Model& model, std::size_t well, Mesh mesh)
    : model_(model), well_(well), mesh_(std::move(mesh)), rule_(gauss_rule(mesh_.nodes)),
      fine_(gauss_rule(mesh_.nodes + 4)), steep_(steep_points(model.noise)),
      basis_(static_cast<std::size_t>(mesh_.nodes))
{
    const auto n = static_cast<Eigen::Index>(mesh_.size());
    x_.reserve(mesh_.size());
    for (std::size_t p = 0; p < mesh_.panels(); ++p)
        for (const double t : rule_.node)
            x_.push_back(0.5 * (mesh_.cut[p] + mesh_.cut[p + 1]) + 0.5 * (mesh_.cut[p + 1] - mesh_.cut[p]) * t);
    p_ = Eigen::MatrixXd::Zero(n, n);
    e_ = Eigen::VectorXd::Zero(n);
    lumped_ = Eigen::VectorXd::Zero(n);
    to_ = Eigen::MatrixXd::Zero(n, static_cast<Eigen::Index>(model.landscape.wells()));
    for (std::size_t i = 0; i < x_.size(); ++i) place_row(i);

    at_minimum_ = Eigen::RowVectorXd::Zero(n);
    const double m = model.landscape.minima()[well];
    const std::size_t p = panel_of(m);
    const double half = 0.5 * (mesh_.cut[p + 1] - mesh_.cut[p]);
    lagrange_basis(rule_, (m - mesh_.cut[p]) / half - 1, basis_);
    for (std::size_t j = 0; j < basis_.size(); ++j)
        at_minimum_[static_cast<Eigen::Index>(p * basis_.size() + j)] = basis_[j];
}

std::size_t Chain::panel_of(double y) const
{
    const auto after = std::upper_bound(mesh_.cut.begin(), mesh_.cut.end(), y);
    const auto p = std::distance(mesh_.cut.begin(), after) - 1;
    return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(p, 0, static_cast<std::ptrdiff_t>(mesh_.panels()) - 1));
}

void Chain::add_atom(std::size_t i, double y, double mass)
{
    if (mass == 0) return;
    const std::size_t p = panel_of(y);
    const double half = 0.5 * (mesh_.cut[p + 1] - mesh_.cut[p]);
    lagrange_basis(rule_, (y - mesh_.cut[p]) / half - 1, basis_);
    for (std::size_t j = 0; j < basis_.size(); ++j)
        p_(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(p * basis_.size() + j)) += mass * basis_[j];
}

/// What lands beyond an end that cannot be exited: at the clamp, or, without one, put there for want of states.
void Chain::add_end(std::size_t i, double end, double mass)
{
    add_atom(i, end, mass);
    if (!model_.landscape.domain().clamp) lumped_[static_cast<Eigen::Index>(i)] += mass;
}

/// The part of the kernel with a density: y from `from` to `to`, both inside the states.
void Chain::add_window(std::size_t i, double from, double to)
{
    const double x = x_[i];
    const double drift = -model_.eta * model_.landscape.potential().gradient(x);
    const double spread = model_.eta * model_.diffusion.value(x);
    const double unit = spread * model_.noise->scale();
    const auto density = [&](double v) { return model_.noise->density(v / spread) / spread; }; // of y at x + drift + v
    const auto row = static_cast<Eigen::Index>(i);
    const std::size_t n = basis_.size(), own = i / n;

    const std::size_t last = panel_of(std::nextafter(to, from));
    for (std::size_t p = panel_of(from); p <= last; ++p) {
        const double a = std::max(mesh_.cut[p], from), c = std::min(mesh_.cut[p + 1], to);
        if (!(a < c)) continue;
        const double middle = 0.5 * (mesh_.cut[p] + mesh_.cut[p + 1]), half = 0.5 * (mesh_.cut[p + 1] - mesh_.cut[p]);
        const double va = (a - x) - drift, vc = (c - x) - drift;
        double clear = std::numeric_limits<double>::infinity(); // distance from the panel to where the kernel is steep
        for (const double z : steep_) clear = std::min(clear, std::max({va - spread * z, spread * z - vc, 0.0}));
        const bool whole = a == mesh_.cut[p] && c == mesh_.cut[p + 1];
        if (whole && clear > 0 && clear + unit >= vc - va && p != own) {
            for (std::size_t j = 0; j < n; ++j)
                p_(row, static_cast<Eigen::Index>(p * n + j)) +=
                    half * rule_.weight[j] * density((x_[p * n + j] - x) - drift);
            continue;
        }
        // sub-intervals that double in length away from where the kernel is steep
        std::vector<double> cuts{va, vc};
        for (const double z : steep_) {
            if (spread * z > va && spread * z < vc) cuts.push_back(spread * z);
            for (double h = unit; h < std::max(std::abs(va), std::abs(vc)) + std::abs(spread * z); h = 2 * h + unit)
                for (const double v : {spread * z - h, spread * z + h})
                    if (v > va && v < vc) cuts.push_back(v);
        }
        std::sort(cuts.begin(), cuts.end());
        for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
            const double mid = 0.5 * (cuts[k] + cuts[k + 1]), radius = 0.5 * (cuts[k + 1] - cuts[k]);
            if (radius == 0) continue;
            for (std::size_t g = 0; g < fine_.node.size(); ++g) {
                const double v = mid + radius * fine_.node[g];
                const double mass = radius * fine_.weight[g] * density(v);
                if (p == own)
                    lagrange_basis_near(rule_, i % n, (v + drift) / half, basis_);
                else
                    lagrange_basis(rule_, (x + (v + drift) - middle) / half, basis_);
                for (std::size_t j = 0; j < n; ++j) p_(row, static_cast<Eigen::Index>(p * n + j)) += mass * basis_[j];
            }
        }
    }
}

void Chain::place_row(std::size_t i)
{
    const auto& f = model_.landscape;
    const double x = x_[i], b = model_.b;
    const double centre = x - model_.eta * f.potential().gradient(x);
    const double spread = model_.eta * model_.diffusion.value(x);
    if (!std::isfinite(centre) || !(spread > 0))
        throw BadInput(
            fmt::format("the potential or the diffusion is not usable at x = {:.6g}, where the process can go", x));
    const auto above = [&](double y) { return model_.noise->upper_tail((y - centre) / spread); };
    const auto below = [&](double y) { return model_.noise->lower_tail((y - centre) / spread); };
    const double lo = mesh_.cut.front(), hi = mesh_.cut.back();
    const bool exits_left = std::isfinite(f.left(well_)), exits_right = std::isfinite(f.right(well_));
    const auto row = static_cast<Eigen::Index>(i);

    add_window(i, std::max(lo, x - b), std::min(hi, x + b));
    if (x - b > lo)
        add_atom(i, x - b, below(x - b)); // all |w| ≥ b land exactly b away
    else if (!exits_left)
        add_end(i, lo, below(lo));
    if (x + b < hi)
        add_atom(i, x + b, above(x + b));
    else if (!exits_right)
        add_end(i, hi, above(hi));

    for (std::size_t j = 0; j < f.wells(); ++j) {
        double& mass = to_(row, static_cast<Eigen::Index>(j));
        if (j < well_ && f.right(j) >= x - b) mass = below(f.right(j)) - (f.left(j) >= x - b ? below(f.left(j)) : 0);
        if (j > well_ && f.left(j) <= x + b) mass = above(f.left(j)) - (f.right(j) <= x + b ? above(f.right(j)) : 0);
    }
    if (exits_left && x - b <= lo) e_[row] += below(lo);
    if (exits_right && x + b >= hi) e_[row] += above(hi);
}

}
