"""What the tests of rctctl share: the program in a clean home, and a server that answers as it is told.

The server stands in for the network between rctctl and rctd: lost answers, proxies, several pages. What
rctd itself answers is tested with a real one in tests/system.
"""
import http.server
import json
import os
import pty
import select
import subprocess
import threading
import time

import harness

LOST = object()  # an answer: the request is taken, and the connection ends without a word

SECONDS = 60 * float(os.environ.get("RCTD_SLOW", "1"))


def problem(slug, status, detail, **more):
    """An answer of application/problem+json as rctd gives it."""
    body = {"type": f"urn:rctd:problem:{slug}", "title": "A title", "status": status, "detail": detail,
            "instance": "urn:uuid:01938c5e-7a10-7cc3-98c4-dc0c0c07398f", **more}
    return status, body, {"Content-Type": "application/problem+json"}


class Scripted:
    """A server on loopback. `answers` maps "METHOD /path" (without the query) to a list of answers; they
    are given one after another, the last for ever. An answer is LOST, a JSON value (200), or a tuple
    (status, JSON value or bytes, headers). Whatever is not in the script is 404."""

    def __init__(self):
        self.answers = {}
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = outer.take(self.command, self.path, dict(self.headers), body)
                if answer is LOST:
                    self.close_connection = True
                    return
                status, value, headers = answer if isinstance(answer, tuple) else (200, answer, {})
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response_only(status)
                usual = {"Content-Type": "application/json", "Date": self.date_time_string()}
                for name, text in {**usual, **headers}.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = serve

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, method, path, headers, body):
        self.requests.append((method, path, headers, body))
        script = self.answers.get(f"{method} {path.split('?')[0]}")
        if not script:
            return problem("not-found", 404, "There is no such thing here")
        return script.pop(0) if len(script) > 1 else script[0]

    def sent(self, index=-1):
        """The JSON body of a request."""
        return json.loads(self.requests[index][3])

    def header(self, name, index=-1):
        return self.requests[index][2].get(name)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Rctctl:
    """Runs rctctl in an empty home, with nothing of the caller's environment that it reads."""

    def __init__(self, home):
        self.home = str(home)
        self.environment = {"HOME": self.home, "PATH": os.environ["PATH"], "TERM": "xterm"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def __call__(self, *arguments, stdin=None, text=True, **environment):
        return subprocess.run([harness.RCTCTL, *arguments], env={**self.environment, **environment},
                              input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              capture_output=True, text=text, timeout=SECONDS, check=False, cwd=harness.ROOT)

    def terminal(self, *arguments, typed="", columns=80, **environment):
        """Runs it at a terminal of that width and types; gives exit status and what the screen showed."""
        pid, screen = pty.fork()
        if pid == 0:
            os.chdir(harness.ROOT)
            subprocess.run(["stty", "cols", str(columns)], check=False)
            os.execvpe(harness.RCTCTL, [harness.RCTCTL, *arguments], {**self.environment, **environment})
        os.write(screen, typed.encode())
        shown = b""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if not select.select([screen], [], [], 1)[0]:
                continue
            try:
                got = os.read(screen, 65536)
            except OSError:
                break
            if not got:
                break
            shown += got
        os.close(screen)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()
