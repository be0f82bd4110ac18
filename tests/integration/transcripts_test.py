"""What the documents print is what happens: each ```console block behind a `<!-- run: name -->` is typed as
it stands, on free ports, and what comes must be what is printed, with … for what varies. Blocks of one name
talk to one server; a block that begins without a `$` goes on in the terminal that the last one left open.
The server in the README compiles."""

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

from peer import Terminal, address
from program import Demo, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- run: ([\w -]+) -->\n```console\n(.*?)```", re.S)


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
        found = list(transcripts())
        self.assertGreaterEqual(len(found), 2)
        for name, blocks in found:
            with self.subTest(name), Demo() as demo:
                self.play(demo, blocks)

    def test_the_readme_s_server_compiles(self):
        source = re.search(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "server.cpp"
            program.write_text(source)
            done = subprocess.run(["c++", "-std=c++20", "-fsyntax-only", "-DBOOST_ASIO_SEPARATE_COMPILATION",
                                   "-DBOOST_BEAST_SEPARATE_COMPILATION", "-I", ROOT / "lib/include", program],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
