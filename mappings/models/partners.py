"""Trading partners: who they are on the wire, where they are served, and which FreshBooks party they are."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse

from mappings import rsx_overlay
from mappings.codecs import edifact, x12
from tenants.scoping import TenantScoped

WIRE_ID = RegexValidator(r"^[A-Za-z0-9 ._/-]+$", "Use letters, digits, blanks and . _ / - only.")

CURRENCY = RegexValidator(r"^[A-Z]{3}$", "Write the three capital letters of a currency, such as USD.")


class X12Version(models.TextChoices):
    V4010 = "004010", "004010"
    V5010 = "005010", "005010"


class X12Qualifier(models.TextChoices):
    """Interchange id qualifiers (X12 element I05) that partners use."""

    DUNS = "01", "01 DUNS number"
    SCAC = "02", "02 SCAC"
    GLN = "07", "07 GLN"
    UCC = "08", "08 UCC communications id"
    PHONE = "12", "12 Telephone number"
    DUNS_SUFFIX = "14", "14 DUNS with suffix"
    DUNS_4 = "16", "16 DUNS+4"
    TAX_ID = "30", "30 US federal tax id"
    FEIN = "32", "32 FEIN"
    MUTUAL = "ZZ", "ZZ Mutually defined"


class Answers(models.TextChoices):
    """How we acknowledge what a partner sends."""

    NONE = "", "not at all"
    X997 = "997", "997 (CONTRL for EDIFACT)"
    X999 = "999", "999 (CONTRL for EDIFACT)"


class PaymentType(models.TextChoices):
    """FreshBooks' words for how something was paid."""

    STATED = "", "as the remittance says"
    CHECK = "Check", "Check"
    BANK_TRANSFER = "Bank Transfer", "Bank Transfer"
    ACH = "ACH", "ACH"
    CREDIT_CARD = "Credit Card", "Credit Card"
    CASH = "Cash", "Cash"
    OTHER = "Other", "Other"


class EdifactQualifier(models.TextChoices):
    """Identification code qualifiers (UN/EDIFACT data element 0007) that partners use."""

    NONE = "", "none"
    DUNS = "1", "1 DUNS number"
    PHONE = "12", "12 Telephone number"
    GLN = "14", "14 GLN"
    DUNS_4 = "16", "16 DUNS+4"
    MUTUAL = "ZZZ", "ZZZ Mutually defined"


class EdifactVersion(models.TextChoices):
    D96A = "D:96A:UN", "D.96A"
    D01B = "D:01B:UN", "D.01B"


class EdifactSyntax(models.TextChoices):
    """Syntax identifiers (0001): the characters that an interchange may hold."""

    UNOA = "UNOA", "UNOA (capitals)"
    UNOB = "UNOB", "UNOB (ASCII)"
    UNOC = "UNOC", "UNOC (ISO 8859-1, Western Europe)"
    UNOD = "UNOD", "UNOD (ISO 8859-2, Central Europe)"
    UNOW = "UNOW", "UNOW (UTF-8, syntax version 4)"
    UNOY = "UNOY", "UNOY (UTF-8, syntax version 4)"


class Acknowledges(models.TextChoices):
    """What a partner answers our interchanges with."""

    NONE = "", "nothing"
    X997 = "997", "997 (CONTRL for EDIFACT)"
    X999 = "999", "999 (CONTRL for EDIFACT)"
    CONTRL = "contrl", "CONTRL only"


# Which of our formats each of them answers.
ANSWERED_FORMATS = {
    Acknowledges.NONE: (),
    Acknowledges.X997: ("x12", "edifact"),
    Acknowledges.X999: ("x12", "edifact"),
    Acknowledges.CONTRL: ("edifact",),
}


