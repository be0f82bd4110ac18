#include "http/chunk_decoder.hpp"

#include "exact_bytes.hpp"
#include "huge_bytes.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <memory>
#include <string>

namespace naru::http
{
namespace
{

using namespace std::string_literals;

constexpr head_limits usual{8 * 1024, 32 * 1024, 100};
constexpr head_limits small{32, 64, 2};
constexpr std::size_t longest_body = 100;

constexpr int whole = 0;
constexpr int partial = -1;

struct decoding
{
    int outcome; // or the status of the refusal
    std::string content;
    std::size_t consumed;

    friend bool operator==(const decoding&, const decoding&) = default;
};

std::ostream& operator<<(std::ostream& to, const decoding& it)
{
    return to << it.outcome << " '" << it.content << "' of " << it.consumed;
}

/// Feeds `coded` in pieces of at most `step` bytes, the first of them `first` bytes, and moves it with each,
/// as a session does.
decoding decode(std::string_view coded, const head_limits& limits, std::size_t first, std::size_t step)
{
    chunk_decoder decoder;
    decoder.begin(longest_body, limits);
    std::string so_far;
    for (std::size_t next = std::min(first, coded.size());; next = std::min(next + step, coded.size()))
    {
        so_far.append(coded.substr(so_far.size(), next - so_far.size()));
        const exact_bytes bytes(so_far);
        refusal why;
        const progress got = decoder.decode(bytes.span(), why);
        so_far.assign(bytes.view());
        if (got == progress::refused)
            return {static_cast<int>(why.code), "", 0};
        if (got == progress::whole)
            return {whole, so_far.substr(0, decoder.content()), decoder.consumed()};
        if (next == coded.size())
            return {partial, so_far.substr(0, decoder.content()), 0};
    }
}

struct row
{
    std::string coded;
    int outcome;
    std::string content = "";
    std::size_t left = 0; // bytes behind the message
    head_limits limits = usual;
};

const row rows[] = {
    {"", partial},
    {"0\r\n\r\n", whole},
    {"5\r\nhello\r\n0\r\n\r\n", whole, "hello"},
    {"5\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\n\r\nGET /", whole, "hello world", 5},
    {"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n000\r\n\r\n", whole, "abc"},
    {"A\r\n0123456789\r\n0\r\n\r\n", whole, "0123456789"},
    {"0000000000000005\r\nhello\r\n0\r\n\r\n", whole, "hello"},
    {"2\r\n\r\n\r\n0\r\n\r\n", whole, "\r\n"},
    {"5\r\nhel", partial, "hel"},
    {"5\r\nhello\r\n0\r\n", partial, "hello"},
    {"5\r\nhello\r\n0\r\nX: y\r\n", partial, "hello"},
    {"64\r\n" + std::string(100, 'x') + "\r\n0\r\n\r\n", whole, std::string(100, 'x')},

    {"65\r\n", 413},
    {"64\r\n" + std::string(100, 'x') + "\r\n1\r\n", 413},
    {"5\r\nhello\r\nfffffffffffffffb\r\n", 400},
    {"7fffffffffffffff\r\n", 413},
    {"8000000000000000\r\n", 400},
    {"10000000000000005\r\nhello\r\n", 400},
    {"00000000000000005\r\nhello\r\n", 400},

    {"\r\n", 400},
    {" 5\r\n", 400},
    {"5 \r\n", 400},
    {"+5\r\n", 400},
    {"-5\r\n", 400},
    {"0x5\r\n", 400},
    {"5h\r\n", 400},
    {"5\nhello\r\n", 400},
    {"\n", 400},
    {"5\r\r\nhello\r\n", 400},
    {"5\r\nhello!\r\n", 400},
    {"5\r\nhello\n0\r\n\r\n", 400},
    {"5\r\nhello\rX", 400},
    {"5\r\nhello0\r\n\r\n", 400},
    {"0\r\n\n", 400},
    {"0\r\n\rX", 400},

    {"5;a\r\nhello\r\n0;b=c\r\n\r\n", whole, "hello"},
    {"5 ;\ta = b ;c=\"d;\\\"e\"\r\nhello\r\n0\r\n\r\n", whole, "hello"},
    {"5;\r\n", 400},
    {"5;a=\r\n", 400},
    {"5;a;\r\n", 400},
    {"5;a b\r\n", 400},
    {"5;a=\"b\r\n", 400},
    {"5;a=\"b\\\"\r\n", 400},
    {"5;a=\"\x01\"\r\n", 400},
    {"5;a\0\r\n"s, 400},
    {"5;" + std::string(1022, 'a') + "\r\nhello\r\n0\r\n\r\n", whole, "hello"},
    {"5;" + std::string(1023, 'a') + "\r\nhello\r\n0\r\n\r\n", 400},
    {"5;" + std::string(1100, 'a'), 400},

    {"0\r\nX: y\r\nZ:\r\n\r\nGET", whole, "", 3},
    {"0\r\nContent-Length: 5\r\n\r\n", 400},
    {"0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"0\r\nhost: a\r\n\r\n", 400},
    {"0\r\nX : y\r\n\r\n", 400},
    {"0\r\nX: y\r\n z\r\n\r\n", 400},
    {"0\r\nGET / HTTP/1.1\r\n\r\n", 400},
    {"0\r\nX: y\n\r\n", 400},
    {"0\r\nX: y\rz\r\n\r\n", 400},
    {"0\r\nX: y\r" + std::string(40, 'v') + "\r\n\r\n", 400, "", 0, small},
    {"0\r\nX: " + std::string(40, 'v') + "\rv\r\n\r\n", 431, "", 0, small},
    {"0\r\nX: " + std::string(29, 'v') + "\r\n\r\n", whole, "", 0, small},
    {"0\r\nX: " + std::string(30, 'v') + "\r\n\r\n", 431, "", 0, small},
    {"0\r\nX: " + std::string(40, 'v'), 431, "", 0, small},
    {"0\r\nA:\r\nB:\r\n\r\n", whole, "", 0, small},
    {"0\r\nA:\r\nB:\r\nC:\r\n\r\n", 431, "", 0, small},
    {"0\r\nA:" + std::string(30, 'v') + "\r\nB:" + std::string(30, 'v') + "\r\n\r\n", 431, "", 0, small},
};

TEST(ChunkDecoder, takes_the_coding_out_and_refuses_what_is_malformed)
{
    for (const row& each : rows)
    {
        SCOPED_TRACE(each.coded);
        const decoding got = decode(each.coded, each.limits, each.coded.size(), 1);
        ASSERT_EQ(got.outcome, each.outcome);
        if (each.outcome > 0)
            continue;
        EXPECT_EQ(got.content, each.content);
        if (each.outcome == whole)
        {
            EXPECT_EQ(got.consumed, each.coded.size() - each.left);
        }
    }
}

TEST(ChunkDecoder, decodes_the_same_wherever_it_is_cut)
{
    for (const row& each : rows)
    {
        SCOPED_TRACE(each.coded);
        const decoding at_once = decode(each.coded, each.limits, each.coded.size(), 1);
        EXPECT_EQ(decode(each.coded, each.limits, 0, 1), at_once) << "byte by byte";
        for (std::size_t first = 0; first < each.coded.size(); ++first)
            ASSERT_EQ(decode(each.coded, each.limits, first, each.coded.size()), at_once)
                << "cut at " << first;
    }
}

TEST(ChunkDecoder, bounds_the_extensions_of_a_whole_message)
{
    const std::string chunk = "1;" + std::string(1000, 'a') + "\r\nx\r\n";
    std::string coded;
    for (int i = 0; i < 16; ++i)
        coded += chunk;
    EXPECT_EQ(decode(coded + "0\r\n\r\n", usual, 0, 4096).outcome, whole);
    EXPECT_EQ(decode(coded + chunk + "0\r\n\r\n", usual, 0, 4096).outcome, 400);
}

TEST(ChunkDecoder, takes_content_above_4_gib)
{
    if constexpr (sizeof(std::size_t) < 8)
        GTEST_SKIP() << "there is no room for it";
    constexpr std::size_t size = std::size_t{1} << 32;
    const std::string_view first = "100000000\r\n";
    const huge_bytes bytes(first, size, "\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\nnext");
    chunk_decoder decoder;
    decoder.begin(std::size_t{1} << 40, usual);
    refusal why;
    ASSERT_EQ(decoder.decode(bytes.all().first(first.size()), why), progress::partial);
    decoder.gap_closed(); // the content is not moved: only its length matters here
    const std::span<char> body = bytes.all().subspan(first.size());
    ASSERT_EQ(decoder.decode(body, why), progress::whole) << why.why;
    EXPECT_EQ(decoder.content(), size + 5);
    EXPECT_EQ(std::string_view(body.data() + size, 5), "hello");
    EXPECT_EQ(std::string_view(body.data() + decoder.consumed(), body.size() - decoder.consumed()), "next");
}

TEST(ChunkDecoder, refuses_the_longest_sizes_under_the_longest_limit)
{
    chunk_decoder decoder;
    decoder.begin(std::numeric_limits<std::size_t>::max() / 2, usual);
    refusal why;
    const exact_bytes bytes("5\r\nhello\r\n7fffffffffffffff\r\n");
    ASSERT_EQ(decoder.decode(bytes.span(), why), progress::refused);
    EXPECT_EQ(static_cast<int>(why.code), 413);
}

TEST(ChunkDecoder, begins_anew)
{
    chunk_decoder decoder;
    for (const char* text : {"3\r\nabc\r\n0\r\n\r\n", "2\r\nde\r\n0\r\n\r\n"})
    {
        decoder.begin(3, usual);
        const exact_bytes bytes(text);
        refusal why;
        ASSERT_EQ(decoder.decode(bytes.span(), why), progress::whole);
        EXPECT_EQ(decoder.consumed(), std::strlen(text));
    }
    EXPECT_EQ(decoder.content(), 2u);
}

} // namespace
} // namespace naru::http
