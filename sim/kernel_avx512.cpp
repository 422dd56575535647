// The kernel for processors with AVX-512 (x86-64-v4).
#include "sim/kernel.hpp"

namespace exeunt::sim
{
void run_avx512(const Setup& setup, Host& host) { run(setup, host); }
}
