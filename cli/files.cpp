#include "cli/files.hpp"

#include "model/error.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace exeunt::cli
{
namespace
{

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, const std::error_code& reason)
{
    throw BadInput(fmt::format("cannot write {}: {}", model::printable(path.string(), 1000), reason.message()));
}

std::error_code last_error() { return {errno, std::generic_category()}; }

/// All bytes of the text; the error that stopped it, or none.
std::error_code write_all(int file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return last_error();
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

int open_new(const fs::path& path)
{
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
}

/// Makes or replaces a file; the error that stopped it, or none.
std::error_code make_file(const fs::path& path, std::string_view text)
{
    const int opened = open_new(path);
    if (opened < 0) return last_error();
    std::error_code error = write_all(opened, text);
    if (::close(opened) != 0 && !error) error = last_error();
    return error;
}

/// The hidden name of a file that is not finished.
fs::path draft_name(const fs::path& folder, const std::string& name)
{
    return folder / fmt::format(".{}-{}", name, ::getpid());
}

/// Files under their hidden names, which are gone with their owner.
class Drafts
{
  public:
    Drafts() = default;
    ~Drafts()
    {
        std::error_code ignored;
        for (const auto& path : paths_) fs::remove(path, ignored);
    }
    Drafts(const Drafts&) = delete;
    Drafts& operator=(const Drafts&) = delete;

    void add(const fs::path& folder, const File& file)
    {
        paths_.push_back(draft_name(folder, file.name));
        if (const std::error_code error = make_file(paths_.back(), file.text)) cannot_write(folder / file.name, error);
    }
    void publish(const fs::path& folder, const std::vector<File>& files)
    {
        for (std::size_t k = 0; k < files.size(); ++k) {
            std::error_code error;
            fs::rename(paths_[k], folder / files[k].name, error);
            if (error) cannot_write(folder / files[k].name, error);
        }
        paths_.clear();
    }

  private:
    std::vector<fs::path> paths_;
};

/// The folders on the way to `path` that are not there, outermost first.
std::vector<fs::path> missing(fs::path path)
{
    std::vector<fs::path> list;
    std::error_code ignored;
    while (!path.empty() && !fs::exists(path, ignored)) {
        list.push_back(path);
        path = path.parent_path();
    }
    std::reverse(list.begin(), list.end());
    return list;
}

}

Folder::Folder(fs::path path) : path_(std::move(path).lexically_normal())
{
    if (!path_.has_filename() && path_.has_parent_path()) path_ = path_.parent_path(); // "a/" is "a"
    made_ = missing(path_);
    std::error_code error;
    fs::create_directories(path_, error);
    if (!error && !fs::is_directory(path_)) error = std::make_error_code(std::errc::not_a_directory);
    const fs::path trial = draft_name(path_, "trial");
    if (!error) error = make_file(trial, "x");
    std::error_code ignored;
    fs::remove(trial, ignored);
    if (!error) return;
    remove_made();
    throw BadInput(fmt::format("cannot write to the folder {}: {}; --out names another",
                               model::printable(path_.string(), 1000), error.message()));
}

void Folder::remove_made() const
{
    std::error_code ignored;
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) fs::remove(*made, ignored);
}

Folder::~Folder() { remove_made(); }

void Folder::write(const std::vector<File>& files) const
{
    Drafts drafts;
    for (const File& file : files) drafts.add(path_, file);
    drafts.publish(path_, files);
}

GrowingFile::GrowingFile(fs::path folder, std::string name)
    : path_(folder / name), draft_(draft_name(folder, name)), file_(open_new(draft_))
{
    if (file_ < 0) cannot_write(path_, last_error());
}

GrowingFile::~GrowingFile()
{
    if (file_ < 0) return;
    ::close(file_);
    std::error_code ignored;
    fs::remove(draft_, ignored);
}

void GrowingFile::write(std::string_view text)
{
    if (const std::error_code error = write_all(file_, text)) cannot_write(path_, error);
}

void GrowingFile::publish()
{
    const int closed = ::close(file_);
    std::error_code error = closed == 0 ? std::error_code{} : last_error();
    if (!error) fs::rename(draft_, path_, error);
    file_ = -1;
    std::error_code ignored;
    if (error) fs::remove(draft_, ignored);
    if (error) cannot_write(path_, error);
}

void write_file(const fs::path& path, const std::string& text)
{
    std::error_code error;
    const fs::path whole = fs::exists(path, error) ? fs::canonical(path, error) : path;
    const fs::path folder = whole.has_parent_path() ? whole.parent_path() : fs::path(".");
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
        throw BadInput(fmt::format("cannot write {}: there is no folder {}", model::printable(path.string(), 1000),
                                   model::printable(folder.string(), 1000)));
    if (!whole.has_filename() || fs::is_directory(whole, ignored))
        cannot_write(path, std::make_error_code(std::errc::is_a_directory));
    const std::vector<File> files = {{whole.filename().string(), text}};
    Drafts drafts;
    drafts.add(folder, files.front());
    drafts.publish(folder, files);
}

std::string read_file(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write_standard_output(const std::string& text)
{
    const std::error_code error = write_all(STDOUT_FILENO, text);
    if (error && error != std::errc::broken_pipe)
        throw BadInput(fmt::format("cannot write to standard output: {}", error.message()));
}

void occupy_standard_streams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
            const int opened = ::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY); // the lowest free
            if (opened != stream && opened >= 0) ::close(opened);
        }
}

}
