#include <naru/base/task.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// The spellings that the documents recommend for co_await. Each object counts itself, so a compiler that
// destroys one twice (g++ 12, of other spellings) is found without touching freed memory.

namespace naru
{

namespace
{

namespace asio = boost::asio;

class counted
{
  public:
    counted() { alive().insert(this); }
    counted(const counted&) { alive().insert(this); }
    counted& operator=(const counted&) = default;
    ~counted()
    {
        if (alive().erase(this) == 0)
            ++wrong;
    }

    operator std::string_view() const
    {
        if (!alive().contains(this))
            ++wrong;
        return "text";
    }

    static std::set<const counted*>& alive()
    {
        static std::set<const counted*> all;
        return all;
    }

    static inline int wrong = 0;
};

struct options
{
    counted host;
    int port = 0;
};

task<> write(std::string_view, std::string_view = {})
{
    co_return;
}

task<counted> give()
{
    co_return counted();
}

template <class Job>
task<counted> run(Job job)
{
    co_return job();
}

template <class Job, class... Arguments>
task<counted> run_with(Job job, Arguments... arguments)
{
    co_return job(arguments...);
}

task<> connect(options)
{
    co_return;
}

task<> connect_or_default(int, options = options())
{
    co_return;
}

/// How many objects of this coroutine were destroyed twice, used dead, or never destroyed.
int wrongs(std::function<task<>()> coroutine)
{
    counted::wrong = 0;
    counted::alive().clear();
    asio::io_context loop(1);
    asio::co_spawn(loop, coroutine, asio::detached);
    loop.run();
    return counted::wrong + static_cast<int>(counted::alive().size());
}

TEST(Task, destroys_each_object_once_when_a_lambda_is_named_before_it_is_awaited)
{
    EXPECT_EQ(wrongs(
                  []() -> task<>
                  {
                      const counted text;
                      const auto job = [text] { return text; };
                      const counted result = co_await run(job);
                      co_await write(result, "\n");
                      auto moved = [text] { return text; };
                      co_await write(co_await run(std::move(moved)), "\n");
                  }),
              0);
}

TEST(Task, destroys_each_object_once_when_a_lambda_captures_references_only)
{
    EXPECT_EQ(wrongs(
                  []() -> task<>
                  {
                      const counted text;
                      co_await write(co_await run([&text] { return text; }), "\n");
                  }),
              0);
}

TEST(Task, destroys_each_object_once_when_values_are_arguments_beside_the_callable)
{
    EXPECT_EQ(wrongs(
                  []() -> task<> {
                      co_await write(co_await run_with([](const counted& text) { return text; }, counted()),
                                     "\n");
                  }),
              0);
}

TEST(Task, destroys_each_object_once_when_a_struct_is_named_before_it_is_awaited)
{
    EXPECT_EQ(wrongs(
                  []() -> task<>
                  {
                      const options chosen{.host = counted(), .port = 1};
                      co_await connect(chosen);
                      co_await connect_or_default(1);
                      const counted awaited = co_await give();
                      const options made{.host = awaited};
                      co_await connect(made);
                  }),
              0);
}

TEST(Task, destroys_each_object_once_when_temporaries_are_made_by_constructors_and_functions)
{
    EXPECT_EQ(wrongs(
                  []() -> task<>
                  {
                      co_await write(counted(), counted());
                      co_await write(co_await give(), co_await give());
                      const auto pair = std::make_tuple(co_await give(), 1);
                      std::vector<counted> all;
                      all.push_back(co_await give());
                  }),
              0);
}

TEST(Task, destroys_each_object_once_when_a_named_lambda_is_spawned_and_awaited)
{
    EXPECT_EQ(wrongs(
                  []() -> task<>
                  {
                      const counted text;
                      const auto job = [&text]() -> task<counted> { co_return text; };
                      const auto loop = co_await asio::this_coro::executor;
                      co_await write(co_await asio::co_spawn(loop, job, asio::use_awaitable));
                  }),
              0);
}

} // namespace

} // namespace naru
