// sim/engine.hpp: what exits.cpp, the plain double-precision loop (reference.cpp) and the vector kernel (kernel.hpp)
// say to each other. The kernel is built once for each instruction set, from files that include nothing but this and
// words.hpp: no inline function of the standard library may be compiled there, or the linker could keep that copy.
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
    virtual void exit(std::uint64_t replica, std::uint64_t step, double x) = 0;   ///< X_step = x was the first outside
    virtual void censor(std::uint64_t replica, std::uint64_t step, double x) = 0; ///< the step limit came first
    virtual bool tick(std::uint64_t steps) = 0; ///< so many more steps were taken; false: stop now
    virtual double drift(double x) = 0;         ///< -η f'(x), exact
    virtual double noise(std::uint64_t replica, std::uint64_t step) = 0;               ///< η σ Z, exact
    [[noreturn]] virtual void diverged(std::uint64_t replica, std::uint64_t step) = 0; ///< X_step is not finite

  protected:
    ~Host() = default;
};

/// -η f'(x) ≈ Σ_k a_k t^k, t = x - centre, for |t| ≤ reach. A step that starts in the panel uses it; one that ends with
/// |t| ≤ reach stays in it, so a panel reaches beyond [lo, hi), the part of the line where it is chosen.
struct Panel {
    static constexpr int terms = 12;
    double lo, hi;
    double centre;
    float reach;
    float a[terms];
};

/// ησZ = ±(T[g] P(m - 3/2) - ησs) where V = 2^{-g} m, 1 ≤ m < 2, for the Lomax law. T is indexed by the exponent of
/// the float 2³¹V, modulo 16; it is NaN where V < 2⁻¹⁵ or V rounds to 1: there the host knows better.
struct NoiseTable {
    static constexpr int terms = 9;
    alignas(64) float t[16];
    float p[terms];
    float shift;
};

/// A campaign as the kernel sees it.
struct Setup {
    Key key;
    NoiseTable noise;
    const Panel* panels; ///< in increasing order, disjoint; between and beyond them f' is the host's
    int panel_count;
    double start;       ///< m_i
    double left, right; ///< Ω_i
    double lo, hi;      ///< the clamp; infinite when there is none
    double b;           ///< clip threshold, may be infinite
    std::uint64_t step_limit;
};

/// Runs replicas until the host has no more. One instance for each instruction set; all give the same bits.
void run_avx512(const Setup& setup, Host& host);
void run_avx2(const Setup& setup, Host& host);
void run_baseline(const Setup& setup, Host& host);

}
