"""The log's reader may stop reading, end, or never have existed: the server serves, and ends in time."""

import fcntl
import json
import os
import pty
import select
import signal
import tempfile
import time
import tty
import unittest

from peer import Peer
from program import PATIENCE, Demo

# The log waits 1 s for a reader that does not read. The rest is for a busy machine and a sanitizer.
IN_TIME = 20


def serve_requests(demo, count):
    """`count` requests over one connection; each of them is a line of the log."""
    with Peer(demo.http) as peer:
        for _ in range(count):
            peer.send("GET /time HTTP/1.1\r\nHost: a\r\n\r\n")
            peer.until("Z\n")


def all_of(descriptor, seconds=PATIENCE):
    """What can be read until the other side ends."""
    text = b""
    due = time.monotonic() + seconds
    while select.select([descriptor], [], [], max(0.0, due - time.monotonic()))[0]:
        try:
            some = os.read(descriptor, 65536)
        except OSError:  # EIO: the last program at the terminal has ended, pty(7)
            return text.decode()
        if not some:
            return text.decode()
        text += some
    raise AssertionError(f"no end in time after {text!r}")


class Log(unittest.TestCase):
    def pipe(self):
        """A pipe of one page: its reading end, and its writing end."""
        ends = os.pipe()
        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, 4096)
        self.addCleanup(self.close, *ends)
        return ends

    def close(self, *descriptors):
        for each in descriptors:
            try:
                os.close(each)
            except OSError:
                pass

    def demo(self, standard_error, *arguments):
        return Demo("--log-level", "info", *arguments, setup=lambda: os.dup2(standard_error, 2))

    def assert_ends_in_time(self, demo):
        began = time.monotonic()
        self.assertEqual(demo.end(), 0)
        self.assertLess(time.monotonic() - began, IN_TIME)

    def test_a_pipe_that_nobody_reads_delays_neither_clients_nor_the_end(self):
        _, writer = self.pipe()
        with self.demo(writer) as demo:
            serve_requests(demo, 200)
            self.assert_ends_in_time(demo)

    def test_a_terminal_that_nobody_reads_delays_neither_clients_nor_the_end(self):
        master, slave = pty.openpty()
        self.addCleanup(self.close, master, slave)
        tty.setraw(slave)
        with self.demo(slave) as demo:
            serve_requests(demo, 2000)
            self.assert_ends_in_time(demo)

    def test_a_stopped_terminal_delays_neither_clients_nor_the_end(self):
        master, slave = pty.openpty()
        self.addCleanup(self.close, master, slave)
        with self.demo(slave) as demo:
            os.write(master, b"\x13")  # ^S
            serve_requests(demo, 200)
            self.assert_ends_in_time(demo)

    def test_a_reader_that_reads_at_last_gets_whole_lines_and_how_many_were_dropped(self):
        reader, writer = self.pipe()
        with self.demo(writer) as demo:
            demo.listening("http")
            os.close(writer)
            serve_requests(demo, 9000)
            demo.signal()
            text = all_of(reader)
            self.assertEqual(demo.wait(), 0)
        self.assertRegex(text, r"\n\S+ warning log_lines_dropped count=\d+\n")
        for line in text.splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\S+Z (info|warning) [a-z_]+( [a-z_]+=\S+)+$")

    def test_a_reader_that_is_killed_ends_no_server_and_the_next_reader_gets_the_log(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, "log")
            os.mkfifo(fifo)
            reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
            writer = os.open(fifo, os.O_WRONLY)
            self.addCleanup(self.close, writer)
            with self.demo(writer) as demo:
                serve_requests(demo, 1)
                os.close(reader)
                serve_requests(demo, 50)
                reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
                self.addCleanup(self.close, reader)
                os.close(writer)
                serve_requests(demo, 1)
                self.assertEqual(demo.end(), 0)
            text = all_of(reader)
            self.assertIn(" request session=3 ", text)
            self.assertIn("drain open=", text)

    def test_the_descriptor_that_it_shares_with_other_programs_keeps_its_flags(self):
        reader, writer = self.pipe()
        before = fcntl.fcntl(writer, fcntl.F_GETFL)
        with self.demo(writer) as demo:
            serve_requests(demo, 1)
            select.select([reader], [], [], PATIENCE)
            self.assertEqual(fcntl.fcntl(writer, fcntl.F_GETFL), before)
            demo.end()
        self.assertEqual(fcntl.fcntl(writer, fcntl.F_GETFL), before)

    def test_no_client_reads_the_log_of_a_server_without_a_standard_error(self):
        with Demo("--log-level", "debug", setup=lambda: os.close(2)) as demo:
            peers = [Peer(demo.http) for _ in range(4)]  # descriptor 2 may be one of the server's sockets
            for peer in peers:
                peer.send("GET /time HTTP/1.1\r\nHost: a\r\n\r\n")
                peer.until("Z\n")
            serve_requests(demo, 50)
            self.assertEqual(demo.end(), 0)
            for peer in peers:
                self.assertEqual(peer.rest(), "")
                peer.socket.close()

    def test_a_full_device_keeps_nobody_from_being_served(self):
        full = os.open("/dev/full", os.O_WRONLY)
        self.addCleanup(self.close, full)
        with self.demo(full) as demo:
            serve_requests(demo, 50)
            self.assertEqual(demo.end(), 0)

    def test_what_a_client_sent_cannot_command_the_terminal(self):
        sent = "/%C2%9B31m/\u009b31m\u202e\u2028\x7f"
        for arguments in ((), ("--log-json",)):
            with Demo("--log-level", "info", *arguments) as demo:
                with Peer(demo.http) as peer:
                    peer.send(f"GET {sent} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").rest()
                demo.end()
                text = demo.log.whole()
            self.assertEqual([c for c in text if c != "\n" and not " " <= c < "\x7f"], [], text)

    def test_figures_carry_the_digits_that_they_have(self):
        with Demo("--log-level", "info", "--log-json") as demo:
            serve_requests(demo, 1)
            demo.end()
            lines = [json.loads(line) for line in demo.log.whole().splitlines()]
        session = next(line for line in lines if line["event"] == "session")
        self.assertIsInstance(session["seconds"], (int, float))
        with Demo("--log-level", "info", "--drain", 7) as demo:
            demo.listening("http")
            demo.end()
            self.assertRegex(demo.log.whole(), r"drain open=0 deadline=7$")

    def test_signals_are_left_to_the_threads_of_the_server(self):
        term = 1 << (signal.SIGTERM - 1)
        pipe = 1 << (signal.SIGPIPE - 1)
        with self.demo(os.open(os.devnull, os.O_WRONLY)) as demo:
            demo.listening("http")
            # main(), the one that hears signals, and the shards; a new thread blocks every signal until it runs,
            # and a sanitizer may have a thread of its own.
            due = time.monotonic() + 10
            while sum(1 for mask in self.masks(demo.pid) if not mask & term) < 3 and time.monotonic() < due:
                time.sleep(0.01)
            masks = self.masks(demo.pid)
            self.assertGreaterEqual(sum(1 for mask in masks if not mask & term), 3)
            self.assertGreaterEqual(sum(1 for mask in masks if mask & term and mask & pipe), 1)

    @staticmethod
    def masks(pid):
        """The signals that each thread of the process blocks."""
        masks = []
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
                blocked = next(line for line in status if line.startswith("SigBlk:"))
            masks.append(int(blocked.split()[1], 16))
        return masks


if __name__ == "__main__":
    unittest.main()
