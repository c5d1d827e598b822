"""``python -m anju.peak HOST PORT``: the peak server alone, over ``ANJU_HOME``.

``ANJU_PEAK_WORKERS`` (1): as many processes share the port; one to a core that is free.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from anju.peak.serving import run

if __name__ == "__main__":
    run(
        home=Path(os.environ.get("ANJU_HOME") or "demo").absolute(),
        host=sys.argv[1],
        port=int(sys.argv[2]),
        workers=max(1, int(os.environ.get("ANJU_PEAK_WORKERS") or 1)),
    )
