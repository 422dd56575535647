#include "sim/compensator.hpp"

#include "sim/crew.hpp"
#include "sim/leaving.hpp"
#include "sim/setup.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <numeric>

namespace exeunt::sim
{

namespace
{

/// First exits, and what led to them.
class CompensatorWorker final : public ExitWorker
{
  public:
    CompensatorWorker(Crew& crew, std::span<const Leaving> both_sides, std::vector<CompensatedExit>& all)
        : ExitWorker(crew), leaving(both_sides), exits(all)
    {
    }

    bool next(std::uint64_t& replica) override
    {
        if (!Worker::next(replica)) return false;
        of(replica).assign(c.model.landscape.wells(), 0);
        return true;
    }

    void at_edge(std::uint64_t replica, const double* x, int count) override
    {
        std::vector<double>& to = of(replica);
        for (int i = 0; i < count; ++i)
            for (const Leaving& side : leaving) side.add(x[i], to);
    }

  private:
    std::vector<double>& of(std::uint64_t replica) { return exits[replica - c.plan.first_replica].to; }

    std::span<const Leaving> leaving;
    std::vector<CompensatedExit>& exits;
};

/// Means of x and a over n replicas, as Σx/Σa with its standard error √Σ(x - (Σx/Σa) a)² / Σa.
struct Sums {
    double x = 0, a = 0, xx = 0, xa = 0, aa = 0, n = 0;

    void add(double value, double weight)
    {
        x += value;
        a += weight;
        xx += value * value;
        xa += value * weight;
        aa += weight * weight;
        n += 1;
    }
    double ratio() const { return x / a; }
    double error() const
    {
        const double r = ratio();
        return std::sqrt(std::max(0.0, xx - 2 * r * xa + r * r * aa) * n / (n - 1)) / a;
    }
};

}

std::vector<CompensatedExit> compensated_exits(const model::Model& model, std::size_t well, const Stream& stream,
                                               const ExitPlan& plan, Path path)
{
    check_cell(model, well);
    const double edge_left = model.landscape.left(well) + model.b;
    const double edge_right = model.landscape.right(well) - model.b;
    Crew crew(model, well, stops_of_exit(model.landscape, well), stream, plan, path, {edge_left, edge_right});
    crew.job.compensated = true;
    crew.job.edge_left = edge_left;
    crew.job.edge_right = edge_right;
    for (Panel& p : crew.panels) p.edge = !(edge_left < p.centre && p.centre < edge_right);

    const bool tabulated = crew.path != Path::reference;
    const Leaving leaving[] = {{model, well, false, tabulated}, {model, well, true, tabulated}};
    std::vector<CompensatedExit> exits(plan.replicas);
    run_crew(
        crew, [&] { return std::make_unique<CompensatorWorker>(crew, leaving, exits); },
        [&](std::span<const Numbered> ended) {
            for (const Numbered& e : ended) exits[e.replica - plan.first_replica].exit = e.exit;
        });
    return exits;
}

ExitEstimates estimate_exits(std::span<const CompensatedExit> exits)
{
    if (exits.size() < 2) throw BadInput(fmt::format("{} exits: an estimate takes two or more", exits.size()));
    const std::size_t wells = exits[0].to.size();
    Sums time, raw_time;
    std::vector<Sums> split(wells), raw_split(wells);
    for (const auto& [exit, to] : exits) {
        if (exit.censored || to.size() != wells)
            throw BadInput("a censored or skipped exit: the compensator needs every exit");
        const double total = std::accumulate(to.begin(), to.end(), 0.0);
        time.add(static_cast<double>(exit.step), total);
        raw_time.add(static_cast<double>(exit.step), 1);
        for (std::size_t j = 0; j < wells; ++j) {
            split[j].add(to[j], total);
            raw_split[j].add(exit.place == j, 1);
        }
    }
    const auto both = [](const Sums& by_compensator, const Sums& raw) {
        return TwoEstimates{by_compensator.ratio(), by_compensator.error(), raw.ratio(), raw.error()};
    };
    ExitEstimates found{.mean = both(time, raw_time), .split = {}, .exits = exits.size()};
    for (std::size_t j = 0; j < wells; ++j) found.split.push_back(both(split[j], raw_split[j]));
    return found;
}

}
