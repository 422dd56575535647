// The tables of the fast kernel against what they stand for.
#include "sim/kernel.hpp"
#include "sim/reference.hpp"
#include "sim/setup.hpp"
#include "tests/model/law_case.hpp"
#include "tests/sim/cells.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace exeunt;

namespace
{

double polynomial(const sim::Panel& p, const float (&a)[sim::Panel::terms], double x)
{
    return sim::polynomial(a, static_cast<float>(x - p.centre));
}

template<class Table> float drawn(const Table& table, std::uint32_t word)
{
    const sim::U words[4] = {sim::all(0U), sim::all(word), sim::all(~0U), sim::all(1U)};
    sim::F z[4];
    sim::scaled_noise(table, words, z);
    return z[1][0];
}

/// Words of every size, at the ends of octaves, and within 3 of the ones where V passes `cut` on either side.
std::vector<std::uint32_t> words_of_every_size(double cut)
{
    std::vector<std::uint32_t> words;
    for (std::uint32_t bit = 1; bit < 32; ++bit) {
        for (std::uint32_t d = 0; d < 6; ++d) words.push_back((1U << bit) + d - 3);
        for (std::uint32_t d = 0; d < 300; ++d) words.push_back((1U << bit) - d); // rounded up into the next octave
    }
    for (std::uint32_t d = 0; d < 14; ++d)
        words.push_back(static_cast<std::uint32_t>(std::min(cut, 1 - 0x1p-20) * 0x1p32) + d - 7);
    for (std::uint32_t i = 0; i < 200'000; ++i) words.push_back(i * 2654435761U >> (i % 16));
    words.insert(words.end(), {0U, ~0U, ~1U, ~127U, ~128U, ~129U});
    return words;
}

/// ((x - c)(x - c - 1)(x - c - 2))²: wells at c, c + 1 and c + 2.
struct ThreeWells {
    double first;
    template<class T> T operator()(const T& x) const
    {
        const T u = x - T(first);
        const T product = u * (u - T(1)) * (u - T(2));
        return product * product;
    }
};

void check_panels(const model::Model& m, std::size_t well)
{
    const auto panels = sim::fit_panels(m, well);
    REQUIRE_FALSE(panels.empty());
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const sim::Panel& p = panels[i];
        REQUIRE(p.lo < p.hi);
        if (i > 0) CHECK(panels[i - 1].hi <= p.lo);
        const double from = p.centre - double{p.reach};
        const double to = p.centre + double{p.reach};
        CHECK(from > m.landscape.left(well)); // |t| <= reach must mean: inside Ω
        CHECK(to < m.landscape.right(well));
        for (const auto& kinks : {m.landscape.potential().kinks(), m.diffusion.kinks()})
            for (const double kink : kinks) CHECK((to < kink || from > kink));

        double largest = 0, worst = 0, largest_sigma = 0, worst_sigma = 0;
        for (int k = 0; k <= 997; ++k) { // prime, so hardly ever a point of the fit's own check
            const double x = from + (to - from) * k / 997;
            const double exact = -m.eta * m.landscape.potential().gradient(x);
            largest = std::max(largest, std::abs(exact));
            worst = std::max(worst, std::abs(polynomial(p, p.a, x) - exact));
            const double sigma = m.diffusion.value(x);
            largest_sigma = std::max(largest_sigma, sigma);
            worst_sigma = std::max(worst_sigma, std::abs(polynomial(p, p.sigma, x) - sigma));
        }
        // 3e-7 is what the fit promises at its points; x itself is rounded to float here, to 6e-8 of the half-width
        CHECK(worst <= 6e-7 * largest);
        if (!m.diffusion.is_constant()) CHECK(worst_sigma <= 6e-7 * largest_sigma);
    }
}

}

TEST_CASE("Panels: -eta f' of wang2022 to its stated error, inside the field, without gaps")
{
    for (std::size_t well = 0; well < 4; ++well) {
        const model::Model m = wang2022(0.01, 0.5);
        check_panels(m, well);
        const auto panels = sim::fit_panels(m, well);
        CHECK(panels.front().lo == std::max(-1.6, m.landscape.left(well)));
        CHECK(panels.back().hi == std::min(1.6, m.landscape.right(well)));
        for (std::size_t i = 1; i < panels.size(); ++i) CHECK(panels[i - 1].hi == panels[i].lo);
        CHECK(panels.size() <= 20); // few and wide: the whole field stays in the cache
    }
}

