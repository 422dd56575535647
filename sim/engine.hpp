// sim/engine.hpp: what the crew of threads (crew.cpp), the plain double-precision loop (reference.cpp) and the vector
// kernel (kernel.hpp) say to each other. The kernel is built once for each instruction set, from files that include
// nothing but this and words.hpp: no inline function of the standard library may be compiled there, or the linker could
// keep that copy.
#pragma once

#include "sim/words.hpp"

#include <cstdint>

namespace exeunt::sim
{

/// The bookkeeping that a loop over replicas is given: where replicas come from and where exits go.
class Host
{
  public:
    virtual bool next(std::uint64_t& replica) = 0; ///< the next replica to run; false: none is left
    virtual void exit(std::uint64_t replica, std::uint64_t step, double x) = 0;   ///< X_step = x, the first in a stop
    virtual void censor(std::uint64_t replica, std::uint64_t step, double x) = 0; ///< the step limit came first
    virtual bool tick(std::uint64_t steps) = 0; ///< so many more steps were taken; false: stop now
    virtual double drift(double x) = 0;         ///< -η f'(x), exact
    virtual double sigma(double x) = 0;         ///< σ(x), exact
    virtual double noise(std::uint64_t replica, std::uint64_t step) = 0;               ///< scale · Z, exact
    [[noreturn]] virtual void diverged(std::uint64_t replica, std::uint64_t step) = 0; ///< X_step is not finite

    // For a job that is watched:
    virtual void stay(std::uint64_t replica, double x, std::uint64_t steps) = 0; ///< so many steps ended in x's field
    /// X_step = x at a step that was asked for; the answer is the next one to look at, beyond step.
    virtual std::uint64_t look(std::uint64_t replica, std::uint64_t step, double x) = 0;

    // For one that is compensated: X was at each of `count` places x before a step that might have led to a stop.
    virtual void at_edge(std::uint64_t replica, const double* x, int count) = 0;

  protected:
    ~Host() = default;
};

/// -η f'(x) ≈ Σ_k a_k t^k and, where σ varies, σ(x) ≈ Σ_k sigma_k t^k, t = x - centre, for |t| ≤ reach. A step that
/// starts in the panel uses it; one that ends with |t| ≤ reach stays in it, so a panel reaches beyond [lo, hi), the
/// part of the line where it is chosen.
struct Panel {
    static constexpr int terms = 12;
    double lo, hi;
    double centre;
    float reach;
    float a[terms];
    float sigma[terms];
    bool edge = false; ///< a compensated job: from here one step may lead to a stop
};

/// The closed interval [lo, hi].
struct Stop {
    double lo, hi;
};

/// How often X was where: slot 0 below lo, slots 1 to bins of equal width between lo and hi, both included, then one
/// for what is above hi, and one for what does not count.
struct Histogram {
    std::uint32_t* count; ///< bins + 3
    int bins;
    double lo, hi;
    double per_length; ///< bins / (hi - lo)

    [[gnu::always_inline]] int slot(double x) const
    {
        if (x < lo) return 0;
        if (x > hi) return bins + 1;
        const int k = static_cast<int>((x - lo) * per_length);
        return k < bins ? k + 1 : bins;
    }
};

/// What every replica does: X from its start, until it is in a stop or has taken step_limit steps.
struct Job {
    double start; ///< m_i
    const Stop* stops;
    int stop_count;
    std::uint64_t step_limit;

    // Watched, without stops: the host hears of stays and looks, at the step first_look (0: none) to begin with, and
    // every step counts to the histogram, unless its count is null.
    bool watched = false;
    std::uint64_t first_look = 0;
    Histogram histogram = {};

    // Compensated: the host hears of every state that is not strictly between these two, before the step from it.
    bool compensated = false;
    double edge_left = 0, edge_right = 0;

    [[gnu::always_inline]] bool stops_at(double x) const
    {
        for (int k = 0; k < stop_count; ++k)
            if (stops[k].lo <= x && x <= stops[k].hi) return true;
        return false;
    }
};

// Noise from a word, at a scale of ησ, or η where σ varies: its lowest bit is the side, the others k give V = (k +
// ½)/2³¹ = 2^{-g} m, 1 ≤ m < 2. Octaves of V are told apart by the exponent of the float 2³¹V, modulo 16. NaN where V
// is below the last octave: there the host knows better.

/// scale · Z = ±(T[g] P(m - 3/2) - shift): both sides the same power of V, as for Lomax and Pareto. T is indexed by the
/// octave; NaN where V < 2⁻¹⁵ or V rounds to 1.
struct PowerTable {
    static constexpr int terms = 9;
    alignas(64) float t[16];
    float p[terms];
    float shift;
};

/// scale · Z = P_c(m - 3/2), a polynomial for each cell c = 16 side + octave. One octave is cut in two, where the law
/// changes its half-line: the k from `from` on, `length` of them, are in the cells of `cut_off`, where it is
/// P_c(m - 3/2 - centre). NaN where V < 2⁻¹⁴.
struct CellTable {
    static constexpr int most_terms = 16;
    static constexpr std::uint32_t cut_off = 14; ///< no octave's number
    alignas(64) float p[most_terms][32];         ///< P_c(u) = Σ_k p[k][c] u^k, k < terms
    int terms;
    std::uint32_t from, length;
    float centre;
};

/// One of the two.
struct NoiseTable {
    bool in_cells;
    PowerTable power;
    CellTable cells;
};

/// A campaign as the kernel sees it.
struct Setup {
    Key key;
    NoiseTable noise;
    bool sigma_varies;
    const Panel* panels; ///< in increasing order, disjoint, without stops; between and beyond them f' is the host's
    int panel_count;
    double lo, hi; ///< the clamp; infinite when there is none
    double b;      ///< clip threshold, may be infinite
    Job job;
};

constexpr int lanes = 128;                      ///< replicas that the kernel has side by side
constexpr std::uint64_t passes_per_tick = 1024; ///< of four steps each, after which it tells the host

/// Runs replicas until the host has no more. One instance for each instruction set; all give the same bits.
void run_avx512(const Setup& setup, Host& host);
void run_avx2(const Setup& setup, Host& host);
void run_baseline(const Setup& setup, Host& host);

}
