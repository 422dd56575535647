#include "validation/portrait.hpp"

#include "model/error.hpp"
#include "sim/paths.hpp"
#include "theory/histogram.hpp"
#include "theory/kramers.hpp"
#include "theory/stationary.hpp"
#include "theory/well_law.hpp"
#include "validation/bounded_mean.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <span>

namespace exeunt::validation
{

namespace
{

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double shown_level = 0.05;       ///< of the intervals that are drawn
constexpr std::uint64_t batches = 8;       ///< of replicas, for the intervals of the bins
constexpr std::uint64_t replicas = 8 * 32; ///< a share of 2 % to within 5 % by bounded_mean, where it varies little
constexpr double least_steps = 4e4;        ///< of a replica: 10⁷ of all together
constexpr double most_steps = 5e5;
constexpr std::size_t kept = 2000; ///< states of a path
constexpr double oracle_rtol = 1e-3, bins_error = 1e-2;
constexpr double log_hopeless = 40; ///< of Kramers' time: rates of e^-40 are beyond the oracle's mesh, seen by trial

double log_mean_exit(const model::Model& m, std::size_t well)
{
    return theory::kramers_time(m.landscape, m.diffusion, m.noise->scale(), well, m.b, m.eta).chain.log_mean;
}

double first_finite(const std::vector<double>& clips)
{
    const auto at = std::find_if(clips.begin(), clips.end(), [](double b) { return std::isfinite(b); });
    return at == clips.end() ? inf : *at;
}

/// The control beside a heavy-tailed spec.
model::Spec gaussian(model::Spec spec)
{
    spec.noise = {.law = "gaussian", .alpha = std::nullopt, .scale = 10 * spec.noise.scale, .p_plus = 0.5};
    return spec;
}

/// What every panel shares.
struct Frame {
    double eta;
    std::size_t start;
    std::vector<std::size_t> sharp;
    std::uint64_t wanted_steps; ///< N, if it can be had
    double seconds;             ///< the budget
    double alpha;
    double effect;
};

/// Steps of a replica that a panel may take: what the engine does in a sixtieth of the budget or so.
double affordable(const Frame& frame, bool slow)
{
    return (slow ? least_steps : most_steps) * std::min(1.0, frame.seconds / 60);
}

/// 1, 2 or 5 times a power of ten, not above x.
double round_down(double x)
{
    const double power = std::pow(10, std::floor(std::log10(x) + 1e-12));
    return power * (x >= 5 * power ? 5 : x >= 2 * power ? 2 : 1);
}

/// N such that the widest well is left some twenty times, by the limit.
std::uint64_t wanted_steps(const theory::Setting& setting, const std::vector<theory::Prediction>& predictions,
                           double clip, double eta)
{
    const auto at =
        std::find_if(predictions.begin(), predictions.end(), [clip](const auto& p) { return p.clip == clip; });
    double mean = 0;
    if (at == predictions.end() || !at->heavy_tailed()) return static_cast<std::uint64_t>(most_steps);
    for (std::size_t i = 0; i < setting.landscape.wells(); ++i)
        mean = std::max(mean, theory::limit_cell(setting, *at, eta, i).limit_mean);
    return static_cast<std::uint64_t>(std::clamp(round_down(20 * mean), least_steps, most_steps));
}

Frame frame_of(const model::Spec& spec, const theory::Setting& setting,
               const std::vector<theory::Prediction>& predictions)
{
    const auto& f = setting.landscape;
    const double clip = first_finite(spec.dynamics.clip);
    const auto& etas = spec.dynamics.learning_rate;
    const bool paper = spec.potential.builtin == "wang2022";
    Frame frame{.eta = paper ? 1e-3 : *std::min_element(etas.begin(), etas.end()),
                .start = narrowest_well(f),
                .sharp = {},
                .wanted_steps = 0,
                .seconds = spec.verify.budget.value_or(60),
                .alpha = spec.verify.false_alarm, // shared among the panels, once they are known
                .effect = spec.verify.effect};
    frame.wanted_steps = wanted_steps(setting, predictions, clip, frame.eta);
    const auto order = [&](std::size_t i) { return std::isfinite(clip) ? std::ceil(f.radius(i) / clip) : 1.0; };
    double largest = 0;
    for (std::size_t i = 0; i < f.wells(); ++i) largest = std::max(largest, order(i));
    for (std::size_t i = 0; i < f.wells(); ++i)
        if (order(i) < largest) frame.sharp.push_back(i);
    if (frame.sharp.empty()) frame.sharp = {frame.start};
    return frame;
}

std::vector<double> edges_of(const model::Landscape& f)
{
    return theory::even_edges({f.domain().lo, f.domain().hi}, std::clamp<std::size_t>(6 * f.wells(), 128, 400));
}

std::uint64_t stream_key(const model::Spec& spec, double clip, const Frame& frame)
{
    return model::cell_key(spec, clip, frame.eta, frame.start) ^ 0x68697374'6f677261U; // apart from the exits' stream
}

TimeShare seen(const MeanInterval& m) { return {m.mean, m.lower, m.upper, nan, nan}; }

/// One panel at work.
class Study
{
  public:
    Study(const model::Spec& spec, const model::Model& m, const Frame& frame, const PortraitOptions& options,
          std::string name)
        : model_(m), frame_(frame), options_(options),
          name_(std::move(name)), stream_{spec.verify.seed, stream_key(spec, m.b, frame)}
    {
        const bool heavy = m.noise->heavy_tailed(), slow = sim::in_double(m, sim::default_path());
        const double steps = std::min(affordable(frame, slow), static_cast<double>(frame.wanted_steps));
        panel = {.gaussian = !heavy,
                 .deviation = heavy ? nan : m.noise->scale(),
                 .clip = m.b,
                 .replicas = replicas,
                 .steps = static_cast<std::uint64_t>(std::max(100.0, steps)),
                 .edges = edges_of(m.landscape),
                 .bins = {},
                 .fields = {},
                 .sharp = {},
                 .source = Source::none,
                 .scaled = false,
                 .trouble = {},
                 .log10_stay = heavy ? nan : log_mean_exit(m, frame.start) / std::log(10),
                 .verdict = Verdict::inconclusive,
                 .alpha = frame.alpha,
                 .path = {}};
    }

