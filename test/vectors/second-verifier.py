"""A second verifier, written from docs/formats alone, to keep the first one honest.

Usage: second-verifier.py FOLDER      checks every vector in FOLDER
       second-verifier.py CERTIFICATE ORIGINAL [VERIFIER-KEY]
Needs Python 3.9 and its `cryptography` package. Exit code 0 where nothing differs (or INTACT), 3 ERASED, 1 else.
"""
import base64
import datetime
import hashlib
import json
import os
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_Y = {
    0, 1, P - 1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
}
KINDS = {
    "ledger.entry_key.authorised": "key",
    "evidence.item.received": "received",
    "evidence.item.registered": "registered",
    "integrity.item.erased": "erased",
}


class Malformed(Exception):
    pass


def need(condition, words):
    if not condition:
        raise Malformed(words)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def sound_point(encoded):
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    return y < P and y not in SMALL_Y


def verify(public_key, message, signature):
    """The Ed25519 rule of docs/formats/log.md."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    if not sound_point(public_key) or not sound_point(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= ORDER:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def canonical(value):
    """RFC 8785 for what our documents hold: no fractions."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(json.dumps(n, ensure_ascii=False) + ":" + canonical(value[n]) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(part) for part in value) + "]"
    need(not isinstance(value, float), "a fraction")
    need(not isinstance(value, int) or isinstance(value, bool) or abs(value) < 2**53, "a number too large")
    return json.dumps(value, ensure_ascii=False)


def read_canonical(data, limit):
    need(len(data) <= limit, "too large")
    depth, text = 0, None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("not UTF-8")
    for piece in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece, 0)
        need(depth <= 32, "too deep")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("not JSON")
    try:
        same = canonical(value).encode("utf-8") == data
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate")
    need(same, "not canonical")
    return value


def fields(value, *names):
    need(isinstance(value, dict) and set(value) == set(names), "other fields than " + ", ".join(names))
    return [value[name] for name in names]


def unbase64(text, length=None):
    need(isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) and len(text) % 4 == 0, "not base64")
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text and length in (None, len(data)), "not base64 of that length")
    return data


def read_key(text):
    found = re.fullmatch(r"([^+\s]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    need(found, "not a verifier key")
    data = unbase64(found[3])
    need(len(data) == 33 and data[0] in (1, 4), "not an Ed25519 key")
    need(sha256(found[1].encode() + b"\n" + data)[:4].hex() == found[2], "another key hash")
    return {"name": found[1], "hash": bytes.fromhex(found[2]), "type": data[0], "key": data[1:], "text": text}


def read_policy(text):
    logs, named, quorum = [], {"none": (0, [])}, None
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log":
            logs.append(read_key(words[1]))
        elif words[0] == "witness":
            named[words[1]] = read_key(words[2])
        elif words[0] == "group":
            members = [named[name] for name in words[3:]]
            named[words[1]] = ({"any": 1, "all": len(members)}.get(words[2]) or int(words[2]), members)
        elif words[0] == "quorum":
            quorum = named[words[1]]
    return logs, [one for one in named.values() if isinstance(one, dict)], quorum


def is_met(quorum, signed):
    if isinstance(quorum, dict):
        return quorum["text"] in signed
    return sum(is_met(member, signed) for member in quorum[1]) >= quorum[0]


def read_note(note):
    split = note.rfind("\n\n")
    need(split >= 0 and note.endswith("\n") and len(note) <= 65536, "not a note")
    text, lines = note[: split + 1], note[split + 2 : -1].split("\n")
    need(not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text), "a control character")
    signatures = []
    for line in lines:
        found = re.fullmatch(r"— ([^+\s]{1,255}) ([A-Za-z0-9+/=]+)", line)
        need(found, "not a signature line")
        data = unbase64(found[2])
        need(len(data) >= 5, "a short signature")
        signatures.append((found[1], data[:4], data[4:]))
    return text, signatures


def read_checkpoint(text):
    lines = text[:-1].split("\n")
    need(len(lines) >= 3 and lines[0] and all(lines), "not a checkpoint")
    need(re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]) and int(lines[1]) < 2**48, "not a size")
    return {"origin": lines[0], "size": int(lines[1]), "root": unbase64(lines[2], 32)}


