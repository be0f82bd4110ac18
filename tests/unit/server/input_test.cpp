#include "server/input.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace
{

using naru::input;
using naru::read_block;

/// A shard's block with `text` in it.
read_block block_of(std::string_view text, std::string_view& bytes)
{
    read_block block = read_block::make();
    text.copy(block.room().data(), text.size());
    bytes = {block.room().data(), text.size()};
    return block;
}

void overwrite(const read_block& block)
{
    std::fill(block.room().begin(), block.room().end(), '#');
}

TEST(Input, shows_new_bytes_where_they_lie)
{
    input in;
    std::string_view bytes;
    const read_block block = block_of("hello", bytes);
    in.add(bytes);
    EXPECT_TRUE(in.lent());
    EXPECT_EQ(in.unread().data(), bytes.data());
    in.consume(2);
    EXPECT_EQ(in.unread(), "llo");
    EXPECT_EQ(in.writable().size(), 3u);
}

TEST(Input, keeps_the_unread_rest_when_the_block_goes_back)
{
    input in;
    std::string_view bytes;
    const read_block block = block_of("done;rest", bytes);
    in.add(bytes);
    in.consume(5);
    in.keep();
    EXPECT_FALSE(in.lent());
    overwrite(block);
    EXPECT_EQ(in.unread(), "rest");
}

// Otherwise a packet would cost what is unread, however little it brings.
TEST(Input, does_not_move_what_is_unread_for_each_packet)
{
    input in;
    const std::string much(40'000, 'm');
    in.add(much);
    in.keep();
    in.add("x");
    int moved = 0;
    for (int i = 0; i < 1000; ++i)
    {
        in.consume(1);
        const char* const before = in.unread().data();
        in.add("y");
        moved += in.unread().data() != before;
        ASSERT_EQ(in.unread().size(), much.size() + 1);
        ASSERT_EQ(in.unread().back(), 'y');
        ASSERT_EQ(in.writable().data(), in.unread().data());
    }
    EXPECT_LE(moved, 2) << "when the memory grows";
    in.consume(much.size() - 1000);
    EXPECT_EQ(in.unread(), "x" + std::string(1000, 'y'));
    in.add("z");
    EXPECT_EQ(in.unread(), "x" + std::string(1000, 'y') + "z");
    in.cut(1, 1000);
    EXPECT_EQ(in.unread(), "xz");
    in.add("!");
    EXPECT_EQ(in.unread(), "xz!");
}

TEST(Input, keeps_nothing_when_all_is_read)
{
    input in;
    std::string_view bytes;
    const read_block block = block_of("all", bytes);
    in.add(bytes);
    in.consume(3);
    in.keep();
    EXPECT_TRUE(in.empty());
    EXPECT_EQ(in.unread().data(), nullptr) << "it points where there is nothing of its own";
}

TEST(Input, puts_a_message_together_that_comes_in_pieces)
{
    const std::string whole = "a message that comes byte by byte";
    for (std::size_t piece = 1; piece <= whole.size(); ++piece)
    {
        input in;
        for (std::size_t at = 0; at < whole.size(); at += piece)
        {
            std::string_view bytes;
            const read_block block = block_of(std::string_view(whole).substr(at, piece), bytes);
            in.add(bytes);
            in.keep();
            overwrite(block);
        }
        EXPECT_EQ(in.unread(), whole) << "in pieces of " << piece;
    }
}

TEST(Input, puts_together_what_was_partly_consumed)
{
    input in;
    std::string_view bytes;
    const read_block first = block_of("one;tw", bytes);
    in.add(bytes);
    in.consume(4);
    in.keep();
    const read_block second = block_of("o;three;fo", bytes);
    in.add(bytes);
    EXPECT_EQ(in.unread(), "two;three;fo");
    EXPECT_FALSE(in.lent()) << "it lies in memory of its own already";
    in.consume(10);
    const read_block third = block_of("ur", bytes);
    in.add(bytes);
    EXPECT_EQ(in.unread(), "four");
    in.consume(4);
    const read_block fourth = block_of("five", bytes);
    in.add(bytes);
    EXPECT_EQ(in.unread(), "five");
    EXPECT_TRUE(in.lent()) << "nothing had to be put together";
}

TEST(Input, takes_a_block_along_and_brings_it_back_with_the_next_wait)
{
    input in;
    std::string_view bytes;
    read_block block = block_of("line\nrest", bytes);
    const char* const at = block.room().data();
    in.add(bytes);
    in.consume(5);
    in.take_along(std::move(block));
    EXPECT_FALSE(in.lent());
    EXPECT_EQ(in.unread(), "rest") << "views are good while it is held";
    EXPECT_FALSE(in.release()) << "there are unread bytes in it";

    const read_block back = in.settle();
    ASSERT_EQ(back.room().data(), at);
    overwrite(back);
    EXPECT_EQ(in.unread(), "rest");
    EXPECT_FALSE(in.settle()) << "it came back already";
}

TEST(Input, brings_a_block_back_with_the_next_read_when_all_of_it_is_consumed)
{
    input in;
    std::string_view bytes;
    read_block block = block_of("line\n", bytes);
    const char* const at = block.room().data();
    in.add(bytes);
    in.consume(5);
    in.take_along(std::move(block));
    EXPECT_EQ(in.release().room().data(), at);
    EXPECT_FALSE(in.release());
    EXPECT_TRUE(in.empty());
}

TEST(Input, does_not_let_go_of_what_the_turn_still_lends)
{
    input in;
    std::string_view bytes;
    const read_block block = block_of("x", bytes);
    in.add(bytes);
    in.consume(1);
    EXPECT_FALSE(in.release());
    EXPECT_TRUE(in.lent());
}

TEST(Input, closes_a_gap_in_what_is_unread)
{
    input in;
    std::string_view bytes;
    const read_block block = block_of("head....tail", bytes);
    in.add(bytes);
    in.cut(4, 4);
    EXPECT_EQ(in.unread(), "headtail");
    in.keep();
    overwrite(block);
    in.cut(0, 4);
    EXPECT_EQ(in.unread(), "tail");
    in.add("more");
    EXPECT_EQ(in.unread(), "tailmore");
}

TEST(Input, grows_to_a_known_size_and_hardly_beyond_an_unknown_one)
{
    for (const std::size_t expected : {std::size_t(1'000'000), std::size_t(0)})
    {
        input in;
        const std::string part(10'000, 'p');
        for (std::size_t size = 0; size < 1'000'000; size += part.size())
        {
            in.add(part, expected);
            in.keep();
            EXPECT_LE(in.owned(), expected ? std::min<std::size_t>(2 * in.unread().size() + 16, expected)
                                           : in.unread().size() + in.unread().size() / 8 + 16);
        }
        EXPECT_EQ(in.unread().size(), 1'000'000u);
        if (expected > 0)
        {
            EXPECT_EQ(in.owned(), expected);
        }
    }
}

TEST(Input, counts_its_memory_until_it_is_given_back)
{
    naru::memory_budget listener(100'000);
    naru::memory_share shard(listener);
    const std::string part(60'000, 'p');
    {
        input in;
        in.add(part);
        EXPECT_TRUE(in.count_in(shard)) << "bytes in the shard's block cost nothing";
        in.keep();
        EXPECT_TRUE(in.count_in(shard));
        EXPECT_EQ(listener.held(), 60'000);
        in.add(part);
        EXPECT_FALSE(in.count_in(shard));
        in.consume(in.unread().size());
        in.release();
        EXPECT_EQ(listener.held(), 0);
        in.add(part);
        in.keep();
        EXPECT_TRUE(in.count_in(shard));
    }
    EXPECT_EQ(listener.held(), 0);
}

TEST(Input, has_what_was_put_back_before_what_is_unread)
{
    for (const bool keep : {true, false})
    {
        input in;
        std::string_view bytes;
        const read_block block = block_of("abcdef", bytes);
        in.add(bytes);
        if (keep)
            in.keep();
        const std::string taken(in.unread().substr(0, 4));
        in.consume(4);
        in.put_back(taken);
        overwrite(block);
        EXPECT_EQ(in.unread(), "abcdef");
        EXPECT_FALSE(in.lent());
        in.add("gh");
        EXPECT_EQ(in.unread(), "abcdefgh");
    }
}

} // namespace
