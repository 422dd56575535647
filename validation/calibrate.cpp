#include "validation/calibrate.hpp"

#include "model/error.hpp"
#include "theory/parallel.hpp"
#include "validation/cell_tests.hpp"
#include "validation/shape.hpp"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>

namespace exeunt::validation
{

ExitSampler::ExitSampler(const theory::ExitLaw& law, const theory::ExitMoments& moments) : rate_(law.rate())
{
    constexpr double negligible = 1e-9; // what is left when the table ends
    constexpr std::size_t longest = 20'000'000;
    const double all = std::accumulate(moments.to.begin(), moments.to.end(), 0.0);
    for (std::size_t k = 0; k < moments.to.size(); ++k) {
        if (!(moments.to[k] > 0)) continue;
        Place place{static_cast<std::uint32_t>(k), moments.to[k] / all, {1}};
        const double first = law.survival_into(0, k);
        while (place.survival.back() > negligible && place.survival.size() < longest)
            place.survival.push_back(
                std::min(place.survival.back(), law.survival_into(place.survival.size(), k) / first));
        places_.push_back(std::move(place));
    }
    std::stable_sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) { return a.mass > b.mass; });
}

sim::Exit ExitSampler::operator()(double place, double step, const WrongLaw& wrong) const
{
    const double lead = wrong.likelier * likeliest(), others = (1 - lead) / (1 - likeliest());
    auto at = places_.begin();
    for (double below = lead; place >= below && at + 1 != places_.end(); below += others * at->mass) ++at;
    const double target = wrong.slower == 1 ? step : std::pow(step, wrong.slower); // P(σ > j) of the law itself
    const auto& survival = at->survival;
    // the first j with P(σ > j) ≤ target
    const auto found = std::lower_bound(survival.begin(), survival.end(), target, std::greater<>());
    double steps = static_cast<double>(found - survival.begin());
    if (found == survival.end()) steps += std::ceil(std::log(survival.back() / target) / -std::log1p(-rate_));
    return {static_cast<std::uint64_t>(std::max(steps, 1.0)), at->index, false, 0.0};
}

namespace
{

/// The cell to calibrate on.
theory::ExactCell choose(const model::Spec& spec, const theory::Setting& setting, unsigned threads,
                         const theory::Watch& watch)
{
    constexpr double likely = 0.05, roughly = 1e-2, longest = 1e5;
    auto cells = theory::limit_cells(spec, setting, theory::predict(spec, setting));
    theory::for_each_cell(theory::oracle_costs(setting, cells), threads, watch, [&](std::size_t k) {
        cells[k].exit = theory::exit_moments(setting.at(cells[k].clip, cells[k].learning_rate), cells[k].well, roughly);
    });
    const auto one_place = [&](const theory::ExactCell& cell) {
        return std::count_if(cell.exit.to.begin(), cell.exit.to.end(), [&](double p) { return p >= likely; }) < 2;
    };
    theory::ExactCell best = *std::min_element(cells.begin(), cells.end(), [&](const auto& a, const auto& b) {
        return std::pair(one_place(a), a.exit.mean) < std::pair(one_place(b), b.exit.mean);
    });
    if (best.exit.mean > longest)
        throw BadInput(fmt::format("calibrate needs a cell with a mean exit time below {:g} steps; the least here is "
                                   "{:.3g}: add a larger learning rate",
                                   longest, best.exit.mean));
    best.exit =
        theory::exit_moments(setting.at(best.clip, best.learning_rate), best.well, oracle_error(spec.verify.effect));
    return best;
}

struct Campaign {
    Verdict verdict = Verdict::inconclusive, loose = Verdict::inconclusive;
    double e = 1, shape = std::nan(""), joint = std::nan("");
};

/// Kolmogorov's asymptotic p-value for the uniformity of p-values.
double uniformity(std::vector<double> p)
{
    std::erase_if(p, [](double x) { return std::isnan(x); });
    if (p.empty()) return std::nan("");
    const Shape shape = shape_of(p);
    const double x = std::sqrt(static_cast<double>(shape.n)) * shape.gap;
    double tail = 0;
    for (int k = 1; k < 20; ++k) tail += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * x * x);
    return std::clamp(x < 0.2 ? 1.0 : tail, 0.0, 1.0);
}

}

ShareInterval Calibration::rate(const Outcomes& outcomes)
{
    return share_interval(outcomes.refuted, outcomes.campaigns, 0.5, 0.01);
}

std::vector<std::string> Calibration::complaints(double power) const
{
    constexpr double rare = 1e-4; // a complaint about tests that are as they should be
    std::vector<std::string> list;
    const auto share = [](const Outcomes& o) {
        return static_cast<double>(o.refuted) / static_cast<double>(o.campaigns);
    };
    const auto too_many = [&](const Outcomes& o, double budget) {
        if (share_interval(o.refuted, o.campaigns, budget, rare).lower > budget)
            list.push_back(fmt::format("{} of {} campaigns of the exact law were refuted, more than {:g} allows",
                                       o.refuted, o.campaigns, budget));
    };
    too_many(null, false_alarm);
    too_many(loose, 10 * false_alarm);
    if (mean_e - 4 * mean_e_error > 1)
        list.push_back(fmt::format("the mean e-value is {:.4f} ± {:.4f}, more than 1", mean_e, mean_e_error));
    for (const auto& [p, name] : {std::pair{shape_uniform, "exit-time.law"}, {joint_uniform, "exit-time.given-place"}})
        if (p < rare) list.push_back(fmt::format("the p-values of {} are not uniform (Kolmogorov: {:.1e})", name, p));
    for (const auto& [o, name] : {std::pair{slow, "exits that are slower"},
                                  {fast, "exits that are faster"},
                                  {more, "exits into the likeliest place that are more"},
                                  {less, "exits into the likeliest place that are fewer"}})
        if (o.campaigns > 0 && share_interval(o.refuted, o.campaigns, power, rare).upper < power)
            list.push_back(
                fmt::format("{} by the effect were refuted in {:.3g} of the campaigns only", name, share(o)));
    return list;
}

