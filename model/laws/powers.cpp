// The distances whose tails are powers, with L = log(1 + t) or log t as the natural variable.
#include "model/laws/radii.hpp"

#include <algorithm>
#include <boost/math/special_functions/log1p.hpp>
#include <cmath>

namespace exeunt::model
{

namespace
{

struct LomaxRadius final : Radius {
    LomaxRadius(double index, double scale) : alpha(index), s(scale) {}
    double density(double r) const override { return alpha / s * std::pow(1 + r / s, -alpha - 1); }
    double survival(double r) const override { return std::pow(1 + r / s, -alpha); }
    double cumulative(double r) const override { return -std::expm1(-alpha * std::log1p(r / s)); }
    double at(double g) const override { return s * std::expm1(g / alpha); }

    const double alpha, s;
};

struct ParetoRadius final : Radius {
    ParetoRadius(double index, double scale) : alpha(index), s(scale) {}
    double density(double r) const override { return r < s ? 0 : alpha / s * std::pow(r / s, -alpha - 1); }
    double survival(double r) const override { return r <= s ? 1 : std::pow(r / s, -alpha); }
    double cumulative(double r) const override { return r <= s ? 0 : -std::expm1(-alpha * std::log1p((r - s) / s)); }
    double at(double g) const override { return s + s * std::expm1(g / alpha); }
    double start() const override { return s; }

    const double alpha, s;
};

/// log P(R > r) = -αL + log(1 + L), L = log(1 + t).
struct LogParetoRadius final : Radius {
    LogParetoRadius(double index, double scale) : alpha(index), s(scale) {}

    double density(double r) const override
    {
        const double L = std::log1p(r / s);
        return std::isinf(L) ? 0 : (alpha - 1 + alpha * L) / s * std::pow(1 + r / s, -alpha - 1);
    }
    double survival(double r) const override
    {
        const double L = std::log1p(r / s);
        return std::isinf(L) ? 0 : std::pow(1 + r / s, -alpha) * (1 + L);
    }
    double cumulative(double r) const override
    {
        const double L = std::log1p(r / s);
        return std::isinf(L) ? 1 : -std::expm1(-hazard(L));
    }
    double at(double g) const override { return s * std::expm1(log_distance(g)); }
    double peak() const override { return s * std::expm1(std::max(0.0, 1 / (alpha + 1) - (alpha - 1) / alpha)); }

  private:
    /// αL - log(1 + L), as a sum of two positive terms.
    double hazard(double L) const { return (alpha - 1) * L - boost::math::log1pmx(L); }

    /// The L with hazard(L) = g: convex, so Newton's steps rise to it at first and then fall.
    double log_distance(double g) const
    {
        const double a = alpha - 1;
        if (g == 0 || std::isinf(g)) return g;
        double L = 2 * g / (a + std::sqrt(a * a + 2 * g)); // where aL + L²/2 = g: below the zero
        for (int k = 0; k < 60; ++k) {
            const double next = L - (hazard(L) - g) / (a + L / (1 + L));
            if (k > 0 && next >= L) break;
            L = next;
        }
        return L;
    }

    const double alpha, s;
};

template<class R> Distance make(double alpha, double s, double mean) { return {std::make_shared<R>(alpha, s), mean}; }

}

Distance lomax_distance(double alpha, double s) { return make<LomaxRadius>(alpha, s, s / (alpha - 1)); }
Distance pareto_distance(double alpha, double s) { return make<ParetoRadius>(alpha, s, alpha * s / (alpha - 1)); }
Distance log_pareto_distance(double alpha, double s)
{
    return make<LogParetoRadius>(alpha, s, alpha * s / (alpha - 1) / (alpha - 1));
}

}
