#include "sim/setup.hpp"

#include "model/chebyshev.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <utility>

namespace exeunt::sim
{

namespace
{

constexpr double overlap = 0.25; // of a panel's half-width, beyond each end
constexpr double tolerance = 3e-7;

using Real = std::function<double(double)>;

class Fitter
{
  public:
    Fitter(Real drift, Real sigma, double least) : drift_(std::move(drift)), sigma_(std::move(sigma)), least_(least) {}

    /// Panels over [from, to], or over [to, from] from the right, each as wide as the tolerance allows; they may
    /// reach beyond their ends, but not out of [lo, hi].
    void march(double from, double to, double lo, double hi)
    {
        const double way = to > from ? 1 : -1;
        double width = std::abs(to - from);
        double gap = 2 * least_;
        for (double at = from; way * (to - at) > 0 && panels_.size() < 1000;) {
            const double rest = std::abs(to - at);
            const double step = std::min(rest, rest < 1.25 * width ? rest : width);
            const double end = step == rest ? to : at + way * step;
            if (add(std::min(at, end), std::max(at, end), lo, hi)) {
                at = end;
                width = 2 * step;
                gap = 2 * least_;
            } else if (step > 2 * least_) {
                width = 0.75 * step; // below 1/1.25, or the rest would be tried again
            } else {                 // no panel holds here: leave a gap
                at += way * gap;
                gap *= 2;
            }
        }
    }

    /// The panel with core [core_lo, core_hi), if it holds the tolerance.
    bool add(double core_lo, double core_hi, double lo, double hi)
    {
        const double beyond = 0.5 * overlap * (core_hi - core_lo);
        const double from = std::max(lo, core_lo - beyond);
        const double to = std::min(hi, core_hi + beyond);
        const double centre = 0.5 * (from + to);
        if (!(from < centre && centre < to)) return false; // neighbouring numbers
        const double half = 0.5 * (to - from);
        Panel p{.lo = core_lo, .hi = core_hi, .centre = centre, .reach = reach(centre, from, to), .a = {}, .sigma = {}};
        if (!fit(drift_, centre, half, p.a) || (sigma_ && !fit(sigma_, centre, half, p.sigma))) return false;
        panels_.push_back(p);
        return true;
    }

    std::vector<Panel> take()
    {
        std::sort(panels_.begin(), panels_.end(), [](const Panel& a, const Panel& b) { return a.lo < b.lo; });
        return std::move(panels_);
    }

  private:
    /// The largest float r with [centre - r, centre + r] strictly inside (from, to).
    static float reach(double centre, double from, double to)
    {
        auto r = static_cast<float>(std::min(centre - from, to - centre));
        while (!(centre - double{r} > from && centre + double{r} < to)) r = std::nextafter(r, 0.0F);
        return r;
    }

    /// g(centre + t) = Σ_k a_k t^k, |t| ≤ half; false where that does not hold the tolerance.
    static bool fit(const Real& g, double centre, double half, float (&a)[Panel::terms])
    {
        const auto p =
            model::chebyshev_interpolant<double>([&](double u) { return g(centre + half * u); }, Panel::terms);
        double largest = 0;
        for (const double c : p) largest = std::max(largest, std::abs(c));
        for (int k = 0; k < Panel::terms; ++k) {
            const double c = p[static_cast<std::size_t>(k)];
            // rounding noise among the c_k would overflow a float in c_k / half^k when the panel is narrow
            a[k] = std::abs(c) < 1e-10 * largest ? 0 : static_cast<float>(c / std::pow(half, k));
        }
        return holds(g, centre, half, a);
    }

