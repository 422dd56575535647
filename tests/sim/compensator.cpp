// The second estimator of mean exit time and split: its sum along the path, and what it is worth.
#include "sim/compensator.hpp"

#include "model/error.hpp"
#include "sim/leaving.hpp"
#include "sim/reference.hpp"
#include "sim/words.hpp"
#include "tests/sim/cells.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

using namespace exeunt;
using sim::Path;

namespace
{

/// P( X_{n+1} ∈ [from, to) | X_n = x ) with the clip at b, from the distribution function of clipped noise.
double step_into(const model::Model& m, double x, double from, double to)
{
    const double drift = -m.eta * m.landscape.potential().gradient(x);
    const auto beyond = [&](double s) { // P( φ_b(w) ≥ s - x ), s > x; else P( φ_b(w) ≤ s - x )
        if (std::abs(s - x) > m.b) return 0.0;
        const double z = (s - x - drift) / (m.eta * m.diffusion.value(x));
        return s > x ? m.noise->upper_tail(z) : m.noise->lower_tail(z);
    };
    return from > x ? beyond(from) - beyond(to) : beyond(to) - beyond(from);
}

double total(const sim::CompensatedExit& e) { return std::accumulate(e.to.begin(), e.to.end(), 0.0); }

}

TEST_CASE("Compensator: A_j is the sum of P(X_{n+1} in Omega_j | X_n) before the exit, written twice, every place")
{
    model::Model skewed = wang2022(0.1, 0.9);
    skewed.noise = model::make_noise("lomax", {.alpha = 1.4, .scale = 0.1, .p_plus = 0.2});
    for (const model::Model& m :
         {wang2022(0.1, 0.5), wang2022(0.1, infinity), wang2022(0.1, 1.5), skewed, growing(wang2022(0.1, 0.5))})
        for (std::size_t well = 0; well < 4; ++well) {
            const sim::Stream stream{.seed = 6, .cell = 1};
            const auto exits =
                sim::compensated_exits(m, well, stream, {.replicas = 12, .first_replica = 3}, Path::reference);
            const auto raw = sim::first_exits(m, well, stream, {.replicas = 12, .first_replica = 3}, Path::reference);
            for (std::uint64_t r = 0; r < 12; ++r) {
                CHECK(exits[r].exit == raw[r]);
                sim::Draws draw(sim::make_key(stream.seed, stream.cell));
                std::vector<double> sum(4);
                double x = m.landscape.minima()[well];
                for (std::uint64_t j = 1; j <= raw[r].step; ++j) {
                    for (std::size_t to = 0; to < 4; ++to)
                        if (to != well) sum[to] += step_into(m, x, m.landscape.left(to), m.landscape.right(to));
                    x = m.step(x, sim::noise_of(m.noise, draw(r + 3, j)));
                }
                for (std::size_t to = 0; to < 4; ++to) // rounding of some thousand sums
                    CHECK(std::abs(exits[r].to[to] - sum[to]) <= 1e-12 * (1 + sum[to]));
                CHECK(total(exits[r]) > 0);
            }
        }
}

TEST_CASE("Compensator: the table of P(X_{n+1} in Omega_j | X_n) is within 1e-8 of the tails, from any x in the field")
{
    for (const model::Model& m :
         {wang2022(0.01, 0.5), wang2022(0.01, 0.9), wang2022(0.1, infinity), kinked(true), growing(wang2022(0.01, 0.5)),
          with_noise("pareto", 1.2, 0.3, 0.004, 0.5), with_noise("student_t", 1.5, 0.5, 0.01, 1.2)})
        for (std::size_t well = 0; well < m.landscape.wells(); ++well)
            for (const bool right : {false, true}) {
                if (well == (right ? m.landscape.wells() - 1 : 0)) continue;
                const sim::Leaving table(m, well, right, true), exact(m, well, right, false);
                const double lo = std::max(m.landscape.left(well), m.landscape.domain().lo);
                const double hi = std::min(m.landscape.right(well), m.landscape.domain().hi);
                for (int i = 1; i < 3000; ++i) {
                    const double way = (hi - lo) * std::pow(10, -6.5 * i / 3000); // to the end, all sizes of it
                    const double x = right ? hi - way : lo + way;
                    std::vector<double> of_table(m.landscape.wells()), of_tails = of_table;
                    table.add(x, of_table);
                    exact.add(x, of_tails);
                    for (std::size_t j = 0; j < of_tails.size(); ++j) {
                        // twice the 1e-8 asked at the fit's points: what may lie between them
                        REQUIRE(std::abs(of_table[j] - of_tails[j]) <= 2e-8 * of_tails[j]);
                        const bool there = right ? j > well : j < well;
                        const double expected = there ? step_into(m, x, m.landscape.left(j), m.landscape.right(j)) : 0;
                        REQUIRE(std::abs(of_tails[j] - expected) <= 1e-13 * (expected > 0));
                    }
                }
            }
}

