#include "net/socket_file.hpp"

#include "net/address.hpp"

#include <naru/base/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace naru
{

namespace
{

// A start holds the lock for a few system calls. One that holds it for so long has been stopped there.
constexpr std::chrono::seconds longest_start{5};
constexpr std::chrono::milliseconds longest_pause{8};

[[noreturn]] void fail(const endpoint& where, std::string_view call)
{
    throw error(from_errno(errno), "listen", where.text(), call);
}

bool is_file_at(int file, int folder, const std::string& name) noexcept
{
    struct stat ours = {};
    struct stat there = {};
    return ::fstat(file, &ours) == 0 && ::fstatat(folder, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/// False when another process holds it until `due`.
bool lock_by(int file, std::chrono::steady_clock::time_point due, const endpoint& where)
{
    std::chrono::milliseconds pause{1};
    while (::flock(file, LOCK_EX | LOCK_NB) != 0)
    {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            fail(where, "flock");
        if (std::chrono::steady_clock::now() >= due)
            return false;
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
    }
    return true;
}

} // namespace

socket_place::socket_place(const endpoint& where)
{
    const std::string& path = where.path();
    const std::size_t slash = path.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name.empty() || name == "." || name == "..")
        throw error(errc::not_a_socket, "listen", where.text());
    folder = descriptor(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder)
        fail(where, "bind"); // which would fail with the same error
}

startup_lock::startup_lock(const socket_place& place, const endpoint& where)
    : folder_(place.folder.get()), name_(place.name + ".naru-lock")
{
    const auto due = std::chrono::steady_clock::now() + longest_start;
    do
    {
        file_ = descriptor(
            ::openat(folder_, name_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
        if (!file_)
            fail(where, "open " + where.path() + ".naru-lock");
        if (!lock_by(file_.get(), due, where))
            throw error(errc::already_in_use, "listen", where.text());
        // The last holder has removed the file that it had locked.
    } while (!is_file_at(file_.get(), folder_, name_));
}

startup_lock::~startup_lock()
{
    static_cast<void>(::unlinkat(folder_, name_.c_str(), 0));
    // Not by close(2) alone: a child of fork(2) would hold it on.
    static_cast<void>(::flock(file_.get(), LOCK_UN));
}

void remove_stale_file(const socket_place& place, const endpoint& where, const address& at)
{
    const descriptor old(::openat(place.folder.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!old && errno == ENOENT)
        return;
    struct stat file = {};
    if (!old || ::fstat(old.get(), &file) != 0)
        fail(where, "open");
    if (!S_ISSOCK(file.st_mode))
        throw error(errc::not_a_socket, "listen", where.text());

    const descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!probe)
        fail(where, "socket");
    // ECONNREFUSED is the only answer that means that no socket listens. EAGAIN is the full backlog of one
    // that does.
    const int answer = ::connect(probe.get(), at.data(), at.length) == 0 ? 0 : errno;
    if (answer == ENOENT)
        return; // its server has ended just now
    if (answer == EACCES)
        fail(where, "connect"); // whether it is served cannot be found out
    if (answer != ECONNREFUSED || !is_file_at(old.get(), place.folder.get(), place.name))
        throw error(errc::already_in_use, "listen", where.text());
    if (::unlinkat(place.folder.get(), place.name.c_str(), 0) != 0 && errno != ENOENT)
        fail(where, "unlink");
}

socket_file::socket_file(const socket_place& place, const endpoint& where)
    : folder_(::fcntl(place.folder.get(), F_DUPFD_CLOEXEC, 0)),
      file_(::openat(place.folder.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)),
      name_(place.name)
{
    if (folder_ && file_)
        return;
    const int number = errno;
    static_cast<void>(::unlinkat(place.folder.get(), name_.c_str(), 0));
    throw error(from_errno(number), "listen", where.text(), "open");
}

void socket_file::set_mode(unsigned mode, const endpoint& where)
{
    if (::fchmodat(folder_.get(), name_.c_str(), mode, 0) != 0)
        fail(where, "chmod");
}

void socket_file::remove() noexcept
{
    if (folder_ && is_file_at(file_.get(), folder_.get(), name_))
        static_cast<void>(::unlinkat(folder_.get(), name_.c_str(), 0));
    folder_.reset();
    file_.reset();
}

} // namespace naru
