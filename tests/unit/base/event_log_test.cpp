#include "base/event_log.hpp"

#include <boost/json/parse.hpp>
#include <boost/locale/encoding_utf.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace
{

using namespace std::chrono_literals;
using naru::event_log;
using naru::log_level;
using naru::log_line;
using naru::log_options;

/// What a log wrote over its whole life.
std::vector<std::string> lines_of(log_options options, const std::function<void(event_log&)>& use)
{
    std::vector<std::string> lines;
    options.sink = [&lines](std::string_view line) { lines.emplace_back(line); };
    {
        event_log log(options);
        log.begin();
        use(log);
    } // its thread has ended
    return lines;
}

/// `text` with every digit a 0.
std::string shape(std::string_view text)
{
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
    return out;
}

TEST(LogLine, is_an_event_and_its_fields)
{
    log_line line(false, "session");
    line.add("id", 7u).add("reason", "peer_closed").add("seconds", 1500ms).add("delta", -3);
    EXPECT_EQ(line.text(), "session id=7 reason=peer_closed seconds=1.5 delta=-3");
}

TEST(LogLine, tells_a_time_in_seconds_with_the_digits_that_it_has)
{
    const std::pair<std::chrono::nanoseconds, const char*> table[] = {
        {0ns, "0"},
        {4ms, "0.004"},
        {1500ms, "1.5"},
        {30s, "30"},
        {1h, "3600"},
        {100ms, "0.1"},
        {1us, "0.000001"},
        {499ns, "0"},
        {500ms + 1us, "0.500001"},
        {-1500ms, "-1.5"},
        {1234567891ns, "1.234568"},
    };
    for (const bool json : {false, true})
        for (const auto& [value, written] : table)
        {
            log_line line(json, "e");
            line.add("seconds", value);
            EXPECT_TRUE(line.text().ends_with((json ? R"("seconds":)" : "seconds=") + std::string(written)))
                << line.text();
        }
}

TEST(LogLine, takes_the_longest_times_without_overflow)
{
    log_line line(false, "e");
    line.add("a", std::chrono::milliseconds::max()).add("b", std::chrono::hours::max());
    EXPECT_TRUE(line.text().starts_with("e a=922337203685477")) << line.text();
    line.add("c", std::chrono::duration<double>::max());
    EXPECT_EQ(line.text().size() - line.text().find(" c="), 3u + 309) << line.text();
}

TEST(LogLine, quotes_what_would_break_a_text_line)
{
    const std::pair<const char*, const char*> table[] = {
        {"plain", "plain"},
        {"", R"("")"},
        {"two words", R"("two words")"},
        {"a=b", R"("a=b")"},
        {"say \"it\"", R"("say \"it\"")"},
        {"back\\slash", R"("back\\slash")"},
        {"line\r\nforged event", R"("line\r\nforged event")"},
        {"\x1b[31m", R"("\u001b[31m")"},
        {"\x7f", R"("\u007f")"},
        {"tab\tand\b\f\x01", R"("tab\tand\b\f\u0001")"},
        {"나루", R"("나루")"},
    };
    for (const auto& [value, written] : table)
    {
        log_line line(false, "e");
        line.add("v", value);
        EXPECT_EQ(line.text(), std::string("e v=") + written);
        EXPECT_EQ(line.text().find_first_of("\r\n\x1b"), std::string::npos);
    }
}

std::string utf8(char32_t c)
{
    return boost::locale::conv::utf_to_utf<char>(std::u32string(1, c));
}

/// All that a terminal or an editor obeys instead of showing it.
std::vector<char32_t> obeyed()
{
    std::vector<char32_t> all{0xad, 0x61c, 0x180e, 0x2028, 0x2029, 0xfeff};
    const std::pair<char32_t, char32_t> ranges[] = {{0x00, 0x1f},      {0x7f, 0x9f},     {0x200b, 0x200f},
                                                    {0x202a, 0x202e},  {0x2060, 0x206f}, {0xfff9, 0xfffb},
                                                    {0xe0000, 0xe007f}};
    for (const auto& [first, last] : ranges)
        for (char32_t c = first; c <= last; ++c)
            all.push_back(c);
    return all;
}

TEST(LogLine, escapes_whatever_a_terminal_obeys_in_text_and_in_json)
{
    for (const bool json : {false, true})
        for (const char32_t c : obeyed())
        {
            const std::string value = "a" + utf8(c) + "[31mb";
            log_line line(json, "e");
            line.add("v", value);
            const std::string text =
                line.text().substr(line.text().find(json ? "\"v\":" : "v=") + (json ? 4 : 2));
            EXPECT_TRUE(
                std::all_of(text.begin(), text.end(), [](unsigned char b) { return b >= ' ' && b < 0x7f; }))
                << std::hex << static_cast<unsigned>(c) << ": " << text;
            EXPECT_EQ(boost::json::parse(text).as_string(), value) << text;
        }
}

TEST(LogLine, leaves_out_control_bytes_that_are_no_utf8)
{
    const std::pair<std::string, const char*> table[] = {
        {"\x9b"
         "31m",
         R"("31m")"}, // CSI in ISO 8859-1
        {"\xc0\x9b"
         "31m",
         R"("31m")"}, // overlong
        {"\xe0\x82\x9b"
         "31m",
         R"("31m")"},                    // overlong
        {"\xc2\x1b[m", R"("\u001b[m")"}, // the lead byte alone is wrong
        {"\xed\xa0\x80z", R"("z")"},     // a surrogate
        {"\xe2\x80", R"("")"},           // cut off
    };
    for (const auto& [value, written] : table)
    {
        log_line line(false, "e");
        line.add("v", value);
        EXPECT_EQ(line.text(), std::string("e v=") + written);
    }
}

TEST(EventLog, writes_text_in_the_layout_that_it_is_given)
{
    const auto lines = lines_of({.pattern = "<%l> %v"},
                                [](event_log& log)
                                {
                                    auto line = log.line("opened");
                                    line.add("id", 1);
                                    log.write(log_level::warning, line);
                                });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0], "<warning> opened id=1");
}

TEST(EventLog, begins_a_line_with_the_time_in_utc_unless_told_otherwise)
{
    const auto lines = lines_of({}, [](event_log& log) { log.write(log_level::info, log.line("x")); });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(shape(lines[0]), "0000-00-00T00:00:00.000Z info x");
}

TEST(EventLog, takes_braces_and_percents_as_they_are)
{
    const auto lines = lines_of({.pattern = "%v"},
                                [](event_log& log)
                                {
                                    auto line = log.line("x");
                                    line.add("target", "/{}%v%n{0}");
                                    log.write(log_level::info, line);
                                });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0], "x target=/{}%v%n{0}");
}

