// The law that X comes to rest in, against closed forms on a linear drift and against the slow chain.
#include "cells.hpp"
#include "slow_chain.hpp"
#include "theory/bins.hpp"
#include "theory/line.hpp"
#include "theory/resolvent.hpp"
#include "theory/stationary.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <optional>

using namespace exeunt;
using namespace exeunt::theory;
using model::Landscape;
using model::make_noise;
using model::Model;
using model::Noise;

namespace
{

constexpr double eta = 0.2, s = 0.3;

/// The lowest of three parabolas, rounded where they meet; f' = x on (-end, end), but for 1e-13 end.
struct Far {
    double end;
    template<class T> T operator()(const T& x) const
    {
        using std::sqrt;
        const double round = 1e-6 * end * end;
        const auto parabola = [&](double m) { return T(0.5) * (x - T(m)) * (x - T(m)); };
        const auto lower = [&](const T& a, const T& b) {
            return T(0.5) * (a + b - sqrt((a - b) * (a - b) + T(round * round)));
        };
        return lower(lower(parabola(-3 * end), parabola(0)), parabola(3 * end));
    }
};

/// π where f' = x on (-end, end), as good as all of the line: Aᵀy = 0, Σ y = 1. A second well, which every landscape
/// has, is farther away.
Occupation at_rest(const Noise& noise, double end)
{
    const Landscape f(model::Function::of(Far{end}, "far"), {-5 * end, 5 * end, false});
    const Model m{f, noise, unit_diffusion(), infinity, eta};
    const Region all{.states = {{-end, end}}, .places = {}, .labels = 1, .start = 0};
    const auto law = [](const Chain& chain) {
        return Resolvent(chain).solve_transposed(Eigen::VectorXd::Zero(chain.size()), 1).values;
    };
    return resolved_bins(m, all, first_mesh(m, all, 12), law, even_edges({-1, 1}, 20), 0, 1e-6, "linear drift");
}

/// Total variation between the bins and the law.
double gap(const Occupation& seen, const Noise& law)
{
    double sum = std::abs(seen.below - law->lower_tail(seen.edges.front())) +
                 std::abs(seen.above - law->upper_tail(seen.edges.back()));
    for (std::size_t k = 0; k < seen.bins.size(); ++k) {
        const double lo = seen.edges[k], hi = seen.edges[k + 1];
        sum += std::abs(seen.bins[k] - (lo < 0 ? law->lower_tail(hi) - law->lower_tail(lo)
                                               : law->upper_tail(lo) - law->upper_tail(hi)));
    }
    return 0.5 * sum;
}

}

TEST_CASE("Linear drift (section 6): with Gaussian noise X rests in the normal law of its variance, at finite η")
{
    // X' = (1 - η) X + ηsZ: the variance v solves v = (1 - η)² v + η²s²
    const double v = eta * eta * s * s / (1 - (1 - eta) * (1 - eta));
    const Occupation seen = at_rest(make_noise("gaussian", {std::nullopt, s}), 2);
    CHECK(gap(seen, make_noise("gaussian", {std::nullopt, std::sqrt(v)})) <= seen.error);
}

TEST_CASE("Linear drift (section 6): with stable noise X rests in the stable law of its scale, at finite η")
{
    // X = Σ_k (1 - η)^k ηs Z_k, so that scale^α = (ηs)^α Σ_k (1 - η)^{αk}; the skewness stays
    const double alpha = 1.5;
    const double scale = eta * s * std::pow(1 - std::pow(1 - eta, alpha), -1 / alpha);
    const double end = 1e4;
    for (const double p_plus : {0.5, 0.7}) {
        const Occupation seen = at_rest(make_noise("stable", {alpha, s, p_plus}), end);
        const Noise law = make_noise("stable", {alpha, scale, p_plus});
        const double beyond = law->lower_tail(-end) + law->upper_tail(end); // what the states leave out, 2e-8
        CHECK(beyond <= 1e-7);
        CHECK(gap(seen, law) <= seen.error + beyond);
    }
}

TEST_CASE("Stationary law (section 6): clipped, against a dense chain carried forward until it changes no more")
{
    const Landscape f(model::parse_function("x^2/4 + exp(-2*x^2)", {}, -2.5, 2.5), {-2.5, 2.5, true}); // saddle 0
    const Model m{f, make_noise("student_t", {1.5, 0.8, 0.7}), unit_diffusion(), 1.7, 0.2};
    const Stationary pi = stationary(m, 1e-7);
    const Occupation seen = occupation(m, pi, 4, 1e-6);
    slow::Mesh mesh{12, 0.1, 0.4, 1};
    mesh.also = seen.edges;
    const slow::Histogram slow = slow::Chain(m, slow::whole_line, mesh).quasi_stationary(seen.edges);
    CHECK(std::abs(static_cast<double>(slow.rate)) <= 1e-9); // none is lost: the slow mesh
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) sum += 0.5 * std::abs(seen.bins[k] - static_cast<double>(slow.bins[k]));
    CHECK(sum <= seen.error);
    CHECK(std::abs(pi.share[0] / static_cast<double>(slow.bins[0] + slow.bins[1]) - 1) <=
          pi.error + 1e-7);                     // the slow mesh
    CHECK(std::abs(pi.share[0] - 0.5) >= 5e-4); // the sides differ
}
