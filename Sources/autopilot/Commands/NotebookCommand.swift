internal import ArgumentParser
internal import Foundation
internal import Pipeline
internal import Registry
internal import Report
internal import Storage

struct NotebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notebook", abstract: "Jupyter notebooks of runs.",
    subcommands: [ExportNotebookCommand.self])
}

struct ExportNotebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a notebook that recomputes and draws a run's figures.",
    discussion: """
      The notebook opens the run's files with NumPy, h5py and safetensors, and checks that it comes to \
      the figures of the report. Dataset and model are looked for where 'autopilot run' puts them.
      """)

  @Argument(help: "The folder of a run's results, such as out/runs/shop-3f1c….")
  var results: String

  @Option(help: ArgumentHelp("The dataset snapshot.", valueName: "file"))
  var dataset: String?

  @Option(help: ArgumentHelp("The model's folder.", valueName: "folder"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The file to write; by default notebooks-export/<run's folder>.ipynb.", valueName: "file"))
  var out: String?

  func run() throws {
    let path = "\(results)/\(RunResults.runFile)"
    let bytes = try FileSystem.readFile(at: path, limit: 1 << 20)
    let run = JSONDocument(try JSONValue(parsing: bytes, source: path), source: path)
    guard try run["format"].string == "autopilotops.run/1" else {
      throw try run["format"].expected("'autopilotops.run/1'")
    }
    guard FileSystem.item(at: "\(results)/\(RunResults.scoresFile)") != nil else {
      throw StorageError.notFound(path: "\(results)/\(RunResults.scoresFile)")
    }
    // A notebook that cannot be run is no use.
    for file in [RunResults.evaluationFile, RunResults.detailFile].map({ "\(results)/\($0)" }) {
      _ = try JSONValue(parsing: FileSystem.readFile(at: file, limit: 1 << 30), source: file)
    }
    let folder = absolute(results)
    let target = out ?? "notebooks-export/\(folder.lastPathComponent).ipynb"
    try refuse(output: target)
    let parent = absolute(target).deletingLastPathComponent()
    let root = folder.deletingLastPathComponent().deletingLastPathComponent()
    let places = try Notebook.Places(
      run: relative(folder, to: parent),
      dataset: place(
        dataset, usual: root.appending(path: "datasets/sha256-\(run["dataset"].string).h5"),
        from: parent),
      model: place(
        model, usual: try published(run["name"].string, digest: run["artifact"].string, in: root),
        from: parent))
    let notebook = Notebook(title: try run["name"].string, places: places)
    try FileSystem.createDirectories(at: parent.path)
    try FileSystem.writeFileAtomically(
      Array((notebook.json().text(indented: true)).utf8), to: target)
    var text = "notebook  \(target)\n"
    if places.dataset == nil {
      text += "without its dataset, which is not beside the run; give --dataset\n"
    }
    if places.model == nil {
      text += "without its model, which is not beside the run; give --model\n"
    }
    writeOutput(text)
  }

  /// The folder of the published version with a digest; nil where there is none.
  private func published(_ name: String, digest: String, in root: URL) throws -> URL? {
    let registry = root.appending(path: "registry").path
    guard FileSystem.item(at: registry) != nil else { return nil }
    let known = DirectoryRegistry(root: registry)
    for version in try known.versions(of: name) {
      let found = try known.resolve("\(name)@\(version)")
      if found.digest == digest { return URL(filePath: found.directory) }
    }
    return nil
  }

  /// A given path, which must be there, or the usual one if it is.
  private func place(_ given: String?, usual: URL?, from folder: URL) throws -> String? {
    if let given {
      guard FileSystem.item(at: given, followingLinks: true) != nil else {
        throw StorageError.notFound(path: given)
      }
      return relative(absolute(given), to: folder)
    }
    guard let usual, FileSystem.item(at: usual.path) != nil else { return nil }
    return relative(usual, to: folder)
  }

  private func absolute(_ path: String) -> URL { URL(filePath: path).standardizedFileURL }

  /// A path as another folder sees it, so that both can be moved together.
  private func relative(_ path: URL, to folder: URL) -> String {
    let (to, from) = (path.pathComponents, folder.pathComponents)
    let shared = zip(to, from).prefix { $0 == $1 }.count
    let steps = Array(repeating: "..", count: from.count - shared) + to[shared...]
    return steps.isEmpty ? "." : steps.joined(separator: "/")
  }
}
