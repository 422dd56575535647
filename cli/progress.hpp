// cli/progress.hpp: how far the work is, on standard error.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace exeunt::cli
{

/// What there is to say at a moment.
struct Progressing {
    std::string stage;
    double share = 0;   ///< of the stage, in [0, 1]
    std::string detail; ///< may be empty
    double elapsed = 0; ///< seconds since the stage began
    double from = 0;    ///< the share when it began
};

/// Seconds that the stage still needs at its pace; NaN while it is too early to say.
double time_left(const Progressing& at);
/// "simulation  ██████░░░░  60 %  clip 0.5  about 8 s left", cut to `width` characters.
std::string bar(const Progressing& at, std::size_t width);
/// The same in words, without the bar.
std::string plain_line(const Progressing& at);

/// Shows progress on standard error: a bar that is redrawn on a terminal, a line now and then elsewhere.
class Progress
{
  public:
    explicit Progress(bool quiet);
    ~Progress(); ///< takes the bar away
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A stage begins when it is first named; it may begin with a share that is done already.
    void show(const std::string& stage, double share, const std::string& detail = "");
    void clear();

  private:
    using Clock = std::chrono::steady_clock;

    bool quiet_;
    bool terminal_;
    bool drawn_ = false;
    std::string stage_;
    Clock::time_point began_;
    double from_ = 0;
    Clock::time_point last_;
};

/// A line to standard error, with the name of the program before it.
void say(const std::string& line);
/// From here on nothing is said: of the processes of one run only the first speaks.
void fall_silent();

}
