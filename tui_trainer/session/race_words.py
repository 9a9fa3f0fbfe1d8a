"""Who leads a race and by how much, in words. Knows the race, and no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer import units

if TYPE_CHECKING:
    from tui_trainer.session.race import Lane, Race

WINNER = "wins"
FRACTIONS = {2: "half", 3: "a third", 4: "a quarter"}


def fraction(count: int) -> str:
    """What each of so many gets."""
    return FRACTIONS.get(count, f"1/{count}")


def ranked(race: Race) -> list[Lane]:
    """Those that are still in the race and were validated, the leader first."""
    inside = [lane for lane in race.lanes if lane.score is not None and not lane.out]
    leader = race.leader
    return sorted(inside, key=lambda lane: (lane is not leader, _order(lane)))


def _order(lane: Lane) -> float:
    score = lane.score
    assert score is not None
    return score if lane.regression else -score


def distance(a: Lane, b: Lane) -> str:
    """`7.6 points`, or of losses `0.012`; empty where they are level."""
    assert a.score is not None
    assert b.score is not None
    apart = abs(a.score - b.score)
    if a.regression:
        return "" if units.loss(a.score) == units.loss(b.score) else units.figure(apart)
    tenths = units.tenths(apart)
    return "" if tenths == "0.0" else f"{tenths} point{'s' * (tenths != '1.0')}"


def ahead_of(race: Race, verb: str) -> str:
    """`leads by 7.6 points`, `leads by a loss lower by 0.012`, `level with mlp`; of the leader. Empty where there is only one."""
    found = ranked(race)
    if len(found) < 2:
        return ""
    if not (apart := distance(found[0], found[1])):
        return f"level with {units.plain(found[1].label)}"
    return f"{verb} by {apart}" + (" of loss" if race.regression else "")


def behind(race: Race, lane: Lane) -> str:
    """`−7.6`, or of losses `+0.012`; empty for the leader and where nothing is known."""
    leader = race.leader
    if leader is None or lane is leader or lane.score is None:
        return ""
    apart = distance(leader, lane).partition(" ")[0]
    if lane.regression:
        return f"+{apart}" if apart else "level"
    return f"−{apart}" if apart else "level"


def result(race: Race) -> str:
    """`cnn wins by 7.6 points`; what there is to say once the race is over."""
    found = ranked(race)
    if not found:
        return "nobody was validated"
    name = units.plain(found[0].label)
    if len(found) == 1:
        return f"{name} is the only one that got so far" if race.stopping else f"{name} is the only one that got to the end"
    words = ahead_of(race, "led" if race.stopping else WINNER)
    return f"{name} is {words}" if words.startswith("level") else f"{name} {words}"
