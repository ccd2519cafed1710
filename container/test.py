"""Runs the image that `container/build.sh` left in a folder, and says what holds of it.

``container/test.py FOLDER``, as root. A container here is what an engine makes of an image: its
files, mounted read-only; its environment and its user; a process namespace with it as the first
process. The network is the machine's.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
WORK = Path(sys.argv[1]).resolve()
FILES = Path((WORK / "files").read_text().strip())
CONFIG: Mapping[str, Any] = json.loads((WORK / "image.json").read_text())["Docker"]["config"]

MOST_MEGABYTES = 220
ALIAS = "api.metronome.com"
TOKEN = "of-this-test"
LEFT_OUT = ("cc", "gcc", "g++", "make", "ld", "pip", "pip3", "uv", "git", "curl", "wget")
CACHES = ("root/.cache", "var/lib/apt/lists/*", "var/cache/apt/*", "run/secrets/*", "etc/pip.conf")

CONTAINER = """
    root=$1 user=$2; shift 2
    mount --rbind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind "$APP" "$root/srv"
    mount --bind "$HOSTS" "$root/etc/hosts"
    mount -o remount,bind,ro "$root"
    exec chroot --userspec="$user" "$root" "$@"
"""


def holds(law: str, found: object = True) -> None:
    if not found:
        sys.exit(f"✗ {law}")
    print(f"✓ {law}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def container(command: Sequence[str], **environment: str) -> subprocess.Popen[str]:
    hosts = WORK / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {ALIAS}\n::1 localhost\n")
    inner = dict(each.split("=", 1) for each in CONFIG["Env"]) | environment
    settings = [f"{name}={value}" for name, value in inner.items()]
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    within = ["sh", "-euc", CONTAINER, "sh", str(FILES), CONFIG["User"]]
    return subprocess.Popen(
        [*namespaces, *within, "/usr/bin/env", "-i", *settings, *command],
        env={**os.environ, "HOSTS": str(hosts), "APP": str(PROJECT / "examples/sidecar")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(command: Sequence[str], **environment: str) -> tuple[int, str]:
    process = container(command, **environment)
    out, errors = process.communicate(timeout=30)
    return process.returncode, out + errors


def health(**environment: str) -> int:
    return ran(CONFIG["Healthcheck"]["Test"][1:], **environment)[0]


def first_process(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0])


@contextmanager
def serving(**environment: str) -> Iterator[subprocess.Popen[str]]:
    process = container(
        [*CONFIG["Entrypoint"], *CONFIG["Cmd"]], METERSIM_ANNOUNCE="json", **environment
    )
    try:
        assert process.stdout is not None
        holds("it says where it answers", process.stdout.readline().startswith('{"url"'))
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def asked(port: int, host: str = "127.0.0.1") -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/saas/api/billing/usage",
        headers={"Authorization": "Bearer metersim-token", "Host": f"{host}:{port}"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def stops_within_a_second(process: subprocess.Popen[str], host: str, port: int) -> None:
    address = "::1" if ":" in host else "127.0.0.1"
    idle = socket.create_connection((address, port))
    follower = socket.create_connection((address, port), timeout=10)
    follow = f"GET /__admin/requests/stream HTTP/1.1\r\nHost: localhost:{port}\r\n"
    follower.sendall(f"{follow}Authorization: Bearer {TOKEN}\r\n\r\n".encode())
    holds("a stream can be followed", b"200 OK" in follower.recv(1_000))
    with idle, follower:
        os.kill(first_process(process), signal.SIGTERM)
        try:
            code: int | None = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = None
    holds(f"SIGTERM stops it within a second, followed and all, with code {code}", code == 0)


def the_image_is_small_and_holds_no_tools() -> None:
    du = subprocess.run(["du", "-sm", str(FILES)], capture_output=True, text=True, check=True)
    size = int(du.stdout.split()[0])
    holds(f"{size} MB are no more than {MOST_MEGABYTES}", size <= MOST_MEGABYTES)
    folders = ("bin", "usr/bin", "usr/local/bin", "opt/metersim/bin", "sbin", "usr/sbin")
    tools = [
        f"{each}/{tool}" for each in folders for tool in LEFT_OUT if (FILES / each / tool).exists()
    ]
    holds(f"no build tools are left: {tools}", not tools)
    packages = [
        str(each) for name in ("pip", "setuptools", "ensurepip") for each in FILES.rglob(name)
    ]
    holds(f"no installers are left: {packages}", not packages)
    caches = [str(each) for pattern in CACHES for each in FILES.glob(pattern)]
    holds(f"no caches and no secrets are left: {caches}", not caches)
    started = [int(number) for number in CONFIG["User"].split(":")]
    holds("its user is a number, which is not root's", all(started))
    check = CONFIG["Healthcheck"]
    periods = (check["StartPeriod"], check.get("StartInterval"))
    holds("the health check needs no shell", check["Test"][0] == "CMD")
    holds("health is asked each 100 ms for the first 5 s", periods == (5 * 10**9, 10**8))


def it_serves(host: str) -> None:
    port = free_port()
    there = {"METERSIM_HOST": host, "METERSIM_PORT": str(port), "METERSIM_ADMIN_TOKEN": TOKEN}
    holds(f"before it runs at {host}, health fails", health(**there) == 1)
    with serving(**there, METERSIM_ALLOWED_HOST=f"metersim {ALIAS}") as process:
        holds(f"health follows {host}, port {port}", health(**there) == 0)
        elsewhere = {**there, "METERSIM_PORT": str(free_port())}
        holds("health of another port fails", health(**elsewhere) == 1)
        status = Path(f"/proc/{first_process(process)}/status").read_text().split("\n")
        uid = next(line.split()[1] for line in status if line.startswith("Uid:"))
        holds(f"it runs as {uid}", uid == CONFIG["User"].split(":")[0])
        if host != "::1":
            holds("a vendor's call answers", asked(port)["success"])
            holds("it answers by a vendor's own name", asked(port, ALIAS)["success"])
            the_example_app_runs(port)
        stops_within_a_second(process, host, port)


def the_example_app_runs(port: int) -> None:
    url = f"http://{ALIAS}:{port}/metronome"
    command = ["python", "/srv/app.py"]
    code, told = ran(command, METRONOME_URL=url, METRONOME_TOKEN="metersim-token")
    holds(f"the example app reads its usage at {url}", code == 0 and "API Calls" in told)


def main() -> None:
    the_image_is_small_and_holds_no_tools()
    code, told = ran(["sh", "-c", "touch /tmp/a || touch /opt/metersim/a"])
    holds("nothing of it can be written", code != 0 and "Read-only file system" in told)
    code, told = ran([*CONFIG["Entrypoint"], *CONFIG["Cmd"]])
    holds("without a token it says which to name", code == 2 and "METERSIM_ADMIN_TOKEN" in told)
    for host in ("0.0.0.0", "127.0.0.1", "::", "::1"):
        it_serves(host)


if __name__ == "__main__":
    main()