TEST(EventLog, writes_json_whatever_bytes_it_is_told)
{
    const auto lines =
        lines_of({.json = true},
                 [](event_log& log)
                 {
                     auto line = log.line("x");
                     line.add("cut", "a\xed\x95").add("wild", "\xff\xc0\x80z").add("good", "나루");
                     log.write(log_level::error, line);
                 });
    ASSERT_EQ(lines.size(), 1u);
    const auto object = boost::json::parse(lines[0]).as_object(); // which refuses what is no UTF-8
    EXPECT_EQ(object.at("cut").as_string(), "a");
    EXPECT_EQ(object.at("wild").as_string(), "z");
    EXPECT_EQ(object.at("good").as_string(), "나루");
}

TEST(EventLog, writes_one_json_object_a_line)
{
    const auto lines = lines_of({.json = true},
                                [](event_log& log)
                                {
                                    auto line = log.line("session");
                                    line.add("id", 7).add("what", "a \"quoted\"\nline").add("seconds", 250ms);
                                    log.write(log_level::error, line);
                                });
    ASSERT_EQ(lines.size(), 1u);
    const auto object = boost::json::parse(lines[0]).as_object();
    EXPECT_EQ(object.at("event").as_string(), "session");
    EXPECT_EQ(object.at("level").as_string(), "error");
    EXPECT_EQ(object.at("id").as_int64(), 7);
    EXPECT_EQ(object.at("what").as_string(), "a \"quoted\"\nline");
    EXPECT_EQ(object.at("seconds").as_double(), 0.25);
    EXPECT_EQ(shape(object.at("time").as_string()), "0000-00-00T00:00:00.000Z");
}

TEST(EventLog, leaves_out_what_is_below_its_level)
{
    const log_level levels[] = {log_level::debug, log_level::info, log_level::warning, log_level::error};
    for (const log_level floor : levels)
    {
        std::size_t wanted = 0;
        const auto lines = lines_of({.level = floor},
                                    [&](event_log& log)
                                    {
                                        for (const log_level each : levels)
                                        {
                                            wanted += log.wants(each);
                                            log.write(each, log.line("x"));
                                        }
                                    });
        EXPECT_EQ(lines.size(), wanted);
        EXPECT_EQ(wanted, 4 - static_cast<std::size_t>(floor));
    }
}

TEST(EventLog, that_is_off_wants_and_writes_nothing)
{
    const auto lines = lines_of({.level = log_level::off},
                                [](event_log& log)
                                {
                                    EXPECT_FALSE(log.wants(log_level::error));
                                    log.write(log_level::error, log.line("x"));
                                    log.flush();
                                });
    EXPECT_TRUE(lines.empty());
}

