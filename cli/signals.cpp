#include "cli/signals.hpp"

#include <csignal>
#include <ctime>

namespace exeunt::cli
{
namespace
{

volatile std::sig_atomic_t noted = 0;
timespec first = {};

double seconds_since(const timespec& then)
{
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec - then.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec - then.tv_nsec);
}

/// The first signal asks for an orderly end. One that follows within half a second is its echo: timeout(1), mpirun and
/// some shells signal the process and then its group. A later one is somebody out of patience, and ends us at once.
void note(int signal)
{
    if (noted != 0) {
        if (seconds_since(first) < 0.5) return;
        std::signal(signal, SIG_DFL);
        std::raise(signal); // delivered when this handler returns
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &first);
    noted = 1;
}

}

void watch_signals()
{
    struct sigaction action = {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGINT); // one at a time: the handler reads what it wrote
    sigaddset(&action.sa_mask, SIGTERM);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return noted != 0; }

void survive_failed_writes()
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

}
