"""The bot on two Ray nodes on this machine, as `serve.yaml` has it: for `tests.bench.cluster`."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import asyncpg
import psutil
import yaml

from tests.bench.replicas import cpu_s, free_ports, named, until_healthy
from tests.processes import ROOT, environment

_BIN: Final = Path(sys.executable).parent
_REPLICA: Final = "ray::ServeReplica:"
# Else it depends on whether this user ever had a token made, which stays in ~/.ray.
_OPEN: Final = {"RAY_AUTH_MODE": "disabled"}
# Ray's part of a start takes about 20 s on two cores.
_PATIENCE_S: Final = 180


class RayNodes:
    """Two nodes, with a replica and a proxy on each. What Ray leaves behind goes with its folder."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        """Its logs and each node's DATA_DIR lie in `folder`."""
        self._folder = folder
        self._settings = settings
        self._ports = dict(zip(("gcs", "dashboard", "client", "head", "second", "agent"), free_ports(6), strict=True))
        self._agents = free_ports(2)
        self._nodes: list[Process] = []
        self._config: dict[str, Any] = yaml.safe_load((ROOT / "serve.yaml").read_text())
        self._config["http_options"]["port"] = self._ports["head"]
        self.origins = [f"http://127.0.0.1:{self._ports[name]}" for name in ("head", "second")]

    async def __aenter__(self) -> "RayNodes":
        # Unix sockets lie in it, whose paths are short.
        self._session = tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True)
        try:
            await self._begin()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _begin(self) -> None:
        ports = self._ports
        await self._start(
            "head",
            "--head",
            f"--port={ports['gcs']}",
            f"--temp-dir={self._session.name}",
            f"--dashboard-port={ports['dashboard']}",
            f"--ray-client-server-port={ports['client']}",
        )
        await _listens(ports["dashboard"])
        await self._start("second", f"--address=127.0.0.1:{ports['gcs']}")
        await self._deploy()
        await until_healthy(*self.origins)
        await self._until_replicas(2)

    async def _start(self, name: str, *options: str) -> None:
        """Start a node; its replica has the node's environment."""
        home = self._folder / name
        home.mkdir()
        settings = {**self._settings, "DATA_DIR": str(home / "data")}
        own = {
            "RAY_SERVE_WORKER_PROXY_HTTP_PORT": str(self._ports["second"]),
            "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",  # nobody is served any more in the end
        }
        command = [
            *(str(_BIN / "ray"), "start", "--block", "--node-ip-address=127.0.0.1", "--num-cpus=2"),
            *("--object-store-memory=150000000", "--disable-usage-stats", "--min-worker-port=0", "--max-worker-port=0"),
            f"--dashboard-agent-listen-port={self._agents[len(self._nodes)]}",
            *options,
        ]
        with (home / "log").open("ab") as log:
            surroundings = environment(**settings) | own | _OPEN
            node = await asyncio.create_subprocess_exec(*command, cwd=home, env=surroundings, stdout=log, stderr=STDOUT)
        self._nodes.append(node)

    async def __aexit__(self, *error: object) -> None:
        family = [process for node in self._nodes for process in _family(node.pid)]
        for node in reversed(self._nodes):
            with contextlib.suppress(ProcessLookupError):
                node.send_signal(signal.SIGTERM)
        _, left = await asyncio.to_thread(psutil.wait_procs, family, 20)
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        logs = Path(self._session.name) / "session_latest" / "logs" / "serve"
        if logs.exists():
            await asyncio.to_thread(shutil.copytree, logs, self._folder / "serve")
        self._session.cleanup()

    async def kill(self) -> bool:
        """Kill the replica that has answered for longest; Serve starts another, which takes several seconds."""
        answering = await self._answering()
        replicas = [replica for replica in self._replicas() if replica.pid in answering]
        if not replicas:
            return False
        min(replicas, key=psutil.Process.create_time).kill()
        return True

    async def _answering(self) -> set[int]:
        """The processes of the replicas that have said in the last seconds that they live."""
        connection = await asyncpg.connect(self._settings["DATABASE_URL"])
        try:
            since = "SELECT name FROM replicas WHERE seen_at > extract(epoch FROM clock_timestamp()) - 5"
            return {int(row["name"].split()[-2]) for row in await connection.fetch(since)}
        finally:
            await connection.close()

    async def roll(self) -> None:
        """Deploy another environment, which replaces all replicas, then one replica less."""
        before = {process.pid for process in self._replicas()}
        self._config["applications"][0]["runtime_env"]["env_vars"] = {"LOG_LEVEL": "ERROR"}
        await self._deploy()
        async with asyncio.timeout(_PATIENCE_S):
            while before & {process.pid for process in self._replicas()} or len(self._replicas()) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        await until_healthy(self.origins[0])
        # The proxy of a node without a replica goes; a load balancer learns that from its /-/healthz.
        self._config["applications"][0]["deployments"][0]["num_replicas"] = 1
        self.origins = self.origins[:1]
        await self._deploy()
        await self._until_replicas(1)

    def cpu_s(self) -> float:
        """Seconds of a processor that both nodes took, Ray's own processes included."""
        return sum(cpu_s(node.pid) for node in self._nodes)

    async def _deploy(self) -> None:
        file = self._folder / "serve.yaml"
        file.write_text(yaml.safe_dump(self._config))
        address = f"http://127.0.0.1:{self._ports['dashboard']}"
        command = [str(_BIN / "serve"), "deploy", "--address", address, str(file)]
        surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | _OPEN
        deploying = await asyncio.create_subprocess_exec(*command, env=surroundings, stdout=DEVNULL, stderr=PIPE)
        _, complaints = await deploying.communicate()
        if deploying.returncode:
            raise RuntimeError(f"`serve deploy` failed: {complaints.decode(errors='replace')}")

    def _replicas(self) -> list[psutil.Process]:
        return named((process for node in self._nodes for process in _family(node.pid)), _REPLICA)

    async def _until_replicas(self, count: int) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            while len(self._replicas()) != count:  # noqa: ASYNC110 there is no event
                await asyncio.sleep(0.2)


def _family(pid: int) -> list[psutil.Process]:
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


async def _listens(port: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
