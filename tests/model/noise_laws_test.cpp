// What holds for every law of Z (theory.md, section 1), whichever it is.
#include "noise_laws.hpp"

#include <algorithm>
#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/gauss.hpp>

using namespace exeunt::model;
using boost::math::quadrature::exp_sinh;
using boost::math::quadrature::gauss;

namespace
{

/// Points between which density and tails are smooth: a grid that grows away from the kinks and the mode.
std::vector<double> grid(const Noise& noise, double reach)
{
    std::vector<double> points, steep = noise->kinks();
    steep.push_back(noise->mode());
    for (const double at : steep) {
        points.push_back(at);
        for (double h = 0.05 * noise->scale(); h < reach; h *= 1.3) points.insert(points.end(), {at - h, at + h});
    }
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

template<class F> double integral(const F& f, const std::vector<double>& points)
{
    double sum = 0;
    for (std::size_t k = 0; k + 1 < points.size(); ++k)
        sum += gauss<double, 20>::integrate(f, points[k], points[k + 1]);
    return sum;
}

}

TEST_CASE("Noise laws: the density is the derivative of both tails")
{
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise();
        const auto points = grid(noise, 1e4 * c.scale);
        const auto density = [&](double z) { return noise->density(z); };
        int checked = 0;
        for (std::size_t k = 0; k + 1 < points.size(); ++k) {
            const double a = points[k], b = points[k + 1];
            const bool right = noise->upper_tail(a) < 0.5;
            const double inner = right ? noise->upper_tail(a) : noise->lower_tail(b);
            const double outer = right ? noise->upper_tail(b) : noise->lower_tail(a);
            if (!(outer > 1e-30)) continue; // where a light tail has left the panel of 20 nodes
            std::vector<double> parts(9);
            for (std::size_t j = 0; j < 9; ++j) parts[j] = a + (b - a) * static_cast<double>(j) / 8;
            // the tails' own errors, and of the abscissae, which a shift rounds to its size
            const double shift = std::abs(noise->mean_shift()) + std::max(std::abs(a), std::abs(b));
            const double rounding = 4 * ulp * shift * std::max(noise->density(a), noise->density(b));
            const double error = 4 * law_error(c, outer) * inner + rounding + 4 * ulp;
            CAPTURE(a, b, inner, outer);
            REQUIRE(std::abs(integral(density, parts) - (inner - outer)) <= std::max(error, 1e-13 * inner));
            ++checked;
        }
        CHECK(checked > 30);
    }
}

TEST_CASE("Noise laws: at the ends, and at scales near those of floating-point numbers, nothing is NaN")
{
    for (LawCase c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise();
        CHECK(noise->upper_tail(infinity) == 0);
        CHECK(noise->lower_tail(-infinity) == 0);
        CHECK(noise->upper_tail(-infinity) == Approx(1).epsilon(4 * ulp));
        CHECK(noise->density(infinity) == 0);
        CHECK(noise->density(-infinity) == 0);
        CHECK(noise->upper_quantile(0) == infinity);
        const double end = noise->lower_quantile(0); // finite where there is no left tail, but for stable's thin one
        CHECK((c.p_plus < 1 || c.law == "stable" ? end == -infinity : std::isfinite(end)));
        CHECK(noise->upper_quantile(1) == Approx(end).epsilon(1e-14));
        for (const double scale : {1e-300, 1e300}) {
            c.scale = scale;
            const Noise extreme = c.noise();
            for (double z = 1e-305; z < 1e308; z *= 7)
                for (const double at : {z, -z}) {
                    REQUIRE((extreme->upper_tail(at) >= 0 && extreme->lower_tail(at) >= 0));
                    REQUIRE(extreme->density(at) >= 0);
                }
        }
    }
}

TEST_CASE("Noise laws: upper and lower tail add up to one, and never leave [0, 1]")
{
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise();
        for (const double z : grid(noise, 1e9 * c.scale)) {
            const double up = noise->upper_tail(z), low = noise->lower_tail(z);
            REQUIRE(std::abs(up + low - 1) <= std::max(4 * ulp, 2 * law_error(c, 1)));
            REQUIRE((up >= 0 && up <= 1 + 2 * ulp && low >= 0 && low <= 1 + 2 * ulp && noise->density(z) >= 0));
        }
    }
}

