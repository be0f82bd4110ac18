#include "server/session_name.hpp"

#include "net/plain_socket.hpp"
#include "server/echo_server.hpp"
#include "server/end_of_server.hpp"

#include <naru/raw/raw.hpp>
#include <naru/server/server.hpp>
#include <naru/server/session_ref.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>

namespace
{

using namespace std::chrono_literals;
using naru::close_reason;
using naru::server;
using naru::session;
using naru::task;
using naru::testing::anywhere;
using naru::testing::plain_socket;
using naru::testing::quiet;
using naru::testing::signal_flag;

/// A session whose handler holds its shard up until `release`.
class SessionNameOfABusyShard : public testing::Test
{
  protected:
    SessionNameOfABusyShard()
    {
        const auto handler = [this](session& s) -> task<>
        {
            named_.set_value(s.ref());
            release.wait();
            co_await s.read_line();
        };
        const auto where = serving.listen(anywhere, naru::raw(handler)).local();
        serving.start();
        client.emplace(where);
        ref = named_.get_future().get();
    }

    signal_flag release;

  private:
    std::promise<naru::session_ref> named_;

  protected:
    server serving{quiet()};
    std::optional<plain_socket> client;
    naru::session_ref ref;
};

TEST_F(SessionNameOfABusyShard, holds_no_more_text_than_the_limit_of_the_session)
{
    const std::string text(1000, 'x');
    for (int i = 0; i < 200'000; ++i)
        ref.send(text);
    release.set();
    client->receive_all();
    serving.drain(5s);
    serving.wait();
    EXPECT_EQ(serving.figures().closed[static_cast<std::size_t>(close_reason::slow_consumer)], 1u);
}

TEST_F(SessionNameOfABusyShard, delivers_in_order_what_waited)
{
    std::string all;
    for (int i = 0; i < 1000; ++i)
    {
        ref.send(std::to_string(i) + "\n");
        all += std::to_string(i) + "\n";
    }
    release.set();
    EXPECT_EQ(client->receive(all.size()), all);
}

TEST(SessionName, tells_sessions_of_two_servers_apart)
{
    naru::session_ref refs[2];
    for (naru::session_ref& each : refs)
    {
        std::promise<void> noted;
        const auto handler = [&](session& s) -> task<>
        {
            each = s.ref();
            noted.set_value();
            co_return;
        };
        server serving(quiet());
        const auto where = serving.listen(anywhere, naru::raw(handler)).local();
        serving.start();
        const plain_socket client(where);
        noted.get_future().wait();
    }
    EXPECT_EQ(refs[0].id(), refs[1].id());
    EXPECT_FALSE(refs[0] == refs[1]);
}

} // namespace
