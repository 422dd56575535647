#include "validation/limit_walk.hpp"

#include "model/error.hpp"
#include "sim/paths.hpp"
#include "theory/stationary.hpp"
#include "theory/transient.hpp"
#include "theory/well_law.hpp"
#include "validation/bounded_mean.hpp"
#include "validation/design.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace exeunt::validation
{

namespace
{

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double shown_level = 0.05;
constexpr std::uint64_t replicas = 1280; ///< a probability to within 6 % at level 3e-5: 4.2 · ½/√1280
constexpr std::size_t most_states = 6, most_rates = 4;
constexpr double oracle_rtol = 1e-3;

/// A threshold and one of its limiting chains.
struct Chosen {
    const theory::Prediction* prediction = nullptr;
    std::size_t part = 0;
    const theory::LimitChain& chain() const { return prediction->chains[part]; }
};

Chosen choose(const std::vector<theory::Prediction>& predictions)
{
    Chosen found;
    for (const auto& p : predictions)
        for (std::size_t k = 0; k < p.chains.size(); ++k) {
            const auto rank = [](const Chosen& c) {
                return (std::isfinite(c.prediction->clip) ? 2 : 0) +
                       (c.prediction->graph.classes[c.part].absorbing ? 1 : 0);
            };
            const Chosen here{&p, k};
            if (p.chains[k].states.size() < 2) continue;
            if (found.prediction == nullptr || rank(here) > rank(found)) found = here;
        }
    return found;
}

/// Two significant digits.
double rounded(double x)
{
    const int places = 1 - static_cast<int>(std::floor(std::log10(x)));
    const double unit = std::pow(10, std::abs(places)); // a power of ten that is no fraction: 1.7 comes out as 1.7
    return places > 0 ? std::round(x * unit) / unit : std::round(x / unit) * unit;
}

/// The state that Y leaves soonest, as an index into the states.
std::size_t shortest_held(const theory::LimitChain& chain)
{
    const auto held = theory::mean_holding_times(chain);
    return static_cast<std::size_t>(std::min_element(held.begin(), held.end()) - held.begin());
}

std::vector<double> times_of(const theory::LimitChain& chain)
{
    const double shortest = theory::mean_holding_times(chain)[shortest_held(chain)];
    return {rounded(shortest / 4), rounded(shortest), rounded(2 * shortest)};
}

/// λ^large(η) of the chosen class.
double time_scale(const model::Noise& noise, const Chosen& c, double eta)
{
    return theory::time_scale(noise, eta, c.prediction->graph.classes[c.part].largest_order);
}

std::vector<std::uint64_t> steps_of(const std::vector<double>& times, double lambda)
{
    std::vector<std::uint64_t> steps;
    for (const double t : times)
        steps.push_back(std::max(steps.empty() ? 1 : steps.back() + 1, static_cast<std::uint64_t>(t / lambda)));
    return steps;
}

/// Whether X settles in a field before it leaves: what the oracle says of many steps rests on that. By trial: at a mean
/// of 100 steps its error is 0.4, at 300 it is 0.005.
bool settles(const theory::Setting& setting, const Chosen& c, double eta)
{
    constexpr double least = 200; // steps, by the limit
    for (std::size_t i = 0; i < setting.landscape.wells(); ++i)
        if (theory::limit_cell(setting, *c.prediction, eta, i).limit_mean < least) return false;
    return true;
}

/// Falling, where X settles; the largest of them always, and then those that can be paid for, four at most.
std::vector<double> learning_rates(const model::Spec& spec, const theory::Setting& setting, const Chosen& c,
                                   double last_time)
{
    std::vector<double> etas = spec.dynamics.learning_rate;
    std::sort(etas.rbegin(), etas.rend());
    etas.erase(std::unique(etas.begin(), etas.end()), etas.end());
    for (int k = 0; k < 3; ++k) etas.push_back(etas.back() / 2);
    const double smallest = etas.back();
    std::erase_if(etas, [&](double eta) { return eta != smallest && !settles(setting, c, eta); });
    const bool slow = sim::in_double(setting.at(c.prediction->clip, etas[0]), sim::default_path());
    double left = (slow ? 2e7 : 1.5e9) * std::min(1.0, spec.verify.budget.value_or(60) / 60);
    std::vector<double> chosen;
    for (const double eta : etas) {
        left -= static_cast<double>(replicas) * last_time / time_scale(setting.noise, c, eta);
        if (!chosen.empty() && (left < 0 || chosen.size() == most_rates)) break;
        chosen.push_back(eta);
    }
    return chosen;
}

/// Counts the tests of one walk, and their outcome.
struct Bench {
    double effect, alpha;
    Verdict verdict = Verdict::confirmed;

    void take(double lower, double upper, double expected, double error)
    {
        const Verdict one = verdict_of_difference(lower, upper, expected, error, effect);
        if (one == Verdict::refuted || verdict == Verdict::confirmed) verdict = one;
    }
};

/// What is known at one η.
struct Rung {
    double eta;
    std::vector<std::uint64_t> steps;
    std::vector<std::vector<double>> exact; ///< P(X ∈ Ω_j) by time and well
    std::vector<double> occupation;         ///< up to the last time
    double error = 0;
    std::string trouble;
};

Rung exact_rung(const theory::Setting& setting, const Chosen& c, double eta, const std::vector<double>& times)
{
    Rung rung{.eta = eta,
              .steps = steps_of(times, time_scale(setting.noise, c, eta)),
              .exact = {},
              .occupation = {},
              .trouble = {}};
    try {
        const auto m = setting.at(c.prediction->clip, eta);
        const auto pi = theory::stationary(m, oracle_rtol);
        const theory::WellLaw law(m, pi, m.landscape.minima()[c.chain().states[shortest_held(c.chain())]]);
        for (const auto n : rung.steps) rung.exact.push_back(law.at(n));
        rung.occupation = law.occupation(rung.steps.back());
        rung.error = law.error() + pi.error;
    } catch (const NotConverged& problem) {
        rung.trouble = problem.what();
    }
    return rung;
}

/// Adds one η to the walk; where the exact chain is not known nothing is tested.
void add_rung(LimitWalk& walk, Bench& bench, const Rung& rung, const sim::Observation& seen,
              const std::vector<std::size_t>& all_states)
{
    const bool known = rung.trouble.empty();
    for (std::size_t k = 0; k < walk.times.size(); ++k)
        for (WalkState& state : walk.times[k].states) {
            const double exact = known ? std::clamp(rung.exact[k][state.well], 0.0, 1.0) : nan;
            const auto count = static_cast<std::uint64_t>(
                std::count_if(seen.trails.begin(), seen.trails.end(),
                              [&](const sim::Trail& t) { return t.well_at[k] == state.well; }));
            const double p = known ? exact : state.limit; // of the intervals, which do not depend on it
            const auto shown = share_interval(count, replicas, p, shown_level);
            const auto tested = share_interval(count, replicas, p, bench.alpha);
            state.points.push_back({rung.eta, static_cast<double>(count) / static_cast<double>(replicas), shown.lower,
                                    shown.upper, exact});
            if (known) bench.take(tested.lower, tested.upper, exact, rung.error);
        }
    std::vector<double> shares;
    for (const sim::Trail& t : seen.trails) {
        std::uint64_t outside = rung.steps.back();
        for (const std::size_t i : all_states) outside -= t.time_in[i];
        shares.push_back(static_cast<double>(outside) / static_cast<double>(rung.steps.back()));
    }
    double exact = 0;
    for (std::size_t i = 0; i < rung.occupation.size(); ++i)
        if (std::find(all_states.begin(), all_states.end(), i) == all_states.end()) exact += rung.occupation[i];
    exact = known ? std::clamp(exact, 0.0, 1.0) : nan;
    const auto shown = student_mean(shares, shown_level);
    const auto tested = bounded_mean(shares, bench.alpha);
    walk.sharp.push_back({rung.eta, shown.mean, shown.lower, shown.upper, exact});
    if (known) bench.take(tested.lower, tested.upper, exact, rung.error);
}

/// The wells that Y is likeliest in at the last time, in order.
std::vector<std::size_t> shown_states(const theory::LimitChain& chain, const std::vector<double>& law)
{
    std::vector<std::size_t> at(chain.states.size());
    std::iota(at.begin(), at.end(), std::size_t{0});
    std::stable_sort(at.begin(), at.end(), [&](std::size_t a, std::size_t b) { return law[a] > law[b]; });
    at.resize(std::min(at.size(), most_states));
    std::sort(at.begin(), at.end());
    return at;
}

}

bool has_limit_walk(const std::vector<theory::Prediction>& predictions)
{
    return choose(predictions).prediction != nullptr;
}

LimitWalk limit_walk(const model::Spec& spec, const theory::Setting& setting,
                     const std::vector<theory::Prediction>& predictions, const PortraitOptions& options)
{
    const Chosen c = choose(predictions);
    if (c.prediction == nullptr) throw BadInput("no limiting chain of this spec has two states or more");
    const auto& chain = c.chain();
    const auto times = times_of(chain);
    const auto etas = learning_rates(spec, setting, c, times.back());
    std::vector<Rung> rungs(etas.size());
    theory::for_each_cell(etas.size(), options.threads, {.progress = {}, .stop = options.stop},
                          [&](std::size_t k) { rungs[k] = exact_rung(setting, c, etas[k], times); });

    LimitWalk walk{.clip = c.prediction->clip,
                   .start = chain.states[shortest_held(chain)],
                   .times = {},
                   .sharp = {},
                   .replicas = replicas,
                   .states = chain.states.size(),
                   .troubles = {},
                   .verdict = Verdict::inconclusive,
                   .alpha = 0};
    const auto at = shown_states(chain, theory::transient_law(chain, walk.start, times.back()).at);
    for (const double t : times) {
        const auto law = theory::transient_law(chain, walk.start, t).at;
        walk.times.push_back({t, {}});
        for (const std::size_t s : at)
            walk.times.back().states.push_back({chain.states[s], std::clamp(law[s], 0.0, 1.0), {}});
    }
    const std::size_t tests = etas.size() * (times.size() * at.size() + 1); // laws, and a share of time
    walk.alpha = spec.verify.false_alarm / static_cast<double>(tests);
    Bench bench{.effect = spec.verify.effect, .alpha = walk.alpha};
    const bool none = std::none_of(rungs.begin(), rungs.end(), [](const Rung& rung) { return rung.trouble.empty(); });
    for (const Rung& rung : rungs) {
        if (!rung.trouble.empty()) walk.troubles.push_back(rung.trouble);
        if (!rung.trouble.empty() && !none) continue;
        const auto m = setting.at(walk.clip, rung.eta);
        const sim::Stream stream{spec.verify.seed,
                                 model::cell_key(spec, walk.clip, rung.eta, walk.start) ^ 0x63746d63'77616c6bU};
        const double all = static_cast<double>(replicas) * static_cast<double>(rung.steps.back());
        const auto show = [&](std::uint64_t, std::uint64_t now) {
            if (options.progress)
                options.progress(fmt::format("limiting chain, η = {:.6g}", rung.eta), static_cast<double>(now) / all);
        };
        const auto seen = sim::observe(m, walk.start, stream,
                                       {.replicas = replicas,
                                        .step_limit = rung.steps.back(),
                                        .threads = options.threads,
                                        .skip = {},
                                        .progress = show,
                                        .stop = options.stop},
                                       {.bins = {}, .times = rung.steps, .every = 0});
        add_rung(walk, bench, rung, seen, chain.states);
    }
    if (!none) walk.verdict = bench.verdict;
    return walk;
}

}
