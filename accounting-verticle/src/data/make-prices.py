"""Turns a table of model prices (CSV, one model a row) into prices.tsv: model, provider, mode, then one name=value field for every
cell that holds something. Usage: make-prices.py IN.csv OUT.tsv"""

import csv
import sys

with open(sys.argv[1], newline="") as source, open(sys.argv[2], "w") as target:
    for row in csv.DictReader(source):
        head = [row.pop("model"), row.pop("provider"), row.pop("mode")]
        cells = [f"{name}={value}" for name, value in row.items() if value]
        target.write("\t".join(head + cells) + "\n")
