#include "validation/constants.hpp"

#include "model/error.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <set>

namespace exeunt::validation
{
namespace
{

// --- what is recorded ------------------------------------------------------------------------------------------------

struct Kind {
    std::string_view name;
    std::size_t wells; ///< indices in its brackets
    bool absolute;     ///< its bound
};
constexpr std::array<Kind, 9> kinds = {{{"minimum", 1, true},
                                        {"saddle", 1, true},
                                        {"exit_order", 1, false},
                                        {"exit_constant", 2, false},
                                        {"generator", 2, false},
                                        {"killing", 1, false},
                                        {"stationary", 1, false},
                                        {"entrance", 2, false},
                                        {"entrance_killed", 1, false}}};

const Kind* kind_of(std::string_view name)
{
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Kind& k) { return k.name == name.substr(0, name.find('[')); });
    return kind == kinds.end() ? nullptr : &*kind;
}

/// Two significant digits, never less than x.
std::string two_digits_up(double x)
{
    if (!(x > 0)) return "0";
    const double least = x;
    const auto value = [](const std::string& text) { return std::strtod(text.c_str(), nullptr); };
    std::string text = fmt::format("{:.1e}", x);
    while (value(text) < least) text = fmt::format("{:.1e}", x *= 1.005); // less than half a unit of the second digit
    return text;
}

double rounded_up(double x) { return std::strtod(two_digits_up(x).c_str(), nullptr); }

std::string named(const char* kind, std::size_t i) { return fmt::format("{}[{}]", kind, i + 1); }
std::string named(const char* kind, std::size_t i, std::size_t j)
{
    return fmt::format("{}[{},{}]", kind, i + 1, j + 1);
}

/// Collects what is not zero.
class Collector
{
  public:
    std::optional<double> clip = {};
    void add(std::string name, double value, double bound)
    {
        if (value != 0) place(std::move(name), value, bound);
    }
    void place(std::string name, double value, double bound) ///< zero or not
    {
        list.push_back({clip, std::move(name), value + 0.0, rounded_up(bound)}); // + 0.0: no -0
    }
    std::vector<Constant> list = {};
};

/// The error bounds of one class's chain: see constants_of.
struct ChainBounds {
    const std::vector<theory::ExitConstants>& exits;
    double rounding;  ///< a few n³
    double small = 0; ///< Σ_s L_s over the small wells
    double all = 0;   ///< Σ_k L_k over all wells

    ChainBounds(const std::vector<theory::ExitConstants>& rows, const theory::Class& members) : exits(rows)
    {
        const auto n = static_cast<double>(members.wells.size());
        rounding = 4 * n * n * n * std::numeric_limits<double>::epsilon();
        for (const std::size_t k : members.wells) {
            all += logarithm(k);
            if (!std::binary_search(members.largest.begin(), members.largest.end(), k)) small += logarithm(k);
        }
    }
    double logarithm(std::size_t i) const { return -std::log1p(-exits[i].error); }
    double entrance() const { return std::expm1(2 * small) + rounding; }
    double rate(std::size_t i) const { return std::expm1(logarithm(i) + 2 * small) + rounding; }
    double stationary() const { return std::expm1(2 * all) + rounding; }
};

void collect_chain(Collector& out, const theory::LimitChain& chain, const ChainBounds& bounds)
{
    const std::size_t n = chain.states.size();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            out.add(named("generator", chain.states[i], chain.states[j]),
                    chain.generator(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)),
                    bounds.rate(chain.states[i]));
    for (std::size_t i = 0; i < n; ++i)
        out.add(named("killing", chain.states[i]), chain.killing[i], bounds.rate(chain.states[i]));
    for (std::size_t i = 0; i < chain.stationary.size(); ++i)
        out.add(named("stationary", chain.states[i]), chain.stationary[i], bounds.stationary());
    for (const auto& from : chain.entrance) {
        if (std::find(chain.states.begin(), chain.states.end(), from.well) != chain.states.end()) continue;
        for (std::size_t j = 0; j < n; ++j)
            out.add(named("entrance", from.well, chain.states[j]), from.law[j], bounds.entrance());
        out.add(named("entrance_killed", from.well), from.killed, bounds.entrance());
    }
}

