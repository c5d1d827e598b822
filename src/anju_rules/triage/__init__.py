"""Legacy communities: what keeps a home from its title, and the best way to clear it.

``types`` kinds of blockers, remedies, a community · ``reading`` from tables · ``ways`` what may be
titled now, and the shortest way for the rest · ``easy_first`` the most homes under given means ·
``planning`` a community's plan · ``backlog`` many communities under the same means ·
``plan_records`` a plan as it is frozen.
"""
