#include "model/laws/stable.hpp"

#include "model/error.hpp"
#include "model/laws/quantile_table.hpp"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cassert>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <mutex>
#include <numbers>
#include <optional>

namespace exeunt::model
{

namespace
{

constexpr double pi = std::numbers::pi;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A half-line of X. Logarithms of V are long double: 1/(α-1) multiplies their rounding, and ξV up to 745 does again.
struct Shape {
    double alpha;
    double epsilon; ///< ε; 0: no heavy tail

    double end() const { return (pi - epsilon) / alpha; } ///< πρ
    double power() const { return alpha / (alpha - 1); }
    /// log V(φ), given with it the distance ω = πρ - φ to the end, near which it is the better variable.
    long double log_v(long double phi, long double omega) const
    {
        const long double a = alpha, e = epsilon;
        const long double far = phi < omega ? e + a * phi : a * omega; // or π minus it
        return (std::log(std::sin(phi)) - a * std::log(std::sin(far))) / (a - 1) +
               std::log(std::sin(e + (a - 1) * phi));
    }
    /// log V₀
    long double log_plateau() const
    {
        const long double a = alpha;
        return std::log(a - 1) - a / (a - 1) * std::log(a);
    }
};

/// P(X > x), P(0 < X ≤ x) and the density of X, as logarithms: of the second one over x.
struct Logs {
    double outer;
    double inner;
    double density;
};

/// Zolotarev's integral. Panels of φ in which neither log V nor the logarithm of the distance to the nearer end changes
/// by much serve every x: only V and the weights are kept.
class Zolotarev
{
  public:
    /// For `least` ≤ x ≤ most_x.
    Zolotarev(const Shape& shape, double most_x);

    Logs at(double x) const;

    static constexpr double least = 1e-8;

  private:
    using Rule = boost::math::quadrature::gauss<double, 20>;
    static constexpr std::size_t nodes = 20;
    static constexpr double nothing = -84; // log ξV below which e^{-ξV} = 1, and 1 - e^{-ξV} adds nothing
    static constexpr double most = 750;    // ξV above which e^{-ξV} = 0

    struct Panel {
        double left, right;                  ///< lengths of (0, πρ) before and after it
        long double log_v;                   ///< log V at its left end
        std::array<double, nodes> v, weight; ///< V over that; dφ
    };

    /// Panels from the middle of (0, πρ) to one end, until log V passes `limit`.
    void march(bool to_left, long double limit);
    void add(bool to_left, double from, double to);
    long double log_v(bool to_left, double distance) const
    {
        const long double rest = static_cast<long double>(shape_.end()) - distance;
        return to_left ? shape_.log_v(distance, rest) : shape_.log_v(rest, distance);
    }

