# fmt: off
"""Check one published draw as docs/algorithms/draw-bundle.md says: Python 3.8+, nothing to install.
Exit 0: valid; 1: not valid; 2: wrong use. Take --announcement from print, a notary or a witness."""
import argparse, bisect, contextlib, hashlib, json, re, sys
REAL, REHEARSAL, LARGEST, M = "anju-draw-1", "anju-draw-1/rehearsal", 256 << 20, 0xFFFFFFFF
NAMES = "格式 写法 类别 名单 名单的根 承诺方 公告 密钥 作废 信标 种子 次序".split()
ANY, TICKET, HEX, WORD = "(?s).*", "[A-Z0-9-]{1,32}", "[0-9a-f]{64}", "[a-z0-9-]{1,32}"
MOMENT = r"(?a)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}[+]08:00"
CLOSE, WHOLE = "(0|[1-9][0-9]{0,6})[.][0-9]{2}", "0|[1-9][0-9]{0,17}"
FIGURES = {"sse:close": CLOSE, "sse:turnover": WHOLE, "szse:close": CLOSE, "szse:turnover": WHOLE,
           "drand:round": HEX}
LINES, PLACES = {"commit_h": HEX, "ticket": TICKET}, {"before": f"({TICKET})?", "ticket": TICKET}
SHAPE = {"beacon": [ANY], "beacon_at": MOMENT, "beacon_rule": ANY, "committers": [{"commitment":
         HEX, "secret": f"({HEX})?", "who": WORD}], "disputed": [LINES], "draw_id": TICKET,
         "expected": {"A": HEX, "P": HEX, "R": HEX, "disputed_would_stand_before": [PLACES],
         "order": [TICKET], "seed": f"({HEX})?"}, "format": "anju-draw-bundle-1", "freeze_at":
         MOMENT, "lines": [LINES], "redraw_rule": WORD, "scheme": f"{REAL}|{REHEARSAL}",
         "stratum": "(?s).{1,200}", "void": f"(custody|commit-invalid:{WORD})?"}
def own_sm3(data):
    rl = lambda x, n: (x << n % 32 | x >> -n % 32) & M
    v = 0x7380166F4914B2B9172442D7DA8A0600A96F30BC163138AAE38DEE4DB0FB0E4E
    data += b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for at in range(0, len(data), 64):
        w = [int.from_bytes(data[i:i + 4], "big") for i in range(at, at + 64, 4)]
        a, b, c, d, e, f, g, h = (v >> n & M for n in range(224, -1, -32))
        for j in range(64):
            x = w[j] ^ w[j + 7] ^ rl(w[j + 13], 15)
            w.append(x ^ rl(x, 15) ^ rl(x, 23) ^ rl(w[j + 3], 7) ^ w[j + 10])
            s = rl(rl(a, 12) + e + rl(0x79CC4519 if j < 16 else 0x7A879D8A, j) & M, 7)
            p, q = (a ^ b ^ c, e ^ f ^ g) if j < 16 else (a & b | a & c | b & c, e & f | ~e & g)
            x, y = p + d + (s ^ rl(a, 12)) + (w[j] ^ w[j + 4]) & M, q + h + s + w[j] & M
            a, b, c, d, e, f, g, h = x, a, rl(b, 9), c, y ^ rl(y, 9) ^ rl(y, 17), e, rl(f, 19), g
        v ^= int("".join("%08x" % x for x in (a, b, c, d, e, f, g, h)), 16)
    return v.to_bytes(32, "big")
try: sm3 = lambda data, new=hashlib.new("sm3").copy: (s := new()).update(data) or s.digest()
except ValueError: sm3 = own_sm3  # an OpenSSL without SM3
def enc(*parts):
    raw = [p if isinstance(p, bytes) else p.encode() for p in parts]
    return b"".join([len(r).to_bytes(4, "big") + r for r in raw])
def root(lines):
    row = [sm3(b"\0" + enc(x["ticket"], bytes.fromhex(x["commit_h"]))) for x in lines] or [sm3(b"")]
    while len(row) > 1:
        row = [sm3(b"\1" + l + r) for l, r in zip(row[::2], row[1::2])] + row[len(row) & ~1:]
    return row[0]
def fits(v, shape, fit):  # types, and names in their order; of each text, whether it fits
    if type(shape) is str: return type(v) is str and fit(shape, v)
    if type(shape) is list: return type(v) is list and all(fits(x, shape[0], fit) for x in v)
    return type(v) is dict and list(v) == list(shape) and all(fits(v[k], shape[k], fit) for k in v)
