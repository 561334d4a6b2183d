"""`scrapy crawl SOURCE -a event=…`: what `harvest crawl` sees to before it starts a source."""

from __future__ import annotations

import logging
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.crawl import catalogue, clock, lock
from harvester.errors import ConfigError, NotFoundError
from harvester.event_file import named_file, read_event, resolve_event
from harvester.store.open import open_db

if TYPE_CHECKING:
    from contextlib import ExitStack
    from datetime import datetime

    from scrapy.settings import BaseSettings

    from harvester.event import Event
    from harvester.source import Source
    from harvester.store.connection import Connection

logger = logging.getLogger(__name__)


def begin(opened: ExitStack, settings: BaseSettings, spider: Source, now: datetime) -> tuple[Connection, Event]:
    """The locked and opened database and the event that `-a event=` means, a slug or an event file.

    Both are given back by `opened`. Raises HarvestError; each names the repair.
    """
    reference, db = spider.event_slug, Path(settings["HARVEST_DB"])
    if not reference:
        raise ConfigError(f"which event? `scrapy crawl {spider.name} -a event=SLUG`, or the path of its file")
    os.umask(0o077)  # as under the command: what we make is read by its owner
    known = catalogue.load(settings.getlist("SPIDER_MODULES"))
    environment = None if settings.getbool("OFFLINE") else os.environ
    file, judge = named_file(reference), catalogue.judge(known, environment)
    if file is not None:
        read_event(file, judge)  # only a good event file may make a database
    elif not db.exists():
        raise NotFoundError(f"no database {db} yet; run `harvest crawl EVENT` first, or give the event's file")
    opened.enter_context(lock.hold(db, now=now))
    conn = opened.enter_context(closing(open_db(db, "create" if file is not None else "rw")))
    if told := clock.problem(conn, now):
        logger.warning("%s", told)
    event = resolve_event(conn, reference, judge)
    catalogue.check(known, event, environment)
    return conn, event
