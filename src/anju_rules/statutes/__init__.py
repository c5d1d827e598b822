"""The policy library: laws and local rules as numbered clauses, broken down into items.

An item says one thing: it permits, requires, forbids or limits. What looks after it is named with
it: a check of rule sets or of procedures, a refusal, a part of the platform, or a person.
"""
