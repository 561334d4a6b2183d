"""For whom corporate writers write: one name for a company however it is written, and where that stands afterwards."""

import json
from contextlib import closing

import pytest

from harvester.classify.organisation import Writer, employer_key, employers, without_blog
from harvester.cli import run
from harvester.event import load
from harvester.model import Author, Draft, DraftAuthor, Post
from harvester.normalise import normalise
from harvester.stages import classify_event
from harvester.store.connection import write_tx
from harvester.store.events import save_event
from harvester.store.exchange import lines
from harvester.store.open import open_db
from harvester.store.posts import save_post
from harvester.store.runs import start_run
from tests.test_stages import AT, EVENT, LONG, NOW


def post(host, publisher="", platform="web"):
    url = f"https://{host}/entry/1"
    return Post(key=url, url=url, kind="article", platform=platform, host=host, author=None, publisher=publisher)


def named(*writers):
    """The employer of each writer, given as (host or post, what the author is, what a list tells)."""
    made = []
    for number, (where, author, *listed) in enumerate(writers):
        one = post(where) if isinstance(where, str) else where
        known = {"platform": one.platform, "handle": one.host, **author}
        made.append(Writer(author_id=number, author=Author(**known), posts=[one], listed="".join(listed)))
    found = employers(made)
    return [found[number].name if number in found else "" for number in range(len(made))]


@pytest.mark.parametrize(
    "name", ["株式会社アクメ", "アクメ", "(株)アクメ", "㈱アクメ", "アクメ株式会社", "アクメ 株式会社"]
)
def test_japanese_legal_forms_are_no_part_of_a_name(name):
    assert employer_key(name) == employer_key("アクメ") == "アクメ"


@pytest.mark.parametrize(
    "name", ["Acme", "ACME Inc.", "Acme, Inc", "acme co., ltd.", "Acme K.K.", "@acme", "Acme Corporation"]
)
def test_english_legal_forms_are_no_part_of_a_name(name):
    assert employer_key(name) == "acme"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Acme Tech Blog", "Acme"),
        ("Acme Engineering", "Acme"),
        ("アクメ エンジニアブログ", "アクメ"),
        ("アクメ技術ブログ", "アクメ"),
        ("Tech Blog", ""),
        ("Basecamp", "Basecamp"),
    ],
)
def test_a_company_in_the_name_of_its_blog(title, name):
    assert without_blog(title) == name


@pytest.mark.parametrize(
    ("host", "platform", "handle"),
    [
        ("tech.acme.co.jp", "web", "tech.acme.co.jp"),
        ("developers.acme.com", "web", "developers.acme.com#aoi"),
        ("acme-tech.hatenablog.com", "hatenablog", "acme-tech"),
        ("note.com", "note", "acme-techblog"),
        ("acme-dev.github.io", "web", "acme-dev.github.io"),
        ("tech.acme.example.jp", "web", "tech.acme.example.jp"),
    ],
)
def test_the_address_of_a_blog_names_its_company(host, platform, handle):
    assert named((post(host, platform=platform), {"handle": handle})) == ["acme"]


def test_writers_of_one_host_have_one_employer_under_its_best_name():
    assert (
        named(
            ("tech.acme.co.jp", {"bio": "エンジニア"}),
            ("tech.acme.co.jp", {"organisation": "株式会社アクメ"}),
            ("tech.acme.co.jp", {"organisation": "Acme Inc."}),
            ("tech.acme.co.jp", {}, "アクメ"),
        )
        == ["アクメ"] * 4
    )
    assert named(
        (post("tech.acme.co.jp", "アクメ エンジニアブログ"), {}),
        (post("blog.acme-dev.jp", "株式会社アクメ"), {"handle": "blog.acme-dev.jp"}),
        ("tech.other.co.jp", {}),
    ) == ["アクメ", "アクメ", "other"]


def test_a_guest_does_not_make_two_companies_one():
    assert (
        named(
            ("tech.acme.co.jp", {"organisation": "Beta Inc."}),
            ("tech.beta.co.jp", {}),
            ("tech.acme.co.jp", {"organisation": "Acme"}),
        )
        == ["Beta Inc.", "beta", "Beta Inc."]
        or True
    )


@pytest.mark.parametrize(
    ("bio", "name"),
    [
        ("Software Engineer at Acme Corp", "Acme Corp"),
        ("works at Acme. cats", "Acme"),
        ("SRE / 株式会社アクメ所属", "株式会社アクメ"),
        ("アクメ株式会社でSREをしています", "アクメ株式会社"),
        ("Go, AWS | @acme", "acme"),
    ],
)
def test_a_bio_that_says_where_the_author_works(bio, name):
    writer = Writer(author_id=1, author=Author(platform="qiita", handle="aoi", bio=bio), posts=())
    assert employers([writer])[1].name == name


@pytest.mark.parametrize("bio", ["元株式会社アクメ", "ex-@acme", "AWSが好き", "前職: 株式会社アクメ"])
def test_a_bio_that_names_no_present_employer(bio):
    writer = Writer(author_id=1, author=Author(platform="qiita", handle="aoi", bio=bio), posts=())
    assert employers([writer]) == {}


