// First exits: the fast paths against the plain recursion, and what must not change the result.
#include "sim/exits.hpp"

#include "model/error.hpp"
#include "sim/reference.hpp"
#include "sim/setup.hpp"
#include "sim/words.hpp"
#include "tests/sim/by_hand.hpp"
#include "tests/sim/cells.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

using namespace exeunt;
using sim::Path;

namespace
{

/// The recursion and its clock, written again as theory.md section 3 has it.
sim::Exit plain_exit(const model::Model& m, std::size_t well, const sim::Stream& stream, std::uint64_t replica)
{
    sim::Draws draw(sim::make_key(stream.seed, stream.cell));
    const model::Landscape& f = m.landscape;
    double x = f.minima()[well];
    for (std::uint64_t j = 1;; ++j) {
        const double z = sim::noise_of(m.noise, draw(replica, j));
        const double w = -m.eta * f.potential().gradient(x) + m.eta * m.diffusion.value(x) * z;
        x += std::copysign(std::min(std::abs(w), m.b), w);
        if (f.domain().clamp) x = std::min(std::max(x, f.domain().lo), f.domain().hi);
        if (x <= f.left(well) || x >= f.right(well)) return {j, static_cast<std::uint32_t>(f.well_of(x)), false, x};
    }
}

/// Equal exit steps, places and censoring.
bool same_exits(const std::vector<sim::Exit>& a, const std::vector<sim::Exit>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const sim::Exit& x, const sim::Exit& y) {
        return x.step == y.step && x.place == y.place && x.censored == y.censored;
    });
}

struct Summary { // mean exit step, its standard error, share of exits to the left
    double mean = 0, error = 0, left = 0;
    Summary(const std::vector<sim::Exit>& exits, std::size_t well)
    {
        const auto n = static_cast<double>(exits.size());
        double squares = 0;
        for (const auto& e : exits) {
            const auto step = static_cast<double>(e.step);
            mean += step / n;
            squares += step * step / n;
            left += (e.place < well) / n;
        }
        error = std::sqrt((squares - mean * mean) / n);
    }
};

std::uint64_t hash(const std::vector<sim::Exit>& exits) // FNV-1a over the four values as 64-bit words
{
    std::uint64_t h = 0xcbf29ce484222325;
    for (const auto& e : exits)
        for (const std::uint64_t word :
             {e.step, std::uint64_t{e.place}, std::uint64_t{e.censored}, std::bit_cast<std::uint64_t>(e.final_state)})
            for (int byte = 0; byte < 8; ++byte) h = (h ^ (word >> 8 * byte & 0xff)) * 0x100000001b3;
    return h;
}

std::vector<Path> fast_paths()
{
    auto paths = sim::available_paths();
    std::erase(paths, Path::reference);
    return paths;
}

}

TEST_CASE("First exit (section 3): sigma = min{ j >= 1 : X_j not in Omega }, the recursion of section 1 written twice")
{
    for (const double b : {0.5, 0.28, infinity})
        for (std::size_t well = 0; well < 4; ++well) {
            const model::Model m = wang2022(0.2, b);
            const sim::Stream stream{.seed = 11, .cell = 4};
            const auto exits = sim::first_exits(m, well, stream, {.replicas = 40, .first_replica = 5}, Path::reference);
            for (std::uint64_t r = 0; r < 40; ++r) {
                const sim::Exit plain = plain_exit(m, well, stream, r + 5);
                CHECK(exits[r].step == plain.step);
                CHECK(exits[r].place == plain.place);
                CHECK(exits[r].place != well);
                CHECK(exits[r].final_state == plain.final_state);
            }
        }
}

