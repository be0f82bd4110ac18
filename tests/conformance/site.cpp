#include "site.hpp"

#include <naru/http/request.hpp>
#include <naru/http/response.hpp>

#include <string>

namespace conformance
{
namespace
{

using naru::http::request;
using naru::http::response;
using naru::http::text;

response value(const request& r)
{
    const auto given = r.header("X-Value");
    return text(given ? "[" + std::string(*given) + "]" : "absent");
}

} // namespace

naru::http::router make_site()
{
    naru::http::router site;
    site.get("/probe", [](const request&) { return text("ok"); })
        .get("/", [](const request&) { return text("root"); })
        .post("/echo", [](const request& r) { return text(std::string(r.body())); })
        .get("/hello/{name}", [](const request& r) { return text("hello, " + r.param("name") + "\n"); })
        .get("/target/{rest...}", [](const request& r) { return text(std::string(r.target())); })
        .get("/host", [](const request& r) { return text(std::string(r.host())); })
        .on("QUERY", "/query",
            [](const request& r) { return text(std::string(r.method_text()) + " " + std::string(r.body())); })
        .get("/value", value)
        .post("/value", value);
    return site;
}

} // namespace conformance
