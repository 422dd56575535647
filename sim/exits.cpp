#include "sim/exits.hpp"

#include "model/error.hpp"
#include "sim/reference.hpp"
#include "sim/setup.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <mutex>
#include <thread>

namespace exeunt::sim
{

namespace
{

/// One call of first_exits: what its threads share.
struct Campaign {
    const model::Model& model;
    std::size_t well;
    Key key;
    const ExitPlan& plan;
    Path path;
    const model::Lomax* lomax; ///< the law, on the fast path
    std::vector<Panel> panels;

    std::atomic<std::uint64_t> handed_out = 0;
    std::atomic<std::uint64_t> skipped = 0;
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::uint64_t> steps = 0;
    std::atomic<bool> cancelled = false;

    // Exits on their way from the threads to the sink.
    static constexpr std::size_t enough = 1 << 16; ///< the sink is called at once
    static constexpr std::size_t most = 1 << 20;   ///< the threads wait for the sink
    std::mutex mutex = {};
    std::condition_variable filled = {}, emptied = {};
    std::vector<Numbered> ended = {};
    unsigned running = 0;
    std::exception_ptr failure = {};

    Setup setup() const;
    void cancel()
    {
        cancelled = true;
        const std::lock_guard lock(mutex);
        emptied.notify_all();
    }
};

Setup Campaign::setup() const
{
    constexpr double inf = std::numeric_limits<double>::infinity();
    const model::Domain& domain = model.landscape.domain();
    return {.key = key,
            .noise = fit_noise(*lomax, model.eta * model.diffusion.value(0)),
            .panels = panels.data(),
            .panel_count = static_cast<int>(panels.size()),
            .start = model.landscape.minima()[well],
            .left = model.landscape.left(well),
            .right = model.landscape.right(well),
            .lo = domain.clamp ? domain.lo : -inf,
            .hi = domain.clamp ? domain.hi : inf,
            .b = model.b,
            .step_limit = plan.step_limit};
}

/// One thread's view of the campaign.
class Worker final : public Host
{
  public:
    explicit Worker(Campaign& campaign) : c(campaign), draw(c.key) {}

    void run()
    {
        switch (c.path) {
        case Path::reference:
            return run_reference(c.model, c.well, c.key, c.plan.step_limit, *this);
        case Path::baseline:
            return run_baseline(c.setup(), *this);
#ifdef EXEUNT_X86
        case Path::avx2:
            return run_avx2(c.setup(), *this);
        case Path::avx512:
            return run_avx512(c.setup(), *this);
#else
        default:
            break;
#endif
        }
    }

    /// Exits that ended here go on their way to the sink.
    void hand_over()
    {
        if (mine.empty()) return;
        std::unique_lock lock(c.mutex);
        c.emptied.wait(lock, [&] { return c.ended.size() < Campaign::most || c.cancelled; });
        c.ended.insert(c.ended.end(), mine.begin(), mine.end());
        c.done.fetch_add(mine.size(), std::memory_order_relaxed);
        mine.clear();
        if (c.ended.size() >= Campaign::enough) c.filled.notify_one();
    }

    bool next(std::uint64_t& replica) override
    {
        while (!c.cancelled) {
            const std::uint64_t i = c.handed_out.fetch_add(1, std::memory_order_relaxed);
            if (i >= c.plan.replicas) return false;
            replica = c.plan.first_replica + i;
            if (!c.plan.skip || !c.plan.skip(replica)) return true;
            c.skipped.fetch_add(1, std::memory_order_relaxed);
        }
        return false;
    }

    void exit(std::uint64_t replica, std::uint64_t step, double x) override
    {
        // A saddle counts to the field on its right, but an exit at the left saddle is an exit to the left.
        const std::size_t entered = x <= c.model.landscape.left(c.well)
                                        ? std::min(c.model.landscape.well_of(x), c.well - 1)
                                        : c.model.landscape.well_of(x);
        record(replica,
               {.step = step, .place = static_cast<std::uint32_t>(entered), .censored = false, .final_state = x});
    }

    void censor(std::uint64_t replica, std::uint64_t step, double x) override
    {
        record(replica,
               {.step = step, .place = static_cast<std::uint32_t>(c.well), .censored = true, .final_state = x});
    }

    bool tick(std::uint64_t steps) override
    {
        c.steps.fetch_add(steps, std::memory_order_relaxed);
        hand_over();
        return !c.cancelled;
    }

    double drift(double x) override { return -c.model.eta * c.model.landscape.potential().gradient(x); }

    double noise(std::uint64_t replica, std::uint64_t step) override
    {
        return c.model.eta * c.model.diffusion.value(0) * noise_of(c.model.noise, draw(replica, step));
    }

    [[noreturn]] void diverged(std::uint64_t replica, std::uint64_t step) override
    {
        throw NotConverged(
            fmt::format("X is not finite at step {} of replica {} from well {} (eta = {}, b = {}): lower "
                        "the learning rate or clamp the domain",
                        step, replica, c.well + 1, c.model.eta, c.model.b));
    }

