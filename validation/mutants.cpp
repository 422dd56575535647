#include "validation/mutants.hpp"

#include "sim/reference.hpp"
#include "sim/words.hpp"
#include "theory/parallel.hpp"
#include "theory/predict.hpp"
#include "validation/cell_tests.hpp"
#include "validation/whole_line.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace exeunt::validation
{

namespace
{

/// What is wrong. The default is right.
struct Planted {
    double alpha = 1, b = 1, scale = 1; ///< factors
    bool swapped_tails = false;
    bool clips_gradient = false;    ///< η φ_b(g) in place of φ_b(ηg)
    bool clips_noise_only = false;  ///< -ηf' + φ_b(ησZ)
    bool atom_dropped = false;      ///< a step longer than b is not taken
    bool sigma_after_drift = false; ///< σ at the new point
    bool starts_beside = false;
    bool censored_dropped = false; ///< paths longer than three times the mean are left out
    bool labels_shifted = false;
    int late = 0; ///< steps added to σ
};

struct Mutant {
    const char* name;
    const char* says;
    Planted planted;
};

const std::array<Mutant, 17> catalogue = {{
    {"none", "the simulation is right", {}},
    {"alpha-high", "α is 5 % too large", {.alpha = 1.05}},
    {"alpha-low", "α is 5 % too small", {.alpha = 0.95}},
    {"scale-high", "the scale of the noise is 5 % too large", {.scale = 1.05}},
    {"scale-low", "the scale of the noise is 5 % too small", {.scale = 0.95}},
    {"clip-high", "the clip is 5 % too large", {.b = 1.05}},
    {"clip-low", "the clip is 5 % too small", {.b = 0.95}},
    {"swapped-tails", "the left tail's weight is the right one's", {.swapped_tails = true}},
    {"clips-gradient", "g is clipped in place of ηg", {.clips_gradient = true}},
    {"clips-noise", "only the noise is clipped", {.clips_noise_only = true}},
    {"atom-dropped", "a step longer than b is left out, not clipped", {.atom_dropped = true}},
    {"sigma-late", "σ is taken after the drift", {.sigma_after_drift = true}},
    {"starts-beside", "X starts 0.02 beside the minimum", {.starts_beside = true}},
    {"one-late", "an exit is counted one step late", {.late = 1}},
    {"one-early", "an exit is counted one step early", {.late = -1}},
    {"censored-dropped", "paths beyond three times the mean are left out", {.censored_dropped = true}},
    {"labels-shifted", "a field is taken for the one on its right", {.labels_shifted = true}},
}};

/// What is wrong on the whole line.
struct PlantedOnLine {
    bool times_late = false; ///< the fields are asked for twice as late
    bool one_time = false;   ///< both fields are that at the later time
    bool to_field = false;   ///< a passage ends in the other field, not in its core
    bool wide_core = false;  ///< a core is twice as wide
    bool first_half = false; ///< the share of time is that of the first half
    bool first_stay = false; ///< time after the first exit is not counted
};

struct LineMutant {
    const char* name;
    const char* says;
    PlantedOnLine planted;
};

const std::array<LineMutant, 7> line_catalogue = {{
    {"line-none", "the simulation of the whole line is right", {}},
    {"times-late", "S5: fields are asked for twice as late", {.times_late = true}},
    {"one-time", "S5: both fields are that at the later time", {.one_time = true}},
    {"passage-to-field", "S6: a passage ends in the field, before the core", {.to_field = true}},
    {"wide-core", "S6: a core is twice as wide", {.wide_core = true}},
    {"first-half", "S7: the share of time is that of the first half", {.first_half = true}},
    {"first-stay", "S7: time after the first exit is not counted", {.first_stay = true}},
}};

/// A cell of the catalogue, as it should be.
struct Cell {
    CellName name;
    model::Model model;
    theory::ExitMoments moments;
    theory::ExitLaw law;
    std::uint64_t planned, most;
};

/// One step with the error planted.
double step(const model::Model& m, const Planted& p, double x, double z)
{
    const double drift = -m.eta * m.landscape.potential().gradient(x);
    const double noise = m.eta * m.diffusion.value(p.sigma_after_drift ? x + drift : x) * z;
    double w = model::clip(drift + noise, m.b);
    if (p.clips_gradient) w = m.eta * model::clip((drift + noise) / m.eta, m.b);
    if (p.clips_noise_only) w = drift + model::clip(noise, m.b);
    if (p.atom_dropped && std::abs(drift + noise) > m.b) w = 0;
    return model::clamp(x + w, m.landscape.domain());
}

/// Replicas of the recursion with the error planted, as plain as it can be; as many as S1 needs.
std::vector<sim::Exit> simulate(const model::Model& m, const Planted& p, const Cell& cell, const sim::Stream& stream,
                                ScaleTest scale)
{
    const std::size_t well = cell.name.well;
    const double left = m.landscape.left(well), right = m.landscape.right(well);
    const auto never = static_cast<std::uint64_t>(100 * cell.moments.mean) + 1000;
    const auto dropped = static_cast<std::uint64_t>(3 * cell.moments.mean);
    sim::Draws draw(sim::make_key(stream.seed, stream.cell));
    std::vector<sim::Exit> exits;
    for (std::uint64_t replica = 0; exits.size() < cell.most && !scale.over(); ++replica) {
        double x = m.landscape.minima()[well] + (p.starts_beside ? 0.02 : 0);
        std::uint64_t j = 0;
        while (left < x && x < right && j < never) x = step(m, p, x, sim::noise_of(m.noise, draw(replica, ++j)));
        const bool censored = left < x && x < right;
        if (p.censored_dropped && j > dropped) continue;
        std::size_t place = m.landscape.well_of(x);
        if (p.labels_shifted) place = std::min(place + 1, m.landscape.wells() - 1);
        j = static_cast<std::uint64_t>(std::max<std::int64_t>(static_cast<std::int64_t>(j) + p.late, 1));
        exits.push_back({j, static_cast<std::uint32_t>(place), censored, x});
        scale.add(exits.back(), randomiser(stream, exits.size() - 1));
    }
    return exits;
}

/// What the whole line's part of the catalogue is run on: two wells alike, of which X leaves each in some hundred
/// steps.
model::Spec line_spec(std::uint64_t seed)
{
    return model::default_spec("x^4/4 - x^2/2", {"potential.domain=[-2,2]", "potential.clamp=true", "dynamics.clip=1.3",
                                                 "dynamics.learning_rate=0.4", "verify.effect=0.1",
                                                 fmt::format("verify.seed={}", seed)});
}

/// Replicas of paths with the error planted.
sim::Observation observe(const model::Model& m, const PlantedOnLine& p, const PathsAsked& asked, std::uint64_t seed)
{
    sim::Draws draw(sim::make_key(seed, 1));
    const auto& f = m.landscape;
    const std::uint64_t steps = asked.times.back(), end = p.times_late ? 2 * steps : steps;
    sim::Observation seen;
    for (std::uint64_t replica = 0; replica < asked.replicas; ++replica) {
        sim::Trail trail{.time_in = std::vector<std::uint64_t>(f.wells(), 0), .well_at = {}, .states = {}};
        double x = f.minima()[asked.from.well];
        bool left = false;
        for (std::uint64_t j = 1; j <= end; ++j) {
            x = step(m, {}, x, sim::noise_of(m.noise, draw(replica, j)));
            const std::size_t field = f.well_of(x);
            left = left || field != asked.from.well;
            if (j <= (p.first_half ? steps / 2 : steps) && !(p.first_stay && left))
                trail.time_in[field] += p.first_half ? 2 : 1;
            for (const std::uint64_t t : asked.times)
                if (j == (p.times_late ? 2 * t : t)) trail.well_at.push_back(static_cast<std::uint32_t>(field));
        }
        if (p.one_time) trail.well_at.front() = trail.well_at.back();
        seen.trails.push_back(std::move(trail));
    }
    return seen;
}

/// First passages with the error planted.
std::vector<sim::Exit> passages(const model::Model& m, const PlantedOnLine& p, const PassagesAsked& asked,
                                const sim::Stream& stream)
{
    const auto never = static_cast<std::uint64_t>(100 * asked.moments.mean) + 1000;
    const auto& f = m.landscape;
    sim::Draws draw(sim::make_key(stream.seed, stream.cell));
    const auto arrived = [&](double x, std::size_t field) {
        const auto core = f.core(field);
        const double middle = f.minima()[field], wider = p.wide_core ? 2 : 1;
        return p.to_field || (middle - wider * (middle - core.lo) < x && x < middle + wider * (core.hi - middle));
    };
    std::vector<sim::Exit> ends;
    for (std::uint64_t replica = 0; replica < asked.most; ++replica) {
        double x = f.minima()[asked.from.well];
        std::size_t field = asked.from.well;
        std::uint64_t j = 0;
        bool there = false;
        while (!there && j < never) {
            x = step(m, {}, x, sim::noise_of(m.noise, draw(replica, ++j)));
            field = f.well_of(x);
            there = std::find(asked.targets.begin(), asked.targets.end(), field) != asked.targets.end() &&
                    arrived(x, field);
        }
        ends.push_back({j, static_cast<std::uint32_t>(there ? field : asked.from.well), !there, x});
    }
    return ends;
}

/// The claim that refutes a campaign; empty when none does.
std::string refuted_on_line(const model::Model& m, const PlantedOnLine& p, const WholeLinePlan& plan,
                            const model::VerifySpec& asked, std::uint64_t seed)
{
    std::vector<Hypothesis> found;
    for (const PathsAsked& paths : plan.paths)
        for (Hypothesis& h : judge(paths, observe(m, p, paths, seed), asked, plan.thresholds))
            found.push_back(std::move(h));
    for (const PassagesAsked& each : plan.passages) {
        const sim::Stream stream{seed, 2 + each.from.well};
        for (Hypothesis& h : judge(each, passages(m, p, each, stream), stream, asked, plan.states))
            found.push_back(std::move(h));
    }
    for (const Hypothesis& h : found)
        if (h.verdict == Verdict::refuted) return h.id;
    return "";
}

/// The outcome of campaigns, each refuted by that claim or by none.
MutantOutcome outcome_of(const char* name, const char* says, const std::vector<std::string>& by)
{
    MutantOutcome outcome{name, says, by.size(), 0, {}};
    std::map<std::string, std::uint64_t> votes;
    for (const std::string& id : by)
        if (!id.empty()) {
            ++outcome.refuted;
            ++votes[id];
        }
    std::uint64_t most = 0;
    for (const auto& [id, n] : votes)
        if (n > most) {
            most = n;
            outcome.by = id;
        }
    return outcome;
}

/// The spec whose simulation has the error in a parameter.
model::Spec with_error(model::Spec spec, const Planted& p)
{
    *spec.noise.alpha *= p.alpha;
    spec.noise.scale *= p.scale;
    for (double& b : spec.dynamics.clip) b *= p.b;
    if (p.swapped_tails) spec.noise.p_plus = 1 - spec.noise.p_plus;
    return spec;
}

}

model::Overrides mutant_overrides()
{
    return {"noise.p_plus=0.7", "dynamics.diffusion=1 + 0.4*sin(9*x)", "dynamics.clip=0.28",
            "dynamics.learning_rate=0.05"};
}

std::vector<MutantOutcome> mutants(const model::Spec& spec, const MutantOptions& options)
{
    constexpr double longest = 100; // mean exit time of a cell that is used
    const theory::Setting setting(spec);
    std::vector<Cell> cells;
    for (const auto& cell : theory::limit_cells(spec, setting, theory::predict(spec, setting))) {
        const auto model = setting.at(cell.clip, cell.learning_rate);
        const auto moments = theory::exit_moments(model, cell.well, oracle_error(spec.verify.effect));
        if (moments.mean > longest) continue;
        const theory::ExitLaw law(model, cell.well, moments);
        const ExitsNeeded needed = exits_needed(spec.verify, 2, moments, law);
        cells.push_back({{cell.clip, cell.learning_rate, cell.well},
                         model,
                         moments,
                         law,
                         needed.planned(),
                         std::max(needed.planned(), needed.most)});
    }

    std::vector<MutantOutcome> outcomes;
    const std::size_t total = (catalogue.size() + line_catalogue.size()) * options.campaigns;
    const theory::Watch watch{.progress =
                                  [&](std::size_t done, std::size_t) {
                                      if (options.progress)
                                          options.progress(
                                              static_cast<double>(outcomes.size() * options.campaigns + done) /
                                              static_cast<double>(total));
                                  },
                              .stop = options.stop};
    for (const Mutant& mutant : catalogue) {
        const model::Spec wrong = with_error(spec, mutant.planted);
        const theory::Setting wrong_setting(wrong);
        std::vector<std::string> by(options.campaigns);
        theory::for_each_cell(options.campaigns, options.threads, watch, [&](std::size_t campaign) {
            for (const Cell& cell : cells) {
                const sim::Stream stream{spec.verify.seed + campaign, cell.name.well};
                const double b = wrong.dynamics.clip.front();
                const Design scale = design_of(spec.verify, Claim::exit_scale, cells.size());
                const auto exits = simulate(wrong_setting.at(b, cell.name.learning_rate), mutant.planted, cell, stream,
                                            ScaleTest(cell.law, cell.moments.error, scale, cell.planned));
                for (const Hypothesis& h : cell_tests({cell.name, exits, stream, cell.moments}, cell.law, spec.verify,
                                                      cells.size(), cell.planned))
                    if (h.verdict == Verdict::refuted && by[campaign].empty()) by[campaign] = h.id;
            }
        });
        outcomes.push_back(outcome_of(mutant.name, mutant.says, by));
        outcomes.back().right = &mutant == &catalogue.front();
    }

    const model::Spec line = line_spec(spec.verify.seed);
    const theory::Setting line_setting(line);
    const auto plan = plan_whole_line(line, line_setting, theory::predict(line, line_setting));
    const model::Model model = line_setting.at(line.dynamics.clip.front(), line.dynamics.learning_rate.front());
    for (const LineMutant& mutant : line_catalogue) {
        std::vector<std::string> by(options.campaigns);
        theory::for_each_cell(options.campaigns, options.threads, watch, [&](std::size_t campaign) {
            by[campaign] = refuted_on_line(model, mutant.planted, plan, line.verify, spec.verify.seed + campaign);
        });
        outcomes.push_back(outcome_of(mutant.name, mutant.says, by));
        outcomes.back().right = &mutant == &line_catalogue.front();
    }
    return outcomes;
}

}
