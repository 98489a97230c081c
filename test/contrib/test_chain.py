"""Each middleware's example, in its runtime, under `loglake run`, through the whole chain to SQL."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

here = os.path.dirname(os.path.abspath(__file__))
contrib = os.path.join(here, "..", "..", "contrib")
loglake = os.environ.get("LOGLAKE_BIN", "loglake")


def fastapi():
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    return [sys.executable, "example.py"], "fastapi", "/users/{id}"


def nethttp():
    binary = os.path.join(here, ".example")
    subprocess.run(["go", "build", "-o", binary, "./example"], cwd=os.path.join(contrib, "nethttp"), check=True)
    return [binary], "nethttp", "/users/{id}"


def express():
    need("npm")
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], cwd=os.path.join(contrib, "express"), check=True)
    return ["node", "example.js"], "express", "/users/:id"


def spring():
    need("mvn")
    folder = os.path.join(contrib, "spring")
    subprocess.run(["mvn", "-q", "-B", "-ntp", "test-compile", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath"],
                   cwd=folder, check=True)
    with open(os.path.join(folder, "target", "classpath")) as f:
        classes = f"target/classes:target/test-classes:{f.read().strip()}"
    return ["java", "-cp", classes, "dev.loglake.example.Example"], "spring", "/users/{id}"


def need(program):
    if not shutil.which(program):
        pytest.skip(f"there is no {program}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(port, path, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()
    except (ConnectionError, urllib.error.URLError):
        return 0, {}, b""


def until_up(app, port):
    for _ in range(600):
        assert app.poll() is None, "the application ended"
        if get(port, "/healthz")[0] == 200:
            return
        time.sleep(0.1)
    raise AssertionError("the application does not answer")


@pytest.fixture
def lake(tmp_path):
    command = [loglake, "serve", "--ephemeral", "--config", os.path.join(here, "loglake.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        where = json.loads(server.stdout.readline())
        yield {**os.environ, "LOGLAKE_ENDPOINT": where["aws"], "LOGLAKE_SPOOL": str(tmp_path / "spool")}
        server.terminate()


@pytest.mark.parametrize("example", [fastapi, nethttp, express, spring], ids=lambda f: f.__name__)
def test_chain(example, lake):
    command, folder, route = example()
    port = free_port()
    env = {**lake, "PORT": str(port), "SERVER_PORT": str(port)}
    app = subprocess.Popen([loglake, "run", "--group", "/app/api", "--", *command], cwd=os.path.join(contrib, folder), env=env,
                           stdout=subprocess.PIPE, text=True)
    try:
        until_up(app, port)
        status, headers, body = get(port, "/users/7?token=secret", **{"X-Request-ID": "caller-1", "X-User": "u-1"})
        assert (status, headers["X-Request-ID"], json.loads(body)) == (200, "caller-1", {"id": "7", "request_id": "caller-1"})
        size = len(body)
        get(port, "/static/site.css")
        assert get(port, "/missing")[0] == 404
        get(port, "/boom")
    finally:
        app.terminate()
        printed, _ = app.communicate(timeout=60)

    # What was printed passed through, and nothing of it was a health check or a static file.
    lines = [json.loads(line) for line in printed.splitlines()]
    assert [line["path"] for line in lines] == ["/users/7", "/missing", "/boom"]
    sql = "SELECT * FROM server_logs ORDER BY timestamp, status_code"
    answer = subprocess.run([loglake, "query", "--format", "json", sql], env=lake, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    user, missing, boom = map(json.loads, answer.stdout.splitlines())
    assert (user["request_id"], user["route"], user["user_id"], user["bytes"], user["level"]) == ("caller-1", route, "u-1", size, "INFO")
    assert user["timestamp"][:10] == user["dt"] and user["response_time"] >= 0 and user["error"] is None
    assert (missing["status_code"], missing["level"]) == (404, "WARN")
    assert (boom["status_code"], boom["level"], boom["method"]) == (500, "ERROR", "GET")
    assert "currency" in boom["error"] and "currency" in boom["error_traceback"] + boom["error"] and "\n" in boom["error_traceback"]