TEST_CASE(
    "Compensator: fast = double precision, the exits are those of first_exits, threads and processor leave no trace")
{
    for (const model::Model& m : {wang2022(0.004, 0.5), wang2022(0.004, infinity), quartic(0.05, 0.5), kinked(true),
                                  growing(wang2022(0.004, 0.5)), with_noise("pareto", 1.2, 0.3, 0.004, 0.5)}) {
        const std::size_t well = m.landscape.wells() > 2 ? 2 : 1;
        const sim::ExitPlan plan{.replicas = 150, .step_limit = 3000};
        const auto exact = sim::compensated_exits(m, well, {.seed = 1}, plan, Path::reference);
        const auto fast = sim::compensated_exits(m, well, {.seed = 1}, plan, Path::baseline);
        const auto raw = sim::first_exits(m, well, {.seed = 1}, plan);
        for (std::size_t r = 0; r < plan.replicas; ++r) {
            CHECK(fast[r].exit.step == exact[r].exit.step);
            CHECK(fast[r].exit.step == raw[r].step);
            CHECK(fast[r].exit.place == raw[r].place);
            CHECK(std::abs(total(fast[r]) - total(exact[r])) <= 1e-3 * total(exact[r]));
        }
        for (const Path path : sim::available_paths())
            for (const unsigned threads : {1U, 2U})
                if (path != Path::reference)
                    CHECK(sim::compensated_exits(m, well, {.seed = 1},
                                                 {.replicas = 150, .step_limit = 3000, .threads = threads},
                                                 path) == fast);
    }
}

TEST_CASE(
    "Compensator: E A = 1, and E sigma = E sigma / E A agrees with raw exits at a tenth of the variance, l* = 2, 3")
{
    struct Cell {
        double eta, b;
        std::uint64_t replicas;
    };
    for (const Cell& cell : {Cell{0.01, 0.5, 4000}, Cell{0.05, 0.28, 1000}}) {
        const model::Model m = wang2022(cell.eta, cell.b);
        const auto exits = sim::compensated_exits(m, 1, {.seed = 21}, {.replicas = cell.replicas});
        const auto others = sim::compensated_exits(m, 1, {.seed = 22}, {.replicas = cell.replicas});
        const sim::ExitEstimates found = sim::estimate_exits(exits);
        const sim::ExitEstimates control = sim::estimate_exits(others);
        INFO("b " << cell.b << " mean " << found.mean.estimate << " +- " << found.mean.error << ", raw "
                  << found.mean.raw << " +- " << found.mean.raw_error << ", ratio " << found.mean.variance_ratio());

        double mean_a = 0, square = 0;
        const auto n = static_cast<double>(exits.size());
        for (const auto& e : exits) {
            mean_a += total(e) / n;
            square += total(e) * total(e) / n;
        }
        // 5 standard deviations: 6e-7 for one number, were the seeds not fixed
        CHECK(std::abs(mean_a - 1) <= 5 * std::sqrt((square - mean_a * mean_a) / n));
        CHECK(std::abs(found.mean.estimate - found.mean.raw) <= 5 * found.mean.raw_error);
        CHECK(std::abs(found.mean.estimate - control.mean.raw) <=
              5 * std::hypot(found.mean.error, control.mean.raw_error));
        CHECK(std::abs(found.mean.estimate - control.mean.estimate) <=
              5 * std::hypot(found.mean.error, control.mean.error));
        CHECK(found.mean.variance_ratio() >= 10);
        CHECK(control.mean.variance_ratio() >= 10);
        double sum = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const sim::TwoEstimates& p = found.split[j];
            sum += p.estimate;
            CHECK(std::abs(p.estimate - p.raw) <= 5 * std::hypot(p.error, p.raw_error));
        }
        CHECK(std::abs(sum - 1) <= 1e-12);
        CHECK(found.split[0].variance_ratio() > 1);
        CHECK(found.split[1].estimate == 0);
        if (cell.b == 0.28) continue;
        CHECK(std::abs(found.mean.estimate - 33447.644) <= 5 * found.mean.error); // the oracle's digits
        CHECK(std::abs(found.split[0].estimate - 0.902826) <= 5 * found.split[0].error);
    }
}

TEST_CASE("Compensator: estimates from three exits by hand, and none from censored ones")
{
    std::vector<sim::CompensatedExit> exits(3);
    const std::uint64_t step[] = {2, 4, 9};
    const double left[] = {0.5, 0.5, 2}, right[] = {0, 0.5, 1};
    for (std::size_t r = 0; r < 3; ++r)
        exits[r] = {.exit = {.step = step[r], .place = r == 1 ? 2U : 0U, .censored = false, .final_state = 0},
                    .to = {left[r], 0, right[r]}};
    const sim::ExitEstimates e = sim::estimate_exits(exits);
    // A = 1/2, 1, 3: ΣA = 4.5, Σσ = 15; residues σ - (10/3) A = 1/3, 2/3, -1 with squares 14/9
    CHECK(std::abs(e.mean.estimate - 10.0 / 3) <= 1e-14);
    CHECK(std::abs(e.mean.error - std::sqrt(14.0 / 9 * 1.5) / 4.5) <= 1e-14);
    CHECK(std::abs(e.mean.raw - 5) <= 1e-14);
    CHECK(std::abs(e.mean.raw_error - std::sqrt(13.0 / 3)) <= 1e-14); // 26 / (3 · 2)
    CHECK(std::abs(e.split[0].estimate - 2.0 / 3) <= 1e-14);
    CHECK(std::abs(e.split[2].raw - 1.0 / 3) <= 1e-14);
    CHECK(e.exits == 3);

    exits[2].exit.censored = true;
    CHECK_THROWS_AS(sim::estimate_exits(exits), BadInput);
    CHECK_THROWS_AS(sim::estimate_exits(std::span(exits).first(1)), BadInput);
    CHECK_THROWS_AS(sim::compensated_exits(wang2022(0.1, 0.5), 4, {}, {.replicas = 1}), BadInput);
}
