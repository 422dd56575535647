// sim/kernel.hpp: the hot loop. Many replicas side by side, one in each lane of a few vectors:
//
//     1. words  Threefry, four words a lane: the next four steps.
//     2. noise  ησZ by tables and polynomials; NaN where it needs more bits than a word has.
//     3. steps  four steps of X without a branch, from the coefficients of -ηf' that every lane holds for its panel;
//               where σ varies, 2. is ηZ, and every lane holds those of σ too.
//     4. replay A lane that left its panel (that includes every exit) or drew NaN is taken through the steps again, one
//               by one, from the first that did so: the same arithmetic, on floats in place of vectors.
//     5. count  Where every step is to be counted: the slot of each of the four, from t; a replay counts its own.
//
// The state is t = x - centre of the panel. Included by one file for each instruction set; every function here is
// local to that file. All sums are fused multiply-adds, written as such, so all instruction sets give the same bits.
#pragma once

#include "sim/engine.hpp"

#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__))
#include <immintrin.h>
#endif

namespace exeunt::sim
{

namespace
{

#pragma GCC diagnostic ignored "-Wpsabi" // vectors wider than a register are passed between inlined functions only

#define EXEUNT_INLINE [[gnu::always_inline]] inline

// ---- vectors: W floats F, W words U

#if defined(__AVX512F__)
constexpr int W = 16;
#elif defined(__AVX2__) && defined(__FMA__)
constexpr int W = 8;
#else
constexpr int W = 4;
#endif

using F = float __attribute__((vector_size(4 * W), may_alias));
using U = std::uint32_t __attribute__((vector_size(4 * W), may_alias));
using I = std::int32_t __attribute__((vector_size(4 * W)));

EXEUNT_INLINE F all(float x) { return F{} + x; }
EXEUNT_INLINE U all(std::uint32_t x) { return U{} + x; }
EXEUNT_INLINE F load(const float* p) { return *reinterpret_cast<const F*>(p); }
EXEUNT_INLINE U load(const std::uint32_t* p) { return *reinterpret_cast<const U*>(p); }
EXEUNT_INLINE void store(float* p, F x) { *reinterpret_cast<F*>(p) = x; }

// min and max give their second argument when one is NaN, as the instructions do. The masked forms with every lane on
// are the plain instructions without g++ 12's false alarms.
EXEUNT_INLINE float min(float a, float b) { return a < b ? a : b; }
EXEUNT_INLINE float max(float a, float b) { return a > b ? a : b; }

#if defined(__AVX512F__)
EXEUNT_INLINE F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
EXEUNT_INLINE F min(F a, F b) { return _mm512_maskz_min_ps(0xffff, a, b); }
EXEUNT_INLINE F max(F a, F b) { return _mm512_maskz_max_ps(0xffff, a, b); }
EXEUNT_INLINE F lookup(const float* table, U i) { return _mm512_maskz_permutexvar_ps(0xffff, __m512i(i), load(table)); }
EXEUNT_INLINE F lookup32(const float* table, U i)
{
    return _mm512_permutex2var_ps(load(table), __m512i(i), load(table + 16));
}
EXEUNT_INLINE unsigned beyond(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ); }
#elif defined(__AVX2__) && defined(__FMA__)
EXEUNT_INLINE F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
EXEUNT_INLINE F min(F a, F b) { return _mm256_min_ps(a, b); }
EXEUNT_INLINE F max(F a, F b) { return _mm256_max_ps(a, b); }
EXEUNT_INLINE F lookup(const float* table, U i)
{
    const __m256 low = _mm256_permutevar8x32_ps(load(table), __m256i(i));
    const __m256 high = _mm256_permutevar8x32_ps(load(table + 8), __m256i(i));
    return _mm256_blendv_ps(low, high, F(i << 28));
}
EXEUNT_INLINE F lookup32(const float* table, U i)
{
    return _mm256_blendv_ps(lookup(table, i), lookup(table + 16, i), F(i << 27));
}
EXEUNT_INLINE unsigned beyond(F a, F b)
{
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_NLE_UQ)));
}
#else
EXEUNT_INLINE F min(F a, F b) { return a < b ? a : b; }
EXEUNT_INLINE F max(F a, F b) { return a > b ? a : b; }
EXEUNT_INLINE F lookup(const float* table, U i)
{
    F x{};
    for (int lane = 0; lane < W; ++lane) x[lane] = table[i[lane] % 16];
    return x;
}
EXEUNT_INLINE F lookup32(const float* table, U i)
{
    F x{};
    for (int lane = 0; lane < W; ++lane) x[lane] = table[i[lane] % 32];
    return x;
}
EXEUNT_INLINE unsigned beyond(F a, F b)
{
    unsigned mask = 0;
    for (int lane = 0; lane < W; ++lane) mask |= (a[lane] <= b[lane] ? 0U : 1U) << lane;
    return mask;
}
#endif

