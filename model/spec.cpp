#include "model/spec.hpp"

#include "model/critical.hpp"
#include "model/error.hpp"
#include "model/expression.hpp"
#include "model/message.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <toml++/toml.h>

namespace exeunt::model
{

namespace
{

constexpr std::size_t max_bytes = 65'536;
constexpr std::size_t max_list = 256;

struct Section {
    std::string_view name;
    std::vector<std::string> keys;
};

const std::vector<Section>& sections()
{
    static const std::vector<Section> all = {
        {"", {"name", "title"}},
        {"potential", {"expression", "builtin", "parameters", "domain", "clamp"}},
        {"noise", {"law", "alpha", "scale", "p_plus"}},
        {"dynamics", {"clip", "learning_rate", "diffusion"}},
        {"verify", {"false_alarm", "effect", "distance", "power", "budget", "seed", "ladder"}},
    };
    return all;
}

std::string dotted(std::string_view section, std::string_view key)
{
    return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

std::string at_line(const std::string& source, const toml::node* node)
{
    const auto line = node == nullptr ? 0 : node->source().begin.line;
    return line == 0 ? source : fmt::format("{}:{}", source, line);
}

/// A value as a message shows it: short and on one line.
std::string shown(const toml::node& node)
{
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
    if (const auto* text = node.as_string()) return fmt::format("\"{}\"", printable(text->get(), 60));
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto* list = node.as_array()) return list->empty() ? "[]" : "[…]";
    return node.is_table() ? "{…}" : "a date or time";
}

/// The TOML value of a command line's text, or nothing.
std::optional<toml::table> toml_value(const std::string& text)
{
    if (text.find_first_of("\r\n") != std::string::npos) return std::nullopt;
    try {
        toml::table parsed = toml::parse(std::string_view("value = " + text));
        if (parsed.size() == 1 && parsed.contains("value")) return parsed;
    } catch (const toml::parse_error&) {
    }
    return std::nullopt;
}

/// A number that TOML does not write so (.5, 1.), else the text itself.
toml::table plain_value(const std::string& text)
{
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) return toml::table{{"value", number}};
    return toml::table{{"value", text}};
}

/// The parsed file with the overrides laid over it: answers for keys, and knows where each came from.
class Document
{
  public:
    Document(toml::table root, std::string source, const Overrides& overrides)
        : root_(std::move(root)), source_(std::move(source))
    {
        check_keys();
        for (const auto& override : overrides) apply(override);
        check_keys();
    }

    const toml::node* find(std::string_view section, std::string_view key) const
    {
        if (section.empty()) return root_.get(key);
        const auto* table = root_.get_as<toml::table>(section);
        return table == nullptr ? nullptr : table->get(key);
    }
    void erase(std::string_view section, std::string_view key)
    {
        if (auto* table = root_.get_as<toml::table>(section)) table->erase(key);
    }
    bool is_override(std::string_view section, std::string_view key) const
    {
        return texts_.count(dotted(section, key)) > 0;
    }
    const std::string& source() const { return source_; }

    /// "specs/a.toml:12: [dynamics] clip" or "--set dynamics.clip".
    std::string where(std::string_view section, std::string_view key, const toml::node* node) const
    {
        if (is_override(section, key)) return "--set " + dotted(section, key);
        if (node == nullptr) node = find(section, key);
        const std::string place = at_line(source_, node);
        return section.empty() ? fmt::format("{}: {}", place, key) : fmt::format("{}: [{}] {}", place, section, key);
    }
    [[noreturn]] void fail(std::string_view section, std::string_view key, const toml::node& node,
                           std::string_view problem) const
    {
        throw BadInput(fmt::format("{} = {}: {}", where(section, key, &node), shown(node), problem));
    }