namespace
{

/// Campaigns of one law, and where their outcomes go.
struct Kind {
    WrongLaw law;
    std::uint64_t campaigns;
    Outcomes Calibration::*outcomes;
};

/// The exact law first, then those that are wrong by the effect.
std::vector<Kind> kinds_of(const CalibrationOptions& options, double effect, double likeliest)
{
    const double by = 1 + effect;
    std::vector<Kind> kinds = {{options.planted, options.campaigns, &Calibration::null},
                               {{.slower = by}, options.wrong, &Calibration::slow},
                               {{.slower = 1 / by}, options.wrong, &Calibration::fast}};
    if (likeliest < 1) kinds.push_back({{.likelier = 1 / by}, options.wrong, &Calibration::less});
    if (by * likeliest < 1) kinds.push_back({{.likelier = by}, options.wrong, &Calibration::more});
    return kinds;
}

void count(Outcomes& outcomes, Verdict verdict)
{
    ++outcomes.campaigns;
    outcomes.refuted += verdict == Verdict::refuted;
    outcomes.confirmed += verdict == Verdict::confirmed;
}

/// What the campaigns of the exact law say of p-values and e-values.
void add_values(Calibration& result, const std::vector<Campaign>& null)
{
    std::vector<double> shape, joint;
    double sum = 0, squares = 0;
    for (const Campaign& c : null) {
        sum += c.e;
        squares += c.e * c.e;
        shape.push_back(c.shape);
        joint.push_back(c.joint);
    }
    const auto n = static_cast<double>(null.size());
    result.mean_e = sum / n;
    result.mean_e_error = std::sqrt(std::max(0.0, squares / n - result.mean_e * result.mean_e) / n);
    result.shape_uniform = uniformity(std::move(shape));
    result.joint_uniform = uniformity(std::move(joint));
}

}

Calibration calibrate(const model::Spec& spec, const CalibrationOptions& options)
{
    if (!(10 * spec.verify.false_alarm < 1))
        throw BadInput(
            fmt::format("calibrate counts false alarms at verify.false_alarm and at ten times that: it must be "
                        "below 0.1, and is {:g}",
                        spec.verify.false_alarm));
    const theory::Setting setting(spec);
    const theory::ExactCell cell = choose(spec, setting, options.threads, {.progress = {}, .stop = options.stop});
    const theory::ExitLaw law(setting.at(cell.clip, cell.learning_rate), cell.well, cell.exit);
    theory::ExitMoments moments = cell.exit; // the law drawn from is the law tested: there is no error between them
    moments.error = moments.to_error = 0;
    if (law.geometric()) throw NotConverged("calibrate: of the cell with the shortest exits only the mean is known");
    const ExitSampler sampler(law, moments);
    const ExitsNeeded needed = exits_needed(spec.verify, 1, moments, law);
    const std::uint64_t longest = std::max(needed.planned(), needed.most);
    model::VerifySpec loose = spec.verify;
    loose.false_alarm *= 10;

    const CellName name{cell.clip, cell.learning_rate, cell.well};
    const auto draw = [&](std::uint64_t number, const WrongLaw& wrong) {
        boost::random::mt19937_64 bits(spec.verify.seed * 0x9e3779b97f4a7c15U + number);
        boost::random::uniform_01<double> uniform;
        std::vector<sim::Exit> exits;
        exits.reserve(longest);
        for (std::uint64_t k = 0; k < longest; ++k) {
            const double place = uniform(bits);
            exits.push_back(sampler(place, 1 - uniform(bits), wrong));
        }
        return exits;
    };
    const auto judge = [&](const std::vector<sim::Exit>& exits, std::uint64_t number, const model::VerifySpec& asked) {
        return cell_tests({name, exits, {spec.verify.seed, number}, moments}, law, asked, 1, needed.planned());
    };

    const auto kinds = kinds_of(options, spec.verify.effect, sampler.likeliest());
    std::vector<const Kind*> kind_of; // of each campaign
    for (const Kind& kind : kinds) kind_of.insert(kind_of.end(), kind.campaigns, &kind);
    std::vector<Campaign> campaign(kind_of.size());
    const theory::Watch watch{.progress =
                                  [&](std::size_t done, std::size_t of) {
                                      if (options.progress)
                                          options.progress(static_cast<double>(done) / static_cast<double>(of));
                                  },
                              .stop = options.stop};
    theory::for_each_cell(campaign.size(), options.threads, watch, [&](std::size_t k) {
        Campaign& c = campaign[k];
        const auto exits = draw(k, kind_of[k]->law);
        const auto tests = judge(exits, k, spec.verify);
        c.verdict = overall(tests);
        if (k >= options.campaigns) return;
        c.loose = overall(judge(exits, k, loose));
        c.e = tests.front().e_value;
        for (const Hypothesis& h : tests) {
            if (h.id.starts_with("exit-time.law")) c.shape = h.p_value;
            if (h.id.starts_with("exit-time.given-place")) c.joint = h.p_value;
        }
    });

    Calibration result{.cell = cell, .planned = needed.planned(), .false_alarm = spec.verify.false_alarm};
    for (std::size_t k = 0; k < campaign.size(); ++k) count(result.*kind_of[k]->outcomes, campaign[k].verdict);
    campaign.resize(options.campaigns);
    for (const Campaign& c : campaign) count(result.loose, c.loose);
    add_values(result, campaign);
    return result;
}

}
