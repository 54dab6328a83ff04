"""Write a run's scores as JSON, as a table in Markdown, and as bars in SVG."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from tests.eval.cases import UNHEARD
from tests.eval.run import Score

Scores = dict[str, dict[str, Score]]
TARGETS = {"intent": 0.97, "slots": 0.95}
NONE_WRONG = ("nothing_unasked", "nothing_missed", "grounded")
_NAMES = {
    "intent": "intent", "slots": "slots", "nothing_unasked": "nothing unasked done",
    "nothing_missed": "nothing asked missed", "grounded": "figures grounded", "tone": "tone",
    "length": "length by mode", "confidence_in_range": "confidence 0 to 1",
    "answered": "answered at all",
}  # fmt: skip
_COLOURS = {"held_out": "#2563eb", "situations": "#7c3aed", "developed": "#94a3b8"}
_OTHER = "#0f766e"
_FONT = 'font-family="sans-serif" font-size="11"'
_WIDTH, _LEFT, _ROW = 360, 330, 18


def missed(scores: Scores) -> list[str]:
    """Return which targets a run misses on the cases that the grammar was not developed on."""
    return [
        each if file == "held_out" else f"{file}: {each}"
        for file in UNHEARD
        if file in scores
        for each in _missed(scores[file]["intent and slots"])
    ]


def _missed(whole: Score) -> list[str]:
    found = [
        f"{name} {rate:.1%} < {least:.0%}"
        for name, least in TARGETS.items()
        if (rate := whole.rate(name)) is not None and rate < least
    ]
    return found + [f"{name}: {whole.wrong(name)}" for name in NONE_WRONG if whole.wrong(name)]


def table(model: str, scores: Scores, failed: Sequence[str]) -> str:
    """Return the scores as a table in Markdown, the targets that failed, and the cases."""
    lines = [f"# {model}", "", "| cases | suite | what | good | of | share |"]
    lines.append("| --- | --- | --- | ---: | ---: | ---: |")
    for file, by_suite in scores.items():
        for suite, score in by_suite.items():
            lines += [
                f"| {file} | {suite} | {_NAMES.get(name, name)} | {score.good.get(name, 0)} | {of}"
                f" | {score.good.get(name, 0) / of:.1%} |"
                for name, of in score.of.items()
                if of
            ]
    lines += ["", f"Targets missed: {', '.join(failed) or 'none'}", ""]
    for file, by_suite in scores.items():
        bad = dict.fromkeys(each for score in by_suite.values() for each in score.bad)
        lines += [f"## {file}: {len(bad)} verdicts against it", "", *(f"- {each}" for each in bad)]
    return "\n".join(lines) + "\n"


def plot(model: str, scores: Scores) -> str:
    """Return bars of each share, held out beside developed, as SVG."""
    rows: list[tuple[str, str, float]] = []
    for file, by_suite in scores.items():
        if file == "developed":
            continue
        for suite, score in by_suite.items():
            for name in score.of:
                label = f"{suite}: {_NAMES.get(name, name)}"
                rows += [
                    (label, each, rate)
                    for each in ((file, "developed") if file == "held_out" else (file,))
                    if each in scores and (rate := scores[each][suite].rate(name)) is not None
                ]
    width, height = _LEFT + _WIDTH + 80, _ROW * len(rows) + 60
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" {_FONT}>',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="8" y="20" font-size="14">{escape(model)}: share of good verdicts</text>',
    ]
    for place, (label, file, rate) in enumerate(rows):
        y = 36 + place * _ROW
        colour = _COLOURS.get(file, _OTHER)
        shown = "developed on" if file == "developed" else escape(label)
        out += [
            f'<text x="{_LEFT - 6}" y="{y + 11}" text-anchor="end">{shown}</text>',
            f'<rect x="{_LEFT}" y="{y}" width="{rate * _WIDTH:.1f}" height="13" fill="{colour}"/>',
            f'<text x="{_LEFT + rate * _WIDTH + 4:.1f}" y="{y + 11}">{rate:.1%}</text>',
        ]
    return "\n".join([*out, "</svg>"]) + "\n"


def write(folder: Path, model: str, scores: Scores, failed: Sequence[str]) -> Path:
    """Write report.json, report.md and plot.svg; return the folder."""
    place = folder / model.replace(":", "-").replace("/", "-").replace(",", "+")
    place.mkdir(parents=True, exist_ok=True)
    as_json: dict[str, Any] = {
        file: {suite: asdict(score) for suite, score in by_suite.items()}
        for file, by_suite in scores.items()
    }
    (place / "report.json").write_text(json.dumps(as_json, indent=1, ensure_ascii=False) + "\n")
    (place / "report.md").write_text(table(model, scores, failed))
    (place / "plot.svg").write_text(plot(model, scores))
    return place