    Shape shape_;
    std::vector<Panel> panels_; ///< by increasing φ
};

Zolotarev::Zolotarev(const Shape& shape, double most_x) : shape_(shape)
{
    march(true, nothing - shape.power() * std::log(most_x));
    std::reverse(panels_.begin(), panels_.end());
    march(false, std::log(most) - shape.power() * std::log(least));
}

void Zolotarev::march(bool to_left, long double limit)
{
    constexpr long double most_change = 2.5;
    double inner = 0.5 * shape_.end();
    for (long double v = log_v(to_left, inner); to_left ? v > limit : v < limit;) {
        if (to_left && shape_.epsilon == 0 && inner < 0.03) return add(to_left, 0, inner); // analytic at φ = 0
        double factor = std::exp(-1.0);
        while (std::abs(log_v(to_left, factor * inner) - v) > most_change) factor = std::sqrt(factor);
        add(to_left, factor * inner, inner);
        inner *= factor;
        v = log_v(to_left, inner);
    }
}

/// A panel between two distances from an end. The nodes are even in the logarithm of the distance, in the distance
/// itself where it begins at the end.
void Zolotarev::add(bool to_left, double from, double to)
{
    const double ratio = from == 0 ? 0 : std::log(to / from);
    const double rest = shape_.end() - to;
    Panel p{.left = to_left ? from : rest, .right = to_left ? rest : from, .log_v = {}, .v = {}, .weight = {}};
    p.log_v = from == 0 ? shape_.log_plateau() : log_v(to_left, to_left ? from : to);
    for (std::size_t i = 0; i < nodes; ++i) {
        const std::size_t k = i / 2;
        const double u = i % 2 == 0 ? -Rule::abscissa()[k] : Rule::abscissa()[k];
        const double d = from == 0 ? 0.5 * to * (1 + u) : from * std::exp(0.5 * ratio * (1 + u));
        p.v[i] = static_cast<double>(std::exp(log_v(to_left, d) - p.log_v));
        p.weight[i] = Rule::weights()[k] * 0.5 * (from == 0 ? to : ratio * d);
    }
    panels_.push_back(p);
}

/// 1 - e^{-a}
double one_minus_exp(double a)
{
    if (a < 1e-3) return a * (1 - a / 2 * (1 - a / 3 * (1 - a / 4 * (1 - a / 5))));
    return a < 0.5 ? -std::expm1(-a) : 1 - std::exp(-a);
}

Logs Zolotarev::at(double x) const
{
    assert(x >= least);
    const long double log_xi = shape_.alpha / (shape_.alpha - 1.0L) * std::log(static_cast<long double>(x));
    const double floor = shape_.epsilon == 0 ? static_cast<double>(std::exp(log_xi + shape_.log_plateau())) : 0;
    const auto begins_below = [](const Panel& panel, long double log_v) { return panel.log_v < log_v; };
    auto p = std::lower_bound(panels_.begin(), panels_.end(), nothing - log_xi, begins_below);
    if (p != panels_.begin()) --p;
    const auto last = std::lower_bound(p, panels_.end(), std::log(floor + most) - log_xi, begins_below);
    double outer = p->left, inner = 0, density = 0;
    for (; p != last; ++p) {
        const double xi_v = static_cast<double>(std::exp(log_xi + p->log_v));
        for (std::size_t i = 0; i < nodes; ++i) {
            const double a = xi_v * p->v[i];
            const double inside = one_minus_exp(a);
            const double outside = floor == 0 && a < 0.5 ? 1 - inside : std::exp(floor - a);
            outer += p->weight[i] * outside;
            inner += p->weight[i] * inside;
            density += p->weight[i] * a * outside;
        }
    }
    inner += (last - 1)->right;
    return {.outer = std::log(outer / pi) - floor,
            .inner = std::log(inner / pi / x),
            .density = std::log(shape_.power() * density / pi / x) - floor};
}

/// The tail's series in w = x^-α (Feller; Bergström 1952): asymptotic, its error below the first term left out:
///
///     P(X > x) = (1/π) Σ_k Γ(αk)/k! sin(kε) w^k,     and its derivative.
class TailSeries
{
  public:
    explicit TailSeries(const Shape& shape) : alpha_(shape.alpha)
    {
        std::array<double, terms + 2> bound{}; // of |c_k|, without the accidents of sin(kε)
        for (int k = 1; k <= terms + 1; ++k) {
            const double size = std::exp(std::lgamma(alpha_ * k) - std::lgamma(k + 1.0)) / pi;
            if (k <= terms) c_[static_cast<std::size_t>(k)] = size * std::sin(k * shape.epsilon);
            bound[static_cast<std::size_t>(k)] = size * std::min(1.0, k * shape.epsilon);
        }
        for (std::size_t k = 1; k <= terms; ++k)
            most_w_[k] = std::pow(1e-17 * c_[1] / bound[k + 1], 1 / static_cast<double>(k));
        // beside the powers there is a light part, e^{-ξV₀}
        const double light = static_cast<double>(std::exp(shape.log_plateau()));
        begin_ = std::pow(most_w_[terms], -1 / alpha_);
        while (std::log(1e17) - std::log(c_[1]) + alpha_ * std::log(begin_) > light * std::pow(begin_, shape.power()))
            begin_ *= 1.01;
    }

