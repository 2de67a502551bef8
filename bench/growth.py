#!/usr/bin/env python3
"""How cost grows with the number of customers: import, memory, read, search and create at each size.

`bench/growth.py --engine sqlite|postgres --sizes 10000,100000,1000000`. Reads and searches are spread over
2,000 customers of all; wrk with 8 connections. Prints a table and writes JSON to --out.
"""
import argparse
import json
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/pg")]
from cluster import Cluster  # noqa: E402
from harness import Client, Home, Server  # noqa: E402


def wrk(url, headers, script, seconds):
    words = ["wrk", "-t1", "-c8", f"-d{seconds}", "--latency", "-s", str(script)]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    text = subprocess.run(words + [url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in text, text
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 1, "ms": 1000, "s": 1e6}[unit]


def measured_import(home, table, mapping):
    program = ("import resource, subprocess, sys\n"
               "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
               "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    started = time.time()
    done = subprocess.run([sys.executable, "-c", program, home.binary, "--home", home.folder, "--json", "import",
                           str(table), "--mapping", str(mapping), "--source", "bench", "--basis", "contract",
                           "--purpose", "service"], capture_output=True, text=True, check=True)
    return time.time() - started, int(done.stdout) / 1024


def lua(folder, name, items, request):
    script = folder / f"{name}.lua"
    listed = "{" + ",".join(f'"{i}"' for i in items) + "}"
    script.write_text(f"local v={listed}\nlocal n=0\nwrk.headers['Content-Type']='application/json'\n"
                      f"request=function() n=n+1; local x=v[n%#v+1]; return {request} end\n")
    return script


def list_pages(client):
    """Pages of 50 by a single client, one after the other: median and slowest in milliseconds."""
    took, cursor = [], None
    for _ in range(100):
        started = time.perf_counter()
        _, answer = client.call("POST", "/api/v1/customers/list", {"limit": 50, **({"cursor": cursor} if cursor else {})})
        took.append((time.perf_counter() - started) * 1000)
        cursor = answer.get("next")
        assert answer["customers"], answer
    return statistics.median(took), max(took)


def at_size(arguments, size, folder):
    cluster = None
    store = []
    if arguments.engine == "postgres":
        cluster = Cluster({"shared_buffers": "512MB", "max_wal_size": "4GB"}).create().start()
        for database in ("fiducia", "fiducia_keys"):
            cluster.sql(f"CREATE DATABASE {database}")
        store = ["--store", cluster.dsn("fiducia"), "--keys-store", cluster.dsn("fiducia_keys")]
    home = Home(arguments.binary, folder / f"home{size}")
    home.answer("init", *store)
    key = home.answer("keys", "add-service", "--role", "operator")["key"]
    table, mapping = folder / "people.csv", folder / "mapping.toml"
    home.run("demo", "--customers", size, "--out", table)
    mapping.write_text(home.answer("import", table, "--suggest")["mapping"])
    seconds, megabytes = measured_import(home, table, mapping)
    numbers = re.findall(r",(1\d{10}),", table.read_text())
    random.Random(1).shuffle(numbers)
    server = Server(home)
    client = Client(server.port, key)
    ids = set()
    for number in numbers[:2000]:
        _, answer = client.call("POST", "/api/v1/customers/search", {"where": {"mobile": number}})
        ids.update(c["id"] for c in answer["customers"])
    base = f"https://127.0.0.1:{server.port}/"
    read = wrk(base, client.headers, lua(folder, "read", ids, "wrk.format('GET','/api/v1/customers/'..x)"),
               arguments.seconds)
    search = wrk(base, client.headers, lua(
        folder, "search", numbers[:2000],
        "wrk.format('POST','/api/v1/customers/search',nil,'{\"where\":{\"mobile\":\"'..x..'\"}}')"),
        arguments.seconds)
    create = wrk(base, client.headers, lua(
        folder, "create", ["x"],
        "wrk.format('POST','/api/v1/customers',nil,string.format('{\"kind\":\"person\",\"source\":\"bench\","
        "\"basis\":\"contract\",\"fields\":{\"name_full\":\"Bench Person\",\"mobile\":\"+86139%08d\"}}',n))"),
        arguments.seconds)
    pages = list_pages(client)
    server.stop()
    shutil.rmtree(home.folder)
    if cluster:
        cluster.remove()
    return {"size": size, "list_ms": pages[0], "list_worst_ms": pages[1], "import_s": seconds, "import_mb": megabytes, "read_us": read, "search_us": search,
            "create_us": create}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--out", default="")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-growth-"))
    rows = []
    try:
        for size in map(int, arguments.sizes.split(",")):
            rows.append(at_size(arguments, size, folder))
            print(f"  {size} done", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{arguments.engine}: medians in microseconds, 8 connections")
    print(f"{'customers':>10} {'import s':>9} {'MiB':>6} {'read':>8} {'search':>8} {'s/r':>5} {'create':>8} {'page ms':>8} {'worst':>6}")
    for r in rows:
        print(f"{r['size']:>10} {r['import_s']:>9.1f} {r['import_mb']:>6.0f} {r['read_us']:>8.0f} "
              f"{r['search_us']:>8.0f} {r['search_us'] / r['read_us']:>5.2f} {r['create_us']:>8.0f} {r['list_ms']:>8.1f} {r['list_worst_ms']:>6.1f}")
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps({"engine": arguments.engine, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
