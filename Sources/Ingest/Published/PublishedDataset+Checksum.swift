internal import Storage

extension PublishedDataset {
  /// What a check sum tells about the files of a part.
  public enum Authenticity: Hashable, Sendable {
    /// They are those of the catalogue.
    case verified
    /// They are others: another version, or changed.
    case different
    /// The catalogue does not have the part.
    case unknown
  }

  /// The parts that the catalogue has check sums of, ascending.
  public var knownParts: [(part: String, sha256: String)] {
    (publishedChecksums[rawValue] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Compares a part's files with the catalogue.
  ///
  /// - Throws: `IngestError.missingPart`, or `.storage` when a file cannot be read.
  public func authenticity(of part: String, in path: String) throws(IngestError) -> Authenticity {
    guard let known = publishedChecksums[rawValue]?[part] else { return .unknown }
    return try checksum(of: part, in: path) == known ? .verified : .different
  }

  /// The SHA-256 of the lines `<sha256>  <path>` of a part's files, uncompressed.
  ///
  /// - Throws: As `authenticity(of:in:)`.
  public func checksum(of part: String, in path: String) throws(IngestError) -> String {
    var digest = SHA256Digest()
    for name in try files(of: part, in: path) {
      let file: SourceFile
      do throws(StorageError) {
        file = try FileSystem.readPossiblyCompressed(
          at: self.file(name, path), limit: IngestLimits().inputBytes)
      } catch {
        throw .storage(error)
      }
      // The folder of a day may be named itself, or the one around it.
      let listed = self == .nezhaTrainTicket ? name.trimmingPrefix("\(part)/") : name[...]
      digest.update(Array("\(SHA256Digest.hexadecimal(of: file.bytes))  \(listed)\n".utf8))
    }
    return digest.hexadecimal
  }

  private func file(_ name: String, _ path: String) throws(StorageError) -> String {
    do throws(IngestError) {
      return try file(name, in: path)
    } catch {
      throw .notFound(path: "\(path)/\(name)")
    }
  }
}

/// Check sums by dataset and part.
private let publishedChecksums: [String: [String: String]] = {
  var table: [String: [String: String]] = [:]
  for line in publishedChecksumLines.split(separator: "\n") {
    let fields = line.split(separator: " ")
    table[String(fields[0]), default: [:]][String(fields[1])] = String(fields[2])
  }
  return table
}()
