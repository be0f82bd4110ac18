"""The checker for coroutine expressions as a user of the library runs it: installed, on the user's own files."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).resolve().parents[2] / "cmake/lint/coroutine_traps.py"
TRAP = "task<> f()\n{\n    co_await run([text] { use(text); });\n}\n"
GOOD = "task<> f()\n{\n    const auto job = [text] { use(text); };\n    co_await run(job);\n}\n"


class Checker(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "src/deep").mkdir(parents=True)
        self.trap = self.folder / "src/deep/trap.cc"
        self.trap.write_text(TRAP)
        self.good = self.folder / "src/good.cpp"
        self.good.write_text(GOOD)
        (self.folder / "src/notes.txt").write_text(TRAP)

    def check(self, *arguments, checker=CHECKER):
        done = subprocess.run([sys.executable, "-B", str(checker), *map(str, arguments)], cwd=self.folder,
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_a_file_is_checked_and_nothing_else(self):
        self.assertEqual(self.check(self.good), (0, "coroutine_traps: 1 files, 0 faults\n", ""))

    def test_a_finding_is_named_with_file_and_line_and_the_status_is_1(self):
        status, out, err = self.check(self.good, self.trap)
        self.assertEqual((status, out), (1, "coroutine_traps: 2 files, 1 faults\n"))
        self.assertEqual(err, f"{self.trap}:3: a lambda with captured values inside a co_await expression; "
                              "name it first\n")

    def test_a_directory_is_searched_for_c_plus_plus_files(self):
        status, out, err = self.check("src")
        self.assertEqual((status, out), (1, "coroutine_traps: 2 files, 1 faults\n"))
        self.assertTrue(err.startswith("src/deep/trap.cc:3: "), err)

    def test_a_file_of_another_encoding_is_checked(self):
        self.trap.write_bytes(b"// caf\xe9\n" + TRAP.encode())
        status, _, err = self.check(self.trap)
        self.assertEqual(status, 1)
        self.assertTrue(err.startswith(f"{self.trap}:4: "), err)

    def test_a_file_that_is_not_there_is_named_and_the_status_is_2(self):
        self.assertEqual(self.check("nowhere.cpp"),
                         (2, "", "coroutine_traps: nowhere.cpp: No such file or directory\n"))

    def test_without_arguments_it_checks_the_repository_and_an_installed_one_asks_for_a_path(self):
        status, out, _ = self.check()
        self.assertEqual(status, 0)
        self.assertGreater(int(out.split()[1]), 100)
        installed = self.folder / "coroutine_traps.py"
        shutil.copy(CHECKER, installed)
        status, out, err = self.check(checker=installed)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("name a file or a directory", err)

    def test_help_says_what_it_takes_and_an_unknown_option_is_refused(self):
        status, out, _ = self.check("--help")
        self.assertEqual(status, 0)
        for part in ("PATH", "--self-test", "Exit status"):
            self.assertIn(part, out)
        self.assertEqual(self.check("--bogus")[0], 2)


if __name__ == "__main__":
    unittest.main()
