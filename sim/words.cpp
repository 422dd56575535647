#include "sim/words.hpp"

namespace exeunt::sim
{

Uniform uniform(std::uint32_t word, std::uint64_t further)
{
    const double fraction = is_deep(word) ? (static_cast<double>(further >> 11) + 0.5) * 0x1p-53 : 0.5;
    return {.upper = (word & 1) == 0, .v = (bits_of(word) + fraction) * 0x1p-31};
}

Uniform Draws::operator()(std::uint64_t replica, std::uint64_t step)
{
    const std::uint64_t pass = (step - 1) / 4;
    const auto index = static_cast<std::uint32_t>((step - 1) % 4);
    const auto fill = [&](std::uint32_t(&x)[4], std::uint32_t mark) {
        x[0] = static_cast<std::uint32_t>(pass);
        x[1] = static_cast<std::uint32_t>(pass >> 32) | mark;
        x[2] = static_cast<std::uint32_t>(replica);
        x[3] = static_cast<std::uint32_t>(replica >> 32);
        threefry(key_, x);
    };
    if (pass != pass_ || replica != replica_) {
        fill(words_, 0);
        pass_ = pass;
        replica_ = replica;
    }
    if (!is_deep(words_[index])) return uniform(words_[index], 0);
    // pass < 2⁶¹: its three highest bits are free to mark the further words and the step that they are for
    std::uint32_t more[4];
    fill(more, 1U << 31 | index << 29);
    return uniform(words_[index], std::uint64_t{more[0]} << 32 | more[1]);
}

}
