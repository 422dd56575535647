#include "theory/parallel.hpp"

#include "model/error.hpp"
#include "theory/work.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

namespace exeunt::theory
{

namespace
{

/// What the threads share, under one lock: cells are long, so it is rarely held.
struct Queue {
    std::size_t count;
    std::mutex mutex = {};
    std::condition_variable changed = {};
    std::size_t begun = 0;
    std::size_t done = 0;
    std::size_t running = 0;       ///< threads
    bool closed = false;           ///< no further cell is begun
    std::size_t failed = SIZE_MAX; ///< the lowest cell that threw
    std::exception_ptr failure = {};
    std::atomic<bool> stopped = false; ///< cells at work are to end

    void close()
    {
        const std::lock_guard lock(mutex);
        closed = true;
    }

    void run(const std::function<void(std::size_t)>& work)
    {
        const Allowance ends_when_stopped({.stop = &stopped});
        std::unique_lock lock(mutex);
        while (!closed && begun < count) {
            const std::size_t cell = begun++;
            lock.unlock();
            std::exception_ptr thrown;
            try {
                work(cell);
            } catch (...) {
                thrown = std::current_exception();
            }
            lock.lock();
            if (!thrown) {
                ++done;
                continue;
            }
            closed = true;
            if (cell < failed) {
                failed = cell;
                failure = thrown;
            }
        }
        --running;
        changed.notify_one();
    }
};

}

std::size_t threads_for(unsigned asked) { return asked ? asked : std::max(1U, std::thread::hardware_concurrency()); }

void for_each_cell(std::size_t count, unsigned threads, const Watch& watch,
                   const std::function<void(std::size_t)>& work)
{
    if (count == 0) return;
    const std::size_t cores = threads_for(threads);
    Queue queue{.count = count};
    {
        std::vector<std::jthread> pool;
        const struct Closing { // also when a callback throws: the pool is joined after this
            Queue& queue;
            ~Closing() { queue.close(); }
        } closing{queue};
        for (std::size_t t = 0; t < std::min(cores, count); ++t) {
            {
                const std::lock_guard lock(queue.mutex);
                ++queue.running;
            }
            pool.emplace_back([&] { queue.run(work); });
        }
        std::unique_lock lock(queue.mutex);
        while (!queue.changed.wait_for(lock, std::chrono::milliseconds(200), [&] { return queue.running == 0; })) {
            const std::size_t done = queue.done;
            lock.unlock();
            if (watch.progress) watch.progress(done, count);
            if (watch.stop && !queue.stopped && watch.stop()) {
                queue.stopped = true;
                queue.close();
            }
            lock.lock();
        }
    }
    if (queue.failure) std::rethrow_exception(queue.failure);
    if (queue.done < count) throw Interrupted{};
    if (watch.progress) watch.progress(count, count);
}

void for_each_cell(const std::vector<double>& cost, unsigned threads, const Watch& watch,
                   const std::function<void(std::size_t)>& work)
{
    std::vector<std::size_t> order(cost.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cost[a] > cost[b]; });
    for_each_cell(cost.size(), threads, watch, [&](std::size_t k) { work(order[k]); });
}

}
