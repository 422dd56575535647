// plots/child.hpp: another program, run without a shell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// How a program ended.
struct Ended {
    int status; ///< its exit status; 128 + n when signal n ended it
    bool ok() const { return status == 0; }
};

/// Runs `program` (looked for on PATH) in `folder`, with nothing on its standard input; what it prints goes to the file
/// `log`. Waits for its end. std::system_error when it cannot be started, "not found" included.
Ended run(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          const std::filesystem::path& folder, const std::filesystem::path& log);

}
