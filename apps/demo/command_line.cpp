#include "command_line.hpp"

#include "config_file.hpp"

#include <naru/net/endpoint.hpp>

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <iostream>
#include <iterator>
#include <memory>
#include <system_error>

namespace demo
{

namespace
{

constexpr const char* about = R"(naru-demo serves raw sockets and HTTP side by side in one process.

  telnet localhost 9190      a line protocol; type help
  curl localhost:8080        a page that explains the rest

An ENDPOINT is tcp://HOST:PORT (every address: 0.0.0.0 or [::]; port 0 lets the kernel choose),
unix:PATH or unix:@NAME. Each one that listens is printed as a line:
`listening raw tcp://127.0.0.1:9190`. SIGTERM and Ctrl-C let open sessions finish, a second one ends
them. SIGHUP, which a terminal sends when it closes, ends the program at once: there is no reload yet.
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

std::string fault_in_level(const std::string& text)
{
    naru::log_level level{};
    if (naru::parse_log_level(text, level))
        return {};
    return "'" + text + "': a level is debug, info, warning (or warn), error or off";
}

/// Empty when `path` can be read; or else why not.
std::string fault_in_path(const std::string& path)
{
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0)
    {
        std::string why = std::generic_category().message(errno);
        why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
        return path + ": " + why;
    }
    struct stat about
    {
    };
    const bool folder = ::fstat(opened, &about) == 0 && S_ISDIR(about.st_mode);
    ::close(opened);
    return folder ? path + ": is a directory" : "";
}

/// What CLI11 says, as one line that names the argument.
std::string explained(const CLI::ParseError& fault)
{
    std::string text = fault.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// CLI11's own reader takes what it does not understand for something else, knows no lines, and calls every
/// file an INI. This one gives an option from the file the checks that it has on the command line.
class strict_config final : public CLI::Config
{
  public:
    explicit strict_config(const CLI::App& app) : app_(app) {}

    std::vector<CLI::ConfigItem> from_config(std::istream& input) const override
    {
        const std::string text{std::istreambuf_iterator<char>(input), {}};
        std::vector<CLI::ConfigItem> out;
        for (const config_entry& each : read_config(text))
        {
            check(each);
            out.emplace_back();
            out.back().name = each.name;
            out.back().inputs = each.values;
        }
        return out;
    }

    std::string to_config(const CLI::App*, bool, bool, std::string) const override { return {}; }

  private:
    void check(const config_entry& each) const
    {
        // CLI11 gives get_validator() to those alone who may change the option.
        auto* const option = const_cast<CLI::Option*>(app_.get_option_no_throw("--" + each.name));
        if (option == nullptr || !option->get_configurable())
            throw config_fault(each.line, "there is no option '" + each.name + "'");
        const auto fail = [&each](const std::string& why)
        { throw config_fault(each.line, each.name + ": " + why); };
        const bool flag = option->get_expected_max() == 0;
        if (flag && each.values != std::vector<std::string>{"true"} &&
            each.values != std::vector<std::string>{"false"})
            fail("true or false is expected");
        if (each.values.size() > 1 && option->get_expected_max() == 1)
            fail("takes one value");
        for (std::string value : each.values)
            if (const std::string why = fault_in(*option, value); !why.empty())
                fail(why);
    }

    static std::string fault_in(CLI::Option& option, std::string& value)
    {
        try
        {
            for (int i = 0;; ++i)
                if (std::string why = (*option.get_validator(i))(value); !why.empty())
                    return why;
        }
        catch (const CLI::OptionNotFound&) // there is no further validator
        {
            return {};
        }
    }

    const CLI::App& app_;
};

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
    CLI::Option* const file = app.set_config(
        "--config", "", "read options from this TOML file, by their names: threads = 4, log-json = true");
    file->type_name("FILE")->check(CLI::Validator(fault_in_path, ""));
    app.config_formatter(std::make_shared<strict_config>(app));
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
        ->check(CLI::Validator(fault_in_level, ""))
        ->capture_default_str();
    app.add_flag("--log-json", wanted.log_json, "log a JSON object a line");
    app.add_flag("--one-shot", wanted.one_shot, "close each HTTP connection after one answer");
    number("--drain", "SECONDS", drain, 0, 3600, "how long open sessions may take to finish after SIGTERM");
    number("--idle", "SECONDS", idle, 0, 86400,
           "a raw session that sends nothing for so long is closed; 0: never");

    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::Success& e)
    {
        status = app.exit(e);
        return std::nullopt;
    }
    catch (const config_fault& e)
    {
        std::cerr << "naru-demo: --config: " << file->as<std::string>() << ": " << e.what()
                  << " (see naru-demo --help)\n";
        status = 2;
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
