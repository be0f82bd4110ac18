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
    app.set_version_flag("--version", "naru-demo " NARU_VERSION, "print the version");
    app.set_help_flag("-h,--help", "print this");
    app.set_config("--config", "",
                   "read options from this TOML file: raw = [\"tcp://[::]:9190\"], threads = 4")
        ->type_name("FILE");
    app.allow_config_extras(CLI::config_extras_mode::error);

    // The checks bring type names of their own, longer than what they say.
    const auto endpoints = [&app](const char* name, std::vector<std::string>& into, const char* about)
    {
        app.add_option(name, into, about)
            ->type_name("ENDPOINT")
            ->check(CLI::Validator(fault_in_endpoint, ""))
            ->allow_extra_args(false)
            ->capture_default_str();
    };
    const auto number = [&app](const char* name, const char* unit, unsigned& into, unsigned least,
                               unsigned most, const char* about)
    {
        app.add_option(name, into, about)
            ->type_name(unit)
            ->check(CLI::Range(least, most).description(""))
            ->capture_default_str();
    };
    endpoints("--raw", wanted.raw, "speak the line protocol here; may be given again");
    endpoints("--http", wanted.http, "speak HTTP here; may be given again");
    number("--threads", "N", wanted.threads, 1, 256, "shards, each a thread with its own sessions");
    app.add_option("--log-level", level,
                   "what is logged, on standard error: debug, info, warning, error or off")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}).description(""))
        ->capture_default_str();
    app.add_flag("--log-json", wanted.log_json, "log a JSON object a line");
    app.add_flag("--one-shot", wanted.one_shot, "close each HTTP connection after one answer");
    number("--drain", "SECONDS", drain, 0, 3600, "what open sessions get to finish after SIGTERM");
    number("--idle", "SECONDS", idle, 0, 86400, "after them a silent raw session is closed; 0: never");

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
