#!/usr/bin/env python3
"""An extractor that asks a language model on this machine. Python 3.9 or later, no packages.

    testimony ingest page.md --extractor 'python3 examples/extractors/local_model.py'

It works with any server that implements the OpenAI-compatible protocol (llama.cpp, Ollama, vLLM, LM
Studio), on this machine unless LOCAL_MODEL_URL gives another address:

    LOCAL_MODEL_URL    http://127.0.0.1:8080/v1     the server's address
    LOCAL_MODEL_NAME   local                        the model to ask
    LOCAL_MODEL_KEY                                 a key, if the server requires one
    LOCAL_MODEL_WAIT   240                          seconds to wait for an answer

It reads the document from standard input and writes lines for `testimony record` to standard output. A
model may invent quotations, so this program looks up each one in the document. It drops a quotation that
does not occur there exactly once, with a message on standard error; otherwise testimony would refuse the
whole answer.
"""

import json
import os
import re
import sys
import unicodedata
import urllib.error
import urllib.request

NAME = "local-model"
VERSION = "1"

KINDS = ["person", "outlet", "agency", "organisation", "government", "report", "dataset", "group"]
ACTS = [
    "states", "estimates", "accuses", "predicts", "fears", "orders", "demands", "promises",
    "announces", "rules", "condemns",
]

TASK = """\
List every statement in the article that it attributes to someone. Answer with one JSON object:
{"attributions": [{"content": "...", "source": "...", "mention": "...", "named": true,
 "kind": "organisation", "cue": "...", "act": "states", "direct": false}]}
content: the words attributed, copied from the article to the letter, without quotation marks.
mention: the words beside them that say who speaks, copied. cue: the words that attribute them,
such as "said" or "according to", copied. source: the speaker's full name if the article has it.
named: false for those without a name, such as "critics". kind: one of %s.
act: one of %s. direct: true for a quotation. Leave out what nobody is said to have said."""


def main():
    document = json.load(sys.stdin.buffer)
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stderr.reconfigure(encoding="utf-8", errors="replace")
    answer = ask(document)
    named = set()
    for item in attributions(answer):
        for line in lines(item, document, named):
            print(json.dumps(line, ensure_ascii=False))


def ask(document):
    """The model's answer, as text."""
    url = os.environ.get("LOCAL_MODEL_URL", "http://127.0.0.1:8080/v1").rstrip("/")
    article = "\n\n".join(part for part in (document.get("title"), document["text"]) if part)
    body = {
        "model": os.environ.get("LOCAL_MODEL_NAME", "local"),
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [
            {"role": "system", "content": TASK % (", ".join(KINDS), ", ".join(ACTS))},
            {"role": "user", "content": article},
        ],
    }
    headers = {"Content-Type": "application/json"}
    if os.environ.get("LOCAL_MODEL_KEY"):
        headers["Authorization"] = "Bearer " + os.environ["LOCAL_MODEL_KEY"]
    request = urllib.request.Request(
        url + "/chat/completions", json.dumps(body).encode("utf-8"), headers
    )
    try:
        wait = float(os.environ.get("LOCAL_MODEL_WAIT", "240"))
        with urllib.request.urlopen(request, timeout=wait) as response:
            said = json.load(response)
        return said["choices"][0]["message"]["content"]
    except (urllib.error.URLError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        sys.exit(f"no answer from the model at {url}: {error}")


def attributions(answer):
    """The items of an answer; some models wrap it in a block of Markdown."""
    inner = re.search(r"\{.*\}", answer, re.DOTALL)
    try:
        items = json.loads(inner.group(0))["attributions"]
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"the model's answer is not what was asked for: {error}")
    return [item for item in items if isinstance(item, dict)]


def lines(item, document, named):
    """An assertion, and before it the naming of its source where that is new."""
    text = document["text"]
    at = only_place(text, item.get("content"))
    slug = slug_of(item.get("source"))
    if at is None or not slug:
        drop(item, "its content does not stand in the text once, or it has no source")
        return
    kind = item.get("kind") if item.get("kind") in KINDS else "unknown"
    is_named = item.get("named") is True
    if is_named and slug not in named:
        named.add(slug)
        name = " ".join(item["source"].split())
        yield {"event": {"source_named": {"slug": slug, "name": name, "kind": kind}}}
    hop = {"sources": [slug if is_named else slug + "@"], "role": "said"}
    for field in ("mention", "cue"):
        place = nearest_place(text, item.get(field), at)
        if place is not None:
            hop[field] = [selector(text, place, item[field])]
    yield {
        "event": {
            "claim_asserted": {
                "document": document["id"],
                "content": [selector(text, at, item["content"])],
                "hops": [hop],
                "form": "direct" if item.get("direct") is True else "indirect",
                "act": item.get("act") if item.get("act") in ACTS else "states",
                "found_by": {"extractor": {"name": NAME, "version": VERSION, "rule": "prompt-1"}},
            }
        }
    }


def places(text, words):
    """Everywhere the words stand. Offsets are code points, as testimony counts them too."""
    if not isinstance(words, str) or not words.strip():
        return []
    return [found.start() for found in re.finditer(re.escape(words), text)]


def only_place(text, words):
    found = places(text, words)
    return found[0] if len(found) == 1 else None


def nearest_place(text, words, at):
    return min(places(text, words), key=lambda place: abs(place - at), default=None)


def selector(text, start, words):
    end = start + len(words)
    return {"text": {"exact": words, "start": start, "end": end}}


def slug_of(name):
    """Lower case, anything but letters and digits to single hyphens, at most 60 bytes."""
    if not isinstance(name, str):
        return ""
    folded = unicodedata.normalize("NFKC", name).lower()
    folded = re.sub(r"['’]", "", folded)
    folded = re.sub(r"[^\w]+|_+", "-", folded).strip("-")
    return folded.encode("utf-8")[:60].decode("utf-8", "ignore").strip("-")


def drop(item, why):
    words = str(item.get("content"))[:60]
    print(f"dropped “{words}”: {why}", file=sys.stderr)


if __name__ == "__main__":
    main()
