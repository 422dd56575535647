#include "sim/crew.hpp"

#include "sim/reference.hpp"
#include "sim/setup.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <thread>
#include <utility>

namespace exeunt::sim
{

void check_cell(const model::Model& model, std::size_t well)
{
    if (well >= model.landscape.wells())
        throw BadInput(fmt::format("there is no well {}: the landscape has {}", well + 1, model.landscape.wells()));
    if (!(model.b > 0)) throw BadInput(fmt::format("clip = {} must be > 0 or inf", model.b));
    if (!(model.eta > 0) || !std::isfinite(model.eta))
        throw BadInput(fmt::format("learning rate = {} must be a finite number > 0", model.eta));
}

Crew::Crew(const model::Model& of_model, std::size_t start, std::vector<Stop> to, const Stream& stream,
           const ExitPlan& of_plan, Path wanted, std::vector<double> cuts)
    : model(of_model), well(start), key(make_key(stream.seed, stream.cell)), plan(of_plan),
      path(in_double(of_model, wanted) ? Path::reference : wanted), stops(std::move(to)),
      noise_scale(sim::noise_scale(of_model)), handed_out(plan.handed_out ? *plan.handed_out : own_handed_out)
{
    job = {.start = model.landscape.minima()[well],
           .stops = stops.data(),
           .stop_count = static_cast<int>(stops.size()),
           .step_limit = plan.step_limit};
    if (path == Path::reference) return;
    noise = fit_noise(model.noise, noise_scale);
    panels = fit_panels(model, stops, cuts);
}

void Crew::cancel()
{
    cancelled = true;
    const std::lock_guard lock(mutex);
    emptied.notify_all();
}

Setup Worker::setup() const
{
    constexpr double inf = std::numeric_limits<double>::infinity();
    const model::Model& model = c.model;
    const model::Domain& domain = model.landscape.domain();
    Job job = c.job;
    job.histogram = histogram;
    return {.key = c.key,
            .noise = *c.noise,
            .sigma_varies = !model.diffusion.is_constant(),
            .panels = c.panels.data(),
            .panel_count = static_cast<int>(c.panels.size()),
            .lo = domain.clamp ? domain.lo : -inf,
            .hi = domain.clamp ? domain.hi : inf,
            .b = model.b,
            .job = job};
}

void Worker::run()
{
    switch (c.path) {
    case Path::reference: {
        Job job = c.job;
        job.histogram = histogram;
        return run_reference(c.model, c.key, job, *this);
    }
    case Path::baseline:
        return run_baseline(setup(), *this);
#ifdef EXEUNT_X86
    case Path::avx2:
        return run_avx2(setup(), *this);
    case Path::avx512:
        return run_avx512(setup(), *this);
#else
    default:
        break;
#endif
    }
}

void Worker::hand_over()
{
    if (mine.empty()) return;
    std::unique_lock lock(c.mutex);
    c.emptied.wait(lock, [&] { return c.ended.size() < Crew::most || c.cancelled; });
    c.ended.insert(c.ended.end(), mine.begin(), mine.end());
    c.done.fetch_add(mine.size(), std::memory_order_relaxed);
    mine.clear();
    if (c.ended.size() >= Crew::enough) c.filled.notify_one();
}

bool Worker::next(std::uint64_t& replica)
{
    while (!c.cancelled) {
        const std::uint64_t i = c.handed_out.fetch_add(1, std::memory_order_relaxed);
        if (i >= c.plan.replicas) return false;
        replica = c.plan.first_replica + i;
        if (c.plan.skip && c.plan.skip(replica)) continue;
        c.taken.fetch_add(1, std::memory_order_relaxed);
        return true;
    }
    return false;
}

void Worker::exit(std::uint64_t replica, std::uint64_t step, double x)
{
    record(replica,
           {.step = step, .place = static_cast<std::uint32_t>(entered(x)), .censored = false, .final_state = x});
}

void Worker::censor(std::uint64_t replica, std::uint64_t step, double x)
{
    record(replica, {.step = step, .place = static_cast<std::uint32_t>(c.well), .censored = true, .final_state = x});
}

bool Worker::tick(std::uint64_t steps)
{
    c.steps.fetch_add(steps, std::memory_order_relaxed);
    hand_over();
    return !c.cancelled;
}

double Worker::drift(double x) { return -c.model.eta * c.model.landscape.potential().gradient(x); }

double Worker::sigma(double x) { return c.model.diffusion.value(x); }

double Worker::noise(std::uint64_t replica, std::uint64_t step)
{
    return c.noise_scale * noise_of(c.model.noise, draw(replica, step));
}

void Worker::diverged(std::uint64_t replica, std::uint64_t step)
{
    throw NotConverged(fmt::format("X is not finite at step {} of replica {} from well {} (eta = {}, b = {}): lower "
                                   "the learning rate or clamp the domain",
                                   step, replica, c.well + 1, c.model.eta, c.model.b));
}

void Worker::record(std::uint64_t replica, const Exit& e)
{
    constexpr std::size_t many = 1024;
    mine.push_back({replica, e});
    if (mine.size() >= many) hand_over();
}

/// A saddle counts to the field on its right, but an exit at the left saddle is an exit to the left.
std::size_t ExitWorker::entered(double x) const
{
    const model::Landscape& f = c.model.landscape;
    return x <= f.left(c.well) ? std::min(f.well_of(x), c.well - 1) : f.well_of(x);
}

namespace
{

/// A thread's life: replicas until none is left; what ended before a failure counts.
void work(Crew& c, Worker& worker)
{
    std::exception_ptr mine;
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

}

void run_crew(Crew& c, const std::function<std::unique_ptr<Worker>()>& hire, const Sink& sink)
{
    const std::uint64_t cores = c.plan.threads ? c.plan.threads : std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::unique_ptr<Worker>> workers(std::clamp<std::uint64_t>(c.plan.replicas, 1, cores));
    for (auto& worker : workers) worker = hire();
    bool stopped = false;
    double steps = 0;
    {
        std::vector<std::jthread> pool;
        const struct Cancel { // an exception from a callback must not leave threads running
            Crew& c;
            ~Cancel() { c.cancel(); }
        } cancel{c};
        c.running = static_cast<unsigned>(workers.size());
        for (auto& worker : workers) pool.emplace_back(work, std::ref(c), std::ref(*worker));

        std::vector<Numbered> batch;
        for (bool over = false; !over;) {
            std::unique_lock lock(c.mutex);
            c.filled.wait_for(lock, std::chrono::milliseconds(20),
                              [&] { return c.running == 0 || c.ended.size() >= Crew::enough; });
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
    if (stopped && (c.handed_out < c.plan.replicas || c.done < c.taken)) throw Interrupted{};
    if (c.plan.progress) c.plan.progress(c.done, static_cast<std::uint64_t>(steps));
}

}
