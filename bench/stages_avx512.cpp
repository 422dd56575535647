#include "bench/stages_kernel.hpp"

namespace exeunt::bench
{
Stages stages_avx512() { return stages(); }
}
