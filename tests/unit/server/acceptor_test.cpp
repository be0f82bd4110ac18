#include "server/acceptor.hpp"

#include "net/listening_socket.hpp"
#include "net/plain_socket.hpp"
#include "server/shard.hpp"

#include <naru/testing/test_clock.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace
{

/// What the next calls of accept4(2) on this thread fail with; 0 is the call as it is. After them, all are as
/// they are.
thread_local std::deque<int> accept_script;
thread_local int accept_calls = 0;

} // namespace

/// Takes the place of the C library's in this program.
extern "C" int accept4(int socket, sockaddr* from, socklen_t* length, int flags)
{
    ++accept_calls;
    if (!accept_script.empty())
    {
        const int error = accept_script.front();
        accept_script.pop_front();
        if (error)
        {
            errno = error;
            return -1;
        }
    }
    return static_cast<int>(::syscall(SYS_accept4, socket, from, length, flags));
}

namespace
{

using namespace std::chrono_literals;
using naru::testing::plain_socket;

class Acceptor : public testing::Test, protected naru::acceptor_owner
{
  protected:
    Acceptor()
    {
        auto made = naru::open_listening_sockets(naru::endpoint::from("tcp://127.0.0.1:0"), {}, 1);
        at = made.local;
        naru::acceptor_owner& self = *this;
        acceptor.emplace(here, std::move(made.sockets[0]), self);
        acceptor->start();
        accept_script.clear();
        accept_calls = 0;
    }

    ~Acceptor() override
    {
        acceptor->close();
        here.loop().poll();
    }

    void run() { here.loop().poll(); }

    /// Until the acceptor's rest is over, and what it does then.
    void wake()
    {
        clock.advance(150ms);
        here.run_deadlines();
        run();
    }

    void accepted(naru::descriptor socket, const naru::address& from) override
    {
        peers.push_back(from.to_endpoint());
        taken.emplace_back(std::move(socket));
        if (then)
            then();
    }
    void connection_lost() override { ++lost; }
    void exhausted(int error) override { exhausted_by.push_back(error); }
    void recovered(std::uint64_t turned_away) override { recovered_after.push_back(turned_away); }

