#!/usr/bin/env python3
"""Writes made-up sentences with the people, places and organizations in them marked, to train the tagger.

One JSON object a line: {"text", "spans": [[from, to, kind]]}, offsets in Unicode characters. With --labeled FILE,
sentences that people labeled (as presidio-research publishes them) follow; spans of kinds that patterns find are
left out of them.
usage: make_sentences.py OUT [--count N] [--seed N] [--labeled FILE]...
"""
import argparse
import json
import pathlib
import random
import re

import sources

HERE = pathlib.Path(__file__).resolve().parent
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
TITLES = ["Mr.", "Mrs.", "Ms.", "Mr", "Mrs", "Ms", "Dr.", "Dr", "Miss", "Prof.", "Sir", "Madam", "Professor", "Doctor",
          "mr.", "ms.", "Lord", "Lady"]
LABELS = {"PERSON": "person", "STREET_ADDRESS": "address", "GPE": "place", "ORGANIZATION": "organization",
          "DATE_TIME": "date", "AGE": "age", "TITLE": "title", "NRP": "group", "ZIP_CODE": "postcode"}


class Latin:
    """Fills the slots of English sentences."""

    def __init__(self, rng):
        self.rng = rng
        lists = sources
        self.firsts, self.lasts = lists.first_names(), lists.last_names()
        self.english_first = [w for _, key, words in lists._lists("person", lambda k: "first_name" in k)
                              if _ in ("en", "en_US", "en_GB", "en_NZ") for w in words]
        self.english_last = [w for _, key, words in lists._lists("person", lambda k: "last_name" in k)
                             if _ in ("en", "en_US", "en_GB", "en_NZ") for w in words]
        self.cities, self.countries, self.streets = lists.cities(), lists.countries(), lists.streets()
        self.words = [w for w in lists.plain_words() if 3 < len(w) < 10]
        self.plain = lists.plain_sentences()

    def any(self, values):
        return values[self.rng.randrange(len(values))]

    def chance(self, p):
        return self.rng.random() < p

    def made_up(self):
        """A word that no list holds, so that form and place have to tell."""
        syllables = "ba bel bor ca cho dar del den dor el fa fen gar gel ha hol il jan ka kel kov la len lin lo mar mil mon na " \
                    "nik nor ol per ra ri ros sa sel shi sten sul ta tor ul va vel vic vo wel wi ya zar zo".split()
        return "".join(self.any(syllables) for _ in range(self.rng.randint(2, 3))).capitalize()

    def first(self):
        pool = self.english_first if self.chance(0.4) else self.firsts
        return self.made_up() if self.chance(0.06) else self.any(pool)

    def last(self):
        pool = self.english_last if self.chance(0.4) else self.lasts
        name = self.made_up() if self.chance(0.12) else self.any(pool)
        if self.chance(0.03):
            name += "-" + self.any(pool)
        if self.chance(0.02):
            name = self.any(["O'", "Mc", "D'", "De ", "van ", "von ", "Al-"]) + name
        return name

    def person(self):
        form = self.rng.random()
        first, last = self.first(), self.last()
        if form < 0.62:
            return f"{first} {last}"
        if form < 0.76:
            return f"{first} {self.rng.choice('ABCDEFGHJKLMNPRSTVW')}{self.any(['.', '.', ''])} {last}"
        if form < 0.88:
            return first
        if form < 0.91:
            return f"{first} {self.first()} {last}"
        if form < 0.94:
            return f"{first} {last}".upper()
        if form < 0.96:
            return f"{first[0]}. {last}"
        return last

    def place(self):
        kind = self.rng.random()
        if kind < 0.2:
            return self.country()
        if kind < 0.35:
            name = self.made_up() + self.any(["", "", "ville", "stad", "dorf", "by", "ton", "burg", "berg", "ham", "sted"])
        elif kind < 0.45:
            name = self.last() + self.any(["ville", " City", " Falls", "town", " Springs", "field", " Beach"])
        else:
            name = self.any(self.cities)
        if self.chance(0.05):
            name = self.any(["North ", "South ", "East ", "West ", "New ", "St. ", "Lake ", "Fort ", "San ", "Port "]) + name
        return name.upper() if self.chance(0.18) else name

    def country(self):
        return self.any(["United States", "United Kingdom"]) if self.chance(0.1) else self.any(self.countries)

    def road(self):
        number = str(self.rng.randint(1, self.any([99, 999, 9999])))
        if self.chance(0.08):
            number += self.rng.choice("ABCD")
        kind = self.rng.random()
        if kind < 0.45:
            name = self.any([self.last, self.made_up, self.place])()
            if self.chance(0.15):
                name = self.any(["North", "South", "East", "West", "N.", "S.", "Old", "Upper"]) + " " + name
            if self.chance(0.1):
                name = str(self.rng.randint(1, 150)) + self.any(["th", "th", "nd", "rd", "st"])
            word = self.any("Street Street St Road Road Rd Avenue Ave Lane Drive Court Place Square Boulevard Way Terrace Close "
                            "Crescent Parkway Highway Circle Trail Gateway Row Gardens Grove Alley Hill St. Ave. Rd. Blvd".split())
            return number, f"{name} {word}", True
        if kind < 0.7:
            name = self.made_up() if self.chance(0.5) else self.last()
            end = self.any("strasse straße gasse weg allee platz katu tie gatan vägen gata veien straat laan plein vej gade ".split())
            return number, name + end if self.chance(0.8) else f"{name} {end.capitalize()}", False
        if kind < 0.85:
            head = self.any(["Rue", "Rue de", "Via", "Viale", "Calle", "Avenida", "Rua", "Ulica", "Chemin", "Place", "Plaza", "Strada",
                             "Vicolo", "Corso", "Largo", "Avenue", "C/", "Cours", "Quai", "ul."])
            return number, f"{head} {self.any([self.last, self.first, self.made_up])()}", False
        if kind < 0.93:
            tail = self.any(["utca", "tér", "út", "u.", "terrasse", "ulice", "náměstí", "gate", "utca", "ter", "Cesta", "ulica"])
            return number, f"{self.any([self.last, self.made_up])()} {tail}", False
        return number, self.any(self.streets), self.chance(0.5)

    def street(self):
        number, name, before = self.road()
        if self.chance(0.12):
            return name
        joined = f"{number} {name}" if before or self.chance(0.2) else f"{name} {number}"
        if self.chance(0.1):
            joined += self.any([" Apt. ", ", Apt ", " Suite ", " Unit ", " #", ", Floor "]) + str(self.rng.randint(1, 999))
        return joined

    def postcode(self):
        n = self.rng
        return self.any([lambda: f"{n.randint(0, 99999):05d}", lambda: f"{n.randint(0, 99999):05d}", lambda: f"{n.randint(1000, 9999)}",
                         lambda: f"{n.choice('ABCEGHLMNPSW')}{n.randint(1, 9)}{n.choice('ABEHJLN')} {n.randint(1, 9)}{n.choice('ABDEFG')}{n.choice('ABDEFG')}",
                         lambda: f"{n.choice('ABCEGHLMNPSW')}{n.choice('ABCEGHLMNPSW')}{n.randint(1, 29)} {n.randint(1, 9)}{n.choice('ABDEFG')}{n.choice('ABDEFG')}",
                         lambda: f"{n.randint(10000, 99999)}-{n.randint(1000, 9999)}", lambda: f"{n.randint(100, 999)} {n.randint(10, 99)}",
                         lambda: f"{n.randint(1000, 9999)} {n.choice('ABCDE')}{n.choice('ABCDE')}"])()

    def state(self):
        return self.any("AL AK AZ CA CO CT DE FL GA HI IL IN KS LA MA MD MI MN MO NC NJ NV NY OH OR PA TX UT VA WA NSW QLD VIC ON QC BC".split())

    def address(self):
        n = self.rng
        if self.chance(0.1):
            return self.any([f"{self.any(['Unit', 'PSC'])} {n.randint(1, 9999)}{self.any([' ', ', '])}Box {n.randint(1, 9999)}"
                             f"{self.any([chr(10), ', ', ' '])}{self.any(['APO', 'DPO', 'FPO'])} {self.any(['AA', 'AE', 'AP'])} {self.postcode()}",
                             f"P.O. Box {n.randint(1, 9999)}, {self.place()}", f"USS {self.last()}\nFPO {self.any(['AA', 'AE', 'AP'])} {n.randint(10000, 99999)}",
                             f"PO Box {n.randint(1, 9999)}\n{self.place()}, {self.state()} {self.postcode()}"])
        parts = [self.street()]
        gap = self.any([", ", ", ", "\n", "\n ", " ", ",\n"])
        if self.chance(0.4):
            parts.append(self.any(["Suite ", "Apt. ", "Apt ", "Unit ", "Floor ", "Room "]) + f"{n.randint(1, 999):03d}")
        town = self.place()
        if self.chance(0.4):
            town += self.any([", ", " ", "\n, "]) + self.state()
        if self.chance(0.6):
            town = f"{self.postcode()} {town}" if self.chance(0.25) else f"{town}{self.any([' ', chr(10) + ' ', ', '])}{self.postcode()}"
        parts.append(town)
        if self.chance(0.3):
            parts.append(self.country() + (f" {self.postcode()}" if self.chance(0.3) else ""))
        return gap.join(parts)

    def org(self):
        kind = self.rng.random()
        word = lambda: self.any(self.words).capitalize()
        if kind < 0.2:
            return f"{self.last()} {self.any(['Inc', 'Inc.', 'LLC', 'Ltd', 'Ltd.', 'GmbH', 'Corp.', 'Corporation', 'PLC', 'Group', 'Co.', 'AG', 'S.A.', 'Holdings'])}"
        if kind < 0.3:
            return f"{self.last()}-{self.last()}"
        if kind < 0.34:
            return f"{self.last()}, {self.last()} and {self.last()}"
        if kind < 0.48:
            return f"{self.last()} {self.any(['Partners', 'Brothers', 'Associates', 'Bank', 'Capital', 'Motors', 'Consulting', 'Foods', 'Industries', 'Insurance', 'Investments', 'Energy', 'Media'])}"
        if kind < 0.68:
            return f"{word()} {self.any(['Systems', 'Technologies', 'Solutions', 'Software', 'Media', 'Labs', 'Networks', 'Airlines', 'Studios', 'Pharma', 'Foods', 'Energy', 'Group', 'Inc', 'Care', 'Bank', word()])}"
        if kind < 0.8:
            return word() + self.any([word(), word().lower(), "soft", "tech", "ify", "ly", "net", "corp", "data", "pay", "hub", "works", "point"])
        if kind < 0.88:
            return f"{self.any(['University of', 'Bank of', 'City of', 'Museum of', 'Institute of'])} {self.any(self.cities)}"
        if kind < 0.94:
            return f"{self.any(self.cities)} {self.any(['University', 'Bank', 'Hospital', 'College', 'Airlines', 'Police', 'Times', 'FC', 'Post', 'Council'])}"
        return "".join(self.rng.choice("ABCDEFGHIKLMNOPRSTUVW") for _ in range(self.rng.randint(2, 4)))

    def date(self):
        n = self.rng
        day, month, year = n.randint(1, 28), n.randint(1, 12), n.randint(1930, 2026)
        return self.any([f"{MONTHS[month - 1]} {day}, {year}", f"{day} {MONTHS[month - 1]} {year}", f"{MONTHS[month - 1]} {day}", f"{year}-{month:02d}-{day:02d}",
                         f"{month}/{day}/{year}", f"{day:02d}.{month:02d}.{year}", f"{MONTHS[month - 1][:3]} {day}, {year}", f"{day}{self.any(['th', 'st', 'nd'])} of {MONTHS[month - 1]}",
                         f"{year}-{month:02d}-{day:02d} {n.randint(0, 23):02d}:{n.randint(0, 59):02d}:{n.randint(0, 59):02d}", f"{MONTHS[month - 1]} {year}"])

    def sentence(self):
        """One that names nobody."""
        text = self.any(self.plain)
        form = self.rng.random()
        if form < 0.1:
            return " ".join(w.capitalize() for w in text.split())
        if form < 0.16:
            return text.upper()
        if form < 0.24:
            words = text.split()
            at = self.rng.randrange(len(words))
            words[at:at + 2] = [w.capitalize() for w in words[at:at + 2]]
            return " ".join(words)
        return text[0].upper() + text[1:] + self.any([".", ".", ".", "!", "?", ""]) if form < 0.85 else text

    def spliced(self):
        """Something between the halves of two sentences: its own form has to tell what it is."""
        slot = self.any("person person person first last place country org group date year weekday street".split())
        value, kind = self.fill(slot)
        before, after = self.any(self.plain).split(), self.any(self.plain).split()
        before = before[:self.rng.randint(1, len(before))]
        after = after[self.rng.randint(0, len(after) - 1):]
        before[0] = before[0].capitalize()
        text = " ".join(before) + " "
        return {"text": text + value + self.any([" ", " ", ", ", "'s "]) + " ".join(after) + ".", "spans": [[len(text), len(text) + len(value), kind]]}

    def fill(self, slot):
        n = self.rng
        kinds = {"person": "person", "first": "person", "last": "person", "address": "address", "street": "address", "place": "place", "country": "place",
                 "org": "organization", "date": "date", "year": "date", "month": "date", "weekday": "date", "age": "age", "title": "title", "group": "group",
                 "postcode": "postcode"}
        if slot.startswith("lower_"):
            text, kind = self.fill(slot[6:])
            return text.lower(), kind
        if slot in kinds and hasattr(self, slot):
            return getattr(self, slot)(), kinds[slot]
        others = {
            "year": lambda: str(n.randint(1930, 2026)), "month": lambda: self.any(MONTHS), "weekday": lambda: self.any(DAYS), "age": lambda: str(n.randint(1, 99)),
            "words": lambda: " ".join(self.any(self.words) for _ in range(n.randint(1, 2))), "title": lambda: self.any(TITLES), "group": lambda: self.any(sources.DEMONYMS), "n": lambda: str(n.randint(1, 40)),
            "number": lambda: str(n.randint(10, 10 ** n.randint(2, 10))), "money": lambda: self.any([f"${n.randint(1, 9999)}", f"{n.randint(1, 999)}.{n.randint(10, 99)} EUR", f"£{n.randint(1, 99)}"]),
            "phone": lambda: self.any([f"({n.randint(200, 999)}) {n.randint(200, 999)}-{n.randint(1000, 9999)}", f"+{n.randint(1, 99)} {n.randint(100, 999)} {n.randint(100000, 9999999)}", f"0{n.randint(100, 999)} {n.randint(100000, 999999)}"]),
            "email": lambda: f"{self.any(self.words)}{n.randint(1, 99)}@example.{self.any(['com', 'org', 'de'])}", "url": lambda: f"http://www.{self.any(self.words)}.com/",
            "card": lambda: str(n.randint(4 * 10 ** 15, 5 * 10 ** 15)), "ssn": lambda: f"{n.randint(100, 665)}-{n.randint(10, 99)}-{n.randint(1000, 9999)}",
            "iban": lambda: f"DE{n.randint(10 ** 19, 10 ** 20 - 1)}"}
        return others[slot](), kinds.get(slot)


