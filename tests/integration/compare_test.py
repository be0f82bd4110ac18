"""naru-compare, run small: what its figures must say on any machine, however slow and busy, in both of its
forms."""

import contextlib
import json
import os
import pty
import re
import subprocess
import unittest

from program import BIN, PATIENCE, run

EXCHANGES, CLIENTS, RTT_MS = 50, 2, 20
SMALL = ("-n", EXCHANGES, "-c", CLIENTS, "--rtt", f"0,{RTT_MS}", "--push-seconds", 0.5)
FARAWAY = ("one_shot_http", "kept_http", "raw_tcp")
FEEDS = ("push", "poll_at_once", "poll_as_often")


def compare(*arguments):
    return run(BIN / "naru-compare", *arguments)


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        status, out, err = compare(*SMALL, "--json")
        if (status, err) != (0, ""):
            raise AssertionError(f"naru-compare ended with {status}: {err}")
        cls.all = json.loads(out)
        cls.ways = {(row["way"], row["rtt_ms"]): row for row in cls.all["exchanges"]}
        cls.feeds = {(row["feed"], row["rtt_ms"]): row for row in cls.all["news"]}

    def test_every_way_is_there_and_the_unix_socket_only_where_there_is_no_distance(self):
        far_or_near = {(way, rtt) for way in FARAWAY for rtt in (0, RTT_MS)}
        self.assertEqual(set(self.ways), far_or_near | {("raw_unix", 0)})

    def test_every_client_carried_every_exchange(self):
        for row in self.ways.values():
            self.assertEqual(row["exchanges"], EXCHANGES * CLIENTS, row)
            self.assertGreater(row["per_second"], 0, row)
            self.assertGreater(row["server_cpu_us"], 0, row)
            self.assertLessEqual(row["p50_us"], row["p99_us"], row)

    def test_one_shot_opens_a_connection_for_each_exchange_and_the_others_one_for_each_client(self):
        for (way, _), row in self.ways.items():
            expected = EXCHANGES * CLIENTS if way == "one_shot_http" else CLIENTS
            self.assertEqual(row["connections"], expected, row)

    def test_opening_takes_more_than_three_times_the_segments(self):
        one_shot, kept, raw = (self.ways[way, 0]["segments"] for way in FARAWAY)
        # SYN, SYN-ACK, ACK; question, answer; FIN and ACK for each side, which may share a segment.
        self.assertGreaterEqual(one_shot, 7)
        self.assertGreaterEqual(kept, 2)
        self.assertGreaterEqual(raw, 2)
        if self.all["wire_counted_in"] == "own_network":  # else there is other programs' traffic in them
            self.assertGreater(one_shot, 3 * kept)
            self.assertLess(abs(kept - raw), 1)

    def test_bytes_on_the_wire_are_the_payload_twice_and_headers(self):
        one_shot, kept, raw = (self.ways[way, 0]["wire_bytes"] for way in FARAWAY)
        self.assertGreater(raw, 2 * (self.all["bytes"] + 40))
        self.assertGreater(kept, raw)
        self.assertGreater(one_shot, kept)

    def test_the_wire_is_not_counted_where_it_cannot_be(self):
        for key, row in [*self.ways.items(), *self.feeds.items()]:
            counted = key[1] == 0 and key[0] != "raw_unix"
            for column in ("segments", "wire_bytes"):
                self.assertEqual(row[column] is not None, counted, row)

    def test_an_exchange_takes_one_round_trip_and_an_opening_another(self):
        one_shot, kept, raw = (self.ways[way, RTT_MS]["p50_us"] / 1000 for way in FARAWAY)
        self.assertGreater(one_shot, 2 * RTT_MS * 0.95)
        self.assertGreater(kept, RTT_MS * 0.95)
        self.assertGreater(raw, RTT_MS * 0.95)
        self.assertGreater(one_shot - kept, RTT_MS * 0.5)

    def test_what_is_pushed_comes_after_half_a_round_trip(self):
        age = self.feeds["push", RTT_MS]["mean_age_us"] / 1000
        self.assertGreater(age, RTT_MS / 2 * 0.95)
        self.assertLess(age, RTT_MS)
        self.assertEqual(self.feeds["push", RTT_MS]["requests"], 0)

    def test_polling_at_the_same_rate_is_older_and_polling_at_once_asks_in_vain(self):
        for rtt in (0, RTT_MS):
            push, at_once, as_often = (self.feeds[feed, rtt] for feed in FEEDS)
            self.assertEqual({row["messages"] for row in (push, at_once, as_often)}, {push["messages"]})
            self.assertGreater(as_often["mean_age_us"], push["mean_age_us"])
            self.assertGreater(at_once["requests"], at_once["messages"])
            for row in (at_once, as_often):
                self.assertLessEqual(row["requests"] - row["wasted"], row["messages"], row)
        self.assertGreater(self.feeds["poll_at_once", RTT_MS]["mean_age_us"],
                           self.feeds["push", RTT_MS]["mean_age_us"])

    def test_the_words_are_made_of_the_figures(self):
        text = {each["name"]: each["text"] for each in self.all["meaning"]}
        self.assertEqual(set(text), {"opening", "http", "speaking_first"})
        self.assertIn(f"on {CLIENTS} connections instead of {EXCHANGES * CLIENTS}", text["opening"])
        self.assertIn(f"{self.feeds['poll_at_once', 0]['requests']:,} requests for "
                      f"{self.feeds['poll_at_once', 0]['messages']} messages", text["speaking_first"])
        self.assertRegex(text["opening"], r"An exchange took [\d.]+ segments instead of [\d.]+\.")

    def test_it_knows_its_own_spread_and_measures_again_when_it_is_too_large(self):
        self.assertIn(self.all["attempts"], (1, 2, 3))
        medians = [[each["p50_us"] for each in row["rounds"]] for row in self.ways.values() if not row["rtt_ms"]]
        self.assertEqual({len(each) for each in medians}, {4})
        worst = max(max(each) / min(each) for each in medians)
        busy = any("too busy" in each["text"] and "Straight" in each["text"] for each in self.all["meaning"])
        if abs(worst - 1.5) > 0.001:  # else the rounding of the document decides
            self.assertEqual(busy, worst > 1.5)
        if busy:
            self.assertEqual(self.all["attempts"], 3)


