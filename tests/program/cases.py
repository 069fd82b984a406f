"""cases.py BUILD SOURCE: what the program makes of orders after public bug reports.

../shared/cases/orders has an input and its units for each case, and expected.json the right
positions and orders, worked out by hand (README.md there has the sources). Each case is ingested
into a book of its own, and what the program shows is compared. Cases that are known to be wrong
are named in LEFT; one that has become right is reported, and does no harm. Without the cases it
says so, with status 77.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
from decimal import Decimal

# What the engine cannot say yet: contracts whose money is no multiple of price times quantity, and
# amounts beyond 64 bits.
LEFT = {"A14", "A18", "A19"}

# What a case leaves to us to say behind an instrument, "in a syntax of your choice".
SAID = {"A15": " multiplier 0.01"}


def shown(engine, verb, book):
    """Rows of `positions` or `orders`."""
    done = subprocess.run([engine, verb, book, "--json"], capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def number(text):
    return None if text is None else Decimal(text)


def ordered(rows):
    return sorted(rows, key=lambda row: [str(figure) for figure in row])


def differs(got, want):
    return any(figure is not None and figure != found for found, figure in zip(got, want))


def judge(engine, folder, name, expected):
    """What is wrong with a case; empty when it is right."""
    with tempfile.TemporaryDirectory() as scratch:
        book = f"{scratch}/book"
        units = pathlib.Path(scratch, "units")
        units.write_text("".join(line + SAID.get(name, "") * line.startswith("instrument") + "\n"
                                 for line in (folder / f"{name}.units").read_text().splitlines()))
        subprocess.run(
            [engine, "ingest", book, folder / f"{name}.in", "--instruments", units,
             "--format", expected["format"], "--synchronous", "off"],
            capture_output=True, check=False)
        positions = ordered([number(row["quantity"]), number(row["average_price"]), number(row["realised"])]
                            for row in shown(engine, "positions", book))
        orders = {row["order_id"]: row for row in shown(engine, "orders", book)}
    wanted = ordered([number(figure) for figure in row] for row in expected["positions"].values())
    wrong = []
    if len(positions) != len(wanted) or any(differs(got, want) for got, want in zip(positions, wanted)):
        wrong.append(f"positions {positions}, expected {wanted}")
    for order_id, (status, filled, leaves) in expected["orders"].items():
        row = orders.get(order_id)
        if row is None:
            wrong.append(f"order {order_id} is missing")
        elif differs([row["status"], row["cum_qty"], row["leaves_qty"]], [status, filled, leaves]):
            wrong.append(f"order {order_id} is {row['status']} {row['cum_qty']} {row['leaves_qty']}, "
                         f"expected {status} {filled} {leaves}")
    return wrong


def main():
    engine = f"{sys.argv[1]}/engine"
    folder = pathlib.Path(sys.argv[2]).parent / "shared" / "cases" / "orders"
    if not (folder / "expected.json").exists():
        print(f"skipped: {folder} is not there")
        return 77
    cases = json.loads((folder / "expected.json").read_text())
    failed = False
    right = 0
    for name, expected in cases.items():
        wrong = judge(engine, folder, name, expected)
        right += not wrong
        if wrong and name not in LEFT:
            print(f"{name}: {'; '.join(wrong)}")
            failed = True
        if not wrong and name in LEFT:
            print(f"{name}: right by now, take it out of LEFT")
    print(f"{right} of {len(cases)} cases are right")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
