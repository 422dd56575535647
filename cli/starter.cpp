#include "cli/starter.hpp"

#include "cli/files.hpp"
#include "cli/json_value.hpp"
#include "model/error.hpp"
#include "model/message.hpp"
#include "theory/predict.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sstream>
#include <string_view>

namespace exeunt::cli
{
namespace
{

namespace fs = std::filesystem;

// --- values as TOML --------------------------------------------------------------------------------------------------

std::string quoted(const std::string& text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c >= 0 && c < ' ')
            out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
            out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
    return out + "\"";
}

std::string list(const std::vector<double>& numbers) { return fmt::format("[{}]", fmt::join(numbers, ", ")); }

std::string table(const std::map<std::string, double>& parameters)
{
    std::vector<std::string> entries;
    for (const auto& [name, value] : parameters) entries.push_back(fmt::format("{} = {}", name, value));
    return entries.empty() ? "{}" : fmt::format("{{ {} }}", model::join(entries, ", "));
}

/// What the spec says of a dotted key.
std::string value_of(const model::Spec& spec, const std::string& key)
{
    const auto& f = spec.potential;
    const auto& v = spec.verify;
    if (key == "name") return quoted(spec.name);
    if (key == "title") return quoted(spec.title);
    if (key == "potential.expression") return quoted(f.expression);
    if (key == "potential.builtin") return quoted(f.builtin);
    if (key == "potential.parameters") return table(f.parameters);
    if (key == "potential.domain") return list({f.domain.lo, f.domain.hi});
    if (key == "potential.clamp") return f.domain.clamp ? "true" : "false";
    if (key == "noise.law") return quoted(spec.noise.law);
    if (key == "noise.alpha") return fmt::format("{}", spec.noise.alpha.value_or(0));
    if (key == "noise.scale") return fmt::format("{}", spec.noise.scale);
    if (key == "noise.p_plus") return fmt::format("{}", spec.noise.p_plus);
    if (key == "dynamics.clip") return list(spec.dynamics.clip);
    if (key == "dynamics.learning_rate") return list(spec.dynamics.learning_rate);
    if (key == "dynamics.diffusion") return quoted(spec.dynamics.diffusion);
    if (key == "verify.false_alarm") return fmt::format("{}", v.false_alarm);
    if (key == "verify.effect") return fmt::format("{}", v.effect);
    if (key == "verify.distance") return fmt::format("{}", v.distance.value_or(v.effect));
    if (key == "verify.power") return fmt::format("{}", v.power);
    if (key == "verify.budget") return v.budget ? fmt::format("\"{}s\"", *v.budget) : "inf";
    if (key == "verify.seed") return fmt::format("{}", v.seed);
    if (key == "verify.ladder") return list(v.ladder);
    throw BadInput(fmt::format("init cannot write the key {}", model::printable(key, 60)));
}

// --- lines -----------------------------------------------------------------------------------------------------------

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// The key that a line gives a value, also one that is commented out; empty when it gives none.
std::string key_on(std::string_view line)
{
    if (line.starts_with("# ")) line.remove_prefix(2);
    const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    if (end == 0 || end == std::string_view::npos) return "";
    const auto equals = line.find_first_not_of(' ', end);
    return equals != std::string_view::npos && line[equals] == '=' ? std::string(line.substr(0, end)) : "";
}

bool commented(std::string_view line) { return line.starts_with('#'); }

/// Where the comment behind the value begins.
std::size_t comment_on(std::string_view line)
{
    char quote = 0;
    for (std::size_t k = 0; k < line.size(); ++k) {
        if (quote != 0 && line[k] == '\\' && quote == '"')
            ++k;
        else if (quote != 0 && line[k] == quote)
            quote = 0;
        else if (quote == 0 && (line[k] == '"' || line[k] == '\''))
            quote = line[k];
        else if (quote == 0 && line[k] == '#')
            return k;
    }
    return std::string_view::npos;
}

/// The line with this key and value and its own comment, which stays where it was if there is room.
std::string with_value(std::string line, const std::string& key, const std::string& value)
{
    if (commented(line)) line.erase(0, 2);
    const auto equals = line.find('=');
    const auto comment = comment_on(line);
    const std::size_t width = key == line.substr(0, key.size()) ? equals : key.size() + 1;
    std::string out = fmt::format("{:<{}}= {}", key, width, value);
    if (comment != std::string::npos) out = fmt::format("{:<{}} {}", out, comment - 1, line.substr(comment));
    return out;
}

/// [first, last) of a section's lines; of the lines before any section for "".
struct Part {
    std::size_t first, last;
};
Part part(const std::vector<std::string>& lines, const std::string& section)
{
    std::size_t first = 0;
    if (!section.empty()) {
        const auto head = std::find(lines.begin(), lines.end(), "[" + section + "]");
        if (head == lines.end()) return {lines.size(), lines.size()};
        first = static_cast<std::size_t>(head - lines.begin()) + 1;
    }
    std::size_t last = first;
    while (last < lines.size() && !lines[last].starts_with('[')) ++last;
    return {first, last};
}

/// The line of a key in a part, one that is not commented out before one that is; nothing when there is none.
std::optional<std::size_t> line_of(const std::vector<std::string>& lines, Part part, const std::string& key)
{
    for (const bool comment : {false, true})
        for (std::size_t k = part.first; k < part.last; ++k)
            if (key_on(lines[k]) == key && commented(lines[k]) == comment) return k;
    return std::nullopt;
}

void set(std::vector<std::string>& lines, const std::string& dotted, const std::string& value)
{
    const auto dot = dotted.find('.');
    const std::string section = dot == std::string::npos ? "" : dotted.substr(0, dot);
    const std::string key = dot == std::string::npos ? dotted : dotted.substr(dot + 1);
    if (!section.empty() && std::find(lines.begin(), lines.end(), "[" + section + "]") == lines.end())
        lines.insert(lines.end(), {"", "[" + section + "]"});
    const Part where = part(lines, section);
    std::optional<std::size_t> line;
    if (key == "expression" || key == "builtin") { // one takes the place of the other
        for (const std::string other : {"expression", "builtin"})
            if (const auto k = line_of(lines, where, other); k && !commented(lines[*k])) line = k;
    }
    if (!line) line = line_of(lines, where, key);
    if (line) {
        lines[*line] = with_value(lines[*line], key, value);
        return;
    }
    std::size_t last = where.last;
    while (last > where.first && lines[last - 1].empty()) --last;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(last), fmt::format("{} = {}", key, value));
}

