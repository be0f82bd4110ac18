#include "http/head.hpp"

#include "exact_bytes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace naru::http
{
namespace
{

using namespace std::string_literals;

constexpr head_limits usual{8 * 1024, 32 * 1024, 100};
constexpr head_limits small{64, 256, 4};

/// What became of some bytes: 0 for whole, -1 for not whole, or else the status of the refusal.
constexpr int whole = 0;
constexpr int partial = -1;

struct reading
{
    int outcome;
    std::string why;

    friend bool operator==(const reading& a, const reading& b) = default;
};

std::ostream& operator<<(std::ostream& to, const reading& it)
{
    return to << it.outcome << " " << it.why;
}

reading read(std::string_view text, const head_limits& limits)
{
    const exact_bytes bytes(text);
    request_head head;
    refusal why;
    switch (parse_head(bytes.view(), limits, head, why))
    {
    case progress::partial:
        return {partial, ""};
    case progress::whole:
        return {whole, ""};
    case progress::refused:
        break;
    }
    return {static_cast<int>(why.code), why.why};
}

struct row
{
    const char* name;
    std::string bytes;
    int outcome;
    head_limits limits = usual;
};

std::string line(std::size_t size)
{
    return "X: " + std::string(size - 3, 'v') + "\r\n";
}

const row rows[] = {
    {"nothing", "", partial},
    {"least", "GET / HTTP/1.1\r\n\r\n", whole},
    {"with_fields", "GET /a?b HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", whole},
    {"next_one_behind", "GET / HTTP/1.1\r\n\r\nBAD", whole},
    {"without_empty_line", "GET / HTTP/1.1\r\nHost: a\r\n", partial},
    {"without_last_lf", "GET / HTTP/1.1\r\n\r", partial},

    {"four_empty_lines_before", "\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", whole},
    {"five_empty_lines_before", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400},
    {"empty_line_of_lf", "\nGET / HTTP/1.1\r\n\r\n", 400},

    {"bare_lf_after_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"bare_lf_after_field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
    {"bare_lf_at_the_end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"bare_cr_in_request_line", "GET /\r HTTP/1.1\r\n\r\n", 400},
    {"bare_cr_in_field", "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", 400},
    {"cr_cr_lf", "GET / HTTP/1.1\r\nX: a\r\r\n\r\n", 400},
    {"nul_in_request_line", "GET /\0 HTTP/1.1\r\n\r\n"s, 400},
    {"nul_in_field_name", "GET / HTTP/1.1\r\nX\0: a\r\n\r\n"s, 400},
    {"nul_in_field_value", "GET / HTTP/1.1\r\nX: a\0b\r\n\r\n"s, 400},
    {"delete_in_field_value", "GET / HTTP/1.1\r\nX: a\x7f\r\n\r\n", 400},
    {"obs_text_in_field_value", "GET / HTTP/1.1\r\nX: \xff\xe4\r\n\r\n", whole},

    {"one_word", "GET\r\n\r\n", 400},
    {"two_words", "GET /\r\n\r\n", 400},
    {"four_words", "GET / HTTP/1.1 x\r\n\r\n", 400},
    {"two_spaces", "GET  / HTTP/1.1\r\n\r\n", 400},
    {"tab_for_space", "GET\t/ HTTP/1.1\r\n\r\n", 400},
    {"space_before_method", " GET / HTTP/1.1\r\n\r\n", 400},
    {"space_after_version", "GET / HTTP/1.1 \r\n\r\n", 400},
    {"method_no_token", "G(T / HTTP/1.1\r\n\r\n", 400},
    {"method_lower_case", "get / HTTP/1.1\r\n\r\n", 501},
    {"method_unknown", "FROB / HTTP/1.1\r\n\r\n", 501},
    {"method_connect", "CONNECT a:1 HTTP/1.1\r\n\r\n", 501},

    {"version_1_0", "GET / HTTP/1.0\r\n\r\n", whole},
    {"version_1_9", "GET / HTTP/1.9\r\n\r\n", whole},
    {"version_0_9", "GET / HTTP/0.9\r\n\r\n", 505},
    {"version_2_0", "PRI * HTTP/2.0\r\n\r\n", 505},
    {"version_lower_case", "GET / http/1.1\r\n\r\n", 400},
    {"version_two_digits", "GET / HTTP/1.10\r\n\r\n", 400},
    {"version_comma", "GET / HTTP/1,1\r\n\r\n", 400},
    {"version_other_protocol", "GET / ICY/1.1\r\n\r\n", 400},

    {"target_without_slash", "GET a HTTP/1.1\r\n\r\n", 400},
    {"target_fragment", "GET /a#b HTTP/1.1\r\n\r\n", 400},
    {"target_quote", "GET /\" HTTP/1.1\r\n\r\n", 400},
    {"target_backslash", "GET /a\\b HTTP/1.1\r\n\r\n", 400},
    {"target_eight_bit", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", 400},
    {"target_percent_alone", "GET /% HTTP/1.1\r\n\r\n", 400},
    {"target_percent_one_digit", "GET /%4 HTTP/1.1\r\n\r\n", 400},
    {"target_percent_no_hex", "GET /%zz HTTP/1.1\r\n\r\n", 400},
    {"target_percent_nul", "GET /%00 HTTP/1.1\r\n\r\n", 400},
    {"query_percent_nul", "GET /?a=%00 HTTP/1.1\r\n\r\n", 400},
    {"query_percent_alone", "GET /?a=% HTTP/1.1\r\n\r\n", 400},
    {"target_absolute", "GET http://a/b HTTP/1.1\r\n\r\n", whole},
    {"target_absolute_without_host", "GET http:///b HTTP/1.1\r\n\r\n", 400},
    {"target_other_scheme", "GET ftp://a/b HTTP/1.1\r\n\r\n", 400},
    {"star_for_get", "GET * HTTP/1.1\r\n\r\n", 400},
    {"star_for_options", "OPTIONS * HTTP/1.1\r\n\r\n", whole},

    {"dot", "GET /a/./b HTTP/1.1\r\n\r\n", 400},
    {"two_dots_at_the_end", "GET /a/.. HTTP/1.1\r\n\r\n", 400},
    {"two_dots_encoded", "GET /%2e%2E/b HTTP/1.1\r\n\r\n", 400},
    {"two_dots_half_encoded", "GET /.%2e HTTP/1.1\r\n\r\n", 400},
    {"two_dots_before_encoded_slash", "GET /a/..%2fb HTTP/1.1\r\n\r\n", 400},
    {"two_dots_between_encoded_slashes", "GET /a%2F%2e%2e%2Fb HTTP/1.1\r\n\r\n", 400},
    {"encoded_slash", "GET /a%2Fb HTTP/1.1\r\n\r\n", whole},
    {"dot_alone", "GET /. HTTP/1.1\r\n\r\n", 400},
    {"dots_between_encoded_slashes", "GET /a%2f.%2Fb HTTP/1.1\r\n\r\n", 400},
    {"four_dots", "GET /a/.... HTTP/1.1\r\n\r\n", whole},
    {"dots_and_a_letter", "GET /..a/.b/c../d. HTTP/1.1\r\n\r\n", whole},
    {"encoded_dots_and_a_letter", "GET /%2e%2ea/%2E%2e%2e HTTP/1.1\r\n\r\n", whole},
    {"three_dots", "GET /... HTTP/1.1\r\n\r\n", whole},
    {"dot_file", "GET /.well-known HTTP/1.1\r\n\r\n", whole},
    {"dots_in_query", "GET /?a=/../ HTTP/1.1\r\n\r\n", whole},

    {"space_before_colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"obs_fold", "GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400},
    {"fold_before_first_field", "GET / HTTP/1.1\r\n X: a\r\n\r\n", 400},
    {"field_without_colon", "GET / HTTP/1.1\r\nX\r\n\r\n", 400},
    {"field_without_name", "GET / HTTP/1.1\r\n: a\r\n\r\n", 400},

    {"line_at_limit", "GET / HTTP/1.1\r\n" + line(64) + "\r\n", whole, small},
    {"line_over_limit", "GET / HTTP/1.1\r\n" + line(65) + "\r\n", 431, small},
    {"line_over_limit_without_end", "GET / HTTP/1.1\r\nX: " + std::string(70, 'v'), 431, small},
    {"line_over_limit_ends_in_lf", "GET / HTTP/1.1\r\nX: " + std::string(70, 'v') + "\n\r\n", 431, small},
    {"request_line_at_limit", "GET /" + std::string(50, 'a') + " HTTP/1.1\r\n\r\n", whole, small},
    {"request_line_over_limit", "GET /" + std::string(51, 'a') + " HTTP/1.1\r\n\r\n", 414, small},
    {"request_line_over_limit_ends_in_lf", "GET /" + std::string(70, 'a') + "\n\r\n", 414, small},
    {"method_over_limit", std::string(67, 'A') + " / HTTP/1.1\r\n\r\n", 501, small},
    {"method_over_limit_without_end", std::string(70, 'A'), 501, small},
    {"method_over_limit_ends_in_lf", std::string(70, 'A') + "\n\r\n", 501, small},
    {"method_over_limit_of_head", std::string(70, 'A') + " / HTTP/1.1\r\n\r\n", 501, {100, 60, 4}},
    {"no_method_and_over_limit", std::string(20, 'A') + "(" + std::string(70, 'A'), 400, small},
    {"method_with_target_over_limit", "BREW /" + std::string(70, 'a') + " HTTP/1.1\r\n\r\n", 414, small},
    {"head_at_limit", "GET / HTTP/1.1\r\n" + line(64) + line(64) + line(64) + line(38) + "\r\n", whole,
     small},
    {"head_over_limit", "GET / HTTP/1.1\r\n" + line(64) + line(64) + line(64) + line(39) + "\r\n", 431,
     small},
    {"head_over_limit_ends_in_lf",
     "GET / HTTP/1.1\r\n" + line(64) + line(64) + line(64) + std::string(50, 'v') + "\n\r\n", 431, small},
    {"fields_at_limit", "GET / HTTP/1.1\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n", whole, small},
    {"fields_over_limit", "GET / HTTP/1.1\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n", 431, small},
    {"not_http", "\x16\x03\x01\x02\x03", 400},
    {"tab_in_field_value", "GET / HTTP/1.1\r\nX: a\tb\tccccccccccc\td\r\n\r\n", whole},
    {"control_after_tab", "GET / HTTP/1.1\r\nX: aaaa\tbbb\x1f\r\n\r\n", 400},
};

TEST(Head, reads_what_is_well_formed_and_refuses_the_rest)
{
    for (const row& each : rows)
    {
        SCOPED_TRACE(each.name);
        EXPECT_EQ(read(each.bytes, each.limits).outcome, each.outcome);
    }
}

/// The same, shown in pieces of at most `step` bytes, the first of `first` bytes, and moved with each.
reading read_on(std::string_view text, const head_limits& limits, std::size_t first, std::size_t step)
{
    head_position position;
    request_head head;
    refusal why;
    for (std::size_t size = std::min(first, text.size());; size = std::min(size + step, text.size()))
    {
        const exact_bytes bytes(text.substr(0, size));
        const progress got = parse_head(bytes.view(), limits, position, head, why);
        if (got == progress::refused)
            return {static_cast<int>(why.code), why.why};
        if (got == progress::whole)
            return {whole, ""};
        if (size == text.size())
            return {partial, ""};
    }
}

TEST(Head, goes_on_where_it_stopped_and_comes_to_the_same)
{
    for (const row& each : rows)
    {
        SCOPED_TRACE(each.name);
        const reading at_once = read(each.bytes, each.limits);
        for (const std::size_t step : {1, 2, 3, 7})
            EXPECT_EQ(read_on(each.bytes, each.limits, 0, step), at_once) << step;
        for (std::size_t first = 0; first <= each.bytes.size(); ++first)
            ASSERT_EQ(read_on(each.bytes, each.limits, first, each.bytes.size()), at_once)
                << "cut after " << first;
    }
}

TEST(Head, finds_the_same_parts_wherever_it_is_cut)
{
    const std::string text =
        "\r\nPOST http://a:1/b%20c?x=1&y HTTP/1.0\r\nhOsT: \t a:1 \t\r\nX-Empty: \r\nX:\t \r\n\r\n";
    const auto places = [](const request_head& head)
    {
        std::vector<std::uint32_t> all{
            head.version,          head.absolute,  head.encoded,     head.known,        head.method_text.at,
            head.method_text.size, head.target.at, head.target.size, head.authority.at, head.authority.size,
            head.path.at,          head.path.size, head.query.at,    head.query.size,   head.size};
        for (const field_line& each : head.fields)
            all.insert(all.end(), {each.name.at, each.name.size, each.value.at, each.value.size,
                                   static_cast<std::uint32_t>(each.known)});
        return all;
    };
    request_head expected;
    refusal why;
    ASSERT_EQ(parse_head(text, usual, expected, why), progress::whole);
    for (std::size_t first = 0; first < text.size(); ++first)
        for (std::size_t second = first; second < text.size(); ++second)
        {
            head_position position;
            request_head head;
            for (const std::size_t size : {first, second})
                ASSERT_EQ(parse_head(exact_bytes(text.substr(0, size)).view(), usual, position, head, why),
                          progress::partial);
            ASSERT_EQ(parse_head(exact_bytes(text).view(), usual, position, head, why), progress::whole);
            EXPECT_EQ(head.method, expected.method);
            ASSERT_EQ(places(head), places(expected)) << "cut at " << first << " and " << second;
        }
}

// Not whole, not whole, … and then one verdict, which more bytes do not change.
TEST(Head, gives_the_same_verdict_wherever_it_is_cut)
{
    for (const row& each : rows)
    {
        SCOPED_TRACE(each.name);
        const reading at_the_end = read(each.bytes, each.limits);
        bool decided = false;
        for (std::size_t size = 0; size <= each.bytes.size(); ++size)
        {
            const reading cut = read(std::string_view(each.bytes).substr(0, size), each.limits);
            decided |= cut.outcome != partial;
            if (decided)
            {
                ASSERT_EQ(cut, at_the_end) << "cut after " << size << " bytes";
            }
        }
    }
}

TEST(Head, says_where_the_parts_lie)
{
    const exact_bytes bytes("\r\nPUT /a%20b?x=1&y HTTP/1.0\r\nhOsT: \t a:1 \t\r\nX-Empty: \r\n\r\nbody");
    request_head head;
    refusal why;
    ASSERT_EQ(parse_head(bytes.view(), usual, head, why), progress::whole);
    const char* const base = bytes.view().data();
    EXPECT_EQ(head.method, boost::beast::http::verb::put);
    EXPECT_EQ(head.method_text.of(base), "PUT");
    EXPECT_EQ(head.version, 10u);
    EXPECT_EQ(head.target.of(base), "/a%20b?x=1&y");
    EXPECT_EQ(head.path.of(base), "/a%20b");
    EXPECT_EQ(head.query.of(base), "x=1&y");
    EXPECT_TRUE(head.encoded);
    EXPECT_FALSE(head.absolute);
    ASSERT_EQ(head.fields.size(), 2u);
    EXPECT_EQ(head.fields[0].known, known_field::host);
    EXPECT_EQ(head.fields[0].name.of(base), "hOsT");
    EXPECT_EQ(head.fields[0].value.of(base), "a:1");
    EXPECT_EQ(head.fields[1].known, known_field::other);
    EXPECT_EQ(head.fields[1].value.of(base), "");
    EXPECT_EQ(bytes.view().substr(head.size), "body");
}

TEST(Head, splits_an_absolute_target)
{
    const std::tuple<const char*, const char*, const char*, const char*> targets[] = {
        {"http://a/b?c", "a", "/b", "c"},
        {"HTTPS://a:443/b", "a:443", "/b", ""},
        {"http://a", "a", "", ""},
        {"http://a?c", "a", "", "c"},
        {"http://[::1]:80/?c?d", "[::1]:80", "/", "c?d"},
    };
    for (const auto& [target, authority, path, query] : targets)
    {
        SCOPED_TRACE(target);
        const exact_bytes bytes("GET " + std::string(target) + " HTTP/1.1\r\n\r\n");
        request_head head;
        refusal why;
        ASSERT_EQ(parse_head(bytes.view(), usual, head, why), progress::whole);
        const char* const base = bytes.view().data();
        EXPECT_TRUE(head.absolute);
        EXPECT_EQ(head.authority.of(base), authority);
        EXPECT_EQ(head.path.of(base), path);
        EXPECT_EQ(head.query.of(base), query);
    }
}

TEST(Head, takes_a_method_that_Beast_does_not_know_when_it_is_served)
{
    const std::string methods[] = {"QUERY", "x"};
    head_limits limits = usual;
    limits.methods = methods;
    EXPECT_EQ(read("QUERY / HTTP/1.1\r\n\r\n", limits).outcome, whole);
    EXPECT_EQ(read("x / HTTP/1.1\r\n\r\n", limits).outcome, whole);
    EXPECT_EQ(read("query / HTTP/1.1\r\n\r\n", limits).outcome, 501);
    EXPECT_EQ(read("QUERYX / HTTP/1.1\r\n\r\n", limits).outcome, 501);
    EXPECT_EQ(read("CONNECT a:1 HTTP/1.1\r\n\r\n", limits).outcome, 501);
}

TEST(Head, keeps_nothing_of_the_request_before)
{
    const std::string first = "GET http://a/%20?q HTTP/1.0\r\nX: y\r\n\r\n";
    const std::string second = "GET / HTTP/1.1\r\n\r\n";
    request_head head;
    refusal why;
    ASSERT_EQ(parse_head(first, usual, head, why), progress::whole);
    ASSERT_EQ(parse_head(second, usual, head, why), progress::whole);
    EXPECT_FALSE(head.absolute);
    EXPECT_FALSE(head.encoded);
    EXPECT_EQ(head.version, 11u);
    EXPECT_EQ(head.query.size, 0u);
    EXPECT_TRUE(head.fields.empty());
    EXPECT_EQ(head.size, second.size());
}

TEST(Head, knows_every_byte_of_a_token_and_of_a_value)
{
    for (int c = 0; c < 256; ++c)
    {
        SCOPED_TRACE(c);
        const std::string text(1, static_cast<char>(c));
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        const bool sign = c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(text) != std::string_view::npos;
        EXPECT_EQ(is_token(text), alphanumeric || sign);
        EXPECT_EQ(is_field_value(text), c == '\t' || (c >= 0x20 && c != 0x7f));
    }
    EXPECT_FALSE(is_token(""));
    EXPECT_TRUE(is_field_value(""));
}

TEST(Head, knows_every_byte_of_a_value_wherever_it_stands)
{
    for (const char around : {'a', ' ', '\t', '\x7e', '\x80', '\xff'})
        for (std::size_t at = 0; at < 20; ++at)
            for (int c = 0; c < 256; ++c)
            {
                std::string text(20, around);
                text[at] = static_cast<char>(c);
                ASSERT_EQ(is_field_value(exact_bytes(text).view()), c == '\t' || (c >= 0x20 && c != 0x7f))
                    << c << " at " << at << " among " << static_cast<int>(around);
            }
}

TEST(Head, compares_names_without_case_and_nothing_but_case)
{
    EXPECT_TRUE(equals_ignoring_case("Content-LENGTH", "content-length"));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_case("[", "{")); // which differ in the bit that letters differ in
    EXPECT_FALSE(equals_ignoring_case("@", "`"));
    EXPECT_EQ(trimmed(" \t a b\t "), "a b");
    EXPECT_EQ(trimmed(" \t"), "");
}

} // namespace
} // namespace naru::http
