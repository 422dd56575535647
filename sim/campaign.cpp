#include "sim/campaign.hpp"

#include "model/error.hpp"
#include "sim/team.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <utility>

namespace exeunt::sim
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

std::string packed(const std::vector<bool>& bits)
{
    std::string bytes((bits.size() + 7) / 8, '\0');
    for (std::size_t k = 0; k < bits.size(); ++k)
        if (bits[k]) bytes[k / 8] = static_cast<char>(bytes[k / 8] | 1 << k % 8);
    return bytes;
}

std::vector<bool> unpacked(const std::string& bytes)
{
    std::vector<bool> bits(8 * bytes.size());
    for (std::size_t k = 0; k < bits.size(); ++k) bits[k] = (bytes[k / 8] >> k % 8 & 1) != 0;
    return bits;
}

/// What a rank reports of a cell; exits follow in the message.
struct Report {
    std::uint64_t cell;
    std::uint64_t steps; ///< taken for the cell so far
};

std::string message_of(const Report& report, std::span<const Numbered> exits)
{
    std::string bytes(sizeof report + exits.size_bytes(), '\0');
    std::memcpy(bytes.data(), &report, sizeof report);
    if (!exits.empty()) std::memcpy(bytes.data() + sizeof report, exits.data(), exits.size_bytes());
    return bytes;
}

class Run
{
  public:
    Run(const model::Spec& spec, Store* store, Ranks& ranks, const CampaignPlan& plan)
        : store_(store), ranks_(ranks), plan_(plan),
          team_(ranks, plan.stop, [this](const Ranks::Message& message) { take(message); }), seed_(spec.verify.seed),
          path_(default_path()),
          model_(model::model(spec, spec.dynamics.clip.front(), spec.dynamics.learning_rate.front())), tallies_(0)
    {
        for (const Cell& cell : cells_of(spec, model_.landscape.wells())) tallies_.push_back({cell});
    }

    /// What the store has: on rank 0, which may find it damaged.
    void read_store()
    {
        for (Tally& t : tallies_) {
            at(t.cell);
            check_stored(*store_, model_, t.cell, seed_);
            t.stored = store_->stored(t.cell, plan_.replicas);
        }
    }

    std::size_t cells() const { return tallies_.size(); }

    /// `handed_out`: one for each cell.
    void operator()(const Counters& handed_out)
    {
        for (Tally& t : tallies_) share_stored(t);
        const auto work = [&] {
            for (current_ = 0; current_ < tallies_.size(); ++current_)
                simulate(tallies_[current_], handed_out[current_]);
        };
        const auto wait = [&] {
            current_ = 0;
            while (current_ + 1 < tallies_.size() && tallies_[current_].done == plan_.replicas) ++current_;
            pass_on(tallies_[current_]);
        };
        const auto write_all = [&] {
            for (Tally& t : tallies_) write(t);
        };
        team_(work, wait, write_all, [&] { broken_ = true; });
    }

  private:
    struct Tally {
        Cell cell;
        std::vector<bool> stored = {};         ///< when the run began, up to the last replica that was
        std::uint64_t at_first = 0;            ///< their number
        std::uint64_t done = 0;                ///< stored and new
        std::vector<std::uint64_t> steps = {}; ///< of every rank
        std::vector<Numbered> fresh = {};      ///< new, and not stored yet; on other ranks: not sent yet
    };

    void at(const Cell& cell)
    {
        model_.b = cell.clip;
        model_.eta = cell.learning_rate;
    }

    void share_stored(Tally& t)
    {
        if (ranks_.count() > 1) t.stored = unpacked(ranks_.from_first(packed(t.stored)));
        t.at_first = t.done = static_cast<std::uint64_t>(std::count(t.stored.begin(), t.stored.end(), true));
        t.steps.resize(static_cast<std::size_t>(ranks_.count()));
    }

    /// Replicas are dealt in stripes.
    bool ours(std::uint64_t replica) const
    {
        constexpr std::uint64_t stripe = 32;
        return ranks_.dealt_here(replica / stripe);
    }

