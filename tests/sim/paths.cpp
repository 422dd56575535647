// X on the whole line: occupation, well at given times, kept states and first passages, against the recursion written
// again, and what must not change the result.
#include "sim/paths.hpp"

#include "model/error.hpp"
#include "sim/reference.hpp"
#include "sim/words.hpp"
#include "tests/sim/cells.hpp"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

using namespace exeunt;
using sim::Path;

namespace
{

/// X_1, X_2, … of one replica by the formula of theory.md section 1, handed to `see` while it says so.
void walk(const model::Model& m, std::size_t well, const sim::Stream& stream, std::uint64_t replica,
          const std::function<bool(std::uint64_t, double)>& see)
{
    sim::Draws draw(sim::make_key(stream.seed, stream.cell));
    double x = m.landscape.minima()[well];
    for (std::uint64_t j = 1;; ++j) {
        const double z = sim::noise_of(m.noise, draw(replica, j));
        const double w = -m.eta * m.landscape.potential().gradient(x) + m.eta * m.diffusion.value(x) * z;
        x += std::copysign(std::min(std::abs(w), m.b), w);
        const model::Domain& domain = m.landscape.domain();
        if (domain.clamp) x = std::min(std::max(x, domain.lo), domain.hi);
        if (!see(j, x)) return;
    }
}

/// All of an observation, from what the words of paths.hpp say.
sim::Observation plain_observation(const model::Model& m, std::size_t well, const sim::Stream& stream,
                                   const sim::ExitPlan& plan, const sim::Observables& what)
{
    const auto bins = static_cast<std::size_t>(what.bins.count);
    sim::Observation o{.trails = std::vector<sim::Trail>(plan.replicas), .occupation = {}};
    o.occupation.count.resize(bins);
    const auto see = [&](sim::Trail& trail, std::uint64_t j, double x) {
        const auto field = m.landscape.well_of(x);
        if (std::find(what.times.begin(), what.times.end(), j) != what.times.end())
            trail.well_at.push_back(static_cast<std::uint32_t>(field));
        if (what.every > 0 && j % what.every == 0) trail.states.push_back(x);
        trail.final_state = x;
        if (j == 0) return;
        ++trail.time_in[field];
        if (bins == 0) return;
        const double k = (x - what.bins.lo) / (what.bins.hi - what.bins.lo) * what.bins.count;
        if (x < what.bins.lo)
            ++o.occupation.below;
        else if (x > what.bins.hi)
            ++o.occupation.above;
        else
            ++o.occupation.count[std::min(bins - 1, static_cast<std::size_t>(k))];
    };
    for (std::uint64_t r = 0; r < plan.replicas; ++r) {
        sim::Trail& trail = o.trails[r];
        trail.time_in.resize(m.landscape.wells());
        see(trail, 0, m.landscape.minima()[well]);
        walk(m, well, stream, plan.first_replica + r, [&](std::uint64_t j, double x) {
            see(trail, j, x);
            return j < plan.step_limit;
        });
    }
    return o;
}

std::uint64_t total(const sim::Occupation& o)
{
    return std::accumulate(o.count.begin(), o.count.end(), o.below + o.above);
}

/// Steps that one of the two histograms has in another bin.
std::uint64_t misplaced(const sim::Occupation& a, const sim::Occupation& b)
{
    std::uint64_t sum = 0;
    for (std::size_t k = 0; k < a.count.size(); ++k)
        sum += std::max(a.count[k], b.count[k]) - std::min(a.count[k], b.count[k]);
    return sum / 2;
}

std::uint64_t hash(const sim::Observation& o) // FNV-1a over 64-bit words
{
    std::uint64_t h = 0xcbf29ce484222325;
    const auto add = [&](std::uint64_t word) {
        for (int byte = 0; byte < 8; ++byte) h = (h ^ (word >> 8 * byte & 0xff)) * 0x100000001b3;
    };
    for (const sim::Trail& trail : o.trails) {
        for (const std::uint64_t t : trail.time_in) add(t);
        for (const std::uint32_t w : trail.well_at) add(w);
        for (const double x : trail.states) add(std::bit_cast<std::uint64_t>(x));
        add(std::bit_cast<std::uint64_t>(trail.final_state));
    }
    for (const std::uint64_t n : o.occupation.count) add(n);
    add(o.occupation.below);
    add(o.occupation.above);
    return h;
}

const sim::Observables everything{
    .bins = {.lo = -1.6, .hi = 1.6, .count = 4096}, .times = {0, 1, 2, 7, 8, 100, 101, 1999, 2000}, .every = 13};

/// The domain cut off on both sides, so that something is below and above.
const sim::Observables middle{.bins = {.lo = -1, .hi = 0.7, .count = 100}, .times = {3, 500}, .every = 0};

/// max |a - b| / (1 + |b|)
double distance(const std::vector<double>& a, const std::vector<double>& b)
{
    double most = a.size() == b.size() ? 0 : infinity;
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
        most = std::max(most, std::abs(a[k] - b[k]) / (1 + std::abs(b[k])));
    return most;
}

}

