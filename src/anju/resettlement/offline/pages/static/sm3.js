// SM3 (GB/T 32905-2016) in plain JavaScript, so that this page can check itself with nothing to load.
// Anju.sm3(bytes: Uint8Array) -> Uint8Array of 32 bytes.
(function () {
  "use strict";
  const Anju = (window.Anju = window.Anju || {});

  const START = [
    0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
  ];

  function rotateLeft(word, by) {
    return (word << by) | (word >>> (32 - by));
  }

  // The round constants T_j, already rotated by j as the standard asks.
  const ROUND = new Int32Array(64);
  for (let j = 0; j < 64; j++) {
    ROUND[j] = j % 32 === 0 ? (j < 16 ? 0x79cc4519 : 0x7a879d8a) : rotateLeft(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32);
  }

  const W = new Int32Array(68);

  // Message expansion: 16 words of the block become 68.
  function expandBlock(bytes, at) {
    for (let j = 0; j < 16; j++, at += 4) {
      W[j] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (let j = 16; j < 68; j++) {
      const b = W[j - 3];
      const c = W[j - 13];
      const d = W[j - 16] ^ W[j - 9] ^ ((b << 15) | (b >>> 17));
      W[j] =
        d ^ ((d << 15) | (d >>> 17)) ^ ((d << 23) | (d >>> 9)) ^ ((c << 7) | (c >>> 25)) ^ W[j - 6];
    }
  }

  // One round of compression over the block that starts at `at`.
  function compressBlock(state, bytes, at) {
    expandBlock(bytes, at);
    let a = state[0], b = state[1], c = state[2], d = state[3];
    let e = state[4], f = state[5], g = state[6], h = state[7];
    for (let j = 0; j < 64; j++) {
      const a12 = (a << 12) | (a >>> 20);
      const sum = (a12 + e + ROUND[j]) | 0;
      const ss1 = (sum << 7) | (sum >>> 25);
      const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ a12) + (W[j] ^ W[j + 4])) | 0;
      const tt2 = (gg + h + ss1 + W[j]) | 0;
      d = c;
      c = (b << 9) | (b >>> 23);
      b = a;
      a = tt1;
      h = g;
      g = (f << 19) | (f >>> 13);
      f = e;
      e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15));
    }
    state[0] ^= a; state[1] ^= b; state[2] ^= c; state[3] ^= d;
    state[4] ^= e; state[5] ^= f; state[6] ^= g; state[7] ^= h;
  }

  // The last one or two blocks: a one bit, noughts, and the length in bits (64 bits, big-endian).
  function padTail(bytes, full) {
    const rest = bytes.length - full;
    const tail = new Uint8Array(rest < 56 ? 64 : 128);
    tail.set(bytes.subarray(full));
    tail[rest] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(tail.length - 4, (bytes.length << 3) >>> 0);
    return tail;
  }

  Anju.sm3 = function (bytes) {
    const state = new Int32Array(START);
    const full = bytes.length - (bytes.length % 64);
    for (let at = 0; at < full; at += 64) compressBlock(state, bytes, at);
    const tail = padTail(bytes, full);
    for (let at = 0; at < tail.length; at += 64) compressBlock(state, tail, at);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (let j = 0; j < 8; j++) view.setInt32(j * 4, state[j]);
    return out;
  };
})();
