"""Runs the console blocks of a Markdown file in one shell, in order, and compares their output with the file's.

A block is fenced with ```console. In it a line that begins with "$ " is a command, one with "> " goes on with it, and the
lines below are its output. All blocks share one bash in a new folder, so they are one session.

What differs from run to run is compared by its form only: dates, times and UUIDs (see VOLATILE). The addresses that the
text names are loglake's defaults; the run takes free ones, so that it disturbs no loglake that is there.

    tour.py [--update] FILE     exit code 1 where the output differs; --update writes what came into FILE
"""

import difflib
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

COMMAND_SECONDS = 60
MARK = "-- end of command"

# What is replaced on both sides before they are compared.
VOLATILE = [
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\b"), "<arrival>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?"), "<instant>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "<date>"),
    (re.compile(r"\b1[0-9]{12}\b"), "<ms>"),
    (re.compile(r"\bin [\d.]+(µs|ms|s) \(([\d,]+/s, )?"), "in <time> ("),
    (re.compile(r"(?m)^loglake \S+, up"), "loglake <version>, up"),
    (re.compile(r"\b\d+\.\d+ s\b"), "<seconds>"),
    (re.compile(r"\bup \d+ s\b"), "up <seconds>"),
    (re.compile(r" \(\d+ behind\)"), ""),
    (re.compile(r"\b\d\d:\d\d:\d\d\.\d{3}\b"), "<time>"),
    (re.compile(r"\b(now|\d+ s ago)\b"), "<recently>"),
    (re.compile(r"\b[\d.]+ ([kMGT]B|bytes)\b"), "<size>"),
    (re.compile(r"(?m)^  \S.*  .*$|^  [─ ]+$"), lambda m: re.sub("  +", "  ", re.sub("─+", "─", m[0])).rstrip()),  # columns
]

# What a shell says of a job that was killed; an interactive one words it otherwise.
JOB = re.compile(r"^(bash|.*/bash): line \d+: +\d+ (Killed|Terminated)")


def main():
    arguments = [a for a in sys.argv[1:] if a != "--update"]
    path = pathlib.Path(arguments[0])
    old = path.read_text(encoding="utf-8")
    new = run_all(old)
    if normal(new) == normal(old):
        print(f"tour: {path} says what happens")
        return 0
    if "--update" in sys.argv:
        path.write_text(new, encoding="utf-8")
        print(f"tour: {path} is updated")
        return 0
    sys.stdout.writelines(difflib.unified_diff(
        normal(old).splitlines(True), normal(new).splitlines(True), f"{path}, normalised", "what happened, normalised"))
    print("tour: the output differs; test/tour/run --update takes it over")
    return 1


def normal(text):
    for pattern, name in VOLATILE:
        text = pattern.sub(name, text)
    return text


def run_all(text):
    """Gives the text with the output of its commands as it is now."""
    session = Session()
    try:
        return re.sub(r"(?ms)^```console\n(.*?)^```$", lambda m: "```console\n" + run_block(session, m[1]) + "```", text)
    finally:
        session.close()


def run_block(session, block):
    out = ""
    for command in re.findall(r"(?m)^\$ .*\n(?:> ?.*\n)*", block):
        lines = command.splitlines()
        out += command + session.run("\n".join([lines[0][2:]] + [line[2:] for line in lines[1:]]))
    return out


class Session:
    """A bash in a folder of its own, and whatever it starts."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="loglake-tour-")
        self.addresses = {"127.0.0.1:4566": f"127.0.0.1:{free_port()}", "127.0.0.1:4580": f"127.0.0.1:{free_port()}"}
        aws, http = self.addresses.values()
        os.mkdir(f"{self.folder}/bin")
        os.symlink(os.environ["LOGLAKE_BIN"], f"{self.folder}/bin/loglake")
        os.mkdir(f"{self.folder}/work")
        env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOGLAKE_"))}
        env |= {
            "PATH": f"{self.folder}/bin:{env['PATH']}", "HOME": self.folder, "TZ": "UTC", "LC_ALL": "C.UTF-8", "AWS_PAGER": "",
            "LOGLAKE_AWS_ADDR": aws, "LOGLAKE_HTTP_ADDR": http, "LOGLAKE_ENDPOINT": f"http://{aws}",
        }
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=f"{self.folder}/work", env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.shell.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def run(self, command):
        for name, address in self.addresses.items():
            command = command.replace(name, address)
        self.shell.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '%s\\n' '{MARK}'\n")
        self.shell.stdin.flush()
        out = ""
        while True:
            try:
                line = self.lines.get(timeout=COMMAND_SECONDS)
            except queue.Empty:
                raise SystemExit(f"tour: after {COMMAND_SECONDS} s this had not ended:\n{command}\n{out}") from None
            if line is None:
                raise SystemExit(f"tour: the shell ended with:\n{command}\n{out}")
            if line.endswith(MARK + "\n"):
                out += line[: -len(MARK) - 1]
                break
            if not JOB.match(line):
                out += line
        if "loglake serve" in command:
            self.wait_ready()
        for name, address in self.addresses.items():
            out = out.replace(address, name)
        return out if not out or out.endswith("\n") else out + "\n"

    def wait_ready(self):
        """Waits until a server that was just started serves, as a person does who types the next command."""
        url = f"http://{self.addresses['127.0.0.1:4580']}/readyz"
        deadline = time.monotonic() + COMMAND_SECONDS
        while True:
            try:
                with urllib.request.urlopen(url, timeout=COMMAND_SECONDS):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise SystemExit(f"tour: the server was not ready after {COMMAND_SECONDS} s") from None
                time.sleep(0.02)

    def close(self):
        try:
            os.killpg(self.shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.shell.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
