#!/usr/bin/env python3
"""Writes contacts.csv: invented people at invented companies.

The mixture is the one a real list has: accents, hyphens, missing fields,
duplicates, companies known by name only, people known by LinkedIn only, and a
few rows that are no good. Same output every time.
"""

import csv
import pathlib
import random
import unicodedata

FIRST = """Amélie Björn Chloé Dmitri Élodie Fatou Giulia Håkon Inés João Kateřina
Léa Maïa Nadia Óscar Priya Quentin Rafał Søren Thandiwe Ulrike Véronique Wiebke
Xavier Yara Zoë Aiko Bilal Carmen Dragan Emre Freya Gábor Hana Ivo Jelena Kwame
Lotte Mehdi Noor Oksana Pedro Rania Stefan Tuva Uğur Violeta Wanja Ximena Yusuf
Anne-Sophie Jean-Baptiste Marie-Claire Karl-Heinz Maria-José Li-Wei""".split()
LAST = """Lambert O'Rourke Müller García-Prieto Núñez Ångström Østergård Kowalczyk
Dvořák Novák Rossi Bianchi Silva Santos Ferreira Dubois Lefèvre Çelik Yıldız
Haddad Nasser Okafor Mensah Ndiaye Patel Iyer Tanaka Sato Nguyen Tran Petrović
Horvat Szabó Nagy Ionescu Popescu Ivanova Kovalenko Schröder Weiß Jansen
Vermeulen Peeters Lindqvist Virtanen Kallio Murphy Walsh Campbell Fraser Evans
de-la-Cruz van-der-Berg Saint-Martin Abd-el-Karim""".split()
STEM = """Aurora Beacon Cobalt Delta Ember Fjord Granite Harbor Indigo Juniper Kestrel
Lumen Meridian Nimbus Orchard Pinnacle Quartz Ridge Summit Timber Umbra Vertex
Willow Zephyr""".split()
KIND = ["Analytics", "Foods", "Logistics", "Robotics", "Health", "Textiles",
        "Energy", "Games", "Systems", "Partners", "Éditions", "Maschinenbau"]


def plain(text: str) -> str:
    text = text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O")
    text = text.replace("ł", "l").replace("ı", "i").replace("ğ", "g")
    text = unicodedata.normalize("NFKD", text)
    kept = (c for c in text if c.isascii() and (c.isalnum() or c == "-"))
    return "".join(kept).lower()


def person(rng: random.Random, number: int) -> dict[str, str]:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    stem, kind = rng.choice(STEM), rng.choice(KIND)
    company = f"{stem} {kind}"
    domain = f"{plain(stem)}-{plain(kind)}.example"
    row = {
        "CRM ID": f"C-{number:05d}",
        "First Name": first,
        "Last Name": last.replace("-", " ") if rng.random() < 0.1 else last,
        "Company": company,
        "Website": domain,
        "LinkedIn": f"https://www.linkedin.com/in/{plain(first)}-{plain(last)}-{number}",
        "Owner": rng.choice(["North", "South", "Overseas"]),
    }
    shape = rng.random()
    if shape < 0.15:
        row["LinkedIn"] = ""
    elif shape < 0.30:
        row["Website"] = ""
    elif shape < 0.38:
        row["First Name"] = row["Last Name"] = row["Company"] = row["Website"] = ""
    elif shape < 0.45:
        row["Website"] = f"https://www.{domain}/about-us?ref=list"
    elif shape < 0.50:
        row["LinkedIn"] = f"fr.linkedin.com/in/{plain(first)}{number}/"
        row["Company"] = ""
    elif shape < 0.53:
        row["First Name"] = f"  {first} "
    elif shape < 0.56:
        row["Company"], row["LinkedIn"] = f'{company}, "Ltd."', ""
    return row


BROKEN = [
    {"First Name": "Nadia", "Last Name": "Lambert"},
    {"First Name": "Quentin", "Company": "Aurora Foods"},
    {"First Name": "Yara", "Last Name": "Haddad", "Website": "not a domain"},
    {"First Name": "Ivo", "Last Name": "Novák", "Website": "192.0.2.7"},
    {"LinkedIn": "https://www.linkedin.com/company/aurora-foods"},
    {"First Name": "x" * 120, "Last Name": "Long", "Website": "ember-games.example"},
    {"Company": "Nimbus Energy"},
    {"First Name": "Tab\there", "Last Name": "Control", "Website": "ridge-foods.example"},
]


def main() -> None:
    rng = random.Random(20261101)
    rows = [person(rng, n) for n in range(1, 1181)]
    for position in rng.sample(range(100, len(rows)), 25):
        copy = dict(rows[rng.randrange(position)])
        copy["CRM ID"] = rows[position]["CRM ID"]
        rows[position] = copy
    for offset, broken in enumerate(BROKEN):
        position = 90 + 140 * offset
        blank = {key: "" for key in rows[0]}
        rows[position] = blank | {"CRM ID": rows[position]["CRM ID"]} | broken
    path = pathlib.Path(__file__).with_name("contacts.csv")
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
