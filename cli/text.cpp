#include "cli/text.hpp"

#include "cli/stationary.hpp"
#include "model/message.hpp"
#include "plots/text.hpp"
#include "theory/absorption.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>
#include <numeric>

namespace exeunt::cli
{
namespace
{

constexpr std::size_t page = 118;      ///< characters a line
constexpr std::size_t most_exits = 3;  ///< fields named in a cell of a table
constexpr std::size_t most_states = 7; ///< in a matrix
constexpr std::size_t most_edges = 24; ///< wells whose transitions are listed

std::string well(std::size_t i) { return std::to_string(i + 1); }

/// Increasing indices as wells; five and more in a row as "3–9".
std::vector<std::string> wells(const std::vector<std::size_t>& indices)
{
    constexpr std::size_t long_run = 5;
    std::vector<std::string> words;
    for (std::size_t k = 0; k < indices.size();) {
        std::size_t run = 1;
        while (k + run < indices.size() && indices[k + run] == indices[k] + run) ++run;
        if (run >= long_run) {
            words.push_back(fmt::format("{}–{}", well(indices[k]), well(indices[k + run - 1])));
            k += run;
        } else {
            words.push_back(well(indices[k++]));
        }
    }
    return words;
}

/// "well 2", "wells 2 and 4".
std::string wells_words(const std::vector<std::size_t>& indices)
{
    return fmt::format("well{} {}", indices.size() == 1 ? "" : "s", listed(wells(indices)));
}

/// The positive entries of a row, largest first: "→1 3.84, →3 0.23".
std::string largest(const std::vector<double>& row, int digits, std::size_t most = most_exits)
{
    std::vector<std::size_t> order;
    for (std::size_t j = 0; j < row.size(); ++j)
        if (row[j] > 0) order.push_back(j);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
    std::string text;
    for (std::size_t k = 0; k < std::min(order.size(), most); ++k)
        text += fmt::format("{}→{} {}", k == 0 ? "" : ", ", well(order[k]), shown(row[order[k]], digits));
    return order.size() > most && most > 1 ? fmt::format("{}, {} more", text, order.size() - most) : text;
}

/// Lines of at most a page, indented by `indent` blanks, the first one by `first`.
std::string paragraph(const std::string& text, std::size_t first = 2, std::size_t indent = 2)
{
    std::string out;
    for (const std::string& line : plots::wrapped(text, page - indent))
        out += std::string(out.empty() ? first : indent, ' ') + line + "\n";
    return out;
}

std::vector<std::size_t> difference(const std::vector<std::size_t>& all, const std::vector<std::size_t>& less)
{
    std::vector<std::size_t> out;
    std::set_difference(all.begin(), all.end(), less.begin(), less.end(), std::back_inserter(out));
    return out;
}

/// Where the limit lives, and what it leaves for ever.
std::string life(const theory::Class& members)
{
    const auto small = difference(members.wells, members.largest);
    const std::string home =
        fmt::format("as η → 0 the process lives on {} (l* = {})", wells_words(members.largest), members.largest_order);
    if (small.empty()) return fmt::format("{}.", home);
    return fmt::format("{}, and {} {} eliminated.", home, wells_words(small), small.size() == 1 ? "is" : "are");
}

std::string class_sentence(const theory::Class& members, bool irreducible)
{
    const std::string group = listed(wells(members.wells));
    if (irreducible) return fmt::format("The graph is irreducible: every well leads to every other; {}", life(members));
    if (members.wells.size() == 1)
        return fmt::format("Well {} (l* = {}) is {}.", group, members.largest_order,
                           members.absorbing ? "absorbing: it is never left" : "transient: it is left for ever");
    return fmt::format("Wells {} reach each other and form {} class; {}{}", group,
                       members.absorbing ? "an absorbing" : "a transient",
                       members.absorbing ? "" : "until it is left for ever, ", life(members));
}

/// Where X ends, started in each well of a transient class; empty when there is none or it is obvious.
std::string absorption_sentence(const theory::Prediction& prediction)
{
    constexpr std::size_t most_wells = 12;
    const auto& classes = prediction.graph.classes;
    const theory::Absorption end = theory::absorption(prediction.exits, prediction.graph);
    if (end.classes.size() < 2 || end.classes.size() == classes.size()) return "";
    std::vector<std::string> parts;
    for (const auto& members : classes)
        for (const std::size_t k : members.wells) {
            if (members.absorbing || parts.size() == most_wells) continue;
            std::vector<double> law(prediction.exits.size(), 0.0); // at the leftmost well of each class
            for (std::size_t c = 0; c < end.classes.size(); ++c)
                law[classes[end.classes[c]].wells.front()] =
                    end.probability(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(c));
            parts.push_back(fmt::format("from well {} {}", well(k), largest(law, 4)));
        }
    return fmt::format("It ends in the absorbing class of the well shown, with probability: {}.",
                       fmt::join(parts, "; "));
}

/// Where the chain of a class begins when X starts in a well that is none of its states.
std::string entrances(const theory::LimitChain& chain)
{
    std::vector<std::string> parts;
    for (const auto& from : chain.entrance) {
        if (std::find(chain.states.begin(), chain.states.end(), from.well) != chain.states.end()) continue;
        std::vector<std::string> to;
        for (std::size_t k = 0; k < from.law.size(); ++k)
            if (from.law[k] > 0) to.push_back(fmt::format("{} ({})", well(chain.states[k]), shown(from.law[k], 4)));
        if (from.killed > 0) to.push_back(fmt::format("outside ({})", shown(from.killed, 4)));
        parts.push_back(fmt::format("from well {} in {}", well(from.well), model::join(to, " or ")));
    }
    return parts.empty() ? "" : fmt::format("It begins, with probability: {}.", fmt::join(parts, "; "));
}

std::string landscape_text(const model::Landscape& landscape)
{
    const auto list = [](const std::vector<double>& points) {
        std::vector<std::string> words;
        for (const double x : points) words.push_back(shown(x, 7));
        return model::join(words, ", ");
    };
    return paragraph(fmt::format("Minima: {}", list(landscape.minima())), 0, 9) +
           paragraph(fmt::format("Saddles: {}", list(landscape.saddles())), 0, 9);
}

std::string chains_text(const theory::Prediction& prediction)
{
    std::string text;
    for (std::size_t k = 0; k < prediction.chains.size(); ++k) {
        const ChainWords words = chain_words(prediction, k);
        text += paragraph(words.head);
        if (words.table) text += generator_table(prediction.chains[k]).text();
        text += paragraph(words.entrance);
    }
    return text;
}

/// An end of a field; there is none where no saddle bounds it.
std::string end(double x) { return std::isinf(x) ? "–" : shown(x, 6); }

std::string interval(const validation::Simulated& run)
{
    return fmt::format("{} [{}, {}]", shown(run.mean, 4), shown(run.lower, 4), shown(run.upper, 4));
}

std::string extrapolated(const validation::Extrapolated& value)
{
    return std::isinf(value.error) ? "not settled" : with_error(value.limit, value.error);
}

bool asks(const validation::Hypothesis& hypothesis, Question question)
{
    const std::string& id = hypothesis.id;
    switch (question) {
    case Question::time:
        return id.starts_with("exit-time.mean") || id.starts_with("exit-time.limit");
    case Question::law:
        return id.starts_with("exit-time.law") || id.starts_with("exit-time.given-place") ||
               id.starts_with("exit-split.independence");
    case Question::split:
        break;
    }
    return id.starts_with("exit-split/") || id.starts_with("exit-split.limit");
}

/// Of several, the one that is worst off.
template<class Of>
const validation::Hypothesis* find_if(const validation::Verification& verification, Question question, const Of& of)
{
    using validation::Verdict;
    const validation::Hypothesis* found = nullptr;
    for (const auto& h : verification.hypotheses) {
        if (!asks(h, question) || !of(h)) continue;
        if (found == nullptr || h.verdict == Verdict::refuted ||
            (h.verdict == Verdict::inconclusive && found->verdict == Verdict::confirmed))
            found = &h;
    }
    return found;
}

std::string verdict_of(const validation::Hypothesis* hypothesis)
{
    return hypothesis == nullptr ? "–" : word(hypothesis->verdict);
}

int order_at(const std::vector<theory::Prediction>& predictions, double clip, std::size_t i)
{
    const auto limit = std::find_if(predictions.begin(), predictions.end(),
                                    [&](const theory::Prediction& p) { return p.clip == clip; });
    return limit == predictions.end() ? 0 : limit->exits.at(i).order;
}

bool heavy_tailed(const std::vector<theory::Prediction>& predictions)
{
    return std::all_of(predictions.begin(), predictions.end(), [](const auto& p) { return p.heavy_tailed(); });
}

std::string order_words(int order) { return order == 0 ? "–" : std::to_string(order); }

/// "[k]" for the note, which is added to the list when it is new.
std::string mark(std::vector<std::string>& notes, const std::string& note)
{
    const auto found = std::find(notes.begin(), notes.end(), note);
    const auto k = found - notes.begin();
    if (found == notes.end()) notes.push_back(note);
    return fmt::format("[{}]", k + 1);
}

}

std::string clip_words(double clip)
{
    return std::isinf(clip) ? "no clipping" : fmt::format("b = {}", shown(clip, 10));
}

std::string spec_words(const model::Spec& spec)
{
    const auto& n = spec.noise;
    std::string text = spec.potential.builtin.empty() ? "f(x) = " + model::printable(spec.potential.expression, 200)
                                                      : "f = " + spec.potential.builtin;
    for (const auto& [name, value] : spec.potential.parameters)
        text += fmt::format(", {} = {}", name, shown(value, 10));
    text += fmt::format(" on [{}, {}]{}", shown(spec.potential.domain.lo, 10), shown(spec.potential.domain.hi, 10),
                        spec.potential.domain.clamp ? ", clamped" : "");
    text += fmt::format("; noise {}", n.law);
    if (n.alpha) text += fmt::format(", α = {}", shown(*n.alpha, 10));
    text += fmt::format(", scale {}", shown(n.scale, 10));
    if (n.p_plus != 0.5) text += fmt::format(", p₊ = {}", shown(n.p_plus, 10));
    if (spec.dynamics.diffusion != "1")
        text += fmt::format("; σ(x) = {}", model::printable(spec.dynamics.diffusion, 200));
    return text;
}

Table wells_table(const model::Landscape& landscape, const theory::Prediction& prediction)
{
    Table table({"well", "minimum", "left", "right", "radius", "l*", "q", "q to each field"}, {7});
    for (std::size_t i = 0; i < prediction.exits.size(); ++i) {
        const auto& exits = prediction.exits[i];
        table.add({well(i), shown(landscape.minima()[i], 6), end(landscape.left(i)), end(landscape.right(i)),
                   shown(landscape.radius(i), 6), std::to_string(exits.order),
                   prediction.heavy_tailed() ? shown(exits.total(), 6) : "–", largest(exits.to, 5)});
    }
    return table;
}

std::vector<std::string> graph_sentences(const theory::Prediction& prediction)
{
    if (!prediction.heavy_tailed())
        return {
            "The noise has no heavy tail, and the exit theorem does not apply: there are no constants and no limiting "
            "chain. Exits take a time that grows exponentially in 1/η, here by Kramers' formula and, nearer to the "
            "chain, by the diffusion's exact mean with the length of a step taken into account:"};
    const auto& graph = prediction.graph;
    std::vector<std::string> edges;
    for (std::size_t from = 0; from < std::min(prediction.exits.size(), most_edges); ++from) {
        std::vector<std::size_t> to;
        for (const auto& edge : graph.edges)
            if (edge.from == from) to.push_back(edge.to);
        if (!to.empty()) edges.push_back(fmt::format("{} → {}", well(from), model::join(wells(to), ", ")));
    }
    if (prediction.exits.size() > most_edges) edges.emplace_back("and so on");
    std::vector<std::string> sentences = {fmt::format("Typical transitions: {}.", fmt::join(edges, "; "))};
    for (const auto& members : graph.classes) sentences.push_back(class_sentence(members, graph.classes.size() == 1));
    if (const std::string end = absorption_sentence(prediction); !end.empty()) sentences.push_back(end);
    return sentences;
}

ChainWords chain_words(const theory::Prediction& prediction, std::size_t k)
{
    const auto& chain = prediction.chains[k];
    const auto& members = prediction.graph.classes[k];
    const std::string whose = wells_words(members.wells);
    if (chain.states.size() == 1 && chain.killing.front() == 0)
        return {fmt::format("The limiting chain of {} stays in well {}.", whose, well(chain.states.front())), false,
                entrances(chain)};
    return {fmt::format("The limiting chain of {}; its rates, times λ(η) with l* = {}, are per step:", whose,
                        members.largest_order),
            true, entrances(chain)};
}

Table generator_table(const theory::LimitChain& chain)
{
    const std::size_t n = chain.states.size();
    const bool killed = std::any_of(chain.killing.begin(), chain.killing.end(), [](double k) { return k > 0; });
    const auto rate = [&](std::size_t i, std::size_t j) {
        return chain.generator(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    };
    const std::vector<double> stay = theory::mean_holding_times(chain);
    if (n > most_states) {
        Table table({"from well", "stationary", "mean stay", "killed", "rate to each well"}, {4});
        for (std::size_t i = 0; i < n; ++i) {
            std::vector<double> rates(chain.states.back() + 1, 0.0);
            for (std::size_t j = 0; j < n; ++j)
                if (j != i) rates[chain.states[j]] = rate(i, j);
            table.add({well(chain.states[i]), chain.stationary.empty() ? "–" : shown(chain.stationary[i], 5),
                       shown(stay[i], 4), shown(chain.killing[i], 5), largest(rates, 5)});
        }
        return table;
    }
    std::vector<std::string> head = {"from well"};
    for (const std::size_t j : chain.states) head.push_back(fmt::format("to {}", well(j)));
    if (killed) head.push_back("killed");
    head.push_back("mean stay");
    if (!chain.stationary.empty()) head.push_back("stationary");
    Table table(std::move(head));
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<std::string> row = {well(chain.states[i])};
        for (std::size_t j = 0; j < n; ++j) row.push_back(shown(rate(i, j), 6));
        if (killed) row.push_back(shown(chain.killing[i], 6));
        row.push_back(shown(stay[i], 5));
        if (!chain.stationary.empty()) row.push_back(shown(chain.stationary[i], 5));
        table.add(std::move(row));
    }
    return table;
}

Table kramers_table(const theory::Prediction& prediction)
{
    Table table({"η", "well", "Kramers", "step included", "barrier", "exits right", "Kramers' formula"}, {6});
    const auto mean = [](const theory::SaddleExit& exit) {
        return std::isfinite(exit.mean()) ? shown(exit.mean(), 5)
                                          : fmt::format("10^{}", shown(exit.log_mean / std::numbers::ln10, 6));
    };
    const auto trust = [](const theory::KramersTime& time) { // its reasons are in the other columns
        const std::string words = theory::validity(time);
        return words.substr(0, words.find(':'));
    };
    for (const auto& cell : prediction.kramers)
        table.add({shown(cell.learning_rate, 6), well(cell.well), mean(cell.time.asymptotic), mean(cell.time.chain),
                   shown(cell.time.barrier, 4), shown(cell.time.chain.right(), 4), trust(cell.time)});
    return table;
}

std::string predicted_by(const std::vector<theory::Prediction>& predictions)
{
    return heavy_tailed(predictions) ? "limit theorem" : "Kramers' formula";
}

Table exact_table(const std::vector<theory::ExactCell>& cells, const std::vector<theory::Prediction>& predictions)
{
    Table table({"clip", "η", "well", "l*", "mean exit time", heavy_tailed(predictions) ? "limit 1/(qλ)" : "Kramers",
                 "ratio", "exit split"},
                {7});
    for (const auto& cell : cells)
        table.add({shown(cell.clip, 6), shown(cell.learning_rate, 6), well(cell.well),
                   order_words(order_at(predictions, cell.clip, cell.well)),
                   with_error(cell.exit.mean, cell.exit.error * cell.exit.mean), shown(cell.limit_mean, 7),
                   shown(cell.ratio(), 6), largest(cell.exit.to, 4)});
    return table;
}

Table quantiles_table(const Exact& exact)
{
    std::vector<std::string> head = {"clip", "η", "well", "rate"};
    for (const auto& q : exact.laws->front().quantiles) head.push_back(percent(q.probability));
    Table table(std::move(head));
    for (std::size_t k = 0; k < exact.cells.size(); ++k) {
        const auto& cell = exact.cells[k];
        const auto& law = (*exact.laws)[k];
        std::vector<std::string> row = {shown(cell.clip, 6), shown(cell.learning_rate, 6), well(cell.well),
                                        shown(law.rate, 5)};
        for (const auto& q : law.quantiles) row.push_back(shown(static_cast<double>(q.step), 5));
        table.add(std::move(row));
    }
    return table;
}

Table survival_table(const Exact& exact)
{
    constexpr std::size_t most = 10; // columns of steps: the last ones, since all begin near 1
    std::vector<std::uint64_t> steps;
    for (const auto& law : *exact.laws)
        for (const auto& point : law.survival)
            if (std::log10(static_cast<double>(point.step)) == std::round(std::log10(static_cast<double>(point.step))))
                steps.push_back(point.step);
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    if (steps.size() > most) steps.erase(steps.begin(), steps.end() - most);
    std::vector<std::string> head = {"clip", "η", "well"};
    for (const std::uint64_t step : steps) head.push_back(shown(static_cast<double>(step), 3));
    Table table(std::move(head));
    for (std::size_t k = 0; k < exact.cells.size(); ++k) {
        const auto& cell = exact.cells[k];
        std::vector<std::string> row = {shown(cell.clip, 6), shown(cell.learning_rate, 6), well(cell.well)};
        for (const std::uint64_t step : steps) {
            const auto& points = (*exact.laws)[k].survival;
            const auto at = std::find_if(points.begin(), points.end(), [&](const auto& p) { return p.step == step; });
            row.push_back(at == points.end() ? "–" : shown(at->probability, 4));
        }
        table.add(std::move(row));
    }
    return table;
}

Table ladder_table(const validation::Ladder& study, const std::vector<validation::Hypothesis>& limits)
{
    Table table({"η", "mean exit time", "ratio", "slope", "split", "gap of the law", "dependence"});
    const std::vector<double> slopes = validation::local_slopes(study.rungs);
    for (std::size_t k = 0; k < study.rungs.size(); ++k) {
        const auto& rung = study.rungs[k];
        table.add({shown(rung.learning_rate, 4), shown(rung.exit.mean, 6), shown(rung.ratio(), 6),
                   k == 0 ? "–" : shown(slopes[k - 1], 6), largest(rung.exit.to, 5, 1),
                   k < study.gaps.size() ? shown(study.gaps[k].time, 4) : "–",
                   k < study.gaps.size() ? shown(study.gaps[k].place, 3) : "–"});
    }
    const validation::Extrapolated* const values[] = {&study.ratio, &study.slope, &study.share, &study.time_gap,
                                                      &study.place_gap};
    const char* const kinds[] = {"exit-time.limit/", "exit-time.slope/", "exit-split.limit/", "exit-time.law-limit/",
                                 "exit-split.independence/"};
    std::vector<std::string> limit = {"→ 0", ""}, order = {"order", ""}, verdicts = {"verdict", ""};
    for (std::size_t k = 0; k < std::size(kinds); ++k) {
        const auto h = std::find_if(limits.begin(), limits.end(), [&](const auto& found) {
            return found.clip == study.clip && found.well == study.well && found.id.starts_with(kinds[k]);
        });
        limit.push_back(extrapolated(*values[k]));
        order.push_back(std::isinf(values[k]->order) ? "–" : shown(values[k]->order, 2));
        verdicts.push_back(verdict_of(h == limits.end() ? nullptr : &*h));
    }
    for (auto& row : {limit, order, verdicts}) table.add(row);
    return table;
}

Table shares_table(const validation::IrreducibleLadder& study, const std::vector<validation::Hypothesis>& limits)
{
    constexpr std::size_t most = 6;
    const std::size_t shares = std::min(study.limits.size(), most);
    std::vector<std::string> head{"η"};
    for (std::size_t i = 0; i < shares; ++i) head.push_back(fmt::format("well {}", well(i)));
    head.emplace_back("law at t");
    Table table(std::move(head));
    for (const auto& rung : study.rungs) {
        std::vector<std::string> row{shown(rung.eta, 4)};
        for (std::size_t i = 0; i < shares; ++i) row.push_back(shown(rung.scaled[i], 6));
        row.push_back(shown(validation::apart(rung), 4));
        table.add(std::move(row));
    }
    std::vector<std::string> limit{"→ 0"}, theory{"theory"}, order{"order"}, verdicts{"verdict"};
    const auto add = [&](const validation::Extrapolated& value, double expected, const char* kind, std::size_t of) {
        const auto h = std::find_if(limits.begin(), limits.end(), [&](const auto& found) {
            return found.clip == study.clip && found.well == of && found.id.starts_with(kind);
        });
        limit.push_back(extrapolated(value));
        theory.push_back(shown(expected, 6));
        order.push_back(std::isinf(value.order) ? "–" : shown(value.order, 2));
        verdicts.push_back(verdict_of(h == limits.end() ? nullptr : &*h));
    };
    for (std::size_t i = 0; i < shares; ++i) add(study.share[i], study.limits[i], "time-share.limit/", i);
    add(study.apart, 0, "wells-at-times.limit/", study.start);
    for (auto& row : {limit, theory, order, verdicts}) table.add(row);
    return table;
}

CellsTable cells_table(const validation::Verification& verification)
{
    CellsTable out{
        Table({"clip", "η", "well", "l*", "predicted", "exact", "simulated", "exits", "time", "law", "split"},
              {8, 9, 10}),
        {}};
    for (const auto& cell : verification.cells) {
        const auto& exact = cell.exact;
        std::string seen = "not simulated";
        std::string exits = "–";
        if (cell.simulated) {
            seen = interval(*cell.simulated);
            exits = std::to_string(cell.simulated->exits);
            if (cell.simulated->censored > 0)
                exits += fmt::format(" of {}", cell.simulated->exits + cell.simulated->censored);
        }
        if (!cell.note.empty()) seen += fmt::format(" {}", mark(out.notes, cell.note));
        out.table.add({shown(exact.clip, 6), shown(exact.learning_rate, 6), well(exact.well),
                       order_words(order_at(verification.predictions, exact.clip, exact.well)),
                       shown(exact.limit_mean, 5), shown(exact.exit.mean, 5), seen, exits,
                       verdict_of(find(verification, exact, Question::time)),
                       verdict_of(find(verification, exact, Question::law)),
                       verdict_of(find(verification, exact, Question::split))});
    }
    return out;
}

Table limits_table(const validation::Verification& verification)
{
    Table table({"clip", "well", "l*", "least η", "ratio there", "ratio as η → 0", "time", "law", "split as η → 0",
                 "limit", "split"},
                {6, 7, 10});
    for (const auto& study : verification.ladders) {
        const auto* const split = find(verification, study, Question::split);
        const bool rungs = !study.rungs.empty();
        table.add({shown(study.clip, 6), well(study.well),
                   order_words(order_at(verification.predictions, study.clip, study.well)),
                   rungs ? shown(study.rungs.back().learning_rate, 4) : "–",
                   rungs ? shown(study.rungs.back().ratio(), 5) : "–", extrapolated(study.ratio),
                   verdict_of(find(verification, study, Question::time)),
                   verdict_of(find(verification, study, Question::law)), extrapolated(study.share),
                   split == nullptr ? "–" : shown(split->expected, 6), verdict_of(split)});
    }
    return table;
}

Table shares_limits_table(const validation::Verification& verification)
{
    Table table({"claim", "clip", "well", "least η", "as η → 0", "limit", "verdict"}, {0, 6});
    for (const auto& study : verification.shares) {
        if (!study.silence.empty()) continue;
        const auto add = [&](const char* kind, const char* words, std::size_t of,
                             const validation::Extrapolated& value) {
            for (const auto& h : verification.hypotheses)
                if (h.clip == study.clip && h.well == of && h.id.starts_with(kind))
                    table.add({words, shown(h.clip, 6), well(h.well), shown(study.rungs.back().eta, 3),
                               extrapolated(value), shown(h.expected, 6), word(h.verdict)});
        };
        for (std::size_t i = 0; i < study.limits.size(); ++i)
            add("time-share.limit/", "share of time, scaled", i, study.share[i]);
        add("wells-at-times.limit/", "law at three times: distance", study.start, study.apart);
    }
    return table;
}

Table whole_line_table(const validation::Verification& verification)
{
    constexpr std::pair<const char*, const char*> kinds[] = {{"wells-at-times/", "wells at two times: distance"},
                                                             {"time-share.sharp/", "share of time in sharp fields"},
                                                             {"sharp-at-time/", "in sharp fields at the end"},
                                                             {"passage-time.mean/", "steps to another wide well"},
                                                             {"passage-split/", "which one: the likeliest"}};
    Table table({"claim", "clip", "η", "from", "expected", "simulated", "interval", "paths", "verdict"}, {0, 8});
    for (const auto& h : verification.hypotheses)
        for (const auto& [kind, words] : kinds)
            if (h.id.starts_with(kind))
                table.add({h.claim.find("in the field where it starts") == std::string::npos ? words
                           : h.id.starts_with("time-share") ? "share of time in that field"
                                                            : "in that field at the end",
                           shown(h.clip, 6), shown(h.learning_rate, 6), well(h.well), shown(h.expected, 5),
                           shown(h.estimate, 5), fmt::format("[{}, {}]", shown(h.lower, 4), shown(h.upper, 4)),
                           std::to_string(h.samples), word(h.verdict)});
    return table;
}

std::string counts(const std::vector<validation::Hypothesis>& hypotheses)
{
    std::vector<std::string> parts;
    for (const auto v :
         {validation::Verdict::confirmed, validation::Verdict::refuted, validation::Verdict::inconclusive})
        parts.push_back(fmt::format("{} {}",
                                    std::count_if(hypotheses.begin(), hypotheses.end(),
                                                  [v](const validation::Hypothesis& h) { return h.verdict == v; }),
                                    word(v)));
    return model::join(parts, ", ");
}

std::string power_sentence(const model::Spec& spec, const validation::Verification& verification)
{
    const auto& asked = spec.verify;
    std::string text = fmt::format("A true theory is refuted with probability at most {} over the whole run",
                                   shown(asked.false_alarm, 3));
    double worst[] = {0, 0}; // of time and split
    for (const auto& h : verification.hypotheses)
        if (h.alpha > 0 && !std::isnan(h.detectable_effect)) {
            if (!asks(h, Question::time) && !asks(h, Question::split)) continue;
            double& seen = worst[asks(h, Question::time) ? 0 : 1];
            seen = std::max(seen, h.detectable_effect);
        }
    if (worst[0] == 0) return fmt::format("{}.", text);
    const bool splits = worst[1] > 1e-4; // else there is one place only
    return fmt::format("{}; an error of {} in a mean exit time{} would have been seen in every simulated cell with "
                       "probability {} (asked: {}).",
                       text, percent(worst[0]),
                       splits ? fmt::format(", and of {} in the leading share of an exit split,", percent(worst[1]))
                              : "",
                       shown(asked.power, 4), percent(asked.effect));
}

const validation::Hypothesis* find(const validation::Verification& verification, const theory::ExactCell& cell,
                                   Question question)
{
    return find_if(verification, question, [&](const validation::Hypothesis& h) {
        return h.clip == cell.clip && h.learning_rate == cell.learning_rate && h.well == cell.well;
    });
}

const validation::Hypothesis* find(const validation::Verification& verification, const validation::Ladder& ladder,
                                   Question question)
{
    return find_if(verification, question, [&](const validation::Hypothesis& h) {
        return h.clip == ladder.clip && std::isnan(h.learning_rate) && h.well == ladder.well;
    });
}

std::string predict_text(const model::Spec& spec, const model::Landscape& landscape,
                         const std::vector<theory::Prediction>& predictions)
{
    std::string text = paragraph(fmt::format("{} ({})", spec.title, spec.name), 0, 0) +
                       paragraph(spec_words(spec), 0, 0) + "\n" + landscape_text(landscape);
    for (const auto& prediction : predictions) {
        text += fmt::format("\n{}\n", clip_words(prediction.clip));
        text += wells_table(landscape, prediction).text();
        for (const std::string& sentence : graph_sentences(prediction)) text += paragraph(sentence);
        if (!prediction.heavy_tailed()) text += kramers_table(prediction).text();
        text += chains_text(prediction);
    }
    return text;
}

std::string exact_text(const model::Spec& spec, const Exact& exact, const std::vector<theory::Prediction>& predictions)
{
    std::string text = paragraph(fmt::format("{} ({})", spec.title, spec.name), 0, 0) +
                       paragraph(spec_words(spec), 0, 0) + "\n" + exact_table(exact.cells, predictions).text();
    if (exact.laws) {
        text += "\nThe law of the exit time: quantiles in steps, and the rate at which the well is left in the end\n" +
                quantiles_table(exact).text() + "\nThe probability that the exit is later than so many steps\n" +
                survival_table(exact).text();
        if (std::any_of(exact.laws->begin(), exact.laws->end(), [](const auto& law) { return law.geometric; }))
            text += paragraph("Where the law is geometric from the first step on, only its mean is exact.");
    }
    if (!exact.stationary.empty()) text += stationary_text(exact.stationary);
    if (!exact.ladders) return text;
    text +=
        "\nThe approach to the limit: exact / predicted mean exit time → 1; slope of log E σ against log 1/λ(η) → 1; "
        "gaps → 0\n";
    for (const auto& study : *exact.ladders)
        text += fmt::format("\n{}, well {} (l* = {})\n", clip_words(study.clip), well(study.well),
                            order_words(order_at(predictions, study.clip, study.well))) +
                ladder_table(study, exact.limits).text();
    text += "\nThe whole line: share of time in the field of each well, times (H(1/η)/η)^(l* - l^large), → its limit;\n"
            "distance of the law at given times from that of the limiting chain → 0\n";
    for (const auto& study : exact.shares) {
        if (!study.silence.empty()) continue;
        text += fmt::format("\n{}, from well {}, at {}, {} and {} times 1/λ(η)\n", clip_words(study.clip),
                            well(study.start), shown(study.times[0], 4), shown(study.times[1], 4),
                            shown(study.times[2], 4)) +
                shares_table(study, exact.limits).text();
    }
    for (const std::string& line : validation::silences(exact.shares)) text += paragraph("Not asked: " + line, 2, 4);
    return text;
}

std::string verify_text(const model::Spec& spec, const validation::Verification& verification,
                        const std::string& report, bool colour)
{
    std::string text = paragraph(fmt::format("{} ({}), seed {}", spec.title, spec.name, spec.verify.seed), 0, 0) +
                       paragraph(spec_words(spec), 0, 0);
    const CellsTable cells = cells_table(verification);
    text += fmt::format("\nMean first exit time in steps: {}, exact chain, simulation\n",
                        predicted_by(verification.predictions)) +
            cells.table.text(colour);
    for (std::size_t k = 0; k < cells.notes.size(); ++k)
        text += paragraph(fmt::format("[{}] {}", k + 1, cells.notes[k]), 2, 6);
    if (const Table limits = limits_table(verification); !limits.empty())
        text += "\nThe limit: exact / predicted mean exit time → 1, leading share of the exit split → its limit\n" +
                limits.text(colour);

    if (const Table shares = shares_limits_table(verification); !shares.empty())
        text +=
            "\nThe limit on the whole line: share of time times (H(1/η)/η)^(l* - l^large) → its limit, law → that of "
            "Y\n" +
            shares.text(colour);
    if (const Table whole = whole_line_table(verification); !whole.empty())
        text += "\nThe whole line: exact chain, simulation\n" + whole.text(colour);
    for (const std::string& note : verification.notes) text += paragraph("Not asked: " + note, 2, 4);

    std::string open;
    for (const auto& h : verification.hypotheses)
        if (h.verdict != validation::Verdict::confirmed)
            open += fmt::format("  {}  {}\n", painted(word(h.verdict), colour), h.id) +
                    (h.reason.empty() ? "" : paragraph(h.reason, 4, 4));
    if (!open.empty()) text += "\nNot confirmed\n" + open;

    text += fmt::format("\n{} hypotheses: {}\n", verification.hypotheses.size(), counts(verification.hypotheses));
    text += paragraph(power_sentence(spec, verification), 0, 0);
    text += fmt::format("Verdict: {}\n", painted(word(verification.verdict), colour));
    if (!report.empty()) text += fmt::format("Report: {}\n", report);
    return text;
}

}
