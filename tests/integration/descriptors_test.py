"""A server that runs out of file descriptors: it goes on, does not spin, lets nobody hang, and recovers by
itself."""

import resource
import select
import time
import unittest

from peer import Peer, chat
from program import PATIENCE, Demo

LIMIT = 64
CONNECTS = 200
WATCHED = 2.0  # seconds over which the cost of being out of descriptors is measured


def few_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))


class Exhaustion(unittest.TestCase):
    def test_it_survives_connects_beyond_its_limit_and_serves_again(self):
        with Demo("--threads", 1, setup=few_descriptors) as demo:
            demo.listening("http")
            peers = [Peer(demo.raw) for _ in range(CONNECTS)]
            served, turned_away = self.sort(peers)
            self.assertGreater(len(served), 20)
            self.assertLess(len(served), LIMIT)
            self.assertGreater(len(turned_away), 0)  # and not left hanging
            demo.log.wait("accept_exhausted")

            # As many as there are descriptors stay, and more keep knocking.
            knocking = [Peer(demo.raw) for _ in range(20)]
            before = demo.cpu_seconds()
            began = time.monotonic()
            while (left := began + WATCHED - time.monotonic()) > 0:
                select.select([], [], [], left)
            self.assertLess(demo.cpu_seconds() - before, 0.25 * WATCHED)
            for peer in served:
                self.assertEqual(peer.send("echo still here\n").line(), "still here")

            for peer in peers + knocking:
                peer.socket.close()
            for number in range(1, len(served) + 1):
                demo.log.wait(rf"session id={number} ")
            for _ in range(LIMIT):  # one after the other, each with a descriptor of its own
                with chat(demo.raw) as peer:
                    self.assertEqual(peer.send("echo a\nquit\n").line(), "a")
            demo.log.wait("accept_recovered .*turned_away=")

    def sort(self, peers):
        """Those who have read the banner, and those whose connection was closed instead."""
        served, turned_away, open_peers = [], [], list(peers)
        due = time.monotonic() + PATIENCE
        while open_peers and time.monotonic() < due:
            ready = select.select([peer.socket for peer in open_peers], [], [], 3)[0]
            if not ready:
                break  # the rest waits in the kernel's queue
            for peer in [each for each in open_peers if each.socket in ready]:
                open_peers.remove(peer)
                try:
                    peer.until("Type `help`.\r\n")
                    served.append(peer)
                except AssertionError:
                    turned_away.append(peer)
        return served, turned_away


if __name__ == "__main__":
    unittest.main()