TEST_CASE("Panels: they end where the field ends, wherever rounding puts m - (m - s) beside s")
{
    int beside = 0;
    for (int k = 0; k < 1000; ++k) {
        const ThreeWells f{0.001 * k};
        model::Model m = wang2022(0.05, 0.3);
        m.landscape = model::Landscape(model::Function::of(f, "three wells"),
                                       {.lo = f.first - 0.5, .hi = f.first + 2.5, .clamp = true});
        for (std::size_t well = 0; well < 3; ++well) {
            const auto panels = sim::fit_panels(m, well);
            const double minimum = m.landscape.minima()[well];
            for (const double end : {panels.front().lo, panels.back().hi}) beside += minimum - (minimum - end) != end;
            CHECK(panels.front().lo == std::max(m.landscape.domain().lo, m.landscape.left(well)));
            CHECK(panels.back().hi == std::min(m.landscape.domain().hi, m.landscape.right(well)));
            for (const sim::Panel& p : panels) CHECK(p.hi - p.lo > 1e-7);
        }
    }
    CHECK(beside > 20); // or this would show nothing
}

TEST_CASE("Panels: between two cuts that are neighbouring numbers there is none")
{
    const model::Model m = wang2022(0.01, 0.5);
    const double cuts[] = {0.5, std::nextafter(0.5, 1.0)};
    for (const sim::Panel& p : sim::fit_panels(m, sim::stops_of_exit(m.landscape, 2), cuts))
        CHECK((p.hi <= cuts[0] || p.lo >= cuts[1]));
}

TEST_CASE("Panels: sigma of a model where it varies to its stated error too, ending at its kinks")
{
    for (std::size_t well = 0; well < 4; ++well) {
        check_panels(growing(wang2022(0.01, 0.5)), well);
        check_panels(cornered(wang2022(0.01, 0.5), true), well);
        check_panels(cornered(wang2022(0.01, 0.5), false), well);
        const auto panels = sim::fit_panels(cornered(wang2022(0.01, 0.5), true), well); // no gap at the kink
        for (std::size_t i = 1; i < panels.size(); ++i) CHECK(panels[i - 1].hi == panels[i].lo);
        CHECK(sim::fit_panels(growing(wang2022(0.01, 0.5)), well).size() ==
              sim::fit_panels(wang2022(0.01, 0.5), well).size());
    }
}

TEST_CASE("Panels: they end at a kink of f, and leave a gap around a singularity that nobody declared")
{
    check_panels(kinked(true), 1);

    const model::Model hidden = kinked(false);
    const auto panels = sim::fit_panels(hidden, 1);
    double covered = 0;
    for (const sim::Panel& p : panels) {
        CHECK((p.centre + double{p.reach} < 0.5 || p.centre - double{p.reach} > 0.5));
        covered += p.hi - p.lo;
    }
    CHECK(covered > (1 - 1e-4) * (hidden.landscape.domain().hi - hidden.landscape.left(1)));
}

TEST_CASE("Noise table: a power within 5e-7 (|z| + s) of the quantile for words of every size, NaN where it is deep")
{
    constexpr double eta = 0.01, s = 0.1;
    for (const char* law : {"lomax", "pareto"})
        for (const double alpha : {1.01, 1.2, 1.9, 5.0}) {
            CAPTURE(law, alpha);
            const model::Noise noise = model::make_noise(law, {.alpha = alpha, .scale = s});
            const auto table = sim::fit_noise(noise, eta);
            REQUIRE(table);
            REQUIRE_FALSE(table->in_cells);

            double worst = 0;
            for (const std::uint32_t word : words_of_every_size(1)) {
                const double z = drawn(table->power, word);
                const bool rounds_to_one = static_cast<float>(word >> 1) + 0.5F >= 0x1p31F;
                REQUIRE(std::isnan(z) == (sim::is_deep(word) || rounds_to_one));
                if (std::isnan(z)) continue;
                const double exact = eta * sim::noise_of(noise, sim::uniform(word, 0));
                worst = std::max(worst, std::abs(z - exact) / (std::abs(exact) + eta * s));
                REQUIRE(drawn(table->power, word ^ 1) == -z); // symmetric: no drift
            }
            // half ulps (6e-8) of V twice, of T, of the last sum, and about four of the polynomial
            CHECK(worst <= 5e-7);
            CHECK(worst > 1e-8); // the comparison is not with itself
        }
}