class BusyMachine(unittest.TestCase):
    def test_what_it_says_of_times_is_borne_out_by_its_rounds(self):
        with contextlib.ExitStack() as load:
            for _ in range(2 * os.cpu_count()):
                spinning = subprocess.Popen(["sh", "-c", "while :; do :; done"])
                load.callback(spinning.wait)
                load.callback(spinning.kill)
            status, out, err = compare(*SMALL, "--json")
        self.assertEqual((status, err), (0, ""))
        self.check(json.loads(out))

    def check(self, found):
        text = {each["name"]: each["text"] for each in found["meaning"]}
        rows = {row["way"]: row for row in found["exchanges"] if row["rtt_ms"] == 0}
        rounds = {way: [each["p50_us"] for each in row["rounds"]] for way, row in rows.items()}
        self.assertRegex(text["opening"], "An exchange took .* segments instead of")
        for sentence, one, other in (("One-shot HTTP took {} times as long as kept", "one_shot_http", "kept_http"),
                                     ("Kept HTTP took {} times as long as the TCP", "kept_http", "raw_tcp")):
            if said := re.search(sentence.format(r"([\d.]+)"), text["opening"] + text["http"]):
                self.assertGreater(float(said[1]), 1)
                self.assertTrue(all(a > b for a, b in zip(rounds[one], rounds[other])), rounds)
        for way, medians in rounds.items():
            if max(medians) > 1.501 * min(medians):
                self.assertIn("too busy to compare times", text["opening"], (way, medians))


class Text(unittest.TestCase):
    def test_every_section_is_there_within_100_columns(self):
        status, out, err = compare("-n", 10, "-c", 2, "--rtt", "0,5", "--push-seconds", 0.2)
        self.assertEqual((status, err), (0, ""))
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        for section in ("The same exchange, 64 bytes there and back, by 2 clients", "  straight ",
                        "  round trip 5 ms ", "The same news, 4 messages", "What it means"):
            self.assertIn("\n" + section, "\n" + out)
        # What opening costs, HTTP beside the socket, who may speak first; the words depend on the figures.
        self.assertEqual(out.count("\n- "), 3)
        for way in ("one-shot HTTP", "kept HTTP", "TCP socket", "Unix socket"):
            self.assertIn("\n  " + way, out)

    def test_without_a_straight_run_it_says_what_was_not_counted(self):
        status, out, _ = compare("-n", 2, "-c", 1, "--rtt", 5, "--push-seconds", 0.1)
        self.assertEqual(status, 0)
        self.assertIn("were not counted", out.replace("\n", " "))
        self.assertNotIn("straight ", out.split("What it means")[0].split("Segments")[0])
        self.assertNotIn("Straight", out)

    def test_who_waits_at_a_terminal_is_told_what_is_measured(self):
        ours, theirs = pty.openpty()
        command = [BIN / "naru-compare", "-n", "2", "-c", "1", "--rtt", "0", "--push-seconds", "0.1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as program:
            out, _ = program.communicate(timeout=PATIENCE)
            self.assertEqual(program.returncode, 0)
        os.close(theirs)
        self.assertIn(b"measuring at a round trip of 0 ms", os.read(ours, 4096))
        os.close(ours)
        self.assertNotIn(b"measuring", out)


class Arguments(unittest.TestCase):
    def test_large_payloads_come_back_whole(self):
        status, out, err = compare("-n", 3, "-s", 1024 * 1024, "-c", 2, "--rtt", 0, "--push-seconds", 0.1,
                                   "--json")
        self.assertEqual((status, err), (0, ""))
        for row in json.loads(out)["exchanges"]:
            self.assertEqual(row["exchanges"], 6)

    def test_bad_ones_are_named_in_one_line(self):
        for arguments in (("-n", 0), ("-n", "x"), ("-s", 0), ("-c", 0), ("--rtt", "x"), ("--rtt", "0,9999"),
                          ("--push-seconds", 0), ("--bogus",), ("extra",)):
            status, out, err = compare(*arguments)
            self.assertEqual((status, out), (2, ""), arguments)
            self.assertRegex(err, rf"^naru-compare: .*{arguments[0]}.*\n$")

    def test_help(self):
        status, out, err = compare("--help")
        self.assertEqual((status, err), (0, ""))
        for option in ("-n", "-s", "-c", "--rtt", "--push-seconds", "--json"):
            self.assertIn(option, out)


if __name__ == "__main__":
    unittest.main()
