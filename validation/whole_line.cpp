#include "validation/whole_line.hpp"

#include "model/error.hpp"
#include "sim/exits.hpp"
#include "sim/paths.hpp"
#include "theory/exit_law.hpp"
#include "theory/stationary.hpp"
#include "theory/well_law.hpp"
#include "validation/bounded_mean.hpp"
#include "validation/exits.hpp"
#include "validation/plan.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>

namespace exeunt::validation
{

namespace
{

using theory::Prediction;

constexpr double fewest = 10;        ///< expected counts of a thing that is judged by itself
constexpr double oracle_rtol = 1e-3; ///< of the stationary law: small beside any effect in total variation

/// The upper quantile of the normal law: z_p with P(Z > z_p) = p.
double upper_quantile(double p) { return boost::math::quantile(boost::math::complement(boost::math::normal(), p)); }

/// The groups of things that are judged: those that are expected often enough, and the others together.
std::vector<std::vector<std::size_t>> groups(std::span<const double> probabilities, double n)
{
    std::vector<std::size_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return probabilities[a] < probabilities[b]; });
    std::vector<std::vector<std::size_t>> found(1);
    double rare = 0;
    for (const std::size_t k : order) {
        const bool alone = n * probabilities[k] >= fewest && (found[0].empty() || rare >= fewest);
        if (alone) {
            found.push_back({k});
        } else {
            found[0].push_back(k);
            rare += n * probabilities[k];
        }
    }
    if (found[0].empty()) found.erase(found.begin());
    return found;
}

/// A class of a threshold with a limiting chain of two states or more.
struct Chosen {
    const Prediction* prediction;
    const theory::LimitChain* chain;
    double holding;      ///< longest mean holding time, in units of 1/λ^large
    std::size_t slowest; ///< the state that is held longest
    int order;

    double scale(const theory::Setting& setting, double eta) const
    {
        return theory::time_scale(setting.noise, eta, order);
    }
};

std::vector<Chosen> choose(const std::vector<Prediction>& predictions)
{
    std::vector<Chosen> chosen;
    for (const Prediction& prediction : predictions)
        for (std::size_t k = 0; k < prediction.chains.size(); ++k) {
            const theory::LimitChain& chain = prediction.chains[k];
            if (chain.states.size() < 2) continue;
            const auto holding = theory::mean_holding_times(chain);
            const auto longest = std::max_element(holding.begin(), holding.end());
            chosen.push_back({&prediction, &chain, *longest,
                              chain.states[static_cast<std::size_t>(longest - holding.begin())],
                              prediction.graph.classes[k].largest_order});
            break;
        }
    return chosen;
}

/// What is asked of one threshold, and simulated for it.
class Asked
{
  public:
    Asked(const model::Spec& spec, const theory::Setting& setting, const Chosen& chosen, std::size_t thresholds,
          const WholeLineOptions& options)
        : spec_(spec), setting_(setting), chosen_(chosen), thresholds_(thresholds), options_(options),
          steps_(affordable() / static_cast<double>(thresholds)), name_{chosen.prediction->clip, least_learning_rate(),
                                                                        chosen.slowest}
    {
    }

    void operator()(WholeLine& found)
    {
        note_failure(found, [&] { wells_and_shares(found); });
        for (const std::size_t i : chosen_.chain->states) note_failure(found, [&] { passages(found, i); });
    }

  private:
    /// Steps for all thresholds: what one core does in a minute or two, and the budget where it is less.
    double affordable() const
    {
        const auto model = setting_.at(chosen_.prediction->clip, spec_.dynamics.learning_rate.front());
        const double most = sim::in_double(model, sim::default_path()) ? 4e8 : 2e10;
        return most * std::min(1.0, spec_.verify.budget.value_or(60) / 60);
    }

    double least_learning_rate() const
    {
        return *std::min_element(spec_.dynamics.learning_rate.begin(), spec_.dynamics.learning_rate.end());
    }

    /// Of passages: the least one with which 20,000 first passages, about what S1 needs, take half of the steps; else
    /// the largest.
    double passage_learning_rate() const
    {
        constexpr double about = 20'000;
        std::vector<double> etas = spec_.dynamics.learning_rate;
        std::sort(etas.begin(), etas.end());
        const auto paid = [&](double eta) {
            return about * static_cast<double>(chosen_.chain->states.size()) * chosen_.holding /
                       chosen_.scale(setting_, eta) <=
                   steps_ / 2;
        };
        const auto least = std::find_if(etas.begin(), etas.end(), paid);
        return least == etas.end() ? etas.back() : *least;
    }

