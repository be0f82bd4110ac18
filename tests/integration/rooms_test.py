"""Two telnets and an HTTP request share a room; GET /sessions shows who is there, and not who has gone."""

import json
import unittest

from peer import Peer, chat, telnet
from program import Demo, curl


def sessions(demo):
    return json.loads(curl(demo.url + "/sessions"))


class Rooms(unittest.TestCase):
    def setUp(self):
        self.demo = Demo("--threads", 4)
        self.addCleanup(lambda: self.demo.__exit__(None))

    def room(self, name="lobby"):
        return json.loads(curl(f"{self.demo.url}/rooms/{name}"))

    def say(self, text, name="lobby", who="web"):
        url = f"{self.demo.url}/rooms/{name}/messages?from={who}"
        return curl("-i", "--data-binary", "@-", url, stdin=text)

    def test_two_telnets_and_curl_share_a_room(self):
        with telnet(self.demo.raw) as ann, telnet(self.demo.raw) as bob:
            ann.type("hello ann").until("hello, ann")
            bob.type("hello bob").until("hello, bob")
            ann.type("join lobby").until("you are ann in lobby; here: ann")
            bob.type("join lobby").until("you are bob in lobby; here: ann, bob")
            ann.until("[lobby] bob has joined")
            ann.type("say good morning")
            for each in (ann, bob):
                each.until("[lobby] ann: good morning")

            answer = self.say("hello from HTTP")
            self.assertIn("HTTP/1.1 201 Created", answer)
            self.assertIn('{"room":"lobby","reached":2}', answer)
            for each in (ann, bob):
                each.until("[lobby] web: hello from HTTP")

            room = self.room()
            self.assertEqual(room["members"], ["ann", "bob"])
            self.assertEqual([(each["from"], each["text"]) for each in room["messages"]],
                             [("ann", "good morning"), ("web", "hello from HTTP")])

            bob.type("quit").until("goodbye")
            ann.until("[lobby] bob has left")
            self.assertEqual(self.room()["members"], ["ann"])

    def test_sessions_shows_both_kinds_while_they_are_there_and_not_after(self):
        with telnet(self.demo.raw) as ann, Peer(self.demo.http) as kept:
            ann.type("echo x").until("x\r\nx\r\n")
            kept.send("GET /time HTTP/1.1\r\nHost: a\r\n\r\n").until("Z\n")
            shown = {each["id"]: each for each in sessions(self.demo)}
            raw, web, own = (shown[number] for number in (1, 2, 3))

            self.assertEqual((raw["protocol"], raw["listener"]), ("raw", self.demo.raw))
            self.assertEqual(raw["awaits"]["operation"], "read_some")
            self.assertEqual(raw["awaits"]["file"], "apps/demo/telnet_side.cpp")
            self.assertGreater(raw["awaits"]["line"], 0)
            self.assertGreaterEqual(raw["awaits"]["since"], 0)
            self.assertEqual(raw["bytes"]["in"], len("echo x\r\n"))
            self.assertGreater(raw["bytes"]["out"], 100)
            self.assertGreaterEqual(raw["age"], raw["awaits"]["since"])

            self.assertEqual((web["protocol"], web["listener"]), ("http", self.demo.http))
            host, port = kept.socket.getsockname()
            self.assertEqual(web["peer"], f"tcp://{host}:{port}")
            self.assertEqual(web["awaits"]["operation"], "request")
            self.assertEqual(own["awaits"]["operation"], "")  # the one that asks is being answered

            for each in (raw, web):
                self.assertEqual(each["tcp"]["state"], "established")
                self.assertGreaterEqual(each["tcp"]["rtt"], 1)
                self.assertEqual(each["tcp"]["retransmits"], 0)
            self.assertEqual(len({each["fd"] for each in shown.values()}), 3)
            ann.type("quit").until("goodbye")
        for number in (1, 2):
            self.demo.log.wait(f"session id={number} ")
        self.assertTrue({1, 2}.isdisjoint(each["id"] for each in sessions(self.demo)))

    def test_members_on_all_shards_hear_each_other(self):
        peers = [chat(self.demo.raw) for _ in range(16)]
        for number, peer in enumerate(peers):
            peer.send(f"hello p{number}\njoin lobby\n").until("here: p0")
        self.assertGreater(len({each["shard"] for each in sessions(self.demo)}), 1)
        for number, peer in enumerate(peers):
            peer.send(f"say from {number}\n")
        for peer in peers:
            heard = set()
            while len(heard) < len(peers):
                speaker, _, text = peer.until("\n").strip().removeprefix("[lobby] ").partition(": ")
                if text.startswith("from "):
                    self.assertEqual(speaker, "p" + text.removeprefix("from "))
                    heard.add(speaker)
            peer.socket.close()

    def test_leaving_by_every_end(self):
        with chat(self.demo.raw) as watcher:
            watcher.send("hello watcher\njoin lobby\n").until("here: watcher\r\n")
            ends = {"finisher": lambda peer: peer.finish(), "resetter": lambda peer: peer.reset(),
                    "quitter": lambda peer: peer.send("quit\n"),
                    "mover": lambda peer: peer.send("join attic\n")}
            for name, end in ends.items():
                with chat(self.demo.raw) as peer:
                    peer.send(f"hello {name}\njoin lobby\n").until(name + "\r\n")
                    watcher.until(f"[lobby] {name} has joined\r\n")
                    end(peer)
                    watcher.until(f"[lobby] {name} has left\r\n")
                self.assertEqual(self.room()["members"], ["watcher"])

    def test_a_name_is_had_by_one_in_a_room(self):
        with chat(self.demo.raw) as ann, chat(self.demo.raw) as other:
            ann.send("hello ann\njoin lobby\n").until("here: ann\r\n")
            other.send("hello ann\njoin lobby\n").line()
            self.assertRegex(other.line(), "^somebody is ann in lobby already; `hello NAME`")
            other.send("hello eve\njoin lobby\n").until("here: ann, eve\r\n")
            ann.send("hello anna\njoin lobby\nwho\n").until("you are anna in lobby")
            self.assertEqual(self.room()["members"], ["eve", "anna"])

    def test_what_others_say_cannot_touch_a_terminal_or_a_page(self):
        with chat(self.demo.raw) as peer:
            peer.send("hello ann\njoin lobby\n").until("here: ann\r\n")
            self.say("a\x1b]0;title\x07b\r\nc\u009b31m\u202ed\x00<i>&\"")
            self.assertEqual(peer.line(), '[lobby] web: a]0;titleb  c31md<i>&"')
            self.assertEqual(self.room()["messages"][0]["text"], 'a]0;titleb  c31md<i>&"')
            peer.send(b"say \xff\xff\xc3\x28\xc0\xaf x\n")  # IAC IAC, and bytes that are no UTF-8
            self.assertEqual(peer.line(), "[lobby] ann: \ufffd\ufffd(\ufffd\ufffd x")

    def test_the_last_20_messages_are_kept(self):
        for number in range(25):
            self.say(f"number {number}")
        self.assertEqual([each["text"] for each in self.room()["messages"]],
                         [f"number {number}" for number in range(5, 25)])

    def test_what_is_no_room_name_or_message_is_refused(self):
        for room in ("a%20b", "a%2Fb", "x" * 33, "%EB%82%98"):
            answer = curl("-i", f"{self.demo.url}/rooms/{room}")
            self.assertIn("HTTP/1.1 400 ", answer)
            self.assertIn("a room's name is 1 to 32 characters", answer)
        for text, why in (("", "nothing to say"), (" \x1b ", "nothing to say"),
                          ("x" * 1001, "at most 1000 bytes")):
            answer = self.say(text)
            self.assertIn("HTTP/1.1 400 ", answer)
            self.assertIn(why, answer)
        with chat(self.demo.raw) as peer:
            self.assertRegex(peer.send("join a b\n").line(), "^a room's name is 1 to 32 characters")
            self.assertRegex(peer.send("say x\n").line(), "^you are in no room; `join ROOM`")

    def test_rooms_that_nobody_is_in_make_way_for_new_ones(self):
        with chat(self.demo.raw) as peer, Peer(self.demo.http) as web:
            peer.send("join kept\n").until("in kept; here: guest-1\r\n")
            rest = " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
            requests = [f"POST /rooms/room-{number}/messages{rest}" for number in range(1100)]
            for start in range(0, len(requests), 100):
                web.send("".join(requests[start:start + 100]))
                for number in range(start, start + 100):
                    web.until(f'"room-{number}","reached":0}}')
            self.assertEqual(self.room("room-0")["messages"], [])
            self.assertEqual(len(self.room("room-1099")["messages"]), 1)
            self.assertEqual(self.room("kept")["members"], ["guest-1"])


if __name__ == "__main__":
    unittest.main()
