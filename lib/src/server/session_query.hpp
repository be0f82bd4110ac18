#pragma once

#include "server/mailbox.hpp"

#include <naru/base/task.hpp>
#include <naru/server/session_info.hpp>

#include <memory>
#include <vector>

namespace naru
{

/// Asks all `shards` at the same time for a picture of their sessions, and gives them by id. A shard that
/// ends first has none. Resumes on the executor of the caller.
task<std::vector<session_info>> query_sessions(std::vector<std::shared_ptr<mailbox>> shards);

} // namespace naru
