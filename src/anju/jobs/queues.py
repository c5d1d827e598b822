"""The queues. A worker listens to every one of them; a test holds every task to this list."""

from __future__ import annotations

IMPORTS = "imports"
"""Files that clerks sent."""
PUBLISHING = "publishing"
"""Walls and results."""
EXCHANGE = "exchange"
"""Questions to departments."""
NIGHTLY = "nightly"
"""Comparing tables with the ledger, making partitions, giving stalled work to a living worker."""
READING = "reading"
"""Papers that a machine looks at first: seconds a page, so nothing else waits behind them."""

QUEUES = (IMPORTS, PUBLISHING, EXCHANGE, NIGHTLY, READING)
