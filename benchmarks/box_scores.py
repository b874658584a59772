"""Basketball records and texts about them, as facts and sentences that the checks of the audit can read.

What is particular to the game stands here: which noun states which field, which words say how a matter stands, who is
meant. Extraction, binding and status are the audit's own.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import tarfile
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from segvspers.emails.audit.binding import unbound
from segvspers.emails.audit.lexicon import Lexicon
from segvspers.emails.audit.phrases import Phrases
from segvspers.emails.audit.status import status_findings
from segvspers.emails.audit.status_rules import rule
from segvspers.emails.audit.terms import terms_of
from segvspers.emails.audit.values import find_single, find_values

NOUNS = {
    "point": "PTS", "rebound": "REB", "board": "REB", "assist": "AST", "dime": "AST", "steal": "STL", "block": "BLK", "swat": "BLK",
    "rejection": "BLK", "turnover": "TO", "minute": "MIN", "foul": "PF", "three": "FG3M", "made_field": "FGM", "tried_field": "FGA",
    "made_three": "FG3M", "tried_three": "FG3A", "made_free": "FTM", "tried_free": "FTA", "win": "WINS", "wins": "WINS",
    "losses": "LOSSES", "score": "PTS HALF", "quarter_1": "Q1", "quarter_2": "Q2", "quarter_3": "Q3", "quarter_4": "Q4",
    "half_1": "H1", "half_2": "H2", "field_pct": "FG_PCT", "three_pct": "FG3_PCT", "free_pct": "FT_PCT", "margin": "MARGIN",
}  # fmt: skip
LEXICON = Lexicon(nouns={noun: frozenset(fields.split()) for noun, fields in NOUNS.items()})
TEAMS = ("home", "vis")
COUNTED = ("point", "rebound", "board", "assist", "steal", "block", "turnover", "minute", "three")
TEN = ("PTS", "REB", "AST", "STL", "BLK")
WORDS = (
    rule("double", lambda fact: fact.told.get("tens") == 2, r"(?<!triple - )\bdouble - double\b"),
    rule("triple", lambda fact: fact.told.get("tens", 0) > 2, r"\btriple - double\b"),
    rule(
        "bench reserve second unit",
        lambda fact: fact.told.get("starts") is not True,
        r"\boff the bench\b|\breserve role\b|\bsecond unit\b|\breserve\b",
    ),
    rule("starter starting", lambda fact: fact.told.get("starts") is not False, r"\bstarters?\b|\bstarting lineup\b"),
    rule(
        "led high point man",
        lambda fact: fact.told.get("leads") is not False,
        r"(?<!bench - )\bled\b(?! (?:the|their|its) (?:bench|second|reserve|all bench))|\bteam - high\b|\bhigh - point man\b",
    ),
    rule(
        "led leading",
        lambda fact: fact.told.get("leads_bench") is not False,
        r"\bled (?:the|their) (?:bench|second unit|reserves)|\bbench - leading\b",
    ),
    rule("game", lambda fact: fact.told.get("leads_game") is not False, r"\bgame - high\b"),
    rule("second", lambda fact: fact.told.get("rank", 2) == 2, r"\bsecond(?= on the team| in scoring| - leading)"),
    rule("figures", lambda fact: fact.told.get("PTS", 10) >= 10, r"\bdouble figures\b"),
    rule(
        "defeated beat held",
        lambda fact: fact.told.get("won") is not False,
        r"\bdefeated\b|\bbeat\b|\bedged\b|\bheld off\b|\bpulled? away\b",
    ),
    rule("lost fell", lambda fact: fact.told.get("won") is not True, r"\bfell to\b|\blost to\b"),
)
# Statements that no record can bear out, such as how a season went; in a sentence on a game to come, where it is played too.
UNTOLD = (
    rule(
        "back away struggl turned",
        lambda _: False,
        r"\bbattled back\b|\bpull(?:ed)? away\b|\bstruggl(?:e|ing)\b|\bbounce back\b|\bturned around\b",
    ),
    rule("place seed", lambda _: False, r"\b(?:last|first|second|third|\w+th) (?:place|seed)\b"),
    rule("only other", lambda fact: fact.told.get("only_other") is True, r"\bonly other\b"),
)
TO_COME = (
    rule("home host road travel", lambda _: False, r"\bhome\b|\bhosts?\b|\bon the road\b|\btravels?\b|\broad\b"),
)
_TO_COME = re.compile(r"\b(?:will|next|look(?:s|ing)? to|heads?|travels?|awaits?)\b")


@dataclass(frozen=True)
class Game:
    """One record: its facts by entity, in what words they are named, and the day."""

    facts: dict
    names: Phrases
    entity_of: dict
    day: object


def read_games(folder):
    """Return records and texts by id, and the marks of people as sets of tokens."""
    with gzip.open(folder / "shared_task.jsonl.gz", "rt") as file:
        records = {told["shared_task_text_id"]: told for told in map(json.loads, file)}
    with tarfile.open(folder / "texts.tar.gz") as archive:
        texts = {
            name.rsplit("/", 1)[-1].removesuffix(".txt"): archive.extractfile(name).read().decode().strip()
            for name in archive.getnames() if name.endswith(".txt")
        }  # fmt: skip
    marks = {one: [] for one in texts}
    with (folder / "gsml.csv").open() as file:
        for row in csv.DictReader(file):
            if row["DOC_TOKEN_START"].isdigit():
                span = frozenset(range(int(row["DOC_TOKEN_START"]), int(row["DOC_TOKEN_END"]) + 1))
                marks[row["TEXT_ID"].removesuffix(".txt")].append((span, row["TYPE"]))
    return records, texts, marks


def game_of(record, teams):
    """Return a record as facts by entity; `teams` are the names of all teams of the league that are known."""
    facts, entity_of = {}, {}
    lines = {"home": record["home_line"], "vis": record["vis_line"]}
    points = {side: int(line["TEAM-PTS"]) for side, line in lines.items()}
    for side, line in lines.items():
        other = "vis" if side == "home" else "home"
        quarters = [int(line[f"TEAM-PTS_QTR{number}"]) for number in range(1, 5)]
        numbers = {
            "PTS": points[side], "REB": int(line["TEAM-REB"]), "AST": int(line["TEAM-AST"]), "TO": int(line["TEAM-TOV"]),
            "WINS": int(line["TEAM-WINS"]), "LOSSES": int(line["TEAM-LOSSES"]), "H1": sum(quarters[:2]), "H2": sum(quarters[2:]),
            "FG_PCT": int(line["TEAM-FG_PCT"]), "FG3_PCT": int(line["TEAM-FG3_PCT"]), "FT_PCT": int(line["TEAM-FT_PCT"]),
            "MARGIN": abs(points["home"] - points["vis"]),
        } | {f"Q{number}": told for number, told in enumerate(quarters, start=1)}  # fmt: skip
        facts[side] = terms_of("team", numbers | {"won": points[side] > points[other]})
        name, city = record[f"{side}_name"], record[f"{side}_city"]
        for words in {name, f"{city} {name}", *([city] if record["home_city"] != record["vis_city"] else [])}:
            entity_of[words] = side
    players(record["box_score"], record, facts, entity_of)
    for team in teams - entity_of.keys():
        entity_of[team] = "another team"
    month, number, year = map(int, record["day"].split("_"))
    day = date(2000 + year, month, number)
    return Game(facts, Phrases(entity_of), entity_of, day)


def players(box, record, facts, entity_of):
    """Add the players, by full name and by last name where one player has it."""
    best = {}
    for key, name in box["PLAYER_NAME"].items():
        stats = {
            field: int(box[field][key])
            for field in (*TEN, "TO", "MIN", "FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "PF", "OREB", "DREB")
            if box[field][key] != "N/A"
        }
        told = stats | {
            "tens": sum(stats.get(field, 0) >= 10 for field in TEN),
            "starts": box["START_POSITION"][key] != "N/A",
            "team": box["TEAM_CITY"][key],
        }
        facts[name] = terms_of("player", told)
        entity_of[name] = name
        for field in ("PTS", "REB", "AST"):
            best[told["team"], field] = max(best.get((told["team"], field), 0), stats.get(field, 0))
    for name in box["PLAYER_NAME"].values():
        told = dict(facts[name].told)
        leads = any(told.get(field, 0) and told[field] == best[told["team"], field] for field in ("PTS", "REB", "AST"))
        facts[name] = terms_of("player", told | {"leads": leads})
    box_ranks(facts, list(box["PLAYER_NAME"].values()))
    lasts = [name.split()[1] for name in box["PLAYER_NAME"].values() if len(name.split()) > 1]
    for name in box["PLAYER_NAME"].values():
        last = name.split()[1] if len(name.split()) > 1 else name
        if lasts.count(last) == 1 and last not in entity_of:
            entity_of[last] = name


_SENTENCE = re.compile(r".+?(?: [.!?](?= |$)|$)")
_SHOTS = re.compile(r"(\d+) - (\d+) (FG|3Pt|3PT|FT)\b")
_OF = re.compile(r"(\d+|[a-z]+) ?-? of ?-? (\d+|[a-z]+)\b(?P<rest>(?: [^\s,.]+){0,6})")
_RECORD = re.compile(r"\( ?(\d+) - (\d+)(?= ?[),])")
_SCORE = re.compile(r"(?<![(\d] )(?<![\d-] )\b(\d{2,3}) ?[-–] ?(\d{2,3})\b(?! (?:FG|3Pt|FT))")
_PART_OF_GAME = (
    (r"first quarter|opening quarter|first period", "quarter_1"), (r"second quarter|second period", "quarter_2"),
    (r"third quarter|third period", "quarter_3"), (r"fourth quarter|final quarter|final frame|fourth period|final period", "quarter_4"),
    (r"first half|halftime|at the half|intermission", "half_1"), (r"second half", "half_2"),
)  # fmt: skip
_STREAK = (
    "game",
    "straight",
    "consecutive",
    "loss",
    "win",
    "contest",
    "outing",
    "time",
    "season",
    "row",
    "year",
    "day",
    "matchup",
    "meeting",
    "night",
    "week",
    "month",
)
_NO_VALUE = re.compile(
    r" ?-? (?:point(?:er)?s? (?:range|line|land|shot|shooting|attempt|barrage)|pointers?|(?:point )?arc|way|team)\b|st\b"
)


def flagged(game, text):
    """Return what the checks find in a text, as sets of token numbers from one, each with the category of its check."""
    spans, carried = [], ["home"]
    for found in _SENTENCE.finditer(text):
        for start, end, category in _of_sentence(game, found.group(), carried):
            spans.append((found.start() + start, found.start() + end, category))
    return _tokens(text, spans)


def _tokens(text, spans):
    places = [found.span() for found in re.finditer(r"\S+", text)]
    told = []
    for start, end, category in sorted(set(spans)):
        held = frozenset(number for number, (low, high) in enumerate(places, start=1) if low < end and high > start)
        if held and not any(held & other for other, _ in told):
            told.append((held, category))
    return told


def _of_sentence(game, text, carried):
    mentions = [(start, end, game.entity_of[words]) for words, start, end in game.names.find(text)]
    for start, end, entity in mentions:
        if entity == "another team":
            yield start, end, "NAME"
    known = [(start, entity) for start, _, entity in mentions if entity != "another team"]
    sides = [one for one in mentions if one[2] in TEAMS]
    for (_, low, one), (start, end, other) in pairwise(sides):
        if one == other and re.search(
            r"\b(?:defeated|beat|over|against|outscored|out - scored|host|hosted|held)\b", text[low:start]
        ):
            yield start, end, "NAME"
    yield from _unknown_people(game, text, mentions)
    for value in _values(text, game.day):
        facts = _facts_for(value, text, known, carried, game)
        if unbound(text, [value], facts, lexicon=LEXICON, today=game.day):
            yield value.start, value.end, "NAME" if value.kind == "date" else "NUMBER"
    for low, high, entity in _clauses(text, known, carried):
        facts = [game.facts[entity]] if entity in game.facts else []
        rules = (*WORDS, *UNTOLD, *(TO_COME if _TO_COME.search(text) else ()))
        for finding in status_findings(text[low:high], facts, rules=rules):
            yield low + finding.start, low + finding.end, "WORD"
    if known:
        carried[:] = [known[0][1]]


def _clauses(text, known, carried):
    """Give the stretches of a sentence that each entity governs, from its name to the next."""
    starts = [0, *(start for start, _ in known[1:])] if known else [0]
    entities = [entity for _, entity in known] or carried[:1]
    yield from zip(starts, [*starts[1:], len(text)], entities, strict=False)


def _unknown_people(game, text, mentions):
    """Give pairs of capitalised words in mid-sentence that are nobody of the record, where they did something countable."""
    for found in re.finditer(
        r"(?:^|(?<= ))[A-Z][\w'.-]+ [A-Z][\w'-]+(?= (?:led|added|scored|chipped|was|had|paced|finished|posted|recorded|and|,|'s))",
        text,
    ):
        inside = any(start < found.end() and found.start() < end for start, end, _ in mentions)
        if not inside and not re.search(
            r"Center|Arena|Garden|Court|Fieldhouse|Conference|Division|Coach|Association",
            text[found.start() : found.end() + 12],
        ):
            yield *found.span(), "NAME"


def _facts_for(value, text, known, carried, game):
    if value.kind == "date":
        if _TO_COME.search(text):
            return []  # the record knows no game to come
        return [terms_of("game", {"played_on": game.day.isoformat()})]
    if value.cue in {"score", "margin"} or value.cue.startswith(("quarter_", "half_")):
        return [game.facts["home"], game.facts["vis"]]
    of_team = value.cue in {"wins", "losses"} or (
        value.cue.endswith("_pct") and not any(one not in TEAMS for _, one in known)
    )
    fitting = [(start, entity) for start, entity in known if (entity in TEAMS) == of_team]
    if (
        not fitting
        and not of_team
        and re.match(r"(?:[A-Z]?[a-z]+ )?(?:[Hh]e|[Hh]is)\b", text)
        and carried[0] not in TEAMS
    ):
        return [game.facts[carried[0]]]
    fitting = fitting or known
    before = [entity for start, entity in fitting if start < value.start]
    chosen = before[-1:] or [entity for _, entity in fitting[:1]] or carried[:1]
    return [game.facts[one] for one in chosen]


def _values(text, day):
    cues = {}
    for found in _SHOTS.finditer(text):
        kind = {"FG": "field", "FT": "free"}.get(found.group(3), "three")
        cues[found.start(1)], cues[found.start(2)] = f"made_{kind}", f"tried_{kind}"
    for found in _OF.finditer(text):
        if re.search(r"shoot|shot|field|floor|deep|arc|three|line|strip|attempt|beyond|range|throw", found["rest"]):
            kind = (
                "free"
                if re.search(r"free|line|strip", found["rest"]) and "three - point line" not in found["rest"]
                else "three"
                if re.search(r"deep|arc|three|beyond|long", found["rest"])
                else "field"
            )
            cues[found.start(1)], cues[found.start(2)] = f"made_{kind}", f"tried_{kind}"
    for found in _RECORD.finditer(text):
        cues.setdefault(found.start(1), "wins"), cues.setdefault(found.start(2), "losses")
    for found in _SCORE.finditer(text):
        near = text[max(0, found.start() - 60) : found.end() + 45].lower()
        part = next((cue for words, cue in _PART_OF_GAME if re.search(words, near)), "score")
        cues.setdefault(found.start(1), part), cues.setdefault(found.start(2), part)
    taken = set()
    for value in (*find_values(text, day), *find_single(text, COUNTED)):
        told = _read(value, text, cues)
        if told is not None and told.start not in taken:
            taken.add(told.start)
            yield told


def _read(value, text, cues):
    word, after = text[value.start : value.end], text[value.end : value.end + 40]
    if value.start in cues and value.kind in {"number", "ordinal"}:
        return replace(value, kind="number", cue=cues[value.start])
    if value.kind == "date":
        return value if re.search(r"day\b", word) else None
    if value.kind == "percent":
        after = re.split(r"\band\b|,|percent|while", after)[0]
        kind = (
            "three"
            if re.search(r"three|deep|arc|beyond|long|distance", after)
            else "free"
            if re.search(r"free|line|strip", after)
            else "field"
        )
        return replace(value, kind="number", cue=f"{kind}_pct")
    if value.kind != "number" or _NO_VALUE.match(text, value.end):
        return None
    if value.cue == "part" and re.match(r" of (?:their|its|his) (?:last|past)\b", text[value.end :]):
        return value
    if value.cue in _STREAK or value.cue in {"part", "whole", "of"} or value.cue not in LEXICON.nouns:
        return None
    if value.cue == "point" and re.match(r" - point (?:win|lead|victory|loss|margin|advantage|deficit)", after):
        return replace(value, cue="margin") if "win" in after or "victory" in after or "loss" in after else None
    return value


def box_ranks(facts, names):
    """Add to each player's fact whether one leads the game or the bench, one's rank, and who else reached ten points."""

    def most(field):
        return max(facts[one].told.get(field, 0) for one in names)

    for name in names:
        told = dict(facts[name].told)
        points = told.get("PTS", 0)
        mates = [facts[one].told for one in names if facts[one].told["team"] == told["team"]]
        bench = [one.get("PTS", 0) for one in mates if not one["starts"]]
        alike = [one for one in mates if one["starts"] == told["starts"] and one.get("PTS", 0) >= 10]
        told["leads_game"] = any(told.get(field) and told[field] == most(field) for field in ("PTS", "REB", "AST"))
        told["leads_bench"] = not told["starts"] and points == max(bench, default=0)
        told["rank"] = 1 + sum(one.get("PTS", 0) > points for one in mates)
        told["only_other"] = len(alike) <= 2
        facts[name] = terms_of("player", told)
