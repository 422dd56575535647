#include "sim/team.hpp"

#include "model/error.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace exeunt::sim
{

namespace
{

// The messages that are no reports.
const std::string finished = "finished"; ///< to rank 0: no more reports
const std::string failed = "failed";     ///< to rank 0: the same, and the work is not done
const std::string stop_now = "stop";     ///< from rank 0

std::exception_ptr failure_of(const std::function<void()>& work)
{
    try {
        work();
    } catch (...) {
        return std::current_exception();
    }
    return {};
}

}

void Team::operator()(const std::function<void()>& work, const std::function<void()>& wait,
                      const std::function<void()>& end, const std::function<void()>& lost)
{
    std::exception_ptr failure = failure_of(work);
    if (!ranks_.first()) {
        ranks_.send(0, failure ? failed : finished);
    } else {
        if (failure) stop_others();
        while (const std::exception_ptr late = failure_of([&] {
                   await_others(wait);
                   end();
               })) {
            if (!failure) failure = late;
            lost();
            stop_others();
        }
    }
    if (failure) std::rethrow_exception(failure);
    if (others_failed_) throw Interrupted{};
}

void Team::listen()
{
    while (const auto message = ranks_.receive()) {
        if (!ranks_.first()) {
            stopping_ |= message->bytes == stop_now;
        } else if (message->bytes == finished || message->bytes == failed) {
            ++others_done_;
            if (message->bytes == failed) {
                others_failed_ = true;
                stop_others();
            }
        } else {
            take_(*message);
        }
    }
}

void Team::await_others(const std::function<void()>& wait)
{
    using namespace std::chrono_literals;
    for (; others_done_ < ranks_.count() - 1; std::this_thread::sleep_for(5ms)) {
        wait();
        if (stop_ && stop_()) stop_others();
    }
}

void Team::stop_others()
{
    if (std::exchange(stopping_, true)) return;
    for (int rank = 1; rank < ranks_.count(); ++rank) ranks_.send(rank, stop_now);
}

}
