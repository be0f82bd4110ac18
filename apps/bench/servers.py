"""The servers under measurement, as processes: what starts each, which ports it has, what it costs."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
FLOOR = "bench-floor --http 0 --echo 0"
NARU = "naru-bench-server --http tcp://127.0.0.1:0 --echo tcp://127.0.0.1:0 --threads 1"

# name, protocols, command line, what to do about it when the program is not there
SERVERS = [
    ("floor", ["http", "echo"], FLOOR, "configure with NARU_BUILD_BENCH"),
    ("twin", ["http", "echo"], FLOOR, "configure with NARU_BUILD_BENCH"),
    ("naru", ["http", "echo"], NARU, "build it"),
    ("nginx", ["http"], "nginx", "install nginx"),
    ("beast", ["http"], "bench-beast 0", "configure with NARU_BUILD_BENCH"),
    ("libuv", ["echo"], "bench-libuv-echo 0", "install libuv1-dev and configure again"),
]


class Server:
    """One server's process, with its children if it has any, on one core."""

    def __init__(self, name, protocols, command, core, scratch):
        self.name, self.protocols, self.command = name, protocols, command
        self.core, self.scratch, self.log = core, scratch, scratch / f"{name}.log"
        self.process = None

    def start(self):
        command, self.ports = self.command, {}
        if self.name == "nginx":  # which cannot choose a port itself, and tell
            self.ports["http"] = free_port()
            command = [*command, "-e", "stderr", "-p", self.scratch, "-c", self.write_nginx_conf()]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=lambda: os.sched_setaffinity(0, {self.core}))
        until = time.monotonic() + 10
        while not self.is_listening():
            self.must_live()
            if time.monotonic() > until:
                self.stop()
                sys.exit(f"{self.name} does not listen after ten seconds")
            time.sleep(0.01)

    def write_nginx_conf(self):
        text = (HERE / "peers" / "nginx.conf.in").read_text()
        conf = self.scratch / "nginx.conf"
        conf.write_text(text.replace("@DIR@", str(self.scratch)).replace("@PORT@", str(self.ports["http"])))
        return conf

    def is_listening(self):
        if self.name == "nginx":
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.ports["http"])) == 0
        lines = re.findall(r"^listening (\w+) tcp://127\.0\.0\.1:(\d+)$", self.read_log(), re.M)
        self.ports = {protocol: int(port) for protocol, port in lines}
        return set(self.protocols) <= set(self.ports)

    def read_log(self):
        return self.log.read_text(errors="replace")

    def must_live(self):
        if self.process.poll() is not None:
            status, said = self.process.returncode, self.read_log()[-2000:]
            sys.exit(f"{self.name} has ended with status {status}:\n{said}")

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def pids(self):
        """nginx works in a child."""
        self.must_live()
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu_ns(self):
        tasks = [task for pid in self.pids() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)

    def resident_bytes(self):
        rollups = [pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids()]
        return sum(int(re.search(r"^Rss:\s+(\d+) kB", text, re.M)[1]) for text in rollups) * 1024


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_servers(folder, with_twin, core, scratch):
    """Those that are there; says of the others why they are not."""
    found = []
    for name, protocols, command, mend in SERVERS:
        if name == "twin" and not with_twin:
            continue
        program, *arguments = command.split()
        folders = [*os.get_exec_path(), "/usr/sbin"] if name == "nginx" else [folder]
        path = next((p for p in (pathlib.Path(f, program) for f in folders) if os.access(p, os.X_OK)), None)
        if path is None:
            print(f"{name} is left out: no {program} ({mend})")
        else:
            found.append(Server(name, protocols, [path.absolute(), *arguments], core, scratch))
    return found
