// plots/transition_graph.hpp: where typical exits lead: an edge from well i to well j when q_{i,j} > 0, and the classes
// of wells that reach each other (theory.md, sections 4 and 8).
#pragma once

#include "plots/output.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace exeunt::plots
{

/// A well as a node.
struct Node {
    int order;        ///< l* ≥ 1
    std::size_t part; ///< its class, an index into `absorbing`
    bool large;       ///< of the largest order in its class: a state of the limiting chain
};

/// A typical exit. Wells are indices from 0; they differ.
struct Edge {
    std::size_t from;
    std::size_t to;
    double constant; ///< q_{i,j}, finite and > 0
};

/// The graph at one threshold.
struct Graph {
    double clip;                 ///< b > 0, may be ∞
    std::vector<Node> nodes;     ///< one per well, left to right
    std::vector<bool> absorbing; ///< one per class: no edge leads out
    std::vector<Edge> edges;
};

struct TransitionGraphFigure {
    std::vector<double> minima; ///< m_1 < m_2 < …, two at least
    std::vector<Graph> graphs;  ///< 1 to 4, one panel each
    std::string title = {};     ///< of the spec
    std::string note = {};      ///< added to the caption; may be empty
    std::string name = "transition-graph";
};

/// Wells in a row, evenly spaced; edges to the right pass above, those to the left below. Large minima are dark, small
/// ones light, those of a class that is left for ever have a dashed ring; an edge out of its class, on which the
/// limiting chain is killed, is dashed and vermillion. The wider an edge, the larger its share q_{i,j} / q_i. Where
/// there are many wells, edges of small shares and words that do not fit are left out, and the caption says so.
std::vector<std::filesystem::path> draw_transition_graph(const TransitionGraphFigure& figure, const Output& output);

}
