"""Who is who: the ids that the rules speak of, and the part that a responder plays."""

from enum import StrEnum
from typing import NewType
from uuid import UUID

DefenderId = NewType("DefenderId", UUID)
ResponderId = NewType("ResponderId", UUID)
WatchId = NewType("WatchId", UUID)
IncidentId = NewType("IncidentId", UUID)
LoweringId = NewType("LoweringId", UUID)


class Role(StrEnum):
    """What a responder was asked to be. The first four are called for a defender; the others watch over the calling."""

    CONTACT = "contact"
    COLLEAGUE = "colleague"
    LAWYER = "lawyer"
    PARTNER = "partner"
    COORDINATOR = "coordinator"
    LEAD = "lead"
    DIRECTOR = "director"

    @property
    def oversees(self) -> bool:
        """Whether this role stands over the chain instead of being one of its tiers."""
        return self in (Role.COORDINATOR, Role.LEAD, Role.DIRECTOR)
