"""File layouts: how the CSV, XML and fixed-width files of a partner look, as data in versions that never change.

What the pipeline and the systems use:

    version = version_for(partner, kind="invoice", file_format="csv", writes=True)  # or None: nobody made one
    rendered = render(version, documents, {"company_id": "QUILL"})  # content, extension, media_type; `LayoutProblems`
    reading = read(version, content)  # its documents, and every problem with its line and column
    for item in stream(version, opened): ...  # the same one document after the other: memory does not grow
    version = version_fitting(tenant, partner, sample, file_format="csv")  # which one fits a file

A delivery and an arrival keep the version that they were written or read with (`layout_version`), so that a layout
can be changed without changing what was sent, and a file can be read again as it was read.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, NamedTuple, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse

from mappings.canonical import Document
from mappings.codecs import layouts
from mappings.codecs.report import CodecError, Problem
from mappings.models.partners import TradingPartner
from tenants.models import Tenant
from tenants.scoping import Scoped, TenantScoped

MOST_CHARACTERS = 500_000
"""Of the JSON text of a layout."""
SAMPLE = 1 << 18
"""Of how many bytes a file is recognised."""
DIRECTIONS = [("both", "files in and out"), ("read", "files that come in"), ("write", "files that go out")]
FORMATS = [("csv", "CSV"), ("xml", "XML"), ("fixed", "fixed width")]
EXTENSIONS = {"csv": "csv", "xml": "xml", "fixed": "txt"}
MEDIA_TYPES = {"csv": "text/csv", "xml": "application/xml", "fixed": "text/plain"}
COLUMN = re.compile(r"(?:records\[(\d+)\]\.)?columns\[(\d+)\]\.?(.*)", re.DOTALL)
RECORD = re.compile(r"records\[(\d+)\]\.?(.*)", re.DOTALL)


class LayoutProblems(ValueError):
    """A layout cannot do what was asked; `problems` says why, `str()` gives them as sentences, one per line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(sentence, self.problems)))


class FileLayout(TenantScoped):
    """How the files of one kind of document look; of a trading partner, or for all of an organisation's."""

    key = models.SlugField(max_length=40, help_text="A short name for the configuration file.")
    name = models.CharField(max_length=80)
    partner = models.ForeignKey(
        TradingPartner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="layouts",
        help_text="Empty: for every partner that has no layout of its own.",
    )
    kind = models.CharField(
        "documents", max_length=40, choices=[(kind, kind.replace("_", " ")) for kind in layouts.KINDS]
    )
    format = models.CharField(max_length=8, choices=FORMATS)
    direction = models.CharField(max_length=8, choices=DIRECTIONS, default="both")
    latest = models.PositiveIntegerField("latest version", default=0, editable=False)
    # What a person is working on: the next version, and a file to try it with. Nothing is sent or read with it.
    draft = models.JSONField(null=True, blank=True, editable=False)
    sample = models.BinaryField(blank=True, default=b"", editable=False)
    sample_name = models.CharField(max_length=120, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="one_layout_per_key")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.partner and self.partner.tenant_id != self.tenant_id:
            raise ValidationError({"partner": "This partner belongs to another organisation."})

    def get_absolute_url(self) -> str:
        return reverse("layout", args=[self.tenant.slug, self.key])

    @property
    def version(self) -> "LayoutVersion":
        """The version that is used now. A layout that was only begun has none: `latest` is 0."""
        return self.versions.get(number=self.latest)

    def check_version(self, data: Mapping[str, Any]) -> layouts.Layout:
        """The loaded layout, if `data` may become the next version. Raises `ValidationError` under `layout`."""
        if problems := problems_of(data):
            raise ValidationError({"layout": problems})
        loaded = layouts.load(data)
        if self.latest and (loaded.kind, loaded.format) != (self.kind, self.format):
            said = f"{self.get_kind_display()} in {self.get_format_display()}"
            raise ValidationError(
                {"layout": [f"This layout is for {said}. Make another one for other files."]}
            )
        return loaded

    def save_version(self, data: Mapping[str, Any], by: Any = None) -> "LayoutVersion":
        """Make `data` the version that is used from now on, `by` a user; the same data make no new one.

        The layout itself (its name and partner) is saved with it, and the draft is done with. Raises
        `ValidationError`, with every problem of the data under the key `layout`.
        """
        loaded = self.check_version(data)
        with transaction.atomic():
            if self.pk:
                self.latest = FileLayout.unscoped.select_for_update().get(pk=self.pk).latest
            before = self.version if self.latest else None
            is_same = before is not None and before.data == data
            self.kind, self.format, self.direction = loaded.kind, loaded.format, loaded.direction
            self.latest += 0 if is_same else 1
            self.draft = None
            self.full_clean()
            self.save()
            if before is not None and is_same:
                return before
            return LayoutVersion.objects.create(layout=self, number=self.latest, data=dict(data), made_by=by)


