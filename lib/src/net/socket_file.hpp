#pragma once

#include "net/descriptor.hpp"

#include <naru/net/endpoint.hpp>

#include <string>
#include <utility>

namespace naru
{

struct address;

/// The folder of a Unix endpoint's path, and the file's name in it. The folder is open, so that it stays the
/// same folder after chdir(2).
struct socket_place
{
    /// Throws `naru::error`, operation "listen".
    explicit socket_place(const endpoint& where);

    descriptor folder; // O_PATH
    std::string name;
};

/// Held while a server starts on a Unix path. Everything from the look at an old file to listen(2) happens
/// under it: a socket that is bound and does not listen yet looks like one that nobody serves, and the next
/// server would remove it (docs/decisions/0009).
///
/// It is flock(2) on the file `NAME.naru-lock` in the same folder, which is removed with the lock.
class startup_lock
{
  public:
    /// `place` outlives it. Waits while another server starts there, at most 5 s: errc::already_in_use.
    startup_lock(const socket_place& place, const endpoint& where);
    startup_lock(const startup_lock&) = delete;
    startup_lock& operator=(const startup_lock&) = delete;
    ~startup_lock();

  private:
    int folder_;
    std::string name_;
    descriptor file_;
};

/// Removes a socket file that no server serves. Under the lock. Throws errc::already_in_use when a server
/// answers there, errc::not_a_socket when the file is something else.
void remove_stale_file(const socket_place& place, const endpoint& where, const address& at);

/// The file of a listening Unix socket, removed with its owner; or none.
///
/// Only the file that was bound is removed, not one that another server has made at the same path since, and
/// its inode number is not used again meanwhile: both are open. Remove it before the socket stops listening:
/// so long as the socket answers, no server that looks takes the path over.
class socket_file
{
  public:
    socket_file() noexcept = default;
    /// The socket that was just bound there. Throws `naru::error`; then the file is removed.
    socket_file(const socket_place& place, const endpoint& where);
    socket_file(socket_file&& other) noexcept = default;
    socket_file& operator=(socket_file&& other) noexcept
    {
        std::swap(folder_, other.folder_);
        std::swap(file_, other.file_);
        std::swap(name_, other.name_);
        return *this;
    }
    ~socket_file() { remove(); }

    /// Sets the permissions, as chmod(2).
    void set_mode(unsigned mode, const endpoint& where);
    /// Idempotent; one thread at a time.
    void remove() noexcept;
    /// Leaves the file where it is.
    void keep() noexcept { folder_.reset(); }

  private:
    descriptor folder_; // none: nothing to remove
    descriptor file_;   // O_PATH
    std::string name_;
};

} // namespace naru
