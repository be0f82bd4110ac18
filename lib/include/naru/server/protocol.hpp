#pragma once

#include <naru/base/cpp20.hpp>

#include <memory>
#include <string_view>

namespace naru
{

class protocol_model;

/// What a listener speaks: a value, made by `naru::raw(handler)` or `naru::http::serve(router)` and given to
/// `server::listen()`. Copies share one model, which lives as long as a listener or session uses it; so
/// handlers may be lambdas with captures.
class protocol
{
  public:
    explicit protocol(std::shared_ptr<const protocol_model> model) noexcept;

    /// "raw", "http".
    std::string_view name() const noexcept;

    const std::shared_ptr<const protocol_model>& model() const noexcept { return model_; }

  private:
    std::shared_ptr<const protocol_model> model_;
};

} // namespace naru
