#include "validation/whole_line.hpp"

#include "model/error.hpp"
#include "sim/exits.hpp"
#include "theory/stationary.hpp"
#include "theory/well_law.hpp"
#include "validation/bounded_mean.hpp"
#include "validation/plan.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

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

/// Plans what is asked of one threshold.
class Planner
{
  public:
    Planner(const model::Spec& spec, const theory::Setting& setting, const Chosen& chosen, WholeLinePlan& plan)
        : spec_(spec), setting_(setting), chosen_(chosen), plan_(plan),
          steps_(affordable() / static_cast<double>(plan.thresholds))
    {
    }

    void paths() const
    {
        note_failure([&] { plan_paths(); });
    }
    void passages(std::size_t well) const
    {
        note_failure([&] { plan_passages(well); });
    }

  private:
    /// Steps for all thresholds: what one core does in a third of the budget.
    double affordable() const
    {
        const auto model = setting_.at(chosen_.prediction->clip, spec_.dynamics.learning_rate.front());
        const double a_second = sim::in_double(model, sim::default_path()) ? 1e7 : 5e8;
        return a_second * spec_.verify.budget.value_or(std::numeric_limits<double>::infinity()) / 3;
    }

    CellName path_name() const
    {
        const auto& etas = spec_.dynamics.learning_rate;
        return {chosen_.prediction->clip, *std::min_element(etas.begin(), etas.end()), chosen_.slowest};
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

    template<class Work> void note_failure(const Work& work) const
    {
        try {
            work();
        } catch (const NotConverged& problem) {
            plan_.notes.push_back(fmt::format("{}: {}", path_name().text(), problem.what()));
        }
    }

    Design design(Claim claim, std::size_t tests) const { return design_of(spec_.verify, claim, tests); }

    void plan_paths() const
    {
        const CellName name = path_name();
        const model::Model model = setting_.at(name.clip, name.learning_rate);
        const auto pi = theory::stationary(model, oracle_rtol);
        const theory::WellLaw law(model, pi, model.landscape.minima()[name.well]);
        const std::size_t wells = model.landscape.wells();
        const Design d = design(Claim::wells_at_times, plan_.thresholds);

        const auto horizon = [&](double most) {
            return static_cast<std::uint64_t>(std::clamp(
                2 * chosen_.holding / chosen_.scale(setting_, name.learning_rate), 8.0, std::max(8.0, most)));
        };
        PathsAsked asked{
            .from = name,
            .replicas = 0,
            .times = {},
            .pairs = {},
            // what a conditioning may be wrong by, twice; in total variation at most half of it for every well
            .blur = {2 * law.error() + pi.error, static_cast<double>(wells) * law.error() + pi.error},
            .fields = {},
            .sharp = true,
            .share = 0,
            .at_end = 0,
            .error = pi.error + law.error()};
        const auto plan_for = [&](std::uint64_t steps) {
            asked.times = {steps / 4, steps};
            asked.pairs.clear();
            for (std::size_t i = 0; i < wells; ++i)
                for (std::size_t j = 0; j < wells; ++j)
                    asked.pairs.push_back(std::max(0.0, law.joint(asked.times, std::vector{i, j})));
            asked.replicas = replicas_for_outcomes(asked.pairs, asked.blur, d);
        };
        plan_for(horizon(1e17));
        if (asked.steps() > steps_ / 4) plan_for(horizon(steps_ / 4 / static_cast<double>(asked.replicas)));

        const auto& states = chosen_.chain->states;
        for (std::size_t i = 0; i < wells; ++i)
            if (std::find(states.begin(), states.end(), i) == states.end()) asked.fields.push_back(i);
        asked.sharp = !asked.fields.empty();
        if (!asked.sharp) asked.fields = {name.well};
        const auto occupation = law.occupation(asked.times.back()), end = law.at(asked.times.back());
        for (const std::size_t i : asked.fields) asked.share += occupation[i], asked.at_end += end[i];
        plan_.paths.push_back(std::move(asked));
    }

    void plan_passages(std::size_t well) const
    {
        const CellName from{chosen_.prediction->clip, passage_learning_rate(), well};
        const model::Model model = setting_.at(from.clip, from.learning_rate);
        std::vector<std::size_t> targets = chosen_.chain->states;
        std::erase(targets, well);
        const auto moments = theory::passage_moments(model, well, targets, oracle_error(spec_.verify.effect));
        const theory::ExitLaw law(model, well, moments);
        if (law.geometric()) {
            plan_.notes.push_back(fmt::format("{}: of the passage to other wide wells the exact chain knows the mean "
                                              "alone, {:.6g} steps",
                                              from.text(), moments.mean));
            return;
        }
        const Design time = design(Claim::passage_time, plan_.states);
        Design place = design(Claim::passage_split, plan_.states);
        place.level /= static_cast<double>(split_tests(moments.to));
        const double likeliest = *std::max_element(moments.to.begin(), moments.to.end());
        PassagesAsked asked{
            from,
            targets,
            moments,
            law,
            exits_for_scale(time, moments.error),
            std::max(most_exits_for_scale(time, moments.error), exits_for_share(likeliest, place)),
        };
        if (asked.steps() > steps_ / static_cast<double>(chosen_.chain->states.size())) {
            plan_.notes.push_back(fmt::format("{}: {:.1e} steps for first passages to other wide wells do not fit into "
                                              "the budget",
                                              from.text(), asked.steps()));
            return;
        }
        plan_.passages.push_back(std::move(asked));
    }

    const model::Spec& spec_;
    const theory::Setting& setting_;
    const Chosen& chosen_;
    WholeLinePlan& plan_;
    double steps_; ///< of this threshold
};

Hypothesis head(const CellName& name, const char* kind, const Design& d)
{
    Hypothesis h;
    h.id = fmt::format("{}/{}", kind, name.text());
    h.clip = name.clip;
    h.learning_rate = name.learning_rate;
    h.well = name.well;
    h.alpha = d.level;
    return h;
}

// ---- S5

Hypothesis wells_at_times(const PathsAsked& paths, const sim::Observation& seen, const Design& d)
{
    const auto wells = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(paths.pairs.size()))));
    std::vector<std::uint64_t> counts(paths.pairs.size(), 0);
    for (const sim::Trail& t : seen.trails) ++counts[t.well_at[0] * wells + t.well_at[1]];
    const Frequencies o = outcomes(counts, paths.pairs, paths.blur, d.level);
    Hypothesis h = head(paths.from, "wells-at-times", d);
    h.claim = fmt::format("started in well {}, X is after {} and {} steps in the pairs of fields that the exact "
                          "chain says; shown is the distance in total variation",
                          h.well + 1, paths.times[0], paths.times[1]);
    h.statistic =
        fmt::format("smallest two-sided binomial p-value over {} pairs of fields, times their number", o.kept);
    h.value = h.p_value = o.p_value;
    h.estimate = o.distance;
    h.lower = o.lower;
    h.upper = o.upper;
    h.expected = 0;
    h.expected_error = paths.blur.distance;
    h.planned = h.samples = seen.trails.size();
    h.detectable_effect = d.effect;
    if (o.excluded) {
        h.verdict = Verdict::refuted;
        h.reason = "some pair of fields is too frequent or too rare";
    } else if (o.upper <= d.effect) {
        h.verdict = Verdict::confirmed;
        h.reason = fmt::format("the laws are no further apart than {:.2g}", o.upper);
    } else {
        h.reason =
            fmt::format("the laws may be {:.2g} apart, and {:g} is asked: more replicas would tell", o.upper, d.effect);
    }
    return h;
}

