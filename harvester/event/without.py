"""An event file from whose lists people were taken out."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from harvester.errors import ConfigError
from harvester.event import identity_of, load
from harvester.text import fold
from harvester.traces import account_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from harvester.traces import Account

FORGOTTEN = "forgotten"
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'')


def without_people(config: str, accounts: Collection[Account], persons: Collection[str]) -> str:
    """An event file's text in which the people of its lists are called `forgotten`: they stay a number.

    An address that also stands where only an address may stand is left alone; so is a file that would not be one.
    """
    for addresses in (True, False):
        renamed = partial(_renamed, accounts=accounts, persons=persons, addresses=addresses)
        made = _QUOTED.sub(renamed, config)
        if made == config:
            continue
        try:
            load(made, "stored")
        except ConfigError:
            continue
        return made
    return config


def _renamed(match: re.Match[str], *, accounts: Collection[Account], persons: Collection[str], addresses: bool) -> str:
    text = match[1] if match[1] is not None else match[2]
    if "://" in text and not addresses:
        return match[0]
    platform, handle = identity_of(text)
    if platform and account_of(platform, handle) in accounts:
        return f'"{FORGOTTEN}"' if "://" in text else f'"{platform}:{FORGOTTEN}"'
    return f'"{FORGOTTEN}"' if fold(text) in persons else match[0]
