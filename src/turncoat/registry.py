"""Names for what a command line or a configuration may choose: built in, or brought by a plug-in.

A plug-in is any installed package with entry points in one of the groups below. Package metadata is read only when a
name is not built in or when all names are listed; a plug-in's code is imported only when its own name is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pkgutil import resolve_name
from typing import Any, Generic, TypeVar, cast

from turncoat.errors import MissingResource, UnknownName, UsageError

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Things of one kind, by name.

    Args:
        kind: what the entries are, for messages ("attack").
        group: the entry point group in which plug-ins offer such entries ("turncoat.attacks").
        built_in: entries by name; a string "module:attribute" is imported when it is first asked for.
    """

    def __init__(self, kind: str, group: str, built_in: Mapping[str, Entry | str]) -> None:
        self.kind, self.group, self._built_in = kind, group, built_in

    def get(self, name: str) -> Entry:
        """The entry of that name; own entries win over those of plug-ins.

        Raises:
            UnknownName: nobody offers the name; the message suggests near ones and lists all.
            UsageError: several plug-ins offer the name.
            MissingResource: the plug-in that offers the name cannot be imported.
        """
        if name in self._built_in:
            entry = self._built_in[name]
            return cast("Entry", resolve_name(entry) if isinstance(entry, str) else entry)
        offers = [offer for offer in entry_points(group=self.group) if offer.name == name]
        if not offers:
            raise UnknownName(self._unknown(name))
        if len(offers) > 1:
            packages = ", ".join(sorted(map(_package, offers)))
            raise UsageError(f"several packages offer {self.kind} {name!r}: {packages}; uninstall all but one")
        return cast("Entry", self._load(offers[0]))

    def names(self) -> tuple[str, ...]:
        """All names, plug-ins included, in alphabetical order."""
        return tuple(sorted({*self._built_in, *entry_points(group=self.group).names}))

    def _load(self, offer: EntryPoint) -> Any:
        try:
            return offer.load()
        except Exception as error:  # whatever foreign code raises while it is imported
            package = _package(offer)
            raise MissingResource(
                f"{self.kind} {offer.name!r} is offered by the package {package}, but importing {offer.value} raised "
                f"{type(error).__name__}: {error}; repair the package or run 'pip uninstall {package}'"
            ) from error

    def _unknown(self, name: str) -> str:
        known = self.names()
        near = difflib.get_close_matches(name, known)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        return f"no {self.kind} is named {name!r}{hint} (known: {', '.join(known) or 'none'})"


def _package(offer: EntryPoint) -> str:
    return offer.dist.name if offer.dist else offer.module


# Factories; what they make stands above this room, hence Any. An attack's parameters are changed after it is made.
ATTACKS: Registry[Callable[[], Any]] = Registry(
    "attack",
    "turncoat.attacks",
    {
        "bba": "turncoat.attacks.blockwise_bayesian:BlockwiseBayesian",
        "beam": "turncoat.attacks.beam:Beam",
        "cea-min": "turncoat.attacks.cross_entropy:cea_min",
        "cea-paper": "turncoat.attacks.cross_entropy:cea_paper",
        "ga": "turncoat.attacks.genetic:ga",
        "ga-wordnet": "turncoat.attacks.genetic:ga_wordnet",
        "gradient": "turncoat.attacks.gradient:GradientGreedy",
        "hlbb": "turncoat.attacks.hard_label_genetic:HardLabelGenetic",
        "morpheus": "turncoat.attacks.inflections:Morpheus",
        "pso": "turncoat.attacks.particle_swarm:ParticleSwarm",
        "pwws": "turncoat.attacks.pwws:PWWS",
        "random": "turncoat.attacks.random_substitution:RandomSubstitution",
        "rja": "turncoat.attacks.reversible_jump:ReversibleJump",
        "texthoaxer": "turncoat.attacks.text_hoaxer:TextHoaxer",
        "textfooler": "turncoat.attacks.textfooler:TextFooler",
    },
)
VICTIMS: Registry[Callable[..., Any]] = Registry("victim", "turncoat.victims", {})
DATASETS: Registry[Callable[[str], Any]] = Registry(  # split -> Dataset
    "data set",
    "turncoat.datasets",
    {
        "ag_news": "turncoat.data.news:load_ag_news",
        "glosses": "turncoat.data.glosses:load_glosses",
        "imdb": "turncoat.data.reviews:load_imdb",
        "mr": "turncoat.data.reviews:load_mr",
        "sst2": "turncoat.data.reviews:load_sst2",
        "tweets": "turncoat.data.tweets:load_tweets",
        "tweets_3way": "turncoat.data.tweets:load_tweets_3way",
        "twitter_airline": "turncoat.data.tweets:load_airline",
        "twitter_semeval2017": "turncoat.data.tweets:load_semeval2017",
        "twitter_semeval2017_binary": "turncoat.data.tweets:load_semeval2017_binary",
    },
)
READING_ATTACKS: Registry[Callable[[], Any]] = Registry(
    "reading attack",
    "turncoat.reading_attacks",
    {
        "add-any": "turncoat.attacks.add_any:AddAny",
        "add-common": "turncoat.attacks.add_any:add_common",
        "add-one-sent": "turncoat.attacks.add_sent:add_one_sent",
        "add-sent": "turncoat.attacks.add_sent:AddSent",
        "add-sent-mod": "turncoat.attacks.add_sent:add_sent_mod",
    },
)
READING_DATASETS: Registry[Callable[[str], Any]] = Registry(  # split -> ReadingDataset
    "reading data set", "turncoat.reading_datasets", {"squad": "turncoat.data.squad:load_squad"}
)
TRANSLATION_DATASETS: Registry[Callable[[str], Any]] = Registry(  # split -> TranslationDataset
    "translation data set",
    "turncoat.translation_datasets",
    {"multi30k_en_de": "turncoat.data.multi30k:load_en_de", "multi30k_en_fr": "turncoat.data.multi30k:load_en_fr"},
)
SUBSTITUTIONS: Registry[Callable[..., Any]] = Registry(
    "substitution source",
    "turncoat.substitutions",
    {
        "content-words": "turncoat.substitutions.narrowing:WithoutStopWords",
        "counter-fitted": "turncoat.substitutions.lexicon:CounterFitted",
        "datamuse": "turncoat.substitutions.datamuse:Datamuse",
        "inflections": "turncoat.substitutions.inflections:Inflections",
        "likely": "turncoat.substitutions.likely:Likely",
        "masked-lm": "turncoat.substitutions.masked_lm:MaskedLM",
        "same-pos": "turncoat.substitutions.narrowing:SamePartOfSpeech",
        "sememes": "turncoat.substitutions.sememes:Sememes",
        "vectors": "turncoat.substitutions.vectors:Neighbours",
        "wordnet": "turncoat.substitutions.wordnet:WordNet",
        "wordnet-inflected": "turncoat.substitutions.wordnet:inflected",
    },
)

