#include "http/http_session.hpp"

#include "gate.hpp"
#include "reading.hpp"

#include <naru/testing/loopback.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <malloc.h>

#include <cstdio>
#include <string>

#ifdef __SANITIZE_ADDRESS__
// <sanitizer/allocator_interface.h>, which comes with clang only.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

// Large contents both ways, and peers that do not read.

namespace naru::http
{
namespace
{

using namespace std::chrono_literals;
using naru::testing::loopback;
using naru::testing::memory_peer;
using ::testing::Each;
using ::testing::SizeIs;

constexpr std::size_t mebibyte = 1024 * 1024;

/// Bytes that differ from their neighbours and from what lies 64 KiB further.
std::string pattern(std::size_t size)
{
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<char>('a' + (i * 7 + i / 65'536) % 26);
    return out;
}

router make_site()
{
    router site;
    site.get("/bytes/{n}", [](const request& r) { return bytes(pattern(std::stoul(r.param("n")))); })
        .post("/echo", [](const request& r) { return bytes(std::string(r.body())); })
        .post("/size", [](const request& r) { return text(std::to_string(r.body().size())); });
    return site;
}

std::string take_all(loopback& server, memory_peer& client)
{
    std::string all;
    for (std::string some = client.take(); !some.empty(); some = client.take())
    {
        all += some;
        server.run();
    }
    return all;
}

TEST(HttpSessionBackpressure, carries_large_contents_both_ways)
{
    for (const naru::testing::stream_script& script :
         {naru::testing::stream_script{},
          naru::testing::stream_script{.read_at_most = 1000, .write_at_most = 3000},
          naru::testing::stream_script{.room = 500}})
        for (const std::size_t size : {std::size_t{0}, std::size_t{8191}, std::size_t{8192},
                                       std::size_t{65'536}, std::size_t{65'537}, mebibyte})
        {
            loopback server(serve(make_site()));
            auto client = server.connect(script);
            client.send(post("/echo", pattern(size)) + get("/bytes/3"));
            server.run();
            const auto bodies = read_bodies(take_all(server, client));
            ASSERT_EQ(bodies.size(), 2u);
            EXPECT_TRUE(bodies[0] == pattern(size)) << size;
            EXPECT_EQ(bodies[1], pattern(3));
        }
}

TEST(HttpSessionBackpressure, puts_chunks_together)
{
    const std::string content = pattern(mebibyte);
    for (const std::size_t chunk : {std::size_t{1000}, std::size_t{70'000}, mebibyte})
        for (const std::size_t at_most : {std::size_t{0}, std::size_t{777}})
        {
            std::string request = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
            for (std::size_t at = 0; at < content.size(); at += chunk)
            {
                const std::string part = content.substr(at, chunk);
                char line[32];
                std::snprintf(line, sizeof line, "%zx\r\n", part.size());
                request += line + part + "\r\n";
            }
            loopback server(serve(make_site()));
            auto client = server.connect({.read_at_most = at_most});
            client.send(request + "0\r\n\r\n" + get("/bytes/3"));
            server.run();
            const auto bodies = read_bodies(take_all(server, client));
            ASSERT_EQ(bodies.size(), 2u);
            EXPECT_TRUE(bodies[0] == content) << chunk;
        }
}

std::size_t allocated() noexcept
{
#ifdef __SANITIZE_ADDRESS__
    return __sanitizer_get_current_allocated_bytes();
#else
    const struct mallinfo2 now = ::mallinfo2();
    return now.uordblks + now.hblkhd;
#endif
}

TEST(HttpSessionBackpressure, keeps_no_memory_for_a_content_that_is_over)
{
    loopback server(serve(make_site()), {.level = log_level::off});
    auto client = server.connect();
    client.send(post("/size", "x"));
    server.run();
    const std::size_t before = allocated();
    const std::string request = post("/size", pattern(mebibyte));
    for (std::size_t at = 0; at < request.size(); at += 10'000)
    {
        client.send(std::string_view(request).substr(at, 10'000));
        server.run();
    }
    EXPECT_EQ(read_bodies(client.take()).size(), 2u);
    EXPECT_LT(allocated(), before + request.capacity() + 100'000);
}

/// Twenty bytes of coding for each of content: what is understood must not be kept.
TEST(HttpSessionBackpressure, keeps_the_content_of_tiny_chunks_and_not_their_coding)
{
    loopback server(serve(make_site()), {.level = log_level::off});
    auto client = server.connect();
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    server.run();
    const std::string content = pattern(200'000);
    const std::size_t before = allocated();
    std::size_t most = before;
    for (std::size_t at = 0; at < content.size(); at += 1000)
    {
        std::string chunks;
        for (const char byte : content.substr(at, 1000))
            chunks.append("0000000000000001\r\n").append(1, byte).append("\r\n");
        client.send(chunks);
        server.run();
        most = std::max(most, allocated());
    }
    client.send("0\r\n\r\n");
    server.run();
    EXPECT_LT(most, before + 1'000'000); // 4.2 MB have come
    const auto bodies = read_bodies(take_all(server, client));
    ASSERT_EQ(bodies.size(), 1u);
    EXPECT_TRUE(bodies[0] == content);
}

TEST(HttpSessionBackpressure, gives_ten_mebibytes_to_a_slow_reader)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 300'000});
    client.send(get("/bytes/" + std::to_string(10 * mebibyte)));
    server.run();
    const auto bodies = read_bodies(take_all(server, client));
    ASSERT_EQ(bodies.size(), 1u);
    EXPECT_TRUE(bodies[0] == pattern(10 * mebibyte));
}

std::uint64_t waiting(loopback& server)
{
    std::uint64_t sum = 0;
    for (const session_info& each : server.sessions())
        sum += each.bytes_waiting;
    return sum;
}

TEST(HttpSessionBackpressure, reads_no_further_while_too_many_answers_wait)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 4096});
    constexpr std::size_t count = 20'000;
    std::string requests;
    for (std::size_t i = 0; i < count; ++i)
        requests += get("/bytes/100");
    client.send(requests);
    server.run();
    EXPECT_LT(waiting(server), 64 * 1024 + 1024u);
    EXPECT_LT(server.traffic().bytes_in, 3 * 64 * 1024u);
    const auto reads = client.calls().reads;
    server.advance(10s);
    EXPECT_EQ(client.calls().reads, reads);

    std::string all;
    while (client.untaken() > 0)
    {
        all += client.take(4096);
        server.run();
        ASSERT_LT(waiting(server), 64 * 1024 + 1024u);
    }
    const auto bodies = read_bodies(all);
    EXPECT_EQ(bodies.size(), count);
    EXPECT_THAT(bodies, Each(SizeIs(100)));
}

TEST(HttpSessionBackpressure, holds_one_large_answer_and_not_the_next)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 4096});
    client.send(get("/bytes/1000000") + get("/bytes/1000001") + get("/bytes/1000002"));
    server.run();
    EXPECT_LT(waiting(server), 1'001'000u);
    const auto bodies = read_bodies(take_all(server, client));
    ASSERT_EQ(bodies.size(), 3u);
    EXPECT_EQ(bodies[2].size(), 1'000'002u);
}

TEST(HttpSessionBackpressure, sends_all_to_who_finishes_and_then_reads_slowly)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 4096});
    client.send(get("/bytes/200000") + get("/bytes/200001") + get("/bytes/200002"));
    client.finish();
    server.run();
    EXPECT_EQ(read_bodies(take_all(server, client)).size(), 3u);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.ended(close_reason::peer_closed), 1u);
}

TEST(HttpSessionBackpressure, sends_all_to_who_is_drained_meanwhile)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 4096});
    client.send(get("/bytes/200000") + get("/bytes/200001") + get("/bytes/200002"));
    server.run();
    server.drain();
    server.run();
    const auto answers = read_answers(take_all(server, client));
    ASSERT_EQ(answers.size(), 2u) << "the one under way and a last one";
    EXPECT_FALSE(answers[0].closes());
    EXPECT_TRUE(answers[1].closes());
    EXPECT_EQ(answers[1].body.size(), 200'001u);
    EXPECT_TRUE(client.ended());
}