TEST_CASE("Occupation, wells at given times, kept states (section 1): the recursion written twice, to the last bit")
{
    model::Model skewed = wang2022(0.05, 0.5);
    skewed.noise = model::make_noise("lomax", {.alpha = 1.4, .scale = 0.1, .p_plus = 0.2});
    for (const model::Model& m :
         {wang2022(0.05, 0.5), wang2022(0.2, infinity), growing(wang2022(0.05, 0.5)), skewed, quartic(0.05, 3)})
        for (const sim::Observables& what : {everything, middle}) {
            const sim::Stream stream{.seed = 4, .cell = 3};
            const sim::ExitPlan plan{.replicas = 6, .first_replica = 20, .step_limit = 2001, .threads = 2};
            const auto seen = sim::observe(m, 1, stream, plan, what, Path::reference);
            CHECK(seen == plain_observation(m, 1, stream, plan, what));
            CHECK(total(seen.occupation) == 6 * 2001);
        }
}

TEST_CASE("Fast = double precision on the whole line: the same times in fields, wells and histograms, states to 1e-4")
{
    // η f'' < 2 in every well, or the paths would part. With and without a clamp, at a kink, f' beyond every panel.
    struct Case {
        model::Model m;
        std::size_t from;
    };
    for (const auto& [m, from] :
         {Case{wang2022(0.004, 0.5), 0}, Case{wang2022(0.004, infinity), 1}, Case{quartic(0.05, 3), 1},
          Case{kinked(true), 1}, Case{growing(wang2022(0.004, 0.5)), 1}, Case{growing(quartic(0.05, 3)), 1},
          Case{with_noise("pareto", 1.2, 0.3, 0.004, 0.5), 0}})
        for (const sim::Observables& what : {everything, middle}) {
            const sim::ExitPlan plan{.replicas = 150, .step_limit = 2000};
            const auto exact = sim::observe(m, from, {.seed = 8}, plan, what, Path::reference);
            const auto fast = sim::observe(m, from, {.seed = 8}, plan, what, sim::available_paths().back());
            for (std::size_t r = 0; r < plan.replicas; ++r) {
                const sim::Trail &x = exact.trails[r], &y = fast.trails[r];
                CHECK(x.time_in == y.time_in);
                CHECK(x.well_at == y.well_at);
                CHECK(distance(x.states, y.states) <= 1e-4); // rounding grows where a path passes near a saddle
                CHECK(distance({x.final_state}, {y.final_state}) <= 1e-4);
            }
            CHECK(total(fast.occupation) == plan.replicas * plan.step_limit);
            // bins of 1/1280 and more, states 1e-6 apart: about one step in a thousand is that near to a bin's end
            CHECK(misplaced(exact.occupation, fast.occupation) <= 600);
            std::uint64_t elsewhere = 0;
            for (const sim::Trail& t : fast.trails) elsewhere += plan.step_limit - t.time_in[from];
            if (m.landscape.wells() > 2) CHECK(elsewhere > 1000);
        }
}

