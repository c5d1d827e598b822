"""``python -m anju_witness``."""

from __future__ import annotations

import sys

from anju_witness.main import main

sys.exit(main())
