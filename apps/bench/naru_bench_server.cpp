// naru-bench-server: the servers under measurement, as a user would write them.

#include <naru/naru.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace
{

naru::task<> echo(naru::session& s)
{
    while (auto bytes = co_await s.read_some())
        co_await s.write(*bytes);
}

naru::http::response hello(const naru::http::request&)
{
    return naru::http::text("Hello, World!");
}

using named_listener = std::pair<const char*, naru::listener>;

void announce(const std::vector<named_listener>& all)
{
    for (const auto& [kind, at] : all)
        std::cout << "listening " << kind << " " << at.local().text() << std::endl;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("The servers that Naru's benchmarks measure: HTTP hello world and TCP echo.");
    std::vector<std::string> http;
    std::vector<std::string> raw;
    unsigned threads = 1;
    app.add_option("--http", http, "serve GET / with Hello, World! here: tcp://HOST:PORT or unix:PATH");
    app.add_option("--echo", raw, "echo here");
    app.add_option("--threads", threads, "shards")->check(CLI::Range(1u, 256u));
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::CallForHelp& e)
    {
        return app.exit(e);
    }
    catch (const CLI::ParseError& e)
    {
        std::cerr << "naru-bench-server: " << e.what() << " (see --help)\n";
        return 2;
    }

    try
    {
        naru::http::router site;
        site.get("/", hello);

        naru::server_options options;
        options.threads = threads;
        options.log.level = naru::log_level::warning;
        naru::server server(options);
        std::vector<named_listener> all;
        for (const std::string& at : http)
            all.emplace_back("http", server.listen(at, naru::http::serve(site, {.access_log = false})));
        for (const std::string& at : raw)
            all.emplace_back("echo", server.listen(at, naru::raw(echo)));
        return server.run([&all] { announce(all); });
    }
    catch (const naru::error& e)
    {
        std::cerr << "naru-bench-server: " << e.what() << "\n";
        return e.code() == naru::errc::bad_endpoint ? 2 : 1;
    }
}
