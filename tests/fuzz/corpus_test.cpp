#include "mutation.hpp"
#include "target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

// The inputs that the coverage-guided fuzzer has found (`./dev fuzz --for 10m`), and changes of them by
// chance. A target aborts the process; then the file that the test names holds the input.

namespace
{

using namespace std::chrono_literals;

std::string read(const std::filesystem::path& from)
{
    std::ifstream file(from, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> corpus(const std::string& name)
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(NARU_FUZZ_CORPUS) / name))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> out;
    std::transform(files.begin(), files.end(), std::back_inserter(out), read);
    return out;
}

/// Plays inputs, each of which lies in a file meanwhile.
class player
{
  public:
    player(const std::string& name, void (*target)(std::string_view))
        : path_("fuzz_input_" + name), target_(target)
    {
    }
    ~player() { std::filesystem::remove(path_); }

    void play(const std::string& input) const
    {
        std::ofstream(path_, std::ios::binary) << input;
        target_(input);
    }

  private:
    std::filesystem::path path_;
    void (*target_)(std::string_view);
};

std::uint64_t asked(const char* name, std::uint64_t otherwise)
{
    const char* const text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Slow machines try fewer changes, but every file.
void play_all(const std::string& name, void (*target)(std::string_view))
{
    const player by(name, target);
    const std::vector<std::string> inputs = corpus(name);
    ASSERT_FALSE(inputs.empty());
    for (const std::string& each : inputs)
        by.play(each);

    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t first = asked("NARU_FUZZ_FIRST_SEED", 0);
    const std::uint64_t end = first + asked("NARU_FUZZ_SEEDS", 3000);
    const std::chrono::seconds most_time(asked("NARU_FUZZ_SECONDS", 4));
    for (std::uint64_t seed = first; seed < end && std::chrono::steady_clock::now() - begin < most_time;
         ++seed)
    {
        fuzz::chance chance(seed);
        by.play(fuzz::mutate(inputs[chance.below(inputs.size())], inputs, chance));
    }
}

TEST(RawSessionCorpus, breaks_no_rule)
{
    play_all("raw", fuzz::raw_session);
}

TEST(HttpSessionCorpus, breaks_no_rule)
{
    play_all("http", fuzz::http_session);
}

} // namespace