TEST_CASE("S8 Noise table: cells within 5e-7 (|z| + s + |mu|) of every law's quantile, NaN exactly below 2^-14")
{
    constexpr double eta = 0.01;
    // p₊: the half-line changes in every octave, in its middle, near its ends, next to the median, and nowhere
    for (const LawCase& c : std::vector<LawCase>{
             {"lomax", 1.2, 0.3, 0.1},      {"lomax", 1.2, 0.7, 0.1},       {"lomax", 1.05, 0.49, 0.1},
             {"lomax", 1.4, 0.2, 0.1},      {"lomax", 1.2, 0.2500001, 0.1}, {"lomax", 1.2, 0.12499, 0.1},
             {"lomax", 3, 0.01, 0.1},       {"lomax", 1.2, 1, 0.1},         {"pareto", 1.2, 0.3, 0.1},
             {"pareto", 1.5, 0, 0.1},       {"pareto", 2, 0.9, 0.1},        {"pareto", 1.2, 0.4999, 0.1},
             {"pareto", 1.2, 1e-3, 0.1},    {"student_t", 3, 0.5, 0.1},     {"student_t", 1.5, 0.9, 0.1},
             {"stable", 1.2, 0.5, 0.1},     {"stable", 1.5, 1, 0.1},        {"stable", 1.9, 0.1, 0.1},
             {"stable", 1.1, 0.25, 0.1},    {"gaussian", {}, 0.5, 0.1},     {"log_pareto", 1.2, 0.5, 0.1},
             {"log_pareto", 1.5, 0.5, 0.1}, {"log_pareto", 2, 0.3, 0.1},    {"stable", 1.2, 0.01, 0.1}}) {
        CAPTURE(c);
        const model::Noise noise = c.noise();
        const auto table = sim::fit_noise(noise, eta);
        REQUIRE(table);
        REQUIRE(table->in_cells);

        const bool symmetric = noise->upper_quantile(0.3) == -noise->lower_quantile(0.3);
        double worst = 0;
        for (const std::uint32_t word : words_of_every_size(2 * std::min(c.p_plus, 1 - c.p_plus))) {
            const double z = drawn(table->cells, word);
            REQUIRE(std::isnan(z) == (static_cast<float>(word >> 1) + 0.5F < 0x1p17F));
            if (std::isnan(z)) continue;
            const double exact = eta * sim::noise_of(noise, sim::uniform(word, 0));
            const double size = std::abs(exact) + eta * (noise->scale() + std::abs(noise->mean_shift()));
            worst = std::max(worst, std::abs(z - exact) / size);
            if (symmetric) REQUIRE(drawn(table->cells, word ^ 1) == -z); // no drift
        }
        CHECK(worst <= 5e-7); // what the fit promises at its points
        CHECK(worst > 1e-8);
    }
}

TEST_CASE("Noise table: none for a law that no polynomial holds, or that a float cannot")
{
    CHECK_FALSE(sim::fit_noise(model::make_noise("log_pareto", {.alpha = 1.05, .scale = 0.1}), 0.01));
    CHECK_FALSE(sim::fit_noise(model::make_noise("lomax", {.alpha = 1.2, .scale = 0.1}), 1e39));
    CHECK_FALSE(sim::fit_noise(model::make_noise("gaussian", {.alpha = {}, .scale = 0.1}), 1e-60));
}

TEST_CASE("Kernel: fused multiply-add by software rounds like std::fma")
{
    std::uint32_t state = 1;
    const auto next = [&] {
        state = state * 1664525U + 1013904223U;
        const float m = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-31F;
        return std::ldexp(m, static_cast<int>(state >> 3 & 63) - 32);
    };
    for (int i = 0; i < 1'000'000; ++i) {
        const float a = next();
        const float b = next();
        // a quarter of the sums nearly cancel, a quarter are nearly ties, where rounding twice goes wrong
        const float c = i % 4 == 0 ? -a * b : i % 4 == 1 ? std::ldexp(a * b, -24) : next();
        REQUIRE(sim::fma(a, b, c) == std::fma(a, b, c));
        REQUIRE(sim::fma(sim::all(a), sim::all(b), sim::all(c))[0] == std::fma(a, b, c));
    }
}
