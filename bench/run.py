#!/usr/bin/env python3
"""./dev bench: the performance table, each figure as a ratio to a floor measured in the same run.

Medians of --rounds (5). Writes JSON to --out. wrk drives HTTP; the load generator shares the cores.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BINARY = os.path.abspath("build/fiducia")
CORE = os.path.abspath("build/bench_core")


def say(text):
    print(text, file=sys.stderr, flush=True)


def cli(home, *words):
    done = subprocess.run([BINARY, "--home", str(home), "--json", *words], capture_output=True,
                          text=True, check=True)
    return json.loads(done.stdout) if done.stdout.startswith("{") else {}


def wrk(url, seconds, headers=(), script=None, connections=64):
    words = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}", "--latency"]
    for header in headers:
        words += ["-H", header]
    if script:
        words += ["-s", str(script)]
    text = subprocess.run(words + [url], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit], int(bad[1]) if bad else 0


class Server:
    def __init__(self, home):
        self.process = subprocess.Popen(
            [BINARY, "--home", str(home), "--json", "serve", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = json.loads(self.process.stdout.readline())["listening"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def bench_http(folder, customers, seconds, rounds):
    home = folder / "http"
    cli(home, "init")
    cli(home, "demo", "--customers", str(customers))
    key = cli(home, "keys", "add-service", "--role", "agent")["key"]
    search = folder / "search.lua"
    read = folder / "read.lua"
    result = {"health": [], "read": [], "search": [], "read_p99_ms": [], "create": [], "create_p99_ms": []}
    with Server(home) as server:
        auth = [f"Authorization: Bearer {key}", "Fiducia-Purpose: service"]
        found = subprocess.run(
            ["curl", "-sk", server.base + "/api/v1/customers/search", "-H", auth[0], "-H", auth[1],
             "-H", "Content-Type: application/json", "-d", '{"where":{"name_full":"Emma Smith"},"limit":50}'],
            capture_output=True, text=True, check=True).stdout
        customers_found = json.loads(found)["customers"]
        ids = [c["id"] for c in customers_found]
        numbers = []
        csv = folder / "demo.csv"
        cli(home, "demo", "--customers", "3000", "--out", str(csv))
        for line in csv.read_text().splitlines()[1:]:
            match = re.search(r",(1\d{10}),", line)
            if match:
                numbers.append(match[1])
        lua = lambda items: "{" + ",".join(f'"{i}"' for i in items) + "}"
        read.write_text(f"local ids={lua(ids)}\nlocal n=0\nrequest=function() n=n+1; return "
                        "wrk.format('GET','/api/v1/customers/'..ids[n%#ids+1]) end\n")
        search.write_text(f"local v={lua(numbers[:1000])}\nlocal n=0\nwrk.method='POST'\n"
                          "wrk.headers['Content-Type']='application/json'\nrequest=function() n=n+1; return "
                          "wrk.format(nil,'/api/v1/customers/search',nil,'{\"where\":{\"mobile\":\"'..v[n%#v+1]..'\"}}') end\n")
        create_key = cli(home, "keys", "add-service", "--role", "operator")["key"]
        create = folder / "create.lua"
        create.write_text(
            "local n=0\nlocal id=0\nsetup=function(t) id=id+1; t:set('me',id) end\nwrk.method='POST'\n"
            "wrk.headers['Content-Type']='application/json'\nrequest=function() n=n+1; return "
            "wrk.format(nil,'/api/v1/customers',nil,string.format('{\"kind\":\"person\",\"source\":\"demo\",\"basis\":\"contract\",\"fields\":{"
            "\"name_full\":\"Bench Person\",\"mobile\":\"+8613%d%08d\",\"email\":\"b%d.%d@example.com\",\"street\":\"1 Bench Street\",\"city\":\"Town\",\"country\":\"CN\",\"sex\":\"F\",\"birth_date\":\"1980-01-01\",\"employer\":\"Bench Ltd\",\"language\":\"en\",\"occupation\":\"tester\",\"education\":\"none\"}}',me+2,n,me,n)) end\n")
        create_auth = [f"Authorization: Bearer {create_key}", "Fiducia-Purpose: service"]
        for number in range(rounds):
            say(f"  http round {number + 1} of {rounds}")
            result["health"].append(wrk(server.base + "/healthz", seconds)[0])
            rate, p99, bad = wrk(server.base + "/", seconds, auth, read)
            assert bad == 0, "reads failed"
            result["read"].append(rate)
            result["read_p99_ms"].append(p99)
            rate, _, bad = wrk(server.base + "/", seconds, auth, search)
            assert bad == 0, "searches failed"
            result["search"].append(rate)
            rate, p99, bad = wrk(server.base + "/", seconds, create_auth, create)
            assert bad == 0, "creations failed"
            result["create"].append(rate)
            result["create_p99_ms"].append(p99)
    return {k: statistics.median(v) for k, v in result.items()}


def bench_import(folder, rows):
    table = folder / "people.csv"
    home = folder / "import"
    cli(home, "init")
    cli(home, "demo", "--customers", str(rows), "--out", str(table))
    mapping = folder / "mapping.toml"
    mapping.write_text(cli(home, "import", str(table), "--suggest")["mapping"])
    plain = folder / "plain.db"
    started = time.time()
    subprocess.run(["sqlite3", str(plain), ".mode csv", f".import {table} people"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    floor = time.time() - started
    started = time.time()
    done = subprocess.run(["/usr/bin/env", "python3", "-c", """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
