"""Numbers and choices printed in the transfer study, to stand beside our own.

Source: see `zoo_names`. Tables 3 and 4 do not say which data set and attack they are of; four of Table 3's means follow
from the printed half of Figure 3 to all three decimals.
"""

from __future__ import annotations

from turncoat.studies.model import Model
from turncoat.studies.zoo_names import zoo_model

Setting = tuple[str, str]  # data set, attack
SETTINGS: tuple[Setting, ...] = (("ag_news", "pwws"), ("ag_news", "ga"), ("mr", "pwws"), ("mr", "ga"))

# Mean |deviation from the base rate| by factor, for each of SETTINGS.
TABLE_2 = {
    "architecture": (0.197, 0.018, 0.145, 0.021),
    "input form": (0.286, 0.030, 0.285, 0.049),
    "embedding": (0.085, 0.015, 0.114, 0.015),
    "capacity": (0.066, 0.013, 0.045, 0.011),
}

# Mean rates from the row's class to LSTM, BiLSTM, CNN, BERT.
TABLE_3 = {
    "LSTM": (0.448, 0.394, 0.353, 0.190),
    "BiLSTM": (0.387, 0.420, 0.337, 0.183),
    "CNN": (0.343, 0.334, 0.442, 0.169),
    "BERT": (0.357, 0.346, 0.348, 0.396),
}

# Mean rates from the row's class to Random, GloVe, W2vec, fastText, Character, ELMo, BERT; last, the row's mean.
TABLE_4 = {
    "Random": (0.457, 0.389, 0.445, 0.434, 0.214, 0.315, 0.166, 0.346),
    "GloVe": (0.481, 0.503, 0.489, 0.493, 0.219, 0.336, 0.174, 0.385),
    "W2vec": (0.473, 0.413, 0.472, 0.461, 0.216, 0.316, 0.165, 0.360),
    "fastText": (0.481, 0.442, 0.482, 0.488, 0.222, 0.330, 0.169, 0.373),
    "Character": (0.261, 0.233, 0.256, 0.256, 0.386, 0.300, 0.186, 0.268),
    "ELMo": (0.406, 0.379, 0.401, 0.405, 0.256, 0.679, 0.216, 0.392),
    "BERT": (0.348, 0.329, 0.343, 0.348, 0.328, 0.408, 0.396, 0.357),
    "Average": (0.415, 0.384, 0.413, 0.412, 0.263, 0.383, 0.210, 0.354),
}


def _models(line: str) -> tuple[Model, ...]:
    return tuple(zoo_model(name) for name in line.split(","))


# Table 8. The expert's choices are nested: an ensemble of m models is the first m.
EXPERT = _models(
    "LSTM-W-Random-1, CNN-C-Random-1, LSTM-WC-ELMo-1, BERT, CNN-W-Random-1, LSTM-C-Random-1, CNN-WC-ELMo-1"
)
_CHOICES = {
    ("ag_news", "pwws"): """
LSTM-WC-ELMo-4, CNN-W-GloVe-6
BiLSTM-W-GloVe-2, LSTM-WC-ELMo-4, CNN-W-fastText-4
LSTM-WC-ELMo-1, BiLSTM-W-GloVe-2, CNN-W-fastText-4, RoBERTa
LSTM-WC-ELMo-1, BiLSTM-W-GloVe-2, LSTM-W-Random-4, CNN-W-fastText-4, RoBERTa
LSTM-WC-ELMo-2, BiLSTM-W-GloVe-2, LSTM-W-Random-4, CNN-W-fastText-4, CNN-WC-ELMo-4, RoBERTa
LSTM-WC-ELMo-2, BiLSTM-W-GloVe-2, LSTM-W-Random-4, CNN-W-fastText-4, CNN-WC-ELMo-4, CNN-W-GloVe-6, RoBERTa
""",
    ("ag_news", "ga"): """
LSTM-WC-ELMo-1, CNN-WC-ELMo-1
LSTM-WC-ELMo-1, CNN-C-Random-1, CNN-WC-ELMo-1
BiLSTM-WC-ELMo-4, CNN-C-Random-1, CNN-WC-ELMo-1, CNN-WC-ELMo-6
BiLSTM-WC-ELMo-4, CNN-C-Random-1, CNN-WC-ELMo-1, CNN-WC-ELMo-6, RoBERTa
LSTM-WC-ELMo-4, BiLSTM-WC-ELMo-4, CNN-C-Random-1, CNN-WC-ELMo-1, CNN-WC-ELMo-6, RoBERTa
LSTM-WC-ELMo-4, BiLSTM-WC-ELMo-4, CNN-C-Random-1, CNN-WC-ELMo-1, CNN-WC-ELMo-2, CNN-WC-ELMo-6, RoBERTa
""",
    ("mr", "pwws"): """
LSTM-C-Random-4, CNN-WC-ELMo-6
LSTM-C-Random-4, BiLSTM-W-GloVe-4, CNN-WC-ELMo-2
LSTM-C-Random-4, BiLSTM-W-GloVe-4, CNN-W-fastText-2, CNN-WC-ELMo-2
LSTM-W-word2vec-1, LSTM-C-Random-4, CNN-W-fastText-2, CNN-WC-ELMo-2, CNN-W-GloVe-6
LSTM-W-word2vec-1, LSTM-C-Random-4, CNN-W-fastText-2, CNN-WC-ELMo-2, CNN-W-GloVe-6, RoBERTa
LSTM-W-word2vec-1, LSTM-C-Random-4, BiLSTM-W-GloVe-4, CNN-WC-ELMo-2, CNN-W-GloVe-6, CNN-W-word2vec-6, RoBERTa
""",
    ("mr", "ga"): """
BiLSTM-W-GloVe-4, RoBERTa
LSTM-C-Random-4, BiLSTM-W-GloVe-4, RoBERTa
LSTM-W-Random-1, LSTM-C-Random-4, CNN-W-GloVe-1, RoBERTa
LSTM-W-Random-1, LSTM-C-Random-4, BiLSTM-W-GloVe-4, CNN-W-GloVe-1, RoBERTa
LSTM-W-Random-1, LSTM-C-Random-4, BiLSTM-W-GloVe-4, BiLSTM-C-Random-4, CNN-W-GloVe-1, RoBERTa
LSTM-W-Random-1, LSTM-W-Word2vec-1, LSTM-C-Random-4, BiLSTM-W-GloVe-4, BiLSTM-C-Random-4, CNN-W-GloVe-1, RoBERTa
""",
}
CHOSEN: dict[Setting, dict[int, tuple[Model, ...]]] = {
    setting: {len(models): models for models in map(_models, lines.split("\n")[1:-1])}
    for setting, lines in _CHOICES.items()
}
