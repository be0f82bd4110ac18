"""The script `dev`, where it can be asked without building anything."""

import pathlib
import re
import subprocess
import tempfile
import unittest

DEV = pathlib.Path(__file__).resolve().parents[2] / "dev"


class MissingClients(unittest.TestCase):
    def named(self, *present):
        function = re.search(r"^name_missing_clients\(\)\n\{.*?^\}", DEV.read_text(), re.S | re.M)[0]
        with tempfile.TemporaryDirectory() as folder:
            for name in present:
                program = pathlib.Path(folder, name)
                program.write_text("#!/bin/sh\n")
                program.chmod(0o755)
            script = f'set -euo pipefail\nsay() {{ echo "$*"; }}\n{function}\nPATH={folder}\nname_missing_clients\n'
            done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return done.stdout

    def test_each_client_that_is_missing_is_named_with_the_command_that_installs_it(self):
        self.assertTrue(self.named("telnet").endswith(": apt-get install curl\n"))
        self.assertTrue(self.named("curl").endswith(": apt-get install telnet\n"))
        self.assertTrue(self.named().endswith(": apt-get install curl telnet\n"))

    def test_nothing_is_said_when_both_are_there(self):
        self.assertEqual(self.named("curl", "telnet"), "")

    def test_the_demo_is_preceded_by_it(self):
        demo = re.search(r"^demo\)\n(.*?);;", DEV.read_text(), re.S | re.M)[1]
        self.assertLess(demo.index("name_missing_clients"), demo.index("exec"))

    def test_an_unknown_verb_is_a_line_and_the_usage(self):
        done = subprocess.run([str(DEV), "frobnicate"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("./dev: no verb 'frobnicate'", done.stderr)


if __name__ == "__main__":
    unittest.main()