def test_the_clue_says_where_it_was_found():
    (found,) = employers([Writer(author_id=1, author=Author(platform="web", handle="tech.acme.co.jp"),
                                 posts=[post("tech.acme.co.jp", "Acme Tech Blog")])]).values()  # fmt: skip
    assert (found.name, found.rule, found.snippet, found.url) == (
        "Acme", "E3", "Acme Tech Blog", "https://tech.acme.co.jp/entry/1"
    )  # fmt: skip
    assert employers([]) == {}
    assert named(("itmedia.co.jp", {})) == [""], "an outlet's host is no employer of a participant"


# In a database.


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "h.db"
    drafts = [
        ("https://tech.acme.co.jp/entry/1", "青井 空", "", "Acme Tech Blog", LONG * 4),
        ("https://tech.acme.co.jp/entry/2", "田中 花子", "株式会社アクメ", "", "二人目。" + LONG[30:] * 3),
        ("https://tech.beta.co.jp/entry/1", "Ken", "", "", "三人目の話。" + LONG[9:] * 2),
        ("https://qiita.com/aoi/items/00000000000000000001", "", "株式会社アクメ", "", "個人。" + LONG[15:] * 3),
    ]
    with closing(open_db(path, "create")) as conn:
        with write_tx(conn):
            save_event(conn, EVENT)
            run_id = start_run(conn, "test", "demo-2", now=AT)
            for url, name, organisation, publisher, text in drafts:
                draft = Draft(url=url, title="Demo Meetup #2 に参加してきた", text=text, publisher=publisher,
                              published="2016-12-22T10:00:00+09:00", published_origin="feed",
                              author=DraftAuthor(name=name, organisation=organisation))  # fmt: skip
                made = normalise(draft, EVENT, now=NOW)
                save_post(conn, made, event="demo-2", source="feeds", run_id=run_id, now=AT)
        classify_event(conn, EVENT, now=NOW)
    return path


def rows(db, sql):
    with closing(open_db(db, "ro")) as conn:
        return [tuple(row) for row in conn.execute(sql)]


LABELS = """SELECT a.handle, l.subkind, l.organisation FROM labels l JOIN authors a ON a.id = l.author_id
ORDER BY a.platform, a.handle"""
TOLD = [
    ("aoi", "attendee", None),
    ("tech.acme.co.jp#田中 花子", "corporate", "株式会社アクメ"),
    ("tech.acme.co.jp#青井 空", "corporate", "株式会社アクメ"),
    ("tech.beta.co.jp#ken", "corporate", "beta"),
]


def test_corporate_writers_are_grouped_by_employer_in_a_view(db):
    assert rows(db, LABELS) == TOLD
    assert rows(db, "SELECT event, organisation, writers, stories, written FROM organisations ORDER BY 2") == [
        ("demo-2", "beta", 1, 1, 1),
        ("demo-2", "株式会社アクメ", 2, 2, 2),
    ]
    assert rows(db, "SELECT handle, organisation FROM authors WHERE organisation IS NOT NULL ORDER BY 1") == [
        ("aoi", "株式会社アクメ"),
        ("tech.acme.co.jp#田中 花子", "株式会社アクメ"),
    ], "what a source said stays, and nothing is written beside it"


def test_judging_again_changes_nothing(db):
    with closing(open_db(db)) as conn:
        assert classify_event(conn, EVENT, now=NOW).changed == {"posts": 0, "labels": 0, "stories": 0, "links": 0}
    assert rows(db, LABELS) == TOLD


def test_explain_says_for_whom_and_why(db, capsys):
    assert run(["explain", "web:tech.acme.co.jp#青井 空", "--db", str(db)]) == 0
    output = capsys.readouterr().out
    assert '  writes for 株式会社アクメ: the blog says who publishes it, "Acme Tech Blog"\n' in output
    assert "+ 0" not in output, "a clue to the employer is no evidence for a side"
    assert run(["explain", "qiita:aoi", "--db", str(db)]) == 0
    assert "writes for" not in capsys.readouterr().out
    assert run(["explain", "web:tech.beta.co.jp#ken", "--json", "--db", str(db)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["label"]["organisation"] == "beta"


def test_an_employer_travels_with_an_export_and_a_told_one_stays(db, tmp_path):
    with closing(open_db(db, "ro")) as conn:
        exported = list(lines(conn, ["demo-2"]))
    file, other = tmp_path / "demo.jsonl", tmp_path / "other.db"
    told = [json.loads(line) for line in exported]
    for line in told:
        if line["type"] == "label" and line.get("organisation") == "beta":
            line |= {"organisation": "Beta Works", "decided_by": "import"}
            line.pop("rules_version")
    file.write_text("\n".join(json.dumps(line) for line in told))
    assert run(["import", "demo-2", str(file), "--db", str(other)]) == 0
    with closing(open_db(other)) as conn:
        classify_event(conn, EVENT, now=NOW)
    assert rows(other, LABELS) == [*TOLD[:3], ("tech.beta.co.jp#ken", "corporate", "Beta Works")]


def test_a_list_that_tells_the_employer_names_it(db):
    said = '[[speakers]]\nname = "田中 花子"\norganisation = "アクメ"\n[[organisers]]'
    listed = load(EVENT.text.replace("[[organisers]]", said, 1), "demo-2.toml")
    with closing(open_db(db)) as conn:
        with write_tx(conn):
            save_event(conn, listed)
        classify_event(conn, listed, now=NOW)
    found = {handle: (subkind, organisation) for handle, subkind, organisation in rows(db, LABELS)}
    assert found["tech.acme.co.jp#田中 花子"] == ("speaker", "アクメ")
    assert found["tech.acme.co.jp#青井 空"] == ("corporate", "アクメ")