    /// From where on it is right to 1e-17.
    double begin() const { return begin_; }

    double outer(double x) const
    {
        const double w = std::pow(x, -alpha_);
        double sum = 0;
        for (std::size_t k = last(w); k > 0; --k) sum = (sum + c_[k]) * w;
        return sum;
    }
    double density(double x) const
    {
        const double w = std::pow(x, -alpha_);
        double sum = 0;
        for (std::size_t k = last(w); k > 0; --k) sum = (sum + static_cast<double>(k) * c_[k]) * w;
        return alpha_ * sum / x;
    }

  private:
    static constexpr int terms = 10;

    std::size_t last(double w) const
    {
        std::size_t k = 1;
        while (k < terms && w > most_w_[k]) ++k;
        return k;
    }

    double alpha_;
    double begin_;
    std::array<double, terms + 1> c_{};      ///< of w^k
    std::array<double, terms + 1> most_w_{}; ///< up to which k terms are enough
};

/// What is tabulated of a half-line, and R = κX there.
class StableRadius final : public Radius
{
  public:
    StableRadius(const Shape& shape, double kappa) : shape_(shape), kappa_(kappa), rho_(shape.end() / pi) {}

    double density(double r) const override
    {
        const double x = r / kappa_;
        const Tables& t = tables();
        if (x <= t.logs.hi()) return std::exp(t.logs(2, x)) / kappa_;
        return t.series ? t.series->density(x) / rho_ / kappa_ : 0;
    }
    double survival(double r) const override
    {
        const double x = r / kappa_;
        const Tables& t = tables();
        if (x <= t.logs.hi()) return std::exp(t.logs(0, x));
        return t.series ? t.series->outer(x) / rho_ : 0;
    }
    double cumulative(double r) const override
    {
        const double x = r / kappa_;
        const Tables& t = tables();
        return x <= t.logs.hi() ? x * std::exp(t.logs(1, x)) : 1 - survival(r);
    }
    double at(double g) const override { return kappa_ * tables().quantile(g); }
    double peak() const override { return kappa_ * tables().peak; }

  private:
    struct Tables {
        std::optional<TailSeries> series; ///< where there is a heavy tail
        Piecewise logs;                   ///< of P(R > r), P(R ≤ r)/x and the density in x
        double peak;
        QuantileTable quantile;
    };
    const Tables& tables() const
    {
        std::call_once(once_, [this] { make_tables(); });
        return *tables_;
    }
    void make_tables() const;