TEST_CASE("Occupation: clamped states count to the end bins, and with a clamp none is below or above")
{
    const model::Model m = wang2022(0.05, infinity);
    for (const Path path : sim::available_paths()) {
        const auto o = sim::observe(m, 0, {.seed = 2}, {.replicas = 40, .step_limit = 3000}, everything, path);
        CHECK(o.occupation.below == 0);
        CHECK(o.occupation.above == 0);
        CHECK(o.occupation.count.front() > 100); // atoms at the ends
        CHECK(o.occupation.count.back() > 100);
    }
}

TEST_CASE("Reproducibility on the whole line: every instruction set, 1 to 3 threads and any blocks give the same bytes")
{
    for (const model::Model& m :
         {wang2022(0.01, 0.5), quartic(0.05, 3), growing(with_noise("lomax", 1.4, 0.2, 0.01, 0.5))}) {
        const sim::ExitPlan plan{.replicas = 300, .step_limit = 2003, .threads = 1};
        const auto whole = sim::observe(m, 1, {.seed = 3}, plan, everything, Path::baseline);
        for (const Path path : sim::available_paths())
            if (path != Path::reference)
                for (const unsigned threads : {1U, 2U, 3U}) {
                    sim::ExitPlan other = plan;
                    other.threads = threads;
                    CHECK(sim::observe(m, 1, {.seed = 3}, other, everything, path) == whole);
                }

        sim::Observation sum;
        sum.occupation.count.resize(whole.occupation.count.size());
        for (const std::uint64_t cut : {1U, 130U, 300U}) {
            const std::uint64_t from = sum.trails.size();
            const auto piece = sim::observe(
                m, 1, {.seed = 3}, {.replicas = cut - from, .first_replica = from, .step_limit = 2003}, everything);
            sum.trails.insert(sum.trails.end(), piece.trails.begin(), piece.trails.end());
            std::transform(piece.occupation.count.begin(), piece.occupation.count.end(), sum.occupation.count.begin(),
                           sum.occupation.count.begin(), std::plus<>());
            sum.occupation.below += piece.occupation.below;
            sum.occupation.above += piece.occupation.above;
        }
        CHECK(sum == whole);
        CHECK_FALSE(sim::observe(m, 1, {.seed = 4}, plan, everything) == whole);
    }
}

TEST_CASE("Reproducibility on the whole line: known answer of a small campaign")
{
    const auto o = sim::observe(wang2022(0.02, 0.5), 1, {.seed = 2022, .cell = 1},
                                {.replicas = 200, .step_limit = 2000}, everything);
    CHECK(hash(o) == 0x3e76676600d86ca0);
}

TEST_CASE("First passage (section 4): the first j >= 1 with X_j in a core of a target, written twice")
{
    for (const double b : {0.5, infinity})
        for (const std::vector<std::size_t>& targets : std::vector<std::vector<std::size_t>>{{2}, {3, 0}, {2, 3}}) {
            const model::Model m = wang2022(0.1, b);
            const sim::Stream stream{.seed = 5, .cell = 2};
            const sim::ExitPlan plan{.replicas = 40, .first_replica = 9, .step_limit = 4000};
            const auto found = sim::first_passages(m, 1, targets, stream, plan, Path::reference);
            int arrived = 0;
            for (std::uint64_t r = 0; r < plan.replicas; ++r)
                walk(m, 1, stream, r + 9, [&](std::uint64_t j, double x) {
                    const auto at = std::find_if(targets.begin(), targets.end(), [&](std::size_t i) {
                        return std::abs(x - m.landscape.minima()[i]) <= 0.5 * m.landscape.radius(i);
                    });
                    const bool arrives = at != targets.end();
                    if (!arrives && j < plan.step_limit) return true;
                    arrived += arrives;
                    CHECK(found[r] == sim::Exit{j, arrives ? static_cast<std::uint32_t>(*at) : 1U, !arrives, x});
                    return false;
                });
            CHECK(arrived >= 10);
        }
}

