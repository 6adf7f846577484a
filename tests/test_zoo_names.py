"""The 63 names of the transfer study, and what its tables print."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from turncoat.errors import UnknownName
from turncoat.studies.transfer.published import CHOSEN, EXPERT, SETTINGS, TABLE_4
from turncoat.studies.zoo_names import MINILM, ZOO, model_named, place, zoo_model


def test_there_are_63_models_in_the_order_of_table_7() -> None:
    assert len({model.name for model in ZOO}) == len(ZOO) == 63
    printed = {1: "LSTM-W-Random-1", 11: "LSTM-C-Random-2", 18: "LSTM-WC-ELMo-4", 21: "BiLSTM-W-W2vec-1"}
    printed |= {36: "BiLSTM-WC-ELMo-4", 52: "CNN-W-fastText-4", 60: "CNN-WC-ELMo-6", 61: "BERT", 63: "ALBERT"}
    assert {id: str(ZOO[id - 1]) for id in printed} == printed


def test_counts_by_form_and_architecture() -> None:
    assert Counter(model.form for model in ZOO) == {"W": 40, "C": 10, "WC": 10, "sub-word": 3}
    assert Counter(model.architecture for model in ZOO) == {"LSTM": 18, "BiLSTM": 18, "CNN": 24, "BERT": 3}
    assert {model.layers for model in ZOO if model.architecture == "LSTM"} == {1, 2, 4}
    assert Counter(model.family for model in ZOO)["Character"] == 10
    assert len({replace(model, name="") for model in ZOO}) == 63  # what a model is tells it from all others


@pytest.mark.parametrize("model", ZOO, ids=str)
def test_a_name_parses_to_the_model_that_prints_it(model: object) -> None:
    assert zoo_model(str(model)) is model
    assert zoo_model(f" {str(model).upper()}") is model


def test_other_spellings_of_the_paper() -> None:
    assert zoo_model("LSTM-W-Word2vec-1") is zoo_model("LSTM-W-W2vec-1") is ZOO[2]
    assert zoo_model("LSTM-Word-Random-2") is ZOO[6]


@pytest.mark.parametrize("name", ["LSTM-W-Random-6", "LSTM-W-Random", "DistilBERT", "CNN-C-GloVe-1", "", "62"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UnknownName, match="one of the 63 models"):
        zoo_model(name)


def test_minilm_stands_beside_the_63() -> None:
    assert zoo_model("minilm") is MINILM
    assert MINILM not in ZOO
    assert (MINILM.architecture, MINILM.family) == ("BERT", "BERT")


def test_any_other_name_is_a_model_without_factors() -> None:
    assert model_named("bert") is zoo_model("BERT")
    mine = model_named("mr-cnn")
    assert (str(mine), mine.has_factors, mine.family) == ("mr-cnn", False, None)
    assert [place(model) for model in (ZOO[0], ZOO[62], MINILM, mine)] == [0, 62, 63, 64]


def test_a_slip_is_answered_with_the_near_name() -> None:
    with pytest.raises(UnknownName, match="did you mean RoBERTa"):
        zoo_model("Roberto")


def test_table_8_has_ensembles_of_2_to_7_models_for_each_setting() -> None:
    assert [str(model) for model in EXPERT[:4]] == ["LSTM-W-Random-1", "CNN-C-Random-1", "LSTM-WC-ELMo-1", "BERT"]
    assert len(set(EXPERT)) == 7
    assert set(CHOSEN) == set(SETTINGS)
    for choices in CHOSEN.values():
        assert {size: len(set(models)) for size, models in choices.items()} == {size: size for size in range(2, 8)}


def test_the_margins_of_table_4_are_unweighted_means() -> None:
    rows = [values for name, values in TABLE_4.items() if name != "Average"]
    for *cells, mean in rows:
        assert sum(cells) / 7 == pytest.approx(mean, abs=0.001)
    for column, mean in zip(zip(*rows, strict=True), TABLE_4["Average"], strict=True):
        assert sum(column) / 7 == pytest.approx(mean, abs=0.001)
