internal import Foundation
internal import Storage

/// A signed statement as a Sigstore bundle: a DSSE envelope around it, and which key to try.
///
/// The form that the `model-signing` tool writes with a key (`model.sig`). Nothing in it comes from a
/// server, so it is made and verified offline.
public struct SignatureBundle: Hashable, Sendable {
  /// Largest bundle, in bytes.
  public static let sizeLimit = 8 << 20
  static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
  static let payloadType = "application/vnd.in-toto+json"

  /// The bundle's JSON.
  public let bytes: [UInt8]
  /// Which key has signed, by its own account; nil when it does not say.
  public let keyIdentifier: String?
  private let payload: [UInt8]
  private let signature: [UInt8]
  private let source: String

  /// Signs a statement.
  ///
  /// - Parameter ignored: Paths that are no part of the model: where signatures are.
  public init(signing statement: ModelStatement, with key: SigningKey, ignoring ignored: [String])
    throws
  {
    payload = Array(statement.json(ignoring: ignored).text().utf8)
    signature = try key.signature(of: Self.encoded(payload))
    keyIdentifier = key.verificationKey.identifier
    source = "signature"
    let bundle: JSONValue = [
      "mediaType": .string(Self.mediaType),
      "verificationMaterial": [
        "publicKey": ["hint": .string(key.verificationKey.identifier)], "tlogEntries": [],
      ],
      "dsseEnvelope": [
        "payload": .string(Data(payload).base64EncodedString()),
        "payloadType": .string(Self.payloadType),
        "signatures": [["sig": .string(Data(signature).base64EncodedString()), "keyid": ""]],
      ],
    ]
    bytes = Array(bundle.text().utf8)
  }

  /// Reads a bundle; who signed what is not known before `statement(verifiedBy:)`.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `SigningError.damagedSignature`.
  public init(parsing bytes: [UInt8], source: String) throws(SigningError) {
    (self.bytes, self.source) = (bytes, source)
    guard bytes.count <= Self.sizeLimit else {
      throw .damagedSignature(source: source, reason: "larger than \(Self.sizeLimit) bytes")
    }
    do {
      let document = JSONDocument(try JSONValue(parsing: bytes, source: source), source: source)
      let mediaType = try document["mediaType"]
      guard try mediaType.string == Self.mediaType else {
        throw mediaType.expected("'\(Self.mediaType)'")
      }
      let material = try document["verificationMaterial"]
      guard let key = try material.optional("publicKey") else {
        throw material.expected("a public key; signatures by certificate are not supported")
      }
      keyIdentifier = try key.optional("hint")?.string
      let envelope = try document["dsseEnvelope"]
      let type = try envelope["payloadType"]
      guard try type.string == Self.payloadType else {
        throw type.expected("'\(Self.payloadType)'")
      }
      payload = try Self.decoded(envelope["payload"])
      let signatures = try envelope["signatures"].elements
      guard signatures.count == 1 else {
        throw try envelope["signatures"].expected("one signature")
      }
      signature = try Self.decoded(signatures[0]["sig"])
    } catch {
      throw .damagedSignature(source: source, reason: "not a signature bundle (\(error))")
    }
  }

  /// What was signed, provided that the key signed it.
  ///
  /// The statement is parsed after its signature was found to be right. Nil when it is not.
  ///
  /// - Throws: `SigningError.damagedSignature` when the key signed something else than a model.
  public func statement(verifiedBy key: VerificationKey) throws(SigningError) -> ModelStatement? {
    guard keyIdentifier == nil || keyIdentifier == key.identifier,
      key.verifies(signature, of: Self.encoded(payload))
    else { return nil }
    do {
      return try ModelStatement(
        JSONDocument(JSONValue(parsing: payload, source: source), source: source))
    } catch {
      throw .damagedSignature(source: source, reason: "signed, and no model (\(error))")
    }
  }

  private static func decoded(_ place: JSONDocument) throws -> [UInt8] {
    guard let data = Data(base64Encoded: try place.string) else { throw place.expected("base64") }
    return Array(data)
  }

  /// What is signed: DSSE's pre-authentication encoding, so that a payload of another type can never
  /// be passed off as one of this.
  private static func encoded(_ payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
  }
}
