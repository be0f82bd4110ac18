#pragma once

#include <naru/net/endpoint.hpp>
#include <naru/testing/relay.hpp>

#include <chrono>
#include <memory>

namespace compare
{

/// The way to an address: straight, or through a relay that makes it as long as a round trip. The relay holds
/// the first bytes of a connection for as long as the kernel's handshake would have taken on such a road.
class road
{
  public:
    road(const naru::endpoint& to, std::chrono::milliseconds round_trip);

    /// Where to connect to.
    const naru::endpoint& entry() const noexcept { return entry_; }

  private:
    std::unique_ptr<naru::testing::relay> relay_; // empty when straight
    naru::endpoint entry_;
};

} // namespace compare