void collect_prediction(Collector& out, const theory::Prediction& limit)
{
    out.clip = limit.clip;
    for (std::size_t i = 0; i < limit.exits.size(); ++i) out.add(named("exit_order", i), limit.exits[i].order, 0);
    for (std::size_t i = 0; i < limit.exits.size(); ++i)
        for (std::size_t j = 0; j < limit.exits[i].to.size(); ++j)
            out.add(named("exit_constant", i, j), limit.exits[i].to[j], limit.exits[i].error);
    for (std::size_t k = 0; k < limit.chains.size(); ++k)
        collect_chain(out, limit.chains[k], ChainBounds(limit.exits, limit.graph.classes[k]));
}

bool writable(const std::string& name)
{
    const bool printable = std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c != 0x7F; });
    return !name.empty() && printable && name.front() != '#' && name.back() != ':';
}

// --- the text --------------------------------------------------------------------------------------------------------

constexpr std::string_view first_line = "exeunt constants 1";
constexpr std::string_view head =
    "# What exeunt predicts for these specs, kept so that another version can be held against it.\n"
    "# A line a constant: spec, clip (-: none), name with wells from 1, value, bound of its relative error (of minima\n"
    "# and saddles, which may be 0: absolute). Two values agree when they differ by no more than their two bounds.\n"
    "# spec: name, hash of potential, noise and diffusion, thresholds.\n";
constexpr std::string_view history_head =
    "# accepted: constants changed, gone, new; largest relative change; version; reason.\n";

std::string clip_text(const std::optional<double>& clip) { return clip ? fmt::format("{}", *clip) : "-"; }

std::string line(const std::string& spec, const Constant& c)
{
    return fmt::format("{} {:<5} {:<20} {:>24} {}\n", spec, clip_text(c.clip), c.name, fmt::format("{:.17g}", c.value),
                       two_digits_up(c.bound));
}

/// Reads the lines of a file, and knows where it is.
class Reader
{
  public:
    Reader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

    /// The next line without its end; nothing after the last.
    std::optional<std::string_view> next()
    {
        if (text_.empty()) return std::nullopt;
        const auto end = text_.find('\n');
        std::string_view out = text_.substr(0, end);
        text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
        if (out.ends_with('\r')) out.remove_suffix(1);
        ++number_;
        return out;
    }
    [[noreturn]] void fail(std::string_view problem) const
    {
        throw BadInput(fmt::format("{}:{}: {}", source_, number_, problem));
    }
    double number(std::string_view word, std::string_view what) const
    {
        double value = 0;
        const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
        if (error != std::errc() || stop != word.data() + word.size() || std::isnan(value))
            fail(fmt::format("{} '{}' must be a number", what, model::printable(word, 40)));
        return value;
    }
    double finite(std::string_view word, std::string_view what) const
    {
        const double value = number(word, what);
        if (!std::isfinite(value)) fail(fmt::format("{} '{}' must be finite", what, model::printable(word, 40)));
        return value;
    }
    double positive(std::string_view word, std::string_view what) const
    {
        const double value = number(word, what);
        if (!(value > 0)) fail(fmt::format("{} '{}' must be > 0", what, model::printable(word, 40)));
        return value;
    }
    double bound(std::string_view word, std::string_view what) const
    {
        const double value = finite(word, what);
        if (value < 0) fail(fmt::format("{} '{}' must be ≥ 0", what, model::printable(word, 40)));
        return value;
    }
    template<class Whole> Whole whole(std::string_view word, std::string_view what, int base = 10) const
    {
        Whole value = 0;
        const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
        if (error != std::errc() || stop != word.data() + word.size())
            fail(fmt::format("{} '{}' must be a whole number", what, model::printable(word, 40)));
        return value;
    }

  private:
    std::string_view text_;
    const std::string& source_;
    std::size_t number_ = 0;
};

std::vector<std::string_view> words_of(std::string_view line)
{
    std::vector<std::string_view> words;
    while (true) {
        const auto from = line.find_first_not_of(" \t");
        if (from == std::string_view::npos) return words;
        const auto to = std::min(line.find_first_of(" \t", from), line.size());
        words.push_back(line.substr(from, to - from));
        line.remove_prefix(to);
    }
}

