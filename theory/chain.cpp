#include "theory/chain.hpp"

#include "model/error.hpp"
#include "theory/work.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace exeunt::theory
{

using model::Model;

double margin_needed(const Model& model, std::size_t well, double rtol)
{
    const auto& f = model.landscape;
    const auto& domain = f.domain();
    const double width = domain.hi - domain.lo;
    double beyond = 0.5;
    if (domain.clamp || std::isfinite(model.b)) return beyond;
    const double exits = model.noise.tail(f.radius(well) / model.eta);
    const auto finite = [&](double m) {
        return std::isfinite(f.potential().gradient(domain.lo - m * width)) &&
               std::isfinite(f.potential().gradient(domain.hi + m * width));
    };
    while (model.noise.tail(beyond * width / model.eta) > 0.1 * rtol * exits && finite(2 * beyond)) beyond *= 2;
    return beyond;
}

Region field(const Model& model, std::size_t well, double margin)
{
    const auto& f = model.landscape;
    const auto& domain = f.domain();
    const double beyond = domain.clamp ? 0 : margin * (domain.hi - domain.lo);
    const double left = f.left(well), right = f.right(well);
    Region region{
        .states = {{std::isinf(left) ? domain.lo - beyond : left, std::isinf(right) ? domain.hi + beyond : right}},
        .places = {},
        .labels = f.wells(),
        .start = f.minima()[well]};
    for (std::size_t j = 0; j < f.wells(); ++j)
        if (j != well) region.places.push_back({{f.left(j), f.right(j)}, j});
    return region;
}

Region passage(const Model& model, std::size_t well, const std::vector<std::size_t>& targets, double margin)
{
    const auto& f = model.landscape;
    if (targets.empty()) throw BadInput("a first passage needs a well to arrive in");
    std::vector<std::size_t> increasing = targets;
    std::sort(increasing.begin(), increasing.end());
    Region region{.states = {}, .places = {}, .labels = f.wells(), .start = f.minima()[well]};
    constexpr double inf = std::numeric_limits<double>::infinity();
    const auto& domain = f.domain();
    double from = field(model, 0, margin).lo();
    for (const std::size_t j : increasing) {
        if (j == well) throw BadInput("a first passage begins outside the wells that it ends in");
        auto [lo, hi] = f.core(j);
        if (domain.clamp && lo <= domain.lo) lo = -inf; // the core holds the clamp, and all that is moved there
        if (domain.clamp && hi >= domain.hi) hi = inf;
        if (from < lo) region.states.push_back({from, lo});
        region.places.push_back({{lo, hi}, j});
        from = hi;
    }
    if (const double end = field(model, f.wells() - 1, margin).hi(); from < end) region.states.push_back({from, end});
    return region;
}

namespace
{

constexpr double rounding = 1e-12; ///< of the width of the states: two cuts as close are one

/// A point where u or one of its low derivatives jumps.
struct Break {
    double x;
    int jumps; ///< clipped jumps between it and the end it comes from
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

/// Where u jumps, e ± kb with e an end of the states, where the probabilities of the places do, e ± kb with e an end of
/// one, and where f' or σ has a kink; increasing.
std::vector<Break> find_breaks(const Model& model, const Region& region)
{
    constexpr std::size_t most = 512;
    const auto refuse = [&] {
        throw NotConverged(fmt::format(
            "the exact chain would need more than {} breakpoints at clip {:.3g}: choose a larger clip", most, model.b));
    };
    std::vector<double> sources;
    for (const Interval& piece : region.states)
        for (const double end : {piece.lo, piece.hi})
            if (sources.empty() || sources.back() != end) sources.push_back(end); // fields side by side share one
    std::vector<Break> breaks;
    const double lo = region.lo(), hi = region.hi();
    const auto add_images = [&](double e, int jumps) {
        if (std::isinf(model.b)) return;
        for (int k = 1; k * model.b < hi - lo; ++k) {
            for (const double x : {e - k * model.b, e + k * model.b})
                if (x > lo && x < hi) breaks.push_back({x, jumps + k});
            if (breaks.size() > most) refuse();
        }
    };
    for (const double e : sources) {
        breaks.push_back({e, 0});
        add_images(e, 0);
    }
    for (const auto& [where, label] : region.places) // one clipped jump from them, the place exited to is another
        for (const double end : {where.lo, where.hi})
            if (!std::binary_search(sources.begin(), sources.end(), end))
                for (const double x : {end - model.b, end + model.b})
                    if (x > lo && x < hi) {
                        breaks.push_back({x, 1});
                        add_images(x, 1);
                    }
    for (const auto* f : {&model.landscape.potential(), &model.diffusion})
        for (const double kink : f->kinks())
            if (kink > lo && kink < hi) breaks.push_back({kink, 1});
    if (breaks.size() > most) refuse();
    std::sort(breaks.begin(), breaks.end(), [](const Break& a, const Break& b) { return a.x < b.x; });
    std::vector<Break> apart; // two that rounding may have parted are one, the stronger
    for (const Break& b : breaks) {
        if (apart.empty() || b.x - apart.back().x > rounding * (hi - lo))
            apart.push_back(b);
        else if (b.jumps < apart.back().jumps)
            apart.back() = b;
    }
    return apart;
}

/// Where a derivative of u jumps, because a kink of the next step's density, T(x) + ησ(x)z with T(x) = x - ηf'(x), is
/// on a break or at the clip. After three jumps and more the kinks are too weak to need a cut.
std::vector<Break> find_kinks(const Model& model, const Region& region, const std::vector<Break>& breaks)
{
    const auto drift = [&](double x) { return -model.eta * model.landscape.potential().gradient(x); };
    std::vector<Break> kinks;
    const auto add_zeros = [&](int jumps, const auto& g) {
        for (const double x : sign_changes(region.lo(), region.hi(), g)) kinks.push_back({x, jumps});
    };
    for (const double z : model.noise->kinks()) {
        const auto kink = [&](double x) { return drift(x) + model.eta * model.diffusion.value(x) * z; };
        for (const Break& d : breaks)
            if (d.jumps < 3) add_zeros(d.jumps, [&](double x) { return (x - d.x) + kink(x); });
        if (std::isfinite(model.b))
            for (const double sign : {-1.0, 1.0}) add_zeros(1, [&](double x) { return kink(x) - sign * model.b; });
    }
    return kinks;
}

/// Where T stretches, |T'| > 1, u varies on the length step/|T'| wherever T leads back into the states: panels there
/// are split to a few of these lengths.
void split_where_stretched(const Model& model, const Region& region, double step, std::vector<Interval>& panels)
{
    std::vector<Interval> finer;
    for (const auto& [lo, hi] : panels) {
        const auto f = model.landscape.potential().jet(0.5 * (lo + hi));
        const double width = hi - lo;
        const double stretch = std::abs(1 - model.eta * f.second);
        const double centre = 0.5 * (lo + hi) - model.eta * f.first;
        const double reach = 0.5 * width * stretch + 8 * step;
        const auto& domain = model.landscape.domain(); // beyond it the process is too seldom
        const bool seen = hi > domain.lo && lo < domain.hi;
        const bool returns = seen && centre + reach > region.lo() && centre - reach < region.hi();
        const int parts = stretch > 1.5 && returns
                              ? static_cast<int>(std::clamp(std::ceil(width * stretch / (8 * step)), 1.0, 64.0))
                              : 1;
        const auto cut = [&, lo = lo, hi = hi](int k) { return k == parts ? hi : lo + width * k / parts; };
        for (int k = 0; k < parts; ++k) finer.push_back({cut(k), cut(k + 1)});
    }
    panels = std::move(finer);
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

constexpr int far_nodes = 20;     // moments of a group: where a kernel is smooth they leave 1e-15 of it
constexpr int rounded_nodes = 10; // and these 1e-7

}

Mesh first_mesh(const Model& model, const Region& region, int nodes)
{
    std::vector<Break> breaks = find_breaks(model, region);
    const std::vector<Break> kinks = find_kinks(model, region, breaks);
    breaks.insert(breaks.end(), kinks.begin(), kinks.end());
    std::sort(breaks.begin(), breaks.end(), [](const Break& a, const Break& b) { return a.x < b.x; });
    // Near a discontinuity u varies on the length of one step's noise; coarser where it takes more jumps to feel it.
    const double step = model.eta * model.diffusion.value(region.start) * model.noise->scale();
    const auto finest = [&](const Break& b) { return 8 * step * std::pow(16, std::max(b.jumps - 2, 0)); };
    std::vector<double> cut;
    for (std::size_t k = 0; k + 1 < breaks.size(); ++k) {
        const auto part = graded(breaks[k].x, breaks[k + 1].x, finest(breaks[k]), finest(breaks[k + 1]), 4);
        cut.insert(cut.end(), part.begin(), part.end());
    }
    std::sort(cut.begin(), cut.end());
    const double close = rounding * (region.hi() - region.lo());
    Mesh mesh{{}, nodes};
    for (const auto& [lo, hi] : region.states) {
        double from = lo;
        for (auto x = std::upper_bound(cut.begin(), cut.end(), lo); x != cut.end() && *x < hi - close; ++x) {
            if (*x - from <= close) continue;
            mesh.panel.push_back({from, *x});
            from = *x;
        }
        mesh.panel.push_back({from, hi});
    }
    split_where_stretched(model, region, step, mesh.panel);
    return mesh;
}

std::string cell_of(const Model& model) { return fmt::format("clip {:.6g}, learning rate {:.6g}", model.b, model.eta); }

Chain::Chain(const Model& model, const Region& region, Mesh mesh)
    : model_(model), region_(region), mesh_(std::move(mesh)), rule_(gauss_rule(mesh_.nodes)),
      fine_(gauss_rule(mesh_.nodes + 4)),
      far_rule_(gauss_rule(far_nodes)), p_{Groups(mesh_.panel, mesh_.nodes, far_nodes),
                                           {static_cast<std::size_t>(mesh_.nodes)},
                                           {far_nodes}},
      steep_(steep_points(model.noise)), row_(mesh_.size()), basis_(static_cast<std::size_t>(mesh_.nodes))
{
    node_.reserve(mesh_.size());
    for (const auto& [lo, hi] : mesh_.panel)
        for (const double t : rule_.node) node_.push_back(0.5 * (lo + hi) + 0.5 * (hi - lo) * t);
    place_rows(node_);
}

/// All but the rows, which are many times the rest, is copied.
Chain::Chain(const Chain& nodes, std::vector<double> points)
    : model_(nodes.model_), region_(nodes.region_), mesh_(nodes.mesh_), rule_(nodes.rule_), fine_(nodes.fine_),
      far_rule_(nodes.far_rule_), node_(nodes.node_), p_{nodes.p_.groups, {nodes.p_.near.width}, {nodes.p_.far.width}},
      steep_(nodes.steep_), row_(nodes.row_.size()), basis_(nodes.basis_.size())
{
    place_rows(std::move(points));
}

Chain Chain::rows_at(std::vector<double> points) const { return {*this, std::move(points)}; }

void Chain::place_rows(std::vector<double> points)
{
    x_ = std::move(points);
    drift_.clear();
    for (const double x : x_) drift_.push_back(-model_.eta * model_.landscape.potential().gradient(x));
    const auto n = static_cast<Eigen::Index>(x_.size());
    stays_ = e_ = lumped_ = Eigen::VectorXd::Zero(n);
    to_ = Eigen::MatrixXd::Zero(n, static_cast<Eigen::Index>(region_.labels));
    // room for all numbers there may be, of which the system gives only what is used: two groups a level and side
    const std::size_t levels = std::bit_width(mesh_.panels());
    p_.near.value.reserve(x_.size() * 8 * p_.near.width);
    p_.far.value.reserve(x_.size() * 4 * levels * p_.far.width);
    constexpr double a_number = 30; // multiplications: a density, and the basis there
    for (std::size_t i = 0; i < x_.size(); ++i) {
        const std::size_t numbers = p_.numbers();
        place_row(i);
        spend(a_number * static_cast<double>(p_.numbers() - numbers));
    }
    leaves_ = move(Eigen::VectorXd::Ones(static_cast<Eigen::Index>(mesh_.size())));
}

double Chain::multiplications() const
{
    constexpr double iterating = 60; // for each number of v: GMRES makes it orthogonal to all before
    return iterating * static_cast<double>(size()) + p_.groups.multiplications() + static_cast<double>(p_.numbers());
}

/// The panel of which x_i is a node, or none.
std::size_t Chain::own_panel(std::size_t i) const
{
    return i < node_.size() && x_[i] == node_[i] ? i / basis_.size() : mesh_.panels();
}

std::size_t Chain::panel_of(double y) const
{
    const auto after = std::upper_bound(mesh_.panel.begin(), mesh_.panel.end(), y,
                                        [](double at, const Interval& p) { return at < p.lo; });
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - mesh_.panel.begin() - 1, 0));
}

Eigen::VectorXd Chain::at(double x) const
{
    Eigen::VectorXd weights = Eigen::VectorXd::Zero(size());
    const std::size_t p = panel_of(x), n = basis_.size();
    const auto& [lo, hi] = mesh_.panel[p];
    std::vector<double> basis(n);
    lagrange_basis(rule_, (x - lo) / (0.5 * (hi - lo)) - 1, basis);
    for (std::size_t j = 0; j < n; ++j) weights[static_cast<Eigen::Index>(p * n + j)] = basis[j];
    return weights;
}

Eigen::VectorXd Chain::move(const Eigen::VectorXd& v) const
{
    spend(multiplications());
    return p_.times(v);
}

Eigen::VectorXd Chain::carry(const Eigen::VectorXd& y) const
{
    spend(multiplications());
    return p_.transposed_times(y);
}

Compressed<float> Chain::rounded() const { return theory::rounded(p_, mesh_.panel, rounded_nodes); }

Eigen::VectorXd Chain::generate(const Eigen::VectorXd& v) const { return (leaves_ + e_).cwiseProduct(v) - move(v); }

Eigen::VectorXd Chain::generate_transposed(const Eigen::VectorXd& y) const
{
    return (leaves_ + e_).cwiseProduct(y) - carry(y);
}

double* Chain::block(std::size_t panel)
{
    const auto p = static_cast<std::uint32_t>(panel);
    if (std::find(touched_.begin(), touched_.end(), p) == touched_.end()) touched_.push_back(p);
    return &row_[panel * basis_.size()];
}

void Chain::add_atom(double y, double mass)
{
    if (mass == 0) return;
    const std::size_t p = panel_of(y);
    const auto& [lo, hi] = mesh_.panel[p];
    lagrange_basis(rule_, (y - lo) / (0.5 * (hi - lo)) - 1, basis_);
    double* to = block(p);
    for (std::size_t j = 0; j < basis_.size(); ++j) to[j] += mass * basis_[j];
}

/// What lands beyond an end that cannot be exited: at the clamp, or, without one, put there for want of states.
void Chain::add_end(std::size_t i, double end, double mass)
{
    add_atom(end, mass);
    if (!model_.landscape.domain().clamp) lumped_[static_cast<Eigen::Index>(i)] += mass;
}

/// Distance from (T(x) + from, T(x) + to) to where the density of the step is steep; 0 where it is steep within.
double Chain::clearance(const Row& row, double from, double to) const
{
    double clear = std::numeric_limits<double>::infinity();
    for (const double z : steep_) clear = std::min(clear, std::max({from - row.spread * z, row.spread * z - to, 0.0}));
    return clear;
}

/// The density of the next state at T(x) + v.
double Chain::density(const Row& row, double v) const { return model_.noise->density(v / row.spread) / row.spread; }

/// The part of the kernel with a density that leads to a group of panels.
void Chain::add_group(const Row& row, std::size_t group)
{
    const Interval& hull = p_.groups.hull(group);
    if (hull.hi <= row.from || hull.lo >= row.to) return;
    if (p_.groups.is_panel(group)) return add_panel(row, p_.groups.panel(group));
    const double va = (hull.lo - row.x) - row.drift, vc = (hull.hi - row.x) - row.drift;
    const double clear = clearance(row, va, vc);
    bool smooth = hull.lo >= row.from && hull.hi <= row.to && clear > 0 && clear + row.unit >= vc - va;
    if (!model_.noise->heavy_tailed())
        smooth = smooth && (vc - va) * std::max(std::abs(va), std::abs(vc)) < 4 * row.unit * row.unit;
    if (!smooth) {
        add_group(row, p_.groups.left(group));
        add_group(row, p_.groups.right(group));
        return;
    }
    p_.far.block.push_back(static_cast<std::uint32_t>(group));
    for (const double t : far_rule_.node) p_.far.value.push_back(density(row, 0.5 * (va + vc) + 0.5 * (vc - va) * t));
}

void Chain::add_panel(const Row& row, std::size_t p)
{
    const auto& [lo, hi] = mesh_.panel[p];
    const double a = std::max(lo, row.from), c = std::min(hi, row.to);
    if (!(a < c)) return;
    const auto [i, x, drift, spread, unit, from, to] = row;
    const std::size_t n = basis_.size(), own = own_panel(i);
    const double middle = 0.5 * (lo + hi), half = 0.5 * (hi - lo);
    const double va = (a - x) - drift, vc = (c - x) - drift;
    const double clear = clearance(row, va, vc);
    double* to_panel = block(p);
    if (a == lo && c == hi && clear > 0 && clear + unit >= vc - va && p != own) {
        for (std::size_t j = 0; j < n; ++j)
            to_panel[j] += half * rule_.weight[j] * density(row, va + half * (1 + rule_.node[j]));
        return;
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
            const double mass = radius * fine_.weight[g] * density(row, v);
            if (p == own)
                lagrange_basis_near(rule_, i % n, (v + drift) / half, basis_);
            else
                lagrange_basis(rule_, (x + (v + drift) - middle) / half, basis_);
            for (std::size_t j = 0; j < n; ++j) to_panel[j] += mass * basis_[j];
        }
    }
}

