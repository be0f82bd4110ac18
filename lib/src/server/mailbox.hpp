#pragma once

#include <boost/asio/io_context.hpp>

#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace naru
{

class shard;

/// Something to do on a shard. One that is not delivered is destroyed, on whatever thread.
class mail
{
  public:
    virtual ~mail() = default;
    virtual void deliver(shard& here) = 0;
};

/// Takes work to a shard from any thread. Safe to hold after the shard is destroyed.
///
/// Work is delivered in order, all that waits with one post to the event loop.
class mailbox : public std::enable_shared_from_this<mailbox>
{
  public:
    explicit mailbox(shard& to, boost::asio::io_context& loop) noexcept : shard_(&to), loop_(loop) {}

    /// Runs `act(shard&)` on the shard's thread: at once when called there, else soon. When the mailbox is
    /// closed, or closes first, `act` is destroyed instead. `act` may be move-only.
    template <class Act>
    void run(Act act)
    {
        if (shard* const here = on_this_thread())
            act(*here);
        else
            put(std::make_unique<letter<Act>>(std::move(act)));
    }

    /// The same, but never at once.
    template <class Act>
    void post(Act act)
    {
        put(std::make_unique<letter<Act>>(std::move(act)));
    }

    /// The shard, when called on its thread.
    shard* on_this_thread() noexcept;

    /// Nothing is delivered from now on; what waits is destroyed. Any thread, but not while the shard's
    /// thread delivers.
    void close() noexcept;

  private:
    template <class Act>
    class letter final : public mail
    {
      public:
        explicit letter(Act act) : act_(std::move(act)) {}
        void deliver(shard& here) override { act_(here); }

      private:
        Act act_;
    };

    void put(std::unique_ptr<mail> what);
    void deliver();

    std::mutex mutex_; // over what follows
    shard* shard_;
    std::vector<std::unique_ptr<mail>> waiting_;
    bool posted_ = false;

    boost::asio::io_context& loop_; // used only while shard_ is set
};

} // namespace naru
