// sim/words.hpp: where randomness comes from. Threefry4x32-20 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as
// easy as 1, 2, 3; SC 2011) is a keyed bijection of 128-bit counters, so the word of step j of replica r is a pure
// function of (seed, cell, r, j):
//
//     key = (seed, cell),     counter = (pass, replica),     pass = ⌊(j - 1)/4⌋, word (j - 1) mod 4.
#pragma once

#include <cstdint>

namespace exeunt::sim
{

/// The key schedule: the four key words and their parity word.
struct Key {
    std::uint32_t word[5];
};

[[gnu::always_inline]] inline Key make_key(std::uint64_t seed, std::uint64_t cell)
{
    Key k{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(cell),
           static_cast<std::uint32_t>(cell >> 32), 0x1BD11BDAU}};
    for (int i = 0; i < 4; ++i) k.word[4] ^= k.word[i];
    return k;
}

/// x ← Threefry4x32-20(key, x), for one counter (W = std::uint32_t) or one in each lane of a vector of 32-bit words.
/// Exact   equals Random123's threefry4x32 word for word.
template<class W> [[gnu::always_inline]] inline void threefry(const Key& key, W (&x)[4])
{
    constexpr int rotation[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};
    const auto mix = [](W & a, W & b, int r) __attribute__((always_inline))
    {
        a += b;
        b = ((b << r) | (b >> (32 - r))) ^ a;
    };
    for (int i = 0; i < 4; ++i) x[i] += key.word[i];
#pragma GCC unroll 20
    for (int round = 0; round < 20; ++round) {
        const auto& r = rotation[round % 8];
        mix(x[0], x[round % 2 ? 3 : 1], r[0]);
        mix(x[2], x[round % 2 ? 1 : 3], r[1]);
        if (round % 4 == 3) {
            const int injection = round / 4 + 1;
            for (int i = 0; i < 4; ++i) x[i] += key.word[(injection + i) % 5];
            x[3] += static_cast<std::uint32_t>(injection);
        }
    }
}

/// A uniform draw split at the median of what it will become: the half, and V uniform on (0, 1) in it, so that
/// P(Z beyond z | half) = V. V = (k + ½)/2³¹ with 31 bits k; below 2⁻¹⁵ (`deep`) another 53 bits replace the ½.
/// Floor   V ≥ 2⁻⁸⁵; relative spacing at most 2⁻¹⁶ down to 2⁻¹⁵ and 2⁻⁵³ of 2⁻³¹ below.
struct Uniform {
    bool upper;
    double v;
};

/// The 31 bits k of a word; its lowest bit is the half (0: upper).
constexpr std::uint32_t bits_of(std::uint32_t word) { return word >> 1; }
/// The word needs the 53 further bits: V < 2⁻¹⁵.
constexpr bool is_deep(std::uint32_t word) { return bits_of(word) < (1U << 16); }

/// The uniform of a word; `further` are 64 more random bits, read only when the word is deep.
Uniform uniform(std::uint32_t word, std::uint64_t further);

/// The draws of one cell. Not shared between threads: it keeps the four words of the pass that it is in.
class Draws
{
  public:
    explicit Draws(const Key& key) : key_(key) {}
    /// The draw at step j of a replica, 1 ≤ j < 2⁶³.
    Uniform operator()(std::uint64_t replica, std::uint64_t step);

  private:
    Key key_;
    std::uint64_t replica_ = 0;
    std::uint64_t pass_ = UINT64_MAX; // no pass: the cache is empty
    std::uint32_t words_[4] = {};
};

}
