"""``python -m anju_departments``."""

from __future__ import annotations

import sys

from anju_departments.main import main

sys.exit(main())