# Classes that may be written as `kind` in a configuration.
CONFIGURABLE: Registry[type[Any]] = Registry(
    "configurable class",
    "turncoat.configurable",
    {
        "AddAny": "turncoat.attacks.add_any:AddAny",
        "AddSent": "turncoat.attacks.add_sent:AddSent",
        "Beam": "turncoat.attacks.beam:Beam",
        "BlockwiseBayesian": "turncoat.attacks.blockwise_bayesian:BlockwiseBayesian",
        "Both": "turncoat.substitutions.proposing:Both",
        "CounterFitted": "turncoat.substitutions.lexicon:CounterFitted",
        "CrossEntropy": "turncoat.attacks.cross_entropy:CrossEntropy",
        "Datamuse": "turncoat.substitutions.datamuse:Datamuse",
        "Either": "turncoat.substitutions.proposing:Either",
        "Frequent": "turncoat.substitutions.frequent:Frequent",
        "HardLabelGenetic": "turncoat.attacks.hard_label_genetic:HardLabelGenetic",
        "Inflections": "turncoat.substitutions.inflections:Inflections",
        "Likely": "turncoat.substitutions.likely:Likely",
        "MaskedLM": "turncoat.substitutions.masked_lm:MaskedLM",
        "Genetic": "turncoat.attacks.genetic:Genetic",
        "GradientGreedy": "turncoat.attacks.gradient:GradientGreedy",
        "MaxChanged": "turncoat.substitutions.constraints:MaxChanged",
        "MinSimilarity": "turncoat.substitutions.constraints:MinSimilarity",
        "Morpheus": "turncoat.attacks.inflections:Morpheus",
        "Neighbours": "turncoat.substitutions.vectors:Neighbours",
        "Nothing": "turncoat.substitutions.nothing:Nothing",
        "PWWS": "turncoat.attacks.pwws:PWWS",
        "ParticleSwarm": "turncoat.attacks.particle_swarm:ParticleSwarm",
        "RandomSubstitution": "turncoat.attacks.random_substitution:RandomSubstitution",
        "ReversibleJump": "turncoat.attacks.reversible_jump:ReversibleJump",
        "SamePartOfSpeech": "turncoat.substitutions.narrowing:SamePartOfSpeech",
        "Sememes": "turncoat.substitutions.sememes:Sememes",
        "TextFooler": "turncoat.attacks.textfooler:TextFooler",
        "TextHoaxer": "turncoat.attacks.text_hoaxer:TextHoaxer",
        "WithoutNumbers": "turncoat.substitutions.narrowing:WithoutNumbers",
        "WithoutShortWords": "turncoat.substitutions.narrowing:WithoutShortWords",
        "WithoutStopWords": "turncoat.substitutions.narrowing:WithoutStopWords",
        "WordNet": "turncoat.substitutions.wordnet:WordNet",
    },
)
