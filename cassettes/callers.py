"""Who called this package: where a warning belongs, and which line of the program is to blame.

Law: looks at the stack, and at nothing else. (The module warnings skips frames by itself from Python 3.12 on.)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_PACKAGE: Final = str(Path(__file__).parent) + os.sep
_OURS: Final = tuple(
    f"{Path(__file__).parent.parent / name}{os.sep}" for name in ("httplib_sim", "cassettes", "fake_server")
)
_STANDARD_LIBRARY: Final = str(Path(os.__file__).parent) + os.sep


def level_of_caller() -> int:
    """Return how far up the stack of the function that asks the first frame is that is not of this package."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001  as the module warnings does
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level


def frame_of_program() -> FrameType | None:
    """Return the nearest frame that is neither ours, nor a library's; None if there is none, as in a thread."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  as the module warnings does
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((*_OURS, "<", _STANDARD_LIBRARY)) and "site-packages" not in name:
            return frame
        frame = frame.f_back
    return None
