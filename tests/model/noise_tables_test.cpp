// Known answers of the laws that have no closed form, and closed forms of numbers that have one.
#include "noise_laws.hpp"
#include "stable_table.hpp"

#include <algorithm>
#include <cstdint>
#include <numbers>
#include <random>

using namespace exeunt::model;

namespace
{

constexpr double pi = std::numbers::pi;

struct TailRow {
    double alpha, z, upper, density;
};

/// mpmath, 40 digits: ½ x^{ν/2} F(ν/2, ½; ν/2 + 1; x) / (ν/2 B(ν/2, ½)), x = ν/(ν + z²), checked by quadrature.
constexpr TailRow student_tails[] = {
    {1.2, 0.01, 0.49670988500213416487, 0.32899139502494566467},
    {1.2, 1, 0.2384019940247229394, 0.16891132522437613496},
    {1.2, 5, 0.04763824890673785988, 0.011071138854278838365},
    {1.2, 20, 0.0091911477142114937479, 0.00055033445207314568832},
    {1.2, 1e10, 3.3507534400365913373e-13, 4.0209041280439094559e-23},
    {3, 0.01, 0.4963245557064259907, 0.36752809466651904877},
    {3, 1, 0.19550110947788532096, 0.20674833578317201857},
    {3, 5, 0.0076962190366511504933, 0.0042193537914933065014},
    {3, 20, 0.00013660162512365586012, 0.000020368165388191247388},
    {3, 1e10, 1.102657790843584099e-30, 3.3079733725307522969e-40},
    {30, 0.01, 0.49604374628658884825, 0.39561174445999469559},
    {30, 1, 0.16265430771301494562, 0.23799334232287983474},
    {30, 5, 0.000011648342733503897566, 0.000032888902052922431917},
    {30, 20, 3.3745418328856432006e-19, 4.7196522574461820444e-19},
    {30, 1e10, 1.0364534652562066867e-279, 3.1093603957686200593e-288},
    {1000, 0.01, 0.4960116409660936444, 0.3988225957444051174},
    {1000, 1, 0.15877620904233615354, 0.24184978955233823605},
    {1000, 5, 3.3836281823243151909e-7, 1.7120122333122448232e-6},
    {1000, 20, 2.0311442497623856569e-75, 2.9088386712354776226e-74},
};

struct QuantileRow {
    double alpha, p, z;
};

/// The same function, bisected in log z.
constexpr QuantileRow student_quantiles[] = {
    {1.2, 0.4, 0.31283262132396805753},   {1.2, 1e-3, 127.13768835913829275},
    {1.2, 1e-20, 18661736806110860.13},   {1.2, 1e-100, 8.6620109175065259624e+82},
    {3, 0.4, 0.27667066233268984701},     {3, 1e-3, 10.214531852407386477},
    {3, 1e-20, 4795275.7204689731896},    {3, 1e-100, 2.225769823822442021e+33},
    {1000, 0.4, 0.25341451583949870728},  {1000, 1e-3, 3.0984021639129229065},
    {1000, 1e-20, 9.4670448152559242319}, {1000, 1e-100, 23.930617087826443057},
};

/// mpmath's lambertw: 1 + L = -W₋₁(-2αp e^{-α})/α, z = e^L - 1.
constexpr QuantileRow log_pareto_quantiles[] = {
    {1.05, 0.49, 0.17738058392488947051}, {1.05, 0.1, 15.537658496926094056},
    {1.05, 1e-10, 37514881958.881339016}, {1.05, 1e-100, 1.553064245506021744e+97},
    {1.2, 0.49, 0.087866403271888610599}, {1.2, 0.1, 9.4669542230704398559},
    {1.2, 1e-10, 1600789089.6028041059},  {1.2, 1e-100, 9.8625559433634702115e+84},
    {3, 0.49, 0.010127075969453766636},   {3, 0.1, 1.0474460266015113056},
    {3, 1e-10, 3579.8871127361286058},    {3, 1e-100, 7.3365582731947010773e+33},
};

/// mpmath's erfc and npdf; quantiles by its findroot on log erfc.
constexpr TailRow gaussian_tails[] = {
    {0, 0.01, 0.49601064368536839622, 0.39892233378608214561},
    {0, 1, 0.15865525393145705141, 0.2419707245191433498},
    {0, 3, 0.0013498980316300945267, 0.0044318484119380071756},
    {0, 10, 7.619853024160526066e-24, 7.6945986267064193463e-23},
    {0, 37, 5.7255712225245768227e-300, 2.1200065515246056269e-298},
};
constexpr QuantileRow gaussian_quantiles[] = {
    {0, 0.4, 0.25334710313579974132},   {0, 1e-3, 3.0902323061678135354},   {0, 1e-20, 9.2623400897984075796},
    {0, 1e-100, 21.273453560965324294}, {0, 1e-300, 37.047096299361199237},
};

/// β = -1: mpmath, 60 digits, Zolotarev's integral by the trapezoidal rule: the integrand is even and analytic.
constexpr TailRow stable_thin_tails[] = {
    {1.1, 12, 1.373648777665160053e-101, 2.8842373132799056417e-99},
    {1.2, 10, 2.8537207458986877655e-84, 3.2401158699252718138e-82},
    {1.5, 6, 8.9153777941913303008e-9, 7.3436987391793631084e-8},
    {1.5, 18, 3.7969335812199558831e-190, 2.7369494115998492219e-188},
    {1.9, 10, 7.5111878577201033347e-15, 4.7662183322431507827e-14},
    {1.9, 35, 2.0997551640534589618e-183, 5.2797786351404309003e-182},
};

/// Errors of 1e-14 max(1, |log p|), as noise.hpp says, or of a rounded z, by which the tail moves by z f(z)/p ulp.
void check_tail(const Noise& noise, const TailRow& row)
{
    CAPTURE(row.alpha, row.z);
    const double log_p = std::max(1.0, -std::log(row.upper));
    const double slope = row.z * row.density / row.upper;
    const double error = 1e-14 * log_p + 4 * ulp * slope;
    CHECK(std::abs(noise->upper_tail(row.z) / row.upper - 1) <= error);
    CHECK(std::abs(noise->density(row.z) / row.density - 1) <= error);
    // the complement, where it is no tail
    CHECK(std::abs(noise->lower_tail(row.z) - (1 - row.upper)) <= 1e-14 * (1 - row.upper) + ulp);
}

void check_quantile(const Noise& noise, const QuantileRow& row)
{
    CAPTURE(row.alpha, row.p);
    const double error = 1e-14 + 2 * ulp * -std::log(row.p);
    CHECK(std::abs(noise->upper_quantile(row.p) / row.z - 1) <= error);
    CHECK(std::abs(noise->lower_quantile(row.p) / -row.z - 1) <= error);
}

}