    void simulate(Tally& t, Counters::Counter& handed_out)
    {
        if (t.at_first == plan_.replicas) return;
        began_ = Clock::now();
        at(t.cell);
        const ExitPlan plan{.replicas = plan_.replicas,
                            .step_limit = plan_.step_limit,
                            .threads = plan_.threads ? plan_.threads : ranks_.cores(),
                            .handed_out = &handed_out,
                            .skip =
                                [&](std::uint64_t replica) {
                                    return (replica < t.stored.size() && t.stored[replica]) || !ours(replica);
                                },
                            .progress =
                                [&](std::uint64_t, std::uint64_t steps) {
                                    t.steps[static_cast<std::size_t>(ranks_.rank())] = steps;
                                    pass_on(t);
                                },
                            .stop = [&] { return team_.stopping(); }};
        const auto stream = [&] {
            stream_exits(
                model_, t.cell.well, {.seed = seed_, .cell = t.cell.key}, plan,
                [&](std::span<const Numbered> ended) {
                    take(t, ended);
                    pass_on(t);
                },
                path_);
        };
        if (ranks_.first()) return stream();
        try {
            stream();
        } catch (...) {
            report(t);
            throw;
        }
        report(t); // all of it, before this cell is left
    }

    void take(Tally& t, std::span<const Numbered> ended)
    {
        t.fresh.insert(t.fresh.end(), ended.begin(), ended.end());
        t.done += ended.size();
    }

    /// Some 50 times a second: news between the ranks, batches that are due to the store.
    void pass_on(Tally& t)
    {
        if (!ranks_.first()) report(t);
        team_.listen();
        if (ranks_.first()) {
            write_what_is_due();
            if (plan_.progress)
                plan_.progress({.cell = current_,
                                .done = t.done,
                                .steps = std::accumulate(t.steps.begin(), t.steps.end(), 0.0),
                                .seconds = seconds_since(began_)});
        }
    }

    void report(Tally& t)
    {
        const std::uint64_t steps = t.steps[static_cast<std::size_t>(ranks_.rank())];
        team_.report(message_of({.cell = static_cast<std::uint64_t>(&t - tallies_.data()), .steps = steps}, t.fresh));
        t.fresh.clear();
    }

    /// On rank 0, what another rank reported.
    void take(const Ranks::Message& message)
    {
        Report news;
        std::memcpy(&news, message.bytes.data(), sizeof news);
        std::vector<Numbered> ended((message.bytes.size() - sizeof news) / sizeof(Numbered));
        if (!ended.empty())
            std::memcpy(ended.data(), message.bytes.data() + sizeof news, ended.size() * sizeof(Numbered));
        tallies_[news.cell].steps[static_cast<std::size_t>(message.from)] = news.steps;
        if (!broken_) take(tallies_[news.cell], ended);
    }

    void write(Tally& t)
    {
        if (broken_ || t.fresh.empty()) return;
        broken_ = true; // unless it succeeds
        store_->add(t.cell, std::exchange(t.fresh, {}));
        broken_ = false;
        written_ = Clock::now();
    }

    void write_what_is_due()
    {
        const bool late = seconds_since(written_) > 1;
        for (Tally& t : tallies_)
            if (late || t.fresh.size() >= plan_.batch) write(t);
    }

    Store* store_; ///< of rank 0
    Ranks& ranks_;
    const CampaignPlan& plan_;
    Team team_;
    std::uint64_t seed_;
    Path path_;
    model::Model model_; ///< with b and η of the cell at work
    std::vector<Tally> tallies_;
    std::size_t current_ = 0;
    Clock::time_point began_ = Clock::now(), written_ = Clock::now();
    bool broken_ = false; ///< the store takes nothing any more
};

}

std::vector<Cell> cells_of(const model::Spec& spec, std::size_t wells)
{
    std::vector<Cell> cells;
    for (const double clip : spec.dynamics.clip)
        for (const double eta : spec.dynamics.learning_rate)
            for (std::size_t well = 0; well < wells; ++well)
                cells.push_back({clip, eta, well, model::cell_key(spec, clip, eta, well)});
    return cells;
}

Identity identity_of(const model::Spec& spec, const CampaignPlan& plan, const std::string& program)
{
    const auto model = model::model(spec, spec.dynamics.clip.front(), spec.dynamics.learning_rate.front());
    return {.model = model::canonical(spec),
            .seed = spec.verify.seed,
            .step_limit = plan.step_limit,
            .arithmetic = in_double(model, default_path()) ? "double" : "float",
            .program = program};
}

void run_campaign(const model::Spec& spec, Store* store, Ranks& ranks, const CampaignPlan& plan)
{
    std::optional<Run> run;
    ranks.agree([&] {
        run.emplace(spec, store, ranks, plan);
        if (ranks.first()) run->read_store();
    });
    const Counters handed_out(ranks, run->cells());
    ranks.agree([&] { (*run)(handed_out); });
}

