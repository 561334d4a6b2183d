"""`harvest init`: writes one good event file, and nothing else ever."""

import pytest
from click.testing import CliRunner

from harvester.cli import run
from harvester.cli.init import command
from harvester.event import load

FLAGS = ["--name", "My Meetup 2", "--starts", "2026年11月30日", "--timezone", "Asia/Tokyo"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_flags_make_a_file_that_loads(folder, capsys):
    more = ["--ends", "2026/12/01 18:00", "--hashtag", "MyMeetup", "--hashtag", "マイミートアップ",
            "--spelling", "マイ 2", "--official-handle", "x:@my", "--organiser", "Aoi", "--feed", "https://a.example/feed",
            "--media", "News=news.example,www.news.example"]  # fmt: skip
    assert run(["init", "my-meetup.toml", "--no-ask", *FLAGS, *more]) == 0
    out = capsys.readouterr()
    assert (out.out, out.err) == ("", "wrote my-meetup.toml; next: harvest crawl my-meetup.toml\n")
    event = load((folder / "my-meetup.toml").read_text(encoding="utf-8"), "my-meetup.toml")
    assert (event.slug, event.name, event.hashtags) == ("my-meetup", "My Meetup 2", ("MyMeetup", "マイミートアップ"))
    assert event.day_of(event.starts) == "2026-11-30"
    assert event.ends.isoformat() == "2026-12-01T09:00:00+00:00"
    assert event.media_outlets[0].hosts == ("news.example", "www.news.example")
    assert [path.name for path in folder.iterdir()] == ["my-meetup.toml"]


def test_it_never_replaces_a_file(folder, capsys):
    target = folder / "mine.toml"
    target.write_text("precious", encoding="utf-8")
    assert run(["init", "mine.toml", "--no-ask", *FLAGS]) == 2
    assert "mine.toml: exists and is left as it is" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "precious"


def test_a_dangling_link_and_a_missing_folder_are_no_place_to_write(folder, capsys):
    (folder / "link.toml").symlink_to(folder / "elsewhere.toml")
    assert run(["init", "link.toml", "--no-ask", *FLAGS]) == 2
    assert run(["init", "no/such/place.toml", "--no-ask", *FLAGS]) == 2
    assert "its folder does not exist" in capsys.readouterr().err
    assert not (folder / "elsewhere.toml").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--starts", "someday"], "Error: --starts: 'someday' is not a day or moment; write it as 2026-11-30\n"),
        (["--starts", "2026-13-40"], "--starts: '2026-13-40' is not a day or moment"),
        (["--timezone", "JST"], "did you mean 'Asia/Tokyo'?"),
        (["--feed", "file:///etc/passwd"], "only http and https addresses are fetched"),
        (["--media", "News"], "write Name=host[,feed address]"),
        (["--ends", "2026-11-29"], "--ends: is before the start"),
        (["--slug", "My Event!"], "--slug: 'My Event!' is not a slug"),
        (["--media", "News=news"], "--media: 'news' is not a host name"),
        (["--media", "News=https://news.example/"], "write Name=host[,feed address]"),
        (["--media", "News=a.example,https://a.example/1,https://a.example/2"], "more than one feed"),
        (["--media", "News=a.example,ftp://a.example/1"], "--media: 'ftp://a.example/1'; only http and https"),
        (["--organiser", "x:hide@"], "--organiser: 'x:hide@': x has no such handles"),
        (["--name", "My\nMeetup"], "--name: 'My\\nMeetup' holds the control character U+000A; remove it"),
        (["--organiser", "A\x07oi"], "--organiser: 'A\\x07oi' holds the control character U+0007"),
        (["--media", "Ne\udcffws=a.example"], "--media: 'Ne\\udcffws' holds the control character U+DCFF"),
        (["--hashtag", "two words"], "--hashtag: 'two words' is not a hashtag"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(folder, capsys, flags, message):
    assert run(["init", "mine.toml", "--no-ask", *FLAGS, *flags]) == 2
    assert message in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_all_flags_are_judged_at_once(folder, capsys):
    assert run(["init", "mine.toml", "--no-ask", "--starts", "soon", "--feed", "nowhere", "--name", "A"]) == 2
    assert [line[:15] for line in capsys.readouterr().err.splitlines()] == ["Error: --starts", "Error: --feed: "]


@pytest.mark.parametrize("file", ["大阪.toml", "第3回.toml", "-", "é-meetup.toml", "42.toml"])
def test_a_name_that_ascii_cannot_tell_from_others_needs_a_slug(folder, capsys, file):
    name = ["--name", "東京の集まり"]
    assert run(["init", file, "--no-ask", *FLAGS, *name]) == 2
    assert "add --slug with letters a-z" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
    assert run(["init", file, "--no-ask", *FLAGS, *name, "--slug", "tokyo-3"]) == 0
    text = capsys.readouterr().out if file == "-" else (folder / file).read_text(encoding="utf-8")
    assert load(text, file).slug == "tokyo-3"


def test_full_width_letters_make_a_slug(folder):
    assert run(["init", "ＣＭＣ 3.toml", "--no-ask", *FLAGS]) == 0
    assert load((folder / "ＣＭＣ 3.toml").read_text(encoding="utf-8"), "any").slug == "cmc-3"


def test_outlets_carry_their_feeds_and_none_is_warned_about(folder, capsys):
    media = ["--media", "Publickey=www.publickey1.jp, https://www.publickey1.jp/atom.xml"]
    assert run(["init", "mine.toml", "--no-ask", *FLAGS, *media, "--organiser", "x:@aoi"]) == 0
    assert "no media outlet" not in capsys.readouterr().err
    event = load((folder / "mine.toml").read_text(encoding="utf-8"), "mine.toml")
    (outlet,) = event.media_outlets
    assert (outlet.hosts, outlet.feed) == (("www.publickey1.jp",), "https://www.publickey1.jp/atom.xml")
    assert event.organisers[0].handles == ("x:@aoi",)
    assert run(["init", "other.toml", "--no-ask", *FLAGS]) == 0
    assert "no media outlet is listed" in capsys.readouterr().err


def test_without_a_terminal_it_names_what_is_missing(folder, capsys):
    assert run(["init", "--no-ask"]) == 2
    assert "missing FILE --name --starts --timezone" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_dash_prints_and_writes_nothing(folder, capsys):
    assert run(["init", "-", "--no-ask", *FLAGS]) == 0
    event = load(capsys.readouterr().out, "-")
    assert event.slug == "my-meetup-2"
    assert list(folder.iterdir()) == []


def asked(answers, *words):
    return CliRunner().invoke(command, [*words, "--ask"], input="\n".join(answers) + "\n")


def test_asking_insists_on_good_answers_and_takes_enter_for_the_rest(folder):
    answers = [
        " ", "CMC 集まり 3",
        "Mars", "",
        "someday", "2026-11-30",
        "2026-11-29", "soon", "",
        "大阪", "cmc-3",
        "シーエムシー、CMC",
        "two words, CMC", "CMC, 集まり",
        "",
        "x:hide@", "Aoi、x:@aoi",
        "no address", "",
        "",
        "News", "News=news.example,https://news.example/rss", "Other=news", "Other=other.example", "",
        "taken.toml", "",
    ]  # fmt: skip
    (folder / "taken.toml").write_text("precious", encoding="utf-8")
    result = asked(answers)
    assert result.exit_code == 0, result.output
    for told in (
        "it needs one", "'Mars' is not an IANA time zone", "'someday' is not a day", "is before the start",
        "'soon' is not a day", "'大阪' is not a slug", "'two words' is not a hashtag", "x has no such handles",
        "'no address'; not an address", "write Name=host", "'news' is not a host name", "taken.toml: exists",
    ):  # fmt: skip
        assert result.output.count(told) == 1, told
    assert (folder / "taken.toml").read_text(encoding="utf-8") == "precious"
    event = load((folder / "cmc-3.toml").read_text(encoding="utf-8"), "cmc-3.toml")
    assert (event.name, event.timezone, event.slug) == ("CMC 集まり 3", "Asia/Tokyo", "cmc-3")
    assert (event.names, event.hashtags, event.feeds) == (("シーエムシー", "CMC"), ("CMC", "集まり"), ())
    assert [outlet.name for outlet in event.media_outlets] == ["News", "Other"]
    assert [person.name or person.handles[0] for person in event.organisers] == ["Aoi", "x:@aoi"]


def test_asking_for_a_japanese_file_asks_for_a_slug_and_offers_the_names(folder):
    result = asked(["", "", "", "", "", "", "", "", "", ""], "大阪.toml", *FLAGS[:4], "--name", "CMC Osaka")
    assert result.exit_code == 0, result.output
    assert "Short name for commands (letters a-z, digits, hyphens) [cmc-osaka]" in result.output
    assert load((folder / "大阪.toml").read_text(encoding="utf-8"), "any").slug == "cmc-osaka"


def test_bad_flags_are_told_before_the_first_question(folder):
    result = asked([], "mine.toml", "--ends", "soon")
    assert result.exit_code == 1
    assert "--ends: 'soon' is not a day" in str(result.exception)
    assert result.output == ""


def test_a_folder_nobody_may_write_to_is_told_before_the_first_question(folder, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    result = asked([], "mine.toml")
    assert "its folder is not writable" in str(result.exception)
    assert result.output == ""


def test_stopping_while_it_asks_writes_nothing(folder, monkeypatch):
    result = CliRunner().invoke(command, ["mine.toml", "--ask"], input="My Meetup\n")
    assert result.exit_code == 1
    assert list(folder.iterdir()) == []


def test_help_shows_examples():
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "harvest init my-event.toml" in result.output