TEST_CASE("Noise laws: quantiles invert the tails, from the median to 1e-300, on both sides")
{
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise();
        double before[2] = {infinity, infinity};
        for (const double p : {1e-300, 1e-200, 1e-100, 1e-50, 1e-33, 1e-25, 1e-20, 1e-15, 1e-10, 1e-7,   1e-5, 1e-4,
                               1e-3,   0.01,   0.03,   0.1,   0.2,   0.3,   0.4,   0.45,  0.49,  0.4999, 0.5}) {
            CAPTURE(p);
            for (const bool upper : {true, false}) {
                const double z = upper ? noise->upper_quantile(p) : noise->lower_quantile(p);
                const double back = upper ? noise->upper_tail(z) : noise->lower_tail(z);
                const double outwards = upper ? z : -z;
                REQUIRE(std::isfinite(z));
                REQUIRE(outwards <= before[upper]);
                before[upper] = outwards;
                // the tail errs, and the quantile, relative to z; a rounded z has another tail: by α ulp in a heavy
                // tail, |log p| in a light one, more at a sharp end
                const double size = std::abs(z) + std::abs(noise->mean_shift());
                const double slope = noise->density(z) * size / p;
                CAPTURE(z, back, slope);
                REQUIRE(std::abs(back / p - 1) <= 3 * law_error(c, p) + (4 * ulp + 2 * law_error(c, 1)) * slope);
            }
        }
    }
}

TEST_CASE("Noise laws: E Z = 0, as ∫ P(Z > z) dz = ∫ P(Z < -z) dz over z > 0")
{
    exp_sinh<double> rule;
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise();
        const double far = 20 * (c.scale + std::abs(noise->mean_shift()) + std::abs(noise->mode()));
        std::vector<double> right = {0}, left = {0};
        for (const double z : grid(noise, 2 * far)) {
            if (z > 0 && z < far) right.push_back(z);
            if (-z > 0 && -z < far) left.push_back(-z);
        }
        right.push_back(far);
        left.push_back(far);
        std::sort(left.begin(), left.end());
        const auto upper = [&](double z) { return noise->upper_tail(z); };
        const auto lower = [&](double z) { return noise->lower_tail(-z); };
        const double up = integral(upper, right) + rule.integrate(upper, far, infinity, 1e-13);
        const double low = integral(lower, left) + rule.integrate(lower, far, infinity, 1e-13);
        // exp_sinh on the tails
        CHECK(std::abs(up - low) <= 1e-11 * (up + low));
        CHECK(up > 0);
    }
}

TEST_CASE("Noise laws: H is regularly varying of index -α, and P(Z > x)/H(x) → p₊")
{
    for (const LawCase& c : law_cases()) {
        const Noise noise = c.noise();
        if (!noise->heavy_tailed()) continue;
        CAPTURE(c);
        CHECK(noise->tail_index() == *c.alpha);
        CHECK(noise->p_plus() == c.p_plus);
        const double far = std::pow(10, std::min(12.0, 240 / *c.alpha)) * c.scale, t = 3;
        // μ/z, and the next term of the tail: z^-α (stable), z^-2 (Student), s/z
        const double next = 10 * *c.alpha * (std::abs(noise->mean_shift()) + c.scale) / far +
                            (c.law == "stable" ? 100 / ((1 - std::min(c.p_plus, 0.9999)) * 1e14) : 0);
        CHECK(noise->upper_tail(far) / noise.tail(far) == Approx(c.p_plus).epsilon(1e-9 + next));
        CHECK(noise->lower_tail(-far) / noise.tail(far) == Approx(1 - c.p_plus).margin(1e-9 + next));
        const double power = std::pow(t, -*c.alpha);
        const auto slow = [&](double z) { return c.law == "log_pareto" ? 1 + std::log1p(z / c.scale) : 1; };
        CHECK(noise.tail(t * far) / noise.tail(far) * slow(far) / slow(t * far) == Approx(power).epsilon(1e-9 + next));
        CHECK(noise.tail(t * far) / noise.tail(far) == Approx(power).epsilon(c.law == "log_pareto" ? 0.05 : 1e-8));
    }
}

