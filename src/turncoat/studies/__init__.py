"""Studies: many victims, attacks or trainings compared, with what a paper prints beside what was measured.

zoo.py, zoo_names.py  the 63 models of the transfer study: their names, and training them
transfer/             how adversarial texts transfer between models: matrix, factors, findings (`turncoat transfer`)
ensembles/            which models to attack together so that all others are fooled
rules/                universal rules, mined and from counts alone, tried on every model
importance/           which words a model's verdict hangs on (`turncoat importance`)
hardening/            training a victim so that it resists, and attacking it afresh (`turncoat harden`)
foundations/          what the older papers claim: neighbours of words, flat losses, the rules of AddSent

All of them share `model`, `verdicts` (claims as tests of direction), `tables`, `page`, and two ways to keep what was
found: `arrays` and `stored_answers`.
"""
