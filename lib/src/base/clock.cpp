#include <naru/base/clock.hpp>

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
    static const steady instance;
    return instance;
}

} // namespace naru
