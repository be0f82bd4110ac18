#include "base/outbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace
{

using naru::outbox;

std::string all_of(const outbox& box)
{
    std::vector<std::string_view> pieces(1000);
    std::string out;
    for (std::size_t i = 0, count = box.gather(pieces); i < count; ++i)
        out.append(pieces[i]);
    return out;
}

TEST(Outbox, keeps_the_order_of_copies_owned_and_lent_pieces)
{
    outbox box;
    const std::string lent = "lent ";
    box.append_copy("copied ");
    box.append_owned("xxowned ", 2);
    box.append_lent(lent);
    box.append_copy("copied again");
    EXPECT_EQ(all_of(box), "copied owned lent copied again");
    EXPECT_EQ(box.size(), 30u);
}

TEST(Outbox, does_not_copy_what_it_is_lent_or_given)
{
    outbox box;
    const std::string lent(100, 'l');
    std::string given(100, 'g');
    const char* const given_at = given.data();
    box.append_lent(lent);
    box.append_owned(std::move(given));
    std::array<std::string_view, 2> pieces;
    ASSERT_EQ(box.gather(pieces), 2u);
    EXPECT_EQ(pieces[0].data(), lent.data());
    EXPECT_EQ(pieces[1].data(), given_at);
}

TEST(Outbox, puts_small_copies_together_but_never_onto_a_lent_piece)
{
    outbox box;
    for (int i = 0; i < 100; ++i)
        box.append_copy("0123456789");
    std::array<std::string_view, 8> pieces;
    EXPECT_EQ(box.gather(pieces), 1u);

    const std::string lent = "lent";
    box.append_lent(lent);
    box.append_copy("after");
    EXPECT_EQ(box.gather(pieces), 3u);
    EXPECT_EQ(lent, "lent");

    outbox large;
    const std::string half(10'000, 'h');
    large.append_copy(half);
    large.append_copy(half);
    EXPECT_EQ(large.gather(pieces), 2u) << "one piece would have to be copied as it grows";
}

TEST(Outbox, is_consumed_from_any_byte_to_any_byte)
{
    const std::string lent = "defg";
    for (std::size_t first = 0; first <= 10; ++first)
        for (std::size_t second = 0; second <= 10 - first; ++second)
        {
            outbox box;
            box.append_copy("abc");
            box.append_lent(lent);
            box.append_owned("-hij", 1);
            box.consume(first);
            box.consume(second);
            EXPECT_EQ(all_of(box), std::string("abcdefghij").substr(first + second));
            EXPECT_EQ(box.size(), 10 - first - second);
            EXPECT_EQ(box.empty(), first + second == 10);
            EXPECT_EQ(box.sent(), first + second);
            EXPECT_EQ(box.appended(), 10u);
        }
}

TEST(Outbox, copies_after_a_partly_sent_copy_follow_it)
{
    outbox box;
    box.append_copy("abcdef");
    box.consume(4);
    box.append_copy("gh");
    EXPECT_EQ(all_of(box), "efgh");
    box.consume(4);
    EXPECT_TRUE(box.empty());
    box.append_copy("i");
    EXPECT_EQ(all_of(box), "i");
    EXPECT_EQ(box.appended(), 9u);
}

TEST(Outbox, makes_copies_of_what_was_lent_when_its_owner_goes)
{
    outbox box;
    {
        const std::string lent = "0123456789";
        box.append_lent(lent);
        box.append_copy(" and more");
        box.consume(3);
        box.keep_lent();
    }
    EXPECT_EQ(all_of(box), "3456789 and more");
    EXPECT_EQ(box.size(), 16u);
    box.consume(7);
    EXPECT_EQ(all_of(box), " and more");
}

TEST(Outbox, takes_nothing_for_nothing)
{
    outbox box;
    box.append_copy("");
    box.append_lent("");
    box.append_owned("");
    box.append_owned("all sent", 8);
    EXPECT_TRUE(box.empty());
    std::array<std::string_view, 1> pieces;
    EXPECT_EQ(box.gather(pieces), 0u);
}

TEST(Outbox, gathers_no_more_pieces_than_there_is_room_for)
{
    outbox box;
    const std::string lent = "x";
    for (int i = 0; i < 5; ++i)
        box.append_lent(lent);
    std::array<std::string_view, 3> pieces;
    EXPECT_EQ(box.gather(pieces), 3u);
}

TEST(Outbox, agrees_with_a_string_under_random_use)
{
    std::mt19937 random(7);
    const std::string lent(500, 'l');
    outbox box;
    std::string expected;
    for (int step = 0; step < 5000; ++step)
    {
        const std::string bytes(random() % 300, static_cast<char>('a' + step % 26));
        switch (random() % 6)
        {
        case 0:
            box.append_copy(bytes);
            expected += bytes;
            break;
        case 1:
            box.append_owned(bytes);
            expected += bytes;
            break;
        case 2:
            box.append_lent(lent);
            expected += lent;
            break;
        case 3:
            box.keep_lent();
            break;
        default:
            const std::size_t gone = random() % (box.size() + 1);
            box.consume(gone);
            expected.erase(0, gone);
        }
        ASSERT_EQ(box.size(), expected.size());
        std::array<std::string_view, 4> pieces;
        std::string front;
        for (std::size_t i = 0, count = box.gather(pieces); i < count; ++i)
            front.append(pieces[i]);
        ASSERT_EQ(front, expected.substr(0, front.size()));
    }
}

TEST(Outbox, counts_what_it_owns_and_not_what_it_is_lent)
{
    naru::memory_budget listener(50'000);
    naru::memory_share shard(listener);
    const std::string large(30'000, 'l');
    {
        outbox box;
        box.count_in(&shard);
        box.append_lent(large);
        EXPECT_EQ(box.owned(), 0u);
        box.append_owned(large, 10'000);
        EXPECT_EQ(listener.held(), 30'000) << "what is skipped of it is held too";
        EXPECT_FALSE(shard.over());
        box.keep_lent();
        EXPECT_TRUE(shard.over());
        box.consume(30'000);
        EXPECT_EQ(listener.held(), 30'000);
        box.consume(19'999);
        EXPECT_EQ(listener.held(), 30'000) << "a piece is held until all of it is sent";
        box.consume(1);
        EXPECT_EQ(listener.held(), 0);
        box.append_owned(large);
    }
    EXPECT_EQ(listener.held(), 0);
}

TEST(Outbox, is_as_new_when_a_shard_gives_it_out_again)
{
    naru::outboxes shard;
    for (int i = 0; i < 3; ++i)
    {
        auto box = shard.take();
        EXPECT_TRUE(box->empty());
        EXPECT_EQ(box->appended(), 0u);
        EXPECT_EQ(box->owned(), 0u);
        box->append_copy("copied ");
        box->append_owned("owned");
        EXPECT_EQ(all_of(*box), "copied owned");
        if (i > 0)
            box->consume(box->size());
        shard.give_back(std::move(box));
    }
}

} // namespace
