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

/// Rounds `first` to 19 of Threefry4x32-20, of n counters side by side: one alone keeps a processor waiting.
template<int first, class W, int n> [[gnu::always_inline]] inline void threefry_from(const Key& key, W (&x)[n][4])
{
    constexpr int rotation[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};
    const auto turn = [](const W& b, int r, const W& a) __attribute__((always_inline))
    {
        return ((b << r) | (b >> (32 - r))) ^ a;
    };
#pragma GCC unroll 20
    for (int round = first; round < 20; ++round) {
        const int b = round % 2 ? 3 : 1, d = 4 - b;
        const auto& r = rotation[round % 8];
#pragma GCC unroll 4
        for (W(&c)[4] : x) {
            c[0] += c[b];
            c[2] += c[d];
        }
#pragma GCC unroll 4
        for (W(&c)[4] : x) {
            c[b] = turn(c[b], r[0], c[0]);
            c[d] = turn(c[d], r[1], c[2]);
        }
        if (round % 4 == 3) {
            const int injection = round / 4 + 1;
#pragma GCC unroll 4
            for (W(&c)[4] : x) {
#pragma GCC unroll 4
                for (int i = 0; i < 3; ++i) c[i] += key.word[(injection + i) % 5];
                c[3] += key.word[(injection + 3) % 5] + static_cast<std::uint32_t>(injection);
            }
        }
    }
}

/// x ← Threefry4x32-20(key, x).
/// Exact   equals Random123's threefry4x32 word for word.
[[gnu::always_inline]] inline void threefry(const Key& key, std::uint32_t (&x)[4])
{
    std::uint32_t c[1][4];
    for (int i = 0; i < 4; ++i) c[0][i] = x[i] + key.word[i];
    threefry_from<0>(key, c);
    for (int i = 0; i < 4; ++i) x[i] = c[0][i];
}

/// The first two rounds, as far as they go without the counter's lowest word: with that, `two_rounds` does the rest.
/// The same in 2³² passes of a replica.
struct Head {
    static constexpr int words = 5;
    std::uint32_t word[words];
};

[[gnu::always_inline]] inline Head make_head(const Key& key, std::uint32_t pass_high, std::uint64_t replica)
{
    const auto turned = [](std::uint32_t x, int r) { return x << r | x >> (32 - r); };
    const std::uint32_t high = key.word[1] + pass_high;
    const std::uint32_t d = key.word[3] + static_cast<std::uint32_t>(replica >> 32);
    const std::uint32_t c = key.word[2] + static_cast<std::uint32_t>(replica) + d;
    const std::uint32_t mixed = turned(d, 26) ^ c;
    return {{key.word[0] + high, turned(high, 10), c, mixed, turned(mixed, 11)}};
}

/// x = the state after two rounds; `head` is a Head's words, pass_low the lowest of the counter.
template<class W>
[[gnu::always_inline]] inline void two_rounds(const W& pass_low, const W (&head)[Head::words], W (&x)[4])
{
    x[0] = pass_low + head[0];
    x[1] = head[1] ^ x[0];
    x[0] += head[3];
    x[2] = head[2] + x[1];
    x[1] = ((x[1] << 21) | (x[1] >> 11)) ^ x[2];
    x[3] = head[4] ^ x[0];
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
