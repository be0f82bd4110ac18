"""What a newcomer does first: curl, telnet, nc and a browser's request to the demo; the notes' own two
programs; the examples."""

import re
import socket
import unittest
import xml.etree.ElementTree

from peer import Peer, chat, telnet
from program import BIN, Demo, Program, curl, run


class DemoAnswers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.demo = Demo().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.demo.__exit__(None)

    def test_curl_is_greeted(self):
        answer = curl("-i", self.demo.url + "/hello/world")
        head, body = answer.replace("\r\n", "\n").split("\n\n")
        self.assertEqual(head.splitlines()[0], "HTTP/1.1 200 OK")
        self.assertIn("Content-Length: 13", head.splitlines())
        self.assertIn("Content-Type: text/plain; charset=utf-8", head.splitlines())
        self.assertEqual(body, "hello, world\n")

    def test_both_sides_give_the_same_greeting(self):
        with chat(self.demo.raw) as peer:
            for name, sent in (("world", ""), ("ann", "ann"), ("나루", "%EB%82%98%EB%A3%A8")):
                by_telnet = peer.send(f"hello {name if sent else ''}\n").line()
                self.assertEqual(by_telnet, f"hello, {name}")
                self.assertEqual(curl(f"{self.demo.url}/hello?name={sent}"), by_telnet + "\n")

    def test_both_sides_refuse_the_same_names_and_say_what_is_allowed(self):
        with chat(self.demo.raw) as peer:
            for name, sent in (("a<b", "a%3Cb"), ("x" * 33, "x" * 33)):
                by_telnet = peer.send(f"hello {name}\n").line()
                self.assertRegex(by_telnet, "^a name is 1 to 32 characters: letters")
                answer = curl("-i", f"{self.demo.url}/hello/{sent}")
                self.assertIn("HTTP/1.1 400 ", answer)
                self.assertIn(by_telnet, answer)

    def test_time_is_told(self):
        self.assertRegex(curl(self.demo.url + "/time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\n$")
        with chat(self.demo.raw) as peer:
            self.assertRegex(peer.send("time\n").line(), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_echo_gives_the_body_back_and_is_no_html(self):
        answer = curl("-i", "-d", "<b>a & b</b>", self.demo.url + "/echo")
        self.assertTrue(answer.endswith("\r\n\r\n<b>a & b</b>"), answer)
        self.assertIn("Content-Type: text/plain", answer)
        self.assertIn("X-Content-Type-Options: nosniff", answer)

    def test_telnet_stays_and_both_sides_speak(self):
        with telnet(self.demo.raw) as terminal:
            terminal.type("hello ann").until("hello, ann")
            terminal.type("stream 3 1")
            for i in (1, 2, 3):
                terminal.until(f"{i} of 3 at ")
            terminal.type("quit").until("goodbye")
            terminal.until("Connection closed by foreign host.")

    def test_netcat_gets_its_answers_in_order(self):
        host, port = re.fullmatch(r"tcp://(.*):(\d+)", self.demo.raw).groups()
        status, out, _ = run("nc", host, port, stdin="echo one\necho two\nquit\n")
        self.assertEqual(status, 0)
        self.assertEqual(out.splitlines()[2:], ["one", "two", "goodbye"])

    def test_the_page_needs_nothing_from_elsewhere_and_its_commands_have_the_real_ports(self):
        page = curl(self.demo.url + "/")
        self.assertNotRegex(page, r"""(src|href)\s*=\s*["']?(https?:)?//""")
        self.assertNotIn("<script", page)
        raw_port = self.demo.raw.rpartition(":")[2]
        self.assertIn(f"telnet 127.0.0.1 {raw_port}", page)
        self.assertIn(self.demo.http.removeprefix("tcp://") + "/hello/world", page)
        for path in set(re.findall(r'href="(/[^"]*)"', page)):
            self.assertIn("HTTP/1.1 200 OK", curl("-i", self.demo.url + path), path)

    def test_the_page_s_headings_go_down_by_one_level_and_its_columns_are_headed(self):
        page = curl(self.demo.url + "/")
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        self.assertEqual(levels[0], 1)
        for above, below in zip(levels, levels[1:]):
            self.assertLessEqual(below, above + 1, levels)
        cards = page.partition("<section>")[2].rpartition("</section>")[0]
        self.assertEqual(set(re.findall(r"<h(\d)", cards)), {"3"})  # below "Try it", which is an h2
        self.assertEqual(re.findall(r'<th(?! scope="col")\b[^>]*>', page), [])

    def test_a_browser_finds_an_icon_beside_every_page(self):
        self.assertIn('<link rel="icon" href="/favicon.svg" type="image/svg+xml">', curl(self.demo.url + "/"))
        for path in ("/favicon.svg", "/favicon.ico"):
            head, _, body = curl("-i", self.demo.url + path).partition("\r\n\r\n")
            self.assertTrue(head.startswith("HTTP/1.1 200 OK\r\n"), head)
            self.assertIn("\r\nContent-Type: image/svg+xml\r\n", head)
            self.assertEqual(xml.etree.ElementTree.fromstring(body).tag, "{http://www.w3.org/2000/svg}svg")

    def test_health(self):
        self.assertEqual(curl(self.demo.url + "/healthz"), '{"status":"ok"}')


class OneShot(unittest.TestCase):
    def test_every_answer_closes_its_connection(self):
        with Demo("--one-shot") as demo, Peer(demo.http) as peer:
            peer.send("GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\nGET /hello/b HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = peer.rest()
            self.assertIn("Connection: close\r\n", answer)
            self.assertTrue(answer.endswith("hello, a\n"), answer)

    def test_without_it_the_connection_is_kept(self):
        with Demo() as demo, Peer(demo.http) as peer:
            for name in ("a", "b"):
                peer.send(f"GET /hello/{name} HTTP/1.1\r\nHost: a\r\n\r\n").until(f"hello, {name}\n")


class NotesPrograms(unittest.TestCase):
    def test_server_greets_and_client_prints_the_greeting(self):
        with Program("hello_server", 0) as server:
            endpoint = server.listening("raw")
            self.assertTrue(endpoint.startswith("tcp://0.0.0.0:"), endpoint)  # every address
            port = endpoint.rpartition(":")[2]
            for _ in range(3):
                status, out, _ = run(BIN / "hello_client", "127.0.0.1", port)
                self.assertEqual((status, out.strip()), (0, "Hello World!"))

    def test_what_is_missing_or_wrong_is_said_in_one_line(self):
        for command in (("hello_server", "x"), ("hello_server", "65536"), ("hello_server", ""),
                        ("hello_client", "127.0.0.1", "x"), ("hello_client", "127.0.0.1", "0")):
            status, out, err = run(BIN / command[0], *command[1:])
            self.assertEqual((status, out), (2, ""), command)
            self.assertRegex(err, f"^{command[0]}: '{command[-1]}' is not a PORT .*; try .*\n$")

    def test_client_says_what_is_no_address(self):
        status, _, err = run(BIN / "hello_client", "1.2.3.999", "80")
        self.assertEqual(status, 2)
        self.assertRegex(err, r"^hello_client: connect tcp://1\.2\.3\.999:80: not an IPv4 address.*\n$")

    def test_client_says_that_nobody_answers(self):
        with Program("hello_server", 0) as server:
            port = server.listening("raw").rpartition(":")[2]
        status, _, err = run(BIN / "hello_client", "127.0.0.1", port)
        self.assertEqual(status, 1)
        self.assertEqual(err, f"hello_client: connect tcp://127.0.0.1:{port}: connection refused\n")


class Examples(unittest.TestCase):
    def test_echo(self):
        with Program("example-echo", "tcp://127.0.0.1:0") as server, Peer(server.listening("raw")) as peer:
            self.assertEqual(peer.send("one\ntwo\r\n").until("two\r\n"), "one\r\ntwo\r\n")

    def test_line_chat(self):
        with Program("example-line-chat", "tcp://127.0.0.1:0") as server:
            at = server.listening("raw")
            with Peer(at) as ann, Peer(at) as bob:
                bob.send("here\n").until("here\r\n")
                ann.send("hi\n")
                self.assertEqual((ann.until("hi\r\n")[-4:], bob.line()), ("hi\r\n", "hi"))
            server.log.wait("session id=2")
            with Peer(at) as eve:
                self.assertEqual(eve.send("alone\n").line(), "alone")

    def test_http_hello(self):
        with Program("example-http-hello", "tcp://127.0.0.1:0") as server:
            url = server.listening("http").replace("tcp:", "http:")
            self.assertEqual(curl(url + "/hello/you"), "hello, you\n")
            self.assertEqual(curl("-d", "12345", url + "/measure"), '{"bytes":5}')

    PROGRAMS = (("example-echo", 1), ("example-line-chat", 1), ("example-http-hello", 1),
                ("example-waiting", 1), ("example-both", 2))
    COUNTS = (*((name, (least + 1,)) for name, least in PROGRAMS), ("example-both", (1, 3)),
              ("hello_server", (0, 2)), ("hello_client", (0, 1, 3)))

    def test_a_port_in_use_is_one_line_and_exit_status_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("0.0.0.0", 0)) as every:
            at = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
            port = every.getsockname()[1]
            starts = [(name, (*("tcp://127.0.0.1:0",) * (count - 1), at), at) for name, count in self.PROGRAMS]
            starts.append(("hello_server", (port,), f"tcp://0.0.0.0:{port}"))
            for name, arguments, endpoint in starts:
                with self.subTest(name):
                    status, _, err = run(BIN / name, *arguments)
                    self.assertEqual((status, err),
                                     (1, f"{name}: listen {endpoint}: bind: address already in use\n"))

    def test_a_bad_endpoint_is_one_line_and_exit_status_2(self):
        for name, count in self.PROGRAMS:
            with self.subTest(name):
                status, out, err = run(BIN / name, *["--frobnicate"] * count)
                self.assertEqual((status, out), (2, ""))
                self.assertRegex(err, rf"^{name}: listen --frobnicate: an endpoint begins with .*\n$")

    def test_help_is_printed_and_nothing_started(self):
        for name in ("hello_server", "hello_client", *(name for name, _ in self.PROGRAMS)):
            with self.subTest(name):
                status, out, err = run(BIN / name, "--help")
                self.assertEqual((status, err), (0, ""))
                self.assertRegex(out, rf"^usage: {name} .*\n$")

    def test_a_wrong_number_of_arguments_is_answered_with_the_usage_and_exit_status_2(self):
        for name, counts in self.COUNTS:
            for count in counts:
                with self.subTest(name, count=count):
                    status, out, err = run(BIN / name, *["tcp://127.0.0.1:0"] * count)
                    self.assertEqual((status, out), (2, ""))
                    self.assertRegex(err, rf"^usage: {name} .*\n$")

    def test_waiting(self):
        with Program("example-waiting", "tcp://127.0.0.1:0") as server:
            at = server.listening("raw")
            with Peer(at) as one, Peer(at) as other:
                one.send("nabru\nb a\n")
                other.send("ferry\n")
                self.assertEqual((one.line(), one.line(), other.line()), ("abnru", " ab", "efrry"))

    def test_both(self):
        with Program("example-both", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0") as server:
            self.assertEqual(curl(server.listening("http").replace("tcp:", "http:") + "/hello/you"),
                             "hello, you\n")
            with Peer(server.listening("raw")) as peer:
                self.assertEqual(peer.send("a\n").line(), "a")


if __name__ == "__main__":
    unittest.main()