    double number(std::string_view section, std::string_view key, double absent) const
    {
        const auto* node = find(section, key);
        return node == nullptr ? absent : number(section, key, *node);
    }
    double number(std::string_view section, std::string_view key, const toml::node& node) const
    {
        const auto value = node.value<double>();
        if (!value || !node.is_number()) fail(section, key, node, "must be a number");
        if (std::isnan(*value)) fail(section, key, node, "must be a number, not nan");
        return *value;
    }
    std::string text(std::string_view section, std::string_view key, const std::string& absent) const
    {
        const auto* node = find(section, key);
        if (node == nullptr) return absent;
        if (const auto* s = node->as_string()) return s->get();
        if (const auto raw = texts_.find(dotted(section, key)); raw != texts_.end()) return raw->second;
        fail(section, key, *node, "must be a text in quotes");
    }
    bool flag(std::string_view section, std::string_view key, bool absent) const
    {
        const auto* node = find(section, key);
        if (node == nullptr) return absent;
        if (const auto* value = node->as_boolean()) return value->get();
        fail(section, key, *node, "must be true or false");
    }
    /// A number or a list of different numbers, each of which `check` accepts by returning an empty string.
    template<class Check>
    std::vector<double> numbers(std::string_view section, std::string_view key, std::vector<double> absent,
                                const Check& check) const
    {
        const auto* node = find(section, key);
        if (node == nullptr) return absent;
        std::vector<double> out;
        const auto take = [&](const toml::node& element) {
            const double value = number(section, key, element);
            if (const std::string problem = check(value); !problem.empty()) fail(section, key, element, problem);
            if (std::find(out.begin(), out.end(), value) != out.end())
                fail(section, key, element, "appears twice in the list");
            out.push_back(value);
        };
        const auto* list = node->as_array();
        if (list == nullptr) {
            take(*node);
            return out;
        }
        if (list->empty()) fail(section, key, *node, "the list is empty; give at least one number");
        if (list->size() > max_list)
            fail(section, key, *node, fmt::format("the list has {} entries; at most {}", list->size(), max_list));
        for (const auto& element : *list) take(element);
        return out;
    }

  private:
    [[noreturn]] void unknown(const std::string& where, std::string_view what, std::string_view name,
                              const std::vector<std::string>& known) const
    {
        const std::string guess = suggestion(name, known);
        throw BadInput(fmt::format("{}: unknown {} '{}'; {}", where, what, printable(name, 40),
                                   guess.empty() ? "there is: " + join(known, ", ") : guess));
    }

    void check_keys() const
    {
        std::vector<std::string> top = sections().front().keys;
        for (const auto& section : sections())
            if (!section.name.empty()) top.emplace_back(section.name);
        for (const auto& [key, node] : root_) {
            const auto section = std::find_if(sections().begin(), sections().end(),
                                              [&k = key](const Section& s) { return k.str() == s.name; });
            if (section == sections().end() || section->name.empty()) {
                if (std::find(top.begin(), top.end(), key.str()) == top.end())
                    unknown(place(key), node.is_table() ? "section" : "key", key.str(), top);
                continue;
            }
            const auto* table = node.as_table();
            if (table == nullptr)
                throw BadInput(
                    fmt::format("{}: {} = {}: must be a section, [{}]", place(key), key.str(), shown(node), key.str()));
            for (const auto& [inner, value] : *table)
                if (std::find(section->keys.begin(), section->keys.end(), inner.str()) == section->keys.end())
                    unknown(fmt::format("{}: [{}]", place(inner), section->name), "key", inner.str(), section->keys);
        }
    }
    std::string place(const toml::key& key) const
    {
        const auto line = key.source().begin.line;
        return line == 0 ? source_ : fmt::format("{}:{}", source_, line);
    }

    /// Lays "a.b=value" over the file.
    void apply(const std::string& override)
    {
        const auto equals = override.find('=');
        const std::string path = override.substr(0, equals);
        if (equals == std::string::npos || path.empty())
            throw BadInput(fmt::format("--set {}: must be key=value, for example --set dynamics.clip=0.5",
                                       printable(override, 60)));
        std::string text = override.substr(equals + 1);
        auto parsed = toml_value(text);
        if (!parsed && text.find(',') != std::string::npos) parsed = toml_value("[" + text + "]");
        if (!parsed) parsed = plain_value(text);

        const auto steps = checked_path(path);
        toml::table* table = &root_;
        for (std::size_t k = 0; k + 1 < steps.size(); ++k) {
            toml::node* child = table->get(steps[k]);
            if (child == nullptr) child = &table->insert(steps[k], toml::table{}).first->second;
            if (!child->is_table())
                throw BadInput(fmt::format("--set {}: {} is no section", printable(path, 60), steps[k]));
            table = child->as_table();
        }
        parsed->get("value")->visit([&](auto& value) { table->insert_or_assign(steps.back(), value); });
        texts_[path] = std::move(text);
    }
    std::vector<std::string> checked_path(const std::string& path) const
    {
        std::vector<std::string> steps{""};
        for (const char c : path) {
            if (c == '.')
                steps.emplace_back();
            else
                steps.back() += c;
        }
        const std::string where = "--set " + printable(path, 60);
        const bool parameter = steps.size() == 3 && steps[0] == "potential" && steps[1] == "parameters";
        std::vector<std::string> known;
        for (const auto& section : sections())
            for (const auto& key : section.keys) known.push_back(dotted(section.name, key));
        if (!parameter && std::find(known.begin(), known.end(), path) == known.end())
            unknown(where, "key", path, known);
        return steps;
    }

