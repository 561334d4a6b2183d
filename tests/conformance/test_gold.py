"""Relevance and author kinds on hand-labelled pages of others: the figures are printed, floors stand where met.

Address, title, author and date are all the evidence these files hold. Real crawls have the page as well.
"""

from collections import Counter
from datetime import UTC, datetime
from functools import cache

from harvester import dates, urls
from harvester.bylines import person_name
from harvester.classify import hosts, relevance, role
from harvester.event import Event
from harvester.model import Author, Post
from tests.conformance import data

_REINVENT = {
    "names": ("AWS re:Invent", "re:Invent", "リインベント"), "vendor_names": ("AWS", "Amazon Web Services", "Amazon"),
    "official_hosts": ("aws.amazon.com", "docs.aws.amazon.com"),
}  # fmt: skip
LABELS = ("participant", "media", "vendor", "organiser", "other")
GOLD_LABEL = {
    "participant": "participant", "independent": "participant", "media": "media", "vendor": "vendor",
    "sponsor": "vendor", "organiser": "organiser", "aggregator": "other", "unknown": "unknown",
}  # fmt: skip


def event(slug, name, start, end, zone="America/Los_Angeles", **more):
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, end))
    return Event(slug=slug, name=name, starts=first, ends=last, timezone=zone, report_timezone="Asia/Tokyo", **more)


@cache
def events():
    """The gold's events: three editions, and series whose gold asks only whether a page is about any edition."""
    made = [
        event(
            "aws-reinvent-2016", "AWS re:Invent 2016", "2016-11-28", "2016-12-03", hashtags=("reinvent",), **_REINVENT
        ),
        event(
            "aws-reinvent-2018", "AWS re:Invent 2018", "2018-11-26", "2018-12-01", hashtags=("reinvent",), **_REINVENT
        ),
        event(
            "aws-reinvent-2019", "AWS re:Invent 2019", "2019-12-02", "2019-12-07", hashtags=("reinvent",), **_REINVENT
        ),
        event("jaws-days", "JAWS DAYS", "2012-01-01", "2027-01-01", "Asia/Tokyo", vendor_names=("AWS",)),
        event(
            "cmc-meetup", "CMC Meetup", "2016-01-01", "2027-01-01", "Asia/Tokyo", names=("CMC_Central", "CMCアカデミー")
        ),
        event("rubykaigi", "RubyKaigi", "2006-01-01", "2027-01-01", "Asia/Tokyo"),
        event("kubecon", "KubeCon", "2015-01-01", "2027-01-01"),
        event("google-io", "Google I/O", "2008-01-01", "2027-01-01", vendor_names=("Google",)),
        event("ces", "CES", "2000-01-01", "2027-01-01"),
        event("devrelcon", "DevRelCon", "2015-01-01", "2027-01-01"),
    ]
    return {one.slug: one for one in made}


def page(row):
    """A gold row as the post that a crawl without the page's text would hold."""
    url, found = urls.canonical(row["url"]), urls.identify(row["url"])
    host, name = urls.host_of(url), person_name(row.get("author") or "")
    site = f"{host}#{name.casefold()}" if name else host
    author = Author(
        platform=found.platform,
        handle=found.handle or site,
        name=row.get("author") or "",
        is_org=bool(row.get("author_is_org")),
    )
    zone = "Asia/Tokyo" if row.get("language") == "ja" else ""
    return Post(
        key=urls.key_for(url), url=url, kind=found.kind or "article", platform=found.platform, host=host, author=author,
        title=row.get("title") or row.get("first_words") or "",
        published=dates.parse(row.get("published") or "", zone=zone, origin="import"),
    )  # fmt: skip


def share(part, whole):
    return part / whole if whole else 0.0


def scores(pairs, label):
    hit = sum(true == said == label for true, said in pairs)
    precision = share(hit, sum(said == label for _, said in pairs))
    recall = share(hit, sum(true == label for true, _ in pairs))
    return precision, recall, share(2 * precision * recall, precision + recall)


def test_relevance_on_gold_pages(capsys):
    rows = data.jsonl("gold", "event_pages.jsonl")
    pairs = []
    for row in rows:
        said = relevance.judge(page(row), events()[row["event"]]).relevance == "confirmed"
        pairs.append(("about" if row["about_event"] == "yes" else "not", "about" if said else "not"))
    precision, recall, f1 = scores(pairs, "about")
    with capsys.disabled():
        print(f"\nrelevance on gold: {len(rows)} pages, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    if rows:
        assert precision >= 0.90
        assert f1 >= 0.78


def test_labels_on_gold_pages(capsys):
    rows = data.jsonl("gold", "event_pages.jsonl")
    pairs = []
    for row in rows:
        post = page(row)
        label = role.judge(role.AuthorView(author=post.author), [post], events()[row["event"]])
        pairs.append((row["label"], GOLD_LABEL[label.kind]))
    decided = [(true, said) for true, said in pairs if said != "unknown"]
    right = share(sum(true == said for true, said in decided), len(decided))
    macro = sum(scores(pairs, label)[2] for label in LABELS) / len(LABELS)
    with capsys.disabled():
        print(f"\nlabels on gold: {len(rows)} pages, macro-F1 {macro:.3f}")
        print(f"  decided {share(len(decided), len(rows)):.3f}, of those right {right:.3f}")
        for label in LABELS:
            precision, recall, f1 = scores(pairs, label)
            said = dict(Counter(said for true, said in pairs if true == label))
            print(f"  {label:<12} precision {precision:.2f}  recall {recall:.2f}  F1 {f1:.2f}  said {said}")
    if rows:
        assert right >= 0.82
        assert scores(pairs, "media")[0] >= 0.9
        assert scores(pairs, "vendor")[0] >= 0.9


def test_labels_on_gold_community_pages(capsys):
    rows = data.jsonl("gold", "community_pages.jsonl")
    nowhere = event("none", "No Such Event", "2016-01-01", "2016-01-02", vendor_names=("AWS", "Amazon Web Services"))
    right = wrong = 0
    for row in rows:
        post = page(row | {"author": None, "language": row["lang"]})
        label = role.judge(role.AuthorView(author=post.author), [post], nowhere)
        said = GOLD_LABEL[label.kind]
        right += said in (row["role"], *row["also_acceptable"])
        wrong += said not in (row["role"], *row["also_acceptable"], "unknown")
    with capsys.disabled():
        print(
            f"\ncommunity pages: {len(rows)} pages, right {right}, wrong {wrong}, unknown {len(rows) - right - wrong}"
        )
    assert right >= 2 * wrong


def test_hosts_from_structure_alone(capsys):
    """Media and company hosts by the form of their name, without any list."""
    rows = {row["host"]: row["label"] for row in data.jsonl("domains.jsonl") if not row["shared_platform"]}
    said = Counter()
    for host, label in rows.items():
        kind = "media" if label == "media" else "blog" if label in ("company_blog", "personal_blog") else ""
        guess = "blog" if hosts.company(host, "/") else "media" if hosts.news(host, "/") else "unknown"
        if kind:
            said[kind, guess] += 1
    with capsys.disabled():
        print(f"\nhosts from structure: {dict(sorted(said.items()))}")
    decided = said["media", "media"] + said["media", "blog"] + said["blog", "media"] + said["blog", "blog"]
    assert said["media", "blog"] + said["blog", "media"] <= 0.05 * decided
