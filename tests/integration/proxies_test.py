"""nginx and haproxy as reverse proxies in front of the demo, with connections kept to it."""

import pathlib
import subprocess
import tempfile
import unittest

from peer import chat
from program import PATIENCE, Demo, curl

NGINX = """
daemon on; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream demo {{ server {demo}; keepalive 4; }}
    server {{
        listen unix:{folder}/front;
        location / {{ proxy_pass http://demo; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""

HAPROXY = """
global
    pidfile {folder}/pid
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    http-reuse always
frontend front
    bind unix@{folder}/front
    default_backend demo
backend demo
    server one {demo}
"""


class Proxies(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)  # nginx's worker gives root up
        self.demo = Demo()
        self.addCleanup(lambda: self.demo.__exit__(None))

    def start(self, config, *command):
        """Both programs come back when they listen, and leave a daemon and its number behind."""
        demo = self.demo.http.removeprefix("tcp://")
        (self.folder / "config").write_text(config.format(folder=self.folder, demo=demo))
        subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)
        self.addCleanup(self.end, int((self.folder / "pid").read_text()))

    def end(self, pid):
        subprocess.run(["kill", str(pid)], check=True, timeout=PATIENCE)

    def test_nginx(self):
        self.start(NGINX, "nginx", "-c", self.folder / "config", "-e", self.folder / "error.log")
        self.check_answers()

    def test_haproxy(self):
        self.start(HAPROXY, "haproxy", "-D", "-f", self.folder / "config")
        self.check_answers()

    def check_answers(self):
        front = ("--unix-socket", self.folder / "front")
        self.assertEqual(curl(*front, "http://demo/hello/you"), "hello, you\n")
        self.assertEqual(curl(*front, "-d", "x" * 100_000, "http://demo/echo"), "x" * 100_000)
        chunked = ("-H", "Transfer-Encoding: chunked", "-d", "in chunks")
        self.assertEqual(curl(*front, *chunked, "http://demo/echo"), "in chunks")
        self.assertIn("HTTP/1.1 404 Not Found", curl(*front, "-i", "http://demo/nowhere"))
        self.assertIn("HTTP/1.1 200 OK", curl(*front, "-I", "http://demo/hello/you"))
        many = [f"http://demo/hello/n{number}" for number in range(100)]
        self.assertEqual(curl(*front, *many), "".join(f"hello, n{number}\n" for number in range(100)))

        with chat(self.demo.raw) as peer:
            peer.send("stats\n")
            peer.line(), peer.line()
            accepted = int(peer.line().partition(" open of ")[2].split()[0])
        self.assertLess(accepted, 20)  # of more than 100 requests: the proxy keeps connections, and so do we


if __name__ == "__main__":
    unittest.main()
