// cli/files.hpp: results reach their place whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::cli
{

struct File {
    std::string name; ///< inside the folder
    std::string text;
};

/// The folder that results go to.
class Folder
{
  public:
    /// Makes the folder where it is missing and tries whether it takes a file: BadInput when not, before any work is
    /// lost.
    explicit Folder(std::filesystem::path path);
    /// Removes again what the constructor made, if that is still empty: a run that failed leaves nothing behind.
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    /// Writes each file under a hidden name, and renames when all are there and closed without error. BadInput, naming
    /// file and reason, when one cannot be written: then none is changed.
    void write(const std::vector<File>& files) const;
    const std::filesystem::path& path() const { return path_; }

  private:
    void remove_made() const;

    std::filesystem::path path_;
    std::vector<std::filesystem::path> made_; ///< outermost first
};

/// A file that is written piece by piece, under a hidden name until it is whole. BadInput, naming file and reason, when
/// it cannot be written; then, and when it is not published, none is left.
class GrowingFile
{
  public:
    GrowingFile(std::filesystem::path folder, std::string name);
    ~GrowingFile();
    GrowingFile(const GrowingFile&) = delete;
    GrowingFile& operator=(const GrowingFile&) = delete;

    void write(std::string_view text);
    void publish();

  private:
    std::filesystem::path path_, draft_;
    int file_;
};

/// One file in a folder that is there: whole, or unchanged. A link is followed. BadInput, naming file and reason, when
/// the folder is missing, the name is a folder's or the file cannot be written.
void write_file(const std::filesystem::path& path, const std::string& text);

/// The whole file, or an empty text when it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// The text to standard output, all of it. BadInput when it cannot be written; a reader that closed its pipe has had
/// enough, and is no error.
void write_standard_output(const std::string& text);

/// Opens standard input, output and error where the caller closed them, so that no file of ours takes their place.
void occupy_standard_streams();

}
