// What is digested, and how: enc(), canonical JSON, RFC 9162 trees, and the steps of anju-draw-1.
// Written from the protocol page alone; shares no code with the program that made the result.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});
  const encoder = new TextEncoder();

  const HEX = [];
  for (let byte = 0; byte < 256; byte++) HEX.push((byte + 256).toString(16).slice(1));

  function hexOf(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]];
    return text;
  }

  // Strict: lower case, whole bytes, nothing else. Strictness keeps independent verifiers equal.
  function bytesOf(hex) {
    if (typeof hex !== "string" || hex.length % 2 || !/^[0-9a-f]*$/.test(hex)) {
      throw new Error("不是小写十六进制：" + String(hex).slice(0, 80));
    }
    const bytes = new Uint8Array(hex.length / 2);
    for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.substr(i * 2, 2), 16);
    return bytes;
  }

  function digestOf(hex) {
    const bytes = bytesOf(hex);
    if (bytes.length !== 32) throw new Error("摘要应为 64 位十六进制：" + hex.slice(0, 80));
    return bytes;
  }

  function joinBytes(parts) {
    let size = 0;
    for (const part of parts) size += part.length;
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  // enc(p1..pn): for each part a 4-byte big-endian length and the bytes.
  // Text goes in as UTF-8, numbers as ASCII decimal, digests and secrets as raw bytes.
  function encode(parts) {
    const pieces = [];
    for (const part of parts) {
      const bytes = part instanceof Uint8Array ? part : encoder.encode(String(part));
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, bytes.length);
      pieces.push(length, bytes);
    }
    return joinBytes(pieces);
  }

  // RFC 8785: keys sorted by UTF-16 code unit, numbers as ECMAScript writes them.
  function canonicalText(value) {
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    if (Array.isArray(value)) return "[" + value.map(canonicalText).join(",") + "]";
    const members = Object.keys(value).sort();
    return "{" + members.map((k) => JSON.stringify(k) + ":" + canonicalText(value[k])).join(",") + "}";
  }

  function hashLeaf(encoded) {
    return Anju.sm3(joinBytes([Uint8Array.of(0), encoded]));
  }

  const pair = new Uint8Array(65);
  function hashNode(left, right) {
    pair[0] = 1;
    pair.set(left, 1);
    pair.set(right, 33);
    return Anju.sm3(pair);
  }

  // All levels of an RFC 9162 tree, leaves first; a lone last node rises unchanged.
  function growTree(leaves) {
    const levels = [leaves];
    while (levels[levels.length - 1].length > 1) {
      const below = levels[levels.length - 1];
      const above = [];
      for (let i = 0; i + 1 < below.length; i += 2) above.push(hashNode(below[i], below[i + 1]));
      if (below.length % 2) above.push(below[below.length - 1]);
      levels.push(above);
    }
    return levels;
  }

  function rootOf(leaves) {
    if (!leaves.length) return Anju.sm3(new Uint8Array(0));
    const levels = growTree(leaves);
    return levels[levels.length - 1][0];
  }

  // The siblings from leaf to root, as RFC 9162 2.1.3.1 lists them.
  function pathOf(levels, index) {
    const path = [];
    for (let level = 0; level + 1 < levels.length; level++) {
      const sibling = index ^ 1;
      if (sibling < levels[level].length) path.push(hexOf(levels[level][sibling]));
      index >>= 1;
    }
    return path;
  }

  // RFC 9162 2.1.3.2: climb from the leaf by the path; gives the root, or null where the path is malformed.
  function climbPath(leaf, index, size, path) {
    if (!Number.isInteger(index) || index < 0 || index >= size) return null;
    let at = index;
    let last = size - 1;
    let node = leaf;
    for (const hex of path) {
      if (last === 0) return null;
      const sibling = digestOf(hex);
      if (at % 2 === 1 || at === last) {
        node = hashNode(sibling, node);
        while (at % 2 === 0 && at !== 0) {
          at = Math.floor(at / 2);
          last = Math.floor(last / 2);
        }
      } else {
        node = hashNode(node, sibling);
      }
      at = Math.floor(at / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 ? node : null;
  }

  // What an entry of the ledger commits to: the published row without its proof. Public, so its salt is sixteen noughts.
  function bodyOf(row) {
    const body = Object.assign({}, row);
    delete body.proof;
    return body;
  }

  function commitBody(row) {
    return Anju.sm3(encode(["anju-ledger-1/body", new Uint8Array(16), encoder.encode(canonicalText(bodyOf(row)))]));
  }

  function hashEntry(entry) {
    return hashLeaf(
      encode(["anju-ledger-1/leaf", encoder.encode(canonicalText(entry.header)), digestOf(entry.commit)])
    );
  }

  function compareText(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  // Step 2 of anju-draw-1: the root of the frozen lines, sorted by ticket (tickets are ASCII).
  function rootOfLines(lines) {
    const sorted = lines.slice().sort((a, b) => compareText(a.ticket, b.ticket));
    return rootOf(sorted.map((line) => hashLeaf(encode([line.ticket, digestOf(line.commit_h)]))));
  }

  // Step 3: what a committer's card must open.
  function commitmentOf(scheme, input, committer) {
    return Anju.sm3(encode([scheme + "/commit", input.draw_id, committer.who, bytesOf(committer.secret)]));
  }

  // Step 4: the announcement A, over everything fixed before the beacon.
  function announcementOf(scheme, input, rootR, rootP, commitments) {
    const parts = [
      scheme + "/announce", input.draw_id, input.stratum, input.lines.length, rootR, rootP,
      input.freeze_at, input.beacon_at, input.beacon_rule, input.redraw_rule,
    ];
    input.committers.forEach((committer, i) => parts.push(committer.who, commitments[i]));
    return Anju.sm3(encode(parts));
  }

  // Step 7: the seed, and each ticket's key.
  function seedOf(scheme, announcement, input) {
    const secrets = input.committers.map((committer) => bytesOf(committer.secret));
    return Anju.sm3(encode([scheme + "/seed", announcement].concat(input.beacon, secrets)));
  }

  function rankInput(scheme, seed, ticket) {
    return encode([scheme + "/rank", seed, ticket]);
  }

  function keyOf(scheme, seed, ticket) {
    return hexOf(Anju.sm3(rankInput(scheme, seed, ticket)));
  }

  Anju.proofs = {
    hexOf, bytesOf, digestOf, encode, canonicalText, growTree, pathOf, climbPath, hashEntry, bodyOf, commitBody,
    compareText, rootOfLines, commitmentOf, announcementOf, seedOf, rankInput, keyOf,
    utf8: (text) => encoder.encode(text),
  };
})();
