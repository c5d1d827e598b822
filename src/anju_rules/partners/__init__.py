"""Developers and property managers: what they owe, what may be asked of them, what they earn.

* :mod:`.bases` – no act against a company without a legal basis in force;
* :mod:`.securities` – deposits and bank guarantees;
* :mod:`.duties` – the developer's duty of first registration, and who kept it in time;
* :mod:`.stars` – property managers' stars, from facts;
* :mod:`.reading` – the policy, as dated data.
"""
