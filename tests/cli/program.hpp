// tests/cli/program.hpp: the built program, run as a user runs it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <sys/wait.h>

namespace exeunt::cli::tests
{

namespace fs = std::filesystem;

/// An empty folder, gone with its owner.
class Scratch
{
  public:
    Scratch()
    {
        std::string pattern = fs::temp_directory_path() / "exeunt-cli-XXXXXX";
        if (!mkdtemp(pattern.data())) throw std::runtime_error("no scratch folder");
        path = pattern;
    }
    ~Scratch()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    /// The names of everything in it, hidden ones included.
    std::set<std::string> names() const
    {
        std::set<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(path))
            found.insert(fs::relative(entry.path(), path).string());
        return found;
    }
    fs::path write(const std::string& name, const std::string& text) const
    {
        std::ofstream(path / name, std::ios::binary) << text;
        return path / name;
    }

    fs::path path;
};

inline std::string bytes(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

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
