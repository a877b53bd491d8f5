"""Bodies that are refused and why, and the answers, headers and pages that a client reads."""
import json
import re
import uuid

import pytest

from http_program import Reader, head, is_problem, post, running


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