    static bool holds(const Real& g, double centre, double half, const float (&a)[Panel::terms])
    {
        constexpr int points = 61;
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < points; ++i) {
            const auto t = static_cast<float>(half * std::cos(std::numbers::pi * i / (points - 1)));
            float sum = a[Panel::terms - 1];
            for (int k = Panel::terms - 2; k >= 0; --k) sum = std::fma(sum, t, a[k]);
            const double exact = g(centre + double{t});
            worst = std::max(worst, std::abs(double{sum} - exact));
            largest = std::max(largest, std::abs(exact));
            if (!std::isfinite(exact) || !std::isfinite(sum)) return false;
        }
        return worst <= tolerance * largest;
    }

    Real drift_;
    Real sigma_; ///< empty where it does not vary
    double least_;
    std::vector<Panel> panels_;
};

}

namespace
{

/// Appends the panels of [lo, hi], part of one attraction field, which end at the cuts in it.
void fit_piece(const model::Model& model, double lo, double hi, std::span<const double> all_cuts,
               std::vector<Panel>& panels)
{
    const auto drift = [&](double x) { return -model.eta * model.landscape.potential().gradient(x); };
    const double m = model.landscape.minima()[model.landscape.well_of(lo + (hi - lo) / 2)];
    std::vector<double> cuts = {lo, hi};
    for (const double cut : all_cuts)
        if (lo < cut && cut < hi) cuts.insert(cuts.end() - 1, cut);

    Real sigma;
    if (!model.diffusion.is_constant()) sigma = [&](double x) { return model.diffusion.value(x); };
    Fitter fit(drift, sigma, 0.5e-7 * (hi - lo));
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const double from = cuts[i];
        const double to = cuts[i + 1];
        if (m <= from || m >= to) {
            fit.march(from, to, from, to);
            continue;
        }
        double h = std::max(m - from, to - m);
        const auto left = [&] { return h < m - from ? m - h : from; }; // m - (m - from) may be beside `from`
        const auto right = [&] { return h < to - m ? m + h : to; };
        while (h > 1e-6 * (to - from) && !fit.add(left(), right(), from, to)) h *= 0.9;
        fit.march(left(), from, from, to);
        fit.march(right(), to, from, to);
    }
    const auto fitted = fit.take();
    panels.insert(panels.end(), fitted.begin(), fitted.end());
}

}

std::vector<Panel> fit_panels(const model::Model& model, std::span<const Stop> stops, std::span<const double> cuts)
{
    const model::Landscape& f = model.landscape;
    std::vector<double> all_cuts = f.potential().kinks();
    const std::vector<double>& of_sigma = model.diffusion.kinks();
    all_cuts.insert(all_cuts.end(), of_sigma.begin(), of_sigma.end());
    all_cuts.insert(all_cuts.end(), cuts.begin(), cuts.end());
    std::sort(all_cuts.begin(), all_cuts.end());

    std::vector<Panel> panels;
    const auto fit = [&](double lo, double hi) { // no stop in it
        for (const double saddle : f.saddles())
            if (lo < saddle && saddle < hi) {
                fit_piece(model, lo, saddle, all_cuts, panels);
                lo = saddle;
            }
        if (lo < hi) fit_piece(model, lo, hi, all_cuts, panels);
    };
    double at = f.domain().lo;
    for (const Stop& stop : stops) {
        fit(at, std::min(stop.lo, f.domain().hi));
        at = std::max(at, stop.hi);
    }
    fit(at, f.domain().hi);
    return panels;
}

std::vector<Panel> fit_panels(const model::Model& model, std::size_t well)
{
    return fit_panels(model, stops_of_exit(model.landscape, well));
}

std::vector<Stop> stops_of_exit(const model::Landscape& landscape, std::size_t well)
{
    constexpr double inf = std::numeric_limits<double>::infinity();
    std::vector<Stop> stops;
    if (well > 0) stops.push_back({-inf, landscape.left(well)});
    if (well + 1 < landscape.wells()) stops.push_back({landscape.right(well), inf});
    return stops;
}

double noise_scale(const model::Model& model)
{
    return model.diffusion.is_constant() ? model.eta * model.diffusion.value(0) : model.eta;
}

}
