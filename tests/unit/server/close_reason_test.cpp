#include <naru/server/close_reason.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace
{

using naru::close_reason;

TEST(CloseReason, is_written_as_it_is_spelt)
{
    EXPECT_EQ(to_string(close_reason::none), "open");
    EXPECT_EQ(to_string(close_reason::handler_done), "handler_done");
    EXPECT_EQ(to_string(close_reason::peer_closed), "peer_closed");
    EXPECT_EQ(to_string(close_reason::peer_reset), "peer_reset");
    EXPECT_EQ(to_string(close_reason::idle_timeout), "idle_timeout");
    EXPECT_EQ(to_string(close_reason::read_timeout), "read_timeout");
    EXPECT_EQ(to_string(close_reason::header_timeout), "header_timeout");
    EXPECT_EQ(to_string(close_reason::body_timeout), "body_timeout");
    EXPECT_EQ(to_string(close_reason::handler_timeout), "handler_timeout");
    EXPECT_EQ(to_string(close_reason::write_stalled), "write_stalled");
    EXPECT_EQ(to_string(close_reason::limit_exceeded), "limit_exceeded");
    EXPECT_EQ(to_string(close_reason::protocol_error), "protocol_error");
    EXPECT_EQ(to_string(close_reason::slow_consumer), "slow_consumer");
    EXPECT_EQ(to_string(close_reason::handler_error), "handler_error");
    EXPECT_EQ(to_string(close_reason::drained), "drained");
    EXPECT_EQ(to_string(close_reason::shutdown), "shutdown");
    EXPECT_EQ(to_string(close_reason::closed_by_us), "closed_by_us");
    EXPECT_EQ(to_string(close_reason::out_of_memory), "out_of_memory");
}

TEST(CloseReason, has_a_word_of_its_own_for_each)
{
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < naru::close_reason_count; ++i)
        EXPECT_TRUE(words.insert(to_string(static_cast<close_reason>(i))).second);
}

} // namespace
