// The kernel for any processor: four lanes, fused multiply-add by software where the processor has none.
#include "sim/kernel.hpp"

namespace exeunt::sim
{
void run_baseline(const Setup& setup, Host& host) { run(setup, host); }
}