class TradingPartner(TenantScoped):
    """A company at the other end, with its EDI identifiers and what was agreed with it."""

    code = models.SlugField(
        max_length=40, help_text="A short name for files and folders, for example <code>acme</code>."
    )
    name = models.CharField(max_length=120)

    sender_qualifier = models.CharField(
        "our qualifier", max_length=2, choices=X12Qualifier, default=X12Qualifier.MUTUAL
    )
    sender_id = models.CharField(
        "our id",
        max_length=15,
        blank=True,
        validators=[WIRE_ID],
        help_text="How this partner knows you (ISA06).",
    )
    sender_group_id = models.CharField(
        "our application code",
        max_length=15,
        blank=True,
        validators=[WIRE_ID],
        help_text="GS02; empty: same as your id.",
    )
    receiver_qualifier = models.CharField(
        "their qualifier", max_length=2, choices=X12Qualifier, default=X12Qualifier.MUTUAL
    )
    receiver_id = models.CharField(
        "their id",
        max_length=15,
        blank=True,
        validators=[WIRE_ID],
        help_text="How they are addressed (ISA08).",
    )
    receiver_group_id = models.CharField(
        "their application code",
        max_length=15,
        blank=True,
        validators=[WIRE_ID],
        help_text="GS03; empty: same as their id.",
    )
    x12_version = models.CharField("X12 version", max_length=12, choices=X12Version, default=X12Version.V4010)
    overlay = models.JSONField(
        "deviations",
        default=dict,
        blank=True,
        help_text="Where this partner departs from the standard (docs/translation.md lists the keys).",
    )

    edifact_sender_qualifier = models.CharField(
        "our EDIFACT qualifier",
        max_length=4,
        blank=True,
        choices=EdifactQualifier,
        default=EdifactQualifier.MUTUAL,
    )
    edifact_sender_id = models.CharField(
        "our EDIFACT id",
        max_length=35,
        blank=True,
        validators=[WIRE_ID],
        help_text="UNB S002; empty: same as your X12 id.",
    )
    edifact_receiver_qualifier = models.CharField(
        "their EDIFACT qualifier",
        max_length=4,
        blank=True,
        choices=EdifactQualifier,
        default=EdifactQualifier.MUTUAL,
    )
    edifact_receiver_id = models.CharField(
        "their EDIFACT id",
        max_length=35,
        blank=True,
        validators=[WIRE_ID],
        help_text="UNB S003; empty: same as their X12 id.",
    )
    edifact_version = models.CharField(
        "EDIFACT version", max_length=20, choices=EdifactVersion, default=EdifactVersion.D96A
    )
    edifact_syntax = models.CharField(
        "EDIFACT characters", max_length=4, choices=EdifactSyntax, default=EdifactSyntax.UNOC
    )
    edifact_overlay = models.JSONField(
        "EDIFACT deviations",
        default=dict,
        blank=True,
        help_text="Where this partner departs from the standard (docs/translation.md lists the keys).",
    )
    rsx_partner_id = models.CharField(
        "RSX trading partner id",
        max_length=15,
        blank=True,
        validators=[WIRE_ID],
        help_text="How SPS Commerce names your relation to this partner (TradingPartnerId).",
    )

    rsx_overlay = models.JSONField(
        "RSX deviations",
        default=dict,
        blank=True,
        help_text="What this partner insists on beyond the standard (docs/sps-commerce.md lists the keys).",
    )

    vendor_number = models.CharField(
        "our vendor number",
        max_length=30,
        blank=True,
        help_text="The number this partner gave you as their supplier; sent as reference VR.",
    )
    needs_po_number = models.BooleanField(
        "refuses invoices without a PO number",
        default=False,
        help_text="An invoice without one is held until it is filled in.",
    )
    needs_part_numbers = models.BooleanField(
        "wants their part number on every line",
        default=False,
        help_text="A line whose item has no part number of theirs holds the document.",
    )
    needs_gl_segment = models.BooleanField(
        "wants a GL segment on every line",
        default=False,
        help_text="A line whose item has no GL mapping holds the document.",
    )

    gl_segment_in_heading = models.BooleanField(
        "wants the GL segment in the heading, too",
        default=False,
        help_text="If all lines of a document have the same one.",
    )

    acknowledges = models.CharField(
        "acknowledges with",
        max_length=6,
        blank=True,
        choices=Acknowledges,
        default=Acknowledges.X997,
        help_text="Expected for every document that goes as X12 or EDIFACT.",
    )
    acknowledges_within_hours = models.PositiveSmallIntegerField(
        "within hours",
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 30)],
        help_text="Later than that, the document is overdue and you are told.",
    )
    answers_with = models.CharField(
        "we acknowledge with",
        max_length=3,
        blank=True,
        choices=Answers,
        default=Answers.NONE,
        help_text="What they send is answered only if you agreed on that with them.",
    )

    books_currency = models.CharField(
        "currency of what they send",
        max_length=3,
        blank=True,
        validators=[CURRENCY],
        help_text="For documents that name none, such as USD.",
    )
    bill_due_days = models.PositiveSmallIntegerField(
        "their bills are due after (days)",
        null=True,
        blank=True,
        help_text="For documents that say nothing of it.",
    )
    payment_type = models.CharField(
        "their payments are booked as",
        max_length=16,
        blank=True,
        choices=PaymentType,
        default=PaymentType.STATED,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="one_partner_per_code")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        checks: dict[str, Iterable[object]] = {
            "overlay": x12.Overlay.problems(self.overlay),
            "edifact_overlay": edifact.Overlay.problems(self.edifact_overlay),
            "rsx_overlay": rsx_overlay.problems(self.rsx_overlay),
        }
        if errors := {
            field: [str(one) for one in problems] for field, problems in checks.items() if problems
        }:
            raise ValidationError(errors)

    def get_absolute_url(self) -> str:
        return reverse("partner", args=[self.tenant.slug, self.code])

    @property
    def acknowledgement_time(self) -> timedelta:
        return timedelta(hours=self.acknowledges_within_hours)

    def expects_acknowledgement_of(self, wire_format: str) -> bool:
        """Whether this partner answers what we send it in this format."""
        return wire_format in ANSWERED_FORMATS[Acknowledges(self.acknowledges)]

    @property
    def needs(self) -> list[str]:
        """What this partner wants in invoices, in words."""
        wishes = {
            "a PO number": self.needs_po_number,
            "their part number on every line": self.needs_part_numbers,
            "a GL segment on every line": self.needs_gl_segment,
        }
        return [words for words, is_wanted in wishes.items() if is_wanted]

    @property
    def our_edifact_id(self) -> str:
        return self.edifact_sender_id or self.sender_id

    @property
    def their_edifact_id(self) -> str:
        return self.edifact_receiver_id or self.receiver_id

    @property
    def our_group_id(self) -> str:
        return self.sender_group_id or self.sender_id

    @property
    def their_group_id(self) -> str:
        return self.receiver_group_id or self.receiver_id


