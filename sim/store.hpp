// sim/store.hpp: the replicas of a campaign, kept in one SQLite file.
//
//     meta(key, value)                          what the replicas depend on beside the cell: model, seed, …
//     cell(id, clip, learning_rate, well, key)  key: the cell's random stream
//     batch(id, cell, replicas, hash, data)     exits of a cell, in one blob
//     piece(id, cell, steps, first, replicas, hash, data)  whole paths of a cell, in one blob (path_campaign.hpp)
//
// One row holds a batch, not an exit: an exit then takes 11 to 15 bytes (as a row of its own: 40), a batch is one
// write, and a hash of the blob finds what SQLite does not check. In a blob, for every exit in the order of the
// replica: the step from the replica before, the exit step, 2 place + censored, each as a little-endian base-128
// number, and the eight bytes of the final state.
#pragma once

#include "sim/exits.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct sqlite3;

namespace exeunt::sim
{

/// One clip threshold, learning rate and well: what a replica is a replica of.
struct Cell {
    double clip;
    double learning_rate;
    std::size_t well;  ///< index from 0
    std::uint64_t key; ///< of its random stream
};

/// What the replicas of a store have in common. Stores of two identities never mix.
struct Identity {
    std::string model; ///< model::canonical of the spec
    std::uint64_t seed;
    std::uint64_t step_limit; ///< replicas are censored there
    std::string arithmetic;   ///< "float" or "double"
    std::string program;      ///< the version that made the store: kept, not compared
};

/// Paths of so many steps, of the replicas first, first + 1, ….
struct Piece {
    std::uint64_t first;
    std::uint64_t replicas;
    std::string data; ///< what was seen of them
};

/// An open store. No other process can open it until this one closes it or dies.
///
/// Every function throws BadInput, one line with the file's name, when the file cannot be read or written, is damaged,
/// or the disk is full; what was added before stays in the file.
class Store
{
  public:
    /// The layout of the file, and what a replica's result depends on beside its identity: to be raised when either
    /// changes, for then stores of before cannot be continued.
    static constexpr int format = 1;

    /// Opens the store, or makes it where there is no file; one to which nothing is added is removed again. BadInput
    /// for a file that is no store, is damaged, was made in another format or for another identity, or is open
    /// elsewhere; it is left as it was.
    Store(const std::filesystem::path& file, const Identity& identity);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Adds exits of one cell, all or none: a kill at any moment leaves one or the other. No replica may be in the
    /// store already.
    void add(const Cell& cell, std::vector<Numbered> exits);
    /// The exits of a cell in the store, in no order of batches. BadInput for a blob that is damaged.
    void read(const Cell& cell, const std::function<void(const Numbered&)>& take) const;
    /// Which of the replicas 0, …, count - 1 of a cell are in the store, up to the last that is.
    std::vector<bool> stored(const Cell& cell, std::uint64_t count) const;

    /// The same for paths of a number of steps. No replica may be in another piece of the same cell and steps.
    void add(const Cell& cell, std::uint64_t steps, const Piece& piece);
    /// The pieces in the order of the replica.
    void read(const Cell& cell, std::uint64_t steps, const std::function<void(const Piece&)>& take) const;

    const std::filesystem::path& file() const { return file_; }

  private:
    void open(const Identity& identity);
    void remove_if_empty();
    void make(const Identity& identity);
    void check(const Identity& identity) const;
    std::int64_t id_of(const Cell& cell);

    std::filesystem::path file_;
    bool made_ = false; ///< here, and nothing was added yet: it goes with us
    std::unique_ptr<sqlite3, int (*)(sqlite3*)> db_;
};

/// The blob of a batch, and the exits in it. Exact: the one undoes the other, bit for bit.
/// Shape of `encode`: exits in increasing order of the replica, all different.
std::string encode(std::span<const Numbered> exits);
/// Takes `count` exits from a blob; false when it is none of theirs.
bool decode(std::string_view blob, std::uint64_t count, const std::function<void(const Numbered&)>& take);

}
