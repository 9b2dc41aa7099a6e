import Diagnostics
import Foundation
import Signing
import Storage
import Testing

@Suite struct SignatureBundleTests {
  private let key = SigningKey(generating: .p256)

  private func bundle(_ key: SigningKey) throws -> SignatureBundle {
    try SignatureBundle(signing: sampleStatement(), with: key, ignoring: ["model.sig"])
  }

  @Test(arguments: KeyType.allCases)
  func `what was signed comes back, to the key that signed it alone`(type: KeyType) throws {
    let key = SigningKey(generating: type)
    let read = try SignatureBundle(parsing: bundle(key).bytes, source: "model.sig")
    #expect(read.keyIdentifier == key.verificationKey.identifier)
    #expect(try read.statement(verifiedBy: key.verificationKey) == sampleStatement())
    for other in KeyType.allCases {
      let stranger = SigningKey(generating: other).verificationKey
      #expect(try read.statement(verifiedBy: stranger) == nil)
    }
  }

  @Test func `a bundle that claims another's key is not that key's`() throws {
    let victim = SigningKey(generating: .p256).verificationKey
    let text = String(decoding: try bundle(key).bytes, as: UTF8.self)
    let forged = text.replacing(key.verificationKey.identifier, with: victim.identifier)
    let read = try SignatureBundle(parsing: Array(forged.utf8), source: "forged")
    #expect(read.keyIdentifier == victim.identifier)
    #expect(try read.statement(verifiedBy: victim) == nil)
  }

  @Test func `the form is that of the specification`() throws {
    let document = JSONDocument(
      try JSONValue(parsing: bundle(key).bytes, source: "b"), source: "b")
    #expect(
      try document["mediaType"].string == "application/vnd.dev.sigstore.bundle.v0.3+json")
    let envelope = try document["dsseEnvelope"]
    #expect(try envelope["payloadType"].string == "application/vnd.in-toto+json")
    let payload = try #require(Data(base64Encoded: envelope["payload"].string))
    let statement = JSONDocument(
      try JSONValue(parsing: Array(payload), source: "s"), source: "s")
    #expect(try statement["predicateType"].string == "https://model_signing/signature/v1.0")
    let resources = try statement["predicate"]["resources"].elements
    #expect(try resources.map { try $0["name"].string } == ["b/weights", "manifest.json"])
    #expect(try statement["predicate"]["serialization"]["method"].string == "files")
    #expect(
      try statement["predicate"]["serialization"]["ignore_paths"].elements[0].string
        == "model.sig")
  }

  @Test func `a flipped bit anywhere in the signed text or the signature is noticed`() throws {
    let bytes = try bundle(key).bytes
    let text = String(decoding: bytes, as: UTF8.self)
    let envelope = try #require(text.firstRange(of: "\"payload\":\""))
    let start = text.utf8.distance(from: text.startIndex, to: envelope.upperBound)
    for offset in stride(from: start, to: bytes.count - 40, by: 37) {
      var changed = bytes
      changed[offset] ^= 1
      let read = try? SignatureBundle(parsing: changed, source: "changed")
      let statement = try? read?.statement(verifiedBy: key.verificationKey)
      #expect(statement == nil || statement == .some(sampleStatement()), "byte \(offset)")
      // Only what is no part of payload and signature may change without an effect.
      if statement == .some(sampleStatement()) {
        #expect(!isInPayload(offset, text), "byte \(offset)")
      }
    }
  }

  private func isInPayload(_ offset: Int, _ text: String) -> Bool {
    guard let start = text.firstRange(of: "\"payload\":\"")?.upperBound,
      let end = text[start...].firstIndex(of: "\"")
    else { return true }
    let range =
      text.utf8.distance(
        from: text.startIndex, to: start)..<text.utf8.distance(from: text.startIndex, to: end)
    return range.contains(offset)
  }

  @Test(arguments: ["", "{}", "[]", "{\"mediaType\":\"other\"}", "no JSON"])
  func `other texts are refused as damage`(text: String) {
    let error = signingError {
      _ = try SignatureBundle(parsing: Array(text.utf8), source: "x/model.sig")
    }
    #expect(error?.kind == .integrity)
    #expect(error?.description.hasPrefix("x/model.sig: ") == true)
  }
}
