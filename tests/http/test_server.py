"""Connections of the HTTP server: many requests on one, deadlines, a full queue, draining."""
import contextlib
import json
import select
import socket
import subprocess
import threading
import time

import pytest

import harness
from http_program import PROGRAM, WAIT, Reader, Server, head, is_problem, post, running


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
