#pragma once

#include <naru/server/close_reason.hpp>
#include <naru/server/server.hpp>

#include <vector>

namespace conformance
{

/// For what reasons the sessions of a server end, from now on.
class close_watch
{
  public:
    explicit close_watch(const naru::server& of) : of_(of), before_(of.figures()) {}

    /// Waits until no session is open. Gives a reason for each that has ended; fewer than there were sessions
    /// when one of them is still open after a long time.
    std::vector<naru::close_reason> reasons() const;

  private:
    const naru::server& of_;
    naru::server_figures before_;
};

} // namespace conformance