""", BINARY, "--home", str(home), "--json", "import", str(table), "--mapping", str(mapping),
                           "--source", "bench", "--basis", "contract", "--purpose", "service"],
                          capture_output=True, text=True, check=True)
    ours = time.time() - started
    return {"import_rows": rows, "import_s": ours, "sqlite_import_s": floor,
            "import_max_rss_mb": int(done.stdout) / 1024}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--customers", type=int, default=20000)
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--out", default="build/bench.json")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-bench-"))
    try:
        say("http")
        figures = bench_http(folder, arguments.customers, arguments.seconds, arguments.rounds)
        say("import")
        imports = [bench_import(pathlib.Path(tempfile.mkdtemp(dir=folder)), arguments.rows)
                   for _ in range(max(1, arguments.rounds // 2))]
        figures.update({k: statistics.median(i[k] for i in imports) for k in imports[0]})
        say("core")
        cores = []
        for number in range(arguments.rounds):
            place = folder / f"core{number}"
            place.mkdir()
            cores.append(json.loads(subprocess.run([CORE, str(place)], capture_output=True, text=True,
                                                   check=True).stdout))
            shutil.rmtree(place)
        figures.update({k: statistics.median(c[k] for c in cores) for k in cores[0]})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    f = figures
    rows = [
        ("audited, decrypted profile read over HTTPS", f"{f['read']:,.0f}/s, p99 {f['read_p99_ms']:.1f} ms",
         "/healthz", f"{f['health']:,.0f}/s", f["read"] / f["health"], ">= 0.5"),
        ("exact search on a sealed field over HTTPS", f"{f['search']:,.0f}/s", "profile read",
         f"{f['read']:,.0f}/s", f["search"] / f["read"], ">= 0.5"),
        ("durable single create over HTTPS", f"{f['create']:,.0f}/s, p99 {f['create_p99_ms']:.1f} ms",
         "raw group commit", f"{f['raw_inserts_per_s']:,.0f}/s", f["create"] / f["raw_inserts_per_s"], ">= 0.5"),
        ("the same without HTTP", f"{f['creates_per_s']:,.0f}/s", "raw group commit",
         f"{f['raw_inserts_per_s']:,.0f}/s", f["creates_per_s"] / f["raw_inserts_per_s"], ">= 0.5"),
        (f"import of {f['import_rows']:,.0f} rows", f"{f['import_s']:.1f} s, {f['import_max_rss_mb']:.0f} MiB",
         "sqlite3 .import", f"{f['sqlite_import_s']:.1f} s", f["import_s"] / f["sqlite_import_s"], "<= 4"),
        ("decision, all fields of a dossier", f"{f['decision_ns']:.0f} ns", "", "", f["decision_ns"] / 1000,
         "< 1 us"),
        ("audit verification", f"{f['audit_leaves_per_s']:,.0f} leaves/s", "SHA-256 of the same bytes",
         f"{f['sha256_mb_per_s']:.0f} MB/s", f["audit_mb_per_s"] / f["sha256_mb_per_s"], ">= 0.5"),
    ]
    print(f"{'work':46} {'measured':28} {'against':26} {'':14} {'ratio':>6}  bar")
    for name, measured, against, floor, ratio, bar in rows:
        print(f"{name:46} {measured:28} {against:26} {floor:14} {ratio:6.2f}  {bar}")
    figures["ratios"] = {name: round(ratio, 3) for name, _, _, _, ratio, _ in rows}
    pathlib.Path(arguments.out).write_text(json.dumps(figures, indent=2) + "\n")
    say(f"written to {arguments.out}")


if __name__ == "__main__":
    main()
