// tests/sim/by_hand.hpp: first exits from a field as the kernel sees them, for a test that runs it without a crew.
#pragma once

#include "sim/reference.hpp"
#include "sim/setup.hpp"

#include <cstdlib>
#include <vector>

/// What the kernel is given, and the host it asks. A test says where replicas come from and where exits go.
struct ByHand : exeunt::sim::Host {
    ByHand(const exeunt::model::Model& of_model, std::size_t well, const exeunt::sim::Key& key)
        : m(of_model), stops(exeunt::sim::stops_of_exit(m.landscape, well)),
          panels(exeunt::sim::fit_panels(m, well)), setup{.key = key,
                                                          .noise = *exeunt::sim::fit_noise(m.noise,
                                                                                           exeunt::sim::noise_scale(m)),
                                                          .sigma_varies = false,
                                                          .panels = panels.data(),
                                                          .panel_count = static_cast<int>(panels.size()),
                                                          .lo = m.landscape.domain().lo,
                                                          .hi = m.landscape.domain().hi,
                                                          .b = m.b,
                                                          .job = {.start = m.landscape.minima()[well],
                                                                  .stops = stops.data(),
                                                                  .stop_count = static_cast<int>(stops.size()),
                                                                  .step_limit = UINT64_MAX / 2}},
          draw(key)
    {
    }

    void censor(std::uint64_t, std::uint64_t, double) override {}
    bool tick(std::uint64_t) override { return true; }
    double drift(double x) override { return -m.eta * m.landscape.potential().gradient(x); }
    double sigma(double x) override { return m.diffusion.value(x); }
    double noise(std::uint64_t replica, std::uint64_t step) override
    {
        return exeunt::sim::noise_scale(m) * exeunt::sim::noise_of(m.noise, draw(replica, step));
    }
    [[noreturn]] void diverged(std::uint64_t, std::uint64_t) override { std::abort(); }
    void stay(std::uint64_t, double, std::uint64_t) override {}
    std::uint64_t look(std::uint64_t, std::uint64_t, double) override { return UINT64_MAX; }
    void at_edge(std::uint64_t, const double*, int) override {}

    const exeunt::model::Model& m;
    const std::vector<exeunt::sim::Stop> stops;
    const std::vector<exeunt::sim::Panel> panels;
    const exeunt::sim::Setup setup;
    exeunt::sim::Draws draw;
};