    void simulate()
    {
        std::vector<std::vector<double>> fields(model_.landscape.wells()), bins(panel.edges.size() - 1);
        for (std::uint64_t batch = 0; batch < batches; ++batch) {
            const auto seen_now = observe(batch * replicas / batches, replicas / batches, panel.steps,
                                          static_cast<double>(batch) / batches);
            for (const auto& trail : seen_now.trails)
                for (std::size_t i = 0; i < fields.size(); ++i)
                    fields[i].push_back(static_cast<double>(trail.time_in[i]) / static_cast<double>(panel.steps));
            const double all = static_cast<double>(panel.steps) * replicas / batches;
            for (std::size_t k = 0; k < bins.size(); ++k)
                bins[k].push_back(static_cast<double>(seen_now.occupation.count[k]) / all);
            if (batch == 0) panel.path = {every_, seen_now.trails.front().states};
        }
        for (const auto& shares : fields) panel.fields.push_back(seen(student_mean(shares, shown_level)));
        for (const auto& shares : bins) {
            const bool none = std::all_of(shares.begin(), shares.end(), [](double s) { return s == 0; });
            panel.bins.push_back(none ? TimeShare{0, 0, 0, nan, nan} : seen(student_mean(shares, shown_level)));
        }
        for (std::size_t r = 0; r < replicas; ++r) {
            double share = 0;
            for (const std::size_t i : frame_.sharp) share += fields[i][r];
            sharp_.push_back(std::min(1.0, share));
        }
        panel.sharp = seen(student_mean(sharp_, shown_level));
        if (panel.steps < frame_.wanted_steps) lengthen_path();
    }

