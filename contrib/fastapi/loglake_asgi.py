"""One JSON line per request on stdout, for FastAPI, Starlette and any other ASGI application.

    from fastapi import FastAPI
    from loglake_asgi import RequestLog, request_id

    app = FastAPI()
    app.add_middleware(RequestLog, user_id=lambda scope: scope.get("state", {}).get("user"))

This file is all there is; copy it. The schema, and what the middleware skips and drops, is in contrib/README.md.
"""

import asyncio
import atexit
import collections
import contextvars
import datetime
import json
import os
import re
import select
import sys
import threading
import time
import traceback
import uuid

__all__ = ["RequestLog", "Stdout", "request_id"]

#: Paths that are not printed where they are got without a failure; one with a slash at its end stands for all below it.
SKIP = ("/health", "/healthz", "/livez", "/readyz", "/ping", "/metrics", "/favicon.ico", "/robots.txt", "/static/", "/assets/")

QUEUE_LINES_MAX = 10_000
TRACEBACK_CHARS_MAX = 32 << 10
EXIT_SECONDS_MAX = 2.0

_valid_id = re.compile(r"[A-Za-z0-9._-]{1,128}\Z").match
_request_id = contextvars.ContextVar("loglake_request_id", default=None)


def request_id():
    """The id of the request that is being handled; None outside of one."""
    return _request_id.get()


class RequestLog:
    """ASGI middleware that prints a line when a request has ended.

    skip     paths that are not printed, instead of SKIP
    user_id  gives who made the request, of the scope, when it has ended; None for nobody
    out      takes the lines: something with write(bytes) that does not block; None: stdout
    """

    def __init__(self, app, *, skip=SKIP, user_id=None, out=None):
        self.app = app
        self.skip_paths = frozenset(p for p in skip if not p.endswith("/"))
        self.skip_below = tuple(p for p in skip if p.endswith("/"))
        self.user_id = user_id
        self.out = out or _stdout

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, started = time.time(), time.perf_counter()
        status, size, failure = 0, 0, None
        took, left = None, False  # how long it took until the response was sent; whether the client was gone before
        id = _id_of(scope)
        token = _request_id.set(id)

        def elapsed():
            return (time.perf_counter() - started) * 1000

        async def watched():
            nonlocal left
            message = await receive()
            if message["type"] == "http.disconnect" and took is None:
                left = True
            return message

        async def counted(message):
            nonlocal status, size, took
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [h for h in message.get("headers", ()) if h[0].lower() != b"x-request-id"]
                message = {**message, "headers": [*headers, (b"x-request-id", id.encode())]}
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b"")) if scope["method"] != "HEAD" else 0
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                took = elapsed()  # what comes now is work in the background

        try:
            await self.app(scope, watched, counted)
        except BaseException as e:
            failure = e
            raise
        finally:
            _request_id.reset(token)
            if took is None:
                took = elapsed()
                if isinstance(failure, Exception):
                    status = 500  # what the server makes of it, or would, had it not sent the beginning already
            if failure is not None or left or not self._skips(scope, status):
                self._print(scope, id, began, took, status, size, failure, left)

    def _skips(self, scope, status):
        path = _path_of(scope)
        known = path in self.skip_paths or path.startswith(self.skip_below)
        return known and scope["method"] in ("GET", "HEAD") and 0 < status < 500

    def _print(self, scope, id, began, took, status, size, failure, left):
        left = left or isinstance(failure, asyncio.CancelledError) or status == 0
        failed = status >= 500 or isinstance(failure, Exception)
        line = {
            "timestamp": _instant(began),
            "level": "ERROR" if failed else "WARN" if status >= 400 or left else "INFO",
            "request_id": id,
            "method": scope["method"],
            "path": _path_of(scope),
            "route": getattr(scope.get("route"), "path", None),
            "status_code": status or None,
            "response_time": round(took, 3),
            "bytes": size,
            "user_id": self._user(scope),
        }
        if failure is not None:
            line["error"] = "".join(traceback.format_exception_only(type(failure), failure)).strip()
            text = "".join(traceback.format_exception(type(failure), failure, failure.__traceback__))
            line["error_traceback"] = text[-TRACEBACK_CHARS_MAX:]
        self.out.write(_encode(line))

    def _user(self, scope):
        try:
            user = self.user_id(scope) if self.user_id else None
        except Exception:  # who it was must not decide what becomes of the request
            return None
        return None if user is None else str(user)


def _id_of(scope):
    for name, value in scope.get("headers", ()):
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if _valid_id(text):
                return text
    return str(uuid.uuid4())


def _path_of(scope):
    raw = scope.get("raw_path")
    return scope["path"] if raw is None else raw.decode("latin-1").partition("?")[0]


def _instant(seconds):
    at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _encode(line):
    present = {k: v for k, v in line.items() if v is not None}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


class Stdout:
    """A queue of lines before a file descriptor, and the thread that writes them. write never blocks.

    Processes that share a pipe (several workers) may write to it at once: a line is written by one write(2), which the
    kernel keeps together up to 4,096 bytes.
    """

    def __init__(self, fd=None, lines_max=QUEUE_LINES_MAX):
        self._fd = fd
        self._lines_max = lines_max
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)  # the parent writes what it has queued
        atexit.register(self.flush, EXIT_SECONDS_MAX)

    def _forget(self):
        self._lines = collections.deque()
        self._changed = threading.Condition()
        self._thread = None
        self._dropped = 0
        self._writing = False

    def write(self, line):
        with self._changed:
            if len(self._lines) >= self._lines_max:
                self._dropped += 1
                return
            self._lines.append(line)
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="request-log", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    return  # there are too many threads, or the process ends; the next line tries again
                self._thread = thread
            self._changed.notify_all()

    def flush(self, seconds):
        """Waits until all lines are written, but no longer than so many seconds; tells whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lines and not self._writing and not self._dropped, seconds)

    def _work(self):
        while True:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._lines or self._dropped)
                line = self._lines.popleft() if self._lines else None
                dropped = 0
                if line is None or len(self._lines) < self._lines_max // 2:
                    dropped, self._dropped = self._dropped, 0
                self._writing = True
            if line is not None:
                self._put(line)
            if dropped:
                text = f"request log: {dropped} lines were dropped: stdout was not read in time"
                self._put(_encode({"timestamp": _instant(time.time()), "level": "WARN", "message": text}))

    def _put(self, line):
        try:
            fd = sys.stdout.fileno() if self._fd is None else self._fd
            while line:
                try:
                    line = line[os.write(fd, line):]
                except BlockingIOError:
                    select.select([], [fd], [], 1)
        except (OSError, ValueError, AttributeError):
            pass  # nobody reads stdout any more, or it was closed; the application goes on


_stdout = Stdout()
