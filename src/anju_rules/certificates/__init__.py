"""Certificates of title: their numbers, their content, the register behind them, and the verdict.

``content`` numbers and what a certificate says, with LADM names · ``register`` its status, folded
from what was entered · ``judging`` is it intact, is it in force, and by whom: three answers, apart
· ``handing`` the one file it is handed over in, with the register's signed word.
"""
