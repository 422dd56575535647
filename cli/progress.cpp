#include "cli/progress.hpp"

#include "cli/table.hpp"
#include "plots/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace exeunt::cli
{
namespace
{

constexpr double seconds_between_lines = 10;
constexpr double seconds_between_bars = 0.1;

bool silent = false;

std::size_t terminal_width()
{
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80U;
}

/// The first `width` characters of a UTF-8 text.
std::string cut(const std::string& text, std::size_t width)
{
    std::size_t count = 0;
    for (std::size_t k = 0; k < text.size(); ++k)
        if ((static_cast<unsigned char>(text[k]) & 0xC0U) != 0x80U && ++count > width) return text.substr(0, k);
    return text;
}

std::string left_in_words(const Progressing& at)
{
    const double left = time_left(at);
    return std::isnan(left) ? "" : fmt::format("about {} left", duration(left));
}

void write(const std::string& text)
{
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}

double time_left(const Progressing& at)
{
    const double gained = at.share - at.from;
    if (at.elapsed < 1 || !(gained >= 0.01 * (1 - at.from)) || at.share >= 1) return std::nan("");
    return at.elapsed * (1 - at.share) / gained;
}

std::string bar(const Progressing& at, std::size_t width)
{
    constexpr int cells = 20;
    const int full = static_cast<int>(std::floor(cells * std::clamp(at.share, 0.0, 1.0)));
    std::string text = fmt::format("{:<10}  ", at.stage);
    for (int k = 0; k < cells; ++k) text += k < full ? "█" : "░";
    text += fmt::format("  {:3.0f} %", std::floor(100 * std::clamp(at.share, 0.0, 1.0)));
    for (const std::string& part : {left_in_words(at), at.detail})
        if (!part.empty()) text += fmt::format("  {}", part);
    return cut(text, width);
}

std::string plain_line(const Progressing& at)
{
    std::string text = fmt::format("{}: {:.0f} %", at.stage, std::floor(100 * std::clamp(at.share, 0.0, 1.0)));
    for (const std::string& part : {at.detail, left_in_words(at)})
        if (!part.empty()) text += fmt::format(", {}", part);
    return text;
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::show(const std::string& stage, double share, const std::string& detail)
{
    if (quiet_) return;
    const auto now = Clock::now();
    if (stage != stage_) {
        if (terminal_ || stage_.empty()) last_ = terminal_ ? Clock::time_point{} : now; // a line is for long work
        stage_ = stage;
        began_ = now;
        from_ = share;
    }
    const auto since = [&](Clock::time_point then) { return std::chrono::duration<double>(now - then).count(); };
    if (since(last_) < (terminal_ ? seconds_between_bars : seconds_between_lines)) return;
    last_ = now;
    const Progressing at{stage, share, detail, since(began_), from_};
    if (!terminal_) return say(plain_line(at));
    write(fmt::format("\r{}\033[K", bar(at, terminal_width() - 1)));
    drawn_ = true;
}

void Progress::clear()
{
    if (drawn_) write("\r\033[K");
    drawn_ = false;
}

void say(const std::string& line)
{
    if (!silent) write(fmt::format("exeunt: {}\n", line));
}

void fall_silent() { silent = true; }

}
