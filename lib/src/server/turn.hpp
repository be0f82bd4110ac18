#pragma once

#include "base/cork.hpp"
#include "base/operation_memory.hpp"
#include "base/outbox.hpp"
#include "base/read_block.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/slist.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace boost::asio
{
class io_context;
}

namespace naru
{

class session_core;
class shard;

using read_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<class wants_to_read>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
using attention_hook = boost::intrusive::slist_base_hook<boost::intrusive::tag<class wants_attention>>;

/// One pass of a shard over the sessions that have something to do; the hot way goes through here.
///
/// A session that has dealt with its bytes wants more. To arm a wait at once costs an epoll_ctl and a later
/// event for every message. So it is put on a list, and one posted pass over the list tries to read for each
/// of its sessions: under load most have bytes again. Only those that have none arm a wait.
///
/// When few tries find bytes (few connections, or little to do) the tries are the waste, and sessions arm
/// their waits at once; now and then a while is spent trying, to see whether the load has changed.
class turn
{
  public:
    turn(shard& of, boost::asio::io_context& loop);
    ~turn();

    /// `session` wants bytes: it will be given a try in the next pass, or arms its wait now.
    void want_read(session_core& session);

    /// `session` has something to flush, to resume or to be destroyed for, at the end of this pass.
    void want_attention(session_core& session) noexcept;

    /// Called before the sessions are destroyed.
    void forget_all() noexcept;

    /// How a try to read ended; what want_read() decides by.
    void tried(bool found_bytes) noexcept;

    /// The block to read into; still the same one at the next call unless somebody took it.
    read_block& block();
    /// For a session whose handler suspended while it holds views into the block.
    read_block take_block() noexcept { return std::move(block_); }
    void give_back(read_block block) { blocks_.give_back(std::move(block)); }

    std::unique_ptr<outbox> take_outbox() { return outboxes_.take(); }
    void give_back(std::unique_ptr<outbox> used) noexcept { outboxes_.give_back(std::move(used)); }

    /// The cork, if `session` may write into it now: it is its owner, or nobody is.
    cork* cork_for(session_core& session) { return owner_ == &session ? &cork_ : take_cork(session); }
    bool owns_cork(const session_core& session) const noexcept { return owner_ == &session; }
    cork& corked() noexcept { return cork_; }
    /// The owner has flushed it, or throws it away.
    void release_cork() noexcept
    {
        cork_.clear();
        owner_ = nullptr;
    }

    bool scheduled() const noexcept { return scheduled_; }

    /// Whose bytes are being dealt with right now; what others write meanwhile is flushed at the end of the
    /// pass.
    void enter(session_core& session) noexcept { entered_ = &session; }
    void leave() noexcept { entered_ = nullptr; }
    /// Whether anybody's are. If not, the shard's clock may be long behind.
    bool entered() const noexcept { return entered_ != nullptr; }

  private:
    struct next_pass;

    cork* take_cork(session_core& session);
    void schedule() noexcept;
    void pass();

    using read_list = boost::intrusive::list<session_core, boost::intrusive::base_hook<read_hook>,
                                             boost::intrusive::constant_time_size<false>>;
    using attention_list = boost::intrusive::slist<session_core, boost::intrusive::base_hook<attention_hook>,
                                                   boost::intrusive::cache_last<true>,
                                                   boost::intrusive::constant_time_size<false>>;

    shard& shard_;
    boost::asio::io_context& loop_;
    read_list readers_;
    attention_list attention_;
    bool scheduled_ = false;

    operation_memory pass_memory_; // so that a pass can be scheduled when there is no memory
    outboxes outboxes_;
    read_blocks blocks_;
    read_block block_;

    cork cork_;
    session_core* owner_ = nullptr;
    session_core* entered_ = nullptr;

    // Over a window of reads: how many tries there were and how many found bytes.
    std::uint32_t wanted_ = 0;
    std::uint32_t tries_ = 0;
    std::uint32_t found_ = 0;
    std::uint32_t windows_since_tried_ = 0;
    bool trying_ = true;
};

} // namespace naru
