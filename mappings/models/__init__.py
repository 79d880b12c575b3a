from mappings.models.control_numbers import ControlNumber
from mappings.models.gl import GLMapping
from mappings.models.partners import DeliveryPlace, PartnerLink, TradingPartner

__all__ = ["ControlNumber", "DeliveryPlace", "GLMapping", "PartnerLink", "TradingPartner"]
