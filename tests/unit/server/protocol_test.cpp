#include <naru/server/protocol.hpp>

#include "server/protocol_model.hpp"

#include <naru/raw/raw.hpp>

#include <gtest/gtest.h>

namespace
{

naru::task<> nothing(naru::session&)
{
    co_return;
}

TEST(Protocol, is_a_value_whose_copies_share_one_model)
{
    std::weak_ptr<const naru::protocol_model> watched;
    {
        const naru::protocol one = naru::raw(nothing);
        const naru::protocol other = one;
        EXPECT_EQ(one.model(), other.model());
        EXPECT_NE(one.model(), naru::raw(nothing).model());
        EXPECT_EQ(one.name(), "raw");
        watched = one.model();
    }
    EXPECT_TRUE(watched.expired());
}

TEST(Protocol, that_keeps_nothing_and_says_nothing_is_the_default)
{
    const naru::protocol speaks = naru::raw(nothing);
    EXPECT_EQ(speaks.model()->make_shard_part(), nullptr);
    EXPECT_EQ(speaks.model()->refusal(), "");
}

} // namespace
