#include "sim/path_campaign.hpp"

#include "model/error.hpp"
#include "sim/blob.hpp"
#include "sim/team.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace exeunt::sim
{

namespace
{

using namespace blob;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t piece_size = 256; ///< replicas: fills the lanes of two threads
constexpr int bins = 512;
constexpr std::uint64_t times = 64, states = 256;

/// A range of replicas of one cell.
struct Range {
    std::size_t cell;
    std::uint64_t first, replicas;
};

/// What a rank reports: this, then the data of the piece.
std::string message_of(const Range& range, const std::string& data)
{
    std::string bytes(sizeof range, '\0');
    std::memcpy(bytes.data(), &range, sizeof range);
    return bytes + data;
}

/// The ranges that are missing of replicas 0, …, count - 1, none longer than a piece or across a multiple of its size.
std::vector<Range> missing(const Store& store, const std::vector<Cell>& cells, const PathPlan& plan)
{
    std::vector<Range> ranges;
    for (std::size_t c = 0; c < cells.size(); ++c) {
        std::uint64_t next = 0;
        const auto fill = [&](std::uint64_t end) {
            while (next < end) {
                const std::uint64_t size = std::min(end - next, piece_size - next % piece_size);
                ranges.push_back({c, next, size});
                next += size;
            }
        };
        store.read(cells[c], plan.steps, [&](const Piece& piece) {
            fill(std::min(piece.first, plan.replicas));
            next = std::max(next, piece.first + piece.replicas);
        });
        fill(plan.replicas);
    }
    return ranges;
}

class Run
{
  public:
    Run(const model::Spec& spec, Store* store, Ranks& ranks, const PathPlan& plan)
        : store_(store), ranks_(ranks), plan_(plan),
          team_(ranks, plan.stop, [this](const Ranks::Message& message) { take(message); }), seed_(spec.verify.seed),
          model_(model::model(spec, spec.dynamics.clip.front(), spec.dynamics.learning_rate.front())),
          cells_(cells_of(spec, model_.landscape.wells())), seen_(seen_of_paths(model_.landscape.domain(), plan.steps))
    {
    }

    void read_store() { ranges_ = missing(*store_, cells_, plan_); }

    void operator()(Counters::Counter& handed_out)
    {
        share_ranges();
        const auto work = [&] {
            for (std::uint64_t k = handed_out++; k < ranges_.size(); k = handed_out++) {
                if (team_.stopping()) throw Interrupted{};
                if (ranks_.dealt_here(k)) simulate(ranges_[k]);
            }
        };
        team_(
            work, [&] { team_.listen(); }, [] {}, [&] { broken_ = true; });
    }

  private:
    void share_ranges()
    {
        if (ranks_.count() == 1) return;
        std::string bytes(ranges_.size() * sizeof(Range), '\0');
        if (!ranges_.empty()) std::memcpy(bytes.data(), ranges_.data(), bytes.size());
        bytes = ranks_.from_first(bytes);
        ranges_.resize(bytes.size() / sizeof(Range));
        if (!ranges_.empty()) std::memcpy(ranges_.data(), bytes.data(), bytes.size());
    }

    void simulate(const Range& range)
    {
        const Cell& cell = cells_[range.cell];
        model_.b = cell.clip;
        model_.eta = cell.learning_rate;
        const auto began = Clock::now();
        const ExitPlan plan{.replicas = range.replicas,
                            .first_replica = range.first,
                            .step_limit = plan_.steps,
                            .threads = plan_.threads ? plan_.threads : ranks_.cores(),
                            .progress =
                                [&](std::uint64_t, std::uint64_t steps) {
                                    if (!ranks_.first()) return team_.listen();
                                    const auto paths = static_cast<double>(steps) / static_cast<double>(plan_.steps);
                                    const std::chrono::duration<double> taken = Clock::now() - began;
                                    if (plan_.progress)
                                        plan_.progress({.cell = range.cell,
                                                        .done = range.first + static_cast<std::uint64_t>(paths),
                                                        .steps = static_cast<double>(steps),
                                                        .seconds = taken.count()});
                                },
                            .stop = [&] { return team_.stopping(); }};
        const std::string data = encode_paths(observe(model_, cell.well, path_stream(cell, seed_), plan, seen_));
        if (ranks_.first()) {
            write(range, data);
            team_.listen();
        } else {
            team_.report(message_of(range, data));
        }
    }

    /// On rank 0, what another rank reported.
    void take(const Ranks::Message& message)
    {
        Range range;
        std::memcpy(&range, message.bytes.data(), sizeof range);
        if (!broken_) write(range, message.bytes.substr(sizeof range));
    }

    void write(const Range& range, const std::string& data)
    {
        broken_ = true; // unless it succeeds
        store_->add(cells_[range.cell], plan_.steps, {range.first, range.replicas, data});
        broken_ = false;
    }

    Store* store_; ///< of rank 0
    Ranks& ranks_;
    const PathPlan& plan_;
    Team team_;
    std::uint64_t seed_;
    model::Model model_; ///< with b and η of the cell at work
    std::vector<Cell> cells_;
    Observables seen_;
    std::vector<Range> ranges_;
    bool broken_ = false; ///< the store takes nothing any more
};

}

Observables seen_of_paths(const model::Domain& domain, std::uint64_t steps)
{
    Observables what{
        .bins = {domain.lo, domain.hi, bins}, .times = {}, .every = std::max(steps / states, std::uint64_t{1})};
    const std::uint64_t count = std::min(steps, times);
    for (std::uint64_t k = 1; k <= count; ++k) what.times.push_back(steps / count * k);
    return what;
}

Stream path_stream(const Cell& cell, std::uint64_t seed) { return {.seed = seed, .cell = ~cell.key}; }

void run_paths(const model::Spec& spec, Store* store, Ranks& ranks, const PathPlan& plan)
{
    std::optional<Run> run;
    ranks.agree([&] {
        run.emplace(spec, store, ranks, plan);
        if (ranks.first()) run->read_store();
    });
    const Counters handed_out(ranks, 1);
    ranks.agree([&] { (*run)(handed_out[0]); });
}

Observation stored_paths(const Store& store, const Cell& cell, std::uint64_t steps, std::uint64_t count)
{
    const std::string file = store.file().string();
    Observation all{};
    store.read(cell, steps, [&](const Piece& piece) {
        if (piece.first >= count) return;
        if (piece.first != all.trails.size())
            throw BadInput(fmt::format("{} lacks or repeats replica {} of the paths of a cell: run simulate again",
                                       file, std::min<std::uint64_t>(piece.first, all.trails.size())));
        if (piece.first + piece.replicas > count)
            throw BadInput(
                fmt::format("{} has replicas {} to {} of the paths of a cell in one histogram: ask for {} paths "
                            "or more, or name another folder with --out",
                            file, piece.first, piece.first + piece.replicas - 1, piece.first + piece.replicas));
        Observation seen{};
        if (!decode_paths(piece.data, piece.replicas, seen))
            throw BadInput(fmt::format("{} is damaged (paths from replica {} on): restore it from a copy, or move it "
                                       "away to simulate anew",
                                       file, piece.first));
        all.trails.insert(all.trails.end(), seen.trails.begin(), seen.trails.end());
        all.occupation.count.resize(seen.occupation.count.size());
        for (std::size_t k = 0; k < seen.occupation.count.size(); ++k)
            all.occupation.count[k] += seen.occupation.count[k];
        all.occupation.below += seen.occupation.below;
        all.occupation.above += seen.occupation.above;
    });
    if (all.trails.size() < count)
        throw BadInput(
            fmt::format("{} has {} of {} paths of a cell: run simulate again", file, all.trails.size(), count));
    all.trails.resize(count);
    return all;
}

std::string encode_paths(const Observation& seen)
{
    std::string out;
    const Trail& shape = seen.trails.front();
    for (const std::size_t size :
         {shape.time_in.size(), shape.well_at.size(), shape.states.size(), seen.occupation.count.size()})
        put(out, size);
    for (const std::uint64_t count : seen.occupation.count) put(out, count);
    put(out, seen.occupation.below);
    put(out, seen.occupation.above);
    for (const Trail& trail : seen.trails) {
        for (const std::uint64_t time : trail.time_in) put(out, time);
        for (const std::uint32_t well : trail.well_at) put(out, well);
        for (const double x : trail.states) put_bits<std::uint32_t>(out, static_cast<float>(x));
        put_bits<std::uint64_t>(out, trail.final_state);
    }
    return out;
}

bool decode_paths(std::string_view data, std::uint64_t replicas, Observation& seen)
{
    std::uint64_t size[4] = {};
    for (std::uint64_t& n : size)
        if (!get(data, n) || n > data.size()) return false;
    seen.occupation.count.resize(size[3]);
    for (std::uint64_t& count : seen.occupation.count)
        if (!get(data, count)) return false;
    if (!get(data, seen.occupation.below) || !get(data, seen.occupation.above)) return false;
    if (replicas > data.size()) return false;
    seen.trails.resize(replicas);
    for (Trail& trail : seen.trails) {
        trail.time_in.resize(size[0]);
        trail.well_at.resize(size[1]);
        trail.states.resize(size[2]);
        for (std::uint64_t& time : trail.time_in)
            if (!get(data, time)) return false;
        for (std::uint32_t& well : trail.well_at) {
            std::uint64_t index = 0;
            if (!get(data, index) || index >= size[0]) return false;
            well = static_cast<std::uint32_t>(index);
        }
        for (double& x : trail.states) {
            float state = 0;
            if (!get_bits<std::uint32_t>(data, state)) return false;
            x = double{state};
        }
        if (!get_bits<std::uint64_t>(data, trail.final_state)) return false;
    }
    return data.empty();
}

}