std::vector<Exit> stored_exits(const Store& store, const Cell& cell, std::uint64_t count)
{
    std::vector<Exit> exits(count);
    std::vector<bool> there(count, false);
    std::uint64_t found = 0;
    store.read(cell, [&](const Numbered& e) {
        if (e.replica >= count) return;
        if (there[e.replica])
            throw BadInput(
                fmt::format("{} has replica {} of a cell twice: move it away", store.file().string(), e.replica));
        there[e.replica] = true;
        exits[e.replica] = e.exit;
        ++found;
    });
    if (found < count)
        throw BadInput(
            fmt::format("{} has {} of {} replicas of a cell: run simulate again", store.file().string(), found, count));
    return exits;
}

void check_stored(const Store& store, const model::Model& model, const Cell& cell, std::uint64_t seed)
{
    constexpr std::uint64_t among = 1000, most_steps = 1'000'000; // a second or two at the most
    constexpr std::size_t most = 8;
    std::vector<Numbered> sample;
    store.read(cell, [&](const Numbered& e) {
        if (e.replica < among && !e.exit.censored && e.exit.step <= most_steps) sample.push_back(e);
    });
    if (sample.empty()) return;
    std::sort(sample.begin(), sample.end(), [](const Numbered& x, const Numbered& y) {
        return std::pair(x.exit.step, x.replica) < std::pair(y.exit.step, y.replica);
    });
    if (sample.size() > most) sample.resize(most);
    std::vector<bool> wanted(among, false);
    for (const Numbered& e : sample) wanted[e.replica] = true;
    const auto again = first_exits(
        model, cell.well, {.seed = seed, .cell = cell.key},
        {.replicas = among, .step_limit = sample.back().exit.step, .threads = 1, .skip = [&](std::uint64_t replica) {
             return !wanted[replica];
         }});
    for (const Numbered& e : sample)
        if (again[e.replica] != e.exit)
            throw BadInput(fmt::format("{} was made by a program that simulates otherwise (replica {} of clip {}, "
                                       "learning rate {}, well {}): name another folder with --out, or move it away",
                                       store.file().string(), e.replica, cell.clip, cell.learning_rate, cell.well + 1));
}

namespace
{

/// Pairs of equal neighbours' groups in a sorted range: Σ c(c - 1)/2.
template<class Range, class Equal> double pairs(const Range& sorted, const Equal& equal)
{
    double total = 0, run = 0;
    for (std::size_t k = 1; k < sorted.size(); ++k) {
        run = equal(sorted[k - 1], sorted[k]) ? run + 1 : 0;
        total += run;
    }
    return total;
}

struct End {
    std::uint64_t step, state;
    auto operator<=>(const End&) const = default;
};

/// Leaves out states that were met at more than ten different steps: places where the clip leads from the clamp.
void drop_places(std::vector<End>& ends)
{
    const auto by_state = [](const End& a, const End& b) {
        return std::pair(a.state, a.step) < std::pair(b.state, b.step);
    };
    std::sort(ends.begin(), ends.end(), by_state);
    auto kept = ends.begin();
    for (auto first = ends.begin(), last = first; first != ends.end(); first = last) {
        int steps = 0;
        for (; last != ends.end() && last->state == first->state; ++last)
            steps += last == first || last->step != last[-1].step;
        if (steps <= 10) kept = std::move(first, last, kept);
    }
    ends.erase(kept, ends.end());
}

}

void check_distinct(const std::vector<Exit>& exits, const model::Domain& domain, const Cell& cell)
{
    constexpr std::uint64_t first_steps = 100;
    std::vector<End> ends;
    for (const Exit& e : exits)
        if (e.step > first_steps && !(domain.clamp && (e.final_state <= domain.lo || e.final_state >= domain.hi)))
            ends.push_back({e.step, std::bit_cast<std::uint64_t>(e.final_state)});
    drop_places(ends);
    if (ends.size() < 2) return;

    const auto n = static_cast<double>(ends.size());
    std::sort(ends.begin(), ends.end());
    const double both = pairs(ends, [](const End& a, const End& b) { return a == b; });
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end()); // copies must not raise what is expected of chance
    const auto m = static_cast<double>(ends.size());
    const double same_step = pairs(ends, [](const End& a, const End& b) { return a.step == b.step; });
    std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.state < b.state; });
    const double same_state = pairs(ends, [](const End& a, const End& b) { return a.state == b.state; });
    const double chance = m < 2 ? 0 : same_step * same_state / (m * (m - 1) / 2) * (n * n) / (m * m);
    if (both > 10 + 100 * chance)
        throw NotConverged(fmt::format("clip {}, learning rate {}, well {}: {} pairs of replicas share exit step and "
                                       "final state where chance allows {:.2g}: they are copies; please report this",
                                       cell.clip, cell.learning_rate, cell.well + 1, both, chance));
}

}
