#include "sim/exits.hpp"

#include "model/error.hpp"
#include "sim/crew.hpp"
#include "sim/setup.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>

namespace exeunt::sim
{

namespace
{

/// First passages to cores of wells; each core lies in its own field.
class PassageWorker final : public Worker
{
  public:
    using Worker::Worker;

  private:
    std::size_t entered(double x) const override { return c.model.landscape.well_of(x); }
};

/// Writes each end in its replica's place.
Sink into(std::vector<Exit>& exits, const ExitPlan& plan)
{
    return [&exits, first = plan.first_replica](std::span<const Numbered> ended) {
        for (const Numbered& e : ended) exits[e.replica - first] = e.exit;
    };
}

constexpr const char* path_names[] = {"reference", "baseline", "avx2", "avx512"};

bool available(Path path)
{
#ifdef EXEUNT_X86
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    return path == Path::avx512 ? v4 : path == Path::avx2 ? v3 : true;
#else
    return path == Path::reference || path == Path::baseline;
#endif
}

}

std::vector<Path> available_paths()
{
    std::vector<Path> paths = {Path::reference, Path::baseline, Path::avx2, Path::avx512};
    std::erase_if(paths, [](Path path) { return !available(path); });
    return paths;
}

Path path_of(const std::string& name)
{
    for (const Path path : {Path::reference, Path::baseline, Path::avx2, Path::avx512})
        if (name == name_of(path)) {
            if (available(path)) return path;
            throw BadInput(fmt::format("this processor cannot run the path \"{}\": unset EXEUNT_ISA", name));
        }
    throw BadInput(fmt::format("\"{}\" is no path of the simulation: reference, baseline, avx2 or avx512", name));
}

const char* name_of(Path path) { return path_names[static_cast<int>(path)]; }

Path default_path()
{
    const char* const name = std::getenv("EXEUNT_ISA");
    return name && *name ? path_of(name) : available_paths().back();
}

std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan)
{
    return first_exits(model, well, stream, plan, default_path());
}

std::vector<Exit> first_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                              Path path)
{
    std::vector<Exit> exits(plan.replicas);
    stream_exits(model, well, stream, plan, into(exits, plan), path);
    return exits;
}

void stream_exits(const model::Model& model, std::size_t well, const Stream& stream, const ExitPlan& plan,
                  const Sink& sink, Path path)
{
    check_cell(model, well);
    Crew crew(model, well, stops_of_exit(model.landscape, well), stream, plan, path);
    run_crew(
        crew, [&] { return std::make_unique<ExitWorker>(crew); }, sink);
}

namespace
{

/// The cores of the targets, in increasing order; BadInput for a target that is none.
std::vector<Stop> stops_of_passage(const model::Landscape& f, std::size_t well, const std::vector<std::size_t>& targets)
{
    if (targets.empty()) throw BadInput("a first passage needs a well to arrive at");
    std::vector<Stop> stops;
    for (const std::size_t target : targets) {
        if (target >= f.wells())
            throw BadInput(fmt::format("there is no well {}: the landscape has {}", target + 1, f.wells()));
        if (target == well)
            throw BadInput(fmt::format("a first passage from well {} cannot be to the same well", well + 1));
        const model::Landscape::Core core = f.core(target);
        stops.push_back({core.lo, core.hi});
    }
    const auto before = [](const Stop& a, const Stop& b) { return a.lo < b.lo; };
    const auto same = [](const Stop& a, const Stop& b) { return a.lo == b.lo; };
    std::sort(stops.begin(), stops.end(), before);
    stops.erase(std::unique(stops.begin(), stops.end(), same), stops.end());
    return stops;
}

}

std::vector<Exit> first_passages(const model::Model& model, std::size_t well, const std::vector<std::size_t>& targets,
                                 const Stream& stream, const ExitPlan& plan, Path path)
{
    std::vector<Exit> passages(plan.replicas);
    stream_passages(model, well, targets, stream, plan, into(passages, plan), path);
    return passages;
}

void stream_passages(const model::Model& model, std::size_t well, const std::vector<std::size_t>& targets,
                     const Stream& stream, const ExitPlan& plan, const Sink& sink, Path path)
{
    check_cell(model, well);
    Crew crew(model, well, stops_of_passage(model.landscape, well, targets), stream, plan, path);
    run_crew(
        crew, [&] { return std::make_unique<PassageWorker>(crew); }, sink);
}

bool in_double(const model::Model& model, Path path)
{
    return path == Path::reference || !fit_noise(model.noise, noise_scale(model));
}

}
