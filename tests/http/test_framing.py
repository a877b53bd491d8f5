"""Where requests end: sizes, conflicting lengths, smuggling, heads that are not well formed."""
import contextlib
import json
import re
import socket

import pytest

from http_program import Reader, head, is_problem, post


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
