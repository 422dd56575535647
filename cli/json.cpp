#include "cli/json.hpp"

#include "cli/json_value.hpp"
#include "cli/stationary.hpp"
#include "cli/version.hpp"
#include "theory/absorption.hpp"
#include "theory/hitting.hpp"

#include <cmath>
#include <limits>

namespace exeunt::cli
{

Json number(double x)
{
    if (std::isnan(x)) return nullptr;
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return x == 0 ? 0.0 : x; // no -0
}

std::string document(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

namespace
{

Json numbers(const std::vector<double>& list)
{
    Json out = Json::array();
    for (const double x : list) out.push_back(number(x));
    return out;
}

/// A number that does not apply when it is infinite: the end of a field without a saddle, the error of a limit that is
/// not known.
Json end(double x) { return std::isinf(x) ? Json(nullptr) : number(x); }

Json wells(const std::vector<std::size_t>& indices)
{
    Json out = Json::array();
    for (const std::size_t i : indices) out.push_back(i + 1);
    return out;
}

/// [{"to": well, key: value}, …] for the positive entries of a row.
Json row(const char* key, const std::vector<double>& values)
{
    Json out = Json::array();
    for (std::size_t j = 0; j < values.size(); ++j)
        if (values[j] > 0) out.push_back({{"to", j + 1}, {key, number(values[j])}});
    return out;
}

Json well(const model::Landscape& landscape, std::size_t i, const theory::ExitConstants& exits, bool heavy)
{
    return {{"index", i + 1},
            {"minimum", number(landscape.minima()[i])},
            {"left", end(landscape.left(i))},
            {"right", end(landscape.right(i))},
            {"radius", number(landscape.radius(i))},
            {"exit_order", exits.order},
            {"exit_constant", heavy ? number(exits.total()) : Json(nullptr)},
            {"exit_constant_error", heavy ? number(exits.error * exits.total()) : Json(nullptr)},
            {"exits", row("constant", exits.to)}};
}

Json graph(const theory::TransitionGraph& graph)
{
    Json edges = Json::array();
    for (const auto& edge : graph.edges) edges.push_back({edge.from + 1, edge.to + 1});
    Json classes = Json::array();
    for (const auto& members : graph.classes)
        classes.push_back({{"wells", wells(members.wells)},
                           {"absorbing", members.absorbing},
                           {"largest_order", members.largest_order},
                           {"largest_wells", wells(members.largest)}});
    return {{"edges", edges}, {"classes", classes}};
}

Json matrix(const Eigen::MatrixXd& entries)
{
    Json rows = Json::array();
    for (Eigen::Index i = 0; i < entries.rows(); ++i) {
        Json row = Json::array();
        for (Eigen::Index j = 0; j < entries.cols(); ++j) row.push_back(number(entries(i, j)));
        rows.push_back(row);
    }
    return rows;
}

/// Where X goes on leaving a class for ever; null for an absorbing one.
Json leaving(const theory::Prediction& limit, std::size_t index)
{
    const theory::Class& members = limit.graph.classes[index];
    if (members.absorbing) return nullptr;
    const theory::Destinations out = theory::destinations(limit.exits, members);
    return {{"from", wells(members.wells)}, {"to", wells(out.wells)}, {"law", matrix(out.law)}};
}

Json chain(const theory::Prediction& prediction, std::size_t index)
{
    const theory::LimitChain& limit = prediction.chains[index];
    Json entrance = Json::array();
    for (const auto& from : limit.entrance)
        entrance.push_back({{"well", from.well + 1}, {"law", numbers(from.law)}, {"killed", number(from.killed)}});
    return {{"class", index},
            {"states", wells(limit.states)},
            {"generator", matrix(limit.generator)},
            {"killing", numbers(limit.killing)},
            {"stationary", limit.stationary.empty() ? Json(nullptr) : numbers(limit.stationary)},
            {"entrance", entrance},
            {"mean_holding_times", numbers(theory::mean_holding_times(limit))},
            {"reach_probabilities", matrix(theory::reach_probabilities(limit))},
            {"destinations", leaving(prediction, index)}};
}

/// In which absorbing class X ends, for every well it may start in.
Json absorption(const theory::Prediction& limit)
{
    const theory::Absorption end = theory::absorption(limit.exits, limit.graph);
    return {{"classes", end.classes}, {"probability", matrix(end.probability)}};
}

Json saddle_exit(const theory::SaddleExit& exit)
{
    return {{"log_mean_exit_time", number(exit.log_mean)},
            {"mean_exit_time", number(exit.mean())},
            {"left", number(exit.left())},
            {"right", number(exit.right())}};
}

/// Kramers' times of a light-tailed control; "inf" where a mean is beyond 1e308 and only its logarithm is a number.
Json kramers(const theory::Prediction& limit)
{
    Json cells = Json::array();
    for (const auto& cell : limit.kramers)
        cells.push_back({{"learning_rate", number(cell.learning_rate)},
                         {"well", cell.well + 1},
                         {"formula", saddle_exit(cell.time.asymptotic)},
                         {"diffusion", saddle_exit(cell.time.diffusion)},
                         {"chain", saddle_exit(cell.time.chain)},
                         {"barrier", number(cell.time.barrier)},
                         {"formula_error", number(cell.time.error)},
                         {"chain_error", number(cell.time.chain_error)},
                         {"validity", theory::validity(cell.time)}});
    return cells;
}

Json prediction(const model::Landscape& landscape, const theory::Prediction& limit)
{
    Json list = Json::array();
    for (std::size_t i = 0; i < limit.exits.size(); ++i)
        list.push_back(well(landscape, i, limit.exits[i], limit.heavy_tailed()));
    Json chains = Json::array();
    for (std::size_t k = 0; k < limit.chains.size(); ++k) chains.push_back(chain(limit, k));
    Json out = {{"clip", number(limit.clip)}, {"wells", list}, {"graph", graph(limit.graph)}, {"limit_chains", chains}};
    if (limit.heavy_tailed())
        out["absorption"] = absorption(limit);
    else
        out["kramers"] = kramers(limit);
    return out;
}

Json place(const theory::ExactCell& cell)
{
    return {{"clip", number(cell.clip)}, {"learning_rate", number(cell.learning_rate)}, {"well", cell.well + 1}};
}

Json oracle(const theory::ExactCell& cell)
{
    return {{"mean_exit_time", number(cell.exit.mean)},
            {"mean_exit_time_error", number(cell.exit.error * cell.exit.mean)},
            {"mean_exit_time_relative_error", number(cell.exit.error)},
            {"exit_split", row("probability", cell.exit.to)},
            {"exit_split_error", number(cell.exit.to_error)},
            {"nodes", cell.exit.nodes}};
}

Json limit(const theory::ExactCell& cell)
{
    return {{"time_scale", number(cell.time_scale)}, {"mean_exit_time", number(cell.limit_mean)}};
}

Json exact_cell(const theory::ExactCell& cell)
{
    Json out = place(cell);
    out.update(oracle(cell));
    out["limit"] = limit(cell);
    out["ratio"] = number(cell.ratio());
    return out;
}

Json simulated(const validation::Simulated& run)
{
    Json places = Json::array();
    for (std::size_t j = 0; j < run.places.size(); ++j)
        if (run.places[j] > 0) places.push_back({{"to", j + 1}, {"exits", run.places[j]}});
    return {{"exits", run.exits},
            {"censored", run.censored},
            {"steps", number(run.steps)},
            {"mean_exit_time", number(run.mean)},
            {"interval", {number(run.lower), number(run.upper)}},
            {"places", places}};
}

Json verified_cell(const validation::Cell& cell)
{
    Json out = place(cell.exact);
    out["predicted"] = limit(cell.exact);
    out["exact"] = oracle(cell.exact);
    out["ratio"] = number(cell.exact.ratio());
    out["planned_exits"] = cell.planned_exits;
    out["planned_steps"] = number(cell.planned_steps);
    out["simulated"] = cell.simulated ? simulated(*cell.simulated) : Json(nullptr);
    out["note"] = cell.note.empty() ? Json(nullptr) : Json(cell.note);
    return out;
}

/// key, key_error and key_order; the error is null where the limit is not known.
void add_limit(Json& out, const std::string& key, const validation::Extrapolated& value)
{
    out[key] = number(value.limit);
    out[key + "_error"] = end(value.error);
    out[key + "_order"] = end(value.order);
}

Json ladder(const validation::Ladder& study)
{
    const std::vector<double> slopes = validation::local_slopes(study.rungs);
    Json rungs = Json::array();
    for (std::size_t k = 0; k < study.rungs.size(); ++k) {
        Json rung = exact_cell(study.rungs[k]);
        rung["local_slope"] = k == 0 ? Json(nullptr) : number(slopes[k - 1]);
        if (!study.gaps.empty()) {
            const bool known = k < study.gaps.size();
            rung["law_gap"] = known ? number(study.gaps[k].time) : Json(nullptr);
            rung["shape_gap"] = known ? number(study.gaps[k].shape) : Json(nullptr);
            rung["dependence_gap"] = known ? number(study.gaps[k].place) : Json(nullptr);
            rung["gap_error"] = known ? number(study.gaps[k].error) : Json(nullptr);
        }
        rungs.push_back(std::move(rung));
    }
    Json out = {{"clip", number(study.clip)}, {"well", study.well + 1}};
    add_limit(out, "limit_ratio", study.ratio);
    add_limit(out, "limit_share", study.share);
    add_limit(out, "limit_slope", study.slope);
    if (!study.gaps.empty()) {
        add_limit(out, "limit_law_gap", study.time_gap);
        add_limit(out, "limit_dependence_gap", study.place_gap);
    }
    out["leading_order"] = number(study.ratio.leading);
    out["rungs"] = rungs;
    return out;
}

/// L4 of one threshold; shares of wells from the left.
Json shares(const validation::IrreducibleLadder& study)
{
    Json rungs = Json::array();
    for (const auto& rung : study.rungs)
        rungs.push_back({{"learning_rate", number(rung.eta)},
                         {"time_share", numbers(rung.share)},
                         {"scaled_share", numbers(rung.scaled)},
                         {"share_relative_error", number(rung.share_error)},
                         {"law_distance", numbers(rung.apart)},
                         {"law_distance_error", number(rung.apart_error)}});
    Json out = {{"clip", number(study.clip)},
                {"not_claimed", study.silence.empty() ? Json(nullptr) : Json(study.silence)},
                {"rungs", rungs}};
    if (!study.silence.empty()) return out;
    out["start"] = study.start + 1;
    out["times"] = numbers(study.times);
    out["wells"] = Json::array();
    for (std::size_t i = 0; i < study.limits.size(); ++i) {
        Json well = {{"index", i + 1}, {"predicted", number(study.limits[i])}};
        add_limit(well, "limit_scaled_share", study.share[i]);
        out["wells"].push_back(std::move(well));
    }
    add_limit(out, "limit_law_distance", study.apart);
    return out;
}

Json law(const theory::LawSummary& law)
{
    Json survival = Json::array();
    for (const auto& point : law.survival)
        survival.push_back({{"step", point.step},
                            {"probability", number(point.probability)},
                            {"into", row("probability", point.into)}});
    Json quantiles = Json::array();
    for (const auto& q : law.quantiles) quantiles.push_back({{"probability", q.probability}, {"step", q.step}});
    return {{"survival", survival},
            {"survival_error", number(law.error)},
            {"quantiles", quantiles},
            {"quasi_stationary_rate", number(law.rate)},
            {"quasi_stationary", law.settled ? histogram(law.settled->bins) : Json(nullptr)},
            {"only_mean_exact", law.geometric}};
}

}

Json provenance(const model::Spec& spec)
{
    const auto& v = spec.verify;
    return {{"version", version},
            {"model", model::canonical(spec)},
            {"clip", numbers(spec.dynamics.clip)},
            {"learning_rate", numbers(spec.dynamics.learning_rate)},
            {"false_alarm", number(v.false_alarm)},
            {"effect", number(v.effect)},
            {"distance", v.distance ? number(*v.distance) : Json(nullptr)},
            {"power", number(v.power)},
            {"budget", v.budget ? number(*v.budget) : Json(nullptr)},
            {"ladder", numbers(v.ladder)},
            {"seed", v.seed}};
}

// --- reading a record back
// ---------------------------------------------------------------------------------------------

double number_from(const Json& json)
{
    if (json.is_null()) return std::numeric_limits<double>::quiet_NaN();
    if (json.is_string())
        return json.get<std::string>() == "inf" ? std::numeric_limits<double>::infinity()
                                                : -std::numeric_limits<double>::infinity();
    return json.get<double>();
}

validation::Verdict verdict_from(const Json& json)
{
    using validation::Verdict;
    for (const Verdict v : {Verdict::confirmed, Verdict::refuted})
        if (json.get<std::string>() == word(v)) return v;
    return Verdict::inconclusive;
}

namespace
{

std::size_t index_from(const Json& json) { return json.get<std::size_t>() - 1; }

/// The oracle's part of a cell and the limit's may lie in different objects.
theory::ExactCell cell_from(const Json& at, const Json& exact, const Json& predicted, std::size_t wells)
{
    theory::ExactCell cell{.clip = number_from(at.at("clip")),
                           .learning_rate = number_from(at.at("learning_rate")),
                           .well = index_from(at.at("well")),
                           .exit = {},
                           .time_scale = number_from(predicted.at("time_scale")),
                           .limit_mean = number_from(predicted.at("mean_exit_time"))};
    cell.exit.mean = number_from(exact.at("mean_exit_time"));
    cell.exit.error = number_from(exact.at("mean_exit_time_relative_error"));
    cell.exit.to.assign(wells, 0);
    for (const Json& exit : exact.at("exit_split"))
        cell.exit.to.at(index_from(exit.at("to"))) = number_from(exit.at("probability"));
    cell.exit.to_error = number_from(exact.at("exit_split_error"));
    cell.exit.nodes = exact.at("nodes").get<std::size_t>();
    return cell;
}

validation::Simulated simulated_from(const Json& json, std::size_t wells)
{
    validation::Simulated run{};
    run.exits = json.at("exits").get<std::uint64_t>();
    run.censored = json.at("censored").get<std::uint64_t>();
    run.steps = number_from(json.at("steps"));
    run.mean = number_from(json.at("mean_exit_time"));
    run.lower = number_from(json.at("interval").at(0));
    run.upper = number_from(json.at("interval").at(1));
    run.places.assign(wells, 0);
    for (const Json& exits : json.at("places"))
        run.places.at(index_from(exits.at("to"))) = exits.at("exits").get<std::uint64_t>();
    return run;
}

validation::Extrapolated extrapolated_from(const Json& at, const std::string& key)
{
    const Json& error = at.at(key + "_error");
    return {number_from(at.at(key)), error.is_null() ? std::numeric_limits<double>::infinity() : number_from(error)};
}

validation::Verification verification_from(const Json& json)
{
    validation::Verification record{};
    record.level = number_from(json.at("level"));
    record.verdict = verdict_from(json.at("verdict"));
    const auto wells = json.at("wells").get<std::size_t>();
    for (const Json& at : json.at("cells")) {
        validation::Cell cell{};
        cell.exact = cell_from(at, at.at("exact"), at.at("predicted"), wells);
        if (!at.at("simulated").is_null()) cell.simulated = simulated_from(at.at("simulated"), wells);
        record.cells.push_back(std::move(cell));
    }
    for (const Json& at : json.at("ladders")) {
        validation::Ladder study{};
        study.clip = number_from(at.at("clip"));
        study.well = index_from(at.at("well"));
        study.ratio = extrapolated_from(at, "limit_ratio");
        study.share = extrapolated_from(at, "limit_share");
        for (const Json& rung : at.at("rungs")) study.rungs.push_back(cell_from(rung, rung, rung.at("limit"), wells));
        record.ladders.push_back(std::move(study));
    }
    for (const Json& at : json.at("hypotheses")) {
        validation::Hypothesis h{};
        h.id = at.at("id").get<std::string>();
        h.clip = number_from(at.at("clip"));
        h.learning_rate = number_from(at.at("learning_rate"));
        h.well = index_from(at.at("well"));
        h.verdict = verdict_from(at.at("verdict"));
        record.hypotheses.push_back(std::move(h));
    }
    return record;
}

}

std::string predict_json(const model::Spec& spec, const model::Landscape& landscape,
                         const std::vector<theory::Prediction>& predictions)
{
    Json list = Json::array();
    for (const auto& limit : predictions) list.push_back(prediction(landscape, limit));
    return document(
        {{"name", spec.name},
         {"version", version},
         {"landscape", {{"minima", numbers(landscape.minima())}, {"saddles", numbers(landscape.saddles())}}},
         {"predictions", list}});
}

std::string exact_json(const model::Spec& spec, const Exact& exact)
{
    Json list = Json::array();
    for (std::size_t k = 0; k < exact.cells.size(); ++k) {
        list.push_back(exact_cell(exact.cells[k]));
        if (exact.laws) list.back()["law"] = law((*exact.laws)[k]);
    }
    Json out = {{"name", spec.name}, {"version", version}, {"cells", list}};
    if (exact.ladders) {
        out["ladders"] = Json::array();
        for (const auto& study : *exact.ladders) out["ladders"].push_back(ladder(study));
        out["time_shares"] = Json::array();
        for (const auto& study : exact.shares) out["time_shares"].push_back(shares(study));
        out["hypotheses"] = Json::array();
        for (const auto& h : exact.limits) out["hypotheses"].push_back(hypothesis_json(h));
    }
    if (!exact.stationary.empty()) out["stationary"] = stationary_value(exact.stationary, exact.steps);
    return document(out);
}

Json hypothesis_json(const validation::Hypothesis& h)
{
    return {{"id", h.id},
            {"claim", h.claim},
            {"clip", number(h.clip)},
            {"learning_rate", number(h.learning_rate)},
            {"well", h.well + 1},
            {"statistic", h.statistic},
            {"value", number(h.value)},
            {"p_value", number(h.p_value)},
            {"e_value", number(h.e_value)},
            {"alpha", number(h.alpha)},
            {"estimate", number(h.estimate)},
            {"interval", {number(h.lower), number(h.upper)}},
            {"expected", number(h.expected)},
            {"expected_error", number(h.expected_error)},
            {"detectable_effect", number(h.detectable_effect)},
            {"planned", h.planned},
            {"samples", h.samples},
            {"censored", h.censored},
            {"verdict", word(h.verdict)},
            {"reason", h.reason}};
}

std::string verify_json(const model::Spec& spec, const validation::Verification& verification,
                        const std::filesystem::path& report)
{
    Json hypotheses = Json::array();
    for (const auto& h : verification.hypotheses) hypotheses.push_back(hypothesis_json(h));
    Json cells = Json::array();
    for (const auto& cell : verification.cells) cells.push_back(verified_cell(cell));
    Json ladders = Json::array();
    for (const auto& study : verification.ladders) ladders.push_back(ladder(study));
    Json time_shares = Json::array();
    for (const auto& study : verification.shares) time_shares.push_back(shares(study));
    const std::size_t wells = verification.predictions.empty() ? 0 : verification.predictions.front().exits.size();
    return document({{"name", spec.name},
                     {"version", version},
                     {"verdict", word(verification.verdict)},
                     {"level", number(verification.level)},
                     {"hypotheses", hypotheses},
                     {"wells", wells},
                     {"cells", cells},
                     {"ladders", ladders},
                     {"time_shares", time_shares},
                     {"provenance", provenance(spec)},
                     {"report", report.empty() ? Json(nullptr) : Json(report.string())}});
}

std::string figures_json(const model::Spec& spec, const std::vector<DrawnFigure>& figures)
{
    Json list = Json::array();
    for (const auto& figure : figures) {
        Json files = Json::array();
        for (const auto& file : figure.files) files.push_back(file.string());
        list.push_back({{"name", figure.name}, {"files", files}});
        if (!figure.trouble.empty()) list.back()["trouble"] = figure.trouble;
    }
    return document({{"name", spec.name}, {"version", version}, {"figures", list}});
}

std::optional<validation::Verification> read_verification(const std::string& text, const model::Spec& spec)
{
    try {
        const Json json = Json::parse(text);
        if (json.at("provenance") != provenance(spec)) return std::nullopt;
        return verification_from(json);
    } catch (const std::exception&) { // whatever is wrong with it, it is no record of ours
        return std::nullopt;
    }
}

}
