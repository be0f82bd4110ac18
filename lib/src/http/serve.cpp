#include <naru/http/serve.hpp>

#include "http/http_session.hpp"

namespace naru::http
{

protocol serve(router site, options options)
{
    return protocol(std::make_shared<http_model>(std::move(site), options));
}

} // namespace naru::http
