"""What must hold for every text, address, date and body, looked for with generated ones."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given
from hypothesis import strategies as st

from harvester import charset, dates, text, urls
from harvester.cells import inert

ANY = st.text(max_size=80)
SURROGATES = st.text(alphabet=st.characters(), max_size=40)  # lone surrogates too
JAPANESE = st.text(alphabet="あいうえおカキクケコ日本語会議参加東京大阪〜ー、。イベント", min_size=8, max_size=200)
HOSTS = st.sampled_from(
    ["example.com", "日本語.jp", "EXAMPLE.com:443", "b.example.co.jp:8080", "xn--wgv71a.jp", "[2001:db8::1]"]
)
PATHS = st.text(alphabet="abcZ09/._-~%+!'()日本 ;=@&?#", max_size=40)
QUERIES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "utm_source", "fbclid", "q", "page"]), st.text("a1日 %&=+", max_size=6)),
    max_size=5,
)


@st.composite
def addresses(draw):
    query = "&".join(f"{name}={value}" for name, value in draw(QUERIES))
    scheme = draw(st.sampled_from(["http", "https", "HTTPS", "//", ""]))
    start = scheme if scheme in ("//", "") else f"{scheme}://"
    return f"{start}{draw(HOSTS)}/{draw(PATHS)}" + (f"?{query}" if query else "")


def made(ask, *words):
    """The address, or None where it is refused; any other exception is a failure."""
    try:
        return ask(*words)
    except urls.BadUrl:
        return None


@given(st.one_of(addresses(), ANY, SURROGATES))
@example("http://h/%")
@example("https://a b/")
def test_an_address_is_canonical_once_and_for_all(url):
    for ask in (urls.canonical, urls.fetchable):
        first = made(ask, url)
        if first is not None:
            assert made(ask, first) == first
            assert len(first) <= urls.MAX_URL
    assert urls.is_web_url(url) in (True, False)


@given(addresses())
def test_a_web_address_survives_being_fetched_and_compared(url):
    fetch = made(urls.fetchable, url)
    assume(fetch is not None and "#!" not in url)  # a page of a script: no request carries that part
    assert urls.is_web_url(fetch) or "'" in fetch  # which could end an attribute: shown, not linked
    assert made(urls.canonical, fetch) == made(urls.canonical, url)
    assert urls.key_for(fetch) == urls.key_for(url)
    assert (
        urls.host_of(fetch) == urls.host_of(urls.canonical(fetch)) or "xn--" in fetch or urls.identify(fetch).native_id
    )


@given(HOSTS, st.text("abc/09._-~日本", max_size=20), st.permutations(["utm_source=x", "a=1", "b=2", "fbclid=q"]))
def test_tracking_and_order_make_no_other_page(host, path, more):
    url = f"https://{host}/{path}"
    assert made(urls.canonical, f"{url}?{'&'.join(more)}") == made(urls.canonical, f"{url}?a=1&b=2")


MOMENTS = st.integers(820_454_400, 1_900_000_000).map(lambda n: datetime.fromtimestamp(n, UTC).replace(tzinfo=None))
ZONES = st.sampled_from(["Asia/Tokyo", "UTC", "America/New_York", "Europe/Berlin"])


@given(MOMENTS, st.sampled_from([0, 540, -300, 330]))
def test_a_written_moment_is_read_as_that_moment(at, minutes):

    aware = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    for raw in (aware.isoformat(), aware.isoformat(" "), format_datetime(aware), aware.strftime("%Y/%m/%d %H:%M:%S%z")):
        assert dates.parse(raw).at == aware.astimezone(UTC), raw
    assert dates.parse(dates.iso(aware)).at == aware.astimezone(UTC)
    assert dates.parse_iso(dates.iso(aware)) == aware.astimezone(UTC)


FULL_WIDTH = str.maketrans("0123456789:/.-", "０１２３４５６７８９：／．－")
JAPANESE_FORMS = (
    "%Y年%m月%d日 %H時%M分", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日(%a) %H:%M", "%Y/%m/%d %H:%M", "%Y.%m.%d %H:%M",
    "%Y-%m-%d %H:%M",
)  # fmt: skip
DAYS = {"Mon": "月", "Tue": "火", "Wed": "水", "Thu": "木", "Fri": "金", "Sat": "土", "Sun": "日"}


@given(MOMENTS, st.sampled_from(JAPANESE_FORMS), st.booleans())
def test_japanese_dates_are_read_in_the_zone_of_their_site(at, form, wide):
    raw = re.sub(r"Mon|Tue|Wed|Thu|Fri|Sat|Sun", lambda match: DAYS[match[0]], at.strftime(form))
    if wide:
        raw = raw.translate(FULL_WIDTH)
    expected = at.replace(second=0, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)
    when = dates.parse(raw, zone="Asia/Tokyo")
    assert (when.at, when.precision) == (expected, "minute"), raw
    assert dates.local_day(expected, "Asia/Tokyo") == at.strftime("%Y-%m-%d")


@given(st.one_of(ANY, SURROGATES, st.text("0123456789年月日時分-/.:TZ +JST平成令和", max_size=40)), ZONES)
def test_no_text_bends_the_timeline(raw, zone):
    now = datetime(2026, 9, 1, tzinfo=UTC)
    for when in (
        dates.parse(raw, zone=zone, now=now),
        dates.find_visible(raw, zone=zone, now=now),
        dates.from_url(raw, now=now),
    ):
        if when.at is None:
            assert when.precision == "unknown"
        else:
            assert dates.EARLIEST <= when.at <= now + timedelta(days=2)
            assert when.at.tzinfo is UTC


@given(st.one_of(ANY, SURROGATES))
def test_a_tag_is_one_tag(tag):
    key = text.tag_key(tag)
    assert text.tag_key(key) == key
    same = (f"#{key}", f"＃{key}", unicodedata.normalize("NFD", key), "\u200b".join(key), f"{key}\ufe0f")
    assert {text.tag_key(spelling) for spelling in same if not key.startswith(("#", "＃"))} <= {key}


@given(st.one_of(ANY, SURROGATES))
def test_stored_and_shown_text_is_safe(raw):
    stored = text.clean(raw)
    assert text.clean(stored) == stored
    stored.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", stored)
    line = text.shown(raw)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", line)
    assert inert(stored) in (stored, f"'{stored}")
    assert not re.match(r"[\s\u200b]*[=+\-@＝＋－＠]", inert(stored))


CODECS = {"utf-8": "utf-8", "shift_jis": "cp932", "euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp"}


@given(JAPANESE, st.sampled_from(sorted(CODECS)))
def test_a_rightly_labelled_page_is_read_as_written(words, label):
    try:
        body = f"<p>{words}</p>".encode(CODECS[label])
    except UnicodeEncodeError:
        assume(False)
    read, _, _, flags = charset.decode(body, f"text/html; charset={label}")
    # 〜 is one character in EUC-JP and another in Windows' Shift_JIS: both are shown as a wave.
    assert read.replace("～", "〜") == f"<p>{words}</p>".replace("～", "〜")
    assert flags == ()


@given(JAPANESE, st.sampled_from(["shift_jis", "iso-8859-1", "euc-jp", "garbage;;;", ""]))
def test_utf8_is_utf8_whatever_it_is_called(words, label):
    read, name, _, flags = charset.decode(words.encode(), f"text/html; charset={label}")
    assert (read, name, flags) == (words, "utf-8", ())


@given(
    st.binary(max_size=400),
    st.one_of(ANY, st.sampled_from(["text/html; charset=utf-16", "x; charset=shift_jis", "charset=hex"])),
)
@example(b"\xff\xfe\x00", "text/html")
@example(b"\x1b$B\x1b", "text/html")
def test_any_bytes_under_any_label_are_some_text(body, header):
    read, name, source, flags = charset.decode(body, header)
    read.encode("utf-8")
    assert name
    assert source in {"bom", "escape", "utf-8", "header", "meta", "detected", "fallback"}
    assert set(flags) <= {"charset_doubtful"}
