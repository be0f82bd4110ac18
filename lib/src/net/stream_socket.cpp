#include "net/stream_socket.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace naru
{

namespace
{

using generic_socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                        boost::asio::io_context::executor_type>;

// Most pieces of one gathered write; more go with the next.
constexpr std::size_t most_pieces = 64;

// What Asio 1.81 needs for one wait. One that needs more is allocated, which costs only that.
constexpr std::size_t wait_size = 88;

class stream_socket;
void intrusive_ptr_add_ref(stream_socket* shared) noexcept;
void intrusive_ptr_release(stream_socket* shared) noexcept;
using stream_socket_ptr = boost::intrusive_ptr<stream_socket>;

/// Gives Asio the memory that the stream keeps for the one operation of its read wait.
template <class T>
class in_place_allocator;

struct on_readable
{
    using allocator_type = in_place_allocator<char>;
    allocator_type get_allocator() const noexcept;
    void operator()(const boost::system::error_code&) const;

    stream_socket_ptr of;
};

struct on_writable
{
    void operator()(const boost::system::error_code&) const;

    stream_socket_ptr of;
};

/// A wait that was aborted comes back through the event loop after its stream has gone. So a stream is shared
/// by its owner and its waits, all of them on one thread: the count is a plain number. And since the event
/// loop may go before the owner does, the socket itself ends with close().
///
/// recv(2), send(2) and sendmsg(2) are made by their numbers: in a process with threads glibc's functions of
/// those names also make a cancellation point of each call, with two atomic exchanges that nobody here has a
/// use for.
class stream_socket final : public stream
{
  public:
    stream_socket(boost::asio::io_context& loop, naru::descriptor socket) : number_(socket.get())
    {
        ::new (&held_.socket) generic_socket(loop);
        boost::system::error_code failed;
        // The family is of no consequence to a generic socket that never opens itself.
        held_.socket.assign(boost::asio::generic::stream_protocol(AF_UNSPEC, 0), number_, failed);
        if (failed)
        {
            held_.socket.~generic_socket();
            number_ = -1;
        }
        else
            static_cast<void>(socket.release());
    }

    /// `delete` by the owner: the end of the stream, and of the memory when no wait is under way.
    static void operator delete(stream_socket* gone, std::destroying_delete_t)
    {
        gone->close();
        intrusive_ptr_release(gone);
    }

    void attach(stream_events& events) noexcept override { events_ = &events; }

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

    /// SIOCOUTQ: on TCP what the peer's kernel has not acknowledged, tcp(7). On a Unix socket, where bytes
    /// lie with the peer at once, what the peer has not read, in memory that it takes and not in bytes: it
    /// falls when a whole buffer of the kernel's has been read.
    std::size_t unsent() const noexcept override
    {
        int size = 0;
        return ::ioctl(number_, SIOCOUTQ, &size) == 0 && size > 0 ? static_cast<std::size_t>(size) : 0;
    }

    void wait_readable() override
    {
        held_.socket.async_wait(generic_socket::wait_read, on_readable{stream_socket_ptr(this)});
    }

    void wait_writable() override
    {
        held_.socket.async_wait(generic_socket::wait_write, on_writable{stream_socket_ptr(this)});
    }

    void shutdown_write() noexcept override { ::shutdown(number_, SHUT_WR); }

    void close() noexcept override
    {
        if (number_ < 0)
            return;
        boost::system::error_code ignored;
        held_.socket.close(ignored);
        end();
    }

    int descriptor() const noexcept override { return number_; }

    int release() noexcept override
    {
        if (number_ < 0)
            return -1;
        boost::system::error_code failed;
        const int given = held_.socket.release(failed);
        if (failed)
            return -1;
        end();
        return given;
    }

    stream_events* events() const noexcept { return events_; }

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

  private:
    friend void intrusive_ptr_add_ref(stream_socket* shared) noexcept { ++shared->references_; }
    friend void intrusive_ptr_release(stream_socket* shared) noexcept
    {
        if (--shared->references_ > 0)
            return;
        shared->~stream_socket();
        ::operator delete(static_cast<void*>(shared));
    }

    ~stream_socket() override {} // the socket has ended with close()

    /// Nobody is told any more.
    void end() noexcept
    {
        events_ = nullptr;
        number_ = -1;
        held_.socket.~generic_socket();
    }

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

    int number_;
    std::uint16_t references_ = 1; // the owner's; at most two waits have one each, and copies of them
    bool in_use_ = false;
    stream_events* events_ = nullptr;
    union place
    {
        place() noexcept {}
        ~place() {}
        generic_socket socket;
    } held_; // a socket, while number_ >= 0
    alignas(void*) std::byte memory_[wait_size];
};

template <class T>
class in_place_allocator
{
  public:
    using value_type = T;

    explicit in_place_allocator(stream_socket* from) noexcept : from_(from) {}
    template <class U>
    in_place_allocator(const in_place_allocator<U>& other) noexcept : from_(other.from_)
    {
    }

    T* allocate(std::size_t count) { return static_cast<T*>(from_->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { from_->deallocate(memory); }

    template <class U>
    bool operator==(const in_place_allocator<U>& other) const noexcept
    {
        return from_ == other.from_;
    }

  private:
    template <class>
    friend class in_place_allocator;
    stream_socket* from_;
};

on_readable::allocator_type on_readable::get_allocator() const noexcept
{
    return allocator_type(of.get());
}

void on_readable::operator()(const boost::system::error_code&) const
{
    if (stream_events* told = of->events())
        told->readable();
}

void on_writable::operator()(const boost::system::error_code&) const
{
    if (stream_events* told = of->events())
        told->writable();
}

} // namespace

std::unique_ptr<stream> make_stream_socket(boost::asio::io_context& loop, naru::descriptor socket)
{
    return std::unique_ptr<stream>(new stream_socket(loop, std::move(socket)));
}

} // namespace naru
