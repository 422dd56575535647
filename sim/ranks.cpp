#include "sim/ranks.hpp"

#include "model/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <thread>
#include <unistd.h>
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

Ranks::Ranks() : cores_(visible_cores())
{
    if (launched() == 0) return;
    int given = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS)
        throw BadInput("MPI did not start: see the message of mpirun");
    mpi_ = true;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    if (cores_ < static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN))) return; // mpirun gave each rank its own
    MPI_Comm machine;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &machine);
    int here = 1;
    MPI_Comm_size(machine, &here);
    MPI_Comm_free(&machine);
    cores_ = std::max(1U, cores_ / static_cast<unsigned>(here));
}

Ranks::~Ranks()
{
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

void Ranks::send(int to, const std::string& bytes)
{
    MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, 0, MPI_COMM_WORLD);
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
    MPI_Allgather(&mine, 1, MPI_CHAR, all.data(), 1, MPI_CHAR, MPI_COMM_WORLD);
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

#else

Ranks::Ranks() : cores_(visible_cores())
{
    if (launched() > 1)
        throw BadInput("this program was built without MPI: run it without mpirun, or install libopenmpi-dev and "
                       "build again");
}

Ranks::~Ranks() = default;

std::string Ranks::from_first(const std::string& bytes) { return bytes; }
void Ranks::send(int, const std::string&) {}
std::optional<Ranks::Message> Ranks::receive() { return {}; }
void Ranks::agree(const std::function<void()>& work) { work(); }

#endif

}
