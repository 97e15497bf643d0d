"""Going back: what was changed, step by step, and explorers with Undo and Redo."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from motifbook import _check
from motifbook.widgets._controls import make_button
from motifbook.widgets._explorer import Explorer, shows_errors

State = TypeVar("State")


@dataclass(frozen=True)
class Versions(Generic[State]):
    """A thing after each of some edits; those after `now` are undone.

    Parameters
    ----------
    states
        The start and the thing after each edit.
    now
        Number of the edit after which the thing stands, 0 for the start.
    """

    states: tuple[State, ...]
    now: int = 0

    @property
    def state(self) -> State:
        """As it is now."""
        return self.states[self.now]

    @property
    def last(self) -> int:
        """Number of the last edit, undone ones among them."""
        return len(self.states) - 1

    def then(self, state: State) -> Versions[State]:
        """Versions with one more edit; those that were undone are dropped."""
        return Versions((*self.states[: self.now + 1], state), self.now + 1)

    def at(self, step: int) -> Versions[State]:
        """The same versions after another edit.

        Raises
        ------
        InputError
            If there is no such edit.
        """
        if not 0 <= step <= self.last:
            what = "undo" if step < 0 else "redo"
            raise _check.InputError(f"There is nothing to {what}: this is edit {self.now}.")
        return Versions(self.states, step)


class Undoable(Explorer, Generic[State]):
    """An explorer in which something is edited, and edits are taken back.

    A subclass calls `_start_at` before it lays out its controls, and `_edit` for every edit. It
    says in `_take` what makes another state its own.
    """

    def _start_at(self, state: State) -> None:
        """Begin with a state, and make the buttons."""
        self._versions = Versions((state,))
        self._undo = make_button("Undo", "Take the last edit back", self._on_undo)
        self._redo = make_button("Redo", "Make the edit again that was taken back", self._on_redo)
        self._undo.disabled = self._redo.disabled = True

    @abstractmethod
    def _take(self, state: State) -> None:
        """Make a state that of the controls; raise, and nothing changes."""

    def undo(self) -> None:
        """Take the last edit back.

        Raises
        ------
        InputError
            If there is none.
        """
        self._move_to(self._versions.at(self._versions.now - 1))

    def redo(self) -> None:
        """Make the edit again that was taken back.

        Raises
        ------
        InputError
            If there is none.
        """
        self._move_to(self._versions.at(self._versions.now + 1))

    def _edit(self, state: State) -> None:
        """One more edit, unless controls only follow another one."""
        if not self._is_waiting:
            self._move_to(self._versions.then(state))

    def _move_to(self, versions: Versions[State]) -> None:
        with self._together():
            self._take(versions.state)
        self._versions = versions
        self._undo.disabled, self._redo.disabled = not versions.now, versions.now == versions.last
        self._redraw()

    @shows_errors
    def _on_undo(self, _: Any) -> None:
        self.undo()

    @shows_errors
    def _on_redo(self, _: Any) -> None:
        self.redo()