    toml::table root_;
    std::string source_;
    std::map<std::string, std::string> texts_; ///< dotted key → the text of its override
};

template<class F> auto located(const Document& d, std::string_view section, std::string_view key, const F& f)
{
    try {
        return f();
    } catch (const BadInput& problem) {
        throw BadInput(fmt::format("{}: {}", d.where(section, key, nullptr), problem.what()));
    }
}

std::string positive(double value) { return value > 0 && std::isfinite(value) ? "" : "must be a finite number > 0"; }
std::string positive_or_infinite(double value) { return value > 0 ? "" : "must be > 0 (or inf)"; }

double in_unit_interval(const Document& d, std::string_view key, double absent)
{
    const double value = d.number("verify", key, absent);
    if (!(value > 0 && value < 1))
        d.fail("verify", key, *d.find("verify", key), "must be between 0 and 1, both excluded");
    return value;
}

std::string checked_name(const Document& d, const std::string& absent)
{
    const std::string name = d.text("", "name", absent);
    const bool valid = !name.empty() && name.size() <= 64 && name[0] != '.' && name[0] != '-' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                  c == '.' || c == '_' || c == '-';
                       });
    if (!valid)
        throw BadInput(fmt::format("{} = \"{}\": must be 1 to 64 letters, digits, '.', '_' or '-', the first a letter, "
                                   "digit or '_' (it names the folder of the results)",
                                   d.where("", "name", nullptr), printable(name, 60)));
    return name;
}

std::string name_of_source(const std::string& source)
{
    std::string name;
    for (const char c : std::filesystem::path(source).stem().string()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        name += plain || ((c == '.' || c == '-') && !name.empty()) ? c : '_';
    }
    return name.empty() ? "spec" : name.substr(0, 64);
}

std::map<std::string, double> parameters(const Document& d)
{
    std::map<std::string, double> out;
    const auto* node = d.find("potential", "parameters");
    if (node == nullptr) return out;
    const auto* table = node->as_table();
    if (table == nullptr) d.fail("potential", "parameters", *node, "must be a table, for example { tilt = 0.1 }");
    for (const auto& [key, value] : *table) {
        const std::string name(key.str());
        const std::string inner = "parameters." + printable(name, 40);
        const double number = d.number("potential", inner, value);
        if (!std::isfinite(number)) d.fail("potential", inner, value, "must be finite");
        try {
            check_parameter_name(name);
        } catch (const BadInput& problem) {
            throw BadInput(fmt::format("{}: {}", d.where("potential", inner, &value), problem.what()));
        }
        out[name] = number;
    }
    return out;
}

Domain domain(const Document& d, bool wang)
{
    Domain out = wang ? Domain{-1.6, 1.6, true} : Domain{-5, 5, false};
    out.clamp = d.flag("potential", "clamp", out.clamp);
    const auto* node = d.find("potential", "domain");
    if (node == nullptr) return out;
    const auto* list = node->as_array();
    if (list == nullptr || list->size() != 2)
        d.fail("potential", "domain", *node, "must be two numbers, for example [-2.5, 2.5]");
    out.lo = d.number("potential", "domain", *list->get(0));
    out.hi = d.number("potential", "domain", *list->get(1));
    if (!(out.lo < out.hi) || !std::isfinite(out.lo) || !std::isfinite(out.hi) || !std::isfinite(out.hi - out.lo))
        throw BadInput(fmt::format("{} = [{}, {}]: must be two finite numbers in increasing order",
                                   d.where("potential", "domain", nullptr), out.lo, out.hi));
    return out;
}

