#include "sim/ranks.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <new>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#ifdef EXEUNT_MPI
#include <mpi.h>
#endif

namespace exeunt::sim
{

namespace
{

/// The number of ranks that a launcher set in the environment (Open MPI, MPICH and Intel, MVAPICH); 0 without one.
int launched()
{
    for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"})
        if (const char* const size = std::getenv(name)) return std::atoi(size);
    return 0;
}

unsigned visible_cores() { return std::max(1U, std::thread::hardware_concurrency()); }

#ifdef EXEUNT_MPI
// A failure travels as a letter and its message.
enum class Outcome : char { good = 'g', bad_input = 'b', not_converged = 'n', other = 'o', interrupted = 'i' };

struct Failure {
    Outcome outcome = Outcome::good;
    std::string message;
};

Failure failure_of(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Interrupted&) {
        return {Outcome::interrupted, ""};
    } catch (const BadInput& problem) {
        return {Outcome::bad_input, problem.what()};
    } catch (const NotConverged& problem) {
        return {Outcome::not_converged, problem.what()};
    } catch (const std::exception& problem) {
        return {Outcome::other, problem.what()};
    }
    return {};
}

/// The ranks that share memory with this one; to be freed.
MPI_Comm this_machine()
{
    MPI_Comm machine;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    return machine;
}

/// Unlike MPI_Wait it sleeps meanwhile: a rank that waits leaves its core to the others.
void await(MPI_Request request)
{
    for (int done = 0; MPI_Test(&request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && !done;)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

[[noreturn]] void rethrow(const Failure& failure)
{
    switch (failure.outcome) {
    case Outcome::interrupted:
        throw Interrupted{};
    case Outcome::bad_input:
        throw BadInput(failure.message);
    case Outcome::not_converged:
        throw NotConverged(failure.message);
    default:
        throw std::runtime_error(failure.message);
    }
}
#endif

}

#ifdef EXEUNT_MPI

struct Ranks::Sent {
    std::string bytes;
    MPI_Request request = MPI_REQUEST_NULL;
};

Ranks::Ranks() : cores_(visible_cores())
{
    if (launched() == 0) return;
    int given = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS)
        throw BadInput("MPI did not start: see the message of mpirun");
    mpi_ = true;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    MPI_Comm machine = this_machine();
    int here = 1, lowest = rank_;
    MPI_Comm_size(machine, &here);
    MPI_Bcast(&lowest, 1, MPI_INT, 0, machine);
    MPI_Comm_free(&machine);
    machine_of_.resize(static_cast<std::size_t>(count_));
    MPI_Allgather(&lowest, 1, MPI_INT, machine_of_.data(), 1, MPI_INT, MPI_COMM_WORLD);
    if (cores_ == static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN))) // else mpirun gave each rank its own
        cores_ = std::max(1U, cores_ / static_cast<unsigned>(here));
}

Ranks::~Ranks()
{
    for (const Sent& sent : sent_) await(sent.request);
    if (mpi_) MPI_Finalize();
}

std::string Ranks::from_first(const std::string& bytes)
{
    if (count_ == 1) return bytes;
    auto size = static_cast<int>(bytes.size());
    MPI_Bcast(&size, 1, MPI_INT, 0, MPI_COMM_WORLD);
    std::string out = first() ? bytes : std::string(static_cast<std::size_t>(size), '\0');
    MPI_Bcast(out.data(), size, MPI_BYTE, 0, MPI_COMM_WORLD);
    return out;
}

// Not MPI_Send: that returns when the other rank looks for a long message, and spins until then.
void Ranks::send(int to, std::string bytes)
{
    constexpr std::size_t most_under_way = 16;
    sent_.remove_if([](Sent& sent) {
        int done = 0;
        MPI_Test(&sent.request, &done, MPI_STATUS_IGNORE);
        return done != 0;
    });
    for (; sent_.size() >= most_under_way; sent_.pop_front()) await(sent_.front().request);
    auto& [kept, request] = sent_.emplace_back(Sent{.bytes = std::move(bytes)});
    MPI_Isend(kept.data(), static_cast<int>(kept.size()), MPI_BYTE, to, 0, MPI_COMM_WORLD, &request);
}

