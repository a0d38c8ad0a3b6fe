"""A systolic array one word and one cycle at a time, in plain Python.

Every request of the array is written down by where the word is needed and when, from the picture
of the dataflow; the memories are Python sets. What SCALE-Sim 3.0.0 does with them is from its
public source (scalesim-project/SCALE-Sim).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import ceil

Case = dict[str, int]
Word = tuple[int, ...]
Lines = dict[int, list[Word]]  # words asked for by cycle, in order


def pieces(total: int, size: int) -> list[range]:
    """range(total) in runs of at most `size`."""
    return [range(start, min(start + size, total)) for start in range(0, total, size)]


def input_word(case: Case, m: int, k: int) -> Word:
    """Row, column, channel of the input that pixel m needs at tap k."""
    y, x = divmod(m, case["out_x"])
    tap, channel = divmod(k, case["channels"])
    tap_y, tap_x = divmod(tap, case["kernel"])
    return y * case["stride"] + tap_y, x * case["stride"] + tap_x, channel


class Array:
    """All requests of one layer on one array; `cycles` in all."""

    def __init__(self, case: Case, flow: str) -> None:
        self.case, self.flow = case, flow
        self.ifmap: Lines = defaultdict(list)
        self.filters: Lines = defaultdict(list)
        self.outputs: dict[int, int] = defaultdict(int)
        self.start = 0  # of the fold being laid out
        m, k, n = sizes(case)
        on_cols, on_rows = {"os": (n, m), "ws": (n, k), "is": (m, k)}[flow]
        lay = {"os": self.held_sums, "ws": self.held_filters, "is": self.held_input}[flow]
        for cols, rows in product(pieces(on_cols, case["cols"]), pieces(on_rows, case["rows"])):
            self.start += lay(rows, cols)
        self.cycles = self.start

    def held_sums(self, pixels: range, filters: range) -> int:
        """PE (i, j) multiplies tap k in cycle i + j + k; sums leave downwards after it."""
        R, C, K = self.case["rows"], self.case["cols"], sizes(self.case)[1]
        for (i, m), k in product(enumerate(pixels), range(K)):
            self.ifmap[self.start + k + i].append(input_word(self.case, m, k))
        for (j, n), k in product(enumerate(filters), range(K)):
            self.filters[self.start + k + j].append((k, n))
        for i, j in product(range(len(pixels)), range(len(filters))):
            self.outputs[self.start + K - 1 + j + (R - 1 - i)] += 1
        return K + R - 1 + C - 1

    def held_filters(self, taps: range, filters: range) -> int:
        """Weights enter from the top, the last row first; then pixel m meets row i at m + i."""
        R, M = self.case["rows"], sizes(self.case)[0]
        for i, k in enumerate(taps):
            self.filters[self.start + R - 1 - i] += [(k, n) for n in filters]
        for (i, k), m in product(enumerate(taps), range(M)):
            self.ifmap[self.start + R + m + i].append(input_word(self.case, m, k))
        return self.sums_leave(M, len(filters))

    def held_input(self, taps: range, pixels: range) -> int:
        """As held filters, the operands swapped."""
        R, N = self.case["rows"], self.case["filters"]
        for i, k in enumerate(taps):
            self.ifmap[self.start + R - 1 - i] += [input_word(self.case, m, k) for m in pixels]
        for (i, k), n in product(enumerate(taps), range(N)):
            self.filters[self.start + R + n + i].append((k, n))
        return self.sums_leave(N, len(pixels))

    def sums_leave(self, moving: int, lanes: int) -> int:
        """The sum of moving vector t leaves column j below the last row."""
        R, C = self.case["rows"], self.case["cols"]
        for t, j in product(range(moving), range(lanes)):
            self.outputs[self.start + R + t + (R - 1) + j] += 1
        return R + moving + (R - 1) + (C - 1)


def sizes(case: Case) -> tuple[int, int, int]:
    """M, K, N."""
    window = case["kernel"] ** 2 * case["channels"]
    return case["out_y"] * case["out_x"], window, case["filters"]


def fetch_order(case: Case, flow: str, operand: str) -> list[Word]:
    """Words in the order of the prefetcher: folds below one another, along diagonals if skewed."""
    m, k, n = sizes(case)
    R, C = case["rows"], case["cols"]
    steps, lanes, width, skewed = {
        ("os", "ifmap"): (k, m, R, True),
        ("ws", "ifmap"): (m, k, R, True),
        ("is", "ifmap"): (k, m, C, False),
        ("os", "filters"): (k, n, C, True),
        ("ws", "filters"): (k, n, C, False),
        ("is", "filters"): (n, k, R, True),
    }[flow, operand]
    places = []
    for fold, lane_range in enumerate(pieces(lanes, width)):
        for t, (c, lane) in product(range(steps), enumerate(lane_range)):
            row = fold * steps + t
            places.append(((row + c if skewed else row, c), (t, lane)))
    swapped = (flow, operand) in {("ws", "ifmap"), ("is", "filters")}
    pairs = [(lane, t) if swapped else (t, lane) for _, (t, lane) in sorted(places)]
    if operand == "filters":
        return pairs
    return [input_word(case, pixel, tap) for tap, pixel in pairs]


class ReadBuffer:
    """Half of the memory serves a ring of sets, the other half is refilled."""

    def __init__(self, order: list[Word], words: int, padded: int, port: int) -> None:
        size, half = ceil(words / 100), ceil(words / 2)
        self.sets = [set(order[i : i + size]) for i in range(0, len(order) + 1, size)]
        self.shown = min(ceil(half / size), len(self.sets))
        self.step = min(len(self.sets) - self.shown, ceil((words - half) / size))
        self.lines = ceil((words - half) / port)
        self.before = min(ceil(half / port), ceil(padded / port))  # cycles before the start
        self.words = self.before * port
        self.port, self.first, self.ready = port, 0, -1

    def delay(self, words: list[Word], cycle: int) -> int:
        """Cycles by which a line of requests is late."""
        late = 1
        for word in words:
            while not any(
                word in self.sets[(self.first + i) % len(self.sets)] for i in range(self.shown)
            ):
                self.first = (self.first + self.step) % len(self.sets)
                self.words += self.lines * self.port
                self.ready += self.lines + 1
                wait = self.ready - (cycle + late)
                late += 2 * wait if wait > 0 else wait
        return late - 1


class WriteBuffer:
    """Words gather in lines as wide as the port; half is written back when it is full."""

    def __init__(self, words: int, port: int) -> None:
        self.free, self.total, self.port = words, words, port
        self.half = words - ceil(words / 2)
        self.open, self.written, self.busy, self.last = 0, 0, 0, -1
        self.waiting: list[int] = []

    def close(self) -> None:
        if self.open:
            self.waiting.append(self.open)
            self.open = 0

    def drain(self, cycle: int) -> None:
        gone = self.waiting[: ceil(self.half / self.port)]
        self.waiting = self.waiting[len(gone) :]
        words = (len(gone) - 1) * self.port + gone[-1]
        self.written, self.free = self.written + words, self.free + words
        self.busy = cycle + len(gone) - 1
        self.last = max(self.last, self.busy)

    def put(self, count: int, cycle: int) -> int:
        now = cycle
        for _ in range(count):
            self.open, self.free = self.open + 1, self.free - 1
            if self.open == self.port:
                self.close()
            if now < self.busy:
                now = self.busy if self.free <= 0 else now
            elif self.free < self.total - self.half:
                self.close()
                self.drain(now)
        return now - cycle


def simulate(case: Case, flow: str) -> dict[str, int]:
    """Cycles and DRAM words of one layer."""
    array, port = Array(case, flow), case["port"]
    reads = [
        ReadBuffer(fetch_order(case, flow, of), case["words"], padded(case, flow, of), port)
        for of in ("ifmap", "filters")
    ]
    out = WriteBuffer(case["words"], port)
    stall = now = 0
    for line in range(array.cycles):
        now = line + stall
        late = [
            reads[0].delay(array.ifmap[line], now),
            reads[1].delay(array.filters[line], now),
            out.put(array.outputs[line], now),
        ]
        now += late[2]
        stall += max(late)
    out.close()
    while out.waiting:
        out.drain(now)
        now = out.busy + 1
    return {
        "compute": array.cycles - 1,
        "stall": stall,
        "span": out.last + max(read.before for read in reads),
        "ifmap": reads[0].words,
        "filters": reads[1].words,
        "outputs": out.written,
    }


def padded(case: Case, flow: str, operand: str) -> int:
    """Words of an operand with its last fold filled up."""
    m, k, n = sizes(case)
    R, C = case["rows"], case["cols"]
    steps, lanes, width = {
        ("os", "ifmap"): (k, m, R),
        ("ws", "ifmap"): (m, k, R),
        ("is", "ifmap"): (k, m, C),
        ("os", "filters"): (k, n, C),
        ("ws", "filters"): (k, n, C),
        ("is", "filters"): (n, k, R),
    }[flow, operand]
    return steps * ceil(lanes / width) * width
