#!/usr/bin/env python3
"""Writes docs/coverage.md: which requirement is shown by which passing test (`Covers("row")`)."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


def main():
    rows = {}
    cluster = BUILD / "coverage-cluster.json"
    starter = [sys.executable, str(ROOT / "tests/pg/cluster.py")]
    subprocess.run([*starter, "start", str(cluster)], check=True)
    runs = [(binary, {}, "-Postgres*") for binary in sorted(BUILD.glob("*_test"))]
    flows = BUILD / "tests" / "flows_test"
    runs += [(flows, {}, "-Postgres*"), (flows, {"FIDUCIA_TEST_PG": f"plain:{cluster}"}, "Postgres*")]
    for binary, environment, tests in runs:
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            subprocess.run([str(binary), f"--gtest_output=json:{out.name}", f"--gtest_filter={tests}"], cwd=ROOT,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                           env={**os.environ, **environment})
            report = json.load(open(out.name))
        for suite in report["testsuites"]:
            for test in suite["testsuite"]:
                if test.get("failures") or test["result"] != "COMPLETED":
                    continue
                for key in test:
                    if key.startswith("covers_"):
                        rows.setdefault(key[7:], set()).add(f"{suite['name']}.{test['name']}")
    subprocess.run([*starter, "stop", str(cluster)], check=True)
    # The browser's tests say what they cover in their first lines.
    for path in sorted((ROOT / "web" / "e2e").glob("*.test.mjs")):
        covered = re.search(r"^// Covers (.+)\.$", path.read_text(), re.M)
        if covered and subprocess.run(["node", "--test", path], cwd=ROOT, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, check=False).returncode == 0:
            for row in covered[1].split(", "):
                rows.setdefault(row, set()).add(path.relative_to(ROOT).as_posix())
    lines = ["# Coverage", "", "Which row of the requirements is shown by which test. Made by `./dev coverage` from passing",
             "tests; a row may be served in part.", "", "| row | tests |", "|---|---|"]
    for row in sorted(rows, key=lambda r: (r[0], int(r[1:]))):
        lines.append(f"| {row} | {', '.join(sorted(rows[row]))} |")
    (ROOT / "docs" / "coverage.md").write_text("\n".join(lines) + "\n")
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    sys.exit(main())
