"""The rules of Anju: pure functions from values to values.

No framework, clock, chance or I/O lives here, so that every decision can be made again by anyone.
"""
