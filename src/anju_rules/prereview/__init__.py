"""Pre-review of papers: what a machine read, held against what the case knows.

``types`` lines, known values, findings · ``forms`` what each kind of paper should hold ·
``spelling`` from letters to values · ``places`` which value stands at which label · ``reviewing``
the findings. They cite or doubt; an officer decides (PIPL 24).
"""
