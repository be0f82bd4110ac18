#include "meter.hpp"

#include <thread>

namespace compare
{

namespace
{

// Linux delays an acknowledgement by 40 ms (TCP_DELACK_MIN) in the hope that data will carry it.
constexpr std::chrono::milliseconds settling{60};

} // namespace

void meter::start()
{
    cpu_before_ = servers_.cpu();
    wire_before_ = wire::now();
}

void meter::stop()
{
    std::this_thread::sleep_for(settling + round_trip_);
    cpu_ += servers_.cpu() - cpu_before_;
    wire_ += wire::now() - wire_before_;
}

} // namespace compare
