#include "net/connect.hpp"

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"
#include "net/scripted_calls.hpp"

#include <naru/base/error.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace
{

using namespace std::chrono_literals;
using naru::connect_to;
using naru::endpoint;
using naru::listening_sockets;
using naru::open_listening_sockets;
using naru::testing::plain_socket;
using naru::testing::scripted_calls;

/// As long as a test may take; nothing here waits for it to pass.
constexpr auto ample = 60s;

naru::error refusal(const endpoint& where, std::chrono::milliseconds patience)
{
    try
    {
        connect_to(where, patience);
    }
    catch (const naru::error& e)
    {
        return e;
    }
    ADD_FAILURE() << where.text() << " was connected";
    return naru::error({}, "", "");
}

/// Listens, and its queue is full: it takes no further connection.
class full_listener
{
  public:
    explicit full_listener(const endpoint& where)
        : made_(open_listening_sockets(where, least(), 1)), fills_(made_.local)
    {
        EXPECT_EQ(fills_.error(), 0);
    }

    const endpoint& local() const noexcept { return made_.local; }
    void accept() { EXPECT_TRUE(naru::descriptor(::accept(made_.sockets[0].get(), nullptr, nullptr))); }

  private:
    static naru::socket_options least()
    {
        naru::socket_options options;
        options.backlog = 0;
        return options;
    }

    listening_sockets made_;
    plain_socket fills_;
};

/// On another address, with the same port.
listening_sockets listen_beside(const std::string& host, const endpoint& other)
{
    return open_listening_sockets(endpoint::tcp(host, other.port()), {}, 1);
}

endpoint abstract(const char* name)
{
    return endpoint::unix_abstract("naru_connect_test_" + std::to_string(::getpid()) + name);
}

TEST(Connect, waits_for_a_unix_socket_with_a_full_backlog_until_it_has_room)
{
    for (const std::chrono::milliseconds patience :
         {std::chrono::milliseconds(ample), std::chrono::milliseconds::max()})
    {
        full_listener busy(abstract("waits"));
        std::promise<void> tried;
        std::jthread client(
            [&]
            {
                scripted_calls script;
                script.after_connect = [&, told = false](int error) mutable
                {
                    if (error == EAGAIN && !std::exchange(told, true))
                        tried.set_value();
                };
                const auto made = connect_to(busy.local(), patience);
                EXPECT_TRUE(made.socket);
                EXPECT_TRUE(::fcntl(made.socket.get(), F_GETFL) & O_NONBLOCK);
            });
        tried.get_future().wait();
        busy.accept();
        client.join();
    }
}

TEST(Connect, gives_up_on_a_full_backlog_at_the_deadline)
{
    for (const endpoint& where : {abstract("full"), endpoint::tcp("127.0.0.1", 0)})
    {
        const full_listener busy(where);
        const auto began = std::chrono::steady_clock::now();
        const naru::error refused = refusal(busy.local(), 30ms);
        EXPECT_EQ(refused.code(), boost::system::errc::timed_out) << refused.what();
        EXPECT_GE(std::chrono::steady_clock::now() - began, 30ms);
        for (const std::chrono::milliseconds none : {0ms, -1ms, std::chrono::milliseconds::min()})
            EXPECT_EQ(refusal(busy.local(), none).code(), boost::system::errc::timed_out);
    }
}

TEST(Connect, takes_any_patience)
{
    const auto tcp = open_listening_sockets(endpoint::tcp("127.0.0.1", 0), {}, 1);
    const auto local = open_listening_sockets(abstract("any"), {}, 1);
    EXPECT_TRUE(connect_to(tcp.local, std::chrono::milliseconds::max()).socket);
    for (const std::chrono::milliseconds patience :
         {std::chrono::milliseconds::max(), 0ms, std::chrono::milliseconds::min()})
        EXPECT_TRUE(connect_to(local.local, patience).socket);
}

TEST(Connect, is_not_kept_from_an_address_that_answers_by_one_before_it_that_does_not)
{
    scripted_calls script;
    const full_listener silent(endpoint::tcp("127.0.0.1", 0));
    const auto answers = listen_beside("127.0.0.2", silent.local());
    script.names["two.test"] = {"127.0.0.1", "127.0.0.2"};
    script.names["three.test"] = {"127.0.0.1", "127.0.0.3", "127.0.0.2"}; // the second refuses
    for (const std::string name : {"two.test", "three.test"})
    {
        const auto began = std::chrono::steady_clock::now();
        const auto made = connect_to(endpoint::tcp(name, silent.local().port()), ample);
        EXPECT_EQ(made.peer.to_endpoint(), answers.local);
        EXPECT_LT(std::chrono::steady_clock::now() - began, ample / 2) << "the first has had all the time";
    }
}

TEST(Connect, is_not_kept_from_its_second_address_by_little_patience)
{
    scripted_calls script;
    const full_listener silent(endpoint::tcp("127.0.0.1", 0));
    const auto answers = listen_beside("127.0.0.2", silent.local());
    script.names["two.test"] = {"127.0.0.1", "127.0.0.2"};
    const auto made = connect_to(endpoint::tcp("two.test", silent.local().port()), 20ms);
    EXPECT_EQ(made.peer.to_endpoint(), answers.local);
}

TEST(Connect, still_takes_the_answer_of_an_address_that_others_have_been_tried_after)
{
    scripted_calls script;
    full_listener slow(endpoint::tcp("127.0.0.1", 0));
    script.names["two.test"] = {"127.0.0.1", "127.0.0.3"}; // the second refuses
    script.after_connect = [&, calls = 0](int) mutable
    {
        if (++calls == 2)
            slow.accept(); // and the kernel asks again
    };
    const auto made = connect_to(endpoint::tcp("two.test", slow.local().port()), ample);
    EXPECT_EQ(made.peer.to_endpoint(), slow.local());
}

TEST(Connect, takes_the_first_address_when_it_answers)
{
    scripted_calls script;
    const auto first = open_listening_sockets(endpoint::tcp("127.0.0.1", 0), {}, 1);
    const auto second = listen_beside("127.0.0.2", first.local);
    script.names["two.test"] = {"127.0.0.1", "127.0.0.2"};
    const auto made = connect_to(endpoint::tcp("two.test", first.local.port()), ample);
    EXPECT_EQ(made.peer.to_endpoint(), first.local);
}

TEST(Connect, tries_the_next_address_at_once_when_one_refuses)
{
    scripted_calls script;
    const auto made = open_listening_sockets(endpoint::tcp("127.0.0.1", 0), {}, 1);
    script.names["many.test"] = {"127.0.0.2", scripted_calls::no_such_family, "127.0.0.3", "127.0.0.1"};
    EXPECT_EQ(connect_to(endpoint::tcp("many.test", made.local.port()), ample).peer.to_endpoint(),
              made.local);
    script.names["many.test"] = {scripted_calls::no_such_family, "127.0.0.2", "127.0.0.3"};
    EXPECT_EQ(refusal(endpoint::tcp("many.test", made.local.port()), ample).what(),
              "connect tcp://many.test:" + std::to_string(made.local.port()) + ": connection refused");
}

TEST(Connect, refuses_a_path_that_no_socket_can_have)
{
    for (const std::string& path : {std::string(), std::string(200, 'p'), std::string("a\0b", 3)})
        EXPECT_EQ(refusal(endpoint::unix_path(path), ample).code(), naru::errc::bad_endpoint);
    EXPECT_EQ(refusal(endpoint::unix_abstract(std::string(200, 'p')), ample).code(),
              naru::errc::bad_endpoint);
}

} // namespace