/// Moves the near field of row i to where it is kept, but for P_ii.
void Chain::close_row(std::size_t i)
{
    const std::size_t n = basis_.size();
    if (own_panel(i) < mesh_.panels()) stays_[static_cast<Eigen::Index>(i)] = std::exchange(row_[i], 0.0);
    std::sort(touched_.begin(), touched_.end());
    for (const std::uint32_t p : touched_) {
        double* from = &row_[p * n];
        p_.near.block.push_back(p);
        p_.near.value.insert(p_.near.value.end(), from, from + n);
        std::fill(from, from + n, 0.0);
    }
    touched_.clear();
    p_.near.first.push_back(p_.near.block.size());
    p_.far.first.push_back(p_.far.block.size());
}

void Chain::place_row(std::size_t i)
{
    const double x = x_[i], b = model_.b, centre = x + drift_[i];
    const double spread = model_.eta * model_.diffusion.value(x);
    if (!std::isfinite(centre) || !(spread > 0))
        throw BadInput(
            fmt::format("the potential or the diffusion is not usable at x = {:.6g}, where the process can go", x));
    const auto above = [&](double y) { return model_.noise->upper_tail(((y - x) - drift_[i]) / spread); };
    const auto below = [&](double y) { return model_.noise->lower_tail(((y - x) - drift_[i]) / spread); };
    const auto row = static_cast<Eigen::Index>(i);
    const double lo = region_.lo(), hi = region_.hi();

    // all |w| ≥ b land exactly b away
    for (const auto& [where, label] : region_.places) {
        if (where.hi < x - b || where.lo > x + b) continue;
        const bool first = where.lo < x - b; // holds the lower end of the window
        const bool last = where.hi > x + b;
        double mass = 0;
        if (!last && where.hi <= centre)
            mass = below(where.hi) - (first ? 0 : below(where.lo));
        else if (!first && where.lo >= centre)
            mass = above(where.lo) - (last ? 0 : above(where.hi));
        else
            mass = 1 - (first ? 0 : below(where.lo)) - (last ? 0 : above(where.hi));
        to_(row, static_cast<Eigen::Index>(label)) += mass;
        e_[row] += mass;
    }
    const auto is_state = [&](double y) {
        const auto& [from, to] = mesh_.panel[panel_of(y)];
        return from <= y && y < to;
    };
    const bool ends_left = region_.places.empty() || region_.places.front().where.lo > lo;
    const bool ends_right = region_.places.empty() || region_.places.back().where.hi < hi;
    add_group({i, x, drift_[i], spread, spread * model_.noise->scale(), x - b, x + b}, 0);
    if (x - b > lo) {
        if (is_state(x - b)) add_atom(x - b, below(x - b));
    } else if (ends_left)
        add_end(i, lo, below(lo));
    if (x + b < hi) {
        if (is_state(x + b)) add_atom(x + b, above(x + b));
    } else if (ends_right)
        add_end(i, hi, above(hi));
    close_row(i);
}

}
