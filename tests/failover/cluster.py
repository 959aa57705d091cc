"""Two PostgreSQL servers under Patroni with synchronous replication, one etcd, and links that can be cut."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx2

from app.embedded_postgres.programs import Programs
from tests.failover.network import Link, Network
from tests.failover.programs import Patroni, find_etcd, find_patroni

_TTL, _LOOP_WAIT, _RETRY_TIMEOUT = 20, 1, 3
"""Patroni's seconds: how long a leader's key lasts, between two loops, and until a leader without etcd steps down."""

SECONDS = 90
"""Time limit of every change of the cluster."""

PASSWORD = "keep-this-from-the-logs"


class Node:
    """One machine: PostgreSQL and its Patroni.

    etcd: Patroni's link to etcd. replication, rest: the links from the other node. clients: the link of the service.
    """

    def __init__(self, name: str, cluster: "Cluster") -> None:
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None
        self._cluster = cluster
        self._home = cluster.make_folder(name)
        self.port, self.rest_port = free_port(), free_port()
        self.data = self._home / "data"
        network = cluster.network
        self.etcd = network.link(cluster.etcd_port)
        self.replication, self.rest = network.link(self.port), network.link(self.rest_port)
        self.clients = network.link(self.port)
        self._config = self._home / "patroni.json"
        self._config.write_text(json.dumps(self._configure()))
        cluster.programs.account.own(self._config)

    @property
    def links(self) -> list[Link]:
        """The links of the machine, but for that of its clients."""
        return [self.etcd, self.replication, self.rest]

    @property
    def log(self) -> Path:
        """The output of Patroni and PostgreSQL."""
        return self._home / "patroni.log"

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database of this node, without a link."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        patroni = self._cluster.patroni
        environment = {"PYTHONPATH": patroni.packages} if patroni.packages else {}
        self.process = self._cluster.run([*patroni.command, str(self._config)], self.log, environment)

    def kill(self) -> None:
        """Send SIGKILL to Patroni and PostgreSQL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(SECONDS)
        self.kill_postgres()

    def kill_postgres(self) -> None:
        """Send SIGKILL to PostgreSQL, and wait until its port is free."""
        with suppress(OSError):
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            if Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve():  # the file may be that of a dead server
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not _listens(self.port), f"PostgreSQL of {self.name} has ended", 20)

    def _configure(self) -> dict[str, object]:
        programs = self._cluster.programs
        return {
            "scope": "interviews",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.rest_port}", "connect_address": f"127.0.0.1:{self.rest.port}"},
            "etcd3": {"hosts": [f"127.0.0.1:{self.etcd.port}"], "use_proxies": True},
            "bootstrap": {
                "dcs": {
                    "ttl": _TTL,
                    "loop_wait": _LOOP_WAIT,
                    "retry_timeout": _RETRY_TIMEOUT,
                    "synchronous_mode": True,
                    "postgresql": {"use_pg_rewind": True},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.replication.port}",
                "use_unix_socket": True,
                "bin_dir": str(programs.folder),
                "data_dir": str(self.data),
                "pgpass": str(self._home / "pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres", "password": PASSWORD},
                    "replication": {"username": "replicator", "password": PASSWORD},
                },
                "pg_hba": [
                    "local all all trust",
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host replication replicator 127.0.0.1/32 scram-sha-256",
                ],
                "parameters": {
                    "unix_socket_directories": str(self._home),
                    "fsync": "off",  # a process that is killed leaves what it wrote to the operating system
                    "max_connections": "100",
                    "wal_keep_size": "512MB",
                },
            },
        }


