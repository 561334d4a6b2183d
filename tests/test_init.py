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
        (["--starts", "someday"], "[starts]: 'someday' is no day or moment"),
        (["--starts", "2026-13-40"], "[starts]: '2026-13-40' is no day or moment"),
        (["--timezone", "JST"], "did you mean 'Asia/Tokyo'?"),
        (["--feed", "file:///etc/passwd"], "only http and https addresses are fetched"),
        (["--media", "News"], "write NAME=HOST"),
        (["--hashtag", "two words"], "is no hashtag"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(folder, capsys, flags, message):
    assert run(["init", "mine.toml", "--no-ask", *FLAGS, *flags]) == 2
    assert message in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_without_a_terminal_it_names_what_is_missing(folder, capsys):
    assert run(["init", "--no-ask"]) == 2
    assert "missing FILE --name --starts --timezone" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_dash_prints_and_writes_nothing(folder, capsys):
    assert run(["init", "-", "--no-ask", *FLAGS]) == 0
    event = load(capsys.readouterr().out, "-")
    assert event.slug == "my-meetup-2"
    assert list(folder.iterdir()) == []


def test_asking_insists_on_good_answers_and_takes_enter_for_the_rest(folder):
    answers = [
        "",
        "CMC 集まり 3",
        "someday",
        "2026-11-30",
        "",
        "Mars",
        "",
        "シーエムシー、CMC",
        "CMC, 集まり",
        "",
        "",
        "",
        "",
    ]
    result = CliRunner().invoke(command, ["--ask"], input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "write a day as 2026-11-30" in result.output
    assert "write an IANA zone" in result.output
    event = load((folder / "cmc-3.toml").read_text(encoding="utf-8"), "cmc-3.toml")
    assert (event.name, event.timezone, event.slug) == ("CMC 集まり 3", "Asia/Tokyo", "cmc-3")
    assert (event.names, event.hashtags, event.feeds) == (("シーエムシー", "CMC"), ("CMC", "集まり"), ())


def test_stopping_while_it_asks_writes_nothing(folder, monkeypatch):
    result = CliRunner().invoke(command, ["mine.toml", "--ask"], input="My Meetup\n")
    assert result.exit_code == 1
    assert list(folder.iterdir()) == []


def test_help_shows_examples():
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "harvest init my-event.toml" in result.output
