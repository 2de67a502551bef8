"""Names, places and words from Debian packages and the regions that ship with the product.

python3-fake-factory (MIT): names, cities, streets and companies in many countries.
python3-jieba (MIT): Chinese words with how often they occur and their part of speech.
unicode-cldr-core (Unicode license): countries and cities. wamerican-small: ordinary English words.
wordnet-base (WordNet license): ordinary English sentences.
"""
import csv
import importlib
import pathlib
import re
import xml.etree.ElementTree as xml

import faker.providers
import jieba

PROVIDERS = pathlib.Path(faker.providers.__file__).parent
REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "data" / "reference"
CLDR = pathlib.Path("/usr/share/unicode/cldr/common/main/en.xml")
WORDNET = pathlib.Path("/usr/share/wordnet")
WORDS = pathlib.Path("/usr/share/dict/american-english-small")

DEMONYMS = """Afghan Albanian Algerian American Angolan Argentine Argentinian Armenian Australian Austrian
Azerbaijani Bahraini Bangladeshi Belarusian Belgian Bolivian Bosnian Brazilian British Bulgarian Cambodian
Cameroonian Canadian Chilean Chinese Colombian Congolese Croatian Cuban Cypriot Czech Danish Dominican Dutch
Ecuadorian Egyptian Emirati English Estonian Ethiopian Filipino Finnish French Georgian German Ghanaian Greek
Guatemalan Haitian Honduran Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish Israeli Italian Ivorian
Jamaican Japanese Jordanian Kazakh Kenyan Korean Kuwaiti Kyrgyz Laotian Latvian Lebanese Liberian Libyan
Lithuanian Luxembourgish Macedonian Malaysian Maltese Mexican Moldovan Mongolian Moroccan Mozambican Namibian
Nepalese Nicaraguan Nigerian Norwegian Omani Pakistani Palestinian Panamanian Paraguayan Peruvian Polish
Portuguese Qatari Romanian Russian Rwandan Salvadoran Saudi Scottish Senegalese Serbian Singaporean Slovak
Slovenian Slovene Somali Spanish Sudanese Swedish Swiss Syrian Taiwanese Tajik Tanzanian Thai Tunisian Turkish
Ugandan Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni Zambian Zimbabwean European African Asian
Arab Jewish Muslim Christian Catholic Buddhist Hindu Kurdish Tibetan Latino Hispanic Greenlandic Australasian
Greenlander Aussie Kiwi Scandinavian Mexicans Americans Germans Italians""".split()

STREET_WORDS = """street st road rd avenue ave lane ln drive dr court ct place pl square sq boulevard blvd way
terrace close crescent parkway pkwy highway hwy circle trail alley gateway row gardens grove strasse straße
gasse weg allee platz rue chemin via viale corso piazza vicolo strada calle avenida plaza rua ulica ulice
utca tér út katu tie kuja gatan vägen gata vägen vei veien gate straat laan plein vej gade allé odos road
apt apartment suite unit floor box building bldg room""".split()

COMPANY_WORDS = """inc ltd llc corp corporation company co plc gmbh ag sa group holdings bank partners
associates university college hospital institute agency foundation council ministry insurance systems
technologies solutions software media industries international services consulting airlines motors energy
pharma foods records studios bv nv oy ab as spa srl kft""".split()


def _lists(kind, wanted):
    for path in sorted((PROVIDERS / kind).iterdir()):
        if not re.fullmatch(r"[a-z]{2}(_[A-Z]{2})?", path.name):
            continue
        provider = importlib.import_module(f"faker.providers.{kind}.{path.name}").Provider
        for key in sorted(dir(provider)):
            values = getattr(provider, key)
            if key.startswith("_") or "format" in key or not wanted(key):
                continue
            if isinstance(values, (tuple, list, dict, set)):
                words = sorted(values) if isinstance(values, (dict, set)) else list(values)
                yield path.name, key, [w.strip() for w in words
                                       if isinstance(w, str) and w.strip() and "{" not in w]


def _latin(words):
    return sorted({w for w in words if len(w) > 1 and all(ord(c) < 0x250 or c in "’" for c in w)
                   and w[0].isupper()})


def _alphabetic(words):
    return sorted({w for w in words if len(w) > 1 and all(ord(c) < 0x600 for c in w)})


def first_names():
    every = [w for _, key, words in _lists("person", lambda k: "first_name" in k) for w in words]
    return _alphabetic(every)


def last_names():
    every = [w for _, key, words in _lists("person", lambda k: "last_name" in k) for w in words]
    return _alphabetic(every)


