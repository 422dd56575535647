#include "validation/irreducible.hpp"

#include "model/error.hpp"
#include "theory/work.hpp"
#include "validation/convergence.hpp"
#include "validation/limit_claim.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <limits>

namespace exeunt::validation
{

namespace
{

constexpr double rtol = 1e-3; // of a share: extrapolation makes it some ten times larger

std::string silence_of(const theory::Prediction& prediction)
{
    if (!prediction.heavy_tailed()) return "the noise has no heavy tail, and there is no limit of shares of time";
    if (prediction.graph.classes.size() > 1)
        return fmt::format("the graph is not irreducible ({} classes of wells): no limit of shares of time is claimed",
                           prediction.graph.classes.size());
    return "";
}

/// Where X starts, and at which times its law is asked for.
void choose_times(IrreducibleLadder& ladder, const theory::Prediction& prediction)
{
    const theory::LimitChain& chain = prediction.chains.front();
    const auto stays = theory::mean_holding_times(chain);
    const auto shortest = std::min_element(stays.begin(), stays.end());
    ladder.start = chain.states[static_cast<std::size_t>(shortest - stays.begin())];
    const double unit = std::isfinite(*shortest) ? *shortest : 1 / prediction.exits[ladder.start].total();
    ladder.times = {unit / 4, unit, 2 * unit};
}

std::vector<double> of_rungs(const IrreducibleLadder& ladder,
                             const std::function<double(const theory::IrreducibleRung&)>& what)
{
    std::vector<double> values;
    for (const auto& rung : ladder.rungs) values.push_back(what(rung));
    return values;
}

void extrapolate_all(IrreducibleLadder& ladder, double alpha)
{
    using theory::IrreducibleRung;
    const auto etas = of_rungs(ladder, [](const IrreducibleRung& r) { return r.eta; });
    ladder.share.clear();
    for (std::size_t i = 0; i < ladder.limits.size(); ++i)
        ladder.share.push_back(extrapolate(
            etas, of_rungs(ladder, [i](const IrreducibleRung& r) { return r.scaled[i]; }),
            of_rungs(ladder, [i](const IrreducibleRung& r) { return r.share_error * r.scaled[i]; }), alpha));
    ladder.apart = extrapolate(etas, of_rungs(ladder, apart),
                               of_rungs(ladder, [](const IrreducibleRung& r) { return r.apart_error; }), alpha);
    if (settled_tail(ladder.tail_excess)) return;
    ladder.apart.error = std::numeric_limits<double>::infinity();
    for (Extrapolated& share : ladder.share) share.error = ladder.apart.error;
}

bool sharp(const IrreducibleLadder& ladder, double effect)
{
    const double share = 0.75 * effect;
    for (std::size_t i = 0; i < ladder.limits.size(); ++i)
        if (!(ladder.share[i].error < share * ladder.limits[i])) return false;
    return ladder.apart.error < share;
}

}

double apart(const theory::IrreducibleRung& rung) { return *std::max_element(rung.apart.begin(), rung.apart.end()); }

IrreducibleLadder climb(const theory::Setting& setting, const theory::Prediction& prediction, std::vector<double> etas,
                        double effect)
{
    constexpr double least = 0.9e-9; // η
    constexpr std::size_t fewest = 5;
    IrreducibleLadder ladder{.clip = prediction.clip, .silence = silence_of(prediction)};
    if (!ladder.silence.empty()) return ladder;
    choose_times(ladder, prediction);
    ladder.limits = theory::sharp_shares(prediction);
    const bool adaptive = etas.empty();
    if (adaptive)
        for (double eta = top_rung(setting.landscape); eta > least; eta /= std::sqrt(10)) etas.push_back(eta);
    std::sort(etas.begin(), etas.end(), std::greater<>());

    const int order = prediction.graph.classes.front().largest_order;
    std::string trouble = "its times are too many steps";
    for (const double eta : etas) {
        if (!(ladder.times.back() / theory::time_scale(setting.noise, eta, order) < 0x1p60)) break;
        try {
            ladder.rungs.push_back(
                theory::irreducible_rung(setting, prediction, eta, ladder.start, ladder.times, rtol));
        } catch (const theory::TooDear&) {
            ladder.silence = "the ladder of shares of time does not fit into the budget";
            ladder.rungs.clear();
            return ladder;
        } catch (const NotConverged& problem) {
            trouble = problem.what();
            break; // as far down as the chain reaches
        }
        if (ladder.rungs.size() < 3) continue;
        ladder.tail_excess = tail_excess(setting.noise, eta);
        extrapolate_all(ladder, setting.noise->tail_index());
        if (adaptive && ladder.rungs.size() >= fewest && (sharp(ladder, effect) || !settled_tail(ladder.tail_excess)))
            break;
    }
    if (ladder.rungs.size() < 3) {
        ladder.rungs.clear();
        ladder.silence = fmt::format("shares of time are known at fewer than three learning rates: {}", trouble);
    }
    return ladder;
}

std::vector<Hypothesis> limits(const IrreducibleLadder& ladder, double effect)
{
    std::vector<Hypothesis> found;
    if (!ladder.silence.empty()) return found;
    Rungs rungs{ladder.clip,       0, ladder.rungs.size(), ladder.rungs.front().eta, ladder.rungs.back().eta,
                ladder.tail_excess};
    for (std::size_t i = 0; i < ladder.limits.size(); ++i) {
        rungs.well = i;
        Hypothesis h = tends_to(rungs, "time-share.limit", "share", ladder.share[i], ladder.limits[i], effect);
        h.claim = fmt::format("the share of time that the exact chain spends in the field of well {}, times "
                              "(H(1/η)/η)^(l* - l^large), tends to its limit",
                              i + 1);
        found.push_back(std::move(h));
    }
    rungs.well = ladder.start;
    Hypothesis h = vanishes(rungs, "wells-at-times.limit", "distance", ladder.apart, effect);
    h.claim = fmt::format("started in well {}, X of the exact chain has after t/λ^large(η) steps the law of the "
                          "limiting chain at t: the largest distance in total variation over three times tends to 0",
                          ladder.start + 1);
    found.push_back(std::move(h));
    return found;
}

}
