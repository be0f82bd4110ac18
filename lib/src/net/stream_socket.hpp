#pragma once

#include "net/descriptor.hpp"

#include <naru/net/stream.hpp>

#include <memory>

namespace boost::asio
{
class io_context;
}

namespace naru
{

/// A stream over a connected, non-blocking TCP or Unix socket, on the event loop `loop`.
std::unique_ptr<stream> make_stream_socket(boost::asio::io_context& loop, descriptor socket);

} // namespace naru
