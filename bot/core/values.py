"""What a message holds that a step of a guided conversation may ask for: an address, a date, a code."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Values:
    """What a message holds that a step may ask for. Hidden from ``repr``: it is personal.

    ``emails``: normalised, valid by form, in order, none twice; ``bad_email``: something was meant as an address but
    is none; ``day``: the one date that is meant; ``code``: six digits, where there is just one such group;
    ``identity_number``: a national identity number of Finland or Sweden stands in the message.
    """

    emails: tuple[str, ...] = field(default=(), repr=False)
    bad_email: bool = False
    day: date | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    identity_number: bool = False
