"""A folder of results that is filled piece by piece: the one place where zarr is known."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from motifbook import __version__, _check

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
DONE = "done"
_MARK = "motifbook_stream"  # attribute that tells a folder of ours
_WAIT = "Wait until it is done, then run the same line again; or name another folder for `out`."
_ANEW = "Copy the folder again, or name a new one for `out` and begin anew."
_TEXT_BLOCK = 1 << 20  # bytes of text per chunk


@dataclass(frozen=True)
class Layout:
    """An array that pieces are written to: shape and chunks (rows of a piece first), type, fill."""

    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: str
    fill: float


class Folder:
    """A zarr group in a folder, with a flag for each piece that is whole.

    A chunk belongs to one piece and is replaced in one move; the flag is written after all data of
    its piece. What a process leaves that was killed is therefore a piece without a flag, and it is
    written anew.

    Attributes
    ----------
    path
        The folder.
    about
        What it holds: a plain dictionary, kept as JSON.
    """

    def __init__(self, path: Path, group: Any) -> None:
        self.path, self._group = path, group
        self.about: dict[str, Any] = dict(group.attrs[_MARK])

    def __getitem__(self, name: str) -> Any:
        return self._group[name]

    def __contains__(self, name: str) -> bool:
        return name in self._group

    @property
    def n_pieces(self) -> int:
        """How many pieces there are to be."""
        return int(self._group[DONE].shape[0])

    @property
    def done(self) -> npt.NDArray[np.bool_]:
        """Which pieces are whole, (n_pieces,)."""
        flags: npt.NDArray[np.bool_] = self.read(DONE).astype(bool)
        return flags

    def read(self, name: str, rows: slice = slice(None)) -> npt.NDArray[Any]:
        """Some rows of an array, or all.

        Raises
        ------
        InputError
            If it is damaged.
        """
        try:
            found = np.asarray(self._group[name][rows])
        except MemoryError:
            raise
        except Exception as error:  # whatever half a file makes zarr and its codecs raise
            raise self._damaged(name, _check.reason(error)) from None
        if name != DONE and found.size and _is_nothing(found):
            raise self._damaged(name, "a file is missing")
        return found

    def _damaged(self, name: str, reason: str) -> _check.InputError:
        return _check.InputError(f"{self.path / name} is damaged ({reason}). {_ANEW}")

    def finish(self, piece: int) -> None:
        """Say that a piece is whole; call it when all its data are written."""
        self._group[DONE][piece] = 1

    def tell(self, **news: Any) -> None:
        """Add to what the folder says of itself."""
        self.about = {**self.about, **news}
        self._group.attrs[_MARK] = self.about

    def put(self, name: str, values: npt.NDArray[Any]) -> None:
        """Write a whole array under a new name, or in the place of an old one."""
        write_array(self._group, name, values)

    def texts(self, name: str) -> list[str]:
        """Return texts that were given to `make`."""
        joined = bytes(self.read(name)).decode()
        return joined.split("\0") if joined else []


def make(
    path: Path,
    about: Mapping[str, Any],
    n_pieces: int,
    *,
    layouts: Mapping[str, Layout],
    texts: Mapping[str, list[str]],
    arrays: Mapping[str, npt.NDArray[Any]],
    groups: Iterable[str] = (),
    files: Mapping[str, Callable[[Path], None]] | None = None,
) -> Folder:
    """Make a folder without any piece; it appears when it is complete.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    zarr = _zarr()
    with (
        _writing(path, "Nothing was begun."),
        _check.part_folder(path.parent, path.name) as prepared,
    ):
        part = prepared / path.name  # with the rights of any new folder
        group = zarr.open_group(str(part), mode="w", **_version())
        for name in groups:
            group.create_group(name)
        for name, layout in layouts.items():
            _new(group, name, layout)
        _new(group, DONE, Layout((n_pieces,), (1,), "|u1", 0))
        for name, values in arrays.items():
            write_array(group, name, values)
        for name, words in texts.items():
            blob = np.frombuffer("\0".join(words).encode(), dtype=np.uint8)
            write_array(group, name, blob, chunk=_TEXT_BLOCK)
        for name, write in (files or {}).items():
            write(part / name)
        group.attrs[_MARK] = {"format": FORMAT, "motifbook": __version__, **about}
        if path.exists() and not any(path.iterdir()):
            path.rmdir()
        if path.exists():
            raise _check.InputError(f"{path} was begun by another process meanwhile. {_WAIT}")
        part.replace(path)
    return Folder(path, zarr.open_group(str(path), mode="r+"))


def open_folder(path: Path, kind: str, *, to_write: bool = False) -> Folder:
    """Open a folder that `make` made.

    Raises
    ------
    InputError
        If there is none, it is of another kind, or of a later version.
    """
    zarr = _zarr()
    found = _mark_of(path)
    if found is None or found.get("kind") != kind:
        holds = "no results of motifbook" if found is None else found.get("kind")
        raise _check.InputError(
            f"{path} holds {holds}; expected the folder of {kind} that "
            f"`mb.stream_{'hits' if kind == 'hits' else 'attribution'}` wrote."
        )
    if found["format"] > FORMAT:
        raise _check.InputError(
            f"{path} has format {found['format']}, written by motifbook {found['motifbook']}; this "
            f"version reads up to {FORMAT}. Update motifbook."
        )
    return Folder(path, zarr.open_group(str(path), mode="r+" if to_write else "r"))


