#include "validation/profile.hpp"

#include "model/error.hpp"
#include "model/message.hpp"
#include "theory/predict.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <tuple>
#include <utility>

namespace exeunt::validation
{

namespace
{

/// What a gate chooses among.
struct Candidate {
    theory::ExactCell cell;
    int order; ///< l*
    bool two_places;
};

std::vector<Candidate> candidates(const model::Spec& spec, double eta, unsigned threads, const theory::Watch& watch)
{
    constexpr double roughly = 1e-2, likely = 0.05;
    model::Spec at_eta = spec;
    at_eta.dynamics.learning_rate = {eta};
    const theory::Setting setting(at_eta);
    const auto predictions = theory::predict(at_eta, setting);
    std::vector<Candidate> found;
    for (theory::ExactCell& cell : theory::limit_cells(at_eta, setting, predictions)) {
        const auto limit = std::find_if(predictions.begin(), predictions.end(),
                                        [&](const auto& prediction) { return prediction.clip == cell.clip; });
        found.push_back({std::move(cell), limit->exits[cell.well].order, false});
    }
    theory::for_each_cell(found.size(), threads, watch, [&](std::size_t k) {
        theory::ExactCell& cell = found[k].cell;
        cell.exit = theory::exit_moments(setting.at(cell.clip, cell.learning_rate), cell.well, roughly);
        const auto& to = cell.exit.to;
        found[k].two_places = std::count_if(to.begin(), to.end(), [&](double p) { return p >= likely; }) > 1;
    });
    return found;
}

/// The first of the wanted candidates whose mean is the least of theirs, or as good as that: equal means must not be
/// told apart by their errors. nullptr when none is wanted.
template<class Wanted> const Candidate* shortest(const std::vector<Candidate>& candidates, const Wanted& wanted)
{
    constexpr double as_good = 1.03; // more than the errors of two means
    double least = std::numeric_limits<double>::infinity();
    for (const Candidate& c : candidates)
        if (wanted(c)) least = std::min(least, c.cell.exit.mean);
    const auto first = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& c) {
        return wanted(c) && c.cell.exit.mean <= as_good * least;
    });
    return first == candidates.end() ? nullptr : &*first;
}

/// η f'' at the steepest minimum for η = 1.
double steepest(const model::Spec& spec)
{
    const model::Landscape f = model::landscape(spec);
    double most = 0;
    for (const double m : f.minima()) most = std::max(most, f.potential().curvature(m));
    return most;
}

bool less(const CellName& a, const CellName& b)
{
    return std::tuple(a.clip, a.learning_rate, a.well) < std::tuple(b.clip, b.learning_rate, b.well);
}

}

Profile profile_of(const std::string& name)
{
    for (const Profile profile : {Profile::standard, Profile::gate, Profile::campaign})
        if (name == word(profile)) return profile;
    throw BadInput(fmt::format("--profile {}: there is standard, gate and campaign", model::printable(name, 40)));
}

const char* word(Profile profile)
{
    switch (profile) {
    case Profile::gate:
        return "gate";
    case Profile::campaign:
        return "campaign";
    case Profile::standard:
        break;
    }
    return "standard";
}

model::Overrides overrides(Profile profile)
{
    switch (profile) {
    case Profile::gate:
        return {"verify.false_alarm=1e-6", "verify.budget=15s"};
    case Profile::campaign:
        return {"verify.false_alarm=1e-3", "verify.effect=0.02", "verify.distance=0.05", "verify.budget=inf"};
    case Profile::standard:
        break;
    }
    return {};
}

Selection gate(const model::Spec& spec, unsigned threads, const theory::Watch& watch)
{
    constexpr double short_mean = 10, most_slope = 1;
    const auto any = [](const Candidate&) { return true; };
    const auto& etas = spec.dynamics.learning_rate;
    double eta = *std::max_element(etas.begin(), etas.end());
    std::vector<Candidate> found = candidates(spec, eta, threads, watch);
    for (const double curvature = steepest(spec);
         shortest(found, any)->cell.exit.mean > short_mean && 2 * eta * curvature <= most_slope;) {
        eta *= 2;
        found = candidates(spec, eta, threads, watch);
    }

    std::vector<const Candidate*> chosen{shortest(found, any)};
    for (const int order : {1, 2}) {
        const auto is = [&](const Candidate& c) { return c.order == order && &c != chosen.front(); };
        const Candidate* best = shortest(found, [&](const Candidate& c) { return is(c) && c.two_places; });
        if (!best) best = shortest(found, is);
        if (best) chosen.push_back(best);
    }
    Selection selection{spec, {}};
    for (const Candidate* c : chosen) selection.cells.push_back({c->cell.clip, c->cell.learning_rate, c->cell.well});
    std::sort(selection.cells.begin(), selection.cells.end(), less);

    model::DynamicsSpec& dynamics = selection.spec.dynamics;
    dynamics.learning_rate = {eta};
    std::erase_if(dynamics.clip, [&](double b) {
        return std::none_of(selection.cells.begin(), selection.cells.end(), [&](const auto& c) { return c.clip == b; });
    });
    return selection;
}

}