#if defined(__FMA__) || defined(__FP_FAST_FMAF)
EXEUNT_INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#else
/// ab + c rounded once: ab is exact in double; its sum with c is rounded to odd there (Boldo and Melquiond 2008), after
/// which rounding to float is right. D doubles, L unsigned integers as wide.
template<class D, class L> EXEUNT_INLINE D sum_to_odd(const D& product, const D& c)
{
    const D sum = product + c;
    const D part = sum - product;
    const D error = (product - (sum - part)) + (c - part);
    const L bits = __builtin_bit_cast(L, sum);
    const L error_bits = __builtin_bit_cast(L, error);
    const L away = (bits ^ error_bits) >> 63; // 1 where |sum| was rounded up, if it was rounded
    const L magnitude = error_bits << 1;
    const L inexact = L{} - ((magnitude | (L{} - magnitude)) >> 63); // all ones where error != 0
    return __builtin_bit_cast(D, bits ^ ((bits ^ ((bits - away) | 1)) & inexact));
}
EXEUNT_INLINE float fma(float a, float b, float c)
{
    return static_cast<float>(sum_to_odd<double, std::uint64_t>(double{a} * double{b}, double{c}));
}
#endif
#if !defined(__AVX2__) || !defined(__FMA__)
EXEUNT_INLINE F fma(F a, F b, F c)
{
#if defined(__FP_FAST_FMAF)
    F x{};
    for (int lane = 0; lane < W; ++lane) x[lane] = fma(a[lane], b[lane], c[lane]);
    return x;
#else
    using D = double __attribute__((vector_size(8 * W)));
    using L = std::uint64_t __attribute__((vector_size(8 * W)));
    const D product = __builtin_convertvector(a, D) * __builtin_convertvector(b, D);
    return __builtin_convertvector(sum_to_odd<D, L>(product, __builtin_convertvector(c, D)), F);
#endif
}
#endif

EXEUNT_INLINE F abs(F x) { return F(U(x) & 0x7fffffffU); }

// ---- one step of one lane; a vector's lanes take theirs in Lanes::advance, by the same operations

/// φ_b(w)
template<class V> EXEUNT_INLINE V clip(V w, V b) { return min(b, max(-b, w)); }

/// Σ_k a_k t^k, k < Panel::terms, as E(t²) + t O(t²): half the latency of Horner's rule.
EXEUNT_INLINE float polynomial(const float (&a)[Panel::terms], float t)
{
    constexpr int last = Panel::terms - 1;
    static_assert(last % 2 == 1);
    const float square = t * t;
    float odd = a[last];
    float even = a[last - 1];
#pragma GCC unroll 16
    for (int k = last - 2; k > 0; k -= 2) {
        odd = fma(odd, square, a[k]);
        even = fma(even, square, a[k - 1]);
    }
    return fma(odd, t, even);
}

/// X_j - X_{j-1} = φ_b( -η f'(X_{j-1}) + η σ Z_j ); `noise` is ησZ, or ηZ where σ varies.
EXEUNT_INLINE float increment(const Panel& p, float t, float drift, float noise, bool sigma_varies, float b)
{
    return clip(sigma_varies ? fma(polynomial(p.sigma, t), noise, drift) : drift + noise, b);
}

/// 2³¹V of a word, a float's bits
EXEUNT_INLINE U scaled_uniform(U word) { return U(__builtin_convertvector(I(word >> 1), F) + 0.5F); }

/// m - 3/2 from them
EXEUNT_INLINE F mantissa(U v) { return F((v & 0x007fffffU) | 0x3f800000U) - 1.5F; }