/// kind[i] or kind[i,j], with whole numbers from 1.
bool is_name(std::string_view name)
{
    const Kind* const kind = kind_of(name);
    if (kind == nullptr || name.size() < kind->name.size() + 3 || name.back() != ']') return false;
    std::size_t wells = 1;
    bool fresh = true; // a number begins
    for (const char c : name.substr(kind->name.size() + 1, name.size() - kind->name.size() - 2)) {
        if (fresh ? c < '1' || c > '9' : c != ',' && (c < '0' || c > '9')) return false;
        fresh = c == ',';
        if (fresh) ++wells;
    }
    return !fresh && wells == kind->wells;
}

SpecConstants read_spec(const Reader& at, const std::vector<std::string_view>& words)
{
    if (words.size() < 4) at.fail("a spec line must be: spec: name hash clip…");
    SpecConstants out{.spec = std::string(words[1]), .hash = 0, .clip = {}, .constants = {}};
    if (!writable(out.spec)) at.fail(fmt::format("'{}' cannot name a spec", model::printable(out.spec, 60)));
    out.hash = at.whole<std::uint64_t>(words[2], "the hash", 16);
    for (std::size_t k = 3; k < words.size(); ++k) out.clip.push_back(at.positive(words[k], "clip"));
    return out;
}

Constant read_constant(const Reader& at, const std::vector<std::string_view>& words, const SpecConstants& spec)
{
    if (words.size() != 5)
        at.fail(fmt::format("has {} words; a constant's line must be: spec clip name value bound", words.size()));
    if (words[0] != spec.spec)
        at.fail(fmt::format("'{}' is not the spec of this part, '{}'", model::printable(words[0], 60), spec.spec));
    Constant out{.clip = {}, .name = std::string(words[2]), .value = 0, .bound = 0};
    if (words[1] != "-") {
        out.clip = at.positive(words[1], "clip");
        if (std::find(spec.clip.begin(), spec.clip.end(), *out.clip) == spec.clip.end())
            at.fail(fmt::format("clip {} is none of the thresholds of {}", *out.clip, spec.spec));
    }
    if (!is_name(out.name)) at.fail(fmt::format("'{}' names no constant", model::printable(out.name, 60)));
    if (kind_of(out.name)->absolute == out.clip.has_value())
        at.fail(fmt::format("{} {} clip", out.name, out.clip ? "has no" : "needs a"));
    out.value = at.finite(words[3], "the value");
    out.bound = at.bound(words[4], "the bound");
    return out;
}

Acceptance read_acceptance(const Reader& at, std::string_view line)
{
    const auto words = words_of(line);
    if (words.size() < 7) at.fail("a line of the history must be: accepted: changed gone new largest version reason");
    return {.changed = at.whole<std::size_t>(words[1], "the number changed"),
            .gone = at.whole<std::size_t>(words[2], "the number gone"),
            .added = at.whole<std::size_t>(words[3], "the number of new ones"),
            .largest = at.bound(words[4], "the largest change"),
            .version = std::string(words[5]),
            .reason = std::string(line.substr(static_cast<std::size_t>(words[6].data() - line.data())))};
}

// --- then and now ----------------------------------------------------------------------------------------------------

using Key = std::pair<double, std::string>;
/// What identifies a constant in its spec; thresholds are > 0.
Key key_of(const Constant& c) { return {c.clip.value_or(0), c.name}; }

std::map<Key, const Constant*> by_key(const SpecConstants& spec)
{
    std::map<Key, const Constant*> out;
    for (const Constant& c : spec.constants) out[key_of(c)] = &c;
    return out;
}

ConstantCheck check(const Constant* recorded, const Constant* today)
{
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    ConstantCheck out{today == nullptr ? *recorded : *today, {}, {}, none, none, Verdict::refuted};
    if (recorded != nullptr) out.recorded = recorded->value;
    if (today != nullptr) out.today = today->value;
    if (recorded == nullptr || today == nullptr) return out;
    out.difference = std::abs(today->value - recorded->value);
    out.allowed = today->error() + recorded->error();
    if (out.difference <= out.allowed) out.verdict = Verdict::confirmed;
    return out;
}

