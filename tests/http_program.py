"""Starts server_under_test, the HTTP server with a small route table of its own, and reads its answers. For
the tests of tests/http/."""
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess

import harness

PROGRAM = os.path.join(harness.BUILD, "tests/http/server_under_test")
WAIT = harness.WAIT_SECONDS


class Server:
    """One running server_under_test; `options` are its arguments, such as queue=1."""

    def __init__(self, pass_fds=(), **options):
        arguments = [f"{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(
            [PROGRAM] + arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            pass_fds=pass_fds,
            preexec_fn=harness.die_with_parent,
        )
        self.port = int(self.process.stdout.readline().split()[1])

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(WAIT)
        return connection

    def client(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)

    def ask(self, method, path, body=None, **headers):
        client = self.client()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(method, path, body, names)
        answer = client.getresponse()
        content = answer.read()
        client.close()
        return answer, content

    def echo(self, body):
        return self.ask("POST", "/v1/echo", body, Content_Type="application/json")

    def counters(self):
        return json.loads(self.ask("GET", "/v1/counters")[1])

    def wait_at_gate(self):
        assert self.process.stdout.readline() == "at the gate\n"

    def release(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def drain(self):
        self.process.send_signal(signal.SIGTERM)

    def ended_well(self):
        said, _ = self.process.communicate(timeout=WAIT)
        assert self.process.returncode == 0
        assert said.endswith("ended\n")


@contextlib.contextmanager
def running(**options):
    server = Server(**options)
    try:
        yield server
        server.drain()
        server.ended_well()
    finally:
        server.process.kill()
        server.process.communicate()


class Reader:
    """Reads answers from a connection, one after another."""

    def __init__(self, connection):
        self.file = connection.makefile("rb")

    def answer(self, head=False):
        line = self.file.readline()
        assert line, "the connection ended without an answer"
        status = int(line.split()[1])
        headers = http.client.parse_headers(self.file)
        size = 0 if head or status < 200 else int(headers["Content-Length"])
        return status, headers, self.file.read(size)

    def ended(self):
        """Has the server closed the connection, with nothing more in it?"""
        try:
            return self.file.read() == b""
        except ConnectionResetError:
            return True


def head(line, *headers):
    return "\r\n".join([line, "Host: test", *headers, "", ""]).encode("latin-1")


def post(path, body, *headers, kind="application/json"):
    return head(f"POST {path} HTTP/1.1", f"Content-Type: {kind}", *headers) + body


def is_problem(status, headers, body, wanted):
    assert status == wanted
    assert headers["Content-Type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["status"] == wanted
    assert problem["type"].startswith("urn:rctd:problem:")
    assert problem["instance"] == "urn:uuid:" + headers["X-Request-Id"]
    return problem
