"""What can be wrong with a start: one clear line each, and the exit status of the contract (2: the
arguments, 1: the start)."""

import os
import pathlib
import re
import shutil
import socket
import tempfile
import unittest

from program import BIN, Demo, run

NOBODY = 65534


def start(*arguments):
    return run(BIN / "naru-demo", *arguments)


class Faults(unittest.TestCase):
    def check(self, result, status, line):
        self.assertEqual((result[0], result[1]), (status, ""), result)
        self.assertRegex(result[2], rf"^naru-demo: {line}\n$")


class BadArguments(Faults):
    def test_each_is_named_with_what_would_be_right(self):
        long_path = "unix:/" + "p" * 200
        for arguments, line in (
                (("--raw", "127.0.0.1:9190"),
                 r"--raw: '127\.0\.0\.1:9190': an endpoint begins with tcp:// or unix:, at character 1 .*"),
                (("--http", "tcp://localhost"),
                 r"--http: 'tcp://localhost': the :port is missing .*, at character 16 .*"),
                (("--raw", "tcp://localhost:70000"),
                 r"--raw: 'tcp://localhost:70000': the port is over 65535, at character 17 .*"),
                (("--raw", "tcp://[::1:80"), r"--raw: 'tcp://\[::1:80': .*, at character \d+ .*"),
                (("--raw", "unix:"), r"--raw: 'unix:': the path is missing, at character 6 .*"),
                (("--raw", long_path),
                 r"--raw: '.*': the path is too long for a Unix socket: at most 107 bytes, at "
                 r"character 113 .*"),
                (("--raw",), r"--raw:? .*"),
                (("--threads", "0"), r"--threads: .*1 (to|-) 256 .*"),
                (("--threads", "many"), r"--threads: .*1 (to|-) 256 .*"),
                (("--log-level", "loud"),
                 r"--log-level: 'loud': a level is debug, info, warning \(or warn\), error or off .*"),
                (("--drain", "-1"), r"--drain: .*0 to 3600 .*"),
                (("--frobnicate",), r".*--frobnicate .*--help.*"),
                (("stray",), r".*stray .*--help.*"),
                (("--raw", "tcp://127.0.0.1:0", "stray"), r".*stray .*--help.*"),
                (("--config", "/nowhere/naru.toml"),
                 r"--config: /nowhere/naru\.toml: no such file or directory .*"),
                (("--config", "/"), r"--config: /: is a directory .*"),
        ):
            with self.subTest(arguments=arguments):
                self.check(start(*arguments), 2, line)

    def test_a_configuration_file_is_read_as_strictly(self):
        for text, line, reason in (
                ('raw = "9190"\n', 1, r"raw: '9190': an endpoint begins with .*"),
                ('# here\nraw = [\n  "tcp://127.0.0.1:0",\n  "9190",\n]\n', 2, r"raw: '9190': an endpoint .*"),
                ("thread = 4\n", 1, "there is no option 'thread'"),
                ("\n\nthreads = 0\n", 3, r"threads: .*1.*256.*"),
                ("threads = 2\nthreads = 3\n", 2, "'threads' is set a second time"),
                ("threads = [1, 2]\n", 1, "threads: takes one value"),
                ("threads\n", 1, "after 'threads' a '=' is expected"),
                ("threads 4\n", 1, "after 'threads' a '=' is expected"),
                ("threads =\n", 1, "after '=' a value is expected: .*"),
                ("threads = 4 5\n", 1, "after the value the line goes on with '5'"),
                ('raw = ["tcp://127.0.0.1:0"\nthreads = 4\n', 2, r"in an array ',' or '\]' is expected, not 't'"),
                ('raw = ["tcp://127.0.0.1:0"\n', 1, r"the array has no '\]'"),
                ('log-level = "off\n', 1, r"the text has no closing '\"'"),
                ("log-level = off\n", 1, "after '=' a value is expected: .*"),
                ('log-level = "loud"\n', 1, "log-level: 'loud': a level is .*"),
                ('log-json = "yes"\n', 1, "log-json: true or false is expected"),
                ("[server]\nthreads = 4\n", 1, "tables are not used here: .*"),
                ("help = true\n", 1, "there is no option 'help'"),
                ('config = "x"\n', 1, "there is no option 'config'"),
                ("\x7fELF\x02\n", 1, "the name of an option is expected"),
        ):
            with self.subTest(text=text), tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(text)
                file.flush()
                self.check(start("--config", file.name), 2,
                           rf"--config: {re.escape(file.name)}: line {line}: {reason} \(see naru-demo --help\)")

    def test_a_configuration_file_is_obeyed(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "naru.toml")
            file.write_text(f'raw = ["tcp://127.0.0.1:0", "unix:{folder}/raw"]\n'
                            "http = 'tcp://127.0.0.1:0' # HTTP\nlog-level = \"off\"\nthreads = 3\nlog-json = true\n")
            with Demo("--config", file, raw=(), http=()) as demo:
                self.assertEqual(demo.listening("raw", 1), f"unix:{folder}/raw")
                self.assertTrue(demo.http.startswith("tcp://127.0.0.1:"))
                self.assertEqual(demo.end(), 0)
                self.assertEqual(demo.log.whole(), "")

    def test_the_command_line_is_stronger_than_the_configuration_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "naru.toml")
            file.write_text('raw = "tcp://192.0.2.1:0"\nlog-level = "off"\n')
            with Demo("--config", file, "--log-level", "info") as demo:
                self.assertTrue(demo.raw.startswith("tcp://127.0.0.1:"))
                self.assertEqual(demo.end(), 0)
                self.assertIn(" info ", demo.log.whole())

    def test_warn_is_taken_for_warning(self):
        with Demo("--log-level", "warn") as demo:
            self.assertTrue(demo.raw)
            self.assertEqual(demo.end(), 0)
            self.assertEqual(demo.log.whole(), "")

    def test_help_and_version_are_no_faults(self):
        status, out, err = start("--help")
        self.assertEqual((status, err), (0, ""))
        for option in ("--raw", "--http", "--threads", "--log-level", "--config", "--drain"):
            self.assertIn(option, out)
        status, out, err = start("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^naru-demo \d+\.\d+\.\d+\n$")


