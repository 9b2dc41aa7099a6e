internal import Foundation
internal import Pipeline
internal import Registry

/// Whether two paths lead to the same file, there or yet to be written.
func isSameFile(_ first: String, _ second: String) -> Bool {
  realLocation(first) == realLocation(second)
}

private func realLocation(_ path: String) -> URL {
  let url = URL(fileURLWithPath: path).standardizedFileURL
  // The folder by itself, since links to it are not followed for a file that is not there yet.
  let folder = url.deletingLastPathComponent().resolvingSymlinksInPath()
  return folder.appending(path: url.lastPathComponent).resolvingSymlinksInPath()
    .standardizedFileURL
}

/// Makes sure that writing an output harms nothing: it is none of the inputs, by whatever path, and
/// does not lie in a model's folder, whose files are named by their digests.
func refuse(output: String?, among inputs: [String] = []) throws {
  guard let output else { return }
  let target = realLocation(output)
  if inputs.contains(where: { realLocation($0) == target }) {
    throw PipelineError.outputIsInput(path: output)
  }
  var folder = target
  while folder.path != "/", !folder.path.isEmpty {
    if Artifact.exists(in: folder.path) {
      throw PipelineError.outputInModel(path: output, model: folder.lastPathComponent)
    }
    folder = folder.deletingLastPathComponent()
  }
}
