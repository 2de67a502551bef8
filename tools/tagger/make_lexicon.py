#!/usr/bin/env python3
"""Writes the words that the tagger knows: KIND, VALUE and WORD on each line.

KIND l: a word in an alphabet, lower case; VALUE is the sum of 1 first name, 2 family name, 4 place, 8 country,
16 people of a country, 32 ordinary word, 64 word of a company's name, 128 word of a street's name.
KIND h: a Chinese word of two to four characters; VALUE is class * 32 + how common (0 to 31), the classes being
0 other, 1 noun, 2 verb, 3 person, 4 place, 5 organization, 6 particle, 7 number or time.
KIND c: a Chinese character; VALUE is 1 if it is a surname, plus 2 * how much it is one of given names (0 to 7),
plus 16 * how common it is as a word of its own (0 to 15).
usage: make_lexicon.py OUT
"""
import collections
import math
import re
import sys

import sources

CLASSES = {"n": 1, "v": 2, "a": 2, "i": 0, "l": 0, "d": 6, "p": 6, "c": 6, "u": 6, "r": 6, "y": 6, "f": 6,
           "m": 7, "q": 7, "t": 7}
TOP = 70000


def split(phrase):
    return [w.lower() for w in re.findall(r"[^\W\d_]+", phrase) if len(w) > 1]


def alphabet():
    value = collections.Counter()

    def add(words, bit, whole=False):
        for phrase in words:
            for word in ([phrase.lower()] if whole else split(phrase)):
                value[word] |= bit

    ordinary = set(sources.plain_words())
    add(sources.first_names(), 1)
    add(sources.last_names(), 2)
    for name in sources.cities():
        add([w for w in split(name) if len(w) > 3 and (w not in ordinary or " " not in name)], 4)
    for name in sources.countries():
        add([w for w in split(name) if len(w) > 3 or w in ("usa", "uk", "uae") or " " not in name], 8)
    add(sources.DEMONYMS, 16)
    add(ordinary, 32)
    add(sources.COMPANY_WORDS, 64)
    add(sources.STREET_WORDS, 128)
    for word in ("and", "the", "of", "or", "in", "on", "is", "are", "new", "other"):
        value[word] = 32
    return value


def chinese():
    words = {}
    for word, count, kind in sources.chinese_words():
        if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", word):
            continue
        place, person = kind == "ns", kind in ("nr", "nrt", "nrfg")
        class_ = 3 if person else 4 if place else 5 if kind in ("nt",) else CLASSES.get(kind[0], 0)
        if len(words) < TOP or ((place or class_ == 5) and count >= 3):
            words[word] = class_ * 32 + min(31, int(2 * math.log2(count + 1)))
    for name in sources.regions().values():
        if 2 <= len(name) <= 4:
            words.setdefault(name, 4 * 32 + 10)
        short = name[:-1]
        if 2 <= len(short) <= 4 and name[-1] in "省市区县":
            words.setdefault(short, 4 * 32 + 8)
    return words


def characters():
    known = {s for s in sources.surnames() if len(s) == 1}
    given = collections.Counter("".join(sources.given_names()))
    alone = {w: c for w, c, _ in sources.chinese_words() if len(w) == 1}
    inside = collections.Counter()
    for word, count, kind in sources.chinese_words():
        if not kind.startswith("nr"):
            for c in word:
                inside[c] += count
    of_given, of_inside = sum(given.values()), sum(inside.values())
    out = {}
    for c in set(given) | set(alone) | known:
        if not "\u4e00" <= c <= "\u9fff":
            continue
        ratio = math.log2((given[c] + 0.2) / of_given * of_inside / (inside[c] + 50))
        as_given = max(0, min(7, int(ratio + 4))) if given[c] else 0
        as_word = min(15, int(math.log2(alone.get(c, 0) + 1) * 0.8))
        out[c] = (1 if c in known else 0) + 2 * as_given + 16 * as_word
    return out


def main():
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for kind, table in (("l", alphabet()), ("h", chinese()), ("c", characters())):
            for word in sorted(table):
                print(kind, table[word], word, sep="\t", file=out)
            print(kind, len(table), file=sys.stderr)


if __name__ == "__main__":
    main()
