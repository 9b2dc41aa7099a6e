import Storage
import Testing

@Suite struct SHA256DigestTests {
  /// The examples of FIPS 180-4's test vectors, and a million times "a".
  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func `known messages have known digests`(text: String, times: Int, expected: String) {
    let message = Array(String(repeating: text, count: times).utf8)
    #expect(SHA256Digest.hexadecimal(of: message) == expected)
  }

  @Test func `bytes in parts have the digest of the whole`() {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var digest = SHA256Digest()
    for start in stride(from: 0, to: 1000, by: 77) {
      digest.update(message[start..<min(start + 77, 1000)])
    }
    #expect(digest.hexadecimal == SHA256Digest.hexadecimal(of: message))
    #expect(digest.hexadecimal == digest.hexadecimal)
  }

  @Test func `a collection without contiguous storage has the digest of its bytes`() {
    let bytes: [UInt8] = [3, 1, 2]
    #expect(
      SHA256Digest.hexadecimal(of: bytes.reversed()) == SHA256Digest.hexadecimal(of: [2, 1, 3]))
  }

  @Test func `framed texts do not run into each other`() {
    var (one, two) = (SHA256Digest(), SHA256Digest())
    one.update(framed: "ab")
    one.update(framed: "c")
    two.update(framed: "a")
    two.update(framed: "bc")
    #expect(one.hexadecimal != two.hexadecimal)
  }

  @Test func `numbers count as their little-endian bytes`() {
    var (number, frame) = (SHA256Digest(), SHA256Digest())
    number.update(littleEndian: [Int32(0x0102_0304), -2])
    #expect(
      number.hexadecimal == SHA256Digest.hexadecimal(of: [4, 3, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF]))
    frame.update(framing: 0x0102)
    #expect(frame.hexadecimal == SHA256Digest.hexadecimal(of: [2, 1, 0, 0, 0, 0, 0, 0]))
  }
}
