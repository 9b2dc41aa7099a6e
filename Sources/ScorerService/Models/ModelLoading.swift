internal import Diagnostics
internal import Foundation
internal import Models
internal import Registry
internal import Signing
internal import Storage
internal import Telemetry

/// Why a model is not used.
enum ModelRefusal: DiagnosedError, Equatable {
  /// It scores its own sample otherwise than when it was made.
  case otherScores(source: String, difference: String, place: String)

  var kind: FailureKind { .integrity }

  var description: String {
    switch self {
    case .otherScores(let source, let difference, let place):
      "\(source): its golden sample is scored otherwise here, by \(difference) at \(place); the model, "
        + "this program or this processor is not what it was made with"
    }
  }
}

/// Finds, verifies, reads and tries models.
struct ModelLoader: Sendable {
  let stores: StoreCatalogue
  let trust: TrustPolicy?

  /// What a reference means at this moment, without reading the model: nil for an artifact's folder.
  func digest(of reference: String) async throws -> String? {
    guard case .registry(let root, let version) = try ModelReference(parsing: reference) else {
      return nil
    }
    let registered = try await stores.open(root).resolve(version)
    return registered.digest
  }

  /// Loads a model: signatures and digests first, then its content, then its golden sample.
  func load(_ reference: String) async throws -> ServedModel {
    let loaded = try await ModelReference(parsing: reference).load(from: stores, trust: trust)
    if trust?.refusesExpired == true, let expires = loaded.artifact.manifest.expires {
      let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
      guard now <= expires else {
        throw RegistryError.expired(path: reference, at: expires, data: now)
      }
    }
    return try await offLoop { try Self.read(loaded, source: reference) }
  }

  private static func read(_ loaded: LoadedModel, source: String) throws -> ServedModel {
    let model = try ServedModel(loaded, source: source)
    if let sample = loaded.artifact.files.first(where: { $0.path == GoldenSample.file }) {
      let check = try GoldenSample.check(
        sample.bytes, against: model.model, source: "\(source)/\(GoldenSample.file)")
      guard check.isEqual else {
        throw ModelRefusal.otherScores(
          source: source, difference: "\(check.largestDifference)", place: check.place)
      }
    }
    return model
  }
}
