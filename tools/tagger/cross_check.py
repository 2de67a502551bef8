#!/usr/bin/env python3
"""How well the tagger does on sentences of kinds it has not seen: labeled sentences are parted by their template;
for each part a model is trained on the others and scored on that part.
usage: cross_check.py TRAIN_TAGGER BENCH_TEXT LEXICON LABELED [FOLDS]
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    train, score, lexicon, labeled, *rest = sys.argv[1:]
    folds = int(rest[0]) if rest else 5
    items = json.loads(pathlib.Path(labeled).read_text(encoding="utf-8"))
    templates = sorted({item["template_id"] for item in items})
    random.Random(5).shuffle(templates)
    totals = [0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        for fold in range(folds):
            held = set(templates[fold::folds])
            paths = {name: pathlib.Path(folder) / name for name in ("learn.json", "held.json", "sentences", "model")}
            paths["learn.json"].write_text(json.dumps([i for i in items if i["template_id"] not in held]), encoding="utf-8")
            paths["held.json"].write_text(json.dumps([i for i in items if i["template_id"] in held]), encoding="utf-8")
            subprocess.run([sys.executable, HERE / "make_sentences.py", paths["sentences"], "--labeled", paths["learn.json"]], check=True)
            subprocess.run([train, lexicon, paths["sentences"], paths["model"]], check=True, stderr=subprocess.DEVNULL)
            counts = subprocess.run([score, "--score", paths["model"], paths["held.json"]], check=True, capture_output=True, text=True)
            totals = [a + int(b) for a, b in zip(totals, counts.stdout.split())]
            print(f"part {fold + 1}: right {counts.stdout.split()[0]}, missed {counts.stdout.split()[1]}, too many {counts.stdout.split()[2]}",
                  flush=True)
    right, missed, wrong = totals
    precision, recall = right / (right + wrong), right / (right + missed)
    print(f"all: P {precision:.3f} R {recall:.3f} F2 {5 * precision * recall / (4 * precision + recall):.3f}")


if __name__ == "__main__":
    main()
