#!/usr/bin/env python3
"""Checks an exported ledger with nothing but docs/format.md to go by: it shares no code with testimony.

    pip install blake3 cryptography
    python3 verify.py FOLDER          an export, as docs/format.md describes it
    python3 verify.py docs/format.md  the worked example of that page

What an event may hold it reads from the tables of that page, which stands beside its folder. A line
is printed for each thing that is wrong, by the entry it is wrong with. Exits with 0 where nothing is,
with 1 where something is, and with 2 where there is nothing to check. What a newer version wrote is
told, and is not wrong.
"""
import base64, hashlib, json, re, sys, unicodedata
from datetime import date
from fractions import Fraction
from pathlib import Path

from blake3 import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

class Wrong(ValueError):
    """What is wrong, in words; as a ValueError, since what is no JSON, base64 or day raises one too."""

class Newer(Exception):
    """A tag that this script does not know."""

def need(holds, what):
    if not holds:
        raise Wrong(what)

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text, "base64 in another spelling")
    return data

def derive(context, data):
    return blake3(data, derive_key_context="testimony 2026-11 v1 " + context).digest()

def read_tables(page):
    """The tables of the page, each a list of (field, value, default), and its objects with one field."""
    page = page.split("\n## The store")[0]
    tables, rows = {}, r"\n\| field \| value \| default \|\n\|[^\n]*\n((?:\|[^\n]*\n)+)"
    for paragraph, lines in re.findall(r"(?<=\n\n)((?:[^\n|][^\n]*\n)+)" + rows, page):
        name = re.split("[,:;]", re.sub("[`*]", "", paragraph))[0]
        tables[name] = re.findall(r"\| `(.*?)` \| (.*?) \| (.*?) \|\n", lines)
    page = " ".join(page.split())
    one_of = {"KIND": {name: name for name in tables if "_" in name}, "SELECTOR": {"text": "text", "page": "page"}}
    for name, said in re.findall(r"\*\*(FOUND BY|TARGET)\*\*, an object with one field: (.*?)\.", page):
        one_of[name] = dict(re.findall(r"`(\w+)` ([A-Z]+)", said))
    tables["RESPECT"] = re.search(r"A RESPECT is (.*?)\.", page)[1].replace(" or", ",")
    return tables, one_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "format.md"
TABLES, ONE_OF = read_tables(PAGE.read_text())
LEAST_ONE = {"RECORDER": ["person", "program"], "BASE": ["amount", "unit"],
             "CAPACITY": ["words", "speaks_for"], "PERIOD": ["at", "from", "to"],
             "assertion_checked": ["quote", "speaker", "chain", "numbers", "dates", "context"]}
NUMBERS = {"ID": range(2**53), "NUMBER": range(2**32), "NUMBER confidence": range(101),
           "NUMBER status": range(100, 600), "NUMBER format": [1], "NUMBER page": range(1, 2**32)}
LINES = {"NAME": 300, "TITLE": 2000, "UNIT": 120}
WHOLE = r"(?:0|[1-9][0-9]*)"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]"
PLAIN = r"[^\s\x00-\x1f\x7f-\x9f{}]+"
PATTERNS = {
    "HASH": r"[0-9a-f]{64}", "REQUEST": r"[!-~]{1,64}", "SIGNATURE": r"[A-Za-z0-9+/]{85}[AQgw]==",
    "TIMESTAMP": TIME + r":[0-5][0-9]\.[0-9]{6}Z", "LOG NAME": PLAIN.format("+"), "ADDRESS": "https?://" + PLAIN.format(""),
    "AMOUNT": rf"(?!-0(\.0*)?(/.*)?$)-?{WHOLE}(\.[0-9]+|/(?!1$)[1-9][0-9]*)?",
    "DATE": r"[0-9]{4}(-[0-9]{2}){0,2}|" + TIME + r"(:[0-5][0-9](\.[0-9]{1,6})?)?"
            r"(Z|(?![+-]00:00)[+-]([01][0-9]|2[0-3]):[0-5][0-9])?",
    "LANGUAGE": r"[a-z]{2,8}(-([A-Z0-9]{2}|[A-Z][a-z]{3}|(?=.{0,3}\d)[a-z0-9]{4}|[a-z0-9]{3}|[a-z0-9]{5,8}))*"
                r"(-[a-z0-9](-[a-z0-9]{1,8})*)?",
}
MOST_BYTES = {"AMOUNT": 64, "LOG NAME": 120, "LANGUAGE": 35}

