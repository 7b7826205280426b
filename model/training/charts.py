"""Charts of a version, drawn once by the training process, small and legible in a chat on a phone."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from model.evaluate import Evaluation

INK, MUTED, BLUE, ORANGE = "#1c2430", "#6b7688", "#2f6fde", "#d9642c"
_STYLE: Final[dict[Any, Any]] = {
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": "#c9d0da",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}


def draw_charts(folder: Path, title: str, test: Evaluation, history: Sequence[dict[str, float]]) -> None:
    """Write confusion.png, digits.png and training.png into `folder`; `history` has an entry an epoch."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    with mpl.rc_context(_STYLE):
        for name, draw in (
            ("confusion", partial(_confusion, test=test)),
            ("digits", partial(_digits, test=test)),
            ("training", partial(_training, history=history)),
        ):
            # 800 pixels square: what a phone shows of a chat picture.
            figure, axes = plt.subplots(figsize=(5, 5), dpi=160, layout="constrained")
            draw(axes)
            figure.supxlabel(title, x=0.99, ha="right", size=8, color=MUTED)
            figure.savefig(folder / f"{name}.png", pil_kwargs={"optimize": True})
            plt.close(figure)


def _confusion(axes: Any, test: Evaluation) -> None:
    counts = np.array(test.confusion)
    mistakes = counts.copy()
    np.fill_diagonal(mistakes, 0)
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=max(8, mistakes.max()))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            right = row == column
            strong = not right and count > 0.6 * max(8, mistakes.max())
            color = MUTED if right else "white" if strong else INK
            axes.text(column, row, count, ha="center", va="center", size=9 if right else 12, color=color)
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="written")
    axes.set_title(f"{mistakes.sum():,} mistakes in {counts.sum():,} test digits")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _digits(axes: Any, test: Evaluation) -> None:
    digits, accuracies = list(test.per_digit), [100 * accuracy for accuracy in test.per_digit.values()]
    worst = min(accuracies)
    # Points, not bars: the differences are tenths of a percent, so the axis does not begin at 0.
    begin = np.floor(worst) - 1 if worst > 90 else 0.0
    axes.hlines(digits, begin, 100, color="#e6eaf0", linewidth=2)
    colors = [ORANGE if accuracy == worst else BLUE for accuracy in accuracies]
    axes.scatter(accuracies, digits, s=130, color=colors, zorder=2)
    for digit, accuracy, color in zip(digits, accuracies, colors, strict=True):
        left = accuracy > (begin + 100) / 2
        away, side = (-10, "right") if left else (10, "left")
        axes.annotate(
            f"{accuracy:.1f}",
            (accuracy, digit),
            (away, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            color=color,
        )
    axes.set(yticks=range(10), xlim=(begin, 100.05), ylim=(9.6, -0.6), xlabel="% of the test digits read right")
    axes.set_title(f"Test accuracy {test.accuracy:.2%}, by digit")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _training(axes: Any, history: Sequence[dict[str, float]]) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    epochs = range(1, len(history) + 1)
    curves = [("accuracy", "on training digits", BLUE), ("validation_accuracy", "on validation digits", ORANGE)]
    for key, label, color in curves:
        # Mistakes on a logarithmic axis: from half of all to a few in a thousand, and every halving is seen.
        values = [max(0.01, 100 * (1 - entry[key])) for entry in history if key in entry]
        if values:
            named = f"{values[-1]:.2f} % {label}"
            axes.plot(epochs, values, color=color, marker="o", markersize=4, linewidth=2.5, label=named)
    axes.set(xlabel="epoch", ylabel="mistakes, %", yscale="log")
    axes.set_xlim(0.5, len(history) + 0.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _position: f"{value:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", color="#e6eaf0")
    axes.legend(frameon=False, loc="upper right")
    axes.set_title("How the training went")
