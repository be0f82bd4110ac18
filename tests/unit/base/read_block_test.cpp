#include "base/read_block.hpp"

#include <gtest/gtest.h>

#include <set>

namespace
{

using naru::read_block;
using naru::read_blocks;

TEST(ReadBlocks, lend_a_block_that_came_back_before_they_make_another)
{
    read_blocks blocks;
    read_block first = blocks.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(first.room().size(), read_block::capacity);
    const char* const at = first.room().data();
    blocks.give_back(std::move(first));
    EXPECT_EQ(blocks.take().room().data(), at);
}

TEST(ReadBlocks, keep_only_a_few_of_those_that_come_back)
{
    read_blocks blocks;
    std::vector<read_block> lent;
    for (int i = 0; i < 20; ++i)
        lent.push_back(blocks.take());
    std::set<const char*> known;
    for (read_block& each : lent)
    {
        known.insert(each.room().data());
        blocks.give_back(std::move(each));
    }
    EXPECT_EQ(known.size(), 20u) << "one block was lent twice at once";
    blocks.give_back({}); // nothing
    EXPECT_TRUE(blocks.take());
}

} // namespace
