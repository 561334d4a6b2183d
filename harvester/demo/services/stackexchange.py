"""The invented Stack Exchange: questions on its Japanese site, with an allowance for the day and wishes for a rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from harvester.demo.exchange import as_json
from harvester.demo.words import Deck, dice
from harvester.demo.world import JST, NAME
from harvester.text import fold

if TYPE_CHECKING:
    from harvester.demo.exchange import Asked, Reply
    from harvester.demo.people import Person
    from harvester.demo.world import World

HOSTS = ("api.stackexchange.com",)
SITE = "ja.stackoverflow.com"
_SITES = ("stackoverflow", "ja.stackoverflow")
_DAY, _PAGES, _MOST = 300, 25, 100
_QUESTIONS = (
    ("{name} で発表された Lambda@Edge を試したい", "{name} の基調講演を見ました。手元で試すには申請が要りますか。"),
    ("Step Functions の待ち状態が終わらない", "{name} のハンズオンの手順どおりに作った状態機械が止まりません。"),
    ("Polly で日本語の読みを直す方法", "{name} で聞いた Polly で、人名の読みが違ってしまいます。"),
    ("Athena の課金の単位について", "re:Invent 2016 で発表された Athena は、途中で止めた問い合わせも課金されますか。"),
)
_OTHERS = (
    ("Go で構造体を JSON にする", "入れ子の構造体をそのまま出力したいです。", 2016),
    ("re:Invent 2017 の Fargate を試したい", "AWS re:Invent 2017 で発表された Fargate の料金を教えてください。", 2017),
    ("EC2 の再起動でアドレスが変わる", "再起動のたびに変わるのはなぜですか。", 2016),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question."""

    id: int
    title: str
    body: str
    author: Person
    created: datetime
    relevant: bool

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{SITE}/questions/{self.id}/question"


def questions(world: World) -> list[Question]:
    """All there are, the newest first; the same for the same world."""
    rng = dice(f"stackexchange {world.seed}")
    people = Deck([p for p in world.people if p.kind == "participant" and not p.organisation], rng)
    texts = [(title, body, 2016, True) for title, body in _QUESTIONS] + [(*other, False) for other in _OTHERS]
    made = []
    for number, (title, body, year, relevant) in enumerate(texts):
        when = datetime(year, 12, 1, 9, tzinfo=JST) + timedelta(minutes=rng.randint(0, 20 * 24 * 60))
        words = (text.format(name=NAME) for text in (title, body))
        made.append(Question(
            id=30_000 + number, title=next(words), body=next(words), author=people.deal(), created=when,
            relevant=relevant,
        ))  # fmt: skip
    return sorted(made, key=lambda question: question.created, reverse=True)


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What is true of them: post key → {relevant, counted, why}."""
    return {
        f"stackoverflow:{SITE}/{question.id}": {"relevant": question.relevant, "counted": False, "why": "a question"}
        for question in questions(world)
    }


class Service:
    """Answers `GET /2.3/search/advanced`."""

    def __init__(self, world: World) -> None:
        self._questions = questions(world)
        self._left = _DAY

    def answer(self, asked: Asked) -> Reply | None:
        """JSON in the service's wrapper; its errors are 400 with a name."""
        parts = urlsplit(asked.target)
        if parts.path == "/robots.txt":
            return None
        if parts.path != "/2.3/search/advanced":
            return _error(404, "no_method", "this method does not exist")
        given = dict(parse_qsl(parts.query))
        if given.get("site") not in _SITES:
            return _error(400, "bad_parameter", f"No site found for name `{given.get('site', '')}`")
        page, size = int(given.get("page", "1")), int(given.get("pagesize", "30"))
        if not (1 <= page <= _PAGES and 0 <= size <= _MOST):
            return _error(400, "bad_parameter", "page")
        self._left -= 1
        if self._left < 0:
            why = "too many requests from this IP, more requests available in 3600 seconds"
            return _error(502, "throttle_violation", why)
        found = [q for q in self._questions if given["site"] == _SITES[1] and _holds(q, given)]
        shown = found[(page - 1) * size : page * size]
        wrapper = {"has_more": page * size < len(found), "quota_max": _DAY, "quota_remaining": self._left}
        return as_json({"items": [_item(question, given) for question in shown], **wrapper})


def _error(number: int, name: str, message: str) -> Reply:
    return as_json({"error_id": number, "error_name": name, "error_message": message}, 400)


def _holds(question: Question, given: dict[str, str]) -> bool:
    """Every word of `q` somewhere, which is less than the phrase; days as moments."""
    if "tagged" in given and "amazon-web-services" not in given["tagged"].split(";"):
        return False
    words, text = fold(given.get("q", "")).split(), fold(f"{question.title}\n{question.body}")
    at = question.created.timestamp()
    within = float(given.get("fromdate", "0")) <= at <= float(given.get("todate", "9999999999"))
    return within and any(word in text for word in words or [""])


def _item(question: Question, given: dict[str, str]) -> dict[str, Any]:
    person, at = question.author, int(question.created.timestamp())
    number = int(person.id[1:])
    told = {
        "tags": ["aws"], "is_answered": True, "view_count": at % 700, "answer_count": at % 4,
        "score": at % 9 - 2, "last_activity_date": at + 7200, "creation_date": at, "question_id": question.id,
        "content_license": "CC BY-SA 3.0", "link": question.url, "title": escape(question.title),
        "owner": {
            "account_id": 9_000_000 + number, "reputation": at % 5000, "user_id": 20_000 + number,
            "user_type": "registered", "profile_image": "", "display_name": escape(person.name),
            "link": f"https://{SITE}/users/{20_000 + number}/{person.host_label}",
        },
    }  # fmt: skip
    return told | ({"body": f"<p>{escape(question.body)}</p>"} if given.get("filter") == "withbody" else {})
