#include "theory/absorption.hpp"

#include "theory/elimination.hpp"

#include <algorithm>

namespace exeunt::theory
{

namespace
{

using Eigen::Index;
using Eigen::MatrixXd;

bool contains(const std::vector<std::size_t>& sorted, std::size_t well)
{
    return std::binary_search(sorted.begin(), sorted.end(), well);
}

/// q_{i,k}, i in `from`, k in `to`; 0 where i = k.
MatrixXd rates(const std::vector<ExitConstants>& exits, const std::vector<std::size_t>& from,
               const std::vector<std::size_t>& to)
{
    MatrixXd q(static_cast<Index>(from.size()), static_cast<Index>(to.size()));
    for (std::size_t i = 0; i < from.size(); ++i)
        for (std::size_t k = 0; k < to.size(); ++k)
            q(static_cast<Index>(i), static_cast<Index>(k)) = from[i] == to[k] ? 0 : exits[from[i]].to[to[k]];
    return q;
}

/// The wells outside the class that some well of it leads to.
std::vector<std::size_t> neighbours(const std::vector<ExitConstants>& exits, const Class& members)
{
    std::vector<std::size_t> wells;
    for (std::size_t l = 0; l < exits.size(); ++l) {
        const auto leads = [&](std::size_t k) { return exits[k].to[l] > 0; };
        if (!contains(members.wells, l) && std::any_of(members.wells.begin(), members.wells.end(), leads))
            wells.push_back(l);
    }
    return wells;
}

}

Absorption absorption(const std::vector<ExitConstants>& exits, const TransitionGraph& graph)
{
    Absorption end{.classes = {}, .probability = {}};
    std::vector<std::size_t> transient;
    for (std::size_t c = 0; c < graph.classes.size(); ++c) {
        const Class& members = graph.classes[c];
        if (members.absorbing) end.classes.push_back(c);
        if (!members.absorbing) transient.insert(transient.end(), members.wells.begin(), members.wells.end());
    }
    const auto columns = static_cast<Index>(end.classes.size());
    end.probability = MatrixXd::Zero(static_cast<Index>(exits.size()), columns);
    MatrixXd out(static_cast<Index>(transient.size()), columns);
    for (Index c = 0; c < columns; ++c) {
        const Class& members = graph.classes[end.classes[static_cast<std::size_t>(c)]];
        for (const std::size_t k : members.wells) end.probability(static_cast<Index>(k), c) = 1;
        out.col(c) = rates(exits, transient, members.wells).rowwise().sum();
    }
    const MatrixXd law = absorption_law(rates(exits, transient, transient), out);
    for (std::size_t i = 0; i < transient.size(); ++i)
        end.probability.row(static_cast<Index>(transient[i])) = law.row(static_cast<Index>(i));
    return end;
}

Destinations destinations(const std::vector<ExitConstants>& exits, const Class& members)
{
    Destinations go{.wells = {}, .law = {}, .rate = {}};
    if (members.absorbing) return go;
    go.wells = neighbours(exits, members);
    std::vector<std::size_t> small; // θ needs these only: from a large well the process starts anew
    for (const std::size_t k : members.wells)
        if (!contains(members.largest, k)) small.push_back(k);

    const MatrixXd out = rates(exits, members.wells, go.wells);
    go.law = absorption_law(rates(exits, members.wells, members.wells), out);
    MatrixXd through(static_cast<Index>(small.size()), static_cast<Index>(members.largest.size() + go.wells.size()));
    through << rates(exits, small, members.largest), rates(exits, small, go.wells);
    const MatrixXd theta = absorption_law(rates(exits, small, small), through);
    go.rate = rates(exits, members.largest, go.wells) +
              rates(exits, members.largest, small) * theta.rightCols(static_cast<Index>(go.wells.size()));
    return go;
}

}
