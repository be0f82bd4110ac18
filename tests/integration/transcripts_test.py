"""What the documents print is what happens: each ```console block behind a `<!-- run: name -->` is typed as it stands,
on free ports, and what comes must be what is printed, with … for what varies. The server in the README compiles."""

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
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for name, block in BLOCK.findall(page.read_text()):
            yield f"{page.name}: {name}", block.splitlines()


def pattern(lines):
    """A line that is … stands for any lines, none too; a … within a line for anything but its end."""
    whole = "".join("(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n"
                    for line in lines)
    return re.compile(whole)


class Transcripts(unittest.TestCase):
    def command(self, demo, line):
        """On this demo's ports."""
        http, raw = address(demo.http)[1], address(demo.raw)[1]
        return (line.replace("localhost:8080", f"{http[0]}:{http[1]}")
                .replace("localhost 9190", f"{raw[0]} {raw[1]}"))

    def talk(self, command, lines):
        """Types what follows a `>` when what is printed before it has come; gives all that was on the screen."""
        screen = ""
        with Terminal(*shlex.split(command)) as terminal:
            said = ""
            for line in lines:
                if not line.startswith("> "):
                    said = line
                    continue
                if said != "…":
                    screen += terminal.until(said.split("…")[-1]) + terminal.until("\n")
                terminal.type(line[2:])
            return screen + terminal.rest()

    def test_as_printed(self):
        found = list(transcripts())
        self.assertGreaterEqual(len(found), 2)
        for name, (first, *lines) in found:
            with self.subTest(name), Demo() as demo:
                self.assertTrue(first.startswith("$ "), first)
                command = self.command(demo, first[2:])
                if any(line.startswith("> ") for line in lines):
                    came = self.talk(command, lines)
                else:
                    status, came, wrong = run("sh", "-c", command + " 2>/dev/null")
                    self.assertEqual(status, 0, wrong)
                came = came.replace("\r\n", "\n")
                expected = [line.removeprefix("> ") for line in lines]
                self.assertRegex(came if came.endswith("\n") else came + "\n", pattern(expected))

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
