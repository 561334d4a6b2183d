"""Text: cleaning, folding, tags, language, terminal safety, markup to text, bytes to text."""
# ruff: noqa: E501 - one case a line

import codecs
import json
import random
import subprocess
import sys
import time

import pytest

from harvester.text import clean, decode, fold, hashtags, language, plain, safe_json_value, shown, tag_key

# --- tags -----------------------------------------------------------------------------------------------

ONE_TAG = [
    ["#Python", "＃Python", "#python", "#ＰＹＴＨＯＮ", "#\u200bPython", "Python\ufe0f", "#Py\u00adthon"],
    ["#ﾊﾟｲｿﾝ", "#パイソン", "#ハ\u309aイソン"],
    ["#～", "#〜", "#~"],
    ["#葛", "#葛\U000e0100"],
    ["#①", "1"],
    ["#Straße", "#STRASSE"],
    ["#CMC_Meetup", "cmc_meetup", "＃ＣＭＣ＿Ｍｅｅｔｕｐ"],
]


@pytest.mark.parametrize("tags", ONE_TAG)
@pytest.mark.case("H15")
def test_a_tag_is_one_tag(tags):
    assert len({tag_key(tag) for tag in tags}) == 1


@pytest.mark.parametrize(("one", "other"), [("#髙", "#高"), ("#𠮷", "#吉"), ("#aws", "#aw"), ("#か", "#が")])
@pytest.mark.case("H15")
def test_different_tags_stay_different(one, other):
    assert tag_key(one) != tag_key(other)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("no tag", ()),
        ("#reInvent and #AWS", ("reInvent", "AWS")),
        ("参加した#JAWSDAYSの話", ("JAWSDAYSの話",)),
        ("参加しました！＃ＣＭＣミートアップ、楽しい", ("ＣＭＣミートアップ",)),
        ("#コミュニティ・マーケティング #ラーメン #々", ("コミュニティ・マーケティング", "ラーメン", "々")),
        ("#がき", ("がき",)),
        ("(#aws) 「#aws」 #aws。 #Aws", ("aws", "Aws")),
        ("#a#b", ("a",)),
        ("#あ#い", ("あ", "い")),
        ("#123 #2016年 #①", ("2016年", "①")),
        ("a#b 1#c &#39; x_#d /#e é#f", ()),
        ("https://example.com/#top http://a.jp/?q=1#x #y", ("y",)),
        ("https://example.com/#日本 ", ()),
        ("#re:Invent", ("re",)),
        ("#\u200bPython", ("Python",)),
        ("# space ## #", ()),
        ("#café #naïve", ("café", "naïve")),
        ("#한국어 #ไทย #हिन्दी", ("한국어", "ไทย", "हिन्दी")),
    ],
)
def test_hashtags_in_text(text, tags):
    assert hashtags(text) == tags


# --- cleaning --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        ("  a  b\t c ", "a b c"),
        ("a\u3000\u00a0b", "a b"),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("a \n\n\n\n b", "a\n\nb"),
        ("a\x00b\x1b[2Jc\x7f\x9b", "ab[2Jc"),
        ("a\u202eb\u2066c\u200fd\ufeff\u200b", "abcd"),
        ("か\u3099", "が"),
        ("\ud83d\ude00 \ud83d x", "😀 x"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("ＡＢＣ①", "ＡＢＣ①"),
    ],
)
def test_clean(given, expected):
    assert clean(given) == expected
    assert clean(expected) == expected
    clean(given).encode()


def test_fold_is_for_comparing():
    assert fold("ＡＷＳ Ｒｅ：Ｉｎｖｅｎｔ ﾘｲﾝﾍﾞﾝﾄ") == fold("aws re:invent リインベント")
    assert fold("髙橋") != fold("高橋")


@pytest.mark.case("H21")
def test_shown_cannot_steer_a_terminal_or_fake_a_log_line():
    assert shown("\x1b]0;pwn\x07\x1b[2J") == "\\x1b]0;pwn\\x07\\x1b[2J"
    assert shown("x\u202etxt") == "x\\u202etxt"
    assert shown("a\nERROR fake\r\nb\tc\u2028d\x85e") == "a ERROR fake b c d e"
    assert shown("\ud83d\x9b\u061c") == "\\ud83d\\x9b\\u061c"
    assert shown("日本語 ①😀") == "日本語 ①😀"


