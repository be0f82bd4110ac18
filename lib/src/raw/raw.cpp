#include <naru/raw/raw.hpp>

#include "server/conversation.hpp"

namespace naru
{

protocol raw(handler serve, limits bounds)
{
    return protocol(std::make_shared<conversation_model>(std::move(serve), bounds));
}

} // namespace naru
