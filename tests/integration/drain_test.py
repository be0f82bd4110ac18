"""SIGTERM: nothing new is taken, what has begun is finished, who waits is told, and the program ends in
time."""

import signal
import time
import unittest

from peer import Peer, chat, telnet
from program import BIN, PATIENCE, Demo, curl, run

HALF_A_REQUEST = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello"
GOING_DOWN = "the server is going down; goodbye"


class Hangup(unittest.TestCase):
    def test_sighup_ends_the_program_at_once_as_the_help_says(self):
        self.assertIn("SIGHUP, which a terminal sends when it closes, ends the program at once",
                      " ".join(run(BIN / "naru-demo", "--help")[1].split()))
        demo = Demo("--drain", 3600)
        with chat(demo.raw):
            demo.process.send_signal(signal.SIGHUP)  # not one that it catches, for which signal() waits
            self.assertEqual(demo.wait(), -signal.SIGHUP)
        demo.log.whole()
        demo.out.whole()


class Drain(unittest.TestCase):
    def open(self, demo):
        """A Peer in each state; each of them has been seen by the server."""
        half_body = Peer(demo.http).send(HALF_A_REQUEST)
        kept = Peer(demo.http).send("GET /time HTTP/1.1\r\nHost: a\r\n\r\n")
        kept.until("Z\n")
        streaming = chat(demo.raw).send("stream 1000 20\n")
        streaming.until("1 of 1000")
        wait_until_somebody_awaits("body", demo)
        for peer in (half_body, kept, streaming):
            self.addCleanup(peer.socket.close)
        return half_body, kept, streaming

    def test_begun_work_is_finished_and_the_rest_is_told(self):
        with Demo("--drain", 30) as demo, telnet(demo.raw) as terminal:
            half_body, kept, streaming = self.open(demo)
            demo.signal()
            terminal.until(GOING_DOWN)
            terminal.until("Connection closed by foreign host.")
            self.assertTrue(streaming.rest().endswith(GOING_DOWN + "\r\n"))
            self.assertEqual(kept.rest(), "")
            for endpoint in (demo.raw, demo.http):
                with self.assertRaises(ConnectionRefusedError):
                    Peer(endpoint)

            began = time.monotonic()
            self.assertIsNone(demo.process.poll())  # it waits for the one that is not finished
            answer = half_body.send("world").rest()
            self.assertTrue(answer.startswith("HTTP/1.1 200 OK\r\n"), answer)
            self.assertIn("Connection: close\r\n", answer)
            self.assertTrue(answer.endswith("helloworld"), answer)
            half_body.socket.close()
            self.assertEqual(demo.wait(), 0)
            self.assertLess(time.monotonic() - began, 15)
            demo.log.wait("drain open=[45] ")  # the one that asked for /sessions may not be closed yet

    def test_what_is_not_finished_in_time_is_cut(self):
        with Demo("--drain", 1) as demo:
            half_body, _, _ = self.open(demo)
            began = time.monotonic()
            self.assertEqual(demo.end(), 0)
            self.assertLess(time.monotonic() - began, 10)
            self.assertRegex(half_body.rest(), r"^HTTP/1\.1 503 ")
            demo.log.wait("session .*reason=shutdown")

    def test_a_second_signal_ends_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number), Demo("--drain", 3600) as demo:
                half_body, _, streaming = self.open(demo)
                demo.signal(number)
                streaming.until(GOING_DOWN)
                demo.signal(number)
                began = time.monotonic()
                self.assertEqual(demo.wait(), 1)
                self.assertLess(time.monotonic() - began, 5)
                self.assertRegex(half_body.rest(), r"^HTTP/1\.1 503 ")
                demo.good_ends = lambda: (1,)

    def test_a_second_signal_that_comes_while_the_first_one_ends_it_is_no_trap(self):
        for microseconds in range(0, 4000, 100):
            with Demo("--log-level", "off") as demo:
                chat(demo.raw).socket.close()
                demo.signal()
                due = time.perf_counter_ns() + microseconds * 1000
                while time.perf_counter_ns() < due:  # no sleep is as short
                    pass
                demo.process.send_signal(signal.SIGTERM)
                # In time, cut short, or so late that the program has left main().
                demo.good_ends = lambda: (0, 1, -signal.SIGTERM)

    def test_health_says_so_while_it_lasts(self):
        with Demo() as demo, chat(demo.raw) as told, Peer(demo.http) as checker:
            checker.send("GET /healthz HTTP/1.1\r\nHo")
            wait_until_somebody_awaits("head", demo)
            demo.signal()
            told.until(GOING_DOWN)
            answer = checker.send("st: a\r\n\r\n").rest()
            self.assertIn("HTTP/1.1 503 Service Unavailable\r\n", answer)
            self.assertIn('{"status":"going down"}', answer)

    def test_an_idle_server_ends_at_once(self):
        with Demo("--drain", 3600) as demo:
            with chat(demo.raw) as peer:
                peer.send("quit\n").rest()
            began = time.monotonic()
            self.assertEqual(demo.end(), 0)
            self.assertLess(time.monotonic() - began, 5)


def wait_until_somebody_awaits(operation, demo):
    """What was sent has been read then. Each look is a round trip, which is the wait."""
    due = time.monotonic() + PATIENCE
    while f'"operation":"{operation}"' not in curl(demo.url + "/sessions"):
        if time.monotonic() > due:
            raise AssertionError(f"nobody awaits a {operation}")


if __name__ == "__main__":
    unittest.main()