std::string spec_change(const SpecConstants& recorded, const SpecConstants& today)
{
    if (recorded.hash != today.hash)
        return fmt::format("its potential, noise or diffusion is another one (hash {:016x}, recorded {:016x})",
                           today.hash, recorded.hash);
    if (recorded.clip != today.clip)
        return fmt::format("its thresholds are {}, recorded {}", fmt::join(today.clip, ", "),
                           fmt::join(recorded.clip, ", "));
    return "";
}

/// Today's constants, with the recorded line of each that agrees unless its bound fell below half.
void take(SpecConstants& recorded, const SpecConstants& today)
{
    SpecConstants merged = today;
    const auto old = by_key(recorded);
    for (Constant& c : merged.constants) {
        const auto found = old.find(key_of(c));
        if (found != old.end() && check(found->second, &c).verdict == Verdict::confirmed &&
            2 * c.bound >= found->second->bound)
            c = *found->second;
    }
    recorded = std::move(merged);
}

SpecConstants* find_spec(ConstantsFile& file, const std::string& spec)
{
    const auto found =
        std::find_if(file.specs.begin(), file.specs.end(), [&](const SpecConstants& s) { return s.spec == spec; });
    return found == file.specs.end() ? nullptr : &*found;
}

}

double Constant::error() const { return kind_of(name)->absolute ? bound : bound * std::abs(value); }

std::string Constant::id() const { return clip ? fmt::format("clip={}/{}", *clip, name) : name; }

SpecConstants constants_of(const std::string& typed, const model::Spec& spec, const model::Landscape& landscape,
                           const std::vector<theory::Prediction>& predictions)
{
    if (!writable(typed))
        throw BadInput(fmt::format("'{}': a spec in a file of constants can have no white space in its name, no '#' in "
                                   "front and no ':' at the end: rename it",
                                   model::printable(typed, 200)));
    Collector out;
    const double place = 1e-14 * (landscape.domain().hi - landscape.domain().lo); // as Landscape promises
    for (std::size_t i = 0; i < landscape.wells(); ++i) out.place(named("minimum", i), landscape.minima()[i], place);
    for (std::size_t i = 0; i + 1 < landscape.wells(); ++i)
        out.place(named("saddle", i), landscape.saddles()[i], place);
    for (const auto& limit : predictions) collect_prediction(out, limit);
    return {typed, model::hash(spec), spec.dynamics.clip, std::move(out.list)};
}

const SpecConstants* ConstantsFile::find(const std::string& spec) const
{
    const auto found = std::find_if(specs.begin(), specs.end(), [&](const SpecConstants& s) { return s.spec == spec; });
    return found == specs.end() ? nullptr : &*found;
}

std::string constants_text(const ConstantsFile& file)
{
    std::string out = fmt::format("{}\n{}", first_line, head);
    for (const SpecConstants& spec : file.specs) {
        out += fmt::format("\nspec: {} {:016x} {}\n", spec.spec, spec.hash, fmt::join(spec.clip, " "));
        for (const Constant& c : spec.constants) out += line(spec.spec, c);
    }
    if (!file.history.empty()) out += fmt::format("\n{}", history_head);
    for (const Acceptance& a : file.history)
        out += fmt::format("accepted: {} {} {} {} {} {}\n", a.changed, a.gone, a.added, two_digits_up(a.largest),
                           a.version, a.reason);
    return out + "\nend\n";
}

