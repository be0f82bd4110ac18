"""The line protocol on the wire: telnet's own bytes, keys of dumb terminals, packets cut and joined
anywhere, limits, silence."""

import pathlib
import select
import socket
import unittest

from peer import Peer, Terminal, address, chat
from program import Demo

IAC, WILL, WONT, DO, DONT = (bytes([byte]) for byte in (255, 251, 252, 253, 254))
SB, SE, IP, DM = (bytes([byte]) for byte in (250, 240, 244, 242))
ECHO, SGA, NAWS, TIMING_MARK = (bytes([byte]) for byte in (1, 3, 31, 6))


class LineProtocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = Demo().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.demo.__exit__(None)

    def exchange(self, sent, byte_by_byte=False):
        """What comes back for `sent` and a `quit`, without the banner and the goodbye."""
        with chat(self.demo.raw) as peer:
            peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            whole = sent + b"quit\r\n"
            for piece in ([whole[i:i + 1] for i in range(len(whole))] if byte_by_byte else [whole]):
                peer.send(piece)
            answer = peer.rest()
            self.assertTrue(answer.endswith("goodbye\r\n"), answer[-200:])
            return answer.removesuffix("goodbye\r\n")

    def check(self, table):
        for sent, expected in table:
            for byte_by_byte in (False, True):
                with self.subTest(sent=sent, byte_by_byte=byte_by_byte):
                    self.assertEqual(self.exchange(sent, byte_by_byte), expected)

    def test_lines_end_as_any_enter_key_ends_them(self):
        for end in (b"\n", b"\r\n", b"\r\0", b"\r"):
            self.check([(b"echo a" + end + b"echo b" + end, "a\r\nb\r\n")])

    def test_keys_of_a_dumb_terminal(self):
        self.check([
            (b"echo abX\bc\n", "abc\r\n"),
            (b"echo abX\x7fc\n", "abc\r\n"),
            ("echo 나루X\b\b\n".encode(), "나\r\n"),
            (b"\b\b\becho a\n", "a\r\n"),
            (b"echo a\tb\n", "a b\r\n"),
            (b"echo a\0b\x07c\x1b[2Jd\n", "abc[2Jd\r\n"),
            (b"  echo   a  b  \n", "a  b\r\n"),
            (b"\n\r\n \n", ""),
        ])

    def test_commands_that_make_no_sense_are_told_what_would(self):
        self.check([
            (b"frobnicate now\n", "there is no command `frobnicate`; `help` lists them\r\n"),
            (b"HELP\n", "there is no command `HELP`; `help` lists them\r\n"),
            (b"\x1b[31mred\n", "there is no command `[31mred`; `help` lists them\r\n"),
            (b"who\n", "you are in no room; `join ROOM` enters one\r\n"),
        ])

    def test_stream_has_bounds(self):
        said = "stream N [MS]: N is 1 to 1000, MS is 0 to 5000\r\n"
        for numbers in (b"", b"0", b"1001", b"-1", b"x", b"3 5001", b"3 x", b"3 1 1", b"9" * 20):
            self.assertEqual(self.exchange(b"stream " + numbers + b"\n"), said, numbers)

    def test_what_is_typed_during_a_stream_is_answered_after_it_in_order(self):
        lines = self.exchange(b"echo 1\nstream 3 0\necho 2\nstream 2 1\necho 3\n").splitlines()
        self.assertEqual([line[:6] for line in lines],
                         ["1", "1 of 3", "2 of 3", "3 of 3", "2", "1 of 2", "2 of 2", "3"])

    def test_many_commands_in_one_packet_are_answered_in_order(self):
        sent = b"".join(b"echo %d\n" % i for i in range(5000))
        self.assertEqual(self.exchange(sent).split(), [str(i) for i in range(5000)])

    def test_help_tells_every_command(self):
        lines = self.exchange(b"help\n").splitlines()
        self.assertEqual([line.split()[0] for line in lines],
                         ["help", "hello", "time", "echo", "stream", "join", "say", "who", "stats", "quit"])

    def test_stats_tell_of_the_session_and_of_both_listeners(self):
        first, raw, http = self.exchange(b"stats\n").splitlines()
        self.assertRegex(first, r"^session \d+: \d+ s old, 12 bytes in, \d+ bytes out$")
        self.assertRegex(raw, rf"^raw {self.demo.raw}: \d+ open of \d+ accepted")
        self.assertRegex(http, rf"^http {self.demo.http}: 0 open of 0 accepted")

    def test_a_line_without_end_at_the_end_is_not_obeyed(self):
        with chat(self.demo.raw) as peer:
            peer.send("echo a\necho b")
            peer.finish()
            self.assertEqual(peer.rest(), "a\r\n")

    def test_a_line_has_a_limit_and_the_next_one_counts(self):
        self.check([(b"echo " + b"x" * 1095 + b"\necho a\n", "x" * 1095 + "\r\na\r\n")])
        self.check([(b"echo " + b"x" * 1096 + b"\necho a\n",
                     "a line is at most 1100 bytes; yours was not obeyed\r\na\r\n")])
        with chat(self.demo.raw) as peer:
            peer.send(b"x" * 3_000_000 + b"\necho a\n")
            self.assertEqual(peer.until("a\r\n")[:18], "a line is at most ")


