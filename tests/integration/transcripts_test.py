"""What the documents print is what happens: each ```console block behind a `<!-- run: name -->` is typed as
it stands, on free ports, and what comes must be what is printed, with … for what varies. Blocks of one name
talk to one server; a block that begins without a `$` goes on in the terminal that the last one left open.
The guide's two programs are run as it says, and all C++ of the documents compiles."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from peer import Terminal, address
from program import BIN, Demo, Program, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = "programs"  # the guide's own two, which have no demo beside them
BLOCK = re.compile(r"<!-- run: ([\w -]+) -->\n```console\n(.*?)```", re.S)


CODE = re.compile(r"```cpp\n(.*?)```", re.S)
PRELUDE = """
#include <naru/naru.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
namespace asio = boost::asio;
std::string sorted(std::string text);
std::string work(const std::string& text);
template <class Job> naru::task<std::string> run(Job job) { co_return job(); }
"""


def program(number, block):
    """A block as it stands when it has functions; or else as the body of one."""
    includes = "".join(re.findall(r"^#include.*\n", block, re.M))
    block = re.sub(r"^#include.*\n", "", block, flags=re.M)
    if re.search(r"^\S.*\)( //.*)?\n\{", block, re.M):
        return f"{includes}namespace block_{number} {{\n{block}}}\n"
    halves = "\n}\n{\n".join(block.split("\n\n"))  # each part has its own names
    return (f"naru::task<> block_{number}(naru::session& s)\n{{\nconst auto line = co_await s.read_line();\n"
            f"{{\n{halves}\n}}\n}}\n")


def transcripts():
    """Name and blocks, each a list of lines."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        blocks = {}
        for name, block in BLOCK.findall(page.read_text()):
            blocks.setdefault(f"{page.name}: {name}", []).append(block.splitlines())
        yield from blocks.items()


def pattern(lines):
    """A line that is … stands for any lines, none too; a … within a line for anything but its end."""
    return "".join("(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n"
                   for line in lines)


class Transcripts(unittest.TestCase):
    def command(self, demo, line):
        """On this demo's ports."""
        http, raw = address(demo.http)[1], address(demo.raw)[1]
        return (line.replace("localhost:8080", f"{http[0]}:{http[1]}")
                .replace("localhost 9190", f"{raw[0]} {raw[1]}"))

    def talk(self, terminal, lines, stays):
        """Types what follows a `>` when what is printed before it has come; gives what was on the screen."""
        screen = said = ""
        for line in [*lines, "> "]:
            if not line.startswith("> "):
                said = line
                continue
            if said not in ("", "…"):
                screen += terminal.until(max(said.split("…"), key=len)) + terminal.until("\n")
            said = ""
            if line != "> ":
                terminal.type(line[2:])
        return screen if stays else screen + terminal.rest()

    def check(self, came, lines):
        came = came.replace("\r\n", "\n")
        expected = pattern([line.removeprefix("> ") for line in lines])
        if not re.fullmatch(expected, came if came.endswith("\n") else came + "\n"):
            self.fail("printed:\n" + "\n".join(lines) + "\n\ncame:\n" + came)

    def play(self, demo, blocks):
        terminal = None
        for at, lines in enumerate(blocks):
            stays = any(not later[0].startswith("$ ") for later in blocks[at + 1:])
            command = self.command(demo, lines[0][2:]) if lines[0].startswith("$ ") else None
            if command and not any(line.startswith("> ") for line in lines):
                status, came, wrong = run("sh", "-c", command + " 2>/dev/null")
                self.assertEqual(status, 0, wrong)
                self.check(came, lines[1:])
                continue
            if command:
                terminal = Terminal(*shlex.split(command))
                self.addCleanup(terminal.__exit__)
                lines = lines[1:]
            self.check(self.talk(terminal, lines, stays), lines)

    def test_as_printed(self):
        found = [each for each in transcripts() if not each[0].endswith(": " + PROGRAMS)]
        self.assertGreaterEqual(len(found), 2)
        for name, blocks in found:
            with self.subTest(name), Demo() as demo:
                self.play(demo, blocks)

    def test_the_guide_s_programs_are_built_and_run_as_it_says(self):
        pages = [each for each in transcripts() if each[0].endswith(": " + PROGRAMS)]
        self.assertEqual([name.split(":")[0] for name, _ in pages], ["guide.ko.md", "guide.md"])
        demo_ports = set(re.findall(r"tcp://[\d.]+:(\d+)", run(BIN / "naru-demo", "--help")[1]))
        self.assertEqual(len(demo_ports), 2)
        for name, ((build, start, listening), (call, greeting)) in pages:
            with self.subTest(name):
                self.assertRegex(build, r"^\$ \./dev build( \w+)+$")
                server, port = start.removeprefix("$ build/release/bin/").split()
                client, *to = call.removeprefix("$ build/release/bin/").split()
                self.assertEqual({server, client}, set(build.split()[3:]))
                self.assertNotIn(port, demo_ports)
                self.assertEqual(to[1], port)
                with Program(server, 0) as running:
                    free = running.listening("raw").rpartition(":")[2]
                    self.assertEqual(running.out.all(), [listening.replace(port, free)])
                    status, out, err = run(BIN / client, to[0], free)
                    self.assertEqual((status, out, err), (0, greeting + "\r\n", ""))

    def test_the_guide_quotes_its_example_word_for_word(self):
        source = (ROOT / "apps/examples/waiting.cpp").read_text()
        for page in ("guide.md", "guide.ko.md"):
            quoted = [block for block in CODE.findall((ROOT / "docs" / page).read_text())
                      if re.match(r"naru::task<.*> (wait|sort_on)\(", block)]
            self.assertEqual(len(quoted), 2, page)
            for block in quoted:
                self.assertIn(block, source)

    def test_all_c_plus_plus_compiles(self):
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
            blocks = CODE.findall(page.read_text())
            if blocks:
                with self.subTest(page.name):
                    self.compile([program(i, block) for i, block in enumerate(blocks)])

    def compile(self, blocks):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "server.cpp"
            program.write_text(PRELUDE + "\n".join(blocks))
            done = subprocess.run(["c++", "-std=c++20", "-fsyntax-only", "-DBOOST_ASIO_SEPARATE_COMPILATION",
                                   "-DBOOST_BEAST_SEPARATE_COMPILATION", "-I", ROOT / "lib/include", program],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
