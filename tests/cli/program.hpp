// tests/cli/program.hpp: the built program, run as a user runs it.
#pragma once

#include "tests/scratch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <sys/wait.h>

namespace exeunt::cli::tests
{

namespace fs = std::filesystem;
using exeunt::tests::bytes;
using exeunt::tests::Scratch;

struct Answer {
    int status;
    std::string out; ///< standard output
    std::string err; ///< standard error
    bool one_line() const { return !err.empty() && err.find('\n') == err.size() - 1 && err.starts_with("exeunt: "); }
};

/// Runs `exeunt <arguments>` by the shell in a folder; `before` precedes it on the command line, and `arguments` may
/// redirect.
inline Answer call(const std::string& arguments, const fs::path& folder, const std::string& before = "")
{
    const Scratch streams;
    const int status = std::system(fmt::format("( cd '{0}' && {{ EXEUNT_ROOT='{1}' {2} '{3}' {4} ; }} ) >'{5}/out' "
                                               "2>'{5}/err' </dev/null",
                                               folder.string(), EXEUNT_SOURCE_DIR, before,
                                               EXEUNT_BINARY_DIR "/cli/exeunt", arguments, streams.path.string())
                                       .c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), bytes(streams.path / "out"),
            bytes(streams.path / "err")};
}

}
