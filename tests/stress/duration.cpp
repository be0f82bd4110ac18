#include "duration.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

namespace naru::stress
{

std::chrono::seconds duration()
{
    if (const char* const wanted = std::getenv("NARU_STRESS_SECONDS"))
        return std::chrono::seconds(std::stoul(wanted));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return std::chrono::seconds(60);
#else
    return std::chrono::seconds(5);
#endif
}

std::uint64_t seed()
{
    const char* const wanted = std::getenv("NARU_STRESS_SEED");
    const std::uint64_t value = wanted ? std::stoull(wanted) : std::random_device()();
    std::cout << "NARU_STRESS_SEED=" << value << std::endl;
    return value;
}

} // namespace naru::stress
