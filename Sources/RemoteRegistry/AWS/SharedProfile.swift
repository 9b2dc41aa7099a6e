internal import Diagnostics
internal import Registry
internal import Storage

/// A profile of the shared files of AWS tools, `~/.aws/credentials` and `~/.aws/config`.
struct SharedProfile: Sendable {
  let name: String
  /// What both files say, the first one before the second.
  private let values: [String: String]

  /// Most bytes of such a file.
  private static let limit = 1 << 20

  /// Reads the profile that the environment names, or `default`.
  ///
  /// - Throws: `RegistryError.store` when a profile was asked for and neither file has it;
  ///   `StorageError` for files that cannot be read.
  init(environment: [String: String]) throws {
    let home = environment["HOME"] ?? ""
    let asked = environment["AWS_PROFILE"] ?? environment["AWS_DEFAULT_PROFILE"]
    name = asked ?? "default"
    let credentials = environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "\(home)/.aws/credentials"
    let config = environment["AWS_CONFIG_FILE"] ?? "\(home)/.aws/config"
    let first = try Self.sections(in: credentials)
    let second = try Self.sections(in: config)
    let sections = [
      first[name], second["profile \(name)"], name == "default" ? second["default"] : nil,
    ].compactMap { $0 }
    guard asked == nil || !sections.isEmpty else {
      throw RegistryError.store(
        location: credentials,
        reason: "no profile '\(name)' here nor in \(config), and AWS_PROFILE asks for it",
        .invalidInput)
    }
    values = sections.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }

  /// A setting.
  subscript(_ key: String) -> String? { values[key] }

  /// Sections and their settings; a nested setting such as `addressing_style` below `s3` is
  /// `s3.addressing_style`.
  static func sections(in path: String) throws -> [String: [String: String]] {
    guard FileSystem.item(at: path, followingLinks: true) == .file else { return [:] }
    let bytes = try FileSystem.readFile(at: path, limit: limit)
    var sections: [String: [String: String]] = [:]
    var (section, parent) = ("", "")
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let text = trimmed(line)
      guard !text.isEmpty, text.first != "#", text.first != ";" else { continue }
      if text.first == "[", let end = text.firstIndex(of: "]") {
        let words = text[text.index(after: text.startIndex)..<end].split(
          whereSeparator: \.isWhitespace)
        (section, parent) = (words.joined(separator: " "), "")
        continue
      }
      guard let equals = text.firstIndex(of: "=") else { continue }
      let key = trimmed(text[..<equals]).lowercased()
      let value = trimmed(text[text.index(after: equals)...])
      if line.first?.isWhitespace == true, !parent.isEmpty {
        sections[section, default: [:]]["\(parent).\(key)"] = value
      } else {
        parent = value.isEmpty ? key : ""
        sections[section, default: [:]][key] = value
      }
    }
    return sections
  }
}

private func trimmed(_ text: some StringProtocol) -> String {
  let start = text.drop { $0.isWhitespace }
  return String(start.reversed().drop { $0.isWhitespace }.reversed())
}