TEST_CASE("Fast = double precision: the same exit steps and places in every well, l* = 1 to 3, eta 1/2 to 0.01")
{
    // Float and double paths lie about 1e-7 apart, so one exit in 10^6 may differ; these seeds are fixed. Where
    // eta f''(m) > 2 the minimum is unstable and the recursion chaotic: the paths part, and only their law is the same.
    int compared = 0;
    for (const double eta : {0.5, 0.05, 0.01})
        for (const double b : {0.5, 0.28, infinity})
            for (std::size_t well = 0; well < 4; ++well) {
                const model::Model m = wang2022(eta, b);
                const bool chaotic = eta * m.landscape.potential().curvature(m.landscape.minima()[well]) > 2;
                const sim::Stream stream{.seed = 7, .cell = well};
                const sim::ExitPlan plan{.replicas = chaotic ? 4000U : eta == 0.05 ? 60U : 20U, .step_limit = 20'000};
                const auto exact = sim::first_exits(m, well, stream, plan, Path::reference);
                const auto fast = sim::first_exits(m, well, stream, plan, sim::available_paths().back());
                INFO("eta " << eta << " b " << b << " well " << well + 1);
                if (chaotic) {
                    const Summary x(exact, well), y(fast, well);
                    // 4.5 standard deviations (7e-6) of a difference of independent samples; these share their noise
                    CHECK(std::abs(x.mean - y.mean) <= 4.5 * std::hypot(x.error, y.error));
                    CHECK(std::abs(x.left - y.left) <= 4.5 * std::sqrt(0.5 / 4000));
                } else {
                    CHECK(same_exits(exact, fast));
                    ++compared;
                }
            }
    CHECK(compared >= 15);
}

TEST_CASE("Fast = double precision without a clamp, where X lands far outside every panel, and at a kink")
{
    for (const model::Model& m :
         {quartic(0.05, 0.5), quartic(0.05, 3), quartic(0.5, infinity), kinked(true), kinked(false)})
        for (std::size_t well = 0; well < 2; ++well) {
            const sim::ExitPlan plan{.replicas = 150, .step_limit = 4000};
            const auto exact = sim::first_exits(m, well, {.seed = 1}, plan, Path::reference);
            CHECK(same_exits(exact, sim::first_exits(m, well, {.seed = 1}, plan, sim::available_paths().back())));
            CHECK(std::any_of(exact.begin(), exact.end(), [](const sim::Exit& e) { return !e.censored; }));
        }
}

namespace
{

/// Every kind of noise table: a power with and without a shift, cells with the change of half-line on either side, at
/// the median and nowhere, and with more terms.
std::vector<model::Model> with_every_table(double eta, double b)
{
    return {with_noise("lomax", 1.2, 0.5, eta, b),       with_noise("pareto", 1.2, 0.5, eta, b),
            with_noise("lomax", 1.2, 0.3, eta, b),       with_noise("lomax", 1.5, 1, eta, b),
            with_noise("pareto", 1.4, 0.7, eta, b),      with_noise("pareto", 1.2, 0, eta, b),
            with_noise("student_t", 1.5, 0.5, eta, b),   with_noise("student_t", 3, 0.2, eta, b),
            with_noise("stable", 1.2, 0.5, eta, b),      with_noise("stable", 1.1, 0.25, eta, b),
            with_noise("log_pareto", 2, 0.3, eta, b),    with_noise("log_pareto", 1.2, 0.5, eta, b),
            with_noise("gaussian", {}, 0.5, 10 * eta, b)};
}

}

TEST_CASE("Fast = double precision for every noise law: the same exit steps and places")
{
    for (const double b : {0.5, 0.28})
        for (const model::Model& m : with_every_table(0.01, b))
            for (const std::size_t well : {0U, 1U}) {
                INFO(m.noise->name() << " p+ " << m.noise->p_plus() << " b " << b << " well " << well + 1);
                const sim::Path fastest = sim::available_paths().back();
                REQUIRE_FALSE(sim::in_double(m, fastest));
                const sim::ExitPlan plan{.replicas = 40, .step_limit = 5000};
                const auto exact = sim::first_exits(m, well, {.seed = 8}, plan, Path::reference);
                CHECK(same_exits(exact, sim::first_exits(m, well, {.seed = 8}, plan, fastest)));
            }
    CHECK(sim::in_double(with_noise("log_pareto", 1.05, 0.5, 0.01, 0.5), sim::available_paths().back()));
}

TEST_CASE(
    "Law: mean exit time of well 2 at eta = 0.05, b = 0.5 for other laws and sigma(x) against the oracle's digits")
{
    struct Case {
        model::Model m;
        double mean;
    };
    for (const auto& [m, mean] :
         {Case{with_noise("pareto", 1.2, 0.5, 0.05, 0.5), 3508.2},
          Case{with_noise("lomax", 1.2, 0.3, 0.05, 0.5), 3831.34},
          Case{with_noise("pareto", 1.2, 0.7, 0.05, 0.5), 3108.75}, Case{growing(wang2022(0.05, 0.5)), 2079.04}}) {
        const Summary found(sim::first_exits(m, 1, {.seed = 31}, {.replicas = 40'000}), 1);
        INFO(m.noise->name() << " p+ " << m.noise->p_plus() << " " << found.mean << " +- " << found.error);
        CHECK(std::abs(found.mean - mean) < 4 * found.error); // 6e-5, were the seed not fixed
    }
}

TEST_CASE("Reproducibility: every instruction set gives the same bytes")
{
    std::vector<model::Model> models = with_every_table(0.05, 0.5);
    models.insert(models.end(), {wang2022(0.05, infinity), growing(wang2022(0.05, 0.5)),
                                 cornered(with_noise("lomax", 1.2, 0.3, 0.05, 0.5), true)});
    for (const model::Model& m : models) {
        INFO(m.noise->name() << " p+ " << m.noise->p_plus() << " b " << m.b << " sigma " << m.diffusion.text());
        const sim::ExitPlan plan{.replicas = 300, .step_limit = 9'000};
        const auto first = sim::first_exits(m, 1, {.seed = 3}, plan, Path::baseline);
        for (const Path path : fast_paths()) CHECK(sim::first_exits(m, 1, {.seed = 3}, plan, path) == first);
    }
}

TEST_CASE("Reproducibility: 1, 2 and 3 threads and any division into blocks give the same bytes")
{
    const model::Model m = wang2022(0.05, 0.5);
    const auto whole = sim::first_exits(m, 1, {.seed = 5}, {.replicas = 1000, .threads = 1});
    for (const unsigned threads : {2U, 3U})
        CHECK(sim::first_exits(m, 1, {.seed = 5}, {.replicas = 1000, .threads = threads}) == whole);

    std::vector<sim::Exit> pieces;
    for (const std::uint64_t cut : {0U, 1U, 130U, 600U, 1000U}) {
        const std::uint64_t from = pieces.size();
        const auto piece = sim::first_exits(m, 1, {.seed = 5}, {.replicas = cut - from, .first_replica = from});
        pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    CHECK(pieces == whole);

    CHECK_FALSE(same_exits(sim::first_exits(m, 1, {.seed = 5, .cell = 1}, {.replicas = 1000}), whole));
    CHECK_FALSE(same_exits(sim::first_exits(m, 1, {.seed = 6}, {.replicas = 1000}), whole));
}

TEST_CASE("Reproducibility: replica indices beyond 2^32 are other replicas")
{
    const model::Model m = wang2022(0.5, 0.5);
    const auto low = sim::first_exits(m, 1, {}, {.replicas = 50});
    const auto high = sim::first_exits(m, 1, {}, {.replicas = 50, .first_replica = std::uint64_t{1} << 32});
    CHECK_FALSE(same_exits(low, high));
    CHECK(same_exits(
        high, sim::first_exits(m, 1, {}, {.replicas = 50, .first_replica = std::uint64_t{1} << 32}, Path::reference)));
}

namespace
{

/// Hands out replicas and counts.
struct Counting final : ByHand {
    using ByHand::ByHand;
    bool next(std::uint64_t& replica) override { return left > 0 && (replica = --left, true); }
    void exit(std::uint64_t, std::uint64_t step, double) override { steps += step; }
    bool tick(std::uint64_t) override { return ++ticks > 0; }

    std::uint64_t left = 20'000, steps = 0, ticks = 0;
};

}

TEST_CASE("Lanes: 95 % of them are busy from the first of 20,000 exits at exponential times to the last")
{
    const model::Model m = wang2022(0.05, 0.5);
    Counting host(m, 1, sim::make_key(5, 1));
    const auto paths = sim::available_paths();
#if defined(__x86_64__)
    const auto has = [&](Path path) { return std::find(paths.begin(), paths.end(), path) != paths.end(); };
    if (has(Path::avx512))
        sim::run_avx512(host.setup, host);
    else if (has(Path::avx2))
        sim::run_avx2(host.setup, host);
    else
#endif
        sim::run_baseline(host.setup, host);
    // the last ones end alone: (H_128 - 1) 128 / 20,000 = 2.8 %; half a pass an exit and the last tick are below 1 %
    const double busy =
        static_cast<double>(host.steps) / static_cast<double>(4 * sim::lanes * sim::passes_per_tick * host.ticks);
    INFO("busy: " << busy);
    CHECK(busy >= 0.95);
    CHECK(busy <= 1);
}

TEST_CASE("Reproducibility: known answer of a small campaign")
{
    const auto exits = sim::first_exits(wang2022(0.05, 0.5), 1, {.seed = 2022, .cell = 1}, {.replicas = 500});
    CHECK(hash(exits) == 0x96ee0a501a197399);
}

TEST_CASE("Reproducibility: known answers of small campaigns with other laws and sigma(x)")
{
    const auto found = [](const model::Model& m) {
        return hash(sim::first_exits(m, 1, {.seed = 2022, .cell = 1}, {.replicas = 300, .step_limit = 3000}));
    };
    CHECK(found(with_noise("pareto", 1.2, 0.5, 0.05, 0.5)) == 0xd4b2c8b8dbea92cc);
    CHECK(found(with_noise("lomax", 1.2, 0.3, 0.05, 0.5)) == 0x2831884c1dda1fd2);
    CHECK(found(with_noise("pareto", 1.4, 0.7, 0.05, 0.5)) == 0xfb40020d21d13539);
    CHECK(found(growing(wang2022(0.05, 0.5))) == 0x97a6b5d7a442ce11);
}

TEST_CASE("Censoring: a replica stops after exactly step_limit steps, is marked, and the others are untouched")
{
    const model::Model m = wang2022(0.05, 0.5);
    const auto all = sim::first_exits(m, 1, {.seed = 9}, {.replicas = 400});
    for (const Path path : sim::available_paths())
        for (const std::uint64_t limit : {0U, 1U, 2U, 3U, 4U, 5U, 2001U, 2002U, 2003U, 2004U}) {
            const auto cut = sim::first_exits(m, 1, {.seed = 9}, {.replicas = 400, .step_limit = limit}, path);
            bool right = true;
            for (std::size_t r = 0; r < all.size(); ++r)
                right = right && (all[r].step <= limit
                                      ? cut[r].step == all[r].step && cut[r].place == all[r].place && !cut[r].censored
                                      : cut[r].step == limit && cut[r].place == 1 && cut[r].censored);
            CHECK(right);
            if (limit == 0) CHECK(cut[0].final_state == m.landscape.minima()[1]);
        }
    // the limit that is exactly an exit's step still counts the exit
    const std::uint64_t exact = all[17].step;
    CHECK_FALSE(sim::first_exits(m, 1, {.seed = 9}, {.replicas = 400, .step_limit = exact})[17].censored);
    CHECK(sim::first_exits(m, 1, {.seed = 9}, {.replicas = 400, .step_limit = exact - 1})[17].censored);
}

TEST_CASE("Law: mean exit time and split of well 2 at eta = 0.05, b = 0.5 against the oracle's digits")
{
    const auto exits = sim::first_exits(wang2022(0.05, 0.5), 1, {.seed = 31}, {.replicas = 40'000});
    const Summary found(exits, 1);
    // 4 standard deviations each: 6e-5, were the seed not fixed
    CHECK(std::abs(found.mean - 3957.0734) < 4 * found.error);
    CHECK(std::abs(found.left - 0.881520) < 4 * std::sqrt(0.88 * 0.12 / 40'000));
}

TEST_CASE("State-dependent sigma(x) (section 1): the recursion written twice, and fast = double precision")
{
    const sim::Path fastest = sim::available_paths().back();
    for (const double b : {0.5, infinity})
        for (const model::Model& m :
             {growing(wang2022(0.05, b)), growing(with_noise("pareto", 1.4, 0.7, 0.05, b)), growing(quartic(0.05, b)),
              growing(kinked(false)), cornered(wang2022(0.05, b), true), cornered(wang2022(0.05, b), false),
              cornered(with_noise("stable", 1.2, 0.5, 0.05, b), true)}) {
            INFO(m.diffusion.text() << " " << m.noise->name() << " b " << b);
            REQUIRE_FALSE(sim::in_double(m, fastest));
            const sim::ExitPlan plan{.replicas = 150, .step_limit = 4000, .threads = 2};
            const auto exact = sim::first_exits(m, 1, {.seed = 2}, plan, Path::reference);
            const auto fast = sim::first_exits(m, 1, {.seed = 2}, plan, fastest);
            CHECK(same_exits(exact, fast));
            CHECK_FALSE(exact == fast); // in float
            int exits = 0;
            for (std::uint64_t r = 0; r < 15; ++r)
                if (!exact[r].censored) {
                    CHECK(exact[r] == plain_exit(m, 1, {.seed = 2}, r));
                    ++exits;
                }
            CHECK(exits > 0);
        }

    model::Model m = wang2022(0.2, 0.5);
    m.diffusion = model::Function::constant(2); // constant, but not 1
    CHECK(same_exits(sim::first_exits(m, 1, {.seed = 2}, {.replicas = 30}),
                     sim::first_exits(m, 1, {.seed = 2}, {.replicas = 30}, Path::reference)));
}

TEST_CASE("Progress counts every exit and step, stop ends the run with Interrupted, a callback's exception passes")
{
    const model::Model m = wang2022(0.05, 0.5);
    std::uint64_t exits = 0, steps = 0;
    const auto result = sim::first_exits(m, 1, {}, {.replicas = 200, .progress = [&](auto e, auto s) {
                                                        exits = e;
                                                        steps = s;
                                                    }});
    std::uint64_t total = 0;
    for (const auto& e : result) total += e.step;
    CHECK(exits == 200);
    CHECK(steps == total);

    const model::Model endless = wang2022(1e-6, 0.28);
    for (const Path path : sim::available_paths())
        CHECK_THROWS_AS(sim::first_exits(endless, 1, {}, {.replicas = 300, .stop = [] { return true; }}, path),
                        sim::Interrupted);
    CHECK_THROWS_AS(sim::first_exits(endless, 1, {},
                                     {.replicas = 3, .progress = [](auto, auto) { throw std::logic_error("mine"); }}),
                    std::logic_error);
    CHECK(sim::first_exits(m, 1, {}, {.replicas = 0}).empty());
}

TEST_CASE(
    "Streamed exits are those of first_exits, skipped replicas are left out, what ended before a stop is handed over")
{
    const model::Model m = wang2022(0.05, 0.5);
    const sim::Stream stream{.seed = 5, .cell = 0};
    const auto whole = sim::first_exits(m, 1, stream, {.replicas = 3000});
    for (const Path path : sim::available_paths()) {
        const std::uint64_t count = path == Path::reference ? 60 : 3000;
        std::vector<int> seen(count, 0);
        bool equal = true;
        sim::stream_exits(
            m, 1, stream,
            {.replicas = count, .threads = 2, .skip = [](std::uint64_t replica) { return replica % 3 == 0; }},
            [&](std::span<const sim::Numbered> ended) {
                for (const auto& [replica, exit] : ended) {
                    ++seen[replica];
                    equal = equal && exit.step == whole[replica].step && exit.place == whole[replica].place;
                }
            },
            path);
        bool once = true;
        for (std::size_t r = 0; r < count; ++r) once = once && seen[r] == (r % 3 != 0);
        CHECK(equal);
        CHECK(once);

        std::uint64_t handed_over = 0;
        const auto count_them = [&](std::span<const sim::Numbered> ended) { handed_over += ended.size(); };
        const sim::ExitPlan endless{.replicas = UINT64_MAX, .stop = [&] { return handed_over > 0; }};
        CHECK_THROWS_AS(sim::stream_exits(m, 1, stream, endless, count_them, path), sim::Interrupted);
        CHECK(handed_over > 0);
        CHECK_THROWS_AS(sim::stream_exits(
                            m, 1, stream, endless, [](auto) { throw std::logic_error("full"); }, path),
                        std::logic_error);
    }
}

TEST_CASE("Errors: X that stops being finite is NotConverged, a wrong well, clip, eta or path is BadInput")
{
    // plain SGD on a quartic at eta = 1: beyond |x| = 1.7 every step overshoots further, to infinity
    for (const Path path : sim::available_paths())
        CHECK_THROWS_AS(sim::first_exits(quartic(1e100, infinity), 1, {}, {.replicas = 20}, path), NotConverged);

    model::Model m = wang2022(0.05, 0.5);
    CHECK_THROWS_AS(sim::first_exits(m, 4, {}, {.replicas = 1}), BadInput);
    CHECK_THROWS_AS(sim::path_of("sse"), BadInput);
    m.b = 0;
    CHECK_THROWS_AS(sim::first_exits(m, 1, {}, {.replicas = 1}), BadInput);
    m.b = 0.5;
    m.eta = -1;
    CHECK_THROWS_AS(sim::first_exits(m, 1, {}, {.replicas = 1}), BadInput);
}

TEST_CASE("EXEUNT_ISA names the path, and reference is full double precision: the same exits, other digits")
{
    const model::Model m = wang2022(0.05, 0.5);
    const sim::ExitPlan plan{.replicas = 60};
    const auto fast = sim::first_exits(m, 1, {.seed = 12}, plan);
    ::setenv("EXEUNT_ISA", "reference", 1);
    CHECK(sim::default_path() == Path::reference);
    CHECK(sim::in_double(m, sim::default_path()));
    const auto exact = sim::first_exits(m, 1, {.seed = 12}, plan);
    for (std::uint64_t r = 0; r < plan.replicas; ++r) CHECK(exact[r] == plain_exit(m, 1, {.seed = 12}, r));
    CHECK(same_exits(fast, exact));
    CHECK_FALSE(fast == exact);

    ::setenv("EXEUNT_ISA", "baseline", 1);
    CHECK(sim::default_path() == Path::baseline);
    ::setenv("EXEUNT_ISA", "mmx", 1);
    CHECK_THROWS_AS(sim::default_path(), BadInput);
    ::unsetenv("EXEUNT_ISA");
    CHECK(sim::default_path() == sim::available_paths().back());
}
