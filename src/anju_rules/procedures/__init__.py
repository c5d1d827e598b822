"""Procedures as data: a versioned graph of steps, and a case folded from its log of actions.

``types`` what a procedure is · ``reading`` from a TOML table · ``checking`` dead ends and the like
· ``flow`` which steps open and close · ``cases`` a case's state, folded from its actions ·
``acting`` who may do what next · ``queues`` where a case waits · ``printing`` and ``bpmn`` how a
procedure is shown.
"""
