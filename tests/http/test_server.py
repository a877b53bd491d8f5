"""The HTTP server from outside, over raw sockets: framing, deadlines, limits, draining, and the answers
that it gives by itself. It runs in server_under_test, a program with a small route table of its own."""
import contextlib
import copy
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
import uuid

import pytest

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


@pytest.fixture(scope="module")
def server():
    with running() as started:
        yield started


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


# ---- Connections ----


def test_a_connection_serves_many_requests(server):
    connection = server.connect()
    reader = Reader(connection)
    for number in range(50):
        connection.sendall(head(f"GET /v1/things/{number} HTTP/1.1"))
        status, _, body = reader.answer()
        assert (status, json.loads(body)["thing"]) == (200, str(number))


def test_pipelined_requests_are_answered_in_order(server):
    connection = server.connect()
    connection.sendall(
        b"".join(
            head(f"GET /v1/things/{n} HTTP/1.1")
            + post("/v1/echo", b'{"workplace":"W%04d"}' % n, "Content-Length: 21")
            for n in range(40)
        )
    )
    reader = Reader(connection)
    for number in range(40):
        assert json.loads(reader.answer()[2])["thing"] == str(number)
        assert json.loads(reader.answer()[2])["workplace"] == f"W{number:04d}"


def test_a_request_may_come_byte_by_byte(server):
    connection = server.connect()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in post("/v1/echo", b'{"workplace":"W1"}', "Content-Length: 18"):
        connection.sendall(bytes([byte]))
    assert Reader(connection).answer()[0] == 200


def test_a_chunked_body_is_put_together(server):
    connection = server.connect()
    connection.sendall(
        post("/v1/echo", b'5\r\n{"wor\r\nd;x=y\r\nkplace":"W1"}\r\n0\r\n\r\n', "Transfer-Encoding: chunked")
    )
    status, _, body = Reader(connection).answer()
    assert (status, json.loads(body)) == (200, {"workplace": "W1"})


def test_an_old_client_gets_its_answer_and_the_end(server):
    connection = server.connect()
    connection.sendall(b"GET /v1/ping HTTP/1.0\r\n\r\n")
    reader = Reader(connection)
    assert reader.answer()[0] == 200
    assert reader.ended()


def test_a_client_that_asks_to_close_is_closed(server):
    connection = server.connect()
    connection.sendall(head("GET /v1/ping HTTP/1.1", "Connection: close"))
    reader = Reader(connection)
    assert reader.answer()[1]["Connection"] == "close"
    assert reader.ended()


def test_two_hundred_connections_are_served_at_once():
    with running(workers=4) as server:
        connections = [server.connect() for _ in range(200)]
        readers = [Reader(connection) for connection in connections]
        for _ in range(5):
            for number, connection in enumerate(connections):
                connection.sendall(head(f"GET /v1/things/{number} HTTP/1.1"))
            for number, reader in enumerate(readers):
                assert json.loads(reader.answer()[2])["thing"] == str(number)
        assert server.counters()["open"] == 201


def test_a_connection_above_the_limit_waits_for_its_turn():
    with running(connections=2) as server:
        first, second, third = (server.connect() for _ in range(3))
        for connection in (first, second):
            connection.sendall(head("GET /v1/ping HTTP/1.1"))
            assert Reader(connection).answer()[0] == 200
        third.sendall(head("GET /v1/ping HTTP/1.1"))
        assert select.select([third], [], [], 0.3)[0] == []
        first.close()
        assert Reader(third).answer()[0] == 200


def test_a_client_that_leaves_before_its_answer_harms_nobody():
    with running(workers=1) as server:
        connection = server.connect()
        connection.sendall(head("GET /v1/gate HTTP/1.1"))
        server.wait_at_gate()
        connection.close()
        server.release()
        assert server.ask("GET", "/v1/ping")[0].status == 200


# ---- Deadlines ----


