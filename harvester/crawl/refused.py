"""How a guard ends a request: an exception that carries the state its URL is left in."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest


class Refused(IgnoreRequest):
    """A request that ends here, by name and on purpose; Scrapy neither retries nor logs it as an error.

    state   one of `harvester.model.FETCH_STATES`
    detail  one line for people who ask why
    again   whether the next run shall ask for the URL once more
    """

    def __init__(self, state: str, detail: str = "", *, again: bool = False) -> None:
        super().__init__(f"{state}: {detail}" if detail else state)
        self.state = state
        self.detail = detail
        self.again = again
