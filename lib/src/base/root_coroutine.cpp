#include "base/root_coroutine.hpp"

#include <string_view>
#include <typeinfo>

namespace naru
{

namespace
{

// Asio has no way to ask what a slot holds, and an explicit instantiation may name a private member
// ([temp.spec.general]/6).
template <class Name, auto Member>
struct access
{
    friend auto member(Name) { return Member; }
};

struct handler_in_slot
{
    friend auto member(handler_in_slot);
};

template struct access<handler_in_slot, &boost::asio::cancellation_slot::handler_>;

bool takes_cancellation(boost::asio::cancellation_slot awaited)
{
    if (!awaited.is_connected() || !awaited.has_handler())
        return false;
    boost::asio::detail::cancellation_handler_base& handler = **(awaited.*member(handler_in_slot()));
    const std::string_view type = typeid(handler).name();
    return type.find("co_spawn") == std::string_view::npos &&
           type.find("parallel_group") == std::string_view::npos;
}

} // namespace

void cancel_awaited(boost::asio::cancellation_signal& cancel, boost::asio::cancellation_slot awaited)
{
    if (takes_cancellation(awaited))
        cancel.emit(boost::asio::cancellation_type::terminal);
}

} // namespace naru
