// exeunt simulate: the same bytes however they came about, and one line for what cannot be.
#include "refused.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

using namespace exeunt::cli::tests;
using Catch::Contains;

namespace
{

/// A second's work at the most: two wells, clip 0.7 and none, exits after some tens and hundreds of steps.
const std::string quick = "simulate --potential 'x^4/4 - x^2/2 + 0.1*x' --set potential.domain=-2.5,2.5 "
                          "--set potential.clamp=true --set dynamics.clip=0.7,inf "
                          "--set dynamics.learning_rate=0.2,0.1 --replicas 3000 --quiet --out here ";
const std::string endless = "simulate wang2022 --set dynamics.clip=0.5 --replicas 1000000000 --quiet --out here ";

std::uint64_t hash(const std::string& text) // FNV-1a
{
    std::uint64_t h = 0xcbf29ce484222325;
    for (const char byte : text) h = (h ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return h;
}

/// Runs the program and signals it once, after so many seconds.
std::string signalled(const std::string& signal, double seconds)
{
    return fmt::format("bash -c '\"$0\" \"$@\" & p=$!; sleep {}; kill -{} $p 2>/dev/null; wait $p'", seconds, signal);
}

std::string exported(const Scratch& folder) { return bytes(folder.path / "here/exits.csv"); }

}

TEST_CASE("simulate exports the same bytes on 1 and 2 threads, killed and resumed, extended, and as the known answer")
{
    const Scratch one, two, killed, extended;
    const Answer answer = call(quick + "--export csv --threads 1", one.path);
    INFO(answer.err);
    REQUIRE(answer.status == 0);
    CHECK(answer.err.empty());
    const std::string expected = exported(one);
    CHECK(hash(expected) == 0x9edc86af29842df);
    CHECK(one.names() == std::set<std::string>{"here", "here/campaign.db", "here/exits.csv"});

    const unsigned cores = std::min(2U, std::max(1U, std::thread::hardware_concurrency()));
    CHECK(call(quick + fmt::format("--export csv --threads {}", cores), two.path).status == 0);
    CHECK(exported(two) == expected);

    int kills = 0;
    for (int k = 0; k < 20; ++k) kills += call(quick, killed.path, signalled("KILL", 0.005 * k)).status == 137;
    CHECK(kills > 0);
    CHECK(call(quick + "--export csv", killed.path).status == 0);
    CHECK(exported(killed) == expected);

    CHECK(call(quick + "--replicas 100 --set dynamics.clip=inf", extended.path).status == 0);
    CHECK(call(quick + "--set dynamics.learning_rate=0.1", extended.path).status == 0);
    CHECK(call(quick + "--export csv", extended.path).status == 0);
    CHECK(exported(extended) == expected);
}

TEST_CASE("simulate's JSON and table say what the exported exits say")
{
    const Scratch folder;
    const Answer answer = call(quick + "--export csv --json --max-steps 1500", folder.path);
    REQUIRE(answer.status == 0);
    const auto json = nlohmann::json::parse(answer.out);
    CHECK(json.at("store") == "here/campaign.db");
    CHECK(json.at("export") == "here/exits.csv");
    CHECK(json.at("max_steps") == 1500);
    CHECK(json.at("seed") == 2022);
    REQUIRE(json.at("cells").size() == 8);

    std::istringstream lines(exported(folder));
    std::string line;
    std::getline(lines, line);
    CHECK(line == "clip,learning_rate,well,replica,exit_step,to,final_state");
    bool some_censored = false, some_not = false;
    for (const auto& cell : json.at("cells")) {
        double steps = 0, squares = 0;
        std::uint64_t censored = 0, to_other = 0;
        for (int r = 0; r < 3000; ++r) {
            REQUIRE(std::getline(lines, line));
            std::vector<std::string> field(1);
            for (const char c : line) c == ',' ? field.emplace_back() : field.back() += std::string(1, c);
            REQUIRE(field.size() == 7);
            CHECK(field[3] == std::to_string(r));
            CHECK(std::stoi(field[2]) == cell.at("well"));
            CHECK((field[0] == "inf" ? cell.at("clip") == "inf" : cell.at("clip") == std::stod(field[0])));
            CHECK(cell.at("learning_rate") == std::stod(field[1]));
            const double step = std::stod(field[4]);
            steps += step;
            squares += step * step;
            censored += field[5].empty() && step == 1500;
            to_other += field[5] == std::to_string(3 - cell.at("well").get<int>());
        }
        CHECK(cell.at("steps") == steps);
        CHECK(cell.at("censored") == censored);
        CHECK(cell.at("exits") == 3000 - censored);
        CHECK(to_other == 3000 - censored);
        if (to_other > 0) CHECK(cell.at("exit_split").at(0).at("exits") == to_other);
        if (censored > 0) {
            CHECK(cell.at("mean_exit_time").is_null());
            some_censored = true;
        } else {
            CHECK(cell.at("mean_exit_time") == steps / 3000);
            const double variance = (squares - steps * steps / 3000) / 2999;
            CHECK(cell.at("mean_exit_time_standard_error").get<double>() == Approx(std::sqrt(variance / 3000)));
            some_not = true;
        }
    }
    CHECK(some_censored);
    CHECK(some_not);
    CHECK_FALSE(std::getline(lines, line));
    const std::string text = call(quick + "--max-steps 1500", folder.path).out;
    CHECK_THAT(text, Contains("mean exit time") && Contains("Store: here/campaign.db") && !Contains("Exits:"));
}

TEST_CASE(
    "simulate: wrong numbers, a store of another seed or spec, damage and a lock are one line, and change nothing")
{
    const Scratch folder;
    refused(folder, quick + "--replicas 0", "--replicas 0: must be a whole number from 1");
    refused(folder, quick + "--replicas=-3", "must be a whole number from 1");
    refused(folder, quick + "--max-steps 0", "--max-steps 0: must be a whole number from 1");
    refused(folder, quick + "--threads 4096", "--threads 4096: there are");
    refused(folder, quick + "--export xml", "--export xml: there is csv");
    refused(folder, "predict wang2022 --replicas 3", "--replicas: no such option");

    REQUIRE(call(quick + "--replicas 200", folder.path).status == 0);
    refused(folder, quick + "--seed 7", "here/campaign.db holds replicas of seed 2022, not 7");
    refused(folder, quick + "--set noise.alpha=1.5", "holds replicas of another spec");
    refused(folder, quick + "--max-steps 5", "--max-steps none, not 5");

    const Answer second = call(quick + "--replicas 1000000000", folder.path,
                               "bash -c '\"$0\" \"$@\" 2>/dev/null & p=$!; sleep 0.7; \"$0\" \"$@\"; s=$?; kill $p; "
                               "wait $p; exit $s'");
    INFO(second.err);
    CHECK(second.status == 2);
    CHECK(second.one_line());
    CHECK_THAT(second.err, Contains("here/campaign.db is in use by another run"));
    CHECK(call(quick + "--replicas 200", folder.path).status == 0);

    const std::string whole = bytes(folder.path / "here/campaign.db");
    folder.write("here/campaign.db", whole.substr(0, whole.size() / 2));
    refused(folder, quick, "here/campaign.db is damaged");
    folder.write("here/campaign.db", "exit_step\n12\n");
    refused(folder, quick, "here/campaign.db is no store of exeunt");
    fs::remove(folder.path / "here/campaign.db");
    fs::create_directory(folder.path / "here/campaign.db");
    refused(folder, quick, "cannot write here/campaign.db: it is no regular file");
}

TEST_CASE("simulate: SIGINT and SIGTERM keep what ended, status 130, and the same command goes on")
{
    const Scratch fresh;
    const std::string fewer = "--replicas 300 --set dynamics.learning_rate=0.05 --export csv";
    REQUIRE(call(endless + fewer, fresh.path).status == 0);
    for (const std::string signal : {"INT", "TERM"}) {
        const Scratch folder;
        const Answer answer =
            call(endless + "--set dynamics.learning_rate=0.05 --export csv", folder.path, signalled(signal, 1));
        INFO(answer.err);
        CHECK(answer.status == 130);
        CHECK(answer.err == "exeunt: interrupted\n");
        CHECK(folder.names() == std::set<std::string>{"here", "here/campaign.db"});
        CHECK(fs::file_size(folder.path / "here/campaign.db") > 1'000'000);
        CHECK(call(endless + fewer, folder.path).status == 0);
        CHECK(exported(folder) == exported(fresh));
    }
}

TEST_CASE("simulate: a full disk is one line, no half of an export is left, and the store goes on")
{
    const Scratch fresh, folder;
    REQUIRE(call(quick + "--export csv", fresh.path).status == 0);
    const Answer full = call(quick + "--replicas 100000", folder.path, "ulimit -f 400;"); // 200 KiB
    INFO(full.err);
    CHECK(full.status == 2);
    CHECK(full.one_line());
    CHECK_THAT(full.err, Contains("cannot write here/campaign.db"));
    const Answer table = call(quick + "--export csv --set dynamics.clip=inf", folder.path, "ulimit -f 700;");
    INFO(table.err);
    CHECK(table.status == 2);
    CHECK_THAT(table.err, Contains("cannot write here/exits.csv: File too large"));
    CHECK(folder.names() == std::set<std::string>{"here", "here/campaign.db"});
    CHECK(call(quick + "--export csv", folder.path).status == 0);
    CHECK(exported(folder) == exported(fresh));
}

TEST_CASE("simulate: a potential that is not a number, or a learning rate that overflows, is one line with the cell")
{
    const Scratch folder;
    const std::string root = "simulate --potential 'x^4/4 - x^2/2 + 0.1*sqrt(x + 3)' --set potential.domain=-2.5,2.5 "
                             "--set dynamics.learning_rate=0.2 --replicas 2000 --quiet --out here ";
    const Answer answer = call(root + "--set dynamics.clip=0.3,inf", folder.path);
    INFO(answer.err);
    CHECK(answer.status == 4);
    CHECK(answer.one_line());
    CHECK_THAT(answer.err, Contains("X is not finite at step") && Contains("b = inf"));
    CHECK(call(root + "--set dynamics.clip=0.3", folder.path).status == 0); // stored, for the most part
    const Answer large = call("simulate --potential 'x^4/4 - x^2/2 + 0.1*x' --set potential.domain=-2.5,2.5 "
                              "--set dynamics.learning_rate=1e200 --set dynamics.clip=inf --quiet --out there",
                              folder.path);
    INFO(large.err);
    CHECK(large.status == 4);
    CHECK(large.one_line());
    CHECK_THAT(large.err, Contains("lower the learning rate"));
}

#ifdef EXEUNT_MPIEXEC
namespace
{

/// On this machine alone: it needs no ssh.
std::string mpirun(int ranks)
{
    return fmt::format(
        "OMPI_MCA_plm=isolated OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 '{}' --oversubscribe -np {}",
        EXEUNT_MPIEXEC, ranks);
}

}

TEST_CASE("simulate under mpirun: 1 and 3 ranks give the bytes of one process, and one process continues them")
{
    const Scratch alone;
    REQUIRE(call(quick + "--export csv", alone.path).status == 0);
    for (const int ranks : {1, 3}) {
        const Scratch folder;
        CHECK(call(quick + "--threads 1 --replicas 1000", folder.path, mpirun(ranks)).status == 0);
        CHECK(call(quick + "--threads 1 --set dynamics.clip=inf", folder.path).status == 0);
        const Answer answer = call(quick + "--threads 1 --export csv --json", folder.path, mpirun(ranks));
        INFO(answer.err);
        CHECK(answer.status == 0);
        CHECK(nlohmann::json::parse(answer.out).at("cells").size() == 8); // one rank prints
        CHECK(exported(folder) == exported(alone));
    }
}

TEST_CASE("simulate under mpirun: an error is one line of ours, whichever rank has it, a signal keeps what ended")
{
    const Scratch folder;
    const auto lines = [](const std::string& text) {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = text.find("exeunt: ", at)) != std::string::npos; ++at) ++count;
        return count;
    };
    const Answer absent = call("simulate nowhere", folder.path, mpirun(3));
    CHECK(absent.status == 2);
    CHECK(lines(absent.err) == 1);
    const Answer nan = call("simulate --potential 'x^4/4 - x^2/2 + 0.1*sqrt(x + 3)' --set potential.domain=-2.5,2.5 "
                            "--set dynamics.learning_rate=0.2 --set dynamics.clip=inf --quiet --threads 1 --out nan",
                            folder.path, mpirun(3));
    INFO(nan.err);
    CHECK(nan.status == 4);
    CHECK(lines(nan.err) == 1);
    CHECK_THAT(nan.err, Contains("X is not finite"));

    // the last rank is told to stop; it tells the others
    folder.write("rank.sh", "\"$@\" & p=$!\n[ $OMPI_COMM_WORLD_RANK = 2 ] && { sleep 1.5; kill -INT $p; }\nwait $p\n");
    const Answer stopped = call(endless + "--threads 1", folder.path, mpirun(3) + " sh rank.sh");
    INFO(stopped.err);
    CHECK(stopped.status == 130);
    CHECK(lines(stopped.err) == 1);
    CHECK(fs::file_size(folder.path / "here/campaign.db") > 100'000);
    const Scratch fresh;
    const std::string fewer = "--replicas 300 --set dynamics.learning_rate=0.05 --export csv";
    REQUIRE(call(endless + fewer, fresh.path).status == 0);
    REQUIRE(call(endless + fewer, folder.path).status == 0);
    CHECK(exported(folder) == exported(fresh));
}
#endif

