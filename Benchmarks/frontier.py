#!/usr/bin/env python3
"""Plots the messages of broadcast against its latency, and writes docs/figures/frontier.svg.

Every setting of `eddy-node broadcast` is a bar from its median to its longest stable latency, at its messages
per operation. Published solutions are drawn in the same way. Both axes are logarithmic, so that twice the
latency at half the messages is the same distance everywhere.

Run it with `make frontier`, which builds what it needs.
"""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench import DOCUMENTS
from simulation import broadcast

SVG = DOCUMENTS / "frontier.svg"
SEEDS = range(1, 4)
WINDOWS = [0, 25, 50, 100, 200, 300, 400, 500, 700, 1000, 1550, 2000]


@dataclass
class Bar:
    """A solution: messages per operation, and stable latencies in milliseconds."""

    name: str
    messages: float
    median: float
    longest: float


PUBLISHED = Bar("best published for latency: 14.73", 14.73, 78, 102)
# Only the messages of these are published; the latencies are the challenges' limits.
AT_LIMITS = [Bar("best published for 3d: 13.17", 13.17, 400, 600), Bar("best published for 3e: 1.92", 1.92, 1000, 2000)]


def measure(name, node_flags):
    """The bar of one setting of the daemon."""
    figures = broadcast(SEEDS, node_flags)
    print(
        f"{name:>8}: {figures.messages_per_operation:5.2f} messages per operation, "
        f"{figures.median:4.0f} ms (median), {figures.longest:4} ms (longest)", flush=True)
    return Bar(name, figures.messages_per_operation, figures.median, figures.longest)


# The drawing.

WIDTH, HEIGHT = 860, 580
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 92, 60
LATENCIES, MESSAGES = (60, 2900), (0.25, 24)
LATENCY_TICKS, MESSAGE_TICKS = [100, 200, 400, 600, 1000, 2000], [0.5, 1, 2, 5, 10]

# A selector, a property, and its colours on light and dark backgrounds.
COLOURS = [
    (".ground", "fill", "#ffffff", "#0d1117"),
    ("text", "fill", "#1f2328", "#e6edf3"),
    (".soft", "fill", "#59636e", "#9198a1"),
    (".grid", "stroke", "#e4e8ec", "#21262d"),
    (".band", "fill", "#e3effa", "#12253d"),
    (".bar.eddy", "stroke", "#0f6cbd", "#58a6ff"),
    ("text.eddy", "fill", "#0f6cbd", "#58a6ff"),
    (".median.eddy", "fill", "#0f6cbd", "#58a6ff"),
    (".bar.other", "stroke", "#bc4c00", "#f0883e"),
    ("text.other", "fill", "#bc4c00", "#f0883e"),
    (".median.other", "fill", "#bc4c00", "#f0883e"),
    (".longest", "fill", "#ffffff", "#0d1117"),
]


def style():
    def rules(ground):
        return " ".join(f"{rule[0]} {{ {rule[1]}: {rule[ground]} }}" for rule in COLOURS)

    return (
        "text { font: 13px -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif } "
        ".title { font-size: 17px; font-weight: 600 } .bar { stroke-width: 2 } "
        f".limits {{ stroke-dasharray: 5 4 }} {rules(2)} @media (prefers-color-scheme: dark) {{ {rules(3)} }}")


def x(latency):
    low, high = LATENCIES
    return round(LEFT + (WIDTH - LEFT - RIGHT) * math.log(latency / low) / math.log(high / low), 1)


def y(messages):
    low, high = MESSAGES
    return round(TOP + (HEIGHT - TOP - BOTTOM) * math.log(high / messages) / math.log(high / low), 1)


def text(words, left, top, classes="", anchor="start"):
    return f'<text x="{left}" y="{top}" class="{classes}" text-anchor="{anchor}">{escape(words)}</text>'


def line(start, end, classes):
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" class="{classes}"/>'


def grid():
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for latency in LATENCY_TICKS:
        yield line((x(latency), TOP), (x(latency), bottom), "grid")
        yield text(f"{latency:,}", x(latency), bottom + 20, "soft", "middle")
    for messages in MESSAGE_TICKS:
        yield line((LEFT, y(messages)), (right, y(messages)), "grid")
        yield text(f"{messages:g}", LEFT - 10, y(messages) + 4, "soft", "end")
    yield text("milliseconds from acknowledgement to stable", right, bottom + 44, "soft", "end")
    yield text("messages per operation", LEFT - 44, TOP - 14, "soft")


def bar(solution, who, classes=""):
    ends = [(x(latency), y(solution.messages)) for latency in (solution.median, solution.longest)]
    title = f"{solution.name}: {solution.messages:.2f} at {solution.median:.0f} and {solution.longest} ms"
    yield f"<g><title>{escape(title)}</title>"
    yield line(*ends, f"bar {who} {classes}")
    for (left, top), dot in zip(ends, ("median", "longest")):
        yield f'<circle cx="{left}" cy="{top}" r="4" class="bar {dot} {who}"/>'
    yield "</g>"


def beside(solution, words, classes):
    return text(words, x(solution.longest) + 11, y(solution.messages) + 4.5, classes)


def window_name(solution):
    """The label of a window; those of the first and of the challenges' solutions have more text."""
    window = int(solution.name)
    return {0: "--window 0", 400: "400, the default: 3d", 1550: "1,550: 3e"}.get(window, f"{window:,}")


def draw(direct, windows):
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" aria-label="Messages per operation against stable latency, with published solutions">')
    yield f"<style>{style()}</style>"
    yield f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
    yield text("Broadcast: messages against latency", LEFT - 44, 32, "title")
    yield text(
        "25 nodes, 100 operations per second, 100 ms between nodes. Each bar is one setting, from its median "
        "(\u25cf) to its longest (\u25cb).", LEFT - 44, 54, "soft")
    yield from grid()
    outline = [(b.median, b.messages) for b in windows] + [(b.longest, b.messages) for b in reversed(windows)]
    yield f'<polygon class="band" points="{" ".join(f"{x(a)},{y(b)}" for a, b in outline)}"/>'
    for solution in windows:
        yield from bar(solution, "eddy")
        yield beside(solution, window_name(solution), "eddy")
    yield from bar(direct, "eddy")
    yield beside(direct, direct.name, "eddy")
    yield from bar(PUBLISHED, "other")
    yield text(PUBLISHED.name, x(PUBLISHED.median) - 4, y(PUBLISHED.messages) - 12, "other")
    for solution in AT_LIMITS:
        yield from bar(solution, "other", "limits")
        middle = (x(solution.median) + x(solution.longest)) / 2
        yield text(solution.name, middle, y(solution.messages) - 29, "other", "middle")
        yield text("latency not published: drawn at the limits", middle, y(solution.messages) - 12, "soft", "middle")
    yield "</svg>"


def main():
    direct = measure("--direct", ["--direct"])
    windows = [measure(str(window), ["--window", window]) for window in WINDOWS]
    SVG.write_text("\n".join(draw(direct, windows)) + "\n")


if __name__ == "__main__":
    main()
