#include <naru/server/protocol.hpp>

#include "server/protocol_model.hpp"

namespace naru
{

protocol::protocol(std::shared_ptr<const protocol_model> model) noexcept : model_(std::move(model)) {}

std::string_view protocol::name() const noexcept
{
    return model_->name();
}

} // namespace naru