    template<class Work> void note_failure(WholeLine& found, const Work& work) const
    {
        try {
            work();
        } catch (const NotConverged& problem) {
            found.notes.push_back(fmt::format("{}: {}", name_.text(), problem.what()));
        }
    }

    Design design(Claim claim, std::size_t tests) const { return design_of(spec_.verify, claim, tests); }

    sim::Stream stream(const CellName& cell, std::uint64_t tag) const
    {
        return {spec_.verify.seed, model::cell_key(spec_, cell.clip, cell.learning_rate, cell.well) ^ tag};
    }

    sim::ExitPlan plan(const std::string& what, std::uint64_t replicas, std::uint64_t limit, double steps) const
    {
        return {.replicas = replicas,
                .step_limit = limit,
                .threads = options_.threads,
                .progress =
                    [this, what, steps](std::uint64_t, std::uint64_t done) {
                        if (options_.progress)
                            options_.progress(what, std::min(1.0, static_cast<double>(done) / steps));
                    },
                .stop = options_.stop};
    }

    Hypothesis head(const char* kind, const Design& d) const
    {
        Hypothesis h;
        h.id = fmt::format("{}/{}", kind, name_.text());
        h.clip = name_.clip;
        h.learning_rate = name_.learning_rate;
        h.well = name_.well;
        h.alpha = d.level;
        return h;
    }

    // ---- S5, S7

    void wells_and_shares(WholeLine& found) const
    {
        const model::Model model = setting_.at(name_.clip, name_.learning_rate);
        const auto pi = theory::stationary(model, oracle_rtol);
        const theory::WellLaw law(model, pi, model.landscape.minima()[name_.well]);
        const std::size_t wells = model.landscape.wells();
        const Design d = design(Claim::wells_at_times, thresholds_);

        const auto horizon = [&](double most) {
            return static_cast<std::uint64_t>(std::clamp(
                2 * chosen_.holding / chosen_.scale(setting_, name_.learning_rate), 8.0, std::max(8.0, most)));
        };
        std::uint64_t steps = horizon(1e17);
        std::vector<std::uint64_t> times;
        std::vector<double> exact;
        // what a conditioning may be wrong by, twice; in total variation at most half of it for every well
        const Blur blur{2 * law.error() + pi.error, static_cast<double>(wells) * law.error() + pi.error};
        const auto plan_for = [&] {
            times = {steps / 4, steps};
            exact.clear();
            for (std::size_t i = 0; i < wells; ++i)
                for (std::size_t j = 0; j < wells; ++j)
                    exact.push_back(std::max(0.0, law.joint(times, std::vector{i, j})));
            return replicas_for_outcomes(exact, blur, d);
        };
        std::uint64_t replicas = plan_for();
        if (static_cast<double>(replicas) * static_cast<double>(steps) > steps_ / 4) {
            steps = horizon(steps_ / 4 / static_cast<double>(replicas));
            replicas = plan_for();
        }
        const double all = static_cast<double>(replicas) * static_cast<double>(steps);
        const auto seen =
            sim::observe(model, name_.well, stream(name_, 0x6f63637570),
                         plan("paths " + name_.text(), replicas, steps, all), {.bins = {}, .times = times, .every = 0});
        found.hypotheses.push_back(wells_at_times(seen, exact, times, blur, d));
        found.hypotheses.push_back(sharp_share(seen, law, steps, pi.error + law.error()));
    }

