#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace naru::http
{

/// One answer as a client reads it.
struct read_answer
{
    int status = 0;
    std::string head; // with the empty line
    std::string body;

    bool has(std::string_view line) const
    {
        return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
    }
    bool closes() const { return has("Connection: close"); }
};

/// Cuts `bytes` into answers by their own lengths, and fails when anything is left. `to_head`: no answer has
/// content.
inline std::vector<read_answer> read_answers(std::string_view bytes, bool to_head = false)
{
    constexpr std::string_view length = "\r\nContent-Length: ";
    std::vector<read_answer> out;
    while (!bytes.empty())
    {
        const std::size_t end = bytes.find("\r\n\r\n");
        if (!bytes.starts_with("HTTP/1.1 ") || end == std::string_view::npos)
        {
            ADD_FAILURE() << "not an answer: " << bytes.substr(0, 200);
            break;
        }
        read_answer one;
        one.head = bytes.substr(0, end + 4);
        one.status = std::atoi(one.head.c_str() + 9);
        bytes.remove_prefix(end + 4);
        if (const std::size_t at = one.head.find(length); at != std::string::npos && !to_head)
        {
            const auto size = static_cast<std::size_t>(std::atoll(one.head.c_str() + at + length.size()));
            if (size > bytes.size())
                ADD_FAILURE() << "a body of " << bytes.size() << " bytes instead of " << size;
            one.body = bytes.substr(0, size);
            bytes.remove_prefix(one.body.size());
        }
        out.push_back(std::move(one));
    }
    return out;
}

/// The bodies of `bytes`, each of which has to be of a 200.
inline std::vector<std::string> read_bodies(std::string_view bytes)
{
    std::vector<std::string> out;
    for (read_answer& one : read_answers(bytes))
    {
        EXPECT_EQ(one.status, 200) << one.head << one.body;
        out.push_back(std::move(one.body));
    }
    return out;
}

inline std::string get(std::string_view target, std::string_view fields = "")
{
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view target, std::string_view content)
{
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content.size()) + "\r\n\r\n" +
           std::string(content);
}

} // namespace naru::http
