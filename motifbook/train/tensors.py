"""Files of tensors: written whole, or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

import torch

from motifbook import _check


def write_tensors(content: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write tensors and plain values to one file, replacing an older one in one move.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    file = io.BytesIO()  # torch hides the reason when it writes to a full disk itself
    torch.save(dict(content), file)
    with _check.new_file(path) as part:
        part.write_bytes(file.getbuffer())
