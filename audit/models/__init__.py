from audit.models.arrivals import Arrival
from audit.models.deliveries import Attempt, Delivery
from audit.models.documents import ArrivedDocument
from audit.models.events import Event
from audit.models.notices import Notice
from audit.models.payloads import Payload, PayloadPart
from audit.models.reports import StatusReport

__all__ = [
    "Arrival",
    "ArrivedDocument",
    "Attempt",
    "Delivery",
    "Event",
    "Notice",
    "Payload",
    "PayloadPart",
    "StatusReport",
]
