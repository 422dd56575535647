// cli/signals.hpp: a polite end. The first SIGINT or SIGTERM asks the work to stop; another, half a second later or
// more, ends the program.
#pragma once

namespace exeunt::cli
{

/// From here on, SIGINT and SIGTERM are noted.
void watch_signals();
/// Whether one of them came.
bool interrupted();
/// A write to a closed pipe, or beyond the limit of a file's size, fails instead of ending the program.
void survive_failed_writes();

}
