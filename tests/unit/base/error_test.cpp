#include <naru/base/error.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <system_error>

namespace
{

TEST(Error, says_what_where_and_why_in_one_line)
{
    const naru::error failure(naru::from_errno(EACCES), "listen", "tcp://0.0.0.0:80", "bind");
    EXPECT_STREQ(failure.what(), "listen tcp://0.0.0.0:80: bind: permission denied");
    EXPECT_EQ(failure.operation(), "listen");
    EXPECT_EQ(failure.endpoint(), "tcp://0.0.0.0:80");
}

TEST(Error, leaves_out_an_endpoint_and_a_step_that_are_not_there)
{
    const naru::error failure(naru::make_error_code(naru::errc::too_long), "read_line", {});
    EXPECT_STREQ(failure.what(), "read_line: longer than the limit allows");
}

TEST(Error, compares_with_the_generic_conditions)
{
    EXPECT_EQ(naru::make_error_code(naru::errc::timed_out), boost::system::errc::timed_out);
    EXPECT_EQ(naru::make_error_code(naru::errc::already_in_use), boost::system::errc::address_in_use);
    EXPECT_EQ(naru::from_errno(EPIPE), boost::system::errc::broken_pipe);
}

} // namespace
