#include <naru/base/clock.hpp>

#include <cstddef>
#include <new>

namespace naru
{

namespace
{

class steady final : public clock
{
  public:
    time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
    bool runs_by_itself() const noexcept override { return true; }
};

} // namespace

const clock& clock::system() noexcept
{
    // Never destroyed, since threads of shards may outlive static objects.
    alignas(steady) static std::byte place[sizeof(steady)];
    static const steady* const instance = ::new (static_cast<void*>(place)) steady;
    return *instance;
}

} // namespace naru
