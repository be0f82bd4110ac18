// A server of one's own, as the README has it: raw sockets and HTTP in one process.
#include <naru/naru.hpp>

#include <iostream>

naru::task<> echo(naru::session& s)
{
    while (auto line = co_await s.read_line())
        co_await s.write(*line, "\r\n");
}

naru::http::response greet(const naru::http::request& r)
{
    return naru::http::text("hello, " + r.param("name") + "\n");
}

int main(int count, char** arguments)
try
{
    naru::http::router site;
    site.get("/hello/{name}", greet);

    naru::server server;
    const naru::listener raw = server.listen(count > 1 ? arguments[1] : "tcp://127.0.0.1:0", naru::raw(echo));
    const naru::listener http = server.listen("tcp://127.0.0.1:0", naru::http::serve(site));
    std::cout << "listening raw " << raw.local().text() << "\n";
    std::cout << "listening http " << http.local().text() << std::endl;
    return server.run();
}
catch (const naru::error& e)
{
    std::cerr << "caught: " << e.what() << "\n";
    return 1;
}