def grammar(rule):  # the spelling of each part; nothing for an unknown rule or a part named twice
    parts = []
    for clause in rule[:99].split(";"):
        m = re.fullmatch(r"(?a)balls:([1-9])x(\d\d)-(\d\d)", clause)
        ball = "|".join(f"{n:02}" for n in range(int(m[2]), int(m[3]) + 1)) if m else ""
        parts += [("balls", m[2] < m[3] and f"({ball})( ({ball})){{{int(m[1]) - 1}}}")] if m else [
            (name, FIGURES.get(name)) for name in clause.replace(
                ",", "," + clause.split(":")[0] + ":").split(",")]
    return [spelled for _, spelled in parts] if len(dict(parts)) == len(parts) else []
def checks(raw, scheme, pin):  # whether each of the twelve holds, one after another
    b = json.loads(raw.decode("utf-8")) if len(raw) <= LARGEST else None
    yield (fits(b, SHAPE, lambda *_: True) and b["format"] == SHAPE["format"] and
           json.dumps(b, ensure_ascii=False, separators=(",", ":")).encode() == raw)
    want, void, cards, parts = b["expected"], b["void"], b["committers"], grammar(b["beacon_rule"])
    result = [want["seed"], want["order"], want["disputed_would_stand_before"]]
    yield fits(b, SHAPE, re.fullmatch) and parts and all(parts) and (
        not any(result) if void else all([want["seed"], *[x["secret"] for x in cards]]))
    lines, both, times = b["lines"], b["lines"] + b["disputed"], (b["freeze_at"], b["beacon_at"])
    yield b["scheme"] == scheme and times[scheme != REAL] < times[scheme == REAL]
    yield lines and all(len({x[name] for x in both}) == len(both) for name in LINES) and all(
        z == sorted(z, key=lambda x: x["ticket"]) for z in (lines, b["disputed"]))
    yield (roots := [root(lines), root(b["disputed"])]) == [bytes.fromhex(want[n]) for n in "RP"]
    cards = [(x["who"], *[bytes.fromhex(x[n]) for n in ("commitment", "secret")]) for x in cards]
    yield cards and all(len({x[n] for x in cards}) == len(cards) for n in (0, 1))
    tag = lambda what, *parts: sm3(enc(scheme + what, *parts))
    a = tag("/announce", b["draw_id"], b["stratum"], str(len(lines)), *roots, *times,
            b["beacon_rule"], b["redraw_rule"], *[x for card in cards for x in card[:2]])
    yield a.hex() == want["A"] and pin in (None, want["A"])
    shut = [who for who, c, s in cards if s and tag("/commit", b["draw_id"], who, s) != c]
    yield void[15:] in shut if void[15:] else void or not shut
    yield not void
    yield len(parts) == len(b["beacon"]) and all(map(re.fullmatch, parts, b["beacon"]))
    yield (seed := tag("/seed", a, *b["beacon"], *[s for _, _, s in cards])).hex() == want["seed"]
    key = lambda x: (tag("/rank", seed, x["ticket"]), x["ticket"])
    keys = sorted(map(key, lines)) + [(b"", "")]
    yield [t for _, t in keys[:-1]] == result[1] and [[*x.values()] for x in result[2]] == [
        [keys[bisect.bisect(keys, key(x), 0, len(lines))][1], x["ticket"]] for x in b["disputed"]]
def judge(raw, scheme=REAL, pin=None):  # the number of the first that fails, or 0
    number, run = 1, checks(raw, scheme, pin)
    with contextlib.suppress(ValueError, RecursionError, MemoryError):
        while next(run, False): number += 1
    return number % 13
if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", type=argparse.FileType("rb"))
    asked.add_argument("--rehearsal", action="store_const", const=REHEARSAL, default=REAL)
    asked.add_argument("--announcement")
    given = asked.parse_args()
    number = judge(raw := given.file.read(), given.rehearsal, given.announcement)
    if number: sys.exit(f"NOT VALID 无效：第 {number} 项（{NAMES[number - 1]}）不符")
    order = "".join(f"{ticket}\n" for ticket in json.loads(raw)["expected"]["order"])
    print("VALID 有效", given.rehearsal, "order 次序 SM3", sm3(order.encode()).hex())
