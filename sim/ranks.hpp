// sim/ranks.hpp: the processes of one run: those that mpirun started, or this one alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace exeunt::sim
{

/// Rank 0 is the first; it alone writes. All functions belong to the thread that made the object.
class Ranks
{
  public:
    /// Joins the others where mpirun (or another launcher of MPI) started this process. BadInput where it started
    /// several, and this program was built without MPI.
    Ranks();
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    int rank() const { return rank_; }
    int count() const { return count_; }
    bool first() const { return rank_ == 0; }
    /// The cores for this process: those it may run on, shared with the ranks that may run on the same.
    unsigned cores() const { return cores_; }

    /// Work is dealt round the ranks, item k to rank k mod count(): whether that one is on this machine. The ranks of a
    /// machine take what was dealt to them from one heap, by Counters, so that none ends long before another.
    bool dealt_here(std::uint64_t item) const;

    /// The bytes that rank 0 calls with; the others wait for them. At most 2 GiB.
    std::string from_first(const std::string& bytes);

    struct Message {
        int from;
        std::string bytes;
    };
    /// Does not wait for the other rank, unless many messages to others are still under way; then it sleeps.
    void send(int to, std::string bytes);
    std::optional<Message> receive(); ///< the next that has arrived, if any

    /// Every rank does its work; when it failed on one, every rank throws that failure. Of several, Interrupted counts
    /// last, then the lowest rank is the one.
    void agree(const std::function<void()>& work);

  private:
    int rank_ = 0;
    int count_ = 1;
    unsigned cores_ = 1;
    bool mpi_ = false;
    struct Sent;
    std::list<Sent> sent_;              ///< under way
    std::vector<int> machine_of_ = {0}; ///< of every rank: the lowest rank on its machine
};

/// Numbers that the ranks of one machine count up together, from 0; any thread may. All ranks make and destroy them at
/// the same time.
class Counters
{
  public:
    using Counter = std::atomic<std::uint64_t>;
    static_assert(Counter::is_always_lock_free, "else it would not count for other processes");

    Counters(const Ranks& ranks, std::size_t count);
    ~Counters();
    Counters(const Counters&) = delete;
    Counters& operator=(const Counters&) = delete;

    Counter& operator[](std::size_t k) const { return first_[k]; }

  private:
    std::vector<Counter> own_; ///< of a rank that is alone
    Counter* first_;
    struct Shared;
    std::unique_ptr<Shared> shared_; ///< with other ranks; null otherwise
};

}
