#include "session_list.hpp"

#include <naru/net/tcp_info.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace demo
{

namespace
{

boost::json::value awaits(const naru::awaited& what)
{
    return {{"operation", what.operation},
            {"file", what.file ? what.file : ""},
            {"line", what.line},
            {"since", what.since.count()}};
}

/// A session may have ended since the picture was taken, and its descriptor may be another's by now. What a
/// page shows is a moment old anyway.
boost::json::value kernel_view(int descriptor)
{
    const auto known = naru::read_tcp_info(descriptor);
    if (!known)
        return nullptr;
    return {{"state", known->state}, {"rtt", known->rtt.count()}, {"retransmits", known->retransmits}};
}

} // namespace

boost::json::array listed(const std::vector<naru::session_info>& sessions)
{
    boost::json::array all;
    for (const naru::session_info& each : sessions)
    {
        boost::json::object row;
        row["id"] = each.id;
        row["fd"] = each.descriptor;
        row["listener"] = each.listener;
        row["protocol"] = each.protocol;
        row["peer"] = each.peer;
        row["shard"] = each.shard;
        row["age"] = each.age.count();
        row["bytes"] = {{"in", each.bytes_in}, {"out", each.bytes_out}, {"waiting", each.bytes_waiting}};
        row["awaits"] = awaits(each.awaits);
        row["tcp"] = kernel_view(each.descriptor);
        all.push_back(std::move(row));
    }
    return all;
}

} // namespace demo