# --- markup ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain text", "plain text"),
        ("a &amp; b &#x3042; &lt;c&gt;", "a & b あ <c>"),
        ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
        ("<b>a</b><i>b</i> c", "ab c"),
        ("x<script>alert(1)</script><style>p{}</style><!-- no -->y", "xy"),
        ("<title>t</title><p>&nbsp;a&nbsp;</p>", "a"),
        ("<ul><li>1</li><li>2</li></ul>", "1\n\n2"),
        ('<?xml version="1.0" encoding="Shift_JIS"?><p>日本</p>', "日本"),
        ("<p>日本語①<b>テスト", "日本語①テスト"),
        ("a < b", "a < b"),
        ("<", "<"),
        ("<p>\x00\x1b\ud83d</p>", ""),
        ("<!-- only a comment -->", ""),
        ("x<noscript><p>no</p></noscript>y", "x\n\ny"),
        ("a<select><option>no</select><svg><title>no</title></svg>b", "a\n\nb"),
        ("<p>a &#27;\x1b\x0bb</p><o:p>c</o:p>", "a\nb\nc"),
    ],
)
def test_plain(html, text):
    assert plain(html) == text


@pytest.mark.case("H3")
def test_plain_survives_depth_and_size():
    assert plain("<div>" * 5000 + "end" + "</div>" * 5000) == "end"
    assert plain("<p>a</p>" * 20_000).count("a") == 20_000


@pytest.mark.case("H2")
def test_plain_ends_soon_on_comments_that_never_do():
    bomb = "<!--" * 250_000
    start = time.process_time()
    assert plain(bomb) == bomb
    assert plain("<p>a</p>" + bomb) == "a"
    assert time.process_time() - start < 2


# --- language --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hint", "code"),
    [
        ("AWS re:Invent 2016 参加レポート", "", "ja"),
        ("JAWS DAYS 2019に参加してきました", "en-US", "ja"),
        ("ｶﾀｶﾅ ﾀﾞｹ", "", "ja"),
        ("参加報告", "ja", "ja"),
        ("参加報告", "ja-JP", "ja"),
        ("参加報告", "zh-TW", "zh"),
        ("参加報告", "", "und"),
        ("実験発表", "", "ja"),
        ("我们今天参加了这个会议", "", "zh"),
        ("안녕하세요 서울에서", "", "ko"),
        ("Привет мир", "", "ru"),
        ("Привіт світ", "uk", "uk"),
        ("สวัสดีครับ", "", "th"),
        ("We had a great week at the conference and it was fun", "", "en"),
        ("We had a great week at the conference and it was fun", "ja", "en"),
        ("Das ist nicht die erste Konferenz und wir sind dabei", "en", "de"),
        ("Nous avons passé une semaine avec les autres pour la conférence", "", "fr"),
        ("AWS Summit", "en", "en"),
        ("AWS Summit", "", "und"),
        ("", "", "und"),
        ("", "ja_JP", "ja"),
        ("https://example.com/the/and/of #the @and", "", "und"),
        ("An English post that quotes 参加 once and goes on in English for the rest of it", "", "en"),
        ("x", "klingon", "und"),
    ],
)
def test_language(text, hint, code):
    assert language(text, hint) == code


# --- bytes -----------------------------------------------------------------------------------------------

TITLE = "日本語テスト～①㈱ｶﾅ"


def euc(text):
    """EUC-JP as Windows writes it (cp51932), which Python has no codec for."""
    return text.replace("～", "〜").encode("euc_jis_2004")


def jis(text):
    made = b""
    for char in text:
        raw = euc(char)
        kana = raw[0] == 0x8E
        made += (b"\x1b(I" if kana else b"\x1b$B") + bytes(byte & 0x7F for byte in raw[kana:]) + b"\x1b(B"
    return made


BODIES = {
    "Shift_JIS": TITLE.encode("cp932"),
    "EUC-JP": euc(TITLE),
    "UTF-8": TITLE.encode(),
    "UTF-16": codecs.BOM_UTF16_LE + TITLE.encode("utf-16-le"),
    "ISO-2022-JP": jis(TITLE),
}
LABELS = {"none": "", "utf-8": "utf-8", "Shift_JIS": "Shift_JIS", "ISO-8859-1": "ISO-8859-1"}


