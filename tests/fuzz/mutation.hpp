#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz
{

/// Chance that gives the same for the same seed, on every machine.
class chance
{
  public:
    explicit chance(std::uint64_t seed) : engine_(seed) {}

    /// Below `bound`, which is not 0.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
    bool one_in(std::size_t many) { return below(many) == 0; }

  private:
    std::mt19937_64 engine_;
};

/// One to four changes of `message`: bytes turned, dropped, repeated and put in, parts of others from
/// `corpus`.
std::string mutate(std::string message, const std::vector<std::string>& corpus, chance& by);

} // namespace fuzz