    Shape shape_;
    double kappa_;
    double rho_; ///< ρ
    mutable std::once_flag once_;
    mutable std::unique_ptr<const Tables> tables_;
};

/// Panels up to `end`: even at first, then growing with x.
std::vector<double> first_cut(double end)
{
    std::vector<double> cut{0};
    for (double x = 0.25; x < end; x += std::max(0.25, 0.4 * x)) cut.push_back(x);
    cut.push_back(end);
    return cut;
}

Piecewise tabulate(const Shape& shape, double end, double tolerance)
{
    const Zolotarev integral(shape, end);
    const double log_rho = std::log(shape.end() / pi);
    const auto logs = [&](double x, double* out) {
        const Logs value = integral.at(x);
        out[0] = value.outer - log_rho;
        out[1] = value.inner - log_rho;
        out[2] = value.density - log_rho;
    };
    return Piecewise(fmt::format("the stable law of index {:.6g}", shape.alpha), logs, 3, first_cut(end), tolerance);
}

/// Where the density is largest, on a grid that is fine enough to place panels by.
double peak_of(const Piecewise& logs)
{
    constexpr int grid = 400;
    double best = 0;
    for (std::size_t p = 0; p < logs.panels(); ++p)
        for (int k = 0; k <= grid; ++k) {
            const double x = logs.cut()[p] + (logs.cut()[p + 1] - logs.cut()[p]) * k / grid;
            if (logs(2, x) > logs(2, best)) best = x;
        }
    return best;
}

/// The table and the series meet.
void check_seam(const Shape& shape, const Piecewise& logs, const TailSeries& series, double tolerance)
{
    const double x = logs.hi(), rho = shape.end() / pi;
    const double gap = std::max(std::abs(std::log(series.outer(x) / rho) - logs(0, x)),
                                std::abs(std::log(series.density(x) / rho) - logs(2, x)));
    const double allowed = 4 * tolerance * std::abs(logs(2, x)); // the table's, at its end, and rounding
    if (!(gap <= allowed))
        throw NotConverged(
            fmt::format("the tail series of the stable law of index {:.6g} misses its integral by {:.1e} "
                        "at x = {:.3g}, where {:.1e} was asked",
                        shape.alpha, gap, x, allowed));
}

void StableRadius::make_tables() const
{
    // where α is near 1 the tail of x feels the rounding of x
    const double tolerance = std::max(1e-14, 1e-15 / (shape_.alpha - 1));
    std::optional<TailSeries> series;
    if (shape_.epsilon > 0) series.emplace(shape_);
    // a light tail ends where e^{-ξV₀} is below every double
    const double plateau = static_cast<double>(std::exp(shape_.log_plateau()));
    const double end = series ? series->begin() : std::pow(745 / plateau, 1 / shape_.power());
    Piecewise logs = tabulate(shape_, end, tolerance);
    if (series) check_seam(shape_, logs, *series, tolerance);
    const auto tail = [&](double x) { return series->outer(x) / rho_; };
    double r = 1;
    const auto inverse = [&](double g) { // a light tail has no series, and the search for r may step past its end
        const auto in_table = [&](double x) { return x <= end || !series; };
        const auto log_of = [&](int k, double x) { return logs(k, std::min(x, end)); };
        return r = invert(
                   g, r, [&](double x) { return in_table(x) ? log_of(0, x) : std::log(tail(x)); },
                   [&](double x) { return in_table(x) ? x * std::exp(log_of(1, x)) : 1 - tail(x); },
                   [&](double x) { return in_table(x) ? std::exp(log_of(2, x)) : series->density(x) / rho_; });
    };
    double last = -logs(0, end);
    if (series) // from where on the tail is one power, and so is e^{g/α} - 1
        last = std::max(40 * shape_.alpha, -std::log(tail(std::max(end, std::pow(1e-17, -1 / shape_.alpha)))));
    QuantileTable quantile("the stable quantile", series ? shape_.alpha : infinity, last, inverse, tolerance);
    const double peak = peak_of(logs);
    tables_ = std::make_unique<const Tables>(Tables{series, std::move(logs), peak, std::move(quantile)});
}

}

std::shared_ptr<const TwoSided> stable_law(double alpha, double p_plus, double s)
{
    const double delta_sin = std::sin(pi / 2 * (2 - alpha)), delta_cos = std::sin(pi / 2 * (alpha - 1));
    const double p_minus = 1 - p_plus, beta = p_plus - p_minus;
    const double kappa = s * std::pow(std::hypot(1.0, beta * delta_sin / delta_cos), 1 / alpha);
    const auto half = [&](double p, double skew) {
        const double epsilon =
            std::atan2(2 * p * delta_sin * delta_cos, delta_cos * delta_cos - skew * delta_sin * delta_sin);
        const Shape shape{alpha, epsilon};
        return Half{p == 0.5 ? 0.5 : shape.end() / pi, std::make_shared<StableRadius>(shape, kappa)};
    };
    return std::make_shared<TwoSided>(Name{"stable", alpha, p_plus, s, true}, half(p_plus, beta), half(p_minus, -beta),
                                      0);
}

}
