"""Figure 1 with networks of our own, and the survey's linear example (rows 4-04, 4-07)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from images.drawing import Panel, panels
from images.measures import by_fgsm
from images.minimal import examples
from images.nets import Study
from images.telling import Section, Verdict
from turncoat.continuous.linear import SURVEY_EXAMPLE
from turncoat.continuous.measuring import judge
from turncoat.continuous.sizes import distortion

RECONSTRUCTED = (
    "Linear example: our copy of the survey has lost elements of both vectors. As printed there are the first seven of "
    "w = (-1, -1, 1, -1, 1, -1, 1, 1, -1, 1) and nine of x = (2, -1, 3, -2, 2, 2, 1, -4, 5, 1); reconstructed, "
    "by our reading, are the last three of w and one of the two 2s side by side in x, so that there are ten of each "
    "and both printed percentages come out (wᵀx = -3, then 2)."
)
SHOWN = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)  # the figure takes the first that turns the verdict


def pictures(study: Study) -> Section:
    """The whole part."""
    (svg, png), caption = _figure(study)
    before, after = (f"{100 * share:.2f}" for share in SURVEY_EXAMPLE.probabilities())
    exact = "confirmed" if (before, after) == ("4.74", "88.08") else "refuted"
    example = {"P(y = 1) at x, %": before, "P(y = 1) at x + ε sign(w), %": after, "ε": "0.5", "printed": "5 and 88"}
    return Section(
        "An adversarial image, and the linear example",
        f"{caption} {RECONSTRUCTED}",
        {"linear_example of the survey": [example]},
        [Verdict("4-04", "4.74 % to 88.08 %", f"{before} % to {after} %, w and x reconstructed in part", exact)],
        {"adversarial_image.svg": svg, "adversarial_image.png": png},
    )


def _figure(study: Study) -> tuple[tuple[bytes, bytes], str]:
    """x + ε sign(∇J) = x', and x + η = x' of L-BFGS on FC100-100-10, each with label and confidence."""
    x, y = study.digits.x, study.digits.y
    maxout, sigmoid = study.maxout("clean", 0), study.szegedy("FC100-100-10")
    made = examples(study, "FC100-100-10", sigmoid)
    turned = torch.nonzero(made["reached"]).flatten()
    if not len(turned):
        raise SystemExit("expected an image that L-BFGS turned, found none")
    right = (judge(maxout, x[made["rows"]]).classes == y[made["rows"]])[turned]
    place = int(turned[int(right.to(torch.int8).argmax())])
    row = int(made["rows"][place])
    one, gold = x[row : row + 1], y[row : row + 1]
    steps = {eps: by_fgsm(maxout, one, gold, eps) for eps in SHOWN}
    eps = next((eps for eps, moved in steps.items() if judge(maxout, moved).classes != gold), SHOWN[-1])
    least = made["x"][place : place + 1]
    rows = [
        _row(maxout, one, steps[eps], f"{eps} sign(∇J)"),
        _row(sigmoid, one, least, f"η, D = {distortion(least - one).item():.3f}"),
    ]
    caption = (
        f"Figure: test image {row} (a {gold.item()}), moved by FGSM on a maxout network (ε = {eps}, the smallest tried "
        "that turns it) and by L-BFGS on FC100-100-10; below, the class given and its probability; the middle panels' "
        "grey levels are stretched. Our own networks, not the original figure's."
    )
    return (panels(rows, ("+", "="), "svg"), panels(rows, ("+", "="), "png")), caption


def _row(network: nn.Module, clean: Tensor, moved: Tensor, name: str) -> list[Panel]:
    def told(image: Tensor) -> str:
        verdict = judge(network, image)
        return f"{verdict.classes.item()}, {100 * verdict.confidences.item():.1f} %"

    return [
        Panel(_square(clean), "x", told(clean)),
        Panel(_square(moved - clean), name, "", signed=True),
        Panel(_square(moved), "x'", told(moved)),
    ]


def _square(image: Tensor) -> Tensor:
    return image.view(round(image.numel() ** 0.5), -1)