TEST_CASE("Student t: tails, density and quantiles equal a 40-digit table")
{
    for (const TailRow& row : student_tails) check_tail(make_noise("student_t", {row.alpha, 1}), row);
    for (const QuantileRow& row : student_quantiles) check_quantile(make_noise("student_t", {row.alpha, 1}), row);
}

TEST_CASE("Gaussian: tails, density and quantiles equal a 40-digit table, scale is the standard deviation")
{
    const Noise noise = make_noise("gaussian", {{}, 1});
    for (const TailRow& row : gaussian_tails) check_tail(noise, row);
    for (const QuantileRow& row : gaussian_quantiles) check_quantile(noise, row);
    CHECK(make_noise("gaussian", {{}, 2.5})->upper_tail(2.5) == Approx(noise->upper_tail(1)).epsilon(1e-15));
    CHECK(noise->upper_tail(40) == 0); // 3.7e-350
}

TEST_CASE("Log-Pareto: P(|Z| > z) = (1 + z)^-α (1 + log(1 + z)), quantiles equal Lambert's W")
{
    for (const QuantileRow& row : log_pareto_quantiles) {
        const Noise noise = make_noise("log_pareto", {row.alpha, 1});
        check_quantile(noise, row);
        CHECK(noise.tail(3) == Approx(std::pow(4, -row.alpha) * (1 + std::log(4))).epsilon(1e-14));
    }
}

