"""Where each state of a machine is drawn, and along which line each way goes. Pure; lengths in CSS pixels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from cli.console.machine import Edge, Node, Scope
from cli.console.ranks import Link, Rows, rank

# One line a state: the longest machine, of twenty rows, is to be seen whole in a window of 900 pixels.
HEIGHT, LETTER, LEAST_WIDTH = 23.0, 8.1, 128.0
GAP, ROW_GAP, PASS_WIDTH = 13.0, 13.0, 10.0
PAD, HEAD = 9.0, 30.0  # around what is inside a Map or Parallel, and the room for its own name
LOOP = 20.0  # to the right of a state that leads to itself
BESIDE = 94.0  # beside the name: how long it took, and the mark
ROUNDS = 12

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A state's place; (x, y) is its upper left corner. holds: other boxes lie inside it."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    holds: bool = False

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Line:
    """A way, from source to target; a loop to itself has its points to the right of the box."""

    edge: Edge
    points: tuple[Point, ...]

    @property
    def is_loop(self) -> bool:
        return self.edge.source == self.edge.target

    @property
    def path(self) -> str:
        """As SVG says it: straight through rows, curved between them."""
        (x, y), *rest = self.points
        if self.is_loop:
            (side, _), (to_x, to_y) = rest
            return f"M{x:.1f} {y:.1f}C{side:.1f} {y:.1f} {side:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        said = [f"M{x:.1f} {y:.1f}"]
        for (x, y), (to_x, to_y) in pairwise(self.points):
            middle = (y + to_y) / 2
            curve = f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}"
            said.append(f"V{to_y:.1f}" if x == to_x else curve)
        return "".join(said)


@dataclass(frozen=True)
class Drawing:
    """boxes: those that hold others come before them."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]

    def moved(self, x: float, y: float) -> Drawing:
        boxes = tuple(replace(box, x=box.x + x, y=box.y + y) for box in self.boxes)
        lines = tuple(
            replace(line, points=tuple((a + x, b + y) for a, b in line.points)) for line in self.lines
        )
        return replace(self, boxes=boxes, lines=lines)


def lay_out(scope: Scope) -> Drawing:
    """The whole machine, from top to bottom."""
    inner = {node.name: _side_by_side([lay_out(each) for each in node.inside]) for node in scope.nodes}
    loops = {edge.source for edge in scope.edges if edge.source == edge.target}
    links = [(edge.source, edge.target) for edge in scope.edges if edge.source != edge.target]
    rows = rank(scope.start, [node.name for node in scope.nodes], links)
    sizes = {node.name: _size(node, inner[node.name]) for node in scope.nodes}
    reach = {name: width + (LOOP if name in loops else 0.0) for name, (width, _) in sizes.items()}
    centre = _centres(rows, reach)
    tops, bottoms = _levels(rows, sizes)
    boxes: dict[str, Box] = {}
    for node in scope.nodes:
        (width, height), level = sizes[node.name], _level(rows, node.name)
        x, y = centre[node.name] - reach[node.name] / 2, (tops[level] + bottoms[level] - height) / 2
        boxes[node.name] = Box(node, x, y, width, height, bool(node.inside))
    lines = tuple(_lines(scope, rows, boxes, centre, tops, bottoms))
    every = [each for node in scope.nodes for each in _with_inner(boxes[node.name], inner[node.name])]
    lines += tuple(line for each in every for line in each.lines)
    found = tuple(box for each in every for box in each.boxes)
    width = max((box.x + reach.get(box.node.name, box.width) for box in found), default=0.0)
    width = max([width, *(x for line in lines for x, _ in line.points)])
    return Drawing(width, max(bottoms, default=0.0), found, lines)


def _side_by_side(parts: Sequence[Drawing]) -> Drawing:
    """The branches of a Parallel, or the one inside of a Map."""
    x, moved = 0.0, []
    for part in parts:
        moved.append(part.moved(x, 0.0))
        x += part.width + GAP
    boxes = tuple(box for part in moved for box in part.boxes)
    lines = tuple(line for part in moved for line in part.lines)
    return Drawing(max(x - GAP, 0.0), max((part.height for part in parts), default=0.0), boxes, lines)


def _size(node: Node, inner: Drawing) -> tuple[float, float]:
    width = max(LEAST_WIDTH, LETTER * len(node.name) + BESIDE)
    if not node.inside:
        return width, HEIGHT
    return max(width, inner.width + 2 * PAD), inner.height + HEAD + PAD


