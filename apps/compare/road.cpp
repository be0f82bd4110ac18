#include "road.hpp"

namespace compare
{

road::road(const naru::endpoint& to, std::chrono::milliseconds round_trip) : entry_(to)
{
    if (round_trip.count() == 0)
        return;
    const std::chrono::microseconds whole = round_trip;
    naru::testing::relay_options options;
    options.there = whole / 2;
    options.back = whole - options.there;
    relay_ = std::make_unique<naru::testing::relay>(to.text(), options);
    relay_->start();
    entry_ = relay_->endpoint();
}

} // namespace compare
