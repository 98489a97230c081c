import asyncio
import json
import os
import threading
import time

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("httpx")
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from loglake_asgi import RequestLog, Stdout, request_id


class Lines:
    """Takes lines, and gives them as objects."""

    def __init__(self):
        self.text = b""

    def write(self, line):
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        self.text += line

    def __iter__(self):
        return iter([json.loads(line) for line in self.text.splitlines()])


def application(out, **options):
    app = FastAPI()

    @app.get("/users/{id}")
    async def user(id: str, request: Request):
        request.state.user = "u-1"
        return {"id": id, "request_id": request_id()}

    @app.get("/healthz")
    async def health(broken: bool = False):
        return StreamingResponse(iter(()), status_code=503 if broken else 200)

    @app.get("/boom")
    async def boom():
        raise KeyError("currency – ümlaut")

    @app.get("/stream")
    async def stream():
        return StreamingResponse(iter([b"123", b"45"]))

    app.add_middleware(RequestLog, out=out, user_id=lambda scope: scope.get("state", {}).get("user"), **options)
    return TestClient(app, raise_server_exceptions=False)


def test_requests():
    out = Lines()
    client = application(out)
    answer = client.get("/users/7?token=secret", headers={"X-Request-ID": "caller-1"})
    assert answer.headers.get_list("x-request-id") == ["caller-1"] and answer.json()["request_id"] == "caller-1"
    made = client.get("/stream").headers["x-request-id"]
    for path in ("/healthz", "/healthz?broken=1", "/static/x.css", "/missing", "/boom"):
        client.get(path)
    client.post("/healthz")
    user, stream, health, missing, boom, posted = out
    assert user["route"] == "/users/{id}" and user["path"] == "/users/7" and user["user_id"] == "u-1" and user["level"] == "INFO"
    assert user["status_code"] == 200 and user["bytes"] == len(answer.content) and 0 <= user["response_time"] < 60_000
    assert user["timestamp"].endswith("Z") and len(user["timestamp"]) == 24 and "error" not in user
    assert stream["bytes"] == 5 and stream["request_id"] == made and "user_id" not in stream
    assert (health["status_code"], health["level"]) == (503, "ERROR")
    assert (missing["status_code"], missing["level"]) == (404, "WARN") and "route" not in missing
    assert (boom["status_code"], boom["level"], boom["error"]) == (500, "ERROR", "KeyError: 'currency – ümlaut'")
    assert boom["error_traceback"].startswith("Traceback (most recent call last)") and "in boom" in boom["error_traceback"]
    assert posted["method"] == "POST" and posted["status_code"] == 405
    assert request_id() is None


@pytest.mark.parametrize("sent,kept", [("a.B_9-z", True), ("two words", False), ('"},{"', False), ("x" * 128, True), ("x" * 129, False)])
def test_request_ids(sent, kept):
    answer = application(Lines()).get("/users/1", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) == kept


def test_a_failing_user_id_fails_no_request():
    out = Lines()
    app = FastAPI()
    app.add_middleware(RequestLog, out=out, user_id=lambda scope: scope["nobody"])
    assert TestClient(app).get("/").status_code == 404
    assert [line["status_code"] for line in out] == [404]


def test_a_client_that_leaves():
    async def hangs(scope, receive, send):
        await asyncio.Event().wait()

    async def leave():
        task = asyncio.ensure_future(RequestLog(hangs, out=out)({"type": "http", "method": "GET", "path": "/", "headers": []}, None, None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    out = Lines()
    asyncio.run(leave())
    (line,) = out
    assert line["level"] == "WARN" and "status_code" not in line and "CancelledError" in line["error"]


async def call(app, out, method="GET", received=()):
    """One request to an ASGI application, whose receive gives these messages."""
    received, sent = list(received), []

    async def receive():
        return received.pop(0)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/", "headers": []}
    try:
        await RequestLog(app, out=out)(scope, receive, send)
    except RuntimeError:
        pass
    return sent


START = {"type": "http.response.start", "status": 200, "headers": []}


def test_a_client_that_leaves_while_it_is_answered():
    """Servers cancel nothing: they say that the client is gone to whoever asks."""

    async def streaming(scope, receive, send):
        await send(START)
        await send({"type": "http.response.body", "body": b"12", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"

    async def waiting(scope, receive, send):
        await send(START)
        await send({"type": "http.response.body", "body": b"12"})
        assert (await receive())["type"] == "http.disconnect"  # as a server says it when all is sent

    for app, level in ((streaming, "WARN"), (waiting, "INFO")):
        out = Lines()
        asyncio.run(call(app, out, received=[{"type": "http.disconnect"}]))
        (line,) = out
        assert (line["level"], line["status_code"], line["bytes"]) == (level, 200, 2)


def test_work_in_the_background():
    """It comes behind the response: neither its time nor its failure is the response's."""

    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.body", "body": b"12"})
        sent_at.append(time.perf_counter())
        await asyncio.sleep(0.05)
        raise RuntimeError("the mail was not sent")

    out, sent_at, began = Lines(), [], time.perf_counter()
    asyncio.run(call(app, out))
    (line,) = out
    assert line["response_time"] <= (sent_at[0] - began) * 1000
    assert (line["status_code"], line["level"], line["error"]) == (200, "ERROR", "RuntimeError: the mail was not sent")


def test_an_answer_to_head_has_no_body():
    async def app(scope, receive, send):
        await send(START)
        await send({"type": "http.response.body", "body": b"12"})

    out = Lines()
    asyncio.run(call(app, out, method="HEAD"))
    assert [line["bytes"] for line in out] == [0]


def test_without_a_thread(monkeypatch):
    """No request fails because there is no thread for its line, and the next line tries again."""

    def fails(self):
        raise RuntimeError("can't start new thread")

    reader, writer = os.pipe()
    out = Stdout(writer)
    with monkeypatch.context() as m:
        m.setattr(threading.Thread, "start", fails)
        out.write(b"1\n")
    out.write(b"2\n")
    assert out.flush(60) and os.read(reader, 100) == b"1\n2\n"


def test_a_stdout_that_nobody_reads():
    """Nothing waits for it; what does not fit is counted, and said once there is room."""
    reader, writer = os.pipe()
    out = Stdout(writer, lines_max=10)
    line = b"x" * 4095 + b"\n"
    for _ in range(100):
        out.write(line)
    assert not out.flush(0)
    seen = bytearray()

    def read():
        while chunk := os.read(reader, 1 << 16):
            seen.extend(chunk)

    thread = threading.Thread(target=read)
    thread.start()
    assert out.flush(60)
    os.close(writer)
    thread.join()
    os.close(reader)
    lines = bytes(seen).splitlines(keepends=True)
    said = [json.loads(text)["message"] for text in lines if text != line]
    dropped = sum(int(text.split()[2]) for text in said)
    assert dropped > 0 and lines.count(line) + dropped == 100, said


def test_after_a_fork_the_child_has_a_writer_of_its_own():
    reader, writer = os.pipe()
    out = Stdout(writer)
    out.write(b"parent\n")
    assert out.flush(60)
    pid = os.fork()
    if pid == 0:
        out.write(b"child\n")
        os._exit(0 if out.flush(60) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert os.read(reader, 100) == b"parent\nchild\n"


def test_a_closed_stdout_is_no_failure():
    reader, writer = os.pipe()
    os.close(reader)
    os.close(writer)
    out = Stdout(writer)
    out.write(b"lost\n")
    assert out.flush(60)
