// cli/commands.hpp: the program: parses, calls one library function a command, and prints what came back.
#pragma once

namespace exeunt::cli
{

/// What the process answers with. Nothing else is ever returned.
enum class Status {
    done = 0,          ///< and, for verify, every hypothesis confirmed
    refuted = 1,       ///< at least one hypothesis
    bad_input = 2,     ///< the command line or the spec is wrong, or a result cannot be written
    inconclusive = 3,  ///< neither refuted nor all confirmed
    not_converged = 4, ///< a numerical method could not reach its stated accuracy
    interrupted = 130, ///< SIGINT or SIGTERM
};

/// All of main. Results go to standard output; an error is one line on standard error.
int run(int argc, char** argv);

}
