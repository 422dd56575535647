// sim/crew.hpp: the threads at work on the replicas of one cell, and what they share. Whoever wants something observed
// gives them a kind of Worker.
#pragma once

#include "sim/engine.hpp"
#include "sim/exits.hpp"
#include "sim/words.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace exeunt::sim
{

/// BadInput for a well that is not there, a clip or learning rate that is not > 0.
void check_cell(const model::Model& model, std::size_t well);

/// One run of a plan: what every replica does, and what the threads share.
struct Crew {
    /// The cell is one that check_cell lets pass. Fits the panels where the path needs them, cut at `cuts` too.
    Crew(const model::Model& model, std::size_t well, std::vector<Stop> stops, const Stream& stream,
         const ExitPlan& plan, Path path, std::vector<double> cuts = {});

    const model::Model& model;
    const std::size_t well;
    const Key key;
    const ExitPlan& plan;
    const Path path;
    const std::vector<Stop> stops;
    const double noise_scale;        ///< what Z is multiplied by before σ(x)
    std::optional<NoiseTable> noise; ///< on a fast path
    std::vector<Panel> panels;
    Job job = {}; ///< histogram aside, that of every thread

    std::atomic<std::uint64_t> own_handed_out = 0;
    std::atomic<std::uint64_t>& handed_out; ///< the plan's, or our own
    std::atomic<std::uint64_t> taken = 0;   ///< of those handed out: by us, and not skipped
    std::atomic<std::uint64_t> done = 0;
    std::atomic<std::uint64_t> steps = 0;
    std::atomic<bool> cancelled = false;

    // Ends of replicas on their way from the threads to the sink.
    static constexpr std::size_t enough = 1 << 16; ///< the sink is called at once
    static constexpr std::size_t most = 1 << 20;   ///< the threads wait for the sink
    std::mutex mutex = {};
    std::condition_variable filled = {}, emptied = {};
    std::vector<Numbered> ended = {};
    unsigned running = 0;
    std::exception_ptr failure = {};

    void cancel();
};

/// One thread's view of the crew. What it does not observe it leaves as it is here.
class Worker : public Host
{
  public:
    explicit Worker(Crew& crew) : c(crew), draw(crew.key) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    virtual ~Worker() = default;

    void run();
    /// Ends of replicas that it holds go on their way to the sink.
    void hand_over();

    bool next(std::uint64_t& replica) override;
    void exit(std::uint64_t replica, std::uint64_t step, double x) override;
    void censor(std::uint64_t replica, std::uint64_t step, double x) override;
    bool tick(std::uint64_t steps) override;
    double drift(double x) override;
    double sigma(double x) override;
    double noise(std::uint64_t replica, std::uint64_t step) override;
    [[noreturn]] void diverged(std::uint64_t replica, std::uint64_t step) override;
    void stay(std::uint64_t, double, std::uint64_t) override {}
    std::uint64_t look(std::uint64_t, std::uint64_t, double) override { return UINT64_MAX; }
    void at_edge(std::uint64_t, const double*, int) override {}

  protected:
    /// The well that a replica reached which stopped at x.
    virtual std::size_t entered(double x) const = 0;

    Crew& c;
    Histogram histogram = {};

  private:
    void record(std::uint64_t replica, const Exit& e);
    Setup setup() const;

    Draws draw;
    std::vector<Numbered> mine; ///< ended, and not handed over yet
};

/// First exits from Ω_well.
class ExitWorker : public Worker
{
  public:
    using Worker::Worker;

  private:
    std::size_t entered(double x) const final;
};

/// Runs the plan's threads while this one hands over what they find, reports, and asks whether to go on; rethrows the
/// first exception. A worker is made for each thread, in the calling thread, and destroyed there at the end.
void run_crew(Crew& crew, const std::function<std::unique_ptr<Worker>()>& hire, const Sink& sink);

}
