// plots/text.hpp: numbers and words as the data, the script, the picture and the caption want them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace exeunt::plots
{

/// The shortest decimal that reads back as exactly x (at most 17 digits); "inf", "-inf", "nan".
std::string number(double x);
/// x for the eye: at most `digits` significant ones, a true minus sign, "∞".
std::string shown(double x, int digits);
/// n written with the small low figures of Unicode: 12 → ₁₂.
std::string subscript(std::size_t n);
/// A text on one line: every control character becomes a space.
std::string plain(std::string_view text);
/// The text as a gnuplot string constant, in which nothing is expanded or escaped.
std::string literal(std::string_view text);
/// The words of a text in lines of at most `width` letters; a longer word is kept whole. No line for an empty text.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);
/// Letters in a UTF-8 text.
std::size_t letters(std::string_view text);
/// About how wide a text of ours is, in inches; commands in braces, as in {/:Italic x}, take no room.
double inches(std::string_view text);
/// A space for the picture beside a slanted letter: the word joiners around it keep SVG viewers from trimming it away.
inline constexpr const char* space = "\u2060\u00a0\u2060";
/// "b = 0.5", and "no clipping" for b = ∞.
std::string clip_words(double b);
/// The same for the picture, with the symbol slanted.
std::string clip_label(double b);

}
