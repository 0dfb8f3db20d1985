#!/usr/bin/env python3
"""How often `hallway bench --against` raises a false alarm, and how often it finds a delay that was put in.

  cargo build --release --features faults
  benches/against.py target/release/hallway [--runs 100] [--percent 10] [-- BENCH-FLAGS...]

Each run measures the binary against itself; then, made slower, against itself as it is. Prints how many runs spoke
of a difference, and of which."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("binary", type=pathlib.Path)
parser.add_argument("--runs", type=int, default=100)
parser.add_argument("--percent", type=float, default=10)
own = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
flags = sys.argv[len(own) + 2 :]
options = parser.parse_args(own)

for percent in (0, options.percent):
    # `bench` runs copies: hallway-0 is the binary in hand, hallway-1 the other.
    environment = {**os.environ, "HALLWAY_DELAY": f"{percent}:hallway-0"}
    spoken = {}
    ratios = {"one_shot": [], "warm": []}
    for seed in range(1, options.runs + 1):
        command = [options.binary, "bench", "--json", "--against", options.binary, "--seed", str(seed), *flags]
        answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        changes = json.loads(answer.stdout)["changes"]
        found = {f"{mode} {row['class']}" for mode in changes for row in changes[mode] if row["is_change"]}
        for mode, rows in changes.items():
            ratios[mode].append(rows[-1]["ratio"]["value"])
        for name in found | {"any"} if found else ():
            spoken[name] = spoken.get(name, 0) + 1
    print(f"{percent:g}% slower, {options.runs} runs: spoke of {spoken or 'nothing'}")
    for mode, values in ratios.items():
        values.sort()
        print(f"  {mode}: ratio from {values[0]:.3f} over {values[len(values) // 2]:.3f} to {values[-1]:.3f}", flush=True)
