// The store of a campaign: what comes back, and what is refused.
#include "sim/store.hpp"

#include "model/error.hpp"
#include "tests/scratch.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <csignal>
#include <limits>
#include <sqlite3.h>
#include <sys/resource.h>

using namespace exeunt;
using namespace exeunt::tests;
using Catch::Contains;
using sim::Numbered;

namespace
{

const sim::Identity mine{
    .model = "potential=x^2\nclamp=0\n", .seed = 7, .step_limit = UINT64_MAX, .arithmetic = "float", .program = "0"};
const sim::Cell cell{.clip = 0.5, .learning_rate = 0.01, .well = 1, .key = 0xfedcba9876543210};
const sim::Cell other{.clip = std::numeric_limits<double>::infinity(), .learning_rate = 0.01, .well = 0, .key = 5};

/// Exits of replicas first, first + stride, …
std::vector<Numbered> some(std::uint64_t first, std::uint64_t count, std::uint64_t stride = 1)
{
    std::vector<Numbered> exits;
    for (std::uint64_t k = 0; k < count; ++k) {
        const std::uint64_t r = first + stride * k;
        exits.push_back({r,
                         {.step = 1 + r * r,
                          .place = static_cast<std::uint32_t>(r % 5),
                          .censored = r % 7 == 0,
                          .final_state = std::sin(static_cast<double>(r))}});
    }
    return exits;
}

std::vector<Numbered> all_of(const sim::Store& store, const sim::Cell& of)
{
    std::vector<Numbered> exits;
    store.read(of, [&](const Numbered& e) { exits.push_back(e); });
    return exits;
}

bool equal(const std::vector<Numbered>& a, const std::vector<Numbered>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Numbered& x, const Numbered& y) { return x.replica == y.replica && x.exit == y.exit; });
}

/// Opening the file must be refused with words in one line, and leave every byte of it.
void refused(const Scratch& folder, const std::string& words, const sim::Identity& identity = mine)
{
    const fs::path file = folder.path / "campaign.db";
    const std::string before = bytes(file);
    std::string message;
    try {
        const sim::Store store(file, identity);
        all_of(store, cell);
    } catch (const BadInput& problem) {
        message = problem.what();
    }
    CHECK_THAT(message, Contains(words) && Contains("campaign.db") && !Contains("\n"));
    CHECK(bytes(file) == before);
}

}

TEST_CASE("Batch: encode and decode undo each other, up to the largest numbers, a cut or a longer blob is none")
{
    std::vector<Numbered> exits = some(0, 300, 3);
    exits.push_back({UINT64_MAX, {UINT64_MAX, UINT32_MAX, true, -0.0}});
    exits[5].exit.final_state = -std::numeric_limits<double>::denorm_min();
    const std::string blob = sim::encode(exits);
    std::vector<Numbered> back;
    const auto keep = [&](const Numbered& e) { back.push_back(e); };
    CHECK(sim::decode(blob, exits.size(), keep));
    CHECK(equal(back, exits));
    CHECK(std::signbit(back.back().exit.final_state));
    for (std::size_t cut = 0; cut < blob.size(); cut += 7)
        CHECK_FALSE(sim::decode(std::string_view(blob).substr(0, cut), exits.size(), keep));
    CHECK_FALSE(sim::decode(blob + '\0', exits.size(), keep));
    CHECK_FALSE(sim::decode(blob, exits.size() - 1, keep));
    CHECK_FALSE(sim::decode(std::string(40, '\xff'), 1, keep));
}

TEST_CASE("Store: what was added is there when it is opened again, cell by cell, and 10^7 exits need under 1 GiB")
{
    const Scratch folder;
    const fs::path file = folder.path / "campaign.db";
    {
        sim::Store store(file, mine);
        CHECK(all_of(store, cell).empty());
        auto mixed = some(10, 50);
        std::reverse(mixed.begin(), mixed.end());
        store.add(cell, mixed);
        store.add(other, some(0, 3));
        store.add(cell, {});
    }
    sim::Store store(file, mine);
    CHECK(equal(all_of(store, cell), some(10, 50)));
    CHECK(equal(all_of(store, other), some(0, 3)));
    store.add(cell, some(0, 10));
    CHECK(store.stored(cell, 100) == std::vector<bool>(60, true));
    CHECK(store.stored(cell, 20) == std::vector<bool>(20, true));
    store.add(cell, some(62, 1));
    CHECK_FALSE(store.stored(cell, 63)[61]);

    // a twentieth of 10^7, with steps of 6 digits
    const auto before = fs::file_size(file);
    for (std::uint64_t batch = 0; batch < 8; ++batch) {
        auto exits = some(1000 + batch * 62'500, 62'500);
        for (auto& e : exits) e.exit.step %= 1'000'000;
        store.add(other, exits);
    }
    CHECK(20 * (fs::file_size(file) - before) < 160'000'000);
    CHECK(folder.names() == std::set<std::string>{"campaign.db", "campaign.db-journal"});
}