/// An override of one of expression and builtin takes the place of the other in the file.
void settle_potential(Document& d)
{
    const bool typed = d.is_override("potential", "expression");
    const bool named = d.is_override("potential", "builtin");
    if (typed && !named) d.erase("potential", "builtin");
    if (named && !typed) d.erase("potential", "expression");
}

/// An expression, also where it is written as a plain number.
std::string expression(const Document& d, std::string_view section, std::string_view key, const std::string& absent)
{
    const auto* node = d.find(section, key);
    if (node != nullptr && node->is_number() && !d.is_override(section, key)) return shown(*node);
    return d.text(section, key, absent);
}

PotentialSpec potential(Document& d)
{
    settle_potential(d);
    const bool typed = d.find("potential", "expression") != nullptr;
    const bool named = d.find("potential", "builtin") != nullptr;
    if (typed == named)
        throw BadInput(fmt::format("{}: [potential] {}",
                                   typed ? at_line(d.source(), d.find("potential", "builtin")) : d.source(),
                                   typed ? "has both expression and builtin: keep one"
                                         : "needs expression = \"…\" or builtin = \"wang2022\""));
    PotentialSpec out{.expression = expression(d, "potential", "expression", ""),
                      .builtin = d.text("potential", "builtin", ""),
                      .parameters = parameters(d),
                      .domain = domain(d, named)};
    located(d, "potential", typed ? "expression" : "builtin", [&] {
        if (!typed) return builtin_potential(out.builtin);
        Function f = parse_function(out.expression, out.parameters);
        if (f.is_constant()) throw BadInput("the potential does not depend on x");
        return f;
    });
    return out;
}

/// A law without tail index that is named on the command line leaves the file's alpha and p_plus behind.
void settle_noise(Document& d, const std::string& law)
{
    if (takes_alpha(law) || !d.is_override("noise", "law")) return;
    for (const char* key : {"alpha", "p_plus"})
        if (!d.is_override("noise", key)) d.erase("noise", key);
}

NoiseSpec noise_spec(Document& d)
{
    NoiseSpec out;
    out.law = d.text("noise", "law", out.law);
    settle_noise(d, out.law);
    if (const auto* node = d.find("noise", "alpha"))
        out.alpha = d.number("noise", "alpha", *node);
    else if (!takes_alpha(out.law))
        out.alpha.reset();
    out.scale = d.number("noise", "scale", out.scale);
    out.p_plus = d.number("noise", "p_plus", out.p_plus);
    const auto check = [&](std::string_view key, bool good, std::string_view problem) {
        if (!good) d.fail("noise", key, *d.find("noise", key), problem);
    };
    check("alpha", !takes_alpha(out.law) || (*out.alpha > 1 && std::isfinite(*out.alpha)),
          "must be a finite number > 1, or the noise has no mean");
    check("scale", out.scale > 0 && std::isfinite(out.scale), "must be a finite number > 0");
    check("p_plus", out.p_plus >= 0 && out.p_plus <= 1, "must be between 0 and 1");
    try {
        make_noise(out.law, {out.alpha, out.scale, out.p_plus});
    } catch (const BadNoise& problem) {
        throw BadInput(fmt::format("{}: {}", d.where("noise", problem.key, nullptr), problem.what()));
    }
    return out;
}

DynamicsSpec dynamics(const Document& d, const PotentialSpec& f)
{
    DynamicsSpec out;
    out.clip = d.numbers("dynamics", "clip", out.clip, positive_or_infinite);
    out.learning_rate = d.numbers("dynamics", "learning_rate", out.learning_rate, positive);
    out.diffusion = expression(d, "dynamics", "diffusion", out.diffusion);
    located(d, "dynamics", "diffusion", [&] {
        const Function sigma = parse_function(out.diffusion, f.parameters);
        if (sigma.is_constant() && !(sigma.value(0) > 0))
            throw BadInput(fmt::format("σ = {:.6g} must be > 0", sigma.value(0)));
        return 0;
    });
    return out;
}

