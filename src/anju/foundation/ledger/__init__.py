"""The ledger: everything that happens is an entry of one Merkle log, or it does not happen."""
