#include "allocations/allocation_count.hpp"
#include "net/plain_socket.hpp"

#include <naru/naru.hpp>
#include <naru/testing/loopback.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{

using naru::session;
using naru::task;
using naru::testing::plain_socket;

task<> echo_bytes(session& s)
{
    while (auto some = co_await s.read_some())
        co_await s.write(*some);
}

task<> echo_lines(session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\r\n");
}

task<> echo_lines_by_the_handful(session& s)
{
    while (auto line = co_await s.read_line())
    {
        co_await s.write(*line, "\r\n");
        while (auto next = s.try_read_line())
            co_await s.write(*next, "\r\n");
    }
}

task<> echo_blocks(session& s)
{
    while (auto block = co_await s.read_exactly(64))
        co_await s.write(*block);
}

naru::http::response hello(const naru::http::request&)
{
    return naru::http::text("Hello, World!");
}

naru::http::response hello_you(const naru::http::request& asked)
{
    return naru::http::text(asked.param("name"));
}

task<naru::http::response> hello_later(const naru::http::request&)
{
    co_return naru::http::text("Hello, World!");
}

naru::protocol site()
{
    naru::http::router routes;
    routes.get("/", hello);
    routes.get("/hello/{name}", hello_you);
    routes.get("/later", hello_later);
    return naru::http::serve(std::move(routes));
}

struct exchange
{
    const char* name;
    naru::protocol speaks;
    std::string asked;
};

std::vector<exchange> exchanges()
{
    const std::string message(64, 'm');
    const std::string line = std::string(62, 'l') + "\r\n";
    const std::string rest = " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n";
    return {
        {"read_some and write", naru::raw(echo_bytes), message},
        {"read_line and write", naru::raw(echo_lines), line},
        {"try_read_line and write", naru::raw(echo_lines_by_the_handful), line},
        {"read_exactly and write", naru::raw(echo_blocks), message},
        {"GET", site(), "GET /" + rest},
        {"GET with a parameter", site(), "GET /hello/you" + rest},
        {"GET answered by a coroutine", site(), "GET /later" + rest},
    };
}

/// How long the answer is.
std::size_t answer_size(const exchange& of)
{
    naru::testing::loopback server(of.speaks, {.level = naru::log_level::off});
    auto client = server.connect();
    client.send(of.asked);
    server.run();
    return client.take().size();
}

/// Each of `clients` asks `depth` times and hears the answers; `times` over.
void converse(std::vector<plain_socket>& clients, const exchange& of, std::size_t answer, std::size_t depth,
              int times)
{
    const std::size_t answered = depth * answer;
    std::string asked;
    for (std::size_t i = 0; i < depth; ++i)
        asked += of.asked;
    for (int i = 0; i < times; ++i)
    {
        for (plain_socket& each : clients)
            ASSERT_TRUE(each.send(asked));
        for (plain_socket& each : clients)
            ASSERT_EQ(each.receive(answered).size(), answered);
    }
}

TEST(Allocations, are_none_per_message_once_a_session_is_warm)
{
    if (!naru::testing::can_count_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    naru::testing::leave_out_this_thread();
    for (const exchange& each : exchanges())
    {
        const std::size_t answer = answer_size(each);
        ASSERT_GT(answer, 0u);
        naru::server_options options;
        options.log.level = naru::log_level::off;
        naru::server server(options);
        const naru::endpoint at = server.listen("tcp://127.0.0.1:0", each.speaks).local();
        server.start();
        for (const std::size_t connections : {1u, 16u})
            for (const std::size_t depth : {1u, 16u})
            {
                SCOPED_TRACE(testing::Message() << each.name << ", " << connections << " connections, "
                                                << depth << " at a time");
                std::vector<plain_socket> clients;
                for (std::size_t i = 0; i < connections; ++i)
                    ASSERT_EQ(clients.emplace_back(at).error(), 0);
                converse(clients, each, answer, depth, 300); // long enough for the turn to settle
                const std::uint64_t before = naru::testing::allocation_count();
                converse(clients, each, answer, depth, 1000);
                EXPECT_EQ(naru::testing::allocation_count() - before, 0u);
            }
    }
}

TEST(Allocations, are_counted_in_other_threads)
{
    if (!naru::testing::can_count_allocations())
        GTEST_SKIP() << "a sanitizer has an allocator of its own";
    naru::testing::leave_out_this_thread();
    naru::server_options options;
    options.log.level = naru::log_level::off;
    naru::server server(options);
    const auto wasteful = [](session& s) -> task<>
    {
        while (auto some = co_await s.read_some())
        {
            const std::vector<char> waste(some->size());
            co_await s.write(*some);
        }
    };
    const naru::endpoint at = server.listen("tcp://127.0.0.1:0", naru::raw(wasteful)).local();
    server.start();
    std::vector<plain_socket> clients;
    clients.emplace_back(at);
    const exchange one{"", naru::raw(wasteful), std::string(64, 'x')};
    converse(clients, one, one.asked.size(), 1, 100);
    const std::uint64_t before = naru::testing::allocation_count();
    converse(clients, one, one.asked.size(), 1, 100);
    EXPECT_EQ(naru::testing::allocation_count() - before, 100u);
}

} // namespace