// --- the command -----------------------------------------------------------------------------------------------------

/// The keys of "key=value" overrides.
std::vector<std::string> keys_of(const model::Overrides& overrides)
{
    std::vector<std::string> keys;
    for (const std::string& text : overrides) {
        std::string key = text.substr(0, text.find('='));
        if (key.starts_with("potential.parameters.")) key = "potential.parameters";
        keys.push_back(std::move(key));
    }
    return keys;
}

/// The name that the spec in this file has by default.
std::string default_name(const fs::path& file)
{
    return model::parse_spec("[potential]\nexpression = \"x^2\"\n", file.string()).name;
}

/// Two digits of a fraction of the largest radius at which the constants exist, so that the widest wells take two
/// jumps; and no clipping.
std::vector<double> fitting_clip(model::Spec spec)
{
    const theory::Setting setting(spec);
    double radius = 0;
    for (std::size_t i = 0; i < setting.landscape.wells(); ++i) radius = std::max(radius, setting.landscape.radius(i));
    for (const double share : {0.6, 0.65, 0.7, 0.75, 0.55}) {
        const double b = std::strtod(fmt::format("{:.1e}", share * radius).c_str(), nullptr);
        spec.dynamics.clip = {b, std::numeric_limits<double>::infinity()};
        try {
            theory::predict(spec, setting);
            return spec.dynamics.clip;
        } catch (const std::exception&) { // degenerate there, or out of range
        }
    }
    return model::DynamicsSpec{}.clip;
}

