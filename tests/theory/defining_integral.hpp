// tests/theory/defining_integral.hpp: the exit constants from their definition (theory.md, section 3),
//
//     q_{i,j} = ∫ 1{ h(w,t) ∈ Ω_j } ν(dw_1)…ν(dw_l) dt_1…dt_{l-1},
//
// with the gradient flow as an ODE in time: no integration by parts, no change to y, no code of theory/.
#pragma once

#include "model/landscape.hpp"

#include <algorithm>
#include <cmath>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_odeiv2.h>
#include <stdexcept>
#include <vector>

/// ∫_a^b f to the relative accuracy asked, adaptively (Gauss-Kronrod, 15 points).
template<class F> double quadrature(double a, double b, double rtol, const F& f)
{
    if (!(a < b)) return 0;
    struct Space {
        gsl_integration_workspace* held = gsl_integration_workspace_alloc(400);
        Space() = default;
        Space(const Space&) = delete;
        ~Space() { gsl_integration_workspace_free(held); }
    } space;
    gsl_function g{[](double x, void* self) { return (*static_cast<const F*>(self))(x); }, const_cast<F*>(&f)};
    double result = 0, error = 0;
    if (gsl_integration_qag(&g, a, b, 1e-30, rtol, 400, GSL_INTEG_GAUSS15, space.held, &result, &error) != GSL_SUCCESS)
        throw std::runtime_error("the quadrature of the test did not converge");
    return result;
}

class DefiningIntegral
{
  public:
    DefiningIntegral(const exeunt::model::Landscape& landscape, const exeunt::model::Function& diffusion, double index,
                     std::size_t from, double threshold, int order, double flow_error = 1e-13, double p_plus = 0.5)
        : f(landscape), sigma(diffusion), alpha(index), right(p_plus), well(from), b(threshold),
          l(order), system{[](double, const double x[], double dx[], void* self) {
                               dx[0] = -static_cast<const DefiningIntegral*>(self)->f.potential().gradient(x[0]);
                               return static_cast<int>(GSL_SUCCESS);
                           },
                           nullptr, 1, this},
          ode(gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-3, flow_error, 0))
    {
        gsl_set_error_handler_off();
    }
    DefiningIntegral(const DefiningIntegral&) = delete;
    ~DefiningIntegral() { gsl_odeiv2_driver_free(ode); }

    /// Integral after integral, outside in, each to `rtol`: the result is right to a few rtol.
    double nested(std::size_t target, double rtol)
    {
        sign = target > well ? 1 : -1;
        near = sign > 0 ? f.left(target) : f.right(target);
        far = sign > 0 ? f.right(target) : f.left(target);
        return jump(f.minima()[well], l, rtol);
    }

    struct Estimate {
        std::vector<double> q;     ///< one per well
        std::vector<double> error; ///< standard error of each, from independent shifts
    };
    /// End points h(w, t) of quasi-random (w, t), counted where they land.
    Estimate sampled(int points, int shifts, unsigned seed);

  private:
    double flow(double x, double t)
    {
        double state = x, now = 0;
        gsl_odeiv2_driver_reset(ode);
        gsl_odeiv2_driver_reset_hstart(ode, std::copysign(1e-3, t));
        if (t != 0 && gsl_odeiv2_driver_apply(ode, &now, t, &state) != GSL_SUCCESS)
            throw std::runtime_error("the ODE of the test did not converge");
        return state;
    }

    /// The t at which ϕ_t(x) = y, y on the way: Newton's method along the flow.
    double time_between(double x, double y)
    {
        double t = 0;
        for (int k = 0; k < 1000; ++k) {
            const auto jet = f.potential().jet(x);
            const double dt = std::min((x - y) / jet.first, 0.5 / std::abs(jet.second));
            x = flow(x, dt);
            t += dt;
            if (std::abs(dt) < 1e-14) return t;
        }
        throw std::runtime_error("the flow of the test does not get there");
    }

    double longest_wait(int jumps_done);
    struct EndPoint {
        double x;
        double weight; ///< of the point, under ν and dt
    };
    EndPoint end_point(const double* u, double shortest, const std::vector<double>& longest);

    /// ∫ ν(dw) of what follows a jump from x, n jumps left with this one, towards `sign`.
    double jump(double x, int n, double rtol)
    {
        const double s = sigma.value(x), longest = b / s; // |w| ≥ b/σ all land b away
        const double p = sign > 0 ? right : 1 - right;
        const auto beyond = [&](double w) { return p * std::pow(w, -alpha); }; // ν of the jumps above w
        if (n == 1) {
            const double from = sign * (near - x) / s, to = sign * (far - x) / s;
            return (longest > from ? beyond(from) : 0) - (longest > to ? beyond(to) : 0);
        }
        const double atom = beyond(longest) * wait(x + sign * b, n - 1, rtol);
        // zero before what the remaining jumps need; a kink where they may fly over the target
        double cut[] = {sign * (near - x) - (n - 1) * b, sign * (far - x) - (n - 1) * b, b};
        double sum = 0;
        for (double& c : cut) c = std::min(c, b) / s;
        for (int k = 0; k < 2; ++k)
            sum += quadrature(cut[k], cut[k + 1], rtol, [&](double w) {
                return p * alpha * std::pow(w, -alpha - 1) * wait(x + sign * s * w, n - 1, 0.3 * rtol);
            });
        return atom + sum;
    }

    /// ∫_0^∞ dt of what follows the n remaining jumps from ϕ_t(y).
    double wait(double y, int n, double rtol)
    {
        double sum = 0, start = y;
        for (const double edge : {far - sign * n * b, near - sign * n * b}) {
            if (std::isinf(edge) || sign * (start - edge) <= 0) continue;
            sum += quadrature(0, time_between(start, edge), rtol,
                              [&](double t) { return jump(flow(start, t), n, 0.3 * rtol); });
            start = edge;
        }
        return sum;
    }

    exeunt::model::Landscape f;
    exeunt::model::Function sigma;
    double alpha;
    double right; ///< p₊
    std::size_t well;
    double b;
    int l;
    double sign = 1, near = 0, far = 0; ///< the target, seen from the minimum
    gsl_odeiv2_system system;
    gsl_odeiv2_driver* ode;
};
