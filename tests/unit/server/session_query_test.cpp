#include "server/session_query.hpp"

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"
#include "server/end_of_server.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace
{

namespace asio = boost::asio;
using naru::server;
using naru::testing::anywhere;
using naru::testing::ask;
using naru::testing::echo;
using naru::testing::plain_socket;
using naru::testing::quiet;

TEST(SessionQuery, are_none_before_the_start_and_after_the_end)
{
    asio::io_context loop;
    const auto count = [&](server& of)
    {
        loop.restart();
        auto asked = asio::co_spawn(loop, of.sessions(), asio::use_future);
        loop.run();
        return asked.get().size();
    };
    server serving(quiet(2));
    const auto where = serving.listen(anywhere, naru::raw(echo)).local();
    EXPECT_EQ(count(serving), 0u);
    serving.start();
    plain_socket client(where);
    ASSERT_EQ(ask(client, "x"), "x\n");
    EXPECT_EQ(count(serving), 1u);
    serving.stop();
    serving.wait();
    EXPECT_EQ(count(serving), 0u);
}

TEST(SessionQuery, are_answered_while_the_server_is_destroyed)
{
    for (int round = 0; round < 50; ++round)
    {
        asio::io_context loop;
        auto work = asio::make_work_guard(loop);
        std::thread elsewhere([&] { loop.run(); });
        std::vector<std::future<std::vector<naru::session_info>>> asked;
        {
            server serving(quiet(2));
            serving.start();
            for (int i = 0; i < 10; ++i)
                asked.push_back(asio::co_spawn(loop, serving.sessions(), asio::use_future));
        }
        for (auto& each : asked)
            EXPECT_TRUE(each.get().empty());
        work.reset();
        elsewhere.join();
    }
}

} // namespace