/// A word of a shell's command line.
std::string shell_word(const std::string& text)
{
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-/+").find(c) != std::string_view::npos;
    });
    if (plain) return text;
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// The text to start from, and its name in messages.
struct Start {
    std::string text;
    std::string source;
};
Start start(const Request& request, const fs::path& shipped)
{
    if (request.from.empty()) return {starter_text(), request.potential ? "--potential" : "the starter"};
    const auto names = model::shipped_specs(shipped);
    if (std::find(names.begin(), names.end(), request.from) == names.end()) {
        const std::string guess = model::suggestion(request.from, names);
        throw BadInput(fmt::format("--from {}: no such shipped spec; {}", model::printable(request.from, 60),
                                   guess.empty() ? "there is: " + model::join(names, ", ") : guess));
    }
    const fs::path file = shipped / (request.from + ".toml");
    return {read_file(file), file.string()};
}

}

std::string starter_text()
{
    return R"(# A spec of exeunt: the potential, the noise, the dynamics, and what verify must be able to see. Every key but the
# potential's may be left out; the values below are the defaults. --set key=value on the command line overrides one, as
# in --set dynamics.clip=0.4.

name  = "my-spec"       # names the folder of the results; default: the file's name
# title = "my-spec"     # heads tables and figures; default: the name

[potential]
expression = "x^4/4 - x^2/2 + 0.1*x"   # f(x), with + - * / ^ and abs sqrt cbrt exp log sin cos tanh atan erf min max …
# builtin  = "wang2022" # instead of an expression
# parameters = { tilt = 0.1 }   # names for numbers in the formulas of this file, as in "x^4/4 - x^2/2 + tilt*x"
domain     = [-5, 5]    # where the minima and saddles are sought
clamp      = false      # true: keep the process inside the domain by projection

[noise]
law    = "lomax"        # lomax | pareto | stable | student_t | log_pareto | gaussian
alpha  = 1.2            # tail index, > 1 (student_t: degrees of freedom); leave out for gaussian
scale  = 0.1
p_plus = 0.5            # weight of the right tail; the law is shifted to mean 0

[dynamics]
clip          = [0.7, inf]           # b: a number or a list; inf is SGD without clipping
learning_rate = [0.05, 0.02, 0.01]   # η: a number or a list
diffusion     = "1"                  # σ(x), a formula; the noise of a step is η σ(x) Z

[verify]
false_alarm = 1e-3      # probability that a run refutes a true theory, over all its tests
effect      = 0.05      # relative error of a constant that must be noticed …
# distance  = 0.05      # … and distance of two laws, in probability; without it, the same number
power       = 0.99      # … with at least this probability
# budget    = "60s"     # time that the simulation may use: s, min or h; without it, whatever the power needs
seed        = 2022
# ladder    = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7]   # learning rates at which the exact chain is compared with the limit
)";
}

std::string rewritten(const std::string& text, const model::Spec& spec, const std::vector<std::string>& keys)
{
    auto lines = lines_of(text);
    for (const std::string& key : keys) set(lines, key, value_of(spec, key));
    return fmt::format("{}\n", fmt::join(lines, "\n"));
}

Status init(const Request& request, const fs::path& shipped)
{
    std::error_code ignored;
    const std::string file = request.file.string();
    const std::string shown = model::printable(file, 1000);
    if (file.empty()) throw BadInput("init needs a FILE, the spec to write: init my-spec.toml");
    if (fs::exists(fs::symlink_status(request.file, ignored)))
        throw BadInput(fmt::format("{}: is there already, and init does not overwrite: choose another name", shown));
    model::Overrides overrides = {"name=" + default_name(request.file)};
    if (request.potential) overrides.push_back("potential.expression=" + *request.potential);
    overrides.insert(overrides.end(), request.overrides.begin(), request.overrides.end());

    const Start from = start(request, shipped);
    model::Spec spec = model::parse_spec(from.text, from.source, overrides);
    model::landscape(spec); // refused here, it would be refused by every command
    auto keys = keys_of(overrides);
    if (request.potential && std::find(keys.begin(), keys.end(), "dynamics.clip") == keys.end()) {
        spec.dynamics.clip = fitting_clip(spec);
        keys.emplace_back("dynamics.clip");
    }
    write_file(request.file, rewritten(from.text, spec, keys));
    const std::string next = "exeunt predict " + shell_word(file);
    if (request.json)
        write_standard_output(document({{"file", shown}, {"next", next}}));
    else if (!request.quiet)
        write_standard_output(fmt::format("Wrote {}; next:\n  {}\n", shown, next));
    return Status::done;
}

}