    Hypothesis wells_at_times(const sim::Observation& seen, const std::vector<double>& exact,
                              const std::vector<std::uint64_t>& times, const Blur& blur, const Design& d) const
    {
        const std::size_t wells = setting_.landscape.wells();
        std::vector<std::uint64_t> counts(exact.size(), 0);
        for (const sim::Trail& t : seen.trails) ++counts[t.well_at[0] * wells + t.well_at[1]];
        const Outcomes o = outcomes(counts, exact, blur, d.level);
        Hypothesis h = head("wells-at-times", d);
        h.claim = fmt::format("started in well {}, X is after {} and {} steps in the pairs of fields that the exact "
                              "chain says; shown is the distance in total variation",
                              h.well + 1, times[0], times[1]);
        h.statistic =
            fmt::format("smallest two-sided binomial p-value over {} pairs of fields, times their number", o.kept);
        h.value = h.p_value = o.p_value;
        h.estimate = o.distance;
        h.lower = o.lower;
        h.upper = o.upper;
        h.expected = 0;
        h.expected_error = blur.distance;
        h.planned = h.samples = seen.trails.size();
        h.detectable_effect = d.effect;
        if (o.excluded) {
            h.verdict = Verdict::refuted;
            h.reason = "some pair of fields is too frequent or too rare";
        } else if (o.upper <= d.effect) {
            h.verdict = Verdict::confirmed;
            h.reason = fmt::format("the laws are no further apart than {:.2g}", o.upper);
        } else {
            h.reason = fmt::format("the laws may be {:.2g} apart, and {:g} is asked: more replicas would tell", o.upper,
                                   d.effect);
        }
        return h;
    }

    Hypothesis sharp_share(const sim::Observation& seen, const theory::WellLaw& law, std::uint64_t steps,
                           double blur) const
    {
        const auto& states = chosen_.chain->states;
        std::vector<std::size_t> fields;
        for (std::size_t i = 0; i < setting_.landscape.wells(); ++i)
            if (std::find(states.begin(), states.end(), i) == states.end()) fields.push_back(i);
        const bool sharp = !fields.empty();
        if (!sharp) fields = {name_.well};

        const auto occupation = law.occupation(steps);
        double exact = 0;
        for (const std::size_t i : fields) exact += occupation[i];
        std::vector<double> shares;
        for (const sim::Trail& t : seen.trails) {
            std::uint64_t inside = 0;
            for (const std::size_t i : fields) inside += t.time_in[i];
            shares.push_back(static_cast<double>(inside) / static_cast<double>(steps));
        }
        const Design d = design(Claim::share, thresholds_);
        const MeanInterval mean = bounded_mean(shares, d.level);
        Hypothesis h = head("time-share.sharp", d);
        h.claim = fmt::format("started in well {}, X spends the share of its first {} steps in {} that the exact chain "
                              "says",
                              h.well + 1, steps, sharp ? "the sharp fields" : "the field where it starts");
        h.statistic = "bets against the mean of what lies between 0 and 1 (a betting interval), over replicas";
        h.value = h.estimate = mean.mean;
        h.lower = std::max(0.0, mean.lower - blur);
        h.upper = std::min(1.0, mean.upper + blur);
        h.expected = exact;
        h.expected_error = blur;
        h.planned = h.samples = seen.trails.size();
        h.detectable_effect = h.upper - h.lower;
        h.verdict = verdict_of_difference(h.lower, h.upper, exact, 0, d.effect);
        switch (h.verdict) {
        case Verdict::refuted:
            h.reason = "the interval excludes the expected share";
            break;
        case Verdict::confirmed:
            h.reason = fmt::format("the interval is within {:g} of the expected share, as a difference", d.effect);
            break;
        case Verdict::inconclusive:
            h.reason = fmt::format("the interval reaches further than {:g} from the expected share: more replicas "
                                   "would tell",
                                   d.effect);
        }
        return h;
    }

    // ---- S6

    void passages(WholeLine& found, std::size_t well) const
    {
        const CellName from{name_.clip, passage_learning_rate(), well};
        const model::Model model = setting_.at(from.clip, from.learning_rate);
        std::vector<std::size_t> targets = chosen_.chain->states;
        std::erase(targets, well);
        const auto moments = theory::passage_moments(model, well, targets, oracle_error(spec_.verify.effect));
        const theory::ExitLaw law(model, well, moments);
        if (law.geometric()) {
            found.notes.push_back(fmt::format("{}: of the passage to other wide wells the exact chain knows the mean "
                                              "alone, {:.6g} steps",
                                              from.text(), moments.mean));
            return;
        }
        const std::size_t tests = thresholds_ * chosen_.chain->states.size();
        const Design time = design(Claim::passage_time, tests), split = design(Claim::passage_split, tests);
        const double likeliest = *std::max_element(moments.to.begin(), moments.to.end());
        Design place = split;
        place.level /= static_cast<double>(split_tests(moments.to));
        const std::uint64_t most =
            std::max(most_exits_for_scale(time, moments.error), exits_for_share(likeliest, place));
        const double steps = static_cast<double>(most) * moments.mean;
        if (steps > steps_ / static_cast<double>(chosen_.chain->states.size())) {
            found.notes.push_back(fmt::format("{}: {:.1e} steps for first passages to other wide wells do not fit into "
                                              "the budget",
                                              from.text(), steps));
            return;
        }
        const sim::Stream numbers = stream(from, 0x70617373);
        const auto exits = sim::first_passages(model, well, targets, numbers,
                                               plan("passages " + from.text(), most, last_step(moments.mean), steps));
        const Evidence evidence{from, exits, numbers, moments};
        Hypothesis scale = exit_time_scale(evidence, law, time, exits_for_scale(time, moments.error));
        scale.id = "passage-time.mean/" + from.text();
        scale.claim = fmt::format("the simulated time from well {} to the core of another wide well has the scale that "
                                  "the exact chain gives it",
                                  well + 1);
        Hypothesis to = exit_split(evidence, split);
        to.id = "passage-split/" + from.text();
        to.claim = fmt::format("from well {}, X comes to the core of each other wide well first as often as the exact "
                               "chain says; shown is the likeliest",
                               well + 1);
        for (Hypothesis* const h : {&scale, &to}) found.hypotheses.push_back(std::move(*h));
    }