def claim(path: str | os.PathLike[str], kind: str) -> tuple[Path, bool]:
    """Return a folder to write to, and whether results of this kind were begun in it.

    Raises
    ------
    InputError
        If it is a file, holds something else, or lies in no folder.
    """
    target = _check.a_path(path, "out", "folder")
    if target.exists() and not target.is_dir():
        raise _check.InputError(
            f"`out` is {target}, a file; expected a folder for the pieces. Name a new one."
        )
    if not target.is_dir() or not any(target.iterdir()):
        if not target.parent.is_dir():
            raise _check.NotFoundError(f"There is no folder {target.parent}. Make it first.")
        return target, False
    found = _mark_of(target)
    if found is None or found.get("kind") != kind:
        holds = "something else" if found is None else found.get("kind")
        raise _check.InputError(
            f"`out` is {target}, which holds {holds}; expected an empty or a new folder, or one "
            f"with {kind} to go on with. Name another: nothing in it was changed."
        )
    return target, True


def write_array(group: Any, name: str, values: npt.NDArray[Any], *, chunk: int = 0) -> None:
    """Write a whole array, in one chunk or in chunks of so many rows."""
    rows = max(min(chunk or len(values), len(values)), 1)
    shape, kind = values.shape, values.dtype
    chunks = (rows, *(max(n, 1) for n in shape[1:]))
    made = _new(group, name, Layout(shape, chunks, kind.str, nothing(kind)))
    if values.size:
        made[...] = values


def nothing(kind: npt.DTypeLike) -> float:
    """What zarr reads in the place of a missing file: a value that no result has."""
    kind = np.dtype(kind)
    if kind.kind == "f":
        return float("nan")
    return int(np.iinfo(kind).max if kind.kind == "u" else np.iinfo(kind).min)


def _is_nothing(found: npt.NDArray[Any]) -> bool:
    """Whether a file is missing of what was read: of numbers that may be NaN, all are."""
    if found.dtype.kind == "f":
        return bool(np.isnan(found).all())
    return bool((found == nothing(found.dtype)).any())


@contextlib.contextmanager
def saying(folder: Folder) -> Iterator[None]:
    """Run a block that fills a folder; where that fails or is stopped, say what is kept.

    Raises
    ------
    InputError
        If another process of this machine is filling it.
    """
    try:
        with _alone(folder.path), _writing(folder.path, "The pieces that are done are kept."):
            yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"{int(folder.done.sum())} of {folder.n_pieces} pieces are done and kept in "
            f"{folder.path}; the same line goes on with the others."
        ) from None


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Run a block that no other process runs for the same folder, where the system can tell."""
    if fcntl is None:
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _check.InputError(f"{path} is being filled by another process. {_WAIT}") from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(handle)  # which frees it, as the end of the process does


@contextlib.contextmanager
def _writing(path: Path, kept: str) -> Iterator[None]:
    try:
        yield
    except _check.InputError:
        raise
    except OSError as error:
        way_out = "Make room, or see that you may write there, then run the same line again."
        raise _check.cannot_write(path, error, f"{kept} {way_out}") from None


def _new(group: Any, name: str, layout: Layout) -> Any:
    create = getattr(group, "create_array", None) or group.create_dataset  # zarr 3, zarr 2
    return create(
        name,
        shape=layout.shape,
        chunks=layout.chunks,
        dtype=layout.dtype,
        fill_value=layout.fill,
        overwrite=True,
    )


def _zarr() -> Any:
    try:
        import zarr
    except ImportError:
        raise _check.InputError(
            "Streaming needs zarr, which is not installed here; expected the extra of motifbook "
            'that brings it: `pip install "motifbook[scale]"`.'
        ) from None
    return zarr


def _version() -> dict[str, int]:
    """The format that zarr 2 and zarr 3 both write and read."""
    return {"zarr_version" if _zarr().__version__.startswith("2") else "zarr_format": 2}


def _mark_of(path: Path) -> dict[str, Any] | None:
    """What a folder of ours says of itself; None for any other."""
    zarr = _zarr()
    if not path.is_dir():
        raise _check.NotFoundError(
            f"{path} was not found: there is no such folder. Check the path."
        )
    if not (path / ".zgroup").exists():
        return None
    try:
        found = dict(zarr.open_group(str(path), mode="r").attrs).get(_MARK)
    except Exception as error:  # whatever a damaged group makes zarr raise
        raise _check.InputError(
            f"{path} is damaged in .zgroup or .zattrs ({_check.reason(error)}). {_ANEW}"
        ) from None
    return found if isinstance(found, dict) else None