    naru::testing::test_clock clock;
    naru::ledger shared{naru::log_options{.level = naru::log_level::off}, clock};
    naru::shard here{0, shared};
    naru::endpoint at;
    std::optional<naru::acceptor> acceptor;
    std::vector<plain_socket> taken;
    std::vector<naru::endpoint> peers;
    int lost = 0;
    std::vector<int> exhausted_by;
    std::vector<std::uint64_t> recovered_after;
    std::function<void()> then;
};

TEST_F(Acceptor, takes_what_has_come_with_its_peer_non_blocking)
{
    const plain_socket one(at);
    const plain_socket two(at);
    run();
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(peers[0], naru::address::of_socket(one.get()).to_endpoint());
    EXPECT_EQ(peers[1], naru::address::of_socket(two.get()).to_endpoint());
    EXPECT_TRUE(::fcntl(taken[0].get(), F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(::fcntl(taken[0].get(), F_GETFD) & FD_CLOEXEC);
    const plain_socket later(at);
    run();
    EXPECT_EQ(taken.size(), 3u);
}

TEST_F(Acceptor, goes_on_after_every_error_of_a_single_connection)
{
    // accept(2): errors that the new connection had already, each with a connection behind it.
    const int errors[] = {ECONNABORTED, EPERM,        EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH,
                          EHOSTDOWN,    EHOSTUNREACH, ENONET, EOPNOTSUPP,  ETIMEDOUT};
    int expected = 0;
    for (const int error : errors)
    {
        const plain_socket client(at);
        accept_script = {error, error};
        run();
        EXPECT_EQ(lost, expected += 2) << error;
        EXPECT_EQ(taken.size(), static_cast<std::size_t>(expected) / 2) << error;
    }
    EXPECT_TRUE(exhausted_by.empty());
}

TEST_F(Acceptor, tries_again_when_it_is_interrupted)
{
    const plain_socket client(at);
    accept_script = {EINTR, EINTR};
    run();
    EXPECT_EQ(taken.size(), 1u);
    EXPECT_EQ(lost, 0);
}

TEST_F(Acceptor, is_not_misled_by_a_queue_that_is_said_to_be_ready_and_is_not)
{
    accept_script = {EAGAIN};
    const plain_socket client(at);
    run();
    run();
    EXPECT_EQ(taken.size(), 1u);
    EXPECT_TRUE(exhausted_by.empty());
}

TEST_F(Acceptor, rests_and_recovers_by_itself_when_resources_run_out)
{
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EINVAL})
    {
        taken.clear();
        exhausted_by.clear();
        recovered_after.clear();
        plain_socket waits(at);
        accept_script = {error, 0}; // the reserve lets one be taken, and turned away
        run();
        EXPECT_EQ(exhausted_by, std::vector<int>{error});
        EXPECT_EQ(waits.receive_all(), "") << "it was closed, and not left hanging";
        EXPECT_EQ(waits.error(), 0);
        EXPECT_TRUE(taken.empty());

        const plain_socket later(at);
        accept_calls = 0;
        run();
        run();
        EXPECT_EQ(accept_calls, 0) << "it spins";
        wake();
        EXPECT_EQ(taken.size(), 1u);
        EXPECT_EQ(recovered_after, std::vector<std::uint64_t>{1});
    }
}

TEST_F(Acceptor, refuses_newcomers_at_once_though_its_shard_has_no_time_to_close_it)
{
    acceptor->refuse();
    EXPECT_EQ(plain_socket(at).error(), ECONNREFUSED);
    run();
    EXPECT_TRUE(taken.empty());
    EXPECT_TRUE(exhausted_by.empty()) << "to be shut down is no fault";
    EXPECT_EQ(lost, 0);
}

TEST_F(Acceptor, tells_of_exhaustion_once_however_long_it_lasts)
{
    std::vector<plain_socket> clients;
    for (int i = 0; i < 3; ++i)
    {
        clients.emplace_back(at);
        accept_script = {EMFILE, 0};
        i == 0 ? run() : wake();
    }
    EXPECT_EQ(exhausted_by.size(), 1u);
    EXPECT_TRUE(recovered_after.empty());
    clients.emplace_back(at);
    wake();
    EXPECT_EQ(recovered_after, std::vector<std::uint64_t>{3});
    EXPECT_EQ(taken.size(), 1u);
}

TEST_F(Acceptor, leaves_whom_it_cannot_even_turn_away_for_the_next_time)
{
    const plain_socket waits(at);
    accept_script = {EMFILE, EMFILE}; // somebody else was quicker to take the reserve
    run();
    EXPECT_TRUE(waits.is_silent());
    wake();
    EXPECT_EQ(taken.size(), 1u);
    EXPECT_EQ(recovered_after, std::vector<std::uint64_t>{0});
}

TEST_F(Acceptor, lets_the_sessions_that_are_there_have_their_turn_in_a_flood)
{
    std::vector<plain_socket> clients;
    for (int i = 0; i < 100; ++i)
        clients.emplace_back(at);
    here.loop().run_one();
    EXPECT_EQ(taken.size(), 64u);
    run();
    EXPECT_EQ(taken.size(), 100u);
}

TEST_F(Acceptor, takes_nothing_after_close_also_when_closed_by_what_it_took)
{
    then = [this] { acceptor->close(); };
    const plain_socket one(at);
    const plain_socket two(at);
    run();
    EXPECT_EQ(taken.size(), 1u);
    EXPECT_TRUE(acceptor->quiet());
    EXPECT_EQ(acceptor->listening(), -1);
    EXPECT_EQ(plain_socket(at).error(), ECONNREFUSED);
    acceptor->close();
}

TEST_F(Acceptor, closes_while_it_waits_and_while_it_rests)
{
    EXPECT_FALSE(acceptor->quiet());
    const plain_socket waits(at);
    accept_script = {EMFILE, 0};
    run();
    acceptor->close();
    run();
    EXPECT_TRUE(acceptor->quiet());
    accept_calls = 0;
    wake();
    EXPECT_EQ(accept_calls, 0);
}

/// Descriptors run out for real: the soft limit comes down, and what is left below it is taken.
class all_descriptors
{
  public:
    all_descriptors()
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit lower = before_;
        const int next = ::open("/dev/null", O_RDONLY);
        lower.rlim_cur = static_cast<rlim_t>(next) + 1; // whatever lies higher stays open
        fillers_.emplace_back(next);
        ::setrlimit(RLIMIT_NOFILE, &lower);
        for (int filler = 0; (filler = ::open("/dev/null", O_RDONLY)) >= 0;)
            fillers_.emplace_back(filler);
    }
    ~all_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
    std::vector<naru::descriptor> fillers_;
};

TEST_F(Acceptor, survives_real_exhaustion_and_accepts_again)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the undefined-behaviour sanitizer that goes with it needs descriptors to look at memory";
#endif
    std::vector<plain_socket> clients;
    for (int i = 0; i < 5; ++i)
        clients.emplace_back(at);
    {
        const all_descriptors taken_by_others;
        run();
        EXPECT_EQ(exhausted_by, std::vector<int>{EMFILE});
        for (plain_socket& each : clients)
        {
            EXPECT_EQ(each.receive_all(), "");
            EXPECT_EQ(each.error(), 0) << "left hanging";
        }
        wake();
        EXPECT_EQ(exhausted_by.size(), 1u);
    }
    const plain_socket client(at);
    wake();
    EXPECT_EQ(taken.size(), 1u);
    EXPECT_EQ(recovered_after, std::vector<std::uint64_t>{5});
}

} // namespace