def cities():
    found = {w for _, _, words in _lists("address", lambda k: k in ("cities", "city_names", "states", "city_prefixes"))
             for w in words}
    tree = xml.parse(CLDR)
    found |= {e.text for e in tree.iter("exemplarCity")}
    found |= set("""London Paris Berlin Madrid Rome Vienna Lisbon Dublin Boston Chicago Seattle Houston Dallas
    Denver Miami Atlanta Detroit Phoenix Philadelphia Manchester Birmingham Liverpool Leeds Munich Hamburg Milan
    Naples Barcelona Valencia Lyon Marseille Shanghai Beijing Shenzhen Guangzhou Hangzhou Chengdu Wuhan Mumbai
    Delhi Bangalore Osaka Kyoto Nagoya Melbourne Brisbane Perth Adelaide Toronto Montreal Vancouver Calgary Ottawa
    California Texas Florida Ontario Quebec Bavaria Brooklyn Manhattan""".split())
    return [w for w in _alphabetic(found) if w[0].isupper()]


def countries():
    tree = xml.parse(CLDR)
    skip = {"World", "Unknown Region", "Eurozone", "UN"}
    found = [e.text for e in tree.find(".//territories") if re.fullmatch(r"[A-Z]{2}", e.get("type"))]
    found += ["United States of America", "USA", "UK", "U.S.", "England", "Scotland", "Wales", "Korea",
              "Czech Republic", "Burma", "Holland", "UAE"]
    return sorted({w.replace("&amp;", "&") for w in found if w and w not in skip and "Outlying" not in w})


def streets():
    found = {w for _, key, words in _lists("address", lambda k: "street" in k and "suffix" not in k and "prefix" not in k)
             for w in words}
    return _latin(found)


def plain_words():
    with WORDS.open(encoding="utf-8") as file:
        return [w.strip() for w in file if w.strip().isalpha() and w.strip().islower() and len(w.strip()) > 1]


def plain_sentences():
    """English phrases and sentences that name nobody: the examples and glosses of WordNet without capitals inside."""
    found = set()
    for path in sorted(WORDNET.glob("data.*")):
        for line in path.read_text(encoding="latin-1").splitlines():
            for part in line.partition(" | ")[2].split(";"):
                part = part.strip().strip('"').strip()
                words = part.split()
                if 4 <= len(words) <= 18 and not any(c in part for c in '"()[]`0123456789') \
                        and all(w[0].islower() or w.startswith(("I'", "I")) and len(w) < 5 for w in words[1:]) and words[0][0].islower():
                    found.add(part)
    return sorted(found)


def chinese_words():
    """(word, count, part of speech), most frequent first."""
    path = pathlib.Path(jieba.__file__).parent / "dict.txt"
    with path.open(encoding="utf-8") as file:
        rows = [line.split() for line in file]
    return sorted(((r[0], int(r[1]), r[2]) for r in rows if len(r) == 3), key=lambda r: (-r[1], r[0]))


def surnames():
    """Chinese surnames, the most common first."""
    with (REFERENCE / "cn_surnames.csv").open(encoding="utf-8") as file:
        return [row[0] for row in csv.reader(file)][1:]


CALLED = set("先生 女士 小姐 太太 老师 经理 主任 师傅 医生 阿姨 同学 律师 教授 处长 警官 局长 老板 夫人 同志 大夫 部长 书记 总统 将军 司令 总理 "
             "主席 院长 校长 队长 导演 记者 博士 大爷 大妈 叔叔 大哥 大姐 姑娘 伯伯 总 工 姐 哥 老 某 家 氏 府 庄 村".split())


def given_names():
    """Chinese given names as people bear them: from the names in the dictionary, without the surname."""
    known = set(surnames())
    found = []
    for word, count, kind in chinese_words():
        if kind == "nr" and 2 <= len(word) <= 3 and word[0] in known and word[1:] not in CALLED:
            found.append(word[1:])
    with (REFERENCE / "cn_given_names.csv").open(encoding="utf-8") as file:
        found += [row[0] for row in csv.reader(file)][1:]
    return found


def foreign_names():
    """Names of other languages as Chinese writes them."""
    return [w for w, _, kind in chinese_words() if kind == "nrt" and 2 <= len(w) <= 5]


def regions():
    """{code: name} of Chinese regions; two digits are a province, four a city, six a district."""
    with (REFERENCE / "cn_regions.csv").open(encoding="utf-8") as file:
        return {row[0]: row[1] for row in list(csv.reader(file))[1:]}