class Chinese:
    """Fills the slots of Chinese sentences."""

    def __init__(self, rng):
        self.rng = rng
        self.names = sources.surnames()
        self.single = [s for s in self.names if len(s) == 1]
        self.double = [s for s in self.names if len(s) > 1] or ["欧阳", "上官", "司马", "诸葛", "慕容"]
        self.given = sources.given_names()
        self.given_letters = [c for name in self.given for c in name]
        self.foreign_names = sources.foreign_names()
        words = sources.chinese_words()
        self.nouns = [w for w, c, k in words if k in ("n", "v", "a", "vn") and 1 < len(w) < 4][:8000]
        self.verbs = [w for w, c, k in words if k in ("v", "d", "p", "u", "c", "y") and len(w) < 3][:1200]
        self.every = [w for w, c, k in words if k not in ("nr", "ns", "nt", "nz", "nrt", "nrfg", "x", "eng") and re.fullmatch(r"[\u4e00-\u9fff]+", w)][:20000]
        self.weights = [1 / (i + 30) for i in range(len(self.every))]
        self.organizations = [w for w, c, k in words if k == "nt" and 3 < len(w) < 12]
        self.places = [w for w, c, k in words if k == "ns" and 1 < len(w) < 6]
        self.regions = sources.regions()
        self.districts = [c for c in self.regions if len(c) == 6]

    def any(self, values):
        return values[self.rng.randrange(len(values))]

    def chance(self, p):
        return self.rng.random() < p

    def surname(self):
        if self.chance(0.02):
            return self.any(self.double)
        at = int(len(self.single) * self.rng.random() ** 3)
        return self.single[at]

    def given_name(self):
        kind = self.rng.random()
        if kind < 0.5:
            return self.any(self.given)
        if kind < 0.85:
            return self.any(self.given_letters) + self.any(self.given_letters)
        return self.any(self.given_letters)

    def person(self):
        if self.chance(0.03):
            return self.foreign()
        return self.surname() + self.given_name()

    def foreign(self):
        parts = [self.any(self.foreign_names) for _ in range(self.any([1, 2, 2, 2, 3]))]
        return "·".join(parts)

    def called(self):
        kind = self.rng.random()
        name = self.surname() if kind < 0.75 else self.surname() + self.given_name()
        return name, self.any(["先生", "女士", "小姐", "老师", "经理", "总", "主任", "师傅", "医生", "阿姨", "同学", "律师", "教授", "工", "处长", "警官", "局长", "太太"])

    def place(self):
        if self.chance(0.5):
            return self.any(self.places)
        name = self.regions[self.any(sorted(self.regions)) if self.chance(0.1) else self.any(self.districts)]
        return name[:-1] if len(name) > 2 and self.chance(0.5) else name

    def region(self):
        code = self.any(self.districts)
        parts = [self.regions.get(code[:2], ""), self.regions.get(code[:4], ""), self.regions[code]]
        parts = [p for p in parts if p and p != "市辖区" and not p.endswith("直辖县级行政区划")]
        if len(parts) > 1 and parts[0] == parts[1]:
            parts = parts[1:]
        if self.chance(0.3):
            parts = parts[1:]
        if self.chance(0.1):
            parts = parts[-1:]
        return "".join(p[:-1] if len(p) > 2 and p[-1] in "省市" and self.chance(0.2) else p for p in parts)

    def address(self):
        n = self.rng
        road = self.any([lambda: self.any("人民 解放 建设 中山 和平 新华 文化 胜利 长江 黄河 朝阳 光明 民主 团结 友谊 学院 南京 北京 上海 迎宾 花园 滨河 环城 振兴 科技 金融 幸福 东风 青年 红旗 工业 世纪 平安 兴业".split()),
                         lambda: self.any(self.nouns), lambda: self.any(self.given), lambda: self.any(self.places)])()
        road += self.any(["路", "路", "路", "街", "大街", "大道", "巷", "胡同", "东路", "西路", "南街", "北路", "弄", "一路", "二街"])
        place = f"{road}{n.randint(1, 999)}号"
        if self.chance(0.15):
            place = road
        if self.chance(0.15):
            place = self.any(self.nouns + self.given) + self.any(["镇", "乡", "街道", "村"]) + (self.any(self.nouns) + "村" if self.chance(0.4) else "") + (f"{n.randint(1, 20)}组" if self.chance(0.4) else f"{n.randint(1, 300)}号")
        if self.chance(0.6):
            place += self.any([self.any("锦绣 阳光 金色 碧桂 龙湖 江南 翠湖 幸福 万科 恒大 保利 绿地 香榭 世纪 御景 紫金".split()), self.any(self.nouns), self.any(self.given)])
            place += self.any(["花园", "小区", "家园", "苑", "名府", "天街", "大厦", "广场", "公寓", "新村", "府", "城", "里", "科技园", "写字楼", ""])
        kind = n.random()
        if kind < 0.35:
            place += f"{n.randint(1, 30)}{self.any(['号楼', '栋', '幢', '座'])}"
            if self.chance(0.7):
                place += f"{n.randint(1, 6)}单元"
            place += f"{n.randint(1, 30)}{n.randint(0, 9):02d}" + self.any(["室", "室", "", "号", "房"])
        elif kind < 0.6:
            place += f"{n.randint(1, 30)}-{n.randint(1, 6)}-{n.randint(101, 3204)}"
        elif kind < 0.75:
            place += f"{self.any('ABCD')}座{n.randint(1, 30)}{self.any(['楼', '层'])}" + (f"{n.randint(101, 3204)}室" if self.chance(0.5) else "")
        region = self.region()
        if self.chance(0.1):
            return place if len(place) > 5 else region + place
        return region + (" " if self.chance(0.03) else "") + place

    def org(self):
        kind = self.rng.random()
        if kind < 0.1:
            return self.any(self.organizations)
        head = self.place() if self.chance(0.7) else ""
        name = self.any([lambda: self.any(self.nouns), lambda: self.any(self.given), lambda: self.any(self.foreign_names), lambda: self.any(self.given_letters) + self.any(self.given_letters),
                         lambda: self.any(self.nouns) + self.any(self.nouns), lambda: self.any(self.given_letters) + self.any(self.given_letters) + self.any(self.given_letters)])()
        if kind < 0.7:
            trade = self.any("科技 网络科技 信息技术 计算机网络 商贸 贸易 传媒 文化传播 建筑工程 餐饮管理 物流 物业管理 投资 电子商务 信息 网络 生物科技 医疗器械 服饰 食品 汽车销售 教育咨询 房地产开发 装饰 机械 能源 软件 系统 广告 劳务 进出口".split())
            return head + name + trade + self.any(["有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "公司", "集团"]) + (self.any([self.place() + "分公司"]) if self.chance(0.05) else "")
        if kind < 0.85:
            return (head or self.place()) + self.any("人民医院 第一人民医院 中心医院 大学 师范大学 中学 第二中学 实验小学 幼儿园 银行 公安局 人民政府 税务局 法院 图书馆 博物馆 电视台 日报社 机场 街道办事处 派出所 消费者协会 商会 研究院 电力公司".split())
        return name + self.any("集团 公司 银行 证券 超市 酒店 餐厅 药房 律师事务所 会计师事务所 工作室 俱乐部 出版社 保险 基金会".split())

    def salad(self):
        """Ordinary words in no order: what stands beside a name, too, must not be taken for part of it."""
        return "".join(self.rng.choices(self.every, self.weights, k=self.rng.randint(2, 7)))

    def fill(self, slot):
        n = self.rng
        kinds = {"person": "person", "foreign": "person", "address": "address", "place": "place", "org": "organization"}
        if slot in kinds:
            return getattr(self, slot)(), kinds[slot]
        code = lambda: f"{self.any(self.districts)}{n.randint(1940, 2015)}{n.randint(1, 12):02d}{n.randint(1, 28):02d}{n.randint(0, 9999):04d}"
        others = {"verb": lambda: self.verbs[int(len(self.verbs) * n.random() ** 2)], "noun": lambda: self.any(self.nouns), "salad": self.salad,
                  "phone": lambda: self.any([f"1{n.choice('3456789')}{n.randint(10 ** 8, 10 ** 9 - 1)}", f"0{n.randint(10, 999)}-{n.randint(10 ** 6, 10 ** 8 - 1)}", f"+86 1{n.choice('3578')}{n.randint(10 ** 8, 10 ** 9 - 1)}",
                                             f"1{n.choice('3578')}{n.randint(0, 9)} {n.randint(1000, 9999)} {n.randint(1000, 9999)}"]),
                  "date": lambda: self.any([f"{n.randint(1, 12)}月{n.randint(1, 28)}日", f"{n.randint(1950, 2026)}年{n.randint(1, 12)}月{n.randint(1, 28)}日", f"{n.randint(1950, 2026)}-{n.randint(1, 12):02d}-{n.randint(1, 28):02d}", "昨天", "下周一", "周三", "今天"]),
                  "year": lambda: str(n.randint(1900, 2026)), "n": lambda: str(n.randint(1, 60)), "number": lambda: self.any(["", "SO", "JD", "NO"]) + str(n.randint(10 ** 6, 10 ** 16)),
                  "money": lambda: f"{n.randint(1, 9999)}.{n.randint(10, 99)}元", "id": code, "uscc": lambda: "91" + "".join(n.choice("0123456789ABCDEFGH") for _ in range(16)),
                  "plate": lambda: n.choice("京沪粤浙苏鲁川") + n.choice("ABCDE") + "".join(n.choice("0123456789ABCD") for _ in range(5)), "passport": lambda: f"E{n.randint(10 ** 7, 10 ** 8 - 1)}",
                  "card": lambda: f"62{n.randint(10 ** 16, 10 ** 17 - 1)}", "bank": lambda: self.any("工商银行 建设银行 农业银行 招商银行 中国银行 交通银行".split()), "wechat": lambda: f"wx_{n.randint(1000, 99999)}",
                  "email": lambda: f"mail{n.randint(1, 99999)}@example.cn"}
        return others[slot](), None


def written(template, filler, called):
    text, spans = "", []
    for piece in re.split(r"(\{\w+\})", template.replace("\\n", "\n")):
        if not piece.startswith("{"):
            text += piece
            continue
        slot = piece[1:-1]
        if slot == "called":
            name, title = called()
            spans.append([len(text), len(text) + len(name), "person"])
            text += name + title
            continue
        value, kind = filler.fill(slot)
        if kind:
            spans.append([len(text), len(text) + len(value), kind])
        text += value
    return {"text": text, "spans": spans}


def joined(parts, gap):
    text, spans = "", []
    for part in parts:
        if text:
            text += gap
        spans += [[a + len(text), b + len(text), kind] for a, b, kind in part["spans"]]
        text += part["text"]
    return {"text": text, "spans": spans}


def salted(sentence, filler, rng):
    """Ordinary words around a Chinese sentence."""
    before, after = filler.salad() if rng.random() < 0.6 else "", filler.salad() if rng.random() < 0.6 else ""
    gap = rng.choice(["，", "。", "", " "])
    size = len(before) + len(gap) if before else 0
    text = (before + gap if before else "") + sentence["text"] + (gap + after if after else "")
    return {"text": text, "spans": [[a + size, b + size, kind] for a, b, kind in sentence["spans"]]}


def english(lines, latin, rng):
    form = rng.random()
    if form < 0.14:
        return {"text": latin.sentence(), "spans": []}
    return latin.spliced() if form < 0.3 else written(rng.choice(lines), latin, None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=80000)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--labeled", action="append", default=[])
    parser.add_argument("--repeat", type=int, default=6)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    lines = {name: [line.strip() for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
             for name in ("en", "zh")}
    latin, chinese = Latin(rng), Chinese(rng)
    with open(args.out, "w", encoding="utf-8") as out:
        for i in range(args.count):
            if i % 2 == 0:
                parts = [english(lines["en"], latin, rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
                sentence = joined(parts, rng.choice([" ", " ", "\n"]))
            else:
                parts = [written(rng.choice(lines["zh"]), chinese, chinese.called) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
                sentence = joined(parts, rng.choice(["", "", "\n", " "]))
                if rng.random() < 0.3:
                    sentence = salted(sentence, chinese, rng)
            print(json.dumps(sentence, ensure_ascii=False), file=out)
        for path in args.labeled:
            for item in json.loads(pathlib.Path(path).read_text(encoding="utf-8")) * args.repeat:
                spans = sorted([s["start_position"], s["end_position"], LABELS[s["entity_type"]]] for s in item["spans"] if s["entity_type"] in LABELS)
                print(json.dumps({"text": item["full_text"], "spans": spans}, ensure_ascii=False), file=out)


if __name__ == "__main__":
    main()
