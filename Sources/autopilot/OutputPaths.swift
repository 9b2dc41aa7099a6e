internal import Foundation
internal import Pipeline
internal import Registry

/// Makes sure that writing an output harms nothing: it is none of the inputs, by whatever path, and
/// does not lie in a model's folder, whose files are named by their digests.
func refuse(output: String?, among inputs: [String] = []) throws {
  guard let output else { return }
  func real(_ path: String) -> URL {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
  }
  let target = real(output)
  if inputs.contains(where: { real($0) == target }) {
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
