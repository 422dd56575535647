// sim/reference.hpp: the recursion as the theory writes it, one replica after the other, in full double precision: any
// noise law, any σ(x), any f. The general path of first_exits, and what the fast kernel is tested against.
#pragma once

#include "model/model.hpp"
#include "sim/engine.hpp"

#include <cstdint>

namespace exeunt::sim
{

/// Z from its uniform: the quantile, taken from the nearer tail. Exact to the law's own accuracy.
double noise_of(const model::Noise& noise, const Uniform& u);

/// Runs replicas of the recursion until the host has no more.
void run_reference(const model::Model& model, const Key& key, const Job& job, Host& host);

}
