#include "newsroom.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <stdexcept>
#include <thread>

namespace compare
{

void newsroom::publish(unsigned count, std::chrono::duration<double> span)
{
    // Seeded, so that every way of getting the news meets the same news.
    std::mt19937 random(9190);
    std::uniform_real_distribution<double> anywhere(0.0, span.count());
    std::vector<std::chrono::duration<double>> moments(count);
    for (auto& each : moments)
        each = std::chrono::duration<double>(anywhere(random));
    std::sort(moments.begin(), moments.end());

    const auto start = std::chrono::steady_clock::now();
    for (const auto& each : moments)
    {
        std::this_thread::sleep_until(start + std::chrono::duration_cast<std::chrono::nanoseconds>(each));
        add();
    }
}

void newsroom::add()
{
    const std::lock_guard lock(mutex_);
    const auto made = std::chrono::steady_clock::now().time_since_epoch();
    std::string line =
        std::to_string(messages_.size() + 1) + " " + std::to_string(made / std::chrono::nanoseconds(1));
    line.resize(std::max(line.size(), bytes_ - 1), ' ');
    line += '\n';
    for (const naru::session_ref& each : subscribers_)
        each.send(line);
    messages_.push_back(std::move(line));
}

std::string newsroom::since(std::uint64_t last) const
{
    const std::lock_guard lock(mutex_);
    std::string out;
    for (std::size_t i = last; i < messages_.size(); ++i)
        out += messages_[i];
    return out;
}

std::uint64_t newsroom::newest() const
{
    const std::lock_guard lock(mutex_);
    return messages_.size();
}

naru::task<> newsroom::serve(naru::session& s)
{
    {
        const std::lock_guard lock(mutex_);
        subscribers_.push_back(s.ref());
    }
    co_await s.write("ready\n");
    // Whose connection breaks stays on the list, where what is said to it goes nowhere.
    while (co_await s.read_some())
        continue;
    const std::lock_guard lock(mutex_);
    std::erase(subscribers_, s.ref());
}

message message::parse(std::string_view line)
{
    message out;
    std::int64_t nanoseconds = 0;
    const char* const end = line.data() + line.size();
    const auto number = std::from_chars(line.data(), end, out.number);
    if (number.ec != std::errc() || number.ptr == end)
        throw std::runtime_error("not a message: " + std::string(line));
    if (std::from_chars(number.ptr + 1, end, nanoseconds).ec != std::errc())
        throw std::runtime_error("not a message: " + std::string(line));
    out.made = std::chrono::steady_clock::time_point(std::chrono::nanoseconds(nanoseconds));
    return out;
}

} // namespace compare
