#include "sim/reference.hpp"

#include <cmath>

namespace exeunt::sim
{

double noise_of(const model::Noise& noise, const Uniform& u)
{
    return u.upper ? noise->upper_quantile(0.5 * u.v) : noise->lower_quantile(0.5 * u.v);
}

void run_reference(const model::Model& model, const Key& key, const Job& job, Host& host)
{
    constexpr std::uint64_t ticks = 1 << 14;
    Draws draw(key);
    std::uint64_t since_tick = 0;

    for (std::uint64_t replica = 0; host.next(replica);) {
        double x = job.start;
        std::uint64_t look = job.first_look;
        std::uint64_t step = 0;
        bool stopped = false;
        while (!stopped && step < job.step_limit) {
            ++step;
            if (job.compensated && !(job.edge_left < x && x < job.edge_right)) host.at_edge(replica, &x, 1);
            x = model.step(x, noise_of(model.noise, draw(replica, step)));
            if (!std::isfinite(x)) host.diverged(replica, step);
            stopped = job.stops_at(x);
            if (job.watched) {
                if (job.histogram.count) ++job.histogram.count[job.histogram.slot(x)];
                host.stay(replica, x, 1);
                if (step == look) look = host.look(replica, step, x);
            }
            if (++since_tick == ticks) {
                if (!host.tick(ticks)) return;
                since_tick = 0;
            }
        }
        if (stopped)
            host.exit(replica, step, x);
        else
            host.censor(replica, step, x);
    }
    host.tick(since_tick);
}

}