// ---- S7

/// The verdict on a share, as a difference, from its interval without the oracle's error.
Hypothesis judged_share(Hypothesis h, const PathsAsked& paths, const MeanInterval& seen, double expected,
                        const Design& d)
{
    h.value = h.estimate = seen.mean;
    h.lower = std::max(0.0, seen.lower - paths.error);
    h.upper = std::min(1.0, seen.upper + paths.error);
    h.expected = expected;
    h.expected_error = paths.error;
    h.detectable_effect = h.upper - h.lower;
    h.verdict = verdict_of_difference(h.lower, h.upper, expected, 0, d.effect);
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

const char* fields_words(const PathsAsked& paths)
{
    return paths.sharp ? "the sharp fields" : "the field where it starts";
}

Hypothesis share_of_time(const PathsAsked& paths, const sim::Observation& seen, const Design& d)
{
    std::vector<double> shares;
    for (const sim::Trail& t : seen.trails) {
        std::uint64_t inside = 0;
        for (const std::size_t i : paths.fields) inside += t.time_in[i];
        shares.push_back(static_cast<double>(inside) / static_cast<double>(paths.times.back()));
    }
    Hypothesis h = head(paths.from, "time-share.sharp", d);
    h.claim =
        fmt::format("started in well {}, X spends the share of its first {} steps in {} that the exact chain says",
                    h.well + 1, paths.times.back(), fields_words(paths));
    h.statistic = "bets against the mean of what lies between 0 and 1 (a betting interval), over replicas";
    h.planned = h.samples = shares.size();
    return judged_share(std::move(h), paths, bounded_mean(shares, d.level), paths.share, d);
}

Hypothesis sharp_at_time(const PathsAsked& paths, const sim::Observation& seen, const Design& d)
{
    const auto inside =
        static_cast<std::uint64_t>(std::count_if(seen.trails.begin(), seen.trails.end(), [&](const sim::Trail& t) {
            return std::find(paths.fields.begin(), paths.fields.end(), t.well_at.back()) != paths.fields.end();
        }));
    const std::uint64_t n = seen.trails.size();
    const ShareInterval found = share_interval(inside, n, std::clamp(paths.at_end, 0.0, 1.0), d.level);
    Hypothesis h = head(paths.from, "sharp-at-time", d);
    h.claim = fmt::format("started in well {}, X is after {} steps in {} as often as the exact chain says", h.well + 1,
                          paths.times.back(), fields_words(paths));
    h.statistic = "count of the replicas that are there, binomial (Clopper and Pearson's interval)";
    h.p_value = found.p_value;
    h.planned = h.samples = n;
    return judged_share(std::move(h), paths,
                        {static_cast<double>(inside) / static_cast<double>(n), found.lower, found.upper}, paths.at_end,
                        d);
}

sim::Stream stream_of(const model::Spec& spec, const CellName& cell, std::uint64_t tag)
{
    return {spec.verify.seed, model::cell_key(spec, cell.clip, cell.learning_rate, cell.well) ^ tag};
}

}

