// The kernel for processors with AVX2 and FMA (x86-64-v3).
#include "sim/kernel.hpp"

namespace exeunt::sim
{
void run_avx2(const Setup& setup, Host& host) { run(setup, host); }
}
