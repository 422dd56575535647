// bench/plain.hpp: first exits as one writes them without this toolkit.
#pragma once

#include <cstdint>

namespace exeunt::bench
{

/// Steps that `replicas` first exits of wang2022 from (-1.3, 0.2) took, started at -0.69927; Lomax(1.2, 0.1) noise from
/// mt19937_64 by std::pow, f' by its formula.
std::uint64_t plain_exits(double eta, double b, int replicas, std::uint64_t seed);

}