def _with_inner(box: Box, inner: Drawing) -> Iterator[Drawing]:
    yield Drawing(0.0, 0.0, (box,), ())
    if box.holds:
        yield inner.moved(box.x + (box.width - inner.width) / 2, box.y + HEAD)


def _level(rows: Rows, name: str) -> int:
    return next(index for index, row in enumerate(rows.rows) if name in row)


def _levels(rows: Rows, sizes: Mapping[str, tuple[float, float]]) -> tuple[list[float], list[float]]:
    """(top, bottom) of every row."""
    tops, bottoms, y = [], [], 0.0
    for row in rows.rows:
        tops.append(y)
        bottoms.append(y + max(sizes[name][1] if name in sizes else 0.0 for name in row))
        y = bottoms[-1] + ROW_GAP
    return tops, bottoms


def _centres(rows: Rows, widths: Mapping[str, float]) -> dict[str, float]:
    """Each place as near to the mean of its neighbours as the row leaves room."""
    above, below = rows.neighbours()
    half = {name: widths.get(name, PASS_WIDTH) / 2 for row in rows.rows for name in row}
    centre: dict[str, float] = {}
    for row in rows.rows:
        centre |= _spread(row, dict.fromkeys(row, 0.0), half)
    for turn in range(ROUNDS):
        near = (above, below)[turn % 2]
        for row in rows.rows if turn % 2 == 0 else reversed(rows.rows):
            wanted = {
                name: _mean([centre[each] for each in near.get(name, [])], centre[name]) for name in row
            }
            centre |= _spread(row, wanted, half)
    left = min((centre[name] - half[name] for name in centre), default=0.0)
    return {name: x - left for name, x in centre.items()}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _spread(row: Sequence[str], wanted: Mapping[str, float], half: Mapping[str, float]) -> dict[str, float]:
    """Least squares around `wanted` in the row's order without overlap: pool adjacent violators."""
    offset, offsets = 0.0, []
    for before, name in zip(("", *row), row, strict=False):
        offset += half[before] + GAP + half[name] if before else 0.0
        offsets.append(offset)
    pools: list[tuple[float, int]] = []  # (mean, how many)
    for name, shift in zip(row, offsets, strict=True):
        mean, count = wanted[name] - shift, 1
        while pools and pools[-1][0] > mean:
            former, many = pools.pop()
            mean, count = (former * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    return {name: x + shift for name, x, shift in zip(row, flat, offsets, strict=True)}


def _lines(
    scope: Scope,
    rows: Rows,
    boxes: Mapping[str, Box],
    centre: Mapping[str, float],
    tops: Sequence[float],
    bottoms: Sequence[float],
) -> Iterator[Line]:
    ports = _ports(rows, boxes, centre)
    level = {name: index for index, row in enumerate(rows.rows) for name in row}
    for edge in scope.edges:
        if edge.source == edge.target:
            yield _loop(edge, boxes[edge.source])
            continue
        link = (edge.source, edge.target)
        chain = rows.chains[link]
        out, into = ports[link, chain[0]], ports[link, chain[-1]]
        points: list[Point] = [(out, boxes[chain[0]].bottom), (out, bottoms[level[chain[0]]])]
        for place in chain[1:-1]:
            points += [(centre[place], tops[level[place]]), (centre[place], bottoms[level[place]])]
        points += [(into, tops[level[chain[-1]]]), (into, boxes[chain[-1]].y)]
        apart = [point for point, _ in groupby(points)]
        yield Line(edge, tuple(reversed(apart)) if link in rows.turned else tuple(apart))


def _loop(edge: Edge, box: Box) -> Line:
    middle, reach = box.y + min(box.height, HEIGHT) / 2, 8.0
    right = box.right + LOOP - 6.0
    return Line(edge, ((box.right, middle - reach), (right, middle), (box.right, middle + reach)))


def _ports(
    rows: Rows, boxes: Mapping[str, Box], centre: Mapping[str, float]
) -> dict[tuple[Link, str], float]:
    """Where a way touches a box's upper or lower side: side by side, in the order of where the ways come from."""
    sides: dict[tuple[str, bool], list[tuple[float, Link]]] = defaultdict(list)
    for link, chain in rows.chains.items():
        sides[chain[0], True].append((centre[chain[1]], link))
        sides[chain[-1], False].append((centre[chain[-2]], link))
    found = {}
    for (name, _), ways in sides.items():
        box, step = boxes[name], min(18.0, boxes[name].width / (len(ways) + 1))
        for index, (_, link) in enumerate(sorted(ways)):
            found[link, name] = box.x + box.width / 2 + step * (index - (len(ways) - 1) / 2)
    return found
