#include <naru/server/session_ref.hpp>

#include "server/conversation.hpp"
#include "server/shard.hpp"

#include <array>

namespace naru
{

session_ref::session_ref(std::shared_ptr<shard_post> shard, std::uint64_t id, std::uint32_t slot) noexcept
    : shard_(std::move(shard)), id_(id), slot_(slot)
{
}

void session_ref::send(std::string text) const
{
    if (!shard_)
        return;
    shard_->run(
        [id = id_, slot = slot_, text = std::move(text)](shard& here)
        {
            // Only conversations have references.
            if (auto* session = static_cast<conversation*>(here.find(slot, id)))
            {
                const std::array<std::string_view, 1> pieces{text};
                session->send(pieces);
            }
        });
}

void session_ref::close(close_reason reason) const
{
    if (!shard_)
        return;
    shard_->run(
        [id = id_, slot = slot_, reason](shard& here)
        {
            if (session_core* session = here.find(slot, id))
                session->abort(reason);
        });
}

} // namespace naru