ConstantsFile parse_constants(std::string_view text, const std::string& source)
{
    Reader reader(text, source);
    const auto first = reader.next();
    if (!first || !first->starts_with("exeunt constants "))
        throw BadInput(fmt::format("{}:1: is no file of constants: its first line must be '{}'", source, first_line));
    if (*first != first_line)
        reader.fail(fmt::format("'{}' is another version of the file; this program reads '{}'",
                                model::printable(*first, 60), first_line));
    ConstantsFile file;
    std::set<Key> known;
    bool ended = false;
    while (const auto line = reader.next()) {
        const auto words = words_of(*line);
        if (words.empty() || words[0].starts_with('#')) continue;
        if (ended) reader.fail("the file goes on after its end");
        if (words[0] == "spec:") {
            SpecConstants spec = read_spec(reader, words);
            if (file.find(spec.spec) != nullptr) reader.fail(fmt::format("spec {} appears twice", spec.spec));
            file.specs.push_back(std::move(spec));
            known.clear();
        } else if (words[0] == "accepted:") {
            file.history.push_back(read_acceptance(reader, *line));
        } else if (words.size() == 1 && words[0] == "end") {
            ended = true;
        } else {
            if (file.specs.empty()) reader.fail("a constant before the first line 'spec: name hash clip…'");
            Constant c = read_constant(reader, words, file.specs.back());
            if (!known.insert(key_of(c)).second) reader.fail(fmt::format("{} appears twice", c.id()));
            file.specs.back().constants.push_back(std::move(c));
        }
    }
    if (!ended) reader.fail("the file ends without its last line, 'end': it was cut off");
    return file;
}

double ConstantCheck::relative() const
{
    if (!recorded || !today) return std::numeric_limits<double>::quiet_NaN();
    return difference > 0 ? difference / std::max(std::abs(*today), std::abs(*recorded)) : 0;
}

Verdict SpecCheck::verdict() const
{
    const bool refuted =
        !changed.empty() || std::any_of(constants.begin(), constants.end(),
                                        [](const ConstantCheck& c) { return c.verdict == Verdict::refuted; });
    return refuted ? Verdict::refuted : Verdict::confirmed;
}

SpecCheck compare(const SpecConstants& recorded, const SpecConstants& today)
{
    SpecCheck out{.spec = today.spec, .changed = spec_change(recorded, today), .constants = {}};
    const auto old = by_key(recorded);
    const auto now = by_key(today);
    for (const Constant& c : today.constants) {
        const auto found = old.find(key_of(c));
        out.constants.push_back(check(found == old.end() ? nullptr : found->second, &c));
    }
    for (const Constant& c : recorded.constants)
        if (now.find(key_of(c)) == now.end()) out.constants.push_back(check(&c, nullptr));
    return out;
}

Verdict overall(const std::vector<SpecCheck>& checks)
{
    const bool refuted =
        std::any_of(checks.begin(), checks.end(), [](const SpecCheck& c) { return c.verdict() == Verdict::refuted; });
    return refuted ? Verdict::refuted : Verdict::confirmed;
}

void add(ConstantsFile& file, const SpecConstants& today, const std::string& source)
{
    if (SpecConstants* const recorded = find_spec(file, today.spec)) {
        const SpecCheck then_and_now = compare(*recorded, today);
        if (!then_and_now.changed.empty())
            take(*recorded, today);
        else if (then_and_now.verdict() == Verdict::refuted)
            throw BadInput(
                fmt::format("{}: {} is recorded with other values; exeunt constants check {} shows them, and "
                            "with --accept --reason TEXT takes today's",
                            source, today.spec, source));
        return;
    }
    const auto place =
        std::find_if(file.specs.begin(), file.specs.end(), [&](const SpecConstants& s) { return s.spec > today.spec; });
    file.specs.insert(place, today);
}

std::optional<Acceptance> accept(ConstantsFile& file, const std::vector<SpecConstants>& today,
                                 const std::string& version, const std::string& reason)
{
    Acceptance out{.changed = 0, .gone = 0, .added = 0, .largest = 0, .version = version, .reason = reason};
    bool any = false;
    for (const SpecConstants& spec : today) {
        SpecConstants* const recorded = find_spec(file, spec.spec);
        if (recorded == nullptr) throw BadInput(fmt::format("{} is not in the file", spec.spec));
        const SpecCheck then_and_now = compare(*recorded, spec);
        if (then_and_now.verdict() == Verdict::confirmed) continue;
        any = true;
        for (const ConstantCheck& c : then_and_now.constants) {
            if (c.verdict == Verdict::confirmed) continue;
            if (!c.recorded)
                ++out.added;
            else if (!c.today)
                ++out.gone;
            else
                ++out.changed;
            if (c.recorded && c.today) out.largest = std::max(out.largest, c.relative());
        }
        take(*recorded, spec);
    }
    if (!any) return std::nullopt;
    out.largest = rounded_up(out.largest);
    file.history.push_back(out);
    return out;
}

}
