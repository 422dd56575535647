#include "theory/parallel.hpp"
#include "theory/work.hpp"

#include "model/error.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace exeunt;
using namespace exeunt::theory;

namespace
{

void nap(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

}

TEST_CASE("Cells: each is done once, on any number of threads")
{
    for (const unsigned threads : {0U, 1U, 3U, 64U})
        for (const std::size_t count : {0U, 1U, 40U}) {
            std::vector<std::atomic<int>> done(count);
            for_each_cell(count, threads, {}, [&](std::size_t k) { ++done[k]; });
            for (const auto& times : done) CHECK(times == 1);
        }
}

TEST_CASE("Cells: they run side by side")
{
    std::atomic<int> here = 0, met = 0;
    for_each_cell(3, 3, {}, [&](std::size_t) { // each waits for the others, a second at most
        ++here;
        for (int k = 0; k < 1000 && here < 3; ++k) nap(1);
        if (here == 3) ++met;
    });
    CHECK(met == 3);
    here = 0;
    std::atomic<int> most = 0;
    for_each_cell(6, 2, {}, [&](std::size_t) {
        const int now = ++here;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        nap(5);
        --here;
    });
    CHECK(most <= 2);
}

TEST_CASE("Cells: the exception of the lowest failing cell is thrown, and no further cell is begun")
{
    for (const unsigned threads : {1U, 2U, 8U}) {
        std::atomic<std::size_t> begun = 0;
        try {
            for_each_cell(1000, threads, {}, [&](std::size_t k) {
                ++begun;
                if (k == 2) nap(40); // later than those after it
                if (k >= 2) throw std::runtime_error("cell " + std::to_string(k));
            });
            FAIL("nothing was thrown");
        } catch (const std::runtime_error& error) {
            CHECK(error.what() == std::string("cell 2"));
        }
        CHECK(begun < 1000);
    }
}

TEST_CASE("Cells: progress comes from the calling thread, never falls and ends with all")
{
    const auto caller = std::this_thread::get_id();
    std::vector<std::size_t> seen;
    const Watch watch{.progress = [&](std::size_t done, std::size_t of) {
        CHECK(std::this_thread::get_id() == caller);
        CHECK(of == 6);
        seen.push_back(done);
    }};
    for_each_cell(6, 1, watch, [](std::size_t) { nap(100); });
    CHECK(seen.size() >= 2); // 0.6 s, and it is called a few times a second
    CHECK(std::is_sorted(seen.begin(), seen.end()));
    CHECK(seen.front() < 6);
    CHECK(seen.back() == 6);
}

TEST_CASE("Cells: asked to stop it throws Interrupted, unless all are done or one has failed")
{
    std::atomic<std::size_t> begun = 0;
    const Watch stop{.stop = [] { return true; }};
    CHECK_THROWS_AS(for_each_cell(100, 2, stop,
                                  [&](std::size_t) {
                                      ++begun;
                                      nap(50);
                                  }),
                    Interrupted);
    CHECK(begun < 100);
    CHECK_NOTHROW(for_each_cell(1, 1, stop, [](std::size_t) { nap(300); })); // it was the last cell
    CHECK_THROWS_AS(for_each_cell(2, 1, stop,
                                  [](std::size_t) {
                                      nap(300);
                                      throw BadInput("no");
                                  }),
                    BadInput);
}

TEST_CASE("Cells: an exception from a callback ends the computation, its threads first")
{
    std::atomic<int> running = 0;
    std::atomic<std::size_t> begun = 0;
    const Watch watch{.progress = [](std::size_t, std::size_t) { throw std::logic_error("the screen is full"); }};
    CHECK_THROWS_AS(for_each_cell(200, 2, watch,
                                  [&](std::size_t) {
                                      ++running;
                                      ++begun;
                                      nap(20);
                                      --running;
                                  }),
                    std::logic_error);
    CHECK(running == 0);
    CHECK(begun < 200);
}

TEST_CASE("Cells: with costs the dearest are begun first, equal ones in order, and each keeps its number")
{
    std::vector<std::size_t> begun;
    for_each_cell(std::vector<double>{1, 3, 2, 3}, 1, {}, [&](std::size_t k) { begun.push_back(k); });
    CHECK(begun == std::vector<std::size_t>{1, 3, 2, 0});
}

TEST_CASE("Cells: asked to stop, a cell at work ends at its next step of the exact chain, not at its end")
{
    bool ended = false; // of one thread
    CHECK_THROWS_AS(for_each_cell(1, 1, {.stop = [] { return true; }},
                                  [&](std::size_t) {
                                      for (int k = 0; k < 2000; ++k) {
                                          nap(1); // 2 s in all; the watch is asked after 0.2 s
                                          spend(1);
                                      }
                                      ended = true;
                                  }),
                    Interrupted);
    CHECK(!ended);
}

TEST_CASE("Work: every allowance of a thread is told what is spent, and a late one ends it, until it is gone")
{
    double inner = 0, outer = 0;
    bool late = false;
    {
        const Allowance all({.spent = [&](double work) { outer += work; }});
        {
            const Allowance part({.spent = [&](double work) { inner += work; }, .late = [&] { return late; }});
            spend(1e9);
            late = true;
            CHECK_THROWS_AS(spend(1e9), TooDear);
        }
        CHECK_NOTHROW(spend(1e9));
    }
    CHECK_NOTHROW(spend(1e9));
    CHECK(inner == 2); // 10⁹ multiplications are the unit
    CHECK(outer == 2); // what the inner one ended did not reach it
}
