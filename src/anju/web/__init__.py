"""The web face: pages by audience, server-rendered, usable without JavaScript where nothing moves.

Views lie in ``officer``, ``household`` and ``public``, each with its ``urls``; their templates in
``templates/`` under the same names, above ``layouts/`` (one an audience) and ``parts/`` (seal,
clock, façade, refusal). Addresses have names every page may link: ``home``, ``project``,
``homes``, ``draw``, ``proof``, ``verify`` (public); ``me``, ``choose``, ``my-score`` (household);
``desk``, ``desk-project``, ``desk-import``, ``desk-scores``, ``desk-draw``, ``desk-turns``
(officer); ``sign-in``, ``sign-out``, ``print-size``.
"""