std::optional<Ranks::Message> Ranks::receive()
{
    if (count_ == 1) return {};
    int arrived = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &arrived, &status);
    if (!arrived) return {};
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    Message message{status.MPI_SOURCE, std::string(static_cast<std::size_t>(size), '\0')};
    MPI_Recv(message.bytes.data(), size, MPI_BYTE, message.from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return message;
}

void Ranks::agree(const std::function<void()>& work)
{
    if (count_ == 1) return work();
    Failure failure = failure_of(work);
    const char mine = static_cast<char>(failure.outcome);
    std::vector<char> all(static_cast<std::size_t>(count_));
    MPI_Request gathered;
    MPI_Iallgather(&mine, 1, MPI_CHAR, all.data(), 1, MPI_CHAR, MPI_COMM_WORLD, &gathered);
    await(gathered);
    const auto good = [](char c) { return c == static_cast<char>(Outcome::good); };
    const auto quiet = [&](char c) { return good(c) || c == static_cast<char>(Outcome::interrupted); };
    auto worst = std::find_if_not(all.begin(), all.end(), quiet);
    if (worst == all.end()) worst = std::find_if_not(all.begin(), all.end(), good);
    if (worst == all.end()) return;

    const auto root = static_cast<int>(worst - all.begin());
    auto size = static_cast<int>(failure.message.size());
    MPI_Bcast(&size, 1, MPI_INT, root, MPI_COMM_WORLD);
    failure.outcome = static_cast<Outcome>(*worst);
    failure.message.resize(static_cast<std::size_t>(size));
    MPI_Bcast(failure.message.data(), size, MPI_BYTE, root, MPI_COMM_WORLD);
    rethrow(failure);
}

struct Counters::Shared {
    MPI_Comm machine = this_machine();
    MPI_Win window = MPI_WIN_NULL;

    ~Shared()
    {
        MPI_Win_unlock_all(window);
        MPI_Win_free(&window);
        MPI_Comm_free(&machine);
    }
};

Counters::Counters(const Ranks& ranks, std::size_t count)
    : own_(ranks.count() == 1 ? count : 0), first_(own_.data()),
      shared_(ranks.count() == 1 ? nullptr : std::make_unique<Shared>())
{
    if (!shared_) return;
    auto& [machine, window] = *shared_;
    int rank = 0, unit = sizeof(Counter);
    MPI_Comm_rank(machine, &rank);
    auto bytes = static_cast<MPI_Aint>(rank == 0 ? count * sizeof(Counter) : 0); // all of them in the memory of one
    MPI_Win_allocate_shared(bytes, unit, MPI_INFO_NULL, machine, &first_, &window);
    MPI_Win_shared_query(window, 0, &bytes, &unit, &first_);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, window);
    if (rank == 0)
        for (std::size_t k = 0; k < count; ++k) new (first_ + k) Counter(0);
    MPI_Win_sync(window);
    MPI_Barrier(machine);
    MPI_Win_sync(window);
}

#else

struct Ranks::Sent {
};

Ranks::Ranks() : cores_(visible_cores())
{
    if (launched() > 1)
        throw BadInput("this program was built without MPI: run it without mpirun, or install libopenmpi-dev and "
                       "build again");
}

Ranks::~Ranks() = default;

std::string Ranks::from_first(const std::string& bytes) { return bytes; }
void Ranks::send(int, std::string) {}
std::optional<Ranks::Message> Ranks::receive() { return {}; }
void Ranks::agree(const std::function<void()>& work) { work(); }

struct Counters::Shared {
};
Counters::Counters(const Ranks&, std::size_t count) : own_(count), first_(own_.data()) {}

#endif

Counters::~Counters() = default;

bool Ranks::dealt_here(std::uint64_t item) const
{
    const std::uint64_t to = item % machine_of_.size();
    return machine_of_[to] == machine_of_[static_cast<std::size_t>(rank_)];
}

}
