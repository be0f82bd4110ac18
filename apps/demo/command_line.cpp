#include "command_line.hpp"

#include <naru/net/endpoint.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace demo
{

namespace
{

constexpr const char* about = R"(naru-demo serves raw sockets and HTTP side by side in one process.

  telnet localhost 9190      a line protocol; type help
  curl localhost:8080        a page that explains the rest

An ENDPOINT is tcp://HOST:PORT (every address: 0.0.0.0 or [::]; port 0 lets the kernel choose),
unix:PATH or unix:@NAME. Each one that listens is printed as a line:
`listening raw tcp://127.0.0.1:9190`. SIGTERM lets open sessions finish, a second one ends them.
)";

/// Empty when `text` is an endpoint; or else what is wrong with it and where.
std::string fault_in_endpoint(const std::string& text)
{
    const auto parsed = naru::endpoint::parse(text);
    if (parsed)
        return {};
    return "'" + text + "': " + parsed.error().what + ", at character " +
           std::to_string(parsed.error().position + 1);
}

/// What CLI11 says, as one line that names the argument.
std::string explained(const CLI::ParseError& fault)
{
    std::string text = fault.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (dynamic_cast<const CLI::FileError*>(&fault) || dynamic_cast<const CLI::ConfigError*>(&fault))
        return "--config: " + text;
    return text;
}

} // namespace

std::optional<wishes> read_command_line(int argc, char** argv, int& status)
{
    wishes wanted;
    std::string level = "info";
    unsigned drain = 10;
    unsigned idle = 600;

    CLI::App app(about, "naru-demo");
    app.set_version_flag("--version", "naru-demo " NARU_VERSION);
    app.set_config("--config", "",
                   "read options from this TOML file: raw = [\"tcp://[::]:9190\"], threads = 4");
    app.allow_config_extras(CLI::config_extras_mode::error);
    const CLI::Validator endpoint(fault_in_endpoint, "ENDPOINT");
    app.add_option("--raw", wanted.raw, "speak the line protocol here; may be given again")
        ->check(endpoint)
        ->allow_extra_args(false)
        ->capture_default_str();
    app.add_option("--http", wanted.http, "speak HTTP here; may be given again")
        ->check(endpoint)
        ->allow_extra_args(false)
        ->capture_default_str();
    app.add_option("--threads", wanted.threads, "shards, each a thread with its own sessions")
        ->check(CLI::Range(1u, 256u))
        ->capture_default_str();
    app.add_option("--log-level", level, "what is logged, on standard error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
        ->capture_default_str();
    app.add_flag("--log-json", wanted.log_json, "log a JSON object a line");
    app.add_flag("--one-shot", wanted.one_shot, "close each HTTP connection after one answer");
    app.add_option("--drain", drain, "seconds that open sessions get to finish after SIGTERM")
        ->check(CLI::Range(0u, 3600u))
        ->capture_default_str();
    app.add_option("--idle", idle, "seconds after which a silent raw session is closed; 0 for never")
        ->check(CLI::Range(0u, 86400u))
        ->capture_default_str();

    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::Success& e)
    {
        status = app.exit(e);
        return std::nullopt;
    }
    catch (const CLI::ParseError& e)
    {
        std::cerr << "naru-demo: " << explained(e) << " (see naru-demo --help)\n";
        status = 2;
        return std::nullopt;
    }
    naru::parse_log_level(level, wanted.log_level);
    wanted.drain = std::chrono::seconds(drain);
    wanted.idle = std::chrono::seconds(idle);
    return wanted;
}

} // namespace demo
