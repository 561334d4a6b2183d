"""A source that walks a list page by page and remembers how far it came: `--spiders tests.paged_source`."""

from __future__ import annotations

from harvester.model import Draft
from harvester.source import Cursor, Source

LIST = "https://list.example"


class Paged(Source):
    """Pages `{"page", "items": [{"id", "text", more of a draft's fields}], "more": whether there is another one}`."""

    name = "paged"
    label = "A list in pages"
    policy = "api"
    document = False

    async def start(self):
        yield self.get(f"{LIST}/{int(self.checkpoint() or 0) + 1}")

    def parse(self, response):
        answer = self.json(response)
        for item in answer["items"]:
            words = {key: value for key, value in item.items() if key != "id"}
            yield Draft(
                url=f"https://a.example/{item['id']}", title=f"Item {item['id']}", kind="article",
                published="2016-12-02T10:00:00Z", published_origin="api", **words,
            )  # fmt: skip
        yield Cursor("", str(answer["page"]))
        if answer["more"]:
            yield self.get(f"{LIST}/{answer['page'] + 1}", each_run=False)
