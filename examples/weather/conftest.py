"""So that the suite finds the project's module, whichever folder pytest is started from."""

from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
