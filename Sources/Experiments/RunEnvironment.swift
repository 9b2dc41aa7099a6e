internal import Storage
internal import Foundation
internal import Diagnostics

/// What a run ran on and with.
public struct RunEnvironment: Hashable, Sendable {
  /// The program's version.
  public var toolVersion: String
  /// SHA-256 of the program's file, which tells builds of one version apart; empty when it could not
  /// be read.
  public var executableDigest: String
  /// The operating system with its version.
  public var system: String
  /// The processor's architecture, such as `x86_64`.
  public var architecture: String
  /// The processor's model as the system calls it; empty when it does not say.
  public var processor: String
  /// Threads that the run was allowed.
  public var threads: Int

  /// Makes an environment.
  public init(
    toolVersion: String, executableDigest: String, system: String, architecture: String,
    processor: String, threads: Int
  ) {
    (self.toolVersion, self.executableDigest) = (toolVersion, executableDigest)
    (self.system, self.architecture, self.processor) = (system, architecture, processor)
    self.threads = threads
  }

  /// The environment of this process.
  public static func current(threads: Int) -> RunEnvironment {
    RunEnvironment(
      toolVersion: Program.version, executableDigest: executable(),
      system: systemName(), architecture: machine, processor: processorModel(), threads: threads)
  }

  private static let programLimit = 1 << 30

  private static func executable() -> String {
    guard let path = Bundle.main.executablePath,
      let bytes = try? FileSystem.readFile(at: path, limit: programLimit)
    else { return "" }
    return SHA256Digest.hexadecimal(of: bytes)
  }

  private static var machine: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "other"
    #endif
  }

  private static func systemName() -> String {
    #if os(Linux)
      let name = fields(of: "/etc/os-release", separator: "=")["PRETTY_NAME"]
      return name.map { "Linux, \($0.filter { $0 != "\"" })" } ?? "Linux"
    #elseif os(macOS)
      return "macOS \(ProcessInfo.processInfo.operatingSystemVersionString)"
    #else
      return ProcessInfo.processInfo.operatingSystemVersionString
    #endif
  }

  private static func processorModel() -> String {
    #if os(Linux)
      let fields = fields(of: "/proc/cpuinfo", separator: ":")
      return fields["model name"] ?? fields["CPU part"].map { "part \($0)" } ?? ""
    #elseif os(macOS)
      var size = 0
      guard unsafe sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0 else {
        return ""
      }
      var text = [UInt8](repeating: 0, count: size)
      guard unsafe sysctlbyname("machdep.cpu.brand_string", &text, &size, nil, 0) == 0 else {
        return ""
      }
      return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    #else
      return ""
    #endif
  }

  /// The first value of each key in a file of lines.
  private static func fields(of path: String, separator: Character) -> [String: String] {
    guard let bytes = try? FileSystem.readFile(at: path, limit: 1 << 22) else { return [:] }
    var fields: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let place = line.firstIndex(of: separator) else { continue }
      let key = line[..<place].trimmingCharacters(in: .whitespaces)
      let value = line[line.index(after: place)...].trimmingCharacters(in: .whitespaces)
      if fields[key] == nil { fields[key] = value }
    }
    return fields
  }
}
