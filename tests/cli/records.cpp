// The outcome of every test for other programs, and the pages that explain the claims.
#include "cli/records.hpp"

#include "cli/explain.hpp"
#include "cli/json_value.hpp"
#include "model/error.hpp"
#include "record.hpp"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <catch2/catch.hpp>
#include <sstream>

using namespace exeunt;
using namespace exeunt::cli;
using namespace exeunt::cli::tests;
using validation::Verdict;

TEST_CASE("Records: every line is a document by itself, with the verdict, its reason and what it was made from")
{
    const model::Spec spec = two_clips();
    const auto made = record(spec, theory::Setting(spec), Verdict::refuted);
    std::istringstream lines(record_lines(spec, made));
    std::size_t k = 0;
    for (std::string line; std::getline(lines, line); ++k) {
        const Json json = Json::parse(line);
        REQUIRE(k < made.hypotheses.size());
        const auto& h = made.hypotheses[k];
        CHECK(json.at("schema") == 1);
        CHECK(json.at("id") == h.id);
        CHECK(json.at("verdict") == word(h.verdict));
        CHECK(json.at("seed") == spec.verify.seed);
        CHECK(json.at("spec").get<std::string>().size() == 16);
        for (const char* const key :
             {"claim", "statistic", "p_value", "e_value", "alpha", "estimate", "interval", "expected", "expected_error",
              "detectable_effect", "planned", "samples", "censored", "reason", "version"})
            CHECK(json.contains(key));
    }
    CHECK(k == made.hypotheses.size());
}

TEST_CASE("Records: JUnit's XML is well formed, with failures for what is refuted and text of the spec as text")
{
    const model::Spec spec = two_clips();
    auto made = record(spec, theory::Setting(spec), Verdict::refuted);
    made.hypotheses.front().reason = "a < b & \"c\"\x01";
    made.hypotheses.front().verdict = Verdict::inconclusive;
    std::istringstream text(junit_xml(spec, made));
    boost::property_tree::ptree xml;
    read_xml(text, xml);
    const auto& suite = xml.get_child("testsuite");
    CHECK(suite.get<std::size_t>("<xmlattr>.tests") == made.hypotheses.size());
    std::size_t failures = 0, skipped = 0;
    for (const auto& [name, test] : suite) {
        if (name != "testcase") continue;
        failures += test.count("failure");
        skipped += test.count("skipped");
    }
    CHECK(failures > 0);
    CHECK(failures == suite.get<std::size_t>("<xmlattr>.failures"));
    CHECK(skipped == suite.get<std::size_t>("<xmlattr>.skipped"));
    CHECK(suite.get_child("testcase.skipped").get<std::string>("<xmlattr>.message") == "a < b & \"c\"");
}

TEST_CASE("Explain: every hypothesis of a record has a page, and a near miss is answered")
{
    const model::Spec spec = two_clips();
    for (const auto& h : record(spec, theory::Setting(spec)).hypotheses) {
        const std::string page = explain_text(h.id);
        for (const char* const head : {"Claim\n", "Theorem\n", "Test\n", "Size and power\n"})
            CHECK_THAT(page, Catch::Contains(head));
    }
    CHECK_THAT(explain_text(""), Catch::Contains("exit-split.limit"));
    CHECK_THROWS_WITH(explain_text("exit-tme.mean"), Catch::Contains("exit-time.mean"));
    CHECK_THROWS_AS(explain_text("nothing"), BadInput);
}
