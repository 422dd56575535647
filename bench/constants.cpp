// bench/constants.cpp: what the exit constants cost: all of wang2022's and of a landscape with 200 wells, against l*
// and the number of thresholds, and beside GSL's VEGAS on the defining integral (theory.md, section 3). Process CPU
// time, the least of several runs.
#include "model/expression.hpp"
#include "theory/exit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <fmt/format.h>
#include <functional>
#include <gsl/gsl_monte_vegas.h>
#include <gsl/gsl_rng.h>
#include <limits>
#include <memory>
#include <vector>

using namespace exeunt;

namespace
{

constexpr double infinity = std::numeric_limits<double>::infinity();
const model::Noise noise(std::make_shared<model::Lomax>(1.2, 0.1));
const model::Function sigma = model::Function::constant(1);

double seconds()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Milliseconds of one run, the least of 5.
double milliseconds(const std::function<void()>& run)
{
    double least = infinity;
    for (int k = 0; k < 5; ++k) {
        const double start = seconds();
        run();
        least = std::min(least, 1e3 * (seconds() - start));
    }
    return least;
}

struct Row {
    int smallest = 1000;
    int largest = 0;
    double error = 0;
};

/// Every constant of a landscape at one threshold.
Row constants(const model::Landscape& f, double b)
{
    Row row;
    for (std::size_t i = 0; i < f.wells(); ++i) {
        const theory::ExitConstants q = theory::exit_constants(f, noise, sigma, i, b, 1e-6);
        row = {std::min(row.smallest, q.order), std::max(row.largest, q.order), std::max(row.error, q.error)};
    }
    return row;
}

void show_landscape(const char* name, const model::Landscape& f, const std::vector<double>& thresholds)
{
    fmt::print("\n{}, {} wells\n  {:>8} {:>7} {:>10} {:>14}\n", name, f.wells(), "clip", "l*", "ms", "largest error");
    double sum = 0;
    for (const double b : thresholds) {
        const Row row = constants(f, b);
        const double ms = milliseconds([&] { constants(f, b); });
        fmt::print("  {:8.4g} {:>7} {:10.3f} {:14.1e}\n", b, fmt::format("{}…{}", row.smallest, row.largest), ms,
                   row.error);
        sum += ms;
    }
    const double together = milliseconds([&] {
        for (const double b : thresholds) constants(f, b);
    });
    fmt::print("  all {} thresholds in one run {:.3f} ms, their sum {:.3f} ms\n", thresholds.size(), together, sum);
}

/// Well 2 of wang2022 at b = r/(l - 1/2), where the integrals are equally smooth for every l.
void show_orders(const model::Landscape& f)
{
    fmt::print("\ncost against l*: well 2 of wang2022, r/b = l* - 1/2\n  {:>4} {:>10} {:>14}\n", "l*", "ms",
               "ms/(l* - 1)");
    for (int l = 2; l <= 12; ++l) {
        const double b = f.radius(1) / (l - 0.5);
        const double ms = milliseconds([&] { theory::exit_constants(f, noise, sigma, 1, b, 1e-6); });
        fmt::print("  {:4} {:10.3f} {:14.4f}\n", l, ms, ms / (l - 1));
    }
}

/// q_{2,1} of wang2022 as an integral over the unit box of 2l - 1 dimensions: jumps w = shortest u^{-1/α}, all to the
/// left, and the times between them as the place that the flow has reached, dt = dx/|f'|, as far as it may go.
struct Defining {
    const model::Landscape& f;
    double b;
    int l;

    double operator()(const double* u) const
    {
        const double m = f.minima()[1], distance = m - f.left(1), shortest = distance - (l - 1) * b;
        double t = 0, weight = 1; // t = m - x
        for (int k = 1; k <= l; ++k) {
            t += std::min(b, shortest * std::pow(1 - *u++, -1 / 1.2));
            weight *= 0.5 * std::pow(shortest, -1.2);
            if (k == l) break;
            const double edge = distance - (l - k) * b; // behind it the boundary is out of reach
            if (t <= edge || t >= distance) return 0;
            const double flown = edge + (t - edge) * *u++;
            weight *= (t - edge) / std::abs(f.potential().gradient(m - flown));
            t = flown;
        }
        return t > distance ? weight : 0; // Ω_1 is the outermost field
    }
};

struct Vegas {
    double error;
    double seconds;
};

/// VEGAS with about that many values of the integrand: a tenth to adapt, the rest in five iterations.
Vegas vegas(const Defining& integrand, double exact, std::size_t calls)
{
    const auto dimension = static_cast<std::size_t>(2 * integrand.l - 1);
    const double start = seconds();
    gsl_rng* random = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_monte_vegas_state* state = gsl_monte_vegas_alloc(dimension);
    gsl_monte_function function{[](double* u, std::size_t, void* self) { return (*static_cast<Defining*>(self))(u); },
                                dimension, const_cast<Defining*>(&integrand)};
    std::array<double, 9> lower{}, upper;
    upper.fill(1);
    double q = 0, error = 0;
    gsl_monte_vegas_integrate(&function, lower.data(), upper.data(), dimension, std::max<std::size_t>(calls / 50, 8),
                              random, state, &q, &error);
    gsl_monte_vegas_integrate(&function, lower.data(), upper.data(), dimension, std::max<std::size_t>(calls / 6, 8),
                              random, state, &q, &error);
    gsl_monte_vegas_free(state);
    gsl_rng_free(random);
    return {std::abs(q / exact - 1), seconds() - start};
}

void show_vegas(const model::Landscape& f, double b, int l)
{
    const theory::ExitConstants q = theory::exit_constants(f, noise, sigma, 1, b);
    const double ours = 1e-3 * milliseconds([&] { theory::exit_constants(f, noise, sigma, 1, b); });
    const Defining integrand{f, b, l};
    const Vegas probe = vegas(integrand, q.to[0], 100'000);
    const double per_call = probe.seconds / 1e5;
    fmt::print("\nq_21 of wang2022 at clip {}, l* = {}: {} dimensions\n  {:24} {:>10} {:>15} {:>10}\n", b, l, 2 * l - 1,
               "", "seconds", "relative error", "ratio");
    fmt::print("  {:24} {:10.2g} {:15.1e} {:>10}\n", "recursion (all of row 2)", ours, q.error, "1");
    for (const double time : {ours, 1.0, 10.0}) {
        const Vegas v = vegas(integrand, q.to[0], static_cast<std::size_t>(time / per_call));
        fmt::print("  {:24} {:10.2g} {:15.1e} {:10.1e}\n", "VEGAS", v.seconds, v.error, v.error / q.error);
    }
}

}

int main()
{
    const model::Landscape paper(model::builtin_potential("wang2022"), {.lo = -1.6, .hi = 1.6, .clamp = true});
    const model::Landscape ripples(model::parse_function("x^2/800 - cos(5*x)", {}, -126, 125),
                                   {.lo = -125.9, .hi = 124.7, .clamp = false});
    show_landscape("wang2022", paper, {0.58, 0.5, 0.4, 0.28, 0.2, 0.12, 0.053, infinity});
    show_landscape("x^2/800 - cos(5x)", ripples, {1.5, 0.5, 0.3, 0.15, 0.1, 0.053, infinity});
    show_orders(paper);
    show_vegas(paper, 0.5, 2);
    show_vegas(paper, 0.28, 3);
}
