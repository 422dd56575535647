// sim/exits.hpp: what does happen. Replicas of the clipped recursion (theory.md, section 1),
//
//     X_j = clamp_L( X_{j-1} + φ_b( -η f'(X_{j-1}) + η σ(X_{j-1}) Z_j ) ),     X_0 = m_i,
//
// run until they leave an attraction field. Nothing here knows a prediction.
#pragma once

#include "model/error.hpp"
#include "model/model.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace exeunt::sim
{

/// The randomness of one cell of a campaign. The draw at step j of replica r is a pure function of (seed, cell, r, j).
struct Stream {
    std::uint64_t seed = 0;
    std::uint64_t cell = 0;
};

/// σ_i = min{ j ≥ 1 : X_j ∉ Ω_i } of one replica, or how far it came.
struct Exit {
    std::uint64_t step;  ///< σ_i; the last step taken when censored
    std::uint32_t place; ///< index of the field entered; the field left, when censored
    bool censored;       ///< the step limit came first
    double final_state;  ///< X at `step`, to about 1e-7; on a float lattice, so two replicas may share it by chance

    bool operator==(const Exit&) const = default;
};

/// An exit and the replica whose it is.
struct Numbered {
    std::uint64_t replica;
    Exit exit;
};

/// What to run.
struct ExitPlan {
    std::uint64_t replicas = 0;            ///< how many replicas to add
    std::uint64_t first_replica = 0;       ///< index of the first of them
    std::uint64_t step_limit = UINT64_MAX; ///< a replica is censored after this many steps
    unsigned threads = 0;                  ///< 0: all cores
    /// How many replicas were handed out, when other runs of the same plan share them with this one; else null.
    std::atomic<std::uint64_t>* handed_out = nullptr;
    /// Replicas of which it is true are left out. Asked by all threads at once.
    std::function<bool(std::uint64_t replica)> skip = {};
    /// Exits and steps so far, some 50 times a second and once at the end. Called from the calling thread.
    std::function<void(std::uint64_t exits, std::uint64_t steps)> progress = {};
    /// Asked some 50 times a second, from the calling thread; true ends the run with Interrupted.
    std::function<bool()> stop = {};
};

/// Takes exits as they happen, in no order, from the calling thread: some 50 times a second, sooner when there are
/// many.
using Sink = std::function<void(std::span<const Numbered>)>;

using exeunt::Interrupted;

/// How a step is computed. All but `reference` work in float and give the same bits. `reference` is double precision
/// throughout; its exit steps and places are the same but for about one replica in 10⁶, as long as η f''(m_i) < 2.
/// Above that the recursion is chaotic, paths that differ in the last bit soon part, and only the laws agree.
enum class Path { reference, baseline, avx2, avx512 };

/// The paths that this processor can run, slowest first.
std::vector<Path> available_paths();
/// "reference", "baseline", "avx2", "avx512"; BadInput for another name or one that this processor cannot run.
Path path_of(const std::string& name);
/// The word for which path_of gives this path.
const char* name_of(Path path);
/// The fastest available path, or the one that the environment variable EXEUNT_ISA names.
Path default_path();

/// First exits of X from Ω_well, started at m_well. Shape: plan.replicas entries, in the order of the replica index; a
/// skipped one has step 0.
/// The result depends on the model, the well, the stream and the replica index, and not on threads or processor.
/// On a fast path each step is right to a few 1e-7 of η|f'| + ησ(|Z| + s + |µ|), µ what was subtracted to centre the
/// law, far below what exit times can resolve. Symmetric Lomax and Pareto noise are the fastest; other laws take 1.2
/// times as long with AVX-512 and 1.7 with AVX2, log_pareto 3.5, σ that varies 1.2 times. A law that no table holds
/// takes the reference path, a hundred times slower: log_pareto with α below 1.15 (1.5 where p₊ is not ½), and stable
/// laws that are skewed with α at 1.02 or below, or with p₊ about 1e-3. Throws BadInput for a well that is not there,
/// NotConverged when X stops being finite, Interrupted.
std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan);
std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                              Path path);

/// The same, handed over as it happens: memory does not grow with the number of replicas. What ended before an
/// exception is handed over, then the exception is thrown.
void stream_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                  const Sink& sink, Path path);

/// First passages of X on the whole line: from m_well to the core of one of the targets, other wells (theory.md,
/// section 4: how Y jumps). An Exit's step is the first j ≥ 1 with X_j in a core, its place that core's well; else as
/// first_exits. BadInput also for no target, one that is not there, and the well itself.
std::vector<Exit> first_passages(const model::Model& model, std::size_t well, const std::vector<std::size_t>& targets,
                                 const Stream& stream, const ExitPlan& plan, Path path = default_path());
void stream_passages(const model::Model& model, std::size_t well, const std::vector<std::size_t>& targets,
                     const Stream& stream, const ExitPlan& plan, const Sink& sink, Path path);

/// Whether replicas of this model are stepped in double precision throughout on that path.
bool in_double(const model::Model& model, Path path);

}
