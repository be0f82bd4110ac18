#include "feed.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <random>
#include <thread>

namespace conformance
{
namespace
{

constexpr std::size_t long_row = 2 * 1024;
constexpr std::size_t long_piece = 61;

// Long enough for a server on this host to read each piece by itself, short enough for some hundred rows.
constexpr std::chrono::microseconds byte_pause{20};
constexpr std::chrono::microseconds cut_pause{500};

bool send_bytewise(client& peer, std::string_view bytes)
{
    const bool is_long = bytes.size() > long_row;
    const std::size_t piece = is_long ? long_piece : 1;
    std::this_thread::sleep_for(cut_pause); // until the connection is accepted: the first bytes count too
    while (!bytes.empty())
    {
        if (!peer.send(bytes.substr(0, piece)))
        {
            return false;
        }
        bytes.remove_prefix(std::min(piece, bytes.size()));
        if (!is_long)
        {
            std::this_thread::sleep_for(byte_pause);
        }
    }
    return true;
}

bool send_cut(client& peer, std::string_view bytes)
{
    std::minstd_rand draw(static_cast<unsigned>(std::hash<std::string_view>{}(bytes)));
    std::uniform_int_distribution<std::size_t> place(0, bytes.size());
    std::array<std::size_t, 4> cuts{place(draw), place(draw), place(draw), bytes.size()};
    std::ranges::sort(cuts);

    std::size_t sent = 0;
    for (const std::size_t cut : cuts)
    {
        if (!peer.send(bytes.substr(sent, cut - sent)))
        {
            return false;
        }
        sent = cut;
        std::this_thread::sleep_for(cut_pause);
    }
    return true;
}

} // namespace

std::string_view name_of(feed how)
{
    switch (how)
    {
    case feed::whole:
        return "whole";
    case feed::bytewise:
        return "bytewise";
    case feed::cut:
        return "cut";
    }
    return "";
}

bool send_as(client& peer, std::string_view bytes, feed how)
{
    switch (how)
    {
    case feed::whole:
        return peer.send(bytes);
    case feed::bytewise:
        return send_bytewise(peer, bytes);
    case feed::cut:
        return send_cut(peer, bytes);
    }
    return false;
}

} // namespace conformance
