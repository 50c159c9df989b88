"""Checks an export as one who knows C2SP and has never heard of testimony: the checkpoint's signature
and each entry's proof of inclusion by aics-tlog, and each entry's addenda by the index at its end.
"""
import base64
import hashlib
import json
import sys
from pathlib import Path

from aics_tlog import parse_checkpoint, parse_note, parse_vkey, verify_checkpoint, verify_leaf_inclusion


def addenda(entry):
    """The digests of an entry, by C2SP tlog-addenda: read from the back."""
    count = entry[-1]
    offsets = entry[len(entry) - 1 - 4 * count:-1]
    places = [int.from_bytes(offsets[4 * n:4 * n + 4], "big") for n in range(count)]
    return [entry[place:place + 32] for place in places]


def wrong(folder):
    key = parse_vkey((folder / "verifier-key").read_text().strip())
    note = parse_note((folder / "checkpoint").read_bytes())
    if not verify_checkpoint(note, key).ok:
        yield "the checkpoint's signature"
    head = parse_checkpoint(note.text)
    records = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()]
    proofs = [line.split() for line in (folder / "proofs").read_text().splitlines()]
    if not len(records) == len(proofs) == head.size:
        yield "the number of entries"
    for n, (record, proof) in enumerate(zip(records, proofs)):
        entry = base64.b64decode(record["entry"])
        hashes = [base64.b64decode(part) for part in proof]
        if not verify_leaf_inclusion(entry, n, head.size, hashes, head.root):
            yield f"the proof of entry {n}"
        changed = bytes([entry[0] ^ 1]) + entry[1:]
        if verify_leaf_inclusion(changed, n, head.size, hashes, head.root):
            yield f"a proof of an entry {n} that was changed"
        if "event" in record:
            addendum = base64.b64decode(record["salt"]) + base64.b64decode(record["event"])
            if addenda(entry) != [hashlib.sha256(addendum).digest()]:
                yield f"the addendum of entry {n}"
    print(f"{len(records)} entries proven")


found = list(wrong(Path(sys.argv[1])))
for what in found:
    print(f"wrong: {what}")
sys.exit(1 if found else 0)