TEST(EventLog, keeps_the_order_of_each_of_the_threads_that_write)
{
    const auto lines = lines_of({.pattern = "%v"},
                                [](event_log& log)
                                {
                                    std::vector<std::thread> threads;
                                    for (int thread = 0; thread < 3; ++thread)
                                        threads.emplace_back(
                                            [&log, thread]
                                            {
                                                for (int i = 0; i < 500; ++i)
                                                {
                                                    auto line = log.line("x");
                                                    line.add("thread", thread).add("i", i);
                                                    log.write(log_level::info, line);
                                                }
                                            });
                                    for (std::thread& each : threads)
                                        each.join();
                                });
    ASSERT_EQ(lines.size(), 1500u);
    int next[3] = {};
    for (const std::string& line : lines)
    {
        int thread = 0;
        int i = 0;
        ASSERT_EQ(std::sscanf(line.c_str(), "x thread=%d i=%d", &thread, &i), 2) << line;
        ASSERT_EQ(i, next[thread]++);
    }
}

TEST(EventLog, drops_the_oldest_when_its_writer_is_slow_and_says_how_many)
{
    std::mutex mutex;
    std::condition_variable changed;
    bool begun = false;
    bool go_on = false;
    std::vector<std::string> lines;
    log_options options{.pattern = "%l %v"};
    options.sink = [&](std::string_view line)
    {
        std::unique_lock lock(mutex);
        lines.emplace_back(line);
        begun = true;
        changed.notify_all();
        changed.wait(lock, [&] { return go_on; });
    };
    constexpr int count = 30'000;
    const auto began = std::chrono::steady_clock::now();
    {
        event_log log(options);
        log.begin();
        const auto write = [&log](int i)
        {
            auto line = log.line("x");
            line.add("i", i);
            log.write(log_level::info, line);
        };
        write(0);
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return begun; });
        }
        for (int i = 1; i <= count; ++i)
            write(i); // never waits
        {
            const std::lock_guard lock(mutex);
            go_on = true;
        }
        changed.notify_all();
        write(count + 1);
    }
    EXPECT_EQ(lines.front(), "info x i=0");
    std::size_t dropped = 0;
    std::size_t notices = 0;
    std::string last_kept;
    for (const std::string& line : lines)
        if (line.starts_with("warning log_lines_dropped count="))
        {
            dropped += std::stoul(line.substr(line.find('=') + 1));
            ++notices;
        }
        else
            last_kept = line;
    const std::size_t kept = lines.size() - notices;
    EXPECT_EQ(last_kept, "info x i=" + std::to_string(count + 1));
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    EXPECT_LE(notices, static_cast<std::size_t>(seconds.count()) + 1) << "one a second, and a last one";
    EXPECT_LE(lines.size(), 8192u + 3 + notices) << "more waited than may";
    EXPECT_EQ(dropped + kept, count + 2u);
}

TEST(EventLog, keeps_the_lines_that_it_was_given_before_it_began)
{
    std::vector<std::string> lines;
    event_log log({.pattern = "%v", .sink = [&lines](std::string_view line) { lines.emplace_back(line); }});
    log.write(log_level::info, log.line("first"));
    log.flush(); // does not wait for a thread that does not exist
    EXPECT_TRUE(lines.empty());
    log.begin();
    log.begin();
    log.write(log_level::info, log.line("second"));
    log.flush();
    EXPECT_EQ(lines, (std::vector<std::string>{"first", "second"}));
}

TEST(EventLog, tells_of_dropped_lines_only_at_a_level_that_wants_warnings)
{
    for (const log_level level : {log_level::warning, log_level::error})
    {
        bool refused = false;
        std::vector<std::string> lines;
        log_options options{.level = level, .json = true};
        options.sink = [&](std::string_view line)
        {
            if (!std::exchange(refused, true))
                throw std::runtime_error("this line is lost");
            lines.emplace_back(line);
        };
        {
            event_log log(options);
            log.begin();
            log.write(log_level::error, log.line("x"));
        }
        ASSERT_EQ(lines.size(), level == log_level::warning ? 1u : 0u);
        if (lines.empty())
            continue;
        const auto object = boost::json::parse(lines[0]).as_object();
        EXPECT_EQ(object.at("event").as_string(), "log_lines_dropped");
        EXPECT_EQ(object.at("level").as_string(), "warning");
        EXPECT_EQ(object.at("count").as_int64(), 1);
    }
}

TEST(EventLog, takes_warn_for_warning)
{
    log_level level = log_level::off;
    EXPECT_TRUE(naru::parse_log_level("warn", level));
    EXPECT_EQ(level, log_level::warning);
}

TEST(EventLog, knows_the_names_of_its_levels_and_no_others)
{
    log_level level = log_level::off;
    for (const char* const name : {"debug", "info", "warning", "error", "off"})
        EXPECT_TRUE(naru::parse_log_level(name, level)) << name;
    EXPECT_TRUE(naru::parse_log_level("warning", level));
    EXPECT_EQ(level, log_level::warning);
    for (const char* const name : {"", "WARN", "warnings", "INFO", "info ", "trace", "0"})
        EXPECT_FALSE(naru::parse_log_level(name, level)) << name;
    EXPECT_EQ(level, log_level::warning);
}

} // namespace