TEST_CASE("Shifted laws: the tails are those of Y at z + μ, with μ in closed form")
{
    const auto mu = [](const std::string& law, double alpha) {
        return make_noise(law, {alpha, 2, 0.75})->mean_shift();
    };
    CHECK(mu("lomax", 1.5) == Approx(0.5 * 2 / 0.5).epsilon(1e-15));
    CHECK(mu("pareto", 1.5) == Approx(0.5 * 2 * 1.5 / 0.5).epsilon(1e-15));
    CHECK(mu("log_pareto", 1.5) == Approx(0.5 * 2 * 1.5 / 0.25).epsilon(1e-15));
    // E|T| = 2 √ν Γ((ν+1)/2) / (√π (ν-1) Γ(ν/2))
    CHECK(mu("student_t", 3) == Approx(0.5 * 2 * 2 * std::sqrt(3) / pi).epsilon(1e-15));
    CHECK(mu("stable", 1.5) == 0);
    const Noise lomax = make_noise("lomax", {1.2, 0.1, 0.8}), pareto = make_noise("pareto", {1.2, 0.1, 0.8});
    for (const double z : {0.5, 30.0, 1e6, 1e20}) {
        CHECK(lomax->upper_tail(z) == Approx(0.8 * std::pow(1 + (z + 0.3) / 0.1, -1.2)).epsilon(1e-14));
        CHECK(lomax->lower_tail(-z) == Approx(0.2 * std::pow(1 + (z - 0.3) / 0.1, -1.2)).epsilon(1e-14));
        CHECK(pareto->upper_tail(z) == Approx(0.8 * std::pow((z + 0.36) / 0.1, -1.2)).epsilon(1e-14));
    }
    CHECK(pareto->density(-0.36) == 0); // the gap
    CHECK(pareto->upper_tail(-0.36) == Approx(0.8).epsilon(1e-15));
    const Noise right = make_noise("lomax", {1.2, 0.1, 1}); // one-sided: no mass below -μ = -½
    CHECK(right->lower_tail(-0.5 - 1e-9) == 0);
    CHECK(right->lower_quantile(1e-300) == Approx(-0.5).epsilon(1e-15));
    // beside its end the tail is small and is no 1 - (1 - …)
    for (const std::string law : {"lomax", "pareto", "log_pareto", "student_t"}) {
        CAPTURE(law);
        const Noise one = make_noise(law, {3, 2, 1});
        const double end = (law == "pareto" ? 2 : 0) - one->mean_shift(), y = 3 * 0x1p-32; // adds without rounding
        // y f(y/2), of relative error y²
        CHECK(one->lower_tail(end + y) == Approx(y * one->density(end + 0.5 * y)).epsilon(1e-13).margin(0));
    }
}

TEST_CASE("Stable: tails and density equal a table by inversion of the characteristic function")
{
    double alpha = 0, beta = 0;
    std::optional<Noise> noise, mirror;
    for (const StableRow& row : stable_table) {
        if (row.alpha != alpha || row.beta != beta) {
            alpha = row.alpha;
            beta = row.beta;
            noise = make_noise("stable", {alpha, 1, 0.5 * (1 + beta)});
            mirror = make_noise("stable", {alpha, 1, 0.5 * (1 - beta)});
        }
        check_tail(*noise, {alpha, row.z, row.upper, row.density});
        CHECK((*mirror)->lower_tail(-row.z) == (*noise)->upper_tail(row.z));
    }
}

TEST_CASE("Stable: P(Z > 0), f(0) and the constant of the tail have closed forms")
{
    for (const double alpha : {1.01, 1.2, 1.6, 1.9999})
        for (const double p : {0.0, 1e-9, 0.3, 0.5, 1.0}) {
            CAPTURE(alpha, p);
            const double s = 0.7, beta = 2 * p - 1;
            const Noise noise = make_noise("stable", {alpha, s, p});
            // Zolotarev (1986), Nolan (2020): θ₀ = atan(β tan(πα/2))/α
            const double skew = beta * std::tan(pi * alpha / 2), theta = std::atan(skew) / alpha;
            CHECK(noise->upper_tail(0) == Approx(0.5 + theta / pi).epsilon(1e-13 + 1e-15 / (alpha - 1)));
            CHECK(noise->lower_tail(0) == Approx(0.5 - theta / pi).epsilon(1e-13 + 1e-15 / (alpha - 1)));
            const double at_zero =
                std::tgamma(1 + 1 / alpha) * std::cos(theta) / (pi * s * std::pow(1 + skew * skew, 0.5 / alpha));
            // tan near its pole: α - 1 loses digits in πα/2
            CHECK(noise->density(0) == Approx(at_zero).epsilon(1e-13 + 1e-15 / (alpha - 1)));
            // C_α = (2/π) Γ(α) sin(πα/2)
            const double z = 1e14 * s, c = 2 / pi * std::tgamma(alpha) * std::sin(pi * (2 - alpha) / 2);
            CHECK(noise->upper_tail(z) == Approx(p * c * std::pow(1e14, -alpha)).epsilon(1e-11));
            CHECK(noise->density(z) == Approx(alpha / z * p * c * std::pow(1e14, -alpha)).epsilon(1e-11));
            if (p == 0) CHECK(noise->upper_tail(z) == 0);
        }
}

