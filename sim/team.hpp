// sim/team.hpp: the ranks of a campaign at work: each does its share and reports to rank 0, which alone writes. Local
// to sim/.
#pragma once

#include "sim/ranks.hpp"

#include <exception>
#include <functional>
#include <string>
#include <utility>

namespace exeunt::sim
{

class Team
{
  public:
    /// `stop`: asked by rank 0 and by every rank at its own work; may be empty. `take`: on rank 0, what another rank
    /// reported.
    Team(Ranks& ranks, std::function<bool()> stop, std::function<void(const Ranks::Message&)> take)
        : ranks_(ranks), stop_(std::move(stop)), take_(std::move(take))
    {
    }

    /// Every rank does its work. Rank 0 then does `wait` every few milliseconds, which is to listen, until the others
    /// have ended too, and `end` once. What fails first on a rank is thrown there when all have ended; a failure stops
    /// the others. Where rank 0 has no failure of its own and another has, it throws Interrupted.
    /// `lost`, on rank 0, is told of each failure while it waits or ends: what still comes has no place to go.
    void operator()(const std::function<void()>& work, const std::function<void()>& wait,
                    const std::function<void()>& end, const std::function<void()>& lost);

    /// To rank 0, which takes it.
    void report(std::string bytes) { ranks_.send(0, std::move(bytes)); }
    /// Rank 0 takes what has arrived, the others learn whether to stop.
    void listen();
    /// Whether this rank is to stop: the user said so, or another rank failed.
    bool stopping() const { return stopping_ || (stop_ && stop_()); }

  private:
    void stop_others();
    void await_others(const std::function<void()>& wait);

    Ranks& ranks_;
    std::function<bool()> stop_;
    std::function<void(const Ranks::Message&)> take_;
    int others_done_ = 0;
    bool others_failed_ = false;
    bool stopping_ = false;
};

}
