"""The Dockerfile and compose.yaml, without a container engine: the Dockerfile's own steps, run in an empty folder."""

import json
import signal
import socket
import subprocess
import time

import pytest
import yaml

from tests.dockerfile import Build, Stage, run, steps
from tests.processes import ROOT, announced, healthz

SECRET = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """What the Dockerfile leaves, without the training side: 1 GB less to install."""
    return Build(tmp_path_factory.mktemp("image"), LOCK="serve").last_stage()


def container(image: Stage, **settings: str) -> dict[str, str]:
    """The environment of a container with these settings, on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    return image.variables | {"HTTP_PORT": port, "LOCAL_CHAT_PORT": port} | settings


@pytest.mark.slow
def test_what_the_dockerfile_leaves_starts_and_is_healthy(image: Stage) -> None:
    """Its command starts the bot, its health check passes then and only then, and SIGTERM ends it well."""
    surroundings = container(image)
    health = image.commands["HEALTHCHECK"]
    assert run(image, health, surroundings).returncode == 1
    with announced(["/usr/bin/env", *image.commands["CMD"]], image.folder, surroundings) as bot:
        assert healthz(bot.origin)["status"] == "ok"
        assert run(image, health, surroundings | {"HTTP_PROXY": "http://127.0.0.1:1"}).returncode == 0
        bot.process.send_signal(signal.SIGTERM)
        assert bot.process.wait(20) == 0
    assert (image.folder / "data" / "bot.db").exists()


@pytest.mark.slow
def test_with_a_token_the_web_side_is_reached_from_outside(image: Stage) -> None:
    """The web side listens on every address; while Telegram is out of reach the container is not healthy."""
    surroundings = container(image, BOT_TOKEN=SECRET, HTTPS_PROXY="http://127.0.0.1:9")  # nothing listens there
    command = ["/usr/bin/env", *image.commands["CMD"]]
    with subprocess.Popen(command, cwd=image.folder, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None  # asked for above
        try:
            while "trying again" not in process.stderr.readline():
                assert process.poll() is None
            socket.create_connection(("127.0.0.2", int(surroundings["HTTP_PORT"])), timeout=5).close()
            assert run(image, image.commands["HEALTHCHECK"], surroundings).returncode == 1
        finally:
            process.terminate()
            process.stderr.read()
    assert process.returncode == 0


@pytest.mark.slow
def test_without_the_training_side_a_training_says_what_to_install(image: Stage) -> None:
    """With LOCK=serve, what /retrain runs ends at once with one event that a person can act on."""
    start = time.monotonic()
    trained = run(image, ["python", "-m", "model", "train", "--events", "--output", "data/new"], container(image))
    assert time.monotonic() - start < 20  # it does not look for MNIST first
    (event,) = map(json.loads, trained.stdout.splitlines())
    assert event["message"].startswith("the training side is not installed (no keras, matplotlib, rich, tensorflow)")
    assert "pip install 'WHEEL[train]'" in event["message"]
    assert (trained.returncode, trained.stderr) == (1, event["message"] + "\n")


def test_the_build_sends_what_the_dockerfile_copies_and_no_secrets() -> None:
    """.dockerignore lets through each source of a COPY, and keeps .env and data/ away."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {
        source.partition("/")[0]
        for name, rest in steps()
        if name == "COPY" and not rest.startswith("--from=")
        for source in rest.split()[:-1]
    }
    assert "*" in ignored
    assert kept == copied
    assert not kept & {".env", "data"}


def test_compose_runs_the_image_as_it_is_meant() -> None:
    """Ports and volumes are the Dockerfile's, and a .env that is meant for the machine does not close the web side."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    said = dict(steps())
    bot = compose["services"]["bot"]
    set_there = dict(setting.split("=", 1) for setting in said["ENV"].split() if "PORT" in setting or "HOST" in setting)
    assert {name: str(bot["environment"][name]) for name in set_there} == set_there
    assert bot["ports"] == [f"127.0.0.1:{said['EXPOSE']}:{set_there['HTTP_PORT']}"]
    assert bot["volumes"] == [f"data:{said['VOLUME']}"]
    assert "HEALTHCHECK" in said
    assert bot["env_file"] == [{"path": ".env", "required": False}]


def test_compose_starts_postgresql_only_when_asked() -> None:
    """PostgreSQL is a profile with a health check, and where it runs the bot waits for it."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services["postgres"]["profiles"] == ["postgres"]
    assert "pg_isready" in services["postgres"]["healthcheck"]["test"]
    assert services["bot"]["depends_on"]["postgres"] == {"condition": "service_healthy", "required": False}