TEST_CASE("Stable: the thin tail of a totally skewed law, and a tail of small weight beside it")
{
    for (const TailRow& row : stable_thin_tails) check_tail(make_noise("stable", {row.alpha, 1, 0}), row);
    for (const double alpha : {1.05, 1.2, 1.5, 1.9, 1.9999}) {
        CAPTURE(alpha);
        const Noise thin = make_noise("stable", {alpha, 1, 0}), mixed = make_noise("stable", {alpha, 1, 1e-9});
        const double z = thin->upper_quantile(1e-5), far = thin->upper_quantile(1e-40);
        // a right tail of 1e-9 of the jumps moves P(Z > z) by about that where the thin one is thick
        CHECK(mixed->upper_tail(z) == Approx(thin->upper_tail(z)).epsilon(1e-3));
        CHECK(mixed->upper_tail(z) > thin->upper_tail(z));
        CHECK(mixed->upper_tail(far) > 1e-16 * (2 - alpha)); // and is all there is where it is not
        CHECK(mixed->upper_tail(2e3 * far) / mixed->upper_tail(1e3 * far) == Approx(std::pow(2, -alpha)).epsilon(0.01));
    }
    CHECK(make_noise("stable", {1.5, 1, 0})->upper_tail(100) == 0); // e^{-148,000 or so}
}

TEST_CASE("Stable: samples by the method of Chambers, Mallows and Stuck follow the tails")
{
    constexpr int n = 200'000;
    std::mt19937_64 bits(2022);
    const auto uniform = [&] { return (static_cast<double>(bits() >> 11) + 0.5) * 0x1p-53; };
    for (const double alpha : {1.2, 1.7})
        for (const double p : {0.0, 0.3, 0.9}) {
            CAPTURE(alpha, p);
            const double skew = (2 * p - 1) * std::tan(pi * alpha / 2), theta = std::atan(skew) / alpha;
            std::vector<double> z(n);
            for (double& x : z) {
                const double u = pi * (uniform() - 0.5), w = -std::log(uniform());
                x = std::pow(1 + skew * skew, 0.5 / alpha) * std::sin(alpha * (u + theta)) /
                    std::pow(std::cos(u), 1 / alpha) *
                    std::pow(std::cos(u - alpha * (u + theta)) / w, (1 - alpha) / alpha);
            }
            const Noise noise = make_noise("stable", {alpha, 1, p});
            for (const double at : {-50.0, -5.0, -2.0, -1.0, -0.3, 0.0, 0.5, 1.0, 3.0, 20.0}) {
                const double tail = noise->upper_tail(at);
                const auto above =
                    static_cast<double>(std::count_if(z.begin(), z.end(), [&](double x) { return x > at; }));
                // 4.5 standard deviations: 7e-6 for one number, 4e-4 for all of them, were the seed not fixed
                CHECK(std::abs(above - n * tail) <= 4.5 * std::sqrt(n * tail * (1 - tail)) + 1e-9);
            }
        }
}

TEST_CASE("Stable: the corners of the parameters have tables, too")
{
    for (const double alpha : {1.01, 1.03, 1.9999})
        for (const double p : {0.0, 1e-9, 0.2, 0.5}) {
            CAPTURE(alpha, p);
            const Noise noise = make_noise("stable", {alpha, 1, p});
            for (const double q : {1e-250, 1e-12, 1e-9, 1e-3, 0.2})
                for (const bool upper : {true, false}) {
                    const double z = upper ? noise->upper_quantile(q) : noise->lower_quantile(q);
                    const double back = upper ? noise->upper_tail(z) : noise->lower_tail(z);
                    const double slope = std::abs(z) * noise->density(z) / q, worse = std::max(1.0, 0.1 / (alpha - 1));
                    CHECK(std::abs(back / q - 1) <= 2e-14 * worse * (2 * -std::log(q) + slope));
                }
        }
}
