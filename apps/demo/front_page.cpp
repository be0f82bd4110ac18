#include "front_page.hpp"

#include <naru/net/endpoint.hpp>

#include <string>

namespace demo
{

namespace
{

namespace http = naru::http;

constexpr std::string_view head = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>naru-demo</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>
:root { color-scheme: light dark; --ink: #1d2733; --soft: #5b6875; --paper: #fbfaf7; --card: #fff;
        --line: #dfe3e6; --water: #0f6b7c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8eb; --soft: #9aa7b2; --paper: #14191e; --card: #1b2229; --line: #303a43;
          --water: #6cc3d3; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { margin: 0; font-size: 2rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.3rem; }
h3 { margin: 0; font-size: 1.1rem; }
.lead { margin: .25rem 0 0; color: var(--soft); max-width: 44rem; }
a { color: var(--water); } code, pre { font: .9em/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: .4rem 0; padding: .7rem .9rem; background: var(--paper); border: 1px solid var(--line);
      border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.25rem; }
.two section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
               padding: 1.1rem 1.25rem; min-width: 0; }
.two p { margin: .6rem 0; }
.scroll { overflow-x: auto; margin-top: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .4rem .9rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
th { color: var(--soft); font-weight: 600; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
footer { margin-top: 3rem; color: var(--soft); font-size: .9rem; }
</style>
</head>
<body>
<main>
<h1>naru-demo</h1>
<p class="lead">One process serves raw sockets and HTTP side by side; both answer the same questions.
Type the commands into a terminal. A click on a command selects all of it.</p>
)";

constexpr std::string_view foot = R"(<footer>Health check: <a href="/healthz">/healthz</a>.
This page has no script and loads nothing from other hosts.</footer>
</main>
</body>
</html>
)";

std::string command(std::string_view text)
{
    return "<pre>" + http::escape_html(text) + "</pre>\n";
}

/// The host of a Host field: its port is HTTP's and not the raw side's.
std::string_view without_port(std::string_view host) noexcept
{
    const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
    return host.substr(0, end);
}

std::string how_to_call(const naru::endpoint& raw, std::string_view host)
{
    if (raw.type() == naru::endpoint::kind::unix_abstract)
        return "socat - ABSTRACT-CONNECT:" + raw.path();
    if (!raw.is_tcp())
        return "nc -U " + raw.path();
    const bool every_address = raw.host() == "0.0.0.0" || raw.host() == "::";
    std::string name(every_address ? without_port(host) : raw.host());
    if (name.starts_with('['))
        name = name.substr(1, name.size() - 2);
    return "telnet " + name + " " + std::to_string(raw.port());
}

std::string socket_side(std::string_view host, const std::vector<questions::listener_stats>& listeners)
{
    std::string out = R"(<section>
<h3>A socket stays open</h3>
<p>Connect once; then both sides send whenever they want. Type <code>help</code> for the commands.</p>
)";
    for (const questions::listener_stats& each : listeners)
        if (each.kind == "raw")
            out += command(how_to_call(naru::endpoint::from(each.endpoint), host));
    out += "<p>Let the server send three lines, one a second:</p>\n";
    out += command("stream 3 1000");
    out += "<p>Join a room in two terminals, and send to it:</p>\n";
    out += command("join lobby") + command("say hello");
    return out + "</section>\n";
}

std::string http_side(const std::string& url)
{
    std::string out = R"(<section>
<h3>HTTP answers requests</h3>
<p>The server sends only answers; for news, the client asks again.</p>
)";
    out += command("curl -i " + url + "/hello/world");
    out +=
        R"(<p>More: <a href="/hello?name=reader">/hello?name=reader</a>, <a href="/time">/time</a>.
Send something and get it back:</p>
)";
    out += command("curl -d 'anything' " + url + "/echo");
    out += R"(<p>Send to a room that others have joined by telnet; <a href="/rooms/lobby">/rooms/lobby</a>
shows its members and messages:</p>
)";
    out += command("curl -d 'hello from HTTP' '" + url + "/rooms/lobby/messages?from=web'");
    return out + "</section>\n";
}

std::string cell(std::string_view text)
{
    return "<td>" + http::escape_html(text) + "</td>";
}

std::string number_cell(std::uint64_t number)
{
    return "<td class=\"n\">" + std::to_string(number) + "</td>";
}

constexpr std::string_view table_head = R"(<h2>Open connections</h2>
<p class="lead">One row for each, your browser's too; reload the page to see the changes.
<a href="/sessions">/sessions</a> has the same as JSON, with the kernel's figures.</p>
<div class="scroll" role="region" aria-label="Open connections" tabindex="0"><table>
<thead><tr><th scope="col" class="n">session</th><th scope="col" class="n">descriptor</th>
<th scope="col">protocol</th><th scope="col">peer</th><th scope="col" class="n">bytes in</th>
<th scope="col" class="n">bytes out</th><th scope="col">waits for</th></tr></thead>
<tbody>
)";

// A boat on water, in the colours of the page.
constexpr std::string_view icon = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#0f6b7c"/>
<path d="M15 5v11H7zM17 8v8h7zM5 18h22l-4 6H9z" fill="#fff"/>
<path d="M5 27q2.75-2 5.5 0t5.5 0 5.5 0 5.5 0" fill="none" stroke="#6cc3d3" stroke-width="2"/>
</svg>
)";

std::string session_table(const std::vector<naru::session_info>& sessions)
{
    constexpr std::size_t shown = 50;
    std::string out(table_head);
    for (std::size_t i = 0; i < sessions.size() && i < shown; ++i)
    {
        const naru::session_info& each = sessions[i];
        const std::string_view awaits = each.awaits.operation;
        out += "<tr>" + number_cell(each.id) + number_cell(static_cast<std::uint64_t>(each.descriptor)) +
               cell(each.protocol) + cell(each.peer) + number_cell(each.bytes_in) +
               number_cell(each.bytes_out) + cell(awaits.empty() ? "nothing: it runs" : awaits) + "</tr>\n";
    }
    out += "</tbody></table></div>\n";
    if (sessions.size() > shown)
        out += "<p class=\"lead\">and " + std::to_string(sessions.size() - shown) + " more.</p>\n";
    return out;
}

} // namespace

http::response front_page(std::string_view host, const std::vector<questions::listener_stats>& listeners,
                          const std::vector<naru::session_info>& sessions)
{
    const std::string name(host.empty() ? "localhost" : host); // HTTP/1.0 may do without Host
    std::string page(head);
    page += "<h2>Try it</h2>\n<div class=\"two\">\n" + socket_side(name, listeners) + http_side(name);
    page += "</div>\n" + session_table(sessions);
    page += foot;
    http::response made = http::html(std::move(page));
    made.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'");
    made.header("X-Content-Type-Options", "nosniff");
    made.header("Cache-Control", "no-store");
    return made;
}

http::response favicon()
{
    http::response made = http::bytes(std::string(icon), "image/svg+xml");
    made.header("Cache-Control", "max-age=86400");
    made.header("X-Content-Type-Options", "nosniff");
    return made;
}

} // namespace demo
