// sim/ranks.hpp: the processes of one run: those that mpirun started, or this one alone.
#pragma once

#include <functional>
#include <optional>
#include <string>

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

    /// The bytes that rank 0 calls with; the others wait for them. At most 2 GiB.
    std::string from_first(const std::string& bytes);

    struct Message {
        int from;
        std::string bytes;
    };
    void send(int to, const std::string& bytes);
    std::optional<Message> receive(); ///< the next that has arrived, if any

    /// Every rank does its work; when it failed on one, every rank throws that failure. Of several, Interrupted counts
    /// last, then the lowest rank is the one.
    void agree(const std::function<void()>& work);

  private:
    int rank_ = 0;
    int count_ = 1;
    unsigned cores_ = 1;
    bool mpi_ = false;
};

}
