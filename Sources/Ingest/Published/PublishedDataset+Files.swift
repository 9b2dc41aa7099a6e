internal import Storage

extension PublishedDataset {
  /// The parts that a folder holds, in ascending order of their names.
  ///
  /// - Throws: `IngestError.missingPart` when the folder is not one of this dataset; `.storage`.
  public func parts(in path: String) throws(IngestError) -> [String] {
    let parts: [String] =
      switch self {
      case .asd, .jumpstarter, .msl, .smd: try names(in: path, "\(root)test", partEnding)
      case .cloudMonitoring, .nab: try categories(in: path)
      case .loghub: LogHubFormat.allCases.map(\.rawValue).sorted().filter { holds("\($0)/", path) }
      case .logSequences: ["hdfs-100k", "openstack"].filter { holds("\($0)/", path) }
      case .nezhaTrainTicket:
        holds("metric/", path)
          ? [lastComponent(of: path)]
          : try entries(of: path).filter { holds("\($0)/metric/", path) }
      case .prometheusExport:
        try entries(of: path).filter { $0.hasSuffix(".json") || $0.hasSuffix(".json.gz") }
          .map { $0.hasSuffix(".gz") ? String($0.dropLast(3)) : $0 }
      }
    guard !parts.isEmpty else {
      throw .missingPart(path: "\(path)/\(expectation)", expected: "the dataset '\(rawValue)'")
    }
    return parts
  }

  /// The files that a part is read from, relative to the dataset's folder, without `.gz`, in
  /// ascending order.
  ///
  /// - Throws: As `parts(in:)`.
  public func files(of part: String, in path: String) throws(IngestError) -> [String] {
    let files: [String] =
      switch self {
      case .asd:
        ["train/\(part).csv", "test/\(part).csv", "test_label/\(part).txt"]
          + ["interpretation_label/\(part).txt", "anomaly_type.csv"].filter { holds($0, path) }
      case .jumpstarter:
        ["train", "test", "test_label"].map { "\(root)\($0)/\(part).csv" }
      case .smd: ["train", "test", "test_label"].map { "\($0)/\(part).txt" }
      case .msl: ["train/\(part).npy", "test/\(part).npy", "labeled_anomalies.csv"]
      case .cloudMonitoring: ["data/\(part).csv"]
      case .nab: ["data/\(part).csv", "labels/combined_windows.json"]
      case .loghub: ["\(part)/\(part)_2k.log"]
      case .logSequences: LogSequenceReader.files(of: part)
      case .nezhaTrainTicket: try trainTicketFiles(part, in: path)
      case .prometheusExport: [part]
      }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A file's path as it is on disk: plain or as gzip.
  ///
  /// - Throws: `IngestError.missingPart`.
  func file(_ name: String, in path: String) throws(IngestError) -> String {
    // A part's name may come from somewhere else than the folder's listing.
    let leaves = name.split(separator: "/").contains("..")
    for candidate in ["\(path)/\(name)", "\(path)/\(name).gz"]
    where !leaves && FileSystem.item(at: candidate, followingLinks: true) == .file {
      return candidate
    }
    throw .missingPart(
      path: "\(path)/\(name)", expected: "a file of the dataset '\(rawValue)', plain or as gzip")
  }

  /// The folder that upstream keeps the parts in.
  var root: String { self == .jumpstarter ? "Dataset2/" : "" }

  private var partEnding: String {
    switch self {
    case .smd: ".txt"
    case .msl: ".npy"
    default: ".csv"
    }
  }

  /// What a folder of this dataset has in it, for errors.
  private var expectation: String {
    switch self {
    case .asd, .jumpstarter, .msl, .smd: "\(root)test"
    case .cloudMonitoring, .nab: "data"
    case .loghub: "Apache"
    case .logSequences: "hdfs-100k"
    case .nezhaTrainTicket: "metric"
    case .prometheusExport: "*.json"
    }
  }

  /// Whether a file (plain or as gzip), or a folder if the name ends in `/`, is there.
  private func holds(_ name: String, _ path: String) -> Bool {
    let item = { (name: String) in
      FileSystem.item(at: "\(path)/\(name)", followingLinks: true)
    }
    return name.hasSuffix("/")
      ? item(String(name.dropLast())) == .folder
      : item(name) == .file || item(name + ".gz") == .file
  }

  private func entries(of folder: String) throws(IngestError) -> [String] {
    do {
      return try FileSystem.contents(of: folder).filter { !$0.hasPrefix(".") }
    } catch {
      throw .storage(error)
    }
  }

  /// The names of a folder's files that end in `ending`, without it and `.gz`.
  private func names(
    in path: String, _ folder: String, _ ending: String
  ) throws(IngestError) -> [String] {
    guard holds("\(folder)/", path) else { return [] }
    return try entries(of: "\(path)/\(folder)").compactMap { name in
      let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      return plain.hasSuffix(ending) ? String(plain.dropLast(ending.count)) : nil
    }
  }

  /// `category/name` of all series below `data`.
  private func categories(in path: String) throws(IngestError) -> [String] {
    guard holds("data/", path) else { return [] }
    var parts: [String] = []
    for category in try entries(of: "\(path)/data") where holds("data/\(category)/", path) {
      parts += try names(in: path, "data/\(category)", ".csv").map { "\(category)/\($0)" }
    }
    return parts
  }

  private func trainTicketFiles(
    _ part: String, in path: String
  ) throws(IngestError) -> [String] {
    let day = holds("metric/", path) ? "" : "\(part)/"
    var files: [String] = []
    for folder in ["metric", "log", "log-fault-free"] where holds("\(day)\(folder)/", path) {
      files += try names(in: path, "\(day)\(folder)", ".csv").map { "\(day)\(folder)/\($0).csv" }
    }
    return files
      + ["incidents.csv", "suspected_unlisted.csv"].map { day + $0 }.filter { holds($0, path) }
  }
}

private func lastComponent(of path: String) -> String {
  String(path.split(separator: "/").last ?? "")
}