class LayoutVersion(Scoped):
    """A layout as it was at one time. It is never changed, and kept as long as something was sent or read with it."""

    tenant_path = "layout__tenant"

    layout = models.ForeignKey(FileLayout, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    data = models.JSONField("layout", help_text="docs/translation-files.md lists the keys.")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["layout", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["layout", "number"], name="one_layout_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.layout}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("a version of a layout is never changed: save_version makes the next one")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a version of a layout is never deleted: something may have been sent with it")

    @cached_property
    def loaded(self) -> layouts.Layout:
        """The layout, ready for the codec."""
        return layouts.load(self.data)


class Rendered(NamedTuple):
    """A file to be sent: its bytes, how its name ends (without a dot), and its media type."""

    content: bytes
    extension: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file holds: `items` are its documents and broken places in order, `beside` what is wrong with the whole.

    An item has `document` or none, `report` (why there is none), `number` (from 1), `line` and `rows`.
    """

    items: tuple[layouts.Item, ...]
    beside: tuple[Problem, ...]

    @classmethod
    def of(cls, given: Iterable[layouts.Item | layouts.File]) -> Self:
        items: list[layouts.Item] = []
        beside: list[Problem] = []
        for each in given:
            if isinstance(each, layouts.Item):
                items.append(each)
            else:
                beside += each.report
        return cls(items=tuple(items), beside=tuple(beside))

    @property
    def documents(self) -> list[Document]:
        """The documents that can be read. One with problems is none: nothing of it is guessed."""
        return [item.document for item in self.items if item.document is not None]

    @property
    def problems(self) -> list[Problem]:
        """All problems, each with `line`, `field` (the column), `value`, `message` and `remedy`; see `sentence`."""
        return [problem for item in self.items for problem in item.report] + list(self.beside)


def render(
    version: LayoutVersion, documents: Sequence[Document], context: layouts.Context | None = None
) -> Rendered:
    """One file of all `documents`; `context` are values that columns ask of the connection, such as company_id.

    Raises `LayoutProblems` with everything that is wrong with any of them; then nothing is written.
    """
    try:
        written = layouts.write(documents, version.loaded, context)
    except CodecError as error:
        raise LayoutProblems(error.report) from error
    format_ = version.loaded.format
    return Rendered(written.data, EXTENSIONS[format_], MEDIA_TYPES[format_])


def read(version: LayoutVersion, content: bytes) -> Reading:
    """What `content` holds. Never raises: a file that is no such file has problems and no documents."""
    return Reading.of(stream(version, content))


def stream(version: LayoutVersion, content: bytes | BinaryIO) -> Iterator[layouts.Item | layouts.File]:
    """The documents of a file of any size one after the other, and at the end one `layouts.File`."""
    return layouts.read(content, version.loaded)


def versions_for(
    tenant: Tenant, partner: TradingPartner | None, *, kind: str = "", file_format: str = "", writes: bool
) -> list[LayoutVersion]:
    """The latest versions of the layouts that serve, the partner's own before the organisation's, newest first.

    `kind` is one of `layouts.KINDS`, `file_format` csv, xml or fixed; empty means any.
    """
    wanted = {"layout__kind": kind, "layout__format": file_format}
    found = LayoutVersion.objects.for_tenant(tenant).select_related("layout")
    found = found.filter(number=models.F("layout__latest"), **{key: of for key, of in wanted.items() if of})
    found = found.filter(models.Q(layout__partner=partner) | models.Q(layout__partner__isnull=True))
    found = found.filter(layout__direction__in=["both", "write" if writes else "read"])
    return sorted(found, key=lambda version: (version.layout.partner_id is None, -version.layout_id))


def version_for(
    partner: TradingPartner, *, kind: str, file_format: str, writes: bool
) -> LayoutVersion | None:
    """The version to use where nobody has chosen a layout: the first of `versions_for`."""
    found = versions_for(partner.tenant, partner, kind=kind, file_format=file_format, writes=writes)
    return found[0] if found else None


def version_fitting(
    tenant: Tenant, partner: TradingPartner | None, sample: bytes, *, file_format: str
) -> LayoutVersion | None:
    """The version by which the file that begins with `sample` is read; None if none fits.

    `file_format` is what it looks like. Of lines of text nobody can always tell: layouts in CSV and in fixed width are
    both tried, and one of the other format must read a document of it.
    """
    formats = ("xml",) if file_format == "xml" else ("csv", "fixed")
    versions = [v for v in versions_for(tenant, partner, writes=False) if v.layout.format in formats]
    versions.sort(key=lambda version: version.layout.format != file_format)
    found = recognise(versions, sample)
    if found is None or found.layout.format == file_format or read(found, sample[:SAMPLE]).documents:
        return found
    return None


def recognise(versions: Iterable[LayoutVersion], content: bytes) -> LayoutVersion | None:
    """The version that reads most documents of the file that begins with `content`; None if none fits its columns.

    Of those that read equally many it is the first. Columns of fixed width have no names: only what they hold tells
    whose they are.
    """
    sample = content[:SAMPLE]
    fitting = [version for version in versions if layouts.match(sample, [version.loaded])]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda version: len(read(version, sample).documents))


def fault_of_text(data: Any) -> str:
    """Why the database cannot keep `data` as JSON, as a sentence; empty if it can."""
    try:
        text = json.dumps(data, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return "A layout is JSON: texts, numbers, true and false, lists and objects with keys."
    if len(text) > MOST_CHARACTERS:
        return f"The layout has {len(text):,} characters; at most {MOST_CHARACTERS:,} are allowed."
    if "\\u0000" in text:
        return "The layout holds a character with the number zero. Take it out."
    return ""


def problems_of(data: Any) -> list[str]:
    """Everything that keeps `data` from being a layout, as sentences; empty if it is one."""
    if fault := fault_of_text(data):
        return [fault]
    try:
        layouts.load(data)
    except CodecError as error:
        return [sentence(problem, data) for problem in error.report]
    return []


def sentence(problem: Problem, data: Any = None) -> str:
    """A problem as people read it; with `data`, the layout it is about, columns are named instead of counted."""
    said = str(problem)
    place = _named_place(problem.field, data) if data is not None else ""
    if place:
        message = problem.message.removeprefix(problem.field).strip()
        said = f"{place} {message}. {problem.remedy}".strip()
    said = f"{said[:1].upper()}{said[1:]}"
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _named_place(place: str, data: Any) -> str:
    """`columns[3].date` as "Column 4 (Check Date): date"; empty for places outside of columns and records."""
    records = data.get("records") if isinstance(data, Mapping) else None
    if match := COLUMN.fullmatch(place):
        record, number, key = match.groups()
        around = _at(records, int(record)) if record else data
        columns = around.get("columns") if isinstance(around, Mapping) else None
        named = _counted("column", int(number), _at(columns, int(number)), "name")
        return (
            f"{_counted('record', int(record), around, 'code')}, {named}: {key}"
            if record
            else f"{named}: {key}"
        )
    if match := RECORD.fullmatch(place):
        return f"{_counted('record', int(match[1]), _at(records, int(match[1])), 'code')}: {match[2]}"
    return ""


def _at(given: Any, index: int) -> Any:
    return given[index] if isinstance(given, list) and index < len(given) else None


def _counted(what: str, index: int, given: Any, key: str) -> str:
    name = given.get(key) if isinstance(given, Mapping) else None
    return f"{what} {index + 1} ({name})" if name and isinstance(name, str) else f"{what} {index + 1}"
