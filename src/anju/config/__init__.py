"""Settings, addresses and wiring: where the parts of the house are put together."""