/// The noise of each of four words, term by term for all of them, so that their chains of operations run side by side.
EXEUNT_INLINE void scaled_noise(const PowerTable& table, const U (&word)[4], F (&z)[4])
{
    const U deep = all(127U + 15U); // its entry is NaN, and so is everything below
    U exponent[4];
    F m[4], p[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        const U v = scaled_uniform(word[i]);
        exponent[i] = v >> 23;
        m[i] = mantissa(v);
        p[i] = all(table.p[PowerTable::terms - 1]);
    }
#pragma GCC unroll 16
    for (int k = PowerTable::terms - 2; k >= 0; --k)
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) p[i] = fma(p[i], m[i], all(table.p[k]));
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        const U index = exponent[i] > deep ? exponent[i] : deep;
        const F size = fma(lookup(table.t, index), p[i], all(-table.shift));
        z[i] = F(U(size) ^ (word[i] << 31));
    }
}

EXEUNT_INLINE void scaled_noise(const CellTable& table, const U (&word)[4], F (&z)[4])
{
    const U deep = all(127U + 16U);       // as above
    const U below_one = all(0x4effffffU); // the largest float below 2³¹
    U cell[4];
    F m[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        const U v = scaled_uniform(word[i]);
        const U capped = v < below_one ? v : below_one;
        const U exponent = capped >> 23;
        const U octave = (exponent > deep ? exponent : deep) & 15;
        const U side = (word[i] & 1) << 4;
        const U cut_off = U((word[i] >> 1) - table.from < table.length); // all ones is yes
        cell[i] = side | (cut_off ? all(CellTable::cut_off) : octave);
        m[i] = mantissa(capped) - F(U(all(table.centre)) & cut_off);
        z[i] = lookup32(table.p[table.terms - 1], cell[i]);
    }
    for (int k = table.terms - 2; k >= 0; --k)
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) z[i] = fma(z[i], m[i], lookup32(table.p[k], cell[i]));
}

// ---- lanes

constexpr int N = lanes;
constexpr int group = W == 16 ? 4 : 8; ///< vectors in a group
constexpr int M = group * W;           ///< lanes in a group: no more than a mask has bits
constexpr int abreast = 4;             ///< of them advanced side by side: as many as registers hold
constexpr int counters = 2;            ///< of them that words are made for side by side

