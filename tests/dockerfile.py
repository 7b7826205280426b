"""Runs the Dockerfile's own steps where there is no container engine: /app is a folder, all else is this machine."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from tests.processes import ROOT, environment

IMAGE, HOME = "python:3.11-slim", "/app"


def steps() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions, each with its argument."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


@dataclass
class Stage:
    """What a stage has made so far."""

    folder: Path  # /app
    variables: dict[str, str]  # ENV
    arguments: dict[str, str] = field(default_factory=dict)  # ARG
    commands: dict[str, list[str]] = field(default_factory=dict)  # CMD and HEALTHCHECK

    def here(self, text: str) -> str:
        """Put the folder in the place of /app."""
        return re.sub(rf"{HOME}\b", str(self.folder), text)

    def filled(self, text: str) -> str:
        """Fill in variables and arguments, as ENV and COPY do."""
        return Template(text).substitute(self.variables | self.arguments)


class Build:
    """One run of the steps in an empty folder, with the project as its context."""

    def __init__(self, folder: Path, **arguments: str) -> None:
        self._folder, self._arguments = folder, arguments
        self._stages: dict[str, Stage] = {}
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(sys.executable)
        # All that reaches a package index from here, and nothing that leads Python to this project.
        self._machine = {
            name: text for name, text in environment().items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}
        }

    def last_stage(self) -> Stage:
        """Run every step; only the last stage is left, as a build keeps no other."""
        stage = None
        for instruction, rest in steps():
            if instruction == "FROM":
                stage = self._begin(rest)
            elif stage is None:
                assert instruction == "ARG"  # nothing else may stand before the first FROM
                name, _, default = rest.partition("=")
                self._arguments.setdefault(name, default)
            else:
                self._step(stage, instruction, rest)
        assert stage is not None  # a Dockerfile has a stage
        for other in self._stages.values():
            if other is not stage:
                shutil.rmtree(other.folder)
        return stage

    def _begin(self, rest: str) -> Stage:
        assert rest.split(maxsplit=1)[0] == IMAGE
        stage = Stage(self._folder / f"stage{len(self._stages)}", {"PATH": f"{self._folder}/bin:{os.environ['PATH']}"})
        stage.folder.mkdir()
        self._stages[rest.rsplit(maxsplit=1)[-1]] = stage
        return stage

    def _step(self, stage: Stage, instruction: str, rest: str) -> None:
        match instruction:
            case "ARG":
                stage.arguments[rest] = self._arguments[rest]
            case "WORKDIR":
                assert rest == HOME
            case "ENV":
                settings = (setting.split("=", 1) for setting in stage.filled(rest).split())
                stage.variables |= {name: stage.here(text) for name, text in settings}
            case "RUN":
                surroundings = {**self._machine, **stage.variables, **stage.arguments}
                subprocess.run(["sh", "-c", stage.here(rest)], cwd=stage.folder, env=surroundings, check=True)
            case "COPY":
                self._copy(stage, *stage.filled(rest).split())
            case "HEALTHCHECK" | "CMD":
                stage.commands[instruction] = json.loads(rest[rest.index("[") :])
            case "USER" | "VOLUME" | "EXPOSE":
                pass
            case _:
                raise AssertionError(f"{instruction}: no test knows what it does")

    def _copy(self, stage: Stage, *words: str) -> None:
        *sources, target = words
        if sources[0].startswith("--from="):
            other, source = self._stages[sources[0].removeprefix("--from=")], sources[1]
            # By hard links: the stage it comes from goes away.
            shutil.copytree(other.here(source), stage.folder / target, symlinks=True, copy_function=os.link)
            return
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, stage.folder / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (stage.folder / target).mkdir(exist_ok=True)
                shutil.copy(ROOT / source, stage.folder / target)


def run(stage: Stage, command: list[str], surroundings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command where the stage is, with these variables and no others."""
    return subprocess.run(
        ["/usr/bin/env", *command],
        cwd=stage.folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