class TelnetBytes(unittest.TestCase):
    """RFC 854 and RFC 855, seen by a peer that reads bytes."""

    def test_commands_and_negotiations_do_not_dirty_a_line(self):
        table = (
            (b"echo a" + IAC + IP + b"b\n", b"ab\r\n"),
            (IAC + DO + ECHO + b"echo a\n", IAC + WONT + ECHO + b"a\r\n"),
            (b"ec" + IAC + WILL + NAWS + b"ho a\n", IAC + DONT + NAWS + b"a\r\n"),
            (IAC + DONT + ECHO + IAC + WONT + SGA + b"echo a\n", b"a\r\n"),
            (IAC + SB + NAWS + b"\0\x0a\0\x0a" + IAC + IAC + IAC + SE + b"echo a\n", b"a\r\n"),
            (IAC + DO + SGA + IAC + WILL + SGA + b"echo a\n",
             IAC + WONT + SGA + IAC + DONT + SGA + b"a\r\n"),
        )
        with Demo() as demo:
            for sent, answered in table:
                for size in (1, len(sent)):
                    with self.subTest(sent=sent, size=size), chat(demo.raw) as peer:
                        for at in range(0, len(sent), size):
                            peer.send(sent[at:at + size])
                        peer.send("quit\n")
                        self.assertEqual(peer.bytes_until(b"goodbye\r\n"), answered + b"goodbye\r\n")

    def test_an_option_is_declined_at_once_and_not_for_ever(self):
        with Demo() as demo, chat(demo.raw) as peer:
            peer.send(IAC + DO + SGA).bytes_until(IAC + WONT + SGA)  # before any line has ended
            peer.send((IAC + DO + SGA) * 1000 + b"quit\n")
            self.assertEqual(peer.bytes_until(b"goodbye\r\n"), (IAC + WONT + SGA) * 63 + b"goodbye\r\n")

    def test_the_interrupt_key_sends_urgent_data(self):
        with Demo() as demo, chat(demo.raw) as peer:
            peer.send(b"echo a" + IAC + IP + IAC)
            peer.socket.send(DM, socket.MSG_OOB)  # as telnet does: the Synch of RFC 854
            peer.send(IAC + DO + TIMING_MARK + b"b\n")
            self.assertEqual(peer.bytes_until(b"b\r\n"), IAC + WONT + TIMING_MARK + b"ab\r\n")

    def test_a_real_telnet_interrupts_and_goes_on(self):
        with Demo() as demo:
            _, (host, port) = address(demo.raw)
            with Terminal("telnet", host, port) as terminal:
                terminal.until("Type `help`.")
                terminal.type("\x1d").until("telnet> ")
                terminal.type("send ip")
                terminal.type("\x1d").until("telnet> ")
                terminal.type("send synch")
                terminal.type("echo still here").until("\nstill here")
                terminal.type("quit").until("goodbye")


class Silence(unittest.TestCase):
    def test_a_silent_session_is_told_before_it_is_closed(self):
        with Demo("--idle", 1) as demo, chat(demo.raw) as idle, chat(demo.raw) as half:
            half.send("echo half a li")
            for peer in (idle, half):
                self.assertEqual(peer.rest(), "nothing was heard of you for too long; goodbye\r\n")
            for _ in range(2):
                demo.log.wait(r"session .*reason=idle_timeout")


class Backpressure(unittest.TestCase):
    def test_a_peer_that_does_not_read_is_not_read_and_loses_nothing(self):
        lines = 30_000
        filling = b"x" * 980
        asked = (b"echo %07d %b\n" % (number, filling) for number in range(lines))
        sent = memoryview(b"".join(asked) + b"quit\n")
        with Demo() as demo, Peer(demo.raw, receive_buffer=4096) as peer:
            self.push(peer, sent)
            self.assertGreater(len(self.left), 0)  # somebody has stopped reading, and that is the server
            self.assertLess(resident_kib(demo), 200 * 1024)

            peer.until("Type `help`.\r\n")
            for number in range(lines):
                self.push(peer, self.left)
                self.assertEqual(peer.line(), f"{number:07} {filling.decode()}")
            self.assertEqual(peer.line(), "goodbye")

    def push(self, peer, sent):
        """Sends until the kernel takes no more, in half a second when nobody reads."""
        while sent and select.select([], [peer.socket], [], 0 if peer.unread else 0.5)[1]:
            peer.socket.setblocking(False)
            sent = sent[peer.socket.send(sent[:65536]):]
        self.left = sent


def resident_kib(program):
    status = pathlib.Path(f"/proc/{program.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    unittest.main()