TEST(HttpSessionBackpressure, survives_a_peer_that_breaks_while_answers_wait)
{
    loopback server(serve(make_site()));
    auto client = server.connect({.room = 4096});
    client.send(get("/bytes/200000") + get("/bytes/200000"));
    server.run();
    client.reset();
    server.run();
    EXPECT_TRUE(client.closed());
    EXPECT_TRUE(server.sessions().empty());
    EXPECT_EQ(server.ended(close_reason::peer_reset), 1u);
}

TEST(HttpSessionBackpressure, goes_on_with_coroutines_when_there_is_room)
{
    gate waits;
    router site = make_site();
    site.get("/later",
             [&waits](const request&) -> task<response>
             {
                 co_await waits.pass();
                 co_return bytes(pattern(100'000));
             });
    loopback server(serve(std::move(site)));
    auto client = server.connect({.room = 4096});
    client.send(get("/later") + get("/bytes/7") + get("/later") + get("/bytes/8"));
    server.run();
    waits.open();
    server.run();
    EXPECT_EQ(waits.waiting(), 0u) << "the next is not asked while the answer waits";
    std::string all = take_all(server, client);
    ASSERT_EQ(waits.waiting(), 1u);
    waits.open();
    server.run();
    all += take_all(server, client);
    const auto bodies = read_bodies(all);
    ASSERT_EQ(bodies.size(), 4u);
    EXPECT_EQ(bodies[3].size(), 8u);
}

TEST(HttpSessionMemory, is_limited_for_all_connections_together_and_the_one_that_asks_for_more_gets_a_503)
{
    naru::http::router routes;
    routes.post("/", [](const naru::http::request& asked)
                { return naru::http::text(std::to_string(asked.body().size())); });
    naru::testing::loopback_options options{.level = naru::log_level::off};
    options.memory = 1'000'000;
    naru::testing::loopback server(naru::http::serve(std::move(routes)), options);
    std::vector<naru::testing::memory_peer> clients;
    for (int i = 0; i < 6; ++i)
    {
        clients.push_back(server.connect());
        clients.back().send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 250000\r\n\r\n");
        clients.back().send(std::string(249'999, 'b'));
        server.run();
    }
    EXPECT_LE(server.traffic().memory, 800'000u) << "those that are refused hold nothing";
    int refused = 0;
    for (auto& each : clients)
    {
        each.send("e");
        server.run();
        const std::string got = each.take();
        if (got.starts_with("HTTP/1.1 503 "))
            ++refused;
        else
            EXPECT_TRUE(got.ends_with("\r\n\r\n250000")) << got;
        each.finish();
        server.run();
    }
    EXPECT_EQ(refused, 3);
    EXPECT_EQ(server.ended(naru::close_reason::limit_exceeded), 3u);
    EXPECT_LE(server.traffic().memory, 16u * 1024);
}

} // namespace
} // namespace naru::http