/// Seconds: a number, or one with the unit s, min or h. Infinite is no budget.
std::optional<double> budget(const Document& d)
{
    const auto* node = d.find("verify", "budget");
    if (node == nullptr) return std::nullopt;
    double seconds = 0;
    if (const auto* text = node->as_string()) {
        const std::string& s = text->get();
        const auto [stop, error] = std::from_chars(s.data(), s.data() + s.size(), seconds);
        std::string unit(static_cast<const char*>(stop), s.data() + s.size());
        unit.erase(0, unit.find_first_not_of(' '));
        if (error != std::errc() || (unit != "s" && unit != "min" && unit != "h"))
            d.fail("verify", "budget", *node,
                   "must be a time such as \"60s\", \"5min\", \"2h\" or a number of seconds");
        seconds *= unit == "s" ? 1 : unit == "min" ? 60 : 3600;
    } else {
        seconds = d.number("verify", "budget", *node);
    }
    if (!(seconds > 0)) d.fail("verify", "budget", *node, "must be > 0 seconds");
    return std::isfinite(seconds) ? std::optional(seconds) : std::nullopt;
}

VerifySpec verify(const Document& d)
{
    VerifySpec out;
    out.false_alarm = in_unit_interval(d, "false_alarm", out.false_alarm);
    out.effect = in_unit_interval(d, "effect", out.effect);
    if (d.find("verify", "distance")) out.distance = in_unit_interval(d, "distance", out.effect);
    out.power = in_unit_interval(d, "power", out.power);
    out.budget = budget(d);
    if (const auto* node = d.find("verify", "seed")) {
        const auto* whole = node->as_integer();
        if (whole == nullptr || whole->get() < 0) d.fail("verify", "seed", *node, "must be a whole number ≥ 0");
        out.seed = static_cast<std::uint64_t>(whole->get());
    }
    out.ladder = d.numbers("verify", "ladder", out.ladder, positive);
    if (!out.ladder.empty() && std::set(out.ladder.begin(), out.ladder.end()).size() < 3)
        d.fail("verify", "ladder", *d.find("verify", "ladder"), "needs three different learning rates or more");
    return out;
}

Spec read(Document document, const std::string& default_name)
{
    Spec spec;
    spec.source = document.source();
    spec.name = checked_name(document, default_name);
    spec.title = printable(document.text("", "title", spec.name), 200);
    spec.potential = potential(document);
    spec.noise = noise_spec(document);
    spec.dynamics = dynamics(document, spec.potential);
    spec.verify = verify(document);
    return spec;
}

std::string shown_path(const std::filesystem::path& path) { return printable(path.string(), 1000); }

std::filesystem::path resolve(const std::string& spec, const std::filesystem::path& shipped)
{
    std::error_code ignored;
    if (spec.empty()) throw BadInput("the name of the spec is empty");
    if (std::filesystem::is_directory(spec, ignored)) {
        if (spec.find('/') != std::string::npos) throw BadInput(shown_path(spec) + ": is a folder, not a spec file");
    } else if (std::filesystem::exists(spec, ignored)) {
        return spec;
    }
    if (spec.find('/') != std::string::npos) throw BadInput(shown_path(spec) + ": there is no such file");
    const auto candidate = shipped / (spec + ".toml");
    if (std::filesystem::exists(candidate, ignored)) return candidate;
    const auto names = shipped_specs(shipped);
    const std::string guess = suggestion(spec, names);
    throw BadInput(fmt::format("{}: there is no such file, and no shipped spec of that name; {}", shown_path(spec),
                               guess.empty() ? "there is: " + join(names, ", ") : guess));
}

