"""The other end of a socket, with deadlines."""

import os
import pty
import re
import select
import socket
import subprocess
import time

from program import PATIENCE


def address(endpoint):
    """The family and the address, as Python wants them, of an endpoint as Naru writes it."""
    if endpoint.startswith("unix:@"):
        return socket.AF_UNIX, "\0" + endpoint[6:]
    if endpoint.startswith("unix:"):
        return socket.AF_UNIX, endpoint[5:]
    host, port = re.fullmatch(r"tcp://\[?([^\]]*?)\]?:(\d+)", endpoint).groups()
    return (socket.AF_INET6 if ":" in host else socket.AF_INET), (host, int(port))


class Expecting:
    """Something that bytes come from: `_receive` gives some, or b"" at the end."""

    def __init__(self):
        self.unread = b""

    def until(self, text, seconds=PATIENCE):
        """All that comes up to `text`, and with it; what follows stays for the next call."""
        return self.bytes_until(text.encode(), seconds).decode(errors="replace")

    def bytes_until(self, wanted, seconds=PATIENCE):
        due = time.monotonic() + seconds
        while wanted not in self.unread:
            more = self._receive(due)
            if not more:
                raise AssertionError(f"the end came before {wanted!r}, after {self.unread!r}")
            self.unread += more
        head, _, self.unread = self.unread.partition(wanted)
        return head + wanted

    def line(self, seconds=PATIENCE):
        return self.until("\n", seconds).rstrip("\r\n")

    def rest(self, seconds=PATIENCE):
        """All that comes until the other side has finished."""
        due = time.monotonic() + seconds
        while more := self._receive(due):
            self.unread += more
        whole, self.unread = self.unread, b""
        return whole.decode(errors="replace")


class Peer(Expecting):
    """A connected socket."""

    def __init__(self, endpoint, receive_buffer=None):
        super().__init__()
        family, where = address(endpoint)
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        try:
            self.socket.connect(where)
        except OSError:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _receive(self, due):
        self.socket.settimeout(max(0.001, due - time.monotonic()))
        try:
            return self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError(f"nothing came in time after {self.unread!r}") from None
        except ConnectionResetError:
            return b""

    def send(self, text):
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(text.encode() if isinstance(text, str) else text)
        return self

    def finish(self):
        """Half-close: the other side sees our end."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Ends as a program that is killed with bytes unread: RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()


def chat(endpoint):
    """A Peer on the demo's raw port that has read the banner."""
    peer = Peer(endpoint)
    peer.until("Type `help`.\r\n")
    return peer


class Terminal(Expecting):
    """A program at a terminal of its own, as when a person types: what is typed is echoed."""

    def __init__(self, *command):
        super().__init__()
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([str(part) for part in command], stdin=slave, stdout=slave,
                                        stderr=slave, start_new_session=True)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def _receive(self, due):
        if not select.select([self.master], [], [], max(0.001, due - time.monotonic()))[0]:
            raise AssertionError(f"the terminal said nothing in time after {self.unread!r}")
        try:
            return os.read(self.master, 65536)
        except OSError:  # EIO: the program has gone, pty(7)
            return b""

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")
        return self


def telnet(endpoint):
    """A real telnet that has connected and read the banner."""
    _, (host, port) = address(endpoint)
    terminal = Terminal("telnet", host, port)
    terminal.until("Type `help`.")
    terminal.until("\n")
    return terminal
