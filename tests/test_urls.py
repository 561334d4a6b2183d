"""Canonical addresses, what may be fetched, and whose page an address is."""
# ruff: noqa: E501 - one case a line

import re

import pytest

from harvester import platforms, urls
from harvester.urls import BadUrl, Identity, canonical, fetchable, host_of, identify, is_web_url, key_for, site_of

CANONICAL = [
    # scheme, host, port, fragment, slash, escapes
    ("HTTP://Example.COM:80/a/", "https://example.com/a"),
    ("https://example.com", "https://example.com/"),
    ("https://example.com./a", "https://example.com/a"),
    ("http://example.com:8080/", "https://example.com:8080/"),
    ("https://www.example.com/a#top", "https://www.example.com/a"),
    ("https://example.com/#!/a", "https://example.com/#!/a"),
    ("https://example.com/a/../b/./c", "https://example.com/b/c"),
    ("https://example.com/%7euser/%e3%81%82", "https://example.com/~user/%E3%81%82"),
    ("https://日本語.jp/記事", "https://xn--wgv71a119e.jp/%E8%A8%98%E4%BA%8B"),
    ("  https://example.com/a\n", "https://example.com/a"),
    ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
    # query
    ("https://example.com/?b=2&a=1&b=1", "https://example.com/?a=1&b=2&b=1"),
    ("https://example.com/a?", "https://example.com/a"),
    ("https://example.com/a?&&x", "https://example.com/a?x"),
    ("https://example.com/a?utm_source=x&utm_medium=y&id=3", "https://example.com/a?id=3"),
    ("https://example.com/a?fbclid=1&gclid=2&yclid=3&mc_cid=4&mc_eid=5&igshid=6&ref=7&ref_src=8", "https://example.com/a"),
    ("https://example.com/a?UTM_Source=x", "https://example.com/a"),
    ("https://example.com/a?utm%5Fsource=x", "https://example.com/a"),
    ("https://example.com/a?source=rss----1", "https://example.com/a"),
    ("https://example.com/a?source=tokyo", "https://example.com/a?source=tokyo"),
    ("https://example.com/a?from=twitter", "https://example.com/a"),
    ("https://example.com/a?from=2016", "https://example.com/a?from=2016"),
    ("https://example.com/a;jsessionid=AB12?x=1", "https://example.com/a?x=1"),
    ("https://example.com/a?s=20", "https://example.com/a?s=20"),
    # AMP and mobile
    ("https://example.com/2016/12/post/amp/", "https://example.com/2016/12/post"),
    ("https://example.com/2016/12/post.amp.html", "https://example.com/2016/12/post.html"),
    ("https://example.com/post?amp=1", "https://example.com/post"),
    ("https://example.com/post?amp", "https://example.com/post"),
    ("https://amp.example.com/post", "https://www.example.com/post"),
    ("https://example-com.cdn.ampproject.org/c/s/example.com/post/1/amp", "https://example.com/post/1"),
    ("https://www.google.co.jp/amp/s/example.com/post/1/amp/", "https://example.com/post/1"),
    ("https://example.com/tag/amp/", "https://example.com/tag/amp"),
    ("https://example.com/amp", "https://example.com/amp"),
    ("https://github.com/aoi/amp", "https://github.com/aoi/amp"),
    ("https://qiita.com/tags/amp", "https://qiita.com/tags/amp"),
    ("https://aoi.wordpress.com/2016/12/05/post/amp/", "https://aoi.wordpress.com/2016/12/05/post"),
    ("https://ja.m.wikipedia.org/wiki/AWS", "https://ja.wikipedia.org/wiki/AWS"),
    ("https://s.ameblo.jp/aoi/entry-123.html", "https://ameblo.jp/aoi/entry-123.html"),
    ("https://aoi.blogspot.jp/2016/12/a.html?m=1", "https://aoi.blogspot.com/2016/12/a.html"),
    ("https://aoi.blogspot.co.uk/2016/12/a.html", "https://aoi.blogspot.com/2016/12/a.html"),
    ("http://aoi.blog123.fc2.com/blog-entry-4.html", "https://aoi.blog.fc2.com/blog-entry-4.html"),
    # wrappers
    ("https://b.hatena.ne.jp/entry/s/example.com/a?b=1", "https://example.com/a?b=1"),
    ("https://b.hatena.ne.jp/entry/example.com/a", "https://example.com/a"),
    ("https://b.hatena.ne.jp/entry?url=https%3A%2F%2Fexample.com%2Fa", "https://example.com/a"),
    ("https://b.hatena.ne.jp/entry/4700000000000000000/comment/aoi", "https://b.hatena.ne.jp/entry/4700000000000000000/comment/aoi"),
    ("https://web.archive.org/web/20161205/http://example.com/a?b=1", "https://example.com/a?b=1"),
    ("https://web.archive.org/web/20161205000000id_/https:/example.com/a", "https://example.com/a"),
    ("https://web.archive.org/web/2016/https://web.archive.org/web/2017/http://example.com/", "https://example.com/"),
    ("https://www.google.com/url?sa=t&q=https://example.com/a%3Fb%3D1", "https://example.com/a?b=1"),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa&h=x", "https://example.com/a"),
    ("https://www.google.com/url?q=javascript:alert(1)", "https://www.google.com/url?q=javascript:alert(1)"),
    # platforms
    ("https://note.mu/aoi/n/n0123abcd?magazine_key=m1", "https://note.com/aoi/n/n0123abcd"),
    ("https://mobile.twitter.com/Aoi/status/12?s=20&t=x", "https://x.com/Aoi/status/12"),
    ("https://twitter.com/Aoi/status/12/photo/1", "https://x.com/Aoi/status/12"),
    ("https://twitter.com/i/web/status/12", "https://x.com/i/status/12"),
    ("https://twitter.com/search?q=%23jawsdays&src=typd", "https://x.com/search?q=%23jawsdays"),
    ("https://youtu.be/dQw4w9WgXcQ?t=10", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://www.youtube.com/live/dQw4w9WgXcQ?feature=share", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
    ("https://medium.com/@aoi/hello-0123456789ab?source=user_profile---1", "https://medium.com/@aoi/hello-0123456789ab"),
    ("https://fr.slideshare.net/aoi/deck?from_action=save", "https://www.slideshare.net/aoi/deck"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), CANONICAL)
def test_canonical_is_the_identity_and_is_stable(given, expected):
    assert canonical(given) == expected
    assert canonical(expected) == expected


def test_canonical_resolves_against_a_base():
    assert canonical("../b?utm_source=x", "https://example.com/a/c") == "https://example.com/b"
    with pytest.raises(BadUrl):
        canonical("b", "not a base")


BAD = [
    ("", "empty"),
    (" \t", "empty"),
    ("javascript:void(0)", "scheme"),
    ("java\tscript:alert(1)", "scheme"),
    (" JaVaScRiPt:1", "scheme"),
    ("mailto:x@example.com", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("ftp://example.com/", "scheme"),
    ("data:text/html,x", "scheme"),
    ("s3://bucket/key", "scheme"),
    ("http://[::1", "syntax"),
    ("http://h:99999/", "syntax"),
    ("https://a b/", "syntax"),
    ("//evil", "syntax"),
    ("relative/path", "syntax"),
    ("http://%zz/", "syntax"),
    ("http://./", "syntax"),
    ("https://\ud83d.example/", "syntax"),
    ("http://u:p@h/", "userinfo"),
    ("https://example.com/" + "a" * 2048, "too_long"),
    ("https://example.com/" + "a" * 100_000, "too_long"),
]


@pytest.mark.parametrize(("given", "reason"), BAD)
def test_unusable_addresses_are_refused_by_name_and_never_linked(given, reason):
    for function in (canonical, fetchable, key_for):
        with pytest.raises(BadUrl) as caught:
            function(given)
        assert caught.value.reason == reason
    assert identify(given) == Identity("web", "", "", "")
    assert not is_web_url(given)


def test_a_broken_link_costs_one_link():
    page = ["/1", "javascript:void(0)", "http://[::1", "mailto:x", "http://h:99999/", "http://u:p@h/", "/2"]
    good, bad = [], []
    for href in page:
        try:
            good.append(fetchable(href, "https://example.com/"))
        except BadUrl:
            bad.append(href)
    assert good == ["https://example.com/1", "https://example.com/2"]
    assert len(bad) == 5


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://example.com/a?utm_source=x#top", "http://example.com/a?utm_source=x"),
        ("HTTPS://Example.com", "https://example.com/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f000001/", "http://127.0.0.1/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("https://example.com/パス?q=東京", "https://example.com/%E3%83%91%E3%82%B9?q=%E6%9D%B1%E4%BA%AC"),
    ],
)
def test_fetchable_keeps_scheme_and_query_and_shows_the_real_host(given, expected):
    assert fetchable(given) == expected


@pytest.mark.parametrize("text", ["https://example.com/a?b=1#c", "HTTP://example.com", "https://example.com/%E3%81%82"])
def test_clean_web_addresses_may_be_linked(text):
    assert is_web_url(text)


@pytest.mark.parametrize(
    "text", ["https://a b/", "https://example.com/ x", "https://example.com/\n", 'https://e.com/"x', "https://e.com/<b>",
             "example.com", "https://u@example.com/", "https://example.com/\u202e"]
)  # fmt: skip
def test_anything_else_is_not_linked(text):
    assert is_web_url(text) == (text == "https://example.com/\u202e")
    assert not is_web_url("x " + text)


IDENTITIES = [
    ("https://qiita.com/Aoi/items/0123456789abcdef0123", "qiita", "aoi", "0123456789abcdef0123", "article"),
    ("https://qiita.com/aoi@github/items/0123456789abcdef0123", "qiita", "aoi@github", "0123456789abcdef0123", "article"),
    ("https://qiita.com/tags/aws", "qiita", "", "", ""),
    ("https://qiita.com/aoi", "qiita", "aoi", "", ""),
    ("https://zenn.dev/aoi/articles/my-slug-1", "zenn", "aoi", "my-slug-1", "article"),
    ("https://zenn.dev/aoi/scraps/0a1b", "zenn", "aoi", "scraps/0a1b", ""),
    ("https://zenn.dev/p/acme", "zenn", "acme", "", ""),
    ("https://zenn.dev/topics/aws", "zenn", "", "", ""),
    ("https://note.com/aoi/n/n0123abcd", "note", "aoi", "n0123abcd", "article"),
    ("https://note.com/hashtag/aws", "note", "", "", ""),
    ("https://aoi.hatenablog.com/entry/2016/12/05/120000", "hatenablog", "aoi", "", "article"),
    ("https://aoi.hateblo.jp/", "hatenablog", "aoi.hateblo.jp", "", ""),
    ("https://aoi.hatenadiary.jp/entry/a", "hatenablog", "aoi.hatenadiary.jp", "", "article"),
    ("https://d.hatena.ne.jp/aoi_b/20161205/1480000000", "hatenablog", "aoi-b.hatenadiary.org", "", "article"),
    ("https://b.hatena.ne.jp/aoi/", "hatena", "aoi", "", ""),
    ("https://medium.com/@Aoi/hello-0123456789ab", "medium", "aoi", "0123456789ab", "article"),
    ("https://medium.com/acme-blog/hello-0123456789ab", "medium", "", "0123456789ab", "article"),
    ("https://aoi.medium.com/hello-0123456789ab", "medium", "aoi", "0123456789ab", "article"),
    ("https://aoi.blogspot.de/2016/12/a.html", "blogger", "aoi", "", "article"),
    ("https://aoi.wordpress.com/2016/12/05/a/", "wordpress", "aoi", "", "article"),
    ("https://ameblo.jp/aoi/entry-123.html", "ameblo", "aoi", "123", "article"),
    ("https://blog.livedoor.jp/aoi/archives/1.html", "livedoor", "aoi", "", "article"),
    ("https://aoi.livedoor.blog/archives/1.html", "livedoor", "aoi", "", "article"),
    ("https://aoi.blog.jp/", "livedoor", "aoi.blog.jp", "", ""),
    ("https://aoi.blog.fc2.com/blog-entry-4.html", "fc2", "aoi", "", "article"),
    ("https://aoi.seesaa.net/article/44.html", "seesaa", "aoi", "44", "article"),
    ("https://aoi.jugem.jp/?eid=4", "jugem", "aoi", "", "article"),
    ("https://aoi.cocolog-nifty.com/blog/2016/12/a.html", "cocolog", "aoi", "", "article"),
    ("https://blog.goo.ne.jp/aoi/e/0123456789abcdef01234567", "goo", "aoi", "0123456789abcdef01234567", "article"),
    ("https://blogs.yahoo.co.jp/aoi/123.html", "yahooblog", "aoi", "", "article"),
    ("https://aoi.exblog.jp/123/", "exblog", "aoi", "123", "article"),
    ("https://aoi.hashnode.dev/post", "hashnode", "aoi", "", ""),
    ("https://dev.to/aoi/my-post-1abc", "devto", "aoi", "", "article"),
    ("https://dev.to/t/aws", "devto", "", "", ""),
    ("https://aoi.tumblr.com/post/123/title", "tumblr", "aoi", "123", ""),
    ("https://www.tumblr.com/aoi/123/title", "tumblr", "aoi", "123", ""),
    ("https://aoi.substack.com/p/hello", "substack", "aoi", "", "article"),
    ("https://scrapbox.io/acme/page", "scrapbox", "acme", "", ""),
    ("https://github.com/aoi/talk", "github", "aoi", "", "repo"),
    ("https://aoi.github.io/blog/", "github", "aoi", "", ""),
    ("https://speakerdeck.com/aoi/talk", "speakerdeck", "aoi", "", "slides"),
    ("https://speakerdeck.com/player/0123456789abcdef0123456789abcdef", "speakerdeck", "", "0123456789abcdef0123456789abcdef", "slides"),
    ("https://www.slideshare.net/Aoi/deck", "slideshare", "aoi", "", "slides"),
    ("https://www.slideshare.net/slideshow/my-deck/12345", "slideshare", "", "12345", "slides"),
    ("https://www.docswell.com/s/aoi/5ABCDE-my-deck", "docswell", "aoi", "5ABCDE", "slides"),
    ("https://docs.google.com/presentation/d/1aBcDeFgHiJkLmNoPqRsT/edit", "googledocs", "", "1aBcDeFgHiJkLmNoPqRsT", "slides"),
    ("https://youtu.be/dQw4w9WgXcQ", "youtube", "", "dQw4w9WgXcQ", "video"),
    ("https://www.youtube.com/@Aoi/videos", "youtube", "@Aoi", "", ""),
    ("https://www.youtube.com/channel/UCaBcD", "youtube", "UCaBcD", "", ""),
    ("https://twitter.com/Aoi/status/12", "x", "aoi", "12", "micropost"),
    ("https://x.com/i/status/12", "x", "", "12", "micropost"),
    ("https://x.com/search?q=a", "x", "", "", ""),
    ("https://x.com/Aoi", "x", "aoi", "", ""),
    ("https://mstdn.jp/@aoi/123", "mastodon", "aoi@mstdn.jp", "mstdn.jp/123", "micropost"),
    ("https://misskey.io/notes/9abcdef012", "misskey", "", "misskey.io/9abcdef012", "micropost"),
    ("https://misskey.io/@kei", "misskey", "kei@misskey.io", "", ""),
    ("https://bsky.app/profile/aoi.bsky.social/post/3kab", "bluesky", "aoi.bsky.social", "aoi.bsky.social/3kab", "micropost"),
    ("https://jaws-ug.connpass.com/event/123/", "connpass", "jaws-ug.connpass.com", "123", "event_page"),
    ("https://jaws-ug.connpass.com/event/123/presentation/", "connpass", "jaws-ug.connpass.com", "", "event_page"),
    ("https://connpass.com/user/jaws-ug/", "connpass", "jaws-ug", "", ""),
    ("https://togetter.com/li/123", "togetter", "", "123", ""),
    ("https://prtimes.jp/main/html/rd/p/000000001.000012345.html", "prtimes", "", "000000001.000012345", "press_release"),
    ("https://blog.example.jp/2016/12/05/", "web", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("url", "platform", "handle", "native_id", "kind"), IDENTITIES)
def test_shared_hosts_name_the_author_and_the_item(url, platform, handle, native_id, kind):
    assert identify(url) == Identity(platform, handle, native_id, kind)
    assert key_for(url) == (f"{platform}:{native_id}" if native_id else canonical(url))


def test_two_addresses_of_one_item_have_one_key():
    assert key_for("https://medium.com/@aoi/a-0123456789ab") == key_for("https://aoi.medium.com/renamed-0123456789ab")
    assert key_for("https://x.com/i/status/1") == key_for("http://mobile.twitter.com/aoi/statuses/1?s=20")
    assert key_for("https://tumblr.com/aoi/1/x") == key_for("http://aoi.tumblr.com/post/1")


def test_hosts_without_port_and_www():
    assert host_of("HTTP://WWW.Example.com.:8080/") == "www.example.com"
    assert host_of("not an address") == ""
    assert site_of("www.example.com") == "example.com"
    assert {"t.co", "bit.ly", "lnkd.in"} <= urls.redirect_hosts


def test_every_pattern_of_the_table_compiles_and_names_known_things():
    from harvester.model import KINDS

    rows = platforms.table()
    for row in [*rows["platform"], *rows["rewrite"], *rows["wrapper"]]:
        for rule in row.get("paths", [row] if "match" in row else []):
            re.compile(rule["match"])
            assert rule.get("kind", "article") in KINDS
        assert row.get("hosts") or row.get("suffixes")
    hosts = [host for row in rows["platform"] for host in row.get("hosts", ())]
    assert not [host for host in hosts if host in rows["aliases"] and rows["aliases"][host] != host]
