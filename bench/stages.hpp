// bench/stages.hpp: the cycles of the kernel, stage by stage; built once for each instruction set.
#pragma once

namespace exeunt::bench
{

/// Nanoseconds a replica-step on one core, each stage with all before it, on what lies in the nearest cache.
struct Stages {
    double words; ///< Threefry alone
    double noise; ///< and table and polynomial
    double steps; ///< and four steps of X, none of them replayed
};

Stages stages_avx2();
Stages stages_avx512();
Stages stages_baseline();

}
