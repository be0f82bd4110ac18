#include "net/stream_socket.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>

namespace naru
{

namespace
{

using generic_socket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

// Most pieces of one gathered write; more go with the next.
constexpr std::size_t most_pieces = 64;

/// The socket, and the memory of its read wait, which Asio would otherwise allocate. A wait that was aborted comes
/// back through the event loop after its stream has gone; so this part is shared by the stream and its waits. All of
/// them live on one thread: the count is a plain number.
class core
{
  public:
    core(boost::asio::io_context& loop, int socket) : socket_(loop)
    {
        boost::system::error_code ignored;
        // The family is of no consequence to a generic socket that never opens itself.
        socket_.assign(boost::asio::generic::stream_protocol(AF_UNSPEC, 0), socket, ignored);
    }

    generic_socket& socket() noexcept { return socket_; }

    void* allocate(std::size_t bytes)
    {
        if (in_use_ || bytes > sizeof memory_)
            return ::operator new(bytes);
        in_use_ = true;
        return memory_;
    }

    void deallocate(void* memory) noexcept
    {
        if (memory == memory_)
            in_use_ = false;
        else
            ::operator delete(memory);
    }

    friend void intrusive_ptr_add_ref(core* shared) noexcept { ++shared->references_; }
    friend void intrusive_ptr_release(core* shared) noexcept
    {
        if (--shared->references_ == 0)
            delete shared;
    }

    stream_events* events = nullptr; // null once closed: nobody is told any more

  private:
    ~core() = default;

    generic_socket socket_;
    unsigned references_ = 0;
    bool in_use_ = false;
    alignas(std::max_align_t) std::byte memory_[96];
};

using core_ptr = boost::intrusive_ptr<core>;

template <class T>
class core_allocator
{
  public:
    using value_type = T;

    explicit core_allocator(core* from) noexcept : from_(from) {}
    template <class U>
    core_allocator(const core_allocator<U>& other) noexcept : from_(other.from_)
    {
    }

    T* allocate(std::size_t count) { return static_cast<T*>(from_->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { from_->deallocate(memory); }

    template <class U>
    bool operator==(const core_allocator<U>& other) const noexcept
    {
        return from_ == other.from_;
    }

  private:
    template <class>
    friend class core_allocator;
    core* from_;
};

struct on_readable
{
    using allocator_type = core_allocator<char>;
    allocator_type get_allocator() const noexcept { return allocator_type(from.get()); }

    void operator()(const boost::system::error_code&) const
    {
        if (from->events)
            from->events->readable();
    }

    core_ptr from;
};

struct on_writable
{
    void operator()(const boost::system::error_code&) const
    {
        if (from->events)
            from->events->writable();
    }

    core_ptr from;
};

/// recv(2), send(2) and sendmsg(2) are made by their numbers: in a process with threads glibc's functions of those
/// names also make a cancellation point of each call, with two atomic exchanges that nobody here has a use for.
class stream_socket final : public stream
{
  public:
    stream_socket(boost::asio::io_context& loop, naru::descriptor socket)
        : core_(new core(loop, socket.get())), number_(socket.get())
    {
        if (core_->socket().is_open())
            static_cast<void>(socket.release());
    }

    ~stream_socket() override { close(); }

    void attach(stream_events& events) noexcept override { core_->events = &events; }

    io_result try_read(std::span<char> room) noexcept override
    {
        for (;;)
        {
            const auto got = ::syscall(SYS_recvfrom, number_, room.data(), room.size(), 0, nullptr, nullptr);
            if (got >= 0)
                return got ? io_result::moved(static_cast<std::size_t>(got)) : io_result::end();
            if (errno != EINTR)
                return io_result::failed(errno);
        }
    }

    io_result try_write(std::span<const std::string_view> pieces) noexcept override
    {
        for (;;)
        {
            const auto sent = pieces.size() == 1 ? ::syscall(SYS_sendto, number_, pieces[0].data(),
                                                             pieces[0].size(), MSG_NOSIGNAL, nullptr, 0)
                                                 : send_gathered(pieces);
            if (sent >= 0)
                return io_result::moved(static_cast<std::size_t>(sent));
            if (errno != EINTR)
                return io_result::failed(errno);
        }
    }

    void wait_readable() override
    {
        core_->socket().async_wait(generic_socket::wait_read, on_readable{core_});
    }

    void wait_writable() override
    {
        core_->socket().async_wait(generic_socket::wait_write, on_writable{core_});
    }

    void shutdown_write() noexcept override { ::shutdown(number_, SHUT_WR); }
    void shutdown_read() noexcept override { ::shutdown(number_, SHUT_RD); }

    void close() noexcept override
    {
        if (number_ < 0)
            return;
        core_->events = nullptr;
        number_ = -1;
        boost::system::error_code ignored;
        core_->socket().close(ignored);
        core_.reset(); // the event loop may go before this object does
    }

    int descriptor() const noexcept override { return number_; }

    int release() noexcept override
    {
        if (number_ < 0)
            return -1;
        core_->events = nullptr;
        boost::system::error_code ec;
        const int given = core_->socket().release(ec);
        number_ = -1;
        core_.reset();
        return ec ? -1 : given;
    }

  private:
    long send_gathered(std::span<const std::string_view> pieces) noexcept
    {
        std::array<iovec, most_pieces> parts;
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = std::min(pieces.size(), parts.size());
        for (std::size_t i = 0; i < message.msg_iovlen; ++i)
            parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
        return ::syscall(SYS_sendmsg, number_, &message, MSG_NOSIGNAL);
    }

    core_ptr core_;
    int number_;
};

} // namespace

std::unique_ptr<stream> make_stream_socket(boost::asio::io_context& loop, naru::descriptor socket)
{
    return std::make_unique<stream_socket>(loop, std::move(socket));
}

} // namespace naru