def fold(name):
    """One step towards a slug; where it leads nowhere else, the name is one."""
    kept = ""
    for letter in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower()):
        kind = unicodedata.category(letter)[0]
        if kind in "LN" or kept and (kind == "M" or letter in "_."):
            kept += letter
        elif letter not in "'’" and kept and kept[-1] != "-":
            kept += "-"
    return kept.rstrip("-._")

def scalar(of, value):
    if of in NUMBERS:
        return need(type(value) is int and value in NUMBERS[of], f"{value} is no {of}")
    need(isinstance(value, str), f"{value} is no {of}")
    line = value and value == value.strip() and not any(unicodedata.category(c) == "Cc" for c in value)
    if of in LINES:
        need(line and len(value) <= LINES[of], f"no {of}: {value[:40]!r}")
    elif of == "TEXT":
        need(value.strip() and len(value) <= 8192, "no TEXT")
    elif of in ("SLUG", "TOPIC", "SOURCE"):
        slug, at, document = value.partition("@")
        need(not at or of == "SOURCE" and re.fullmatch(WHOLE, document, re.A), f"no {of}: {value}")
        need(slug and len(slug) <= 64 and fold(slug) == slug, f"no SLUG: {slug[:70]}")
    elif of in PATTERNS:
        need(re.fullmatch(PATTERNS[of], value), f"no {of}: {value[:40]!r}")
        need(len(value.encode()) <= MOST_BYTES.get(of, 2048), f"a {of} of too many bytes")
        if of in ("DATE", "TIMESTAMP"):
            date(*(list(map(int, value[:10].split("-"))) + [1, 1])[:3])
            need(of == "DATE" or value >= "1970", f"no TIMESTAMP: {value}")
    else:
        need(of == "STRING" and value, f"no {of}")

def check(of, value, default="none given"):
    """Holds a value against the type of that name."""
    of = TABLES["RESPECT"] if of == "RESPECT" else of
    if of.startswith("["):
        need(isinstance(value, list) and value, f"no list, or an empty one: {value}")
        for item in value:
            check(of[1:of.index("]")], item)
    elif of == "`true`":
        need(value is True, "only `true` is ever written")
    elif of.startswith("`"):
        need(isinstance(value, str), f"no tag: {value}")
        if f"`{value}`" not in of.split(", "):
            raise Newer(value)
        need(f"`{value}`" != default, f"the default {default} is written out")
    elif of in ONE_OF or of.startswith("an object with one field"):
        need(isinstance(value, dict) and len(value) == 1, f"not one field: {value}")
        tag, content = next(iter(value.items()))
        kinds = ONE_OF.get(of, ONE_OF["KIND"])
        if tag not in kinds:
            raise Newer(tag)
        check(kinds[tag], content)
    elif of in TABLES:
        fields(of, value)
    else:
        scalar(of, value)

def fields(of, value):
    need(isinstance(value, dict), f"no {of}: {value}")
    order = [name for name, _, _ in TABLES[of]]
    for name in value:
        need(name in order, f"{of} has no field `{name}`")
    need(list(value) == [name for name in order if name in value], f"the fields of {of} are out of order")
    for name, kind, default in TABLES[of]:
        if name in value:
            known = f"{kind} {name}"
            check(known if known in NUMBERS else kind, value[name], default)
        else:
            need(default != "none given", f"{of} has no `{name}`")
    need(of not in LEAST_ONE or any(name in value for name in LEAST_ONE[of]), f"{of} says nothing")
    amount, start, to = value.get("amount"), value.get("from"), value.get("to")
    if of in ("QUANTITY", "BASE"):
        need(not to or amount and Fraction(amount) < Fraction(to), f"no range: {amount} to {to}")
        need(amount or not ({"bound", "estimated"} & set(value)), "bound or estimate of no amount")
    elif of == "PERIOD":
        need("at" not in value or not {"from", "to"} & set(value), "`at` beside `from` or `to`")
        need(not (start and to) or start[:len(to)][:10] <= to[:10], f"{to} is before {start}")
    elif of in ("text", "page"):
        need(value["end"] - value["start"] == len(value["exact"]), "the span is not as long as `exact`")
        need(max(len(value.get("prefix", "")), len(value.get("suffix", ""))) <= 32, "more context than 32")