Frequencies outcomes(std::span<const std::uint64_t> counts, std::span<const double> probabilities, const Blur& blur,
                     double level)
{
    const std::uint64_t n = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    const auto all = static_cast<double>(n);
    const auto things = groups(probabilities, all);
    Frequencies o{.p_value = 1, .distance = 0, .lower = 0, .upper = 0, .kept = things.size(), .excluded = false};
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

double WholeLinePlan::steps() const
{
    double total = 0;
    for (const auto& asked : paths) total += asked.steps();
    for (const auto& asked : passages) total += asked.steps();
    return total;
}

WholeLinePlan plan_whole_line(const model::Spec& spec, const theory::Setting& setting,
                              const std::vector<Prediction>& predictions, unsigned threads, const theory::Watch& watch)
{
    const auto chosen = choose(predictions);
    WholeLinePlan plan{.paths = {}, .passages = {}, .notes = {}, .thresholds = chosen.size(), .states = 0};
    if (chosen.empty())
        plan.notes.emplace_back("no limiting chain of this spec has two states or more: nothing is asked of the whole "
                                "line");
    struct Part {
        const Chosen* of;
        std::optional<std::size_t> well; ///< of passages; none: the paths
        WholeLinePlan plan;
    };
    std::vector<Part> parts;
    for (const Chosen& c : chosen) plan.states += c.chain->states.size();
    for (const Chosen& c : chosen) {
        parts.push_back({&c, std::nullopt, plan});
        for (const std::size_t well : c.chain->states) parts.push_back({&c, well, plan});
    }
    theory::for_each_cell(parts.size(), threads, watch, [&](std::size_t k) {
        const Planner planner(spec, setting, *parts[k].of, parts[k].plan);
        parts[k].well ? planner.passages(*parts[k].well) : planner.paths();
    });
    const auto append = [](auto& all, auto& more) {
        for (auto& one : more) all.push_back(std::move(one));
    };
    for (Part& part : parts) {
        append(plan.paths, part.plan.paths);
        append(plan.passages, part.plan.passages);
        append(plan.notes, part.plan.notes);
    }
    return plan;
}

std::vector<Hypothesis> judge(const PathsAsked& paths, const sim::Observation& seen, const model::VerifySpec& asked,
                              std::size_t thresholds)
{
    const auto design = [&](Claim claim) { return design_of(asked, claim, thresholds); };
    return {wells_at_times(paths, seen, design(Claim::wells_at_times)),
            share_of_time(paths, seen, design(Claim::share)), sharp_at_time(paths, seen, design(Claim::share_at_time))};
}

std::vector<Hypothesis> judge(const PassagesAsked& passages, std::span<const sim::Exit> exits,
                              const sim::Stream& stream, const model::VerifySpec& asked, std::size_t states)
{
    const Evidence evidence{passages.from, exits, stream, passages.moments};
    Hypothesis scale =
        exit_time_scale(evidence, passages.law, design_of(asked, Claim::passage_time, states), passages.planned);
    scale.id = "passage-time.mean/" + passages.from.text();
    scale.claim = fmt::format("the simulated time from well {} to the core of another wide well has the scale that "
                              "the exact chain gives it",
                              passages.from.well + 1);
    Hypothesis to = exit_split(evidence, design_of(asked, Claim::passage_split, states));
    to.id = "passage-split/" + passages.from.text();
    to.claim = fmt::format("from well {}, X comes to the core of each other wide well first as often as the exact "
                           "chain says; shown is the likeliest",
                           passages.from.well + 1);
    return {std::move(scale), std::move(to)};
}

std::vector<Hypothesis> whole_line(const model::Spec& spec, const theory::Setting& setting, const WholeLinePlan& plan,
                                   const WholeLineOptions& options)
{
    std::vector<Hypothesis> found;
    const auto add = [&](std::vector<Hypothesis> more) {
        for (Hypothesis& h : more) found.push_back(std::move(h));
    };
    const auto run = [&](const std::string& what, std::uint64_t replicas, std::uint64_t limit, double steps) {
        return sim::ExitPlan{.replicas = replicas,
                             .step_limit = limit,
                             .threads = options.threads,
                             .progress =
                                 [&options, what, steps](std::uint64_t, std::uint64_t done) {
                                     if (options.progress)
                                         options.progress(what, std::min(1.0, static_cast<double>(done) / steps));
                                 },
                             .stop = options.stop};
    };
    for (const PathsAsked& asked : plan.paths) {
        const CellName& from = asked.from;
        const auto seen =
            sim::observe(setting.at(from.clip, from.learning_rate), from.well, stream_of(spec, from, 0x6f63637570),
                         run("paths " + from.text(), asked.replicas, asked.times.back(), asked.steps()),
                         {.bins = {}, .times = asked.times, .every = 0});
        add(judge(asked, seen, spec.verify, plan.thresholds));
    }
    for (const PassagesAsked& asked : plan.passages) {
        const CellName& from = asked.from;
        const sim::Stream numbers = stream_of(spec, from, 0x70617373);
        const auto exits = sim::first_passages(
            setting.at(from.clip, from.learning_rate), from.well, asked.targets, numbers,
            run("passages " + from.text(), asked.most, last_step(asked.moments.mean), asked.steps()));
        add(judge(asked, exits, numbers, spec.verify, plan.states));
    }
    return found;
}

}
