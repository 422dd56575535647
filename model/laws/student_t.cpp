#include "model/laws/quantile_table.hpp"
#include "model/laws/radii.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>

namespace exeunt::model
{

namespace
{

/// P(R > r) = I_x(ν/2, 1/2), x = ν/(ν + t²), t = r/s, I the incomplete beta function.
class StudentRadius final : public Radius
{
  public:
    StudentRadius(double freedom, double scale) : nu(freedom), s(scale), beta(boost::math::beta(freedom / 2, 0.5))
    {
        double c = 1 / (0.5 * nu * beta);
        for (int n = 0; n < terms; ++n) {
            term[n] = c / (1 + 2 * n / nu);
            c *= (n + 0.5) / (n + 1);
        }
    }

    double density(double r) const override
    {
        return 2 / (std::sqrt(nu) * beta * s) * std::exp(-0.5 * (nu + 1) * log_y(r / s));
    }
    double survival(double r) const override
    {
        const double y = log_y(r / s);
        if (has_series(y)) return std::exp(-0.5 * nu * y) * series(y);
        return boost::math::ibetac(0.5, nu / 2, -std::expm1(-y));
    }
    double cumulative(double r) const override
    {
        const double y = log_y(r / s);
        return y < 0.7 ? boost::math::ibeta(0.5, nu / 2, -std::expm1(-y)) : 1 - survival(r);
    }
    double at(double g) const override
    {
        std::call_once(once, [this] { make_table(); });
        return s * (*table)(g);
    }
    double mean() const { return 2 * std::sqrt(nu) / ((nu - 1) * beta) * s; }

  private:
    static constexpr int terms = 400;

    /// log(1 + t²/ν) = -log x, also where t² overflows.
    double log_y(double t) const { return t < 1e100 ? std::log1p(t * t / nu) : 2 * std::log(t) - std::log(nu); }

    /// Where the series takes over: it is short, or the tail is so thin that its logarithm may be asked for.
    bool has_series(double y) const { return y > 0.7 || (y > 0.1 && nu * y > 1000); }

    /// Σ_n ((1/2)_n / n!) x^n / (1 + 2n/ν) / (ν/2 B(ν/2, 1/2)), all terms positive.
    double series(double y) const
    {
        const double x = std::exp(-y);
        double sum = 0, power = 1;
        for (int n = 0; n < terms && power > 1e-17; ++n, power *= x) sum += term[n] * power;
        return sum;
    }

    double log_survival(double t) const
    {
        const double y = log_y(t);
        return has_series(y) ? -0.5 * nu * y + std::log(series(y)) : std::log(survival(t * s));
    }

    void make_table() const
    {
        const double last = std::min(40 * nu, 745.0); // e^{-40} is nothing, e^{-745} below every double
        double r = 1e-3;
        const auto inverse = [&](double g) {
            return r = invert(
                       g, r, [this](double t) { return log_survival(t); },
                       [this](double t) { return cumulative(t * s); }, [this](double t) { return s * density(t * s); });
        };
        table.emplace("the Student t quantile", nu, last, inverse, 1e-14);
    }

    const double nu, s, beta;
    double term[terms];
    mutable std::once_flag once;
    mutable std::optional<QuantileTable> table; ///< of t
};

}

Distance student_distance(double nu, double s)
{
    const auto radius = std::make_shared<StudentRadius>(nu, s);
    return {radius, radius->mean()};
}

}
