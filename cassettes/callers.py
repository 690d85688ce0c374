"""Who called this package: where a warning belongs.

Law: looks at the stack, and at nothing else. (The module warnings skips frames by itself from Python 3.12 on.)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_PACKAGE: Final = str(Path(__file__).parent) + os.sep


def level_of_caller() -> int:
    """Return how far up the stack of the function that asks the first frame is that is not of this package."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001  as the module warnings does
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
