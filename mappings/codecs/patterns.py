"""Tables compiled into one regular expression per message: the fast way to say that a message is right.

Readers translate a partner's delimiters into four control characters that can never be data, so that a table is
compiled once for all partners. What the expression does not match, `explain` walks through to say why.
Every quantifier is possessive: a message is accepted or refused in time linear in its length.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple, Protocol

from mappings.codecs.tables import UNLIMITED, Condition, Element, Item, Message, Segment, Use

REPETITION = "\x1c"
COMPONENT = "\x1d"
TERMINATOR = "\x1e"
ELEMENT = "\x1f"

ANYTHING = "[\x1c\x1d -\U0010ffff]*+"
"""An element of which nothing is known, with its components and repetitions."""


SKIPPED_TOGETHER = 8
"""How many optional segments are passed over at one look."""


class Values(Protocol):
    """What a standard says of the values of its elements."""

    def pattern(self, element: Element) -> str:
        """A possessive expression for the valid, non-empty values of `element`."""

    def composite(self, element: Element) -> str:
        """A possessive expression for a composite whose components depend on each other; usually there is none."""
        del element
        return ""

    def allows(self, segment: str) -> bool:
        """Whether `segment` has no characters but those that values may have; most often its pattern says that."""
        del segment
        return True

    def problem(self, element: Element, value: str) -> str:
        """The rule that the non-empty `value` breaks, or an empty text. Also asked of a composite as a whole."""


def message_pattern(message: Message, values: Values) -> re.Pattern[str]:
    """An expression that matches exactly the valid messages, from header to trailer."""
    return re.compile(_sequence(message.items, values))


def segment_pattern(segment: Segment, values: Values) -> str:
    """An expression for a valid segment with its terminator."""
    if not segment.elements:
        return f"{segment.tag}(?:{ELEMENT}{ANYTHING})++(?<!{ELEMENT}){TERMINATOR}"
    return f"{segment.tag}{_elements(segment, values)}(?<!{ELEMENT}){TERMINATOR}"


def _sequence(items: tuple[Item, ...], values: Values) -> str:
    """The items in order. Several optional ones are skipped at one look if none of them comes next."""
    pattern = ""
    for optional, run in itertools.groupby(items, key=lambda item: not item.required):
        waiting = list(run)
        while waiting:
            part, waiting = waiting[:SKIPPED_TOGETHER], waiting[SKIPPED_TOGETHER:]
            inside = "".join(_item(item, values) for item in part)
            if optional and len(part) > 1:
                tags = "|".join(dict.fromkeys(item.tag for item in part))
                inside = f"(?:(?=(?:{tags}){ELEMENT}){inside})?+"
            pattern += inside
    return pattern


def _item(item: Item, values: Values) -> str:
    inside = segment_pattern(item.segment, values) if isinstance(item, Use) else _sequence(item.items, values)
    if item.max == UNLIMITED:
        return f"(?:{inside}){'++' if item.required else '*+'}"
    if item.max == 1:
        return inside if item.required else f"(?:{inside})?+"
    return f"(?:{inside}){{{int(item.required)},{item.max}}}+"


# What a rule still asks, once it is known whether one of its elements has a value: require or forbid the others, keep
# to a rule among them, or nothing more. For C and L the first element differs from the others.
OUTCOMES = {
    # (rule, which element, has a value): outcome
    ("P", "any", True): "require",
    ("P", "any", False): "forbid",
    ("R", "any", True): "",
    ("R", "any", False): "R",
    ("E", "any", True): "forbid",
    ("E", "any", False): "E",
    ("C", "first", True): "require",
    ("C", "first", False): "",
    ("C", "other", True): "C",
    ("C", "other", False): "forbid first",
    ("L", "first", True): "R",
    ("L", "first", False): "",
    ("L", "other", True): "",
    ("L", "other", False): "L",
}
OF_ONE = {"R": "require", "E": "", "C": "", "L": "forbid"}
"""What a rule amounts to when a single element is left in it."""


class _Demands(NamedTuple):
    """What a segment's relational rules still ask of the elements to come."""

    required: frozenset[int] = frozenset()
    forbidden: frozenset[int] = frozenset()
    rules: frozenset[Condition] = frozenset()

    def after(self, position: int, *, present: bool) -> _Demands | None:
        """What is left after `position` has a value or not; None if that breaks a rule."""
        if position in (self.forbidden if present else self.required):
            return None
        required, forbidden, rules = set(self.required), set(self.forbidden), set()
        for rule in self.rules:
            if position not in rule.positions:
                rules.add(rule)
                continue
            outcome, positions = _outcome(rule, position, present=present)
            if outcome == "require":
                required.update(positions)
            elif outcome == "forbid":
                forbidden.update(positions)
            elif outcome:
                rules.add(Condition(kind=outcome, positions=positions))
        if required & forbidden:
            return None
        passed = frozenset([position])
        return _Demands(frozenset(required) - passed, frozenset(forbidden) - passed, frozenset(rules))

    @property
    def may_end(self) -> bool:
        """Whether all the elements to come may be absent."""
        return not self.required and not any(rule.kind == "R" for rule in self.rules)


