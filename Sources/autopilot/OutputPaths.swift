internal import Foundation
internal import Pipeline

/// Makes sure that an output file is none of the inputs, by whatever path.
func refuse(output: String?, among inputs: [String]) throws {
  guard let output else { return }
  func real(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
  if inputs.contains(where: { real($0) == real(output) }) {
    throw PipelineError.outputIsInput(path: output)
  }
}
