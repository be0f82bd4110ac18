#pragma once

#include "server/session_core.hpp"

#include <memory>
#include <string_view>

namespace naru
{

/// What a protocol keeps for one listener on one shard: caches, spare parts. Only that shard touches it.
class shard_part
{
  public:
    virtual ~shard_part() = default;

    /// Called once, before the first session: where the listener listens.
    virtual void listens_at(const endpoint&) {}
};

/// The seam between the server and what it speaks. Const, shared by all shards.
class protocol_model
{
  public:
    virtual ~protocol_model() = default;

    virtual std::string_view name() const noexcept = 0;
    virtual const limits& bounds() const noexcept = 0;
    virtual std::unique_ptr<session_core> make_session(session_core::arrival from) const = 0;
    virtual std::unique_ptr<shard_part> make_shard_part() const { return nullptr; }

    /// What a connection over a limit is told before it is closed; may be empty.
    virtual std::string_view refusal() const noexcept { return {}; }
};

} // namespace naru
