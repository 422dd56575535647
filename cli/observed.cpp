#include "cli/observed.hpp"

#include "cli/json.hpp"

#include <exception>

namespace exeunt::cli
{

namespace
{

using validation::PortraitPanel;
using validation::TimeShare;
using validation::WalkPoint;

Json numbers(const std::vector<double>& values)
{
    Json list = Json::array();
    for (const double x : values) list.push_back(number(x));
    return list;
}

std::vector<double> numbers_from(const Json& list)
{
    std::vector<double> values;
    for (const Json& x : list) values.push_back(number_from(x));
    return values;
}

/// [share, lower, upper, expected, stationary]
Json share(const TimeShare& s) { return numbers({s.share, s.lower, s.upper, s.expected, s.stationary}); }

TimeShare share_from(const Json& at)
{
    const auto v = numbers_from(at);
    return {v.at(0), v.at(1), v.at(2), v.at(3), v.at(4)};
}

Json shares(const std::vector<TimeShare>& all)
{
    Json list = Json::array();
    for (const TimeShare& s : all) list.push_back(share(s));
    return list;
}

std::vector<TimeShare> shares_from(const Json& list)
{
    std::vector<TimeShare> all;
    for (const Json& at : list) all.push_back(share_from(at));
    return all;
}

Json panel(const PortraitPanel& p)
{
    return {{"gaussian", p.gaussian},
            {"deviation", number(p.deviation)},
            {"clip", number(p.clip)},
            {"replicas", p.replicas},
            {"steps", p.steps},
            {"source", static_cast<int>(p.source)},
            {"scaled", p.scaled},
            {"trouble", p.trouble},
            {"log10_stay", number(p.log10_stay)},
            {"verdict", word(p.verdict)},
            {"alpha", number(p.alpha)},
            {"sharp", share(p.sharp)},
            {"fields", shares(p.fields)},
            {"edges", numbers(p.edges)},
            {"bins", shares(p.bins)},
            {"every", p.path.every},
            {"states", numbers(p.path.states)}};
}

PortraitPanel panel_from(const Json& at)
{
    return {.gaussian = at.at("gaussian").get<bool>(),
            .deviation = number_from(at.at("deviation")),
            .clip = number_from(at.at("clip")),
            .replicas = at.at("replicas").get<std::uint64_t>(),
            .steps = at.at("steps").get<std::uint64_t>(),
            .edges = numbers_from(at.at("edges")),
            .bins = shares_from(at.at("bins")),
            .fields = shares_from(at.at("fields")),
            .sharp = share_from(at.at("sharp")),
            .source = static_cast<validation::Source>(at.at("source").get<int>()),
            .scaled = at.at("scaled").get<bool>(),
            .trouble = at.at("trouble").get<std::string>(),
            .log10_stay = number_from(at.at("log10_stay")),
            .verdict = verdict_from(at.at("verdict")),
            .alpha = number_from(at.at("alpha")),
            .path = {at.at("every").get<std::uint64_t>(), numbers_from(at.at("states"))}};
}

/// [[learning_rate, share, lower, upper, exact], …]
Json points(const std::vector<WalkPoint>& all)
{
    Json list = Json::array();
    for (const WalkPoint& p : all) list.push_back(numbers({p.learning_rate, p.share, p.lower, p.upper, p.exact}));
    return list;
}

std::vector<WalkPoint> points_from(const Json& list)
{
    std::vector<WalkPoint> all;
    for (const Json& at : list) {
        const auto v = numbers_from(at);
        all.push_back({v.at(0), v.at(1), v.at(2), v.at(3), v.at(4)});
    }
    return all;
}

validation::LimitWalk walk_from(const Json& json)
{
    validation::LimitWalk walk{.clip = number_from(json.at("clip")),
                               .start = json.at("start").get<std::size_t>() - 1,
                               .times = {},
                               .sharp = points_from(json.at("sharp")),
                               .replicas = json.at("replicas").get<std::uint64_t>(),
                               .states = json.at("states").get<std::size_t>(),
                               .troubles = json.at("troubles").get<std::vector<std::string>>(),
                               .verdict = verdict_from(json.at("verdict")),
                               .alpha = number_from(json.at("alpha"))};
    for (const Json& at : json.at("times")) {
        walk.times.push_back({number_from(at.at("time")), {}});
        for (const Json& state : at.at("states"))
            walk.times.back().states.push_back({state.at("well").get<std::size_t>() - 1, number_from(state.at("limit")),
                                                points_from(state.at("points"))});
    }
    return walk;
}

/// What `from` makes of a text of this spec.
template<class Value>
std::optional<Value> read(const std::string& text, const model::Spec& spec, Value (*from)(const Json&))
{
    try {
        const Json json = Json::parse(text);
        if (json.at("provenance") != provenance(spec)) return std::nullopt;
        return from(json);
    } catch (const std::exception&) { // whatever is wrong with it, it is none of ours
        return std::nullopt;
    }
}

validation::Portrait portrait_from(const Json& json)
{
    validation::Portrait portrait{.learning_rate = number_from(json.at("learning_rate")),
                                  .start = json.at("start").get<std::size_t>() - 1,
                                  .sharp = {},
                                  .panels = {}};
    for (const Json& well : json.at("sharp")) portrait.sharp.push_back(well.get<std::size_t>() - 1);
    for (const Json& at : json.at("panels")) portrait.panels.push_back(panel_from(at));
    portrait.missing = json.at("missing").get<std::vector<std::string>>();
    return portrait;
}

}

std::string portrait_json(const model::Spec& spec, const validation::Portrait& portrait)
{
    Json sharp = Json::array(), panels = Json::array();
    for (const std::size_t i : portrait.sharp) sharp.push_back(i + 1);
    for (const auto& p : portrait.panels) panels.push_back(panel(p));
    return Json{{"name", spec.name},
                {"learning_rate", number(portrait.learning_rate)},
                {"start", portrait.start + 1},
                {"sharp", sharp},
                {"panels", panels},
                {"missing", portrait.missing},
                {"provenance", provenance(spec)}}
               .dump(-1, ' ', false, Json::error_handler_t::replace) +
           "\n";
}

std::optional<validation::Portrait> read_portrait(const std::string& text, const model::Spec& spec)
{
    return read(text, spec, portrait_from);
}

std::string walk_json(const model::Spec& spec, const validation::LimitWalk& walk)
{
    Json times = Json::array();
    for (const auto& at : walk.times) {
        Json states = Json::array();
        for (const auto& s : at.states)
            states.push_back({{"well", s.well + 1}, {"limit", number(s.limit)}, {"points", points(s.points)}});
        times.push_back({{"time", number(at.time)}, {"states", states}});
    }
    return document({{"name", spec.name},
                     {"clip", number(walk.clip)},
                     {"start", walk.start + 1},
                     {"replicas", walk.replicas},
                     {"states", walk.states},
                     {"times", times},
                     {"sharp", points(walk.sharp)},
                     {"troubles", walk.troubles},
                     {"verdict", word(walk.verdict)},
                     {"alpha", number(walk.alpha)},
                     {"provenance", provenance(spec)}});
}

std::optional<validation::LimitWalk> read_walk(const std::string& text, const model::Spec& spec)
{
    return read(text, spec, walk_from);
}

}