def read_event(data):
    need(len(data) <= 65536, f"an event of {len(data)} bytes")
    # A field that is given twice comes back once, and what is no integer as a string.
    event = json.loads(data.decode(), parse_float=str, parse_constant=str)
    again = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    need(again == data, "the event is not in its canonical form")
    check("The envelope", event)
    return event

def read_entry(data):
    need(37 < len(data) <= 1024, f"an entry of {len(data)} bytes")
    line, digest, offset, count = data[:-37], data[-37:-5], data[-5:-1], data[-1]
    need(count == 1, f"the index counts {count} digests")
    need(int.from_bytes(offset, "big") == len(line), "the index names another offset than the digest's")
    found = re.fullmatch(rb'\{"seq":(0|[1-9][0-9]*),"prev":"([0-9a-f]{64})","at":"([^"]*)"\}', line)
    need(found, "the entry's line is not spelt as it must be")
    seq, prev, at = int(found[1]), found[2].decode(), found[3].decode("ascii", "replace")
    scalar("ID", seq)
    scalar("TIMESTAMP", at)
    return seq, prev, at, digest

def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()

def key_of(text):
    log, key_id, data = text.split("+", 2) if text.count("+") >= 2 else ("", "", "")
    data = unbase64(data)
    need(len(data) == 33 and data[0] == 1, f"no verifier key: {text}")
    own = hashlib.sha256(log.encode() + b"\n" + data).digest()[:4]
    need(key_id == own.hex(), f"the key ID of {text} is not its own")
    return log, own, Ed25519PublicKey.from_public_bytes(data[1:])

def from_folder(folder):
    """The records, the checkpoint and the verifier key of an export."""
    lines = map(json.loads, (folder / "records.jsonl").read_text().splitlines())
    parts = ("entry", "salt", "event")
    records = [{part: unbase64(line[part]) for part in parts if part in line} for line in lines]
    return records, (folder / "checkpoint").read_bytes(), (folder / "verifier-key").read_text().strip(), {}

def from_page(page):
    """The same of the worked example, and all else that it shows."""
    section = page.read_text().split("\n## A worked example\n")[1]
    lines, note = re.findall(r"```text\n(.*?)```", section, re.S)[:2]
    shown = dict(re.match(r"(.+?)  +(.*)", line).groups() for line in lines.splitlines())
    count = sum(name.startswith("entry ") for name in shown)
    records = [{"entry": shown[f"entry {n}"].encode() + bytes.fromhex(shown[f"index {n}"]),
                "salt": bytes.fromhex(shown[f"salt {n}"]), "event": shown[f"event {n}"].encode()}
               for n in range(count)]
    return records, note.encode(), shown["verifier key"], shown

def example(shown, records, leaves):
    """What the example shows beyond records and checkpoint."""
    def same(name, value):
        need(shown[name] == value, f"`{name}` should be {value}")
    for n, record in enumerate(records):
        same(f"digest {n}", hashlib.sha256(record["salt"] + record["event"]).hexdigest())
        same(f"hash {n}", derive("entry chain", record["entry"]).hex())
        same(f"leaf {n}", base64.b64encode(leaves[n]).decode())
    same("root", base64.b64encode(root(leaves)).decode())
    same("claim hash", derive("claim", shown["claim"].encode()).hex())
    for thing in ("document", "assertion"):
        same(f"{thing} identity", derive(f"{thing} identity", shown[f"{thing} fields"].encode()).hex())

