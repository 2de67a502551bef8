#!/usr/bin/env python3
"""PostgreSQL: reads and creations through Fiducia against raw prepared statements (pgbench) on the same cluster.

Reads are audited, decrypted, over HTTPS; the raw statement fetches the same row by its key. Creations seal, index
and record a customer; the raw statement inserts a row of the same size into one table. Ratios are of one run.
"""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/pg"), str(ROOT / "bench")]
from cluster import USER, Cluster, programs  # noqa: E402
from growth import lua  # noqa: E402
from harness import Client, Home, Server  # noqa: E402


def wrk(url, headers, script, seconds, connections=64):
    words = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}", "-s", str(script)]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    text = subprocess.run(words + [url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in text, text
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def pgbench(cluster, script, seconds, clients=16):
    text = subprocess.run([programs() / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T",
                           str(seconds), "-f", script, "-h", cluster.folder, "-U", USER, "fiducia"],
                          capture_output=True, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", text)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--customers", type=int, default=20000)
    parser.add_argument("--out", default="")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-bench-"))
    cluster = Cluster({"shared_buffers": "512MB", "max_wal_size": "4GB"}).create().start()
    server = None
    try:
        for database in ("fiducia", "fiducia_keys"):
            cluster.sql(f"CREATE DATABASE {database}")
        home = Home(arguments.binary, folder / "home")
        home.answer("init", "--store", cluster.dsn("fiducia"), "--keys-store", cluster.dsn("fiducia_keys"))
        key = home.answer("keys", "add-service", "--role", "operator")["key"]
        home.answer("source", "add", "bench", "--channel", "api", "--owner", "ops")
        table, mapping = folder / "people.csv", folder / "mapping.toml"
        home.run("demo", "--customers", arguments.customers, "--out", table)
        mapping.write_text(home.answer("import", table, "--suggest")["mapping"])
        started = time.time()
        home.answer("import", table, "--mapping", mapping, "--source", "bench", "--basis", "contract",
                    "--purpose", "service")
        importing = time.time() - started
        subjects = cluster.sql("SELECT bucket || ' ' || encode(subject, 'hex') FROM fiducia_data.subjects "
                               "ORDER BY random() LIMIT 2000", "fiducia").splitlines()
        size = int(cluster.sql("SELECT AVG(length(body))::int FROM fiducia_data.subjects", "fiducia"))
        cluster.sql("CREATE TABLE raw(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body BYTEA)", "fiducia")
        cluster.sql("CREATE TABLE picks(n INTEGER PRIMARY KEY, bucket BIGINT, subject BYTEA)", "fiducia")
        for start in range(0, len(subjects), 500):
            rows = ",".join(f"({start + i},{s.split()[0]},'\\x{s.split()[1]}')"
                            for i, s in enumerate(subjects[start:start + 500]))
            cluster.sql(f"INSERT INTO picks VALUES {rows}", "fiducia")
        select = folder / "select.sql"
        select.write_text("\\set n random(0, 1999)\nSELECT s.version, s.body, s.mac FROM picks p JOIN "
                          "fiducia_data.subjects s ON s.bucket=p.bucket AND s.tenant=0 AND s.subject=p.subject "
                          "WHERE p.n=:n;\n")
        insert = folder / "insert.sql"
        insert.write_text(f"INSERT INTO raw(body) VALUES (decode(repeat('ab', {size}), 'hex'));\n")
        server = Server(home)
        client = Client(server.port, key)
        base = f"https://127.0.0.1:{server.port}/"
        ids = [re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", s.split()[1]) for s in subjects]
        read = lua(folder, "read", ids, "wrk.format('GET','/api/v1/customers/'..x)")
        create = lua(folder, "create", ["x"],
                     "wrk.format('POST','/api/v1/customers',nil,string.format('{\"kind\":\"person\",\"source\":\"bench\","
                     "\"basis\":\"contract\",\"fields\":{\"name_full\":\"Bench Person\",\"mobile\":\"+86139%08d\"}}',n))")
        figures = {"raw_read": [], "read": [], "raw_create": [], "create": []}
        for _ in range(arguments.rounds):
            figures["raw_read"].append(pgbench(cluster, select, arguments.seconds))
            figures["read"].append(wrk(base, client.headers, read, arguments.seconds))
            figures["raw_create"].append(pgbench(cluster, insert, arguments.seconds))
            figures["create"].append(wrk(base, client.headers, create, arguments.seconds))
        erasing = []
        for one in ids[:21]:
            started = time.time()
            status, _ = client.call("DELETE", f"/api/v1/customers/{one}", **{"Fiducia-Purpose": "legal_compliance"})
            assert status == 200, status
            erasing.append(time.time() - started)
        median = {name: statistics.median(values) for name, values in figures.items()}
        median["import_rows_per_s"] = arguments.customers / importing
        median["erase_ms"] = statistics.median(erasing) * 1000
        print(f"read    {median['read']:>9.0f}/s   raw {median['raw_read']:>9.0f}/s   "
              f"ratio {median['read'] / median['raw_read']:.2f} (bar 0.4)")
        print(f"create  {median['create']:>9.0f}/s   raw {median['raw_create']:>9.0f}/s   "
              f"ratio {median['create'] / median['raw_create']:.2f} (bar 0.4)")
        print(f"import  {median['import_rows_per_s']:>9.0f} rows/s")
        print(f"erase   {median['erase_ms']:>9.1f} ms (bar 1000)")
        if arguments.out:
            pathlib.Path(arguments.out).write_text(json.dumps(median, indent=1))
    finally:
        if server:
            server.kill()
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
