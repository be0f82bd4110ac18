#include "http_client.hpp"

#include <charconv>
#include <stdexcept>

namespace compare
{

namespace
{

std::size_t content_length(std::string_view head)
{
    constexpr std::string_view name = "\r\nContent-Length: ";
    const std::size_t at = head.find(name);
    std::size_t length = 0;
    if (at == std::string_view::npos ||
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length).ec != std::errc())
        throw std::runtime_error("an HTTP answer without a Content-Length");
    return length;
}

} // namespace

std::string_view http_client::ask(std::string_view request)
{
    if (!connection_)
    {
        connection_.emplace(to_);
        ++opened_;
    }
    connection_->send(request);

    answer_.clear();
    std::size_t head = std::string::npos;
    while ((head = answer_.find("\r\n\r\n")) == std::string::npos)
        if (!receive_more())
            throw std::runtime_error("the server ended in the middle of an HTTP answer");
    if (!answer_.starts_with("HTTP/1.1 200 "))
        throw std::runtime_error("the server answered " + answer_.substr(0, answer_.find('\r')));
    const std::size_t body = head + 4;
    const std::size_t length = content_length(std::string_view(answer_).substr(0, body));
    while (answer_.size() < body + length)
        if (!receive_more())
            throw std::runtime_error("the server ended in the middle of an HTTP body");
    return std::string_view(answer_).substr(body, length);
}

void http_client::finish()
{
    if (receive_more())
        throw std::runtime_error("the server says more than its HTTP answer");
    connection_.reset();
}

bool http_client::receive_more()
{
    const std::size_t got = connection_->receive(room_);
    answer_.append(room_.data(), got);
    return got > 0;
}

std::string write_request(std::string_view method, std::string_view target, const naru::endpoint& to,
                          std::string_view body)
{
    std::string out(method);
    out.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(to.host());
    out.append(":").append(std::to_string(to.port())).append("\r\n");
    if (!body.empty())
        out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    return out.append("\r\n").append(body);
}

} // namespace compare
