// What a program with Naru cannot do without: a coroutine type, a clock, callables, HTTP's names.
// compile_cost.py compares hello.cpp with it.
#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <variant>
#include <vector>

boost::asio::awaitable<void> echo(std::function<boost::asio::awaitable<std::string>()> read)
{
    while (!(co_await read()).empty())
        std::cout << std::chrono::steady_clock::now().time_since_epoch().count() << "\n";
}

int main()
{
    std::vector<std::variant<int, std::unique_ptr<std::string>>> values;
    return static_cast<int>(values.size());
}
