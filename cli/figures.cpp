#include "cli/figures.hpp"

#include "cli/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace exeunt::cli
{
namespace
{

constexpr std::size_t most_clips = 6; ///< thresholds that a figure has room for

std::size_t shown_clips(const std::vector<theory::Prediction>& predictions)
{
    return std::min(predictions.size(), most_clips);
}

std::string left_out(const std::vector<theory::Prediction>& predictions)
{
    if (predictions.size() <= most_clips) return "";
    return fmt::format("Shown are the first {} of the {} thresholds of the spec.", most_clips, predictions.size());
}

/// Every exact cell of a threshold and a well, each η once, within a decade of the spec's learning rates.
std::vector<theory::ExactCell> exact_cells(const model::Spec& spec, const validation::Verification& verification,
                                           double clip, std::size_t well)
{
    const auto& etas = spec.dynamics.learning_rate;
    const double least = *std::min_element(etas.begin(), etas.end()) / 10.001;
    const double most = *std::max_element(etas.begin(), etas.end()) * 10.001;
    std::vector<theory::ExactCell> found;
    const auto add = [&](const theory::ExactCell& cell) {
        const double eta = cell.learning_rate;
        const bool known =
            std::any_of(found.begin(), found.end(), [&](const auto& other) { return other.learning_rate == eta; });
        if (cell.clip == clip && cell.well == well && eta >= least && eta <= most && !known) found.push_back(cell);
    };
    for (const auto& cell : verification.cells) add(cell.exact);
    for (const auto& study : verification.ladders)
        for (const auto& rung : study.rungs) add(rung);
    return found;
}

/// A cell of which no path has left and nothing is known has no place on a logarithmic axis.
bool drawable(const validation::Cell& cell)
{
    return cell.simulated && (cell.simulated->exits > 0 || cell.simulated->lower > 0);
}

plots::Sampled sampled(const validation::Verification& verification, const validation::Cell& cell)
{
    const auto* const hypothesis = find(verification, cell.exact, Question::time);
    const auto& run = *cell.simulated;
    return {.eta = cell.exact.learning_rate,
            .mean = run.mean,
            .lower = run.lower,
            .upper = run.upper,
            .samples = run.exits + run.censored,
            .censored = run.censored,
            .verdict = hypothesis == nullptr ? "" : word(hypothesis->verdict)};
}

plots::Graph graph(const theory::Prediction& prediction)
{
    plots::Graph graph{.clip = prediction.clip, .nodes = {}, .absorbing = {}, .edges = {}};
    for (const auto& exits : prediction.exits) graph.nodes.push_back({.order = exits.order, .part = 0, .large = false});
    const auto& classes = prediction.graph.classes;
    for (std::size_t k = 0; k < classes.size(); ++k) {
        graph.absorbing.push_back(classes[k].absorbing);
        for (const std::size_t i : classes[k].wells) graph.nodes[i].part = k;
        for (const std::size_t i : classes[k].largest) graph.nodes[i].large = true;
    }
    for (const auto& [from, to] : prediction.graph.edges)
        graph.edges.push_back({.from = from, .to = to, .constant = prediction.exits[from].to[to]});
    return graph;
}

constexpr double shown_confidence = 0.95; ///< of the intervals of portrait and walk

std::string panel_name(const validation::PortraitPanel& p)
{
    return fmt::format("{}, {}",
                       p.gaussian ? fmt::format("Gaussian noise, s = {}", shown(p.deviation, 3)) : "heavy tails",
                       clip_words(p.clip));
}

/// "1, 3"
std::string wells_text(const std::vector<std::size_t>& wells)
{
    std::string text;
    for (const std::size_t i : wells) text += fmt::format("{}{}", text.empty() ? "" : ", ", i + 1);
    return text;
}

/// What the comparison rests on, and what came of it.
std::string panel_note(const validation::PortraitPanel& p, const std::vector<std::size_t>& sharp)
{
    std::string text =
        fmt::format("Time in field{} {}: {} % [{}, {}]", sharp.size() > 1 ? "s" : "", wells_text(sharp),
                    shown(100 * p.sharp.share, 3), shown(100 * p.sharp.lower, 3), shown(100 * p.sharp.upper, 3));
    if (p.source != validation::Source::none)
        text += fmt::format(", expected {} % ({} at level {:.1e})", shown(100 * p.sharp.expected, 3), word(p.verdict),
                            p.alpha);
    text += ".";
    if (p.scaled)
        text +=
            " The expected histogram did not converge: the line is the stationary law, scaled in every field to the "
            "time expected there.";
    if (p.source == validation::Source::diffusion)
        text += fmt::format(" Expected to stay: by Kramers' formula, as the diffusion has it, an exit from the start "
                            "takes 10^{:.0f} steps on average; the line is the diffusion's law in that field.",
                            p.log10_stay);
    else if (p.source == validation::Source::none)
        text += " Nothing to compare with: the exact chain gave no result (" + p.trouble + ").";
    return text;
}

plots::Histogram histogram(const validation::PortraitPanel& p, const std::vector<std::size_t>& sharp)
{
    const bool oracle = p.source == validation::Source::oracle;
    const bool line = oracle && std::isfinite(p.bins.front().stationary);
    plots::Histogram h{
        .name = panel_name(p), .bins = {}, .fields = {}, .has_stationary = line, .steps = p.replicas * p.steps};
    h.has_expected = p.source == validation::Source::diffusion || line;
    const auto known = [](double x) { return std::isnan(x) ? 0 : x; };
    for (std::size_t k = 0; k < p.bins.size(); ++k) {
        const auto& bin = p.bins[k];
        h.bins.push_back(
            {p.edges[k], p.edges[k + 1], bin.share, known(bin.stationary), bin.lower, bin.upper, known(bin.expected)});
    }
    for (const auto& f : p.fields)
        h.fields.push_back({f.share, f.lower, f.upper, known(f.stationary), known(f.expected)});
    h.verdict = p.source == validation::Source::none ? "" : word(p.verdict);
    h.runs = fmt::format("{} independent replicas of {} steps", p.replicas, p.steps);
    h.note = panel_note(p, sharp);
    return h;
}

/// Where the paper's figure shows other numbers than this project's formula gives.
std::string against_the_paper(const model::Spec& spec)
{
    if (spec.potential.builtin != "wang2022") return "";
    return "The paper gives the second minimum as -0.66; its formula has it at -0.699, and that is what is drawn.";
}

std::string joined(const std::string& a, const std::string& b) { return a.empty() ? b : b.empty() ? a : a + " " + b; }

}

std::size_t featured_well(const std::vector<theory::Prediction>& predictions)
{
    const auto tightest = std::min_element(predictions.begin(), predictions.end(),
                                           [](const auto& a, const auto& b) { return a.clip < b.clip; });
    const auto& exits = tightest->exits;
    const auto widest =
        std::max_element(exits.begin(), exits.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
    return static_cast<std::size_t>(std::distance(exits.begin(), widest));
}

std::string exit_times_name(const std::vector<theory::Prediction>& predictions, std::size_t well)
{
    return well == featured_well(predictions) ? "exit-times" : fmt::format("exit-times-well-{}", well + 1);
}

std::vector<std::string> figure_names(const std::vector<theory::Prediction>& predictions)
{
    std::vector<std::string> names = {"landscape", "phase-diagram", "histograms", "trajectories"};
    if (predictions.front().heavy_tailed()) names.insert(names.end(), {"transition-graph", "convergence"});
    if (validation::has_limit_walk(predictions)) names.push_back("ctmc");
    names.push_back("exit-times");
    for (std::size_t i = 0; i < predictions.front().exits.size(); ++i)
        if (i != featured_well(predictions)) names.push_back(exit_times_name(predictions, i));
    return names;
}

plots::LandscapeFigure landscape_figure(const model::Spec& spec, const model::Landscape& landscape,
                                        const std::vector<theory::Prediction>& predictions)
{
    plots::LandscapeFigure figure{.landscape = landscape, .orders = {}, .title = spec.title};
    figure.note = joined(left_out(predictions), against_the_paper(spec));
    for (std::size_t k = 0; k < shown_clips(predictions); ++k) {
        plots::ExitOrders row{.clip = predictions[k].clip, .order = {}};
        for (const auto& exits : predictions[k].exits) row.order.push_back(exits.order);
        figure.orders.push_back(std::move(row));
    }
    return figure;
}

plots::TransitionGraphFigure transition_graph_figure(const model::Spec& spec, const model::Landscape& landscape,
                                                     const std::vector<theory::Prediction>& predictions)
{
    constexpr std::size_t most = 4;
    plots::TransitionGraphFigure figure{.minima = landscape.minima(), .graphs = {}, .title = spec.title};
    const auto finite = [](const theory::Prediction& p) { return std::isfinite(p.clip); };
    const bool clipped = std::any_of(predictions.begin(), predictions.end(), finite);
    for (const theory::Prediction& p : predictions) {
        if (figure.graphs.size() == most) {
            figure.note = fmt::format("Shown are the first {} thresholds of the spec.", most);
            break;
        }
        if (clipped && !finite(p)) continue;
        figure.graphs.push_back(graph(p));
    }
    return figure;
}

plots::PhaseDiagramFigure phase_diagram_figure(const model::Spec& spec, const theory::Setting& setting,
                                               unsigned threads, const theory::Watch& watch)
{
    const std::size_t points = setting.landscape.wells() <= 12 ? 24 : 10;
    const auto diagram =
        theory::phase_diagram(setting, theory::phase_range(spec, setting.landscape), points, threads, watch);
    plots::PhaseDiagramFigure figure{.wells = {}, .clips = spec.dynamics.clip, .title = spec.title};
    std::size_t left_out = 0;
    for (std::size_t i = 0; i < diagram.size(); ++i) {
        plots::PhaseWell well{.radius = setting.landscape.radius(i), .bands = {}};
        for (const theory::Phase& phase : diagram[i]) {
            plots::PhaseBand band{.order = phase.order, .from = phase.from, .to = phase.to, .points = {}};
            for (const auto& [clip, constant] : phase.constants) band.points.push_back({clip, constant});
            well.bands.push_back(std::move(band));
            left_out += phase.left_out;
        }
        figure.wells.push_back(std::move(well));
    }
    if (left_out > 0)
        figure.note =
            fmt::format("At {} thresholds the theorem gives no q or the quadrature did not settle: the curves "
                        "pass over them.",
                        left_out);
    return figure;
}

plots::ExitTimesFigure exit_times_figure(const model::Spec& spec, const std::vector<theory::Prediction>& predictions,
                                         const validation::Verification& verification, std::size_t well)
{
    plots::ExitTimesFigure figure{.well = well,
                                  .series = {},
                                  .confidence = verification.level > 0 ? 1 - verification.level : 0,
                                  .title = spec.title,
                                  .note = left_out(predictions),
                                  .name = exit_times_name(predictions, well),
                                  .kramers = !predictions.front().heavy_tailed()};
    for (std::size_t k = 0; k < shown_clips(predictions); ++k) {
        const double clip = predictions[k].clip;
        plots::ExitSeries series{
            .clip = clip, .order = predictions[k].exits[well].order, .limit = {}, .oracle = {}, .simulated = {}};
        for (const auto& cell : exact_cells(spec, verification, clip, well)) {
            if (std::isfinite(cell.limit_mean)) // a theory that allows no exit has no line
                series.limit.push_back({.eta = cell.learning_rate, .mean = cell.limit_mean});
            series.oracle.push_back(
                {.eta = cell.learning_rate, .mean = cell.exit.mean, .error = cell.exit.error * cell.exit.mean});
        }
        for (const auto& cell : verification.cells)
            if (cell.exact.clip == clip && cell.exact.well == well && drawable(cell))
                series.simulated.push_back(sampled(verification, cell));
        figure.series.push_back(std::move(series));
    }
    return figure;
}

plots::ConvergenceFigure convergence_figure(const model::Spec& spec, const std::vector<theory::Prediction>& predictions,
                                            const validation::Verification& verification)
{
    plots::ConvergenceFigure figure{.series = {}, .title = spec.title, .note = left_out(predictions)};
    for (const auto& ladder : verification.ladders) {
        const auto at = std::find_if(predictions.begin(), predictions.end(),
                                     [&](const auto& prediction) { return prediction.clip == ladder.clip; });
        if (static_cast<std::size_t>(at - predictions.begin()) >= shown_clips(predictions)) continue;
        const auto* const hypothesis = find(verification, ladder, Question::time);
        plots::RatioSeries series{.clip = ladder.clip,
                                  .well = ladder.well,
                                  .order = at->exits[ladder.well].order,
                                  .rungs = {},
                                  .limit = ladder.ratio.limit,
                                  .error = ladder.ratio.error,
                                  .verdict = hypothesis == nullptr ? "" : word(hypothesis->verdict)};
        for (const auto& rung : ladder.rungs)
            if (rung.ratio() > 0) // a theory that allows no exit has no ratio
                series.rungs.push_back(
                    {.eta = rung.learning_rate, .ratio = rung.ratio(), .error = rung.exit.error * rung.ratio()});
        if (!series.rungs.empty())
            figure.series.push_back(std::move(series));
        else
            figure.note += fmt::format("{}Well {} at {}: the limit allows no exit, and there is no ratio{}.",
                                       figure.note.empty() ? "" : " ", ladder.well + 1, clip_words(ladder.clip),
                                       series.verdict.empty() ? "" : ": " + series.verdict);
    }
    return figure;
}

namespace
{

/// What a portrait lacks, for a caption.
std::string missing(const validation::Portrait& portrait)
{
    std::string text;
    for (const std::string& panel : portrait.missing) text = joined(text, "Not shown: " + panel + ".");
    return text;
}

}

plots::HistogramsFigure histograms_figure(const model::Spec& spec, const model::Landscape& landscape,
                                          const validation::Portrait& portrait)
{
    plots::HistogramsFigure figure{.learning_rate = portrait.learning_rate,
                                   .saddles = landscape.saddles(),
                                   .panels = {},
                                   .confidence = shown_confidence,
                                   .title = spec.title};
    for (const auto& p : portrait.panels) figure.panels.push_back(histogram(p, portrait.sharp));
    figure.note =
        joined(fmt::format("Every replica starts in minimum {}. Intervals of fields: Student's t over the "
                           "replicas; of bins: over eight batches of them. Each panel is tested at its part of "
                           "the spec's false alarm, in a family of the figure's own, apart from verify's.",
                           portrait.start + 1),
               joined(missing(portrait), against_the_paper(spec)));
    return figure;
}

plots::TrajectoriesFigure trajectories_figure(const model::Spec& spec, const model::Landscape& landscape,
                                              const validation::Portrait& portrait)
{
    plots::TrajectoriesFigure figure{.learning_rate = portrait.learning_rate,
                                     .minima = landscape.minima(),
                                     .saddles = landscape.saddles(),
                                     .panels = {},
                                     .title = spec.title};
    for (const auto& p : portrait.panels) {
        plots::Trajectory path{.name = panel_name(p), .states = {}};
        for (std::size_t k = 0; k < p.path.states.size(); ++k)
            path.states.push_back({static_cast<double>(k * p.path.every), p.path.states[k]});
        figure.panels.push_back(std::move(path));
    }
    figure.note = joined(fmt::format("One replica a panel, from minimum {}; between the states drawn it is not seen.",
                                     portrait.start + 1),
                         joined(missing(portrait), against_the_paper(spec)));
    return figure;
}

plots::CtmcFigure ctmc_figure(const model::Spec& spec, const validation::LimitWalk& walk)
{
    plots::CtmcFigure figure{.clip = walk.clip,
                             .laws = {},
                             .sharp = {},
                             .replicas = walk.replicas,
                             .confidence = shown_confidence,
                             .verdict = word(walk.verdict),
                             .tested = fmt::format("X against the exact chain, each test at level {:.1e}, in a family "
                                                   "of the figure's own, apart from verify's",
                                                   walk.alpha),
                             .title = spec.title};
    const auto measured = [](const validation::WalkPoint& p) {
        return plots::Measured{p.learning_rate, p.share, p.lower, p.upper, p.exact};
    };
    for (const auto& at : walk.times) {
        figure.laws.push_back({at.time, {}});
        for (const auto& s : at.states) {
            figure.laws.back().states.push_back({s.well, s.limit, {}});
            for (const auto& p : s.points) figure.laws.back().states.back().simulated.push_back(measured(p));
        }
    }
    for (const auto& p : walk.sharp) figure.sharp.push_back(measured(p));
    figure.note = fmt::format("Every replica starts in minimum {}.", walk.start + 1);
    if (walk.states > walk.times.front().states.size())
        figure.note += fmt::format(" Shown are the {} likeliest of the {} states of Y.",
                                   walk.times.front().states.size(), walk.states);
    if (!walk.sharp.empty() && std::isnan(walk.sharp.front().exact))
        figure.note += fmt::format(" Without the exact chain, at no η: {}.", walk.troubles.front());
    else
        for (const auto& trouble : walk.troubles) figure.note += fmt::format(" Left out: {}.", trouble);
    figure.note = joined(figure.note, against_the_paper(spec));
    return figure;
}

}
