#include <naru/base/error.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>
#include <system_error>

namespace
{

using naru::errc;

TEST(Error, says_what_where_and_why_in_one_line)
{
    const naru::error failure(naru::from_errno(EACCES), "listen", "tcp://0.0.0.0:80", "bind");
    EXPECT_STREQ(failure.what(), "listen tcp://0.0.0.0:80: bind: permission denied");
    EXPECT_EQ(failure.operation(), "listen");
    EXPECT_EQ(failure.endpoint(), "tcp://0.0.0.0:80");
    EXPECT_EQ(failure.code(), naru::from_errno(EACCES));
}

TEST(Error, leaves_out_an_endpoint_and_a_step_that_are_not_there)
{
    const naru::error failure(naru::make_error_code(errc::too_long), "read_line", {});
    EXPECT_STREQ(failure.what(), "read_line: longer than the limit allows");
}

TEST(Error, goes_on_in_small_letters_unless_a_name_begins)
{
    EXPECT_STREQ(naru::error(naru::from_errno(ECONNRESET), "read", "").what(),
                 "read: connection reset by peer");
    EXPECT_STREQ(naru::error(naru::from_errno(EXDEV), "x", "").what(), "x: invalid cross-device link");
    EXPECT_STREQ(naru::error(naru::from_errno(ELIBACC), "x", "").what(),
                 "x: can not access a needed shared library");
    EXPECT_STREQ(naru::error(naru::from_errno(ENOTUNIQ), "x", "").what(), "x: name not unique on network");
    EXPECT_STREQ(naru::error(naru::from_errno(EL2HLT), "x", "").what(), "x: level 2 halted");
    EXPECT_STREQ(naru::error(naru::from_errno(ENOCSI), "x", "").what(), "x: no CSI structure available");
    EXPECT_STREQ(naru::error(naru::from_errno(ESRMNT), "x", "").what(), "x: srmount error");
    EXPECT_STREQ(naru::error(naru::from_errno(EADV), "x", "").what(), "x: advertise error");
    EXPECT_STREQ(naru::error(naru::from_errno(ERFKILL), "x", "").what(),
                 "x: operation not possible due to RF-kill");
}

TEST(Error, compares_with_the_generic_conditions)
{
    EXPECT_EQ(naru::make_error_code(errc::timed_out), boost::system::errc::timed_out);
    EXPECT_EQ(naru::make_error_code(errc::already_in_use), boost::system::errc::address_in_use);
    EXPECT_EQ(naru::make_error_code(errc::too_long), boost::system::errc::message_size);
    EXPECT_EQ(naru::make_error_code(errc::cancelled), boost::system::errc::operation_canceled);
    EXPECT_EQ(naru::make_error_code(errc::closed), boost::system::errc::operation_canceled);
    EXPECT_NE(naru::make_error_code(errc::closed), naru::make_error_code(errc::cancelled));
    EXPECT_EQ(naru::from_errno(EPIPE), boost::system::errc::broken_pipe);
}

TEST(Error, has_words_of_its_own_for_every_code)
{
    std::set<std::string> said;
    const auto last = static_cast<int>(errc::wrong_thread);
    for (int code = 1; code <= last; ++code)
    {
        const std::string text = naru::make_error_code(static_cast<errc>(code)).message();
        EXPECT_NE(text, "unknown error") << code;
        EXPECT_TRUE(said.insert(text).second) << text << " is said twice";
    }
    EXPECT_EQ(naru::make_error_code(static_cast<errc>(last + 1)).message(), "unknown error")
        << "a code was added after wrong_thread: name it here";
    EXPECT_STREQ(naru::error_category().name(), "naru");
}

} // namespace
