#pragma once

#include "http_case.hpp"

#include <vector>

/// The table, by subject. Its rows come from RFC 9110 (semantics), 9112 (HTTP/1.1), 3986 (URI), 6585 (431);
/// where those let a server choose, from Naru's choice, the strict one. They ask the site in site.hpp.
namespace conformance
{

std::vector<http_case> request_line_cases();
std::vector<http_case> target_cases();
std::vector<http_case> absolute_target_cases();
std::vector<http_case> version_cases();
std::vector<http_case> method_cases();
std::vector<http_case> header_cases();
std::vector<http_case> host_cases();
std::vector<http_case> content_length_cases();
std::vector<http_case> transfer_encoding_cases();
std::vector<http_case> chunk_cases();
std::vector<http_case> trailer_cases();
std::vector<http_case> expect_cases();
std::vector<http_case> connection_cases();
std::vector<http_case> pipelining_cases();
std::vector<http_case> limit_cases();

} // namespace conformance