def drip(connection, pieces):
    """Sends a piece at a time until the server closes; gives what it sent before."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    said = b""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for piece in pieces:
            connection.sendall(piece)
            if select.select([connection], [], [], 0.1)[0]:
                received = connection.recv(65536)
                if not received:
                    return said
                said += received
        raise AssertionError("the server never closed the connection")
    return said


def endless(piece):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        yield piece


def test_headers_that_never_end_are_cut_off():
    with running(arrive=1, idle=600) as server:
        connection = server.connect()
        connection.sendall(b"GET /v1/ping HTTP/1.1\r\nHost: x\r\n")
        assert drip(connection, endless(b"X-A: b\r\n")) == b""
        assert server.counters()["swept"] == 1


def test_a_request_line_that_never_ends_is_cut_off():
    with running(arrive=1, idle=600) as server:
        assert drip(server.connect(), endless(b"G")) == b""
        kept = server.connect()
        kept.sendall(head("GET /v1/ping HTTP/1.1"))
        assert Reader(kept).answer()[0] == 200
        assert drip(kept, endless(b"G")) == b""
        assert server.counters()["swept"] == 2


def test_a_body_that_never_ends_is_cut_off():
    with running(arrive=1, idle=600) as server:
        declared = server.connect()
        declared.sendall(post("/v1/echo", b"{", "Content-Length: 10000"))
        assert drip(declared, endless(b" ")) == b""
        chunked = server.connect()
        chunked.sendall(post("/v1/echo", b"", "Transfer-Encoding: chunked"))
        assert drip(chunked, endless(b"1\r\n \r\n")) == b""
        refused = server.connect()
        refused.sendall(post("/v1/nothing", b"", "Content-Length: 10000"))
        assert drip(refused, endless(b" ")) == b""
        assert server.counters()["swept"] == 3


def test_a_request_under_way_is_not_cut_off():
    with running(arrive=1, idle=600) as server:
        connection = server.connect()
        connection.sendall(head("GET /v1/gate HTTP/1.1"))
        server.wait_at_gate()
        assert drip(server.connect(), endless(b"G")) == b""
        assert server.counters()["swept"] == 1
        server.release()
        assert Reader(connection).answer()[0] == 200


def test_an_idle_connection_is_closed_in_the_end():
    with running(idle=1, arrive=600) as server:
        silent = server.connect()
        served = server.connect()
        served.sendall(head("GET /v1/ping HTTP/1.1"))
        reader = Reader(served)
        assert reader.answer()[0] == 200
        assert reader.ended()
        assert Reader(silent).ended()


def test_a_quiet_connection_may_stay_for_its_idle_time():
    with running(arrive=1, idle=600) as server:
        kept = server.connect()
        kept.sendall(head("GET /v1/ping HTTP/1.1"))
        reader = Reader(kept)
        assert reader.answer()[0] == 200
        drip(server.connect(), endless(b"G"))
        kept.sendall(head("GET /v1/ping HTTP/1.1"))
        assert reader.answer()[0] == 200


def test_a_client_that_says_no_more_holds_no_connection():
    with running(idle=600) as server:
        connections = [server.connect() for _ in range(20)]
        for connection in connections:
            connection.sendall(head("GET /v1/ping HTTP/1.1"))
            connection.shutdown(socket.SHUT_WR)
        for connection in connections:
            Reader(connection).file.read()
        assert server.counters()["open"] == 1


# ---- Sizes ----


def test_a_body_that_is_too_large_is_refused_and_the_connection_goes_on(server):
    connection = server.connect()
    reader = Reader(connection)
    body = b" " * 65537
    connection.sendall(post("/v1/echo", body, f"Content-Length: {len(body)}"))
    problem = is_problem(*reader.answer(), 413)
    assert "65536" in problem["detail"]
    chunk = b"10001\r\n" + body + b"\r\n0\r\n\r\n"
    connection.sendall(post("/v1/echo", chunk, "Transfer-Encoding: chunked"))
    is_problem(*reader.answer(), 413)
    connection.sendall(head("GET /v1/ping HTTP/1.1"))
    assert reader.answer()[0] == 200


def test_a_body_of_the_largest_size_is_taken(server):
    body = b'{"workplace":"W1"}'.ljust(65536)
    assert server.echo(body)[0].status == 200
    rows = b"orgnr;name\r\n" * 87000
    answer, content = server.ask("POST", "/v1/import", rows, Content_Type="text/csv")
    assert (answer.status, json.loads(content)["bytes"]) == (200, len(rows))


def test_a_huge_body_is_refused_before_it_is_sent(server):
    connection = server.connect()
    connection.sendall(post("/v1/echo", b"", "Content-Length: 100000000"))
    reader = Reader(connection)
    is_problem(*reader.answer(), 413)
    assert reader.ended()


def test_a_client_that_asks_first_hears_at_once(server):
    connection = server.connect()
    reader = Reader(connection)
    connection.sendall(post("/v1/echo", b"", "Content-Length: 18", "Expect: 100-continue"))
    assert reader.answer()[0] == 100
    connection.sendall(b'{"workplace":"W1"}')
    assert reader.answer()[0] == 200
    connection.sendall(post("/v1/echo", b"", "Content-Length: 70000", "Expect: 100-continue"))
    is_problem(*reader.answer(), 413)


def test_chunks_without_end_are_cut_off(server):
    connection = server.connect()
    connection.sendall(post("/v1/echo", b"", "Transfer-Encoding: chunked"))
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range(10000):
            connection.sendall(piece)
    assert server.ask("GET", "/v1/ping")[0].status == 200


def test_headers_that_are_too_large_are_refused(server):
    connection = server.connect()
    connection.sendall(head("GET /v1/ping HTTP/1.1", "X-A: " + "a" * 40000))
    assert Reader(connection).answer()[0] == 431
    connection = server.connect()
    connection.sendall(head("GET /" + "a" * 40000 + " HTTP/1.1"))
    assert Reader(connection).answer()[0] == 414


# ---- Framing ----

SMUGGLED = head("GET /v1/things/smuggled HTTP/1.1")
SHAPES = {
    "two lengths": ["Content-Length: 0", f"Content-Length: {len(SMUGGLED)}"],
    "the same length twice": ["Content-Length: 0", "Content-Length: 0"],
    "length and chunks": ["Content-Length: 5", "Transfer-Encoding: chunked"],
    "chunks and length": ["Transfer-Encoding: chunked", "Content-Length: 5"],
    "two encodings": ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    "a list of encodings": ["Transfer-Encoding: identity, chunked"],
    "an unknown encoding": ["Transfer-Encoding: xchunked"],
    "a space before the colon": ["Transfer-Encoding : chunked"],
    "a tab before the colon": ["Content-Length\t: 5"],
    "a list of lengths": ["Content-Length: 5, 5"],
    "a signed length": ["Content-Length: +5"],
    "a length in hex": ["Content-Length: 0x5"],
    "a length that overflows": ["Content-Length: 18446744073709551621"],
    "two hosts": ["Host: other", "Content-Length: 0"],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_second_request_can_be_smuggled_in_a_body(server, shape):
    connection = server.connect()
    connection.sendall(post("/v1/echo", b"0\r\n\r\n" + SMUGGLED, *SHAPES[shape]))
    with contextlib.suppress(ConnectionResetError):
        said = b""
        while True:
            received = connection.recv(65536)
            if not received:
                break
            said += received
    assert said.split(b"\r\n")[0] in (b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 413 Content Too Large")
    assert b"smuggled" not in said
    assert b"200 OK" not in said


def test_conflicting_lengths_are_explained(server):
    connection = server.connect()
    connection.sendall(post("/v1/echo", b"12345", "Content-Length: 5", "Content-Length: 6"))
    reader = Reader(connection)
    status, headers, body = reader.answer()
    is_problem(status, headers, body, 400)
    assert headers["Connection"] == "close"
    assert reader.ended()


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET",
        b"GET /v1/ping",
        b"GET /v1/ping HTTP/9.9",
        b"GET /v1/ping HTTP/1.1 extra",
        b"GET /v1/ping\tHTTP/1.1",
        b" GET /v1/ping HTTP/1.1",
        b"GET  HTTP/1.1",
        b"G\x01T /v1/ping HTTP/1.1",
        b"G(T /v1/ping HTTP/1.1",
        b"GET v1/ping HTTP/1.1",
        b"GET * HTTP/1.1",
        b"GET /v1/%zz HTTP/1.1",
        b"GET /v1/%ff HTTP/1.1",
        b"GET /v1/\xff\xfe HTTP/1.1",
        b"GET /v1/%00 HTTP/1.1",
        b"GET /v1/things?state=%ff HTTP/1.1",
        b"GET /v1/things#a HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 / HTTP/1.1",
    ],
)
def test_a_malformed_request_line_is_refused(server, request_line):
    connection = server.connect()
    connection.sendall(request_line + b"\r\nHost: x\r\n\r\n")
    connection.shutdown(socket.SHUT_WR)
    said = Reader(connection).file.read()
    assert said == b"" or re.match(rb"HTTP/1\.1 (400|404|405|505) ", said), said
    assert server.ask("GET", "/v1/ping")[0].status == 200


@pytest.mark.parametrize("path", ["/v1/%zz", "/v1/%ff", "/v1/%c0%af", "/v1/a%0ab", "/v1/things?a=%"])
def test_a_path_that_is_not_text_is_refused_with_a_problem(server, path):
    connection = server.connect()
    connection.sendall(head(f"GET {path} HTTP/1.1"))
    is_problem(*Reader(connection).answer(), 400)


def test_a_request_without_host_is_refused(server):
    connection = server.connect()
    connection.sendall(b"GET /v1/ping HTTP/1.1\r\n\r\n")
    is_problem(*Reader(connection).answer(), 400)


def test_the_absolute_form_and_an_encoded_path_are_understood(server):
    connection = server.connect()
    reader = Reader(connection)
    connection.sendall(head("GET http://test/v1/things/W%C3%A5%2F1?q=a+b%26 HTTP/1.1"))
    assert json.loads(reader.answer()[2]) == {"thing": "Wå/1", "q": "a b&"}


def test_a_header_sent_twice_is_refused(server):
    for name in ("Authorization", "Idempotency-Key", "If-Match", "Content-Type"):
        connection = server.connect()
        connection.sendall(head("GET /v1/ping HTTP/1.1", f"{name}: a", f"{name}: a"))
        assert name in is_problem(*Reader(connection).answer(), 400)["detail"]


# ---- Bodies ----


BAD_BODIES = {
    "nothing": (b"", 400),
    "cut short": (b'{"workplace":"W1"', 400),
    "an end too many": (b'{"workplace":"W1"}}', 400),
    "10,000 lists": (b"[" * 10000 + b"]" * 10000, 400),
    "10,000 objects": (b'{"a":' * 10000 + b"1" + b"}" * 10000, 400),
    "30,000 open lists": (b"[" * 30000, 400),
    "a field twice": (b'{"workplace":"W1","workplace":"W2"}', 400),
    "NUL behind": (b'{"workplace":"W1"}\0', 400),
    "NUL inside": (b'{"workplace":"W\0"}', 400),
    "NUL escaped": (b'{"workplace":"\\u0000"}', 400),
    "no UTF-8": (b'{"workplace":"\xff"}', 400),
    "a surrogate": (b'{"workplace":"\xed\xa0\x80"}', 400),
    "a wrong type": (b'{"workplace":5}', 422),
    "an unknown field": (b'{"workplace":"W1","unknown":1}', 422),
    "too long a text": (b'{"workplace":"' + b"W" * 21 + b'"}', 422),
    "a list": (b"[]", 422),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_body_is_refused(server, name):
    body, status = BAD_BODIES[name]
    answer, content = server.echo(body)
    is_problem(answer.status, answer.headers, content, status)


def test_every_fault_is_listed_with_its_remedy(server):
    answer, content = server.echo(b'{"how":"fax","head_count":"many","wrokplace":"W1"}')
    problem = is_problem(answer.status, answer.headers, content, 422)
    faults = {fault["pointer"]: fault for fault in problem["errors"]}
    assert set(faults) == {"/workplace", "/how", "/head_count", "/wrokplace"}
    assert faults["/how"]["remedy"] == "one of: paper, link, phone"
    assert "workplace" in faults["/wrokplace"]["remedy"]


@pytest.mark.parametrize(
    "kind, status",
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON;charset="UTF-8"', 200),
        ("application/json; charset=iso-8859-1", 415),
        ("application/x-www-form-urlencoded", 415),
        ("text/csv", 415),
        ("text/plain", 415),
    ],
)
def test_only_the_right_content_type_is_taken(server, kind, status):
    answer, _ = server.ask("POST", "/v1/echo", b'{"workplace":"W1"}', Content_Type=kind)
    assert answer.status == status


def test_a_body_without_type_or_out_of_place_is_refused(server):
    body = b'{"workplace":"W1"}'
    connection = server.connect()
    reader = Reader(connection)
    connection.sendall(head("POST /v1/echo HTTP/1.1", "Content-Length: 18") + body)
    is_problem(*reader.answer(), 415)
    connection.sendall(post("/v1/echo", body, "Content-Length: 18", "Content-Encoding: gzip"))
    is_problem(*reader.answer(), 415)
    connection.sendall(head("GET /v1/ping HTTP/1.1", "Content-Length: 18") + body)
    is_problem(*reader.answer(), 400)
    connection.sendall(head("GET /v1/ping HTTP/1.1"))
    assert reader.answer()[0] == 200


# ---- Answers ----


def test_a_wrong_method_is_told_the_right_ones(server):
    answer, content = server.ask("DELETE", "/v1/things/a")
    is_problem(answer.status, answer.headers, content, 405)
    assert answer.headers["Allow"] == "GET, HEAD, PATCH"
    for method in ("OPTIONS", "TRACE", "PUT", "FOO", "get"):
        assert server.ask(method, "/v1/ping")[0].status == 405


def test_an_unknown_address_is_a_problem_too(server):
    answer, content = server.ask("GET", "/v1/nothing")
    is_problem(answer.status, answer.headers, content, 404)


def test_head_is_answered_like_get_without_a_body(server):
    connection = server.connect()
    reader = Reader(connection)
    connection.sendall(head("GET /v1/things/a HTTP/1.1") + head("HEAD /v1/things/a HTTP/1.1"))
    _, wanted, body = reader.answer()
    status, headers, nothing = reader.answer(head=True)
    assert (status, nothing) == (200, b"")
    assert headers["Content-Length"] == str(len(body))
    assert headers["ETag"] == wanted["ETag"]
    connection.sendall(head("HEAD /v1/nothing HTTP/1.1") + head("GET /v1/ping HTTP/1.1"))
    assert reader.answer(head=True)[0] == 404
    assert reader.answer()[0] == 200


STANDING = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def test_every_answer_carries_the_security_headers(server):
    asked = [("GET", "/v1/ping"), ("GET", "/v1/nothing"), ("PUT", "/v1/ping"), ("GET", "/v1/me"),
             ("GET", "/v1/failure"), ("GET", "/v1/%zz")]
    for method, path in asked:
        answer, _ = server.ask(method, path)
        for name, value in STANDING.items():
            assert answer.headers.get_all(name) == [value], (path, name)
        assert uuid.UUID(answer.headers["X-Request-Id"])
        assert answer.headers["Server"] is None
        assert answer.headers["Strict-Transport-Security"] is None


def test_a_request_id_is_taken_only_if_it_is_a_uuid(server):
    mine = str(uuid.uuid4())
    assert server.ask("GET", "/v1/ping", X_Request_Id=mine.upper())[0].headers["X-Request-Id"] == mine
    for other in ("1", "a" * 36, mine + "0", "<script>"):
        assert server.ask("GET", "/v1/ping", X_Request_Id=other)[0].headers["X-Request-Id"] != other


def test_a_proxy_is_believed_only_when_it_is_trusted(server):
    ping = json.loads(server.ask("GET", "/v1/ping", X_Real_IP="192.0.2.1")[1])
    assert ping["remote"] == "127.0.0.1"
    with running(proxy=1) as behind:
        answer, content = behind.ask("GET", "/v1/ping", X_Real_IP="192.0.2.1")
        assert json.loads(content)["remote"] == "192.0.2.1"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert json.loads(behind.ask("GET", "/v1/ping", X_Real_IP="nobody")[1])["remote"] == "127.0.0.1"


def test_a_failure_inside_shows_no_reason(server):
    answer, content = server.ask("GET", "/v1/failure")
    is_problem(answer.status, answer.headers, content, 500)
    assert b"SELECT" not in content


def test_a_missing_token_is_asked_for(server):
    answer, content = server.ask("GET", "/v1/me")
    is_problem(answer.status, answer.headers, content, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_change_needs_the_tag_that_was_read(server):
    body = b'{"workplace":"W1"}'
    tag = server.ask("GET", "/v1/things/a")[0].headers["ETag"]
    for header, status in (({}, 428), ({"If_Match": '"v6"'}, 412), ({"If_Match": tag}, 200)):
        answer, _ = server.ask("PATCH", "/v1/things/a", body, Content_Type="application/json", **header)
        assert answer.status == status


def test_a_repeated_request_has_the_same_digest_and_another_one_has_not(server):
    def keyed(body, **headers):
        answer, content = server.ask(
            "POST", "/v1/keyed", body, Content_Type="application/json", **headers)
        return answer.status, json.loads(content)

    assert keyed(b'{"workplace":"W1"}')[0] == 400
    first = keyed(b'{"workplace":"W1"}', Idempotency_Key='"k-1"')
    assert first == keyed(b'{"workplace":"W1"}', Idempotency_Key="k-1")
    assert first[1]["key"] == "k-1"
    assert keyed(b'{"workplace":"W2"}', Idempotency_Key="k-1")[1]["digest"] != first[1]["digest"]


def test_a_list_is_walked_by_its_links(server):
    path = "/v1/things?limit=2&state=paper"
    numbers = []
    while path is not None:
        answer, content = server.ask("GET", path)
        page = json.loads(content)
        numbers += [item["number"] for item in page["items"]]
        link = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("Link", ""))
        assert (link is None) == (page["next"] is None)
        path = link and link[1]
        assert path is None or "state=paper" in path
    assert numbers == [1, 2, 3, 4, 5]
    assert server.ask("GET", "/v1/things?limit=0")[0].status == 422
    assert server.ask("GET", "/v1/things?stat=paper")[0].status == 422


# ---- Full, and draining ----


def test_a_full_queue_is_answered_at_once():
    with running(workers=1, queue=1) as server:
        working = server.connect()
        working.sendall(head("GET /v1/gate HTTP/1.1"))
        server.wait_at_gate()
        others = [server.connect() for _ in range(3)]
        for connection in others:
            connection.sendall(head("GET /v1/gate HTTP/1.1"))
        refused = []
        while len(refused) < 2:
            waiting = [connection for connection in others if connection not in refused]
            ready, _, _ = select.select(waiting, [], [], WAIT)
            assert ready, "the queue holds one, so two must be refused while the worker is busy"
            refused.append(ready[0])
        for connection in refused:
            reader = Reader(connection)
            status, headers, body = reader.answer()
            is_problem(status, headers, body, 503)
            assert int(headers["Retry-After"]) >= 1
        server.release()
        assert Reader(working).answer()[0] == 200
        server.release()
        queued = next(connection for connection in others if connection not in refused)
        assert Reader(queued).answer()[0] == 200
        refused[0].sendall(head("GET /v1/ping HTTP/1.1"))
        assert Reader(refused[0]).answer()[0] == 200
        assert server.counters()["queue_full"] == 2


def refuses_connections(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionError:
        return True
    return False


def test_draining_finishes_what_is_under_way():
    server = Server(workers=1, drain=int(WAIT))
    idle = server.connect()
    idle.sendall(head("GET /v1/ping HTTP/1.1"))
    idle_reader = Reader(idle)
    assert idle_reader.answer()[0] == 200
    arriving = server.connect()
    arriving.sendall(post("/v1/echo", b"{", "Content-Length: 18"))
    working, queued = server.connect(), server.connect()
    working.sendall(head("GET /v1/gate HTTP/1.1"))
    server.wait_at_gate()
    queued.sendall(head("GET /v1/ping HTTP/1.1"))
    server.drain()
    assert idle_reader.ended()
    harness.wait_until(lambda: refuses_connections(server.port), "the listener to close")
    arriving.sendall(b'"workplace":"W1"}')
    server.release()
    for connection in (working, queued, arriving):
        reader = Reader(connection)
        status, headers, _ = reader.answer()
        assert (status, headers["Connection"]) == (200, "close")
        assert reader.ended()
    server.ended_well()


def test_draining_under_load_cuts_no_answer_in_half():
    server = Server(workers=4, drain=int(WAIT))
    served, broken = [], []

    def load():
        connection = server.connect()
        reader = Reader(connection)
        try:
            while True:
                connection.sendall(head("GET /v1/things/a HTTP/1.1"))
                served.append(json.loads(reader.answer()[2])["thing"])
        except (AssertionError, ConnectionError):
            return  # ended between two answers
        except Exception as error:  # a half answer: no number, no JSON, a missing header
            broken.append(error)

    clients = [threading.Thread(target=load) for _ in range(12)]
    for client in clients:
        client.start()
    harness.wait_until(lambda: len(served) > 300, "load")
    server.drain()
    for client in clients:
        client.join()
    server.ended_well()
    assert broken == []


def test_draining_has_an_end():
    server = Server(workers=1, drain=1)
    working, queued, stuck = (server.connect() for _ in range(3))
    working.sendall(head("GET /v1/gate HTTP/1.1"))
    server.wait_at_gate()
    queued.sendall(head("GET /v1/ping HTTP/1.1"))
    stuck.sendall(post("/v1/echo", b"{", "Content-Length: 18"))
    server.drain()
    is_problem(*Reader(queued).answer(), 503)
    server.release()
    server.ended_well()


def test_the_socket_that_was_handed_over_stays_open_for_the_next_daemon():
    listener = socket.create_server(("127.0.0.1", 0))
    number = listener.fileno()
    with running(fd=number, pass_fds=(number,)) as first:
        assert first.port == listener.getsockname()[1]
        assert first.ask("GET", "/v1/ping")[0].status == 200
    waiting = socket.create_connection(listener.getsockname())
    waiting.sendall(head("GET /v1/ping HTTP/1.1"))
    with running(fd=number, pass_fds=(number,)):
        assert Reader(waiting).answer()[0] == 200
        waiting.close()


def test_an_address_that_is_taken_is_named():
    with running() as server:
        listener = socket.socket()
        with pytest.raises(OSError):
            listener.bind(("127.0.0.1", server.port))
        listener.close()
    missing = subprocess.run([PROGRAM, "fd=999"], capture_output=True, text=True, check=False)
    assert missing.returncode == 1
    assert "socket" in missing.stderr


# ---- OpenAPI ----


def resolve(document, reference):
    place = document
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        assert step in place, f"{reference} leads nowhere"
        place = place[step]
    return place


def walk(node, visit):
    visit(node)
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        walk(child, visit)


TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}


def check_schema(schema):
    kinds = schema.get("type", [])
    assert set([kinds] if isinstance(kinds, str) else kinds) <= TYPES
    assert "nullable" not in schema
    if kinds == "array":
        check_schema(schema["items"])
    for name in schema.get("required", []):
        assert name in schema["properties"], f"{name} is required but not described"
    for part in list(schema.get("properties", {}).values()) + schema.get("allOf", []):
        check_schema(part)
    if "pattern" in schema:
        re.compile(schema["pattern"])
    if "null" in kinds and "enum" in schema:
        assert None in schema["enum"], "null is allowed by the type but not by the enum"


def check_operation(document, path, operation, seen):
    assert operation["operationId"] not in seen
    seen.add(operation["operationId"])
    assert operation["summary"] and operation["description"]
    assert isinstance(operation["x-rctd-roles"], list)
    for requirement in operation["security"]:
        assert set(requirement) <= set(document["components"]["securitySchemes"])
    parameters = [
        resolve(document, item["$ref"]) if "$ref" in item else item for item in operation["parameters"]
    ]
    named = [(item["in"], item["name"]) for item in parameters]
    assert len(named) == len(set(named))
    for item in parameters:
        assert item["in"] in ("path", "query", "header")
        check_schema(item["schema"])
    in_path = {name for place, name in named if place == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", path)), f"{path} and its parameters differ"
    assert all(item.get("required") is True for item in parameters if item["in"] == "path")
    if "requestBody" in operation:
        for media in operation["requestBody"]["content"].values():
            check_schema(media["schema"])
            assert media["schema"]["type"] != "object" or not media["schema"]["additionalProperties"]
    statuses = set(operation["responses"])
    assert any(status.startswith("2") for status in statuses)
    assert {"400", "500", "503"} <= statuses
    assert ("401" in statuses) == bool(operation["security"])
    for status, answer in operation["responses"].items():
        answer = resolve(document, answer["$ref"]) if "$ref" in answer else answer
        assert answer["description"]
        for kind, media in answer.get("content", {}).items():
            check_schema(media["schema"])
            assert status < "400" or kind == "application/problem+json"


def check_openapi(document):
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] and document["info"]["version"]
    walk(document, lambda node: isinstance(node, dict) and "$ref" in node
         and isinstance(node["$ref"], str) and resolve(document, node["$ref"]))
    seen = set()
    for path, item in document["paths"].items():
        assert path.startswith("/")
        assert set(item) <= {"get", "put", "post", "patch", "delete"}
        for operation in item.values():
            check_operation(document, path, operation, seen)
    for status, answer in document["components"]["responses"].items():
        assert set(answer["content"]) == {"application/problem+json"}
        narrowed = answer["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]
        assert str(narrowed["status"]["const"]) == status
        assert narrowed["type"]["enum"]


def openapi(server):
    return json.loads(server.ask("GET", "/openapi.json")[1])


def test_the_document_is_sound_openapi(server):
    document = openapi(server)
    check_openapi(document)
    change = document["paths"]["/v1/things/{thing}"]["patch"]
    assert {"412", "428", "413", "415", "422", "409", "404", "429"} <= set(change["responses"])
    assert {"$ref": "#/components/parameters/If-Match"} in change["parameters"]
    key = next(item for item in document["paths"]["/v1/keyed"]["post"]["parameters"]
               if item["name"] == "Idempotency-Key")
    assert key["required"] is True
    listing = document["paths"]["/v1/things"]["get"]["responses"]["200"]
    page = listing["content"]["application/json"]["schema"]
    assert page["properties"]["next"]["type"] == ["string", "null"]
    types = document["components"]["schemas"]["problem"]["properties"]["type"]["enum"]
    assert "urn:rctd:problem:method-not-allowed" in types


def damage_reference(document):
    document["paths"]["/v1/ping"]["get"]["responses"]["400"] = {"$ref": "#/components/responses/4000"}


def damage_parameter(document):
    document["paths"]["/v1/things/{thing}"]["get"]["parameters"] = []


def damage_null(document):
    fields = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
    fields["schema"]["properties"]["how"]["enum"].remove(None)


def damage_open_body(document):
    fields = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
    fields["schema"]["additionalProperties"] = True


def damage_id(document):
    document["paths"]["/v1/ping"]["get"]["operationId"] = "echo"


def damage_security(document):
    document["paths"]["/v1/me"]["get"]["security"] = [{"basic": []}]


def damage_nullable(document):
    fields = document["paths"]["/v1/echo"]["post"]["requestBody"]["content"]["application/json"]
    fields["schema"]["properties"]["how"]["nullable"] = True


@pytest.mark.parametrize(
    "damage",
    [damage_reference, damage_parameter, damage_null, damage_open_body, damage_id, damage_security,
     damage_nullable],
)
def test_the_check_of_the_document_sees_damage(server, damage):
    document = copy.deepcopy(openapi(server))
    damage(document)
    with pytest.raises(AssertionError):
        check_openapi(document)
