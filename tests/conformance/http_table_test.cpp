#include "conversation.hpp"
#include "http_cases.hpp"
#include "site.hpp"

#include <naru/http/serve.hpp>
#include <naru/server/server.hpp>

#include <gtest/gtest.h>

#include <memory>

namespace conformance
{

// GoogleTest prints the parameter of a failing test; the bytes are in the row, its name is enough.
static void PrintTo(const http_case& row, std::ostream* out)
{
    *out << row.name << " (RFC " << row.section << ")";
}

namespace
{

/// One server for all the rows of a subject.
class running_server
{
  public:
    running_server()
        : server_({.log = {.level = naru::log_level::off}}),
          listener_(server_.listen("tcp://127.0.0.1:0", naru::http::serve(make_site())))
    {
        server_.start();
    }

    ~running_server()
    {
        server_.stop();
        server_.wait();
    }

    std::uint16_t port() const { return listener_.local().port(); }

  private:
    naru::server server_;
    naru::listener listener_;
};

class HttpTable : public testing::TestWithParam<http_case>
{
  protected:
    static void SetUpTestSuite() { server_ = std::make_unique<running_server>(); }
    static void TearDownTestSuite() { server_.reset(); }

    static inline std::unique_ptr<running_server> server_;
};

TEST_P(HttpTable, takes_an_allowed_course_however_the_bytes_arrive)
{
    const http_case& row = GetParam();
    for (const feed how : {feed::whole, feed::bytewise, feed::cut})
    {
        const std::string fault = converse(server_->port(), row, how);
        ASSERT_EQ(fault, "") << "RFC " << row.section << ", fed " << name_of(how);
    }
}

std::string row_name(const testing::TestParamInfo<http_case>& info)
{
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(request_line, HttpTable, testing::ValuesIn(request_line_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(target, HttpTable, testing::ValuesIn(target_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(absolute_target, HttpTable, testing::ValuesIn(absolute_target_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(version, HttpTable, testing::ValuesIn(version_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(method, HttpTable, testing::ValuesIn(method_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(header, HttpTable, testing::ValuesIn(header_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(host, HttpTable, testing::ValuesIn(host_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(content_length, HttpTable, testing::ValuesIn(content_length_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(transfer_encoding, HttpTable, testing::ValuesIn(transfer_encoding_cases()),
                         row_name);
INSTANTIATE_TEST_SUITE_P(chunk, HttpTable, testing::ValuesIn(chunk_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(trailer, HttpTable, testing::ValuesIn(trailer_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(expect, HttpTable, testing::ValuesIn(expect_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(connection, HttpTable, testing::ValuesIn(connection_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(pipelining, HttpTable, testing::ValuesIn(pipelining_cases()), row_name);
INSTANTIATE_TEST_SUITE_P(limit, HttpTable, testing::ValuesIn(limit_cases()), row_name);

} // namespace
} // namespace conformance