std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file) throw BadInput(shown_path(path) + ": cannot be opened for reading");
    std::string text(max_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) throw BadInput(shown_path(path) + ": cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::uint64_t fnv1a(std::string_view text)
{
    std::uint64_t h = 0xcbf29ce484222325U;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return h;
}

/// "key=value\n" lines; numbers as %a would print them, so that equal bits and only they give equal text.
class Canonical
{
  public:
    Canonical& text(std::string_view key, std::string_view value)
    {
        out_ += fmt::format("{}={}\n", key, value);
        return *this;
    }
    Canonical& formula(std::string_view key, std::string value)
    {
        std::erase_if(value, [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
        return text(key, value);
    }
    Canonical& number(std::string_view key, double value) { return text(key, fmt::format("{:a}", value)); }
    const std::string& str() const { return out_; }

  private:
    std::string out_;
};

}

Spec parse_spec(std::string_view toml, const std::string& source, const Overrides& overrides)
{
    if (toml.size() > max_bytes)
        throw BadInput(fmt::format("{}: has more than {} bytes, the most a spec may have", source, max_bytes));
    toml::table root;
    try {
        root = toml::parse(toml, source);
    } catch (const toml::parse_error& error) {
        const auto& at = error.source().begin;
        throw BadInput(fmt::format("{}:{}:{}: not valid TOML: {}", source, at.line, at.column,
                                   printable(error.description(), 300)));
    }
    return read(Document(std::move(root), source, overrides), name_of_source(source));
}

Spec load_spec(const std::string& spec, const Overrides& overrides, const std::filesystem::path& shipped)
{
    const auto path = resolve(spec, shipped);
    return parse_spec(read_file(path), shown_path(path), overrides);
}

Spec default_spec(const std::string& expression, const Overrides& overrides)
{
    toml::table root{{"potential", toml::table{{"expression", expression}}}};
    return read(Document(std::move(root), "--potential", overrides), "custom");
}

std::vector<std::string> shipped_specs(const std::filesystem::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

Landscape landscape(const Spec& spec)
{
    const PotentialSpec& p = spec.potential;
    try {
        if (!p.builtin.empty()) return Landscape(builtin_potential(p.builtin), p.domain);
        const double beyond = p.domain.clamp ? 0 : p.domain.hi - p.domain.lo; // an unclamped process leaves the domain
        return Landscape(parse_function(p.expression, p.parameters, p.domain.lo - beyond, p.domain.hi + beyond),
                         p.domain);
    } catch (const BadInput& problem) {
        throw BadInput(fmt::format("{}: [potential] {}", spec.source, problem.what()));
    }
}

Noise noise(const Spec& spec)
{
    return make_noise(spec.noise.law, {spec.noise.alpha, spec.noise.scale, spec.noise.p_plus});
}

Function diffusion(const Spec& spec)
{
    const Domain& domain = spec.potential.domain;
    try {
        Function sigma = parse_function(spec.dynamics.diffusion, spec.potential.parameters, domain.lo, domain.hi);
        if (const auto x = not_positive(sigma, domain.lo, domain.hi)) {
            const double s = sigma.value(*x);
            const std::string what = s > 0 && std::isfinite(s) ? "cannot be proved to be finite and > 0 near"
                                                               : fmt::format("is {:.6g} at", s);
            throw BadInput(fmt::format("= \"{}\" {} x = {:.6g}: σ must be finite and > 0 in the domain",
                                       printable(spec.dynamics.diffusion, 60), what, *x));
        }
        return sigma;
    } catch (const BadInput& problem) {
        throw BadInput(fmt::format("{}: [dynamics] diffusion {}", spec.source, problem.what()));
    }
}

Model model(const Spec& spec, double clip, double eta)
{
    return {.landscape = landscape(spec), .noise = noise(spec), .diffusion = diffusion(spec), .b = clip, .eta = eta};
}

std::string canonical(const Spec& spec)
{
    const PotentialSpec& p = spec.potential;
    Canonical out;
    if (p.builtin.empty())
        out.formula("potential.expression", p.expression);
    else
        out.text("potential.builtin", p.builtin);
    for (const auto& [name, value] : p.parameters) out.number("potential.parameters." + name, value);
    out.number("potential.domain.lo", p.domain.lo).number("potential.domain.hi", p.domain.hi);
    out.text("potential.clamp", p.domain.clamp ? "true" : "false").text("noise.law", spec.noise.law);
    if (spec.noise.alpha) out.number("noise.alpha", *spec.noise.alpha);
    out.number("noise.scale", spec.noise.scale).number("noise.p_plus", spec.noise.p_plus);
    out.formula("dynamics.diffusion", spec.dynamics.diffusion);
    return out.str();
}

std::uint64_t hash(const Spec& spec) { return fnv1a(canonical(spec)); }

std::uint64_t cell_key(const Spec& spec, double clip, double eta, std::size_t well)
{
    Canonical cell;
    cell.number("clip", clip).number("learning_rate", eta).text("well", fmt::format("{}", well + 1));
    return fnv1a(canonical(spec) + cell.str());
}

}
