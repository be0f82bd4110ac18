#pragma once

#include <naru/server/session_ref.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demo
{

/// Rooms in which sessions hear each other. Any thread: members live on several shards and are spoken to
/// through their session_ref, speakers may be an HTTP request that is gone before the last member has heard
/// it.
///
/// A room is there from the first time that somebody enters or speaks. It remembers its last 20 messages;
/// when there are too many rooms, the empty one that has been silent for longest is forgotten.
class rooms
{
  public:
    struct message
    {
        std::string at; ///< UTC, ISO 8601
        std::string from;
        std::string text;
    };

    struct picture
    {
        std::vector<std::string> members;
        std::vector<message> messages; ///< the oldest first
    };

    /// A place in a room, left when it goes out of scope, by whatever way its owner ends. Outlives no
    /// `rooms`.
    class seat
    {
      public:
        seat() = default;
        seat(seat&& from) noexcept;
        seat& operator=(seat&& from) noexcept;
        ~seat();

        bool taken() const noexcept { return in_ != nullptr; }
        const std::string& room() const noexcept { return room_; }
        const std::string& name() const noexcept { return name_; }

      private:
        friend class rooms;
        seat(rooms& in, std::string room, std::string name);
        void leave();

        rooms* in_ = nullptr;
        std::string room_;
        std::string name_;
    };

    /// Enters, and tells who is there already. Throws `refusal` when another has that name there, or there
    /// are too many rooms. Names are checked by the caller.
    seat join(std::string_view room_name, std::string_view who, const naru::session_ref& session);

    /// Says `text`, which is printable, to every member, the speaker among them. Gives how many they are.
    std::size_t say(std::string_view room_name, std::string_view from, std::string_view text);

    /// nullopt when there is no such room.
    std::optional<picture> look(std::string_view room_name) const;

  private:
    struct member
    {
        std::string name;
        naru::session_ref session;
    };

    struct room
    {
        std::vector<member> members;
        std::deque<message> messages;
        std::uint64_t last_stir = 0; // what happened here last, as a number of `stirs_`
    };

    room& open(std::string_view name);
    void forget_silent_room();
    void leave(const seat& of);
    static void tell(const room& all, const std::string& line);

    mutable std::mutex mutex_;
    std::map<std::string, room, std::less<>> rooms_;
    std::uint64_t stirs_ = 0;
};

} // namespace demo