class Cluster:
    """etcd and two nodes. All of it ends with the block, by process id."""

    def __init__(self) -> None:
        self.programs = Programs.find()
        self._stack = ExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []
        self.nodes: list[Node] = []

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait(SECONDS)
        for node in self.nodes:
            node.kill_postgres()
        self._stack.close()

    def _start(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="failover-"))
        self._stack.callback(shutil.rmtree, self._home, ignore_errors=True)
        self._home.chmod(0o755)
        packages = self._home / "packages"
        packages.mkdir(mode=0o755)
        self.patroni: Patroni = find_patroni(self.programs, packages)
        self.network = self._stack.enter_context(Network())
        self._start_etcd()
        self.nodes = [Node("a", self), Node("b", self)]
        for node in self.nodes:
            node.start()
        self.wait_until_synchronous()

    def _start_etcd(self) -> None:
        etcd = find_etcd()
        assert etcd is not None
        folder = self.make_folder("etcd")
        self.etcd_port, peer = free_port(), free_port()
        client_url, peer_url = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{peer}"
        options = {
            "name": "etcd", "data-dir": str(folder / "data"),
            "listen-client-urls": client_url, "advertise-client-urls": client_url,
            "listen-peer-urls": peer_url, "initial-advertise-peer-urls": peer_url,
            "initial-cluster": f"etcd={peer_url}",
        }  # fmt: skip
        self.run([etcd, *(f"--{name}={value}" for name, value in options.items())], folder / "etcd.log", {})
        wait_until(lambda: _listens(self.etcd_port), "etcd listens")

    def make_folder(self, name: str) -> Path:
        """Make a folder of the account that runs the programs."""
        folder = self._home / name
        folder.mkdir(mode=0o700)
        self.programs.account.own(folder)
        return folder

    def run(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start a program as the account. It is killed when the cluster stops."""
        account = self.programs.account
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd="/",
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=account.user,
                group=account.group,
                extra_groups=None if account.user is None else [],
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def repair(self) -> None:
        """Restore every link, start what was killed, and wait for a synchronous standby."""
        for node in self.nodes:
            for link in (*node.links, node.clients):
                link.restore()
            if node.process is None or node.process.poll() is not None:
                node.start()
        self.wait_until_synchronous()

    @contextmanager
    def reached_at(self, ports: Sequence[int]) -> Iterator[None]:
        """Let clients reach the nodes at these ports within the block."""
        direct = [node.clients for node in self.nodes]
        for node, port in zip(self.nodes, ports, strict=True):
            node.clients = self.network.link(port)
        yield
        for node, link in zip(self.nodes, direct, strict=True):
            node.clients.restore()
            node.clients = link

    def members(self) -> dict[str, dict[str, Any]]:
        """Return what the first node that answers says about each node. Empty if none does."""
        for node in self.nodes:
            with suppress(httpx2.HTTPError, ValueError):
                answer = httpx2.get(f"http://127.0.0.1:{node.rest_port}/cluster", timeout=5).json()
                return {member["name"]: member for member in answer["members"]}
        return {}

    def find_primary(self) -> Node | None:
        """Return the node that serves as the primary, by its own word."""
        for node in self.nodes:
            with suppress(httpx2.HTTPError):
                if httpx2.get(f"http://127.0.0.1:{node.rest_port}/primary", timeout=5).status_code == 200:
                    return node
        return None

    def other(self, node: Node) -> Node:
        """Return the other node."""
        return next(each for each in self.nodes if each is not node)

    def wait_until_synchronous(self) -> None:
        """Wait until there is a primary and a synchronous standby that streams."""
        wait_until(self._is_synchronous, "a synchronous standby streams", details=self.describe)

    def _is_synchronous(self) -> bool:
        roles = {member.get("role"): member.get("state") for member in self.members().values()}
        return roles.get("leader") == "running" and roles.get("sync_standby") == "streaming"

    def wait_until_primary(self, node: Node) -> None:
        """Wait until a node is the primary."""
        wait_until(lambda: self.find_primary() is node, f"{node.name} is the primary", details=self.describe)

    def switch_over(self, primary: Node) -> None:
        """Ask Patroni for a planned change of the primary."""
        body = {"leader": primary.name, "candidate": self.other(primary).name}
        answer = httpx2.post(f"http://127.0.0.1:{primary.rest_port}/switchover", json=body, timeout=SECONDS)
        assert answer.status_code == 200, answer.text

    def url(self, database: str, *, role: str = "read-write") -> str:
        """Return the URL with both nodes, through the links of the clients."""
        hosts = ",".join(f"127.0.0.1:{node.clients.port}" for node in self.nodes)
        return f"postgresql://postgres:{PASSWORD}@{hosts}/{database}?sslmode=disable&target_session_attrs={role}"

    def describe(self) -> str:
        """Return the state of the cluster and the ends of the logs."""
        logs = [f"{node.name}:\n{node.log.read_text(errors='replace')[-3000:]}" for node in self.nodes]
        return "\n".join([json.dumps(self.members()), *logs])


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until(
    condition: Callable[[], object], what: str, seconds: float = SECONDS, details: Callable[[], str] = str
) -> None:
    """Wait until a condition holds. Raises AssertionError after `seconds`."""
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at, f"not within {seconds} s: {what}\n{details()}"
        time.sleep(0.1)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