TEST_CASE(
    "simulate --paths: table, JSON and tables say the same, one process as three ranks, and what makes no sense is "
    "one line")
{
    const std::string paths = "simulate wang2022 --set dynamics.clip=0.5 --set dynamics.learning_rate=0.05 --paths 300 "
                              "--steps 500 --quiet --out here ";
    const Scratch one, ranks;
    const Answer answer = call(paths + "--export csv --json", one.path);
    INFO(answer.err);
    REQUIRE(answer.status == 0);
    const auto json = nlohmann::json::parse(answer.out);
    CHECK(json.at("paths") == 300);
    CHECK(json.at("cells").size() == 4);
    std::istringstream lines(bytes(one.path / "here/paths.csv"));
    std::string line;
    std::getline(lines, line);
    CHECK(line == "clip,learning_rate,well,replica,steps_in_1,steps_in_2,steps_in_3,steps_in_4,final_state");
    double in_second = 0;
    for (int k = 0; k < 300 && std::getline(lines, line); ++k) { // the first cell: paths from well 1
        std::istringstream cells(line);
        std::string cell;
        for (int column = 0; column <= 5; ++column) std::getline(cells, cell, ',');
        in_second += std::stod(cell) / 500 / 300;
    }
    CHECK(json.at("cells").at(0).at("time").at(1).at("share").get<double>() == Approx(in_second).epsilon(1e-12));
    double total = 0;
    for (const auto& time : json.at("cells").at(0).at("time")) total += time.at("share").get<double>();
    CHECK(total == Approx(1).epsilon(1e-12));
    CHECK_THAT(call(paths, one.path).out, Contains("in field 4") && Contains("300 paths of 500 steps"));
#ifdef EXEUNT_MPIEXEC
    const Answer three = call(paths + "--export csv", ranks.path, mpirun(3));
    INFO(three.err);
    CHECK(three.status == 0);
    for (const char* const name : {"paths.csv", "wells.csv", "states.csv", "histogram.csv"})
        CHECK(bytes(ranks.path / "here" / name) == bytes(one.path / "here" / name));
#endif
    refused(one, "simulate wang2022 --paths 3 --replicas 3", "leave out --replicas and --max-steps");
    refused(one, "simulate wang2022 --steps 3", "say how many with --paths");
    refused(one, "simulate wang2022 --paths 0", "--paths");
}
