#!/usr/bin/env python3
"""A small receiver of reminders, as whoever sends e-mail and SMS would have one.

    receiver.py --secret-file FILE [--port 8480] [--once]

It takes webhooks (Standard Webhooks 1.0.0) at any path, checks their signature by itself, and prints
one line for each message, in plain words. A message that is not signed with the secret, or whose time
is more than five minutes off, is answered 401. A message that came before (the same webhook-id) is
taken and said to be a repetition. FILE holds the secret as it was shown (whsec_...), or several, one on
each line, while it rotates. With --once it ends after the first message that it took.

Tests use the class Receiver.
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import time

TOLERANCE_SECONDS = 300
BODY_MOST = 64 * 1024


class Refused(Exception):
    """Why a message is not taken."""


def key_of(secret):
    """The bytes behind "whsec_"."""
    secret = secret.strip()
    if not secret.startswith("whsec_"):
        raise Refused("the secret does not begin with whsec_")
    key = base64.b64decode(secret[len("whsec_"):], validate=True)
    if not 24 <= len(key) <= 64:
        raise Refused("the secret is not 24 to 64 bytes long")
    return key


def verify(secrets, headers, body, now=None):
    """The message as an object; Refused where it is not one of ours. `headers`: any mapping with get()."""
    ident, stamp, given = (headers.get(f"webhook-{name}") for name in ("id", "timestamp", "signature"))
    if not (ident and stamp and given):
        raise Refused("it has no signature")
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        raise Refused("its time is not a number of seconds")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_SECONDS:
        raise Refused("it is old, or from the future")
    content = f"{ident}.{stamp}.".encode("ascii") + body
    wanted = [base64.b64encode(hmac.new(key_of(secret), content, hashlib.sha256).digest()) for secret in secrets]
    for one in given.split(" "):
        version, _, signature = one.partition(",")
        if version == "v1" and any(hmac.compare_digest(signature.encode("ascii"), good) for good in wanted):
            return json.loads(body)
    raise Refused("its signature is wrong")


def in_words(message):
    """The message as one line."""
    data = message["data"]
    opens, closes = (datetime.datetime.fromisoformat(data["window"][end].replace("Z", "+00:00"))
                     for end in ("opens_at", "closes_at"))
    return (f"{data['trial']}: remind {data['unit']} of its {data['task']} by {data['channel']}, in {data['language']}, "
            f"with the text `{data['template']}' (window {opens:%Y-%m-%d %H:%M} to {closes:%Y-%m-%d %H:%M} UTC)")


class Receiver:
    """The receiver on a thread of its own. `answer` is a status, or a function from the number of the
    request (from 1) to a status or a pair of status and headers: it stands for a receiver in trouble."""

    def __init__(self, secrets, port=0, answer=204, say=None, host="127.0.0.1"):
        self.secrets = list(secrets)
        self.answer = answer
        self.say = say or (lambda line: None)
        self.requests = []  # (headers, body, status), in the order in which they came
        self.taken = {}     # webhook-id -> message
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.server = http.server.ThreadingHTTPServer((host, port), self._handler())
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://{host}:{self.port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def _handler(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(min(length, BODY_MOST))
                status, headers = receiver.take(self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        return Handler

    def _judge(self, headers, body):
        """(status, headers, what to say, the message where it is taken)"""
        try:
            message = verify(self.secrets, headers, body)
            words = in_words(message)
        except Refused as why:
            return 401, {}, f"refused a message: {why}", None
        except (ValueError, KeyError, TypeError, AttributeError):
            return 400, {}, "refused a message: it is signed, but not a reminder", None
        wanted = self.answer(len(self.requests) + 1) if callable(self.answer) else self.answer
        status, more = wanted if isinstance(wanted, tuple) else (wanted, {})
        if not 200 <= status <= 299:
            return status, more, f"answered {status} to: {words}", None
        again = " (a repetition)" if headers.get("webhook-id") in self.taken else ""
        return status, more, words + again, message

    def take(self, headers, body):
        with self.lock:
            status, more, words, message = self._judge(headers, body)
            self.requests.append(({name.lower(): value for name, value in headers.items()}, body, status))
            if message is not None:
                self.taken.setdefault(headers.get("webhook-id"), message)
            self.say(words)
            self.changed.notify_all()
        return status, more

    def wait(self, condition, seconds=60):
        """Until `condition(self)` holds; gives whether it does."""
        with self.lock:
            return self.changed.wait_for(lambda: condition(self), seconds)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--port", type=int, default=8480)
    parser.add_argument("--once", action="store_true")
    chosen = parser.parse_args()
    with open(chosen.secret_file, encoding="utf-8") as file:
        secrets = file.read().split()
    try:
        for secret in secrets:
            key_of(secret)
    except (Refused, ValueError) as why:
        sys.exit(f"receiver: {chosen.secret_file}: {why}")
    if not secrets:
        sys.exit(f"receiver: {chosen.secret_file} holds no secret")
    def say(line):
        sys.stdout.write(f"receiver: {line}\n")
        sys.stdout.flush()

    with Receiver(secrets, chosen.port, say=say) as receiver:
        say(f"waiting for reminders at {receiver.url}")
        try:
            receiver.wait(lambda r: chosen.once and r.taken, None)
            time.sleep(0.2)  # the answer is on its way
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
