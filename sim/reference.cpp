#include "sim/reference.hpp"

#include <cmath>

namespace exeunt::sim
{

double noise_of(const model::Noise& noise, const Uniform& u)
{
    return u.upper ? noise->upper_quantile(0.5 * u.v) : noise->lower_quantile(0.5 * u.v);
}

void run_reference(const model::Model& model, std::size_t well, const Key& key, std::uint64_t step_limit, Host& host)
{
    constexpr std::uint64_t ticks = 1 << 14;
    const double left = model.landscape.left(well);
    const double right = model.landscape.right(well);
    Draws draw(key);
    std::uint64_t since_tick = 0;

    for (std::uint64_t replica = 0; host.next(replica);) {
        double x = model.landscape.minima()[well];
        std::uint64_t step = 0;
        while (left < x && x < right && step < step_limit) {
            ++step;
            x = model.step(x, noise_of(model.noise, draw(replica, step)));
            if (!std::isfinite(x)) host.diverged(replica, step);
            if (++since_tick == ticks) {
                if (!host.tick(ticks)) return;
                since_tick = 0;
            }
        }
        if (left < x && x < right)
            host.censor(replica, step, x);
        else
            host.exit(replica, step, x);
    }
    host.tick(since_tick);
}

}
