#include "cli/commands.hpp"

#include "cli/constants.hpp"
#include "cli/explain.hpp"
#include "cli/figures.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"
#include "cli/observed.hpp"
#include "cli/options.hpp"
#include "cli/paths.hpp"
#include "cli/plan.hpp"
#include "cli/progress.hpp"
#include "cli/records.hpp"
#include "cli/report.hpp"
#include "cli/selftest.hpp"
#include "cli/signals.hpp"
#include "cli/simulate.hpp"
#include "cli/starter.hpp"
#include "cli/stationary.hpp"
#include "cli/text.hpp"
#include "cli/version.hpp"
#include "model/error.hpp"
#include "model/message.hpp"
#include "sim/exits.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <gsl/gsl_errno.h>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace exeunt::cli
{
namespace
{

namespace fs = std::filesystem;

/// Where the specs that ship with the toolkit are: beside the launcher, or where this program was built from.
fs::path shipped()
{
    const fs::path built_from = fs::path(EXEUNT_SOURCE_DIR) / "specs";
    const char* const root = std::getenv("EXEUNT_ROOT");
    if (root == nullptr || *root == '\0') return built_from;
    std::error_code ignored;
    const fs::path beside = fs::path(root) / "specs";
    return fs::is_directory(beside, ignored) ? beside : built_from;
}

model::Spec load(const Request& request)
{
    model::Overrides overrides = validation::overrides(request.profile);
    overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end());
    return request.potential ? model::default_spec(*request.potential, overrides)
                             : model::load_spec(request.spec, overrides, shipped());
}

/// A well that the domain leaves out is one that the theory does not know of, and X may find it.
void warn_of_turns(const Request& request, const model::Landscape& f)
{
    if (request.quiet || f.domain().clamp) return;
    for (const double x : model::turns_beyond(f))
        say(fmt::format(
            "beyond the domain f' changes sign, at x = {:.6g}: what X meets there, without potential.clamp, "
            "is in none of the wells; widen potential.domain or set potential.clamp = true",
            x));
}

/// The cells of the profile; all of them but for a gate's.
validation::Selection selected(const Request& request, const model::Spec& spec)
{
    if (request.profile != validation::Profile::gate) return {spec, {}};
    Progress progress(request.quiet);
    const auto show = [&](std::size_t done, std::size_t of) {
        progress.show("choice of cells", static_cast<double>(done) / static_cast<double>(of));
    };
    return validation::gate(spec, request.threads, {.progress = show, .stop = interrupted});
}

fs::path out_folder(const Request& request, const model::Spec& spec)
{
    return request.out.empty() ? fs::path("results") / spec.name : request.out;
}

/// Escape sequences are for a terminal whose user did not refuse them (no-color.org).
bool coloured()
{
    const char* const refused = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

void stop_if_interrupted()
{
    if (interrupted()) throw Interrupted{};
}

Status predict(const Request& request)
{
    const model::Spec spec = load(request);
    const theory::Setting setting(spec);
    warn_of_turns(request, setting.landscape);
    const auto predictions = theory::predict(spec, setting);
    write_standard_output(request.json ? predict_json(spec, setting.landscape, predictions)
                                       : predict_text(spec, setting.landscape, predictions));
    return Status::done;
}

Status exact(const Request& request)
{
    const model::Spec spec = load(request);
    const theory::Setting setting(spec);
    warn_of_turns(request, setting.landscape);
    const auto predictions = theory::predict(spec, setting);
    if (request.ladder && !setting.noise->heavy_tailed())
        throw BadInput("--ladder: the noise has no heavy tail, and there is no limit theorem to go to");
    Progress progress(request.quiet);
    const auto watch = [&](const char* stage) {
        return theory::Watch{.progress =
                                 [&progress, stage](std::size_t done, std::size_t of) {
                                     progress.show(stage, static_cast<double>(done) / static_cast<double>(of),
                                                   fmt::format("{} of {}", done, counted(of, "cell")));
                                 },
                             .stop = interrupted};
    };
    constexpr double rtol = 1e-4; // of the mean, which is enough to see how far the limit is
    Exact found{.cells = theory::exact(spec, setting, predictions, rtol, request.threads, watch("oracle"))};
    if (request.law)
        found.laws = theory::law_summaries(setting, found.cells, request.json, request.threads, watch("law"));
    if (request.ladder) {
        auto studies = validation::limit_studies(setting, predictions,
                                                 {.etas = spec.verify.ladder,
                                                  .effect = spec.verify.effect,
                                                  .threads = request.threads,
                                                  .watch = watch("ladder")});
        found.limits = validation::limits(studies, predictions, spec.verify.effect);
        found.ladders = std::move(studies.ladders);
        found.shares = std::move(studies.shares);
    }
    found.steps = request.steps.value_or(0);
    if (request.stationary)
        found.stationary =
            theory::stationary_cells(spec, setting, predictions, request.json ? histogram_bins : 0,
                                     request.steps.value_or(0), request.threads, watch("stationary law"));
    progress.clear();
    write_standard_output(request.json ? exact_json(spec, found) : exact_text(spec, found, predictions));
    return Status::done;
}

Status plan(const Request& request)
{
    const auto [spec, cells] = selected(request, load(request));
    Progress progress(request.quiet);
    const auto plan = validation::plan(
        spec, {.threads = request.threads,
               .progress = [&](const std::string& stage, double share) { progress.show(stage, share, ""); },
               .stop = interrupted,
               .only = cells,
               .whole_line = request.whole_line});
    progress.clear();
    write_standard_output(request.json ? plan_json(spec, plan, request.cores) : plan_text(spec, plan, request.cores));
    return Status::done;
}

Status calibrate(const Request& request)
{
    const model::Spec spec = load(request);
    Progress progress(request.quiet);
    validation::CalibrationOptions options{.threads = request.threads,
                                           .progress = [&](double share) { progress.show("campaigns", share); },
                                           .stop = interrupted};
    options.campaigns = request.campaigns.value_or(options.campaigns);
    const auto calibration = validation::calibrate(spec, options);
    progress.clear();
    write_standard_output(request.json ? calibrate_json(spec, calibration) : calibrate_text(spec, calibration));
    return calibration.complaints(spec.verify.power).empty() ? Status::done : Status::refuted;
}

Status mutants(const Request& request)
{
    model::Overrides overrides = validation::mutant_overrides();
    overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end()); // --seed
    const model::Spec spec = model::load_spec("wang2022", overrides, shipped());
    Progress progress(request.quiet);
    validation::MutantOptions options{.threads = request.threads,
                                      .progress = [&](double share) { progress.show("mutants", share); },
                                      .stop = interrupted};
    options.campaigns = request.campaigns.value_or(options.campaigns);
    const auto outcomes = validation::mutants(spec, options);
    progress.clear();
    write_standard_output(request.json ? mutants_json(outcomes) : mutants_text(outcomes));
    return all_seen(outcomes) ? Status::done : Status::refuted;
}

/// Where a campaign is: on its cell, since cells take different times.
void show(Progress& progress, const sim::CampaignProgress& at, const std::vector<sim::Cell>& cells,
          std::uint64_t replicas, const char* what = "exits")
{
    const sim::Cell& cell = cells[at.cell];
    const double rate = at.seconds > 0.5 ? at.steps / at.seconds : 0;
    progress.show(fmt::format("cell {}/{}", at.cell + 1, cells.size()),
                  static_cast<double>(at.done) / static_cast<double>(replicas),
                  fmt::format("clip={} eta={} well={}: {} of {} {}{}", cell.clip, cell.learning_rate, cell.well + 1,
                              at.done, replicas, what, rate > 0 ? fmt::format(", {} steps/s", shown(rate, 2)) : ""));
}

/// What a campaign begins with, on every rank; folder and store are those of the first.
struct Begun {
    model::Spec spec;
    std::optional<model::Landscape> landscape;
    std::vector<sim::Cell> cells;
    std::optional<Folder> folder;
    std::optional<sim::Store> store;

    /// `plan`: what the replicas of the store have in common.
    Begun(const Request& request, sim::Ranks& ranks, const sim::CampaignPlan& plan)
    {
        ranks.agree([&] {
            spec = load(request);
            landscape.emplace(model::landscape(spec));
            cells = sim::cells_of(spec, landscape->wells());
            if (!ranks.first()) return;
            warn_of_turns(request, *landscape);
            folder.emplace(out_folder(request, spec));
            store.emplace(folder->path() / "campaign.db", sim::identity_of(spec, plan, version));
        });
    }
    sim::Store* kept() { return store ? &*store : nullptr; }
};

/// The same on every rank of an MPI run; the first stores and prints.
Status simulate_exits(const Request& request, sim::Ranks& ranks)
{
    sim::CampaignPlan plan{.threads = request.threads, .stop = interrupted};
    plan.replicas = request.replicas.value_or(plan.replicas);
    plan.step_limit = request.max_steps.value_or(plan.step_limit);
    Begun begun(request, ranks, plan);
    const auto& [spec, landscape, cells, folder, store] = begun;
    {
        Progress progress(request.quiet || !ranks.first());
        plan.progress = [&](const auto& at) { show(progress, at, begun.cells, plan.replicas); };
        sim::run_campaign(spec, begun.kept(), ranks, plan);
    }
    if (!ranks.first()) return Status::done;

    Campaign campaign{.spec = spec, .plan = plan, .store = store->file().string()};
    std::optional<GrowingFile> table;
    if (request.export_csv) {
        campaign.csv = (folder->path() / "exits.csv").string();
        table.emplace(folder->path(), "exits.csv");
        table->write(csv_head());
    }
    for (const sim::Cell& cell : cells) {
        stop_if_interrupted();
        const auto exits = sim::stored_exits(*store, cell, plan.replicas);
        sim::check_distinct(exits, spec.potential.domain, cell);
        campaign.cells.push_back(summary(cell, exits));
        if (table) write_csv(*table, cell, exits);
    }
    if (table) table->publish();
    write_standard_output(request.json ? simulate_json(campaign) : simulate_text(campaign));
    return Status::done;
}

/// The same for whole paths.
Status simulate_paths(const Request& request, sim::Ranks& ranks)
{
    constexpr std::uint64_t usual_steps = 1'000'000;
    sim::PathPlan plan{.replicas = *request.paths,
                       .steps = request.steps.value_or(usual_steps),
                       .threads = request.threads,
                       .stop = interrupted};
    Begun begun(request, ranks, {});
    const auto& [spec, landscape, cells, folder, store] = begun;
    {
        Progress progress(request.quiet || !ranks.first());
        plan.progress = [&](const auto& at) { show(progress, at, begun.cells, plan.replicas, "paths"); };
        sim::run_paths(spec, begun.kept(), ranks, plan);
    }
    if (!ranks.first()) return Status::done;

    PathCampaign campaign{.spec = spec, .paths = plan.replicas, .steps = plan.steps, .store = store->file().string()};
    const auto what = sim::seen_of_paths(landscape->domain(), plan.steps);
    std::optional<PathTables> tables;
    if (request.export_csv) tables.emplace(folder->path(), landscape->wells());
    for (const sim::Cell& cell : cells) {
        stop_if_interrupted();
        const auto seen = sim::stored_paths(*store, cell, plan.steps, plan.replicas);
        campaign.cells.push_back(summary(cell, seen, plan.steps));
        if (tables) tables->write(cell, seen, what);
    }
    if (tables) campaign.csv = tables->publish();
    write_standard_output(request.json ? paths_json(campaign) : paths_text(campaign));
    return Status::done;
}

Status simulate(const Request& request)
{
    sim::Ranks ranks;
    const auto run = request.paths ? simulate_paths : simulate_exits;
    if (ranks.first()) return run(request, ranks);
    // A failure reaches every rank, and the first reports it: mpirun would end it at once if another exited with it.
    fall_silent();
    try {
        run(request, ranks);
    } catch (...) {
    }
    return Status::done;
}

/// The store of the folder. None, and a note, when it is of another spec or seed, in use or damaged: verify needs it
/// only to save time.
std::unique_ptr<sim::Store> store_for_verify(const Request& request, const model::Spec& spec, const Folder& folder)
{
    try {
        return std::make_unique<sim::Store>(folder.path() / "campaign.db", sim::identity_of(spec, {}, version));
    } catch (const BadInput& problem) {
        if (!request.quiet) say(fmt::format("nothing is kept of this simulation: {}", problem.what()));
        return nullptr;
    }
}

validation::Verification run_verify(const Request& request, const model::Spec& spec, const Folder& folder,
                                    std::vector<validation::CellName> only = {})
{
    Progress progress(request.quiet);
    const auto store = store_for_verify(request, spec, folder);
    return validation::verify(spec,
                              {.threads = request.threads,
                               .progress = [&](const auto& now) { progress.show(now.stage, now.share, now.detail); },
                               .stop = interrupted,
                               .store = store.get(),
                               .only = std::move(only),
                               .whole_line = request.whole_line});
}

/// What the folder keeps of X on the whole line, read when it is first asked for.
class Observed
{
  public:
    Observed(const Request& request, const model::Spec& spec, const theory::Setting& setting,
             const std::vector<theory::Prediction>& predictions, const fs::path& folder)
        : request_(request), spec_(spec), setting_(setting), predictions_(predictions), folder_(folder)
    {
    }
    /// Whether the figure of that name shows it.
    static bool needed(const std::string& name)
    {
        return name == "histograms" || name == "trajectories" || name == "ctmc";
    }
    /// Whether the data of that figure are stored.
    bool stored(const std::string& name) { return name == "ctmc" ? read_walk() : read_portrait(); }

    const validation::Portrait& portrait()
    {
        if (!read_portrait()) {
            portrait_ = simulated(validation::portrait);
            write_file(portrait_file(), portrait_json(spec_, *portrait_));
        }
        return *portrait_;
    }
    const validation::LimitWalk& walk()
    {
        if (!read_walk()) {
            walk_ = simulated(validation::limit_walk);
            write_file(walk_file(), walk_json(spec_, *walk_));
        }
        return *walk_;
    }

  private:
    fs::path portrait_file() const { return folder_ / "portrait.json"; }
    fs::path walk_file() const { return folder_ / "ctmc.json"; }
    bool read_portrait()
    {
        if (!portrait_) portrait_ = cli::read_portrait(read_file(portrait_file()), spec_);
        return portrait_.has_value();
    }
    bool read_walk()
    {
        if (!walk_) walk_ = cli::read_walk(read_file(walk_file()), spec_);
        return walk_.has_value();
    }
    template<class Result>
    Result simulated(Result (*study)(const model::Spec&, const theory::Setting&, const std::vector<theory::Prediction>&,
                                     const validation::PortraitOptions&)) const
    {
        Progress progress(request_.quiet);
        return study(spec_, setting_, predictions_,
                     validation::PortraitOptions{
                         .threads = request_.threads,
                         .progress = [&](const std::string& stage, double share) { progress.show(stage, share); },
                         .stop = interrupted});
    }

    const Request& request_;
    const model::Spec& spec_;
    const theory::Setting& setting_;
    const std::vector<theory::Prediction>& predictions_;
    fs::path folder_;
    std::optional<validation::Portrait> portrait_;
    std::optional<validation::LimitWalk> walk_;
};

/// The figures of a spec, drawn into a folder. What is not needed for those that are wanted may be missing.
class Drawing
{
  public:
    Drawing(const model::Spec& spec, const theory::Setting& setting, const std::vector<theory::Prediction>& predictions,
            const Request& request, fs::path folder)
        : spec_(spec), setting_(setting), predictions_(predictions),
          observed_(request, spec, setting, predictions, folder)
    {
        output_.folder = std::move(folder);
        output_.theme = request.theme;
        threads_ = request.threads;
        if (!request.formats.empty()) output_.formats = request.formats;
        output_.provenance = {.spec = spec.name, .seed = spec.verify.seed, .version = version};
    }
    DrawnFigure landscape() const
    {
        const auto figure = landscape_figure(spec_, setting_.landscape, predictions_);
        return {figure.name, plots::draw_landscape(figure, output_)};
    }
    DrawnFigure phase_diagram() const
    {
        const auto figure = phase_diagram_figure(spec_, setting_, threads_, {.progress = {}, .stop = interrupted});
        return {figure.name, plots::draw_phase_diagram(figure, output_)};
    }
    DrawnFigure transition_graph() const
    {
        const auto figure = transition_graph_figure(spec_, setting_.landscape, predictions_);
        return {figure.name, plots::draw_transition_graph(figure, output_)};
    }
    DrawnFigure convergence(const validation::Verification& record) const
    {
        const auto figure = convergence_figure(spec_, predictions_, record);
        return {figure.name, plots::draw_convergence(figure, output_)};
    }
    DrawnFigure exit_times(const validation::Verification& record, std::size_t well) const
    {
        const auto figure = exit_times_figure(spec_, predictions_, record, well);
        return {figure.name, plots::draw_exit_times(figure, output_)};
    }
    DrawnFigure histograms()
    {
        const auto figure = histograms_figure(spec_, setting_.landscape, observed_.portrait());
        return {figure.name, plots::draw_histograms(figure, output_)};
    }
    DrawnFigure trajectories()
    {
        const auto figure = trajectories_figure(spec_, setting_.landscape, observed_.portrait());
        return {figure.name, plots::draw_trajectories(figure, output_)};
    }
    DrawnFigure ctmc()
    {
        const auto figure = ctmc_figure(spec_, observed_.walk());
        return {figure.name, plots::draw_ctmc(figure, output_)};
    }
    /// Whether the figure of that name shows what only a record of verify has.
    static bool from_record(const std::string& name) { return name == "convergence" || name.starts_with("exit-times"); }
    /// The figure of that name, one of figure_names. `record` is read when from_record says so.
    DrawnFigure draw(const std::string& name, const validation::Verification* record)
    {
        stop_if_interrupted();
        if (name == "landscape") return landscape();
        if (name == "phase-diagram") return phase_diagram();
        if (name == "transition-graph") return transition_graph();
        if (name == "convergence") return convergence(*record);
        if (name == "histograms") return histograms();
        if (name == "trajectories") return trajectories();
        if (name == "ctmc") return ctmc();
        std::size_t well = 0;
        while (exit_times_name(predictions_, well) != name) ++well;
        return exit_times(*record, well);
    }
    /// Those of the names that can be drawn, and for the others why not: a method that does not reach its accuracy
    /// costs its own figure only. Anything else that goes wrong ends them all.
    std::vector<DrawnFigure> draw_all(const std::vector<std::string>& names, const validation::Verification* record)
    {
        std::vector<DrawnFigure> figures;
        for (const std::string& name : names) {
            try {
                figures.push_back(draw(name, record));
            } catch (const NotConverged& problem) {
                figures.push_back({name, {}, problem.what()});
                say(model::printable(fmt::format("no figure {}: {}", name, problem.what()), 500));
            }
        }
        return figures;
    }
    /// What the report of a record shows; what would first have to be simulated is left to the command figures.
    std::vector<DrawnFigure> of_record(const validation::Verification& record)
    {
        std::vector<std::string> names;
        for (const std::string& name : figure_names(predictions_)) {
            if (name == "convergence" && convergence_figure(spec_, predictions_, record).series.empty()) continue;
            if (Observed::needed(name) && !observed_.stored(name)) continue;
            names.push_back(name);
        }
        return draw_all(names, &record);
    }

  private:
    const model::Spec& spec_;
    const theory::Setting& setting_;
    const std::vector<theory::Prediction>& predictions_;
    Observed observed_;
    plots::Output output_;
    unsigned threads_ = 0;
};

std::string file_with(const DrawnFigure& figure, const char* ending)
{
    for (const auto& file : figure.files)
        if (file.extension() == ending) return read_file(file);
    return "";
}

/// What the wall time of a run depends on.
std::string machine()
{
    return fmt::format("{}, {}", counted(std::thread::hardware_concurrency(), "core"),
                       sim::name_of(sim::default_path()));
}

/// Whether there is a program of that name to run.
bool on_path(const std::string& program)
{
    const char* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');)
        if (::access((fs::path(folder) / program).c_str(), X_OK) == 0) return true;
    return false;
}

/// The report. Without gnuplot it has no figures, and says so: a campaign is not lost to a missing package.
std::vector<File> report(const Request& request, const model::Spec& spec, const theory::Setting& setting,
                         const validation::Verification& record, const fs::path& folder, double seconds)
{
    Report page{.spec = spec,
                .landscape = setting.landscape,
                .verification = record,
                .origin = {.command = command_line(request), .seconds = seconds, .machine = machine()}};
    if (request.profile == validation::Profile::gate) {
        page.without_pictures = "a gate judges a few cells; verify without --profile gate draws the figures";
    } else if (on_path("gnuplot")) {
        for (const auto& figure : Drawing(spec, setting, record.predictions, request, folder).of_record(record))
            page.pictures.push_back(
                {.name = figure.name,
                 .svg = file_with(figure, ".svg"),
                 .caption = figure.trouble.empty() ? file_with(figure, ".txt") : "Not drawn: " + figure.trouble,
                 .data = figure.name == "phase-diagram" ? file_with(figure, ".csv") : ""});
    } else {
        page.without_pictures = "gnuplot was not found; install the package gnuplot-nox, then run exeunt figures";
        if (!request.quiet) say(fmt::format("no figures: {}", page.without_pictures));
    }
    return {{"report.html", report_html(page)}, {"report.md", report_markdown(page)}};
}

Status status_of(validation::Verdict verdict)
{
    switch (verdict) {
    case validation::Verdict::confirmed:
        return Status::done;
    case validation::Verdict::refuted:
        return Status::refuted;
    case validation::Verdict::inconclusive:
        break;
    }
    return Status::inconclusive;
}

Status verify(const Request& request)
{
    const model::Spec whole = load(request);
    const theory::Setting setting(whole);
    warn_of_turns(request, setting.landscape);
    if (!request.junit.empty()) { // there is no absolute form of an empty path
        const fs::path junit_folder = fs::absolute(request.junit).parent_path();
        if (!fs::is_directory(junit_folder))
            throw BadInput(
                fmt::format("--junit {}: there is no folder {}", request.junit.string(), junit_folder.string()));
    }
    const Folder folder(out_folder(request, whole));
    const auto start = std::chrono::steady_clock::now();
    const auto [spec, cells] = selected(request, whole);
    const auto record = run_verify(request, spec, folder, cells);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const std::string place = (folder.path() / "report.html").string();
    const std::string document = verify_json(spec, record, place);
    // first what cannot be made again
    folder.write({{"verify.json", document}, {"verify.jsonl", record_lines(spec, record)}});
    if (!request.junit.empty()) write_file(request.junit, junit_xml(spec, record));
    folder.write(report(request, spec, setting, record, folder.path(), taken.count()));
    write_standard_output(request.json ? document : verify_text(spec, record, place, coloured()));
    return status_of(record.verdict);
}

/// The names that were asked for, each once, in the order of `known`; all when none was.
std::vector<std::string> wanted_figures(const Request& request, const std::vector<std::string>& known)
{
    for (const std::string& name : request.only)
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw BadInput(fmt::format("--only {}: no such figure; there is: {}", model::printable(name, 60),
                                       model::join(known, ", ")));
    std::vector<std::string> wanted;
    for (const std::string& name : known)
        if (request.only.empty() || std::find(request.only.begin(), request.only.end(), name) != request.only.end())
            wanted.push_back(name);
    return wanted;
}

/// The record that the folder keeps of this very spec, or else a fresh one, which it then keeps.
validation::Verification stored_or_fresh(const Request& request, const model::Spec& spec, const Folder& folder)
{
    const fs::path file = folder.path() / "verify.json";
    if (auto stored = read_verification(read_file(file), spec)) {
        if (!request.quiet) say(fmt::format("drawing from {}", file.string()));
        return *std::move(stored);
    }
    if (!request.quiet) say(fmt::format("{} has no record of this spec, seed and version: verifying", file.string()));
    auto fresh = run_verify(request, spec, folder);
    folder.write({{"verify.json", verify_json(spec, fresh, {})}});
    return fresh;
}

Status figures(const Request& request)
{
    const model::Spec spec = load(request);
    const theory::Setting setting(spec);
    warn_of_turns(request, setting.landscape);
    const auto predictions = theory::predict(spec, setting);
    const auto known = figure_names(predictions);
    const auto wanted = wanted_figures(request, known);
    const Folder folder(out_folder(request, spec));
    Drawing drawing(spec, setting, predictions, request, folder.path());

    std::optional<validation::Verification> record;
    if (std::any_of(wanted.begin(), wanted.end(), Drawing::from_record))
        record = stored_or_fresh(request, spec, folder);
    const auto drawn = drawing.draw_all(wanted, record ? &*record : nullptr);
    const bool all = std::all_of(drawn.begin(), drawn.end(), [](const auto& d) { return d.trouble.empty(); });
    const Status status = all ? Status::done : Status::not_converged;
    if (request.json) {
        write_standard_output(figures_json(spec, drawn));
        return status;
    }
    std::string text;
    for (const auto& figure : drawn)
        for (const auto& file : figure.files) text += file.string() + "\n";
    write_standard_output(text);
    return status;
}

Status obey(const Request& request)
{
    if (!request.help.empty()) {
        write_standard_output(request.help);
        return Status::done;
    }
    switch (request.command) { // too short to be asked to stop
    case Command::predict:
        return predict(request);
    case Command::constants_record:
        return record_constants(request, shipped());
    case Command::constants_check:
        return check_constants(request, shipped(), coloured());
    case Command::init:
        return init(request, shipped());
    case Command::explain:
        write_standard_output(explain_text(request.claim));
        return Status::done;
    default:
        break;
    }
    watch_signals();
    switch (request.command) {
    case Command::exact:
        return exact(request);
    case Command::plan:
        return plan(request);
    case Command::calibrate:
        return calibrate(request);
    case Command::mutants:
        return mutants(request);
    case Command::simulate:
        return simulate(request);
    case Command::verify:
        return verify(request);
    case Command::figures:
        return figures(request);
    default:
        break;
    }
    return Status::bad_input;
}

/// Runs the work and turns what it throws into one line and a status.
template<class Work> Status guarded(const Work& work)
{
    constexpr std::size_t longest = 2000;
    Status status = Status::bad_input;
    std::string message;
    try {
        return work();
    } catch (const Interrupted&) {
        status = Status::interrupted;
    } catch (const NotConverged& problem) {
        status = Status::not_converged;
        message = problem.what();
    } catch (const std::bad_alloc&) {
        message = "not enough memory";
    } catch (const std::exception& problem) {
        message = problem.what();
    }
    if (interrupted()) status = Status::interrupted; // it may reach us as the failure of a child
    say(status == Status::interrupted ? "interrupted" : model::printable(message, longest));
    return status;
}

}

int run(int argc, char** argv)
{
    occupy_standard_streams();
    survive_failed_writes();
    gsl_set_error_handler_off(); // statuses are checked; the default handler aborts
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    return static_cast<int>(guarded([&] { return obey(parse(arguments)); }));
}

}
