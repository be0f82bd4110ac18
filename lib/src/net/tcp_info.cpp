#include <naru/net/tcp_info.hpp>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

namespace naru
{

namespace
{

// The kernel's numbering, include/net/tcp_states.h.
constexpr std::array<std::string_view, 13> states{
    "unknown", "established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2",   "time_wait",
    "close",   "close_wait",  "last_ack", "listen",   "closing",   "new_syn_recv"};

} // namespace

std::optional<tcp_info> read_tcp_info(int descriptor) noexcept
{
    ::tcp_info raw{}; // an older kernel fills less; the rest stays zero
    socklen_t length = sizeof raw;
    if (descriptor < 0 || ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &raw, &length) != 0)
        return std::nullopt;
    tcp_info info;
    info.state = states[raw.tcpi_state < states.size() ? raw.tcpi_state : 0];
    info.rtt = std::chrono::microseconds(raw.tcpi_rtt);
    info.retransmits = raw.tcpi_total_retrans;
    info.unacked = raw.tcpi_unacked;
    info.sacked = raw.tcpi_sacked;
    info.segments_in = raw.tcpi_segs_in;
    info.segments_out = raw.tcpi_segs_out;
    info.bytes_acked = raw.tcpi_bytes_acked;
    info.bytes_received = raw.tcpi_bytes_received;
    return info;
}

} // namespace naru
