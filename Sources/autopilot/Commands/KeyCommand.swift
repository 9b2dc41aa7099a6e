internal import ArgumentParser
internal import Signing
internal import Storage

struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make keys that sign models, and show what names them.",
    subcommands: [GenerateKeyCommand.self, ShowKeyCommand.self])
}

/// The kinds of keys as words of a command line.
enum KeyKind: String, CaseIterable, ExpressibleByArgument {
  case ecdsa = "ecdsa-p256"
  case ed25519

  var type: KeyType {
    switch self {
    case .ecdsa: .p256
    case .ed25519: .ed25519
    }
  }
}

struct GenerateKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Make a private key and the public one beside it.",
    discussion: """
      The private key goes to the named file, which only its owner can read, and is never printed; \
      the public one to the same name with .pub. Keys are never replaced. An ecdsa-p256 key makes \
      signatures that the model-signing tool verifies too.
      """)

  @Option(help: "ecdsa-p256 or ed25519.")
  var type = KeyKind.ecdsa

  @Option(help: "The private key's file.")
  var out: String

  @OptionGroup var common: CommonOptions

  func run() throws {
    try refuse(output: out)
    let key = SigningKey(generating: type.type)
    let publicPath = try key.write(to: out)
    show(key.verificationKey, at: publicPath, common)
  }
}

struct ShowKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what names a key: SHA-256 of the public key's PEM form.")

  @Argument(help: "The file of a public or private key; only the public part is shown.")
  var key: String

  @OptionGroup var common: CommonOptions

  func run() throws {
    let bytes = try FileSystem.readFile(at: key, limit: 64 << 10)
    let isPrivate = String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY-----")
    show(
      isPrivate ? try SigningKey(file: key).verificationKey : try VerificationKey(file: key),
      at: key, common)
  }
}

private func show(_ key: VerificationKey, at path: String, _ common: CommonOptions) {
  common.print(
    "\(key.identifier)  \(key.type.rawValue)  \(path)\n",
    json: [
      "identifier": .string(key.identifier), "type": .string(key.type.rawValue),
      "path": .string(path), "public_key": .string(key.pem),
    ])
}
