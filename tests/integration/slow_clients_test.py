"""200 slow clients of each sort, held while others are served undisturbed."""

import json
import os
import resource
import select
import time
import unittest

from peer import Peer
from program import Demo, curl

EACH = 200
HEAD = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n"
ECHO = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" + b"x" * 65536
TCP_READERS = 20
TURNS = 20
REQUESTS_A_TURN = 25


class SlowClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))

    def test_they_are_held_and_others_do_not_notice(self):
        name = f"unix:@naru-slow-{os.getpid()}"
        with Demo("--threads", 1, "--log-level", "warning", http=("tcp://127.0.0.1:0", name)) as demo:
            # Of those who do not read some are TCP's, whose buffers in the kernel grow to megabytes each, and
            # the rest on a Unix socket, where they do not.
            slow_readers = self.slow_readers([demo.http] * TCP_READERS + [name] * (EACH - TCP_READERS))
            slow_heads = [Peer(demo.http).send("GET / HTTP/1.1\r\nX-Slow: ") for _ in range(EACH)]
            slow_bodies = [Peer(demo.http).send(HEAD + b"\r\n") for _ in range(EACH)]
            self.wait_until_all_are_held(demo)

            quiet = Peer(demo.http)
            latencies = []
            for _ in range(TURNS):
                for peer in slow_heads + slow_bodies:
                    peer.send("x")
                for peer in slow_readers:
                    peer.socket.recv(10)
                for _ in range(REQUESTS_A_TURN):
                    began = time.monotonic()
                    quiet.send("GET /hello/you HTTP/1.1\r\nHost: a\r\n\r\n").until("hello, you\n")
                    latencies.append(time.monotonic() - began)
                with Peer(demo.http) as fresh:
                    fresh.send("GET /hello/new HTTP/1.1\r\nHost: a\r\n\r\n").until("hello, new\n")

            latencies.sort()
            self.assertEqual(len(latencies), TURNS * REQUESTS_A_TURN)
            self.assertLess(latencies[len(latencies) // 2], 0.02)
            self.assertLess(latencies[len(latencies) * 99 // 100], 0.2)

            held = self.held(demo)
            self.assertEqual([held[kind] for kind in ("head", "body", "write")], [EACH, EACH, EACH])
            for peer in slow_bodies + slow_heads + slow_readers + [quiet]:
                peer.socket.close()

    def slow_readers(self, endpoints):
        """They ask for more than all buffers hold: until the server, who cannot write, reads no more."""
        peers = [Peer(at, receive_buffer=4096) for at in endpoints]
        left = {}
        for peer in peers:
            peer.socket.setblocking(False)
            left[peer.socket] = memoryview(ECHO * 200)
        while ready := select.select([], left, [], 0.5)[1]:
            for each in ready:
                left[each] = left[each][each.send(left[each][:65536]):]
                self.assertGreater(len(left[each]), 0)
        for peer in peers:
            peer.socket.setblocking(True)
        return peers

    def held(self, demo):
        counts = {}
        for each in json.loads(curl(demo.url + "/sessions")):
            awaits = each["awaits"]["operation"]
            if awaits == "write":
                self.assertGreater(each["bytes"]["waiting"], 0)
                self.assertLess(each["bytes"]["waiting"], 256 * 1024)
            counts[awaits] = counts.get(awaits, 0) + 1
        return {kind: counts.get(kind, 0) for kind in ("head", "body", "write")}

    def wait_until_all_are_held(self, demo):
        due = time.monotonic() + 60
        while set((held := self.held(demo)).values()) != {EACH}:
            if time.monotonic() > due:
                self.fail(f"held: {held}")


if __name__ == "__main__":
    unittest.main()
