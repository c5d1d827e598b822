"""Departments that are none: they speak the published contract and answer from a JSON register.

For demos and for trying an installation out before the first agreement is signed. It is a program
of its own and shares nothing with the platform but the rules.
"""
