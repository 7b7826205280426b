"""A key for what a generated set is made with, so that a cached set is never used after a change. Training side."""

import ast
import hashlib
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


def made_with(maker: Path, package: Path = _PACKAGE) -> str:
    """Give a key of 16 hexadecimal digits that changes with whatever `maker`, a module of `package`, works with.

    That is its source and those of the modules of the package that it imports, at any depth; each data file of the
    package that one of them names (the weights of a network); and the releases of the libraries that they import.
    Nothing is imported but those libraries; it takes a tenth of a second.
    """
    parts, libraries = _parts(maker, package)
    key = hashlib.sha256()
    for part in sorted(parts):
        key.update(f"{part.relative_to(package)} {hashlib.sha256(part.read_bytes()).hexdigest()}\n".encode())
    for library in sorted(libraries - sys.stdlib_module_names):
        key.update(f"{library} {getattr(import_module(library), '__version__', '')}\n".encode())
    return key.hexdigest()[:16]


def _parts(maker: Path, package: Path) -> tuple[set[Path], set[str]]:
    """The files of the package that take part, and the libraries that they import."""
    data: dict[str, list[Path]] = {}
    for path in package.rglob("*"):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            data.setdefault(path.name, []).append(path)
    parts, waiting, libraries = set[Path](), [maker], set[str]()
    while waiting:
        part = waiting.pop()
        if part in parts:
            continue
        parts.add(part)
        for kind, name in _named(part, package.parent) if part.suffix == ".py" else ():
            if kind == "data":
                waiting += data.get(name, [])
            elif name.partition(".")[0] == package.name:
                waiting += _modules(name, package)
            else:
                libraries.add(name.partition(".")[0])
    return parts, libraries


def _named(source: Path, root: Path) -> Iterator[tuple[str, str]]:
    """What a module names: ("import", a module or a name in one), and ("data", what may be the name of a file)."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        match node:
            case ast.Import(names=names):
                yield from (("import", alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                here = source.parents[level - 1].relative_to(root).parts if level else ()
                start = ".".join([*here, *([module] if module else [])])
                yield from (("import", f"{start}.{alias.name}") for alias in names)
            case ast.Constant(value=str(text)):
                yield "data", text


def _modules(name: str, package: Path) -> list[Path]:
    """The file of a module, or of the one that holds a name; a package's own only where the name is in no other."""
    whole = package.parent.joinpath(*name.split("."))
    places = (
        whole.with_suffix(".py"),
        whole.parent.with_suffix(".py"),
        whole / "__init__.py",
        whole.parent / "__init__.py",
    )
    return [place for place in places if place.is_file()][:1]