def _outcome(rule: Condition, position: int, *, present: bool) -> tuple[str, tuple[int, ...]]:
    """What `rule` comes to: require, forbid, a rule's letter or nothing; and of which positions."""
    first = rule.positions[0]
    which = "any" if rule.kind in "PRE" else "first" if position == first else "other"
    outcome = OUTCOMES[rule.kind, which, present]
    if outcome == "forbid first":
        return "forbid", (first,)
    rest = tuple(other for other in rule.positions if other != position)
    return (OF_ONE.get(outcome, outcome) if len(rest) == 1 else outcome), rest


def _elements(segment: Segment, values: Values) -> str:
    """The elements from the first on; those after the last value may be left out."""
    demands = _Demands(rules=frozenset(segment.conditions))
    return _from(segment, 1, len(segment.elements), demands, values)


def _from(segment: Segment, position: int, stop: int, demands: _Demands, values: Values) -> str:
    """The elements from `position` to `stop`, under `demands`.

    Where the rules ask for different things depending on whether an element has a value, the expression branches
    up to where the branches ask for the same again.
    """
    if position > stop:
        return ""
    element = segment.elements[position - 1]
    value = _value(element, values)
    present = demands.after(position, present=True)
    absent = None if element.required else demands.after(position, present=False)
    if present == absent and present is not None:
        pattern = ELEMENT + _or_nothing(value) + _from(segment, position + 1, stop, present, values)
    elif absent is None and present is not None:
        pattern = ELEMENT + value + _from(segment, position + 1, stop, present, values)
    elif present is None and absent is not None:
        pattern = ELEMENT + _from(segment, position + 1, stop, absent, values)
    elif present is not None and absent is not None:
        meet, common = _meeting_point(segment, position + 1, stop, {present, absent})
        with_value = _from(segment, position + 1, meet, present, values)
        without = _from(segment, position + 1, meet, absent, values)
        pattern = f"{ELEMENT}(?:{value}{with_value}|{without})"
        pattern += _from(segment, meet + 1, stop, common, values)
    else:
        raise ValueError(f"{segment.tag}: no segment can follow its rules")
    needed = any(each.required for each in segment.elements[position - 1 :])
    may_end = demands.may_end and not needed and position > 1
    return f"(?:{pattern})?+" if may_end else pattern


def _or_nothing(value: str) -> str:
    """An expression for a value or none: from one character on is from none on."""
    return value.replace("{1,", "{0,") if re.match(r"\[[^]]*\]\{1,\d+\}\+", value) else f"(?:{value})?+"


def _meeting_point(segment: Segment, position: int, stop: int, states: set[_Demands]) -> tuple[int, _Demands]:
    """The first position after which all ways from `states` leave the same demands; at the latest `stop`."""
    while position <= stop:
        choices = (True,) if segment.elements[position - 1].required else (True, False)
        ways = (state.after(position, present=there) for state in states for there in choices)
        states = {way for way in ways if way is not None}
        if len(states) == 1:
            return position, next(iter(states))
        position += 1
    return stop, _Demands()


def _value(element: Element, values: Values) -> str:
    if not element.described:
        return ANYTHING
    if not element.components:
        return values.pattern(element)
    if whole := values.composite(element):
        return whole
    pattern = closing = ""
    needed = max(c.position for c in element.components if c.required or c.position == 1)
    for component in element.components:
        one = values.pattern(component) if component.required else f"(?:{values.pattern(component)})?+"
        if component.position == 1:
            pattern += one
        elif component.position <= needed:
            pattern += COMPONENT + one
        else:
            pattern += f"(?:{COMPONENT}{one}"
            closing += ")?+"
    return f"(?!{COMPONENT}?+[{ELEMENT}{TERMINATOR}]){pattern}{closing}(?<!{COMPONENT})"
