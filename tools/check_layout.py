#!/usr/bin/env python3
"""Holds the house to its plan: who includes whom, who may see what, how large things are.

Reads src/MODULES. Exceptions stand in tools/layout_exceptions.txt, which may only shrink: one that is
no longer needed fails the check.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# Third-party headers and the only modules that may include them.
ADAPTERS = {
    "openssl/": {"crypto", "testing"}, "sodium": {"crypto"}, "fido": {"crypto"}, "liboath/": {"crypto"},
    "sqlite3.h": {"db"}, "libpq-fe.h": {"db"},
    "boost/": {"http"}, "curl/": {"http"},
    "toml++/": {"rules"},
    "unicode/": {"base", "process", "collect"},
    "phonenumbers/": {"process"},
    "nlohmann/": {"base"},
    "zip.h": {"collect", "govern"}, "expat.h": {"collect"}, "gmime/": {"collect"}, "nats/": {"collect"}, "mysql": {"db"},
    "CLI/": {"cli"},
    "gtest/": {"testing"},
}
# In C++23 as g++ 12 has it, what a call gives back is gone before the first round of the loop.
DANGLING = re.compile(r"for \(const \w+& \w+ : \w+\(.*\)\[")
# Short values stand in ids, hashes and base64 by chance: testing::Lacks knows.
BY_CHANCE = re.compile(r"EXPECT_EQ\(.*\.find\(.*npos\)")
ASVS_ROWS = (70, 177)  # levels 1 and 2 of ASVS 5.0.0; its seven of WebRTC in one row
# The only files that may look into a Sensitive.
MAY_REVEAL = {
    "src/model/sensitive.h", "src/vault/vault.cc", "src/api/render.cc", "src/api/render_people.cc", "src/process/clean/cleaner.cc",
    "src/process/clean/mask.cc", "src/collect/imports/quarantine.cc", "src/collect/events/event.cc", "src/collect/events/intake_read.cc", "src/collect/forms/answers.cc", "src/collect/connectors/folder_peer.cc", "src/process/classify/text_counts.cc", "src/gate/gate.cc", "src/apps/crm/fill.cc", "src/apps/exports/form.cc", "src/apps/desk/desk.cc", "src/process/contact/ticket.cc", "src/apps/quality/source_profile.cc", "src/govern/portal/campaigns.cc", "src/process/record/record.cc", "src/apps/crm/search.cc", "src/apps/crm/matching.cc", "src/process/record/merge.cc", "src/apps/exports/exports.cc", "src/apps/statistics/statistics.cc",
    "src/collect/imports/import_run.cc", "src/collect/imports/importer.cc",
    "src/collect/imports/suggest.cc", "src/collect/imports/repair.cc", "src/cli/demo_command.cc",
    "src/govern/lawful/person.cc", "src/govern/portal/doors.cc", "src/govern/portal/feedback.cc", "src/govern/portal/unsubscribe.cc",
    "src/courier/outbox.cc", "src/api/render_portal.cc", "src/api/render_rights.cc", "src/govern/rights/case.cc", "src/govern/rights/cases.cc", "src/govern/rights/package.cc", "src/govern/rights/review.cc", "src/govern/portal/redactions.cc", "src/server/mail.cc", "src/testing/customer.cc", "src/guard/register_book.cc", "src/guard/user.cc", "src/guard/passwords.cc", "src/guard/people.cc", "src/guard/sign_in.cc", "src/guard/enrollment.cc",
}
SQL = re.compile(r'"\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|WITH RECURSIVE) ')
# The engines keep books of their own: applied migrations, the lease of the writer.
MAY_SQL = ("src/store/", "src/db/", "src/testing/")
LINES_WARN, LINES_MAX, WIDTH_MAX = 500, 800, 100


def read_modules():
    allowed = {}
    for line in (SRC / "MODULES").read_text().splitlines():
        match = re.match(r"([a-z]+)\s*:\s*(.*)$", line)
        if match:
            allowed[match[1]] = set(match[2].split())
    return allowed


def check_acyclic(allowed, fail):
    done, path = set(), []

    def visit(name):
        if name in path:
            fail(f"src/MODULES: a cycle through {name}")
            return
        if name in done:
            return
        path.append(name)
        for dep in allowed.get(name, ()):
            if dep not in allowed:
                fail(f"src/MODULES: {name} uses the unknown module {dep}")
            else:
                visit(dep)
        path.pop()
        done.add(name)

    for name in allowed:
        visit(name)


def check_include(rel, module, is_test, header, quoted, allowed, fail):
    if quoted:
        target = header.split("/")[0]
        if target == "testing" and not is_test and module != "testing":
            fail(f"{rel}: includes {header}, which only tests may")
        elif target == "server" and module in ("api",) :
            fail(f"{rel}: {module} must not use server (src/MODULES)")
        elif target != module and target not in allowed[module] and not is_test:
            fail(f"{rel}: {module} must not use {target} (src/MODULES)")
    elif not is_test:
        for prefix, modules in ADAPTERS.items():
            if (header == prefix or header.startswith(prefix)) and module not in modules:
                fail(f"{rel}: <{header}> belongs in {', '.join(sorted(modules))}")


def check_file(path, allowed, fail, warn):
    rel = path.relative_to(ROOT).as_posix()
    module = rel.split("/")[1]
    is_test = rel.endswith(("_test.cc", "_fuzz.cc"))
    lines = path.read_text().splitlines()
    if len(lines) > LINES_MAX:
        fail(f"{rel}: {len(lines)} lines, more than {LINES_MAX}: split it")
    elif len(lines) > LINES_WARN:
        warn(f"{rel}: {len(lines)} lines")
    for number, line in enumerate(lines, 1):
        where = f"{rel}:{number}"
        if len(line) > WIDTH_MAX and not is_test and '"' not in line:
            fail(f"{where}: {len(line)} characters")
        match = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
        if match:
            check_include(where, module, is_test, match[1] or match[2], bool(match[1]), allowed, fail)
        if ".Reveal()" in line and rel not in MAY_REVEAL and not is_test:
            fail(f"{where}: looks into a Sensitive; see MAY_REVEAL in tools/check_layout.py")
        if SQL.search(line) and not rel.startswith(MAY_SQL) and not is_test:
            fail(f"{where}: SQL belongs in src/store")
        if DANGLING.search(line):
            fail(f"{where}: the loop runs over a part of something that is gone: name it first")
        if re.search(r"\bTODO\b", line):
            fail(f"{where}: finish it or write an issue")
    if path.suffix == ".h" and "#pragma once" not in lines:
        fail(f"{rel}: no #pragma once")
    if path.suffix == ".h" and not lines[0].startswith("//"):
        fail(f"{rel}: a header opens with what it is and why it exists")


def check_asvs(fail):
    """docs/asvs.md: every requirement of levels 1 and 2 once, and no test that is not there."""
    tests = set()
    for path in [*SRC.rglob("*_test.cc"), *(ROOT / "tests").rglob("*.cc")]:
        tests |= {".".join(found) for found in re.findall(r"^TEST(?:_F)?\((\w+), (\w+)\)", path.read_text(), re.M)}
    rows = re.findall(r"^\| ([\d.]+) \| (\d) \| ([^|]+) \| ([^|]+) \|$", (ROOT / "docs" / "asvs.md").read_text(), re.M)
    levels = [level for _, level, _, _ in rows]
    if (levels.count("1"), levels.count("2")) != ASVS_ROWS or len({row[0] for row in rows}) != len(rows):
        fail(f"docs/asvs.md: {levels.count('1')} and {levels.count('2')} rows, or one twice; {ASVS_ROWS} are asked")
    for requirement, _, _, how in rows:
        for name in re.findall(r"`(\w+Test\.\w+)`", how):
            if name not in tests:
                fail(f"docs/asvs.md: {requirement}: there is no test {name}")


def main():
    allowed = read_modules()
    problems, warnings = [], []
    check_acyclic(allowed, problems.append)
    for folder in sorted(p for p in SRC.iterdir() if p.is_dir()):
        if folder.name not in allowed:
            problems.append(f"src/{folder.name}: not in src/MODULES")
        readme = folder / "README.md"
        if not readme.exists():
            problems.append(f"src/{folder.name}: no README.md")
        elif len(readme.read_text().splitlines()) > 30:
            problems.append(f"src/{folder.name}/README.md: over 30 lines")
    for path in sorted(SRC.rglob("*.h")) + sorted(SRC.rglob("*.cc")):
        check_file(path, allowed, problems.append, warnings.append)
    for path in sorted((ROOT / "tests").rglob("*.cc")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if DANGLING.search(line):
                problems.append(f"{path.relative_to(ROOT)}:{number}: the loop runs over a part of something that is gone")
            if BY_CHANCE.search(line):
                problems.append(f"{path.relative_to(ROOT)}:{number}: ask with testing::Lacks: random text holds any few letters")
    check_asvs(problems.append)
    exceptions_file = ROOT / "tools" / "layout_exceptions.txt"
    exceptions = [line for line in exceptions_file.read_text().splitlines()
                  if line and not line.startswith("#")]
    left = []
    for problem in problems:
        hits = [e for e in exceptions if problem.startswith(e)]
        if hits:
            exceptions = [e for e in exceptions if e not in hits]
        else:
            left.append(problem)
    left += [f"tools/layout_exceptions.txt: '{e}' is no longer needed: delete it" for e in exceptions]
    for line in warnings:
        print("warning:", line)
    for line in left:
        print(line)
    print(f"layout: {len(left)} problems")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