    void expect()
    {
        const double longest = panel.gaussian ? log_longest() : 0;
        if (longest > log_hopeless) {
            panel.trouble =
                fmt::format("a mean exit time of 10^{:.0f} steps is beyond the exact chain", longest / std::log(10));
            expect_to_stay();
            return;
        }
        try {
            expect_by_oracle();
        } catch (const NotConverged& problem) {
            panel.trouble = problem.what();
            expect_to_stay();
        }
    }

    void judge()
    {
        for (const std::size_t i : frame_.sharp) {
            panel.sharp.expected = (i == frame_.sharp[0] ? 0 : panel.sharp.expected) + panel.fields[i].expected;
            panel.sharp.stationary = (i == frame_.sharp[0] ? 0 : panel.sharp.stationary) + panel.fields[i].stationary;
        }
        if (panel.source == Source::none) return;
        const MeanInterval m = bounded_mean(sharp_, panel.alpha);
        panel.verdict = verdict_of_difference(m.lower, m.upper, panel.sharp.expected, error_, frame_.effect);
    }

    PortraitPanel panel{};

  private:
    sim::Observation observe(std::uint64_t first, std::uint64_t count, std::uint64_t steps, double done)
    {
        const sim::Bins bins{panel.edges.front(), panel.edges.back(), static_cast<int>(panel.edges.size() - 1)};
        every_ = first == 0 || count == 1 ? std::max<std::uint64_t>(1, steps / kept) : 0;
        const double all = static_cast<double>(count) * static_cast<double>(steps);
        return sim::observe(model_, frame_.start, stream_,
                            {.replicas = count,
                             .first_replica = first,
                             .step_limit = steps,
                             .threads = options_.threads,
                             .skip = {},
                             .progress =
                                 [&](std::uint64_t, std::uint64_t now) {
                                     if (options_.progress)
                                         options_.progress(name_, done + static_cast<double>(now) / all / batches);
                                 },
                             .stop = options_.stop},
                            {.bins = bins, .times = {}, .every = every_});
    }

    /// One more replica, as long as those of the other panels.
    void lengthen_path()
    {
        const auto path = observe(replicas, 1, frame_.wanted_steps, 1);
        panel.path = {every_, path.trails.front().states};
    }

    double log_longest() const
    {
        double longest = 0;
        for (std::size_t i = 0; i < model_.landscape.wells(); ++i)
            longest = std::max(longest, log_mean_exit(model_, i));
        return longest;
    }

    void expect_by_oracle()
    {
        const auto& f = model_.landscape;
        const auto pi = theory::stationary(model_, oracle_rtol);
        const theory::WellLaw law(model_, pi, f.minima()[frame_.start]);
        const auto expected = law.occupation(panel.steps);
        error_ = law.error();
        for (std::size_t i = 0; i < expected.size(); ++i) {
            panel.fields[i].expected = std::clamp(expected[i], 0.0, 1.0);
            panel.fields[i].stationary = pi.share[i];
        }
        panel.source = Source::oracle;
        const auto bins = theory::occupation(model_, pi, panel.edges.size() - 1, bins_error);
        for (std::size_t k = 0; k < panel.bins.size(); ++k) {
            const std::size_t i = f.well_of(0.5 * (panel.edges[k] + panel.edges[k + 1]));
            panel.bins[k].stationary = std::clamp(bins.bins[k], 0.0, 1.0);
            panel.bins[k].expected = std::clamp(bins.bins[k] * expected[i] / pi.share[i], 0.0, 1.0);
        }
        expect_bins(pi);
    }

    /// The bins of N steps; where they do not converge, the stationary law stays, each field's part scaled to what is
    /// expected there.
    void expect_bins(const theory::Stationary& pi)
    {
        try {
            const auto bins = theory::expected_histogram(model_, pi, model_.landscape.minima()[frame_.start],
                                                         panel.steps, panel.bins.size(), bins_error);
            for (std::size_t k = 0; k < panel.bins.size(); ++k)
                panel.bins[k].expected = std::clamp(bins.bins[k], 0.0, 1.0);
        } catch (const NotConverged&) {
            panel.scaled = true;
        }
    }

