#include "close_watch.hpp"
#include "raw_cases.hpp"
#include "raw_handlers.hpp"
#include "raw_talk.hpp"

#include <naru/server/server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

namespace conformance
{

// GoogleTest prints the parameter of a failing test; the bytes are in the row, its name is enough.
static void PrintTo(const raw_case& row, std::ostream* out)
{
    *out << row.name << " (" << row.speaks << ")";
}

namespace
{

using testing::Contains;
using testing::SizeIs;

/// One server for all the rows of a subject, with a listener for each handler.
class reading_server
{
  public:
    reading_server() : server_({.log = {.level = naru::log_level::off}})
    {
        for (raw_handler& each : raw_handlers())
        {
            const auto listener =
                server_.listen("tcp://127.0.0.1:0", naru::raw(std::move(each.serve), each.bounds));
            spoken_.emplace(each.name, place{listener.local().port(), std::move(each.spoken)});
        }
        server_.start();
    }

    ~reading_server()
    {
        server_.stop();
        server_.wait();
    }

    struct place
    {
        std::uint16_t port = 0;
        manner spoken;
    };

    const place& of(const std::string& handler) const { return spoken_.at(handler); }
    const naru::server& server() const { return server_; }

  private:
    naru::server server_;
    std::map<std::string, place> spoken_;
};

class RawTable : public testing::TestWithParam<raw_case>
{
  protected:
    static void SetUpTestSuite() { server_ = std::make_unique<reading_server>(); }
    static void TearDownTestSuite() { server_.reset(); }

    static inline std::unique_ptr<reading_server> server_;
};

TEST_P(RawTable, takes_an_allowed_course_however_the_bytes_arrive)
{
    const raw_case& row = GetParam();
    const auto& [port, spoken] = server_->of(row.speaks);
    for (const feed how : {feed::whole, feed::bytewise, feed::cut})
    {
        const close_watch watch(server_->server());
        const verdict of_it = talk(port, spoken, row, how);
        const auto reasons = watch.reasons(); // also after a fault: the next row counts anew
        ASSERT_EQ(of_it.fault, "") << "fed " << name_of(how);
        ASSERT_THAT(reasons, SizeIs(1));
        ASSERT_THAT(of_it.reasons, Contains(reasons.front()))
            << "closed for " << naru::to_string(reasons.front()) << ", fed " << name_of(how);
    }
}

std::string row_name(const testing::TestParamInfo<raw_case>& info)
{
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(line, RawTable, testing::ValuesIn(line_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(line_limit, RawTable, testing::ValuesIn(line_limit_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(batch, RawTable, testing::ValuesIn(batch_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(delimiter, RawTable, testing::ValuesIn(delimiter_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(size, RawTable, testing::ValuesIn(size_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(piece, RawTable, testing::ValuesIn(piece_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(mixed, RawTable, testing::ValuesIn(mixed_cases()), row_name);

} // namespace
} // namespace conformance
