#include <naru/server/session_ref.hpp>

#include "server/session_name.hpp"

namespace naru
{

session_ref::session_ref(std::shared_ptr<session_name> name) noexcept : name_(std::move(name)) {}

std::uint64_t session_ref::id() const noexcept
{
    return name_ ? name_->id() : 0;
}

void session_ref::send(std::string text) const
{
    if (name_)
        name_->send(std::move(text));
}

void session_ref::close(close_reason reason) const
{
    if (name_)
        name_->close(reason);
}

} // namespace naru
