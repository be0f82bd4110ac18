"""Unix sockets from outside: curl and nc on a path and on an abstract name, files that were left behind,
and those that must not be."""

import os
import pathlib
import socket
import stat
import tempfile
import unittest

from peer import Peer, chat
from program import Demo, Program, curl, run


class UnixSockets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_curl_and_nc_on_a_path(self):
        with Demo(raw=(f"unix:{self.folder}/raw",), http=(f"unix:{self.folder}/http",)) as demo:
            self.assertEqual(demo.raw, f"unix:{self.folder}/raw")
            self.assertEqual(demo.http, f"unix:{self.folder}/http")
            self.assertEqual(curl("--unix-socket", self.folder / "http", "http://localhost/hello/you"),
                             "hello, you\n")
            status, out, _ = run("nc", "-U", self.folder / "raw", stdin="echo a\nquit\n")
            self.assertEqual((status, out.splitlines()[2:]), (0, ["a", "goodbye"]))
            shown = curl("--unix-socket", self.folder / "http", "http://localhost/sessions")
            self.assertIn('"tcp":null', shown)
            page = curl("--unix-socket", self.folder / "http", "http://localhost/")
            self.assertIn(f"nc -U {self.folder}/raw", page)
        self.assertEqual(list(self.folder.iterdir()), [])  # its own files go with it

    def test_curl_on_an_abstract_name(self):
        name = f"naru-test-{os.getpid()}"
        with Demo(http=(f"unix:@{name}",)) as demo:
            self.assertEqual(demo.http, f"unix:@{name}")
            self.assertEqual(curl("--abstract-unix-socket", name, "http://localhost/hello/you"),
                             "hello, you\n")

    def test_sessions_of_one_path_are_dealt_to_all_shards(self):
        at = f"unix:{self.folder}/raw"
        with Demo("--threads", 4, raw=(at,)) as demo:
            demo.listening("http")
            peers = [chat(at) for _ in range(8)]
            shown = curl(demo.url + "/sessions")
            for shard in range(4):
                self.assertIn(f'"protocol":"raw","peer":"unix:","shard":{shard}', shown)
            for peer in peers:
                peer.socket.close()

    def test_a_stale_file_is_removed(self):
        path = self.folder / "raw"
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(str(path))  # as a killed server leaves it: a file, and nobody who answers
        with Demo(raw=(f"unix:{path}",)) as demo, chat(demo.raw) as peer:
            self.assertEqual(peer.send("echo a\n").line(), "a")

    def test_the_mode_is_as_asked(self):
        path = self.folder / "raw"
        with Demo(raw=(f"unix:{path}?mode=0600",)) as demo:
            self.assertEqual(demo.raw, f"unix:{path}")
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_a_killed_server_can_be_started_again(self):
        at = f"unix:{self.folder}/raw"
        with Program("example-echo", at) as server:
            server.listening("raw")
            server.good_ends = lambda: (-9,)
            server.process.kill()
            server.wait()
        self.assertTrue((self.folder / "raw").exists())
        with Program("example-echo", at) as server, Peer(server.listening("raw")) as peer:
            self.assertEqual(peer.send("a\n").line(), "a")

    def test_of_many_servers_that_start_over_a_stale_file_one_serves(self):
        path = self.folder / "raw"
        at = f"unix:{path}"
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(str(path))
        servers = [Program("example-echo", at) for _ in range(8)]
        winners = []
        for server in servers:
            self.addCleanup(server.process.kill)
            try:
                server.listening("raw")
                winners.append(server)
            except AssertionError:  # it has ended without that line
                self.assertEqual(server.wait(), 1)
        self.assertEqual(len(winners), 1)
        for server in set(servers) - set(winners):
            self.assertIn("another process answers there", server.log.whole())
        with winners[0] as server, Peer(at) as peer:
            self.assertEqual(peer.send("a\n").line(), "a")
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
