internal import Crypto

/// Computes SHA-256 over bytes that arrive in parts.
public struct SHA256Digest: Sendable {
  private var hasher = SHA256()

  /// Starts with no bytes.
  public init() {}

  /// Adds bytes.
  public mutating func update(_ bytes: some Collection<UInt8>) {
    let taken: Void? = bytes.withContiguousStorageIfAvailable { buffer in
      unsafe hasher.update(bufferPointer: UnsafeRawBufferPointer(buffer))
    }
    if taken == nil {
      unsafe Array(bytes).withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
    }
  }

  /// Adds the UTF-8 bytes of a text, preceded by their number, so that consecutive texts cannot
  /// run into each other.
  public mutating func update(framed text: String) {
    let bytes = Array(text.utf8)
    update(framing: bytes.count)
    update(bytes)
  }

  /// Adds a number as eight little-endian bytes.
  public mutating func update(framing number: Int) {
    update((0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
  }

  /// Adds numbers as their little-endian bytes.
  public mutating func update(littleEndian numbers: [some BitwiseCopyable]) {
    unsafe numbers.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
  }

  /// The digest of all bytes so far, 64 hexadecimal digits.
  public var hexadecimal: String {
    let alphabet = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in hasher.finalize() {
      text.append(alphabet[Int(byte >> 4)])
      text.append(alphabet[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The SHA-256 of bytes, 64 hexadecimal digits.
  public static func hexadecimal(of bytes: some Collection<UInt8>) -> String {
    var digest = SHA256Digest()
    digest.update(bytes)
    return digest.hexadecimal
  }
}
