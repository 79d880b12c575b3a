from tenants.models.allowance import Allowance
from tenants.models.invitation import Invitation
from tenants.models.membership import LastOwnerError, Membership, Role
from tenants.models.tenant import Tenant, validate_time_zone
from tenants.models.user import User

__all__ = [
    "Allowance",
    "Invitation",
    "LastOwnerError",
    "Membership",
    "Role",
    "Tenant",
    "User",
    "validate_time_zone",
]