TEST_CASE("Store: of another model, seed, step limit, arithmetic or format, it is refused with one line and untouched")
{
    const Scratch folder;
    const fs::path file = folder.path / "campaign.db";
    sim::Store(file, mine).add(cell, some(0, 9));
    sim::Identity another = mine;
    another.program = std::string("1");
    CHECK(equal(all_of(sim::Store(file, another), cell), some(0, 9)));
    another.model = std::string("potential=x^4\nclamp=0\n");
    refused(folder, "another spec (potential=x^2 there, potential=x^4 here)", another);
    (another = mine).seed = 8;
    refused(folder, "seed 7, not 8", another);
    (another = mine).step_limit = 100;
    refused(folder, "--max-steps none, not 100", another);
    (another = mine).arithmetic = std::string("double");
    refused(folder, "float precision, not double", another);

    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "PRAGMA user_version = 99", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    refused(folder, "format 99");
}

TEST_CASE("Store: open elsewhere, it is refused with one line, and free again when the other closed it")
{
    const Scratch folder;
    const fs::path file = folder.path / "campaign.db";
    {
        sim::Store store(file, mine);
        store.add(cell, some(0, 9));
        CHECK_THROWS_WITH(sim::Store(file, mine), Contains("in use by another run"));
        store.add(cell, some(9, 9)); // and the first goes on
    }
    CHECK(equal(all_of(sim::Store(file, mine), cell), some(0, 18)));
}

TEST_CASE("Store: a file that is no store, is cut, or has a flipped byte is refused with one line and untouched")
{
    const Scratch folder;
    const fs::path file = folder.path / "campaign.db";
    folder.write("campaign.db", "clip,learning_rate\n");
    refused(folder, "no store of exeunt");
    folder.write("campaign.db", std::string(4096, 'x'));
    refused(folder, "no store of exeunt");
    sqlite3* db = nullptr;
    fs::remove(file);
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "CREATE TABLE mail (id)", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
    refused(folder, "no store of exeunt");
    fs::remove(file);

    {
        sim::Store store(file, mine);
        for (std::uint64_t k = 0; k < 20; ++k) store.add(cell, some(500 * k, 500));
    }
    const std::string whole = bytes(file);
    for (const std::size_t length :
         {whole.size() - 1, whole.size() - 4096, whole.size() / 2, std::size_t{5000}, std::size_t{100}}) {
        folder.write("campaign.db", whole.substr(0, length));
        refused(folder, length > 100 ? "is damaged" : "campaign.db");
    }
    std::size_t unseen = 0; // bytes that hold nothing: unused space of pages
    for (std::size_t at = 100; at < whole.size(); at += 997) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
        folder.write("campaign.db", flipped);
        try {
            sim::Store store(file, mine);
            std::vector<Numbered> found = all_of(store, cell);
            CHECK(equal(found, some(0, 10'000)));
            ++unseen;
        } catch (const BadInput& problem) {
            CHECK_THAT(problem.what(), Contains("campaign.db") && !Contains("\n"));
        }
    }
    CHECK(unseen < whole.size() / 997 / 2);
}

TEST_CASE("Store: a place that takes no file is one line, and nothing is left")
{
    const Scratch folder;
    CHECK_THROWS_WITH(sim::Store(folder.path, mine), Contains("no regular file"));
    CHECK_THROWS_WITH(sim::Store(folder.path / "none/campaign.db", mine), Contains("cannot write"));
    CHECK_THROWS_WITH(sim::Store("/proc/campaign.db", mine), Contains("cannot write"));
    CHECK(folder.names().empty());

    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit full{0, before.rlim_max}; // what a full disk looks like
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &full);
    CHECK_THROWS_WITH(sim::Store(folder.path / "campaign.db", mine), Contains("cannot write"));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(folder.names().empty());
}
