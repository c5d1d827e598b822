"""A small plan and its result, worked out by hand, for tests of the verifiers.

Ten households, twelve homes, two strata; every reason for refusing a wish occurs. Nobody is real.
"""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

STRATA = ["优先户", "普通户"]
BASIS = {"clause": "plan/scoring#1", "source": "《柳岸新村选房方案》第九条", "certainty": "P"}


def scoring(code: str, label: str, points: str, **more: Any) -> Row:
    """Write one scoring line, public unless it says otherwise."""
    return {"code": code, "label": label, "points": points, "sensitive": False, **BASIS, **more}


def home_below(bound: str) -> Row:
    """Write the condition that the old home is below so many square metres a person."""
    return {"fact": "home_area_per_person_sqm", "below": bound}


RULES: Row = {
    "facts": {
        "persons": "integer",
        "confirmed_area_sqm": "area",
        "home_area_sqm": "area",
        "signed_early": "flag",
        "is_low_income": "flag",
        "veterans": "integer",
    },
    "rules": {
        "version": "1",
        "effective_on": "2026-06-01",
        "scoring_clause": "plan/scoring",
        "scoring": [
            scoring("population", "户籍人口", "0.3", per="persons", at_most_times=6),
            scoring("early", "提前签约", "1", when={"fact": "signed_early", "is": True}),
            scoring("crowded", "住房困难", "2", group="housing", when=home_below("15")),
            scoring("very-crowded", "住房特困", "3", group="housing", when=home_below("10")),
            scoring(
                "low-income",
                "低保",
                "5",
                when={"fact": "is_low_income", "is": True},
                sensitive=True,
            ),
            scoring(
                "veterans",
                "退役军人",
                "1",
                per="veterans",
                at_most_times=2,
                sensitive=True,
                clause="plan/scoring#6",
            ),
        ],
        "prohibitions": [{"fact": "petition_record", "clause": "policy/fairness#2"}],
        "entitlement": {
            "kind": "budget",
            "budget": "confirmed_area_sqm",
            "excess_below_sqm": "60",
            "most_homes": 3,
            "clause": "plan/selection#3",
            "communities": {
                "one_home": ["滨河苑"],
                "exclusive": [["滨河苑", "桂花苑"]],
                "clause": "plan/selection#4",
            },
        },
        "turns": {"late": "allowed", "clause": "plan/selection#6"},
        "needs": [
            {
                "need": "barrier-free",
                "home": {"any": [{"is_barrier_free": True}]},
                "reserved_opens_after_stratum": "优先户",
                "clause": "plan/needs#1",
            },
            {
                "need": "elderly",
                "home": {"any": [{"has_lift": True, "floor_at_most": 6}, {"floor_at_most": 2}]},
                "clause": "plan/needs#2",
            },
        ],
        "matching": {"unplaced": "first-lawful"},
    },
}
HOMES = (  # number, community, floor, area, lift, barrier-free, kept for
    ("1-101", "柳岸新村", 1, "60.00", False, True, "barrier-free"),
    ("1-201", "柳岸新村", 2, "80.50", False, False, ""),
    ("1-601", "柳岸新村", 6, "90", True, False, ""),
    ("1-701", "柳岸新村", 7, "70.25", True, False, ""),
    ("2-101", "滨河苑", 1, "65", False, False, ""),
    ("2-102", "滨河苑", 1, "66", False, False, ""),
    ("3-101", "桂花苑", 1, "75", False, False, ""),
    ("3-901", "桂花苑", None, "120.5", False, False, ""),
    ("3-902", "桂花苑", 9, "55", True, False, "elderly"),
    ("1-102", "柳岸新村", 1, "50", False, True, "barrier-free"),
    ("1-801", "柳岸新村", 8, "88", True, False, ""),
    ("3-201", "桂花苑", 2, "45", False, False, ""),
)
# letter: stratum, persons, confirmed, area of the old home, early, low income, veterans, needs
PEOPLE: dict[str, tuple[str, int, str, str, bool, bool, int, list[str]]] = {
    "A": ("优先户", 6, "240", "54", True, True, 3, []),
    "B": ("优先户", 4, "160", "60.0", False, True, 1, ["barrier-free"]),
    "C": ("优先户", 3, "120", "44", True, False, 0, []),
    "D": ("优先户", 2, "80", "100", False, False, 0, ["elderly"]),
    "E": ("普通户", 5, "200", "200", True, False, 0, []),
    "F": ("普通户", 1, "40", "30", True, True, 0, []),
    "G": ("普通户", 3, "120", "99", True, False, 0, []),
    "H": ("普通户", 2, "80", "66", False, False, 0, []),
    "I": ("普通户", 2, "80", "66", False, False, 0, []),
    "J": ("普通户", 1, "10", "66", False, False, 0, []),
}
# letter: quantities of population, early, crowded, very-crowded; tenths of each line; care; total
SCORES: dict[str, tuple[list[int], list[int], int, int]] = {
    "A": ([6, 1, 1, 1], [18, 10, 0, 30], 70, 128),
    "B": ([4, 0, 0, 0], [12, 0, 0, 0], 60, 72),  # 60 for four persons is not below 15 a person
    "C": ([3, 1, 1, 0], [9, 10, 20, 0], 0, 39),
    "D": ([2, 0, 0, 0], [6, 0, 0, 0], 0, 6),
    "E": ([5, 1, 0, 0], [15, 10, 0, 0], 0, 25),
    "F": ([1, 1, 0, 0], [3, 10, 0, 0], 50, 63),
    "G": ([3, 1, 0, 0], [9, 10, 0, 0], 0, 19),
    "H": ([2, 0, 0, 0], [6, 0, 0, 0], 0, 6),
    "I": ([2, 0, 0, 0], [6, 0, 0, 0], 0, 6),
    "J": ([1, 0, 0, 0], [3, 0, 0, 0], 0, 3),
}
WISHES: dict[str, list[list[str]]] = {
    "A": [["2-101", "2-102"], ["2-101", "3-101"], ["1-201", "1-601", "1-701"]],
    "B": [["1-701"], ["1-101"]],
    "C": [["1-102"], ["9-999"]],
    "D": [["3-901", "9-998"], ["3-902"], ["1-102"]],
    "E": [["3-902"], ["1-102"]],
    "F": [["3-901"], ["3-101"]],
    "G": [["3-901", "3-201", "1-801", "3-902"], ["1-801"]],
    "H": [["3-201"]],
    "I": [],
    "J": [["1-801"]],
}
UNKNOWN, HELD, KEPT = (
    "selection.unit-unknown",
    "selection.unit-already-held",
    "selection.home-reserved",
)
NEED, OVER, MANY = (
    "selection.need-unmet",
    "selection.over-area-budget",
    "selection.too-many-homes",
)
# letter: homes, wish, why the earlier wishes were refused, area
RESULT: dict[str, tuple[list[str], int | None, list[list[str]], str]] = {
    "A": (
        ["1-201", "1-601", "1-701"],
        3,
        [["selection.community-limit"], ["selection.community-excluded"]],
        "240.75",
    ),
    "B": (["1-101"], 2, [[HELD, NEED]], "60.00"),
    "C": (["2-101"], None, [[KEPT], [UNKNOWN]], "65"),
    "D": (["2-102"], None, [[UNKNOWN, NEED], [NEED], [KEPT]], "66"),
    "E": (["1-102"], 2, [[KEPT]], "50"),  # kept for others until the first stratum was done
    "F": (["3-101"], 2, [[OVER]], "75"),
    "G": (["1-801"], 2, [[KEPT, OVER, MANY]], "88"),
    "H": (["3-201"], 1, [], "45"),
    "I": (["3-901"], None, [], "120.5"),
    "J": ([], None, [[HELD, OVER]], "0"),
}
