// sim/blob.hpp: numbers in the blobs of a store. Local to sim/.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace exeunt::sim::blob
{

/// FNV-1a, 64 bit.
inline std::uint64_t hash_of(std::string_view bytes)
{
    std::uint64_t h = 0xcbf29ce484222325;
    for (const char byte : bytes) h = (h ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return h;
}

/// A whole number, little-endian to the base 128.
inline void put(std::string& out, std::uint64_t x)
{
    for (; x >= 128; x >>= 7) out += static_cast<char>(x | 128);
    out += static_cast<char>(x);
}

inline bool get(std::string_view& in, std::uint64_t& x)
{
    x = 0;
    for (unsigned shift = 0; !in.empty() && shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        x |= std::uint64_t{byte & 127U} << shift;
        if (byte < 128) return true;
    }
    return false;
}

/// The bits of a float or a double, little-endian.
template<class Bits, class Real> void put_bits(std::string& out, Real x)
{
    const auto bits = std::bit_cast<Bits>(x);
    for (unsigned shift = 0; shift < 8 * sizeof bits; shift += 8) out += static_cast<char>(bits >> shift);
}

template<class Bits, class Real> bool get_bits(std::string_view& in, Real& x)
{
    if (in.size() < sizeof(Bits)) return false;
    Bits bits = 0;
    for (unsigned k = 0; k < sizeof bits; ++k) bits |= Bits{static_cast<unsigned char>(in[k])} << 8 * k;
    in.remove_prefix(sizeof bits);
    x = std::bit_cast<Real>(bits);
    return true;
}

}
