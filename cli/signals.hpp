// cli/signals.hpp: a polite end. The first SIGINT or SIGTERM asks the work to stop; another, half a second later or
// more, ends the program.
#pragma once

namespace exeunt::cli
{

/// From here on, SIGINT and SIGTERM are noted.
void watch_signals();
/// Whether one of them came.
bool interrupted();
/// SIGPIPE is ignored: a write to a closed pipe fails instead of ending the program.
void ignore_closed_pipes();

}