TEST_CASE("First passage: fast = double precision, on every instruction set, censored after exactly step_limit steps")
{
    struct Case {
        model::Model m;
        std::size_t from, last;
    };
    for (const auto& [m, from, last] :
         {Case{wang2022(0.004, 0.5), 0, 1}, Case{wang2022(0.004, infinity), 1, 3}, Case{quartic(0.05, 3), 0, 1}}) {
        const sim::ExitPlan plan{.replicas = 150, .step_limit = 2001};
        const auto exact = sim::first_passages(m, from, {last}, {.seed = 1}, plan, Path::reference);
        const auto fast = sim::first_passages(m, from, {last}, {.seed = 1}, plan, Path::baseline);
        int arrived = 0, censored = 0;
        for (std::size_t r = 0; r < plan.replicas; ++r) {
            CHECK(fast[r].step == exact[r].step);
            CHECK(fast[r].place == exact[r].place);
            CHECK(fast[r].censored == exact[r].censored);
            CHECK(std::abs(fast[r].final_state - exact[r].final_state) <= 1e-4);
            (fast[r].censored ? censored : arrived) += 1;
            if (fast[r].censored) CHECK(fast[r].step == plan.step_limit);
        }
        CHECK(arrived > 0);
        CHECK(censored > 0);
        for (const Path path : sim::available_paths())
            if (path != Path::reference) CHECK(sim::first_passages(m, from, {last}, {.seed = 1}, plan, path) == fast);
    }
}

TEST_CASE("A skipped replica has an empty trail, progress counts steps, stop ends the run with Interrupted")
{
    const model::Model m = wang2022(0.01, 0.5);
    std::uint64_t ended = 0, steps = 0;
    const auto odd = [](std::uint64_t replica) { return replica % 2 == 1; };
    const auto o = sim::observe(m, 1, {},
                                {.replicas = 10,
                                 .step_limit = 2000,
                                 .skip = odd,
                                 .progress =
                                     [&](std::uint64_t e, std::uint64_t s) {
                                         ended = e;
                                         steps = s;
                                     }},
                                everything);
    CHECK(ended == 5);
    CHECK(steps == 10'000);
    CHECK(o.trails[3] == sim::Trail{});
    CHECK(total(o.occupation) == 10'000);
    for (const Path path : sim::available_paths())
        CHECK_THROWS_AS(sim::observe(m, 1, {},
                                     {.replicas = 300, .step_limit = 1'000'000'000'000, .stop = [] { return true; }},
                                     everything, path),
                        Interrupted);
}

TEST_CASE("Errors on the whole line: X that stops being finite, a wrong well, target, bins, times, number of steps")
{
    const sim::ExitPlan plan{.replicas = 20, .step_limit = 1000};
    for (const Path path : sim::available_paths())
        CHECK_THROWS_AS(sim::observe(quartic(1e100, infinity), 1, {}, plan, {}, path), NotConverged);

    const model::Model m = wang2022(0.05, 0.5);
    CHECK_THROWS_AS(sim::observe(m, 4, {}, plan, {}), BadInput);
    CHECK_THROWS_AS(sim::observe(m, 1, {}, {.replicas = 1}, {}), BadInput); // for ever
    CHECK_THROWS_AS(sim::observe(m, 1, {}, {.replicas = 1, .step_limit = 0}, {}), BadInput);
    CHECK_THROWS_AS(sim::observe(m, 1, {}, plan, {.bins = {0, 1, 4097}}), BadInput);
    CHECK_THROWS_AS(sim::observe(m, 1, {}, plan, {.bins = {1, 1, 10}}), BadInput);
    CHECK_THROWS_AS(sim::observe(m, 1, {}, plan, {.times = {5, 5}}), BadInput);
    CHECK_THROWS_AS(sim::observe(m, 1, {}, plan, {.times = {1001}}), BadInput);
    CHECK_THROWS_AS(sim::first_passages(m, 1, {}, {}, plan), BadInput);
    CHECK_THROWS_AS(sim::first_passages(m, 1, {1}, {}, plan), BadInput);
    CHECK_THROWS_AS(sim::first_passages(m, 1, {4}, {}, plan), BadInput);
    CHECK_THROWS_AS(sim::first_passages(m, 4, {1}, {}, plan), BadInput);
}
