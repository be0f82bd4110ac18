"""A program under test: started, listened to, ended. Nothing here sleeps: it waits for lines and for ends,
each with a deadline that only a failure reaches."""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time

BIN = pathlib.Path(os.environ.get("NARU_BIN") or pathlib.Path(__file__).parents[2] / "build/release/bin")
PATIENCE = 60  # seconds; sanitizers and busy machines are slow


class Lines:
    """What a stream says, line by line, as it comes."""

    def __init__(self, stream):
        self._lines = []
        self._ended = False
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._take, args=(stream,), daemon=True)
        self._thread.start()

    def _take(self, stream):
        for line in stream:
            with self._more:
                self._lines.append(line.rstrip("\n"))
                self._more.notify_all()
        with self._more:
            self._ended = True
            self._more.notify_all()
        stream.close()

    def all(self):
        with self._more:
            return list(self._lines)

    def text(self):
        return "\n".join(self.all())

    def whole(self):
        """All of it, when the stream has ended."""
        self._thread.join(PATIENCE)
        return self.text()

    def wait(self, pattern, seconds=PATIENCE):
        """The first line that has `pattern` in it, as a match; it may have come already."""
        due = time.monotonic() + seconds
        seen = 0
        with self._more:
            while True:
                for line in self._lines[seen:]:
                    if found := re.search(pattern, line):
                        return found
                seen = len(self._lines)
                left = due - time.monotonic()
                if self._ended or left <= 0:
                    raise AssertionError(f"no line with {pattern!r} in:\n" + "\n".join(self._lines))
                self._more.wait(left)


class Program:
    """Used with `with`: at the end of it the program is asked to end, and has to do so in order."""

    def __init__(self, name, *arguments, setup=None):
        self.name = name
        self.asked_to_end = False
        self.process = subprocess.Popen([str(BIN / name), *map(str, arguments)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        errors="replace", preexec_fn=setup)
        self.out = Lines(self.process.stdout)
        self.log = Lines(self.process.stderr)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None and not self.asked_to_end:
            self.signal(signal.SIGTERM)
        if kind is not None:  # it failed already: no second failure on top, but no child left behind
            self.process.kill()
        try:
            status = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            if kind is None:
                raise
            return
        if kind is None and status not in self.good_ends():
            raise AssertionError(f"{self.name} ended with {status}:\n{self.log.whole()}")

    def good_ends(self):
        return (0,)

    @property
    def pid(self):
        return self.process.pid

    def signal(self, number=signal.SIGTERM):
        """Sends it when the program is there to hear it: one that comes before would end it by default, and
        the thread sanitizer (g++ 12) loses some of those that find a thread on its way into a wait."""
        self._until(lambda: self._catches(number), PATIENCE)
        self._until(self._sleeps, 1)  # one that is busy all the time is sent it all the same
        self.process.send_signal(number)
        self.asked_to_end = True

    def _until(self, true, seconds):
        due = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < due and not true():
            pass

    def _catches(self, number):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^SigCgt:\s*(\w+)", status, re.M)[1], 16) >> (number - 1) & 1

    def _sleeps(self):
        """Whether all of its threads do, proc(5)."""
        try:
            stats = [each.read_text() for each in pathlib.Path(f"/proc/{self.pid}/task").glob("*/stat")]
        except OSError:  # a thread has ended meanwhile
            return False
        return all(stat.rpartition(")")[2].split()[0] == "S" for stat in stats)

    def wait(self, seconds=PATIENCE):
        """Its exit status, when it has ended."""
        return self.process.wait(seconds)

    def end(self, seconds=PATIENCE):
        """SIGTERM, and the exit status."""
        self.signal()
        return self.wait(seconds)

    def listening(self, kind, which=0):
        """The endpoint that the program says it listens on."""
        for _ in range(which + 1):
            self.out.wait(r"^listening ")
        self.out.wait(rf"^listening {kind} ")
        while True:
            found = [line.split()[2] for line in self.out.all() if line.startswith(f"listening {kind} ")]
            if len(found) > which:
                return found[which]

    def cpu_seconds(self):
        """User and system time so far, proc(5)."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Demo(Program):
    """naru-demo on free ports of 127.0.0.1, unless told otherwise."""

    def __init__(self, *arguments, raw=("tcp://127.0.0.1:0",), http=("tcp://127.0.0.1:0",), **how):
        endpoints = [part for at in raw for part in ("--raw", at)]
        endpoints += [part for at in http for part in ("--http", at)]
        super().__init__("naru-demo", *endpoints, *arguments, **how)

    @property
    def raw(self):
        return self.listening("raw")

    @property
    def http(self):
        return self.listening("http")

    @property
    def url(self):
        return self.http.replace("tcp://", "http://")


def run(*command, stdin="", seconds=PATIENCE):
    """A real client, to its end: status, standard output, standard error."""
    done = subprocess.run([str(part) for part in command], input=stdin.encode(), capture_output=True,
                          timeout=seconds, check=False)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def curl(*arguments, stdin=""):
    """What curl prints; its failure is the test's."""
    status, out, err = run("curl", "-sS", "--max-time", PATIENCE, *arguments, stdin=stdin)
    if status != 0:
        raise AssertionError(f"curl {' '.join(map(str, arguments))}: {status} {err}")
    return out
