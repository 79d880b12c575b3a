from mappings.models.booking import BookingMapping
from mappings.models.control_numbers import ControlNumber
from mappings.models.gl import GLMapping
from mappings.models.items import ItemMapping, Items
from mappings.models.layouts import FileLayout, LayoutVersion
from mappings.models.partners import DeliveryPlace, PartnerLink, TradingPartner

__all__ = [
    "BookingMapping",
    "ControlNumber",
    "DeliveryPlace",
    "FileLayout",
    "GLMapping",
    "ItemMapping",
    "Items",
    "LayoutVersion",
    "PartnerLink",
    "TradingPartner",
]
