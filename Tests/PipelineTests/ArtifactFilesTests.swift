import Pipeline
import Registry
import Storage
import Telemetry
import Testing

@Suite struct ArtifactFilesTests {
  private func judged() async throws -> (TrainedModel, Judgement, Dataset) {
    let dataset = smallSystem()
    let model = try await train(dataset)
    return (
      model, try await JudgementStage(threads: 2, progress: { _ in })(model, dataset), dataset
    )
  }

  @Test func `an artifact holds its card, its sample, its metrics and ONNX forms`() async throws {
    let (model, judgement, dataset) = try await judged()
    let artifact = try ModelArtifact.make(model, judgement, dataset)
    let paths = artifact.files.map(\.path)
    for path in [
      "MODEL_CARD.md", "golden.safetensors", "metrics.json", "onnx/cart.onnx", "onnx/payment.onnx",
      "weights.safetensors",
    ] {
      #expect(paths.contains(path), "\(paths)")
    }
    #expect(paths.contains { $0.hasSuffix("-lstm.onnx") })
    let again = try ModelArtifact.make(model, judgement, dataset)
    #expect(again.digest == artifact.digest)
    let bare = try ModelArtifact.make(model, judgement, dataset, onnx: false)
    #expect(!bare.files.contains { $0.path.hasPrefix("onnx/") })
    let card = String(decoding: try artifact.bytes(of: "MODEL_CARD.md"), as: UTF8.self)
    #expect(card.hasPrefix("---\nlibrary\\_name") == false)
    #expect(card.contains("## Limits") && card.contains("incidents found"))
  }

  @Test func `a model gives its own sample the same scores, and another one does not`() async throws
  {
    let (model, judgement, dataset) = try await judged()
    let artifact = try ModelArtifact.make(model, judgement, dataset)
    let sample = try artifact.bytes(of: GoldenSample.file)
    // As it is read back from its files.
    let files = Dictionary(
      artifact.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    let read = try TrainedModel(files: files, source: "artifact")
    let check = try GoldenSample.check(sample, against: read, source: "golden.safetensors")
    #expect(check.largestDifference == 0)
    #expect(check.scores > 100)
    #expect(check.isEqual)
    let other = try await train(smallSystem(seed: 2))
    let differs = try GoldenSample.check(sample, against: other, source: "golden.safetensors")
    #expect(!differs.isEqual)
    #expect(differs.place.hasPrefix("cart") || differs.place.hasPrefix("payment"))
  }

  @Test func `a sample of something else is refused by name`() async throws {
    let model = try await train(smallSystem())
    var bundle = TensorBundle(source: "x")
    bundle.tensors["golden.0.metrics"] = .init(shape: [2, 2], values: .double([1, 2, 3, 4]))
    #expect(throws: StorageError.self) {
      try GoldenSample.check(bundle.safetensors(), against: model, source: "golden.safetensors")
    }
    bundle.tensors = [:]
    #expect(throws: StorageError.self) {
      try GoldenSample.check(bundle.safetensors(), against: model, source: "golden.safetensors")
    }
  }
}
