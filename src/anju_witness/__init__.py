"""A witness of a log: a small program in other hands than the log, with a memory of its own.

It knows nothing of the platform but the public address of its log, and shares no code with it but
the pure rules. It cosigns a head only if that head continues the last one it cosigned.
"""