template<bool watched> class Lanes
{
  public:
    Lanes(const Setup& setup, Host& host)
        : s(setup), job(setup.job), h(host), b(static_cast<float>(setup.b)),
          counting(watched && setup.job.histogram.count)
    {
        for (float& r : reach) r = -1; // an unused lane is always replayed, that is: nothing
        if (counting) set_range();
    }

    void run()
    {
        for (std::uint64_t replica; active < N && h.next(replica);) start(active++, replica, 0);
        for (std::uint64_t since_tick = 0; active > 0; ++pass) {
            if (pass == due) mark_due();
            if (pass == turn) turn_heads();
            for (int first = 0; first < active; first += M) four_steps(first);
            while (retired > 0) move(--active, retired_lanes[--retired]);
            since_tick += static_cast<std::uint64_t>(active);
            if (pass % passes_per_tick == 0) {
                if (!h.tick(4 * since_tick)) return;
                since_tick = 0;
            }
        }
    }

  protected: // a test begins where the counter is about to pass 2³²
    void four_steps(int first)
    {
        alignas(64) float noise[4][M];
        if (s.noise.in_cells)
            draw(s.noise.cells, first, noise);
        else
            draw(s.noise.power, first, noise);

        alignas(64) float at[4][M];
        F farthest[group];
        if (s.sigma_varies)
            advance<true>(first, noise, at, farthest);
        else
            advance<false>(first, noise, at, farthest);
        if constexpr (watched)
            if (counting) count_steps(first, farthest, at);
        if (job.compensated) tell_edges(first, farthest, at);

        std::uint64_t left = 0; // the lanes to be replayed
#pragma GCC unroll 16
        for (int v = 0; v < group; ++v) {
            const F from = load(t + first + W * v), limit = load(reach + first + W * v);
            store(t + first + W * v, farthest[v] <= limit ? load(at[3] + W * v) : from);
            left |= std::uint64_t{beyond(farthest[v], limit)} << (W * v);
        }
        for (; left != 0; left &= left - 1) {
            const int lane = __builtin_ctzll(left);
            if (first + lane < active) replay(first + lane, &noise[0][lane], &at[0][lane]);
        }
    }

    /// The noise of this pass's four steps in each lane of a group.
    template<class Table> EXEUNT_INLINE void draw(const Table& table, int first, float (&noise)[4][M])
    {
        const U pass_low = all(static_cast<std::uint32_t>(pass));
        for (int v = 0; v < M; v += counters * W) {
            U x[counters][4];
#pragma GCC unroll 4
            for (int c = 0; c < counters; ++c) {
                U of_lane[Head::words];
#pragma GCC unroll 8
                for (int k = 0; k < Head::words; ++k) of_lane[k] = load(head[k] + first + v + W * c);
                two_rounds(pass_low, of_lane, x[c]);
            }
            threefry_from<2>(s.key, x);
#pragma GCC unroll 4
            for (int c = 0; c < counters; ++c) {
                F z[4];
                scaled_noise(table, x[c], z);
#pragma GCC unroll 4
                for (int i = 0; i < 4; ++i) store(noise[i] + v + W * c, z[i]);
            }
        }
    }

    /// As `polynomial`, of some vectors, but term by term for all of them, so that their chains of operations run side
    /// by side.
    EXEUNT_INLINE void polynomials(const float (&row)[Panel::terms][N], int lane, const F (&x)[abreast],
                                   F (&sum)[abreast]) const
    {
        constexpr int last = Panel::terms - 1;
        F square[abreast], odd[abreast], even[abreast];
        // Coefficients are used from where they are: without this the compiler copies all of them to the stack first.
        asm volatile("" ::: "memory");
        const auto coefficient = [&](int k, int v) { return load(row[k] + lane + W * v); };
#pragma GCC unroll 8
        for (int v = 0; v < abreast; ++v) {
            square[v] = x[v] * x[v];
            odd[v] = coefficient(last, v);
            even[v] = coefficient(last - 1, v);
        }
#pragma GCC unroll 16
        for (int k = last - 2; k > 0; k -= 2)
#pragma GCC unroll 8
            for (int v = 0; v < abreast; ++v) {
                odd[v] = fma(odd[v], square[v], coefficient(k, v));
                even[v] = fma(even[v], square[v], coefficient(k - 1, v));
            }
#pragma GCC unroll 8
        for (int v = 0; v < abreast; ++v) sum[v] = fma(odd[v], x[v], even[v]);
    }

    /// Four steps of a group without a branch: where each led, and how far they went. As `increment`, for all lanes.
    /// Step by step, so that some vectors go on while others wait for their sums.
    template<bool sigma_varies>
    EXEUNT_INLINE void advance(int first, const float (&noise)[4][M], float (&at)[4][M], F (&farthest)[group])
    {
        const F clip_at = all(b);
        for (F& f : farthest) f = F{};
        const float* from = t + first;
        for (int i = 0; i < 4; ++i) {
            for (int v = 0; v < group; v += abreast) {
                F x[abreast], w[abreast];
                [[maybe_unused]] F sigma_of[abreast];
#pragma GCC unroll 8
                for (int k = 0; k < abreast; ++k) x[k] = load(from + W * (v + k));
                polynomials(a, first + W * v, x, w);
                if constexpr (sigma_varies) polynomials(sigma, first + W * v, x, sigma_of);
#pragma GCC unroll 8
                for (int k = 0; k < abreast; ++k) {
                    const F z = load(noise[i] + W * (v + k));
                    if constexpr (sigma_varies)
                        w[k] = fma(sigma_of[k], z, w[k]);
                    else
                        w[k] += z;
                    x[k] += clip(w[k], clip_at);
                    store(at[i] + W * (v + k), x[k]);
                    farthest[v + k] = max(farthest[v + k], abs(x[k]));
                }
            }
            from = at[i];
        }
    }

    /// What is left to do for one lane in this pass; `noise` of each of its four steps and where these led are M floats
    /// apart.
    [[gnu::noinline]] void replay(int lane, const float* noise, const float* at)
    {
        const std::uint64_t replica = replica_of[lane];
        const std::uint64_t first_step = 4 * (pass - born[lane]) + 1;
        std::uint64_t step = first_step;
        for (; step < first_step + 3 && __builtin_fabsf(*at) <= reach[lane]; ++step, at += M, noise += M) {
            tell_edge(lane);
            t[lane] = *at;
            if constexpr (watched) count_place(lane);
        }
        if (reach[lane] >= 0 && *at == *at) { // this step led out of the panel
            tell_edge(lane);
            if (!arrive(lane, step, panel[lane]->centre + double{*at})) return renew(lane);
            ++step;
            noise += M;
        }
        for (; step < first_step + 4; ++step, noise += M) {
            if (step > job.step_limit) {
                if constexpr (watched) end_stay(lane, job.step_limit);
                h.censor(replica, job.step_limit, position(lane));
                return renew(lane);
            }
            const float z = *noise == *noise ? *noise : static_cast<float>(h.noise(replica, step));
            if (!take(lane, step, z)) return renew(lane);
            if constexpr (watched)
                if (step == look[lane]) look[lane] = h.look(replica, step, position(lane));
        }
        if constexpr (watched) {
            reach[lane] = reach_of(lane);
            if (due_pass(lane) < due) due = due_pass(lane);
        }
    }

    /// X_step from X_{step-1} and the noise; false: it is in a stop.
    EXEUNT_INLINE bool take(int lane, std::uint64_t step, float z)
    {
        double x;
        if (panel[lane]) {
            const float drift = polynomial(panel[lane]->a, t[lane]);
            tell_edge(lane);
            const float to = t[lane] + increment(*panel[lane], t[lane], drift, z, s.sigma_varies, b);
            if (__builtin_fabsf(to) <= panel[lane]->reach) { // in no stop and inside L, by the panel's construction
                t[lane] = to;
                if constexpr (watched) count_place(lane);
                return true;
            }
            x = panel[lane]->centre + double{to};
        } else {
            x = outside[lane];
            const double drift = h.drift(x);
            if (job.compensated && !(job.edge_left < x && x < job.edge_right)) h.at_edge(replica_of[lane], &x, 1);
            const double w = drift + (s.sigma_varies ? h.sigma(x) : 1) * double{z};
            x += (w < -s.b ? -s.b : w > s.b ? s.b : w);
        }
        return arrive(lane, step, x);
    }

    /// X_step, before the clamp, is x: out of the lane's panel. False: it is in a stop.
    EXEUNT_INLINE bool arrive(int lane, std::uint64_t step, double x)
    {
        x = x < s.lo ? s.lo : x > s.hi ? s.hi : x;
        if (!(x - x == 0)) h.diverged(replica_of[lane], step); // NaN or infinite
        if (job.stops_at(x)) {
            h.exit(replica_of[lane], step, x);
            return false;
        }
        if constexpr (watched) {
            if (counting) ++job.histogram.count[job.histogram.slot(x)];
            end_stay(lane, step - 1);
        }
        place(lane, x);
        return true;
    }

    // ---- for a job that is compensated

    /// Where lanes that stayed in a panel at an edge began each of the four steps.
    [[gnu::noinline]] void tell_edges(int first, const F (&farthest)[group], const float (&at)[4][M])
    {
        std::uint64_t left = 0;
        for (int v = 0; v < group; ++v)
            left |= std::uint64_t{beyond(farthest[v], load(reach + first + W * v))} << (W * v);
        for (std::uint64_t there = edges[first / M] & ~left; there != 0; there &= there - 1) {
            const int k = __builtin_ctzll(there), lane = first + k;
            const double c = panel[lane]->centre;
            const double x[] = {c + double{t[lane]}, c + double{at[0][k]}, c + double{at[1][k]}, c + double{at[2][k]}};
            h.at_edge(replica_of[lane], x, 4);
        }
    }

    /// As above, for one step of one lane.
    EXEUNT_INLINE void tell_edge(int lane)
    {
        if (!panel[lane]->edge) return;
        const double x = position(lane);
        h.at_edge(replica_of[lane], &x, 1);
    }

    // ---- for a job that is watched

    /// The lane leaves its panel, or the place outside of them where it was, after this step.
    void end_stay(int lane, std::uint64_t step)
    {
        h.stay(replica_of[lane], panel[lane] ? panel[lane]->centre : outside[lane], step - since[lane]);
        since[lane] = step;
    }

    /// What a state in a panel can count to, so that rounding takes none beyond a clamp that the histogram includes.
    void set_range()
    {
        const Histogram& g = job.histogram;
        per_length = static_cast<float>(g.per_length);
        least = s.lo >= g.lo ? 1 : 0;
        most = static_cast<float>(s.hi <= g.hi ? g.bins : g.bins + 1);
    }

    /// The slot of c + t is ⌊(c - lo) n / (hi - lo) + 1 + t n / (hi - lo)⌋, n bins.
    template<class V> EXEUNT_INLINE V slot_of(V where, V zero, V scale, V low, V high) const
    {
        return min(high, max(low, fma(where, scale, zero)));
    }
    EXEUNT_INLINE int slot(int lane) const
    {
        return static_cast<int>(slot_of(t[lane], origin[lane], per_length, least, most));
    }

    /// Counts where a lane is in its panel.
    EXEUNT_INLINE void count_place(int lane)
    {
        if (counting) ++job.histogram.count[slot(lane)];
    }

    /// Counts the four steps of the lanes that stayed in their panel.
    EXEUNT_INLINE void count_steps(int first, const F (&farthest)[group], const float (&at)[4][M])
    {
        const F nowhere = all(static_cast<float>(job.histogram.bins + 2));
        const F scale = all(per_length), low = all(least), high = all(most);
        alignas(64) std::int32_t slots[4][M];
#pragma GCC unroll 8
        for (int v = 0; v < group; ++v) {
            const int lane = first + W * v;
            const F zero = load(origin + lane);
            const auto stayed = farthest[v] <= load(reach + lane);
            for (int i = 0; i < 4; ++i) {
                const F k = slot_of(load(at[i] + W * v), zero, scale, low, high);
                *reinterpret_cast<I*>(slots[i] + W * v) = __builtin_convertvector(stayed ? k : nowhere, I);
            }
        }
        std::uint32_t* const count = job.histogram.count;
        for (const auto& row : slots)
#pragma GCC unroll 16
            for (const std::int32_t k : row) ++count[k];
    }

    // ---- a lane's place and life

    double position(int lane) const { return panel[lane] ? panel[lane]->centre + double{t[lane]} : outside[lane]; }

    /// Puts X of a lane at x: into the panel that holds it, or outside all panels, where every step is replayed.
    void place(int lane, double x)
    {
        const Panel* p = s.panels; // the first panel that ends beyond x
        for (int among = s.panel_count; among > 0;) {
            const int half = (among + 1) / 2;
            p += p[half - 1].hi <= x ? half : 0;
            among -= half;
        }
        panel[lane] = p < s.panels + s.panel_count && p->lo <= x ? p : nullptr;
        outside[lane] = x;
        t[lane] = panel[lane] ? static_cast<float>(x - panel[lane]->centre) : 0;
        reach[lane] = reach_of(lane);
        set_edge(lane, panel[lane] && panel[lane]->edge);
        if constexpr (watched)
            if (counting && panel[lane])
                origin[lane] =
                    static_cast<float>((panel[lane]->centre - job.histogram.lo) * job.histogram.per_length + 1);
        if (panel[lane])
            for (int k = 0; k < Panel::terms; ++k) {
                a[k][lane] = panel[lane]->a[k];
                if (s.sigma_varies) sigma[k][lane] = panel[lane]->sigma[k];
            }
    }

    void set_edge(int lane, bool edge)
    {
        std::uint64_t& word = edges[lane / M];
        word = (word & ~(std::uint64_t{1} << lane % M)) | std::uint64_t{edge} << lane % M;
    }

    /// |t| up to which a step needs no replay.
    float reach_of(int lane) const { return panel[lane] ? panel[lane]->reach : -1; }

    /// The lane takes up a replica, at step 0 in pass `birth`.
    void start(int lane, std::uint64_t replica, std::uint64_t birth)
    {
        replica_of[lane] = replica;
        born[lane] = birth;
        set_head(lane, 0);
        if constexpr (watched) {
            look[lane] = job.first_look;
            since[lane] = 0;
        }
        if (due_pass(lane) < due) due = due_pass(lane);
        place(lane, job.start);
    }

    /// For the passes of the replica in which the counter's second word is `high`.
    void set_head(int lane, std::uint32_t high)
    {
        const Head made = make_head(s.key, high, replica_of[lane]);
        for (int k = 0; k < Head::words; ++k) head[k][lane] = made.word[k];
        head[0][lane] -= static_cast<std::uint32_t>(born[lane]); // what is added is the pass
    }

    /// The replica of a lane has ended: the next one begins in the next pass, or the lane retires.
    void renew(int lane)
    {
        std::uint64_t replica;
        if (h.next(replica)) {
            start(lane, replica, pass + 1);
            return;
        }
        reach[lane] = -1;
        retired_lanes[retired++] = lane;
    }

    /// The pass in which the lane meets the step limit, or comes to a step to look at.
    std::uint64_t due_pass(int lane) const
    {
        const std::uint64_t last = born[lane] + job.step_limit / 4;
        if constexpr (!watched) return last;
        const std::uint64_t next = born[lane] + (look[lane] - 1) / 4;
        return next < last ? next : last;
    }

    /// Lanes that are due in this pass are replayed in it.
    void mark_due()
    {
        due = UINT64_MAX;
        for (int lane = 0; lane < active; ++lane) {
            if (due_pass(lane) == pass)
                reach[lane] = -1;
            else if (due_pass(lane) < due)
                due = due_pass(lane);
        }
    }

    /// Where the lowest word of a counter begins anew, the second has changed.
    void turn_heads()
    {
        turn = UINT64_MAX;
        for (int lane = 0; lane < active; ++lane) {
            const std::uint64_t high = (pass - born[lane]) >> 32;
            set_head(lane, static_cast<std::uint32_t>(high));
            const std::uint64_t next = born[lane] + ((high + 1) << 32);
            if (next < turn) turn = next;
        }
    }

    void move(int from, int to)
    {
        if (from == to) return;
        replica_of[to] = replica_of[from];
        born[to] = born[from];
        for (auto& row : head) row[to] = row[from];
        t[to] = t[from];
        reach[to] = reach[from];
        set_edge(to, edges[from / M] >> from % M & 1);
        for (auto& row : a) row[to] = row[from];
        for (auto& row : sigma) row[to] = row[from];
        panel[to] = panel[from];
        outside[to] = outside[from];
        origin[to] = origin[from];
        look[to] = look[from];
        since[to] = since[from];
        reach[from] = -1;
    }

    const Setup& s;
    const Job& job;
    Host& h;
    const float b;
    const bool counting; ///< every step, in the job's histogram
    float per_length = 0, least = 0, most = 0;
    std::uint64_t pass = 0;
    std::uint64_t due = UINT64_MAX;         ///< the next pass in which some lane meets the step limit
    std::uint64_t turn = UINT64_C(1) << 32; ///< the next pass in which some lane's counter passes 2³² k: none is sooner
    int active = 0;                         ///< lanes in use: the first ones
    int retired = 0;                        ///< of them, ended in this pass with no replica left
    int retired_lanes[N] = {};

    std::uint64_t replica_of[N] = {};
    std::uint64_t born[N] = {}; ///< the pass of the replica's first step
    alignas(64) std::uint32_t head[Head::words][N] = {};
    alignas(64) float t[N] = {};
    alignas(64) float reach[N] = {};
    alignas(64) float a[Panel::terms][N] = {};
    alignas(64) float sigma[Panel::terms][N] = {};
    std::uint64_t edges[N / M] = {}; ///< a bit for each lane of a group: its panel's edge
    const Panel* panel[N] = {};      ///< null outside all panels, where x itself is the state:
    double outside[N] = {};
    alignas(64) float origin[N] = {}; ///< the histogram's slot at t = 0, with a fraction
    std::uint64_t look[N] = {};       ///< the next step that the host looks at
    std::uint64_t since[N] = {};      ///< the step after which the lane came to where it is
};

EXEUNT_INLINE void run(const Setup& setup, Host& host)
{
    if (setup.job.watched)
        Lanes<true>(setup, host).run();
    else
        Lanes<false>(setup, host).run();
}

}

}
