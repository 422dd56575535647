// theory/parallel.hpp: independent cells of a computation on the cores of this machine.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace exeunt::theory
{

/// Looks after a long computation. Both are called from the calling thread, a few times a second; empty ones are not.
struct Watch {
    /// Cells done so far; once more at the end, when all are.
    std::function<void(std::size_t done, std::size_t of)> progress = {};
    /// true ends the computation: cells at work end at their next step of the exact chain (work.hpp), no other is
    /// begun, and Interrupted is thrown.
    std::function<bool()> stop = {};
};

/// What a number of threads asked for means: 0 is all cores.
std::size_t threads_for(unsigned asked);

/// work(0), …, work(count - 1), each once, on `threads` threads (0: all cores). Cells are begun in order and must not
/// depend on each other. After an exception no further cell is begun and that of the lowest cell is rethrown: the one
/// that a plain loop would have thrown, whatever the number of threads. Interrupted when the watch said stop before
/// all were done.
void for_each_cell(std::size_t count, unsigned threads, const Watch& watch,
                   const std::function<void(std::size_t cell)>& work);

/// The same, cells with the largest `cost` (in any unit) first: threads then end at about the same time. Equal costs
/// in order.
void for_each_cell(const std::vector<double>& cost, unsigned threads, const Watch& watch,
                   const std::function<void(std::size_t cell)>& work);

}