TEST_CASE("Noise laws: exchanging p₊ and p₋ mirrors a law exactly")
{
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise(), mirror = c.mirrored().noise();
        CHECK(mirror->mean_shift() == -noise->mean_shift());
        for (const double z : grid(noise, 1e6 * c.scale)) {
            REQUIRE(mirror->upper_tail(-z) == noise->lower_tail(z));
            REQUIRE(mirror->lower_tail(-z) == noise->upper_tail(z));
            REQUIRE(mirror->density(-z) == noise->density(z));
        }
        for (const double p : {1e-300, 1e-20, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.999}) {
            REQUIRE(mirror->upper_quantile(p) == -noise->lower_quantile(p));
            REQUIRE(mirror->lower_quantile(p) == -noise->upper_quantile(p));
        }
        std::vector<double> kinks = mirror->kinks();
        std::reverse(kinks.begin(), kinks.end());
        for (double& z : kinks) z = -z;
        CHECK(kinks == noise->kinks());
    }
}

TEST_CASE("Noise laws: symmetric quantiles keep their digits near the median")
{
    for (const LawCase& c : law_cases()) {
        if (c.p_plus != 0.5 || c.law == "pareto") continue; // whose median is a gap
        CAPTURE(c);
        const Noise noise = c.noise();
        for (const double gap : {0x1p-20, 0x1p-40, 0x1p-53}) {
            // z f(0) = gap but for the next term, of relative size gap (gap² for a smooth law) times a small constant
            const double expected = gap / noise->density(0);
            CHECK(noise->upper_quantile(0.5 - gap) == Approx(expected).epsilon(20 * gap + 1e-13));
            CHECK(noise->lower_quantile(0.5 - gap) == Approx(-expected).epsilon(20 * gap + 1e-13));
        }
        CHECK(noise->upper_quantile(0.5) == 0);
        CHECK(noise->upper_quantile(0.75) == Approx(-noise->upper_quantile(0.25)).epsilon(1e-14));
    }
}

TEST_CASE("Noise laws: kinks are where the density jumps or bends, and the mode is where it is largest")
{
    const auto kinks = [](const std::string& law, double p) { return make_noise(law, {1.5, 1, p})->kinks(); };
    CHECK(kinks("lomax", 0.5) == std::vector<double>{0});
    CHECK(kinks("lomax", 0.75) == std::vector<double>{-1}); // μ = (p₊ - p₋) s/(α - 1)
    CHECK(kinks("pareto", 0.5) == std::vector<double>{-1, 1});
    CHECK(kinks("pareto", 0.75) == std::vector<double>{-2.5, -0.5}); // μ = (p₊ - p₋) αs/(α - 1)
    CHECK(kinks("pareto", 1) == std::vector<double>{-2});
    CHECK(kinks("pareto", 0) == std::vector<double>{2});
    CHECK(kinks("log_pareto", 0.75) == std::vector<double>{-3}); // μ = (p₊ - p₋) αs/(α - 1)²
    CHECK(kinks("student_t", 0.5).empty());
    CHECK(kinks("student_t", 0.75).size() == 1);
    CHECK(kinks("stable", 0.75).empty());
    CHECK(make_noise("gaussian", {{}, 1})->kinks().empty());
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise();
        const double m = noise->mode(); // at a jump the density is the mean of both sides
        const double top = std::max(noise->density(std::nextafter(m, -1e9)), noise->density(std::nextafter(m, 1e9)));
        for (const double z : grid(noise, 30 * c.scale)) REQUIRE(noise->density(z) <= top * 1.001);
    }
}

TEST_CASE("Noise laws: a law of twice the scale is the law of 2Z")
{
    for (const LawCase& c : law_cases()) {
        CAPTURE(c);
        const Noise noise = c.noise(), twice = make_noise(c.law, {c.alpha, 2 * c.scale, c.p_plus});
        for (const double z : {-1e5, -3.0, -0.2, 0.01, 0.5, 7.0, 1e4}) {
            // a factor of two rounds nothing, but for what becomes of κ = s^… in a power
            CHECK(twice->upper_tail(2 * z) == Approx(noise->upper_tail(z)).epsilon(1e-13).margin(1e-300));
            CHECK(2 * twice->density(2 * z) == Approx(noise->density(z)).epsilon(1e-13).margin(1e-300));
        }
    }
}