    /// Where Kramers' time from the start is so long that no replica leaves: at most one in 10⁴ of all together.
    void expect_to_stay()
    {
        const double all = std::log(static_cast<double>(panel.steps) * replicas);
        if (!panel.gaussian || panel.log10_stay * std::log(10) < all + std::log(1e4)) return;
        for (std::size_t i = 0; i < panel.fields.size(); ++i) panel.fields[i].expected = i == frame_.start ? 1 : 0;
        panel.source = Source::diffusion;
        if (model_.diffusion.is_constant()) draw_diffusion();
    }

    /// e^{-2f/(ηs²σ²)} on the start's field, by the trapezoidal rule in every bin.
    void draw_diffusion()
    {
        constexpr int parts = 400;
        const auto& f = model_.landscape;
        const double m = f.minima()[frame_.start];
        const double s = model_.noise->scale() * model_.diffusion.value(m);
        const auto weight = [&](double x) {
            if (x < f.left(frame_.start) || x > f.right(frame_.start)) return 0.0;
            return std::exp(-2 * (f.potential().value(x) - f.potential().value(m)) / (model_.eta * s * s));
        };
        double total = 0;
        for (std::size_t k = 0; k < panel.bins.size(); ++k) {
            const double h = (panel.edges[k + 1] - panel.edges[k]) / parts;
            double sum = 0.5 * (weight(panel.edges[k]) + weight(panel.edges[k + 1]));
            for (int j = 1; j < parts; ++j) sum += weight(panel.edges[k] + j * h);
            panel.bins[k].expected = h * sum;
            total += h * sum;
        }
        for (auto& bin : panel.bins) bin.expected /= total;
    }

    const model::Model& model_;
    const Frame& frame_;
    const PortraitOptions& options_;
    std::string name_;
    sim::Stream stream_;
    std::uint64_t every_ = 0;
    std::vector<double> sharp_;
    double error_ = 0;
};

}

std::size_t narrowest_well(const model::Landscape& f)
{
    std::size_t narrowest = 0;
    for (std::size_t i = 1; i < f.wells(); ++i)
        if (f.radius(i) < f.radius(narrowest)) narrowest = i;
    return narrowest;
}

Portrait portrait(const model::Spec& spec, const theory::Setting& setting,
                  const std::vector<theory::Prediction>& predictions, const PortraitOptions& options)
{
    Frame frame = frame_of(spec, setting, predictions);
    std::vector<model::Spec> noises = {spec};
    if (setting.noise->heavy_tailed()) noises.push_back(gaussian(spec));
    std::vector<double> clips = {first_finite(spec.dynamics.clip)};
    if (std::isfinite(clips[0])) clips.push_back(inf);

    frame.alpha /= static_cast<double>(noises.size() * clips.size());
    Portrait all{.learning_rate = frame.eta, .start = frame.start, .sharp = frame.sharp, .panels = {}};
    for (const auto& one : noises)
        for (const double clip : clips) {
            if (options.stop && options.stop()) throw Interrupted{};
            const model::Model m{setting.landscape, model::noise(one), setting.diffusion, clip, frame.eta};
            Study study(one, m, frame, options,
                        fmt::format("histogram {} of {}", all.panels.size() + 1, noises.size() * clips.size()));
            try {
                study.simulate();
            } catch (const NotConverged& problem) { // without a clamp f' may grow faster than steps can follow
                all.missing.push_back(
                    fmt::format("{} noise, {}: {}",
                                setting.noise->heavy_tailed() && &one == &noises[0] ? "Heavy-tailed" : "Gaussian",
                                std::isfinite(clip) ? fmt::format("b = {:g}", clip) : "no clipping", problem.what()));
                continue;
            }
            study.expect();
            study.judge();
            all.panels.push_back(study.panel);
        }
    if (all.panels.empty()) throw NotConverged(all.missing.front());
    return all;
}

}
