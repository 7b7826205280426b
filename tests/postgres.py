"""A PostgreSQL of the tests' own, on a free loopback port, gone when they end."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

INSTALL = "apt-get install postgresql"


def programs() -> Path | None:
    """The folder with initdb and postgres, or None: Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@contextlib.contextmanager
def running_postgres(binaries: Path) -> Iterator[str]:
    """Run a server with an empty database; yields its URL."""
    with postgres_server(binaries) as server:
        yield server.url


@contextlib.contextmanager
def postgres_server(binaries: Path) -> Iterator["PostgresServer"]:
    """Run a server with an empty database, which can be stopped and started again.

    It refuses to run as root: then it runs as the user that came with the package.
    """
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="digits-postgres-") as folder:
        home = Path(folder)
        if is_root:
            shutil.chown(home, "postgres", "postgres")
        run_as = ["runuser", "-u", "postgres", "--"] if is_root else []
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--no-locale"]
        subprocess.run(
            [*run_as, binaries / "initdb", "-D", home / "data", *options], check=True, capture_output=True, cwd="/"
        )
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = PostgresServer(binaries, home, port)
        server.start()
        try:
            yield server
        finally:
            server.stop()


class PostgresServer:
    """A server whose data lie in `home`; what is written in it outlives a stop."""

    def __init__(self, binaries: Path, home: Path, port: int) -> None:
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._home = home
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": home, "fsync": "off"}
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._command: list[str | Path] = [
            *(as_user if os.geteuid() == 0 else []),
            binaries / "postgres",
            *("-D", home / "data"),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdout=quiet, stderr=quiet, cwd="/")
        # The file appears when this very server listens, whoever else may have taken the port.
        status = self._home / "data" / "postmaster.pid"
        until = time.monotonic() + 30
        while not (status.exists() and "ready" in status.read_text()):
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it the fast way, whoever is connected; it may have stopped before."""
        assert self._process is not None  # it was started
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)
