"""Taxes, fees and funds of a title: dated lines of policy, exact sheets, and what gates a title.

``types`` what a policy of fees is · ``reading`` from a TOML table · ``reckoning`` what one home
owes on one day · ``gates`` no proof of tax, no registration.
"""
