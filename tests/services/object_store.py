"""A real S3 server for tests: one Ceph monitor, one store in memory, one gateway.

In-process imitations accept a wrong secret and an expired address, so every claim
about access is tested here.
"""

import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from mypy_boto3_s3 import S3Client

from tests.services.processes import (
    Server,
    ServiceUnavailable,
    find_binary,
    free_port,
    wait_until,
)

PROGRAMS = {
    "ceph": "ceph-common",
    "ceph-authtool": "ceph-common",
    "monmaptool": "ceph-common",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "radosgw": "radosgw",
    "radosgw-admin": "radosgw",
}
# cephx must stay on: the gateway hangs without it. The three short intervals bring
# the start from 13 s to 2 s.
CONF = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 2
osd pool default pgp num = 2
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon warn on pool no redundancy = false
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
pid file = {folder}/run/$name.pid
ms bind ipv6 = false
[mon]
mon data = {folder}/mon
mon data avail crit = 1
mon tick interval = 1
paxos propose interval = 0.05
paxos min wait = 0.02
[osd]
osd data = {folder}/osd
keyring = {folder}/osd/keyring
osd objectstore = memstore
memstore device bytes = 2147483648
osd max object name len = 256
[client.admin]
keyring = {folder}/keyring
[client.rgw]
keyring = {folder}/rgw/keyring
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw enable usage log = false
rgw dns name = localhost
rgw crypt require ssl = false
"""


@dataclass(frozen=True)
class ObjectStore:
    """Where the server listens, and a pair of keys that it knows."""

    endpoint: str
    access_key: str = "testkey"
    secret_key: str = "testsecret"

    def client(self, *, secret_key: str = "") -> S3Client:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=secret_key or self.secret_key,
            region_name="us-east-1",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )


@contextmanager
def object_store(folder: Path) -> Iterator[ObjectStore]:
    """Yield an empty S3 server; nothing is kept after the block."""
    programs = {name: find_binary(name, package=PROGRAMS[name]) for name in PROGRAMS}
    ceph = _Ceph(folder / "ceph", programs)
    try:
        ceph.start_monitor()
        ceph.start_store()
        yield ceph.start_gateway()
    finally:
        for server in reversed(ceph.servers):
            server.stop(seconds=2)


class _Ceph:
    """One node, made by hand: no systemd, no manager daemon."""

    def __init__(self, folder: Path, programs: dict[str, str]) -> None:
        if len(str(folder)) > 80:  # a Unix socket's path has at most 107 characters
            raise ServiceUnavailable(
                f"The folder {folder} has more than 80 characters, too many for "
                "Ceph's sockets. Set TMPDIR to a shorter one."
            )
        for name in ("mon", "osd", "rgw", "run", "log"):
            (folder / name).mkdir(parents=True)
        self.folder = folder
        self.programs = programs
        self.servers: list[Server] = []
        self.fsid = str(uuid.uuid4())
        self.mon_port, self.port = free_port(), free_port()
        self.conf = folder / "ceph.conf"
        self.conf.write_text(
            CONF.format(
                fsid=self.fsid, mon_port=self.mon_port, folder=folder, port=self.port
            )
        )

    def start_monitor(self) -> None:
        keyring, monmap = str(self.folder / "keyring"), str(self.folder / "monmap")
        allow = ["--cap", "mon", "allow *", "--cap", "osd", "allow *"]
        new = ["--create-keyring", keyring, "--gen-key", "-n", "mon."]
        self._run("ceph-authtool", *new, "--cap", "mon", "allow *")
        self._run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *allow)
        address = f"[v2:127.0.0.1:{self.mon_port}]"
        made = ["--create", "--addv", "a", address, "--fsid", self.fsid, monmap]
        self._run("monmaptool", *made)
        new = ["--mkfs", "--monmap", monmap, "--keyring", keyring]
        self._run("ceph-mon", *self._who("-i", "a"), *new)
        self._serve("ceph-mon", "-i", "a")
        wait_until(self._monitor_answers, *self.servers)

    def start_store(self) -> None:
        store = str(uuid.uuid4())
        self._ceph("osd", "new", store)
        rights = ["mon", "allow profile osd", "osd", "allow *"]
        keyring = self.folder / "osd" / "keyring"
        self._ceph("auth", "get-or-create", "osd.0", *rights, "-o", keyring)
        self._run("ceph-osd", *self._who("-i", "0"), "--mkfs", "--osd-uuid", store)
        self._serve("ceph-osd", "-i", "0")

    def start_gateway(self) -> ObjectStore:
        rights = ["mon", "allow rwx", "osd", "allow rwx"]
        keyring = self.folder / "rgw" / "keyring"
        self._ceph("auth", "get-or-create", "client.rgw", *rights, "-o", keyring)
        self._serve("radosgw", "-n", "client.rgw")
        store = ObjectStore(f"http://127.0.0.1:{self.port}")
        wait_until(lambda: _answers(store.endpoint), *self.servers, seconds=60)
        keys = [f"--access-key={store.access_key}", f"--secret-key={store.secret_key}"]
        person = ["--uid=test", "--display-name=test"]
        self._run("radosgw-admin", *self._who(), "user", "create", *person, *keys)
        return store

    def _who(self, *identity: str) -> list[str]:
        return ["-c", str(self.conf), *identity]

    def _serve(self, program: str, *identity: str) -> None:
        command = [self.programs[program], *self._who(*identity), "-f"]
        self.servers.append(Server.start(program, command, folder=self.folder))

    def _ceph(self, *arguments: str | Path) -> None:
        self._run("ceph", *self._who(), *arguments)

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self.programs[program], *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(f"{program} {arguments}: {done.stderr[-2000:]}")

    def _monitor_answers(self) -> bool:
        ask = [self.programs["ceph"], *self._who("--connect-timeout", "2")]
        return (
            subprocess.run([*ask, "mon", "stat"], capture_output=True).returncode == 0
        )


def _answers(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
