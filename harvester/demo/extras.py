"""Pages of the invented web that are nobody's story: the event's own, a sign-up page, self-help, other subjects."""

from __future__ import annotations

from html import escape

from harvester.demo.sites import NOTICE, NOTICE_EN
from harvester.demo.words import table
from harvester.demo.world import OFFICIAL_HOST

SIGN_UP = "https://jaws-sim.connpass.com/event/43210/"
LIFESTYLE = "https://lifestyle.example.com/tips/{}"
ASIDE = "https://kurashi.example.com/page/{}"
ASIDES = 10  # how many of those pages there are


def pages() -> dict[str, tuple[str, str]]:
    """URL to (HTML, why it is no story)."""
    noise = table("noise_ja")
    found = {
        f"https://{OFFICIAL_HOST}/": (
            _frame("AWS re:Invent 2016 (synthetic)", _event(), english=True),
            "the event's own page",
        ),
        SIGN_UP: (_frame("re:Port 報告会 - connpass", _sign_up()), "a sign-up page"),
    }
    spam = noise["spam"]
    for index in range(4):
        title = f"{spam['titles'][index % 2]} (part {index + 1})"
        body = "".join(f"<p>{line}</p>" for line in spam["lines"])
        body += "<p>Show us yours with #reinvent</p>" if index == 0 else ""
        html = _frame(title, f'<p class="date">December {index + 1}, 2016</p>{body}', english=True)
        found[LIFESTYLE.format(index)] = (html, "another reinvention")
    for index, title in enumerate(noise["portal"]["titles"][:ASIDES]):
        lines = noise["offtopic"]["lines"]
        body = "".join(f"<p>{lines[(index * 5 + step) % len(lines)]}</p>" for step in range(5))
        found[ASIDE.format(index)] = (_frame(title, body), "another subject")
    return found


def _frame(title: str, body: str, *, english: bool = False) -> str:
    language, notice = ("en", NOTICE_EN) if english else ("ja", NOTICE)
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main><footer><small>{notice}</small></footer></body></html>"
    )


def _event() -> str:
    dates = "November 28 to December 2, 2016, Las Vegas. Registration is closed."
    return f"<p>{dates}</p><ul><li>Agenda</li><li>Venue</li></ul>"


def _sign_up() -> str:
    return (
        "<p>開催日: 2016年12月14日（水）19:00〜21:00</p><p>会場: 架空ビル 3F 会議室</p><p>参加者 48/50人</p>"
        "<p>ラスベガスから帰ってきた人たちの話を聞く会です。飲食の提供があります。</p>"
    )
