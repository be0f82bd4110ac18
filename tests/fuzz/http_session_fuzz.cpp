#include "mutation.hpp"

#include "http_cases.hpp"

#include <naru/http/serve.hpp>
#include <naru/testing/loopback.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

// Messages of the conformance table, mutated and cut at random, in process and with the clock turned by hand.
// Whatever comes in: it ends in answers or in a close and never in silence; it does not matter how it was
// cut, how slowly it was read, or whether a plain function or a coroutine answered; and it costs no more than
// its bound.

namespace
{

using namespace std::chrono_literals;
using namespace naru::http;
using naru::testing::loopback;
using naru::testing::memory_peer;

/// A number from the environment, for who wants to search longer or to see one seed again.
std::uint64_t asked(const char* name, std::uint64_t otherwise)
{
    const char* const text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::vector<std::string> make_corpus()
{
    std::vector<std::string> out;
    for (const auto& cases :
         {conformance::request_line_cases(), conformance::target_cases(),
          conformance::absolute_target_cases(), conformance::version_cases(), conformance::method_cases(),
          conformance::header_cases(), conformance::host_cases(), conformance::content_length_cases(),
          conformance::transfer_encoding_cases(), conformance::chunk_cases(), conformance::trailer_cases(),
          conformance::expect_cases(), conformance::connection_cases(), conformance::pipelining_cases()})
        for (const conformance::http_case& each : cases)
            if (each.bytes.size() < 4096)
                out.push_back(each.bytes + each.after_continue);
    return out;
}

response tell(const request& r)
{
    std::string all(r.method_text());
    all.append(" ").append(r.target()).append(" ").append(r.host()).append("\n");
    for (std::size_t i = 0; i < r.header_count(); ++i)
        all.append(r.header_name(i)).append("=").append(r.header_value(i)).append("\n");
    all.append(r.body());
    return text(std::move(all));
}

naru::task<response> tell_later(const request& r)
{
    if (r.body().size() % 2 == 0)
    {
        auto executor = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
    co_return tell(r);
}

router make_site(bool coroutines)
{
    router site;
    for (const verb method : {verb::get, verb::post, verb::put})
        for (const char* pattern :
             {"/", "/probe", "/echo", "/hello/{name}", "/target/{rest...}", "/host", "/value"})
            if (coroutines)
                site.on(method, pattern, tell_later);
            else
                site.on(method, pattern, tell);
    if (coroutines)
        site.on("QUERY", "/query", tell_later);
    else
        site.on("QUERY", "/query", tell);
    return site;
}

/// What a connection answered, without what may differ: the time, and whether it was told to go on.
std::string settled(std::string bytes)
{
    const auto erase_all = [&bytes](std::string_view begin, std::size_t size)
    {
        for (std::size_t at = bytes.find(begin); at != std::string::npos; at = bytes.find(begin, at))
            bytes.erase(at, size);
    };
    erase_all("HTTP/1.1 100 Continue\r\n\r\n", 25);
    erase_all("\r\nDate: ", 37);
    return bytes;
}

bool expects(std::string_view message)
{
    const auto is_same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    constexpr std::string_view word = "expect";
    return std::search(message.begin(), message.end(), word.begin(), word.end(), is_same) != message.end();
}

struct outcome
{
    std::string answers;
    bool ended; // by the server, before the client finished
};

void take(loopback& server, memory_peer& client, std::string& into)
{
    for (std::string some = client.take(); !some.empty(); some = client.take())
    {
        into += some;
        server.run();
    }
}

/// `cuts`: ascending places in `message`.
outcome converse(loopback& server, const std::string& message, const std::vector<std::size_t>& cuts,
                 const naru::testing::stream_script& script)
{
    auto client = server.connect(script);
    outcome out;
    std::size_t from = 0;
    for (const std::size_t to : cuts)
    {
        client.send(std::string_view(message).substr(from, to - from));
        server.run();
        from = to;
    }
    client.send(std::string_view(message).substr(from));
    server.run();
    take(server, client, out.answers);
    out.ended = client.ended();

    // Past the deadlines of head and body: either it has ended, or it waits for another request.
    std::string later;
    for (int seconds = 0; seconds < 45; ++seconds)
    {
        server.advance(1s);
        take(server, client, later);
    }
    if (!client.ended())
    {
        const auto sessions = server.sessions();
        EXPECT_EQ(sessions.size(), 1u);
        EXPECT_STREQ(sessions.at(0).awaits.operation, "request") << "it hangs";
        EXPECT_EQ(later, "");
        client.finish();
        server.run();
        take(server, client, later);
        EXPECT_EQ(later, "");
    }
    else if (!out.ended)
    {
        EXPECT_TRUE(later.starts_with("HTTP/1.1 408 ")) << later;
    }
    server.advance(3s);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.sessions().size(), 0u);
    out.answers = settled(out.answers + later);
    return out;
}

TEST(HttpSessionFuzz, comes_to_the_same_end_on_every_way)
{
    const std::vector<std::string> corpus = make_corpus();
    ASSERT_GT(corpus.size(), 300u);
    loopback plain(serve(make_site(false)), {.level = naru::log_level::off});
    loopback coroutines(serve(make_site(true)), {.level = naru::log_level::off});
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t first = asked("NARU_FUZZ_FIRST_SEED", 0);
    const std::uint64_t end = first + asked("NARU_FUZZ_SEEDS", 4000);
    const std::chrono::seconds most_time(asked("NARU_FUZZ_SECONDS", 8)); // slow machines try fewer
    std::uint64_t seed = first;
    for (; seed < end && std::chrono::steady_clock::now() - begin < most_time && !HasFailure(); ++seed)
    {
        fuzz::chance by(seed);
        const std::string message =
            seed < corpus.size() ? corpus[seed] : fuzz::mutate(corpus[by.below(corpus.size())], corpus, by);
        SCOPED_TRACE("seed " + std::to_string(seed) + ": " + ::testing::PrintToString(message));

        std::vector<std::size_t> cuts;
        for (std::size_t count = by.below(6); count > 0; --count)
            cuts.push_back(by.below(message.size() + 1));
        std::sort(cuts.begin(), cuts.end());
        naru::testing::stream_script script;
        script.read_at_most = by.one_in(2) ? by.below(40) + 1 : 0;
        script.write_at_most = by.one_in(4) ? by.below(100) + 1 : 0;
        script.room = by.one_in(4) ? by.below(300) + 1 : 64 * 1024;

        const outcome whole = converse(plain, message, {}, {});
        const outcome cut = converse(plain, message, cuts, script);
        const outcome later = converse(coroutines, message, {}, {});
        const outcome cut_later = converse(coroutines, message, cuts, script);
        EXPECT_EQ(whole.answers, later.answers);
        EXPECT_EQ(cut.answers, cut_later.answers);
        if (expects(message)) // who is told to go on is not refused later as who is not
            continue;
        EXPECT_EQ(whole.answers, cut.answers);
        EXPECT_EQ(whole.ended, cut.ended);
    }
    EXPECT_GT(seed, first) << "nothing was tried";
}

} // namespace