@pytest.mark.parametrize("written", BODIES)
@pytest.mark.parametrize("label", ["right", *LABELS])
@pytest.mark.parametrize("where", ["header", "meta"])
@pytest.mark.case("H11")
def test_japanese_is_never_mojibake_whatever_the_label(written, label, where):
    name = written if label == "right" else LABELS[label]
    body, content_type = BODIES[written], "text/html"
    if name and where == "header":
        content_type += f"; charset={name}"
    elif name and not body.startswith(codecs.BOM_UTF16_LE):
        body = f'<meta http-equiv="Content-Type" content="text/html; charset={name}">'.encode() + body
    text, charset, _, flags = decode(body, content_type)
    assert text.endswith(TITLE)
    assert charset == {"UTF-16": "utf-16le"}.get(written, written.lower())
    assert flags == ()


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"plain", "", ("plain", "utf-8", "utf-8", ())),
        (b"", "text/html; charset=", ("", "utf-8", "utf-8", ())),
        (b"\xef\xbb\xbfa", "text/html; charset=Shift_JIS", ("a", "utf-8", "bom", ())),
        ("été à Noël".encode("cp1252"), "text/html; charset=ISO-8859-1", ("été à Noël", "windows-1252", "header", ())),
        ("été à Noël, très bon café".encode("cp1252"), "", ("été à Noël, très bon café", "windows-1252", "detected", ())),
        ("안녕하세요 서울".encode("cp949"), "text/html; charset=euc-kr", ("안녕하세요 서울", "euc-kr", "header", ())),
        ("这是中文网页".encode("gb18030"), "text/html; charset=gb2312", ("这是中文网页", "gb18030", "header", ())),
        ("Привет мир".encode("cp1251"), "text/html; charset=windows-1251", ("Привет мир", "windows-1251", "header", ())),
        ("参加報告".encode("cp932"), "", ("参加報告", "shift_jis", "detected", ())),
        ("髙島屋と纊".encode("cp932"), "", ("髙島屋と纊", "shift_jis", "detected", ())),
        ("あいう、そして〜−‖".encode("euc_jp"), "", ("あいう、そして～－∥", "euc-jp", "detected", ())),
        ("丂あいうえお".encode("euc_jp"), "", ("丂あいうえお", "euc-jp", "detected", ())),
        ("丂 ①参加".encode("iso2022_jp_2004") + "丂".encode("iso2022_jp_1"), "", ("丂 ①参加丂", "iso-2022-jp", "escape", ())),
        ("<p>hello</p>".encode("utf-16-be"), "", ("<p>hello</p>", "utf-16be", "detected", ())),
        ("<p>hello</p>".encode("utf-32-le"), "", ("<p>hello</p>", "utf-32le", "detected", ())),
        (codecs.BOM_UTF32_LE + "あ".encode("utf-32-le"), "", ("あ", "utf-32le", "bom", ())),
    ],
)  # fmt: skip
@pytest.mark.case("H11")
def test_the_ladder(body, content_type, expected):
    assert decode(body, content_type) == expected


def test_an_xml_declaration_is_a_label_too():
    body = '<?xml version="1.0" encoding="euc-jp"?><t>参加</t>'.encode("euc_jp")
    text, charset, source, _ = decode(body, "text/xml")
    assert (text[-6:-4], charset, source) == ("参加", "euc-jp", "meta")


def test_utf8_with_one_broken_place_stays_utf8():
    body = ("日本語のページです。" * 50).encode()[:-1]
    text, charset, _, flags = decode(body, "text/html; charset=Shift_JIS")
    assert (charset, flags) == ("utf-8", ())
    assert text.count("\ufffd") == 1


@pytest.mark.case("H11")
def test_rubbish_is_flagged():
    rng = random.Random(1)
    body = bytes(rng.choice(b"\x82\x83\x88\x95\xe0\xa0\xff\x41\x81\xfd") for _ in range(400))
    text, _, _, flags = decode(body, "text/html; charset=utf-8")
    assert text.count("\ufffd") > len(text) / 100
    assert flags == ("charset_doubtful",)


def test_any_bytes_and_any_label_are_answered():
    rng = random.Random(2)
    for label in ("", "utf-7", "rot13", "hex", "euc-jp", "iso-2022-jp", "utf-16", "x" * 50):
        for size in (1, 2, 7, 400):
            text, charset, source, _ = decode(rng.randbytes(size), f"text/html; charset={label}")
            assert isinstance(text, str)
            assert charset
            assert source in ("bom", "escape", "utf-8", "header", "meta", "detected", "fallback")


# --- odd JSON --------------------------------------------------------------------------------------------


@pytest.mark.case("H13")
def test_odd_json_values_become_storable():
    nested: object = "deep"
    for _ in range(200):
        nested = [nested]
    row = {"a\ud83d": "x\ud83d", "b": "a\u0000b", "c": 2**63, "d": -(2**63), "e": float("nan"), "f": float("inf"),
           "g": [1, True, None, 1.5], "h": nested, "i": 10**20_000, "j": (1, 2), "k": {1: b"x"}}  # fmt: skip
    safe = safe_json_value(row)
    json.dumps(safe, allow_nan=False).encode()
    assert (safe["a"], safe["b"], safe["c"], safe["d"]) == ("x", "ab", str(2**63), -(2**63))
    assert (safe["e"], safe["f"], safe["g"], safe["j"]) == (None, None, [1, True, None, 1.5], [1, 2])
    assert safe["i"].startswith("0x")
    assert "deep" not in json.dumps(safe)


def test_importing_text_urls_and_dates_loads_nothing_heavy():
    code = "import sys, harvester.text, harvester.urls, harvester.dates; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"lxml", "charset_normalizer", "scrapy", "feedparser", "trafilatura", "dateparser"} & set(loaded)