class DeliveryPlace(TenantScoped):
    """Where, on one connection, a partner's interchanges are put, and where its answers are found."""

    partner = models.ForeignKey(TradingPartner, on_delete=models.CASCADE, related_name="places")
    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    outbound = models.CharField(
        "we put documents in",
        max_length=200,
        help_text="The mailbox path or folder, as the system itself writes it.",
    )
    inbound = models.CharField(
        "we look for answers in",
        max_length=200,
        blank=True,
        help_text="The mailbox path or folder of their acknowledgements; empty: the connection's own.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "connection"], name="one_place_per_partner_connection")
        ]

    def __str__(self) -> str:
        return f"{self.partner} at {self.outbound}"

    def clean(self) -> None:
        if self.outbound and self.outbound == self.inbound:
            raise ValidationError({"inbound": "We would read our own documents back: use another place."})


class PartyKind(models.TextChoices):
    CLIENT = "client", "client"
    VENDOR = "vendor", "bill vendor"


class PartnerLink(TenantScoped):
    """Says which trading partner a FreshBooks client or bill vendor is."""

    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="+")
    party_kind = models.CharField(max_length=10, choices=PartyKind, default=PartyKind.CLIENT)
    party_id = models.CharField("FreshBooks id", max_length=40)
    party_name = models.CharField(max_length=200, blank=True, editable=False)
    partner = models.ForeignKey(TradingPartner, on_delete=models.CASCADE, related_name="links")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "party_kind", "party_id"], name="one_link_per_freshbooks_party"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_party_kind_display()} {self.party_id} is {self.partner}"
