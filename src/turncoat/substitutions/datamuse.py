"""Words that the service Datamuse finds for a word, from recorded answers; WordNet for words it was not asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from turncoat.data.cache import cache_folder
from turncoat.data.datamuse import Answer, Record, ask, open_record
from turncoat.errors import UsageError
from turncoat.substitutions.proposing import Options, Substitutions, Where
from turncoat.substitutions.wordnet import WordNet
from turncoat.text import Text

RELATIONS = ("ml", "rel_syn")
Origin = Literal["datamuse-recorded", "wordnet"]


@dataclass(frozen=True)
class Datamuse(Substitutions):
    """The `k` best words that Datamuse gives for a word, wherever it stands; WordNet's where none was recorded.

    Attributes:
        relation: "ml" (means like) or "rel_syn" (synonyms), as the service calls them.
        k: most candidates a word.
        online: ask the service (https://www.datamuse.com/api) about words that are not recorded, one at a time, and
            record its answers. This sends the words of your texts to it.
        path: the record (see `turncoat.data.datamuse`); None for datamuse.jsonl in the cache folder.
        url: where the service is.
    """

    relation: Literal["ml", "rel_syn"] = "ml"
    k: int = 50
    online: bool = False
    path: str | None = None
    url: str = "https://api.datamuse.com/words"

    def __post_init__(self) -> None:
        if self.relation not in RELATIONS:
            raise UsageError(f"expected relation to be one of {', '.join(RELATIONS)}, got {self.relation!r}")
        if self.k < 1:
            raise UsageError(f"expected k >= 1, got {self.k}")
        if not self.url.startswith(("https://", "http://")):
            raise UsageError(f"expected a url that begins with https:// or http://, got {self.url!r}")

    async def propose(self, text: Text, where: Where = None) -> Options:
        record, among = self._record(), set(range(len(text)) if where is None else where)
        answers = [self._answer(record, word, self.online and i in among) for i, word in enumerate(text.words)]
        if None not in answers:
            return [answer or () for answer in answers]
        synonyms = await WordNet(inflect=True).propose(text, where)
        return [own if own is not None else others for own, others in zip(answers, synonyms, strict=True)]

    def origin(self, word: str, candidate: str) -> Origin:
        """Where a candidate that was proposed for the word came from."""
        recorded = self._record().find(self.relation, word) or ()
        return "datamuse-recorded" if candidate.lower() in map(str.lower, recorded) else "wordnet"

    def _answer(self, record: Record, word: str, may_ask: bool) -> Answer | None:
        answer = record.find(self.relation, word)
        if answer is None and may_ask and any(map(str.isalpha, word)):
            answer = ask(self.url, self.relation, word)
            record.keep(self.relation, word, answer)
        return answer if answer is None else tuple(new for new in answer if " " not in new)[: self.k]

    def _record(self) -> Record:
        return open_record(Path(self.path).expanduser() if self.path else cache_folder() / "datamuse.jsonl")