class FailedStart(Faults):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, endpoint):
        return start("--raw", endpoint, "--http", "tcp://127.0.0.1:0")

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            at = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
            self.check(self.start(at), 1, f"listen {at}: bind: address already in use")

    def test_a_unix_path_where_somebody_answers(self):
        with Demo(raw=(f"unix:{self.folder}/raw",)) as first:
            first.listening("raw")
            self.check(self.start(f"unix:{self.folder}/raw"), 1,
                       f"listen unix:{self.folder}/raw: another process answers there")

    def test_an_abstract_name_in_use(self):
        with socket.socket(socket.AF_UNIX) as taken:
            name = f"naru-test-{os.getpid()}"
            taken.bind("\0" + name)
            taken.listen()
            self.check(self.start(f"unix:@{name}"), 1, f"listen unix:@{name}: bind: address already in use")

    def test_a_path_that_is_something_else(self):
        file = self.folder / "letters"
        file.write_text("not a socket")
        self.check(self.start(f"unix:{file}"), 1, f"listen unix:{file}: .*not a socket.*")
        self.assertEqual(file.read_text(), "not a socket")

    def test_a_folder_that_is_not_there(self):
        at = f"unix:{self.folder}/nowhere/raw"
        self.check(self.start(at), 1, f"listen {at}: bind: no such file or directory")

    def test_an_unknown_host(self):
        self.check(self.start("tcp://nobody.invalid:0"), 1, r"listen tcp://nobody\.invalid:0: resolve: .*")

    def test_an_address_of_another_machine(self):
        self.check(self.start("tcp://192.0.2.1:0"), 1,  # RFC 5737: nobody has it
                   r"listen tcp://192\.0\.2\.1:0: bind: cannot assign requested address")

    def test_no_permission(self):
        program, status = self.unprivileged(f"unix:{self.folder}/raw")
        self.check(status, 1, f"listen unix:{self.folder}/raw: open {self.folder}/raw.naru-lock: permission denied")
        if int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) > 80:
            program, status = self.unprivileged("tcp://127.0.0.1:80")
            self.check(status, 1, "listen tcp://127.0.0.1:80: bind: permission denied")
        self.assertTrue(program.exists())

    def unprivileged(self, endpoint):
        """As a user who may do little, with a program that this user can reach."""
        program = self.folder / "naru-demo"
        if not program.exists():
            shutil.copy(BIN / "naru-demo", program)
        self.folder.chmod(0o555)
        who = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        if os.geteuid() != 0:
            who = []
        return program, run(*who, program, "--raw", endpoint, "--http", "tcp://127.0.0.1:0")


if __name__ == "__main__":
    unittest.main()
