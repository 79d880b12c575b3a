"""The parts of an X12 interchange as it was read, each with the faults found in it."""

from dataclasses import dataclass, field

from connections.sandbox.edi.documents import Document


@dataclass(frozen=True)
class Fault:
    """A fault and its code in TA1 or 997."""

    code: str
    text: str


@dataclass(frozen=True)
class SegmentFault:
    """A fault for AK3, and for AK4 when `element` is given."""

    tag: str
    position: int  # ST is 1
    code: str
    element: int | None = None
    element_code: str = ""
    value: str = ""


@dataclass
class TransactionSet:
    header: list[str]
    segments: list[list[str]] = field(default_factory=list)  # with ST and SE
    faults: list[Fault] = field(default_factory=list)
    segment_faults: list[SegmentFault] = field(default_factory=list)
    document: Document = field(init=False)

    def __post_init__(self) -> None:
        self.document = Document(kind=element(self.header, 1), control=element(self.header, 2))
        self.segments.append(self.header)


@dataclass
class Group:
    header: list[str]
    sets: list[TransactionSet] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    announced: str = ""  # GE01
    controls: set[str] = field(default_factory=set)  # every ST02


@dataclass
class Interchange:
    """`isa` holds ISA01 to ISA16 as they were sent, blanks included, at index 1 to 16."""

    isa: list[str]
    separator: str
    terminator: str
    groups: list[Group] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def documents(self) -> list[Document]:
        return [one.document for group in self.groups for one in group.sets]


def element(segment: list[str], number: int) -> str:
    """Element `number` of a split segment, empty when it is not there."""
    return segment[number] if number < len(segment) else ""
