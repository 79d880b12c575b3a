"""Routes: what flows from where to where, in which format, when, and by which policy."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from audit.leases import Leased
from connections.models.connection import Connection, SystemKind
from mappings import names
from tenants.scoping import TenantScoped


class DocumentKind(models.TextChoices):
    INVOICE = "invoice", "invoices"
    BILL = "bill", "bills"
    PAYMENT = "payment", "payments from clients"
    BILL_PAYMENT = "bill_payment", "bill payments"
    PURCHASE_ORDER = "purchase_order", "purchase orders"
    SUPPLIER_INVOICE = "supplier_invoice", "supplier invoices"
    REMITTANCE = "remittance", "remittances"
    JOURNAL_ENTRY = "journal_entry", "journal entries"
    SHIP_NOTICE = "ship_notice", "ship notices"
    VENDOR = "vendor", "vendors"
    CUSTOMER = "customer", "customers"
    ACKNOWLEDGEMENT = "acknowledgement", "acknowledgements that we owe"


# What may come from a partner into FreshBooks.
INBOUND_KINDS = frozenset(
    {
        DocumentKind.PURCHASE_ORDER,
        DocumentKind.SUPPLIER_INVOICE,
        DocumentKind.REMITTANCE,
        DocumentKind.JOURNAL_ENTRY,
        DocumentKind.SHIP_NOTICE,
        DocumentKind.VENDOR,
        DocumentKind.CUSTOMER,
    }
)
# What may leave FreshBooks for a partner.
OUTBOUND_KINDS = frozenset(
    {
        DocumentKind.INVOICE,
        DocumentKind.BILL,
        DocumentKind.PAYMENT,
        DocumentKind.BILL_PAYMENT,
        DocumentKind.VENDOR,
        DocumentKind.CUSTOMER,
    }
)


class Format(models.TextChoices):
    X12 = "x12", "X12"
    EDIFACT = "edifact", "EDIFACT"
    RSX_JSON = "rsx_json", "RSX in JSON"
    RSX_XML = "rsx_xml", "RSX in XML"
    CSV = "csv", "CSV file"
    XML = "xml", "XML file"
    FIXED = "fixed", "fixed-width file"


# What a document is sent as in the formats that have messages. Any kind can be put in a file, as its layout says.
REMITTANCES: dict[str, str] = {
    Format.X12: "X12 820 remittance advice",
    Format.EDIFACT: "EDIFACT REMADV remittance advice",
}
MESSAGES: dict[str, dict[str, str]] = {
    DocumentKind.INVOICE: {
        Format.X12: "X12 810 invoice",
        Format.EDIFACT: "EDIFACT INVOIC invoice",
        Format.RSX_JSON: "RSX invoice in JSON",
        Format.RSX_XML: "RSX invoice in XML",
    },
    DocumentKind.BILL: {
        Format.X12: "X12 850 purchase order",
        Format.EDIFACT: "EDIFACT ORDERS purchase order",
        Format.RSX_JSON: "RSX order in JSON",
        Format.RSX_XML: "RSX order in XML",
    },
    DocumentKind.PAYMENT: REMITTANCES,
    DocumentKind.BILL_PAYMENT: REMITTANCES,
}
# What an invoice or a bill is sent as if a ship notice is drafted from it.
SHIP_NOTICES: dict[str, str] = {
    Format.RSX_JSON: "RSX shipment in JSON",
    Format.RSX_XML: "RSX shipment in XML",
}
FILE_FORMATS = (Format.CSV, Format.XML, Format.FIXED)
# Who they are says nothing of who should get them.
DIRECTORIES = (DocumentKind.VENDOR, DocumentKind.CUSTOMER)


def sent_as(kind: str, wire_format: str, *, as_ship_notice: bool = False) -> str:
    """What a document of this kind is sent as; empty if it cannot go in this format."""
    if as_ship_notice:
        return SHIP_NOTICES.get(wire_format, "") if kind in (DocumentKind.INVOICE, DocumentKind.BILL) else ""
    if wire_format in FILE_FORMATS:
        return Format(wire_format).label
    return MESSAGES.get(kind, {}).get(wire_format, "")


class OnUpdate(models.TextChoices):
    REPLACE = "replace", "send a replacement"
    HOLD = "hold", "hold it for a person"
    IGNORE = "ignore", "do not send it again"


def start_of_now() -> datetime:
    return timezone.now()


class Route(TenantScoped):
    """What flows."""

    key = models.SlugField(max_length=40, help_text="A short name for the configuration file.")
    name = models.CharField(max_length=80)
    kind = models.CharField("documents", max_length=24, choices=DocumentKind, default=DocumentKind.INVOICE)
    source = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="routes_out")
    target = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="routes_in")
    format = models.CharField(max_length=16, choices=Format, default=Format.X12)
    as_ship_notice = models.BooleanField(
        "send a ship notice",
        default=False,
        help_text="Instead of the invoice or bill itself: a draft of what was shipped of its order, in RSX.",
    )
    layout = models.ForeignKey(
        "mappings.FileLayout",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Of the files; empty: the partner's own, else the one for everybody.",
    )
    partner = models.ForeignKey(
        "mappings.TradingPartner",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="all to the partner",
        help_text="Empty: each document goes to the partner that its client or vendor is linked to.",
    )

    is_on = models.BooleanField("switched on", default=False)
    starts_at = models.DateTimeField(
        "from",
        default=start_of_now,
        help_text="Documents booked or dated before are left alone; a backfill sends them.",
    )
    on_update = models.CharField(
        "when a sent document changes", max_length=10, choices=OnUpdate, default=OnUpdate.REPLACE
    )
    books_by_itself = models.BooleanField(
        "book supplier invoices without asking",
        default=False,
        help_text="Otherwise each waits for a person who creates the bill.",
    )
    dry_run = models.BooleanField(
        default=False, help_text="Do everything but the sending; look at the result under Documents."
    )
    is_test = models.BooleanField(
        "test indicator", default=False, help_text="Marks the interchanges as test data (ISA15 = T)."
    )
    every_minutes = models.PositiveIntegerField(
        "send every (minutes)",
        default=0,
        validators=[MaxValueValidator(24 * 60)],
        help_text="0: at once.",
    )
    times_of_day = models.JSONField(
        default=list,
        blank=True,
        help_text='Send only at these times of the day in your time zone, e.g. ["08:00", "17:30"].',
    )
    notes_acknowledgements = models.BooleanField(
        "note acknowledgements on the invoice",
        default=False,
        help_text="Adds a line to the invoice's notes in FreshBooks for each acknowledgement. Your client can "
        "read the notes. FreshBooks asks you to sign in again, because we then have to change invoices.",
    )
    batch = models.BooleanField(
        "one file for all that is due",
        default=False,
        help_text="What is due for a partner at the same time goes in one file, otherwise each document in its own.",
    )
    file_name = models.CharField(
        "names of the files",
        max_length=80,
        blank=True,
        help_text="May hold {kind} {number} {partner} {date} {time} {sequence} {id}; without {sequence} and {id} "
        "the id is added, so that no two files have one name. Empty: as the system they go to names its files.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="one_route_per_key")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("route", args=[self.tenant.slug, self.key])

    def clean(self) -> None:
        errors = {}
        if self.source_id and self.target_id:
            if self.source.tenant_id != self.tenant_id or self.target.tenant_id != self.tenant_id:
                errors["target"] = "Both connections must be yours."
            elif trouble := self._wrong_way():
                errors["target"] = trouble
            elif self.is_from_freshbooks:
                errors |= self._wire_errors()
        if self.file_name and (problem := names.template_problem(self.file_name)):
            errors["file_name"] = problem
        try:
            times_of(self.times_of_day)
        except ValueError:
            errors["times_of_day"] = "Write times like 08:00, in a list."
        if self.times_of_day and self.every_minutes:
            errors["every_minutes"] = "Choose either an interval or times of the day."
        if errors:
            raise ValidationError(errors)

    @property
    def is_inbound(self) -> bool:
        """From a partner into FreshBooks."""
        return self.target.system == SystemKind.FRESHBOOKS

    @property
    def is_from_freshbooks(self) -> bool:
        """Out of FreshBooks, to a partner."""
        return self.source.system == SystemKind.FRESHBOOKS

    def _wrong_way(self) -> str:
        """Why documents of this kind cannot go from the one connection to the other; empty if they can."""
        if self.kind == DocumentKind.ACKNOWLEDGEMENT:
            return (
                ""
                if self.source_id == self.target_id
                else "An answer goes back where the document came from."
            )
        if self.source_id == self.target_id:
            return "Choose another connection than the one the documents come from."
        ends = [one.system for one in (self.source, self.target)]
        if ends.count(SystemKind.FRESHBOOKS) != 1:
            return "FreshBooks must be the one end of a route, and a partner system the other."
        if self.kind not in (INBOUND_KINDS if self.is_inbound else OUTBOUND_KINDS):
            way = "come into" if self.is_inbound else "leave"
            return f"{self.get_kind_display().capitalize()} do not {way} FreshBooks."
        return ""

    def _wire_errors(self) -> dict[str, str]:
        """What does not go together of kind, format, layout and partner."""
        errors = {}
        if self.as_ship_notice and not self.message:
            errors["as_ship_notice"] = "Ship notices are drafted from invoices and bills, in RSX."
        elif not self.message:
            errors["format"] = (
                f"{self.get_kind_display().capitalize()} cannot be sent as {self.get_format_display()}."
            )
        if self.layout and self.layout.tenant_id != self.tenant_id:
            errors["layout"] = "This layout belongs to another organisation."
        elif self.layout and not self.layout.latest:
            errors["layout"] = "This layout has no version yet. Save it as one first."
        elif self.layout and (self.layout.kind, self.layout.format) != (self.layout_kind, self.format):
            errors["layout"] = f"This layout is for {self.layout.kind} files in {self.layout.format}."
        if self.partner and self.partner.tenant_id != self.tenant_id:
            errors["partner"] = "This partner belongs to another organisation."
        elif self.kind in DIRECTORIES and not self.partner:
            errors["partner"] = f"Say which partner is to get the {self.get_kind_display()}."
        return errors

    @property
    def is_to_vendors(self) -> bool:
        """Its documents belong to bill vendors, otherwise to clients."""
        return self.kind in (DocumentKind.BILL, DocumentKind.BILL_PAYMENT, DocumentKind.VENDOR)

    @property
    def layout_kind(self) -> str:
        """What file layouts call the documents."""
        return DocumentKind.PAYMENT if self.kind == DocumentKind.BILL_PAYMENT else self.kind

    @property
    def follows_orders(self) -> bool:
        """Its documents repeat what the partner's order said, if that came in."""
        return self.format in SHIP_NOTICES

    @property
    def message(self) -> str:
        """What its documents are sent as, such as X12 810 invoice."""
        return sent_as(self.kind, self.format, as_ship_notice=self.as_ship_notice)

    def next_slot(self, now: datetime) -> datetime:
        """When a document that is ready `now` is to be sent."""
        if self.times_of_day:
            return next_time_of_day(now, times_of(self.times_of_day), self.tenant.zone)
        if self.every_minutes:
            step = self.every_minutes * 60
            return datetime.fromtimestamp((int(now.timestamp()) // step + 1) * step, tz=now.tzinfo)
        return now

    @property
    def starts_on(self) -> date:
        """The first document date that counts, in the tenant's time zone."""
        return self.starts_at.astimezone(self.tenant.zone).date()


def times_of(values: list[str]) -> list[time]:
    """["08:00", "17:30"] as times; `ValueError` if one is not a time of the day."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("a list of times is expected")
    return sorted(time.fromisoformat(value) for value in values)


def next_time_of_day(now: datetime, times: list[time], zone: ZoneInfo) -> datetime:
    """The first of `times` (in `zone`) that is not before `now`."""
    today = now.astimezone(zone).date()
    candidates = (
        datetime.combine(today + timedelta(days=days), at, tzinfo=zone) for days in (0, 1) for at in times
    )
    return next(moment for moment in candidates if moment >= now)


class BackfillState(models.TextChoices):
    RUNNING = "running", "under way"
    DONE = "done", "done"
    FAILED = "failed", "stopped"
    CANCELLED = "cancelled", "cancelled"


class Backfill(TenantScoped, Leased):
    """A person's wish to send the documents of a date range along a route, with its progress."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="backfills")
    date_from = models.DateField()
    date_to = models.DateField()
    requested_by = models.CharField(max_length=150)
    state = models.CharField(max_length=12, choices=BackfillState, default=BackfillState.RUNNING)
    next_page = models.PositiveIntegerField(default=1)
    pages = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    taken_in = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.route}: {self.date_from} to {self.date_to}"

    def clean(self) -> None:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValidationError({"date_to": "The last day is before the first."})

    @property
    def percent(self) -> int:
        if self.state == BackfillState.DONE:
            return 100
        return min(99, (self.next_page - 1) * 100 // self.pages) if self.pages else 0