def checkpoint(note, log, keys, leaves):
    need(len(note) <= 65536, "a checkpoint of more than 64 KiB")
    text, parted, signatures = note.decode().rpartition("\n\n")
    lines = text.split("\n")
    need(parted and len(lines) >= 3 and signatures.endswith("\n"), "no signed note")
    need(lines[0] == log, f"a checkpoint of {lines[0]}")
    need(re.fullmatch(WHOLE, lines[1], re.A), f"no number of entries: {lines[1]}")
    size = int(lines[1])
    need(size <= len(leaves), f"the log has {len(leaves)} entries, and its checkpoint {size}")
    _, own, public = [key for since, key in keys if since < max(size, 1)][-1]
    ours = [s for s in re.findall(r"— (\S+) (\S+)\n", signatures) if s[0] == log and unbase64(s[1])[:4] == own]
    need(ours, "no signature is by the log's key")
    for _, signature in ours:
        public.verify(unbase64(signature)[4:], (text + "\n").encode())
    need(lines[2] == base64.b64encode(root(leaves[:size])).decode(), "the root is not that of the entries")

def verify(records, note, verifier_key, shown):
    """Yields where something is wrong, and what; `None` for what is merely newer."""
    latest, before, leaves, erased, missing, next_key = "", "0" * 64, [], set(), set(), None
    log = verifier_key.partition("+")[0]
    keys = [(0, key_of(verifier_key))]
    for n, record in enumerate(records):
        leaves.append(hashlib.sha256(b"\x00" + record["entry"]).digest())
        try:
            hashed, before = before, derive("entry chain", record["entry"]).hex()
            seq, prev, at, digest = read_entry(record["entry"])
            need(seq == n, f"it calls itself {seq}")
            need(prev == hashed, "it does not name the entry before it")
            need(at >= latest, f"{at} is before the entry before it, {latest}")
            latest = at
            if "event" not in record:
                missing.add(n)
                continue
            need(len(record.get("salt", b"")) == 32, "its salt is not of 32 bytes")
            own = hashlib.sha256(record["salt"] + record["event"]).digest()
            need(own == digest, "event or salt is not what the entry commits to")
            kind, content = next(iter(read_event(record["event"])["event"].items()))
            need((kind == "ledger_opened") == (n == 0), f"`{kind}` cannot stand here")
            if kind == "ledger_opened":
                need(content["log"] == log and content["key"] == verifier_key, "opened with another name or key")
            elif kind == "event_erased":
                erased |= set(content["events"])
            elif kind == "key_rotated":
                new, following = content["key"], content.get("next_key", "")
                need(next_key in (None, hashlib.sha256(new.encode()).hexdigest()), "another key may follow")
                if "endorsement" in content:
                    lines = f"testimony 2026-11 v1 key rotation\n{log}\n{n}\n{new}\n{following}\n"
                    keys[-1][1][2].verify(unbase64(content["endorsement"]), lines.encode())
                keys.append((n, key_of(new)))
            next_key = content.get("next_key") if kind in ("ledger_opened", "key_rotated") else next_key
        except (ValueError, RecursionError, InvalidSignature) as wrong:
            yield f"entry {n}", str(wrong) or "the signature is wrong"
        except Newer as tag:
            print(f"entry {n}: a newer version wrote `{tag}`, which this script does not know")
    for n in sorted(missing - erased):
        yield f"entry {n}", "it has no event, and no event says that it was erased"
    try:
        checkpoint(note, log, keys, leaves)
        shown and example(shown, records, leaves)
    except (ValueError, InvalidSignature) as wrong:
        yield "checkpoint", str(wrong) or "the signature is wrong"

def main(path):
    try:
        taken = from_page(path) if path.is_file() else from_folder(path)
        found = list(verify(*taken))
    except (OSError, ValueError, KeyError, IndexError) as error:
        print(f"{path}: nothing that can be checked: {error!r}")
        return 2
    for place, what in found:
        print(f"{place}: {what}")
    print(f"{len(taken[0])} entries, {len(found)} wrong")
    return 1 if found else 0

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) if len(sys.argv) == 2 else print(__doc__) or 2)
