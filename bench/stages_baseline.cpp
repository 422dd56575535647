#include "bench/stages_kernel.hpp"

namespace exeunt::bench
{
Stages stages_baseline() { return stages(); }
}
