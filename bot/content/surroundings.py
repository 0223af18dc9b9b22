"""What an operator decides about each company: inboxes, time zone; with it requests get their deadlines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from bot.content import calendars, schema
from bot.core.deadline import Deadline, deadline

#: Where no company is chosen, days are counted in the zone of most of the companies served.
_HOME: Final = "Europe/Helsinki"


@dataclass(frozen=True)
class Company:
    """An operator's settings for one company; an empty ``inbox`` or ``support`` is none."""

    inbox: str = field(default="", repr=False)
    support: str = field(default="", repr=False)
    country: str = ""
    zone: str = ""


@dataclass(frozen=True)
class Surroundings:
    """``practice``: mails are only shown, and every company has an inbox to practise with."""

    companies: Mapping[str, Company] = field(default_factory=dict)
    practice: bool = False
    pepper: bytes = field(default=b"", repr=False)

    def inbox(self, controller: str) -> str:
        """Where requests to the company are mailed, empty where nobody set it."""
        if self.practice:
            return f"privacy@{controller}.practice.example.com"
        return self.companies.get(controller, Company()).inbox

    def support(self, controller: str) -> str:
        """Where conversations are handed to; without an address of its own, the inbox."""
        if self.practice:
            return f"support@{controller}.practice.example.com"
        return self.companies.get(controller, Company()).support or self.inbox(controller)

    def country(self, controller: str, row: schema.ControllerRow) -> str:
        """The company's country."""
        return self.companies.get(controller, Company()).country or row.country

    def today(self, controller: str | None, row: schema.ControllerRow | None, at: datetime) -> date:
        """The day it is at the company."""
        return calendars.local_date(self._zone(controller, row), at)

    def deadline(self, controller: str, row: schema.ControllerRow, at: datetime) -> Deadline:
        """By when a request that is received now must be answered."""
        country = self.country(controller, row)
        return deadline(self.today(controller, row, at), lambda day: calendars.is_free(country, day), calendars.RULE)

    def _zone(self, controller: str | None, row: schema.ControllerRow | None) -> str:
        if controller is None or row is None:
            return _HOME
        set_ = self.companies.get(controller, Company()).zone
        return set_ or calendars.default_zone(self.country(controller, row)) or _HOME