    const model::Spec& spec_;
    const theory::Setting& setting_;
    const Chosen& chosen_;
    std::size_t thresholds_;
    const WholeLineOptions& options_;
    double steps_;  ///< of this threshold
    CellName name_; ///< of paths
};

}

Outcomes outcomes(std::span<const std::uint64_t> counts, std::span<const double> probabilities, const Blur& blur,
                  double level)
{
    const std::uint64_t n = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    const auto all = static_cast<double>(n);
    const auto things = groups(probabilities, all);
    Outcomes o{.p_value = 1, .distance = 0, .lower = 0, .upper = 0, .kept = things.size(), .excluded = false};
    for (const auto& thing : things) {
        std::uint64_t count = 0;
        double p = 0;
        for (const std::size_t k : thing) count += counts[k], p += probabilities[k];
        p = std::clamp(p, 0.0, 1.0);
        const ShareInterval s = share_interval(count, n, p, level / static_cast<double>(things.size()));
        o.p_value = std::min(o.p_value, s.p_value * static_cast<double>(things.size()));
        o.distance += std::abs(static_cast<double>(count) / all - p) / 2;
        o.lower += std::max({0.0, s.lower - p, p - s.upper}) / 2;
        o.upper += std::max(s.upper - p, p - s.lower) / 2;
        o.excluded = o.excluded || s.lower > p + blur.each || s.upper < p - blur.each;
    }
    o.p_value = std::min(1.0, o.p_value);
    o.lower = std::max(0.0, o.lower - blur.distance);
    o.upper = std::min(1.0, o.upper + blur.distance);
    return o;
}

std::uint64_t replicas_for_outcomes(std::span<const double> probabilities, const Blur& blur, const Design& design)
{
    const double rest = design.effect - blur.distance;
    if (!(rest > design.effect / 2))
        throw NotConverged(
            fmt::format("the exact law is known to {:.2g} in total variation, which leaves too little of an "
                        "effect of {:g}",
                        blur.distance, design.effect));
    double n = 1000;
    for (int round = 0; round < 50; ++round) { // the number of things that are judged grows with n
        const auto things = groups(probabilities, n);
        const double z =
            upper_quantile(design.level / (2 * static_cast<double>(things.size()))) + upper_quantile(1 - design.power);
        double sum = 0;
        for (const auto& thing : things) {
            double p = 0;
            for (const std::size_t k : thing) p += probabilities[k];
            p = std::clamp(p, 0.0, 1.0);
            sum += std::sqrt(p * (1 - p));
        }
        const double needed = std::pow(0.5 * z * sum / rest, 2);
        if (needed <= n) break;
        n = std::max(needed, 1.01 * n);
    }
    return static_cast<std::uint64_t>(std::ceil(n));
}

WholeLine whole_line(const model::Spec& spec, const theory::Setting& setting,
                     const std::vector<theory::Prediction>& predictions, const WholeLineOptions& options)
{
    WholeLine found;
    const auto chosen = choose(predictions);
    if (chosen.empty())
        found.notes.emplace_back("no limiting chain of this spec has two states or more: nothing is asked of the whole "
                                 "line");
    for (const Chosen& c : chosen) Asked(spec, setting, c, chosen.size(), options)(found);
    return found;
}

}
