// sim/kernel.hpp: the hot loop. Many replicas side by side, one in each lane of a few vectors:
//
//     1. words  Threefry, four words a lane: the next four steps.
//     2. noise  ησZ by tables and polynomials; NaN where it needs more bits than a word has.
//     3. steps  four steps of X without a branch, from the coefficients of -ηf' that every lane holds for its panel;
//               where σ varies, 2. is ηZ, and every lane holds those of σ too.
//     4. replay A lane that left its panel (that includes every exit) or drew NaN keeps its old state and is taken
//               through the four steps again, one by one: the same arithmetic, on floats in place of vectors.
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

constexpr int N = 128;       ///< lanes
constexpr int group = 8;     ///< vectors in a group
constexpr int M = group * W; ///< lanes in a group
constexpr int abreast = 4;   ///< of them advanced side by side: as many as registers hold

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
        constexpr std::uint64_t between_ticks = 1024;
        for (std::uint64_t replica; active < N && h.next(replica);) start(active++, replica, 0);
        for (std::uint64_t since_tick = 0; active > 0; ++pass) {
            if (pass == due) mark_due();
            for (int first = 0; first < active; first += M) four_steps(first);
            while (retired > 0) move(--active, retired_lanes[--retired]);
            since_tick += static_cast<std::uint64_t>(active);
            if (pass % between_ticks == 0) {
                if (!h.tick(4 * since_tick)) return;
                since_tick = 0;
            }
        }
    }

  private:
    void four_steps(int first)
    {
        alignas(64) float noise[4][M];
        if (s.noise.in_cells)
            draw(s.noise.cells, first, noise);
        else
            draw(s.noise.power, first, noise);

        [[maybe_unused]] alignas(64) float at[4][M];
        F to[group], farthest[group];
        for (int v = 0; v < group; v += abreast)
            if (s.sigma_varies)
                advance<true>(first + W * v, &noise[0][W * v], to + v, farthest + v, &at[0][W * v]);
            else
                advance<false>(first + W * v, &noise[0][W * v], to + v, farthest + v, &at[0][W * v]);
        if constexpr (watched)
            if (counting) count_steps(first, farthest, at);

        for (int v = 0; v < group; ++v) {
            const int lane = first + W * v;
            const F from = load(t + lane);
            const F reach_of = load(reach + lane);
            store(t + lane, farthest[v] <= reach_of ? to[v] : from);
            for (unsigned left = beyond(farthest[v], reach_of); left != 0; left &= left - 1) {
                const int l = __builtin_ctz(left);
                if (lane + l < active) replay(lane + l, &noise[0][W * v + l]);
            }
        }
    }

    /// The noise of this pass's four steps in each lane of a group.
    template<class Table> EXEUNT_INLINE void draw(const Table& table, int first, float (&noise)[4][M])
    {
        const auto pass_low = static_cast<std::uint32_t>(pass);
        const auto pass_high = static_cast<std::uint32_t>(pass >> 32);
        for (int v = 0; v < M; v += W) {
            const U start_low = load(born_low + first + v);
            const U borrow = U(pass_low < start_low); // all ones is -1
            U x[4] = {pass_low - start_low, pass_high - load(born_high + first + v) + borrow,
                      load(replica_low + first + v), load(replica_high + first + v)};
            threefry(s.key, x);
            F z[4];
            scaled_noise(table, x, z);
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) store(noise[i] + v, z[i]);
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

    /// Four steps of some vectors without a branch: where they lead, and how far they went; `noise` holds that of each,
    /// M floats apart. As `increment`, for all of them.
    template<bool sigma_varies>
    EXEUNT_INLINE void advance(int lane, const float* noise, F* to, F* farthest, [[maybe_unused]] float* at)
    {
        const F clip_at = all(b);
        F x[abreast], far[abreast], w[abreast];
        [[maybe_unused]] F sigma_of[abreast];
#pragma GCC unroll 8
        for (int v = 0; v < abreast; ++v) {
            x[v] = load(t + lane + W * v);
            far[v] = F{};
        }
        for (int i = 0; i < 4; ++i) {
            polynomials(a, lane, x, w);
            if constexpr (sigma_varies) polynomials(sigma, lane, x, sigma_of);
#pragma GCC unroll 8
            for (int v = 0; v < abreast; ++v) {
                const F z = load(noise + M * i + W * v);
                if constexpr (sigma_varies)
                    w[v] = fma(sigma_of[v], z, w[v]);
                else
                    w[v] += z;
                x[v] += clip(w[v], clip_at);
                far[v] = max(far[v], abs(x[v]));
                if constexpr (watched) store(at + M * i + W * v, x[v]);
            }
        }
#pragma GCC unroll 8
        for (int v = 0; v < abreast; ++v) {
            to[v] = x[v];
            farthest[v] = far[v];
        }
    }

    /// The four steps of this pass for one lane; `noise` holds that of each, M floats apart.
    [[gnu::noinline]] void replay(int lane, const float* noise)
    {
        const std::uint64_t replica = replica_of(lane);
        const std::uint64_t first_step = 4 * (pass - born(lane)) + 1;
        for (std::uint64_t step = first_step; step < first_step + 4; ++step) {
            if (step > job.step_limit) {
                if constexpr (watched) end_stay(lane, job.step_limit);
                h.censor(replica, job.step_limit, position(lane));
                return renew(lane);
            }
            float z = noise[M * static_cast<int>(step - first_step)];
            if (z != z) z = static_cast<float>(h.noise(replica, step));
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
            if (panel[lane]->edge) [[unlikely]]
                h.at_edge(replica_of(lane), position(lane), double{drift});
            const float to = t[lane] + increment(*panel[lane], t[lane], drift, z, s.sigma_varies, b);
            if (__builtin_fabsf(to) <= panel[lane]->reach) { // in no stop and inside L, by the panel's construction
                t[lane] = to;
                if constexpr (watched)
                    if (counting) ++job.histogram.count[slot(lane)];
                return true;
            }
            x = panel[lane]->centre + double{to};
        } else {
            x = outside[lane];
            const double drift = h.drift(x);
            if (job.compensated && !(job.edge_left < x && x < job.edge_right)) h.at_edge(replica_of(lane), x, drift);
            const double w = drift + (s.sigma_varies ? h.sigma(x) : 1) * double{z};
            x += (w < -s.b ? -s.b : w > s.b ? s.b : w);
        }
        x = x < s.lo ? s.lo : x > s.hi ? s.hi : x;

        if (!(x - x == 0)) h.diverged(replica_of(lane), step); // NaN or infinite
        if (job.stops_at(x)) {
            h.exit(replica_of(lane), step, x);
            return false;
        }
        if constexpr (watched) {
            if (counting) ++job.histogram.count[job.histogram.slot(x)];
            end_stay(lane, step - 1);
        }
        place(lane, x);
        return true;
    }

    // ---- for a job that is watched

    /// The lane leaves its panel, or the place outside of them where it was, after this step.
    void end_stay(int lane, std::uint64_t step)
    {
        h.stay(replica_of(lane), panel[lane] ? panel[lane]->centre : outside[lane], step - since[lane]);
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

    std::uint64_t replica_of(int lane) const { return std::uint64_t{replica_high[lane]} << 32 | replica_low[lane]; }
    double position(int lane) const { return panel[lane] ? panel[lane]->centre + double{t[lane]} : outside[lane]; }

    /// Puts X of a lane at x: into the panel that holds it, or outside all panels, where every step is replayed.
    void place(int lane, double x)
    {
        int low = 0;
        for (int high = s.panel_count; low < high;) { // the first panel that ends beyond x
            const int middle = (low + high) / 2;
            if (s.panels[middle].hi > x)
                high = middle;
            else
                low = middle + 1;
        }
        panel[lane] = low < s.panel_count && s.panels[low].lo <= x ? s.panels + low : nullptr;
        outside[lane] = x;
        t[lane] = panel[lane] ? static_cast<float>(x - panel[lane]->centre) : 0;
        reach[lane] = reach_of(lane);
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

    /// |t| up to which a step needs no replay.
    float reach_of(int lane) const
    {
        return panel[lane] && !(job.compensated && panel[lane]->edge) ? panel[lane]->reach : -1;
    }

    /// The lane takes up a replica, at step 0 in pass `birth`.
    void start(int lane, std::uint64_t replica, std::uint64_t birth)
    {
        replica_low[lane] = static_cast<std::uint32_t>(replica);
        replica_high[lane] = static_cast<std::uint32_t>(replica >> 32);
        born_low[lane] = static_cast<std::uint32_t>(birth);
        born_high[lane] = static_cast<std::uint32_t>(birth >> 32);
        if constexpr (watched) {
            look[lane] = job.first_look;
            since[lane] = 0;
        }
        if (due_pass(lane) < due) due = due_pass(lane);
        place(lane, job.start);
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

    std::uint64_t born(int lane) const { return std::uint64_t{born_high[lane]} << 32 | born_low[lane]; }
    /// The pass in which the lane meets the step limit, or comes to a step to look at.
    std::uint64_t due_pass(int lane) const
    {
        const std::uint64_t last = born(lane) + job.step_limit / 4;
        if constexpr (!watched) return last;
        const std::uint64_t next = born(lane) + (look[lane] - 1) / 4;
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

    void move(int from, int to)
    {
        if (from == to) return;
        replica_low[to] = replica_low[from];
        replica_high[to] = replica_high[from];
        born_low[to] = born_low[from];
        born_high[to] = born_high[from];
        t[to] = t[from];
        reach[to] = reach[from];
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
    std::uint64_t due = UINT64_MAX; ///< the next pass in which some lane meets the step limit
    int active = 0;                 ///< lanes in use: the first ones
    int retired = 0;                ///< of them, ended in this pass with no replica left
    int retired_lanes[N] = {};

    alignas(64) std::uint32_t replica_low[N] = {}, replica_high[N] = {};
    alignas(64) std::uint32_t born_low[N] = {}, born_high[N] = {}; ///< the pass of the replica's first step
    alignas(64) float t[N] = {};
    alignas(64) float reach[N] = {};
    alignas(64) float a[Panel::terms][N] = {};
    alignas(64) float sigma[Panel::terms][N] = {};
    const Panel* panel[N] = {}; ///< null outside all panels, where x itself is the state:
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
