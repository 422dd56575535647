#include "sim/paths.hpp"

#include "sim/crew.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <memory>

namespace exeunt::sim
{

namespace
{

/// One thread's observer.
class PathWorker final : public Worker
{
  public:
    PathWorker(Crew& crew, const Observables& what, Observation& all)
        : Worker(crew), watch(what), observation(all), slots(all.occupation.count.size() + 3)
    {
        mine.count.resize(all.occupation.count.size());
        const Bins& b = what.bins;
        if (b.count > 0)
            histogram = {
                .count = slots.data(), .bins = b.count, .lo = b.lo, .hi = b.hi, .per_length = b.count / (b.hi - b.lo)};
    }

    /// In the calling thread, one worker after the other: what it counted joins the rest.
    ~PathWorker() override
    {
        add_up();
        Occupation& sum = observation.occupation;
        sum.below += mine.below;
        sum.above += mine.above;
        std::transform(mine.count.begin(), mine.count.end(), sum.count.begin(), sum.count.begin(), std::plus<>());
    }

    bool next(std::uint64_t& replica) override
    {
        if (!Worker::next(replica)) return false;
        Trail& trail = of(replica);
        trail.time_in.assign(c.model.landscape.wells(), 0);
        if (watch.every > 0) trail.states.push_back(c.job.start);
        if (!watch.times.empty() && watch.times[0] == 0) trail.well_at.push_back(static_cast<std::uint32_t>(c.well));
        return true;
    }

    void stay(std::uint64_t replica, double x, std::uint64_t steps) override
    {
        of(replica).time_in[c.model.landscape.well_of(x)] += steps;
    }

    std::uint64_t look(std::uint64_t replica, std::uint64_t step, double x) override
    {
        Trail& trail = of(replica);
        std::size_t asked = trail.well_at.size();
        if (asked < watch.times.size() && watch.times[asked] == step) {
            trail.well_at.push_back(static_cast<std::uint32_t>(c.model.landscape.well_of(x)));
            ++asked;
        }
        if (watch.every > 0 && step % watch.every == 0) trail.states.push_back(x);
        return next_look(watch, step, asked);
    }

    void censor(std::uint64_t replica, std::uint64_t step, double x) override
    {
        of(replica).final_state = x;
        Worker::censor(replica, step, x);
    }

    bool tick(std::uint64_t steps) override
    {
        since_added += steps;
        if (since_added > most_unadded) add_up();
        return Worker::tick(steps);
    }

    /// The first step beyond `step` at which something is asked, `asked` of the times being past.
    static std::uint64_t next_look(const Observables& what, std::uint64_t step, std::size_t asked)
    {
        const std::uint64_t time = asked < what.times.size() ? what.times[asked] : UINT64_MAX;
        const std::uint64_t state = what.every > 0 ? (step / what.every + 1) * what.every : UINT64_MAX;
        return std::min(time, state);
    }

  private:
    std::size_t entered(double) const override { return c.well; } // never: there are no stops

    Trail& of(std::uint64_t replica) { return observation.trails[replica - c.plan.first_replica]; }

    /// 32 bits a bin keep the histogram in the nearest cache; they are emptied in time.
    void add_up()
    {
        mine.below += slots[0];
        for (std::size_t k = 0; k < mine.count.size(); ++k) mine.count[k] += slots[k + 1];
        mine.above += slots[mine.count.size() + 1];
        std::fill(slots.begin(), slots.end(), 0U);
        since_added = 0;
    }

    static constexpr std::uint64_t most_unadded = std::uint64_t{1} << 30; // and a tick's steps: below 2³²
    const Observables& watch;
    Observation& observation;
    std::vector<std::uint32_t> slots;
    std::uint64_t since_added = 0;
    Occupation mine;
};

void check(const ExitPlan& plan, const Observables& what)
{
    constexpr std::uint64_t most_steps = std::uint64_t{1} << 62;
    if (plan.step_limit == 0 || plan.step_limit > most_steps)
        throw BadInput(fmt::format("{} steps: a path needs a finite number of them, at least 1", plan.step_limit));
    const Bins& b = what.bins;
    if (b.count < 0 || b.count > Bins::most)
        throw BadInput(fmt::format("{} bins: a histogram has 1 to {}", b.count, Bins::most));
    if (b.count > 0 && !(b.lo < b.hi && std::isfinite(b.count / (b.hi - b.lo))))
        throw BadInput(fmt::format("a histogram needs a finite interval, not [{}, {}]", b.lo, b.hi));
    for (std::size_t k = 0; k < what.times.size(); ++k) {
        if (k > 0 && what.times[k] <= what.times[k - 1])
            throw BadInput(fmt::format("times must increase: {} is followed by {}", what.times[k - 1], what.times[k]));
        if (what.times[k] > plan.step_limit)
            throw BadInput(fmt::format("time {} is beyond the last step, {}", what.times[k], plan.step_limit));
    }
}

}

Observation observe(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                    const Observables& what, Path path)
{
    check_cell(model, well);
    check(plan, what);
    Observation all{.trails = std::vector<Trail>(plan.replicas), .occupation = {}};
    all.occupation.count.resize(static_cast<std::size_t>(what.bins.count));

    Crew crew(model, well, {}, stream, plan, path);
    crew.job.watched = true;
    crew.job.first_look = PathWorker::next_look(what, 0, !what.times.empty() && what.times[0] == 0);
    run_crew(
        crew, [&] { return std::make_unique<PathWorker>(crew, what, all); }, [](std::span<const Numbered>) {});
    return all;
}

}