  private:
    void record(std::uint64_t replica, const Exit& e)
    {
        constexpr std::size_t many = 1024;
        mine.push_back({replica, e});
        if (mine.size() >= many) hand_over();
    }

    Campaign& c;
    Draws draw;
    std::vector<Numbered> mine; ///< ended, and not handed over yet
};

/// A thread's life: replicas until none is left; what ended before a failure counts.
void work(Campaign& c)
{
    std::exception_ptr mine;
    Worker worker(c);
    try {
        worker.run();
    } catch (...) {
        mine = std::current_exception();
        c.cancel();
    }
    worker.hand_over();
    const std::lock_guard lock(c.mutex);
    if (mine && !c.failure) c.failure = mine;
    --c.running;
    c.filled.notify_one();
}

/// Runs n threads while this one hands over what they find, reports, and asks whether to go on; rethrows the first
/// exception.
void run_threads(Campaign& c, unsigned n, const Sink& sink)
{
    bool stopped = false;
    double steps = 0;
    {
        std::vector<std::jthread> pool;
        const struct Cancel { // an exception from a callback must not leave threads running
            Campaign& c;
            ~Cancel() { c.cancel(); }
        } cancel{c};
        c.running = n;
        for (unsigned i = 0; i < n; ++i) pool.emplace_back(work, std::ref(c));

        std::vector<Numbered> batch;
        for (bool over = false; !over;) {
            std::unique_lock lock(c.mutex);
            c.filled.wait_for(lock, std::chrono::milliseconds(20),
                              [&] { return c.running == 0 || c.ended.size() >= Campaign::enough; });
            batch.clear();
            batch.swap(c.ended);
            over = c.running == 0;
            lock.unlock();
            c.emptied.notify_all();
            for (const Numbered& e : batch) steps += static_cast<double>(e.exit.step);
            if (!batch.empty()) sink(batch);
            if (over) break;
            if (c.plan.progress) c.plan.progress(c.done, c.steps);
            if (c.plan.stop && !stopped && c.plan.stop()) c.cancelled = stopped = true;
        }
    }
    if (c.failure) std::rethrow_exception(c.failure);
    if (stopped && c.done + c.skipped < c.plan.replicas) throw Interrupted{};
    if (c.plan.progress) c.plan.progress(c.done, static_cast<std::uint64_t>(steps));
}

constexpr const char* path_names[] = {"reference", "baseline", "avx2", "avx512"};

bool available(Path path)
{
#ifdef EXEUNT_X86
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    return path == Path::avx512 ? v4 : path == Path::avx2 ? v3 : true;
#else
    return path == Path::reference || path == Path::baseline;
#endif
}

}

std::vector<Path> available_paths()
{
    std::vector<Path> paths = {Path::reference, Path::baseline, Path::avx2, Path::avx512};
    std::erase_if(paths, [](Path path) { return !available(path); });
    return paths;
}

Path path_of(const std::string& name)
{
    for (const Path path : {Path::reference, Path::baseline, Path::avx2, Path::avx512})
        if (name == path_names[static_cast<int>(path)]) {
            if (available(path)) return path;
            throw BadInput(fmt::format("this processor cannot run the path \"{}\": unset EXEUNT_ISA", name));
        }
    throw BadInput(fmt::format("\"{}\" is no path of the simulation: reference, baseline, avx2 or avx512", name));
}

Path default_path()
{
    const char* const name = std::getenv("EXEUNT_ISA");
    return name && *name ? path_of(name) : available_paths().back();
}

std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan)
{
    return first_exits(model, well, stream, plan, default_path());
}

std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                              Path path)
{
    std::vector<Exit> exits(plan.replicas);
    stream_exits(
        model, well, stream, plan,
        [&](std::span<const Numbered> ended) {
            for (const Numbered& e : ended) exits[e.replica - plan.first_replica] = e.exit;
        },
        path);
    return exits;
}

void stream_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                  const Sink& sink, Path path)
{
    if (well >= model.landscape.wells())
        throw BadInput(fmt::format("there is no well {}: the landscape has {}", well + 1, model.landscape.wells()));
    if (!(model.b > 0)) throw BadInput(fmt::format("clip = {} must be > 0 or inf", model.b));
    if (!(model.eta > 0) || !std::isfinite(model.eta))
        throw BadInput(fmt::format("learning rate = {} must be a finite number > 0", model.eta));

    Campaign c{.model = model,
               .well = well,
               .key = make_key(stream.seed, stream.cell),
               .plan = plan,
               .path = in_double(model, path) ? Path::reference : path,
               .lomax = dynamic_cast<const model::Lomax*>(model.noise.operator->()),
               .panels = {}};
    if (c.path != Path::reference) c.panels = fit_panels(model, well);

    const std::uint64_t cores = plan.threads ? plan.threads : std::max(1U, std::thread::hardware_concurrency());
    run_threads(c, static_cast<unsigned>(std::clamp<std::uint64_t>(plan.replicas, 1, cores)), sink);
}

bool in_double(const model::Model& model, Path path)
{
    return path == Path::reference || !model.diffusion.is_constant() ||
           dynamic_cast<const model::Lomax*>(model.noise.operator->()) == nullptr;
}

}
