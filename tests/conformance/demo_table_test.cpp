#include "close_watch.hpp"
#include "demo_cases.hpp"
#include "raw_talk.hpp"

#include "questions.hpp"
#include "rooms.hpp"
#include "telnet_side.hpp"

#include <naru/server/server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace conformance
{

// GoogleTest prints the parameter of a failing test; the bytes are in the row, its name is enough.
static void PrintTo(const raw_case& row, std::ostream* out)
{
    *out << row.name;
}

static void PrintTo(const room_case& row, std::ostream* out)
{
    *out << row.name;
}

namespace
{

using testing::Contains;
using testing::SizeIs;

/// The raw side of the demo, on two shards as naru-demo has them: who shares a room may be on either.
class demo_server
{
  public:
    demo_server()
        : server_({.threads = 2, .log = {.level = naru::log_level::off}}), asked_(server_, rooms_),
          listener_(server_.listen("tcp://127.0.0.1:0", demo::telnet_side(asked_, std::chrono::seconds(600))))
    {
        asked_.show("raw", listener_);
        server_.start();
    }

    ~demo_server()
    {
        server_.stop();
        server_.wait();
    }

    std::uint16_t port() const { return listener_.local().port(); }
    const naru::server& server() const { return server_; }

  private:
    demo::rooms rooms_;
    naru::server server_;
    demo::questions asked_;
    naru::listener listener_;
};

template <class Row>
class ServedByDemo : public testing::TestWithParam<Row>
{
  protected:
    static void SetUpTestSuite() { server_ = std::make_unique<demo_server>(); }
    static void TearDownTestSuite() { server_.reset(); }

    static inline std::unique_ptr<demo_server> server_;
};

class DemoTable : public ServedByDemo<raw_case>
{
};

TEST_P(DemoTable, takes_an_allowed_course_however_the_bytes_arrive)
{
    const raw_case& row = GetParam();
    for (const feed how : {feed::whole, feed::bytewise, feed::cut})
    {
        const close_watch watch(server_->server());
        const verdict of_it = talk(server_->port(), demo_manner(), row, how);
        const auto reasons = watch.reasons(); // also after a fault: the next row counts anew
        ASSERT_EQ(of_it.fault, "") << "fed " << name_of(how);
        ASSERT_THAT(reasons, SizeIs(1));
        ASSERT_THAT(of_it.reasons, Contains(reasons.front()))
            << "closed for " << naru::to_string(reasons.front()) << ", fed " << name_of(how);
    }
}

class RoomTable : public ServedByDemo<room_case>
{
};

TEST_P(RoomTable, lets_both_hear_what_they_should_and_nothing_else)
{
    for (const feed how : {feed::whole, feed::bytewise, feed::cut})
    {
        const close_watch watch(server_->server());
        ASSERT_EQ(play(server_->port(), demo_manner(), GetParam(), how), "") << "fed " << name_of(how);
        ASSERT_THAT(watch.reasons(), SizeIs(2)); // the room is empty when the next two come
    }
}

TEST(RoomTalk, sees_what_should_not_have_been_heard)
{
    const demo_server server;
    const auto fault_of = [&server](std::string ann_hears, std::string bob_hears)
    {
        const close_watch watch(server.server());
        const room_case row{"row", {{act::who::ann, "echo a\n", std::move(ann_hears), std::move(bob_hears)}}};
        const std::string fault =
            play(server.port(), demo_manner(), row, feed::whole, std::chrono::milliseconds(200));
        EXPECT_THAT(watch.reasons(), SizeIs(2));
        return fault;
    };

    EXPECT_EQ(fault_of("a\r\n", ""), "");
    EXPECT_THAT(fault_of("", ""), testing::HasSubstr("ann heard only \"a\\r\\nhere\\r\\n\""));
    EXPECT_THAT(fault_of("b\r\n", ""), testing::HasSubstr("act 1: ann heard only \"a\\r\\n\""));
    EXPECT_THAT(fault_of("a\r\n", "a\r\n"), testing::HasSubstr("act 1: bob heard only \"\""));
}

template <class Row>
std::string row_name(const testing::TestParamInfo<Row>& info)
{
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(enter_key, DemoTable, testing::ValuesIn(enter_key_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(text, DemoTable, testing::ValuesIn(text_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(telnet_command, DemoTable, testing::ValuesIn(telnet_command_cases()),
                         row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(telnet_option, DemoTable, testing::ValuesIn(telnet_option_cases()),
                         row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(command, DemoTable, testing::ValuesIn(command_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(name, DemoTable, testing::ValuesIn(name_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(stream, DemoTable, testing::ValuesIn(stream_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(bound, DemoTable, testing::ValuesIn(bound_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(half_close, DemoTable, testing::ValuesIn(half_close_cases()), row_name<raw_case>);
INSTANTIATE_TEST_SUITE_P(room, RoomTable, testing::ValuesIn(room_cases()), row_name<room_case>);

} // namespace

manner demo_manner()
{
    return {.greeting = "naru-demo: this socket stays open, and either side may speak.\r\n"
                        "You are session #, and a file to the server: descriptor #. Type `help`.\r\n",
            .probe = {"echo here\n", "here\r\n"},
            .farewell = ""};
}

} // namespace conformance