def included(index, size, leaf_hash, proof, root):
    if index >= size:
        return False
    position, last, running = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if position % 2 or position == last:
            running = sha256(b"\x01", sibling, running)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            running = sha256(b"\x01", running, sibling)
        position, last = position // 2, last // 2
    return last == 0 and running == root


def read_entry(item):
    index, salt, proof, signed, disclosed = fields(item, "index", "salt", "proof", "signed", "disclosed")
    need(type(index) is int and 0 <= index < 2**53, "not an index")
    payload, payload_type, signatures = fields(signed, "payload", "payloadType", "signatures")
    need(isinstance(signatures, list) and len(signatures) == 1, "not one signature")
    key_id, signature = fields(signatures[0], "keyid", "sig")
    need(re.fullmatch("[0-9a-f]{64}", key_id), "not a key id")
    need(payload_type == "application/vnd.amanat.entry.v1+json", "another payload type")
    body = unbase64(payload)
    entry = read_canonical(body, 262144)
    fields(entry, "schema", "id", "at", "kind", "subjects", "detail", "sealed")
    need(entry["schema"] == "amanat.org/entry/v1", "another schema")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["at"]), "not a time")
    datetime.datetime.strptime(entry["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    for subject in entry["subjects"]:
        fields(subject, "type", "id")
    pae = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(body), body)
    return {
        "index": index, "entry": entry, "pae": pae, "key_id": key_id, "signature": unbase64(signature, 64),
        "leaf": b"\x01" + sha256(b"amanat.org/leaf/v1\n", unbase64(salt, 32), canonical(signed).encode()),
        "proof": [unbase64(one, 32) for one in proof], "disclosed": disclosed,
    }


def check_keys(entries, failures):
    keys = {}
    for one in entries:
        stated = None
        if KINDS.get(one["entry"]["kind"]) == "key":
            need(one["entry"]["detail"].get("algorithm") == "ed25519", "another algorithm")
            stated = unbase64(one["entry"]["detail"]["publicKey"], 32)
            if one["index"] == 0:
                keys[sha256(stated).hex()] = stated
        key = keys.get(one["key_id"])
        if key is None:
            failures.append("unauthorised_key")
        elif not verify(key, one["pae"], one["signature"]):
            failures.append("entry_forged")
        elif stated is not None:
            keys[sha256(stated).hex()] = stated
        for name, shown in one["disclosed"].items():
            salt, value = fields(shown, "salt", "value")
            digest = sha256(b"amanat.org/sealed-field/v1\n", unbase64(salt, 32), canonical([name, value]).encode())
            if one["entry"]["sealed"].get(name) != base64.b64encode(digest).decode():
                failures.append("disclosure_mismatch")


def check_item(entries, failures):
    story = {}
    for one in entries:
        part = KINDS.get(one["entry"]["kind"])
        if part is None or (part != "key" and part in story):
            failures.append("unexpected_entry")
        elif part != "key":
            story[part] = one
    need(story, "no entry about an item")
    if "erased" not in story:
        failures.extend("entry_missing" for part in ("received", "registered") if part not in story)
    items = [[s["id"] for s in one["entry"]["subjects"] if s["type"] == "item"] for one in story.values()]
    need(all(len(item) == 1 for item in items), "not one item")
    if len({item[0] for item in items}) > 1:
        failures.append("other_item")
    numbers = {one["entry"]["detail"]["registrationNumber"] for part, one in story.items() if part != "received"}
    if len(numbers) > 1:
        failures.append("number_mismatch")
    if "erased" in story and any(one["index"] > story["erased"]["index"] for one in story.values()):
        failures.append("unexpected_entry")
    return story


def check_original(story, original, failures):
    if "received" not in story:
        return
    detail = story["received"]["entry"]["detail"]
    if original is None:
        failures.append("original_missing")
    elif len(original) > detail["sizeBytes"]:
        failures.append("original_longer")
    elif len(original) < detail["sizeBytes"]:
        failures.append("original_shorter")
    elif sha256(original).hex() != detail["sha256"]:
        failures.append("original_changed")


def check_signatures(note, checkpoint, key, policy, failures):
    text, signatures = note
    if checkpoint["origin"] != key["name"]:
        failures.append("other_origin")
    own = [s for name, key_hash, s in signatures if (name, key_hash) == (key["name"], key["hash"])]
    if not own:
        failures.append("checkpoint_unsigned")
    elif not all(verify(key["key"], text.encode(), signature) for signature in own):
        failures.append("checkpoint_forged")
    if policy is None:
        return
    signed = set()
    for witness in policy[1]:
        lines = [s for name, key_hash, s in signatures if (name, key_hash) == (witness["name"], witness["hash"])]
        good = [
            len(s) == 72 and verify(
                witness["key"],
                ("cosignature/v1\ntime %d\n" % int.from_bytes(s[:8], "big")).encode() + text.encode(),
                s[8:],
            )
            for s in lines
        ]
        if lines and all(good):
            signed.add(witness["text"])
        elif lines:
            failures.append("cosignature_forged")
    if not is_met(policy[2], signed):
        failures.append("quorum_missed")


def judge(certificate, original, policy):
    failures, story = [], {}
    try:
        found = read_canonical(certificate, 8 * 1024 * 1024)
        form, log_key, note, items = fields(found, "format", "logKey", "checkpoint", "entries")
        need(form == "amanat.org/integrity-certificate/v1", "another format")
        need(isinstance(items, list) and 0 < len(items) <= 64, "no entries")
        entries = [read_entry(item) for item in items]
        need(all(a["index"] < b["index"] for a, b in zip(entries, entries[1:])), "another order")
        key = read_key(log_key)
        if policy is not None and log_key not in [log["text"] for log in policy[0]]:
            failures.append("untrusted_log")
        note = read_note(note)
        checkpoint = read_checkpoint(note[0])
        check_signatures(note, checkpoint, key, policy, failures)
        for one in entries:
            if not included(one["index"], checkpoint["size"], sha256(b"\x00", one["leaf"]), one["proof"], checkpoint["root"]):
                failures.append("not_included")
        check_keys(entries, failures)
        story = check_item(entries, failures)
        if "erased" not in story:
            check_original(story, original, failures)
    except Malformed:
        failures.append("malformed")
    verdict = "FAIL" if failures else "ERASED" if "erased" in story else "INTACT"
    return verdict, list(dict.fromkeys(failures))


def check_vectors(folder):
    def load(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)

    count, differ = 0, []
    for one in load("leaf.json"):
        leaf = b"\x01" + sha256(b"amanat.org/leaf/v1\n", unbase64(one["salt"], 32), one["signedEntry"].encode())
        count += 1
        if leaf.hex() != one["leaf"] or sha256(b"\x00", leaf).hex() != one["leafHash"]:
            differ.append("leaf " + one["leaf"])
    for one in load("ed25519.json"):
        count += 1
        if verify(*(bytes.fromhex(one[name]) for name in ("publicKey", "message", "signature"))) != one["accept"]:
            differ.append("signature: " + one["name"])
    for one in load("certificate.json"):
        policy = None
        if one["policy"] is not None:
            policy = read_policy(one["policy"])
        elif one["key"] is not None:
            policy = ([read_key(one["key"])], [], (0, []))
        original = None if one["original"] is None else unbase64(one["original"])
        count += 1
        said = judge(one["certificate"].encode(), original, policy)
        if said != (one["verdict"], one["failures"]):
            differ.append("certificate: %s: %s" % (one["name"], said))
    print("%d vectors, %d differ" % (count, len(differ)))
    print("\n".join(differ))
    return 1 if differ else 0


def main(arguments):
    if len(arguments) == 1:
        return check_vectors(arguments[0])
    with open(arguments[0], "rb") as file:
        certificate = file.read(8 * 1024 * 1024 + 1)
    with open(arguments[1], "rb") as file:
        original = file.read()
    policy = ([read_key(arguments[2])], [], (0, [])) if len(arguments) > 2 else None
    verdict, failures = judge(certificate, original, policy)
    print(verdict, *failures)
    return {"INTACT": 0, "ERASED": 3}.get(verdict, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
